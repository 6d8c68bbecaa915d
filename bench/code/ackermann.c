/* Deep recursion: Ackermann's function and mutual recursion with several arguments. */
#include <stdio.h>

static unsigned calls;

static unsigned ackermann(unsigned m, unsigned n)
{
  calls++;
  if (m == 0)
    return n + 1;
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static unsigned hofstadter_male(unsigned n);
static unsigned hofstadter_female(unsigned n) { return n == 0 ? 1 : n - hofstadter_male(hofstadter_female(n - 1)); }
static unsigned hofstadter_male(unsigned n) { return n == 0 ? 0 : n - hofstadter_female(hofstadter_male(n - 1)); }

int main(void)
{
  unsigned sum = 0;

  for (unsigned i = 0; i < 70; i++)
    sum += ackermann(2, 900 + i) + ackermann(3, 8);
  printf("%u %u %u\n", sum, calls, hofstadter_female(110));
  return 0;
}
