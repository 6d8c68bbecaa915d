/* Recursion: naive Fibonacci numbers and Takeuchi's function. */
#include <stdio.h>

static unsigned fibonacci(unsigned n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static int takeuchi(int x, int y, int z)
{
  return y >= x ? z : takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

int main(void)
{
  printf("%u %d\n", fibonacci(41), takeuchi(22, 14, 7));
  return 0;
}
