/* Double: fast Fourier transforms (iterative, radix 2), there and back. */
#include <math.h>
#include <stdio.h>

enum { LOG = 16, N = 1 << LOG };
static double re[N], im[N], cosine[N / 2], sine[N / 2];

static void transform(double direction)
{
  for (unsigned i = 0, j = 0; i < N; i++) {
    unsigned bit = N >> 1;
    if (i < j) {
      double t = re[i];
      re[i] = re[j];
      re[j] = t;
      t = im[i];
      im[i] = im[j];
      im[j] = t;
    }
    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
  }
  for (int half = 1; half < N; half *= 2) {
    int stride = N / 2 / half;
    for (int start = 0; start < N; start += 2 * half)
      for (int k = 0; k < half; k++) {
        double c = cosine[k * stride], s = direction * sine[k * stride];
        int a = start + k, b = a + half;
        double x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
  }
}

int main(void)
{
  double sum = 0;

  for (int i = 0; i < N / 2; i++) {
    cosine[i] = cos(2 * 3.14159265358979323846 * i / N);
    sine[i] = sin(2 * 3.14159265358979323846 * i / N);
  }
  for (int i = 0; i < N; i++)
    re[i] = i * 37 % 101;
  for (int round = 0; round < 80; round++) {
    transform(-1);
    sum += fabs(re[round * 7 + 1]) + fabs(im[round * 11 + 3]);
    transform(1);
    for (int i = 0; i < N; i++) {
      re[i] /= N;
      im[i] /= N;
    }
  }
  printf("%.3f %.6f %.6f\n", sum, re[1234], re[N - 5]);
  return 0;
}
