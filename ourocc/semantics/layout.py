"""Where the members of structs and unions lie (System V psABI 3.1.2, with gcc's packed, aligned and pragma pack).

In: a record type whose `fields` have types, widths and attributes.  Out: offsets, size and
alignment.  Bit-fields follow gcc's PCC_BITFIELD_TYPE_MATTERS: a bit-field never spans more
units of its declared type's alignment than that type itself.
"""

from typing import TYPE_CHECKING

from ourocc.semantics.types import ARRAY, COMPLEX, DOUBLE, INCOMPLETE_LENGTH, LLONG, STRUCT, ULLONG, UNION, Field, Type

if TYPE_CHECKING:
    from ourocc.semantics.type_table import TypeTable


def lay_out(table: "TypeTable", record: Type, pack: int, alignment: int) -> None:
    """Give `record` its layout and complete it.

    `pack`: #pragma pack in force, 0 for none; `alignment`: attribute aligned on the record, 0 for none.
    """
    bits = 0  # position of the next member, in bits; for unions always 0
    record_bits = 0  # size of the widest union member
    record_alignment = 1
    union = record.kind == UNION
    for field in record.fields:
        if union:
            bits = 0
        packed = record.packed or field.packed
        if field.bit_width >= 0:
            bits, needed = place_bit_field(table, record, field, bits, packed, pack)
        else:
            needed = field_alignment(table, field, packed, pack)
            bits = -(-bits // (needed * 8)) * (needed * 8)
            field.offset = bits // 8
            bits += field.type.size * 8
            if field.type.kind == ARRAY and field.type.length == INCOMPLETE_LENGTH:
                record.flexible = True
        record_alignment = max(record_alignment, needed)
        record_bits = max(record_bits, bits)
    if record.fields:
        last = record.fields[-1].type
        if last.is_record() and last.flexible:
            record.flexible = True
    record.field_index = {field.name: field for field in record.fields if field.name}
    record.alignment = max(record_alignment, alignment)
    size = -(-record_bits // 8)
    record.size = -(-size // record.alignment) * record.alignment
    record.complete = True
    table.completed(record)


def lay_out_variable(table: "TypeTable", record: Type, pack: int, alignment: int) -> Field | None:
    """GNU: a record with members of variable size.  What stands behind the first of them moves: it gets `Field.step`.

    The bit-field that cannot be placed, because its unit would depend on what moves, else None."""
    fields = record.fields
    first = 0
    while not fields[first].type.has_variable_size():
        first += 1
    record.fields = fields[: first + 1]
    lay_out(table, record, pack, alignment)
    record.fields = fields
    record.size = 0
    if record.kind == UNION:
        for field in fields:
            record.alignment = max(record.alignment, field_alignment(table, field, record.packed or field.packed, pack))
    index = first + 1
    while record.kind != UNION and index < len(fields):
        field = fields[index]
        count = 1
        if field.bit_width >= 0:
            while index + count < len(fields) and field.bit_width > 0 and fields[index + count].bit_width > 0:
                count += 1
            if not _group(table, record, fields[index : index + count], pack):
                return field
        else:
            field.moving = True
            field.step = field_alignment(table, field, record.packed or field.packed, pack)
        record.alignment = max(record.alignment, field.step)
        index += count
    record.field_index = {field.name: field for field in fields if field.name}
    record.complete = True
    table.completed(record)
    return None


def _group(table: "TypeTable", record: Type, members: list[Field], pack: int) -> bool:
    """Bit-fields that start at a byte which moves; False when it must be known where they cross their units."""
    leader = members[0]
    group = table.new_record(STRUCT, "", leader.location)
    group.fields = members
    group.packed = record.packed
    bits = 0
    step = 1
    for field in members:
        dense = record.packed or field.packed or pack > 0
        bits, needed = place_bit_field(table, group, field, bits, record.packed or field.packed, pack)
        step = max(step, needed) if field.alignment else step
        record.alignment = max(record.alignment, needed)
        if not dense and bits > 8:
            return False
        field.moving = True
        field.step = 0
        field.group = group
    group.size = -(-bits // 8)
    leader.step = natural_alignment(table, leader.type) if leader.bit_width == 0 else step
    return True


def field_alignment(table: "TypeTable", field: Field, packed: bool, pack: int) -> int:
    alignment = natural_alignment(table, field.type)
    if packed:
        alignment = 1
    alignment = max(alignment, field.alignment)
    if pack:
        alignment = min(alignment, pack)
    return alignment


def natural_alignment(table: "TypeTable", type: Type) -> int:
    """A member type's alignment; on i386 eight-byte scalars need only four inside records."""
    model = table.model
    if model.long_long_alignment < 8 or model.double_alignment < 8:
        element = type
        while element.kind in (ARRAY, COMPLEX) and element.base is not None:
            element = element.base
        if element.kind in (LLONG, ULLONG):
            return min(type.alignment, model.long_long_alignment)
        if element.kind == DOUBLE:
            return min(type.alignment, model.double_alignment)
    return type.alignment


def place_bit_field(
    table: "TypeTable", record: Type, field: Field, bits: int, packed: bool, pack: int
) -> tuple[int, int]:
    """Place one bit-field at or after `bits`; returns the position after it and the alignment it asks of the record."""
    type = field.type
    unit = natural_alignment(table, type)
    width = field.bit_width
    if width == 0:
        # packing has no influence on these (gcc; psABI 3.1.2)
        bits = -(-bits // (unit * 8)) * (unit * 8)
        field.offset = bits // 8
        return bits, 1
    wanted = min(field.alignment, pack) if pack else field.alignment
    if wanted:
        bits = -(-bits // (wanted * 8)) * (wanted * 8)
    dense = packed or pack > 0
    if not dense and (bits % (unit * 8) + width + unit * 8 - 1) // (unit * 8) > type.size // unit:
        bits = -(-bits // (unit * 8)) * (unit * 8)
    if dense or unit < type.size:
        field.offset = bits // 8
        field.bit_offset = bits % 8
        field.packed = True
    else:
        field.offset = bits // (unit * 8) * unit
        field.bit_offset = bits - field.offset * 8
    needed = max(wanted, 1)
    if field.name and (pack or not packed):
        # #pragma pack hides the attribute packed here, as in gcc
        needed = max(needed, min(unit, pack) if pack else unit)
    return bits + width, needed
