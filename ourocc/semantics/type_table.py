"""Construction of types: one object per type, so that identical types compare by identity.

In: parts (a base type, a length, parameters, members).  Out: interned `Type` objects with sizes
and alignments of the target's data model.  Dictionaries are keyed by dense type ids.
Record layout is in `layout.py`.
"""

from typing import Final, final

from ourocc.semantics.types import (
    ARRAY,
    ATOMIC,
    BOOL,
    CHAR,
    COMPLEX,
    DOUBLE,
    ENUM,
    ERROR,
    FLOAT,
    FLOAT16,
    FLOAT128,
    FUNCTION,
    INCOMPLETE_LENGTH,
    INT,
    INT128,
    LDOUBLE,
    LLONG,
    LONG,
    NULLPTR,
    POINTER,
    SCHAR,
    SHORT,
    STRUCT,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    UNION,
    USHORT,
    VARIABLE_LENGTH,
    VECTOR,
    VOID,
    DataModel,
    Field,
    Type,
)

UNSIGNED_KINDS: Final = (BOOL, UCHAR, USHORT, UINT, ULONG, ULLONG, UINT128)


@final
class TypeTable:
    """All types of one compilation."""

    def __init__(self, model: DataModel) -> None:
        self.model = model
        self.next_id = 0
        self.arrays: dict[int, dict[int, Type]] = {}  # base id -> length -> array
        self.functions: dict[tuple[int, ...], Type] = {}
        self.qualified_types: dict[tuple[int, int, int], Type] = {}
        self.complexes: dict[int, Type] = {}
        self.vectors: dict[tuple[int, int], Type] = {}
        self.precise: dict[int, Type] = {}
        self.waiting: dict[int, list[Type]] = {}  # record id -> arrays to complete with it
        pointer = model.pointer_size
        long = model.long_size
        self.void = self.scalar(VOID, 1, 1)
        self.void.complete = False
        self.bool = self.scalar(BOOL, 1, 1)
        self.char = self.scalar(CHAR, 1, 1)
        self.char.unsigned = model.char_unsigned
        self.schar = self.scalar(SCHAR, 1, 1)
        self.uchar = self.scalar(UCHAR, 1, 1)
        self.short = self.scalar(SHORT, 2, 2)
        self.ushort = self.scalar(USHORT, 2, 2)
        self.int = self.scalar(INT, 4, 4)
        self.uint = self.scalar(UINT, 4, 4)
        self.long = self.scalar(LONG, long, long)
        self.ulong = self.scalar(ULONG, long, long)
        self.llong = self.scalar(LLONG, 8, 8)
        self.ullong = self.scalar(ULLONG, 8, 8)
        self.int128 = self.scalar(INT128, 16, 16)
        self.uint128 = self.scalar(UINT128, 16, 16)
        self.float16 = self.scalar(FLOAT16, 2, 2)
        self.float = self.scalar(FLOAT, 4, 4)
        self.double = self.scalar(DOUBLE, 8, 8)
        size = model.long_double_size
        self.ldouble = self.scalar(LDOUBLE, size, 4 if size == 12 else size)
        self.float128 = self.scalar(FLOAT128, 16, 16)
        # significand bits of the floating types stand in `length` (see reals.py)
        self.float16.length = 11
        self.float.length = 24
        self.double.length = 53
        self.ldouble.length = {80: 64, 128: 113, 64: 53}[model.long_double_format]
        self.float128.length = 113
        self.nullptr = self.scalar(NULLPTR, pointer, pointer)
        self.error = self.scalar(ERROR, 4, 4)
        self.by_kind: dict[int, Type] = {
            type.kind: type
            for type in (
                self.bool, self.char, self.schar, self.uchar, self.short, self.ushort, self.int, self.uint,
                self.long, self.ulong, self.llong, self.ullong, self.int128, self.uint128,
            )
        }  # fmt: skip
        self.size_type = self.ulong if long == pointer else self.uint
        self.ptrdiff_type = self.long if long == pointer else self.int
        self.wchar_type = self.uint if model.wchar_unsigned else self.int
        if model.short_wchar:
            self.wchar_type = self.ushort
        self.char16_type = self.ushort
        self.char32_type = self.uint
        self.void_pointer = self.pointer_to(self.void)
        self.char_pointer = self.pointer_to(self.char)
        self.const_char = self.qualified(self.char, 1)
        self.const_char_pointer = self.pointer_to(self.const_char)
        self.const_void_pointer = self.pointer_to(self.qualified(self.void, 1))
        self.volatile_void_pointer = self.pointer_to(self.qualified(self.void, 2))
        self.old_style_int_function = self.function(self.int, [], False, False)
        self.va_list = self.make_va_list()

    # ------------------------------------------------------------------ construction

    def new(self, kind: int) -> Type:
        type = Type(kind, self.next_id)
        self.next_id += 1
        return type

    def scalar(self, kind: int, size: int, alignment: int) -> Type:
        type = self.new(kind)
        type.size = size
        type.alignment = alignment
        type.unsigned = kind in UNSIGNED_KINDS
        return type

    def pointer_to(self, base: Type) -> Type:
        pointer = base.pointer
        if pointer is None:
            size = self.model.pointer_size
            pointer = self.scalar(POINTER, size, size)
            pointer.base = base
            base.pointer = pointer
        return pointer

    def array_of(self, base: Type, length: int) -> Type:
        """`length` in elements, or INCOMPLETE_LENGTH."""
        lengths = self.arrays.get(base.id)
        if lengths is None:
            lengths = {}
            self.arrays[base.id] = lengths
        array = lengths.get(length)
        if array is None:
            array = self.new(ARRAY)
            array.base = base
            array.length = length
            self.size_array(array)
            lengths[length] = array
            if not base.complete:
                owner = base.unqualified
                while owner.kind == ARRAY and owner.base is not None:
                    owner = owner.base.unqualified
                self.waiting.setdefault(owner.id, []).append(array)
        return array

    def size_array(self, array: Type) -> None:
        base = array.base
        assert base is not None
        array.alignment = base.alignment
        array.complete = base.complete and array.length != INCOMPLETE_LENGTH
        array.size = base.size * array.length if array.length > 0 else 0

    def variable_array(self, base: Type) -> Type:
        """A new VLA type; the caller sets its length expression and variable."""
        array = self.new(ARRAY)
        array.base = base
        array.length = VARIABLE_LENGTH
        array.alignment = base.alignment
        return array

    def function(self, result: Type, parameters: list[Type], variadic: bool, prototype: bool) -> Type:
        ids = [result.id, (2 if variadic else 0) + (1 if prototype else 0)]
        for parameter in parameters:
            ids.append(parameter.id)
        key = tuple(ids)
        type = self.functions.get(key)
        if type is None:
            type = self.new(FUNCTION)
            type.base = result
            type.parameters = parameters
            type.variadic = variadic
            type.prototype = prototype
            type.size = 1  # GNU: sizeof a function is 1
            self.functions[key] = type
        return type

    def complex_of(self, base: Type) -> Type:
        type = self.complexes.get(base.id)
        if type is None:
            type = self.scalar(COMPLEX, 2 * base.size, base.alignment)
            type.base = base
            self.complexes[base.id] = type
        return type

    def vector_of(self, base: Type, length: int) -> Type:
        key = (base.id, length)
        type = self.vectors.get(key)
        if type is None:
            size = base.size * length
            type = self.scalar(VECTOR, size, size)
            type.base = base
            type.length = length
            self.vectors[key] = type
        return type

    def new_record(self, kind: int, tag: str, location: int) -> Type:
        """An incomplete struct or union: always a new type."""
        type = self.new(kind)
        type.tag = tag
        type.location = location
        type.complete = False
        return type

    def new_enum(self, tag: str, location: int) -> Type:
        type = self.new(ENUM)
        type.tag = tag
        type.location = location
        type.complete = False
        self.set_underlying(type, self.uint)
        type.complete = False
        return type

    def set_underlying(self, enum: Type, underlying: Type) -> None:
        enum.underlying = underlying
        enum.size = underlying.size
        enum.alignment = underlying.alignment
        enum.unsigned = underlying.unsigned
        enum.complete = True
        self.completed(enum)

    def with_precision(self, type: Type, bits: int) -> Type:
        """The integer type of a bit-field wider than int: `type` cut to `bits` bits (GNU)."""
        key = type.id * 256 + bits
        precise = self.precise.get(key)
        if precise is None:
            precise = self.scalar(type.kind, type.size, type.alignment)
            precise.unsigned = type.unsigned
            precise.precision = bits
            precise.underlying = type
            self.precise[key] = precise
        return precise

    # ------------------------------------------------------------------ variants

    def qualified(self, type: Type, qualifiers: int) -> Type:
        """`type` with `qualifiers` added; an array's qualifiers belong to its elements (C17 6.7.3p9)."""
        qualifiers |= type.qualifiers
        if qualifiers == type.qualifiers:
            return type
        if type.kind == ARRAY:
            base = type.base
            assert base is not None
            new_base = self.qualified(base, qualifiers)
            if type.length == VARIABLE_LENGTH:
                array = self.variable_array(new_base)
                array.length_expression = type.length_expression
                array.length_variable = type.length_variable
                return array
            array = self.array_of(new_base, type.length)
            return array if array.alignment == type.alignment else self.aligned(array, type.alignment)
        if type.kind == FUNCTION or type.kind == ERROR:
            return type
        plain = type.unqualified
        alignment = 0 if type.alignment == plain.alignment else type.alignment
        return self.variant(plain, qualifiers, alignment)

    def aligned(self, type: Type, alignment: int) -> Type:
        """`type` with another alignment (attribute aligned on a typedef: it may lower it too)."""
        if alignment == type.alignment:
            return type
        return self.variant(type.unqualified, type.qualifiers, alignment)

    def variant(self, plain: Type, qualifiers: int, alignment: int) -> Type:
        key = (plain.id, qualifiers, alignment)
        type = self.qualified_types.get(key)
        if type is None:
            if plain.kind == ERROR:
                return plain
            type = self.new(plain.kind)
            type.unqualified = plain
            type.qualifiers = qualifiers
            self.qualified_types[key] = type
            plain.variants.append(type)
            self.copy_definition(type, plain, alignment)
        return type

    def copy_definition(self, type: Type, plain: Type, alignment: int) -> None:
        type.size = plain.size
        type.alignment = alignment if alignment > 0 else plain.alignment
        type.complete = plain.complete
        type.unsigned = plain.unsigned
        type.base = plain.base
        type.length = plain.length
        type.length_expression = plain.length_expression
        type.length_variable = plain.length_variable
        type.parameters = plain.parameters
        type.variadic = plain.variadic
        type.prototype = plain.prototype
        type.size_variable = plain.size_variable
        type.tag = plain.tag
        type.fields = plain.fields
        type.field_index = plain.field_index
        type.flexible = plain.flexible
        type.transparent_union = plain.transparent_union
        type.packed = plain.packed
        type.underlying = plain.underlying
        type.location = plain.location
        type.may_alias = (type.qualifiers & 16) != 0
        if type.qualifiers & ATOMIC and alignment == 0 and plain.size in (1, 2, 4, 8, 16):
            type.alignment = max(type.alignment, plain.size)

    def completed(self, record: Type) -> None:
        """A record or enum got its definition: pass it on to its qualified versions and to arrays of it."""
        for variant in record.variants:
            alignment = 0
            for (plain_id, qualifiers, wanted), type in self.qualified_types.items():
                if type is variant and plain_id == record.id and qualifiers == variant.qualifiers:
                    alignment = wanted
                    break
            self.copy_definition(variant, record, alignment)
        for array in self.waiting.pop(record.id, []):
            self.size_array(array)

    # ------------------------------------------------------------------ questions

    def integer_of(self, size: int, unsigned: bool) -> Type:
        """The ordinary integer type of `size` bytes (for 8: long where it has that size)."""
        if size == 1:
            return self.uchar if unsigned else self.schar
        if size == 2:
            return self.ushort if unsigned else self.short
        if size == 4:
            return self.uint if unsigned else self.int
        if size == 8:
            if self.long.size == 8:
                return self.ulong if unsigned else self.long
            return self.ullong if unsigned else self.llong
        return self.uint128 if unsigned else self.int128

    def unsigned_of(self, type: Type) -> Type:
        """The unsigned type that corresponds to an integer type."""
        if type.kind == ENUM and type.underlying is not None:
            type = type.underlying
        if type.kind == CHAR or type.kind == SCHAR:
            return self.uchar
        if type.unsigned or type.kind == BOOL:
            return type.unqualified
        return self.by_kind[type.kind + 1]

    def find_field(self, record: Type, name: str) -> list[Field] | None:
        """The path to a member: through anonymous members, outermost first (C17 6.7.2.1p13)."""
        field = record.field_index.get(name)
        if field is not None:
            return [field]
        for field in record.fields:
            if field.name == "" and field.bit_width < 0 and field.type.is_record():
                path = self.find_field(field.type, name)
                if path is not None:
                    return [field, *path]
        return None

    def make_va_list(self) -> Type:
        """The target's va_list: x86-64's array of one __va_list_tag, or a pointer."""
        if self.model.va_list_kind == 0:
            return self.void_pointer if self.model.target.startswith("riscv") else self.char_pointer
        from ourocc.semantics.layout import lay_out

        if self.model.va_list_kind == 1:
            tag = self.new_record(STRUCT, "__va_list_tag", 0)
            members: tuple[tuple[str, Type], ...] = (
                ("gp_offset", self.uint),
                ("fp_offset", self.uint),
                ("overflow_arg_area", self.void_pointer),
                ("reg_save_area", self.void_pointer),
            )
        else:
            tag = self.new_record(STRUCT, "__va_list", 0)
            members = (
                ("__stack", self.void_pointer),
                ("__gr_top", self.void_pointer),
                ("__vr_top", self.void_pointer),
                ("__gr_offs", self.int),
                ("__vr_offs", self.int),
            )
        for name, type in members:
            tag.fields.append(Field(name, type, 0))
        lay_out(self, tag, 0, 0)
        return self.array_of(tag, 1) if self.model.va_list_kind == 1 else tag


def is_union(type: Type) -> bool:
    return type.kind == UNION
