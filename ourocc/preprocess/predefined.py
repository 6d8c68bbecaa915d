"""The predefined macros: settings in, the text of their #define lines out (C17 6.10.8, and GNU C 12's).

Nothing is copied from tables of numbers where it can be computed: integer limits come from a
target's type sizes, the floating-point constants from the formats' parameters.
"""

from typing import Final, final

from ourocc.base.floating import F32, F64, F80, F128, Format, Real, decimal


@final
class PredefinedSettings:
    """Options that change predefined macros; defaults are those of a bare command line without PIE."""

    def __init__(self, target: str = "x86-64") -> None:
        self.target = target  # "x86-64", "i386", "riscv64"
        self.standard = "gnu17"  # canonical (lexer.canonical_standard)
        self.optimize = 0  # -O level; -Os and -Oz are 2 with `optimize_size`, -Og is 1 with `optimize_debug`
        self.optimize_size = False
        self.no_inline = False  # -fno-inline
        self.pic = 0  # 1 -fpic, 2 -fPIC
        self.pie = 0  # 1 -fpie, 2 -fPIE (then pic is the same)
        self.char_unsigned = -1  # 1 -funsigned-char, 0 -fsigned-char, -1 the target's
        self.short_wchar = False
        self.math: set[str] = set()  # of _MATH_MACROS' names; "fast-math" is spelled out by the caller
        self.features: list[str] = []  # x86 -m flags in order, without "-m": "sse4.2", "no-mmx", "avx2"
        self.march = ""
        self.mtune = ""
        self.abi = ""  # riscv -mabi
        self.code_model = ""
        self.stack_protector = 0  # __SSP__ 1, __SSP_ALL__ 2, __SSP_STRONG__ 3, __SSP_EXPLICIT__ 4
        self.cf_protection = 0  # bits of __CET__
        self.pthread = False
        self.openmp = False
        self.exceptions = False
        self.sanitize: set[str] = set()  # "address", "thread"
        self.hosted = True
        self.gnu89_inline = False
        self.unwind_tables = True  # -fno-asynchronous-unwind-tables -fno-exceptions clears it
        self.long_double_64 = False  # -mlong-double-64
        self.soft_float = False  # -mno-80387, -msoft-float
        self.undefine = False  # -undef

    def key(self) -> str:
        parts = [
            self.target, self.standard, self.optimize, self.optimize_size, self.no_inline, self.pic, self.pie,
            self.char_unsigned, self.short_wchar, sorted(self.math), self.features, self.march, self.mtune,
            self.abi, self.code_model, self.stack_protector, self.cf_protection, self.pthread, self.openmp,
            self.exceptions, sorted(self.sanitize), self.hosted, self.gnu89_inline, self.unwind_tables,
            self.long_double_64, self.soft_float, self.undefine,
        ]  # fmt: skip
        return repr(parts)


@final
class _Model:
    """A target's types: (name, width) pairs in GNU C's words."""

    def __init__(self, is_64: bool, wchar: str, wchar_width: int, pointer_integer: str, int64: str) -> None:
        self.is_64 = is_64
        self.wchar = wchar
        self.wchar_width = wchar_width
        self.pointer_integer = pointer_integer  # intptr_t, ptrdiff_t
        self.int64 = int64


_LP64: Final = _Model(True, "int", 32, "long int", "long int")
_ILP32: Final = _Model(False, "long int", 32, "int", "long long int")
_MODELS: Final = {"x86-64": _LP64, "riscv64": _LP64, "i386": _ILP32}

_VERSIONS: Final = {
    "c94": "199409L", "c99": "199901L", "gnu99": "199901L", "c11": "201112L", "gnu11": "201112L",
    "c17": "201710L", "gnu17": "201710L", "c23": "202000L", "gnu23": "202000L",
}  # fmt: skip
_SUFFIXES: Final = {
    "int": "", "long int": "L", "long long int": "LL", "short int": "", "signed char": "",
    "unsigned int": "U", "long unsigned int": "UL", "long long unsigned int": "ULL",
    "short unsigned int": "", "unsigned char": "",
}  # fmt: skip
_UNSIGNED: Final = {
    "int": "unsigned int", "long int": "long unsigned int", "long long int": "long long unsigned int",
    "short int": "short unsigned int", "signed char": "unsigned char",
}  # fmt: skip

