#define EMPTY
#define str(x) #x
#define xstr(x) str(x)
xstr(a EMPTY b) xstr(-EMPTY-) xstr(EMPTY a) xstr( a  +  b ) str("a\n\t" '\\' '"') xstr(str("x"))
#define f(x) [x]
#define g f
f
(1) g(2) f (3) g
#define cat(a,b) a##b
#define xcat(a,b) cat(a,b)
#define v(...) __VA_ARGS__ #__VA_ARGS__
v() v(1) v(1,2 , 3) v( (1,2),3 )
#define w(a, ...) a,##__VA_ARGS__
w(1) w(1,) w(1,2) w(1,2,3)
#define n(args...) foo(args) bar(,##args)
n() n(1) n(1,2)
#define opt(a,...) a __VA_OPT__(x ## a) __VA_OPT__(,) #__VA_OPT__(a b)
opt(1) opt(1,) opt(1,2)
#define AA BB
#define BB AA
AA BB
#define foo foo a
foo
#define h(x) x h(x) k
#define k h
h(1)(2)
#define NIL(xxx) xxx
#define G_0(arg) NIL(G_1)(arg)
#define G_1(arg) NIL(arg)
G_0(42)
#define a1 a2
#define LP (
#define RP )
f LP 1 RP
NIL(f LP 1 RP)
f(
#ifdef NOTDEF
1
#else
2
#endif
)
__LINE__ f(
__LINE__
__LINE__) __LINE__
#define LL __LINE__
LL f(LL
 LL)
cat(__LI,NE__)
#line 100 "foo.h"
__LINE__ __FILE__ __BASE_FILE__ __FILE_NAME__ __INCLUDE_LEVEL__
#define c__ __COUNTER__
c__ c__ __COUNTER__
_Pragma("once more") int x; _Pragma("omp parallel \"x\"")
#define PR _Pragma("STDC FENV_ACCESS ON") y
PR z
f(a PR b)
#pragma omp for f(1)
#pragma GCC diagnostic push
#pragma pack(push, AA)
#pragma push_macro("AA")
#undef AA
#define AA changed
AA
#pragma pop_macro("AA")
AA
#ident "hello"
#if __has_include(<stdio.h>) && __has_include("nonexist.h") == 0
yes
#endif
#if defined(AA) && !defined ZZ && 1 ? 2 : 3
ok
#endif
+EMPTY+ -EMPTY- a EMPTY(b) .EMPTY. EMPTY# =EMPTY= <EMPTY: %EMPTY:
L"a" L'b' u8"c" u"d" U"e" 0x1p+3 1.e+5f .5..6
#define q() 1
q() q( ) q
#define r(x) x x
r(q)() r(f)(1)
#define DEFER(x) x EMPTY
DEFER(f)(1) NIL(DEFER(f)(1))
#define obj (1)
f obj
#define s1 f
s1 (1) s1
(2)
str(
   a
   b  /* c */ d
) str(\
x)
#define tricky(x) # x ## x
#define hash #
hash define x
str(hash) xstr(hash)
