"""The builtin functions: one row each, and the normal form in which lowering meets them.

A row is `name signature kind [target]`.  In the signature the first letter is the result, the
rest are parameters, `.` ends a variadic list, `?` as a parameter means "checked by hand".

    v void  b _Bool  c char  h unsigned char  s short  H unsigned short  i int  u unsigned  l long
    L unsigned long  q long long  Q unsigned long long  n __int128  N unsigned __int128
    z size_t  Z ssize_t (ptrdiff_t)  w wchar_t  k wint_t (unsigned int)
    f float  d double  e long double  g _Float128  F _Complex float  D _Complex double  E _Complex long double
    p void *  P const void *  S char *  C const char *  W volatile void *  X wchar_t *  Y const wchar_t *
    I int *  J float *  K double *  M long double *  A va_list  T void ** (jump buffer)  O FILE *

Kinds
    L  library function: `__builtin_NAME` is a call of `target` (default: NAME), the typed tree has an ordinary `Call`.
       Without the prefix the name is known too (-fbuiltin): prototype for implicit declarations, format checks, folding.
    l  the same, but NAME without prefix is not reserved to us (no implicit declaration).
    C  compile time: semantics gives a constant or another expression; lowering never sees it.
    B  a `BuiltinCall` for lowering, `BuiltinCall.name` = `target` (default: the name without `__builtin_`).

What lowering meets (`BuiltinCall.name`, arguments, result).  Arguments are values of the stated
types; "T" is the type of the first argument after this normalization.  A "constant" is an
IntegerConstant of type int.

  bits     clz ctz popcount parity ffs clrsb (T)          result int; T is int/unsigned, long, or long long: its size is the
                                                          width (clzl, clzll are also "clz"); 0 is undefined for clz, ctz
           bswap (T)                                      result T: unsigned of 16, 32, 64 or 128 bits
           abs (T)                                        result T: int, long or long long
  hints    expect (long value, long expected)             result long: value
           unreachable() trap()                           void
           prefetch (const void *, constant rw, constant locality)
           assume_aligned (void *p, size_t alignment, size_t offset)   result void *: p
           constant_p (value)                             result int: 1 when the optimizer has made the argument a constant,
                                                          else 0; the argument is not evaluated.  (-O0: always 0.)
           object_size (void *p, constant kind)           result size_t; unknown: -1 for kinds 0 and 1, 0 for kinds 2 and 3
  frame    alloca (size_t size, constant alignment)       result void *; alignment in bytes (16 at least)
           frame_address (constant) return_address (constant)          result void *
           thread_pointer()                               result void *
           setjmp (void **buffer)                         result int: __builtin_setjmp, five words
           longjmp (void **buffer, int)                   void, does not return
           va_start (pointer to the va_list object) va_end (same) va_copy (pointer to destination, pointer to source)
           va_arg_pack() va_arg_pack_len()                only in always_inline functions: the inliner replaces them
           eh_return (long, void *) unwind_init() dwarf_cfa()
           apply_args() apply (function, void *arguments, size_t stack bytes) return (void *results)      see untyped_calls.py
  checked  add_overflow sub_overflow mul_overflow (T1 a, T2 b, R *result)    result _Bool.  a and b keep their own integer
                                                          types (any width, signedness); exact result is computed as if
                                                          unbounded, stored wrapped to R; true when it does not fit R
           add_overflow_p sub_overflow_p mul_overflow_p (T1, T2)        the same without storing; R is `type_argument`
  atomic   atomic_load (T *p, constant order)             result T.  T is a scalar of 1, 2, 4, 8 or 16 bytes (qualifiers
           atomic_store (T *p, T value, order)            dropped); order: __ATOMIC_RELAXED 0, CONSUME 1, ACQUIRE 2, RELEASE 3,
           atomic_exchange (T *p, T, order)               ACQ_REL 4, SEQ_CST 5; it is an int value, mostly a constant
           atomic_compare_exchange (T *p, T *expected, T desired, weak, success order, failure order)     result _Bool
           atomic_fetch_add  _sub _and _or _xor _nand (T *p, T value, order)     result T: the old value
           atomic_add_fetch  _sub_ _and_ ...          (T *p, T value, order)     result T: the new value
                                                          (pointers: the value is an integer number of bytes, pointer-wide)
           atomic_test_and_set (void *p, order)           result _Bool;  atomic_clear (void *p, order)
           atomic_thread_fence (order) atomic_signal_fence (order)
           sync_val_compare_and_swap (T *p, T old, T new) result T: the value found
           sync_bool_compare_and_swap (T *p, T old, T new)              result _Bool
           Other sizes are calls of libatomic's __atomic_load(size_t, p, result, order) etc.  All other __sync_*
           are mapped to the forms above.  _Atomic objects: plain LOAD, ASSIGN, COMPOUND_ASSIGN, INCREMENT of places
           whose type has the ATOMIC qualifier are sequentially consistent.
  floats   fabs copysign (T [, T])                        T float, double, long double, _Float128; result T
           isnan isinf isinf_sign isfinite isnormal signbit (T)         result int
           isgreater isgreaterequal isless islessequal islessgreater isunordered (T, T)      result int; quiet
           fpclassify (int nan, int inf, int normal, int subnormal, int zero, T)             result int
           sqrt floor ceil trunc rint nearbyint round fma fmin fmax ... stay calls of the library function
  vectors  shuffle (V, mask) or (V, V, mask)              result V: elements taken modulo the length
           shufflevector (V, V, constants...)             result vector; -1: any
           (__builtin_convertvector is VECTOR_CONVERT, __builtin_complex COMPLEX_BUILD)
  x86      ia32_NAME (as in the rows)                     ia32_pause, ia32_mfence ...
           cpu_init() cpu_supports (string literal) cpu_is (string literal)
"""

