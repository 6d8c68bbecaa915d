/* 64-bit logic: counting chess moves of knights and kings and sliding pieces, with bit boards. */
#include <stdint.h>
#include <stdio.h>

static uint64_t knights[64], kings[64];

static uint64_t slide(int square, uint64_t occupied, int dx, int dy)
{
  uint64_t attacks = 0;
  int x = square % 8 + dx, y = square / 8 + dy;

  for (; x >= 0 && x < 8 && y >= 0 && y < 8; x += dx, y += dy) {
    uint64_t bit = (uint64_t)1 << (y * 8 + x);
    attacks |= bit;
    if (occupied & bit)
      break;
  }
  return attacks;
}

static int count(uint64_t x)
{
  x -= x >> 1 & 0x5555555555555555u;
  x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
  return (int)(((x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
}

static int lowest(uint64_t x)
{
  static const unsigned char index[64] = { 0, 1, 48, 2, 57, 49, 28, 3, 61, 58, 50, 42, 38, 29, 17, 4, 62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5, 63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9, 13, 8, 7, 6 };
  return index[(x & -x) * 0x03f79d71b4cb0a89u >> 58];
}

int main(void)
{
  uint64_t x = 88172645463325252u, total = 0;

  for (int s = 0; s < 64; s++)
    for (int t = 0; t < 64; t++) {
      int dx = s % 8 - t % 8, dy = s / 8 - t / 8, d = dx * dx + dy * dy;
      if (d == 5)
        knights[s] |= (uint64_t)1 << t;
      if (d == 1 || d == 2)
        kings[s] |= (uint64_t)1 << t;
    }
  for (int round = 0; round < 1000000; round++) {
    uint64_t occupied, pieces;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    occupied = x & x >> 3;
    for (pieces = occupied & x << 5; pieces != 0; pieces &= pieces - 1) {
      int s = lowest(pieces);
      uint64_t rooks = slide(s, occupied, 1, 0) | slide(s, occupied, -1, 0) | slide(s, occupied, 0, 1) | slide(s, occupied, 0, -1);
      total += (uint64_t)count(rooks & ~occupied) + (uint64_t)count(knights[s] & occupied) * 3 + (uint64_t)count(kings[s] & ~rooks) * 7;
    }
  }
  printf("%llu\n", (unsigned long long)total);
  return 0;
}
