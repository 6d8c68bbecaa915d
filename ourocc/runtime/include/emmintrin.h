/* <emmintrin.h>: Intel SSE2 intrinsics: two doubles, or integers, in a 128-bit register.

   Written with GNU C vector types and their operators, so that no built-in function is needed: the
   optimizer sees plain arithmetic.  What only a special instruction can do is inline assembly on
   scalars.  Intrinsics that work on 64-bit MMX registers are not provided: using one is an error at
   compile time that says so. */
#ifndef _EMMINTRIN_H_INCLUDED
#define _EMMINTRIN_H_INCLUDED 1

#if !defined __x86_64__ && !defined __i386__
#error "<emmintrin.h> is for x86 only"
#endif
#ifndef __SSE2__
#error "<emmintrin.h> needs -msse2"
#endif

#include <xmmintrin.h>

typedef double __m128d __attribute__((__vector_size__(16), __may_alias__));
typedef double __m128d_u __attribute__((__vector_size__(16), __may_alias__, __aligned__(1)));
typedef long long __m128i __attribute__((__vector_size__(16), __may_alias__));
typedef long long __m128i_u __attribute__((__vector_size__(16), __may_alias__, __aligned__(1)));
typedef double __v2df __attribute__((__vector_size__(16)));
typedef long long __v2di __attribute__((__vector_size__(16)));
typedef unsigned long long __v2du __attribute__((__vector_size__(16)));
typedef short __v8hi __attribute__((__vector_size__(16)));
typedef unsigned short __v8hu __attribute__((__vector_size__(16)));
typedef char __v16qi __attribute__((__vector_size__(16)));
typedef signed char __v16qs __attribute__((__vector_size__(16)));
typedef unsigned char __v16qu __attribute__((__vector_size__(16)));

/* Scalars in memory of any alignment and type. */
typedef int __ourocc_int_u __attribute__((__may_alias__, __aligned__(1)));
typedef short __ourocc_short_u __attribute__((__may_alias__, __aligned__(1)));
typedef long long __ourocc_long_u __attribute__((__may_alias__, __aligned__(1)));

#define _MM_SHUFFLE2(b, a) (((b) << 1) | (a))

__OUROCC_INTRINSIC double __ourocc_sqrt(double __x)
{
  double __result;

  __asm__("sqrtsd %1, %0" : "=x"(__result) : "x"(__x));
  return __result;
}

__OUROCC_INTRINSIC int __ourocc_cvtsd(double __x)
{
  int __result;

  __asm__("cvtsd2si %1, %0" : "=r"(__result) : "x"(__x));
  return __result;
}

__OUROCC_INTRINSIC int __ourocc_cvttsd(double __x)
{
  int __result;

  __asm__("cvttsd2si %1, %0" : "=r"(__result) : "x"(__x));
  return __result;
}

#ifdef __x86_64__
__OUROCC_INTRINSIC long long __ourocc_cvtsd64(double __x)
{
  long long __result;

  __asm__("cvtsd2siq %1, %0" : "=r"(__result) : "x"(__x));
  return __result;
}

__OUROCC_INTRINSIC long long __ourocc_cvttsd64(double __x)
{
  long long __result;

  __asm__("cvttsd2siq %1, %0" : "=r"(__result) : "x"(__x));
  return __result;
}

#endif

__OUROCC_INTRINSIC __m128d _mm_setzero_pd(void)
{
  return (__m128d){ 0.0, 0.0 };
}

__OUROCC_INTRINSIC __m128i _mm_setzero_si128(void)
{
  return (__m128i){ 0, 0 };
}

__OUROCC_INTRINSIC __m128d _mm_undefined_pd(void)
{
  return (__m128d){ 0.0, 0.0 };
}

__OUROCC_INTRINSIC __m128i _mm_undefined_si128(void)
{
  return (__m128i){ 0, 0 };
}

__OUROCC_INTRINSIC __m128d _mm_set_sd(double __a)
{
  return (__m128d){ __a, 0.0 };
}

__OUROCC_INTRINSIC __m128d _mm_set1_pd(double __a)
{
  return (__m128d){ __a, __a };
}

__OUROCC_INTRINSIC __m128d _mm_set_pd1(double __a)
{
  return (__m128d){ __a, __a };
}

__OUROCC_INTRINSIC __m128d _mm_set_pd(double __b, double __a)
{
  return (__m128d){ __a, __b };
}

__OUROCC_INTRINSIC __m128d _mm_setr_pd(double __a, double __b)
{
  return (__m128d){ __a, __b };
}

__OUROCC_INTRINSIC __m128d _mm_load_pd(double const *__p)
{
  return *(__m128d const *)__p;
}

__OUROCC_INTRINSIC __m128d _mm_loadu_pd(double const *__p)
{
  return *(__m128d_u const *)__p;
}

__OUROCC_INTRINSIC __m128d _mm_load1_pd(double const *__p)
{
  return (__m128d){ *__p, *__p };
}

__OUROCC_INTRINSIC __m128d _mm_load_pd1(double const *__p)
{
  return (__m128d){ *__p, *__p };
}

__OUROCC_INTRINSIC __m128d _mm_load_sd(double const *__p)
{
  return (__m128d){ *__p, 0.0 };
}

__OUROCC_INTRINSIC __m128d _mm_loadr_pd(double const *__p)
{
  return (__m128d){ __p[1], __p[0] };
}

__OUROCC_INTRINSIC __m128d _mm_loadh_pd(__m128d __a, double const *__p)
{
  return (__m128d){ __a[0], *__p };
}

__OUROCC_INTRINSIC __m128d _mm_loadl_pd(__m128d __a, double const *__p)
{
  return (__m128d){ *__p, __a[1] };
}

__OUROCC_INTRINSIC void _mm_store_pd(double *__p, __m128d __a)
{
  *(__m128d *)__p = __a;
}

__OUROCC_INTRINSIC void _mm_stream_pd(double *__p, __m128d __a)
{
  *(__m128d *)__p = __a;
}

__OUROCC_INTRINSIC void _mm_storeu_pd(double *__p, __m128d __a)
{
  *(__m128d_u *)__p = __a;
}