from typing import Final, final

LIBRARY: Final = 1
LIBRARY_PREFIXED: Final = 2
COMPILE_TIME: Final = 3
LOWERED: Final = 4

ROWS: Final = """
memcpy ppPz L
memmove ppPz L
memset ppiz L
memcmp iPPz L
memchr pPiz L
mempcpy ppPz L
strcpy SSC L
strncpy SSCz L
strcat SSC L
strncat SSCz L
strcmp iCC L
strncmp iCCz L
strcasecmp iCC L
strncasecmp iCCz L
strlen zC L
strnlen zCz L
strchr SCi L
strrchr SCi L
strstr SCC L
strpbrk SCC L
strspn zCC L
strcspn zCC L
strdup SC L
strndup SCz L
stpcpy SSC L
stpncpy SSCz L
index SCi L
rindex SCi L
bcmp iPPz L
bcopy vPpz L
bzero vpz L
malloc pz L
calloc pzz L
realloc ppz L
aligned_alloc pzz L
memalign pzz L
free vp L
abort v L
exit vi L
_exit vi L
_Exit vi L
abs ii B abs
labs ll B abs
llabs qq B abs
imaxabs ll B abs
printf iC. L
fprintf iOC. L
sprintf iSC. L
snprintf iSzC. L
vprintf iCA L
vfprintf iOCA L
vsprintf iSCA L
vsnprintf iSzCA L
scanf iC. L
fscanf iOC. L
sscanf iCC. L
vscanf iCA L
vfscanf iOCA L
vsscanf iCCA L
puts iC L
putchar ii L
fputs iCO L
fputc iiO L
fwrite zPzzO L
printf_unlocked iC. l
fprintf_unlocked iOC. l
puts_unlocked iC l
putchar_unlocked ii l
fputs_unlocked iCO l
fputc_unlocked iiO l
fwrite_unlocked zPzzO l
isalnum ii L
isalpha ii L
isascii ii L
isblank ii L
iscntrl ii L
isdigit ii L
isgraph ii L
islower ii L
isprint ii L
ispunct ii L
isspace ii L
isupper ii L
isxdigit ii L
toascii ii L
tolower ii L
toupper ii L
ffs ii B ffs
ffsl il B ffs
ffsll iq B ffs
execv iCp l
execl iCC. l
execlp iCC. l
execle iCC. l
execvp iCp l
execve iCpp l
fork i l
gettext SC l
dgettext SCC l
dcgettext SCCi l
strfmon ZSzC. l
strftime zSzCP l
alloca pz C
posix_memalign ipzz l
fabs dd B fabs
fabsf ff B fabs
fabsl ee B fabs
fabsf128 gg B fabs
copysign ddd B copysign
copysignf fff B copysign
copysignl eee B copysign
copysignf128 ggg B copysign
__builtin_isnan i? C
__builtin_isinf i? C
__builtin_isinf_sign i? C
__builtin_isfinite i? C
__builtin_finite i? C
__builtin_isnormal i? C
__builtin_signbit i? C
__builtin_signbitf if B signbit
__builtin_signbitl ie B signbit
__builtin_isnanf if B isnan
__builtin_isnanl ie B isnan
__builtin_isinff if B isinf
__builtin_isinfl ie B isinf
__builtin_finitef if B isfinite
__builtin_finitel ie B isfinite
__builtin_isgreater i? C
__builtin_isgreaterequal i? C
__builtin_isless i? C
__builtin_islessequal i? C
__builtin_islessgreater i? C
__builtin_isunordered i? C
__builtin_fpclassify i? C
__builtin_inf d C
__builtin_inff f C
__builtin_infl e C
__builtin_inff128 g C
__builtin_inff32 f C
__builtin_inff64 d C
__builtin_inff32x d C
__builtin_inff64x e C
__builtin_infd32 d C
__builtin_huge_val d C
__builtin_huge_valf f C
__builtin_huge_vall e C
__builtin_huge_valf128 g C
__builtin_nan dC C
__builtin_nanf fC C
__builtin_nanl eC C
__builtin_nanf128 gC C
__builtin_nans dC C
__builtin_nansf fC C
__builtin_nansl eC C
__builtin_nansf128 gC C
__builtin_complex ? C
__builtin_clz iu B clz
__builtin_clzl iL B clz
__builtin_clzll iQ B clz
__builtin_clzimax iL B clz
__builtin_ctz iu B ctz
__builtin_ctzl iL B ctz
__builtin_ctzll iQ B ctz
__builtin_ctzimax iL B ctz
__builtin_popcount iu B popcount
__builtin_popcountl iL B popcount
__builtin_popcountll iQ B popcount
__builtin_popcountimax iL B popcount
__builtin_parity iu B parity
__builtin_parityl iL B parity
__builtin_parityll iQ B parity
__builtin_parityimax iL B parity
__builtin_ffsimax il B ffs
__builtin_clrsb ii B clrsb
__builtin_clrsbl il B clrsb
__builtin_clrsbll iq B clrsb
__builtin_clrsbimax il B clrsb
__builtin_bswap16 HH B bswap
__builtin_bswap32 uu B bswap
__builtin_bswap64 LL B bswap
__builtin_bswap128 NN B bswap
__builtin_expect lll C
__builtin_expect_with_probability llld C
__builtin_unreachable v B
__builtin_trap v B
__builtin_prefetch vP. C
__builtin_alloca_with_align pzz C
__builtin_alloca_with_align_and_max pzzz C
__builtin_va_start v? C
__builtin_stdarg_start v? C
__builtin_va_end v? C
__builtin_va_copy v? C
__builtin_next_arg p? C
__builtin_saveregs p C
__builtin_va_arg_pack i B
__builtin_va_arg_pack_len i B
__builtin_frame_address pu C
__builtin_return_address pu C
__builtin_extract_return_addr pp C
__builtin_frob_return_addr pp C
__builtin_thread_pointer p B
__builtin_setjmp iT B
__builtin_longjmp vTi B
__builtin_apply_args p B
__builtin_apply pppz B
__builtin_return vp B
__builtin_eh_return vlp B
__builtin_unwind_init v B
__builtin_dwarf_cfa p B
__builtin_constant_p i? C
__builtin_classify_type i? C
__builtin_object_size zPi C
__builtin_dynamic_object_size zPi C
__builtin_is_constant_evaluated b C
__builtin_assume_aligned pPz. C
__builtin_speculation_safe_value ? C
__builtin_has_attribute i? C
__builtin_tgmath ? C
__builtin_LINE i C
__builtin_FILE C C
__builtin_FUNCTION C C
__builtin_shuffle ? C
__builtin_shufflevector ? C
__builtin_convertvector ? C
__builtin_add_overflow b? C
__builtin_sub_overflow b? C
__builtin_mul_overflow b? C
__builtin_add_overflow_p b? C
__builtin_sub_overflow_p b? C
__builtin_mul_overflow_p b? C
__builtin_sadd_overflow biiI C
__builtin_saddl_overflow bllp C
__builtin_saddll_overflow bqqp C
__builtin_uadd_overflow buup C
__builtin_uaddl_overflow bLLp C
__builtin_uaddll_overflow bQQp C
__builtin_ssub_overflow biiI C
__builtin_ssubl_overflow bllp C
__builtin_ssubll_overflow bqqp C
__builtin_usub_overflow buup C
__builtin_usubl_overflow bLLp C
__builtin_usubll_overflow bQQp C
__builtin_smul_overflow biiI C
__builtin_smull_overflow bllp C
__builtin_smulll_overflow bqqp C
__builtin_umul_overflow buup C
__builtin_umull_overflow bLLp C
__builtin_umulll_overflow bQQp C
__builtin_powi ddi L __powidf2
__builtin_powif ffi L __powisf2
__builtin_powil eei L __powixf2
__builtin___memcpy_chk ppPzz C memcpy
__builtin___memmove_chk ppPzz C memmove
__builtin___memset_chk ppizz C memset
__builtin___mempcpy_chk ppPzz C mempcpy
__builtin___strcpy_chk SSCz C strcpy
__builtin___stpcpy_chk SSCz C stpcpy
__builtin___strncpy_chk SSCzz C strncpy
__builtin___stpncpy_chk SSCzz C stpncpy
__builtin___strcat_chk SSCz C strcat
__builtin___strncat_chk SSCzz C strncat
__builtin___sprintf_chk iSizC. L __sprintf_chk
__builtin___snprintf_chk iSzizC. L __snprintf_chk
__builtin___vsprintf_chk iSizCA L __vsprintf_chk
__builtin___vsnprintf_chk iSzizCA L __vsnprintf_chk
__builtin___printf_chk iiC. L __printf_chk
__builtin___vprintf_chk iiCA L __vprintf_chk
__builtin___fprintf_chk iOiC. L __fprintf_chk
__builtin___vfprintf_chk iOiCA L __vfprintf_chk
__builtin___clear_cache vpp L __clear_cache
__builtin_ia32_pause v B ia32_pause
__builtin_ia32_mfence v B ia32_mfence
__builtin_ia32_lfence v B ia32_lfence
__builtin_ia32_sfence v B ia32_sfence
__builtin_ia32_clflush vP B ia32_clflush
__builtin_ia32_rdtsc Q B ia32_rdtsc
__builtin_ia32_rdtscp Qp B ia32_rdtscp
__builtin_ia32_rdpmc Qi B ia32_rdpmc
__builtin_ia32_readeflags_u64 Q B ia32_readeflags
__builtin_ia32_writeeflags_u64 vQ B ia32_writeeflags
__builtin_ia32_ldmxcsr vu B ia32_ldmxcsr
__builtin_ia32_stmxcsr u B ia32_stmxcsr
__builtin_ia32_rdfsbase64 Q B ia32_rdfsbase
__builtin_ia32_rdgsbase64 Q B ia32_rdgsbase
__builtin_cpu_init i B cpu_init
__builtin_cpu_supports iC B cpu_supports
__builtin_cpu_is iC B cpu_is
__atomic_load_n ? C
__atomic_load v? C
__atomic_store_n v? C
__atomic_store v? C
__atomic_exchange_n ? C
__atomic_exchange v? C
__atomic_compare_exchange_n b? C
__atomic_compare_exchange b? C
__atomic_fetch_add ? C
__atomic_fetch_sub ? C
__atomic_fetch_and ? C
__atomic_fetch_or ? C
__atomic_fetch_xor ? C
__atomic_fetch_nand ? C
__atomic_add_fetch ? C
__atomic_sub_fetch ? C
__atomic_and_fetch ? C
__atomic_or_fetch ? C
__atomic_xor_fetch ? C
__atomic_nand_fetch ? C
__atomic_test_and_set bWi B atomic_test_and_set
__atomic_clear vWi B atomic_clear
__atomic_thread_fence vi B atomic_thread_fence
__atomic_signal_fence vi B atomic_signal_fence
__atomic_always_lock_free bzP C
__atomic_is_lock_free bzP C
__sync_fetch_and_add ? C
__sync_fetch_and_sub ? C
__sync_fetch_and_or ? C
__sync_fetch_and_and ? C
__sync_fetch_and_xor ? C
__sync_fetch_and_nand ? C
__sync_add_and_fetch ? C
__sync_sub_and_fetch ? C
__sync_or_and_fetch ? C
__sync_and_and_fetch ? C
__sync_xor_and_fetch ? C
__sync_nand_and_fetch ? C
__sync_bool_compare_and_swap b? C
__sync_val_compare_and_swap ? C
__sync_lock_test_and_set ? C
__sync_lock_release v? C
__sync_synchronize v C
"""

