"""Bit-fields in the other byte order (attribute scalar_storage_order): counted from the most significant bit of the first byte.

The bytes that hold the field are put together as one big-endian number, in which the field's last bit is `low_bits` above the
lowest.  Only these bytes are read and written.
"""

from typing import TYPE_CHECKING

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import bitfields
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import resize
from ourocc.semantics import types as ct
from ourocc.semantics.types import Field

if TYPE_CHECKING:
    from ourocc.lower.places import Place


def extent(field: Field) -> tuple[int, int, int]:
    """First byte, number of bytes, bits behind the field in the last one."""
    position = field.offset * 8 + field.bit_offset
    first = position // 8
    end = (position + field.bit_width + 7) // 8
    return first, end - first, end * 8 - position - field.bit_width


def whole_number(context: FunctionContext, place: "Place", field: Field, work: int) -> Value:
    """The bytes as one number."""
    builder = context.builder
    first, count, _ = extent(field)
    if count in (2, 4, 8):
        unit = ty.integer_of_bits(count * 8)
        loaded = builder.load(unit, builder.ptradd(place.address, first), bitfields.aligned(place, first, count), place.is_volatile())
        return resize(context, builder.unary(op.BSWAP, unit, loaded), work, True)
    whole: Value | None = None
    for index in range(count):
        loaded = builder.load(ty.I8, builder.ptradd(place.address, first + index), 0, place.is_volatile())
        part = resize(context, loaded, work, True)
        shift = 8 * (count - 1 - index)
        if shift:
            part = builder.binary(op.SHL, work, part, builder.const(shift, work))
        whole = part if whole is None else builder.binary(op.OR, work, whole, part)
    assert whole is not None
    return whole


def work_type(field: Field) -> int:
    return ty.I128 if extent(field)[1] > 8 or field.bit_width > 64 else ty.I64


def load(context: FunctionContext, place: "Place", field: Field) -> Value:
    whole = whole_number(context, place, field, work_type(field))
    return bitfields.extract(context, whole, extent(field)[2], field, context.ir_type(field.type))


def store(context: FunctionContext, place: "Place", field: Field, value: Value) -> Value:
    """Replace the field's bits; gives the value that the field then has."""
    builder = context.builder
    first, count, low = extent(field)
    work = work_type(field)
    mask = (1 << field.bit_width) - 1
    part = bitfields.masked(context, resize(context, value, work, True), mask, work)
    whole = bitfields.shifted(context, part, low, work) if low else part
    if field.bit_width != count * 8:
        old = whole_number(context, place, field, work)
        old = builder.binary(op.AND, work, old, builder.const(~(mask << low), work))
        whole = builder.binary(op.OR, work, old, whole)
    volatile = place.is_volatile()
    if count in (2, 4, 8):
        unit = ty.integer_of_bits(count * 8)
        swapped = builder.unary(op.BSWAP, unit, resize(context, whole, unit, True))
        known = bitfields.aligned(place, first, count)
        builder.store(builder.ptradd(place.address, first), swapped, known, volatile)
    else:
        for index in range(count):
            shift = 8 * (count - 1 - index)
            byte = builder.binary(op.LSHR, work, whole, builder.const(shift, work)) if shift else whole
            builder.store(builder.ptradd(place.address, first + index), resize(context, byte, ty.I8, True), 0, volatile)
    return value if place.type.kind == ct.BOOL else bitfields.truncated(context, value, field)