__OUROCC_INTRINSIC void _mm_store_sd(double *__p, __m128d __a)
{
  *__p = __a[0];
}

__OUROCC_INTRINSIC void _mm_storel_pd(double *__p, __m128d __a)
{
  *__p = __a[0];
}

__OUROCC_INTRINSIC void _mm_storeh_pd(double *__p, __m128d __a)
{
  *__p = __a[1];
}

__OUROCC_INTRINSIC void _mm_store1_pd(double *__p, __m128d __a)
{
  *(__m128d *)__p = (__m128d){ __a[0], __a[0] };
}

__OUROCC_INTRINSIC void _mm_store_pd1(double *__p, __m128d __a)
{
  *(__m128d *)__p = (__m128d){ __a[0], __a[0] };
}

__OUROCC_INTRINSIC void _mm_storer_pd(double *__p, __m128d __a)
{
  *(__m128d *)__p = (__m128d){ __a[1], __a[0] };
}

__OUROCC_INTRINSIC double _mm_cvtsd_f64(__m128d __a)
{
  return __a[0];
}

__OUROCC_INTRINSIC __m128d _mm_move_sd(__m128d __a, __m128d __b)
{
  return (__m128d){ __b[0], __a[1] };
}

__OUROCC_INTRINSIC __m128d _mm_add_pd(__m128d __a, __m128d __b)
{
  return __a + __b;
}

__OUROCC_INTRINSIC __m128d _mm_add_sd(__m128d __a, __m128d __b)
{
  __a[0] += __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128d _mm_sub_pd(__m128d __a, __m128d __b)
{
  return __a - __b;
}

__OUROCC_INTRINSIC __m128d _mm_sub_sd(__m128d __a, __m128d __b)
{
  __a[0] -= __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128d _mm_mul_pd(__m128d __a, __m128d __b)
{
  return __a * __b;
}

__OUROCC_INTRINSIC __m128d _mm_mul_sd(__m128d __a, __m128d __b)
{
  __a[0] *= __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128d _mm_div_pd(__m128d __a, __m128d __b)
{
  return __a / __b;
}

__OUROCC_INTRINSIC __m128d _mm_div_sd(__m128d __a, __m128d __b)
{
  __a[0] /= __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128d _mm_sqrt_pd(__m128d __a)
{
  return (__m128d){ __ourocc_sqrt(__a[0]), __ourocc_sqrt(__a[1]) };
}

__OUROCC_INTRINSIC __m128d _mm_sqrt_sd(__m128d __a, __m128d __b)
{
  return (__m128d){ __ourocc_sqrt(__b[0]), __a[1] };
}

__OUROCC_INTRINSIC __m128d _mm_min_sd(__m128d __a, __m128d __b)
{
  __a[0] = __a[0] < __b[0] ? __a[0] : __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128d _mm_min_pd(__m128d __a, __m128d __b)
{
  __v2di __mask = __a < __b;

  return (__m128d)(((__v2di)__a & __mask) | ((__v2di)__b & ~__mask));
}

__OUROCC_INTRINSIC __m128d _mm_max_sd(__m128d __a, __m128d __b)
{
  __a[0] = __a[0] > __b[0] ? __a[0] : __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128d _mm_max_pd(__m128d __a, __m128d __b)
{
  __v2di __mask = __a > __b;

  return (__m128d)(((__v2di)__a & __mask) | ((__v2di)__b & ~__mask));
}

__OUROCC_INTRINSIC __m128d _mm_and_pd(__m128d __a, __m128d __b)
{
  return (__m128d)((__v2di)__a & (__v2di)__b);
}

__OUROCC_INTRINSIC __m128i _mm_and_si128(__m128i __a, __m128i __b)
{
  return (__m128i)((__v2di)__a & (__v2di)__b);
}

__OUROCC_INTRINSIC __m128d _mm_andnot_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(~(__v2di)__a & (__v2di)__b);
}

__OUROCC_INTRINSIC __m128i _mm_andnot_si128(__m128i __a, __m128i __b)
{
  return (__m128i)(~(__v2di)__a & (__v2di)__b);
}

__OUROCC_INTRINSIC __m128d _mm_or_pd(__m128d __a, __m128d __b)
{
  return (__m128d)((__v2di)__a | (__v2di)__b);
}

__OUROCC_INTRINSIC __m128i _mm_or_si128(__m128i __a, __m128i __b)
{
  return (__m128i)((__v2di)__a | (__v2di)__b);
}

__OUROCC_INTRINSIC __m128d _mm_xor_pd(__m128d __a, __m128d __b)
{
  return (__m128d)((__v2di)__a ^ (__v2di)__b);
}

__OUROCC_INTRINSIC __m128i _mm_xor_si128(__m128i __a, __m128i __b)
{
  return (__m128i)((__v2di)__a ^ (__v2di)__b);
}

__OUROCC_INTRINSIC __m128d _mm_cmpeq_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(__a == __b);
}

__OUROCC_INTRINSIC __m128d _mm_cmpeq_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(__a[0] == __b[0]);
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmplt_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(__a < __b);
}

__OUROCC_INTRINSIC __m128d _mm_cmplt_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(__a[0] < __b[0]);
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmple_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(__a <= __b);
}

__OUROCC_INTRINSIC __m128d _mm_cmple_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(__a[0] <= __b[0]);
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpgt_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(__a > __b);
}

__OUROCC_INTRINSIC __m128d _mm_cmpgt_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(__a[0] > __b[0]);
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpge_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(__a >= __b);
}

__OUROCC_INTRINSIC __m128d _mm_cmpge_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(__a[0] >= __b[0]);
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpneq_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(__a != __b);
}

__OUROCC_INTRINSIC __m128d _mm_cmpneq_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(__a[0] != __b[0]);
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpnlt_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(~(__a < __b));
}

__OUROCC_INTRINSIC __m128d _mm_cmpnlt_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(!(__a[0] < __b[0]));
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpnle_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(~(__a <= __b));
}

__OUROCC_INTRINSIC __m128d _mm_cmpnle_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(!(__a[0] <= __b[0]));
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpngt_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(~(__a > __b));
}

