/* Multiplication and division of complex numbers of one type (C17 Annex G.5.1): included with
     REAL       the real type            MODE      libgcc's suffix: sc, dc, xc, tc
     MAXIMUM MINIMUM EPSILON             its limits
     WIDER      (optional) a type with more than twice the precision
   An operation whose result is NaN + NaN i although an operand is infinite is done once more with
   the infinities boxed to 1 and the rest to 0, as the standard's own example does. */
#define JOIN_(a, b, c) a##b##c
#define JOIN(a, b, c) JOIN_(a, b, c)
#define NAMED(stem) JOIN(stem, MODE, _)

static int NAMED(is_nan_)(REAL x) { return x != x; }
static int NAMED(is_infinite_)(REAL x) { return x > MAXIMUM || x < -MAXIMUM; }
static int NAMED(is_finite_)(REAL x) { return x <= MAXIMUM && x >= -MAXIMUM; }

/* `magnitude` with the sign of `x`, which may be a zero or a NaN: the sign is the top bit of the
   last byte that the format uses. */
static REAL NAMED(signed_)(REAL magnitude, REAL x)
{
  union {
    REAL value;
    unsigned char bytes[sizeof(REAL)];
  } v;

  v.value = x;
  return v.bytes[SIGN_BYTE] & 0x80 ? -magnitude : magnitude;
}

static REAL NAMED(boxed_)(REAL x)
{
  return NAMED(signed_)(NAMED(is_infinite_)(x) ? (REAL)1 : (REAL)0, x);
}

static REAL NAMED(zero_if_nan_)(REAL x)
{
  return NAMED(is_nan_)(x) ? NAMED(signed_)((REAL)0, x) : x;
}

static REAL _Complex NAMED(pair_)(REAL real, REAL imaginary)
{
  REAL _Complex result;

  __real__ result = real;
  __imag__ result = imaginary;
  return result;
}

HELPER REAL _Complex JOIN(__mul, MODE, 3)(REAL a, REAL b, REAL c, REAL d)
{
  REAL ac = a * c, bd = b * d, ad = a * d, bc = b * c;
  REAL x = ac - bd, y = ad + bc;
  REAL infinity = (REAL)__builtin_inff();
  int again = 0;

  if (!NAMED(is_nan_)(x) || !NAMED(is_nan_)(y))
    return NAMED(pair_)(x, y);
  if (NAMED(is_infinite_)(a) || NAMED(is_infinite_)(b)) {
    a = NAMED(boxed_)(a);
    b = NAMED(boxed_)(b);
    c = NAMED(zero_if_nan_)(c);
    d = NAMED(zero_if_nan_)(d);
    again = 1;
  }
  if (NAMED(is_infinite_)(c) || NAMED(is_infinite_)(d)) {
    c = NAMED(boxed_)(c);
    d = NAMED(boxed_)(d);
    a = NAMED(zero_if_nan_)(a);
    b = NAMED(zero_if_nan_)(b);
    again = 1;
  }
  if (!again
      && (NAMED(is_infinite_)(ac) || NAMED(is_infinite_)(bd) || NAMED(is_infinite_)(ad)
          || NAMED(is_infinite_)(bc))) {
    /* Infinities by overflow. */
    a = NAMED(zero_if_nan_)(a);
    b = NAMED(zero_if_nan_)(b);
    c = NAMED(zero_if_nan_)(c);
    d = NAMED(zero_if_nan_)(d);
    again = 1;
  }
  if (again) {
    x = infinity * (a * c - b * d);
    y = infinity * (a * d + b * c);
  }
  return NAMED(pair_)(x, y);
}

#ifndef WIDER
static REAL NAMED(absolute_)(REAL x) { return x < 0 ? -x : x; }

/* Smith's method for |c| >= |d| after Baudin and Smith (A Robust Complex Division in Scilab, 2012):
   both operands are scaled away from the ends of the range first, and products with a tiny ratio
   are taken in the order that does not underflow. */
static void NAMED(scale_)(REAL *a, REAL *b, REAL *c, REAL *d, REAL factor)
{
  *a *= factor;
  *b *= factor;
  *c *= factor;
  *d *= factor;
}

