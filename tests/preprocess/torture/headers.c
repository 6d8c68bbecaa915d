#include <assert.h>
#include <complex.h>
#include <ctype.h>
#include <errno.h>
#include <fenv.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <tgmath.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
int main(void)
{
    errno = EINVAL; FILE *f = stdout; assert(f != NULL && isdigit('1'));
    return INT_MAX - sin(1) + offsetof(struct stat, st_mode);
}
