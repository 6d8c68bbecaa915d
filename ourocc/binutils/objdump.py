"""`objdump`: section headers, symbols, relocations, contents and code of objects and programs (-h -t -T -r -s -d -D -f).

The code is read by the decoders that are made of the instruction tables; what they do not know is shown as "(bad)".
"""

import sys
from struct import unpack_from
from typing import Final, final

from ourocc.assembler.disassemble import disassemble
from ourocc.binutils.common import (
    ToolError,
    complain,
    elf_files,
    show_each,
    split_options,
    version_text,
    write_text,
)
from ourocc.binutils.readelf import relocation_names
from ourocc.objects import elf_numbers as elf_n
from ourocc.objects.elf_reader import ElfFile, RawSymbol
from ourocc.objects.model import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_STRTAB,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_FUNC,
    STT_GNU_IFUNC,
    STT_OBJECT,
    STT_SECTION,
)

_LONG: Final = {
    "section-headers": "h",
    "headers": "h",
    "syms": "t",
    "dynamic-syms": "T",
    "reloc": "r",
    "full-contents": "s",
    "disassemble": "disassemble",
    "disassemble-all": "D",
    "file-headers": "f",
    "all-headers": "x",
    "section": "j=",
    "wide": "w",
    "no-show-raw-insn": "no-raw",
    "version": "V",
    "help": "help",
}
_FORMATS: Final = {62: "elf64-x86-64", 243: "elf64-littleriscv", 183: "elf64-littleaarch64", 3: "elf32-i386"}
_ARCHITECTURES: Final = {62: "i386:x86-64", 243: "riscv:rv64", 183: "aarch64", 3: "i386"}
_BYTES_A_LINE: Final = {62: 7, 243: 8}
_HIDDEN_TYPES: Final = (elf_n.SHT_NULL, elf_n.SHT_SYMTAB, SHT_STRTAB, elf_n.SHT_RELA, elf_n.SHT_REL, elf_n.SHT_GROUP)


