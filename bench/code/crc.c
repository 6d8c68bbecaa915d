/* Hashing, tables: CRC-32 by one and by four tables, Adler-32, Fletcher. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = 1 << 20 };
static unsigned char data[SIZE];
static uint32_t table[4][256];

static uint32_t crc_bytes(uint32_t crc, const unsigned char *p, size_t n)
{
  for (crc = ~crc; n > 0; n--)
    crc = table[0][(crc ^ *p++) & 255] ^ crc >> 8;
  return ~crc;
}

static uint32_t crc_words(uint32_t crc, const unsigned char *p, size_t n)
{
  uint32_t word;

  for (crc = ~crc; n >= 4; n -= 4, p += 4) {
    memcpy(&word, p, 4);
    crc ^= word;
    crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
  }
  return crc_bytes(~crc, p, n);
}

static uint32_t adler(const unsigned char *p, size_t n)
{
  uint32_t a = 1, b = 0;

  while (n > 0) {
    size_t run = n < 5552 ? n : 5552;
    n -= run;
    for (; run > 0; run--) {
      a += *p++;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b << 16 | a;
}

int main(void)
{
  uint32_t seed = 5, one = 0, four = 0, sum = 0;

  for (uint32_t n = 0; n < 256; n++) {
    uint32_t c = n;
    for (int k = 0; k < 8; k++)
      c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
    table[0][n] = c;
  }
  for (uint32_t n = 0; n < 256; n++)
    for (int t = 1; t < 4; t++)
      table[t][n] = table[0][table[t - 1][n] & 255] ^ table[t - 1][n] >> 8;
  for (int i = 0; i < SIZE; i++)
    data[i] = (unsigned char)((seed = seed * 1103515245u + 12345u) >> 16);
  for (int round = 0; round < 40; round++) {
    one = crc_bytes(one, data, SIZE);
    four = crc_words(four, data, SIZE);
    sum += adler(data, SIZE - (size_t)round);
  }
  printf("%08x %08x %08x\n", (unsigned)one, (unsigned)four, (unsigned)sum);
  return 0;
}
