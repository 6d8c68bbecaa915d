/* Hashing, strings: count words in an open-addressing table that grows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  char *key;
  unsigned hash, count;
} slot;
static slot *table;
static unsigned room, used;

static unsigned hash_of(const char *text)
{
  unsigned h = 2166136261u;

  while (*text)
    h = (h ^ (unsigned char)*text++) * 16777619u;
  return h;
}

static slot *find(slot *slots, unsigned size, const char *key, unsigned hash)
{
  unsigned i = hash & (size - 1);

  while (slots[i].key != NULL && (slots[i].hash != hash || strcmp(slots[i].key, key) != 0))
    i = (i + 1) & (size - 1);
  return &slots[i];
}

static void add(const char *key)
{
  unsigned hash = hash_of(key);
  slot *s;

  if (used * 4 >= room * 3) {
    unsigned size = room ? room * 2 : 16;
    slot *bigger = calloc(size, sizeof *bigger);
    for (unsigned i = 0; i < room; i++)
      if (table[i].key != NULL)
        *find(bigger, size, table[i].key, table[i].hash) = table[i];
    free(table);
    table = bigger;
    room = size;
  }
  s = find(table, room, key, hash);
  if (s->key == NULL) {
    s->key = strcpy(malloc(strlen(key) + 1), key);
    s->hash = hash;
    used++;
  }
  s->count++;
}

int main(void)
{
  unsigned seed = 99, sum = 0, longest = 0;
  char word[16];

  for (int i = 0; i < 6000000; i++) {
    int length = 0;
    seed = seed * 1664525u + 1013904223u;
    for (unsigned v = (seed >> 9) % ((seed >> 3) % 60000 + 1); length < 12; v /= 26) {
      word[length++] = (char)('a' + v % 26);
      if (v < 26)
        break;
    }
    word[length] = '\0';
    add(word);
  }
  for (unsigned i = 0; i < room; i++)
    if (table[i].key != NULL) {
      sum += table[i].count * (unsigned)strlen(table[i].key);
      if (table[i].count > longest)
        longest = table[i].count;
    }
  printf("%u words, %u, %u\n", used, sum, longest);
  return 0;
}
