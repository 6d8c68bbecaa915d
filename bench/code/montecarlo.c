/* Double and integer: a 64-bit generator, pi by darts, a histogram of sums, a random walk. */
#include <stdint.h>
#include <stdio.h>

static uint64_t s[4] = { 1, 2, 3, 4 };

static uint64_t rotate(uint64_t x, int k) { return x << k | x >> (64 - k); }

static uint64_t next(void)
{
  uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

static double uniform(void) { return (double)(next() >> 11) * 0x1p-53; }

int main(void)
{
  long hits = 0, histogram[64] = { 0 }, farthest = 0;
  int x = 0, y = 0;

  for (int i = 0; i < 20000000; i++) {
    double a = uniform(), b = uniform();
    hits += a * a + b * b < 1.0;
  }
  for (int i = 0; i < 3000000; i++) {
    double sum = uniform() + uniform() + uniform() + uniform();
    histogram[(int)(sum * 16)]++;
  }
  for (int i = 0; i < 20000000; i++) {
    static const signed char dx[] = { 1, -1, 0, 0 }, dy[] = { 0, 0, 1, -1 };
    unsigned d = (unsigned)(next() >> 62);
    x += dx[d];
    y += dy[d];
    if ((long)x * x + (long)y * y > farthest)
      farthest = (long)x * x + (long)y * y;
  }
  printf("%ld %ld %ld %ld\n", hits, histogram[31], histogram[8], farthest);
  return 0;
}