# Mathematical functions: each exists for double, float (suffix f) and long double (suffix l).
# The signature is written with d; D is its complex.
MATH_ROWS: Final = """
acos dd|acosh dd|asin dd|asinh dd|atan dd|atan2 ddd|atanh dd|cbrt dd|ceil dd|cos dd|cosh dd|erf dd|erfc dd|exp dd
exp2 dd|expm1 dd|fdim ddd|floor dd|fma dddd|fmax ddd|fmin ddd|fmod ddd|frexp ddI|hypot ddd|ilogb id|ldexp ddi
lgamma dd|llrint qd|llround qd|log dd|log10 dd|log1p dd|log2 dd|logb dd|lrint ld|lround ld|modf ddK|nearbyint dd
nextafter ddd|nexttoward dde|pow ddd|remainder ddd|remquo dddI|rint dd|round dd|scalbln ddl|scalbn ddi|sin dd
sinh dd|sqrt dd|tan dd|tanh dd|tgamma dd|trunc dd|roundeven dd
cabs dD|cacos DD|cacosh DD|carg dD|casin DD|casinh DD|catan DD|catanh DD|ccos DD|ccosh DD|cexp DD|clog DD
cpow DDD|cproj DD|csin DD|csinh DD|csqrt DD|ctan DD|ctanh DD
creal dD|cimag dD|conj DD
exp10 dd|pow10 dd|drem ddd|gamma dd|j0 dd|j1 dd|jn did|y0 dd|y1 dd|yn did|significand dd|scalb ddd|sincos vdKK
"""
# those of the last line are GNU: known only with the prefix
FLOAT_LETTERS: Final = {"d": "f", "D": "F", "K": "J"}
LONG_LETTERS: Final = {"d": "e", "D": "E", "K": "M"}