static void NAMED(prescale_)(REAL *a, REAL *b, REAL *c, REAL *d)
{
  REAL big = MAXIMUM / 2, limit = big * EPSILON;
  REAL absolute_a = NAMED(absolute_)(*a), absolute_b = NAMED(absolute_)(*b);
  REAL absolute_c = NAMED(absolute_)(*c), absolute_d = NAMED(absolute_)(*d);
  REAL larger = absolute_c < absolute_d ? absolute_d : absolute_c;

  if (larger >= big) {
    NAMED(scale_)(a, b, c, d, (REAL)0.5);
    larger /= 2;
  }
  if (larger < EPSILON)
    NAMED(scale_)(a, b, c, d, 1 / EPSILON);
  else if (larger < limit
           && ((absolute_a < MINIMUM && absolute_b < limit)
               || (absolute_b < MINIMUM && absolute_a < limit)))
    NAMED(scale_)(a, b, c, d, 1 / EPSILON);
}
#endif

static void NAMED(quotient_)(REAL a, REAL b, REAL c, REAL d, REAL *x, REAL *y)
{
#ifdef WIDER
  WIDER wide_a = a, wide_b = b, wide_c = c, wide_d = d;
  WIDER denominator = wide_c * wide_c + wide_d * wide_d;

  *x = (REAL)((wide_a * wide_c + wide_b * wide_d) / denominator);
  *y = (REAL)((wide_b * wide_c - wide_a * wide_d) / denominator);
#else
  REAL ratio, denominator;

  if (NAMED(absolute_)(c) < NAMED(absolute_)(d)) {
    ratio = c / d;
    denominator = c * ratio + d;
    if (NAMED(absolute_)(ratio) > MINIMUM) {
      *x = (a * ratio + b) / denominator;
      *y = (b * ratio - a) / denominator;
    } else {
      *x = (c * (a / d) + b) / denominator;
      *y = (c * (b / d) - a) / denominator;
    }
  } else {
    ratio = d / c;
    denominator = d * ratio + c;
    if (NAMED(absolute_)(ratio) > MINIMUM) {
      *x = (b * ratio + a) / denominator;
      *y = (b - a * ratio) / denominator;
    } else {
      *x = (d * (b / c) + a) / denominator;
      *y = (b - d * (a / c)) / denominator;
    }
  }
#endif
}

HELPER REAL _Complex JOIN(__div, MODE, 3)(REAL a, REAL b, REAL c, REAL d)
{
  REAL x, y, infinity = (REAL)__builtin_inff();

#ifndef WIDER
  NAMED(prescale_)(&a, &b, &c, &d);
#endif
  NAMED(quotient_)(a, b, c, d, &x, &y);
  if (!NAMED(is_nan_)(x) || !NAMED(is_nan_)(y))
    return NAMED(pair_)(x, y);
  if (c == 0 && d == 0 && (!NAMED(is_nan_)(a) || !NAMED(is_nan_)(b))) {
    x = NAMED(signed_)(infinity, c) * a;
    y = NAMED(signed_)(infinity, c) * b;
  } else if ((NAMED(is_infinite_)(a) || NAMED(is_infinite_)(b)) && NAMED(is_finite_)(c)
             && NAMED(is_finite_)(d)) {
    a = NAMED(boxed_)(a);
    b = NAMED(boxed_)(b);
    x = infinity * (a * c + b * d);
    y = infinity * (b * c - a * d);
  } else if ((NAMED(is_infinite_)(c) || NAMED(is_infinite_)(d)) && NAMED(is_finite_)(a)
             && NAMED(is_finite_)(b)) {
    c = NAMED(boxed_)(c);
    d = NAMED(boxed_)(d);
    x = 0 * (a * c + b * d);
    y = 0 * (b * c - a * d);
  }
  return NAMED(pair_)(x, y);
}

/* value ** exponent by repeated squaring; a negative exponent inverts the result (libgcc's rule). */
HELPER REAL JOIN(__powi, POWER_MODE, 2)(REAL value, int exponent)
{
  u32 rest = exponent < 0 ? -(u32)exponent : (u32)exponent;
  REAL result = rest & 1 ? value : (REAL)1;

  while (rest >>= 1) {
    value *= value;
    if (rest & 1)
      result *= value;
  }
  return exponent < 0 ? 1 / result : result;
}

#undef JOIN_
#undef JOIN
#undef NAMED
