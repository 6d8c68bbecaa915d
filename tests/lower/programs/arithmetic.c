int printf(const char *, ...);
static signed char sc = -128; static unsigned char uc = 255; static short sh = -32768; static unsigned short us = 65535;
static int i = -2147483647 - 1; static unsigned u = 4294967295u; static long l = -5; static unsigned long ul = ~0ul;
int main(void) {
  printf("%d %d %d %d\n", sc - 1, uc + 1, sh * 2, us << 1);
  printf("%d %u %ld %lu\n", i >> 31, u >> 31, l / 2, ul % 10);
  printf("%ld %ld %d %d\n", l >> 1, l % 3, (signed char)uc, (int)(short)us);
  sc++; uc++; sh--; us += 3; i ^= u; u *= 3; l <<= 3; ul >>= 60;
  printf("%d %d %d %d %d %u %ld %lu\n", sc, uc, sh, us, i, u, l, ul);
  uc = 200; uc += 100; sc = 100; sc *= 2; _Bool b = 0.5; b += 5; b--; _Bool c = (void *)&b;
  printf("%d %d %d %d %d\n", uc, sc, b, c, !b == !!c);
  float f = 16777217; double d = 0.1; long double x = 1.0L / 3;
  printf("%.9g %.17g %.20Lg %d %u\n", f, d + f, x, (int)-1.9, (unsigned)3e9);
  printf("%lu %g %g %d\n", (unsigned long)1.8e19, (double)ul, (float)(unsigned long)~0ul, (char)300.5);
  printf("%d %d %d %d\n", d < f, d != d, 0.0 == -0.0, (int)(f > x));
  f++; d -= 2; x *= 3; f /= 7; printf("%.9g %.17g %Lg\n", f, d, x);
  double nan = 0.0 / (d - d); printf("%d%d%d%d%d%d\n", nan < 1, nan > 1, nan == nan, nan != nan, !(nan >= 1), nan ? 1 : 0);
  unsigned __int128 w = (unsigned __int128)ul << 100 | 12345; __int128 s = -(__int128)w / 1000;
  printf("%llx %llx %lld %d\n", (long long)(w >> 64), (long long)w, (long long)(s % 1000007), (int)(s < 0));
  printf("%g %g\n", (double)w, (double)s);
  int k = 5; int r = k++ + ++k; int q = (k += 2, k * 2); printf("%d %d %d\n", k, r, q);
  int a[5] = {1, 2, 3, 4, 5}, *p = a + 1; p += 2; printf("%d %d %ld %d\n", *p, p[1], p - a, p > a && p[-1] == a[2]);
  char *cp = (char *)p; cp -= 4; printf("%d %d\n", *(int *)cp, (int)((long)p - (long)a));
  printf("%d %d %d\n", -7 / 2, -7 % 2, 7u / 2 - 4 > 0);
  printf("%d %lld\n", (int)(0x80000000u + 0x80000000u), 0x7fffffffffffffffLL & ~0xffLL);
  return 0;
}
