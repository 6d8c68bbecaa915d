"""ELF files out: `write_object(ObjectFile) -> bytes` serializes a relocatable object (ET_REL).

Order of the file: header, sections with their contents (groups first, as the gABI asks), relocation
sections each behind the section that it relocates, symbol table, string tables, section header table.
The same object always gives the same bytes: nothing here iterates over a set or depends on identity.
"""

from struct import Struct
from typing import Final, final

from ourocc.objects.elf_numbers import (
    ELF_MAGIC,
    ELFCLASS32,
    ELFCLASS64,
    ELFDATA2LSB,
    ELFOSABI_GNU,
    ELFOSABI_NONE,
    ET_REL,
    EV_CURRENT,
    GRP_COMDAT,
    SHN_ABS,
    SHN_COMMON,
    SHN_LORESERVE,
    SHN_UNDEF,
    SHN_XINDEX,
    SHT_GROUP,
    SHT_REL,
    SHT_RELA,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
)
from ourocc.objects.model import (
    ABSOLUTE,
    COMMON,
    DEFINED,
    EM_386,
    SHF_GROUP,
    SHF_INFO_LINK,
    SHF_LINK_ORDER,
    SHT_NOBITS,
    SHT_STRTAB,
    STB_GNU_UNIQUE,
    STB_LOCAL,
    STT_FILE,
    STT_GNU_IFUNC,
    STT_SECTION,
    ObjectFile,
    Relocation,
    Section,
    Symbol,
)

_SYMBOL64: Final = Struct("<IBBHQQ")
_SYMBOL32: Final = Struct("<IIIBBH")
_RELA64: Final = Struct("<QIIq")
_RELA32: Final = Struct("<IIi")
_REL32: Final = Struct("<II")


