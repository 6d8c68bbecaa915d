"""Debugging entries of types (DWARF 5, chapter 5), made piece by piece; `DebugEntry` and the writer are `debug_info.py`'s.

Base types, pointers and the like become children of the unit as they are made.  The caller adds DW_AT_type.
"""

from typing import Final, final

from ourocc.objects.debug_info import (
    DW_AT_BIT_SIZE,
    DW_AT_BYTE_SIZE,
    DW_AT_CONST_VALUE,
    DW_AT_COUNT,
    DW_AT_DATA_BIT_OFFSET,
    DW_AT_DATA_MEMBER_LOCATION,
    DW_AT_DECLARATION,
    DW_AT_ENCODING,
    DW_AT_GNU_VECTOR,
    DW_AT_NAME,
    DW_AT_PROTOTYPED,
    DW_AT_TYPE,
    DW_FORM_DATA1,
    DW_FORM_SDATA,
    DW_FORM_UDATA,
    DW_TAG_ARRAY_TYPE,
    DW_TAG_ATOMIC_TYPE,
    DW_TAG_BASE_TYPE,
    DW_TAG_CONST_TYPE,
    DW_TAG_ENUMERATION_TYPE,
    DW_TAG_ENUMERATOR,
    DW_TAG_FORMAL_PARAMETER,
    DW_TAG_MEMBER,
    DW_TAG_POINTER_TYPE,
    DW_TAG_RESTRICT_TYPE,
    DW_TAG_STRUCTURE_TYPE,
    DW_TAG_SUBRANGE_TYPE,
    DW_TAG_SUBROUTINE_TYPE,
    DW_TAG_TYPEDEF,
    DW_TAG_UNION_TYPE,
    DW_TAG_VOLATILE_TYPE,
    DebugEntry,
)

DW_OP_ADDR: Final = 0x03
DW_OP_DEREF: Final = 0x06
DW_OP_CONST1S: Final = 0x09
DW_OP_CONST2S: Final = 0x0B
DW_OP_CONST4S: Final = 0x0D
DW_OP_AND: Final = 0x1A
DW_OP_PLUS_UCONST: Final = 0x23
DW_OP_FBREG: Final = 0x91

_MODIFIERS: Final = {
    "pointer": DW_TAG_POINTER_TYPE,
    "const": DW_TAG_CONST_TYPE,
    "volatile": DW_TAG_VOLATILE_TYPE,
    "restrict": DW_TAG_RESTRICT_TYPE,
    "atomic": DW_TAG_ATOMIC_TYPE,
}


@final
class TypeEntries:
    def __init__(self, entries: list[DebugEntry], pointer_size: int) -> None:
        self.entries = entries
        self.pointer_size = pointer_size
        self.index_type: DebugEntry | None = None  # of array subscripts

    def _made(self, tag: int, name: str = "") -> DebugEntry:
        entry = DebugEntry(tag)
        if name:
            entry.string(DW_AT_NAME, name)
        self.entries.append(entry)
        return entry

    def base(self, name: str, size: int, encoding: int) -> DebugEntry:
        entry = self._made(DW_TAG_BASE_TYPE, name)
        entry.number(DW_AT_BYTE_SIZE, DW_FORM_DATA1, size)
        entry.number(DW_AT_ENCODING, DW_FORM_DATA1, encoding)
        return entry

    def modified(self, how: str) -> DebugEntry:
        """A pointer to, or a qualified version of, the type that the caller adds."""
        entry = self._made(_MODIFIERS[how])
        if how == "pointer":
            entry.number(DW_AT_BYTE_SIZE, DW_FORM_DATA1, self.pointer_size)
        return entry

    def alias(self, name: str) -> DebugEntry:
        return self._made(DW_TAG_TYPEDEF, name)

    def record(self, union: bool, name: str, size: int, complete: bool) -> DebugEntry:
        entry = self._made(DW_TAG_UNION_TYPE if union else DW_TAG_STRUCTURE_TYPE, name)
        if complete:
            entry.number(DW_AT_BYTE_SIZE, DW_FORM_UDATA, size)
        else:
            entry.flag(DW_AT_DECLARATION)
        return entry

    def member(
        self, record: DebugEntry, name: str, type: DebugEntry | None, offset: int, bit_offset: int, bit_width: int
    ) -> None:
        entry = DebugEntry(DW_TAG_MEMBER)
        if name:
            entry.string(DW_AT_NAME, name)
        if type is not None:
            entry.reference(DW_AT_TYPE, type)
        if bit_width >= 0:
            entry.number(DW_AT_BIT_SIZE, DW_FORM_UDATA, bit_width)
            entry.number(DW_AT_DATA_BIT_OFFSET, DW_FORM_UDATA, bit_offset)
        else:
            entry.number(DW_AT_DATA_MEMBER_LOCATION, DW_FORM_UDATA, offset)
        record.children.append(entry)

    def enumeration(self, name: str, size: int, complete: bool) -> DebugEntry:
        entry = self._made(DW_TAG_ENUMERATION_TYPE, name)
        if complete:
            entry.number(DW_AT_BYTE_SIZE, DW_FORM_DATA1, size)
        else:
            entry.flag(DW_AT_DECLARATION)
        return entry

    def enumerator(self, enumeration: DebugEntry, name: str, value: int) -> None:
        entry = DebugEntry(DW_TAG_ENUMERATOR)
        entry.string(DW_AT_NAME, name)
        entry.number(DW_AT_CONST_VALUE, DW_FORM_SDATA, value)
        enumeration.children.append(entry)

    def array(self, length: int, vector: bool) -> DebugEntry:
        """One dimension; `length` is -1 when it is not known."""
        entry = self._made(DW_TAG_ARRAY_TYPE)
        if vector:
            entry.flag(DW_AT_GNU_VECTOR)
        if self.index_type is None:
            self.index_type = self.base("sizetype", self.pointer_size, 7)
        dimension = DebugEntry(DW_TAG_SUBRANGE_TYPE)
        dimension.reference(DW_AT_TYPE, self.index_type)
        if length >= 0:
            dimension.number(DW_AT_COUNT, DW_FORM_UDATA, length)
        entry.children.append(dimension)
        return entry

    def subroutine(self, prototyped: bool) -> DebugEntry:
        entry = self._made(DW_TAG_SUBROUTINE_TYPE)
        if prototyped:
            entry.flag(DW_AT_PROTOTYPED)
        return entry

    def parameter(self, subroutine: DebugEntry, type: DebugEntry | None) -> None:
        entry = DebugEntry(DW_TAG_FORMAL_PARAMETER)
        if type is not None:
            entry.reference(DW_AT_TYPE, type)
        subroutine.children.append(entry)
