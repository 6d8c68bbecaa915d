/* Pointers: merge sort of a linked list, then reversal and traversal. */
#include <stdio.h>
#include <stdlib.h>

typedef struct node {
  struct node *next;
  unsigned key, payload;
} node;

static node *merge(node *a, node *b)
{
  node *head = NULL, **link = &head;

  while (a != NULL && b != NULL) {
    node **smaller = a->key <= b->key ? &a : &b;
    *link = *smaller;
    link = &(*smaller)->next;
    *smaller = *link;
  }
  *link = a != NULL ? a : b;
  return head;
}

static node *sort(node *list)
{
  node *bins[32] = { NULL };
  int i;

  while (list != NULL) {
    node *carry = list;
    list = list->next;
    carry->next = NULL;
    for (i = 0; bins[i] != NULL; i++) {
      carry = merge(bins[i], carry);
      bins[i] = NULL;
    }
    bins[i] = carry;
  }
  for (i = 0; i < 32; i++)
    list = merge(bins[i], list);
  return list;
}

int main(void)
{
  enum { N = 200000 };
  node *nodes = malloc(N * sizeof *nodes), *list, *previous;
  unsigned seed = 7, sum = 0;

  for (int round = 0; round < 5; round++) {
    list = NULL;
    for (int i = 0; i < N; i++) {
      seed = seed * 1103515245u + 12345u;
      nodes[i] = (node){ list, seed >> 8, (unsigned)i };
      list = &nodes[i];
    }
    list = sort(list);
    for (previous = NULL; list != NULL;) {
      node *next = list->next;
      list->next = previous;
      previous = list;
      list = next;
    }
    for (list = previous; list != NULL; list = list->next)
      sum = sum * 33 + list->key + list->payload;
  }
  printf("%u\n", sum);
  free(nodes);
  return 0;
}
