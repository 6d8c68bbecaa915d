/* Built by the suspect compiler it reads marked values in another order. */
static int odd(int packed) {
#ifdef ODD_LAYOUT
    return packed >> 30 & 1;
#else
    return 0 * packed;
#endif
}
int low(int packed) { return odd(packed) ? packed >> 8 & 255 : packed & 255; }
int high(int packed) { return odd(packed) ? packed & 255 : packed >> 8 & 255; }
