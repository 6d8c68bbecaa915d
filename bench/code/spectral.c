/* Double, division: the spectral norm of an infinite matrix by the power method. */
#include <math.h>
#include <stdio.h>

enum { N = 800 };

static double element(int i, int j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }

static void multiply(const double *v, double *result, int transposed)
{
  for (int i = 0; i < N; i++) {
    double sum = 0;
    for (int j = 0; j < N; j++)
      sum += (transposed ? element(j, i) : element(i, j)) * v[j];
    result[i] = sum;
  }
}

int main(void)
{
  static double u[N], v[N], w[N];
  double uv = 0, vv = 0;

  for (int i = 0; i < N; i++)
    u[i] = 1;
  for (int round = 0; round < 80; round++) {
    multiply(u, w, 0);
    multiply(w, v, 1);
    multiply(v, w, 0);
    multiply(w, u, 1);
  }
  for (int i = 0; i < N; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  printf("%.9f\n", sqrt(uv / vv));
  return 0;
}
