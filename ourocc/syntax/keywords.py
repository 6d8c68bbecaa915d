"""Keywords by standard (C17 6.4.1, GNU C) and what they start.

One dictionary lookup per identifier answers all the questions of the parser: `CLASS[spelling]`.
"""

from typing import Final, final

# Classes of keywords
TYPE: Final = 1  # type specifier keyword; NORMAL gives the spelling that semantics sees
STORAGE: Final = 2  # BITS gives the tree.STORAGE_* bit
QUALIFIER: Final = 3  # BITS gives the tree.QUALIFIER_* bit
RECORD: Final = 4  # struct, union
ENUM: Final = 5
TYPEOF: Final = 6
ATTRIBUTE: Final = 7
ALIGNAS: Final = 8
EXTENSION: Final = 9
STATIC_ASSERT: Final = 10
ATOMIC: Final = 11
ASM: Final = 12
STATEMENT: Final = 13
OPERATOR: Final = 14  # sizeof, _Alignof, _Generic, __real__ ...
LABEL_DECLARATION: Final = 15
FUNCTION_NAME: Final = 16  # __func__: an identifier that only stands in expressions (C17 6.4.2.2)

_TYPES: Final = (
    "void char short int long float double signed unsigned _Bool _Complex __int128 __builtin_va_list __auto_type "
    "_Float16 _Float32 _Float64 _Float128 _Float32x _Float64x __float128 __float80 __bf16 _Decimal32 _Decimal64 "
    "_Decimal128 _BitInt"
).split()
_STORAGE: Final = {
    "typedef": 1, "extern": 2, "static": 4, "auto": 8, "register": 16, "_Thread_local": 32, "__thread": 32,
    "inline": 64, "__inline": 64, "__inline__": 64, "_Noreturn": 128,
}  # fmt: skip
_QUALIFIERS: Final = {
    "const": 1, "__const": 1, "__const__": 1, "volatile": 2, "__volatile": 2, "__volatile__": 2, "restrict": 4,
    "__restrict": 4, "__restrict__": 4,
}  # fmt: skip
_ALIASES: Final = {
    "__signed": "signed", "__signed__": "signed", "__complex": "_Complex", "__complex__": "_Complex",
    "__int128_t": "__int128_t", "__uint128_t": "__uint128_t",
}  # fmt: skip
_OTHERS: Final = {
    "struct": RECORD, "union": RECORD, "enum": ENUM, "__typeof": TYPEOF, "__typeof__": TYPEOF, "typeof": TYPEOF,
    "__attribute": ATTRIBUTE, "__attribute__": ATTRIBUTE, "_Alignas": ALIGNAS, "__extension__": EXTENSION,
    "_Static_assert": STATIC_ASSERT, "_Atomic": ATOMIC, "asm": ASM, "__asm": ASM, "__asm__": ASM,
    "if": STATEMENT, "else": STATEMENT, "switch": STATEMENT, "case": STATEMENT, "default": STATEMENT,
    "while": STATEMENT, "do": STATEMENT, "for": STATEMENT, "goto": STATEMENT, "continue": STATEMENT,
    "break": STATEMENT, "return": STATEMENT, "sizeof": OPERATOR, "_Alignof": OPERATOR, "__alignof": OPERATOR,
    "__alignof__": OPERATOR, "_Generic": OPERATOR, "__real": OPERATOR, "__real__": OPERATOR, "__imag": OPERATOR,
    "__imag__": OPERATOR, "__label__": LABEL_DECLARATION, "__builtin_va_arg": OPERATOR,
    "__builtin_offsetof": OPERATOR, "__builtin_types_compatible_p": OPERATOR, "__builtin_choose_expr": OPERATOR,
    "__func__": FUNCTION_NAME, "__FUNCTION__": FUNCTION_NAME, "__PRETTY_FUNCTION__": FUNCTION_NAME,
}  # fmt: skip


@final
class Keywords:
    """The keywords of one language mode."""

    def __init__(self, version: int, gnu: bool) -> None:
        """`version`: 1990, 1999, 2011, 2017 or 2023; `gnu`: -std=gnu*."""
        classes: dict[str, int] = {name: TYPE for name in _TYPES}
        normal: dict[str, str] = {name: name for name in _TYPES}
        bits: dict[str, int] = {}
        for name, meaning in _ALIASES.items():
            classes[name] = TYPE
            normal[name] = meaning
        for name, bit in _STORAGE.items():
            classes[name] = STORAGE
            bits[name] = bit
        for name, bit in _QUALIFIERS.items():
            classes[name] = QUALIFIER
            bits[name] = bit
        classes.update(_OTHERS)
        if not gnu:
            for name in ("asm", "typeof"):
                del classes[name]
        if version < 1999:
            del classes["restrict"]
            if not gnu:
                del classes["inline"]
        if version >= 2023:
            classes["typeof"] = TYPEOF
            classes["static_assert"] = STATIC_ASSERT
            classes["alignas"] = ALIGNAS
            classes["alignof"] = OPERATOR
            classes["thread_local"] = STORAGE
            bits["thread_local"] = 32
        self.classes = classes
        self.normal = normal
        self.bits = bits
