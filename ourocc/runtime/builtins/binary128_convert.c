/* Conversions of binary128 numbers from and to float, double, x87 extended and the integers.  To an
   integer the value is truncated; out of range it saturates. */
#include "binary128.h"

/* A binary format of at most 64 bits: widen its bits. */
static u128 extend(u64 bits, int fraction_bits, int exponent_bits)
{
  int exponent_max = (1 << exponent_bits) - 1;
  int bias = exponent_max >> 1;
  int exponent = (int)(bits >> fraction_bits) & exponent_max;
  u64 fraction = bits & (((u64)1 << fraction_bits) - 1);
  u128 sign = (bits >> (fraction_bits + exponent_bits) & 1) ? SIGN : 0;
  int shift;

  if (exponent == exponent_max) {
    if (fraction == 0)
      return sign | INFINITY128;
    return sign | INFINITY128 | QUIET | (u128)fraction << (FRACTION_BITS - fraction_bits);
  }
  if (exponent == 0) {
    if (fraction == 0)
      return sign;
    /* A subnormal of the narrow format is a normal number here. */
    shift = leading_zeros(fraction) - (63 - fraction_bits);
    fraction = fraction << shift & (((u64)1 << fraction_bits) - 1);
    exponent = 1 - shift;
  }
  return sign | (u128)(exponent - bias + BIAS) << FRACTION_BITS
         | (u128)fraction << (FRACTION_BITS - fraction_bits);
}

/* The reverse: round to the narrow format. */
static u64 truncate(u128 number, int fraction_bits, int exponent_bits)
{
  enum rounding mode = current_rounding();
  int exponent_max = (1 << exponent_bits) - 1;
  int negative = number >> 127 != 0;
  int drop = FRACTION_BITS - fraction_bits;
  int exponent = exponent_of(number) - BIAS + (exponent_max >> 1);
  u64 sign = (u64)negative << (fraction_bits + exponent_bits);
  u64 infinity = (u64)exponent_max << fraction_bits;
  u128 significand = fraction_of(number);
  u64 result;

  if (exponent_of(number) == EXPONENT_MAX) {
    if (significand == 0)
      return sign | infinity;
    return sign | infinity | (u64)1 << (fraction_bits - 1) | (u64)(significand >> drop);
  }
  if (exponent_of(number) == 0)
    return sign | (significand != 0 && ((mode == UPWARD && !negative) || (mode == DOWNWARD && negative)));
  significand |= IMPLICIT;
  if (exponent <= 0) {
    significand = shift_sticky(significand, 1 - exponent);
    exponent = 1;
  }
  significand += round_increment(significand, drop, negative, mode);
  result = ((u64)(exponent - 1) << fraction_bits) + (u64)(significand >> drop);
  if (result >= infinity || exponent >= exponent_max) {
    if (mode == TOWARD_ZERO || (mode == DOWNWARD && !negative) || (mode == UPWARD && negative))
      return sign | (infinity - 1);
    return sign | infinity;
  }
  return sign | result;
}

u128 BINARY128(__extendsftf2)(float_argument value)
{
  return extend(FLOAT_BITS(value), 23, 8);
}

u128 BINARY128(__extenddftf2)(double_argument value)
{
  return extend(DOUBLE_BITS(value), 52, 11);
}

float_argument BINARY128(__trunctfsf2)(u128 number)
{
  return FLOAT_RESULT((u32)truncate(number, 23, 8));
}

double_argument BINARY128(__trunctfdf2)(u128 number)
{
  return DOUBLE_RESULT(truncate(number, 52, 11));
}

static u128 from_integer(u128 sign, u128 magnitude)
{
  int exponent = BIAS + FRACTION_BITS + EXTRA;

  if (magnitude == 0)
    return 0;
  magnitude = normalize(magnitude, &exponent);
  return compose(sign, exponent, magnitude);
}

u128 BINARY128(__floatsitf)(i32 value)
{
  return from_integer(value < 0 ? SIGN : 0, value < 0 ? -(u32)value : (u32)value);
}

u128 BINARY128(__floatditf)(i64 value)
{
  return from_integer(value < 0 ? SIGN : 0, value < 0 ? -(u64)value : (u64)value);
}

u128 BINARY128(__floattitf)(i128 value)
{
  return from_integer(value < 0 ? SIGN : 0, value < 0 ? -(u128)value : (u128)value);
}

