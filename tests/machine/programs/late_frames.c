/* Functions that can return before they need a frame: shrink wrapping, with callee-saved registers of the caller in use. */
#include <stdio.h>
#include <string.h>
#include <stdarg.h>

__attribute__((noinline)) int step(int x) { __asm__ volatile("" : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"); return x * 3 + 1; }

__attribute__((noinline)) int early(int a, int b, int c) { if (a == 0) return b; int x = step(a + b), y = step(b); return x + y + c; }

__attribute__((noinline)) int loop(const int *p, int n)
{
  if (!p || n < 1) return -1;
  int s = 0;
  for (int i = 0; i < n; i++) s += step(p[i]) * p[0];
  return s;
}

__attribute__((noinline)) int entered_twice(int a, int b)
{
  if (a > 5) goto work;
  if (b > 5) goto work;
  return a - b;
work:
  a = step(a) + step(b);
  if (a & 1) return a + b;
  return a * b + step(b);
}

__attribute__((noinline)) int local(int a, const char *text)
{
  char copy[24];
  if (a < 0) return a;
  strncpy(copy, text, sizeof copy - 1);
  copy[sizeof copy - 1] = 0;
  copy[a % 8] = '!';
  return (int)strlen(copy) + copy[a % 4];
}

__attribute__((noinline)) int by_table(int n, int a)
{
  switch (n) {
  case 0: return a;
  case 1: return a + 1;
  case 2: return step(a) + a;
  case 3: return a * a;
  case 4: { int x = step(a); return step(x) - a; }
  case 5: return 17;
  case 6: return step(a ^ 5) ^ a;
  default: return -a;
  }
}

__attribute__((noinline)) int on_stack(int a, int b, int c, int d, int e, int f, int g, int h)
{
  if (a == b) return c;
  return step(a) * g + step(h) * d + e + f + step(g);
}

__attribute__((noinline)) double real(double x, int n)
{
  if (n == 0) return x;
  double y = x * 2;
  for (int i = 0; i < n; i++) y += step(i) * x;
  return y - x;
}

int tail(int a, int b) { if (a == 3) return by_table(b, a); int x = step(a); return step(b) + x; }

static unsigned recursive(unsigned m, unsigned n) { return m == 0 ? n + 1 : recursive(m - 1, n == 0 ? 1 : recursive(m, n - 1)); }

__attribute__((noinline)) int sum(int n, ...)
{
  va_list list;
  int s = 0;
  if (n == 0) return 0;
  va_start(list, n);
  while (n--) s += step(va_arg(list, int));
  va_end(list);
  return s;
}

int main(void)
{
  int data[] = {4, 7, -2, 9};
  long checks[4] = {1, 2, 3, 4};
  for (int i = 0; i < 9; i++) {
    /* what callee-saved registers hold here must survive */
    long a = checks[0] * i, b = checks[1] + i, c = checks[2] ^ i, d = checks[3] - i, e = a * b, f = c * d;
    printf("%d %d %d", early(i & 1, i, 2), early(0, i, 9), loop(i & 1 ? data : 0, i & 3));
    printf(" %d %d %d", entered_twice(i, 3), entered_twice(2, i), local(i - 3, "some words to copy that are long"));
    printf(" %d %d", by_table(i, i + 4), on_stack(i, 3, 5, 7, 11, 13, 17, 19));
    printf(" %g %d %u", real(1.5, i & 3), tail(i, i), recursive(2, i));
    printf(" %d %d | %ld %ld %ld %ld %ld %ld\n", sum(0), sum(3, i, 2, 3), a, b, c, d, e, f);
  }
  return 0;
}
