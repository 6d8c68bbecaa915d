/* Pointers, branches: a search tree balanced by random priorities: insert, look up, delete. */
#include <stdint.h>
#include <stdio.h>

typedef struct node {
  uint32_t key, priority;
  struct node *child[2];
} node;

enum { N = 120000 };
static node pool[N];
static uint32_t seed = 2463534242u;

static uint32_t next(void)
{
  seed ^= seed << 13;
  seed ^= seed >> 17;
  return seed ^= seed << 5;
}

static node *rotate(node *n, int side)
{
  node *up = n->child[!side];

  n->child[!side] = up->child[side];
  up->child[side] = n;
  return up;
}

static node *insert(node *n, node *fresh)
{
  int side;

  if (n == NULL)
    return fresh;
  if (fresh->key == n->key)
    return n;
  side = fresh->key > n->key;
  n->child[side] = insert(n->child[side], fresh);
  return n->child[side]->priority > n->priority ? rotate(n, !side) : n;
}

static node *erase(node *n, uint32_t key)
{
  if (n == NULL)
    return NULL;
  if (key != n->key) {
    n->child[key > n->key] = erase(n->child[key > n->key], key);
    return n;
  }
  if (n->child[0] == NULL || n->child[1] == NULL)
    return n->child[n->child[0] == NULL];
  int side = n->child[0]->priority > n->child[1]->priority;
  node *up = rotate(n, side);
  up->child[side] = erase(up->child[side], key);
  return up;
}

static uint64_t sum(const node *n, uint64_t depth)
{
  return n == NULL ? 0 : n->key * depth + sum(n->child[0], depth + 1) + sum(n->child[1], depth + 1);
}

int main(void)
{
  node *root = NULL;
  uint32_t found = 0;

  for (int i = 0; i < N; i++) {
    pool[i].key = next() % 1000003;
    pool[i].priority = next();
    root = insert(root, &pool[i]);
  }
  for (int i = 0; i < 1000000; i++) {
    uint32_t key = next() % 1000003;
    const node *n = root;
    while (n != NULL && n->key != key)
      n = n->child[key > n->key];
    found += n != NULL;
  }
  for (int i = 0; i < N; i += 2)
    root = erase(root, pool[i].key);
  printf("%u %llu\n", (unsigned)found, (unsigned long long)sum(root, 1));
  return 0;
}
