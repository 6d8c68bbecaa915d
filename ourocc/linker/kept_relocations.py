"""--emit-relocs: the relocations stay in the linked output, for programs that move or check it later.

In: a link whose contents are relocated, and its symbol table.  Out: a .rela.NAME section for each output section with
relocations.  Places are addresses, types those after relaxation; a local symbol that the symbol table does not hold is
named by its output section's symbol and a distance.
"""

from struct import Struct
from typing import final

from ourocc.linker.elements import InputSection, Link, LinkSymbol, OutputSection
from ourocc.linker.relocate import section_address
from ourocc.objects.elf_reader import RawRelocation
from ourocc.objects.model import UNDEFINED


@final
class KeptRelocations:
    def __init__(self, link: Link, local_numbers: dict[tuple[int, int], int]) -> None:
        self.link = link
        self.local_numbers = local_numbers  # (id of the file, its symbol) -> number in the output
        self.pack = Struct("<QQq").pack

    def table(self, output: OutputSection, frames: InputSection) -> bytes:
        """The relocations of an output section, b"" when it has none."""
        rows: list[bytes] = []
        for section in output.inputs:
            if section.relocation_index or section is frames:
                for relocation in section.relocations():
                    rows.append(self._row(section, relocation))
        return b"".join(rows)

    def _row(self, section: InputSection, relocation: RawRelocation) -> bytes:
        offset, type, index, addend = relocation
        number = 0
        symbol = section.file.symbols[index]
        if symbol is not None:
            number = symbol.output_index or self.local_numbers.get((id(section.file), index), 0)
            if not number:
                number, addend = self._by_section(symbol, addend)
            if not number and index:
                type = 0  # its section is not in the output
        place = section.address + offset
        return self.pack(place, number << 32 | type, addend)

    def _by_section(self, symbol: LinkSymbol, addend: int) -> tuple[int, int]:
        """The section symbol and the distance that mean symbol + addend; (0, 0) when it is not in the output."""
        section = symbol.section
        if section is None or symbol.place == UNDEFINED:
            return 0, 0
        if symbol.merged and section.merge is not None:
            address = section_address(section, symbol.value + addend)
        else:
            address = section_address(section, symbol.value) + addend
        home = section.merge.into if section.merge is not None else section
        if home.output is None or not home.output.symbol_number:
            return 0, 0
        return home.output.symbol_number, address - home.output.address
