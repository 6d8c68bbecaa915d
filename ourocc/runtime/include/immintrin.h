/* <immintrin.h>: Intel's umbrella header.  SSE and SSE2 are provided; what needs SSE3, AVX or later is
   not declared, and a program that compiles for them must not fall back silently. */
#ifndef _IMMINTRIN_H_INCLUDED
#define _IMMINTRIN_H_INCLUDED 1

#if defined __SSE3__ || defined __AVX__
#error "<immintrin.h>: intrinsics beyond SSE2 are not provided; compile without -msse3, -mavx and the like"
#endif

#include <x86intrin.h>

#endif
