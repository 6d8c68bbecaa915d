/* The result of a pure or const function may be written to memory by the callee: the call is no dead code then. */
int printf(const char *, ...);
struct wide { long part[5]; };
__attribute__((pure, noinline)) struct wide make(int x) { return (struct wide){{x, x + 1, x + 2}}; }
__attribute__((const, noinline)) _Complex long double turn(int x) { return x + 2 * x * 1.0iL; }
long second(int x) { return make(x).part[1]; }
long double real(int x) { return __real__ turn(x); }
int main(void)
{
  struct wide kept = make(7);
  long double imaginary = __imag__ turn(4);
  printf("%ld %ld %Lg %Lg\n", second(5), kept.part[2], real(3), imaginary);
  return 0;
}
