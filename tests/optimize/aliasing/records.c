/* Members of structures: a structure and what it holds, arrays in structures, memory that is one structure after another. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point { int x, y; };
struct line { struct point from, to; char name[8]; int width; };
struct shape { int kind; union { struct line line; struct point dots[3]; float real; } as; };
struct node { struct node *next, *previous; int value; };
struct owner { int count; struct node list; char tag; };
struct buffer { int used; char bytes[16]; };
struct packed { char first; int second; } __attribute__((packed));
struct flags { unsigned a : 3, b : 7; int rest; unsigned char c : 2; };
struct flexible { int count; int cells[]; };
struct other { int x, y; };
typedef int row[4];
struct table { row rows[3]; int last; };

__attribute__((noinline)) int part_of(struct line *l, struct point *p) {
    l->to.x = 1;
    p->x = 2;
    return l->to.x;
}
__attribute__((noinline)) int member_pointer(struct line *l, int *i) {
    l->width = 1;
    *i += 2;
    return l->width;
}
__attribute__((noinline)) int in_union(struct shape *s, struct point *p) {
    s->as.dots[1].y = 1;
    p->y = 5;
    return s->as.dots[1].y;
}
__attribute__((noinline)) int line_in_union(struct shape *s, struct line *l) {
    l->to.y = 1;
    s->as.line.to.y = 7;
    return l->to.y;
}
__attribute__((noinline)) int same_member(struct node *a, struct node *b) {
    a->value = 1;
    b->value = 2;
    return a->value;
}
__attribute__((noinline)) int unlink(struct node *n) {
    n->next->previous = n->previous;
    n->previous->next = n->next;
    int sum = 0;
    for (struct node *k = n->next; k != n->previous; k = k->next) {
        k->value++;
        sum += k->value;
    }
    return sum;
}
__attribute__((noinline)) int container(struct node *n) {
    struct owner *o = (struct owner *)((char *)n - offsetof(struct owner, list));
    o->list.value = 1;
    n->value = 9;
    o->count = n->value;
    return o->list.value + o->count;
}
__attribute__((noinline)) int append(struct buffer *b, const char *text) {
    while (*text)
        b->bytes[b->used++] = *text++;
    return b->used;
}
__attribute__((noinline)) int bytes_of(struct packed *p, unsigned char *c) {
    p->second = 0x01010101;
    c[2] = 9;
    return p->second;
}
__attribute__((noinline)) int bits(struct flags *f, struct flags *g) {
    f->a = 1;
    g->b = 100;
    f->c = 3;
    g->a += 1;
    g->rest = 5;
    return f->a + f->b * 10 + f->c * 10000 + f->rest * 100000;
}
__attribute__((noinline)) int flexible(struct flexible *f, int *cell, int k) {
    f->cells[k] = 1;
    *cell = 5;
    f->count = 3;
    return f->cells[k] + f->count;
}
__attribute__((noinline)) int rows(struct table *t, row *r, int i, int j) {
    t->rows[i][j] = 1;
    (*r)[j] = 6;
    t->last = 2;
    return t->rows[i][j] + t->last;
}
__attribute__((noinline)) int copy_of(struct line *l, struct point *p, struct point q) {
    p->y = 1;
    l->to = q;
    int first = p->y;
    struct line copy = *l;
    p->y = 8;
    return first + copy.to.y * 10 + l->to.y * 100;
}
/* The same memory as one structure, then as another that holds none of the first. */
__attribute__((noinline)) int in_turn(void *m, int n) {
    struct point *p = m;
    struct other *o = m;
    int sum = 0;
    for (int k = 0; k < n; k++) {
        p->x = k;
        p->y = k + 1;
        sum += p->x * p->y;
        o->x = sum;
        o->y = 2;
        sum += o->x + o->y;
    }
    return sum;
}
__attribute__((noinline)) int shifted(int *memory) {
    struct point *p = (struct point *)memory, *q = (struct point *)(memory + 1);
    p->y = 1;
    int first = p->y;
    q->x = 4;
    return first + q->x;
}
static struct line lines[3];
__attribute__((noinline)) int global(int i, int j, struct point *p) {
    lines[i].from.x = 1;
    lines[j].from.x += 1;
    p->x += 10;
    return lines[i].from.x;
}
static struct point make(int x, int y) { return (struct point){ x, y }; }

int main(void) {
    struct line l = { { 1, 2 }, { 3, 4 }, "line", 5 };
    struct shape s;
    struct node a, b, c;
    struct owner o = { 0 };
    struct buffer buffer = { 0 };
    struct packed packed;
    struct flags f = { 0 };
    struct table t;
    struct flexible *flex = malloc(sizeof *flex + 4 * sizeof(int));
    printf("%d %d\n", part_of(&l, &l.to), member_pointer(&l, &l.width));
    memset(&s, 0, sizeof s);
    printf("%d\n", in_union(&s, &s.as.dots[1]));
    printf("%d\n", line_in_union(&s, &s.as.line));
    printf("%d\n", same_member(&a, &a));
    a = (struct node){ &b, &c, 1 };
    b = (struct node){ &c, &a, 2 };
    c = (struct node){ &a, &b, 3 };
    printf("%d\n", unlink(&a));
    printf("%d\n", container(&o.list));
    printf("%d %.5s\n", append(&buffer, "hello"), buffer.bytes);
    printf("%x\n", bytes_of(&packed, (unsigned char *)&packed));
    printf("%d\n", bits(&f, &f));
    printf("%d\n", flexible(flex, flex->cells + 2, 2));
    printf("%d\n", rows(&t, &t.rows[1], 1, 2));
    printf("%d\n", copy_of(&l, &l.to, make(6, 7)));
    void *m = malloc(64);
    printf("%d\n", in_turn(m, 4));
    printf("%d\n", shifted(m));
    printf("%d\n", global(1, 1, &lines[1].from));
    free(m);
    free(flex);
    return 0;
}