__OUROCC_INTRINSIC __m128d _mm_cmpngt_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(!(__a[0] > __b[0]));
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpnge_pd(__m128d __a, __m128d __b)
{
  return (__m128d)(~(__a >= __b));
}

__OUROCC_INTRINSIC __m128d _mm_cmpnge_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(!(__a[0] >= __b[0]));
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpord_pd(__m128d __a, __m128d __b)
{
  return (__m128d)((__a == __a) & (__b == __b));
}

__OUROCC_INTRINSIC __m128d _mm_cmpord_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(__a[0] == __a[0] && __b[0] == __b[0]);
  return (__m128d)__result;
}

__OUROCC_INTRINSIC __m128d _mm_cmpunord_pd(__m128d __a, __m128d __b)
{
  return (__m128d)((__a != __a) | (__b != __b));
}

__OUROCC_INTRINSIC __m128d _mm_cmpunord_sd(__m128d __a, __m128d __b)
{
  __v2di __result = (__v2di)__a;

  __result[0] = -(long long)(__a[0] != __a[0] || __b[0] != __b[0]);
  return (__m128d)__result;
}

__OUROCC_INTRINSIC int _mm_comieq_sd(__m128d __a, __m128d __b)
{
  return __a[0] == __b[0];
}

__OUROCC_INTRINSIC int _mm_comilt_sd(__m128d __a, __m128d __b)
{
  return __a[0] < __b[0];
}

__OUROCC_INTRINSIC int _mm_comile_sd(__m128d __a, __m128d __b)
{
  return __a[0] <= __b[0];
}

__OUROCC_INTRINSIC int _mm_comigt_sd(__m128d __a, __m128d __b)
{
  return __a[0] > __b[0];
}

__OUROCC_INTRINSIC int _mm_comige_sd(__m128d __a, __m128d __b)
{
  return __a[0] >= __b[0];
}

