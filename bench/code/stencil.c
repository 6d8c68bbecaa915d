/* Float, matrix: heat flow on a grid (Jacobi) and a blur of bytes. */
#include <stdio.h>
#include <string.h>

enum { W = 512, H = 384 };
static float grid[2][H][W];
static unsigned char image[H][W], blurred[H][W];

int main(void)
{
  int now = 0;
  double heat = 0;
  unsigned sum = 0;

  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++) {
      grid[0][y][x] = grid[1][y][x] = (float)((x * y) % 97);
      image[y][x] = (unsigned char)(x * 3 ^ y * 5);
    }
  for (int round = 0; round < 1200; round++, now ^= 1)
    for (int y = 1; y < H - 1; y++)
      for (int x = 1; x < W - 1; x++)
        grid[!now][y][x] = 0.25f * (grid[now][y - 1][x] + grid[now][y + 1][x] + grid[now][y][x - 1] + grid[now][y][x + 1]);
  for (int round = 0; round < 240; round++) {
    for (int y = 1; y < H - 1; y++)
      for (int x = 1; x < W - 1; x++) {
        int total = 0;
        for (int dy = -1; dy <= 1; dy++)
          for (int dx = -1; dx <= 1; dx++)
            total += image[y + dy][x + dx];
        blurred[y][x] = (unsigned char)(total / 9);
      }
    memcpy(image, blurred, sizeof image);
  }
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++) {
      heat += grid[now][y][x];
      sum = sum * 31 + image[y][x];
    }
  printf("%.3f %u\n", heat, sum);
  return 0;
}
