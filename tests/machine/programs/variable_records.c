#include <stdio.h>
#include <stddef.h>
#include <stdarg.h>
#include <string.h>
static int calls; static int len(int n) { calls++; return n; }
__attribute__((noinline)) void sizes(int n) {
  struct S { char c; int i[n]; short s; double d; char t[n]; long l; } s, *p = &s, a[2];
  struct P { char c; int i[n]; unsigned b : 3; unsigned e : 7; short s; } __attribute__((packed)) k;
  struct B { char c[n]; unsigned x : 3, y : 5; int z; } q;
  struct N { struct S in; char after; int (*m)[n]; } nn;
  union U { char c[n]; double d; struct S s; int i[3]; } u;
  struct O { int a : 4; int b; char v[n]; } o;
  typedef struct { int v[n]; } T; T t[3]; T *tp = t;
  struct L { int *q; char v[len(n)][2]; } lv;
  printf("%zu %zu %zu %zu %zu %zu %zu %zu | ", sizeof s, sizeof(struct P), sizeof q, sizeof nn, sizeof u, sizeof o, sizeof t, sizeof(struct L));
  printf("%td %td %td %td %td | ", (char *)&s.i - (char *)&s, (char *)&s.s - (char *)&s, (char *)&p->d - (char *)p, (char *)&s.t - (char *)&s, (char *)&p->l - (char *)p);
  printf("%zu %zu %zu | ", offsetof(struct S, t[1]), offsetof(struct N, after), offsetof(struct N, m));
  printf("%td %td %td\n", (char *)(p + 1) - (char *)p, &a[1] - &a[0], (char *)(tp + 2) - (char *)tp);
  memset(&s, 7, sizeof s); memset(&k, 0, sizeof k); memset(&q, 0xff, sizeof q);
  for (int i = 0; i < n; i++) { s.i[i] = i * 3; p->t[i] = i + 65; }
  s.s = -5; p->d = 2.5; s.l = 1234567890123L; s.c = 'x';
  k.b = 5; k.e = 100; k.s = -7; k.i[n - 1] = 42;
  q.x = 1; q.y = 9; q.z = 77; q.c[n - 1] = 3;
  a[1] = s; a[0] = a[1]; nn.in = a[0]; nn.after = 9; u.s = nn.in; o.a = -3; o.b = 8; o.v[0] = 1;
  struct S w; w = ({ struct S z; z = u.s; z.s++; z; });
  p = &a[1]; p--; 
  printf("%d %d %d %g %ld %c | %d %d %d %d | %d %d %d %d | %d %d %d %d %d %.*s\n", w.i[n-1], w.s, s.s, w.d, p->l, nn.in.c, k.b, k.e, k.s, k.i[n-1], q.x, q.y, q.z, q.c[n-1], nn.after, o.a, o.b, o.v[0], calls, n, w.t);
  n = 1; printf("%zu\n", sizeof(struct S));
}
__attribute__((noinline)) int sum(int n, ...) {
  struct V { int v[n]; } x; va_list ap; va_start(ap, n); int r = 0;
  for (int k = 0; k < 2; k++) { x = va_arg(ap, struct V); for (int i = 0; i < n; i++) r += x.v[i] * (k + 1); x.v[0] = 0; }
  r += va_arg(ap, int); va_end(ap); return r;
}
int outer(int n) {
  struct V { int v[n]; int last; } x;
  int inner(struct V y) { y.v[0] += 100; return y.v[0] + x.last + sizeof(struct V) + y.last; }
  memset(&x, 0, sizeof x); x.v[0] = 1; x.last = 5; int r = inner(x); return r * 1000 + x.v[0];
}
int main(void) {
  sizes(5); sizes(9); sizes(16);
  for (int n = 1; n < 4; n++) { struct V { int v[n]; } a, b; for (int i = 0; i < n; i++) a.v[i] = i + 1, b.v[i] = 10 * i; printf("%d ", sum(n, a, b, 7)); printf("%d\n", a.v[0]); }
  printf("%d %d\n", outer(3), outer(4));
  for (int i = 0; i < 100000; i++) { struct { char c[i & 1023]; int k; } z; z.k = i; if (z.k != i) return 1; }
  return 0;
}
