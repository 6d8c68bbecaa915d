"""Scan of relocations: what each needs from the linker and from the dynamic loader.

Each relocation of a living, loaded section is looked at once: relaxed where the target can, given slots in
the GOT and PLT, copy relocations and dynamic relocations where it must; undefined symbols are reported here,
with the place and the function that refers to them.
"""

from operator import itemgetter
from typing import final

from ourocc.linker.elements import SHARED, DynamicRelocation, InputFile, InputSection, Link, LinkSymbol
from ourocc.linker.options import UNRESOLVED_IGNORE, UNRESOLVED_WARN
from ourocc.linker.tables import Tables
from ourocc.objects.elf_reader import RawRelocation
from ourocc.objects.model import (
    ABSOLUTE,
    DEFINED,
    SHF_ALLOC,
    SHF_WRITE,
    STB_WEAK,
    STT_FUNC,
    STT_GNU_IFUNC,
    STT_NOTYPE,
    STT_TLS,
    STV_DEFAULT,
    UNDEFINED,
)
from ourocc.targets.relocation_table import (
    FIELD_32,
    FIELD_64,
    KIND_ABSOLUTE,
    KIND_ALIGN,
    KIND_DYNAMIC,
    KIND_FROM_GOT,
    KIND_GOT_ABSOLUTE,
    KIND_GOT_BASE_PC,
    KIND_GOT_OFFSET,
    KIND_GOT_PAGE,
    KIND_GOT_PC,
    KIND_GOTTP_ABSOLUTE,
    KIND_GOTTP_OFFSET,
    KIND_GOTTP_PAGE,
    KIND_GOTTP_PC,
    KIND_LINK_TIME,
    KIND_NEGATIVE_TPOFF,
    KIND_NONE,
    KIND_PAGE,
    KIND_PC,
    KIND_PLT_FROM_GOT,
    KIND_PLT_PC,
    KIND_TLSDESC_ABSOLUTE,
    KIND_TLSDESC_CALL,
    KIND_TLSDESC_PAGE,
    KIND_TLSDESC_PC,
    KIND_TLSGD_ABSOLUTE,
    KIND_TLSGD_OFFSET,
    KIND_TLSGD_PAGE,
    KIND_TLSGD_PC,
    KIND_TLSLD_OFFSET,
    KIND_TLSLD_PC,
    KIND_TPOFF,
    KIND_UNKNOWN,
    RELAX_ABSOLUTE,
    RELAX_EXECUTABLE,
    RELAX_LOCAL,
    RELAX_POSITION_INDEPENDENT,
)

_GOT_KINDS = (KIND_GOT_PC, KIND_GOT_OFFSET, KIND_GOT_PAGE, KIND_GOT_ABSOLUTE)
_PAIR_KINDS = (KIND_TLSGD_PC, KIND_TLSGD_PAGE, KIND_TLSGD_ABSOLUTE, KIND_TLSGD_OFFSET)
_GOTTP_KINDS = (KIND_GOTTP_PC, KIND_GOTTP_PAGE, KIND_GOTTP_ABSOLUTE, KIND_GOTTP_OFFSET)
_DESCRIPTOR_KINDS = (KIND_TLSDESC_PC, KIND_TLSDESC_PAGE, KIND_TLSDESC_ABSOLUTE)
_MODULE_KINDS = (KIND_TLSLD_PC, KIND_TLSLD_OFFSET)
_REPORTS_PER_SYMBOL = 6


