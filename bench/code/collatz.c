/* Integer: longest Collatz sequence, greatest common divisors, and counting bits. */
#include <stdint.h>
#include <stdio.h>

static unsigned gcd(unsigned a, unsigned b)
{
  while (b != 0) {
    unsigned t = a % b;
    a = b;
    b = t;
  }
  return a;
}

static int bits(uint64_t x)
{
  int n = 0;

  for (; x != 0; x &= x - 1)
    n++;
  return n;
}

int main(void)
{
  int longest = 0;
  uint64_t best = 0, x = 88172645463325252u, total = 0;

  for (uint64_t start = 1; start < 600000; start++) {
    uint64_t n = start;
    int steps = 0;
    while (n != 1) {
      n = n & 1 ? 3 * n + 1 : n / 2;
      steps++;
    }
    if (steps > longest) {
      longest = steps;
      best = start;
    }
  }
  for (unsigned i = 1; i < 1200; i++)
    for (unsigned j = 1; j < 1200; j += 3)
      total += gcd(i, j);
  for (int i = 0; i < 2000000; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    total += (uint64_t)bits(x);
  }
  printf("%llu %d %llu\n", (unsigned long long)best, longest, (unsigned long long)total);
  return 0;
}