u128 BINARY128(__floatunsitf)(u32 value) { return from_integer(0, value); }
u128 BINARY128(__floatunditf)(u64 value) { return from_integer(0, value); }
u128 BINARY128(__floatuntitf)(u128 value) { return from_integer(0, value); }

/* The integer part of the magnitude, at most `limit`. */
static u128 integer_part(u128 number, u128 limit)
{
  int exponent = exponent_of(number) - BIAS;
  u128 significand = fraction_of(number) | IMPLICIT;

  if (is_nan(number) || exponent < 0)
    return 0;
  if (exponent >= 128)
    return limit;
  significand = exponent >= FRACTION_BITS ? significand << (exponent - FRACTION_BITS)
                                          : significand >> (FRACTION_BITS - exponent);
  return significand > limit ? limit : significand;
}

static i128 to_signed(u128 number, int bits)
{
  u128 limit = ((u128)1 << (bits - 1)) - 1;
  u128 magnitude = integer_part(number, number >> 127 != 0 ? limit + 1 : limit);

  return (i128)(number >> 127 != 0 ? -magnitude : magnitude);
}

static u128 to_unsigned(u128 number, u128 limit)
{
  u128 magnitude = integer_part(number, limit);

  return number >> 127 != 0 ? -magnitude : magnitude;
}

i32 BINARY128(__fixtfsi)(u128 number) { return (i32)to_signed(number, 32); }
i64 BINARY128(__fixtfdi)(u128 number) { return (i64)to_signed(number, 64); }
i128 BINARY128(__fixtfti)(u128 number) { return to_signed(number, 128); }
u32 BINARY128(__fixunstfsi)(u128 number) { return (u32)to_unsigned(number, 0xffffffffu); }
u64 BINARY128(__fixunstfdi)(u128 number) { return (u64)to_unsigned(number, ~(u64)0); }
u128 BINARY128(__fixunstfti)(u128 number) { return to_unsigned(number, ~(u128)0); }

#ifdef __x86_64__
/* x87 extended precision: the integer bit is explicit. */
u128 BINARY128(__extendxftf2)(u64 significand, u64 sign_and_exponent)
{
  u128 sign = sign_and_exponent >> 15 & 1 ? SIGN : 0;
  int exponent = (int)sign_and_exponent & EXPONENT_MAX;
  u128 fraction = (u128)(significand << 1) << (FRACTION_BITS - 64);

  if (exponent == EXPONENT_MAX)
    return sign | INFINITY128 | (fraction != 0 ? fraction | QUIET : 0);
  if (significand == 0)
    return sign;
  if (significand >> 63 == 0) {
    /* Subnormal: the same exponent range, so it stays one, with exponent 0 meaning 1. */
    return sign | (u128)significand << (FRACTION_BITS - 63);
  }
  return sign | (u128)(exponent == 0 ? 1 : exponent) << FRACTION_BITS | fraction;
}

/* In the low half of the result the significand, in the high half sign and exponent. */
u128 BINARY128(__trunctfxf2)(u128 number)
{
  enum rounding mode = current_rounding();
  int negative = number >> 127 != 0;
  int exponent = exponent_of(number);
  u128 significand = fraction_of(number), sign = (u128)negative << 15;
  u128 one = 1;

  if (exponent == EXPONENT_MAX) {
    significand >>= FRACTION_BITS - 63;
    if (fraction_of(number) != 0)
      significand |= one << 62;
    return (sign | EXPONENT_MAX) << 64 | significand | one << 63;
  }
  if (exponent != 0)
    significand |= IMPLICIT;
  significand += round_increment(significand, FRACTION_BITS - 63, negative, mode);
  significand >>= FRACTION_BITS - 63;
  if (significand >> 64 != 0) {
    significand >>= 1;
    exponent++;
  }
  if (exponent == 0 && significand >> 63 != 0)
    exponent = 1;
  if (exponent >= EXPONENT_MAX) {
    if (mode == TOWARD_ZERO || (mode == DOWNWARD && !negative) || (mode == UPWARD && negative))
      return (sign | (EXPONENT_MAX - 1)) << 64 | ~(u64)0;
    return (sign | EXPONENT_MAX) << 64 | one << 63;
  }
  return (sign | (u128)exponent) << 64 | (u64)significand;
}
#endif
