/* __multi3: the product of two 128-bit integers modulo 2**128, schoolbook on 32-bit digits for the
   one full 64 x 64 product that is needed. */
#include "helper.h"

HELPER i128 __multi3(i128 left, i128 right)
{
  halves a, b, result;
  u64 low, middle, high;
  u64 a0, a1, b0, b1;

  a.whole = left;
  b.whole = right;
  a0 = (u32)a.low;
  a1 = a.low >> 32;
  b0 = (u32)b.low;
  b1 = b.low >> 32;

  low = a0 * b0;
  middle = a1 * b0 + (low >> 32);
  high = middle >> 32;
  middle = (u32)middle + a0 * b1;
  high += a1 * b1 + (middle >> 32);

  result.low = middle << 32 | (u32)low;
  result.high = (i64)(high + a.low * (u64)b.high + (u64)a.high * b.low);
  return result.whole;
}
