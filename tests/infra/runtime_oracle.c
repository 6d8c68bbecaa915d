/* Compares the run-time library (its names prefixed by our_) with libgcc and the compiler's own
   arithmetic on random and special values.  Prints one line per difference. */
#include <complex.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#define X87 1
#else
#define X87 0
typedef long double __float128;
#endif

typedef __int128 i128;
typedef unsigned __int128 u128;
typedef int64_t i64;
typedef uint64_t u64;
typedef int32_t i32;
typedef uint32_t u32;

static u64 state = 88172645463325252u;
static int differences;

static u64 next(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state * 0x2545f4914f6cdd1du;
}

/* Integers of random length, with a taste for runs of ones and the extremes. */
static u64 random64(void)
{
  u64 value = next() >> (next() & 63);

  switch (next() & 7) {
  case 0: return -value;
  case 1: return (u64)1 << (next() & 63);
  case 2: return ((u64)1 << (next() & 63)) - 1;
  case 3: return ~(u64)0 << (next() & 63);
  default: return value;
  }
}

static u128 random128(void)
{
  u128 value = (u128)random64() << 64 | random64();

  switch (next() & 7) {
  case 0: return (u128)random64();
  case 1: return -(u128)random64();
  case 2: return (u128)1 << (next() & 127);
  case 3: return ((u128)1 << (next() & 127)) - 1;
  case 4: return value >> (next() & 127);
  default: return value;
  }
}

static double random_double(void)
{
  u64 bits = next();
  double value;

  switch (next() & 7) {
  case 0: return (double)(i64)random64();
  case 1: return 0.0;
  case 2: return -0.0;
  case 3: bits = bits & 1 ? 0x7ff0000000000000u : 0xfff0000000000000u; break;
  case 4: bits &= 0x800fffffffffffffu; break;
  case 5: bits = (bits & 0x800fffffffffffffu) | (u64)(1023 - 70 + next() % 140) << 52; break;
  default: break;
  }
  memcpy(&value, &bits, 8);
  return value;
}

static float random_float(void)
{
  u32 bits = (u32)next();
  float value;

  if (next() & 1)
    return (float)random_double();
  memcpy(&value, &bits, 4);
  return value;
}

static long double random_long_double(void)
{
  long double value = ldexpl((long double)random64(), (int)(next() % 140) - 70);

  if (next() % 8 == 0)
    value = random_double();
  return next() & 1 ? -value : value;
}

static __float128 random_quad(void)
{
  u128 bits = (u128)next() << 64 | next();
  u128 fraction = bits & (((u128)1 << 112) - 1);
  __float128 value;

  switch (next() % 12) {
  case 0: bits = 0; break;
  case 1: bits = (u128)1 << 127; break;
  case 2: bits = (u128)(next() & 1 ? 0x7fff : 0xffff) << 112; break;
  case 3: bits = fraction | (bits & (u128)1 << 127); break;
  case 4: bits = fraction >> (next() % 112); break;
  case 5: return (__float128)random_double();
  case 6: return (__float128)(i128)random128();
  case 7: bits = fraction | (u128)(1 + next() % 200) << 112; break;
  case 8: bits = fraction | (u128)(0x7ffe - next() % 200) << 112; break;
  case 9: bits = (fraction & ~(u128)0 << (next() % 112)) | (u128)(16383 - 64 + next() % 128) << 112; break;
  default: bits = fraction | (u128)(0x8000 & next()) << 112 | (u128)(16383 - 120 + next() % 240) << 112; break;
  }
  memcpy(&value, &bits, 16);
  return value;
}

static void report(const char *name, const void *ours, const void *theirs, size_t size)
{
  const unsigned char *a = ours, *b = theirs;
  size_t i;

  if (memcmp(ours, theirs, size) == 0 || ++differences > 40)
    return;
  printf("%s:", name);
  for (i = size; i-- > 0;)
    printf("%02x", a[i]);
  printf(" instead of ");
  for (i = size; i-- > 0;)
    printf("%02x", b[i]);
  printf("\n");
}

