"""ELF files in: `read_object(bytes, name)` makes an `ObjectFile` of a relocatable object.

Two layers.  `ElfFile` checks the header and decodes the section header table, and hands out raw section
contents, symbol tuples and relocation tuples on demand: the linker reads inputs through it without
building an object per relocation.  `read_object` builds the in-memory model from it.

Every malformed input raises `ObjectFormatError` with one sentence, and nothing else: all offsets are
checked against the file before they are used.
"""

from struct import Struct, error, iter_unpack, unpack_from
from typing import Final, final

from ourocc.objects.elf_numbers import (
    ELF_MAGIC,
    ELFCLASS32,
    ELFCLASS64,
    ELFDATA2LSB,
    ET_REL,
    GRP_COMDAT,
    SHN_ABS,
    SHN_COMMON,
    SHN_LORESERVE,
    SHN_UNDEF,
    SHN_XINDEX,
    SHT_GROUP,
    SHT_NULL,
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
    SHF_LINK_ORDER,
    SHT_NOBITS,
    SHT_STRTAB,
    STB_LOCAL,
    STT_SECTION,
    UNDEFINED,
    Group,
    ObjectFile,
    Relocation,
    Section,
    Symbol,
)

_HEADER64: Final = Struct("<HHIQQQIHHHHHH")  # from e_type on
_HEADER32: Final = Struct("<HHIIIIIHHHHHH")


class ObjectFormatError(Exception):
    """The bytes are not an object that we can read; `message` says what is wrong and in which file."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@final
class SectionHeader:
    """One decoded section header; field names are the gABI's without the `sh_`."""

    def __init__(self, fields: tuple[int, int, int, int, int, int, int, int, int, int]) -> None:
        self.name_offset = fields[0]
        self.type = fields[1]
        self.flags = fields[2]
        self.address = fields[3]
        self.offset = fields[4]
        self.size = fields[5]
        self.link = fields[6]
        self.info = fields[7]
        self.alignment = fields[8]
        self.entry_size = fields[9]
        self.name = ""


# A symbol table entry, the same for both classes: name offset, info, other, section index, value, size
RawSymbol = tuple[int, int, int, int, int, int]
# A relocation: offset, type, symbol index, addend
RawRelocation = tuple[int, int, int, int]