@final
class Builtin:
    """A row of the table, under its full name."""

    def __init__(self, name: str, signature: str, kind: int, target: str) -> None:
        self.name = name
        self.signature = signature
        self.kind = kind
        self.target = target


def translate(signature: str, letters: dict[str, str]) -> str:
    return "".join(letters.get(letter, letter) for letter in signature)


def build_index() -> dict[str, Builtin]:
    """All builtins by name: `__builtin_x`, and `x` for library functions that C reserves."""
    kinds = {"L": LIBRARY, "l": LIBRARY_PREFIXED, "C": COMPILE_TIME, "B": LOWERED}
    index: dict[str, Builtin] = {}
    for row in ROWS.strip().split("\n"):
        words = row.split(" ")
        name = words[0]
        kind = kinds[words[2]]
        target = words[3] if len(words) > 3 else name.removeprefix("__builtin_")
        if name.startswith("__"):
            index[name] = Builtin(name, words[1], kind, target)
            continue
        index["__builtin_" + name] = Builtin("__builtin_" + name, words[1], kind, target)
        if words[2] != "l":
            index[name] = Builtin(name, words[1], kind, target)
    lines = MATH_ROWS.strip().split("\n")
    for number, line in enumerate(lines):
        for row in line.split("|"):
            name, signature = row.split(" ")
            for suffix, text in (
                ("", signature),
                ("f", translate(signature, FLOAT_LETTERS)),
                ("l", translate(signature, LONG_LETTERS)),
            ):
                full = name + suffix
                index["__builtin_" + full] = Builtin("__builtin_" + full, text, LIBRARY, full)
                if number < len(lines) - 1:
                    index[full] = Builtin(full, text, LIBRARY, full)
    for size in (1, 2, 4, 8, 16):
        for name in [key for key in index if key.startswith("__sync_") and key != "__sync_synchronize"]:
            if not name[-1].isdigit():
                row_of = index[name]
                index[f"{name}_{size}"] = Builtin(f"{name}_{size}", row_of.signature, COMPILE_TIME, row_of.target)
        for name in [key for key in index if key.startswith("__atomic_") and key.endswith("fetch")]:
            row_of = index[name]
            index[f"{name}_{size}"] = Builtin(f"{name}_{size}", row_of.signature, COMPILE_TIME, row_of.target)
        for name in [key for key in index if key.startswith("__atomic_fetch_") and not key[-1].isdigit()]:
            row_of = index[name]
            index[f"{name}_{size}"] = Builtin(f"{name}_{size}", row_of.signature, COMPILE_TIME, row_of.target)
    return index


_index: dict[str, Builtin] = {}


def find_builtin(name: str) -> Builtin | None:
    """The row of a builtin function, None when `name` is not one."""
    if not _index:
        _index.update(build_index())
    return _index.get(name)
