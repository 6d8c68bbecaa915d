/* <varargs.h>: the interface from before ISO C, which no compiler supports any more. */
#ifndef _VARARGS_H
#define _VARARGS_H 1
#error "<varargs.h> is not supported: use <stdarg.h> and a prototype with ..."
#endif
