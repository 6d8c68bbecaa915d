"""Debugging entries for types, variables and scopes (DWARF 5, chapters 3 to 5), from what `ir/debug.py` says.

A variable's place is its frame slot relative to the CFA, which is every subprogram's frame base.  Blocks have no extents
of their own in the code: a block's entry covers the code whose source lines lie within it.
"""

from typing import Final, final

from ourocc.base.source import Position, SourceMap
from ourocc.ir import debug
from ourocc.ir import operations as op
from ourocc.ir.debug import DebugScope, DebugSubprogram, DebugType, DebugVariable
from ourocc.machine.emit import CodeBuffer
from ourocc.machine.function import SLOT_LOCAL, MachineFunction
from ourocc.objects.debug_info import (
    DW_AT_DECL_FILE,
    DW_AT_DECL_LINE,
    DW_AT_EXTERNAL,
    DW_AT_HIGH_PC,
    DW_AT_LOCATION,
    DW_AT_LOW_PC,
    DW_AT_NAME,
    DW_AT_PROTOTYPED,
    DW_AT_TYPE,
    DW_FORM_DATA8,
    DW_FORM_UDATA,
    DW_TAG_FORMAL_PARAMETER,
    DW_TAG_LEXICAL_BLOCK,
    DW_TAG_UNSPECIFIED_PARAMETERS,
    DW_TAG_VARIABLE,
    DebugEntry,
)
from ourocc.objects.dwarf_target import sleb128, uleb128
from ourocc.objects.dwarf_types import (
    DW_OP_AND,
    DW_OP_CONST1S,
    DW_OP_CONST2S,
    DW_OP_CONST4S,
    DW_OP_DEREF,
    DW_OP_FBREG,
    DW_OP_PLUS_UCONST,
    TypeEntries,
)
from ourocc.objects.line_table import LineTable
from ourocc.objects.model import Section, Symbol

_STACK_ALIGNMENT: Final = 16


@final
class VariableWriter:
    """Makes the entries of one unit; `entries` are the unit's further children."""

    def __init__(self, lines: LineTable, sources: SourceMap, pointer_size: int) -> None:
        self.lines = lines
        self.sources = sources
        self.entries: list[DebugEntry] = []
        self.types = TypeEntries(self.entries, pointer_size)
        self.made: dict[int, DebugEntry] = {}  # by id of the DebugType
        self.keep: list[DebugType] = []

    # ---- types

    def type(self, described: DebugType) -> DebugEntry:
        found = self.made.get(id(described))
        if found is not None:
            return found
        types = self.types
        made: DebugEntry
        kind = described.kind
        base = described.base
        if kind == debug.BASE:
            made = types.base(described.name, described.size, described.encoding)
        elif kind in (debug.STRUCTURE, debug.UNION):
            made = types.record(kind == debug.UNION, described.name, described.size, described.complete)
        elif kind == debug.ENUMERATION:
            made = types.enumeration(described.name, described.size, described.complete)
        elif kind in (debug.ARRAY, debug.VECTOR):
            made = types.array(described.length, kind == debug.VECTOR)
        elif kind == debug.SUBROUTINE:
            made = types.subroutine(described.prototyped)
        elif kind == debug.TYPEDEF:
            made = types.alias(described.name)
        else:
            made = types.modified(
                {debug.CONST: "const", debug.VOLATILE: "volatile", debug.RESTRICT: "restrict", debug.ATOMIC: "atomic"}.get(
                    kind, "pointer"
                )
            )
        self.made[id(described)] = made
        self.keep.append(described)
        if base is not None:
            made.reference(DW_AT_TYPE, self.type(base))
        for member in described.members:
            entry = self.type(member.type) if member.type is not None else None
            if kind == debug.ENUMERATION:
                types.enumerator(made, member.name, member.offset)
            elif kind == debug.SUBROUTINE:
                types.parameter(made, entry)
            else:
                types.member(made, member.name, entry, member.offset, member.bit_offset, member.bit_width)
        if kind == debug.SUBROUTINE and described.variadic:
            made.children.append(DebugEntry(DW_TAG_UNSPECIFIED_PARAMETERS))
        return made

    # ---- variables

    def object(self, variable: DebugVariable, symbol: Symbol) -> None:
        """An object with static storage."""
        entry = self.declaration(DW_TAG_VARIABLE, variable)
        if variable.external:
            entry.flag(DW_AT_EXTERNAL)
        entry.address_block(DW_AT_LOCATION, symbol)
        self.entries.append(entry)

    def declaration(self, tag: int, variable: DebugVariable) -> DebugEntry:
        entry = DebugEntry(tag)
        entry.string(DW_AT_NAME, variable.name)
        where = self.sources.position(variable.position)
        first = 0 if self.lines.version >= 5 else 1
        entry.number(DW_AT_DECL_FILE, DW_FORM_UDATA, self.lines.file(where.file) + first)
        entry.number(DW_AT_DECL_LINE, DW_FORM_UDATA, where.line)
        if variable.type is not None:
            entry.reference(DW_AT_TYPE, self.type(variable.type))
        return entry

    def subprogram(
        self,
        entry: DebugEntry,
        described: DebugSubprogram,
        machine: MachineFunction,
        buffer: CodeBuffer,
        section: Section,
        start: int,
    ) -> None:
        """Result, parameters, variables and blocks of a function whose code stands at `start` of `section`."""
        if described.prototyped:
            entry.flag(DW_AT_PROTOTYPED)
        if described.result is not None:
            entry.reference(DW_AT_TYPE, self.type(described.result))
        offsets: dict[int, int] = {}
        for slot in machine.slots:
            if slot.value is not None and slot.kind == SLOT_LOCAL:
                offsets[id(slot.value)] = slot.offset
        code = _Code(self.sources, buffer, section, start)
        self.scope(entry, described.scope, offsets, code)
        if described.variadic:
            entry.children.append(DebugEntry(DW_TAG_UNSPECIFIED_PARAMETERS))

    def scope(self, entry: DebugEntry, scope: DebugScope, offsets: dict[int, int], code: "_Code") -> None:
        for variable in scope.variables:
            if not variable.name:
                continue
            made = self.declaration(DW_TAG_FORMAL_PARAMETER if variable.parameter else DW_TAG_VARIABLE, variable)
            expression = location(variable, offsets)
            if expression:
                made.block(DW_AT_LOCATION, expression)
            entry.children.append(made)
        for inner in scope.scopes:
            target = entry
            if inner.variables:
                low, high = code.extent(inner)
                if low < high:
                    target = DebugEntry(DW_TAG_LEXICAL_BLOCK)
                    target.address(DW_AT_LOW_PC, code.section.section_symbol(), code.start + low)
                    target.number(DW_AT_HIGH_PC, DW_FORM_DATA8, high - low)
                    entry.children.append(target)
            self.scope(target, inner, offsets, code)


