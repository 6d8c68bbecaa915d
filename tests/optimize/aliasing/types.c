/* Which types are one type for 6.5p7, with gcc's extensions. */
#include <complex.h>
#include <stdio.h>
#include <wchar.h>

enum color { RED, GREEN, BLUE };
enum negative { MINUS = -1, PLUS = 1 };
typedef int loose __attribute__((may_alias));
typedef struct { int x; float y; } __attribute__((may_alias)) loose_record;
struct plain { int x; float y; };
struct bits { unsigned low : 3, high : 13; int rest; };
typedef int v4 __attribute__((vector_size(16)));
typedef float f4 __attribute__((vector_size(16), may_alias));

__attribute__((noinline)) int signs(int *i, unsigned *u) { *i = 1; *u = 2; return *i; }
__attribute__((noinline)) long longs(long *i, unsigned long *u) { *i = 1; *u += 2; return *i; }
__attribute__((noinline)) int enumeration(enum color *c, unsigned *u) { *c = RED; *u = 2; return *c; }
__attribute__((noinline)) int negative(enum negative *c, int *i) { *c = MINUS; *i = 1; return *c; }
__attribute__((noinline)) int wide(wchar_t *w, int *i) { *w = 1; *i = 5; return *w; }
__attribute__((noinline)) int may_alias(float *f, loose *l) { *f = 1.0f; *l += 1; return *(loose *)f; }
__attribute__((noinline)) float may_alias_too(float *f, loose *l) { *f = 1.0f; *l = 0x40000000; return *f; }
__attribute__((noinline)) float record(loose_record *l, float *f) { *f = 3.0f; l->x = 0x40000000; return *f; }
__attribute__((noinline)) int pointers(int **a, void **v, int *x) { *a = 0; *v = x; return **a; }
__attribute__((noinline)) int more_pointers(const int **a, int *volatile *v, int *x) { *a = 0; *v = x; return **a; }
__attribute__((noinline)) int vectors(v4 *v, int *i) { *v = (v4){ 1, 2, 3, 4 }; i[2] = 9; return (*v)[2]; }
__attribute__((noinline)) int loose_vectors(f4 *v, int *i) {
    i[1] = 3;
    *v = (f4){ 1, 2, 3, 4 };
    return i[1];
}
__attribute__((noinline)) double parts(double complex *c, double *d) { *c = 1 + 2 * I; d[1] = 5; return cimag(*c); }
__attribute__((noinline)) double assigned_parts(double complex *c, double *d) { d[1] = 5; __imag__ *c = 6; return d[1]; }
__attribute__((noinline)) int bit_fields(struct bits *b, unsigned *u) { b->high = 1; *u = 0xff; return b->high; }
__attribute__((noinline)) int members(struct plain *p, int *i, float *f) {
    p->x = 1;
    *f = 2.0f;
    *i = 3;
    return p->x + (int)p->y;
}
__attribute__((noinline)) int string(char *s, int *n, int k) {
    *n = 0;
    while (s[*n])
        s[(*n)++] = 0;
    return *n + k;
}
__attribute__((noinline)) _Bool truth(_Bool *b, char *c) { *b = 0; *c = 1; return *b; }
__attribute__((noinline)) int atomics(_Atomic int *a, int *i) { *i = 1; *a = 2; return *i; }
__attribute__((noinline)) int assembly(int *i, float *f) {
    *i = 1;
    __asm__ volatile("" : "+m"(*f) : : "memory");
    *f = 2.0f;
    return (int)*f;
}

int main(void) {
    union { int i; unsigned u; enum color c; enum negative n; float f; wchar_t w; _Bool b; char ch; long l; unsigned long ul; } o;
    union { struct plain p; loose_record l; struct bits b; unsigned u; float f; int i; } r = { { 0, 0 } };
    union { v4 v; int i[4]; f4 f; } w;
    union { double complex c; double d[2]; } z;
    union { int *i; void *v; const int *k; } q;
    int x = 42;
    float one;
    printf("%d %ld %d %d %d\n", signs(&o.i, &o.u), longs(&o.l, &o.ul), enumeration(&o.c, &o.u), negative(&o.n, &o.i), wide(&o.w, &o.i));
    printf("%x %g %g\n", may_alias(&one, (loose *)&one), may_alias_too(&one, (loose *)&one), record((loose_record *)&one, &one));
    printf("%d %d\n", pointers(&q.i, &q.v, &x), more_pointers(&q.k, &q.i, &x));
    printf("%d %x\n", vectors(&w.v, w.i), loose_vectors(&w.f, w.i));
    printf("%g %g\n", parts(&z.c, z.d), assigned_parts(&z.c, z.d));
    printf("%d %d\n", bit_fields(&r.b, &r.u), members(&r.p, &r.p.x, &r.p.y));
    char text[4] = "abc";
    printf("%d\n", string(text, &x, 1));
    printf("%d %d %d\n", truth(&o.b, &o.ch), atomics((_Atomic int *)&x, &x), assembly(&x, &one));
    return 0;
}