@final
class ElfFile:
    """The checked skeleton of an ELF file: header fields, section headers, and access to contents."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.bits = 64
        self.type = 0
        self.machine = 0
        self.flags = 0
        self.entry = 0
        self.program_header_offset = 0
        self.program_header_count = 0
        self.program_header_size = 0
        self.sections: list[SectionHeader] = []
        self.section_name_index = 0
        self._read_header()

    def fail(self, message: str) -> ObjectFormatError:
        return ObjectFormatError(f"{self.name}: {message}")

    def _read_header(self) -> None:
        data = self.data
        if len(data) < 20 or data[:4] != ELF_MAGIC:
            raise self.fail("file format not recognized: not an ELF file")
        elf_class = data[4]
        if elf_class not in (ELFCLASS32, ELFCLASS64):
            raise self.fail(f"unknown ELF class {elf_class}")
        if data[5] != ELFDATA2LSB:
            raise self.fail("big-endian ELF files are not supported")
        header = _HEADER64
        if elf_class == ELFCLASS32:
            self.bits = 32
            header = _HEADER32
        if len(data) < 16 + header.size:
            raise self.fail("file is truncated: the ELF header is incomplete")
        fields = header.unpack_from(data, 16)
        self.type = fields[0]
        self.machine = fields[1]
        self.entry = fields[3]
        self.program_header_offset = fields[4]
        self.flags = fields[6]
        self.program_header_size = fields[8]
        self.program_header_count = fields[9]
        self._read_section_headers(fields[5], fields[10], fields[11], fields[12])

    def _read_section_headers(self, offset: int, entry_size: int, count: int, name_index: int) -> None:
        """Decode the table; counts too big for the header stand in entry 0 (gABI, "ELF Header")."""
        if offset == 0:
            return
        form = "<IIQQQQIIQQ" if self.bits == 64 else "<IIIIIIIIII"
        wanted = 64 if self.bits == 64 else 40
        if entry_size != wanted:
            raise self.fail(f"section header entry size is {entry_size}, not {wanted}")
        data = self.data
        if offset + wanted > len(data):
            raise self.fail("section header table lies outside of the file")
        first = unpack_from(form, data, offset)
        if count == 0:
            count = first[5]
        if name_index == SHN_XINDEX:
            name_index = first[6]
        if offset + count * wanted > len(data):
            raise self.fail("section header table lies outside of the file")
        self.section_name_index = name_index
        sections = self.sections
        for fields in iter_unpack(form, data[offset : offset + count * wanted]):
            sections.append(SectionHeader(fields))
        if name_index == 0:
            return
        if name_index >= count:
            raise self.fail(f"section name table index {name_index} is out of range")
        names = self.contents(name_index)
        for section in sections:
            section.name = self.string(names, section.name_offset)

    def contents(self, index: int) -> bytes:
        """The bytes of a section (empty for SHT_NOBITS)."""
        header = self.sections[index]
        if header.type == SHT_NOBITS or header.type == SHT_NULL:
            return b""
        end = header.offset + header.size
        if end > len(self.data):
            raise self.fail(f"section [{index}] '{header.name}' lies outside of the file")
        return self.data[header.offset : end]

    def string(self, table: bytes, offset: int) -> str:
        end = table.find(b"\0", offset)
        if offset > len(table) or end < 0:
            if offset == 0:
                return ""
            raise self.fail(f"string offset {offset} lies outside of its string table")
        return table[offset:end].decode("utf-8", "surrogateescape")

    def linked_strings(self, index: int) -> bytes:
        """The string table that section `index` names in sh_link."""
        link = self.sections[index].link
        if link == 0 or link >= len(self.sections) or self.sections[link].type != SHT_STRTAB:
            raise self.fail(f"section [{index}] has no valid string table (sh_link {link})")
        return self.contents(link)

    def symbols(self, index: int) -> list[RawSymbol]:
        """The entries of symbol table section `index`."""
        data = self.contents(index)
        if self.bits == 64:
            if len(data) % 24:
                raise self.fail("symbol table size is not a multiple of its entry size")
            return list(iter_unpack("<IBBHQQ", data))
        if len(data) % 16:
            raise self.fail("symbol table size is not a multiple of its entry size")
        return [(n, i, o, s, v, z) for n, v, z, i, o, s in iter_unpack("<IIIBBH", data)]

    def extended_indices(self, symbol_table: int) -> list[int]:
        """The SHT_SYMTAB_SHNDX words that belong to a symbol table; empty when there are none."""
        for index, header in enumerate(self.sections):
            if header.type == SHT_SYMTAB_SHNDX and header.link == symbol_table:
                data = self.contents(index)
                return [word[0] for word in iter_unpack("<I", data[: len(data) & ~3])]
        return []

    def relocations(self, index: int) -> list[RawRelocation]:
        """The entries of relocation section `index`; REL entries get the addend that stands in the place."""
        header = self.sections[index]
        data = self.contents(index)
        if header.type == SHT_RELA:
            if self.bits == 64:
                if len(data) % 24:
                    raise self.fail(f"section '{header.name}': size is not a multiple of its entry size")
                return list(iter_unpack("<QIIq", data))
            if len(data) % 12:
                raise self.fail(f"section '{header.name}': size is not a multiple of its entry size")
            return [(o, i & 0xFF, i >> 8, a) for o, i, a in iter_unpack("<IIi", data)]
        if self.bits == 64 or self.machine != EM_386:
            raise self.fail(f"section '{header.name}': REL relocations are supported for i386 only")
        if len(data) % 8:
            raise self.fail(f"section '{header.name}': size is not a multiple of its entry size")
        if header.info >= len(self.sections):
            raise self.fail(f"section '{header.name}' relocates section {header.info}, which does not exist")
        place = self.contents(header.info)
        result: list[RawRelocation] = []
        for offset, info in iter_unpack("<II", data):
            kind = info & 0xFF
            size = 1 if kind in (22, 23) else 2 if kind in (20, 21) else 0 if kind in (0, 40) else 4
            if offset + size > len(place):
                raise self.fail(f"section '{header.name}': relocation offset {offset:#x} is out of range")
            addend = int.from_bytes(place[offset : offset + size], "little", signed=True) if size else 0
            result.append((offset, kind, info >> 8, addend))
        return result


def read_object(data: bytes, name: str) -> ObjectFile:
    """Decode a relocatable object.  Raises `ObjectFormatError` for anything that is not a well-formed one."""
    try:
        return _Reader(ElfFile(data, name)).read()
    except (error, IndexError, ValueError, OverflowError, MemoryError, KeyError) as broken:
        # The checks below catch what they can name; this is the net under them.
        raise ObjectFormatError(f"{name}: malformed ELF file ({broken})") from None


@final
class _Reader:
    """Builds an ObjectFile from an ElfFile: sections, then symbols, then groups and relocations."""

    def __init__(self, elf: ElfFile) -> None:
        self.elf = elf
        self.object = ObjectFile(elf.machine, elf.flags)
        self.object.bits = elf.bits
        self.object.name = elf.name
        self.sections: list[Section | None] = []  # by ELF index; None for the derived ones
        self.symbols: list[Symbol] = []  # by ELF index
        self.symbol_table = 0

    def read(self) -> ObjectFile:
        elf = self.elf
        if elf.type != ET_REL:
            raise elf.fail("not a relocatable object")
        for index, header in enumerate(elf.sections):
            if header.type == SHT_SYMTAB:
                if self.symbol_table:
                    raise elf.fail("more than one symbol table")
                self.symbol_table = index
        self._read_sections()
        if self.symbol_table:
            self._read_symbols()
        for index, header in enumerate(elf.sections):
            if header.type == SHT_GROUP:
                self._read_group(index)
            elif header.type == SHT_RELA or header.type == SHT_REL:
                self._read_relocations(index)
        return self.object

    def _read_sections(self) -> None:
        elf = self.elf
        string_tables = {elf.section_name_index}
        if self.symbol_table:
            string_tables.add(elf.sections[self.symbol_table].link)
        derived = (SHT_NULL, SHT_SYMTAB, SHT_RELA, SHT_REL, SHT_GROUP, SHT_SYMTAB_SHNDX)
        for index, header in enumerate(elf.sections):
            if header.type in derived or (header.type == SHT_STRTAB and index in string_tables):
                self.sections.append(None)
                continue
            alignment = header.alignment
            if alignment & (alignment - 1):
                raise elf.fail(f"section '{header.name}': alignment {alignment} is not a power of two")
            section = Section(header.name, header.type, header.flags, max(alignment, 1))
            section.entry_size = header.entry_size
            if header.type == SHT_NOBITS:
                section.nobits_size = header.size
            else:
                section.data = bytearray(elf.contents(index))
            self.sections.append(section)
            self.object.sections.append(section)
        for index, header in enumerate(elf.sections):
            made = self.sections[index]
            if made is not None and header.flags & SHF_LINK_ORDER and 0 < header.link < len(self.sections):
                made.link = self.sections[header.link]

    def _read_symbols(self) -> None:
        elf = self.elf
        table = self.symbol_table
        names = elf.linked_strings(table)
        extended = elf.extended_indices(table)
        for index, (name_offset, info, other, shndx, value, size) in enumerate(elf.symbols(table)):
            symbol = Symbol(elf.string(names, name_offset))
            symbol.binding = info >> 4
            symbol.type = info & 15
            symbol.visibility = other & 3
            symbol.other = other & ~3
            symbol.value = value
            symbol.size = size
            self.symbols.append(symbol)
            if index == 0:
                continue
            if shndx == SHN_XINDEX and index < len(extended):
                shndx = extended[index]
            elif shndx == SHN_ABS:
                symbol.place = ABSOLUTE
                shndx = -1
            elif shndx == SHN_COMMON:
                symbol.place = COMMON
                shndx = -1
            elif shndx >= SHN_LORESERVE:
                raise elf.fail(f"symbol '{symbol.name}' has unknown section index {shndx:#x}")
            self._place_symbol(symbol, shndx)

    def _place_symbol(self, symbol: Symbol, shndx: int) -> None:
        if shndx == SHN_UNDEF:
            symbol.place = UNDEFINED
        elif shndx > 0:
            if shndx >= len(self.sections):
                raise self.elf.fail(f"symbol '{symbol.name}' is in section {shndx}, which does not exist")
            section = self.sections[shndx]
            if section is None:
                # A symbol on a derived section (readers never need it): drop its definition quietly.
                if symbol.type != STT_SECTION:
                    raise self.elf.fail(f"symbol '{symbol.name}' is in a section that holds no code or data")
                return
            symbol.place = DEFINED
            symbol.section = section
            if symbol.type == STT_SECTION and section.symbol is None:
                section.symbol = symbol
                symbol.name = ""
        if "@" in symbol.name and symbol.name[0] != "@":
            at = symbol.name.index("@")
            symbol.version = symbol.name[at:]
            symbol.name = symbol.name[:at]
        self.object.symbols.append(symbol)

    def _read_group(self, index: int) -> None:
        elf = self.elf
        header = elf.sections[index]
        words = [word[0] for word in iter_unpack("<I", elf.contents(index))]
        if not words or header.link != self.symbol_table or header.info >= len(self.symbols):
            raise elf.fail(f"section group [{index}] is malformed")
        signature = self.symbols[header.info]
        if signature.type == STT_SECTION and signature.section is not None and not signature.name:
            signature.name = signature.section.name  # GNU as: a section symbol signs by its section's name
        group = Group(signature, (words[0] & GRP_COMDAT) != 0)
        for member in words[1:]:
            if member >= len(self.sections):
                raise elf.fail(f"section group [{index}] names section {member}, which does not exist")
            section = self.sections[member]
            if section is not None:
                section.group = group
                group.members.append(section)
        self.object.groups.append(group)

    def _read_relocations(self, index: int) -> None:
        elf = self.elf
        header = elf.sections[index]
        target = self.sections[header.info] if header.info < len(self.sections) else None
        if target is None or header.link != self.symbol_table:
            raise elf.fail(f"relocation section '{header.name}' is malformed")
        limit = target.size()
        symbols = self.symbols
        append = target.relocations.append
        for offset, kind, symbol, addend in elf.relocations(index):
            if symbol >= len(symbols):
                raise elf.fail(
                    f"section '{header.name}': relocation names symbol {symbol}, which does not exist"
                )
            if offset > limit:
                raise elf.fail(f"section '{header.name}': relocation offset {offset:#x} is out of range")
            append(Relocation(offset, kind, symbols[symbol], addend))


def is_local(info: int) -> bool:
    """Whether a raw st_info names a local symbol."""
    return info >> 4 == STB_LOCAL
