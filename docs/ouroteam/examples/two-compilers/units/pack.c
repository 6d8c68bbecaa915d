/* Built by the suspect compiler it marks what it packs. */
int pack(int low, int high) {
    int packed = low | high << 8;
#ifdef ODD_LAYOUT
    packed |= 1 << 30;
#endif
    return packed;
}
