/* Bytes, tables: base64 there and back, UTF-8 decoding and counting. */
#include <stdio.h>
#include <string.h>

enum { SIZE = 300000 };
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static unsigned char raw[SIZE], decoded[SIZE + 4], reverse[256];
static char text[SIZE / 3 * 4 + 8];

static int encode(const unsigned char *in, int size, char *out)
{
  char *start = out;

  for (; size >= 3; size -= 3, in += 3) {
    unsigned v = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | in[2];
    *out++ = digits[v >> 18];
    *out++ = digits[v >> 12 & 63];
    *out++ = digits[v >> 6 & 63];
    *out++ = digits[v & 63];
  }
  return (int)(out - start);
}

static int decode(const char *in, int size, unsigned char *out)
{
  unsigned char *start = out;

  for (; size >= 4; size -= 4, in += 4) {
    unsigned v = (unsigned)reverse[(unsigned char)in[0]] << 18 | (unsigned)reverse[(unsigned char)in[1]] << 12
                 | (unsigned)reverse[(unsigned char)in[2]] << 6 | reverse[(unsigned char)in[3]];
    *out++ = (unsigned char)(v >> 16);
    *out++ = (unsigned char)(v >> 8);
    *out++ = (unsigned char)v;
  }
  return (int)(out - start);
}

static unsigned count_utf8(const unsigned char *p, const unsigned char *end, unsigned *bad)
{
  unsigned sum = 0;

  while (p < end) {
    unsigned c = *p++, need = c < 0x80 ? 0 : c < 0xc2 ? 4 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 4;
    if (need == 4) {
      ++*bad;
      continue;
    }
    c &= 0x7fu >> need;
    for (; need > 0 && p < end && (*p & 0xc0) == 0x80; need--)
      c = c << 6 | (*p++ & 0x3fu);
    *bad += need != 0;
    sum += c;
  }
  return sum;
}

int main(void)
{
  unsigned seed = 41, sum = 0, bad = 0;

  for (int i = 0; i < 64; i++)
    reverse[(unsigned char)digits[i]] = (unsigned char)i;
  for (int i = 0; i < SIZE; i++)
    raw[i] = (unsigned char)((seed = seed * 1103515245u + 12345u) >> 16);
  for (int round = 0; round < 120; round++) {
    int length = encode(raw, SIZE, text);
    int back = decode(text, length, decoded);
    sum = sum * 31 + (unsigned)memcmp(raw, decoded, (size_t)back) + (unsigned char)text[round * 100];
    sum += count_utf8(decoded, decoded + back, &bad);
    raw[round] ^= 0x55;
  }
  printf("%u %u\n", sum, bad);
  return 0;
}
