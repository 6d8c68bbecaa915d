"""C types (C17 6.2.5): interned, immutable but for record/enum completion, compared by identity.

A `TypeTable` belongs to one compilation and knows the target's data model.  Derived types are
interned by their parts, so that two identical types are one object; *compatible* (C17 6.2.7) is
weaker than identical and is `compatible()` in `conversions.py`.
"""

from typing import Final, final

# Type kinds.  Integer kinds are contiguous and in order of conversion rank (C17 6.3.1.1).
VOID: Final = 1
BOOL: Final = 2
CHAR: Final = 3
SCHAR: Final = 4
UCHAR: Final = 5
SHORT: Final = 6
USHORT: Final = 7
INT: Final = 8
UINT: Final = 9
LONG: Final = 10
ULONG: Final = 11
LLONG: Final = 12
ULLONG: Final = 13
INT128: Final = 14
UINT128: Final = 15
ENUM: Final = 16  # integer; its values have type `underlying`
FLOAT16: Final = 18
FLOAT: Final = 19
DOUBLE: Final = 20
LDOUBLE: Final = 21
FLOAT128: Final = 22
COMPLEX: Final = 25  # `base` is the real (or GNU: integer) type
POINTER: Final = 30  # `base`
ARRAY: Final = 31  # `base`, `length` (>= 0), or INCOMPLETE_LENGTH, or VARIABLE_LENGTH
FUNCTION: Final = 32  # `base` is the return type
STRUCT: Final = 33
UNION: Final = 34
VECTOR: Final = 35  # GNU vector_size: `base`, `length`
NULLPTR: Final = 36  # C23 nullptr_t
ERROR: Final = 40  # already diagnosed: everything converts silently

# Qualifiers (same bits as syntax.tree.QUALIFIER_*)
CONST: Final = 1
VOLATILE: Final = 2
RESTRICT: Final = 4
ATOMIC: Final = 8

MAY_ALIAS: Final = 16  # attribute may_alias: kept like a qualifier, so that places remember it
REVERSED: Final = 32  # attribute scalar_storage_order: the bytes stand in the other order; kept in the same way

INCOMPLETE_LENGTH: Final = -1  # int a[]
VARIABLE_LENGTH: Final = -2  # a VLA: `length_expression` says how many


@final
class Field:
    """A member of a struct or union.

    `offset` is in bytes; a bit-field also has `bit_offset` (from the least significant bit of the unit of its declared
    type's size that starts at `offset`) and `bit_width`; `bit_width` is -1 for an ordinary member.
    The storage unit [offset, offset+size of type) always lies such that bit_offset + bit_width <= 8*size, except in packed
    records, where a bit-field may span units: then bit_offset counts from `offset` and may need 9 bytes.
    """

    def __init__(self, name: str, type: "Type", location: int) -> None:
        self.name = name  # "" for anonymous struct/union members and unnamed bit-fields
        self.type = type
        self.location = location
        self.offset = 0
        self.bit_offset = 0
        self.bit_width = -1
        self.alignment = 0  # explicit (_Alignas/aligned), 0 for none
        self.packed = False
        self.reversed = False  # stored in the other byte order; bit-fields are then counted from the most significant bit
        # GNU: behind a member of variable size.  The place is the end of the member before, aligned to `step` (0: where that
        # member starts, for bit-fields of one group); its offset is kept in `offset_variable` (typed_tree.Variable)
        self.moving = False
        self.step = 0
        self.group: Type | None = None  # bit-fields: the record that they make together
        self.offset_variable: object | None = None


@final
class Type:
    """One type.  `unqualified` is the same type without qualifiers (itself when it has none)."""

    def __init__(self, kind: int, id: int) -> None:
        self.kind = kind
        self.id = id  # dense, in order of creation
        self.qualifiers = 0
        self.unqualified: Type = self
        self.size = 0  # bytes; meaningful only when complete
        self.alignment = 1
        self.complete = True
        self.unsigned = False  # integer types: target's answer for char included
        self.base: Type | None = None
        self.length = 0
        self.length_expression: object | None = None  # typed_tree.Expression of a VLA's length, evaluated at declaration
        self.length_variable: object | None = None  # typed_tree.Variable that holds a VLA's *length* (element count, size_t)
        # functions
        self.parameters: list[Type] = []
        self.variadic = False
        self.prototype = True  # False: `f()`, K&R
        self.is_noreturn = False
        # records and enums
        self.tag = ""
        self.fields: list[Field] = []
        self.field_index: dict[str, Field] = {}  # named members only; anonymous ones are found by find_field
        self.flexible = False  # last member is a flexible array
        self.transparent_union = False
        self.packed = False
        self.size_variable: object | None = None  # GNU record with members of variable size: typed_tree.Variable, its size
        self.underlying: Type | None = None  # enums
        self.enumerators: list[tuple[str, int]] = []  # for debuggers
        self.location = 0
        self.precision = 0  # bits, of the integer type of a bit-field wider than int (GNU: such fields do not promote)
        self.pointer: Type | None = None  # cache: pointer to this type
        self.variants: list[Type] = []  # of an unqualified type: its qualified and re-aligned versions
        # sugar, for messages only
        self.typedef_name = ""
        self.may_alias = False

    def is_integer(self) -> bool:
        return BOOL <= self.kind <= ENUM

    def is_floating(self) -> bool:
        return FLOAT16 <= self.kind <= FLOAT128

    def is_real(self) -> bool:
        return BOOL <= self.kind <= FLOAT128

    def is_arithmetic(self) -> bool:
        return BOOL <= self.kind <= COMPLEX

    def is_scalar(self) -> bool:
        return BOOL <= self.kind <= POINTER or self.kind == NULLPTR

    def is_record(self) -> bool:
        return self.kind == STRUCT or self.kind == UNION

    def is_aggregate(self) -> bool:
        return self.kind == STRUCT or self.kind == UNION or self.kind == ARRAY

    def is_variably_modified(self) -> bool:
        """C17 6.7.6p3: a VLA, or derived from one."""
        type: Type | None = self
        while type is not None:
            if type.kind == ARRAY and type.length == VARIABLE_LENGTH:
                return True
            if type.kind not in (ARRAY, POINTER, FUNCTION):
                return type.unqualified.size_variable is not None
            type = type.base
        return False

    def has_variable_size(self) -> bool:
        """Is the size known only at run time: a VLA, or (GNU) a record with one?"""
        type = self
        while type.kind == ARRAY and type.base is not None:
            if type.length == VARIABLE_LENGTH:
                return True
            type = type.base
        return type.unqualified.size_variable is not None


@final
class DataModel:
    """What a target says about C's types (sizes and alignments in bytes)."""

    def __init__(self) -> None:
        self.target = "x86_64"
        self.pointer_size = 8
        self.long_size = 8
        self.long_double_size = 16
        self.long_double_format = 80  # 80 for x87, 128 for IEEE binary128, 64
        self.char_unsigned = False
        self.short_wchar = False  # -fshort-wchar: it is unsigned short
        self.wchar_unsigned = False  # wchar_t is int (x86-64, riscv) or unsigned int (AArch64)
        self.max_alignment = 16  # __BIGGEST_ALIGNMENT__
        self.long_long_alignment = 8  # 4 inside i386 structs
        self.double_alignment = 8
        self.va_list_kind = 1  # 0: char*; 1: x86-64 array of one struct; 2: AArch64 struct; riscv64 is 0 (void*)
        self.short_enums = False