__OUROCC_INTRINSIC int _mm_comineq_sd(__m128d __a, __m128d __b)
{
  return __a[0] != __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomieq_sd(__m128d __a, __m128d __b)
{
  return __a[0] == __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomilt_sd(__m128d __a, __m128d __b)
{
  return __a[0] < __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomile_sd(__m128d __a, __m128d __b)
{
  return __a[0] <= __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomigt_sd(__m128d __a, __m128d __b)
{
  return __a[0] > __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomige_sd(__m128d __a, __m128d __b)
{
  return __a[0] >= __b[0];
}

__OUROCC_INTRINSIC int _mm_ucomineq_sd(__m128d __a, __m128d __b)
{
  return __a[0] != __b[0];
}

__OUROCC_INTRINSIC __m128d _mm_unpackhi_pd(__m128d __a, __m128d __b)
{
  return (__m128d){ __a[1], __b[1] };
}

__OUROCC_INTRINSIC __m128d _mm_unpacklo_pd(__m128d __a, __m128d __b)
{
  return (__m128d){ __a[0], __b[0] };
}

__OUROCC_INTRINSIC __m128d _mm_shuffle_pd(__m128d __a, __m128d __b, int __mask)
{
  return (__m128d){ __a[__mask & 1], __b[__mask >> 1 & 1] };
}

__OUROCC_INTRINSIC int _mm_movemask_pd(__m128d __a)
{
  __v2du __bits = (__v2du)__a;

  return (int)(__bits[0] >> 63 | __bits[1] >> 63 << 1);
}

/* Conversions. */

__OUROCC_INTRINSIC int _mm_cvtsd_si32(__m128d __a)
{
  return __ourocc_cvtsd(__a[0]);
}

__OUROCC_INTRINSIC int _mm_cvttsd_si32(__m128d __a)
{
  return __ourocc_cvttsd(__a[0]);
}

__OUROCC_INTRINSIC __m128d _mm_cvtsi32_sd(__m128d __a, int __b)
{
  __a[0] = __b;
  return __a;
}

#ifdef __x86_64__
__OUROCC_INTRINSIC long long _mm_cvtsd_si64(__m128d __a)
{
  return __ourocc_cvtsd64(__a[0]);
}

__OUROCC_INTRINSIC long long _mm_cvttsd_si64(__m128d __a)
{
  return __ourocc_cvttsd64(__a[0]);
}

__OUROCC_INTRINSIC __m128d _mm_cvtsi64_sd(__m128d __a, long long __b)
{
  __a[0] = (double)__b;
  return __a;
}

__OUROCC_INTRINSIC __m128i _mm_cvtsi64_si128(long long __a)
{
  return (__m128i){ __a, 0 };
}

__OUROCC_INTRINSIC long long _mm_cvtsi128_si64(__m128i __a)
{
  return __a[0];
}

__OUROCC_INTRINSIC long long _mm_cvtsd_si64x(__m128d __a)
{
  return __ourocc_cvtsd64(__a[0]);
}

__OUROCC_INTRINSIC long long _mm_cvttsd_si64x(__m128d __a)
{
  return __ourocc_cvttsd64(__a[0]);
}

__OUROCC_INTRINSIC __m128d _mm_cvtsi64x_sd(__m128d __a, long long __b)
{
  __a[0] = (double)__b;
  return __a;
}

__OUROCC_INTRINSIC __m128i _mm_cvtsi64x_si128(long long __a)
{
  return (__m128i){ __a, 0 };
}

__OUROCC_INTRINSIC long long _mm_cvtsi128_si64x(__m128i __a)
{
  return __a[0];
}

#endif

__OUROCC_INTRINSIC __m128 _mm_cvtsd_ss(__m128 __a, __m128d __b)
{
  __a[0] = (float)__b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128d _mm_cvtss_sd(__m128d __a, __m128 __b)
{
  __a[0] = __b[0];
  return __a;
}

__OUROCC_INTRINSIC __m128 _mm_cvtpd_ps(__m128d __a)
{
  return (__m128){ (float)__a[0], (float)__a[1], 0.0f, 0.0f };
}

__OUROCC_INTRINSIC __m128d _mm_cvtps_pd(__m128 __a)
{
  return (__m128d){ __a[0], __a[1] };
}

__OUROCC_INTRINSIC __m128 _mm_cvtepi32_ps(__m128i __a)
{
  __v4si __n = (__v4si)__a;

  return (__m128){ (float)__n[0], (float)__n[1], (float)__n[2], (float)__n[3] };
}

__OUROCC_INTRINSIC __m128d _mm_cvtepi32_pd(__m128i __a)
{
  __v4si __n = (__v4si)__a;

  return (__m128d){ __n[0], __n[1] };
}

__OUROCC_INTRINSIC __m128i _mm_cvtps_epi32(__m128 __a)
{
  return (__m128i)(__v4si){ __ourocc_cvtss(__a[0]), __ourocc_cvtss(__a[1]), __ourocc_cvtss(__a[2]),
                            __ourocc_cvtss(__a[3]) };
}

__OUROCC_INTRINSIC __m128i _mm_cvtpd_epi32(__m128d __a)
{
  return (__m128i)(__v4si){ __ourocc_cvtsd(__a[0]), __ourocc_cvtsd(__a[1]), 0, 0 };
}

__OUROCC_INTRINSIC __m128i _mm_cvttps_epi32(__m128 __a)
{
  return (__m128i)(__v4si){ __ourocc_cvttss(__a[0]), __ourocc_cvttss(__a[1]), __ourocc_cvttss(__a[2]),
                            __ourocc_cvttss(__a[3]) };
}

__OUROCC_INTRINSIC __m128i _mm_cvttpd_epi32(__m128d __a)
{
  return (__m128i)(__v4si){ __ourocc_cvttsd(__a[0]), __ourocc_cvttsd(__a[1]), 0, 0 };
}

__OUROCC_INTRINSIC __m128i _mm_cvtsi32_si128(int __a)
{
  return (__m128i)(__v4si){ __a, 0, 0, 0 };
}

__OUROCC_INTRINSIC int _mm_cvtsi128_si32(__m128i __a)
{
  return ((__v4si)__a)[0];
}

__OUROCC_INTRINSIC __m128d _mm_castps_pd(__m128 __a)
{
  return (__m128d)__a;
}

__OUROCC_INTRINSIC __m128i _mm_castps_si128(__m128 __a)
{
  return (__m128i)__a;
}

__OUROCC_INTRINSIC __m128 _mm_castpd_ps(__m128d __a)
{
  return (__m128)__a;
}

__OUROCC_INTRINSIC __m128i _mm_castpd_si128(__m128d __a)
{
  return (__m128i)__a;
}

__OUROCC_INTRINSIC __m128 _mm_castsi128_ps(__m128i __a)
{
  return (__m128)__a;
}

__OUROCC_INTRINSIC __m128d _mm_castsi128_pd(__m128i __a)
{
  return (__m128d)__a;
}

/* Integers: loads, stores, constants. */

__OUROCC_INTRINSIC __m128i _mm_load_si128(__m128i const *__p)
{
  return *__p;
}

__OUROCC_INTRINSIC __m128i _mm_loadu_si128(__m128i_u const *__p)
{
  return *__p;
}

__OUROCC_INTRINSIC __m128i _mm_loadl_epi64(__m128i_u const *__p)
{
  return (__m128i){ *(__ourocc_long_u const *)__p, 0 };
}

__OUROCC_INTRINSIC __m128i _mm_loadu_si16(void const *__p)
{
  return (__m128i)(__v8hi){ *(__ourocc_short_u const *)__p };
}

__OUROCC_INTRINSIC void _mm_storeu_si16(void *__p, __m128i __a)
{
  *(__ourocc_short_u *)__p = ((__v8hi)__a)[0];
}

__OUROCC_INTRINSIC __m128i _mm_loadu_si32(void const *__p)
{
  return (__m128i)(__v4si){ *(__ourocc_int_u const *)__p };
}

__OUROCC_INTRINSIC void _mm_storeu_si32(void *__p, __m128i __a)
{
  *(__ourocc_int_u *)__p = ((__v4si)__a)[0];
}

__OUROCC_INTRINSIC __m128i _mm_loadu_si64(void const *__p)
{
  return (__m128i){ *(__ourocc_long_u const *)__p, 0 };
}

__OUROCC_INTRINSIC void _mm_storeu_si64(void *__p, __m128i __a)
{
  *(__ourocc_long_u *)__p = __a[0];
}

__OUROCC_INTRINSIC void _mm_store_si128(__m128i *__p, __m128i __a)
{
  *__p = __a;
}

__OUROCC_INTRINSIC void _mm_stream_si128(__m128i *__p, __m128i __a)
{
  *__p = __a;
}

__OUROCC_INTRINSIC void _mm_storeu_si128(__m128i_u *__p, __m128i __a)
{
  *__p = __a;
}

__OUROCC_INTRINSIC void _mm_storel_epi64(__m128i_u *__p, __m128i __a)
{
  *(__ourocc_long_u *)__p = __a[0];
}

__OUROCC_INTRINSIC void _mm_stream_si32(int *__p, int __a)
{
  *__p = __a;
}

#ifdef __x86_64__
__OUROCC_INTRINSIC void _mm_stream_si64(long long *__p, long long __a)
{
  *__p = __a;
}

#endif

__OUROCC_INTRINSIC __m128i _mm_move_epi64(__m128i __a)
{
  return (__m128i){ __a[0], 0 };
}

__OUROCC_INTRINSIC __m128i _mm_set_epi64x(long long __b, long long __a)
{
  return (__m128i){ __a, __b };
}

__OUROCC_INTRINSIC __m128i _mm_set1_epi64x(long long __a)
{
  return (__m128i){ __a, __a };
}

__OUROCC_INTRINSIC __m128i _mm_set_epi32(int __a3, int __a2, int __a1, int __a0)
{
  return (__m128i)(__v4si){ __a0, __a1, __a2, __a3 };
}

__OUROCC_INTRINSIC __m128i _mm_setr_epi32(int __a0, int __a1, int __a2, int __a3)
{
  return (__m128i)(__v4si){ __a0, __a1, __a2, __a3 };
}

__OUROCC_INTRINSIC __m128i _mm_set1_epi32(int __a)
{
  return (__m128i)(__v4si){ __a, __a, __a, __a };
}

__OUROCC_INTRINSIC __m128i _mm_set_epi16(short __a7, short __a6, short __a5, short __a4, short __a3, short __a2, short __a1, short __a0)
{
  return (__m128i)(__v8hi){ __a0, __a1, __a2, __a3, __a4, __a5, __a6, __a7 };
}

__OUROCC_INTRINSIC __m128i _mm_setr_epi16(short __a0, short __a1, short __a2, short __a3, short __a4, short __a5, short __a6, short __a7)
{
  return (__m128i)(__v8hi){ __a0, __a1, __a2, __a3, __a4, __a5, __a6, __a7 };
}

__OUROCC_INTRINSIC __m128i _mm_set1_epi16(short __a)
{
  return (__m128i)(__v8hi){ __a, __a, __a, __a, __a, __a, __a, __a };
}

__OUROCC_INTRINSIC __m128i _mm_set_epi8(char __a15, char __a14, char __a13, char __a12, char __a11, char __a10, char __a9, char __a8, char __a7, char __a6, char __a5, char __a4, char __a3, char __a2, char __a1, char __a0)
{
  return (__m128i)(__v16qi){ __a0, __a1, __a2, __a3, __a4, __a5, __a6, __a7, __a8, __a9, __a10, __a11, __a12, __a13, __a14, __a15 };
}

__OUROCC_INTRINSIC __m128i _mm_setr_epi8(char __a0, char __a1, char __a2, char __a3, char __a4, char __a5, char __a6, char __a7, char __a8, char __a9, char __a10, char __a11, char __a12, char __a13, char __a14, char __a15)
{
  return (__m128i)(__v16qi){ __a0, __a1, __a2, __a3, __a4, __a5, __a6, __a7, __a8, __a9, __a10, __a11, __a12, __a13, __a14, __a15 };
}

__OUROCC_INTRINSIC __m128i _mm_set1_epi8(char __a)
{
  return (__m128i)(__v16qi){ __a, __a, __a, __a, __a, __a, __a, __a, __a, __a, __a, __a, __a, __a, __a, __a };
}

/* Wrapping arithmetic is unsigned. */

__OUROCC_INTRINSIC __m128i _mm_add_epi8(__m128i __a, __m128i __b)
{
  return (__m128i)((__v16qu)__a + (__v16qu)__b);
}

__OUROCC_INTRINSIC __m128i _mm_sub_epi8(__m128i __a, __m128i __b)
{
  return (__m128i)((__v16qu)__a - (__v16qu)__b);
}

__OUROCC_INTRINSIC __m128i _mm_add_epi16(__m128i __a, __m128i __b)
{
  return (__m128i)((__v8hu)__a + (__v8hu)__b);
}

__OUROCC_INTRINSIC __m128i _mm_sub_epi16(__m128i __a, __m128i __b)
{
  return (__m128i)((__v8hu)__a - (__v8hu)__b);
}

__OUROCC_INTRINSIC __m128i _mm_add_epi32(__m128i __a, __m128i __b)
{
  return (__m128i)((__v4su)__a + (__v4su)__b);
}

__OUROCC_INTRINSIC __m128i _mm_sub_epi32(__m128i __a, __m128i __b)
{
  return (__m128i)((__v4su)__a - (__v4su)__b);
}

__OUROCC_INTRINSIC __m128i _mm_add_epi64(__m128i __a, __m128i __b)
{
  return (__m128i)((__v2du)__a + (__v2du)__b);
}

__OUROCC_INTRINSIC __m128i _mm_sub_epi64(__m128i __a, __m128i __b)
{
  return (__m128i)((__v2du)__a - (__v2du)__b);
}

__OUROCC_INTRINSIC __m128i _mm_mullo_epi16(__m128i __a, __m128i __b)
{
  return (__m128i)((__v8hu)__a * (__v8hu)__b);
}

__OUROCC_INTRINSIC __m128i _mm_adds_epi8(__m128i __a, __m128i __b)
{
  __v16qs __x = (__v16qs)__a, __y = (__v16qs)__b;
  int __i, __sum;

  for (__i = 0; __i < 16; __i++) {
    __sum = __x[__i] + __y[__i];
    __x[__i] = (signed char)(__sum < -128 ? -128 : __sum > 127 ? 127 : __sum);
  }
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_subs_epi8(__m128i __a, __m128i __b)
{
  __v16qs __x = (__v16qs)__a, __y = (__v16qs)__b;
  int __i, __sum;

  for (__i = 0; __i < 16; __i++) {
    __sum = __x[__i] - __y[__i];
    __x[__i] = (signed char)(__sum < -128 ? -128 : __sum > 127 ? 127 : __sum);
  }
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_adds_epi16(__m128i __a, __m128i __b)
{
  __v8hi __x = (__v8hi)__a, __y = (__v8hi)__b;
  int __i, __sum;

  for (__i = 0; __i < 8; __i++) {
    __sum = __x[__i] + __y[__i];
    __x[__i] = (short)(__sum < -32768 ? -32768 : __sum > 32767 ? 32767 : __sum);
  }
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_subs_epi16(__m128i __a, __m128i __b)
{
  __v8hi __x = (__v8hi)__a, __y = (__v8hi)__b;
  int __i, __sum;

  for (__i = 0; __i < 8; __i++) {
    __sum = __x[__i] - __y[__i];
    __x[__i] = (short)(__sum < -32768 ? -32768 : __sum > 32767 ? 32767 : __sum);
  }
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_adds_epu8(__m128i __a, __m128i __b)
{
  __v16qu __x = (__v16qu)__a, __y = (__v16qu)__b;
  int __i, __sum;

  for (__i = 0; __i < 16; __i++) {
    __sum = __x[__i] + __y[__i];
    __x[__i] = (unsigned char)(__sum < 0 ? 0 : __sum > 255 ? 255 : __sum);
  }
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_subs_epu8(__m128i __a, __m128i __b)
{
  __v16qu __x = (__v16qu)__a, __y = (__v16qu)__b;
  int __i, __sum;

  for (__i = 0; __i < 16; __i++) {
    __sum = __x[__i] - __y[__i];
    __x[__i] = (unsigned char)(__sum < 0 ? 0 : __sum > 255 ? 255 : __sum);
  }
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_adds_epu16(__m128i __a, __m128i __b)
{
  __v8hu __x = (__v8hu)__a, __y = (__v8hu)__b;
  int __i, __sum;

  for (__i = 0; __i < 8; __i++) {
    __sum = __x[__i] + __y[__i];
    __x[__i] = (unsigned short)(__sum < 0 ? 0 : __sum > 65535 ? 65535 : __sum);
  }
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_subs_epu16(__m128i __a, __m128i __b)
{
  __v8hu __x = (__v8hu)__a, __y = (__v8hu)__b;
  int __i, __sum;

  for (__i = 0; __i < 8; __i++) {
    __sum = __x[__i] - __y[__i];
    __x[__i] = (unsigned short)(__sum < 0 ? 0 : __sum > 65535 ? 65535 : __sum);
  }
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_mulhi_epi16(__m128i __a, __m128i __b)
{
  __v8hi __x = (__v8hi)__a, __y = (__v8hi)__b;
  int __i;

  for (__i = 0; __i < 8; __i++)
    __x[__i] = (short)(__x[__i] * __y[__i] >> 16);
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_mulhi_epu16(__m128i __a, __m128i __b)
{
  __v8hu __x = (__v8hu)__a, __y = (__v8hu)__b;
  int __i;

  for (__i = 0; __i < 8; __i++)
    __x[__i] = (unsigned short)((unsigned int)__x[__i] * __y[__i] >> 16);
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_avg_epu8(__m128i __a, __m128i __b)
{
  __v16qu __x = (__v16qu)__a, __y = (__v16qu)__b;
  int __i;

  for (__i = 0; __i < 16; __i++)
    __x[__i] = (unsigned char)((__x[__i] + __y[__i] + 1) >> 1);
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_avg_epu16(__m128i __a, __m128i __b)
{
  __v8hu __x = (__v8hu)__a, __y = (__v8hu)__b;
  int __i;

  for (__i = 0; __i < 8; __i++)
    __x[__i] = (unsigned short)((__x[__i] + __y[__i] + 1) >> 1);
  return (__m128i)__x;
}

__OUROCC_INTRINSIC __m128i _mm_mul_epu32(__m128i __a, __m128i __b)
{
  __v2du __low = { 0xffffffffu, 0xffffffffu };

  return (__m128i)(((__v2du)__a & __low) * ((__v2du)__b & __low));
}

__OUROCC_INTRINSIC __m128i _mm_madd_epi16(__m128i __a, __m128i __b)
{
  __v8hi __x = (__v8hi)__a, __y = (__v8hi)__b;
  __v4su __result;
  int __i;

  for (__i = 0; __i < 4; __i++)
    __result[__i] = (unsigned int)(__x[2 * __i] * __y[2 * __i])
                    + (unsigned int)(__x[2 * __i + 1] * __y[2 * __i + 1]);
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_sad_epu8(__m128i __a, __m128i __b)
{
  __v16qu __x = (__v16qu)__a, __y = (__v16qu)__b;
  __m128i __result = { 0, 0 };
  int __i;

  for (__i = 0; __i < 16; __i++)
    __result[__i / 8] += __x[__i] > __y[__i] ? __x[__i] - __y[__i] : __y[__i] - __x[__i];
  return __result;
}

__OUROCC_INTRINSIC __m128i _mm_min_epi16(__m128i __a, __m128i __b)
{
  __m128i __mask = (__m128i)((__v8hi)__a < (__v8hi)__b);

  return (__a & __mask) | (__b & ~__mask);
}

__OUROCC_INTRINSIC __m128i _mm_max_epi16(__m128i __a, __m128i __b)
{
  __m128i __mask = (__m128i)((__v8hi)__a > (__v8hi)__b);

  return (__a & __mask) | (__b & ~__mask);
}

__OUROCC_INTRINSIC __m128i _mm_min_epu8(__m128i __a, __m128i __b)
{
  __m128i __mask = (__m128i)((__v16qu)__a < (__v16qu)__b);

  return (__a & __mask) | (__b & ~__mask);
}

__OUROCC_INTRINSIC __m128i _mm_max_epu8(__m128i __a, __m128i __b)
{
  __m128i __mask = (__m128i)((__v16qu)__a > (__v16qu)__b);

  return (__a & __mask) | (__b & ~__mask);
}

__OUROCC_INTRINSIC __m128i _mm_cmpeq_epi8(__m128i __a, __m128i __b)
{
  return (__m128i)((__v16qs)__a == (__v16qs)__b);
}

__OUROCC_INTRINSIC __m128i _mm_cmpgt_epi8(__m128i __a, __m128i __b)
{
  return (__m128i)((__v16qs)__a > (__v16qs)__b);
}

__OUROCC_INTRINSIC __m128i _mm_cmplt_epi8(__m128i __a, __m128i __b)
{
  return (__m128i)((__v16qs)__a < (__v16qs)__b);
}

__OUROCC_INTRINSIC __m128i _mm_cmpeq_epi16(__m128i __a, __m128i __b)
{
  return (__m128i)((__v8hi)__a == (__v8hi)__b);
}

__OUROCC_INTRINSIC __m128i _mm_cmpgt_epi16(__m128i __a, __m128i __b)
{
  return (__m128i)((__v8hi)__a > (__v8hi)__b);
}

__OUROCC_INTRINSIC __m128i _mm_cmplt_epi16(__m128i __a, __m128i __b)
{
  return (__m128i)((__v8hi)__a < (__v8hi)__b);
}

__OUROCC_INTRINSIC __m128i _mm_cmpeq_epi32(__m128i __a, __m128i __b)
{
  return (__m128i)((__v4si)__a == (__v4si)__b);
}

__OUROCC_INTRINSIC __m128i _mm_cmpgt_epi32(__m128i __a, __m128i __b)
{
  return (__m128i)((__v4si)__a > (__v4si)__b);
}

__OUROCC_INTRINSIC __m128i _mm_cmplt_epi32(__m128i __a, __m128i __b)
{
  return (__m128i)((__v4si)__a < (__v4si)__b);
}

/* Shifts by a count that may reach or exceed the width: zeros, or copies of the sign. */

__OUROCC_INTRINSIC __m128i _mm_slli_epi16(__m128i __a, int __count)
{
  if ((unsigned int)__count >= 16)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v8hu)__a << __count);
}

__OUROCC_INTRINSIC __m128i _mm_sll_epi16(__m128i __a, __m128i __count)
{
  if ((unsigned long long)__count[0] >= 16)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v8hu)__a << (int)__count[0]);
}

__OUROCC_INTRINSIC __m128i _mm_srli_epi16(__m128i __a, int __count)
{
  if ((unsigned int)__count >= 16)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v8hu)__a >> __count);
}

__OUROCC_INTRINSIC __m128i _mm_srl_epi16(__m128i __a, __m128i __count)
{
  if ((unsigned long long)__count[0] >= 16)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v8hu)__a >> (int)__count[0]);
}

__OUROCC_INTRINSIC __m128i _mm_srai_epi16(__m128i __a, int __count)
{
  return (__m128i)((__v8hi)__a >> ((unsigned int)__count >= 16 ? 15 : __count));
}

__OUROCC_INTRINSIC __m128i _mm_sra_epi16(__m128i __a, __m128i __count)
{
  return (__m128i)((__v8hi)__a >> ((unsigned long long)__count[0] >= 16 ? 15 : (int)__count[0]));
}

__OUROCC_INTRINSIC __m128i _mm_slli_epi32(__m128i __a, int __count)
{
  if ((unsigned int)__count >= 32)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v4su)__a << __count);
}

__OUROCC_INTRINSIC __m128i _mm_sll_epi32(__m128i __a, __m128i __count)
{
  if ((unsigned long long)__count[0] >= 32)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v4su)__a << (int)__count[0]);
}

__OUROCC_INTRINSIC __m128i _mm_srli_epi32(__m128i __a, int __count)
{
  if ((unsigned int)__count >= 32)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v4su)__a >> __count);
}

__OUROCC_INTRINSIC __m128i _mm_srl_epi32(__m128i __a, __m128i __count)
{
  if ((unsigned long long)__count[0] >= 32)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v4su)__a >> (int)__count[0]);
}

__OUROCC_INTRINSIC __m128i _mm_srai_epi32(__m128i __a, int __count)
{
  return (__m128i)((__v4si)__a >> ((unsigned int)__count >= 32 ? 31 : __count));
}

__OUROCC_INTRINSIC __m128i _mm_sra_epi32(__m128i __a, __m128i __count)
{
  return (__m128i)((__v4si)__a >> ((unsigned long long)__count[0] >= 32 ? 31 : (int)__count[0]));
}

__OUROCC_INTRINSIC __m128i _mm_slli_epi64(__m128i __a, int __count)
{
  if ((unsigned int)__count >= 64)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v2du)__a << __count);
}

