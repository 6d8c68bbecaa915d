/* Conversions between 128-bit integers and the binary floating types of the hardware.

   To floating point: the magnitude is shifted down to 63 bits, the bits shifted out are or-ed into
   the lowest one ("sticky"), then the machine's own 64-bit conversion rounds once, in the current
   rounding mode, and the exact multiplication by a power of two puts the exponent right.
   From floating point: the significand's bits are shifted into place.  Values out of range, which
   C leaves undefined, saturate; a negative one wraps when the integer is unsigned. */
#include "helper.h"

typedef union {
  float value;
  u32 bits;
} float_bits;

typedef union {
  double value;
  u64 bits;
} double_bits;

/* At most 63 significant bits of (high : low); the count of dropped bits goes to *shift. */
static i64 significant(u64 high, u64 low, int *shift)
{
  u64 kept, lost;
  int count = high != 0 ? 65 - leading_zeros(high) : (int)(low >> 63);

  *shift = count;
  if (count == 0)
    return (i64)low;
  if (count <= 63) {
    kept = high << (64 - count) | low >> count;
    lost = low << (64 - count);
  } else {
    kept = high >> (count - 64);
    lost = low | (count == 64 ? 0 : high << (128 - count));
  }
  return (i64)(kept | (lost != 0));
}

static double to_double(u64 high, u64 low, int negative)
{
  int shift;
  i64 kept = significant(high, low, &shift);
  double_bits scale;

  scale.bits = (u64)(1023 + shift) << 52;
  return (double)(negative ? -kept : kept) * scale.value;
}

static float to_float(u64 high, u64 low, int negative)
{
  int shift;
  i64 kept = significant(high, low, &shift);
  float_bits scale;

  scale.bits = (u32)(127 + shift) << 23;
  return (float)(negative ? -kept : kept) * scale.value;
}

static int split(i128 value, unsigned_halves *magnitude)
{
  halves v;

  v.whole = value;
  if (v.high >= 0) {
    magnitude->low = v.low;
    magnitude->high = (u64)v.high;
    return 0;
  }
  magnitude->low = -v.low;
  magnitude->high = -(u64)v.high - (v.low != 0);
  return 1;
}

HELPER double __floattidf(i128 value)
{
  unsigned_halves v;
  int negative = split(value, &v);

  return to_double(v.high, v.low, negative);
}

HELPER double __floatuntidf(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  return to_double(v.high, v.low, 0);
}

HELPER float __floattisf(i128 value)
{
  unsigned_halves v;
  int negative = split(value, &v);

  return to_float(v.high, v.low, negative);
}

HELPER float __floatuntisf(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  return to_float(v.high, v.low, 0);
}

/* significand * 2**shift as an integer of `width` bits (128, or 127 for a signed one), saturated;
   shift is negative when the significand has a fraction, which is truncated. */
static u128 place(u64 significand, int shift, int width)
{
  unsigned_halves v;
  int length = 64 - leading_zeros(significand);

  v.low = 0;
  v.high = 0;
  if (significand == 0 || shift <= -64)
    return v.whole;
  if (length + shift > width) {
    v.low = ~(u64)0;
    v.high = ~(u64)0 >> (128 - width);
  } else if (shift >= 64) {
    v.high = significand << (shift - 64);
  } else if (shift > 0) {
    v.low = significand << shift;
    v.high = significand >> (64 - shift);
  } else {
    v.low = significand >> -shift;
  }
  return v.whole;
}

static u128 negated(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  v.low = -v.low;
  v.high = -v.high - (v.low != 0);
  return v.whole;
}

/* The smallest signed integer is one further away from zero than the largest one. */
static i128 signed_result(u64 significand, int shift, int negative)
{
  unsigned_halves v;

  if (!negative)
    return (i128)place(significand, shift, 127);
  v.whole = place(significand, shift, 128);
  if (v.high >> 63 != 0) {
    v.high = (u64)1 << 63;
    v.low = 0;
    return (i128)v.whole;
  }
  return (i128)negated(v.whole);
}

