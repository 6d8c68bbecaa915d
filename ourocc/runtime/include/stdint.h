/* <stdint.h> (C17 7.20).  In a hosted implementation the C library's own header rules; a
   freestanding one gets everything from the predefined macros. */
#ifndef _OUROCC_STDINT_H
#define _OUROCC_STDINT_H 1

#if __STDC_HOSTED__
#if __has_include_next(<stdint.h>)
#include_next <stdint.h>
#else
#include "stdint-gcc.h"
#endif
#else
#include "stdint-gcc.h"
#endif

#endif
