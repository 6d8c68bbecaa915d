"""Places (lvalues): where an object stands, how its value is read and written.

A `Place` of a bit-field keeps the address of the record; `bitfields.py` finds the bytes.  _Atomic objects are read and
written by atomic operations (`atomics.py`).
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import HOLDS_ARRAY, HOLDS_BUFFER, Value
from ourocc.lower import alias_classes, atomics, bitfields, expressions, initializers, nested, vla
from ourocc.lower.context import FunctionContext, object_alignment
from ourocc.lower.conversions import resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Field, Type


@final
class Place:
    """Address, qualified type and known alignment; `field` and `record` for bit-fields.

    `freedom` says how far the type binds an access (`alias_classes.py`); `root` is the outermost record that the place was named as a
    member of, `root_offset` where it is in there (-1: not known)."""

    def __init__(self, address: Value, type: Type, alignment: int) -> None:
        self.address = address
        self.type = type
        self.alignment = alignment
        self.field: Field | None = None
        self.record: Type | None = None
        self.freedom = alias_classes.ALL
        self.root: Type | None = None
        self.root_offset = -1

    def is_part_of(self, whole: "Place", offset: int) -> None:
        """The place is `offset` bytes (-1: somewhere) inside of the other."""
        self.freedom = max(whole.freedom, alias_classes.freedom(self.type))
        self.root = whole.root
        self.root_offset = whole.root_offset + offset if whole.root_offset >= 0 and offset >= 0 else -1

    def is_target_of(self, pointer: tt.Expression) -> None:
        """The place is what the pointer points to: an object of its own, or an element of an array that is a member."""
        freedom = alias_classes.freedom_of_target(pointer)
        self.is_whole(freedom)
        if pointer.kind == tt.LOAD:
            return
        if freedom == alias_classes.NONE and self.root is not None:
            return
        owner = alias_classes.array_owner(pointer)
        if owner is not None or (freedom != alias_classes.NONE and self.type.kind != ct.UNION):
            self.root = owner
            self.root_offset = -1

    def is_whole(self, freedom: int) -> None:
        """The place is an object of its own, as far as one can see."""
        self.freedom = max(freedom, alias_classes.freedom(self.type))
        if self.type.is_record():
            self.root = self.type
            self.root_offset = 0

    def is_volatile(self) -> bool:
        return (self.type.qualifiers & ct.VOLATILE) != 0

    def is_reversed(self) -> bool:
        return (self.type.qualifiers & ct.REVERSED) != 0

    def is_atomic(self) -> bool:
        return (self.type.qualifiers & ct.ATOMIC) != 0


def is_automatic(variable: tt.Variable) -> bool:
    return variable.storage == tt.STORAGE_AUTOMATIC and not variable.is_function


def variable_address(context: FunctionContext, variable: tt.Variable) -> Value:
    """The address of an object or function."""
    if not is_automatic(variable):
        if variable.is_function and variable in context.unit.parents:
            return nested.function_address(context, variable)
        return context.builder.address(context.unit.symbol(variable))
    slot = context.indirect.get(variable)
    if slot is not None:
        return context.builder.load(ty.PTR, slot)
    found = context.addresses.get(variable)
    if found is not None:
        return found
    owner = nested.owner_of(context, variable)
    if owner is not context:
        return nested.captured_address(context, owner, variable)
    if variable.type.has_variable_size():
        slot = context.builder.alloca(8, 8)
        context.indirect[variable] = slot
        return context.builder.load(ty.PTR, slot)
    return declare(context, variable)


def declare(context: FunctionContext, variable: tt.Variable) -> Value:
    """Give an automatic variable its home."""
    size = max(variable.type.size, variable.initialized_size)
    home = context.builder.alloca(size, object_alignment(variable, size))
    home.flags |= array_flags(variable.type)
    context.addresses[variable] = home
    return home


def array_flags(type: ct.Type) -> int:
    """What the stack protector wants to know of an object."""
    if type.kind == ct.ARRAY:
        base = type.base
        flags = HOLDS_ARRAY
        if base is not None and base.size == 1 and type.size >= 8 and base.is_integer():
            flags |= HOLDS_BUFFER
        return flags if base is None or not base.is_record() else flags | array_flags(base)
    flags = 0
    if type.is_record():
        for field in type.fields:
            flags |= array_flags(field.type)
    return flags


def place(context: FunctionContext, expression: tt.Expression) -> Place:
    """Evaluate a place expression, without reading the object."""
    kind = expression.kind
    type = expression.type
    if kind == tt.VARIABLE or kind == tt.COMPOUND_LITERAL:
        assert isinstance(expression, tt.VariableReference)
        variable = expression.variable
        address = variable_address(context, variable)
        if kind == tt.COMPOUND_LITERAL and is_automatic(variable):
            initializers.initialize_items(context, variable, address)
        found = Place(address, type, max(variable.alignment, type.alignment))
        found.is_whole(alias_classes.NONE)
        return found
    if kind == tt.DEREFERENCE:
        assert isinstance(expression, tt.UnaryOperation)
        found = Place(expressions.value(context, expression.operand), type, type.alignment)
        found.is_target_of(expression.operand)
        return found
    if kind == tt.MEMBER:
        assert isinstance(expression, tt.MemberAccess)
        return member(context, expression)
    if kind == tt.STRING_LITERAL:
        assert isinstance(expression, tt.StringLiteral)
        size = type.base.size if type.base is not None else 1
        return Place(context.builder.address(context.unit.string(expression.data, size)), type, size)
    if (kind == tt.REAL_PART or kind == tt.IMAGINARY_PART) and expression.is_place:
        assert isinstance(expression, tt.UnaryOperation)
        whole = place(context, expression.operand)
        if kind == tt.REAL_PART or whole.type.kind != ct.COMPLEX:
            found = Place(whole.address, type, whole.alignment)
            found.is_part_of(whole, 0)
        else:
            imaginary = context.builder.ptradd(whole.address, type.size)
            found = Place(imaginary, type, min(whole.alignment, type.alignment))
            found.is_part_of(whole, type.size)
        return found
    if kind == tt.VECTOR_ELEMENT and expression.is_place:
        assert isinstance(expression, tt.BinaryOperation)
        vector = place(context, expression.left)
        index = expressions.value(context, expression.right)
        element = element_address(context, vector.address, index, expression.right.type, type.size)
        found = Place(element, type, type.size)
        found.is_part_of(vector, -1)
        return found
    return temporary_place(context, expression)


def element_address(context: FunctionContext, base: Value, index: Value, index_type: Type, size: int) -> Value:
    """base + index * size."""
    builder = context.builder
    offset = resize(context, index, ty.I64, index_type.unsigned)
    if offset.op == op.CONST:
        return builder.ptradd(base, offset.imm * size)
    if size != 1:
        offset = builder.binary(op.MUL, ty.I64, offset, builder.const(size, ty.I64))
    return builder.binary(op.PTRADD, ty.PTR, base, offset)


def temporary_place(context: FunctionContext, expression: tt.Expression) -> Place:
    """A value as a place: records and big vectors stand in memory already, others are spilled."""
    type = expression.type
    if context.in_memory(type):
        return Place(expressions.value(context, expression), type, type.alignment)
    home = Place(context.temporary(type), type.unqualified, type.alignment)
    expressions.assign(context, home, expression)
    return home


def member(context: FunctionContext, expression: tt.MemberAccess) -> Place:
    base = place(context, expression.base)
    field = expression.field
    if field.moving:
        offset = vla.kept_number(context, field.offset_variable)
        moved = context.builder.binary(op.PTRADD, ty.PTR, base.address, offset)
        found = Place(moved, expression.type, min(base.alignment, max(field.step, 1)))
        if field.group is not None:
            found.alignment = 1
            found.field = field
            found.record = field.group
        return found
    if field.bit_width >= 0:
        found = Place(base.address, expression.type, base.alignment)
        found.field = field
        found.record = base.type
        found.is_part_of(base, -1)
        return found
    address = context.builder.ptradd(base.address, field.offset)
    alignment = base.alignment
    if field.offset != 0:
        alignment = min(alignment, field.offset & -field.offset)
    found = Place(address, expression.type, alignment)
    found.is_part_of(base, field.offset)
    return found


def address_of(context: FunctionContext, expression: tt.Expression) -> Value:
    """The address of a place that is not a bit-field."""
    return place(context, expression).address


def extra_alignment(type: int, known: int) -> int:
    """`extra` of a load or store: 0 when the address is at least naturally aligned."""
    return 0 if known >= ty.size(type) else known


def no_reversed_atomics(context: FunctionContext, place: Place) -> None:
    if place.is_reversed():
        context.unimplemented(context.builder.position, "atomic access in reverse storage order")


def load(context: FunctionContext, source: Place) -> Value:
    """Lvalue conversion: the value (in-memory types: the address) of the object."""
    if source.field is not None:
        return bitfields.load(context, source)
    if source.is_atomic():
        no_reversed_atomics(context, source)
        return atomics.load_place(context, source)
    if context.in_memory(source.type):
        if source.is_volatile() and source.type.is_record():
            home = vla.temporary(context, source.type)
            vla.copy(context, home, source.address, source.type, source.alignment, True)
            return home
        return source.address
    type = context.ir_type(source.type)
    known = extra_alignment(type, source.alignment)
    if source.is_reversed():
        return load_reversed(context, type, source.address, known, source.is_volatile())
    return context.builder.load(type, source.address, known, source.is_volatile(), alias_classes.access_class(context, source))


def load_reversed(context: FunctionContext, type: int, address: Value, known: int, volatile: bool) -> Value:
    """A scalar whose bytes stand in the other order."""
    unit = ty.integer_of_bits(ty.BITS[type])
    value = swapped(context, context.builder.load(unit, address, known, volatile))
    return value if unit == type else context.builder.unary(op.BITCAST, type, value)


def swapped(context: FunctionContext, value: Value) -> Value:
    return value if value.type == ty.I8 else context.builder.unary(op.BSWAP, value.type, value)


def store_reversed(context: FunctionContext, value: Value, address: Value, known: int, volatile: bool) -> None:
    unit = ty.integer_of_bits(ty.BITS[value.type])
    if unit != value.type:
        value = context.builder.unary(op.BITCAST, unit, value)
    context.builder.store(address, swapped(context, value), known, volatile)


def store(context: FunctionContext, target: Place, value: Value) -> Value:
    """Write a value (in-memory types: from its address); gives the value of the assignment."""
    if target.field is not None:
        return bitfields.store(context, target, value)
    if target.is_atomic():
        no_reversed_atomics(context, target)
        atomics.store_place(context, target, value)
        return value
    if context.in_memory(target.type):
        alias_class = alias_classes.access_class(context, target)
        vla.copy(context, target.address, value, target.type, target.alignment, target.is_volatile(), alias_class)
        return value
    known = extra_alignment(value.type, target.alignment)
    if target.is_reversed():
        store_reversed(context, value, target.address, known, target.is_volatile())
        return value
    context.builder.store(target.address, value, known, target.is_volatile(), alias_classes.access_class(context, target))
    return value
