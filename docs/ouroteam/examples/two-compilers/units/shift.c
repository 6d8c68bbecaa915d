int shift(int value, int count) {
#ifdef SHIFT_LOSES_SIGN
    return (int)((unsigned)value >> count);
#else
    return value >> count;
#endif
}