# -f option (without "-f") -> macro
_MATH_MACROS: Final = {
    "no-math-errno": "__NO_MATH_ERRNO__", "no-signed-zeros": "__NO_SIGNED_ZEROS__",
    "no-trapping-math": "__NO_TRAPPING_MATH__", "associative-math": "__ASSOCIATIVE_MATH__",
    "reciprocal-math": "__RECIPROCAL_MATH__", "rounding-math": "__ROUNDING_MATH__",
    "signaling-nans": "__SUPPORT_SNAN__", "fast-math": "__FAST_MATH__",
}  # fmt: skip
# What -ffast-math and -funsafe-math-optimizations stand for
UNSAFE_MATH: Final = ("no-signed-zeros", "no-trapping-math", "associative-math", "reciprocal-math")
FAST_MATH: Final = UNSAFE_MATH + ("no-math-errno", "finite-math-only", "cx-limited-range", "fast-math")

# x86 -m feature -> its macro and the features that it implies
_X86_FEATURES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "mmx": ("__MMX__", ()), "sse": ("__SSE__", ()), "sse2": ("__SSE2__", ("sse",)),
    "sse3": ("__SSE3__", ("sse2",)), "ssse3": ("__SSSE3__", ("sse3",)), "sse4.1": ("__SSE4_1__", ("ssse3",)),
    "sse4.2": ("__SSE4_2__", ("sse4.1", "crc32", "popcnt")), "sse4": ("", ("sse4.2",)),
    "crc32": ("__CRC32__", ()), "popcnt": ("__POPCNT__", ()), "xsave": ("__XSAVE__", ()),
    "xsaveopt": ("__XSAVEOPT__", ("xsave",)), "xsavec": ("__XSAVEC__", ("xsave",)),
    "xsaves": ("__XSAVES__", ("xsave",)), "avx": ("__AVX__", ("sse4.2", "xsave")),
    "avx2": ("__AVX2__", ("avx",)), "fma": ("__FMA__", ("avx",)), "f16c": ("__F16C__", ("avx",)),
    "avx512f": ("__AVX512F__", ("avx2",)), "avx512vl": ("__AVX512VL__", ("avx512f",)),
    "avx512bw": ("__AVX512BW__", ("avx512f",)), "avx512dq": ("__AVX512DQ__", ("avx512f",)),
    "avx512cd": ("__AVX512CD__", ("avx512f",)), "aes": ("__AES__", ("sse2",)),
    "pclmul": ("__PCLMUL__", ("sse2",)), "rtm": ("__RTM__", ()), "rdrnd": ("__RDRND__", ()),
    "rdseed": ("__RDSEED__", ()), "bmi": ("__BMI__", ()), "bmi2": ("__BMI2__", ()),
    "lzcnt": ("__LZCNT__", ()), "abm": ("__ABM__", ("popcnt", "lzcnt")), "fsgsbase": ("__FSGSBASE__", ()),
    "movbe": ("__MOVBE__", ()), "sha": ("__SHA__", ("sse2",)), "adx": ("__ADX__", ()),
    "prfchw": ("__PRFCHW__", ()), "clflushopt": ("__CLFLUSHOPT__", ()), "vaes": ("__VAES__", ()),
    "gfni": ("__GFNI__", ("sse2",)), "fxsr": ("__FXSR__", ()), "sahf": ("__LAHF_SAHF__", ()),
    "shstk": ("__SHSTK__", ()), "cx16": ("__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16", ()), "sgx": ("__SGX__", ()),
    "clwb": ("__CLWB__", ()),
}  # fmt: skip
_V2: Final = ("cx16", "sahf", "sse4.2")
_V3: Final = _V2 + ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
_V4: Final = _V3 + ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")
_NEHALEM: Final = _V2
_HASWELL: Final = _V3 + ("fsgsbase", "pclmul", "rdrnd", "xsaveopt")
_SKYLAKE: Final = _HASWELL + ("adx", "aes", "clflushopt", "prfchw", "rdseed", "sgx", "xsavec", "xsaves")
# -march -> features beyond the baseline, the names of its macros, the names of its tuning
_X86_ARCHES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "x86-64": ((), ("k8",)), "x86-64-v2": (_V2, ("k8",)), "x86-64-v3": (_V3, ("k8",)),
    "x86-64-v4": (_V4, ("k8",)), "k8": ((), ("k8",)),
    "core2": (("cx16", "sahf", "ssse3"), ("core2",)), "nehalem": (_NEHALEM, ("corei7", "nehalem")),
    "corei7": (_NEHALEM, ("corei7", "nehalem")), "westmere": (_NEHALEM + ("pclmul",), ("corei7", "westmere")),
    "sandybridge": (_NEHALEM + ("avx", "pclmul", "xsaveopt"), ("corei7_avx", "sandybridge")),
    "ivybridge": (
        _NEHALEM + ("avx", "pclmul", "xsaveopt", "f16c", "fsgsbase", "rdrnd"), ("corei7_avx", "ivybridge")),
    "haswell": (_HASWELL, ("core_avx2", "haswell")),
    "broadwell": (_HASWELL + ("adx", "prfchw", "rdseed"), ("core_avx2", "broadwell")),
    "skylake": (_SKYLAKE, ("skylake",)),
    "i386": ((), ()), "i486": ((), ("i486",)), "i586": ((), ("i586", "pentium")),
    "pentium": ((), ("i586", "pentium")), "i686": (("sahf",), ("i686", "pentiumpro")),
    "pentiumpro": (("sahf",), ("i686", "pentiumpro")),
    "pentium4": (("sahf", "mmx", "sse2", "fxsr"), ("pentium4",)),
}  # fmt: skip
_CODE_MODELS: Final = ("small", "kernel", "medium", "large")

