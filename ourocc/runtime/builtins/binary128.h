/* binary128 numbers (IEEE 754-2019 3.6: 1 sign, 15 exponent, 112 fraction bits) as 128-bit integers,
   for the software floating point that is long double on RISC-V and AArch64 and __float128 on x86.

   The C functions take and return the integers.  On RISC-V that is the calling convention of the
   real thing: both travel in a pair of integer registers.  On x86-64 a __float128 is in an SSE
   register, so binary128_x86.S has the public names and moves the values.

   Results are correctly rounded in the machine's current rounding mode; exception flags are not
   raised. */
#ifndef OUROCC_BINARY128_H
#define OUROCC_BINARY128_H

#include "helper.h"

#define FRACTION_BITS 112
#define BIAS 16383
#define EXPONENT_MAX 0x7fff
#define SIGN ((u128)1 << 127)
#define IMPLICIT ((u128)1 << FRACTION_BITS)
#define INFINITY128 ((u128)EXPONENT_MAX << FRACTION_BITS)
#define QUIET ((u128)1 << (FRACTION_BITS - 1))
#define QUIET_NAN (INFINITY128 | QUIET)

/* Extra bits below the fraction while an operation runs: guard, round, sticky. */
#define EXTRA 3

#ifdef __x86_64__
/* Called by binary128_x86.S; float and double come and go as their bits. */
#define BINARY128(name) HELPER __ourocc##name
typedef u32 float_argument;
typedef u64 double_argument;
#define FLOAT_BITS(argument) (argument)
#define DOUBLE_BITS(argument) (argument)
#define FLOAT_RESULT(bits) (bits)
#define DOUBLE_RESULT(bits) (bits)
#else
#define BINARY128(name) HELPER name
typedef float float_argument;
typedef double double_argument;

static inline u32 FLOAT_BITS(float value)
{
  union {
    float value;
    u32 bits;
  } v;

  v.value = value;
  return v.bits;
}

static inline u64 DOUBLE_BITS(double value)
{
  union {
    double value;
    u64 bits;
  } v;

  v.value = value;
  return v.bits;
}

static inline float FLOAT_RESULT(u32 bits)
{
  union {
    float value;
    u32 bits;
  } v;

  v.bits = bits;
  return v.value;
}

static inline double DOUBLE_RESULT(u64 bits)
{
  union {
    double value;
    u64 bits;
  } v;

  v.bits = bits;
  return v.value;
}
#endif

enum rounding { NEAREST, TOWARD_ZERO, DOWNWARD, UPWARD };

static inline enum rounding current_rounding(void)
{
#if defined __riscv
  unsigned long mode;

  __asm__ __volatile__("frrm %0" : "=r"(mode));
  return mode > UPWARD ? NEAREST : (enum rounding)mode;
#elif defined __x86_64__
  static const u8 modes[] = { NEAREST, DOWNWARD, UPWARD, TOWARD_ZERO };
  u32 control;

  __asm__ __volatile__("stmxcsr %0" : "=m"(control));
  return (enum rounding)modes[control >> 13 & 3];
#else
  return NEAREST;
#endif
}

static inline int exponent_of(u128 number)
{
  return (int)(number >> FRACTION_BITS) & EXPONENT_MAX;
}

static inline u128 fraction_of(u128 number)
{
  return number & (IMPLICIT - 1);
}

static inline int is_nan(u128 number)
{
  return (number & ~SIGN) > INFINITY128;
}

static inline int leading_zeros128(u128 value)
{
  u64 high = (u64)(value >> 64);

  return high != 0 ? leading_zeros(high) : 64 + leading_zeros((u64)value);
}

/* Shift right; what is lost leaves the lowest bit set. */
static inline u128 shift_sticky(u128 value, int count)
{
  if (count <= 0)
    return value;
  if (count >= 128)
    return value != 0;
  return value >> count | ((value << (128 - count)) != 0);
}

/* What rounding adds to a significand with `extra` bits below the unit, of which 2**extra = unit. */
static inline u128 round_increment(u128 significand, int extra, int negative, enum rounding mode)
{
  u128 unit = (u128)1 << extra, lost = significand & (unit - 1);

  switch (mode) {
  case NEAREST:
    if (lost > unit >> 1 || (lost == unit >> 1 && (significand & unit) != 0))
      return unit;
    return 0;
  case DOWNWARD:
    return negative && lost != 0 ? unit : 0;
  case UPWARD:
    return !negative && lost != 0 ? unit : 0;
  default:
    return 0;
  }
}

/* A number from its sign, the biased exponent that it would have, and a significand of 113 + EXTRA
   bits (top bit set unless the number is zero or subnormal at exponent 1). */
static inline u128 compose(u128 sign, int exponent, u128 significand)
{
  enum rounding mode = current_rounding();
  int negative = sign != 0;

  if (significand == 0)
    return sign;
  if (exponent <= 0) {
    significand = shift_sticky(significand, 1 - exponent);
    exponent = 1;
  }
  significand += round_increment(significand, EXTRA, negative, mode);
  significand >>= EXTRA;
  if (significand >> (FRACTION_BITS + 1) != 0) {
    significand >>= 1;
    exponent++;
  }
  if (exponent >= EXPONENT_MAX) {
    if (mode == TOWARD_ZERO || (mode == DOWNWARD && !negative) || (mode == UPWARD && negative))
      return sign | (INFINITY128 - 1);
    return sign | INFINITY128;
  }
  /* A subnormal lacks the implicit bit, which would count as exponent 1. */
  return sign | (((u128)(exponent - 1) << FRACTION_BITS) + significand);
}

/* Bring the top bit of a nonzero significand to bit 112 + EXTRA. */
static inline u128 normalize(u128 significand, int *exponent)
{
  int shift = leading_zeros128(significand) - (127 - FRACTION_BITS - EXTRA);

  *exponent -= shift;
  return shift >= 0 ? significand << shift : shift_sticky(significand, -shift);
}

/* Exponent and significand (113 bits, normalized) of a nonzero finite number. */
static inline u128 unpack(u128 number, int *exponent)
{
  u128 significand = fraction_of(number);
  int shift;

  *exponent = exponent_of(number);
  if (*exponent != 0)
    return significand | IMPLICIT;
  shift = leading_zeros128(significand) - (127 - FRACTION_BITS);
  *exponent = 1 - shift;
  return significand << shift;
}

/* The NaN that an operation passes on: the first operand that is one, made quiet. */
static inline u128 propagate(u128 left, u128 right)
{
  return (is_nan(left) ? left : right) | QUIET;
}

#endif
