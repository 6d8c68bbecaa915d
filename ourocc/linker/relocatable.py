"""-r: several objects become one.  Sections of one name are joined, relocations move along, nothing is applied."""

from struct import iter_unpack
from typing import TYPE_CHECKING, final

from ourocc.linker.elements import InputFile, InputSection, Link, LinkError, LinkSymbol
from ourocc.linker.options import STRIP_NONE
from ourocc.linker.properties import merge_properties
from ourocc.linker.script_language import STATEMENT_ASSIGN, STATEMENT_DATA, Statement
from ourocc.linker.synthesized import allocate_commons
from ourocc.objects.elf_numbers import GRP_COMDAT, SHT_GROUP
from ourocc.objects.elf_writer import write_object
from ourocc.objects.model import (
    ABSOLUTE,
    COMMON,
    DEFINED,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_GROUP,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STT_FILE,
    STT_SECTION,
    Group,
    ObjectFile,
    Relocation,
    Section,
    Symbol,
)

if TYPE_CHECKING:
    from ourocc.linker.script_language import LinkerScript
    from ourocc.linker.script_relocatable import RelocatablePlan


def link_relocatable(link: Link, script: "LinkerScript | None" = None) -> bytes:
    """The bytes of the combined object."""
    if link.options.gc_sections:
        raise LinkError("--gc-sections with -r is not supported")
    combiner = _Combiner(link)
    if script is not None:
        from ourocc.linker.script_relocatable import RelocatablePlan

        combiner.plan = RelocatablePlan(link, script)
    return combiner.combine()


