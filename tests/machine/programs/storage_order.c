#include <stdio.h>
#include <string.h>
#define BE __attribute__((scalar_storage_order("big-endian")))
struct In { int plain; };
enum e { A = 1, B = 0x01020304 };
struct BE S { unsigned char c; short s; int i; long l; float f; double d; _Bool b; enum e e; int arr[3]; short m[2][2]; struct In in; void *p; _Complex float z; unsigned long long u; __int128 q; };
struct BE T { unsigned x : 3; unsigned y : 9; int z : 20; unsigned long long w : 40; unsigned v : 24; signed char k : 4; unsigned char r : 4; };
struct BE P { char c; unsigned a : 5; unsigned b : 27; int n; unsigned long long big : 61; } __attribute__((packed));
struct BE Q { unsigned long long f0 : 29, f1 : 4, f2 : 31; };
union BE U { int i; short h[2]; unsigned char c[4]; };
#pragma scalar_storage_order big-endian
struct V { int a; short b; };
struct BE2 { int x; } __attribute__((scalar_storage_order("little-endian")));
#pragma scalar_storage_order default
struct W { int a; };
static void dump(const char *n, const void *p, int k) { const unsigned char *b = p; printf("%s:", n); for (int i = 0; i < k; i++) printf(" %02x", b[i]); puts(""); }
struct S g = { 1, 2, 0x11223344, -5, 1.5f, -2.25, 1, B, {1, 2, 3}, {{1, 2}, {3, 4}}, {7}, 0, 1.0f, 0x1122334455667788ull, 5 };
struct T gt = { 5, 300, -77, 0x123456789aull, 0xabcdef, -3, 9 };
struct P gp = { 1, 17, 0x1234567, -9, 0x1fffffffffffffffull & 0x0123456789abcdefull };
struct Q gq = { 23, 9, 0x7fffffff - 5 };
struct V gv = { 1, 2 };
__attribute__((noinline)) void change(struct S *s, struct T *t, struct P *p, struct Q *q, int k) {
  s->i += k; s->l <<= 1; s->f *= 2; s->d -= 1; s->arr[k] ^= 0xff; s->m[1][0]++; --s->s; s->in.plain = k; s->u |= 1; s->e = A; s->b = !s->b; s->z += 2.0f; s->q = s->q * 1000;
  t->x++; t->y -= k; t->z = -t->z; t->w >>= 3; t->v ^= 0xff00; t->k = 7; t->r = k;
  p->a = k; p->b++; p->n *= 2; p->big += 0x100; q->f0 = q->f1 + k; q->f1 = ~q->f1; q->f2--;
}
int main(void) {
  dump("g", &g, 60); dump("gt", &gt, sizeof gt); dump("gp", &gp, sizeof gp); dump("gq", &gq, sizeof gq); dump("gv", &gv, 6);
  struct S s = { .i = 3, .arr = {4, 5, 6}, .d = 1e10, .l = -1, .z = 3.0f }; struct T t = { 1, 2, 3, 4, 5, 6, 7 }; struct P p = { 9, 8, 7, 6, 5 }; struct Q q = { 1, 2, 3 };
  struct S loc = g; volatile int one = 1;
  change(&s, &t, &p, &q, one); change(&loc, &gt, &gp, &gq, one + 1);
  s.p = 0; loc.p = 0; memset((char *)&s + 1, 0, 1);
  dump("loc.i", (char *) &loc + 4, 4); dump("t", &t, sizeof t); dump("gt", &gt, sizeof gt); dump("p", &p, sizeof p); dump("gp", &gp, sizeof gp); dump("q", &q, 8); dump("gq", &gq, 8);
  printf("%d %d %ld %g %g %d %d %d %d %d %d %g %llx %d\n", s.s, s.i, s.l, s.f, s.d, s.b, s.e, s.arr[0], s.arr[1], s.m[1][0], s.in.plain, __real__ s.z, s.u, (int) s.q);
  printf("%d %d %ld %g %g %d %d %d %d %d %d %g %llx %d\n", loc.s, loc.i, loc.l, loc.f, loc.d, loc.b, loc.e, loc.arr[0], loc.arr[2], loc.m[1][0], loc.in.plain, __real__ loc.z, loc.u, (int) loc.q);
  printf("%u %u %d %llx %x %d %u | %u %x %d %llx | %u %u %u\n", gt.x, gt.y, gt.z, (unsigned long long) gt.w, gt.v, gt.k, gt.r, gp.a, gp.b, gp.n, (unsigned long long) gp.big, (unsigned) gq.f0, (unsigned) gq.f1, (unsigned) gq.f2);
  union U u; u.i = 0x01020304; printf("%d %d %d %d\n", u.h[0], u.h[1], u.c[0], u.c[3]);
  struct V v = { 5, 6 }; struct W w = { 5 }; struct BE2 x2 = { 5 }; dump("v", &v, 6); dump("w", &w, 4); dump("x2", &x2, 4);
  __typeof__(s.i) native = 1; dump("native", &native, 4);
  int total = 0; for (int i = 0; i < 3; i++) total += loc.arr[i]; printf("%d\n", total);
  return 0;
}
