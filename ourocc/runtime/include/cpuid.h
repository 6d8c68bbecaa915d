/* <cpuid.h>: the CPUID instruction and the names of its feature bits (Intel SDM volume 2A, CPUID;
   AMD APM volume 3, appendix E). */
#ifndef _CPUID_H_INCLUDED
#define _CPUID_H_INCLUDED 1

#if !defined __x86_64__ && !defined __i386__
#error "<cpuid.h> is for x86 only"
#endif

/* Leaf 1, %ecx */
#define bit_SSE3 (1u << 0)
#define bit_PCLMUL (1u << 1)
#define bit_SSSE3 (1u << 9)
#define bit_FMA (1u << 12)
#define bit_CMPXCHG16B (1u << 13)
#define bit_SSE4_1 (1u << 19)
#define bit_SSE4_2 (1u << 20)
#define bit_MOVBE (1u << 22)
#define bit_POPCNT (1u << 23)
#define bit_AES (1u << 25)
#define bit_XSAVE (1u << 26)
#define bit_OSXSAVE (1u << 27)
#define bit_AVX (1u << 28)
#define bit_F16C (1u << 29)
#define bit_RDRND (1u << 30)

/* Leaf 1, %edx */
#define bit_CMPXCHG8B (1u << 8)
#define bit_CMOV (1u << 15)
#define bit_MMX (1u << 23)
#define bit_FXSAVE (1u << 24)
#define bit_SSE (1u << 25)
#define bit_SSE2 (1u << 26)

/* Leaf 0x80000001, %ecx */
#define bit_LAHF_LM (1u << 0)
#define bit_ABM (1u << 5)
#define bit_SSE4a (1u << 6)
#define bit_PRFCHW (1u << 8)
#define bit_XOP (1u << 11)
#define bit_LWP (1u << 15)
#define bit_FMA4 (1u << 16)
#define bit_TBM (1u << 21)
#define bit_MWAITX (1u << 29)

/* Leaf 0x80000001, %edx */
#define bit_MMXEXT (1u << 22)
#define bit_LM (1u << 29)
#define bit_3DNOWP (1u << 30)
#define bit_3DNOW (1u << 31)

/* Leaf 0x80000008, %ebx */
#define bit_CLZERO (1u << 0)
#define bit_WBNOINVD (1u << 9)

/* Leaf 7, %ebx */
#define bit_FSGSBASE (1u << 0)
#define bit_SGX (1u << 2)
#define bit_BMI (1u << 3)
#define bit_HLE (1u << 4)
#define bit_AVX2 (1u << 5)
#define bit_BMI2 (1u << 8)
#define bit_RTM (1u << 11)
#define bit_MPX (1u << 14)
#define bit_AVX512F (1u << 16)
#define bit_AVX512DQ (1u << 17)
#define bit_RDSEED (1u << 18)
#define bit_ADX (1u << 19)
#define bit_AVX512IFMA (1u << 21)
#define bit_CLFLUSHOPT (1u << 23)
#define bit_CLWB (1u << 24)
#define bit_AVX512PF (1u << 26)
#define bit_AVX512ER (1u << 27)
#define bit_AVX512CD (1u << 28)
#define bit_SHA (1u << 29)
#define bit_AVX512BW (1u << 30)
#define bit_AVX512VL (1u << 31)

/* Leaf 7, %ecx */
#define bit_PREFETCHWT1 (1u << 0)
#define bit_AVX512VBMI (1u << 1)
#define bit_PKU (1u << 3)
#define bit_OSPKE (1u << 4)
#define bit_WAITPKG (1u << 5)
#define bit_AVX512VBMI2 (1u << 6)
#define bit_SHSTK (1u << 7)
#define bit_GFNI (1u << 8)
#define bit_VAES (1u << 9)
#define bit_VPCLMULQDQ (1u << 10)
#define bit_AVX512VNNI (1u << 11)
#define bit_AVX512BITALG (1u << 12)
#define bit_AVX512VPOPCNTDQ (1u << 14)
#define bit_RDPID (1u << 22)
#define bit_KL (1u << 23)
#define bit_CLDEMOTE (1u << 25)
#define bit_MOVDIRI (1u << 27)
#define bit_MOVDIR64B (1u << 28)
#define bit_ENQCMD (1u << 29)

/* Leaf 7, %edx */
#define bit_AVX5124VNNIW (1u << 2)
#define bit_AVX5124FMAPS (1u << 3)
#define bit_UINTR (1u << 5)
#define bit_AVX512VP2INTERSECT (1u << 8)
#define bit_SERIALIZE (1u << 14)
#define bit_TSXLDTRK (1u << 16)
#define bit_PCONFIG (1u << 18)
#define bit_IBT (1u << 20)
#define bit_AMX_BF16 (1u << 22)
#define bit_AVX512FP16 (1u << 23)
#define bit_AMX_TILE (1u << 24)
#define bit_AMX_INT8 (1u << 25)

