"""Global offset table, procedure linkage table and copied variables: slots while scanning, contents at the end.

The scan asks for slots; `finish` turns them into sections of known size and dynamic relocations; `fill`
writes their bytes when addresses are known.
"""

from struct import Struct
from typing import Final, final

from ourocc.linker.elements import SHARED, DynamicRelocation, InputSection, Link, LinkSymbol, SharedLibrary
from ourocc.objects.model import (
    DEFINED,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_PROGBITS,
    STT_GNU_IFUNC,
    STT_OBJECT,
    UNDEFINED,
)

# What a GOT slot holds
_ADDRESS: Final = 0
_PAIR: Final = 1  # TLS module and offset of a symbol
_MODULE: Final = 2  # TLS module of this object, 0
_OFFSET: Final = 3  # offset from the thread pointer
_DESCRIPTOR: Final = 4  # TLS descriptor
_RESOLVED: Final = 5  # what an indirect function's resolver returned

_WORD64: Final = Struct("<Q")
_WORD32: Final = Struct("<I")


@final
class Tables:
    def __init__(self, link: Link) -> None:
        self.link = link
        self.word = link.target.bits // 8
        self.entries: list[tuple[int, LinkSymbol | None, int]] = []  # kind, symbol, first slot
        self.slots = link.target.got_header
        self.module_slot = -1
        self.plt_symbols: list[LinkSymbol] = []
        self.iplt_symbols: list[LinkSymbol] = []
        self.iplt_slots: list[int] = []
        self.copies: list[LinkSymbol] = []
        self.needs_got_base = False
        flags = SHF_ALLOC | SHF_WRITE
        self.got = InputSection(link.internal, 0, ".got", SHT_PROGBITS, flags, self.word)
        self.gotplt = InputSection(link.internal, 0, ".got.plt", SHT_PROGBITS, flags, self.word)
        code = SHF_ALLOC | SHF_EXECINSTR
        self.plt = InputSection(link.internal, 0, ".plt", SHT_PROGBITS, code, link.target.plt_alignment)
        self.iplt = InputSection(link.internal, 0, ".iplt", SHT_PROGBITS, code, link.target.plt_alignment)
        self.copied = InputSection(link.internal, 0, ".bss", SHT_NOBITS, flags, 1)
        for section in (self.got, self.gotplt, self.plt, self.iplt, self.copied):
            section.contents = b""
            section.relocation_list = []
        self.plt.entry_size = link.target.plt_entry_size

    # Requests

    def _reserve(self, kind: int, symbol: LinkSymbol | None, count: int) -> int:
        slot = self.slots
        self.entries.append((kind, symbol, slot))
        self.slots += count
        return slot

    def need_got(self, symbol: LinkSymbol) -> None:
        if symbol.got < 0:
            symbol.got = self._reserve(_ADDRESS, symbol, 1)

    def need_plt(self, symbol: LinkSymbol) -> None:
        if symbol.plt < 0:
            symbol.plt = len(self.plt_symbols)
            self.plt_symbols.append(symbol)

    def need_iplt(self, symbol: LinkSymbol) -> None:
        if symbol.iplt < 0:
            symbol.iplt = len(self.iplt_symbols)
            self.iplt_symbols.append(symbol)
            self.iplt_slots.append(self._reserve(_RESOLVED, symbol, 1))

    def need_tls_pair(self, symbol: LinkSymbol) -> None:
        if symbol.tls_pair < 0:
            symbol.tls_pair = self._reserve(_PAIR, symbol, 2)

    def need_tls_module(self) -> None:
        if self.module_slot < 0:
            self.module_slot = self._reserve(_MODULE, None, 2)

    def need_tls_offset(self, symbol: LinkSymbol) -> None:
        if symbol.tls_offset < 0:
            symbol.tls_offset = self._reserve(_OFFSET, symbol, 1)

    def need_tls_descriptor(self, symbol: LinkSymbol) -> None:
        if symbol.tls_descriptor < 0:
            symbol.tls_descriptor = self._reserve(_DESCRIPTOR, symbol, 2)

    def need_copy(self, symbol: LinkSymbol) -> None:
        """Reserve room in .bss for a library's variable; its other names in that library move with it."""
        library = symbol.library
        if symbol.copied or library is None:
            return
        _name, _info, _other, shndx, value, size = library.raw_symbols[library.exports[symbol.name]]
        alignment = 1
        if library.elf is not None and shndx < len(library.elf.sections):
            alignment = library.elf.sections[shndx].alignment or 1
        while alignment > 1 and value % alignment:
            alignment >>= 1
        alignment = min(alignment, 64)
        section = self.copied
        section.alignment = max(section.alignment, alignment)
        offset = section.size + alignment - 1 & ~(alignment - 1)
        section.size = offset + size
        for name in _aliases(library, shndx, value):
            alias = self.link.symbols.get(name)
            if alias is None:
                alias = self.link.lookup(name)
                index = library.exports[name]
                alias.library = library
                alias.place = SHARED
                alias.type = library.raw_symbols[index][1] & 15
                alias.size = library.raw_symbols[index][5]
                alias.version = library.versions[index]
            if alias.place == SHARED and alias.library is library:
                alias.place = DEFINED
                alias.section = section
                alias.value = offset
                alias.exported = True
                alias.preemptible = False
                alias.copied = True
                alias.binding = alias.binding or 1
        self.copies.append(symbol)

    # Sizes and dynamic relocations

    def finish(self) -> None:
        link = self.link
        target = link.target
        for kind, symbol, slot in self.entries:
            self._finish_entry(kind, symbol, slot)
        if self.slots > target.got_header or (self.needs_got_base and not target.got_base_is_gotplt):
            self.got.size = self.slots * self.word
        elif target.got_header and link.dynamic:
            self.got.size = target.got_header * self.word
        if self.plt_symbols or self.needs_got_base and target.got_base_is_gotplt:
            self.gotplt.size = (target.gotplt_header + len(self.plt_symbols)) * self.word
        if self.plt_symbols:
            self.plt.size = target.plt_header_size + len(self.plt_symbols) * target.plt_entry_size
        self.iplt.size = len(self.iplt_symbols) * target.iplt_entry_size
        for number, symbol in enumerate(self.plt_symbols):
            offset = (target.gotplt_header + number) * self.word
            link.plt_relocations.append(DynamicRelocation(self.gotplt, offset, target.jump_slot, symbol, 0, False))
        for symbol in self.copies:
            link.dynamic_relocations.append(DynamicRelocation(self.copied, symbol.value, target.copy, symbol, 0, False))

    def _finish_entry(self, kind: int, symbol: LinkSymbol | None, slot: int) -> None:
        link = self.link
        target = link.target
        offset = slot * self.word
        relocations = link.dynamic_relocations
        preemptible = symbol is not None and symbol.preemptible
        got = self.got
        if kind == _ADDRESS:
            if preemptible:
                relocations.append(DynamicRelocation(got, offset, target.glob_dat, symbol, 0, False))
            elif link.pic and symbol is not None and symbol.place == DEFINED:
                relocations.append(DynamicRelocation(got, offset, target.relative, symbol, 0, True))
        elif kind == _PAIR or kind == _MODULE:
            if preemptible:
                relocations.append(DynamicRelocation(got, offset, target.dtpmod, symbol, 0, False))
                second = offset + self.word
                relocations.append(DynamicRelocation(got, second, target.dtpoff, symbol, 0, False))
            elif link.shared:
                relocations.append(DynamicRelocation(got, offset, target.dtpmod, None, 0, False))
        elif kind == _OFFSET:
            if preemptible:
                relocations.append(DynamicRelocation(got, offset, target.tpoff, symbol, 0, False))
            elif link.shared:
                relocations.append(DynamicRelocation(got, offset, target.tpoff, symbol, 0, True))
        elif kind == _DESCRIPTOR:
            relocations.append(DynamicRelocation(got, offset, target.tlsdesc, symbol, 0, not preemptible))
        elif kind == _RESOLVED:
            entry = DynamicRelocation(got, offset, target.irelative, symbol, 0, True)
            if link.dynamic:
                relocations.append(entry)
            else:
                link.plt_relocations.append(entry)

    def sections(self) -> list[InputSection]:
        """The sections that the output needs."""
        return [s for s in (self.plt, self.iplt, self.got, self.gotplt, self.copied) if s.size]

    # Addresses

    def got_address(self, slot: int) -> int:
        return self.got.address + slot * self.word

    def plt_entry_address(self, number: int) -> int:
        return self.plt.address + self.link.target.plt_header_size + number * self.link.target.plt_entry_size

    def iplt_entry_address(self, number: int) -> int:
        return self.iplt.address + number * self.link.target.iplt_entry_size

    # Contents

    def fill(self, dynamic_address: int) -> None:
        """Write all tables' bytes."""
        link = self.link
        target = link.target
        word = _WORD64 if self.word == 8 else _WORD32
        mask = (1 << (8 * self.word)) - 1
        got = bytearray(self.got.size)
        if target.got_header and got and link.dynamic:
            word.pack_into(got, 0, dynamic_address)
        for kind, symbol, slot in self.entries:
            first, second = self._static_values(kind, symbol)
            word.pack_into(got, slot * self.word, first & mask)
            if kind in (_PAIR, _MODULE, _DESCRIPTOR):
                word.pack_into(got, (slot + 1) * self.word, second & mask)
        self.got.contents = got
        gotplt = bytearray(self.gotplt.size)
        if gotplt and target.got_base_is_gotplt:
            word.pack_into(gotplt, 0, dynamic_address)
        plt = bytearray(self.plt.size)
        if self.plt_symbols:
            target.write_plt_header(plt, self.plt.address, self.gotplt.address)
        for number in range(len(self.plt_symbols)):
            address = self.plt_entry_address(number)
            slot = (target.gotplt_header + number) * self.word
            offset = address - self.plt.address
            header = self.plt.address
            target.write_plt_entry(plt, offset, address, self.gotplt.address + slot, number, header)
            word.pack_into(gotplt, slot, target.plt_lazy_address(address, header))
        iplt = bytearray(self.iplt.size)
        for number, slot in enumerate(self.iplt_slots):
            address = self.iplt_entry_address(number)
            target.write_iplt_entry(iplt, address - self.iplt.address, address, self.got_address(slot))
        self.gotplt.contents = gotplt
        self.plt.contents = plt
        self.iplt.contents = iplt

    def _static_values(self, kind: int, symbol: LinkSymbol | None) -> tuple[int, int]:
        """What the slots hold in the file; the dynamic loader overwrites those that it relocates."""
        link = self.link
        if kind == _MODULE:
            return (0 if link.shared else 1), 0
        assert symbol is not None
        if kind == _RESOLVED:
            return own_address(symbol), 0
        if symbol.preemptible:
            return 0, 0
        if kind == _ADDRESS:
            return symbol.address, 0
        if symbol.place == UNDEFINED:
            return (1 if kind == _PAIR else 0), 0
        if kind == _PAIR:
            return (0 if link.shared else 1), symbol.address - link.tls_start - link.target.dtp_bias
        if kind == _OFFSET:
            return (0, 0) if link.shared else (thread_pointer_offset(link, symbol.address), 0)
        return 0, 0