@final
class Dumper:
    """One object."""

    def __init__(self, elf: ElfFile, wanted: dict[str, bool], sections: list[str], functions: list[str]) -> None:
        self.elf = elf
        self.wanted = wanted
        self.only = sections
        self.functions = functions
        self.out: list[str] = []
        self.table = 0
        self.symbols: list[RawSymbol] = []
        self.strings = b""
        for index, header in enumerate(elf.sections):
            if header.type == elf_n.SHT_SYMTAB:
                self.table = index
                self.symbols = elf.symbols(index)
                self.strings = elf.linked_strings(index)
        self.relocatable = elf.type == 1
        self.versioned = any(header.type == elf_n.SHT_GNU_VERSYM for header in elf.sections)

    def listed(self, index: int) -> bool:
        """Is the section one that objdump knows, and wanted?"""
        header = self.elf.sections[index]
        if header.type in _HIDDEN_TYPES and not (header.flags & SHF_ALLOC and not self.relocatable):
            return False
        return not self.only or header.name in self.only

    def symbol_name(self, raw: RawSymbol) -> str:
        if raw[1] & 15 == STT_SECTION and raw[3] < len(self.elf.sections):
            return self.elf.sections[raw[3]].name
        return self.elf.string(self.strings, raw[0])

    # ---- headers

    def section_headers(self) -> None:
        self.out.append("\nSections:\nIdx Name          Size      VMA               LMA               File off  Algn\n")
        number = 0
        for index, header in enumerate(self.elf.sections):
            if index == 0 or header.type in _HIDDEN_TYPES and not (header.flags & SHF_ALLOC and not self.relocatable):
                continue
            if not self.only or header.name in self.only:
                address = header.address
                power = max(header.alignment, 1).bit_length() - 1
                self.out.append(
                    f"{number:3} {header.name:<13} {header.size:08x}  {address:016x}  {self.load_address(index):016x}  "
                    f"{header.offset:08x}  2**{power}\n                  {', '.join(self.attributes(index))}\n"
                )
            number += 1

    def load_address(self, index: int) -> int:
        """The physical address, by the segment that holds the section."""
        header = self.elf.sections[index]
        elf = self.elf
        if elf.bits != 64 or not header.flags & SHF_ALLOC:
            return header.address
        for number in range(elf.program_header_count):
            at = elf.program_header_offset + number * elf.program_header_size
            if at + 56 > len(elf.data):
                break
            type, _flags, _offset, address, physical, _file, memory, _alignment = unpack_from("<IIQQQQQQ", elf.data, at)
            if type == elf_n.PT_LOAD and address <= header.address < address + max(memory, 1):
                return header.address + int(physical) - int(address)
        return header.address

    def attributes(self, index: int) -> list[str]:
        header = self.elf.sections[index]
        words: list[str] = []
        if header.type != SHT_NOBITS:
            words.append("CONTENTS")
        if header.flags & SHF_ALLOC:
            words.append("ALLOC")
            if header.type != SHT_NOBITS:
                words.append("LOAD")
        if self.relocatable and self.relocation_sections(index):
            words.append("RELOC")
        if not header.flags & SHF_WRITE:
            words.append("READONLY")
        if header.flags & SHF_EXECINSTR:
            words.append("CODE")
        elif header.flags & SHF_ALLOC and header.type != SHT_NOBITS:
            words.append("DATA")
        elif not header.flags & SHF_ALLOC and header.name.startswith((".debug", ".gnu.debuglto_")):
            words.append("DEBUGGING")
            words.append("OCTETS")
        if header.flags & 0x400:
            words.append("THREAD_LOCAL")
        return words

    def symbol_table(self) -> None:
        self.out.append("SYMBOL TABLE:\n")
        if len(self.symbols) < 2:
            self.out.append("no symbols\n")
        for raw in self.symbols[1:]:
            self.out.append(self.symbol_line(raw))
        self.out.append("\n\n")

    def symbol_line(self, raw: RawSymbol) -> str:
        _name, info, other, shndx, value, size = raw
        binding = info >> 4
        kind = info & 15
        undefined = shndx == elf_n.SHN_UNDEF
        common = shndx == elf_n.SHN_COMMON
        first = "l" if binding == STB_LOCAL else " " if undefined or common and binding != STB_GLOBAL else "g"
        if binding == 10 and not undefined:
            first = "u"
        if binding == STB_WEAK:
            first = " "
        flags = first + ("w" if binding == STB_WEAK else " ") + "  " + ("i" if kind == STT_GNU_IFUNC else " ")
        flags += "d" if kind in (STT_SECTION, STT_FILE) else " "
        flags += "F" if kind in (STT_FUNC, STT_GNU_IFUNC) else "f" if kind == STT_FILE else "O" if kind in (STT_OBJECT, 5) else " "
        if common:
            flags = "       "[:6] + "O"
            value, size = size, value
        home = "*UND*" if undefined else "*ABS*" if shndx == elf_n.SHN_ABS else "*COM*" if common else ""
        if not home:
            home = self.elf.sections[shndx].name if shndx < len(self.elf.sections) else "*ABS*"
        version = f"  {'':11}" if self.versioned else ""
        visibility = ("", " .internal", " .hidden", " .protected")[other & 3]
        return f"{value:016x} {flags} {home}\t{size:016x}{version}{visibility} {self.symbol_name(raw)}\n"

    # ---- relocations

    def relocation_sections(self, target: int) -> list[int]:
        return [
            index
            for index, header in enumerate(self.elf.sections)
            if header.type in (elf_n.SHT_RELA, elf_n.SHT_REL) and header.info == target and header.link == self.table
        ]

    def relocations(self, target: int, digits: int) -> list[tuple[int, str, str]]:
        """(offset, type, symbol and addend), in order of offset; addends have at least `digits` characters."""
        names = relocation_names(self.elf.machine)
        result: list[tuple[int, str, str]] = []
        for index in self.relocation_sections(target):
            for offset, type, symbol, addend in self.elf.relocations(index):
                text = self.symbol_name(self.symbols[symbol]) if 0 < symbol < len(self.symbols) else "*ABS*"
                if addend:
                    text += f"{'-' if addend < 0 else '+'}{abs(addend):#0{digits}x}"
                name = names[type] if type < len(names) and names[type] else f"{type:#x}"
                result.append((offset, name, text))
        result.sort(key=_first)
        return result

    def relocation_records(self) -> None:
        for index in range(len(self.elf.sections)):
            found = self.relocations(index, 18) if self.listed(index) else []
            if not found:
                continue
            self.out.append(f"RELOCATION RECORDS FOR [{self.elf.sections[index].name}]:\n")
            self.out.append("OFFSET           TYPE              VALUE\n")
            for offset, name, text in found:
                self.out.append(f"{offset:016x} {name:<16}  {text}\n")
            self.out.append("\n\n")

    # ---- contents

    def full_contents(self) -> None:
        for index, header in enumerate(self.elf.sections):
            if not self.listed(index) or header.type == SHT_NOBITS or not header.size:
                continue
            self.out.append(f"Contents of section {header.name}:\n")
            data = self.elf.contents(index)
            width = max(4, len(f"{header.address + len(data):x}"))
            for at in range(0, len(data), 16):
                row = data[at : at + 16]
                words = " ".join(row[i : i + 4].hex() for i in range(0, len(row), 4))
                text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
                self.out.append(f" {header.address + at:0{width}x} {words:<35}  {text:<16}\n")

    # ---- code

    def code(self, everything: bool) -> None:
        for index, header in enumerate(self.elf.sections):
            if not self.listed(index) or header.type == SHT_NOBITS or not header.size:
                continue
            if header.flags & SHF_EXECINSTR or everything and index:
                self.section_code(index)

    def section_code(self, index: int) -> None:
        """One section, cut at its symbols."""
        header = self.elf.sections[index]
        base = header.address
        data = self.elf.contents(index)
        names = self.names(index)
        starts = sorted(address for address in names if base <= address < base + len(data))
        if base not in starts:
            starts.insert(0, base)
        relocations = self.relocations(index, 3)
        width = (len(f"{base + len(data):x}") + 4) // 4 * 4  # with a zero at least in front, in steps of four
        shown = False
        for number, start in enumerate(starts):
            end = starts[number + 1] if number + 1 < len(starts) else base + len(data)
            name = names.get(start, header.name)
            if self.functions and name not in self.functions:
                continue
            if not shown:
                shown = True
                self.out.append(f"\nDisassembly of section {header.name}:\n")
            self.out.append(f"\n{start:016x} <{name}>:\n")
            self.piece(data[start - base : end - base], start, names, relocations, width, base)

    def piece(
        self, data: bytes, start: int, names: dict[int, str], relocations: list[tuple[int, str, str]], width: int, base: int
    ) -> None:
        count = _BYTES_A_LINE.get(self.elf.machine, 8)
        offset = 0 if self.relocatable else base
        position = 0
        while position < len(relocations) and relocations[position][0] + base - offset < start - offset:
            position += 1
        for line in disassemble(self.elf.machine, data, start, names):
            for at in range(0, max(len(line.data), 1), count):
                row = line.data[at : at + count]
                raw = " ".join(f"{byte:02x}" for byte in row)
                if self.elf.machine == 243:
                    raw = f"{int.from_bytes(row, 'little'):0{2 * len(row)}x}"
                text = f"{line.address + at:{width}x}:"
                if "no-raw" in self.wanted:
                    if at == 0:
                        self.out.append(f"{text}\t{line.text}\n")
                elif at == 0:
                    self.out.append(f"{text}\t{raw:<{3 * count}}\t{line.text}\n")
                else:
                    self.out.append(f"{text}\t{raw}\n" if self.elf.machine != 62 else f"{text}\t{raw} \n")
            end = line.address + len(line.data) - (base if self.relocatable else 0)
            while "r" in self.wanted and position < len(relocations) and relocations[position][0] < end:
                place, name, text = relocations[position]
                self.out.append(f"\t\t\t{place:x}: {name}\t{text}\n")
                position += 1

    def names(self, index: int) -> dict[int, str]:
        """Symbols that name places: of this section in an object, of all code and data in a program."""
        found: dict[int, tuple[int, str]] = {}
        for raw in self.symbols[1:]:
            kind = raw[1] & 15
            if kind in (STT_SECTION, STT_FILE, 6) or not 0 < raw[3] < len(self.elf.sections):
                continue
            if self.relocatable and raw[3] != index:
                continue
            name = self.symbol_name(raw)
            if not name:
                continue
            rank = (0 if raw[1] >> 4 == STB_GLOBAL else 1 if raw[1] >> 4 == STB_WEAK else 2) + (kind == 0) * 4
            if raw[4] not in found or rank < found[raw[4]][0]:
                found[raw[4]] = (rank, name)
        return {address: name for address, (_, name) in found.items()}

    def run(self, label: str) -> str:
        wanted = self.wanted
        self.out.append(f"\n{label}:     file format {_FORMATS.get(self.elf.machine, 'elf64-little')}\n")
        if "f" in wanted or "x" in wanted:
            self.out.append(
                f"architecture: {_ARCHITECTURES.get(self.elf.machine, 'UNKNOWN!')}\nstart address {self.elf.entry:#018x}\n"
            )
        if "h" in wanted or "x" in wanted:
            self.section_headers()
        elif "t" in wanted or "r" in wanted and "d" not in wanted and "D" not in wanted:
            self.out.append("\n")
        if "t" in wanted or "x" in wanted:
            self.symbol_table()
        code = "d" in wanted or "D" in wanted
        if "r" in wanted and not code or "x" in wanted:
            self.relocation_records()
        if "s" in wanted:
            self.out.append("\n")
            self.full_contents()
        if code:
            self.out.append("\n")
            self.code("D" in wanted)
        return "".join(self.out)


