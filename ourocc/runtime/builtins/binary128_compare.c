/* Comparison of binary128 numbers, with libgcc's contract: the result's relation to zero is the
   operands' relation, and an unordered pair makes the named relation false. */
#include "binary128.h"

enum { LESS = -1, EQUAL = 0, GREATER = 1 };

static int compare(u128 left, u128 right, int unordered)
{
  if (is_nan(left) || is_nan(right))
    return unordered;
  if (((left | right) & ~SIGN) == 0 || left == right)
    return EQUAL;
  if (((left ^ right) & SIGN) != 0)
    return left & SIGN ? LESS : GREATER;
  return (left < right) != ((left & SIGN) != 0) ? LESS : GREATER;
}

/* libgcc compares exponents, signs and fractions as one integer; the word that tells is an int on
   x86-64 and a long on RISC-V: long serves both, as the value is sign-extended in the register. */
long BINARY128(__eqtf2)(u128 left, u128 right) { return compare(left, right, 1); }
long BINARY128(__netf2)(u128 left, u128 right) { return compare(left, right, 1); }
long BINARY128(__lttf2)(u128 left, u128 right) { return compare(left, right, 2); }
long BINARY128(__letf2)(u128 left, u128 right) { return compare(left, right, 2); }
long BINARY128(__gttf2)(u128 left, u128 right) { return compare(left, right, -2); }
long BINARY128(__getf2)(u128 left, u128 right) { return compare(left, right, -2); }

long BINARY128(__unordtf2)(u128 left, u128 right)
{
  return is_nan(left) || is_nan(right);
}
