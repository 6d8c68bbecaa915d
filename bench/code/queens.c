/* Integer, bits, backtracking: ways to place 14 queens, with sets as bits and as arrays. */
#include <stdio.h>
#include <stdlib.h>

static long place_bits(unsigned all, unsigned columns, unsigned left, unsigned right)
{
  long ways = 0;

  if (columns == all)
    return 1;
  for (unsigned free = all & ~(columns | left | right); free != 0; free &= free - 1) {
    unsigned bit = free & -free;
    ways += place_bits(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return ways;
}

static int queen[16];

static long place_array(int size, int row)
{
  long ways = 0;

  if (row == size)
    return 1;
  for (int column = 0; column < size; column++) {
    int other;
    for (other = 0; other < row; other++)
      if (queen[other] == column || abs(queen[other] - column) == row - other)
        break;
    if (other == row) {
      queen[row] = column;
      ways += place_array(size, row + 1);
    }
  }
  return ways;
}

int main(void)
{
  printf("%ld %ld\n", place_bits((1u << 14) - 1, 0, 0, 0), place_array(11, 0));
  return 0;
}