def _first(row: tuple[int, str, str]) -> int:
    return row[0]


@final
class _Request:
    """What the command line asks for, of each file."""

    def __init__(self, wanted: dict[str, bool], sections: list[str], functions: list[str]) -> None:
        self.wanted = wanted
        self.sections = sections
        self.functions = functions

    def show(self, path: str) -> int:
        for member, elf in elf_files(path):
            write_text(Dumper(elf, self.wanted, self.sections, self.functions).run(member or path))
        return 0


def main(arguments: list[str] | None = None) -> int:
    """`objdump`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    wanted: dict[str, bool] = {}
    sections: list[str] = []
    functions: list[str] = []
    try:
        pairs, files = split_options("objdump", arguments, "hftTrsdDxwzCHV", "jM", _LONG)
        for letter, value in pairs:
            if letter == "j":
                sections.append(value)
            elif letter == "disassemble":
                wanted["d"] = True
                if value:
                    functions.append(value)
            elif letter == "M":
                raise ToolError(f"unrecognised disassembler option: {value}")
            else:
                wanted[letter] = True
        if "V" in wanted:
            write_text(version_text("objdump"))
            return 0
        if not any(letter in wanted for letter in "hftrsdDx"):
            raise ToolError("one of -d -D -f -h -r -s -t -x must be given")
    except ToolError as problem:
        complain("objdump", problem.message)
        return 1
    return show_each("objdump", files or ["a.out"], _Request(wanted, sections, functions).show)


if __name__ == "__main__":
    sys.exit(main())
