/* What every helper shares: fixed-width types, the two halves of a 128-bit integer, and the bit
   counting that the helpers must not ask the compiler for (it might call the very same helper). */
#ifndef OUROCC_HELPER_H
#define OUROCC_HELPER_H

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

/* Like libgcc's, a helper is linked into every image that uses it and never exported from there. */
#define HELPER __attribute__((visibility("hidden")))

#ifdef __SIZEOF_INT128__
typedef __int128 i128;
typedef unsigned __int128 u128;

/* Conversion by halves: no arithmetic on 128 bits, hence no call. */
typedef union {
  i128 whole;
  struct {
    u64 low;
    i64 high;
  };
} halves;

typedef union {
  u128 whole;
  struct {
    u64 low;
    u64 high;
  };
} unsigned_halves;
#endif

/* Leading zeros by bisection; 64 for zero. */
static inline int leading_zeros(u64 value)
{
  int count = 0;

  if (value == 0)
    return 64;
  if (value >> 32 == 0) {
    count += 32;
    value <<= 32;
  }
  if (value >> 48 == 0) {
    count += 16;
    value <<= 16;
  }
  if (value >> 56 == 0) {
    count += 8;
    value <<= 8;
  }
  if (value >> 60 == 0) {
    count += 4;
    value <<= 4;
  }
  if (value >> 62 == 0) {
    count += 2;
    value <<= 2;
  }
  return count + (value >> 63 == 0);
}

/* Trailing zeros: isolate the lowest set bit; 64 for zero. */
static inline int trailing_zeros(u64 value)
{
  return value == 0 ? 64 : 63 - leading_zeros(value & -value);
}

#endif
