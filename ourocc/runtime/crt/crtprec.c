/* -mpc32, -mpc64, -mpc80: the program starts with the x87 rounding to so many bits (PRECISION is the field of the
   control word: 0, 2 or 3). */
static void __attribute__((constructor)) set_precision(void)
{
    unsigned short control;
    __asm__ volatile ("fnstcw %0" : "=m" (control));
    control = (control & ~0x300) | PRECISION << 8;
    __asm__ volatile ("fldcw %0" : : "m" (control));
}
