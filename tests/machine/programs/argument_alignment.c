/* Over-aligned objects on the stack; packed records that travel in vector registers; unions of bit-fields. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

typedef int v4si __attribute__((vector_size(16)));
typedef int v8si __attribute__((vector_size(32)));
typedef struct { _Alignas(32) char c[32]; } aligned32;
typedef struct { _Alignas(64) char c; } aligned64;
union packed { v4si v; short s[4]; } __attribute__((packed));
struct spread { _Bool b; union { unsigned long f : 43; } u; } __attribute__((packed));

__attribute__((noinline)) int misplaced(const void *p, int alignment) { return (uintptr_t)p % alignment != 0; }

__attribute__((noinline)) int on_stack(int x, aligned32 a, int y, aligned64 b, char tail)
{
  return misplaced(&a, 32) * 100 + misplaced(&b, 64) * 10 + (a.c[31] + b.c + tail + x + y != 21);
}

__attribute__((noinline)) int variable(int count, ...)
{
  va_list list;
  int wrong = 0;
  va_start(list, count);
  while (count--) {
    aligned32 a = va_arg(list, aligned32);
    wrong += a.c[0] != 3;
    wrong += va_arg(list, int) != 9;
  }
  va_end(list);
  return wrong;
}

__attribute__((noinline)) int sum(union packed p, v8si v, struct spread s)
{
  return p.v[0] + p.v[3] + v[0] + v[7] + (int)s.u.f + s.b;
}

__attribute__((noinline)) int dynamic(int n)
{
  char room[n];
  aligned32 a = { { 0 } };
  aligned64 b = { 2 };
  room[0] = n;
  a.c[31] = 1;
  int result = on_stack(3, a, 4, b, 11);
  return result + (room[0] != n);
}

int main(void)
{
  aligned32 a = { { 3 } };
  union packed p = { { 1, 2, 3, 4 } };
  v8si v = { 10, 0, 0, 0, 0, 0, 0, 20 };
  struct spread s = { 1, { 7 } };
  printf("%d %d %d\n", dynamic(5), dynamic(50), variable(2, a, 9, a, 9));
  printf("%d\n", sum(p, v, s));
  return 0;
}