def _aliases(library: SharedLibrary, shndx: int, value: int) -> list[str]:
    """All names (without version) of the object at `value`."""
    if library.aliases is None:
        table: dict[tuple[int, int], list[str]] = {}
        for name, index in library.exports.items():
            raw = library.raw_symbols[index]
            if raw[1] & 15 == STT_OBJECT and "@" not in name[1:]:
                table.setdefault((raw[3], raw[4]), []).append(name)
        library.aliases = table
    return library.aliases.get((shndx, value), [])


def own_address(symbol: LinkSymbol) -> int:
    """The address of the definition itself (of an indirect function: its resolver)."""
    section = symbol.section
    if section is None:
        return symbol.value
    if section.merge is not None:
        return section.merge.into.address + section.merge.offset(symbol.value)
    return section.address + symbol.value


def thread_pointer_offset(link: Link, address: int) -> int:
    """Offset of a thread-local variable from the thread pointer in the executable (ELF TLS, variants I and II)."""
    target = link.target
    offset = address - link.tls_start
    alignment = link.tls_alignment
    if target.tls_below_thread_pointer:
        return offset - (link.tls_size + alignment - 1 & ~(alignment - 1))
    return offset + (target.tls_header_size + alignment - 1 & ~(alignment - 1) if target.tls_header_size else 0)


def is_indirect(symbol: LinkSymbol) -> bool:
    return symbol.type == STT_GNU_IFUNC and symbol.place == DEFINED
