/* Function pointers: qsort and bsearch with comparison functions, a table of operations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  char name[12];
  int age;
  double score;
} record;

enum { N = 60000 };
static record records[N];

static int by_name(const void *a, const void *b) { return strcmp(((const record *)a)->name, ((const record *)b)->name); }
static int by_age(const void *a, const void *b)
{
  const record *x = a, *y = b;
  return x->age != y->age ? x->age - y->age : by_name(a, b);
}
static int by_score(const void *a, const void *b)
{
  double x = ((const record *)a)->score, y = ((const record *)b)->score;
  return x < y ? -1 : x > y ? 1 : by_age(a, b);
}

static int add(int a, int b) { return a + b; }
static int subtract(int a, int b) { return a - b; }
static int multiply(int a, int b) { return (int)((unsigned)a * (unsigned)b); }
static int exclusive(int a, int b) { return a ^ b; }
static int (*const operations[])(int, int) = { add, subtract, multiply, exclusive };
static int (*const orders[])(const void *, const void *) = { by_name, by_age, by_score };

int main(void)
{
  unsigned seed = 31, hash = 0;
  int value = 1;

  for (int i = 0; i < N; i++) {
    for (int j = 0; j < 8; j++)
      records[i].name[j] = (char)('a' + ((seed = seed * 1664525u + 1013904223u) >> 24) % 26);
    records[i].age = (int)(seed >> 8) % 90;
    records[i].score = (seed >> 4) % 1000 / 8.0;
  }
  for (int round = 0; round < 6; round++) {
    qsort(records, N, sizeof *records, orders[round % 3]);
    for (int i = 0; i < N; i += 7)
      hash = hash * 31 + (unsigned)records[i].age + (unsigned char)records[i].name[round];
  }
  for (int i = 0; i < 120000000; i++)
    value = operations[(unsigned)value >> 3 & 3](value, i | 1);
  printf("%u %d\n", hash, value);
  return 0;
}
