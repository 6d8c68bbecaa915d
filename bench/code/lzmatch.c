/* Bytes, hash chains: the match finder of an LZ77 compressor and its decoder. */
#include <stdio.h>
#include <string.h>

enum { SIZE = 1 << 20, WINDOW = 1 << 15, HEADS = 1 << 14 };
static unsigned char data[SIZE], packed[SIZE * 2], back[SIZE];
static int head[HEADS], chain[WINDOW];

static unsigned hash(const unsigned char *p) { return ((unsigned)p[0] << 10 ^ (unsigned)p[1] << 5 ^ p[2]) * 2654435761u >> 18; }

static int compress(void)
{
  int at = 0, out = 0;

  memset(head, -1, sizeof head);
  while (at < SIZE) {
    int best = 0, where = 0, limit = SIZE - at < 250 ? SIZE - at : 250;
    if (limit >= 3) {
      int candidate = head[hash(data + at)];
      for (int tries = 24; candidate >= 0 && at - candidate < WINDOW && tries > 0; tries--) {
        int length = 0;
        while (length < limit && data[candidate + length] == data[at + length])
          length++;
        if (length > best) {
          best = length;
          where = candidate;
        }
        candidate = chain[candidate & (WINDOW - 1)];
      }
    }
    if (best >= 4) {
      packed[out++] = (unsigned char)best;
      packed[out++] = (unsigned char)((at - where) >> 8);
      packed[out++] = (unsigned char)(at - where);
    } else {
      best = 1;
      packed[out++] = 0;
      packed[out++] = data[at];
    }
    for (; best > 0; best--, at++)
      if (at + 3 <= SIZE) {
        unsigned h = hash(data + at);
        chain[at & (WINDOW - 1)] = head[h];
        head[h] = at;
      }
  }
  return out;
}

static int expand(int size)
{
  int out = 0;

  for (int at = 0; at < size;) {
    int length = packed[at++];
    if (length == 0) {
      back[out++] = packed[at++];
    } else {
      int distance = packed[at] << 8 | packed[at + 1];
      at += 2;
      for (; length > 0; length--, out++)
        back[out] = back[out - distance];
    }
  }
  return out;
}

int main(void)
{
  unsigned seed = 61;
  int size, at = 0, differences = 0;

  while (at < SIZE) {
    seed = seed * 1103515245u + 12345u;
    if (at > 1000 && (seed >> 16 & 7) != 0) {
      int from = at - 1 - (int)((seed >> 19) % 999), length = (int)(seed >> 24 & 31) + 3;
      for (; length > 0 && at < SIZE; length--)
        data[at++] = data[from++];
    } else {
      data[at++] = (unsigned char)("etaoinshr dlucmfwyp\n"[(seed >> 20) % 20]);
    }
  }
  for (int round = 0; round < 6; round++)
    size = compress();
  for (int round = 0; round < 60; round++)
    at = expand(size);
  for (int i = 0; i < SIZE; i++)
    differences += data[i] != back[i];
  printf("%d %d %d\n", size, at, differences);
  return 0;
}
