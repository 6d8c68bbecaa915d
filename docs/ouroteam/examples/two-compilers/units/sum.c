int sum(int n) { int total = 0; while (n > 0) total += n--; return total; }