/* Leaf 7 subleaf 1, %eax */
#define bit_AVXVNNI (1u << 4)
#define bit_AVX512BF16 (1u << 5)
#define bit_HRESET (1u << 22)

/* Leaf 0x14, %ebx */
#define bit_PTWRITE (1u << 4)

/* Leaf 0x19, %ebx */
#define bit_AESKLE (1u << 0)
#define bit_WIDEKL (1u << 2)

/* Leaf 13 subleaf 1, %eax */
#define bit_XSAVEOPT (1u << 0)
#define bit_XSAVEC (1u << 1)
#define bit_XSAVES (1u << 3)
#define bit_LZCNT bit_ABM

/* What leaf 0 gives as the vendor, in %ebx, %ecx, %edx. */
#define signature_INTEL_ebx 0x756e6547
#define signature_INTEL_ecx 0x6c65746e
#define signature_INTEL_edx 0x49656e69
#define signature_AMD_ebx 0x68747541
#define signature_AMD_ecx 0x444d4163
#define signature_AMD_edx 0x69746e65
#define signature_CENTAUR_ebx 0x746e6543
#define signature_CENTAUR_ecx 0x736c7561
#define signature_CENTAUR_edx 0x48727561
#define signature_CYRIX_ebx 0x69727943
#define signature_CYRIX_ecx 0x64616574
#define signature_CYRIX_edx 0x736e4978
#define signature_TM1_ebx 0x6e617254
#define signature_TM1_ecx 0x55504361
#define signature_TM1_edx 0x74656d73
#define signature_TM2_ebx 0x756e6547
#define signature_TM2_ecx 0x3638784d
#define signature_TM2_edx 0x54656e69
#define signature_NSC_ebx 0x646f6547
#define signature_NSC_ecx 0x43534e20
#define signature_NSC_edx 0x79622065
#define signature_NEXGEN_ebx 0x4778654e
#define signature_NEXGEN_ecx 0x6e657669
#define signature_NEXGEN_edx 0x72446e65
#define signature_RISE_ebx 0x65736952
#define signature_RISE_ecx 0x65736952
#define signature_RISE_edx 0x65736952
#define signature_SIS_ebx 0x20536953
#define signature_SIS_ecx 0x20536953
#define signature_SIS_edx 0x20536953
#define signature_UMC_ebx 0x20434d55
#define signature_UMC_ecx 0x20434d55
#define signature_UMC_edx 0x20434d55
#define signature_VIA_ebx 0x20414956
#define signature_VIA_ecx 0x20414956
#define signature_VIA_edx 0x20414956
#define signature_VORTEX_ebx 0x74726f56
#define signature_VORTEX_ecx 0x436f5320
#define signature_VORTEX_edx 0x36387865

#define __cpuid(level, a, b, c, d) \
  __asm__ __volatile__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(level))
#define __cpuid_count(level, count, a, b, c, d) \
  __asm__ __volatile__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(level), "2"(count))

/* The highest supported leaf of the basic (0) or extended (0x80000000) range, 0 if there is none.
   Every processor that runs 64-bit code has CPUID; an i386 has it when EFLAGS.ID can be toggled. */
static __inline unsigned int __get_cpuid_max(unsigned int __range, unsigned int *__signature)
{
  unsigned int __eax, __ebx, __ecx, __edx;
#ifndef __x86_64__
  unsigned int __before, __after;
  __asm__("pushfl\n\tpushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl %2, %0\n\tpushl %0\n\tpopfl\n\t"
          "pushfl\n\tpopl %0\n\tpopfl"
          : "=&r"(__after), "=&r"(__before)
          : "i"(0x00200000));
  if (((__after ^ __before) & 0x00200000) == 0)
    return 0;
#endif
  __cpuid(__range, __eax, __ebx, __ecx, __edx);
  if (__signature)
    *__signature = __ebx;
  return __eax;
}

static __inline int __get_cpuid(unsigned int __leaf, unsigned int *__eax, unsigned int *__ebx,
                                unsigned int *__ecx, unsigned int *__edx)
{
  unsigned int __highest = __get_cpuid_max(__leaf & 0x80000000, 0);

  if (__highest == 0 || __highest < __leaf)
    return 0;
  __cpuid(__leaf, *__eax, *__ebx, *__ecx, *__edx);
  return 1;
}

static __inline int __get_cpuid_count(unsigned int __leaf, unsigned int __subleaf,
                                      unsigned int *__eax, unsigned int *__ebx,
                                      unsigned int *__ecx, unsigned int *__edx)
{
  unsigned int __highest = __get_cpuid_max(__leaf & 0x80000000, 0);

  if (__highest == 0 || __highest < __leaf)
    return 0;
  __cpuid_count(__leaf, __subleaf, *__eax, *__ebx, *__ecx, *__edx);
  return 1;
}

static __inline void __cpuidex(int __info[4], int __leaf, int __subleaf)
{
  __cpuid_count(__leaf, __subleaf, __info[0], __info[1], __info[2], __info[3]);
}

#endif