__OUROCC_INTRINSIC __m128i _mm_sll_epi64(__m128i __a, __m128i __count)
{
  if ((unsigned long long)__count[0] >= 64)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v2du)__a << (int)__count[0]);
}

__OUROCC_INTRINSIC __m128i _mm_srli_epi64(__m128i __a, int __count)
{
  if ((unsigned int)__count >= 64)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v2du)__a >> __count);
}

__OUROCC_INTRINSIC __m128i _mm_srl_epi64(__m128i __a, __m128i __count)
{
  if ((unsigned long long)__count[0] >= 64)
    return (__m128i){ 0, 0 };
  return (__m128i)((__v2du)__a >> (int)__count[0]);
}

__OUROCC_INTRINSIC __m128i _mm_slli_si128(__m128i __a, int __count)
{
  __v16qu __x = (__v16qu)__a, __result = { 0 };
  int __i;

  for (__i = __count & 255; __i < 16; __i++)
    __result[__i] = __x[__i - (__count & 255)];
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_bslli_si128(__m128i __a, int __count)
{
  __v16qu __x = (__v16qu)__a, __result = { 0 };
  int __i;

  for (__i = __count & 255; __i < 16; __i++)
    __result[__i] = __x[__i - (__count & 255)];
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_srli_si128(__m128i __a, int __count)
{
  __v16qu __x = (__v16qu)__a, __result = { 0 };
  int __i;

  for (__i = __count & 255; __i < 16; __i++)
    __result[__i - (__count & 255)] = __x[__i];
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_bsrli_si128(__m128i __a, int __count)
{
  __v16qu __x = (__v16qu)__a, __result = { 0 };
  int __i;

  for (__i = __count & 255; __i < 16; __i++)
    __result[__i - (__count & 255)] = __x[__i];
  return (__m128i)__result;
}

/* Rearranging. */

__OUROCC_INTRINSIC __m128i _mm_unpacklo_epi8(__m128i __a, __m128i __b)
{
  __v16qu __x = (__v16qu)__a, __y = (__v16qu)__b, __result;
  int __i;

  for (__i = 0; __i < 8; __i++) {
    __result[2 * __i] = __x[__i];
    __result[2 * __i + 1] = __y[__i];
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_unpackhi_epi8(__m128i __a, __m128i __b)
{
  __v16qu __x = (__v16qu)__a, __y = (__v16qu)__b, __result;
  int __i;

  for (__i = 0; __i < 8; __i++) {
    __result[2 * __i] = __x[__i + 8];
    __result[2 * __i + 1] = __y[__i + 8];
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_unpacklo_epi16(__m128i __a, __m128i __b)
{
  __v8hu __x = (__v8hu)__a, __y = (__v8hu)__b, __result;
  int __i;

  for (__i = 0; __i < 4; __i++) {
    __result[2 * __i] = __x[__i];
    __result[2 * __i + 1] = __y[__i];
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_unpackhi_epi16(__m128i __a, __m128i __b)
{
  __v8hu __x = (__v8hu)__a, __y = (__v8hu)__b, __result;
  int __i;

  for (__i = 0; __i < 4; __i++) {
    __result[2 * __i] = __x[__i + 4];
    __result[2 * __i + 1] = __y[__i + 4];
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_unpacklo_epi32(__m128i __a, __m128i __b)
{
  __v4su __x = (__v4su)__a, __y = (__v4su)__b, __result;
  int __i;

  for (__i = 0; __i < 2; __i++) {
    __result[2 * __i] = __x[__i];
    __result[2 * __i + 1] = __y[__i];
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_unpackhi_epi32(__m128i __a, __m128i __b)
{
  __v4su __x = (__v4su)__a, __y = (__v4su)__b, __result;
  int __i;

  for (__i = 0; __i < 2; __i++) {
    __result[2 * __i] = __x[__i + 2];
    __result[2 * __i + 1] = __y[__i + 2];
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_unpacklo_epi64(__m128i __a, __m128i __b)
{
  return (__m128i){ __a[0], __b[0] };
}

__OUROCC_INTRINSIC __m128i _mm_unpackhi_epi64(__m128i __a, __m128i __b)
{
  return (__m128i){ __a[1], __b[1] };
}

__OUROCC_INTRINSIC __m128i _mm_packs_epi32(__m128i __a, __m128i __b)
{
  __v4si __x = (__v4si)__a, __y = (__v4si)__b;
  __v8hi __result;
  int __i;

  for (__i = 0; __i < 4; __i++) {
    __result[__i] = (short)(__x[__i] < -32768 ? -32768 : __x[__i] > 32767 ? 32767 : __x[__i]);
    __result[__i + 4] = (short)(__y[__i] < -32768 ? -32768 : __y[__i] > 32767 ? 32767 : __y[__i]);
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_packs_epi16(__m128i __a, __m128i __b)
{
  __v8hi __x = (__v8hi)__a, __y = (__v8hi)__b;
  __v16qs __result;
  int __i;

  for (__i = 0; __i < 8; __i++) {
    __result[__i] = (signed char)(__x[__i] < -128 ? -128 : __x[__i] > 127 ? 127 : __x[__i]);
    __result[__i + 8] = (signed char)(__y[__i] < -128 ? -128 : __y[__i] > 127 ? 127 : __y[__i]);
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_packus_epi16(__m128i __a, __m128i __b)
{
  __v8hi __x = (__v8hi)__a, __y = (__v8hi)__b;
  __v16qu __result;
  int __i;

  for (__i = 0; __i < 8; __i++) {
    __result[__i] = (unsigned char)(__x[__i] < 0 ? 0 : __x[__i] > 255 ? 255 : __x[__i]);
    __result[__i + 8] = (unsigned char)(__y[__i] < 0 ? 0 : __y[__i] > 255 ? 255 : __y[__i]);
  }
  return (__m128i)__result;
}

__OUROCC_INTRINSIC __m128i _mm_shuffle_epi32(__m128i __a, int __mask)
{
  __v4si __x = (__v4si)__a;

  return (__m128i)(__v4si){ __x[__mask & 3], __x[__mask >> 2 & 3], __x[__mask >> 4 & 3], __x[__mask >> 6 & 3] };
}

__OUROCC_INTRINSIC __m128i _mm_shufflelo_epi16(__m128i __a, int __mask)
{
  __v8hi __x = (__v8hi)__a;

  return (__m128i)(__v8hi){ __x[__mask & 3], __x[__mask >> 2 & 3], __x[__mask >> 4 & 3], __x[__mask >> 6 & 3],
                            __x[4], __x[5], __x[6], __x[7] };
}

__OUROCC_INTRINSIC __m128i _mm_shufflehi_epi16(__m128i __a, int __mask)
{
  __v8hi __x = (__v8hi)__a;

  return (__m128i)(__v8hi){ __x[0], __x[1], __x[2], __x[3], __x[4 + (__mask & 3)], __x[4 + (__mask >> 2 & 3)],
                            __x[4 + (__mask >> 4 & 3)], __x[4 + (__mask >> 6 & 3)] };
}

__OUROCC_INTRINSIC int _mm_movemask_epi8(__m128i __a)
{
  __v16qu __x = (__v16qu)__a;
  int __i, __mask = 0;

  for (__i = 0; __i < 16; __i++)
    __mask |= (__x[__i] >> 7) << __i;
  return __mask;
}

__OUROCC_INTRINSIC int _mm_extract_epi16(__m128i __a, int __index)
{
  return ((__v8hu)__a)[__index & 7];
}

__OUROCC_INTRINSIC __m128i _mm_insert_epi16(__m128i __a, int __value, int __index)
{
  __v8hi __x = (__v8hi)__a;

  __x[__index & 7] = (short)__value;
  return (__m128i)__x;
}

__OUROCC_INTRINSIC void _mm_maskmoveu_si128(__m128i __a, __m128i __mask, char *__p)
{
  __v16qi __x = (__v16qi)__a;
  __v16qu __m = (__v16qu)__mask;
  int __i;

  for (__i = 0; __i < 16; __i++)
    if (__m[__i] >> 7)
      __p[__i] = __x[__i];
}

/* Caches and order of memory accesses. */

__OUROCC_INTRINSIC void _mm_clflush(void const *__p)
{
  __asm__ __volatile__("clflush %0" : : "m"(*(char const *)__p) : "memory");
}

__OUROCC_INTRINSIC void _mm_lfence(void)
{
  __asm__ __volatile__("lfence" : : : "memory");
}

__OUROCC_INTRINSIC void _mm_mfence(void)
{
  __asm__ __volatile__("mfence" : : : "memory");
}

__OUROCC_MMX(__m64, _mm_cvtpd_pi32, (__m128d))
__OUROCC_MMX(__m64, _mm_cvttpd_pi32, (__m128d))
__OUROCC_MMX(__m128d, _mm_cvtpi32_pd, (__m64))
__OUROCC_MMX(__m64, _mm_add_si64, (__m64, __m64))
__OUROCC_MMX(__m64, _mm_sub_si64, (__m64, __m64))
__OUROCC_MMX(__m64, _mm_mul_su32, (__m64, __m64))
__OUROCC_MMX(__m64, _mm_movepi64_pi64, (__m128i))
__OUROCC_MMX(__m128i, _mm_movpi64_epi64, (__m64))
__OUROCC_MMX(__m128i, _mm_set_epi64, (__m64, __m64))
__OUROCC_MMX(__m128i, _mm_setr_epi64, (__m64, __m64))
__OUROCC_MMX(__m128i, _mm_set1_epi64, (__m64))

#endif
