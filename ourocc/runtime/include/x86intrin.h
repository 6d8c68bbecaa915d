/* <x86intrin.h>: what of x86's intrinsics this compiler has: SSE, SSE2 and the time-stamp counter. */
#ifndef _X86INTRIN_H_INCLUDED
#define _X86INTRIN_H_INCLUDED 1

#include <emmintrin.h>

__OUROCC_INTRINSIC unsigned long long __rdtsc(void)
{
  unsigned int __low, __high;

  __asm__ __volatile__("rdtsc" : "=a"(__low), "=d"(__high));
  return (unsigned long long)__high << 32 | __low;
}

__OUROCC_INTRINSIC unsigned long long __rdtscp(unsigned int *__processor)
{
  unsigned int __low, __high;

  __asm__ __volatile__("rdtscp" : "=a"(__low), "=d"(__high), "=c"(*__processor));
  return (unsigned long long)__high << 32 | __low;
}

#define _rdtsc() __rdtsc()

#endif
