/* Dynamic programming: edit distance and longest common subsequence of random texts. */
#include <stdio.h>
#include <string.h>

enum { N = 3000 };
static char a[N + 1], b[N + 1];
static int row[N + 1], table[2][N + 1];

static int minimum(int x, int y) { return x < y ? x : y; }

int main(void)
{
  unsigned seed = 11, sum = 0;

  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < N; i++) {
      a[i] = (char)('a' + ((seed = seed * 1664525u + 1013904223u) >> 24) % 6);
      b[i] = (char)('a' + ((seed = seed * 1664525u + 1013904223u) >> 24) % 6);
    }
    for (int j = 0; j <= N; j++)
      row[j] = j;
    for (int i = 1; i <= N; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= N; j++) {
        int up = row[j];
        row[j] = minimum(minimum(up, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
        diagonal = up;
      }
    }
    memset(table, 0, sizeof table);
    for (int i = 1; i <= N; i++)
      for (int j = 1; j <= N; j++)
        table[i & 1][j] = a[i - 1] == b[j - 1]                            ? table[~i & 1][j - 1] + 1
                          : table[~i & 1][j] > table[i & 1][j - 1] ? table[~i & 1][j]
                                                                          : table[i & 1][j - 1];
    sum = sum * 7919 + (unsigned)row[N] * 4096 + (unsigned)table[N & 1][N];
  }
  printf("%u\n", sum);
  return 0;
}
