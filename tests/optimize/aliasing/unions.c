/* Reading a member of a union other than the one that was stored, through the union: gcc's extension. */
#include <stdio.h>
#include <string.h>

union word { int i; float f; unsigned char bytes[4]; short halves[2]; };
struct holder { int kind; union { int number; float real; struct { short low, high; } parts; }; };
union nested { struct { union word w; int tail; } s; long whole; int cells[2]; float reals[2]; };
union vectors { int lanes[4]; int __attribute__((vector_size(16))) v; float __attribute__((vector_size(16))) f; };

__attribute__((noinline)) int through_pointer(union word *u, float x) {
    u->i = 1;
    u->f = x;
    return u->i;
}

__attribute__((noinline)) int through_two(union word *u, union word *v, float x) {
    u->i = 1;
    v->f = x;
    return u->i;
}

__attribute__((noinline)) int through_array(union word *u, int k, float x) {
    int before = u[k].i;
    u[k].f = x;
    return before + u[k].i;
}

__attribute__((noinline)) int half(union word *u, int k) {
    u->i = 0x12345678;
    u->halves[k] = 7;
    return u->i;
}

__attribute__((noinline)) float anonymous(struct holder *h, struct holder *g) {
    h->real = 1.0f;
    g->number = 0x40000000;
    h->parts.low = 0;
    return g->real;
}

__attribute__((noinline)) int deep(union nested *n, union nested *m) {
    n->s.w.f = 2.0f;
    m->s.w.i += 1;
    n->reals[1] = 1.0f;
    return m->cells[0] + m->s.tail;
}

__attribute__((noinline)) int address_and_back(union word *u, union word *v) {
    *&u->f = 1.0f;
    *&v->i += 1;
    return *&u->i;
}

__attribute__((noinline)) float loop(union word *u, union word *v, int n) {
    float sum = 0;
    for (int k = 0; k < n; k++) {
        v->i += 1 << 23;
        sum += u->f;
    }
    return sum;
}

__attribute__((noinline)) int vector_lane(union vectors *u, union vectors *v, int k) {
    u->lanes[k] = 5;
    v->f = (float __attribute__((vector_size(16)))){ 1, 2, 3, 4 };
    return u->lanes[k] + u->v[k];
}

static union word table[4];

__attribute__((noinline)) int global_table(int a, int b, float x) {
    table[a].i = 3;
    table[b].f = x;
    return table[a].i;
}

typedef union { int *i; float *f; void *p; } argument __attribute__((transparent_union));
__attribute__((noinline)) int transparent(argument a, int *p) {
    *p = 3;
    *a.i += 4;
    return *p;
}

int main(void) {
    union word u[2] = { { 5 }, { 6 } };
    struct holder h = { 1, { 2 } };
    union nested n;
    union vectors v;
    int i = 1;
    memset(&n, 0, sizeof n);
    printf("%x %x\n", through_pointer(u, 1.5f), through_two(u, u, 2.5f));
    printf("%x\n", through_array(u, 1, 3.5f));
    printf("%x\n", half(u, 1));
    printf("%g\n", anonymous(&h, &h));
    printf("%x\n", deep(&n, &n));
    printf("%x\n", address_and_back(u, u));
    u->f = 1.0f;
    printf("%g\n", loop(u, u, 4));
    printf("%x\n", vector_lane(&v, &v, 2));
    printf("%x\n", global_table(2, 2, 7.0f));
    printf("%d\n", transparent(&i, &i));
    return 0;
}
