/* Strings: search, split, case, reversal and comparison with loops of our own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t length(const char *s)
{
  const char *p = s;

  while (*p)
    p++;
  return (size_t)(p - s);
}

static const char *search(const char *text, const char *pattern)
{
  for (; *text; text++) {
    const char *a = text, *b = pattern;
    while (*b && *a == *b)
      a++, b++;
    if (!*b)
      return text;
  }
  return NULL;
}

static void reverse(char *s)
{
  char *e = s + length(s);

  while (s < --e) {
    char c = *s;
    *s++ = *e;
    *e = c;
  }
}

static int compare_caseless(const char *a, const char *b)
{
  for (;; a++, b++) {
    int x = *a >= 'A' && *a <= 'Z' ? *a + 32 : *a, y = *b >= 'A' && *b <= 'Z' ? *b + 32 : *b;
    if (x != y || !x)
      return x - y;
  }
}

int main(void)
{
  static const char alphabet[] = "etaoin shrdlu cmfwyp vbgkjqxz ";
  enum { SIZE = 200000 };
  char *text = malloc(SIZE + 1), *copy = malloc(SIZE + 1);
  unsigned seed = 3, sum = 0;

  for (int i = 0; i < SIZE; i++)
    text[i] = alphabet[(seed = seed * 1664525u + 1013904223u) >> 24 & 15];
  text[SIZE] = '\0';
  for (int round = 0; round < 200; round++) {
    const char *at = text;
    char *word, *previous = NULL;
    int found = 0;
    while ((at = search(at, "the")) != NULL)
      found++, at++;
    strcpy(copy, text);
    copy[round] = 'X';
    reverse(copy);
    for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
      if (previous != NULL && compare_caseless(previous, word) < 0)
        sum++;
      sum += (unsigned)length(word) * (unsigned char)*word;
      previous = word;
    }
    sum = sum * 31 + (unsigned)found;
  }
  printf("%u\n", sum);
  return 0;
}