@final
class StringTable:
    """An ELF string table under construction; every distinct string is stored once."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")
        self.offsets: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        offset = self.offsets.get(text, -1)
        if offset < 0:
            offset = len(self.data)
            self.offsets[text] = offset
            self.data += text.encode("utf-8", "surrogateescape") + b"\0"
        return offset


@final
class _Header:
    """A section header to be; `data` is written where `offset` is then set."""

    def __init__(self, name: str, type: int, flags: int, data: bytes | bytearray, alignment: int) -> None:
        self.name = name
        self.type = type
        self.flags = flags
        self.data = data
        self.size = len(data)
        self.alignment = alignment
        self.link = 0
        self.info = 0
        self.entry_size = 0
        self.offset = 0


def write_object(obj: ObjectFile) -> bytes:
    """The bytes of the ELF file for `obj`."""
    return _Writer(obj).write()


def symbol_name(symbol: Symbol) -> str:
    """The name in the symbol table: a .symver version is part of it."""
    return symbol.name if symbol.version is None else symbol.name + symbol.version


@final
class _Writer:
    def __init__(self, obj: ObjectFile) -> None:
        self.object = obj
        self.wide = obj.bits == 64
        self.headers: list[_Header] = [_Header("", 0, 0, b"", 0)]
        self.symbols: list[Symbol] = []  # index i of the list is ELF index i + 1
        self.local_count = 0
        self.strings = StringTable()
        self.uses_gnu_extensions = False

    def write(self) -> bytes:
        obj = self.object
        self._number_sections()
        self._collect_symbols()
        symbol_table_index = self._symbol_table_index()
        self._fill_groups(symbol_table_index)
        self._fill_relocations(symbol_table_index)
        self._append_symbol_table()
        names = StringTable()
        self.headers.append(_Header(".shstrtab", SHT_STRTAB, 0, names.data, 1))
        name_offsets = [names.add(header.name) for header in self.headers]
        self.headers[-1].size = len(names.data)
        for section in obj.sections:
            section.index = -1
        return self._serialize(name_offsets)

    def _number_sections(self) -> None:
        """Headers of groups, then of sections each followed by the place of its relocations."""
        for group in self.object.groups:
            header = _Header(".group", SHT_GROUP, 0, b"", 4)
            header.entry_size = 4
            self.headers.append(header)
            for member in group.members:
                member.flags |= SHF_GROUP
        relocation_type = SHT_REL if self.object.machine == EM_386 else SHT_RELA
        prefix = ".rel" if relocation_type == SHT_REL else ".rela"
        for section in self.object.sections:
            section.index = len(self.headers)
            header = _Header(section.name, section.type, section.flags, section.data, section.alignment)
            header.entry_size = section.entry_size
            if section.type == SHT_NOBITS:
                header.data = b""
                header.size = section.nobits_size
            self.headers.append(header)
            if section.relocations:
                flags = SHF_INFO_LINK | (section.flags & SHF_GROUP)
                header = _Header(prefix + section.name, relocation_type, flags, b"", 8 if self.wide else 4)
                header.info = section.index
                self.headers.append(header)
        for section in self.object.sections:
            if section.link is not None:
                self.headers[section.index].link = section.link.index
                self.headers[section.index].flags |= SHF_LINK_ORDER

    def _collect_symbols(self) -> None:
        """Locals before globals; file symbols first, then section symbols that are used, then the rest."""
        listed: dict[int, bool] = {}
        files: list[Symbol] = []
        local: list[Symbol] = []
        shared: list[Symbol] = []
        sections: list[Symbol] = []
        self.listed = listed
        for symbol in self.object.symbols:
            if id(symbol) in listed:
                continue
            listed[id(symbol)] = True
            if symbol.binding != STB_LOCAL:
                shared.append(symbol)
            elif symbol.type == STT_FILE:
                files.append(symbol)
            elif symbol.type != STT_SECTION:
                local.append(symbol)
            else:
                listed.pop(id(symbol))  # only if a relocation or a group wants it
        for group in self.object.groups:
            self._mention(group.signature, sections, local, shared)
        for section in self.object.sections:
            for relocation in section.relocations:
                if id(relocation.symbol) not in listed:
                    self._mention(relocation.symbol, sections, local, shared)
        self.symbols = files + sections + local + shared
        self.local_count = len(self.symbols) - len(shared)
        for index, symbol in enumerate(self.symbols):
            symbol.index = index + 1
            if symbol.type == STT_GNU_IFUNC or symbol.binding == STB_GNU_UNIQUE:
                self.uses_gnu_extensions = True

    def _mention(
        self, symbol: Symbol, sections: list[Symbol], local: list[Symbol], shared: list[Symbol]
    ) -> None:
        if id(symbol) in self.listed:
            return
        self.listed[id(symbol)] = True
        if symbol.type == STT_SECTION:
            sections.append(symbol)
        elif symbol.binding == STB_LOCAL and not _is_null(symbol):
            local.append(symbol)
        elif not _is_null(symbol):
            shared.append(symbol)
        else:
            symbol.index = 0

    def _symbol_table_index(self) -> int:
        return len(self.headers)

    def _fill_groups(self, symbol_table: int) -> None:
        relocated: dict[int, int] = {}
        for index, header in enumerate(self.headers):
            if header.type in (SHT_RELA, SHT_REL):
                relocated[header.info] = index
        for number, group in enumerate(self.object.groups):
            header = self.headers[number + 1]
            words = [GRP_COMDAT if group.comdat else 0]
            for member in group.members:
                words.append(member.index)
                if member.index in relocated:
                    words.append(relocated[member.index])
            header.data = b"".join(word.to_bytes(4, "little") for word in words)
            header.size = len(header.data)
            header.link = symbol_table
            header.info = group.signature.index

    def _fill_relocations(self, symbol_table: int) -> None:
        position = len(self.object.groups) + 1
        for section in self.object.sections:
            position += 1
            if not section.relocations:
                continue
            header = self.headers[position]
            position += 1
            header.link = symbol_table
            if self.wide:
                header.entry_size = 24
                pack = _RELA64.pack
                header.data = b"".join(
                    [
                        pack(r.offset, r.type, r.symbol.index, _signed(r.addend, 64))
                        for r in section.relocations
                    ]
                )
            elif self.object.machine == EM_386:
                header.entry_size = 8
                self._implicit_addends(section, self.headers[header.info])
                header.data = b"".join(
                    [_REL32.pack(r.offset, r.symbol.index << 8 | r.type) for r in section.relocations]
                )
            else:
                header.entry_size = 12
                header.data = b"".join([_rela32(r) for r in section.relocations])
            header.size = len(header.data)

    def _implicit_addends(self, section: Section, header: _Header) -> None:
        """i386 keeps addends in the relocated place (REL)."""
        data = bytearray(section.data)
        for r in section.relocations:
            size = 1 if r.type in (22, 23) else 2 if r.type in (20, 21) else 0 if r.type in (0, 40) else 4
            if size:
                mask = (1 << (8 * size)) - 1
                data[r.offset : r.offset + size] = (r.addend & mask).to_bytes(size, "little")
        header.data = data

    def _append_symbol_table(self) -> None:
        entries: list[bytes] = [bytes(24 if self.wide else 16)]
        extended: list[int] = [0]
        needs_extended = False
        add_name = self.strings.add
        pack = _SYMBOL64.pack
        for symbol in self.symbols:
            shndx = SHN_UNDEF
            wide_index = 0
            if symbol.place == DEFINED:
                assert symbol.section is not None
                shndx = symbol.section.index
                if shndx < 0:
                    raise ValueError(
                        f"symbol '{symbol.name}' is in section '{symbol.section.name}' of another object"
                    )
                if shndx >= SHN_LORESERVE:
                    wide_index = shndx
                    shndx = SHN_XINDEX
                    needs_extended = True
            elif symbol.place == ABSOLUTE:
                shndx = SHN_ABS
            elif symbol.place == COMMON:
                shndx = SHN_COMMON
            extended.append(wide_index)
            name = 0 if symbol.type == STT_SECTION else add_name(symbol_name(symbol))
            info = symbol.binding << 4 | symbol.type
            other = symbol.visibility | symbol.other
            if self.wide:
                mask = 0xFFFFFFFFFFFFFFFF
                entries.append(pack(name, info, other, shndx, symbol.value & mask, symbol.size & mask))
            else:
                value = symbol.value & 0xFFFFFFFF
                entries.append(_SYMBOL32.pack(name, value, symbol.size & 0xFFFFFFFF, info, other, shndx))
        table = _Header(".symtab", SHT_SYMTAB, 0, b"".join(entries), 8 if self.wide else 4)
        table.entry_size = 24 if self.wide else 16
        table.info = self.local_count + 1
        index = len(self.headers)
        self.headers.append(table)
        if needs_extended:
            words = b"".join(word.to_bytes(4, "little") for word in extended)
            shndx_header = _Header(".symtab_shndx", SHT_SYMTAB_SHNDX, 0, words, 4)
            shndx_header.entry_size = 4
            shndx_header.link = index
            self.headers.append(shndx_header)
        table.link = len(self.headers)
        self.headers.append(_Header(".strtab", SHT_STRTAB, 0, self.strings.data, 1))

    def _serialize(self, name_offsets: list[int]) -> bytes:
        wide = self.wide
        out = bytearray(64 if wide else 52)
        for header in self.headers[1:]:
            if header.alignment > 1:
                out += bytes(-len(out) % header.alignment)
            header.offset = len(out)
            out += header.data
        out += bytes(-len(out) % 8)
        table_offset = len(out)
        count = len(self.headers)
        name_index = count - 1
        if count >= SHN_LORESERVE:
            self.headers[0].size = count
            self.headers[0].link = name_index
        form = Struct("<IIQQQQIIQQ" if wide else "<IIIIIIIIII")
        for header, name in zip(self.headers, name_offsets, strict=True):
            out += form.pack(
                name,
                header.type,
                header.flags,
                0,
                header.offset,
                header.size,
                header.link,
                header.info,
                header.alignment,
                header.entry_size,
            )
        identification = bytes(
            [
                ELFCLASS64 if wide else ELFCLASS32,
                ELFDATA2LSB,
                EV_CURRENT,
                ELFOSABI_GNU if self.uses_gnu_extensions else ELFOSABI_NONE,
            ]
        )
        out[:8] = ELF_MAGIC + identification
        Struct("<HHIQQQIHHHHHH" if wide else "<HHIIIIIHHHHHH").pack_into(
            out,
            16,
            ET_REL,
            self.object.machine,
            EV_CURRENT,
            0,
            0,
            table_offset,
            self.object.flags,
            64 if wide else 52,
            0,
            0,
            64 if wide else 40,
            count if count < SHN_LORESERVE else 0,
            name_index if count < SHN_LORESERVE else SHN_XINDEX,
        )
        return bytes(out)


def _rela32(relocation: Relocation) -> bytes:
    return _RELA32.pack(
        relocation.offset, relocation.symbol.index << 8 | relocation.type, _signed(relocation.addend, 32)
    )


def _signed(value: int, bits: int) -> int:
    """`value` wrapped into the range of a signed integer of `bits` bits."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _is_null(symbol: Symbol) -> bool:
    """The unnamed undefined local: ELF's symbol 0, which relocations without a symbol use."""
    return symbol.binding == STB_LOCAL and symbol.place not in (DEFINED, ABSOLUTE) and not symbol.name
