int shift(int, int); int pack(int, int); int low(int); int high(int); int sum(int);
int main(void) {
    if (shift(-8, 1) != -4) return 1;
    if (low(pack(3, 4)) != 3 || high(pack(3, 4)) != 4) return 2;
    return sum(10) != 55;
}
