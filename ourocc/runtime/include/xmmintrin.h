/* <xmmintrin.h>: Intel SSE intrinsics: four floats in a 128-bit register.

   Written with GNU C vector types and their operators, so that no built-in function is needed: the
   optimizer sees plain arithmetic.  What only a special instruction can do is inline assembly on
   scalars.  Intrinsics that work on 64-bit MMX registers are not provided: using one is an error at
   compile time that says so. */
#ifndef _XMMINTRIN_H_INCLUDED
#define _XMMINTRIN_H_INCLUDED 1

#if !defined __x86_64__ && !defined __i386__
#error "<xmmintrin.h> is for x86 only"
#endif
#ifndef __SSE__
#error "<xmmintrin.h> needs -msse"
#endif

#include <mm_malloc.h>

typedef float __m128 __attribute__((__vector_size__(16), __may_alias__));
typedef float __m128_u __attribute__((__vector_size__(16), __may_alias__, __aligned__(1)));
typedef long long __m64 __attribute__((__vector_size__(8), __may_alias__));
typedef float __v4sf __attribute__((__vector_size__(16)));
typedef int __v4si __attribute__((__vector_size__(16)));
typedef unsigned int __v4su __attribute__((__vector_size__(16)));
typedef float __ourocc_v2sf __attribute__((__vector_size__(8), __may_alias__));