#define SAME(name, type, ours, theirs)                                  \
  do {                                                                  \
    type a_ = (ours), b_ = (theirs);                                    \
    report(name, &a_, &b_, sizeof(type));                               \
  } while (0)

/* Floating results: all NaNs are equal; a long double has 10 bytes that count. */
#define SAME_FLOAT(name, type, ours, theirs, bytes)                     \
  do {                                                                  \
    type a_ = (ours), b_ = (theirs);                                    \
    if (a_ == a_ || b_ == b_)                                           \
      report(name, &a_, &b_, bytes);                                    \
  } while (0)

#define BINARY(name, type, left, right)                                 \
  extern type our_##name(type, type), name(type, type);                 \
  SAME(#name, type, our_##name(left, right), name(left, right))
#define UNARY(name, result, type, value)                                \
  extern result our_##name(type), name(type);                           \
  SAME(#name, result, our_##name(value), name(value))

static void integers(void)
{
  extern u128 our___udivmodti4(u128, u128, u128 *);
  extern i128 our___divmodti4(i128, i128, i128 *);
  extern i128 our___multi3(i128, i128), our___divti3(i128, i128), our___modti3(i128, i128);
  extern u128 our___udivti3(u128, u128), our___umodti3(u128, u128);
  extern i128 our___ashlti3(i128, int), our___ashrti3(i128, int), our___lshrti3(i128, int), our___negti2(i128);
  extern i32 our___mulosi4(i32, i32, int *);
  extern i64 our___mulodi4(i64, i64, int *);
  extern i128 our___muloti4(i128, i128, int *);
  extern int our___popcountsi2(u32), our___clzsi2(u32), our___ctzsi2(u32), our___ffssi2(u32), our___paritysi2(u32), our___clrsbsi2(i32);
  u128 a = random128(), b = random128(), rest = 0;
  i128 signed_rest = 0, product;
  u64 x = random64(), y = random64();
  int count = (int)(next() & 127), overflow, expected;
  i32 small;
  i64 large;

  SAME("multi3", i128, our___multi3(a, b), (i128)(a * b));
  if (b != 0) {
    SAME("udivti3", u128, our___udivti3(a, b), a / b);
    SAME("umodti3", u128, our___umodti3(a, b), a % b);
    SAME("udivmodti4", u128, our___udivmodti4(a, b, &rest), a / b);
    SAME("udivmodti4 rest", u128, rest, a % b);
    if (!(a == (u128)1 << 127 && b == ~(u128)0)) {
      SAME("divti3", i128, our___divti3(a, b), (i128)a / (i128)b);
      SAME("modti3", i128, our___modti3(a, b), (i128)a % (i128)b);
      SAME("divmodti4", i128, our___divmodti4(a, b, &signed_rest), (i128)a / (i128)b);
      SAME("divmodti4 rest", i128, signed_rest, (i128)a % (i128)b);
    }
  }
  SAME("ashlti3", i128, our___ashlti3(a, count), (i128)(a << count));
  SAME("ashrti3", i128, our___ashrti3(a, count), (i128)a >> count);
  SAME("lshrti3", i128, our___lshrti3(a, count), (i128)(a >> count));
  SAME("negti2", i128, our___negti2(a), (i128)-a);
  {
    extern int our___cmpti2(i128, i128), __cmpti2(i128, i128), our___ucmpti2(u128, u128), __ucmpti2(u128, u128);
    SAME("cmpti2", int, our___cmpti2(a, b), __cmpti2(a, b));
    SAME("ucmpti2", int, our___ucmpti2(a, b), __ucmpti2(a, b));
    SAME("cmpti2", int, our___cmpti2(a, a), 1);
  }
  UNARY(__popcountdi2, int, u64, x);
  UNARY(__paritydi2, int, u64, x);
  UNARY(__ffsdi2, int, u64, x);
  UNARY(__clrsbdi2, int, u64, x);
  UNARY(__bswapdi2, u64, u64, x);
  UNARY(__bswapsi2, u32, u32, (u32)x);
  UNARY(__popcountti2, int, u128, a);
  UNARY(__parityti2, int, u128, a);
  UNARY(__ffsti2, int, u128, a);
  UNARY(__clrsbti2, int, u128, a);
  SAME("popcountsi2", int, our___popcountsi2((u32)x), __builtin_popcount((u32)x));
  SAME("paritysi2", int, our___paritysi2((u32)x), __builtin_parity((u32)x));
  SAME("ffssi2", int, our___ffssi2((u32)x), __builtin_ffs((i32)x));
  SAME("clrsbsi2", int, our___clrsbsi2((i32)x), __builtin_clrsb((i32)x));
  if (x != 0) {
    UNARY(__clzdi2, int, u64, x);
    UNARY(__ctzdi2, int, u64, x);
  }
  if ((u32)x != 0) {
    SAME("clzsi2", int, our___clzsi2((u32)x), __builtin_clz((u32)x));
    SAME("ctzsi2", int, our___ctzsi2((u32)x), __builtin_ctz((u32)x));
  }
  if (a != 0) {
    UNARY(__clzti2, int, u128, a);
    UNARY(__ctzti2, int, u128, a);
  }
  expected = __builtin_mul_overflow((i32)x, (i32)y, &small);
  SAME("mulosi4", i32, our___mulosi4((i32)x, (i32)y, &overflow), small);
  SAME("mulosi4 overflow", int, overflow, expected);
  expected = __builtin_mul_overflow((i64)x, (i64)y, &large);
  SAME("mulodi4", i64, our___mulodi4((i64)x, (i64)y, &overflow), large);
  SAME("mulodi4 overflow", int, overflow, expected);
  expected = __builtin_mul_overflow((i128)a, (i128)b, &product);
  SAME("muloti4", i128, our___muloti4((i128)a, (i128)b, &overflow), product);
  SAME("muloti4 overflow", int, overflow, expected);
#define TRAPPING(mode, type, left, right)                               \
  {                                                                     \
    type result_;                                                       \
    extern type our___addv##mode##3(type, type), our___subv##mode##3(type, type); \
    extern type our___mulv##mode##3(type, type), our___negv##mode##2(type), our___absv##mode##2(type); \
    if (!__builtin_add_overflow((type)(left), (type)(right), &result_)) \
      SAME("addv" #mode, type, our___addv##mode##3(left, right), result_); \
    if (!__builtin_sub_overflow((type)(left), (type)(right), &result_)) \
      SAME("subv" #mode, type, our___subv##mode##3(left, right), result_); \
    if (!__builtin_mul_overflow((type)(left), (type)(right), &result_)) \
      SAME("mulv" #mode, type, our___mulv##mode##3(left, right), result_); \
    if (!__builtin_sub_overflow((type)0, (type)(left), &result_)) {     \
      SAME("negv" #mode, type, our___negv##mode##2(left), result_);     \
      SAME("absv" #mode, type, our___absv##mode##2(left), (type)(left) < 0 ? result_ : (type)(left)); \
    }                                                                   \
  }
  TRAPPING(si, i32, (i32)x, (i32)y)
  TRAPPING(di, i64, (i64)x, (i64)y)
  TRAPPING(ti, i128, (i128)a, (i128)b)
}

static void conversions(void)
{
  extern i128 our___fixdfti(double), our___fixsfti(float);
  extern u128 our___fixunsdfti(double), our___fixunssfti(float);
#if X87
  extern i128 our___fixxfti(long double);
  extern u128 our___fixunsxfti(long double);
#endif
  extern double our___floattidf(i128), our___floatuntidf(u128);
  extern float our___floattisf(i128), our___floatuntisf(u128);
#if X87
  extern long double our___floattixf(i128), our___floatuntixf(u128);
#endif
  u128 a = random128();
  double d = random_double();
  float f = random_float();
#if X87
  long double l = random_long_double();
#endif

  SAME("floattidf", double, our___floattidf(a), (double)(i128)a);
  SAME("floatuntidf", double, our___floatuntidf(a), (double)a);
  SAME("floattisf", float, our___floattisf(a), (float)(i128)a);
  SAME("floatuntisf", float, our___floatuntisf(a), (float)a);
#if X87
  SAME_FLOAT("floattixf", long double, our___floattixf(a), (long double)(i128)a, 10);
  SAME_FLOAT("floatuntixf", long double, our___floatuntixf(a), (long double)a, 10);
#endif
  if (fabs(d) < 0x1p127) {
    SAME("fixdfti", i128, our___fixdfti(d), (i128)d);
    if (d >= 0)
      SAME("fixunsdfti", u128, our___fixunsdfti(d), (u128)d);
  }
  if (fabsf(f) < 0x1p127f) {
    SAME("fixsfti", i128, our___fixsfti(f), (i128)f);
    if (f >= 0)
      SAME("fixunssfti", u128, our___fixunssfti(f), (u128)f);
  }
#if X87
  if (fabsl(l) < 0x1p127L) {
    SAME("fixxfti", i128, our___fixxfti(l), (i128)l);
    if (l >= 0)
      SAME("fixunsxfti", u128, our___fixunsxfti(l), (u128)l);
  }
#endif
}

/* libgcc's own division is compiled with fused multiply-add where the machine has it. */
#if X87
#define SAME_QUOTIENT SAME_FLOAT
#else
#define SAME_QUOTIENT(name, type, ours, theirs, bytes)                  \
  do {                                                                  \
    type a_ = (ours), b_ = (theirs), d_ = a_ > b_ ? a_ - b_ : b_ - a_;  \
    if (a_ != b_ && !(d_ <= (b_ < 0 ? -b_ : b_) * (type)0x1p-20))       \
      SAME_FLOAT(name, type, a_, b_, bytes);                            \
  } while (0)
#endif

#define COMPLEX(mode, type, random_part, bytes)                         \
  {                                                                     \
    extern type _Complex our___mul##mode##3(type, type, type, type), __mul##mode##3(type, type, type, type); \
    extern type _Complex our___div##mode##3(type, type, type, type), __div##mode##3(type, type, type, type); \
    type a = random_part(), b = random_part(), c = random_part(), d = random_part(); \
    type _Complex ours = our___mul##mode##3(a, b, c, d), theirs = __mul##mode##3(a, b, c, d); \
    SAME_FLOAT("mul" #mode " real", type, __real__ ours, __real__ theirs, bytes); \
    SAME_FLOAT("mul" #mode " imaginary", type, __imag__ ours, __imag__ theirs, bytes); \
    ours = our___div##mode##3(a, b, c, d);                              \
    theirs = __div##mode##3(a, b, c, d);                                \
    SAME_QUOTIENT("div" #mode " real", type, __real__ ours, __real__ theirs, bytes); \
    SAME_QUOTIENT("div" #mode " imaginary", type, __imag__ ours, __imag__ theirs, bytes); \
  }

static void complex_numbers(void)
{
  extern float our___powisf2(float, int), __powisf2(float, int);
  extern double our___powidf2(double, int), __powidf2(double, int);
#if X87
  extern long double our___powixf2(long double, int), __powixf2(long double, int);
#else
  extern long double our___powitf2(long double, int), __powitf2(long double, int);
#endif
  int power = (int)(next() % 41) - 20;
  float f = random_float();
  double d = random_double();
  long double l = random_long_double();

  COMPLEX(sc, float, random_float, 4)
  COMPLEX(dc, double, random_double, 8)
#if X87
  COMPLEX(xc, long double, random_long_double, 10)
  SAME_FLOAT("powixf2", long double, our___powixf2(l, power), __powixf2(l, power), 10);
#else
  COMPLEX(tc, long double, random_long_double, 16)
  SAME_FLOAT("powitf2", long double, our___powitf2(l, power), __powitf2(l, power), 16);
#endif
  SAME_FLOAT("powisf2", float, our___powisf2(f, power), __powisf2(f, power), 4);
  SAME_FLOAT("powidf2", double, our___powidf2(d, power), __powidf2(d, power), 8);
}

#define SIGN_OF(value) ((value) > 0 ? 1 : (value) < 0 ? -1 : 0)
#define ORDER(name) \
  { extern int our_##name(__float128, __float128), name(__float128, __float128); \
    SAME(#name, int, SIGN_OF(our_##name(a, b)), SIGN_OF(name(a, b))); \
    SAME(#name, int, SIGN_OF(our_##name(a, a)), SIGN_OF(name(a, a))); }
#define EQUALITY(name) \
  { extern int our_##name(__float128, __float128), name(__float128, __float128); \
    SAME(#name, int, our_##name(a, b) != 0, name(a, b) != 0); \
    SAME(#name, int, our_##name(a, a) != 0, name(a, a) != 0); }
#define FROM(name, type, value) \
  { extern __float128 our_##name(type), name(type); \
    type value_ = (value);                          \
    SAME_FLOAT(#name, __float128, our_##name(value_), name(value_), 16); }
#define TO(name, type, bytes) \
  { extern type our_##name(__float128), name(__float128); \
    SAME_FLOAT(#name, type, our_##name(a), name(a), bytes); }

static void quads(void)
{
  extern __float128 our___addtf3(__float128, __float128), our___subtf3(__float128, __float128);
  extern __float128 our___multf3(__float128, __float128), our___divtf3(__float128, __float128);
  extern __float128 our___negtf2(__float128);
  __float128 a = random_quad(), b = random_quad();
  u128 n = random128();

  SAME_FLOAT("addtf3", __float128, our___addtf3(a, b), a + b, 16);
  SAME_FLOAT("subtf3", __float128, our___subtf3(a, b), a - b, 16);
  SAME_FLOAT("multf3", __float128, our___multf3(a, b), a * b, 16);
  SAME_FLOAT("divtf3", __float128, our___divtf3(a, b), a / b, 16);
  SAME_FLOAT("negtf2", __float128, our___negtf2(a), -a, 16);
  EQUALITY(__eqtf2) EQUALITY(__netf2) ORDER(__lttf2) ORDER(__letf2) ORDER(__gttf2) ORDER(__getf2) ORDER(__unordtf2)
  FROM(__floatsitf, i32, (i32)n)
  FROM(__floatditf, i64, (i64)n)
  FROM(__floattitf, i128, (i128)n)
  FROM(__floatunsitf, u32, (u32)n)
  FROM(__floatunditf, u64, (u64)n)
  FROM(__floatuntitf, u128, n)
  FROM(__extendsftf2, float, random_float())
  FROM(__extenddftf2, double, random_double())
#if X87
  FROM(__extendxftf2, long double, random_long_double())
  TO(__trunctfxf2, long double, 10)
#endif
  TO(__trunctfsf2, float, 4)
  TO(__trunctfdf2, double, 8)
  if (a < (__float128)0x1p31L && a > -(__float128)0x1p31L) TO(__fixtfsi, i32, 4)
  if (a < (__float128)0x1p63L && a > -(__float128)0x1p63L) TO(__fixtfdi, i64, 8)
  if (a < (__float128)0x1p127L && a > -(__float128)0x1p127L) TO(__fixtfti, i128, 16)
  if (a < (__float128)0x1p32L && a >= 0) TO(__fixunstfsi, u32, 4)
  if (a < (__float128)0x1p64L && a >= 0) TO(__fixunstfdi, u64, 8)
  if (a < (__float128)0x1p128L && a >= 0) TO(__fixunstfti, u128, 16)
}

#define ATOMIC(bytes, type, value1, value2)                             \
  {                                                                     \
    extern type our___atomic_fetch_add_##bytes(type *, type, int), our___atomic_xor_fetch_##bytes(type *, type, int); \
    extern type our___atomic_exchange_##bytes(type *, type, int), our___atomic_load_##bytes(type *, int); \
    extern type our___sync_fetch_and_nand_##bytes(type *, type), our___sync_val_compare_and_swap_##bytes(type *, type, type); \
    extern int our___atomic_compare_exchange_##bytes(type *, type *, type, int, int); \
    type copy = (type)(value1), operand = (type)(value2), other, object[3] = { 11, copy, 22 }; \
    SAME("fetch_add", type, our___atomic_fetch_add_##bytes(&object[1], operand, 5), copy); \
    copy = (type)(copy + operand);                                      \
    SAME("load", type, our___atomic_load_##bytes(&object[1], 5), copy);  \
    copy ^= operand;                                                    \
    SAME("xor_fetch", type, our___atomic_xor_fetch_##bytes(&object[1], operand, 5), copy); \
    SAME("exchange", type, our___atomic_exchange_##bytes(&object[1], operand, 5), copy); \
    other = (type)(operand + 1);                                        \
    SAME("compare_exchange", int, our___atomic_compare_exchange_##bytes(&object[1], &other, 7, 5, 5), 0); \
    SAME("expected", type, other, operand);                             \
    SAME("compare_exchange", int, our___atomic_compare_exchange_##bytes(&object[1], &other, copy, 5, 5), 1); \
    SAME("nand", type, our___sync_fetch_and_nand_##bytes(&object[1], operand), copy); \
    copy = (type)~(copy & operand);                                     \
    SAME("val", type, our___sync_val_compare_and_swap_##bytes(&object[1], copy, 3), copy); \
    SAME("val", type, object[1], 3);                                    \
    SAME("neighbour", type, object[0], 11);                             \
    SAME("neighbour", type, object[2], 22);                             \
  }

static void atomics(void)
{
  extern void our___atomic_load(size_t, void *, void *, int), our___atomic_store(size_t, void *, void *, int);
  extern void our___atomic_exchange(size_t, void *, void *, void *, int);
  extern _Bool our___atomic_compare_exchange(size_t, void *, void *, void *, int, int);
  unsigned char object[100], value[100], copy[100];
  size_t size = 1 + next() % 99, i;

  ATOMIC(1, uint8_t, random64(), random64())
  ATOMIC(2, uint16_t, random64(), random64())
  ATOMIC(4, u32, random64(), random64())
  ATOMIC(8, u64, random64(), random64())
  ATOMIC(16, u128, random128(), random128())
  for (i = 0; i < 100; i++) {
    value[i] = (unsigned char)next();
    object[i] = 0;
  }
  our___atomic_store(size, object, value, 5);
  our___atomic_load(size, object, copy, 5);
  report("generic store and load", copy, value, size);
  value[size - 1] ^= 1;
  our___atomic_exchange(size, object, value, value, 5);
  report("generic exchange", value, copy, size);
  value[0] ^= 4;
  SAME("generic compare", _Bool, our___atomic_compare_exchange(size, object, value, copy, 5, 5), 0);
  report("generic expected", value, object, size);
  SAME("generic compare", _Bool, our___atomic_compare_exchange(size, object, value, copy, 5, 5), 1);
  report("generic desired", object, copy, size);
}

#if X87
static void processor(void)
{
  extern struct { u32 word[4]; } our___cpu_model, __cpu_model;
  extern int our___cpu_indicator_init(void), __cpu_indicator_init(void);

  our___cpu_indicator_init();
  __cpu_indicator_init();
  SAME("cpu vendor", int, our___cpu_model.word[0] == __cpu_model.word[0] || our___cpu_model.word[0] == 3, 1);
  SAME("cpu features", u32, our___cpu_model.word[3] & 0x01ff, __cpu_model.word[3] & 0x01ff);
  if (our___cpu_model.word[3] != __cpu_model.word[3])
    report("cpu features", &our___cpu_model.word[3], &__cpu_model.word[3], 4);
}

#else
static void processor(void) {}
#endif

int main(int argc, char **argv)
{
  static const int modes[] = { FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD };
  long rounds = argc > 1 ? atol(argv[1]) : 100000, i;

  processor();
  for (i = 0; i < rounds; i++) {
    integers();
    complex_numbers();
    atomics();
    fesetround(modes[i & 3]);
    conversions();
    quads();
    fesetround(FE_TONEAREST);
  }
  printf("%d differences\n", differences);
  return differences != 0;
}
