"""Bit-fields: which bytes are read and written (System V psABI 3.1.2; C17 3.14: no neighbour object is touched).

The access is the declared type's storage unit when it lies inside the run of adjacent bit-fields (so that neighbours
merge and stores forward to loads), else a smaller aligned unit, else byte-sized chunks (packed records).
"""

from typing import TYPE_CHECKING

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value, normalize
from ourocc.lower import alias_classes, reversed_bitfields
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import is_unsigned, resize
from ourocc.semantics import types as ct
from ourocc.semantics.types import Field, Type

if TYPE_CHECKING:
    from ourocc.lower.places import Place


def region(record: Type, field: Field) -> tuple[int, int]:
    """First byte and end of the memory that an access of `field` may touch, in the record."""
    first = field.offset + field.bit_offset // 8
    end = field.offset + (field.bit_offset + field.bit_width + 7) // 8
    if record.kind == ct.UNION:
        return 0, max(record.size, end)
    index = -1
    for position, other in enumerate(record.fields):
        if other is field:
            index = position
    if index < 0:
        return first, end
    low = index
    while low > 0 and record.fields[low - 1].bit_width > 0:
        low -= 1
    if low > 0 and record.fields[low - 1].bit_width == 0:
        start = (record.fields[low].offset * 8 + record.fields[low].bit_offset) // 8
    elif low > 0:
        before = record.fields[low - 1]
        start = before.offset + before.type.size
    else:
        start = 0
    high = index
    while high + 1 < len(record.fields) and record.fields[high + 1].bit_width > 0:
        high += 1
    if high + 1 < len(record.fields):
        after = record.fields[high + 1]
        stop = after.offset
        if after.bit_width == 0:
            last = record.fields[high]
            stop = max(stop, last.offset + (last.bit_offset + last.bit_width + 7) // 8)
    else:
        stop = record.size
    return min(start, first), max(stop, end)


def chunks(record: Type, field: Field) -> list[tuple[int, int]]:
    """(byte offset in the record, size) of the accesses that cover the field, in order."""
    start, stop = region(record, field)
    first = field.offset + field.bit_offset // 8
    end = field.offset + (field.bit_offset + field.bit_width + 7) // 8
    sizes = [field.type.size]
    for size in (1, 2, 4, 8):
        if size != field.type.size:
            sizes.append(size)
    for size in sizes:
        if size > 8:
            continue
        offset = first // size * size
        if field.type.size == size and field.offset + size >= end:
            offset = field.offset
        if offset >= start and offset + size <= stop and offset + size >= end:
            return [(offset, size)]
    found: list[tuple[int, int]] = []
    while first < end:
        size = 8
        while size > end - first:
            size //= 2
        found.append((first, size))
        first += size
    return found


def load(context: FunctionContext, place: "Place") -> Value:
    """The field's value, as its declared type."""
    field = place.field
    record = place.record
    assert field is not None and record is not None
    builder = context.builder
    type = context.ir_type(field.type)
    if field.reversed:
        return reversed_bitfields.load(context, place, field)
    position = field.offset * 8 + field.bit_offset
    parts = chunks(record, field)
    work = type
    for _, size in parts:
        if size * 8 > ty.BITS[work]:
            work = ty.integer_of_bits(size * 8)
    if len(parts) == 1 and work != ty.I128:
        offset, size = parts[0]
        unit = builder.load(
            ty.integer_of_bits(size * 8), builder.ptradd(place.address, offset), aligned(place, offset, size),
            place.is_volatile(), alias_classes.access_class(context, place),
        )  # fmt: skip
        return extract(context, unit, position - offset * 8, field, type)
    whole: Value | None = None
    for offset, size in parts:
        part = builder.load(
            ty.integer_of_bits(size * 8), builder.ptradd(place.address, offset), aligned(place, offset, size),
            place.is_volatile(), alias_classes.access_class(context, place),
        )  # fmt: skip
        wide = resize(context, part, work, True)
        shift = offset * 8 - position
        if shift < 0:
            wide = builder.binary(op.LSHR, work, wide, builder.const(-shift, work))
        elif shift > 0:
            wide = builder.binary(op.SHL, work, wide, builder.const(shift, work))
        whole = wide if whole is None else builder.binary(op.OR, work, whole, wide)
    assert whole is not None
    return extract(context, whole, 0, field, type)


def aligned(place: "Place", offset: int, size: int) -> int:
    """`extra` of an access at that offset of the record."""
    known = place.alignment
    if offset:
        known = min(known, offset & -offset)
    return 0 if known >= size else known


def extract(context: FunctionContext, unit: Value, shift: int, field: Field, type: int) -> Value:
    """Bits shift .. shift + width - 1 of `unit`, extended as the field's type says, as `type`."""
    builder = context.builder
    width = ty.BITS[unit.type]
    zero = is_unsigned(field.type)
    if ty.BITS[type] > width:
        unit = resize(context, unit, type, True)
        width = ty.BITS[type]
    work = unit.type
    left = width - shift - field.bit_width
    if zero:
        if shift:
            unit = builder.binary(op.LSHR, work, unit, builder.const(shift, work))
        if left:
            unit = builder.binary(op.AND, work, unit, builder.const((1 << field.bit_width) - 1, work))
    else:
        if left:
            unit = builder.binary(op.SHL, work, unit, builder.const(left, work))
        if left + shift:
            unit = builder.binary(op.ASHR, work, unit, builder.const(left + shift, work))
    return resize(context, unit, type, zero)


def store(context: FunctionContext, place: "Place", value: Value) -> Value:
    """Replace the field's bits; gives the value that the field then has."""
    field = place.field
    record = place.record
    assert field is not None and record is not None
    builder = context.builder
    if field.reversed:
        return reversed_bitfields.store(context, place, field, value)
    position = field.offset * 8 + field.bit_offset
    volatile = place.is_volatile()
    alias_class = alias_classes.access_class(context, place)
    for offset, size in chunks(record, field):
        unit = ty.integer_of_bits(size * 8)
        low = max(position, offset * 8)
        high = min(position + field.bit_width, (offset + size) * 8)
        part = value
        if low > position:  # bits that earlier chunks took
            part = builder.binary(op.LSHR, part.type, part, builder.const(low - position, part.type))
        part = resize(context, part, unit, True)
        address = builder.ptradd(place.address, offset)
        known = aligned(place, offset, size)
        if high - low == size * 8:
            builder.store(address, part, known, volatile, alias_class)
            continue
        mask = (1 << (high - low)) - 1
        shift = low - offset * 8
        part = masked(context, part, mask, unit)
        if shift:
            part = shifted(context, part, shift, unit)
        old = builder.load(unit, address, known, volatile, alias_class)
        keep = builder.const(normalize(~(mask << shift), unit), unit)
        old = builder.binary(op.AND, unit, old, keep)
        if not (part.op == op.CONST and part.imm == 0):
            old = builder.binary(op.OR, unit, old, part)
        builder.store(address, old, known, volatile, alias_class)
    if place.type.kind == ct.BOOL:
        return value
    return truncated(context, value, field)


def masked(context: FunctionContext, value: Value, mask: int, unit: int) -> Value:
    if value.op == op.CONST:
        return context.builder.const(value.imm & mask, unit)
    return context.builder.binary(op.AND, unit, value, context.builder.const(mask, unit))


def shifted(context: FunctionContext, value: Value, shift: int, unit: int) -> Value:
    if value.op == op.CONST:
        return context.builder.const(value.imm << shift, unit)
    return context.builder.binary(op.SHL, unit, value, context.builder.const(shift, unit))


def truncated(context: FunctionContext, value: Value, field: Field) -> Value:
    """`value` cut to the field's width and extended again."""
    width = ty.BITS[value.type]
    if field.bit_width >= width:
        return value
    if value.op == op.CONST:
        number = value.imm & ((1 << field.bit_width) - 1)
        if not is_unsigned(field.type) and number >> (field.bit_width - 1):
            number -= 1 << field.bit_width
        return context.builder.const(number, value.type)
    return extract(context, value, 0, field, value.type)
