/* Integer, small arrays: pancake flips over all permutations of 9 (Anderson and Rettig, 1994). */
#include <stdio.h>

enum { N = 9 };

int main(void)
{
  int p[N], q[N], count[N], r = N, most = 0, checksum = 0, number = 0;

  for (int i = 0; i < N; i++)
    p[i] = i;
  for (;;) {
    for (; r != 1; r--)
      count[r - 1] = r;
    for (int round = 0; round < 25; round++) {
      int flips = 0, first;
      for (int i = 0; i < N; i++)
        q[i] = p[i];
      while ((first = q[0]) != 0) {
        for (int low = 0, high = first; low < high; low++, high--) {
          int swap = q[low];
          q[low] = q[high];
          q[high] = swap;
        }
        flips++;
      }
      if (flips > most)
        most = flips;
      if (round == 0)
        checksum += number % 2 ? -flips : flips;
    }
    for (;;) {
      if (r == N) {
        printf("%d %d\n", checksum, most);
        return 0;
      }
      int first = p[0];
      for (int i = 0; i < r; i++)
        p[i] = p[i + 1];
      p[r] = first;
      if (--count[r] > 0)
        break;
      r++;
    }
    number++;
  }
}