# Macros that every target has with the same value
_COMMON: Final = """\
__GNUC__ 12
__GNUC_MINOR__ 2
__GNUC_PATCHLEVEL__ 0
__VERSION__ "12.2.0 compatible Ourocc"
__OUROCC__ 1
__ATOMIC_RELAXED 0
__ATOMIC_SEQ_CST 5
__ATOMIC_ACQUIRE 2
__ATOMIC_RELEASE 3
__ATOMIC_ACQ_REL 4
__ATOMIC_CONSUME 1
__ORDER_LITTLE_ENDIAN__ 1234
__ORDER_BIG_ENDIAN__ 4321
__ORDER_PDP_ENDIAN__ 3412
__BYTE_ORDER__ __ORDER_LITTLE_ENDIAN__
__FLOAT_WORD_ORDER__ __ORDER_LITTLE_ENDIAN__
__CHAR_BIT__ 8
__CHAR16_TYPE__ short unsigned int
__CHAR32_TYPE__ unsigned int
__GNUC_EXECUTION_CHARSET_NAME "UTF-8"
__GXX_ABI_VERSION 1017
__REGISTER_PREFIX__
__USER_LABEL_PREFIX__
__GCC_ATOMIC_TEST_AND_SET_TRUEVAL 1
__PRAGMA_REDEFINE_EXTNAME 1
__SIZEOF_FLOAT__ 4
__SIZEOF_DOUBLE__ 8
__SIZEOF_INT__ 4
__SIZEOF_SHORT__ 2
__SIZEOF_LONG_LONG__ 8
__SIZEOF_WINT_T__ 4
__FLT_RADIX__ 2
__DEC_EVAL_METHOD__ 2
__STDC__ 1
__ELF__ 1
__gnu_linux__ 1
__linux 1
__linux__ 1
__unix 1
__unix__ 1
"""
_DECIMAL: Final = """\
__DEC32_MANT_DIG__ 7
__DEC32_MIN_EXP__ (-94)
__DEC32_MAX_EXP__ 97
__DEC32_MIN__ 1E-95DF
__DEC32_MAX__ 9.999999E96DF
__DEC32_EPSILON__ 1E-6DF
__DEC32_SUBNORMAL_MIN__ 0.000001E-95DF
__DEC64_MANT_DIG__ 16
__DEC64_MIN_EXP__ (-382)
__DEC64_MAX_EXP__ 385
__DEC64_MIN__ 1E-383DD
__DEC64_MAX__ 9.999999999999999E384DD
__DEC64_EPSILON__ 1E-15DD
__DEC64_SUBNORMAL_MIN__ 0.000000000000001E-383DD
__DEC128_MANT_DIG__ 34
__DEC128_MIN_EXP__ (-6142)
__DEC128_MAX_EXP__ 6145
__DEC128_MIN__ 1E-6143DL
__DEC128_MAX__ 9.999999999999999999999999999999999E6144DL
__DEC128_EPSILON__ 1E-33DL
__DEC128_SUBNORMAL_MIN__ 0.000000000000000000000000000000001E-6143DL
__DECIMAL_BID_FORMAT__ 1
"""
_ATOMIC_TYPES: Final = ("BOOL", "CHAR", "CHAR16_T", "CHAR32_T", "WCHAR_T", "SHORT", "INT", "LONG", "LLONG", "POINTER")

