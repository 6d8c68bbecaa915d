"""`__builtin_object_size` of pointers whose object or member can be read off the expression.

    struct { char a[10]; char b[12]; } s;       &s.a[4]: 18 bytes of the whole object (kinds 0, 2), 6 of the member (1, 3)

What depends on values is left to the optimizer (`optimize/object_sizes.py`), which knows objects but no members.
"""

from typing import Final, cast, final

from ourocc.semantics.typed_tree import (
    ADDRESS_OF,
    ARRAY_DECAY,
    CONVERT,
    DEREFERENCE,
    INTEGER_CONSTANT,
    MEMBER,
    POINTER_ADD,
    POINTER_SUBTRACT,
    STRING_LITERAL,
    VARIABLE,
    Expression,
    IntegerConstant,
    MemberAccess,
    PointerArithmetic,
    UnaryOperation,
)
from ourocc.semantics.types import ARRAY, POINTER, Type

UNKNOWN: Final = -1


@final
class Part:
    """Where a pointer stands in its object, and in the innermost member or array of it; sizes may be unknown."""

    def __init__(self, whole: int) -> None:
        self.whole = whole
        self.offset = 0
        self.part = whole
        self.part_offset = 0

    def enter(self, size: int, offset: int) -> None:
        self.offset += offset
        self.part = size
        self.part_offset = 0


def known_object_size(pointer: Expression, kind: int) -> int:
    """The bytes behind the pointer, -1 when the expression does not say."""
    place = _pointer(pointer)
    if place is None:
        return UNKNOWN
    whole = _left(place.whole, place.offset)
    if kind in (0, 2):
        return whole
    part = _left(place.part, place.part_offset)
    return min(part, whole) if part >= 0 and whole >= 0 else part


def _left(size: int, offset: int) -> int:
    if size == UNKNOWN:
        return UNKNOWN
    return size - offset if 0 <= offset <= size else 0


def _size(type: Type) -> int:
    return type.size if type.complete and not type.flexible and not type.is_variably_modified() else UNKNOWN


def _pointer(pointer: Expression) -> Part | None:
    """None when an offset is not constant."""
    while pointer.kind == CONVERT:
        pointer = cast(UnaryOperation, pointer).operand
    if pointer.kind in (ARRAY_DECAY, ADDRESS_OF):
        return _place(cast(UnaryOperation, pointer).operand)
    if pointer.kind in (POINTER_ADD, POINTER_SUBTRACT):
        sum = cast(PointerArithmetic, pointer)
        index = sum.right
        while index.kind == CONVERT:
            index = cast(UnaryOperation, index).operand
        found = _pointer(sum.left)
        if found is None or index.kind != INTEGER_CONSTANT or sum.scale_type.is_variably_modified():
            return None
        _enter_row(sum.left, found)
        scale = sum.scale_type.size if sum.scale_type.complete and sum.scale_type.size > 0 else 1
        step = cast(IntegerConstant, index).value * scale
        if pointer.kind == POINTER_SUBTRACT:
            step = -step
        found.offset += step
        found.part_offset += step
        return found
    return Part(UNKNOWN) if pointer.type.kind == POINTER else None


def _enter_row(pointer: Expression, found: Part) -> None:
    """An index into a row of an array of arrays stays in that row."""
    if pointer.kind == ARRAY_DECAY:
        row = cast(UnaryOperation, pointer).operand
        if row.kind == DEREFERENCE and row.type.kind == ARRAY and found.part != UNKNOWN:
            found.enter(_size(row.type), 0)


def _place(place: Expression) -> Part | None:
    if place.kind in (VARIABLE, STRING_LITERAL):
        return Part(_size(place.type))
    if place.kind == DEREFERENCE:
        return _pointer(cast(UnaryOperation, place).operand)
    if place.kind == MEMBER:
        member = cast(MemberAccess, place)
        found = _place(member.base)
        if found is None:
            return None
        record = member.base.type
        size = _size(member.field.type)
        at_end = member.field.offset + member.field.type.size >= record.size - record.alignment + 1
        if member.field.type.kind == ARRAY and at_end and found.whole == UNKNOWN:
            size = UNKNOWN  # may be used as a flexible array member
        found.enter(size, member.field.offset)
        return found
    return None
