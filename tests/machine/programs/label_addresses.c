#include <stdio.h>
static void *p[4];
static inline void doit(void **q, int c) { if (c) { here: *q = &&here; } }
static inline unsigned long ip(void) { __label__ h; h: return (unsigned long)&&h; }
static inline int machine(int n) { static void *t[] = {&&a, &&b, &&c}; goto *t[n]; a: return 1; b: return 2; c: return 3; }
static inline int diff(int n) { static const int t[] = {&&a-&&a, &&b-&&a}; int k = 0; a: k++; b: k++; return t[n] != 0 || k; }
__attribute__((noinline)) void f(void) { doit(&p[0], 1); }
__attribute__((noinline)) void g(void) { doit(&p[1], 1); }
static inline int fact(int n) { if (n < 2) { l: p[2] = &&l; return 1; } return n * fact(n - 1); }
int main(void) { f(); g(); printf("%d %d %d\n", p[0] != 0, ip() == ip(), fact(6)); printf("%d%d%d %d%d\n", machine(0), machine(1), machine(2), diff(0), diff(1)); return 0; }
