"""What the DWARF and .eh_frame writers must know of a machine: one row each, and LEB128 encoding.

The numbers are those of the psABIs' DWARF register tables and relocation tables.
"""

from typing import Final, final

from ourocc.objects.model import (
    EM_386,
    EM_AARCH64,
    EM_RISCV,
    EM_X86_64,
    Relocation,
    Section,
    Symbol,
)


@final
class DwarfTarget:
    """The row of one machine."""

    def __init__(
        self,
        address_size: int,
        absolute: int,
        absolute32: int,
        relative32: int,
        minimum_instruction: int,
        data_alignment: int,
        return_column: int,
        cfa_register: int,
        cfa_offset: int,
        return_saved: bool,
    ) -> None:
        self.address_size = address_size
        self.absolute = absolute  # relocation types: an address, a 32-bit value, a 32-bit pc-relative value
        self.absolute32 = absolute32
        self.relative32 = relative32
        self.minimum_instruction = minimum_instruction
        self.data_alignment = data_alignment
        self.return_column = return_column
        self.cfa_register = cfa_register  # on function entry CFA = cfa_register + cfa_offset
        self.cfa_offset = cfa_offset
        self.return_saved = return_saved  # on entry the return address stands at CFA + data_alignment


_ROWS: Final[dict[int, DwarfTarget]] = {
    EM_X86_64: DwarfTarget(8, 1, 10, 2, 1, -8, 16, 7, 8, True),
    EM_386: DwarfTarget(4, 1, 1, 2, 1, -4, 8, 4, 4, True),
    EM_AARCH64: DwarfTarget(8, 257, 258, 261, 4, -8, 30, 31, 0, False),
    EM_RISCV: DwarfTarget(8, 2, 1, 57, 1, -8, 1, 2, 0, False),
}


def dwarf_target(machine: int) -> DwarfTarget:
    """The row for an e_machine; KeyError for a machine that we do not know."""
    return _ROWS[machine]


def uleb128(value: int) -> bytes:
    """Unsigned little-endian base-128 (DWARF 7.6)."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sleb128(value: int) -> bytes:
    """Signed little-endian base-128 (DWARF 7.6)."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


@final
class RelocatedBuffer:
    """Bytes appended to a section together with relocations."""

    def __init__(self, section: Section, target: DwarfTarget) -> None:
        self.section = section
        self.target = target
        self.data = section.data

    def number(self, value: int, size: int) -> None:
        self.data += (value & ((1 << (8 * size)) - 1)).to_bytes(size, "little")

    def text(self, value: str) -> None:
        self.data += value.encode("utf-8", "surrogateescape") + b"\0"

    def relocated(self, type: int, symbol: Symbol, addend: int, size: int) -> None:
        """`size` zero bytes that a relocation fills."""
        self.section.relocations.append(Relocation(len(self.data), type, symbol, addend))
        self.data += bytes(size)

    def address(self, symbol: Symbol, addend: int) -> None:
        self.relocated(self.target.absolute, symbol, addend, self.target.address_size)

    def section_offset(self, section: Section, offset: int) -> None:
        """A 32-bit offset into another debug section."""
        self.relocated(self.target.absolute32, section.section_symbol(), offset, 4)

    def open_unit(self) -> int:
        """Place of a 32-bit unit length that `close_unit` fills in."""
        place = len(self.data)
        self.data += bytes(4)
        return place

    def close_unit(self, place: int) -> None:
        self.data[place : place + 4] = (len(self.data) - place - 4).to_bytes(4, "little")
