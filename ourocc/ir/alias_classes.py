"""Alias classes: what type a load or store has in C, as far as C17 6.5p7 says that different types are different memory.

A load or store carries its class in `imm`: the scalar type, and for a member of a structure the outermost structure and the offset in
it (-1 + 1 = 0: not known).  `ANY` says nothing: accesses through character types and types with attribute may_alias, and everything
that is no access of the source program.  A member of a union has the scalar type `ANY`, but a record.  Two accesses whose classes do not meet are not in one object, as long as the question is whether the one *reads
what the other has stored*.  A store gives memory without a declared type (malloc) a new type, so stores keep their order with earlier
accesses of any class (`optimize/alias.py`).

Classes meet
- when their scalar types are equal, or one of them is `ANY` (a character, a bit-field) and a member of a structure, and
- when one has no structure and the other's holds its scalar type, or the structures are the same or one is a part of the other, and
- when they are not members of the same structure at places that do not overlap.
gcc tells apart as much.
"""

from typing import Final, final

ANY: Final = 0
SHORT: Final = 1
INT: Final = 2
LONG: Final = 3
LONG_LONG: Final = 4
INT128: Final = 5
BOOL: Final = 6
FLOAT16: Final = 7
FLOAT: Final = 8
DOUBLE: Final = 9
LONG_DOUBLE: Final = 10
FLOAT128: Final = 11
POINTER: Final = 12  # all pointers are one class, as `void *` may stand for each of them

NAMES: Final = (
    "any", "short", "int", "long", "long_long", "int128", "bool", "float16", "float", "double", "long_double", "float128",
    "pointer",
)  # fmt: skip

# A class is scalar | record << RECORD_SHIFT | (offset in the record + 1) << OFFSET_SHIFT
RECORD_SHIFT: Final = 4
OFFSET_SHIFT: Final = 16
_SCALAR_MASK: Final = 15
_RECORD_MASK: Final = 4095
RECORD_LIMIT: Final = 4095
OFFSET_LIMIT: Final = 1 << 40


def member(scalar: int, record: int, offset: int) -> int:
    """The class of a member at the offset (-1: not known) in a record; record 0: no member."""
    if record == 0:
        return scalar
    place = offset + 1 if offset < OFFSET_LIMIT else 0
    return scalar | record << RECORD_SHIFT | place << OFFSET_SHIFT


def joined(x: int, y: int) -> int:
    """A class for accesses of both."""
    if x == y:
        return x
    return x & _SCALAR_MASK if (x & _SCALAR_MASK) == (y & _SCALAR_MASK) else ANY


def part(alias_class: int, offset: int) -> int:
    """The class of what is `offset` bytes inside of a record that is copied."""
    if alias_class >> OFFSET_SHIFT == 0 or (alias_class & _SCALAR_MASK) != ANY:
        return alias_class
    return alias_class + (offset << OFFSET_SHIFT)


def record_of(alias_class: int) -> int:
    return alias_class >> RECORD_SHIFT & _RECORD_MASK


def print_class(alias_class: int) -> str:
    """`int`, or as a member of record 3 at offset 8: `int@3+8`."""
    text = NAMES[alias_class & _SCALAR_MASK]
    if record_of(alias_class):
        text += f"@{record_of(alias_class)}"
    place = alias_class >> OFFSET_SHIFT
    return f"{text}+{place - 1}" if place else text


def parse_class(text: str) -> int:
    name, _, rest = text.partition("@")
    record, plus, offset = rest.partition("+")
    return member(NAMES.index(name), int(record) if record else 0, int(offset) if plus else -1)


@final
class Records:
    """The structures and unions of a module whose members are accessed, numbered from 1.

    `scalars[n]`: a bit for each scalar class in record n; `parts[n]`: a bit for each record in it."""

    def __init__(self) -> None:
        self.scalars: list[int] = [0]
        self.parts: list[int] = [0]

    def add(self) -> int:
        """A new number; 0 when there are too many."""
        if len(self.scalars) > RECORD_LIMIT:
            return 0
        self.scalars.append(0)
        self.parts.append(0)
        return len(self.scalars) - 1

    def is_valid(self, alias_class: int) -> bool:
        scalar = alias_class & _SCALAR_MASK
        record = record_of(alias_class)
        if alias_class < 0 or scalar >= len(NAMES) or (record == 0 and alias_class >> OFFSET_SHIFT):
            return False
        return record < len(self.scalars)

    def may_meet(self, x: int, x_size: int, y: int, y_size: int) -> bool:
        """May an access of class x read what one of class y has stored?  Sizes in bytes."""
        if x == y or x == ANY or y == ANY:
            return True
        scalar = x & _SCALAR_MASK
        other_scalar = y & _SCALAR_MASK
        if scalar != other_scalar and scalar != ANY and other_scalar != ANY:
            return False
        record = record_of(x)
        other_record = record_of(y)
        if record == other_record:
            place = x >> OFFSET_SHIFT
            other_place = y >> OFFSET_SHIFT
            if place == 0 or other_place == 0 or x_size < 0 or y_size < 0:
                return True
            return place < other_place + y_size and other_place < place + x_size
        if record == 0:
            return (self.scalars[other_record] >> scalar & 1) != 0
        if other_record == 0:
            return (self.scalars[record] >> other_scalar & 1) != 0
        return ((self.parts[record] >> other_record | self.parts[other_record] >> record) & 1) != 0
