#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <alloca.h>
#define CHECK(x) do { if (!(x)) { printf("%d: %s\n", __LINE__, #x); failed = 1; } } while (0)
static int failed;
volatile int zero;
__thread int local = 5;
static __thread long hidden[3] = {1, 2, 3};
struct mixed { float f; int i; };
struct pair { double a, b; };
struct small { char c[3]; };
struct large { long x[5]; };
__attribute__((noinline)) struct mixed mixed(struct mixed m, struct pair p) { m.f += p.a; m.i += p.b; return m; }
__attribute__((noinline)) struct small small(struct small s) { s.c[0] ^= s.c[1]; s.c[2]++; return s; }
__attribute__((noinline)) struct large large(struct large l, int n) { l.x[n] = n; return l; }
__attribute__((noinline)) double sum(int n, ...)
{
  va_list ap, copy;
  double total = 0;
  va_start(ap, n);
  va_copy(copy, ap);
  while (n--) { total += va_arg(ap, int); total += va_arg(ap, double); }
  total += va_arg(copy, int);
  va_end(ap);
  return total;
}
__attribute__((noinline)) long double wide(int n, ...)
{
  va_list ap;
  long double r;
  va_start(ap, n);
  r = va_arg(ap, long double);
  struct large l = va_arg(ap, struct large);
  r += l.x[4];
  va_end(ap);
  return r;
}
__attribute__((noinline)) long many(long a, long b, long c, long d, long e, long f, long g, long h, int i, short j, float k, double l)
{ return a + b + c + d + e + f + g + h + i * 10 + j * 100 + (long)k + (long)l; }
__attribute__((noinline)) int choose(int n)
{
  switch (n) {
  case 0: return 7; case 1: return 9; case 2: return 1; case 3: return -4; case 4: return 12; case 5: return 99;
  case 6: return 3; case 7: return 8; case 1000: return 5; default: return 0; }
}
__attribute__((noinline)) int frame(int n)
{
  volatile char block[10000];
  volatile double late[3000];
  block[9999] = n; late[2999] = n; block[0] = 1; late[0] = 2;
  return block[9999] + (int)late[2999] + block[0] + (int)late[0];
}
__attribute__((noinline)) int dynamic(int n)
{
  int a[n], total = 0;
  char *p = alloca(n * 3);
  memset(p, 1, n * 3);
  for (int i = 0; i < n; i++) a[i] = i;
  for (int i = 0; i < n; i++) total += a[i] + p[3 * i];
  return total + choose(1);
}
static jmp_buf environment;
__attribute__((noinline)) void jump(int n) { longjmp(environment, n); }
__attribute__((noinline)) unsigned bits(unsigned x, unsigned long y)
{ return __builtin_clz(x) + __builtin_ctz(x) * 2 + __builtin_popcount(x) * 3 + __builtin_clzl(y) * 5 + __builtin_ctzl(y) * 7
    + __builtin_popcountl(y) * 11; }
