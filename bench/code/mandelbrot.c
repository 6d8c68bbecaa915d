/* Double, branches: points in the Mandelbrot set. */
#include <stdio.h>

int main(void)
{
  const int width = 700, height = 500, limit = 1200;
  long inside = 0, steps = 0;

  for (int row = 0; row < height; row++)
    for (int column = 0; column < width; column++) {
      double cx = 3.0 * column / width - 2.1, cy = 2.4 * row / height - 1.2, x = 0, y = 0;
      int i;
      for (i = 0; i < limit; i++) {
        double xx = x * x, yy = y * y;
        if (xx + yy > 4.0)
          break;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
      }
      inside += i == limit;
      steps += i;
    }
  printf("%ld %ld\n", inside, steps);
  return 0;
}
