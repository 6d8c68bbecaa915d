"""What the dynamic loader reads: .interp, .dynsym, .dynstr, hash tables, versions, relocations, .dynamic.

`prepare` decides the contents that sizes depend on, before layout; `fill` writes the bytes afterwards.
Formats: gABI chapter 5; the GNU hash table; LSB "Symbol Versioning".
"""

from os import path as paths
from struct import Struct
from typing import Final, final

from ourocc.linker.elements import (
    SHARED,
    DynamicRelocation,
    InputSection,
    Link,
    LinkError,
    LinkSymbol,
    OutputSection,
    SharedLibrary,
)
from ourocc.linker.resolve import base_name
from ourocc.linker.tables import Tables, own_address
from ourocc.linker.versions import VersionScript
from ourocc.objects import elf_numbers as elf
from ourocc.objects.elf_writer import StringTable
from ourocc.objects.model import (
    ABSOLUTE,
    DEFINED,
    SHF_ALLOC,
    SHF_WRITE,
    SHT_PROGBITS,
    SHT_STRTAB,
    STB_GLOBAL,
    STB_WEAK,
    STT_FUNC,
    STT_GNU_IFUNC,
    STT_TLS,
    UNDEFINED,
)

# How the value of a .dynamic entry is found
_VALUE: Final = 0
_ADDRESS: Final = 1  # of the output section that is named
_SIZE: Final = 2
_SYMBOL: Final = 3


def gnu_hash(name: bytes) -> int:
    """Bernstein's hash, as the GNU hash section uses it."""
    value = 5381
    for byte in name:
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value


