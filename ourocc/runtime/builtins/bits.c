/* Counting and reversing bits, for targets and -m options without the instruction.  The names end
   in libgcc's modes: si 32, di 64, ti 128 bits. */
#include "helper.h"

/* Sideways addition (Warren, Hacker's Delight, 5-1). */
static int population(u64 value)
{
  value -= value >> 1 & 0x5555555555555555u;
  value = (value & 0x3333333333333333u) + (value >> 2 & 0x3333333333333333u);
  value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return (int)(value * 0x0101010101010101u >> 56);
}

/* Fold to four bits, then look the answer up in a 16-bit word. */
static int parity(u64 value)
{
  value ^= value >> 32;
  value ^= value >> 16;
  value ^= value >> 8;
  value ^= value >> 4;
  return 0x6996 >> (value & 15) & 1;
}

HELPER int __popcountsi2(u32 value) { return population(value); }
HELPER int __popcountdi2(u64 value) { return population(value); }
HELPER int __paritysi2(u32 value) { return parity(value); }
HELPER int __paritydi2(u64 value) { return parity(value); }
HELPER int __clzsi2(u32 value) { return leading_zeros(value) - 32; }
HELPER int __clzdi2(u64 value) { return leading_zeros(value); }
HELPER int __ctzsi2(u32 value) { return trailing_zeros(value); }
HELPER int __ctzdi2(u64 value) { return trailing_zeros(value); }
HELPER int __ffssi2(u32 value) { return value == 0 ? 0 : trailing_zeros(value) + 1; }
HELPER int __ffsdi2(u64 value) { return value == 0 ? 0 : trailing_zeros(value) + 1; }

/* Redundant sign bits: those equal to the sign bit, without the sign bit itself. */
HELPER int __clrsbsi2(i32 value)
{
  return leading_zeros((u32)(value < 0 ? ~value : value)) - 33;
}

HELPER int __clrsbdi2(i64 value)
{
  return leading_zeros((u64)(value < 0 ? ~value : value)) - 1;
}

HELPER u32 __bswapsi2(u32 value)
{
  return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

HELPER u64 __bswapdi2(u64 value)
{
  value = (value & 0x00ff00ff00ff00ffu) << 8 | (value >> 8 & 0x00ff00ff00ff00ffu);
  value = (value & 0x0000ffff0000ffffu) << 16 | (value >> 16 & 0x0000ffff0000ffffu);
  return value << 32 | value >> 32;
}

#ifdef __SIZEOF_INT128__
HELPER int __popcountti2(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  return population(v.low) + population(v.high);
}

HELPER int __parityti2(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  return parity(v.low ^ v.high);
}

HELPER int __clzti2(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  return v.high != 0 ? leading_zeros(v.high) : 64 + leading_zeros(v.low);
}

HELPER int __ctzti2(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  return v.low != 0 ? trailing_zeros(v.low) : 64 + trailing_zeros(v.high);
}

HELPER int __ffsti2(u128 value)
{
  unsigned_halves v;

  v.whole = value;
  if (v.low != 0)
    return trailing_zeros(v.low) + 1;
  return v.high != 0 ? trailing_zeros(v.high) + 65 : 0;
}

HELPER int __clrsbti2(i128 value)
{
  halves v;

  v.whole = value;
  if (v.high < 0) {
    v.high = ~v.high;
    v.low = ~v.low;
  }
  return (v.high != 0 ? leading_zeros((u64)v.high) : 64 + leading_zeros(v.low)) - 1;
}
#endif
