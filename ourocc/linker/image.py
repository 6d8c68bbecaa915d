"""The output file: section contents, relocated; symbol table; headers.

In: a link whose layout is final.  Out: the bytes of the ELF image.
"""

from struct import Struct
from typing import final

from ourocc.linker.elements import InputFile, InputSection, Link, LinkSymbol, OutputSection
from ourocc.linker.frames import FrameTable
from ourocc.linker.layout import Layout
from ourocc.linker.options import STRIP_ALL, STRIP_NONE
from ourocc.linker.relocate import Relocator, section_address
from ourocc.linker.resolve import base_name
from ourocc.linker.tables import Tables, own_address
from ourocc.objects import elf_numbers as elf
from ourocc.objects.elf_writer import StringTable
from ourocc.objects.model import (
    ABSOLUTE,
    DEFINED,
    SHF_EXECINSTR,
    SHF_INFO_LINK,
    SHT_NOBITS,
    SHT_STRTAB,
    STB_GNU_UNIQUE,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_FUNC,
    STT_GNU_IFUNC,
    STT_SECTION,
    STT_TLS,
    UNDEFINED,
)


@final
class ImageWriter:
    def __init__(self, link: Link, layout: Layout, tables: Tables, frames: FrameTable) -> None:
        self.link = link
        self.layout = layout
        self.tables = tables
        self.frames = frames
        self.wide = link.target.bits == 64
        self.uses_gnu_extensions = False
        self.sections: list[OutputSection] = []  # with a header, by index - 1

    def number_sections(self) -> None:
        """Indices of the output sections; empty ones get no header."""
        self.sections = [o for o in self.link.outputs if o.size or not o.is_allocated() and o.inputs]
        for index, output in enumerate(self.sections):
            output.index = index + 1
        previous = 0
        for output in self.link.outputs:
            if output.index:
                previous = output.index
            else:
                output.index = previous  # symbols in an empty section belong to its neighbour
        by_name = {output.name: output for output in self.sections}
        links = {
            ".dynsym": ".dynstr",
            ".gnu.version": ".dynsym",
            ".gnu.version_d": ".dynstr",
            ".gnu.version_r": ".dynstr",
            ".gnu.hash": ".dynsym",
            ".hash": ".dynsym",
            ".rela.dyn": ".dynsym",
            ".rela.plt": ".dynsym",
            ".rel.dyn": ".dynsym",
            ".rel.plt": ".dynsym",
            ".dynamic": ".dynstr",
        }
        for name, target in links.items():
            if name in by_name and target in by_name:
                by_name[name].link = by_name[target]
        for name in (".rela.plt", ".rel.plt"):
            if name in by_name and ".got.plt" in by_name and self.link.dynamic:
                by_name[name].info_section = by_name[".got.plt"]
                by_name[name].flags |= SHF_INFO_LINK
        for output in self.sections:
            linked = output.inputs[0].link if output.inputs else None
            if output.flags & 0x80 and linked is not None:
                output.link = linked.output

    def write(self, dynamic_version_counts: tuple[int, int]) -> bytearray:
        """The finished image (but for a hashed build-id)."""
        layout = self.layout
        image = bytearray(layout.end_of_file)
        nop = self.link.target.nop
        for output in self.link.outputs:
            if output.type == SHT_NOBITS:
                continue
            if output.flags & SHF_EXECINSTR and output.size:
                fill = output.fill or nop
                image[output.offset : output.offset + output.size] = (fill * (output.size // len(fill) + 1))[
                    : output.size
                ]
            elif output.fill and output.size:
                fill = output.fill
                image[output.offset : output.offset + output.size] = (fill * (output.size // len(fill) + 1))[
                    : output.size
                ]
            for section in output.inputs:
                if section.type != SHT_NOBITS:
                    data = section.data()
                    start = output.offset + section.offset
                    image[start : start + len(data)] = data
        for output, offset, content in self.layout.fills:
            if output.type != SHT_NOBITS:
                image[output.offset + offset : output.offset + offset + len(content)] = content
        relocator = Relocator(self.link, self.tables, image)
        frames = self.frames.section
        for output in self.link.outputs:
            for section in output.inputs:
                if section.relocation_index or section is frames:
                    relocator.relocate(section, output.offset + section.offset)
        if self.frames.header is not None and self.frames.header.output is not None:
            start = frames.output.offset + frames.offset if frames.output is not None else 0
            self.frames.fill_header(bytes(image[start : start + frames.size]))
            header = self.frames.header
            assert header.output is not None and header.contents is not None
            at = header.output.offset + header.offset
            image[at : at + len(header.contents)] = header.contents
        self._append_tables(image, dynamic_version_counts)
        return image

    def _append_tables(self, image: bytearray, version_counts: tuple[int, int]) -> None:
        """Symbol table, string tables, section headers, program headers, file header."""
        rows: list[tuple[str, int, int, int, int, int, int, int, int, int]] = []
        for output in self.sections:
            info = output.info
            if output.info_section is not None:
                info = output.info_section.index
            elif output.name == ".dynsym":
                info = 1
            elif output.name == ".gnu.version_d":
                info = version_counts[0]
            elif output.name == ".gnu.version_r":
                info = version_counts[1]
            link_index = output.link.index if output.link is not None else 0
            rows.append(
                (
                    output.name,
                    output.type,
                    output.flags,
                    output.address if output.is_allocated() else 0,
                    output.offset,
                    output.size,
                    link_index,
                    info,
                    output.alignment,
                    output.entry_size,
                )
            )
        if self.link.options.strip != STRIP_ALL:
            self._append_symbols(image, rows)
        names = StringTable()
        offsets = [names.add(row[0]) for row in rows]
        offsets.append(names.add(".shstrtab"))
        rows.append((".shstrtab", SHT_STRTAB, 0, 0, len(image), len(names.data), 0, 0, 1, 0))
        image += names.data
        image += bytes(-len(image) % 8)
        table_offset = len(image)
        form = Struct("<IIQQQQIIQQ" if self.wide else "<IIIIIIIIII")
        image += bytes(form.size)
        for row, name in zip(rows, offsets, strict=True):
            image += form.pack(name, *row[1:])
        self._write_headers(image, table_offset, len(rows) + 1)

    def _write_headers(self, image: bytearray, table_offset: int, count: int) -> None:
        link = self.link
        wide = self.wide
        header = Struct("<HHIQQQIHHHHHH" if wide else "<HHIIIIIHHHHHH")
        abi = elf.ELFOSABI_GNU if self.uses_gnu_extensions else elf.ELFOSABI_NONE
        image[:8] = elf.ELF_MAGIC + bytes([2 if wide else 1, 1, 1, abi])
        flags = link.target.prepare_flags([file.elf.flags for file in link.files if file.elf is not None])
        entry = 0
        symbol = link.symbols.get(link.options.entry or "_start")
        if symbol is not None and symbol.is_defined():
            entry = symbol.address
        elif link.options.entry[:1].isdigit():
            entry = int(link.options.entry, 0)
        elif link.executable:
            for output in link.outputs:
                if output.name == ".text":
                    entry = output.address
        first = 64 if wide else 52
        header.pack_into(
            image,
            16,
            elf.ET_DYN if link.pic else elf.ET_EXEC,
            link.target.machine,
            1,
            entry,
            first,
            table_offset,
            flags,
            first,
            56 if wide else 32,
            len(self.layout.segments),
            64 if wide else 40,
            count,
            count - 1,
        )
        at = first
        for segment in self.layout.segments:
            o, a, f, m = segment.offset, segment.address, segment.file_size, segment.memory_size
            p = segment.physical if segment.physical >= 0 else a
            if wide:
                Struct("<IIQQQQQQ").pack_into(image, at, segment.type, segment.flags, o, a, p, f, m, segment.alignment)
                at += 56
            else:
                Struct("<IIIIIIII").pack_into(image, at, segment.type, o, a, p, f, m, segment.flags, segment.alignment)
                at += 32

    def _append_symbols(
        self, image: bytearray, rows: list[tuple[str, int, int, int, int, int, int, int, int, int]]
    ) -> None:
        table = SymbolTableWriter(self.link, self.wide)
        data = table.build()
        self.uses_gnu_extensions = table.uses_gnu_extensions
        image += bytes(-len(image) % 8)
        index = len(rows) + 1
        entry = 24 if self.wide else 16
        rows.append((".symtab", elf.SHT_SYMTAB, 0, 0, len(image), len(data), index + 1, table.local_count, 8, entry))
        image += data
        strings = table.strings.data
        rows.append((".strtab", SHT_STRTAB, 0, 0, len(image), len(strings), 0, 0, 1, 0))
        image += strings
        if self.link.options.emit_relocations:
            self._append_relocations(image, rows, table, index)

    def _append_relocations(
        self,
        image: bytearray,
        rows: list[tuple[str, int, int, int, int, int, int, int, int, int]],
        table: "SymbolTableWriter",
        symbols: int,
    ) -> None:
        from ourocc.linker.kept_relocations import KeptRelocations

        kept = KeptRelocations(self.link, table.local_numbers)
        for output in self.sections:
            data = kept.table(output, self.frames.section)
            if data:
                image += bytes(-len(image) % 8)
                at = len(image)
                rows.append(
                    (".rela" + output.name, elf.SHT_RELA, SHF_INFO_LINK, 0, at, len(data), symbols, output.index, 8, 24)
                )
                image += data


@final
class SymbolTableWriter:
    """The .symtab of the output: locals of all files, then globals."""

    def __init__(self, link: Link, wide: bool) -> None:
        self.link = link
        self.strings = StringTable()
        self.local_count = 1
        self.uses_gnu_extensions = False
        self.pack = Struct("<IBBHQQ" if wide else "<IIIBBH").pack
        self.wide = wide
        self.entries: list[bytes] = [bytes(24 if wide else 16)]
        self.local_numbers: dict[tuple[int, int], int] = {}  # (id of the file, its symbol) -> entry

    def build(self) -> bytes:
        link = self.link
        keep_debug = link.options.strip == STRIP_NONE
        keeps_relocations = link.options.emit_relocations
        if keeps_relocations:
            self._add_sections()
        if not link.options.discard_all:
            for file in link.files:
                self._add_locals(file, keep_debug)
        hidden: list[LinkSymbol] = []
        shared: list[LinkSymbol] = []
        for symbol in link.symbols.values():
            if symbol.place == UNDEFINED or symbol.place == 4:
                if symbol.dynamic_index or keeps_relocations:
                    shared.append(symbol)
                continue
            section = symbol.section
            if section is not None and not section.live and section.merge is None:
                continue
            if symbol.visibility in (1, 2) or symbol.script_local:
                hidden.append(symbol)
            else:
                shared.append(symbol)
        for symbol in hidden:
            self._add_global(symbol, STB_LOCAL)
        self.local_count = len(self.entries)
        for symbol in shared:
            self._add_global(symbol, symbol.binding or 1)
        return b"".join(self.entries)

    def _add_sections(self) -> None:
        for output in self.link.outputs:
            if output.size or not output.is_allocated() and output.inputs:
                output.symbol_number = len(self.entries)
                self._entry("", STT_SECTION, 0, output.index, output.address if output.is_allocated() else 0, 0)

    def _entry(self, name: str, info: int, other: int, shndx: int, value: int, size: int) -> None:
        offset = self.strings.add(name)
        value &= 0xFFFFFFFFFFFFFFFF
        if shndx >= elf.SHN_LORESERVE and shndx != elf.SHN_ABS:
            shndx = elf.SHN_ABS
        if self.wide:
            self.entries.append(self.pack(offset, info, other, shndx, value, size & 0xFFFFFFFFFFFFFFFF))
        else:
            self.entries.append(self.pack(offset, value & 0xFFFFFFFF, size & 0xFFFFFFFF, info, other, shndx))

    def _add_locals(self, file: InputFile, keep_debug: bool) -> None:
        sections = file.sections
        count = len(sections)
        pending_file = ""
        for number in range(1, file.first_global):
            name_offset, info, other, shndx, value, size = file.raw_symbols[number]
            type = info & 15
            if type == STT_SECTION:
                continue
            if type == STT_FILE:
                pending_file = file.symbol_name(name_offset)
                continue
            if shndx == elf.SHN_ABS:
                name = file.symbol_name(name_offset)
                self.local_numbers[id(file), number] = len(self.entries)
                self._entry(name, info, other, shndx, value, size)
                continue
            if shndx == elf.SHN_XINDEX and number < len(file.extended):
                shndx = file.extended[number]
            section = sections[shndx] if 0 < shndx < count else None
            if section is None or not section.live and section.merge is None:
                continue
            name = file.symbol_name(name_offset)
            if name.startswith(".L") or not name:
                continue
            if pending_file:
                self._entry(pending_file, STT_FILE, 0, elf.SHN_ABS, 0, 0)
                pending_file = ""
            address = section_address(section, value)
            if type == STT_TLS:
                address -= self.link.tls_start
            self.local_numbers[id(file), number] = len(self.entries)
            self._entry(name, info, other, self._index(section), address, size)

    def _index(self, section: InputSection) -> int:
        if section.merge is not None:
            section = section.merge.into
        return section.output.index if section.output is not None else elf.SHN_ABS

    def _add_global(self, symbol: LinkSymbol, binding: int) -> None:
        type = symbol.type
        value = symbol.address
        shndx = elf.SHN_ABS
        name = symbol.name
        if symbol.place == DEFINED:
            if symbol.section is not None:
                shndx = self._index(symbol.section)
            elif symbol.linker_defined:
                shndx = self._containing(value)
            if type == STT_TLS:
                value -= self.link.tls_start
            elif type == STT_GNU_IFUNC:
                value = own_address(symbol)
        elif symbol.place != ABSOLUTE:
            shndx = elf.SHN_UNDEF
            value = symbol.address if symbol.canonical_plt else 0
            if type == STT_GNU_IFUNC:
                type = STT_FUNC
            binding = binding if symbol.strong_reference else STB_WEAK
            if symbol.version:
                name = f"{base_name(symbol)}@{symbol.version}"
        elif symbol.version and "@" not in name:
            name = name + ("@" if symbol.version_hidden else "@@") + symbol.version
        if type == STT_GNU_IFUNC or binding == STB_GNU_UNIQUE:
            self.uses_gnu_extensions = True
        symbol.output_index = len(self.entries)
        self._entry(name, binding << 4 | type, symbol.visibility | symbol.other, shndx, value, symbol.size)

    def _containing(self, address: int) -> int:
        """The section that a linker-defined address belongs to."""
        best = elf.SHN_ABS
        for output in self.link.outputs:
            if output.is_allocated() and output.address <= address <= output.address + output.size and output.index:
                best = output.index
        return best
