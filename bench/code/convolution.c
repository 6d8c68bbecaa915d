/* Float: a small neural network layer: convolution, rectifier, dot products. */
#include <stdio.h>

enum { SIZE = 96, KERNELS = 8, K = 5, OUT = SIZE - K + 1 };
static float image[SIZE][SIZE], kernel[KERNELS][K][K], map[KERNELS][OUT][OUT], weights[10][KERNELS * 16];

int main(void)
{
  float scores[10] = { 0 };
  unsigned seed = 51;

  for (int k = 0; k < KERNELS; k++)
    for (int i = 0; i < K * K; i++)
      kernel[k][i / K][i % K] = (float)((int)((seed = seed * 1664525u + 1013904223u) >> 24) - 128) / 256;
  for (int i = 0; i < 10; i++)
    for (int j = 0; j < KERNELS * 16; j++)
      weights[i][j] = (float)((int)((seed = seed * 1664525u + 1013904223u) >> 24) - 128) / 4096;
  for (int round = 0; round < 150; round++) {
    for (int i = 0; i < SIZE * SIZE; i++)
      image[i / SIZE][i % SIZE] = (float)((i * (round + 3)) % 61) / 16;
    for (int k = 0; k < KERNELS; k++)
      for (int y = 0; y < OUT; y++)
        for (int x = 0; x < OUT; x++) {
          float sum = 0;
          for (int dy = 0; dy < K; dy++)
            for (int dx = 0; dx < K; dx++)
              sum += image[y + dy][x + dx] * kernel[k][dy][dx];
          map[k][y][x] = sum > 0 ? sum : 0;
        }
    for (int i = 0; i < 10; i++)
      for (int k = 0; k < KERNELS; k++)
        for (int cell = 0; cell < 16; cell++) {
          float best = 0;
          for (int y = 0; y < 20; y++)
            for (int x = 0; x < 20; x++) {
              float v = map[k][cell / 4 * 20 + y][cell % 4 * 20 + x];
              best = v > best ? v : best;
            }
          scores[i] += best * weights[i][k * 16 + cell];
        }
  }
  for (int i = 0; i < 10; i++)
    printf("%.3f ", (double)scores[i]);
  printf("\n");
  return 0;
}