def sysv_hash(name: bytes) -> int:
    """The gABI's hash, also that of version names."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF0000000
        if high:
            value ^= high >> 24
        value &= ~high & 0xFFFFFFFF
    return value


@final
class DynamicSections:
    def __init__(self, link: Link, tables: Tables, script: VersionScript | None) -> None:
        self.link = link
        self.tables = tables
        self.script = script
        self.wide = link.target.bits == 64
        self.word = 8 if self.wide else 4
        self.symbols: list[LinkSymbol] = []
        self.strings = StringTable()
        self.entries: list[tuple[int, int, int, str]] = []  # tag, how, value, name
        self.version_numbers: dict[str, int] = {}  # defined versions
        self.version_words: list[int] = [0]
        self.first_hashed = 1
        self.sections: list[InputSection] = []
        self.dynsym = self._section(".dynsym", elf.SHT_DYNSYM, self.word, 24 if self.wide else 16)
        self.dynstr = self._section(".dynstr", SHT_STRTAB, 1)
        self.gnu_hash = self._section(".gnu.hash", elf.SHT_GNU_HASH, self.word)
        self.hash = self._section(".hash", elf.SHT_HASH, 4, 4)
        self.versym = self._section(".gnu.version", elf.SHT_GNU_VERSYM, 2, 2)
        self.verdef = self._section(".gnu.version_d", elf.SHT_GNU_VERDEF, 4)
        self.verneed = self._section(".gnu.version_r", elf.SHT_GNU_VERNEED, 4)
        rela = elf.SHT_RELA if link.target.uses_rela else elf.SHT_REL
        prefix = ".rela" if link.target.uses_rela else ".rel"
        entry = (3 if link.target.uses_rela else 2) * self.word
        self.rela_dyn = self._section(prefix + ".dyn", rela, self.word, entry)
        # Without a dynamic loader the start-up code walks these, between __rela_iplt_start and _end.
        self.rela_plt = self._section(prefix + (".plt" if link.dynamic else ".iplt"), rela, self.word, entry)
        self.dynamic = self._section(".dynamic", elf.SHT_DYNAMIC, self.word, 2 * self.word)
        self.dynamic.flags |= SHF_WRITE
        self.interp = self._section(".interp", SHT_PROGBITS, 1)
        self.verdef_count = 0
        self.verneed_count = 0

    def _section(self, name: str, type: int, alignment: int, entry_size: int = 0) -> InputSection:
        section = InputSection(self.link.internal, 0, name, type, SHF_ALLOC, alignment)
        section.contents = b""
        section.relocation_list = []
        section.entry_size = entry_size
        self.sections.append(section)
        return section

    def used_sections(self) -> list[InputSection]:
        return [section for section in self.sections if section.size]

    # Before layout

    def prepare(self) -> None:
        """Choose the dynamic symbols and fix all sizes."""
        link = self.link
        entry = self.rela_dyn.entry_size
        self.rela_dyn.size = entry * len(link.dynamic_relocations)
        self.rela_plt.size = entry * len(link.plt_relocations)
        if not link.dynamic:
            return
        self._choose_symbols()
        self._set_contents(self.gnu_hash, self._gnu_hash_table() if link.options.hash_style != "sysv" else b"")
        self._set_contents(self.hash, self._sysv_hash_table() if link.options.hash_style != "gnu" else b"")
        self._assign_versions()
        self.dynsym.size = self.dynsym.entry_size * (len(self.symbols) + 1)
        for symbol in self.symbols:
            self.strings.add(base_name(symbol))
        self._list_entries()
        self._set_contents(self.dynstr, bytes(self.strings.data))
        self.dynamic.size = self.dynamic.entry_size * (len(self.entries) + 1)
        if link.executable and not link.options.static and not link.options.no_interpreter:
            name = link.options.interpreter or link.target.interpreter
            self._set_contents(self.interp, name.encode("utf-8", "surrogateescape") + b"\0")

    def _set_contents(self, section: InputSection, data: bytes) -> None:
        section.contents = data
        section.size = len(data)

    def _choose_symbols(self) -> None:
        """Imports first; then what the hash tables list, in bucket order."""
        chosen: dict[int, bool] = {}
        imports: list[LinkSymbol] = []
        hashed: list[LinkSymbol] = []
        for symbol in self.link.symbols.values():
            if symbol.exported:
                chosen[id(symbol)] = True
                hashed.append(symbol)
        for relocations in (self.link.dynamic_relocations, self.link.plt_relocations):
            for relocation in relocations:
                wanted = relocation.symbol
                if wanted is None or relocation.by_address or id(wanted) in chosen:
                    continue
                chosen[id(wanted)] = True
                if wanted.canonical_plt:
                    hashed.append(wanted)
                else:
                    imports.append(wanted)
        buckets = max(1, len(hashed) // 3 | 1)
        self.bucket_count = buckets
        decorated = []
        for number, symbol in enumerate(hashed):
            value = gnu_hash(base_name(symbol).encode("utf-8", "surrogateescape"))
            decorated.append((value % buckets, number, value, symbol))
        decorated.sort(key=_bucket_key)
        self.hashes = [item[2] for item in decorated]
        self.first_hashed = len(imports) + 1
        self.symbols = imports + [item[3] for item in decorated]
        for index, symbol in enumerate(self.symbols):
            symbol.dynamic_index = index + 1

    def _gnu_hash_table(self) -> bytes:
        bits = self.word * 8
        count = len(self.hashes)
        bloom_words = 1
        while bloom_words * bits < count * 8:
            bloom_words *= 2
        shift = 6 if self.wide else 5
        bloom = [0] * bloom_words
        buckets = [0] * self.bucket_count
        chain: list[int] = []
        for number, value in enumerate(self.hashes):
            bloom[value // bits % bloom_words] |= 1 << value % bits | 1 << (value >> shift) % bits
            bucket = value % self.bucket_count
            if buckets[bucket] == 0:
                buckets[bucket] = self.first_hashed + number
            last = number + 1 == count or self.hashes[number + 1] % self.bucket_count != bucket
            chain.append(value & ~1 | (1 if last else 0))
        out = bytearray()
        for word in (self.bucket_count, self.first_hashed, bloom_words, shift):
            out += word.to_bytes(4, "little")
        for word in bloom:
            out += word.to_bytes(self.word, "little")
        for word in buckets + chain:
            out += word.to_bytes(4, "little")
        return bytes(out)

    def _sysv_hash_table(self) -> bytes:
        count = len(self.symbols) + 1
        buckets_count = max(1, count // 2 | 1)
        buckets = [0] * buckets_count
        chain = [0] * count
        for index, symbol in enumerate(self.symbols):
            bucket = sysv_hash(base_name(symbol).encode("utf-8", "surrogateescape")) % buckets_count
            chain[index + 1] = buckets[bucket]
            buckets[bucket] = index + 1
        return b"".join(word.to_bytes(4, "little") for word in [buckets_count, count, *buckets, *chain])

    # Versions

    def _assign_versions(self) -> None:
        nodes = self.script.nodes if self.script is not None else []
        number = 2
        for node in nodes:
            if node.name:
                self.version_numbers[node.name] = number
                number += 1
        implicit: list[str] = []
        for symbol in self.symbols:
            if symbol.version and symbol.library is None and symbol.version not in self.version_numbers:
                if not symbol.is_defined():
                    continue
                if self.link.shared:
                    raise LinkError(f"version node not found for symbol {base_name(symbol)}@{symbol.version}")
                self.version_numbers[symbol.version] = number
                implicit.append(symbol.version)
                number += 1
        needs: dict[int, dict[str, int]] = {}
        libraries: list[SharedLibrary] = []
        words = [0]
        for symbol in self.symbols:
            library = symbol.library
            if library is not None:
                if not symbol.version:
                    words.append(elf.VER_NDX_GLOBAL)
                    continue
                if id(library) not in needs:
                    needs[id(library)] = {}
                    libraries.append(library)
                names = needs[id(library)]
                if symbol.version not in names:
                    names[symbol.version] = number
                    number += 1
                words.append(names[symbol.version])
            elif symbol.version and symbol.is_defined():
                word = self.version_numbers[symbol.version]
                words.append(word | elf.VERSYM_HIDDEN if symbol.version_hidden else word)
            else:
                words.append(elf.VER_NDX_GLOBAL)
        if self.version_numbers:
            self._write_verdef(implicit)
        if libraries:
            self._write_verneed(libraries, needs)
        if self.version_numbers or libraries:
            self._set_contents(self.versym, b"".join(word.to_bytes(2, "little") for word in words))

    def _write_verdef(self, implicit: list[str]) -> None:
        options = self.link.options
        records: list[tuple[str, int, int, list[str]]] = []
        records.append((options.soname or paths.basename(options.output), 1, elf.VER_FLG_BASE, []))
        if self.script is not None:
            for node in self.script.nodes:
                if node.name:
                    records.append((node.name, self.version_numbers[node.name], 0, node.parents))
        for name in implicit:
            records.append((name, self.version_numbers[name], 0, []))
        out = bytearray()
        for position, (name, number, flags, parents) in enumerate(records):
            names = [name, *parents]
            value = sysv_hash(name.encode("utf-8", "surrogateescape"))
            last = position + 1 == len(records)
            following = 0 if last else 20 + 8 * len(names)
            out += Struct("<HHHHIII").pack(1, flags, number, len(names), value, 20, following)
            for at, text in enumerate(names):
                after = 0 if at + 1 == len(names) else 8
                out += Struct("<II").pack(self.strings.add(text), after)
        self.verdef_count = len(records)
        self._set_contents(self.verdef, bytes(out))

    def _write_verneed(self, libraries: list[SharedLibrary], needs: dict[int, dict[str, int]]) -> None:
        out = bytearray()
        for position, library in enumerate(libraries):
            names = needs[id(library)]
            following = 0 if position + 1 == len(libraries) else 16 + 16 * len(names)
            out += Struct("<HHIII").pack(1, len(names), self.strings.add(library.soname), 16, following)
            remaining = len(names)
            for name, number in names.items():
                remaining -= 1
                value = sysv_hash(name.encode("utf-8", "surrogateescape"))
                out += Struct("<IHHII").pack(value, 0, number, self.strings.add(name), 16 if remaining else 0)
        self.verneed_count = len(libraries)
        self._set_contents(self.verneed, bytes(out))

    # .dynamic

    def _entry(self, tag: int, how: int, value: int, name: str = "") -> None:
        self.entries.append((tag, how, value, name))

    def _list_entries(self) -> None:
        link = self.link
        options = link.options
        add_string = self.strings.add
        for library in link.libraries:
            if library.needed or not library.as_needed:
                self._entry(elf.DT_NEEDED, _VALUE, add_string(library.soname))
        if options.soname and link.shared:
            self._entry(elf.DT_SONAME, _VALUE, add_string(options.soname))
        if options.rpath:
            tag = elf.DT_RUNPATH if options.new_dtags else elf.DT_RPATH
            self._entry(tag, _VALUE, add_string(":".join(options.rpath)))
        if options.symbolic:
            self._entry(elf.DT_SYMBOLIC, _VALUE, 0)
        for tag, name in ((elf.DT_INIT, options.init), (elf.DT_FINI, options.fini)):
            symbol = link.symbols.get(name)
            if symbol is not None and symbol.place == DEFINED:
                self._entry(tag, _SYMBOL, 0, name)
        for tag, size_tag, name in (
            (elf.DT_PREINIT_ARRAY, elf.DT_PREINIT_ARRAYSZ, ".preinit_array"),
            (elf.DT_INIT_ARRAY, elf.DT_INIT_ARRAYSZ, ".init_array"),
            (elf.DT_FINI_ARRAY, elf.DT_FINI_ARRAYSZ, ".fini_array"),
        ):
            if any(o.name == name and any(s.size for s in o.inputs) for o in link.outputs):
                self._entry(tag, _ADDRESS, 0, name)
                self._entry(size_tag, _SIZE, 0, name)
        if self.hash.size:
            self._entry(elf.DT_HASH, _ADDRESS, 0, ".hash")
        if self.gnu_hash.size:
            self._entry(elf.DT_GNU_HASH, _ADDRESS, 0, ".gnu.hash")
        self._entry(elf.DT_STRTAB, _ADDRESS, 0, ".dynstr")
        self._entry(elf.DT_SYMTAB, _ADDRESS, 0, ".dynsym")
        self._entry(elf.DT_STRSZ, _SIZE, 0, ".dynstr")
        self._entry(elf.DT_SYMENT, _VALUE, self.dynsym.entry_size)
        if link.executable:
            self._entry(elf.DT_DEBUG, _VALUE, 0)
        self._relocation_entries()
        self._flag_entries()
        if self.verdef.size:
            self._entry(elf.DT_VERDEF, _ADDRESS, 0, ".gnu.version_d")
            self._entry(elf.DT_VERDEFNUM, _VALUE, self.verdef_count)
        if self.verneed.size:
            self._entry(elf.DT_VERNEED, _ADDRESS, 0, ".gnu.version_r")
            self._entry(elf.DT_VERNEEDNUM, _VALUE, self.verneed_count)
        if self.versym.size:
            self._entry(elf.DT_VERSYM, _ADDRESS, 0, ".gnu.version")

    def _relocation_entries(self) -> None:
        link = self.link
        rela = link.target.uses_rela
        if self.tables.gotplt.size:
            self._entry(elf.DT_PLTGOT, _ADDRESS, 0, ".got.plt")
        if self.rela_plt.size:
            self._entry(elf.DT_PLTRELSZ, _SIZE, 0, self.rela_plt.name)
            self._entry(elf.DT_PLTREL, _VALUE, elf.DT_RELA if rela else elf.DT_REL)
            self._entry(elf.DT_JMPREL, _ADDRESS, 0, self.rela_plt.name)
        if self.rela_dyn.size:
            self._entry(elf.DT_RELA if rela else elf.DT_REL, _ADDRESS, 0, self.rela_dyn.name)
            self._entry(elf.DT_RELASZ if rela else elf.DT_RELSZ, _SIZE, 0, self.rela_dyn.name)
            self._entry(elf.DT_RELAENT if rela else elf.DT_RELENT, _VALUE, self.rela_dyn.entry_size)
            count = sum(1 for r in link.dynamic_relocations if r.type == link.target.relative)
            if count:
                self._entry(elf.DT_RELACOUNT if rela else elf.DT_RELCOUNT, _VALUE, count)

    def _flag_entries(self) -> None:
        link = self.link
        options = link.options
        flags = 0
        flags_1 = options.flags_1
        if options.symbolic:
            flags |= elf.DF_SYMBOLIC
        if options.bind_now:
            flags |= elf.DF_BIND_NOW
            flags_1 |= elf.DF_1_NOW
        if options.origin:
            flags |= elf.DF_ORIGIN
            flags_1 |= elf.DF_1_ORIGIN
        if link.static_tls:
            flags |= elf.DF_STATIC_TLS
        if link.text_relocations:
            flags |= elf.DF_TEXTREL
            self._entry(elf.DT_TEXTREL, _VALUE, 0)
        if link.executable and link.pic:
            flags_1 |= elf.DF_1_PIE
        if flags:
            self._entry(elf.DT_FLAGS, _VALUE, flags)
        if flags_1:
            self._entry(elf.DT_FLAGS_1, _VALUE, flags_1)

    # After layout

    def fill(self) -> None:
        link = self.link
        by_name: dict[str, OutputSection] = {}
        for output in link.outputs:
            by_name.setdefault(output.name, output)
        self._fill_relocations()
        if not link.dynamic:
            return
        pack = Struct("<QQ" if self.wide else "<II").pack
        out = bytearray()
        for tag, how, value, name in self.entries:
            if how == _ADDRESS:
                value = by_name[name].address
            elif how == _SIZE:
                value = by_name[name].size
            elif how == _SYMBOL:
                value = link.symbols[name].address
            out += pack(tag, value)
        out += pack(0, 0)
        self.dynamic.contents = out
        self._fill_symbols()

    def _fill_relocations(self) -> None:
        """Relative ones first (DT_RELACOUNT), indirect functions last, the rest by symbol."""
        target = self.link.target
        rows: list[tuple[int, int, int, int, int]] = []
        for relocation in self.link.dynamic_relocations:
            order = 0 if relocation.type == target.relative else 2 if relocation.type == target.irelative else 1
            index, addend = self._symbol_and_addend(relocation)
            rows.append((order, index, relocation.section.address + relocation.offset, relocation.type, addend))
        rows.sort()
        self.rela_dyn.contents = self._pack([(place, type, index, addend) for _o, index, place, type, addend in rows])
        plt: list[tuple[int, int, int, int]] = []
        for relocation in self.link.plt_relocations:
            index, addend = self._symbol_and_addend(relocation)
            plt.append((relocation.section.address + relocation.offset, relocation.type, index, addend))
        self.rela_plt.contents = self._pack(plt)

    def _symbol_and_addend(self, relocation: DynamicRelocation) -> tuple[int, int]:
        symbol = relocation.symbol
        if symbol is None:
            return 0, relocation.addend
        if not relocation.by_address:
            return symbol.dynamic_index, 0 if relocation.type == self.link.target.copy else relocation.addend
        target = self.link.target
        if relocation.type == target.irelative:
            return 0, own_address(symbol)
        address = symbol.address
        if symbol.merged and symbol.section is not None and symbol.section.merge is not None:
            merge = symbol.section.merge
            return 0, merge.into.address + merge.offset(symbol.value + relocation.addend)
        if relocation.type in (target.tpoff, target.tlsdesc):
            address -= self.link.tls_start
        return 0, address + relocation.addend

    def _pack(self, rows: list[tuple[int, int, int, int]]) -> bytes:
        if self.wide:
            pack = Struct("<QIIq").pack
            return b"".join([pack(place, type, index, _signed64(addend)) for place, type, index, addend in rows])
        if self.link.target.uses_rela:
            return b"".join([Struct("<IIi").pack(p, i << 8 | t, a) for p, t, i, a in rows])
        return b"".join([Struct("<II").pack(p, i << 8 | t) for p, t, i, _a in rows])

    def _fill_symbols(self) -> None:
        link = self.link
        out = bytearray(self.dynsym.entry_size)
        pack64 = Struct("<IBBHQQ").pack
        pack32 = Struct("<IIIBBH").pack
        for symbol in self.symbols:
            name = self.strings.add(base_name(symbol))
            shndx, value, type = self._placement(symbol)
            binding = symbol.binding if symbol.binding else STB_GLOBAL
            if symbol.place == SHARED or symbol.copied:
                binding = STB_GLOBAL if symbol.strong_reference or symbol.copied else STB_WEAK
            info = binding << 4 | type
            other = symbol.visibility | symbol.other
            size = symbol.size if symbol.is_defined() else 0
            if self.wide:
                out += pack64(name, info, other, shndx, value, size)
            else:
                out += pack32(name, value, size, info, other, shndx)
        self.dynsym.contents = out
        assert link.dynamic

    def _placement(self, symbol: LinkSymbol) -> tuple[int, int, int]:
        """Section index, value and type in .dynsym."""
        type = symbol.type
        if symbol.place == UNDEFINED or symbol.place == SHARED:
            value = symbol.address if symbol.canonical_plt else 0
            return elf.SHN_UNDEF, value, STT_FUNC if type == STT_GNU_IFUNC else type
        if symbol.place == ABSOLUTE:
            return elf.SHN_ABS, symbol.value & 0xFFFFFFFFFFFFFFFF, type
        index = elf.SHN_ABS
        section = symbol.section
        if section is not None:
            if section.merge is not None:
                section = section.merge.into
            if section.output is not None:
                index = section.output.index or elf.SHN_ABS
        if type == STT_TLS:
            return index, symbol.address - self.link.tls_start, type
        if type == STT_GNU_IFUNC:
            if symbol.iplt >= 0:
                return index, symbol.address, STT_FUNC
            return index, own_address(symbol), type
        return index, symbol.address, type


def _bucket_key(item: tuple[int, int, int, LinkSymbol]) -> tuple[int, int]:
    return item[0], item[1]


def _signed64(value: int) -> int:
    value &= 0xFFFFFFFFFFFFFFFF
    return value - (1 << 64) if value >> 63 else value
