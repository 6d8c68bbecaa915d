/* The remaining names of libgcc that objects of other compilers may refer to. */
#include "helper.h"

typedef __SIZE_TYPE__ size_type;

extern int memcmp(const void *, const void *, size_type);
extern void abort(void) __attribute__((__noreturn__));

/* Make written instructions visible to instruction fetch: x86 keeps the caches coherent itself,
   RISC-V has an instruction for its own hart and a system call for all of them. */
HELPER void __clear_cache(void *begin, void *end)
{
#if defined __riscv
  register void *a0 __asm__("a0") = begin;
  register void *a1 __asm__("a1") = end;
  register long a2 __asm__("a2") = 0;
  register long a7 __asm__("a7") = 259; /* riscv_flush_icache */

  __asm__ __volatile__("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
#elif defined __x86_64__ || defined __i386__
  (void)begin;
  (void)end;
#else
#error "__clear_cache: unknown target"
#endif
}

HELPER int __gcc_bcmp(const unsigned char *left, const unsigned char *right, size_type size)
{
  return memcmp(left, right, size);
}

/* Nested functions' trampolines would need an executable stack, which this toolchain never asks
   for. */
HELPER void __enable_execute_stack(void *address)
{
  (void)address;
  abort();
}
