/* The same operations for long double, apart from those for double because on targets with a
   binary128 long double every operation here is itself a call. */
#include "helper.h"

#if __LDBL_MANT_DIG__ == 64
#define MODE xc
#define POWER_MODE xf
#define SIGN_BYTE 9
#elif __LDBL_MANT_DIG__ == 113
#define MODE tc
#define POWER_MODE tf
#define SIGN_BYTE 15
#else
#error "unknown format of long double"
#endif

#define REAL long double
#define MAXIMUM __LDBL_MAX__
#define MINIMUM __LDBL_MIN__
#define EPSILON __LDBL_EPSILON__
#include "complex_template.h"
