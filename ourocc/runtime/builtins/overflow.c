/* Arithmetic that notices overflow: __addvsi3 and its kin (for -ftrapv) abort, __mulosi4 and its
   kin report it.  Sums are made in unsigned arithmetic, where they wrap; a signed sum has
   overflowed when both operands' signs differ from its own. */
#include "helper.h"

extern void abort(void) __attribute__((__noreturn__));

#define TRAPPING(mode, type, unsigned_type)                             \
  HELPER type __addv##mode##3(type left, type right)                    \
  {                                                                     \
    type sum = (type)((unsigned_type)left + (unsigned_type)right);      \
    if (((left ^ sum) & (right ^ sum)) < 0)                             \
      abort();                                                          \
    return sum;                                                         \
  }                                                                     \
                                                                        \
  HELPER type __subv##mode##3(type left, type right)                    \
  {                                                                     \
    type difference = (type)((unsigned_type)left - (unsigned_type)right); \
    if (((left ^ right) & (left ^ difference)) < 0)                     \
      abort();                                                          \
    return difference;                                                  \
  }                                                                     \
                                                                        \
  HELPER type __negv##mode##2(type value)                               \
  {                                                                     \
    type result = (type)-(unsigned_type)value;                          \
    if (value < 0 && result < 0)                                        \
      abort();                                                          \
    return result;                                                      \
  }                                                                     \
                                                                        \
  HELPER type __absv##mode##2(type value)                               \
  {                                                                     \
    type result = (type)(value < 0 ? -(unsigned_type)value : (unsigned_type)value); \
    if (result < 0)                                                     \
      abort();                                                          \
    return result;                                                      \
  }                                                                     \
                                                                        \
  HELPER type __mulv##mode##3(type left, type right)                    \
  {                                                                     \
    int overflow;                                                       \
    type product = __mulo##mode##4(left, right, &overflow);             \
    if (overflow)                                                       \
      abort();                                                          \
    return product;                                                     \
  }

HELPER i32 __mulosi4(i32 left, i32 right, int *overflow)
{
  i64 product = (i64)left * right;

  *overflow = product != (i32)product;
  return (i32)product;
}

/* The magnitudes' product fits unless dividing it again gives something else; -2**(n-1) is the one
   magnitude that only the negative numbers have. */
HELPER i64 __mulodi4(i64 left, i64 right, int *overflow)
{
  u64 a = left < 0 ? -(u64)left : (u64)left;
  u64 b = right < 0 ? -(u64)right : (u64)right;
  u64 limit = (u64)1 << 63;
  u64 product = a * b;

  if ((left < 0) == (right < 0))
    limit--;
  *overflow = a != 0 && (product / a != b || product > limit);
  return (i64)((u64)left * (u64)right);
}

TRAPPING(si, i32, u32)
TRAPPING(di, i64, u64)

#ifdef __SIZEOF_INT128__
extern i128 __multi3(i128, i128) HELPER;

static u64 magnitude(i128 value, u64 *high)
{
  halves v;

  v.whole = value;
  if (v.high < 0) {
    v.low = -v.low;
    *high = -(u64)v.high - (v.low != 0);
  } else {
    *high = (u64)v.high;
  }
  return v.low;
}

/* In halves: one of the magnitudes must be a single digit, and the cross product must leave the
   top digit without a carry. */
HELPER i128 __muloti4(i128 left, i128 right, int *overflow)
{
  u64 a_high, b_high, a = magnitude(left, &a_high), b = magnitude(right, &b_high);
  int negative = (left < 0) != (right < 0);
  unsigned_halves low, cross;
  u64 top;

  low.whole = (u128)a * b;
  cross.whole = (u128)(a_high ? a_high : b_high) * (a_high ? b : a);
  top = low.high + cross.low;
  *overflow = (a_high != 0 && b_high != 0) || cross.high != 0 || top < low.high
              || (top >> 63 != 0 && !(negative && top == (u64)1 << 63 && low.low == 0));
  return __multi3(left, right);
}

TRAPPING(ti, i128, u128)
#endif
