"""Initializers (C17 6.7.9): static data as bytes and relocations, automatic objects as stores.

An automatic object with many constant parts is first copied from a constant image (or cleared), then the parts that are
computed are stored.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Data, DataRelocation, Symbol, Value
from ourocc.lower import expressions, places
from ourocc.lower.constants import bytes_of_bits, real_bits
from ourocc.lower.context import FunctionContext, UnitContext
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Field, Type

IMAGE_MINIMUM: Final = 4  # so many constant items that are not zero make a constant image worthwhile


# ---- static data


def put_bits(contents: bytearray, offset: int, field: Field, value: int) -> None:
    """Write a bit-field's value; `offset` is the byte at which the field's unit starts."""
    first = offset * 8 + field.bit_offset
    for bit in range(field.bit_width):
        position = first + (field.bit_width - 1 - bit if field.reversed else bit)
        mask = 128 >> (position & 7) if field.reversed else 1 << (position & 7)
        if value >> bit & 1:
            contents[position >> 3] |= mask
        else:
            contents[position >> 3] &= ~mask & 255


def drop_relocations(data: Data, offset: int, size: int) -> None:
    """An item that overrides an earlier one overrides its relocation too."""
    if data.relocations:
        data.relocations = [
            entry for entry in data.relocations if entry.offset + entry.size <= offset or entry.offset >= offset + size
        ]


def put_constant(
    unit: UnitContext, contents: bytearray, data: Data, offset: int, type: Type, value: tt.Expression
) -> bool:
    """Write one constant of `type`; False when the expression is no constant."""
    if isinstance(value, tt.IntegerConstant):
        size = type.size
        if type.kind == ct.BOOL:
            size = 1
        drop_relocations(data, offset, size)
        contents[offset : offset + size] = (value.value & ((1 << (size * 8)) - 1)).to_bytes(size, "little")
        return True
    if isinstance(value, tt.FloatConstant):
        ir_type = unit.abi.ir_type(type)
        encoded = bytes_of_bits(real_bits(value.value, ir_type), ir_type)
        drop_relocations(data, offset, type.size)
        contents[offset : offset + type.size] = encoded + bytes(type.size - len(encoded))
        return True
    if isinstance(value, tt.ComplexConstant):
        base = type.base
        assert base is not None
        return put_constant(unit, contents, data, offset, base, value.real) and put_constant(
            unit, contents, data, offset + base.size, base, value.imaginary
        )
    if isinstance(value, tt.AddressConstant):
        put_address(unit, contents, data, offset, type.size, value)
        return True
    if isinstance(value, tt.StringLiteral):
        drop_relocations(data, offset, type.size)
        encoded = value.data[: type.size] if type.size else value.data
        contents[offset : offset + len(encoded)] = encoded
        rest = type.size - len(encoded)
        if rest > 0:
            contents[offset + len(encoded) : offset + type.size] = bytes(rest)
        return True
    if isinstance(value, tt.UnaryOperation):
        return put_converted(unit, contents, data, offset, type, value)
    if isinstance(value, tt.VariableReference) and value.variable.initializer is not None:
        contents[offset : offset + type.size] = bytes(type.size)
        drop_relocations(data, offset, type.size)
        return put_items(unit, contents, data, offset, value.variable.initializer)
    return False


def put_converted(
    unit: UnitContext, contents: bytearray, data: Data, offset: int, type: Type, value: tt.UnaryOperation
) -> bool:
    """Constants that still wear a conversion, decay or load."""
    operand = value.operand
    if value.kind == tt.LOAD:
        return put_constant(unit, contents, data, offset, type, operand)
    if value.kind == tt.CONVERT and (value.type.size == operand.type.size or isinstance(operand, tt.AddressConstant)):
        return put_constant(unit, contents, data, offset, type, operand)
    if value.kind in (tt.ARRAY_DECAY, tt.ADDRESS_OF, tt.FUNCTION_DECAY):
        if isinstance(operand, tt.StringLiteral):
            element = operand.type.base.size if operand.type.base is not None else 1
            relocate(contents, data, offset, type.size, unit.string(operand.data, element), 0)
            return True
        if isinstance(operand, tt.VariableReference) and not places.is_automatic(operand.variable):
            relocate(contents, data, offset, type.size, unit.symbol(operand.variable), 0)
            return True
    return False


def relocate(contents: bytearray, data: Data, offset: int, size: int, symbol: Symbol, addend: int) -> None:
    drop_relocations(data, offset, size)
    contents[offset : offset + size] = bytes(size)
    symbol.references += 1
    data.relocations.append(DataRelocation(offset, size, symbol, addend))


def put_address(
    unit: UnitContext, contents: bytearray, data: Data, offset: int, size: int, value: tt.AddressConstant
) -> None:
    if value.label is not None:
        drop_relocations(data, offset, size)
        contents[offset : offset + size] = bytes(size)
        entry = DataRelocation(offset, size, None, value.offset)
        unit.label_relocations.append((entry, value.label, value.minus_label))
        data.relocations.append(entry)
    elif value.variable is not None:
        variable = value.variable
        relocate(contents, data, offset, size, unit.symbol(variable), value.offset)
    else:
        drop_relocations(data, offset, size)
        contents[offset : offset + size] = (value.offset & ((1 << (size * 8)) - 1)).to_bytes(size, "little")


def put_item(unit: UnitContext, contents: bytearray, data: Data, base: int, item: tt.InitializerItem) -> bool:
    field = item.field
    if field is not None and field.bit_width >= 0:
        value = item.value
        while isinstance(value, tt.UnaryOperation) and value.kind == tt.CONVERT:
            value = value.operand
        if not isinstance(value, tt.IntegerConstant):
            return False
        put_bits(contents, base + item.offset, field, value.value)
        return True
    start = base + item.offset
    done = put_constant(unit, contents, data, start, item.type, item.value)
    if done and item.type.qualifiers & ct.REVERSED:
        parts = 2 if item.type.kind == ct.COMPLEX else 1
        size = item.type.size // parts
        for place in range(start, start + item.type.size, size):
            contents[place : place + size] = contents[place : place + size][::-1]
        done = all(entry.offset + entry.size <= start or entry.offset >= start + size for entry in data.relocations)
    return done


def put_items(
    unit: UnitContext, contents: bytearray, data: Data, base: int, items: list[tt.InitializerItem]
) -> bool:
    for item in items:
        if not put_item(unit, contents, data, base, item):
            unit.diagnostics.error(item.value.location, "initializer element is not constant")
            return False
    return True


def static_data(unit: UnitContext, variable: tt.Variable, symbol: Symbol) -> None:
    """Give the symbol of an object with static storage its contents."""
    size = max(variable.type.size, variable.initialized_size)
    symbol.size = size
    data = Data(b"")
    if variable.initializer:
        contents = bytearray(size)
        put_items(unit, contents, data, 0, variable.initializer)
        symbol.size = max(size, len(contents))
        if data.relocations:
            data.contents = bytes(contents)
        else:
            data.contents = bytes(contents).rstrip(b"\0")
    symbol.data = data


# ---- automatic objects


def is_constant(value: tt.Expression) -> bool:
    """Can the value stand in an image without relocations?"""
    return isinstance(value, (tt.IntegerConstant, tt.FloatConstant, tt.ComplexConstant, tt.StringLiteral))


def is_zero(value: tt.Expression) -> bool:
    return isinstance(value, tt.IntegerConstant) and value.value == 0


def covers_everything(items: list[tt.InitializerItem], size: int) -> bool:
    """Do the items, in ascending order and without gaps, write every byte?"""
    position = 0
    for item in items:
        if item.offset != position or (item.field is not None and item.field.bit_width >= 0):
            return False
        position += item.type.size
    return position == size


def ascending(items: list[tt.InitializerItem]) -> bool:
    """No item overrides an earlier one (bit-fields of one unit share an offset)."""
    position = 0
    for item in items:
        if item.offset < position:
            return False
        position = item.offset if item.field is not None and item.field.bit_width >= 0 else item.offset + item.type.size
    return True


def initialize_items(context: FunctionContext, variable: tt.Variable, home: Value) -> None:
    """Run the flattened initializer of an automatic object; bytes that no item names become zero."""
    items = variable.initializer
    if items is None:
        return
    size = max(variable.type.size, variable.initialized_size)
    alignment = max(variable.type.alignment, variable.alignment)
    constants = 0
    for item in items:
        if is_constant(item.value) and not is_zero(item.value):
            constants += 1 if not isinstance(item.value, tt.StringLiteral) else 1 + len(item.value.data) // 16
    in_order = ascending(items)
    covered = covers_everything(items, size)
    skip_constants = False
    if constants >= IMAGE_MINIMUM and size > 16 and in_order:
        copy_image(context, items, size, alignment, home)
        skip_constants = True
    elif not covered:
        clear(context, home, size, alignment)
    for item in items:
        if skip_constants and is_constant(item.value):
            continue
        if not covered and in_order and is_zero(item.value):
            continue
        store_item(context, item, home, variable.type, alignment)


def clear(context: FunctionContext, home: Value, size: int, alignment: int, byte: int = 0) -> None:
    if size == 0:
        return
    builder = context.builder
    arguments = [home, builder.const(byte, ty.I8), builder.const(size, ty.I64)]
    cleared = builder.operation(op.MEMSET, ty.VOID, arguments)
    cleared.extra = alignment


def copy_image(
    context: FunctionContext, items: list[tt.InitializerItem], size: int, alignment: int, home: Value
) -> None:
    """memcpy of the constant parts from read-only data."""
    unit = context.unit
    contents = bytearray(size)
    scratch = Data(b"")
    for item in items:
        if is_constant(item.value):
            put_item(unit, contents, scratch, 0, item)
    used = len(bytes(contents).rstrip(b"\0"))
    if size - used >= 64:  # mostly zeros at the end: clear, then copy the beginning
        clear(context, home, size, alignment)
        size = (used + 7) & -8
    key = (bytes(contents[:size]), -alignment)
    symbol = unit.strings.get(key)
    if symbol is None:
        symbol = unit.anonymous(key[0], max(alignment, 8 if size >= 8 else 1), True)
        unit.strings[key] = symbol
    context.copy(home, context.builder.address(symbol), size, alignment)


def store_item(
    context: FunctionContext, item: tt.InitializerItem, home: Value, record: Type, alignment: int
) -> None:
    builder = context.builder
    value = item.value
    known = alignment
    if item.offset:
        known = min(known, item.offset & -item.offset)
    if item.field is not None and item.field.bit_width >= 0:
        store_bit_field(context, item, home)
        return
    address = builder.ptradd(home, item.offset)
    if isinstance(value, tt.StringLiteral) and item.type.kind == ct.ARRAY:
        store_string(context, value, address, item.type, known)
        return
    target = places.Place(address, item.type.unqualified, known)
    if item.type.qualifiers & (ct.VOLATILE | ct.REVERSED):
        target.type = item.type
    if item.type.qualifiers & ct.ATOMIC:
        target.type = item.type.unqualified
    expressions.assign(context, target, value)


def store_bit_field(context: FunctionContext, item: tt.InitializerItem, home: Value) -> None:
    """The record around is not known here: the field's own bytes are read, changed and written."""
    field = item.field
    assert field is not None
    alone = Field(field.name, field.type, field.location)
    alone.bit_offset = field.bit_offset
    alone.bit_width = field.bit_width
    alone.reversed = field.reversed
    record = Type(ct.STRUCT, -6)
    record.fields = [alone]
    record.size = (field.bit_offset + field.bit_width + 7) // 8
    target = places.Place(context.builder.ptradd(home, item.offset), item.type.unqualified, 1)
    target.field = alone
    target.record = record
    places.store(context, target, expressions.value(context, item.value))


def store_string(
    context: FunctionContext, value: tt.StringLiteral, address: Value, type: Type, alignment: int
) -> None:
    encoded = value.data[: type.size]
    encoded += bytes(type.size - len(encoded))
    element = type.base.size if type.base is not None else 1
    used = encoded.rstrip(b"\0")
    if not used or (type.size > 64 and len(used) < type.size // 2):
        clear(context, address, type.size, alignment)
        if not used:
            return
        encoded = used
    symbol = context.unit.string(encoded, element)
    context.copy(address, context.builder.address(symbol), len(encoded), min(alignment, element))


