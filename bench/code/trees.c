/* Allocation, pointers: build, walk and free binary trees. */
#include <stdio.h>
#include <stdlib.h>

typedef struct tree {
  struct tree *left, *right;
} tree;

static tree *build(int depth)
{
  tree *t = malloc(sizeof *t);

  t->left = depth > 0 ? build(depth - 1) : NULL;
  t->right = depth > 0 ? build(depth - 1) : NULL;
  return t;
}

static int count(const tree *t) { return t->left == NULL ? 1 : 1 + count(t->left) + count(t->right); }

static void destroy(tree *t)
{
  if (t->left != NULL) {
    destroy(t->left);
    destroy(t->right);
  }
  free(t);
}

int main(void)
{
  tree *lasting = build(16);
  long total = 0;

  for (int depth = 4; depth <= 16; depth += 4)
    for (int i = 0; i < 1 << (21 - depth); i++) {
      tree *t = build(depth);
      total += count(t);
      destroy(t);
    }
  printf("%ld %d\n", total, count(lasting));
  destroy(lasting);
  return 0;
}
