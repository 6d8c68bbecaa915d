"""--gc-sections: mark what the roots reach, drop the other allocated sections.

Roots: the entry symbol, -u symbols, exported symbols, sections that the start-up code walks (init and fini
arrays and their kin, notes), SHF_GNU_RETAIN and KEEP() sections, and `__start_NAME` users' NAME sections.
A section lives when a relocation of a living one reaches it; `.eh_frame` reaches nothing by itself, but the
personality and language data of a living function live with it.
"""

from typing import final

from ourocc.linker.elements import InputFile, InputSection, Link, LinkSymbol
from ourocc.objects.model import (
    SHF_ALLOC,
    SHF_GNU_RETAIN,
    SHF_GROUP,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOTE,
    SHT_PREINIT_ARRAY,
)

_KEPT_NAMES = (".init", ".fini", ".jcr", ".eh_frame", ".note.gnu.property")
_KEPT_PREFIXES = (".ctors", ".dtors", ".init_array", ".fini_array", ".preinit_array")


def is_identifier(name: str) -> bool:
    """Whether a section's name is a C identifier, so that __start_ and __stop_ symbols exist for it."""
    return name.isidentifier() and name.isascii()


@final
class GarbageCollector:
    def __init__(self, link: Link) -> None:
        self.link = link
        self.work: list[InputSection] = []
        self.by_name: dict[str, list[InputSection]] = {}
        self.dependents: dict[int, list[InputSection]] = {}  # SHF_LINK_ORDER: live with what they link to
        self.frame_references: dict[int, list[LinkSymbol]] = {}

    def run(self, entry: str) -> None:
        link = self.link
        for file in link.files:
            for section in file.sections:
                if section is not None:
                    self._prepare(file, section)
        for name in [entry, link.options.init, link.options.fini, *link.options.undefined]:
            symbol = link.symbols.get(name)
            if symbol is not None:
                self._mark_symbol(symbol)
        exported = link.shared or link.options.keep_exported or link.dynamic
        if exported:
            for symbol in link.symbols.values():
                if symbol.exported:
                    self._mark_symbol(symbol)
        for name, _value in link.options.defsyms:
            symbol = link.symbols.get(name)
            if symbol is not None:
                self._mark_symbol(symbol)
        while self.work:
            self._visit(self.work.pop())
        if link.options.print_gc_sections:
            for file in link.files:
                for section in file.sections:
                    if section is not None and not section.live and section.size:
                        link.errors.note(f"removing unused section '{section.name}' in file '{file.name}'")

    def _prepare(self, file: InputFile, section: InputSection) -> None:
        """Everything allocated starts dead; roots go on the work list; the rest stays."""
        if not section.flags & SHF_ALLOC:
            return
        section.live = False
        name = section.name
        if is_identifier(name):
            self.by_name.setdefault(name, []).append(section)
        if section.link is not None and section.flags & 0x80:
            self.dependents.setdefault(id(section.link), []).append(section)
            return
        if name == ".eh_frame":
            section.live = True
            self._prepare_frames(file, section)
        elif (
            section.keep
            or name in _KEPT_NAMES
            or name.startswith(_KEPT_PREFIXES)
            or section.type in (SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY)
            or section.flags & SHF_GNU_RETAIN
            or section.type == SHT_NOTE
            and not section.flags & SHF_GROUP
        ):
            self._mark(section)

    def _prepare_frames(self, file: InputFile, section: InputSection) -> None:
        """Relocations of an FDE behind its first one live with the function that the first one names."""
        data = section.data()
        relocations = sorted(section.relocations())
        position = 0
        number = 0
        while position + 8 <= len(data):
            length = int.from_bytes(data[position : position + 4], "little")
            if length in (0, 0xFFFFFFFF):
                break
            end = position + 4 + length
            is_cie = int.from_bytes(data[position + 4 : position + 8], "little") == 0
            function: InputSection | None = None
            while number < len(relocations) and relocations[number][0] < end:
                symbol = file.symbol(relocations[number][2])
                if is_cie:
                    self._mark_symbol(symbol)
                elif relocations[number][0] < position + 8:
                    pass
                elif function is None:
                    function = symbol.section
                else:
                    self.frame_references.setdefault(id(function), []).append(symbol)
                number += 1
            position = end

    def _mark(self, section: InputSection) -> None:
        if not section.live:
            section.live = True
            self.work.append(section)

    def _mark_symbol(self, symbol: LinkSymbol) -> None:
        if symbol.section is not None:
            self._mark(symbol.section)
        elif self.link.options.start_stop_gc:
            pass
        elif symbol.name.startswith("__start_"):
            for section in self.by_name.get(symbol.name[8:], []):
                self._mark(section)
        elif symbol.name.startswith("__stop_"):
            for section in self.by_name.get(symbol.name[7:], []):
                self._mark(section)

    def _visit(self, section: InputSection) -> None:
        symbol_of = section.file.symbol
        for relocation in section.relocations():
            self._mark_symbol(symbol_of(relocation[2]))
        for dependent in self.dependents.get(id(section), []):
            self._mark(dependent)
        for symbol in self.frame_references.get(id(section), []):
            self._mark_symbol(symbol)
