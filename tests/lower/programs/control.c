int printf(const char *, ...);
static int classify(long n) {
  switch (n) {
  case -5 ... -1: return -1;
  case 0: return 0;
  default: return 99;
  case 1: case 2: n += 10; /* fall */
  case 3 ... 7: return (int)n;
  case 0x100000000: return 1000;
  }
}
static int unsigned_switch(unsigned char c) {
  switch (c) { case 0 ... 9: return 1; case 200 ... 255: return 2; }
  return 3;
}
static int duff(int count) {
  int n = (count + 3) / 4, sum = 0;
  switch (count % 4) { case 0: do { sum += 1; case 3: sum += 10; case 2: sum += 100; case 1: sum += 1000; } while (--n > 0); }
  return sum;
}
static const char *computed(int i) {
  static const void *const table[] = {&&a, &&b, &&c};
  goto *table[i];
a: return "a";
b: return "b";
c: return "c";
}
static int trace;
static void leave(int *p) { trace = trace * 10 + *p; }
static int cleanups(int how) {
  __attribute__((cleanup(leave))) int one = 1;
  for (int i = 0; i < 3; i++) {
    __attribute__((cleanup(leave))) int two = 2;
    if (how == 0 && i == 1) break;
    if (how == 1 && i == 1) return trace;
    if (how == 2) goto out;
    if (how == 3) continue;
    { __attribute__((cleanup(leave))) int three = 3; if (how == 4) goto again; }
  }
again:;
  { __attribute__((cleanup(leave))) int four = 4; }
out:
  return 7;
}
static int dead(int x) {
  goto in;
  while (x < 100) { x += 1000; in: x += 7; if (x > 50) break; }
  return x;
  x = 1;
lost: return 5;
}
static int logic(int a, int b) { return (a && !b) || (!a && b) ? a ? 1 : 2 : (a, b) && 3; }
int main(void) {
  for (int i = -6; i < 9; i++) printf("%d ", classify(i));
  printf("%d %d %d %d\n", classify(0x100000000), unsigned_switch(5), unsigned_switch(255), unsigned_switch(100));
  printf("%d %d %d\n", duff(4), duff(7), duff(9));
  printf("%s%s%s\n", computed(2), computed(0), computed(1));
  for (int i = 0; i < 6; i++) { trace = 0; int r = cleanups(i); printf("%d:%d ", r, trace); }
  printf("\n%d %d %d %d %d\n", dead(3), logic(0, 0), logic(1, 0), logic(0, 1), logic(1, 1));
  int i = 0, s = 0;
  do { if (i == 3) continue; if (i == 8) break; s += i; } while (i++ < 10);
  printf("%d %d\n", i, s);
  return 0;
}
