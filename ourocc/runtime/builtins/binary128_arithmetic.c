/* Addition, subtraction, multiplication, division and negation of binary128 numbers. */
#include "binary128.h"

/* The sum of two magnitudes with the given signs; both finite. */
static u128 add_magnitudes(u128 left, u128 right)
{
  u128 sign = left & SIGN, a, b, swap;
  int exponent, other, subtract = (left ^ right) >> 127 != 0;

  if ((left & ~SIGN) < (right & ~SIGN)) {
    swap = left;
    left = right;
    right = swap;
    sign = left & SIGN;
  }
  if ((right & ~SIGN) == 0) {
    if ((left & ~SIGN) != 0)
      return left;
    /* Zeros of different signs add to +0, except when rounding downward. */
    if (!subtract)
      return left;
    return current_rounding() == DOWNWARD ? SIGN : 0;
  }
  a = unpack(left, &exponent) << EXTRA;
  b = unpack(right, &other) << EXTRA;
  b = shift_sticky(b, exponent - other);
  if (subtract) {
    a -= b;
    if (a == 0)
      return current_rounding() == DOWNWARD ? SIGN : 0;
  } else {
    a += b;
  }
  a = normalize(a, &exponent);
  return compose(sign, exponent, a);
}

static u128 add(u128 left, u128 right)
{
  if (is_nan(left) || is_nan(right))
    return propagate(left, right);
  if (exponent_of(left) == EXPONENT_MAX) {
    if (exponent_of(right) == EXPONENT_MAX && left != right)
      return QUIET_NAN | SIGN;
    return left;
  }
  if (exponent_of(right) == EXPONENT_MAX)
    return right;
  return add_magnitudes(left, right);
}

u128 BINARY128(__addtf3)(u128 left, u128 right)
{
  return add(left, right);
}

u128 BINARY128(__subtf3)(u128 left, u128 right)
{
  return add(left, is_nan(right) ? right : right ^ SIGN);
}

u128 BINARY128(__negtf2)(u128 value)
{
  return value ^ SIGN;
}

/* left * right as two 128-bit digits. */
static u128 multiply_wide(u128 left, u128 right, u128 *high)
{
  u64 a0 = (u64)left, a1 = (u64)(left >> 64), b0 = (u64)right, b1 = (u64)(right >> 64);
  u128 low = (u128)a0 * b0;
  u128 middle = (u128)a1 * b0 + (low >> 64);
  u128 cross = (u128)a0 * b1 + (u64)middle;

  *high = (u128)a1 * b1 + (middle >> 64) + (cross >> 64);
  return cross << 64 | (u64)low;
}

u128 BINARY128(__multf3)(u128 left, u128 right)
{
  u128 sign = (left ^ right) & SIGN, a, b, high, low;
  int exponent, other;

  if (is_nan(left) || is_nan(right))
    return propagate(left, right);
  if (exponent_of(left) == EXPONENT_MAX || exponent_of(right) == EXPONENT_MAX) {
    if ((left & ~SIGN) == 0 || (right & ~SIGN) == 0)
      return QUIET_NAN | SIGN;
    return sign | INFINITY128;
  }
  if ((left & ~SIGN) == 0 || (right & ~SIGN) == 0)
    return sign;
  a = unpack(left, &exponent);
  b = unpack(right, &other);
  /* With 1.0 as 2**112 and 2**127 the product of 1.0 and 1.0 is 2**239; EXTRA bits of the lower
     digit move it to bit 114, one below where compose() has 1.0. */
  low = multiply_wide(a, b << 15, &high);
  a = high << EXTRA | low >> (128 - EXTRA) | ((low << EXTRA) != 0);
  exponent += other - BIAS + 1;
  a = normalize(a, &exponent);
  return compose(sign, exponent, a);
}

u128 BINARY128(__divtf3)(u128 left, u128 right)
{
  u128 sign = (left ^ right) & SIGN, a, b, quotient = 0;
  int exponent, other, bit;

  if (is_nan(left) || is_nan(right))
    return propagate(left, right);
  if (exponent_of(left) == EXPONENT_MAX)
    return exponent_of(right) == EXPONENT_MAX ? QUIET_NAN | SIGN : sign | INFINITY128;
  if (exponent_of(right) == EXPONENT_MAX)
    return sign;
  if ((right & ~SIGN) == 0)
    return (left & ~SIGN) == 0 ? QUIET_NAN | SIGN : sign | INFINITY128;
  if ((left & ~SIGN) == 0)
    return sign;
  a = unpack(left, &exponent);
  b = unpack(right, &other);
  exponent += BIAS - other;
  if (a < b) {
    a <<= 1;
    exponent--;
  }
  /* 1 <= a / b < 2: one quotient bit a step, restoring (Knuth, 4.3.1, radix 2). */
  for (bit = 0; bit < FRACTION_BITS + EXTRA; bit++) {
    quotient <<= 1;
    if (a >= b) {
      a -= b;
      quotient |= 1;
    }
    a <<= 1;
  }
  quotient = quotient << 1 | (a != 0);
  return compose(sign, exponent, quotient);
}
