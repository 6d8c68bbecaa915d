/* Integer, bytes: the sieve of Eratosthenes. */
#include <stdio.h>
#include <string.h>

enum { LIMIT = 4000000 };
static unsigned char composite[LIMIT + 1];

int main(void)
{
  unsigned long sum = 0;
  int round, i, j;

  for (round = 0; round < 12; round++) {
    memset(composite, 0, sizeof composite);
    for (i = 2; i * i <= LIMIT; i++)
      if (!composite[i])
        for (j = i * i; j <= LIMIT; j += i)
          composite[j] = 1;
    for (i = 2; i <= LIMIT; i++)
      if (!composite[i])
        sum += (unsigned long)i * (round + 1);
  }
  printf("%lu\n", sum);
  return 0;
}
