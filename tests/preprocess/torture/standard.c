#include <stdio.h>
#define x 3
#define f(a) f(x * (a))
#undef x
#define x 2
#define g f
#define z z[0]
#define h g(~
#define m(a) a(w)
#define w 0,1
#define t(a) a
#define p() int
#define q(x) x
#define r(x,y) x ## y
#define str(x) # x
f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
g(x+(3,4)-w) | h 5) & m
(f)^m(m);
p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
char c[2][6] = { str(hello), str() };
#define hash_hash # ## #
#define mkstr(a) # a
#define in_between(a) mkstr(a)
#define join(c, d) in_between(c hash_hash d)
char pp[] = join(x, y);
#define t2(x,y,z) x ## y ## z
int j[] = { t2(1,2,3), t2(,4,5), t2(6,,7), t2(8,9,),
t2(10,,), t2(,11,), t2(,,12), t2(,,) };
#define debug(...) fprintf(stderr, __VA_ARGS__)
#define dbg(f, ...) fprintf(stderr, f, ## __VA_ARGS__)
debug("Flag"); dbg("x"); dbg("a",1,2);
#define F(a,...) f(a __VA_OPT__(,) __VA_ARGS__)
F(1) F(1,2)
__LINE__ __FILE__ __COUNTER__ __COUNTER__
_Pragma("foo bar") x