static u128 unsigned_result(u64 significand, int shift, int negative)
{
  u128 magnitude = place(significand, shift, 128);

  return negative ? negated(magnitude) : magnitude;
}

static u64 double_significand(double value, int *shift, int *negative)
{
  double_bits v;
  int exponent;

  v.value = value;
  exponent = (int)(v.bits >> 52 & 0x7ff);
  *negative = (int)(v.bits >> 63);
  *shift = exponent - 1075;
  if (exponent == 0 || (exponent == 0x7ff && v.bits << 12 != 0))
    return 0;
  return (v.bits & 0xfffffffffffffu) | (u64)1 << 52;
}

static u64 float_significand(float value, int *shift, int *negative)
{
  float_bits v;
  int exponent;

  v.value = value;
  exponent = (int)(v.bits >> 23 & 0xff);
  *negative = (int)(v.bits >> 31);
  *shift = exponent - 150;
  if (exponent == 0 || (exponent == 0xff && v.bits << 9 != 0))
    return 0;
  if (exponent == 0xff)
    *shift = 200;
  return (v.bits & 0x7fffffu) | (u32)1 << 23;
}

HELPER i128 __fixdfti(double value)
{
  int shift, negative;
  u64 significand = double_significand(value, &shift, &negative);

  return signed_result(significand, shift, negative);
}

HELPER u128 __fixunsdfti(double value)
{
  int shift, negative;
  u64 significand = double_significand(value, &shift, &negative);

  return unsigned_result(significand, shift, negative);
}

HELPER i128 __fixsfti(float value)
{
  int shift, negative;
  u64 significand = float_significand(value, &shift, &negative);

  return signed_result(significand, shift, negative);
}

HELPER u128 __fixunssfti(float value)
{
  int shift, negative;
  u64 significand = float_significand(value, &shift, &negative);

  return unsigned_result(significand, shift, negative);
}

/* 64-bit unsigned conversions: machine instructions almost everywhere, kept for callers that link
   objects of other compilers. */
HELPER u64 __fixunsdfdi(double value)
{
  return (u64)__fixunsdfti(value);
}

HELPER u64 __fixunssfdi(float value)
{
  return (u64)__fixunssfti(value);
}

#if __LDBL_MANT_DIG__ == 64
typedef union {
  long double value;
  struct {
    u64 significand;
    u16 exponent;
  };
} extended_bits;

/* Both halves convert exactly to 64 bits of precision, so that the addition rounds, once. */
static long double to_extended(long double high, u64 low)
{
  extended_bits part;
  int shift = leading_zeros(low);

  if (low == 0)
    return high * 0x1p64L;
  part.significand = low << shift;
  part.exponent = (u16)(16383 + 63 - shift);
  return high * 0x1p64L + part.value;
}

HELPER long double __floattixf(i128 value)
{
  halves v;

  v.whole = value;
  return to_extended((long double)v.high, v.low);
}

HELPER long double __floatuntixf(u128 value)
{
  unsigned_halves v;
  long double high;

  v.whole = value;
  high = (long double)(i64)v.high;
  return to_extended(v.high >> 63 != 0 ? high + 0x1p64L : high, v.low);
}

static u64 extended_significand(long double value, int *shift, int *negative)
{
  extended_bits v;
  int exponent;

  v.value = value;
  exponent = v.exponent & 0x7fff;
  *negative = v.exponent >> 15;
  *shift = exponent - 16383 - 63;
  if (exponent == 0x7fff && v.significand << 1 != 0)
    return 0;
  return v.significand;
}

HELPER i128 __fixxfti(long double value)
{
  int shift, negative;
  u64 significand = extended_significand(value, &shift, &negative);

  return signed_result(significand, shift, negative);
}

HELPER u128 __fixunsxfti(long double value)
{
  int shift, negative;
  u64 significand = extended_significand(value, &shift, &negative);

  return unsigned_result(significand, shift, negative);
}

HELPER u64 __fixunsxfdi(long double value)
{
  return (u64)__fixunsxfti(value);
}
#endif
