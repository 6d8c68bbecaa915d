/* <stddef.h> (C17 7.19).  A C library asks for single definitions by defining __need_NAME first;
   then only those are given and the header may be included again. */

#if !defined __need_size_t && !defined __need_ptrdiff_t && !defined __need_wchar_t \
    && !defined __need_wint_t && !defined __need_NULL
#define __ourocc_stddef_all 1
#endif

#if !defined __ourocc_stddef_all || !defined _STDDEF_H

#ifdef __ourocc_stddef_all
#define _STDDEF_H 1
#define _STDDEF_H_ 1
#define __STDDEF_H__ 1
#endif

#if defined __ourocc_stddef_all || defined __need_ptrdiff_t
#ifndef _PTRDIFF_T
#define _PTRDIFF_T 1
#define _PTRDIFF_T_ 1
typedef __PTRDIFF_TYPE__ ptrdiff_t;
#endif
#undef __need_ptrdiff_t
#endif

#if defined __ourocc_stddef_all || defined __need_size_t
#ifndef _SIZE_T
#define _SIZE_T 1
#define _SIZE_T_ 1
#define __size_t__ 1
#define __size_t
#define _SIZE_T_DEFINED 1
typedef __SIZE_TYPE__ size_t;
#endif
#undef __need_size_t
#endif

#if defined __ourocc_stddef_all || defined __need_wchar_t
#if !defined _WCHAR_T && !defined __cplusplus
#define _WCHAR_T 1
#define _WCHAR_T_ 1
#define __wchar_t__ 1
#define _WCHAR_T_DEFINED 1
typedef __WCHAR_TYPE__ wchar_t;
#endif
#undef __need_wchar_t
#endif

#ifdef __need_wint_t
#ifndef _WINT_T
#define _WINT_T 1
typedef __WINT_TYPE__ wint_t;
#endif
#undef __need_wint_t
#endif

#if defined __ourocc_stddef_all || defined __need_NULL
#undef NULL
#define NULL ((void *)0)
#undef __need_NULL
#endif

#ifdef __ourocc_stddef_all
#undef offsetof
#define offsetof(TYPE, MEMBER) __builtin_offsetof(TYPE, MEMBER)

#if defined __STDC_VERSION__ && __STDC_VERSION__ >= 201112L && !defined _GCC_MAX_ALIGN_T
#define _GCC_MAX_ALIGN_T 1
/* As strictly aligned as any scalar type: long long and long double cover every ABI. */
typedef struct {
  long long __max_align_ll __attribute__((__aligned__(__alignof__(long long))));
  long double __max_align_ld __attribute__((__aligned__(__alignof__(long double))));
#ifdef __i386__
  /* __float128 needs 16 bytes there, long double only 4. */
  long double __max_align_f128 __attribute__((__aligned__(16)));
#endif
} max_align_t;
#endif
#endif

#endif
#undef __ourocc_stddef_all
