/* Complex multiplication and division and integer powers, for float, double and long double:
   __mulsc3 __divsc3 __powisf2, __muldc3 __divdc3 __powidf2, __mulxc3 __divxc3 __powixf2 (x87) or
   __multc3 __divtc3 __powitf2 (binary128). */
#include "helper.h"

#define REAL float
#define MODE sc
#define POWER_MODE sf
#define MAXIMUM __FLT_MAX__
#define MINIMUM __FLT_MIN__
#define EPSILON __FLT_EPSILON__
#define SIGN_BYTE 3
#define WIDER double
#include "complex_template.h"
#undef REAL
#undef MODE
#undef POWER_MODE
#undef MAXIMUM
#undef MINIMUM
#undef EPSILON
#undef SIGN_BYTE
#undef WIDER

#define REAL double
#define MODE dc
#define POWER_MODE df
#define MAXIMUM __DBL_MAX__
#define MINIMUM __DBL_MIN__
#define EPSILON __DBL_EPSILON__
#define SIGN_BYTE 7
#include "complex_template.h"
#undef REAL
#undef MODE
#undef POWER_MODE
#undef MAXIMUM
#undef MINIMUM
#undef EPSILON
#undef SIGN_BYTE
