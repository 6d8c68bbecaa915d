#define x(y) 1
#if 0
"unterminated
'
#else
#endif
int é = 1; \u00e9
#define LPAREN() (
#define F2(x, y) x + y
#define ELLIP_FUNC(...) __VA_ARGS__
ELLIP_FUNC(F2, (, 'a', 'b', ));
ELLIP_FUNC(F2 LPAREN() 'a', 'b'));
#define foobar 1
#define CAT(x,y) x##y
#define CAT2(x,y) CAT(x,y)
CAT2(foo, bar) CAT(foo, bar)
#define m1() m2
#define m2() m1
m1()()()() m1()()()
#define t(x,y,z) x ## y ## z
#define sem(x) ;x
sem() sem(1) a sem(2)b
#define nest(a) a nest2(a)
#define nest2(a) nest(a) - nest
nest(nest(1))(3)
#define E(x) #x
E(a\
b) E('\n') E("\0") E(@) E(\) E( " " )
#define showlist(...) puts(#__VA_ARGS__)
#define report(test, ...) ((test)?puts(#test): printf(__VA_ARGS__))
showlist(The first, second, and third items.);
report(x>y, "x is %d but y is %d", x, y);
#define glue(a, b) a ## b
#define HIGHLOW "hello"
#define LOW LOW ", world"
glue(HIGH, LOW); CAT2(HIGH, LOW)
#include <stddef.h>
NULL int p = NULL; offsetof(a, b) NULL
#define U(x) NULL x
U(1) U(
2) z
