int printf(const char *, ...);
void *memset(void *, int, unsigned long);
struct s1 { char c; }; struct s3 { char a, b, c; }; struct s5 { int i; char c; }; struct s7 { char x[7]; };
struct sf { float f; }; struct sff { float f, g, h; }; struct sd { double d; int i; }; struct big { int a[10]; };
struct ld { long double l; }; struct mix { long a; double b; }; struct e {}; union un { int i; float f; double d; };
static struct s1 f1(struct s1 x) { x.c++; return x; }
static struct s3 f3(struct s3 x) { x.a++; x.c += 2; return x; }
static struct s5 f5(struct s5 x, int n) { x.i += n; return x; }
static struct s7 f7(struct s7 x) { x.x[6] = 'z'; return x; }
static struct sff ff(struct sff x, struct sf y) { x.g += y.f; return x; }
static struct sd fd(struct sd x) { x.d *= 2; x.i = -x.i; return x; }
static struct big fb(struct big x, int k) { x.a[k] = 42; return x; }
static struct ld fl(struct ld x) { x.l /= 3; return x; }
static struct mix fm(int a, int b, int c, int d, int e, struct mix m, struct mix n, double z) { m.a += n.a; m.b += n.b + z + a + e; return m; }
static union un fu(union un u) { u.i++; return u; }
static __int128 wide(__int128 a, int b, __int128 c) { return a * c + b; }
struct list { int v; struct list *next; };
static struct { int a; struct { int x, y[3]; } in[2]; const char *name; } table[] = {
  {1, {{2, {3, 4, 5}}, {.y = {[1] = 9}}}, "one"}, [2] = {.name = "three", .in[1].y[2] = 8, .a = 3} };
static int arr[] = {[5] = 1, 2, [0] = 7};
static char str[] = "abc", *ptr = str + 1; static int *ip = &arr[3] - 1;
int main(void) {
  struct s3 s3 = f3((struct s3){1, 2, 3}); struct s5 s5 = f5((struct s5){10, 'x'}, 5); struct s7 s7 = f7((struct s7){"hello"});
  struct sff sf = ff((struct sff){1, 2, 3}, (struct sf){0.5f}); struct sd sd = fd((struct sd){1.25, 4});
  struct big big = {{1, 2, [8] = 5}}; struct big other = fb(big, 3); struct ld l = fl((struct ld){1});
  struct mix m = fm(1, 2, 3, 4, 5, (struct mix){1, 2}, (struct mix){10, 20}, 0.5);
  printf("%d %d%d%d %d%c %s %g %g %g\n", f1((struct s1){4}).c, s3.a, s3.b, s3.c, s5.i, s5.c, s7.x, sf.f, sf.g, sf.h);
  printf("%g %d %d %d %d %d %Lg %ld %g\n", sd.d, sd.i, other.a[3], big.a[3], big.a[8], other.a[9], l.l, m.a, m.b);
  union un u = fu((union un){.i = 41});
  __int128 w = wide((__int128)1 << 70, 5, -3);
  printf("%d %llx %llx\n", u.i, (unsigned long long)(w >> 64), (unsigned long long)w);
  printf("%d %d %d %s %d %s\n", table[0].in[0].y[2], table[0].in[1].y[1], table[1].a, table[2].name, table[2].in[1].y[2], table[0].name);
  printf("%d %d %d %lu %s %d\n", arr[0], arr[5], arr[6], sizeof arr / sizeof *arr, ptr, (int)(ip - arr));
  struct list c = {3, 0}, b = {2, &c}, a = {1, &b}; int sum = 0;
  for (struct list *p = &a; p; p = p->next) sum = sum * 10 + p->v;
  struct big copy = ({ struct big t = other; t.a[0] = sum; t; });
  copy = sum > 100 ? copy : big;
  int local[40] = {1, 2, 3, 4, 5, 6, 7, 8, [30] = sum, sum + 1}; char text[20] = "hi"; const char *rows[3] = {"x", str};
  printf("%d %d %d %d %d %s%d %s %d\n", sum, copy.a[0], local[7], local[30], local[31], text, text[19], rows[1], rows[2] == 0);
  int (*matrix)[3] = (int[2][3]){{1, 2, 3}, {4, 5, 6}};
  printf("%d %d %d\n", matrix[1][2], (int)sizeof(struct e), ((struct s5[]){{1, 'a'}, {2, 'b'}})[1].c);
  return 0;
}
