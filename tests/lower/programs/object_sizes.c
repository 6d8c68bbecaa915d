/* __builtin_object_size that can be read off the expression. */
int printf(const char *, ...);
struct A { char first[10]; int number; char last[12]; } a, *unknown;
struct F { int count; char text[]; };
char buffer[20];
int rows[3][4];
#define SHOW(p) printf("%s: %ld %ld %ld %ld\n", #p, (long) __builtin_object_size(p, 0), (long) __builtin_object_size(p, 1), \
                       (long) __builtin_object_size(p, 2), (long) __builtin_object_size(p, 3))
int main(void)
{
    volatile int index = 3;
    struct A local;
    char vla[index];
    SHOW(buffer);
    SHOW(&buffer[3]);
    SHOW(&buffer[index]);
    SHOW(&a);
    SHOW(a.first);
    SHOW(&a.first[4]);
    SHOW(a.last);
    SHOW(&a.number);
    SHOW(&local.last[2]);
    SHOW(unknown->last);
    SHOW("abc");
    SHOW(rows[1]);
    SHOW(&rows[1][2]);
    SHOW(((struct F *) buffer)->text);
    SHOW(vla);
    SHOW(&index);
    SHOW(&buffer[index++]);
    printf("%d\n", index);
    return 0;
}