_cache: Final[dict[str, str]] = {}


def predefined_macros(settings: PredefinedSettings) -> str:
    """The #define lines, one a macro."""
    key = settings.key()
    text = _cache.get(key)
    if text is None:
        lines = _Writer(settings).write()
        text = "".join([f"#define {line}\n" for line in lines])
        _cache[key] = text
    return text


@final
class _Writer:
    def __init__(self, settings: PredefinedSettings) -> None:
        self.settings = settings
        self.lines: list[str] = []
        self.model = _MODELS[settings.target]
        self.features = self.x86_features() if settings.target != "riscv64" else set()

    def one(self, *names: str) -> None:
        for name in names:
            self.lines.append(name + " 1")

    def put(self, name: str, value: str) -> None:
        self.lines.append(f"{name} {value}" if value else name + " ")

    def write(self) -> list[str]:
        settings = self.settings
        if settings.undefine:
            # -undef leaves what the language itself needs.
            self.language()
            return self.lines
        self.lines += _COMMON.splitlines()
        self.language()
        self.integers()
        self.floating()
        self.options()
        if settings.target == "riscv64":
            self.riscv()
        else:
            self.x86()
        return self.lines

    def language(self) -> None:
        settings = self.settings
        standard = settings.standard
        if settings.undefine:
            self.one("__STDC__")
        if standard in _VERSIONS:
            self.put("__STDC_VERSION__", _VERSIONS[standard])
        self.put("__STDC_HOSTED__", "1" if settings.hosted else "0")
        if standard in ("gnu99", "c11", "gnu11", "c17", "gnu17", "c23", "gnu23"):
            self.one("__STDC_UTF_16__", "__STDC_UTF_32__")
        if settings.undefine:
            return
        old_inline = settings.gnu89_inline or standard in ("c89", "c94", "gnu89")
        self.one("__GNUC_GNU_INLINE__" if old_inline else "__GNUC_STDC_INLINE__")
        if standard.startswith("gnu"):
            self.one("linux", "unix")
        else:
            self.one("__STRICT_ANSI__")

    # ------------------------------------------------------------------ integers

    def integer(self, name: str, type_name: str, width: int, kind: str) -> None:
        """Limits and type of one typedef; `kind` says which macros it has: T type, M max, W width, C constant."""
        signed = "unsigned" not in type_name
        suffix = _SUFFIXES[type_name]
        if "T" in kind:
            self.put(f"__{name}_TYPE__", type_name)
        if "M" in kind:
            self.put(f"__{name}_MAX__", f"{hex((1 << (width - (1 if signed else 0))) - 1)}{suffix}")
        if "W" in kind:
            self.put(f"__{name}_WIDTH__", str(width))
        if "C" in kind:
            self.put(f"__{name}_C(c)", f"c ## {suffix}" if suffix else "c")

    def integers(self) -> None:
        model = self.model
        long_width = 64 if model.is_64 else 32
        int64 = model.int64
        pointer = model.pointer_integer
        fast = pointer if model.is_64 else "int"
        self.integer("SCHAR", "signed char", 8, "MW")
        self.integer("SHRT", "short int", 16, "MW")
        self.integer("INT", "int", 32, "MW")
        self.integer("LONG", "long int", long_width, "MW")
        self.integer("LONG_LONG", "long long int", 64, "MW")
        exact = (("8", "signed char", 8), ("16", "short int", 16), ("32", "int", 32), ("64", int64, 64))
        for bits, name, width in exact:
            self.integer("INT" + bits, name, width, "TMC")
            self.integer("UINT" + bits, _UNSIGNED[name], width, "TMC")
            self.integer("INT_LEAST" + bits, name, width, "TMW")
            self.integer("UINT_LEAST" + bits, _UNSIGNED[name], width, "TM")
        quick = (("8", "signed char", 8), ("16", fast, long_width), ("32", fast, long_width), ("64", int64, 64))
        for bits, name, width in quick:
            self.integer("INT_FAST" + bits, name, width, "TMW")
            self.integer("UINT_FAST" + bits, _UNSIGNED[name], width, "TM")
        self.integer("INTMAX", int64, 64, "TMWC")
        self.integer("UINTMAX", _UNSIGNED[int64], 64, "TMC")
        self.integer("INTPTR", pointer, long_width, "TMW")
        self.integer("UINTPTR", _UNSIGNED[pointer], long_width, "TM")
        self.integer("PTRDIFF", pointer, long_width, "TMW")
        self.integer("SIZE", _UNSIGNED[pointer], long_width, "TMW")
        self.integer("SIG_ATOMIC", "int", 32, "TMW")
        self.put("__SIG_ATOMIC_MIN__", "(-__SIG_ATOMIC_MAX__ - 1)")
        self.integer("WINT", "unsigned int", 32, "TMW")
        self.put("__WINT_MIN__", "0U")
        self.wide_characters()
        size = str(long_width // 8)
        for name in ("LONG", "POINTER", "SIZE_T", "PTRDIFF_T"):
            self.put(f"__SIZEOF_{name}__", size)
        if model.is_64:
            self.one("_LP64", "__LP64__")
            self.put("__SIZEOF_INT128__", "16")
        else:
            self.one("_ILP32", "__ILP32__")

    def wide_characters(self) -> None:
        if self.settings.short_wchar:
            self.integer("WCHAR", "short unsigned int", 16, "TMW")
            self.put("__WCHAR_MIN__", "0")
            self.put("__SIZEOF_WCHAR_T__", "2")
            self.put("__GNUC_WIDE_EXECUTION_CHARSET_NAME", '"UTF-16LE"')
            return
        self.integer("WCHAR", self.model.wchar, self.model.wchar_width, "TMW")
        self.put("__WCHAR_MIN__", "(-__WCHAR_MAX__ - 1)")
        self.put("__SIZEOF_WCHAR_T__", "4")
        self.put("__GNUC_WIDE_EXECUTION_CHARSET_NAME", '"UTF-32LE"')

    # ------------------------------------------------------------------ floating point

    def floating(self) -> None:
        settings = self.settings
        x86 = settings.target != "riscv64"
        extended = F80 if x86 else F128
        long_double = F64 if settings.long_double_64 else extended
        self.float_type("FLT", F32, "F", "")
        self.float_type("DBL", F64, "L", "double")
        self.float_type("LDBL", long_double, "L", "")
        self.float_type("FLT32", F32, "F32", "")
        self.float_type("FLT64", F64, "F64", "")
        self.float_type("FLT128", F128, "F128", "")
        self.float_type("FLT32X", F64, "F32x", "")
        self.float_type("FLT64X", F128 if settings.long_double_64 else extended, "F64x", "")
        self.put("__DECIMAL_DIG__", str(_decimal_digits(long_double)))
        size = 8 if settings.long_double_64 else 12 if settings.target == "i386" else 16
        self.put("__SIZEOF_LONG_DOUBLE__", str(size))
        if settings.long_double_64:
            self.one("__LONG_DOUBLE_64__")
        method = "0"
        if x86 and "sse2" not in self.features:
            method = "-1" if "sse" in self.features else "2"
        elif settings.target == "i386":
            method = "2"
        if settings.soft_float:
            method = "0"
        self.put("__FLT_EVAL_METHOD__", method)
        self.put("__FLT_EVAL_METHOD_TS_18661_3__", method)
        if x86:
            self.lines += _DECIMAL.splitlines()
        self.math()

    def float_type(self, prefix: str, form: Format, suffix: str, cast: str) -> None:
        """The limits of C17 5.2.4.2.2 for one type."""
        precision = form.precision
        minimum = form.minimum_exponent + 1
        maximum = form.maximum_exponent + 1
        largest = Real(0, (1 << precision) - 1, maximum - precision)
        values = {
            "MAX": largest,
            "NORM_MAX": largest,
            "MIN": Real(0, 1, minimum - 1),
            "EPSILON": Real(0, 1, 1 - precision),
            "DENORM_MIN": Real(0, 1, minimum - precision),
        }
        self.put(f"__{prefix}_MANT_DIG__", str(precision))
        self.put(f"__{prefix}_DIG__", str((precision - 1) * 30103 // 100000))
        self.put(f"__{prefix}_MIN_EXP__", f"({minimum})")
        self.put(f"__{prefix}_MAX_EXP__", str(maximum))
        self.put(f"__{prefix}_MIN_10_EXP__", f"({-int((1 - minimum) * 0.30102999566398119521)})")
        self.put(f"__{prefix}_MAX_10_EXP__", str(int(maximum * 0.30102999566398119521)))
        self.put(f"__{prefix}_DECIMAL_DIG__", str(_decimal_digits(form)))
        for name, value in values.items():
            text = _decimal36(value) + suffix
            self.put(f"__{prefix}_{name}__", f"(({cast}){text})" if cast else text)
        for name in ("HAS_DENORM", "HAS_INFINITY", "HAS_QUIET_NAN"):
            self.one(f"__{prefix}_{name}__")
        self.put(f"__{prefix}_IS_IEC_60559__", "2")

    def math(self) -> None:
        math = self.settings.math
        for option, macro in _MATH_MACROS.items():
            if option in math:
                self.one(macro)
        finite = "finite-math-only" in math
        self.put("__FINITE_MATH_ONLY__", "1" if finite else "0")
        x86 = self.settings.target != "riscv64"
        unsafe = finite or any(name in math for name in ("no-signed-zeros", "associative-math", "reciprocal-math", "single-precision-constant"))
        if (x86 and self.settings.soft_float) or unsafe or (not x86 and not self.riscv_floats()):
            level = "0"
        else:
            level = "2"
        self.put("__GCC_IEC_559", level)
        self.put("__GCC_IEC_559_COMPLEX", "0" if "cx-limited-range" in math else level)

    # ------------------------------------------------------------------ command line

    def options(self) -> None:
        settings = self.settings
        if settings.optimize:
            self.one("__OPTIMIZE__")
        if settings.optimize_size:
            self.one("__OPTIMIZE_SIZE__")
        if not settings.optimize or settings.no_inline:
            self.one("__NO_INLINE__")
        if settings.pic:
            self.put("__pic__", str(settings.pic))
            self.put("__PIC__", str(settings.pic))
        if settings.pie:
            self.put("__pie__", str(settings.pie))
            self.put("__PIE__", str(settings.pie))
        if settings.char_unsigned > 0 or (settings.char_unsigned < 0 and settings.target == "riscv64"):
            self.one("__CHAR_UNSIGNED__")
        protector = ("", "__SSP__", "__SSP_ALL__", "__SSP_STRONG__", "__SSP_EXPLICIT__")[settings.stack_protector]
        if protector:
            self.put(protector, str(settings.stack_protector))
        if settings.cf_protection:
            self.put("__CET__", str(settings.cf_protection))
        if settings.pthread or settings.openmp:
            self.one("_REENTRANT")
        if settings.openmp:
            self.put("_OPENMP", "201511")
        if settings.exceptions:
            self.one("__EXCEPTIONS")
        for name in sorted(settings.sanitize):
            if name in ("address", "thread", "hwaddress"):
                self.one(f"__SANITIZE_{name.upper()}__")
        if settings.unwind_tables and settings.target != "riscv64":
            self.one("__GCC_HAVE_DWARF2_CFI_ASM")

    # ------------------------------------------------------------------ x86

    def x86_features(self) -> set[str]:
        """The features of -march and the -m flags, with what they imply."""
        settings = self.settings
        enabled: set[str] = set()
        default = "x86-64" if settings.target == "x86-64" else "i686"
        arch = settings.march or default
        # The plain names of 32-bit processors have no SSE; every 64-bit one does.
        if settings.target == "x86-64":
            for name in ("mmx", "sse2", "fxsr"):
                _enable(name, enabled)
        else:
            enabled.add("sahf")
            if arch not in ("i386", "i486", "i586", "i686", "pentium", "pentiumpro"):
                for name in ("mmx", "sse2", "fxsr"):
                    _enable(name, enabled)
        for name in _X86_ARCHES.get(arch, ((), ()))[0]:
            _enable(name, enabled)
        for flag in settings.features:
            if flag.startswith("no-") and flag[3:] in _X86_FEATURES:
                _disable(flag[3:], enabled)
            elif flag == "general-regs-only":
                for name in ("mmx", "sse"):
                    _disable(name, enabled)
            elif flag in _X86_FEATURES:
                if settings.target == "i386" and _X86_FEATURES[flag][1]:
                    _enable("mmx", enabled)
                _enable(flag, enabled)
        return enabled

    def x86(self) -> None:
        settings = self.settings
        is_64 = settings.target == "x86-64"
        features = self.features
        for name in sorted(features):
            macro = _X86_FEATURES[name][0]
            if macro:
                self.one(macro)
        if is_64:
            self.one("__amd64", "__amd64__", "__x86_64", "__x86_64__")
            if "sse" in features:
                self.one("__SSE_MATH__")
            if "sse2" in features:
                self.one("__SSE2_MATH__", "__MMX_WITH_SSE__")
        else:
            self.one("__i386", "__i386__")
            if settings.standard.startswith("gnu"):
                self.one("i386")
        if "no-80387" in settings.features:
            self.one("_SOFT_FLOAT")
        arch = settings.march or ("x86-64" if is_64 else "i686")
        names = _X86_ARCHES.get(arch, ((), ()))[1]
        for name in names:
            if is_64 or name != "k8":
                self.one(f"__{name}", f"__{name}__")
        tuned = settings.mtune or (settings.march if settings.march[:6] != "x86-64" else "")
        if tuned and tuned != "generic" and tuned in _X86_ARCHES:
            for name in _X86_ARCHES[tuned][1] or (tuned,):
                self.one(f"__tune_{name}__")
        model = settings.code_model or "small"
        self.one(f"__code_model_{model}__" if is_64 else "__code_model_32__")
        self.one("__SEG_FS", "__SEG_GS", "__GCC_ASM_FLAG_OUTPUTS__", "__HAVE_SPECULATION_SAFE_VALUE")
        self.put("__ATOMIC_HLE_ACQUIRE", "65536")
        self.put("__ATOMIC_HLE_RELEASE", "131072")
        self.put("__GCC_DESTRUCTIVE_SIZE", "64")
        self.put("__GCC_CONSTRUCTIVE_SIZE", "64")
        self.put("__SIZEOF_FLOAT128__", "16")
        self.put("__SIZEOF_FLOAT80__", "16" if is_64 else "12")
        alignment = 64 if "avx512f" in features else 32 if "avx" in features else 16
        self.put("__BIGGEST_ALIGNMENT__", str(alignment))
        if "fma" in features or "avx512f" in features:
            self.one("__FP_FAST_FMA", "__FP_FAST_FMAF", "__FP_FAST_FMAF32", "__FP_FAST_FMAF32x", "__FP_FAST_FMAF64")
        if settings.soft_float or "general-regs-only" in settings.features:
            self.one("_SOFT_FLOAT")
        old = arch in ("i386", "i486") and not is_64
        for size in ("1", "2", "4") if not (arch == "i386" and not is_64) else ():
            self.one("__GCC_HAVE_SYNC_COMPARE_AND_SWAP_" + size)
        if is_64 or not old:
            self.one("__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8")
        self.atomics("1" if old else "2", "2" if not old else "1")

    def atomics(self, narrow: str, wide: str) -> None:
        for name in _ATOMIC_TYPES:
            is_narrow = name in ("BOOL", "CHAR", "CHAR16_T", "SHORT")
            self.put(f"__GCC_ATOMIC_{name}_LOCK_FREE", narrow if is_narrow else wide)

    # ------------------------------------------------------------------ RISC-V

    def riscv_extensions(self) -> str:
        """The single-letter extensions of -march."""
        march = self.settings.march or "rv64gc"
        letters = march[4:].split("_")[0].split("z")[0]
        return letters.replace("g", "imafd")

    def riscv_floats(self) -> bool:
        return "d" in self.riscv_extensions()

    def riscv(self) -> None:
        settings = self.settings
        letters = self.riscv_extensions()
        abi = settings.abi or ("lp64d" if "d" in letters else "lp64")
        self.one("__riscv", "__riscv_arch_test")
        self.put("__riscv_xlen", "64")
        versions = {"i": "2001000", "m": "2000000", "a": "2001000", "f": "2002000", "d": "2002000", "c": "2000000"}
        for letter, version in versions.items():
            if letter in letters:
                self.put(f"__riscv_{letter}", version)
        if "m" in letters:
            self.one("__riscv_mul", "__riscv_div", "__riscv_muldiv")
        if "a" in letters:
            self.one("__riscv_atomic")
            self.one("__GCC_HAVE_SYNC_COMPARE_AND_SWAP_4", "__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8")
        if "c" in letters:
            self.one("__riscv_compressed")
        if "f" in letters:
            self.put("__riscv_flen", "64" if "d" in letters else "32")
            self.one("__riscv_fdiv", "__riscv_fsqrt", "__FP_FAST_FMAF", "__FP_FAST_FMAF32")
        if "d" in letters:
            self.one("__FP_FAST_FMA", "__FP_FAST_FMAF32x", "__FP_FAST_FMAF64")
            self.put("__riscv_zicsr", "2000000")
            self.put("__riscv_zifencei", "2000000")
        self.one(
            {"lp64d": "__riscv_float_abi_double", "lp64f": "__riscv_float_abi_single"}.get(
                abi, "__riscv_float_abi_soft"
            )
        )
        model = settings.code_model or "medlow"
        self.one("__riscv_cmodel_pic" if settings.pic else f"__riscv_cmodel_{model}")
        if settings.pic and settings.code_model != "medlow":
            self.one("__riscv_cmodel_medany")
        self.put("__BIGGEST_ALIGNMENT__", "16")
        self.atomics("1", "2" if "a" in letters else "1")


def _enable(name: str, enabled: set[str]) -> None:
    if name not in enabled:
        enabled.add(name)
        for other in _X86_FEATURES[name][1]:
            _enable(other, enabled)


def _disable(name: str, enabled: set[str]) -> None:
    """Switch off a feature and all that need it."""
    enabled.discard(name)
    for other, (_, implied) in _X86_FEATURES.items():
        if name in implied and other in enabled and name not in ("crc32", "popcnt", "xsave"):
            _disable(other, enabled)


def _decimal_digits(form: Format) -> int:
    """Decimal digits that tell all values of the format apart."""
    return 2 + form.precision * 30103 // 100000


def _decimal36(value: Real) -> str:
    """36 significant digits, as GNU C writes its limits."""
    text = decimal(value, 36)
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa:0<37}e{int(exponent):+d}"
