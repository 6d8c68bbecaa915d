int printf(const char *, ...);
typedef int v4 __attribute__((vector_size(16))); typedef float f4 __attribute__((vector_size(16)));
typedef short v4h __attribute__((vector_size(8))); typedef double d4 __attribute__((vector_size(32)));
static v4 add(v4 a, v4 b) { return a + b * 2; }
static v4h half(v4h a) { return a << 1; }
static d4 quad(d4 a, double s) { return a * s + 1.0; }
static int vla(int n, int m, int a[n][m]) { int s = 0; for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) s += a[i][j] * (i + j); return s + (int)sizeof a[0]; }
static int nest(int n) {
  int total = 0;
  int inner(int k) { total += k; int deeper(int q) { return q * n + total; } return k ? inner(k - 1) + deeper(k) : 0; }
  return inner(n) + total;
}
static int over(void) {
  int r; long l; unsigned char c; int n = 0;
  n = n * 2 + __builtin_add_overflow(2147483647, 1, &r); n = n * 2 + (r == -2147483648);
  n = n * 2 + __builtin_mul_overflow(1L << 40, 1L << 30, &l); n = n * 2 + __builtin_sub_overflow(3u, 5u, &c); n = n * 2 + (c == 254);
  n = n * 2 + __builtin_add_overflow(-1, 5u, &c); n = n * 2 + __builtin_mul_overflow(-1, -5L, &r); n = n * 2 + (r == 5);
  n = n * 2 + __builtin_add_overflow(0x7fffffffffffffffL, 0xffffffffffffffffUL, &l); n = n * 2 + __builtin_sub_overflow_p(0u, 1u, (int)0);
  return n;
}
static _Atomic int ai = 5; static _Atomic float af = 1.5f; static _Atomic(unsigned char) ac = 250; static int plain = 1; static _Atomic(int *) apt = &plain;
struct sp { int a, b; }; static _Atomic struct sp as = {1, 2};
int main(void) {
  v4 v = add((v4){1, 2, 3, 4}, (v4){10, 20, 30, 40}); v[2] ^= 7; v4 mask = v > 50; f4 f = (f4){1, 2} + 0.5f;
  v4h h = half((v4h){1, -2, 3, 4000}); d4 d = quad((d4){1, 2, 3, 4}, 2); h++;
  v4 s = __builtin_shuffle(v, (v4){3, 2, 1, 4});
  printf("%d %d %d %d | %d %d | %g %g | %d %d | %g %g | %d %d\n", v[0], v[1], v[2], v[3], mask[0], mask[3], f[0], f[3], h[1], h[3], d[0], d[3], s[0], s[3]);
  int n = 3; int grid[n][n + 1]; for (int i = 0; i < n; i++) for (int j = 0; j <= n; j++) grid[i][j] = i * j;
  printf("%d %d\n", vla(n, n + 1, grid), (int)sizeof grid);
  for (int i = 1; i < 4; i++) { char t[i * 8]; t[i * 8 - 1] = i; printf("%d%d ", (int)sizeof t, t[i * 8 - 1]); }
  printf("%d %x\n", nest(4), over());
  ai++; ai += 10; ai *= 2; af += 2; --af; ac += 10; apt++; apt -= 1; int old = ai--; struct sp p = as; p.a = 9; as = p; p = as;
  printf("%d %d %g %d %d %d %d\n", old, ai, af, ac, apt == &plain, p.a, p.b);
  int e = 32; _Bool ok = __atomic_compare_exchange_n(&plain, &e, 7, 0, 5, 5); printf("%d %d ", ok, e);
  ok = __atomic_compare_exchange_n(&plain, &e, 7, 0, 5, 5); printf("%d %d ", ok, plain); printf("%d ", __sync_fetch_and_add(&plain, 3)); printf("%d\n", __atomic_nand_fetch(&plain, 6, 5));
  printf("%d %d %d %d %d %d\n", __builtin_clz(1), __builtin_ctzl(8), __builtin_popcountll(255), __builtin_parity(7), __builtin_ffs(0), __builtin_clrsb(-1));
  printf("%x %d %d %d %d\n", __builtin_bswap32(0x12345678), __builtin_isnan(0.0 / 0), __builtin_isinf_sign(-1.0 / 0), __builtin_signbit(-0.0), __builtin_fpclassify(0, 1, 2, 3, 4, 1e-310));
  _Complex double z = 3 + 4i, y = z * z / (1 - 2i); _Complex float w = ~(_Complex float)z; z += 1; _Complex int ci = (2 + 3i) * (1 + 1i);
  printf("%g %g %g %g %g %d %d %d\n", __real__ y, __imag__ y, __imag__ w, __real__ z, (double)z, __real__ ci, __imag__ ci, z == 4 + 4i);
  int a = ({ int t = 5; if (t > 3) t = 10; t * 2; }), b = 0 ?: a, c = a++ ?: 1; printf("%d %d %d %d\n", a, b, c, __builtin_choose_expr(1, 2, 3));
  void *to = &&here; if (a < 23) { a++; goto *to; } printf("not reached first\n");
here: if (a < 25) { a++; goto *to; } printf("%d %d\n", a, __builtin_expect(a == 25, 1) ? 1 : 2);
  return 0;
}