#define __OUROCC_INTRINSIC static __inline __attribute__((__always_inline__))
#define __OUROCC_MMX(result, name, parameters) \
  extern result name parameters __attribute__((__error__(#name " works on MMX registers, which are not supported")));

#define _MM_SHUFFLE(d, c, b, a) (((d) << 6) | ((c) << 4) | ((b) << 2) | (a))

#define _MM_EXCEPT_MASK 0x003f
#define _MM_EXCEPT_INVALID 0x0001
#define _MM_EXCEPT_DENORM 0x0002
#define _MM_EXCEPT_DIV_ZERO 0x0004
#define _MM_EXCEPT_OVERFLOW 0x0008
#define _MM_EXCEPT_UNDERFLOW 0x0010
#define _MM_EXCEPT_INEXACT 0x0020
#define _MM_MASK_MASK 0x1f80
#define _MM_MASK_INVALID 0x0080
#define _MM_MASK_DENORM 0x0100
#define _MM_MASK_DIV_ZERO 0x0200
#define _MM_MASK_OVERFLOW 0x0400
#define _MM_MASK_UNDERFLOW 0x0800
#define _MM_MASK_INEXACT 0x1000
#define _MM_ROUND_MASK 0x6000
#define _MM_ROUND_NEAREST 0x0000
#define _MM_ROUND_DOWN 0x2000
#define _MM_ROUND_UP 0x4000
#define _MM_ROUND_TOWARD_ZERO 0x6000
#define _MM_FLUSH_ZERO_MASK 0x8000
#define _MM_FLUSH_ZERO_ON 0x8000
#define _MM_FLUSH_ZERO_OFF 0x0000

enum _mm_hint {
  _MM_HINT_ET0 = 7,
  _MM_HINT_ET1 = 6,
  _MM_HINT_T0 = 3,
  _MM_HINT_T1 = 2,
  _MM_HINT_T2 = 1,
  _MM_HINT_NTA = 0
};
#define _mm_prefetch(address, hint) __builtin_prefetch((address), ((hint) & 4) >> 2, (hint) & 3)

__OUROCC_INTRINSIC unsigned int _mm_getcsr(void)
{
  unsigned int __control;

  __asm__ __volatile__("stmxcsr %0" : "=m"(__control));
  return __control;
}

__OUROCC_INTRINSIC void _mm_setcsr(unsigned int __control)
{
  __asm__ __volatile__("ldmxcsr %0" : : "m"(__control));
}

__OUROCC_INTRINSIC unsigned int _MM_GET_EXCEPTION_STATE(void)
{
  return _mm_getcsr() & _MM_EXCEPT_MASK;
}

__OUROCC_INTRINSIC void _MM_SET_EXCEPTION_STATE(unsigned int __value)
{
  _mm_setcsr((_mm_getcsr() & ~(unsigned int)_MM_EXCEPT_MASK) | __value);
}

__OUROCC_INTRINSIC unsigned int _MM_GET_EXCEPTION_MASK(void)
{
  return _mm_getcsr() & _MM_MASK_MASK;
}

__OUROCC_INTRINSIC void _MM_SET_EXCEPTION_MASK(unsigned int __value)
{
  _mm_setcsr((_mm_getcsr() & ~(unsigned int)_MM_MASK_MASK) | __value);
}

__OUROCC_INTRINSIC unsigned int _MM_GET_ROUNDING_MODE(void)
{
  return _mm_getcsr() & _MM_ROUND_MASK;
}

__OUROCC_INTRINSIC void _MM_SET_ROUNDING_MODE(unsigned int __value)
{
  _mm_setcsr((_mm_getcsr() & ~(unsigned int)_MM_ROUND_MASK) | __value);
}

__OUROCC_INTRINSIC unsigned int _MM_GET_FLUSH_ZERO_MODE(void)
{
  return _mm_getcsr() & _MM_FLUSH_ZERO_MASK;
}

__OUROCC_INTRINSIC void _MM_SET_FLUSH_ZERO_MODE(unsigned int __value)
{
  _mm_setcsr((_mm_getcsr() & ~(unsigned int)_MM_FLUSH_ZERO_MASK) | __value);
}

__OUROCC_INTRINSIC void _mm_pause(void)
{
  __asm__ __volatile__("pause");
}

__OUROCC_INTRINSIC void _mm_sfence(void)
{
  __asm__ __volatile__("sfence" : : : "memory");
}

/* Square root, reciprocal and conversion in the current rounding mode: one instruction each. */

__OUROCC_INTRINSIC float __ourocc_sqrtf(float __x)
{
  float __result;

  __asm__("sqrtss %1, %0" : "=x"(__result) : "x"(__x));
  return __result;
}

__OUROCC_INTRINSIC float __ourocc_rcpf(float __x)
{
  float __result;

  __asm__("rcpss %1, %0" : "=x"(__result) : "x"(__x));
  return __result;
}

__OUROCC_INTRINSIC float __ourocc_rsqrtf(float __x)
{
  float __result;

  __asm__("rsqrtss %1, %0" : "=x"(__result) : "x"(__x));
  return __result;
}

__OUROCC_INTRINSIC int __ourocc_cvtss(float __x)
{
  int __result;

  __asm__("cvtss2si %1, %0" : "=r"(__result) : "x"(__x));
  return __result;
}

__OUROCC_INTRINSIC int __ourocc_cvttss(float __x)
{
  int __result;

  __asm__("cvttss2si %1, %0" : "=r"(__result) : "x"(__x));
  return __result;
}

#ifdef __x86_64__
__OUROCC_INTRINSIC long long __ourocc_cvtss64(float __x)
{
  long long __result;

  __asm__("cvtss2siq %1, %0" : "=r"(__result) : "x"(__x));
  return __result;
}

__OUROCC_INTRINSIC long long __ourocc_cvttss64(float __x)
{
  long long __result;

  __asm__("cvttss2siq %1, %0" : "=r"(__result) : "x"(__x));
  return __result;
}

#endif

__OUROCC_INTRINSIC __m128 _mm_setzero_ps(void)
{
  return (__m128){ 0.0f, 0.0f, 0.0f, 0.0f };
}

__OUROCC_INTRINSIC __m128 _mm_undefined_ps(void)
{
  return (__m128){ 0.0f, 0.0f, 0.0f, 0.0f };
}

__OUROCC_INTRINSIC __m128 _mm_set_ss(float __a)
{
  return (__m128){ __a, 0.0f, 0.0f, 0.0f };
}

__OUROCC_INTRINSIC __m128 _mm_set1_ps(float __a)
{
  return (__m128){ __a, __a, __a, __a };
}

__OUROCC_INTRINSIC __m128 _mm_set_ps1(float __a)
{
  return (__m128){ __a, __a, __a, __a };
}

__OUROCC_INTRINSIC __m128 _mm_set_ps(float __d, float __c, float __b, float __a)
{
  return (__m128){ __a, __b, __c, __d };
}

__OUROCC_INTRINSIC __m128 _mm_setr_ps(float __a, float __b, float __c, float __d)
{
  return (__m128){ __a, __b, __c, __d };
}

__OUROCC_INTRINSIC __m128 _mm_load_ss(float const *__p)
{
  return (__m128){ *__p, 0.0f, 0.0f, 0.0f };
}

__OUROCC_INTRINSIC __m128 _mm_load1_ps(float const *__p)
{
  return (__m128){ *__p, *__p, *__p, *__p };
}

__OUROCC_INTRINSIC __m128 _mm_load_ps1(float const *__p)
{
  return (__m128){ *__p, *__p, *__p, *__p };
}

__OUROCC_INTRINSIC __m128 _mm_load_ps(float const *__p)
{
  return *(__m128 const *)__p;
}

__OUROCC_INTRINSIC __m128 _mm_loadu_ps(float const *__p)
{
  return *(__m128_u const *)__p;
}

__OUROCC_INTRINSIC __m128 _mm_loadr_ps(float const *__p)
{
  return (__m128){ __p[3], __p[2], __p[1], __p[0] };
}

__OUROCC_INTRINSIC void _mm_store_ss(float *__p, __m128 __a)
{
  *__p = __a[0];
}

__OUROCC_INTRINSIC void _mm_store_ps(float *__p, __m128 __a)
{
  *(__m128 *)__p = __a;
}

__OUROCC_INTRINSIC void _mm_storeu_ps(float *__p, __m128 __a)
{
  *(__m128_u *)__p = __a;
}

__OUROCC_INTRINSIC void _mm_stream_ps(float *__p, __m128 __a)
{
  *(__m128 *)__p = __a;
}

__OUROCC_INTRINSIC void _mm_store1_ps(float *__p, __m128 __a)
{
  *(__m128 *)__p = (__m128){ __a[0], __a[0], __a[0], __a[0] };
}

__OUROCC_INTRINSIC void _mm_store_ps1(float *__p, __m128 __a)
{
  *(__m128 *)__p = (__m128){ __a[0], __a[0], __a[0], __a[0] };
}

__OUROCC_INTRINSIC void _mm_storer_ps(float *__p, __m128 __a)
{
  *(__m128 *)__p = (__m128){ __a[3], __a[2], __a[1], __a[0] };
}

__OUROCC_INTRINSIC float _mm_cvtss_f32(__m128 __a)
{
  return __a[0];
}

__OUROCC_INTRINSIC __m128 _mm_move_ss(__m128 __a, __m128 __b)
{
  return (__m128){ __b[0], __a[1], __a[2], __a[3] };
}

__OUROCC_INTRINSIC __m128 _mm_add_ps(__m128 __a, __m128 __b)
{
  return __a + __b;
}

__OUROCC_INTRINSIC __m128 _mm_add_ss(__m128 __a, __m128 __b)
{
  __a[0] += __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_sub_ps(__m128 __a, __m128 __b)
{
  return __a - __b;
}

__OUROCC_INTRINSIC __m128 _mm_sub_ss(__m128 __a, __m128 __b)
{
  __a[0] -= __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_mul_ps(__m128 __a, __m128 __b)
{
  return __a * __b;
}

__OUROCC_INTRINSIC __m128 _mm_mul_ss(__m128 __a, __m128 __b)
{
  __a[0] *= __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_div_ps(__m128 __a, __m128 __b)
{
  return __a / __b;
}

__OUROCC_INTRINSIC __m128 _mm_div_ss(__m128 __a, __m128 __b)
{
  __a[0] /= __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_sqrt_ss(__m128 __a)
{
  __a[0] = __ourocc_sqrtf(__a[0]);
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_sqrt_ps(__m128 __a)
{
  return (__m128){ __ourocc_sqrtf(__a[0]), __ourocc_sqrtf(__a[1]), __ourocc_sqrtf(__a[2]), __ourocc_sqrtf(__a[3]) };
}

__OUROCC_INTRINSIC __m128 _mm_rcp_ss(__m128 __a)
{
  __a[0] = __ourocc_rcpf(__a[0]);
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_rcp_ps(__m128 __a)
{
  return (__m128){ __ourocc_rcpf(__a[0]), __ourocc_rcpf(__a[1]), __ourocc_rcpf(__a[2]), __ourocc_rcpf(__a[3]) };
}

__OUROCC_INTRINSIC __m128 _mm_rsqrt_ss(__m128 __a)
{
  __a[0] = __ourocc_rsqrtf(__a[0]);
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_rsqrt_ps(__m128 __a)
{
  return (__m128){ __ourocc_rsqrtf(__a[0]), __ourocc_rsqrtf(__a[1]), __ourocc_rsqrtf(__a[2]), __ourocc_rsqrtf(__a[3]) };
}

/* The second operand is the result when one is a NaN or both are zeros: C's conditional expression. */

__OUROCC_INTRINSIC __m128 _mm_min_ss(__m128 __a, __m128 __b)
{
  __a[0] = __a[0] < __b[0] ? __a[0] : __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_min_ps(__m128 __a, __m128 __b)
{
  __v4si __mask = __a < __b;

  return (__m128)(((__v4si)__a & __mask) | ((__v4si)__b & ~__mask));
}

__OUROCC_INTRINSIC __m128 _mm_max_ss(__m128 __a, __m128 __b)
{
  __a[0] = __a[0] > __b[0] ? __a[0] : __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_max_ps(__m128 __a, __m128 __b)
{
  __v4si __mask = __a > __b;

  return (__m128)(((__v4si)__a & __mask) | ((__v4si)__b & ~__mask));
}

__OUROCC_INTRINSIC __m128 _mm_and_ps(__m128 __a, __m128 __b)
{
  return (__m128)((__v4si)__a & (__v4si)__b);
}

__OUROCC_INTRINSIC __m128 _mm_andnot_ps(__m128 __a, __m128 __b)
{
  return (__m128)(~(__v4si)__a & (__v4si)__b);
}

__OUROCC_INTRINSIC __m128 _mm_or_ps(__m128 __a, __m128 __b)
{
  return (__m128)((__v4si)__a | (__v4si)__b);
}

__OUROCC_INTRINSIC __m128 _mm_xor_ps(__m128 __a, __m128 __b)
{
  return (__m128)((__v4si)__a ^ (__v4si)__b);
}

__OUROCC_INTRINSIC __m128 _mm_cmpeq_ps(__m128 __a, __m128 __b)
{
  return (__m128)(__a == __b);
}

__OUROCC_INTRINSIC __m128 _mm_cmpeq_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(__a[0] == __b[0]);
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmplt_ps(__m128 __a, __m128 __b)
{
  return (__m128)(__a < __b);
}

__OUROCC_INTRINSIC __m128 _mm_cmplt_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(__a[0] < __b[0]);
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmple_ps(__m128 __a, __m128 __b)
{
  return (__m128)(__a <= __b);
}

__OUROCC_INTRINSIC __m128 _mm_cmple_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(__a[0] <= __b[0]);
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpgt_ps(__m128 __a, __m128 __b)
{
  return (__m128)(__a > __b);
}

__OUROCC_INTRINSIC __m128 _mm_cmpgt_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(__a[0] > __b[0]);
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpge_ps(__m128 __a, __m128 __b)
{
  return (__m128)(__a >= __b);
}

__OUROCC_INTRINSIC __m128 _mm_cmpge_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(__a[0] >= __b[0]);
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpneq_ps(__m128 __a, __m128 __b)
{
  return (__m128)(__a != __b);
}

__OUROCC_INTRINSIC __m128 _mm_cmpneq_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(__a[0] != __b[0]);
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpnlt_ps(__m128 __a, __m128 __b)
{
  return (__m128)(~(__a < __b));
}

__OUROCC_INTRINSIC __m128 _mm_cmpnlt_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(!(__a[0] < __b[0]));
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpnle_ps(__m128 __a, __m128 __b)
{
  return (__m128)(~(__a <= __b));
}

__OUROCC_INTRINSIC __m128 _mm_cmpnle_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(!(__a[0] <= __b[0]));
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpngt_ps(__m128 __a, __m128 __b)
{
  return (__m128)(~(__a > __b));
}

__OUROCC_INTRINSIC __m128 _mm_cmpngt_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(!(__a[0] > __b[0]));
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpnge_ps(__m128 __a, __m128 __b)
{
  return (__m128)(~(__a >= __b));
}

__OUROCC_INTRINSIC __m128 _mm_cmpnge_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(!(__a[0] >= __b[0]));
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpord_ps(__m128 __a, __m128 __b)
{
  return (__m128)((__a == __a) & (__b == __b));
}

__OUROCC_INTRINSIC __m128 _mm_cmpord_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(__a[0] == __a[0] && __b[0] == __b[0]);
  return (__m128)__result;
}

__OUROCC_INTRINSIC __m128 _mm_cmpunord_ps(__m128 __a, __m128 __b)
{
  return (__m128)((__a != __a) | (__b != __b));
}

__OUROCC_INTRINSIC __m128 _mm_cmpunord_ss(__m128 __a, __m128 __b)
{
  __v4si __result = (__v4si)__a;

  __result[0] = -(__a[0] != __a[0] || __b[0] != __b[0]);
  return (__m128)__result;
}

__OUROCC_INTRINSIC int _mm_comieq_ss(__m128 __a, __m128 __b)
{
  return __a[0] == __b[0];
}

__OUROCC_INTRINSIC int _mm_comilt_ss(__m128 __a, __m128 __b)
{
  return __a[0] < __b[0];
}

__OUROCC_INTRINSIC int _mm_comile_ss(__m128 __a, __m128 __b)
{
  return __a[0] <= __b[0];
}

__OUROCC_INTRINSIC int _mm_comigt_ss(__m128 __a, __m128 __b)
{
  return __a[0] > __b[0];
}

__OUROCC_INTRINSIC int _mm_comige_ss(__m128 __a, __m128 __b)
{
  return __a[0] >= __b[0];
}

__OUROCC_INTRINSIC int _mm_comineq_ss(__m128 __a, __m128 __b)
{
  return __a[0] != __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomieq_ss(__m128 __a, __m128 __b)
{
  return __a[0] == __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomilt_ss(__m128 __a, __m128 __b)
{
  return __a[0] < __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomile_ss(__m128 __a, __m128 __b)
{
  return __a[0] <= __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomigt_ss(__m128 __a, __m128 __b)
{
  return __a[0] > __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomige_ss(__m128 __a, __m128 __b)
{
  return __a[0] >= __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomineq_ss(__m128 __a, __m128 __b)
{
  return __a[0] != __b[0];
}

__OUROCC_INTRINSIC int _mm_cvtss_si32(__m128 __a)
{
  return __ourocc_cvtss(__a[0]);
}

__OUROCC_INTRINSIC int _mm_cvt_ss2si(__m128 __a)
{
  return __ourocc_cvtss(__a[0]);
}

__OUROCC_INTRINSIC int _mm_cvttss_si32(__m128 __a)
{
  return __ourocc_cvttss(__a[0]);
}

__OUROCC_INTRINSIC int _mm_cvtt_ss2si(__m128 __a)
{
  return __ourocc_cvttss(__a[0]);
}

__OUROCC_INTRINSIC __m128 _mm_cvtsi32_ss(__m128 __a, int __b)
{
  __a[0] = (float)__b;
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_cvt_si2ss(__m128 __a, int __b)
{
  __a[0] = (float)__b;
  return __a;
}

#ifdef __x86_64__
__OUROCC_INTRINSIC long long _mm_cvtss_si64(__m128 __a)
{
  return __ourocc_cvtss64(__a[0]);
}

__OUROCC_INTRINSIC long long _mm_cvtss_si64x(__m128 __a)
{
  return __ourocc_cvtss64(__a[0]);
}

__OUROCC_INTRINSIC long long _mm_cvttss_si64(__m128 __a)
{
  return __ourocc_cvttss64(__a[0]);
}

__OUROCC_INTRINSIC long long _mm_cvttss_si64x(__m128 __a)
{
  return __ourocc_cvttss64(__a[0]);
}

__OUROCC_INTRINSIC __m128 _mm_cvtsi64_ss(__m128 __a, long long __b)
{
  __a[0] = (float)__b;
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_cvtsi64x_ss(__m128 __a, long long __b)
{
  __a[0] = (float)__b;
  return __a;
}

#endif

__OUROCC_INTRINSIC __m128 _mm_shuffle_ps(__m128 __a, __m128 __b, int __mask)
{
  return (__m128){ __a[__mask & 3], __a[__mask >> 2 & 3], __b[__mask >> 4 & 3], __b[__mask >> 6 & 3] };
}

__OUROCC_INTRINSIC __m128 _mm_unpackhi_ps(__m128 __a, __m128 __b)
{
  return (__m128){ __a[2], __b[2], __a[3], __b[3] };
}

__OUROCC_INTRINSIC __m128 _mm_unpacklo_ps(__m128 __a, __m128 __b)
{
  return (__m128){ __a[0], __b[0], __a[1], __b[1] };
}

__OUROCC_INTRINSIC __m128 _mm_movehl_ps(__m128 __a, __m128 __b)
{
  return (__m128){ __b[2], __b[3], __a[2], __a[3] };
}

__OUROCC_INTRINSIC __m128 _mm_movelh_ps(__m128 __a, __m128 __b)
{
  return (__m128){ __a[0], __a[1], __b[0], __b[1] };
}

__OUROCC_INTRINSIC int _mm_movemask_ps(__m128 __a)
{
  __v4su __bits = (__v4su)__a;

  return (int)(__bits[0] >> 31 | __bits[1] >> 31 << 1 | __bits[2] >> 31 << 2 | __bits[3] >> 31 << 3);
}

__OUROCC_INTRINSIC __m128 _mm_loadh_pi(__m128 __a, __m64 const *__p)
{
  __ourocc_v2sf __b = *(__ourocc_v2sf const *)__p;

  return (__m128){ __a[0], __a[1], __b[0], __b[1] };
}

__OUROCC_INTRINSIC __m128 _mm_loadl_pi(__m128 __a, __m64 const *__p)
{
  __ourocc_v2sf __b = *(__ourocc_v2sf const *)__p;

  return (__m128){ __b[0], __b[1], __a[2], __a[3] };
}

__OUROCC_INTRINSIC void _mm_storeh_pi(__m64 *__p, __m128 __a)
{
  *(__ourocc_v2sf *)__p = (__ourocc_v2sf){ __a[2], __a[3] };
}

__OUROCC_INTRINSIC void _mm_storel_pi(__m64 *__p, __m128 __a)
{
  *(__ourocc_v2sf *)__p = (__ourocc_v2sf){ __a[0], __a[1] };
}

#define _MM_TRANSPOSE4_PS(row0, row1, row2, row3)                       \
  do {                                                                  \
    __m128 __r0 = (row0), __r1 = (row1), __r2 = (row2), __r3 = (row3);  \
    (row0) = (__m128){ __r0[0], __r1[0], __r2[0], __r3[0] };            \
    (row1) = (__m128){ __r0[1], __r1[1], __r2[1], __r3[1] };            \
    (row2) = (__m128){ __r0[2], __r1[2], __r2[2], __r3[2] };            \
    (row3) = (__m128){ __r0[3], __r1[3], __r2[3], __r3[3] };            \
  } while (0)

__OUROCC_MMX(__m128, _mm_cvtpi32_ps, (__m128, __m64))
__OUROCC_MMX(__m64, _mm_cvtps_pi32, (__m128))
__OUROCC_MMX(__m64, _mm_cvttps_pi32, (__m128))
__OUROCC_MMX(__m64, _mm_cvtps_pi16, (__m128))
__OUROCC_MMX(__m128, _mm_cvtpi16_ps, (__m64))
__OUROCC_MMX(int, _mm_movemask_pi8, (__m64))
__OUROCC_MMX(__m64, _mm_max_pi16, (__m64, __m64))
__OUROCC_MMX(__m64, _mm_min_pi16, (__m64, __m64))
__OUROCC_MMX(__m64, _mm_mulhi_pu16, (__m64, __m64))
__OUROCC_MMX(__m64, _mm_avg_pu8, (__m64, __m64))
__OUROCC_MMX(__m64, _mm_sad_pu8, (__m64, __m64))
__OUROCC_MMX(void, _mm_stream_pi, (__m64 *, __m64))
__OUROCC_MMX(void, _mm_maskmove_si64, (__m64, __m64, char *))

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#endif