@final
class _Combiner:
    def __init__(self, link: Link) -> None:
        self.link = link
        first = link.files[0].elf
        assert first is not None
        self.object = ObjectFile(link.target.machine, first.flags)
        self.object.bits = link.target.bits
        self.by_key: dict[tuple[str, int], Section] = {}
        self.places: dict[int, tuple[Section, int]] = {}  # input section -> section, offset in it
        self.shared: dict[int, Symbol] = {}  # global -> its symbol in the output
        self.plan: RelocatablePlan | None = None  # what a linker script says

    def combine(self) -> bytes:
        link = self.link
        flags = [file.elf.flags for file in link.files if file.elf is not None]
        self.object.flags = link.target.prepare_flags(flags)
        note = merge_properties(link)
        if link.options.define_common:
            allocate_commons(link)
        if note is not None:
            self._join(note, -1)
        if self.plan is not None:
            self._follow(self.plan)
        for file in link.files:
            self._add_sections(file)
        for section in link.synthetic:
            if section is not note and section.size:
                self._join(section, -1)
        for file in link.files:
            self._add_symbols_and_relocations(file)
        for symbol in link.symbols.values():
            if symbol.is_defined():
                self._global(symbol)
        stack_flags = 0
        for file in link.files:
            if file.wants_executable_stack:
                stack_flags = SHF_EXECINSTR
        if all(file.has_stack_note for file in link.files):
            self.object.section(".note.GNU-stack", SHT_PROGBITS, stack_flags)
        return write_object(self.object)

    def _add_sections(self, file: InputFile) -> None:
        elf = file.elf
        assert elf is not None
        group_of: dict[int, int] = {}
        groups: list[tuple[int, Group]] = []
        for index, header in enumerate(elf.sections):
            if header.type != SHT_GROUP:
                continue
            words = [word[0] for word in iter_unpack("<I", elf.contents(index))]
            if any(member in file.discarded for member in words[1:]):
                continue
            symbol = file.symbol(header.info)
            signature = self._global(symbol) if header.info >= file.first_global else Symbol(symbol.name, DEFINED)
            if header.info < file.first_global:
                signature.binding = STB_LOCAL
                signature.place = 0
            group = Group(signature, words[0] & GRP_COMDAT != 0)
            self.object.groups.append(group)
            groups.append((index, group))
            for member in words[1:]:
                group_of[member] = len(self.object.groups)
        for section in file.sections:
            if section is None or not section.live:
                continue
            if self.link.options.strip != STRIP_NONE and section.name.startswith((".debug", ".zdebug")):
                section.live = False
                continue
            if id(section) not in self.places:  # no script has placed it
                self._join(section, group_of.get(section.index, -1))
        for section in file.sections:
            if section is not None and section.link is not None and id(section) in self.places:
                linked = self.places.get(id(section.link))
                if linked is not None:
                    self.places[id(section)][0].link = linked[0]

    def _follow(self, plan: "RelocatablePlan") -> None:
        """Put together the sections that a script describes."""
        for statement, pieces in plan.outputs:
            name = statement.name
            for piece in pieces:
                made = self.by_key.get((name, -1))
                if piece.section is not None:
                    self._join(piece.section, -1, name)
                elif piece.statement is not None:
                    self._execute(plan, piece.statement, name, made)
            made = self.by_key.get((name, -1))
            if made is not None:
                if not made.flags:
                    made.flags = SHF_ALLOC | SHF_WRITE
                made.alignment = max(made.alignment, plan.alignment(statement))

    def _execute(self, plan: "RelocatablePlan", statement: Statement, name: str, made: Section | None) -> None:
        """An assignment or data within a section."""
        if made is None:
            if statement.kind == STATEMENT_ASSIGN and statement.name == ".":
                return
            made = Section(name, SHT_NOBITS, 0, 1)  # sections that follow say more
            self.by_key[(name, -1)] = made
            self.object.sections.append(made)
        dot = made.size()
        value = plan.value(statement, dot)
        if statement.kind == STATEMENT_DATA:
            if made.type == SHT_NOBITS:
                made.type = SHT_PROGBITS
                made.data = bytearray(dot)
                made.nobits_size = 0
            made.data += (value & ((1 << 8 * statement.size) - 1)).to_bytes(statement.size, "little")
        elif statement.name == ".":
            if value < dot:
                raise LinkError(f"section {name}: the location counter cannot move backwards")
            if made.type == SHT_NOBITS:
                made.nobits_size = value
            else:
                made.data += bytes(value - dot)
        else:
            symbol = self.link.lookup(statement.name)
            if statement.provide and (symbol.is_defined() or not symbol.strong_reference):
                return
            defined = self._global(symbol)
            defined.place = DEFINED
            defined.section = made
            defined.value = value
            defined.binding = STB_GLOBAL
            if defined not in self.object.symbols:
                self.object.symbols.append(defined)

    def _join(self, section: InputSection, group: int, name: str = "") -> None:
        """Append an input section to the output section of its name or the script's (and group)."""
        name = name or section.name
        key = (name, group)
        if section.link is not None and section.flags & 0x80:
            key = (name, id(section))  # each keeps the section that it is about
        made = self.by_key.get(key)
        if made is None:
            made = Section(name, section.type, section.flags & ~SHF_GROUP, section.alignment)
            made.entry_size = section.entry_size
            self.by_key[key] = made
            self.object.sections.append(made)
            if group > 0:
                owner = self.object.groups[group - 1]
                made.group = owner
                owner.members.append(made)
        if section.alignment > made.alignment:
            made.alignment = section.alignment
        made.flags |= section.flags & ~SHF_GROUP
        if made.entry_size != section.entry_size:
            made.entry_size = 0
            made.flags &= ~0x30
        if made.type == SHT_NOBITS and section.type != SHT_NOBITS:
            made.type = section.type
            made.data = bytearray(made.nobits_size)
            made.nobits_size = 0
        padding = -made.size() % section.alignment
        offset = made.size() + padding
        if made.type == SHT_NOBITS:
            made.nobits_size = offset + section.size
        else:
            made.data += self.link.target.padding(padding) if made.flags & SHF_EXECINSTR else bytes(padding)
            made.data += section.data() if section.type != SHT_NOBITS else bytes(section.size)
        self.places[id(section)] = (made, offset)

    def _global(self, symbol: LinkSymbol) -> Symbol:
        found = self.shared.get(id(symbol))
        if found is not None:
            return found
        made = Symbol(symbol.name)
        made.binding = symbol.binding or 1
        made.type = symbol.type
        made.visibility = symbol.visibility
        made.other = symbol.other
        made.size = symbol.size
        made.value = symbol.value
        if symbol.version and not symbol.version_hidden and "@" not in symbol.name:
            made.version = "@@" + symbol.version
        if symbol.place == DEFINED:
            place = self.places.get(id(symbol.section))
            if place is not None:
                made.place = DEFINED
                made.section = place[0]
                made.value = symbol.value + place[1]
        elif symbol.place in (ABSOLUTE, COMMON):
            made.place = symbol.place
        self.shared[id(symbol)] = made
        if made.place:  # undefined ones are written when a relocation mentions them
            self.object.symbols.append(made)
        return made

    def _local(self, file: InputFile, index: int) -> Symbol | None:
        """A local symbol of the input in the output; None for one whose section is gone."""
        name_offset, info, other, shndx, value, size = file.raw_symbols[index]
        made = Symbol(file.symbol_name(name_offset), ABSOLUTE)
        made.binding = STB_LOCAL
        made.type = info & 15
        made.visibility = other & 3
        made.other = other & ~3
        made.size = size
        made.value = value
        if shndx == 0xFFF1:
            return made
        section = file.symbol(index).section
        place = self.places.get(id(section)) if section is not None else None
        if place is None:
            return None
        made.place = DEFINED
        made.section = place[0]
        made.value = value + place[1]
        return made

    def _add_symbols_and_relocations(self, file: InputFile) -> None:
        symbols: list[Symbol | None] = [None]
        shifts = [0] * len(file.raw_symbols)  # what a relocation against a section symbol must add
        for index in range(1, len(file.raw_symbols)):
            if index >= file.first_global:
                shared = file.symbols[index]
                symbols.append(None if shared is None else self._global(shared))
                continue
            local = self._local(file, index)
            if local is not None and local.type == STT_SECTION and local.section is not None:
                shifts[index] = local.value
                local = local.section.section_symbol()
            elif local is not None and (local.type == STT_FILE or not self.link.options.discard_all):
                self.object.symbols.append(local)
            symbols.append(local)
        for section in file.sections:
            if section is None or not section.relocation_index:
                continue
            place = self.places.get(id(section))
            if place is None:
                continue
            made, base = place
            for offset, type, number, addend in section.relocations():
                wanted = symbols[number]
                if wanted is None:
                    if number and section.flags & SHF_ALLOC and section.name != ".eh_frame":
                        self.link.errors.error(
                            f"{section.file.name}:({section.name}+{offset:#x}): refers to a discarded section"
                        )
                    wanted = Symbol("")
                    wanted.binding = STB_LOCAL
                    type = 0 if number else type
                made.relocations.append(Relocation(base + offset, type, wanted, addend + shifts[number]))
