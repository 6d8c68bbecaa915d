#include <stdio.h>
struct P { long a; double b; }; struct Q { double a, b; }; struct M { long v[5]; };
static int seven(int a, int b, int c, int d, int e, int f, int g, int h) { return a + 2*b + 3*c + 4*d + 5*e + 6*f + 7*g + 8*h; }
static double mixed(int a, double x, long b, float y) { return a + x * b - y; }
static struct P pair(long a, double b) { struct P p = {a * 2, b * 3}; return p; }
static struct Q two(double a, double b) { struct Q p = {a * 2, b * 3}; return p; }
static struct M big(long a, long b) { struct M m = {{a, b, a + b, a - b, a * b}}; return m; }
static int count(const char *f, ...) { __builtin_va_list l; __builtin_va_start(l, f); double s = 0; for (; *f; f++) s += *f == 'd' ? __builtin_va_arg(l, int) : __builtin_va_arg(l, double); __builtin_va_end(l); return (int) s; }
#define FORWARD(T, name, target, ...) __attribute__((noinline)) T name(__VA_ARGS__) { void *args = __builtin_apply_args(); void *r = __builtin_apply((void (*)()) target, args, 64); __builtin_return(r); }
FORWARD(int, f_seven, seven, int a, int b, int c, int d, int e, int f, int g, int h)
FORWARD(double, f_mixed, mixed, int a, double x, long b, float y)
FORWARD(struct P, f_pair, pair, long a, double b)
FORWARD(struct Q, f_two, two, double a, double b)
FORWARD(struct M, f_big, big, long a, long b)
FORWARD(int, f_count, count, const char *f, int a, double b, int c, double d)
__attribute__((noinline)) int used(int a, double b) { a += 5; void *r = __builtin_apply((void (*)()) f_mixed, __builtin_apply_args(), 0); return a; }
int main(void) {
  struct P p = f_pair(4, 1.5); struct Q q = f_two(1.25, -2); struct M m = f_big(7, 3);
  printf("%d %g %ld %g %g %g %ld %ld %ld %d\n", f_seven(1,2,3,4,5,6,7,8), f_mixed(1, 2.5, 4, 0.5f), p.a, p.b, q.a, q.b, m.v[0], m.v[3], m.v[4], used(3, 1.0));
  return 0; }
