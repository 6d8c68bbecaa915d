/* Division of 128-bit integers: __udivmodti4 is Knuth's algorithm D (TAOCP volume 2, 4.3.1) with
   64-bit digits, so that two of them make the dividend; the others differ in sign and result. */
#include "helper.h"

/* (high : low) / divisor for high < divisor, so that the quotient fits in one digit. */
static u64 divide_digits(u64 high, u64 low, u64 divisor, u64 *remainder)
{
#ifdef __x86_64__
  u64 quotient;

  __asm__("divq %4" : "=a"(quotient), "=d"(*remainder) : "0"(low), "1"(high), "r"(divisor) : "cc");
  return quotient;
#else
  /* The same algorithm once more, with 32-bit digits (Warren, Hacker's Delight, 9-4). */
  int shift = leading_zeros(divisor);
  u64 d1, d0, digit, rest, n1, n0, result = 0;
  int step;

  if (shift > 0) {
    divisor <<= shift;
    high = high << shift | low >> (64 - shift);
    low <<= shift;
  }
  d1 = divisor >> 32;
  d0 = (u32)divisor;
  n1 = low >> 32;
  n0 = (u32)low;
  for (step = 0; step < 2; step++) {
    digit = high / d1;
    rest = high - digit * d1;
    while (digit >> 32 != 0 || digit * d0 > (rest << 32 | n1)) {
      digit--;
      rest += d1;
      if (rest >> 32 != 0)
        break;
    }
    high = (high << 32 | n1) - digit * divisor;
    result = result << 32 | digit;
    n1 = n0;
  }
  *remainder = high >> shift;
  return result;
#endif
}

/* left * right as two digits. */
static u64 multiply_digits(u64 left, u64 right, u64 *high)
{
  u64 a0 = (u32)left, a1 = left >> 32, b0 = (u32)right, b1 = right >> 32;
  u64 low = a0 * b0;
  u64 middle = a1 * b0 + (low >> 32);
  u64 cross = (u32)middle + a0 * b1;

  *high = a1 * b1 + (middle >> 32) + (cross >> 32);
  return cross << 32 | (u32)low;
}

HELPER u128 __udivmodti4(u128 dividend, u128 divisor, u128 *remainder)
{
  unsigned_halves n, d, q, r;
  u64 high, middle, low, product_high, product_low, digit, rest;
  int shift;

  n.whole = dividend;
  d.whole = divisor;
  q.low = 0;
  q.high = 0;
  if (d.high == 0) {
    if (n.high >= d.low) {
      q.high = n.high / d.low;
      n.high = n.high % d.low;
    }
    q.low = divide_digits(n.high, n.low, d.low, &r.low);
    r.high = 0;
  } else if (d.high > n.high) {
    r.whole = n.whole;
  } else {
    shift = leading_zeros(d.high);
    if (shift == 0) {
      /* Both top bits are set: the quotient is 0 or 1. */
      q.low = n.high > d.high || n.low >= d.low;
      r.low = n.low - (q.low ? d.low : 0);
      r.high = n.high - (q.low ? d.high + (n.low < d.low) : 0);
    } else {
      d.high = d.high << shift | d.low >> (64 - shift);
      d.low <<= shift;
      high = n.high >> (64 - shift);
      middle = n.high << shift | n.low >> (64 - shift);
      low = n.low << shift;
      /* The estimate from the leading digits is too large by at most one. */
      digit = divide_digits(high, middle, d.high, &rest);
      product_low = multiply_digits(digit, d.low, &product_high);
      if (product_high > rest || (product_high == rest && product_low > low)) {
        digit--;
        product_high -= d.high + (product_low < d.low);
        product_low -= d.low;
      }
      rest -= product_high + (low < product_low);
      low -= product_low;
      r.low = rest << (64 - shift) | low >> shift;
      r.high = rest >> shift;
      q.low = digit;
    }
  }
  if (remainder)
    *remainder = r.whole;
  return q.whole;
}

HELPER u128 __udivti3(u128 dividend, u128 divisor)
{
  return __udivmodti4(dividend, divisor, 0);
}

HELPER u128 __umodti3(u128 dividend, u128 divisor)
{
  u128 remainder;

  __udivmodti4(dividend, divisor, &remainder);
  return remainder;
}

static u128 negated(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  v.low = -v.low;
  v.high = -v.high - (v.low != 0);
  return v.whole;
}

static int is_negative(i128 value)
{
  halves v;

  v.whole = value;
  return v.high < 0;
}

HELPER i128 __divmodti4(i128 dividend, i128 divisor, i128 *remainder)
{
  int dividend_negative = is_negative(dividend);
  int divisor_negative = is_negative(divisor);
  u128 n = dividend_negative ? negated((u128)dividend) : (u128)dividend;
  u128 d = divisor_negative ? negated((u128)divisor) : (u128)divisor;
  u128 r, q = __udivmodti4(n, d, &r);

  /* C17 6.5.5: the quotient is truncated, the remainder has the dividend's sign. */
  if (remainder)
    *remainder = (i128)(dividend_negative ? negated(r) : r);
  return (i128)(dividend_negative != divisor_negative ? negated(q) : q);
}

HELPER i128 __divti3(i128 dividend, i128 divisor)
{
  return __divmodti4(dividend, divisor, 0);
}

HELPER i128 __modti3(i128 dividend, i128 divisor)
{
  i128 remainder;

  __divmodti4(dividend, divisor, &remainder);
  return remainder;
}