@final
class _Code:
    """Which code belongs to which source lines."""

    def __init__(self, sources: SourceMap, buffer: CodeBuffer, section: Section, start: int) -> None:
        self.sources = sources
        self.section = section
        self.start = start
        self.offsets = list(buffer.mark_offsets)
        self.places: list[Position] = [sources.position(position) for position in buffer.mark_positions]
        self.size = len(buffer.data)

    def extent(self, scope: DebugScope) -> tuple[int, int]:
        """The code from the first to the last instruction with a line in the scope; (0, 0) when there is none."""
        first = self.sources.position(scope.start)
        last = self.sources.position(scope.end)
        low = -1
        high = 0
        for index, place in enumerate(self.places):
            if place.file != first.file or not first.line <= place.line <= last.line:
                continue
            if place.line == first.line and place.column < first.column:
                continue
            if low < 0:
                low = self.offsets[index]
            high = self.offsets[index + 1] if index + 1 < len(self.offsets) else self.size
        return (low, high) if low >= 0 else (0, 0)


def location(variable: DebugVariable, offsets: dict[int, int]) -> bytes:
    """The DWARF expression for the variable's address; b"" when it has none."""
    home = variable.home
    if home is None:
        return b""
    if home.op == op.STACK_PARAMETER:
        return bytes([DW_OP_FBREG]) + sleb128(home.imm)
    offset = offsets.get(id(home))
    if offset is None:
        return b""
    alignment = variable.alignment
    if variable.indirect:
        return bytes([DW_OP_FBREG]) + sleb128(offset) + bytes([DW_OP_DEREF])
    expression = bytes([DW_OP_FBREG]) + sleb128(offset)
    if alignment > _STACK_ALIGNMENT:  # rounded up within a slot that is larger
        expression += bytes([DW_OP_PLUS_UCONST]) + uleb128(alignment - 1)
        if alignment <= 128:
            expression += bytes([DW_OP_CONST1S]) + (-alignment & 0xFF).to_bytes(1, "little")
        elif alignment <= 32768:
            expression += bytes([DW_OP_CONST2S]) + (-alignment & 0xFFFF).to_bytes(2, "little")
        else:
            expression += bytes([DW_OP_CONST4S]) + (-alignment & 0xFFFFFFFF).to_bytes(4, "little")
        expression += bytes([DW_OP_AND])
    return expression
