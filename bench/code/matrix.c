/* Double, matrix: blocked and plain multiplication of 320 x 320 matrices. */
#include <stdio.h>

enum { N = 320, BLOCK = 32 };
static double a[N][N], b[N][N], c[N][N];

static void plain(void)
{
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double sum = 0;
      for (int k = 0; k < N; k++)
        sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
}

static void blocked(void)
{
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      c[i][j] *= 0.5;
  for (int kk = 0; kk < N; kk += BLOCK)
    for (int jj = 0; jj < N; jj += BLOCK)
      for (int i = 0; i < N; i++)
        for (int k = kk; k < kk + BLOCK; k++) {
          double scale = a[i][k];
          for (int j = jj; j < jj + BLOCK; j++)
            c[i][j] += scale * b[k][j];
        }
}

int main(void)
{
  double trace = 0;

  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (i * 7 + j * 3) % 17 - 8;
      b[i][j] = (i * 5 + j * 11) % 13 - 6;
    }
  for (int round = 0; round < 9; round++) {
    plain();
    blocked();
    for (int i = 0; i < N; i++)
      trace += c[i][(i * 3 + round) % N];
  }
  printf("%.1f\n", trace);
  return 0;
}
