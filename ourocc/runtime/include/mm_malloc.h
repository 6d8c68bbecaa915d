/* <mm_malloc.h>: aligned memory for vectors, over POSIX's allocator. */
#ifndef _MM_MALLOC_H_INCLUDED
#define _MM_MALLOC_H_INCLUDED 1

#include <stdlib.h>

extern int posix_memalign(void **, size_t, size_t);

static __inline void *_mm_malloc(size_t __size, size_t __alignment)
{
  void *__memory;

  if (__alignment == 1)
    return malloc(__size);
  if (__alignment < sizeof(void *))
    __alignment = sizeof(void *);
  return posix_memalign(&__memory, __alignment, __size) == 0 ? __memory : (void *)0;
}

static __inline void _mm_free(void *__memory)
{
  free(__memory);
}

#endif
