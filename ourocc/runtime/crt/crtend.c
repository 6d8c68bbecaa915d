/* What stands after all of a program's own objects (crtend.o, crtendS.o): the end of the clone table
   of transactional memory that crtbegin.c starts. */
__attribute__((section(".tm_clone_table"), visibility("hidden"), used,
               aligned(sizeof(void *)))) void *__TMC_END__[0] = {};
