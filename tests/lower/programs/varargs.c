#include <stdarg.h>
int printf(const char *, ...); int vprintf(const char *, va_list); int vsnprintf(char *, unsigned long, const char *, va_list);
struct pt { int x, y; }; struct dd { double a, b; }; struct big { long v[5]; }; struct id { long i; double d; };
static void show(const char *types, ...) {
  va_list ap, copy; va_start(ap, types); va_copy(copy, ap);
  for (; *types; types++) switch (*types) {
    case 'i': printf("%d ", va_arg(ap, int)); break;
    case 'l': printf("%ld ", va_arg(ap, long)); break;
    case 'd': printf("%g ", va_arg(ap, double)); break;
    case 'L': printf("%Lg ", va_arg(ap, long double)); break;
    case 's': printf("%s ", va_arg(ap, char *)); break;
    case 'p': { struct pt p = va_arg(ap, struct pt); printf("{%d %d} ", p.x, p.y); break; }
    case 'D': { struct dd p = va_arg(ap, struct dd); printf("{%g %g} ", p.a, p.b); break; }
    case 'B': { struct big p = va_arg(ap, struct big); printf("{%ld..%ld} ", p.v[0], p.v[4]); break; }
    case 'm': { struct id p = va_arg(ap, struct id); printf("{%ld %g} ", p.i, p.d); break; }
    case 'w': { __int128 w = va_arg(ap, __int128); printf("%lld ", (long long)w); break; }
  }
  printf("| %d\n", va_arg(copy, int)); va_end(ap); va_end(copy);
}
static int log_(char *to, const char *format, ...) { va_list ap; va_start(ap, format); int n = vsnprintf(to, 16, format, ap); va_end(ap); return n; }
static int old();
static int old(a, b, c) char a; float b; short c; { return a + (int)(b * 10) + c; }
static double many(int a, double b, int c, double d, int e, double f, int g, double h, int i, double j, int k, double l, int m, double n, int o, double p, int q, double r, double s) {
  return a + b * c + d * e + f * g + h * i + j * k + l * m + n * o + p * q + r * s; }
int main(void) {
  show("iiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8);
  show("iddddddddddl", 1, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 99L);
  show("ipDBmLisw", 1, (struct pt){2, 3}, (struct dd){4, 5}, (struct big){{6, 7, 8, 9, 10}}, (struct id){11, 12}, 13.0L, 14, "fifteen", (__int128)16);
  show("iiiiimpm", 1, 2, 3, 4, 5, (struct id){6, 7}, (struct pt){8, 9}, (struct id){10, 11});
  char buffer[16]; int n = log_(buffer, "%s-%05d-%c-%x", "abcdef", 42, 'z', 255);
  printf("%d %s %d\n", n, buffer, old('a', 2.5f, 3));
  printf("%g\n", many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
  return 0;
}
