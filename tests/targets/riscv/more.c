#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <alloca.h>
#include <math.h>
#include <complex.h>
__attribute__((noinline)) int apply(int (*f)(int), int x) { return f(x); }
__attribute__((noinline)) long va_big(int n, ...) { volatile char room[9000]; char *p = alloca(n * 100); va_list ap; long r = 0; va_start(ap, n); room[8999] = 1; memset(p, 2, n * 100);
  for (int i = 0; i < n; i++) { r += va_arg(ap, long); r += (long)va_arg(ap, double); } va_end(ap); return r + room[8999] + p[n * 100 - 1]; }
struct big { long x[700]; };
__attribute__((noinline)) long byref(struct big b, struct big c) { b.x[0] += c.x[699]; return b.x[0]; }
__attribute__((noinline)) long stack(long a, long b, long c, long d, long e, long f, long g, long h, struct { long p, q; } s, long double l, char t) { return a + h + s.q + (long)l + t; }
__attribute__((noinline)) double complex cm(double complex a, double complex b) { return a * b / (1 + 2 * I); }
#pragma pack(1)
struct packed { char c; int i; double d; short s; } pk = {1, 2, 3.5, 4};
struct bf { unsigned a : 3, b : 17; long c : 40; signed d : 5; } bf;
__attribute__((noinline)) unsigned rot(unsigned x, int n) { return x << n | x >> (32 - n); }
__attribute__((noinline)) unsigned long rot64(unsigned long x, int n) { return x >> n | x << (64 - n); }
__attribute__((noinline)) unsigned short rot16(unsigned short x, int n) { return x << n | x >> (16 - n); }
__attribute__((noinline)) float mixf(int i, float f, double d, float g) { return i * f + d - g; }
__attribute__((noinline)) _Bool both(_Bool a, _Bool b) { return a & !b; }
__attribute__((noinline)) unsigned char uc(int x) { return x * 3; }
__attribute__((noinline)) int div8(signed char a, signed char b) { return a / b * 100 + a % b; }
__attribute__((noinline)) unsigned divu(unsigned a, unsigned b) { return a / b + a % b; }
int main(void) {
  int k = 5; int nested(int x) { return x * k++; }
  printf("%d %d\n", apply(nested, 3), apply(nested, 3));
  printf("%ld\n", va_big(6, 1L, 1.5, 2L, 2.5, 3L, 3.5, 4L, 4.5, 5L, 5.5, 6L, 6.5));
  static struct big b; b.x[0] = 7; b.x[699] = 9; printf("%ld\n", byref(b, b));
  double complex z = cm(3 + 4 * I, 1 - 2 * I); printf("%g %g\n", creal(z), cimag(z));
  pk.i += 5; pk.d *= 2; pk.s--; printf("%d %g %d\n", pk.i, pk.d, pk.s);
  bf.a = 9; bf.b = 100000; bf.c = -3; bf.d = -9; bf.b += 70000; printf("%d %d %ld %d\n", bf.a, bf.b, (long)bf.c, bf.d);
  printf("%x %lx %x %g %d %d\n", rot(0x80000001, 4), rot64(0x8000000000000001, 12), rot16(0x8001, 3), mixf(3, 1.5f, 2.25, .5f), both(1, 0), uc(100));
  printf("%d %u %g %g\n", div8(-100, 7), divu(4000000000u, 7), sqrt(2.0), floor(-2.5));
  printf("%Lg %Lg %d\n", 1.0L / 3, sqrtl(2), (int)lrint(2.5));
  unsigned long ul = 0xfffffffffffff000; printf("%g %g %lu %u\n", (double)ul, (float)(unsigned)ul, (unsigned long)1.8e19, (unsigned)3e9);
  char buf[40]; snprintf(buf, sizeof buf, "%s-%d-%c-%5.2f", "abc", -7, 'x', 3.14159); puts(buf);
  return 0; }