__attribute__((noinline)) __int128 big(__int128 a, __int128 b) { return a * b / 3 + (a >> 5) - (b << 70) % 1000003; }
static unsigned char byte; static unsigned short half; static unsigned word; static unsigned long quad;
static void atomics(void)
{
  CHECK(__atomic_fetch_add(&byte, 250, 5) == 0); CHECK(__atomic_add_fetch(&byte, 10, 5) == 4);
  CHECK(__atomic_exchange_n(&half, 77, 5) == 0); CHECK(__atomic_fetch_nand(&half, 13, 5) == 77); CHECK(half == (unsigned short)~(77 & 13));
  unsigned short wrong = 3; CHECK(!__atomic_compare_exchange_n(&half, &wrong, 9, 0, 5, 5)); CHECK(wrong == half);
  CHECK(__atomic_compare_exchange_n(&half, &wrong, 9, 0, 5, 5) && half == 9);
  CHECK(__atomic_fetch_sub(&word, 1, 5) == 0 && word == ~0u); CHECK(__atomic_fetch_and(&word, 0xf0, 5) == ~0u);
  unsigned w = 0xf0; CHECK(__atomic_compare_exchange_n(&word, &w, 1u << 31, 0, 5, 5) && word == 1u << 31);
  w = 1u << 31; CHECK(__atomic_compare_exchange_n(&word, &w, 2, 0, 5, 5) && word == 2);
  CHECK(__sync_val_compare_and_swap(&quad, 0, 1ul << 60) == 0 && quad == 1ul << 60);
  __atomic_or_fetch(&quad, 3, 0); __atomic_fetch_xor(&quad, 1, 3); CHECK(__atomic_load_n(&quad, 5) == (1ul << 60 | 2));
  __atomic_store_n(&quad, 4, 5); CHECK(quad == 4);
  _Atomic short s = 5; s++; s *= 3; CHECK(s == 18);
  _Atomic double d = 1; d += 2.5; CHECK(d == 3.5);
}
typedef int v4 __attribute__((vector_size(16)));
__attribute__((noinline)) v4 vector(v4 a, v4 b) { return a * b + (a > b); }
static long assembly(long a, double d, long *p)
{
  long r, t; double e;
  __asm__("add %0, %1, %2" : "=r"(r) : "r"(a), "r"(3L));
  __asm__("addi %0, %1, %2" : "=r"(t) : "r"(r), "I"(100));
  __asm__("fadd.d %0, %1, %1" : "=f"(e) : "f"(d));
  __asm__ volatile("sd %1, %0" : "=m"(*p) : "rJ"(t));
  __asm__ volatile("sd %z1, %0" : "=m"(p[1]) : "rJ"(0L));
  __asm__ volatile("amoadd.d %0, %2, %1" : "=r"(t), "+A"(p[0]) : "r"(1L) : "memory");
  register long a7 __asm__("a7") = 172, a0 __asm__("a0");
  __asm__ volatile("ecall" : "=r"(a0) : "r"(a7) : "memory");
  CHECK(a0 > 0);
  return r + t + (long)e;
}
__attribute__((noinline)) double convert(unsigned long u, long i, float f, unsigned w)
{ return (double)u + (float)i + f + (double)w + (unsigned)(f * 3) + (unsigned long)f + (signed char)f + (unsigned char)(f + 200); }
int main(void)
{
  struct mixed m = mixed((struct mixed){1.5f, 7}, (struct pair){2, 3});
  CHECK(m.f == 3.5f && m.i == 10);
  struct small s = small((struct small){{1, 2, 3}});
  CHECK(s.c[0] == 3 && s.c[2] == 4);
  struct large l = large((struct large){{9, 9, 9, 9, 9}}, 3);
  CHECK(l.x[3] == 3 && l.x[4] == 9);
  CHECK(sum(5, 1, .5, 2, .5, 3, .5, 4, .5, 5, .5) == 18.5);
  CHECK(wide(1, 2.25L, l) == 11.25L);
  CHECK(many(1, 2, 3, 4, 5, 6, 7, 8, -9, -10, 2.5f, 3.5) == 36 - 90 - 1000 + 2 + 3);
  CHECK(choose(3) == -4 && choose(7) == 8 && choose(1000) == 5 && choose(-1) == 0 && choose(8) == 0);
  CHECK(frame(5) == 13);
  CHECK(dynamic(100) == 4950 + 100 + 9);
  int volatile count = 0;
  int got = setjmp(environment);
  if (got < 3) { count++; jump(got + 1); }
  CHECK(count == 3);
  CHECK(bits(0x00f0, 1ul << 40) == 24 + 8 + 12 + 23 * 5 + 280 + 11);
  CHECK(__builtin_bswap64(0x0102030405060708ul) == 0x0807060504030201ul && __builtin_bswap32(zero + 0x01020304) == 0x04030201);
  CHECK(__builtin_bswap16(zero + 0x1234) == 0x3412);
  __int128 b = big(((__int128)12345678901234 << 20) + zero, 987654321 + zero);
  CHECK((long)(b >> 64) == 231035587 && (unsigned long)b == 0x7b9e7eaee456dfd9ul);
  CHECK((__int128)(b * 3) / 3 == b);
  atomics();
  v4 v = vector((v4){1, 2, 3, 4}, (v4){4, 3, 2, 1});
  CHECK(v[0] == 4 && v[1] == 6 && v[2] == 5 && v[3] == 3);
  long store[2] = {0, 5};
  CHECK(assembly(10, 2.5, store) == 13 + 113 + 5 && store[0] == 114 && store[1] == 0);
  local += 2; hidden[1] += local;
  CHECK(local == 7 && hidden[1] == 9 && &local != (int *)&hidden);
  CHECK(convert(1ul << 63, -3, 10.5f, 1u << 31) == 0x1p63 - 3 + 10.5 + 0x1p31 + 31 + 10 + 10 + 210);
  long double q = 1.0L / 3 + zero;
  CHECK(q * 3 == 1.0L && (double)q == 1.0 / 3 && (long)(q * 300) == 100 && q > 0.3 && !(q < 0) && -q < 0 && (int)-(q * 9) == -3);
  CHECK(__builtin_isnan((long double)(0.0 / zero)) && __builtin_fabsl(-q) == q && (float)q == 1.0f / 3);
  int overflow; CHECK(__builtin_add_overflow(0x7fffffff, 1 + zero, &overflow) && overflow == -0x7fffffff - 1);
  unsigned long uo; CHECK(__builtin_mul_overflow(1ul << 40, (1ul << 24) + zero, &uo)); CHECK(!__builtin_mul_overflow(3ul, 5ul + zero, &uo) && uo == 15);
  long so; CHECK(__builtin_sub_overflow(-0x7fffffffffffffffl - 1, 1l + zero, &so));
  signed char sc; CHECK(__builtin_add_overflow((signed char)(100 + zero), (signed char)100, &sc) && sc == -56);
  void *labels[] = {&&one, &&two}; int which = zero + 1;
  goto *labels[which];
one: CHECK(0);
two:
  CHECK(__builtin_frame_address(0) != 0 && __builtin_return_address(0) != 0);
  CHECK(atoi("42") == 42 && (zero ? 1 : 2) == 2);
  puts(failed ? "failed" : "ok");
  return failed;
}
