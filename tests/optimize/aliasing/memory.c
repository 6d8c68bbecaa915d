/* Memory without a declared type has the type of what was stored last (C17 6.5p6): stores keep their order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point { int x, y; };
struct line { struct point from, to; int width; };
struct item { float weight; char name[4]; struct item *next; };

__attribute__((noinline)) float reused(int *i, float *f) {
    *i = 7;
    int first = *i;
    *f = 2.5f;
    return *f + first;
}

__attribute__((noinline)) void in_turn(int *i, float *f, int n, int *integers, float *floats) {
    for (int k = 0; k < n; k++) {
        *i = k;
        *integers += *i;
        *f = k * 0.5f;
        *floats += *f;
    }
}

__attribute__((noinline)) int last_is_integer(int *i, float *f, int n) {
    for (int k = 0; k < n; k++) {
        *f = k;
        *i = k;
    }
    return *i;
}

__attribute__((noinline)) float last_is_float(int *i, float *f, int n) {
    for (int k = 0; k < n; k++) {
        *i = k;
        *f = k;
    }
    return *f;
}

__attribute__((noinline)) int load_then_store(int *i, float *f, int n) {
    int sum = 0;
    for (int k = 0; k < n; k++)
        sum += i[k];
    for (int k = 0; k < n; k++)
        f[k] = sum + k;
    return sum;
}

/* The load stands before the store of the other type: it must not move behind it. */
__attribute__((noinline)) int old_and_new(int *i, float *f, int flag) {
    int old = *i;
    *f = 1.0f;
    if (flag)
        return old;
    return old + 1;
}

/* Two stores of one type with one of another type between them. */
__attribute__((noinline)) int there_and_back(int *i, float *f) {
    *i = 1;
    *f = 3.0f;
    int bits = (int)*f;
    *i = 2;
    return *i + bits;
}

__attribute__((noinline)) long copied(void *memory, const double *from) {
    *(long *)memory = 5;
    memcpy(memory, from, sizeof *from);
    double got = *(double *)memory;
    *(long *)memory = (long)got;
    return *(long *)memory;
}

__attribute__((noinline)) int bytes(int *i, unsigned char *b) {
    *i = 0;
    b[1] = 1;
    int first = *i;
    for (int k = 0; k < 4; k++) {
        b[k] += 1;
        first += *i;
    }
    return first;
}

__attribute__((noinline)) int whole_record(struct line *l, struct point *p, struct point q) {
    p->x = 1;
    l->to = q;
    int seen = p->x;
    *p = (struct point){ 8, 9 };
    return seen + l->to.x * 10 + l->to.y * 100;
}

__attribute__((noinline)) int part(struct line *l, struct point *p, int *i) {
    l->to.y = 1;
    p->y = 2;
    int sum = l->to.y;
    *i = 3;
    return sum * 100 + l->to.y * 10 + p->y;
}

/* A pool: the same memory is a record of one kind, then of another. */
__attribute__((noinline)) int pool(void *memory) {
    struct line *l = memory;
    l->width = 3;
    l->to.x = 4;
    int sum = l->width + l->to.x;
    struct item *it = memory;
    it->next = it;
    it->weight = 2.0f;
    it->name[2] = 'c';
    sum += it->next == memory;
    sum += it->name[2] + (int)it->weight;
    l->from.x = sum;
    return l->from.x;
}

__attribute__((noinline)) void move_pool(void *memory, int n, int *total) {
    struct line *l = memory;
    struct item *it = memory;
    for (int k = 0; k < n; k++) {
        l->from.x = k;
        l->from.y = *total;
        *total += l->from.x + l->from.y;
        it->weight = k;
        it->name[0] = (char)k;
        *total += (int)it->weight + it->name[0];
    }
}

int main(void) {
    void *m = malloc(64);
    int a = 0;
    float b = 0;
    printf("%g\n", reused(m, m));
    in_turn(m, m, 5, &a, &b);
    printf("%d %g\n", a, b);
    printf("%d %g\n", last_is_integer(m, m, 4), last_is_float(m, m, 4));
    int *cells = m;
    for (int k = 0; k < 8; k++)
        cells[k] = k;
    printf("%d\n", load_then_store(m, m, 8));
    printf("%g\n", ((float *)m)[7]);
    *cells = 77;
    printf("%d\n", old_and_new(m, m, 1));
    *cells = 78;
    printf("%d\n", old_and_new(m, m, 0));
    printf("%d\n", there_and_back(m, m));
    double d = 12.5;
    printf("%ld\n", copied(m, &d));
    printf("%x\n", bytes(m, m));
    struct line *l = m;
    memset(m, 0, 64);
    printf("%d\n", whole_record(l, &l->to, (struct point){ 2, 3 }));
    printf("%d %d\n", l->to.x, l->to.y);
    printf("%d\n", part(l, &l->to, &l->to.y));
    printf("%d\n", pool(m));
    a = 0;
    move_pool(m, 5, &a);
    printf("%d\n", a);
    free(m);
    return 0;
}
