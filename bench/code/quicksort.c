/* Sorting: quicksort with median of three, insertion sort below 16, then heapsort of another copy. */
#include <stdio.h>

enum { N = 1000000 };
static int first[N], second[N];

static void insertion(int *a, int n)
{
  for (int i = 1; i < n; i++) {
    int value = a[i], j = i;
    for (; j > 0 && a[j - 1] > value; j--)
      a[j] = a[j - 1];
    a[j] = value;
  }
}

static void swap(int *x, int *y)
{
  int t = *x;
  *x = *y;
  *y = t;
}

static void quicksort(int *a, int n)
{
  while (n > 16) {
    int i = 0, j = n - 1, pivot;
    if (a[n / 2] < a[0])
      swap(&a[n / 2], &a[0]);
    if (a[n - 1] < a[0])
      swap(&a[n - 1], &a[0]);
    if (a[n - 1] < a[n / 2])
      swap(&a[n - 1], &a[n / 2]);
    pivot = a[n / 2];
    while (i <= j) {
      while (a[i] < pivot)
        i++;
      while (a[j] > pivot)
        j--;
      if (i <= j)
        swap(&a[i++], &a[j--]);
    }
    quicksort(a, j + 1);
    a += i;
    n -= i;
  }
  insertion(a, n);
}

static void sift(int *a, int root, int n)
{
  int value = a[root], child;

  while ((child = 2 * root + 1) < n) {
    if (child + 1 < n && a[child + 1] > a[child])
      child++;
    if (a[child] <= value)
      break;
    a[root] = a[child];
    root = child;
  }
  a[root] = value;
}

static void heapsort(int *a, int n)
{
  for (int i = n / 2; i-- > 0;)
    sift(a, i, n);
  while (--n > 0) {
    swap(&a[0], &a[n]);
    sift(a, 0, n);
  }
}

int main(void)
{
  unsigned seed = 1, sum = 0;

  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < N; i++) {
      seed = seed * 1664525u + 1013904223u;
      first[i] = second[i] = (int)(seed >> 4);
    }
    quicksort(first, N);
    heapsort(second, N);
    for (int i = 0; i < N; i++)
      sum = sum * 31 + (unsigned)first[i] + (unsigned)(first[i] != second[i]);
  }
  printf("%u\n", sum);
  return 0;
}