@final
class Scanner:
    def __init__(self, link: Link, tables: Tables) -> None:
        self.link = link
        self.tables = tables
        self.pic = link.pic
        self.situation = RELAX_EXECUTABLE if link.executable else 0
        if link.pic:
            self.situation |= RELAX_POSITION_INDEPENDENT
        self.word_field = FIELD_64 if link.target.bits == 64 else FIELD_32

    def scan_all(self) -> None:
        for file in self.link.files:
            for section in file.sections:
                if section is None or not section.live or not section.relocation_index:
                    continue
                if section.flags & SHF_ALLOC:
                    self.scan(section)
                else:
                    self.check_references(section)

    def check_references(self, section: InputSection) -> None:
        """Sections that are not loaded need nothing at run time, only relocation types that exist."""
        kinds = self.link.target.kinds
        limit = len(kinds)
        for type in sorted(set(map(itemgetter(1), section.relocations()))):
            if type >= limit or kinds[type] == KIND_UNKNOWN:
                self._unknown(section, type)
                section.relocation_list = []
                return

    def scan(self, section: InputSection) -> None:
        """Look at every relocation of a loaded section; the list is replaced when something was relaxed."""
        file = section.file
        relocations = section.relocations()
        kinds = self.link.target.kinds
        limit = len(kinds)
        symbols = file.symbols
        changed: list[RawRelocation] | None = None
        skip = -1
        for number, relocation in enumerate(relocations):
            type = relocation[1]
            if type >= limit:
                self._unknown(section, type)
                return
            kind = kinds[type]
            index = relocation[2]
            symbol = symbols[index]
            if symbol is None:
                symbol = file.make_local(index)
                symbols[index] = symbol
            if symbol.place == DEFINED and not symbol.preemptible and symbol.type != STT_GNU_IFUNC:
                if kind == KIND_PC or kind == KIND_PLT_PC:
                    continue
            elif symbol.place == UNDEFINED and index and number != skip and kind != KIND_NONE:
                self._undefined(section, relocation, symbol)
            if number == skip:
                continue
            new_type = self._scan_one(section, relocation, symbol, kind, relocations, number)
            if new_type != type:
                if changed is None:
                    changed = list(relocations)
                changed[number] = (relocation[0], new_type, index, relocation[3])
                if self.link.target.swallows_next[new_type]:
                    skip = number + 1
                    if skip < len(changed):
                        changed[skip] = (changed[skip][0], 0, 0, 0)
        if changed is not None:
            section.relocation_list = changed

    def _scan_one(
        self,
        section: InputSection,
        relocation: RawRelocation,
        symbol: LinkSymbol,
        kind: int,
        relocations: list[RawRelocation],
        number: int,
    ) -> int:
        """Note the needs of one relocation; returns its type, or the relaxed one."""
        type = relocation[1]
        tables = self.tables
        if kind == KIND_ABSOLUTE:
            self._absolute(section, relocation, symbol)
        elif kind == KIND_PC or kind == KIND_PAGE:
            self._pc_relative(section, relocation, symbol)
        elif kind == KIND_PLT_PC or kind == KIND_PLT_FROM_GOT:
            if kind == KIND_PLT_FROM_GOT:
                tables.needs_got_base = True
            if symbol.preemptible:
                if symbol.place != UNDEFINED or symbol.binding != STB_WEAK or self.link.shared or self.link.libraries:
                    tables.need_plt(symbol)
            elif symbol.type == STT_GNU_IFUNC and symbol.place == DEFINED:
                tables.need_iplt(symbol)
        elif kind == KIND_NONE or kind == KIND_LINK_TIME or kind == KIND_ALIGN:
            pass
        elif kind == KIND_FROM_GOT or kind == KIND_GOT_BASE_PC:
            tables.needs_got_base = True
            if kind == KIND_FROM_GOT and symbol.type == STT_GNU_IFUNC and symbol.place == DEFINED:
                tables.need_iplt(symbol)
        elif kind == KIND_UNKNOWN or kind == KIND_DYNAMIC:
            self._unknown(section, type)
        elif kind in _GOT_KINDS or symbol.type == STT_TLS or self._is_tls(kind):
            return self._through_table(section, relocation, symbol, kind, relocations, number)
        return type

    def _is_tls(self, kind: int) -> bool:
        return (
            kind in _PAIR_KINDS
            or kind in _GOTTP_KINDS
            or kind in _DESCRIPTOR_KINDS
            or kind in _MODULE_KINDS
            or kind in (KIND_TPOFF, KIND_NEGATIVE_TPOFF, KIND_TLSDESC_CALL)
        )

    def _through_table(
        self,
        section: InputSection,
        relocation: RawRelocation,
        symbol: LinkSymbol,
        kind: int,
        relocations: list[RawRelocation],
        number: int,
    ) -> int:
        """GOT and thread-local references: relax, else reserve slots."""
        offset, type, _index, addend = relocation
        tables = self.tables
        target = self.link.target
        situation = self.situation
        if not symbol.preemptible and symbol.type != STT_GNU_IFUNC:
            situation |= RELAX_LOCAL
        if symbol.place == ABSOLUTE or symbol.place == UNDEFINED:
            situation |= RELAX_ABSOLUTE
        if self.link.options.relax or kind not in _GOT_KINDS:
            next_type = relocations[number + 1][1] if number + 1 < len(relocations) else 0
            new_type = target.relax(type, bytes(section.data()), offset, addend, situation, next_type)
            if new_type < 0:
                self._fail(section, offset, f"{target.relocation_name(type)} is not in a form that can be relaxed")
                return type
            if new_type != type:
                type = new_type
                kind = target.kinds[type]
        if kind in _GOT_KINDS:
            if kind == KIND_GOT_OFFSET:
                tables.needs_got_base = True
            if symbol.type == STT_GNU_IFUNC and not symbol.preemptible and symbol.place == DEFINED:
                tables.need_iplt(symbol)
            tables.need_got(symbol)
        elif kind in _PAIR_KINDS:
            tables.need_tls_pair(symbol)
        elif kind in _MODULE_KINDS:
            tables.need_tls_module()
        elif kind in _GOTTP_KINDS:
            tables.need_tls_offset(symbol)
            if self.link.shared:
                self.link.static_tls = True
        elif kind in _DESCRIPTOR_KINDS:
            tables.need_tls_descriptor(symbol)
        elif kind == KIND_TPOFF or kind == KIND_NEGATIVE_TPOFF:
            if self.link.shared:
                self._fail(section, offset, self._bad_output(type, symbol))
            elif symbol.preemptible and symbol.place == SHARED:
                self._fail(
                    section,
                    offset,
                    f"{target.relocation_name(type)} against thread-local `{symbol.name}', "
                    f"which {symbol.library.name if symbol.library else 'a shared library'} defines",
                )
        return type

    def _absolute(self, section: InputSection, relocation: RawRelocation, symbol: LinkSymbol) -> None:
        offset, type, _index, addend = relocation
        link = self.link
        target = link.target
        word = target.fields[type] == self.word_field
        writable = (section.flags & SHF_WRITE) != 0
        if symbol.preemptible:
            if word and (self.pic or writable or symbol.place == UNDEFINED):
                if symbol.place == UNDEFINED and not writable and not self.pic:
                    return  # weak and missing: zero
                self._dynamic(section, offset, target.word, symbol, addend, False)
            elif self.pic and not link.executable:
                self._fail(section, offset, self._bad_output(type, symbol))
            else:
                self._bind_here(section, relocation, symbol)
            return
        if symbol.type == STT_GNU_IFUNC and symbol.place == DEFINED:
            self.tables.need_iplt(symbol)
        if self.pic and symbol.place == DEFINED:
            if not word:
                self._fail(section, offset, self._bad_output(type, symbol))
            else:
                self._dynamic(section, offset, target.relative, symbol, addend, True)

    def _pc_relative(self, section: InputSection, relocation: RawRelocation, symbol: LinkSymbol) -> None:
        if symbol.type == STT_GNU_IFUNC and symbol.place == DEFINED and not symbol.preemptible:
            self.tables.need_iplt(symbol)
        elif symbol.preemptible:
            if self.link.executable:
                self._bind_here(section, relocation, symbol)
            else:
                self._fail(section, relocation[0], self._bad_output(relocation[1], symbol))

    def _bind_here(self, section: InputSection, relocation: RawRelocation, symbol: LinkSymbol) -> None:
        """Position-dependent code wants a fixed address for a library's symbol: PLT entry or copy."""
        if symbol.place == UNDEFINED:
            return
        if symbol.type in (STT_FUNC, STT_GNU_IFUNC) or symbol.type == STT_NOTYPE and symbol.size == 0:
            self.tables.need_plt(symbol)
            symbol.canonical_plt = True
            return
        if symbol.type == STT_TLS or self.link.options.no_copy_relocations:
            self._fail(section, relocation[0], self._bad_output(relocation[1], symbol))
            return
        self.tables.need_copy(symbol)

    def _dynamic(
        self, section: InputSection, offset: int, type: int, symbol: LinkSymbol, addend: int, by_address: bool
    ) -> None:
        link = self.link
        if not section.flags & SHF_WRITE:
            if not link.options.allow_text_relocations:
                self._fail(section, offset, f"relocation against `{symbol.name}' in read-only section")
                return
            if not link.text_relocations:
                link.text_relocations = True
                link.errors.warning(
                    f"{section.file.name}: relocation against `{symbol.name}' in read-only section `{section.name}'"
                )
        link.dynamic_relocations.append(DynamicRelocation(section, offset, type, symbol, addend, by_address))

    # Messages

    def _bad_output(self, type: int, symbol: LinkSymbol) -> str:
        kind = "shared object" if self.link.shared else "PIE object"
        local = "" if symbol.binding else "local "
        name = symbol.name or "section symbol"
        return (
            f"relocation {self.link.target.relocation_name(type)} against {local}symbol `{name}' can not be used "
            f"when making a {kind}; recompile with {'-fPIC' if self.link.shared else '-fPIE'}"
        )

    def _fail(self, section: InputSection, offset: int, message: str) -> None:
        self.link.errors.error(f"{location(section, offset)}: {message}")

    def _unknown(self, section: InputSection, type: int) -> None:
        name = self.link.target.relocation_name(type)
        self.link.errors.error(f"{section.description()}: unsupported {name}")

    def _undefined(self, section: InputSection, relocation: RawRelocation, symbol: LinkSymbol) -> None:
        """Report a reference that nothing defines, unless that is allowed."""
        link = self.link
        options = link.options
        index = relocation[2]
        if index < section.file.first_global:
            if section.name != ".eh_frame" and not section.name.startswith((".gcc_except_table", ".debug")):
                self._fail(section, relocation[0], f"`{symbol.name}' is defined in a discarded section")
            return
        if symbol.binding == STB_WEAK or options.unresolved == UNRESOLVED_IGNORE:
            return
        if link.shared and not options.no_undefined and symbol.visibility == STV_DEFAULT:
            return
        symbol.reported += 1
        if symbol.reported > _REPORTS_PER_SYMBOL:
            if symbol.reported == _REPORTS_PER_SYMBOL + 1:
                link.errors.error(f"{section.file.name}: more undefined references to `{symbol.name}' follow")
            return
        what = "hidden symbol" if symbol.visibility != STV_DEFAULT else "undefined reference to"
        tail = " isn't defined" if symbol.visibility != STV_DEFAULT else ""
        message = f"{location(section, relocation[0])}: {what} `{symbol.name}'{tail}"
        if options.unresolved == UNRESOLVED_WARN:
            link.errors.warning(message)
        else:
            link.errors.error(message)


def location(section: InputSection, offset: int) -> str:
    """'main.o: in function `main':\\nmain.o:(.text+0x12)'."""
    place = f"{section.file.name}:({section.name}+{offset:#x})"
    name = enclosing_function(section.file, section, offset)
    return f"{section.file.name}: in function `{name}':\n{place}" if name else place


def enclosing_function(file: InputFile, section: InputSection, offset: int) -> str:
    """The name of the function symbol that covers `offset`, or ""."""
    best = ""
    best_value = -1
    for name_offset, info, _other, shndx, value, size in file.raw_symbols:
        if info & 15 == STT_FUNC and shndx == section.index and best_value < value <= offset:
            if size == 0 or offset < value + size:
                best = file.symbol_name(name_offset)
                best_value = value
    return best
