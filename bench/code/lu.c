/* Double, matrix: LU decomposition with partial pivoting, then solving. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 500 };

static int decompose(double (*a)[N], int *pivot)
{
  for (int k = 0; k < N; k++) {
    int best = k;
    for (int i = k + 1; i < N; i++)
      if (fabs(a[i][k]) > fabs(a[best][k]))
        best = i;
    pivot[k] = best;
    if (a[best][k] == 0.0)
      return 0;
    if (best != k)
      for (int j = 0; j < N; j++) {
        double t = a[k][j];
        a[k][j] = a[best][j];
        a[best][j] = t;
      }
    for (int i = k + 1; i < N; i++) {
      double factor = a[i][k] /= a[k][k];
      for (int j = k + 1; j < N; j++)
        a[i][j] -= factor * a[k][j];
    }
  }
  return 1;
}

int main(void)
{
  double (*a)[N] = malloc(sizeof(double[N][N])), x[N], sum = 0;
  int pivot[N];
  unsigned seed = 17;

  for (int round = 0; round < 14; round++) {
    for (int i = 0; i < N; i++) {
      x[i] = i % 10;
      for (int j = 0; j < N; j++)
        a[i][j] = (double)((seed = seed * 1103515245u + 12345u) >> 16 & 1023) - 512 + (i == j ? 5000 : 0);
    }
    if (!decompose(a, pivot))
      return 1;
    for (int i = 0; i < N; i++) {
      double t = x[pivot[i]];
      x[pivot[i]] = x[i];
      for (int j = 0; j < i; j++)
        t -= a[i][j] * x[j];
      x[i] = t;
    }
    for (int i = N; i-- > 0;) {
      for (int j = i + 1; j < N; j++)
        x[i] -= a[i][j] * x[j];
      x[i] /= a[i][i];
      sum += x[i] * (i % 7);
    }
  }
  printf("%.10f\n", sum);
  free(a);
  return 0;
}
