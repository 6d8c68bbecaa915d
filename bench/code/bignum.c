/* Integer, carries: digits of e and a big factorial with 32-bit limbs. */
#include <stdint.h>
#include <stdio.h>

enum { LIMBS = 1400 };
static uint32_t factorial[LIMBS], e[3000];

static int multiply_small(uint32_t *a, int size, uint32_t factor)
{
  uint64_t carry = 0;

  for (int i = 0; i < size; i++) {
    carry += (uint64_t)a[i] * factor;
    a[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry)
    a[size++] = (uint32_t)carry;
  return size;
}

static uint32_t divide_small(uint32_t *a, int size, uint32_t divisor)
{
  uint64_t rest = 0;

  for (int i = size; i-- > 0;) {
    rest = rest << 32 | a[i];
    a[i] = (uint32_t)(rest / divisor);
    rest %= divisor;
  }
  return (uint32_t)rest;
}

int main(void)
{
  uint32_t hash = 0;

  for (int round = 0; round < 8; round++) {
    int size = 1;
    factorial[0] = 1;
    for (uint32_t i = 2; i <= 3000; i++)
      size = multiply_small(factorial, size, i + (uint32_t)round);
    while (size > 0) {
      hash = hash * 131 + divide_small(factorial, size, 1000000000);
      while (size > 0 && factorial[size - 1] == 0)
        size--;
    }
  }
  /* The spigot of e: mixed radix digits 1/k!. */
  for (int i = 0; i < 3000; i++)
    e[i] = 1;
  for (int digit = 0; digit < 15000; digit++) {
    uint32_t carry = 0;
    for (int i = 2999; i >= 2; i--) {
      carry += e[i] * 10;
      e[i] = carry % (uint32_t)i;
      carry /= (uint32_t)i;
    }
    hash = hash * 131 + carry;
  }
  printf("%u\n", (unsigned)hash);
  return 0;
}
