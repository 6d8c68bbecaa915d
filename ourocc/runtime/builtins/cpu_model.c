/* __cpu_model and __cpu_features2, which __builtin_cpu_is and __builtin_cpu_supports read, filled
   by __cpu_indicator_init before any other constructor.  Numbers and bit positions are libgcc's
   binary interface (its cpuinfo.h), because objects of several compilers share them. */
#if defined __x86_64__ || defined __i386__
#include "helper.h"
#include <cpuid.h>

enum vendor { VENDOR_INTEL = 1, VENDOR_AMD, VENDOR_OTHER };

HELPER struct __processor_model {
  u32 vendor;
  u32 type;
  u32 subtype;
  u32 features[1];
} __cpu_model = { 0, 0, 0, { 0 } };

HELPER u32 __cpu_features2[3] = { 0 };

enum { LEAF1_ECX, LEAF1_EDX, LEAF7_EBX, LEAF7_ECX, EXTENDED_ECX, REGISTERS };

/* What of the register file the system saves: without it the wider units must not be used. */
enum { ANY, AVX_STATE, AVX512_STATE };

struct feature {
  u8 number;
  u8 source;
  u8 bit;
  u8 state;
};

static const struct feature features[] = {
  { 0, LEAF1_EDX, 15, ANY },           /* cmov */
  { 1, LEAF1_EDX, 23, ANY },           /* mmx */
  { 2, LEAF1_ECX, 23, ANY },           /* popcnt */
  { 3, LEAF1_EDX, 25, ANY },           /* sse */
  { 4, LEAF1_EDX, 26, ANY },           /* sse2 */
  { 5, LEAF1_ECX, 0, ANY },            /* sse3 */
  { 6, LEAF1_ECX, 9, ANY },            /* ssse3 */
  { 7, LEAF1_ECX, 19, ANY },           /* sse4.1 */
  { 8, LEAF1_ECX, 20, ANY },           /* sse4.2 */
  { 9, LEAF1_ECX, 28, AVX_STATE },     /* avx */
  { 10, LEAF7_EBX, 5, AVX_STATE },     /* avx2 */
  { 11, EXTENDED_ECX, 6, ANY },        /* sse4a */
  { 12, EXTENDED_ECX, 16, AVX_STATE }, /* fma4 */
  { 13, EXTENDED_ECX, 11, AVX_STATE }, /* xop */
  { 14, LEAF1_ECX, 12, AVX_STATE },    /* fma */
  { 15, LEAF7_EBX, 16, AVX512_STATE }, /* avx512f */
  { 16, LEAF7_EBX, 3, ANY },           /* bmi */
  { 17, LEAF7_EBX, 8, ANY },           /* bmi2 */
  { 18, LEAF1_ECX, 25, ANY },          /* aes */
  { 19, LEAF1_ECX, 1, ANY },           /* pclmul */
  { 20, LEAF7_EBX, 31, AVX512_STATE }, /* avx512vl */
  { 21, LEAF7_EBX, 30, AVX512_STATE }, /* avx512bw */
  { 22, LEAF7_EBX, 17, AVX512_STATE }, /* avx512dq */
  { 23, LEAF7_EBX, 28, AVX512_STATE }, /* avx512cd */
  { 24, LEAF7_EBX, 27, AVX512_STATE }, /* avx512er */
  { 25, LEAF7_EBX, 26, AVX512_STATE }, /* avx512pf */
  { 26, LEAF7_ECX, 1, AVX512_STATE },  /* avx512vbmi */
  { 27, LEAF7_EBX, 21, AVX512_STATE }, /* avx512ifma */
  { 30, LEAF7_ECX, 14, AVX512_STATE }, /* avx512vpopcntdq */
  { 31, LEAF7_ECX, 6, AVX512_STATE },  /* avx512vbmi2 */
  { 32, LEAF7_ECX, 8, ANY },           /* gfni */
  { 33, LEAF7_ECX, 10, AVX_STATE },    /* vpclmulqdq */
  { 34, LEAF7_ECX, 11, AVX512_STATE }, /* avx512vnni */
  { 35, LEAF7_ECX, 12, AVX512_STATE }, /* avx512bitalg */
};

static u32 saved_state(u32 leaf1_ecx)
{
  u32 low, high, state = 1u << ANY;

  if ((leaf1_ecx & bit_OSXSAVE) == 0)
    return state;
  __asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0x06) == 0x06)
    state |= 1u << AVX_STATE;
  if ((low & 0xe6) == 0xe6)
    state |= 1u << AVX512_STATE;
  return state;
}

HELPER __attribute__((constructor(101))) int __cpu_indicator_init(void)
{
  u32 eax, ebx, ecx, edx, highest, state, registers[REGISTERS] = { 0 };
  unsigned int i;

  if (__cpu_model.vendor != 0)
    return 0;
  highest = __get_cpuid_max(0, &ebx);
  if (highest < 1) {
    __cpu_model.vendor = VENDOR_OTHER;
    return -1;
  }
  __cpu_model.vendor = ebx == signature_INTEL_ebx ? VENDOR_INTEL
                       : ebx == signature_AMD_ebx ? VENDOR_AMD
                                                  : VENDOR_OTHER;
  __cpuid(1, eax, ebx, ecx, edx);
  registers[LEAF1_ECX] = ecx;
  registers[LEAF1_EDX] = edx;
  state = saved_state(ecx);
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
    registers[LEAF7_EBX] = ebx;
    registers[LEAF7_ECX] = ecx;
  }
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx))
    registers[EXTENDED_ECX] = ecx;

  for (i = 0; i < sizeof features / sizeof features[0]; i++) {
    if ((registers[features[i].source] >> features[i].bit & 1) == 0
        || (state >> features[i].state & 1) == 0)
      continue;
    if (features[i].number < 32)
      __cpu_model.features[0] |= 1u << features[i].number;
    else
      __cpu_features2[0] |= 1u << (features[i].number - 32);
  }
  return 0;
}
#endif
