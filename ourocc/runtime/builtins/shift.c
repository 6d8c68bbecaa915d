/* Shifts, negation and comparison of 128-bit integers by halves. */
#include "helper.h"

HELPER i128 __ashlti3(i128 value, int count)
{
  halves v;

  v.whole = value;
  if (count >= 64) {
    v.high = (i64)(v.low << (count - 64));
    v.low = 0;
  } else if (count > 0) {
    v.high = (i64)((u64)v.high << count | v.low >> (64 - count));
    v.low <<= count;
  }
  return v.whole;
}

HELPER i128 __lshrti3(i128 value, int count)
{
  halves v;

  v.whole = value;
  if (count >= 64) {
    v.low = (u64)v.high >> (count - 64);
    v.high = 0;
  } else if (count > 0) {
    v.low = v.low >> count | (u64)v.high << (64 - count);
    v.high = (i64)((u64)v.high >> count);
  }
  return v.whole;
}

HELPER i128 __ashrti3(i128 value, int count)
{
  halves v;

  v.whole = value;
  if (count >= 64) {
    v.low = (u64)(v.high >> (count - 64));
    v.high >>= 63;
  } else if (count > 0) {
    v.low = v.low >> count | (u64)v.high << (64 - count);
    v.high >>= count;
  }
  return v.whole;
}

HELPER i128 __negti2(i128 value)
{
  halves v;

  v.whole = value;
  v.low = -v.low;
  v.high = (i64)(-(u64)v.high - (v.low != 0));
  return v.whole;
}

/* 0, 1, 2 for less, equal, greater: libgcc's convention. */
HELPER int __cmpti2(i128 left, i128 right)
{
  halves a, b;

  a.whole = left;
  b.whole = right;
  if (a.high != b.high)
    return a.high < b.high ? 0 : 2;
  return a.low == b.low ? 1 : a.low < b.low ? 0 : 2;
}

HELPER int __ucmpti2(u128 left, u128 right)
{
  unsigned_halves a, b;

  a.whole = left;
  b.whole = right;
  if (a.high != b.high)
    return a.high < b.high ? 0 : 2;
  return a.low == b.low ? 1 : a.low < b.low ? 0 : 2;
}
