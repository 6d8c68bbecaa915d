"""`readelf`: headers, sections, segments, symbols, relocations, dynamic section, notes and versions of ELF files.

Output is that of GNU readelf with -W (wide); -W itself is accepted.
"""

import sys
from struct import iter_unpack, unpack_from
from typing import Final, final

from ourocc.binutils.common import (
    ToolError,
    complain,
    elf_files,
    show_each,
    split_options,
    version_text,
    write_text,
)
from ourocc.binutils.symbol_versions import symbol_versions
from ourocc.linker.inputs import relocation_target
from ourocc.objects import elf_numbers as elf_numbers
from ourocc.objects.elf_numbers import (
    DT_NULL,
    MACHINE_NAMES,
    SHT_DYNAMIC,
    SHT_DYNSYM,
    SHT_REL,
    SHT_RELA,
    SHT_SYMTAB,
)
from ourocc.objects.elf_reader import ElfFile
from ourocc.objects.model import SHT_NOBITS, SHT_NOTE, STT_SECTION

_LONG: Final = {
    "all": "a",
    "file-header": "h",
    "program-headers": "l",
    "segments": "l",
    "section-headers": "S",
    "sections": "S",
    "headers": "e",
    "syms": "s",
    "symbols": "s",
    "dyn-syms": "dyn-syms",
    "relocs": "r",
    "dynamic": "d",
    "notes": "n",
    "wide": "W",
    "hex-dump": "x=",
    "string-dump": "p=",
    "version": "v",
    "help": "v",
}
_SECTION_TYPES: Final = {
    0: "NULL",
    1: "PROGBITS",
    2: "SYMTAB",
    3: "STRTAB",
    4: "RELA",
    5: "HASH",
    6: "DYNAMIC",
    7: "NOTE",
    8: "NOBITS",
    9: "REL",
    11: "DYNSYM",
    14: "INIT_ARRAY",
    15: "FINI_ARRAY",
    16: "PREINIT_ARRAY",
    17: "GROUP",
    18: "SYMTAB SECTION INDICES",
    19: "RELR",
    0x6FFFFFF6: "GNU_HASH",
    0x6FFFFFFD: "VERDEF",
    0x6FFFFFFE: "VERNEED",
    0x6FFFFFFF: "VERSYM",
    0x6FFFFFF5: "GNU_ATTRIBUTES",
}
_SEGMENT_TYPES: Final = {
    0: "NULL",
    1: "LOAD",
    2: "DYNAMIC",
    3: "INTERP",
    4: "NOTE",
    6: "PHDR",
    7: "TLS",
    0x6474E550: "GNU_EH_FRAME",
    0x6474E551: "GNU_STACK",
    0x6474E552: "GNU_RELRO",
    0x6474E553: "GNU_PROPERTY",
    0x70000003: "RISCV_ATTRIBUT",
}
_FLAG_LETTERS: Final = (
    (1, "W"),
    (2, "A"),
    (4, "X"),
    (0x10, "M"),
    (0x20, "S"),
    (0x40, "I"),
    (0x80, "L"),
    (0x100, "O"),
    (0x200, "G"),
    (0x400, "T"),
    (0x800, "C"),
    (0x200000, "R"),
    (0x80000000, "E"),
)
_SYMBOL_TYPES: Final = ("NOTYPE", "OBJECT", "FUNC", "SECTION", "FILE", "COMMON", "TLS")
_BINDINGS: Final = {0: "LOCAL", 1: "GLOBAL", 2: "WEAK", 10: "UNIQUE"}
_VISIBILITIES: Final = ("DEFAULT", "INTERNAL", "HIDDEN", "PROTECTED")
_FILE_TYPES: Final = {
    0: "NONE (None)",
    1: "REL (Relocatable file)",
    2: "EXEC (Executable file)",
    3: "DYN (Shared object file)",
    4: "CORE (Core file)",
}
_DYNAMIC_STRINGS: Final = {
    1: "Shared library: [{}]",
    14: "Library soname: [{}]",
    15: "Library rpath: [{}]",
    29: "Library runpath: [{}]",
}
_BYTE_TAGS: Final = ("PLTRELSZ", "RELASZ", "RELAENT", "STRSZ", "SYMENT", "RELSZ", "RELENT", "INIT_ARRAYSZ")
_BYTE_TAGS_2: Final = ("FINI_ARRAYSZ", "PREINIT_ARRAYSZ")
_COUNT_TAGS: Final = ("RELACOUNT", "RELCOUNT", "VERDEFNUM", "VERNEEDNUM")
_FLAG_NAMES: Final = ((1, "ORIGIN"), (2, "SYMBOLIC"), (4, "TEXTREL"), (8, "BIND_NOW"), (16, "STATIC_TLS"))
_FLAG_1_NAMES: Final = (
    (1, "NOW"),
    (2, "GLOBAL"),
    (8, "NODELETE"),
    (0x20, "INITFIRST"),
    (0x40, "NOOPEN"),
    (0x80, "ORIGIN"),
    (0x400, "INTERPOSE"),
    (0x08000000, "PIE"),
)


def dynamic_tag_names() -> dict[int, str]:
    """DT_ numbers and their names."""
    result: dict[int, str] = {}
    for name, value in vars(elf_numbers).items():
        if name.startswith("DT_"):
            result[value] = name[3:]
    return result


@final
class Printer:
    """Prints one ELF file."""

    def __init__(self, elf: ElfFile) -> None:
        self.elf = elf
        self.lines: list[str] = []
        self.digits = 16 if elf.bits == 64 else 8
        self.versions: list[str] = []

    def add(self, line: str) -> None:
        self.lines.append(line)

    def text(self) -> str:
        return "".join(line + "\n" for line in self.lines)

    def file_header(self) -> None:
        elf = self.elf
        data = elf.data
        wide = elf.bits == 64
        kind = self.type_text()
        offset = unpack_from("<Q", data, 40)[0] if wide else unpack_from("<I", data, 32)[0]
        size = unpack_from("<H", data, 52 if wide else 40)[0]
        abi = {0: "UNIX - System V", 3: "UNIX - GNU"}.get(data[7], f"<unknown: {data[7]:x}>")
        rows = (
            ("Class:", f"ELF{elf.bits}"),
            ("Data:", "2's complement, little endian"),
            ("Version:", f"{data[6]} (current)" if data[6] == 1 else f"{data[6]}"),
            ("OS/ABI:", abi),
            ("ABI Version:", str(data[8])),
            ("Type:", kind),
            ("Machine:", MACHINE_NAMES.get(elf.machine, f"<unknown>: {elf.machine:#x}")),
            ("Version:", f"{unpack_from('<I', data, 20)[0]:#x}"),
            ("Entry point address:", f"{elf.entry:#x}"),
            ("Start of program headers:", f"{elf.program_header_offset} (bytes into file)"),
            ("Start of section headers:", f"{offset} (bytes into file)"),
            ("Flags:", f"{elf.flags:#x}{self._flag_text()}"),
            ("Size of this header:", f"{size} (bytes)"),
            ("Size of program headers:", f"{elf.program_header_size} (bytes)"),
            ("Number of program headers:", str(elf.program_header_count)),
            ("Size of section headers:", f"{64 if wide else 40} (bytes)"),
            ("Number of section headers:", str(len(elf.sections))),
            ("Section header string table index:", str(elf.section_name_index)),
        )
        self.add("ELF Header:")
        self.add("  Magic:   " + " ".join(f"{byte:02x}" for byte in data[:16]) + " ")
        for title, value in rows:
            self.add(f"  {title:<34} {value}")

    def type_text(self) -> str:
        elf = self.elf
        if elf.type == 3 and any(row[0] == 3 for row in self.program_rows()):
            return "DYN (Position-Independent Executable file)"
        return _FILE_TYPES.get(elf.type, f"{elf.type:#x}")

    def _flag_text(self) -> str:
        if self.elf.machine != 243:
            return ""
        names = ["RVC"] if self.elf.flags & 1 else []
        names.append(
            ("soft-float ABI", "single-float ABI", "double-float ABI", "quad-float ABI")[self.elf.flags >> 1 & 3]
        )
        return ", " + ", ".join(names)

    def section_headers(self) -> None:
        elf = self.elf
        if not elf.sections:
            self.add("\nThere are no sections in this file.")
            return
        offset = unpack_from("<Q", elf.data, 40)[0] if elf.bits == 64 else unpack_from("<I", elf.data, 32)[0]
        self.add(f"There are {len(elf.sections)} section headers, starting at offset {offset:#x}:")
        self.add("\nSection Headers:")
        address = "Address        " if elf.bits == 64 else "Addr    "
        self.add(f"  [Nr] Name              Type            {address}  Off    Size   ES Flg Lk Inf Al")
        for index, header in enumerate(elf.sections):
            flags = "".join(letter for bit, letter in _FLAG_LETTERS if header.flags & bit)
            type = _SECTION_TYPES.get(header.type, "")
            if not type:
                type = {(62, 0x70000001): "X86_64_UNWIND", (243, 0x70000003): "RISCV_ATTRIBUTES"}.get(
                    (elf.machine, header.type), f"{header.type:08x}"
                )
            self.add(
                f"  [{index:2d}] {header.name:<17} {type:<15} {header.address:0{self.digits}x} "
                f"{header.offset:06x} {header.size:06x} {header.entry_size:02x} {flags:>3} {header.link:2d} "
                f"{header.info:3d} {header.alignment:2d}"
            )
        self.add("Key to Flags:")
        self.add("  W (write), A (alloc), X (execute), M (merge), S (strings), I (info),")
        self.add("  L (link order), O (extra OS processing required), G (group), T (TLS),")
        self.add("  C (compressed), x (unknown), o (OS specific), E (exclude),")
        retain = "R (retain), " if elf.data[7] == 3 else ""
        large = "l (large), " if elf.machine == 62 else ""
        self.add(f"  {retain}D (mbind), {large}p (processor specific)")

    def program_rows(self) -> list[tuple[int, int, int, int, int, int, int, int]]:
        """(type, flags, offset, vaddr, paddr, filesz, memsz, align) of each program header."""
        elf = self.elf
        rows: list[tuple[int, int, int, int, int, int, int, int]] = []
        for number in range(elf.program_header_count):
            at = elf.program_header_offset + number * elf.program_header_size
            if at + (56 if elf.bits == 64 else 32) > len(elf.data):
                raise elf.fail("program headers lie outside of the file")
            if elf.bits == 64:
                rows.append(unpack_from("<IIQQQQQQ", elf.data, at))
            else:
                t, o, v, p, f, m, g, a = unpack_from("<IIIIIIII", elf.data, at)
                rows.append((t, g, o, v, p, f, m, a))
        return rows

    def program_headers(self, with_header: bool) -> None:
        elf = self.elf
        rows = self.program_rows()
        if not rows:
            self.add("\nThere are no program headers in this file.")
            return
        if not with_header:
            self.add(f"\nElf file type is {self.type_text()}")
            self.add(f"Entry point {elf.entry:#x}")
            self.add(f"There are {len(rows)} program headers, starting at offset {elf.program_header_offset}")
        self.add("\nProgram Headers:")
        pad = " " * 8 if elf.bits == 64 else ""
        self.add(f"  Type           Offset   VirtAddr  {pad} PhysAddr  {pad} FileSiz  MemSiz   Flg Align")
        width = self.digits
        for type, flags, offset, address, physical, file_size, memory_size, alignment in rows:
            name = _SEGMENT_TYPES.get(type, f"{type:#x}")
            letters = "".join(l if flags & b else " " for b, l in ((4, "R"), (2, "W"), (1, "E")))
            self.add(
                f"  {name:<14} 0x{offset:06x} 0x{address:0{width}x} 0x{physical:0{width}x} "
                f"0x{file_size:06x} 0x{memory_size:06x} {letters} {alignment:#x}"
            )
            if type == 3:
                path = elf.data[offset : offset + file_size].rstrip(b"\0").decode("utf-8", "replace")
                self.add(f"      [Requesting program interpreter: {path}]")
        self.add("\n Section to Segment mapping:\n  Segment Sections...")
        for number, row in enumerate(rows):
            names = [
                h.name
                for h in elf.sections
                if h.flags & 2 and h.size and _inside(h.address, h.size, h.type, h.flags, row)
            ]
            self.add(f"   {number:02d}     " + "".join(name + " " for name in names))

    def symbols(self, wanted: tuple[int, ...]) -> None:
        elf = self.elf
        self._read_versions()
        for index, header in enumerate(elf.sections):
            if header.type not in wanted:
                continue
            raw = elf.symbols(index)
            strings = elf.linked_strings(index)
            plural = "entry" if len(raw) == 1 else "entries"
            self.add(f"\nSymbol table '{header.name}' contains {len(raw)} {plural}:")
            self.add(
                "   Num:    Value  " + ("        " if elf.bits == 64 else "") + "Size Type    Bind   Vis      Ndx Name"
            )
            for number, (name_offset, info, other, shndx, value, size) in enumerate(raw):
                name = elf.string(strings, name_offset)
                type = info & 15
                if type == STT_SECTION and not name and shndx < len(elf.sections):
                    name = elf.sections[shndx].name
                if header.type == SHT_DYNSYM and number < len(self.versions):
                    name += self.versions[number]
                place = {0: "UND", 0xFFF1: "ABS", 0xFFF2: "COM"}.get(shndx, str(shndx))
                kind = (
                    _SYMBOL_TYPES[type]
                    if type < len(_SYMBOL_TYPES)
                    else "IFUNC"
                    if type == 10
                    else f"<OS specific>: {type}"
                )
                binding = _BINDINGS.get(info >> 4, str(info >> 4))
                self.add(
                    f"{number:6d}: {value:0{self.digits}x} {size:5d} {kind:<7} {binding:<6} "
                    f"{_VISIBILITIES[other & 3]:<7} {place:>4} {name}"
                )

    def _read_versions(self) -> None:
        """'@VERSION (n)' for each dynamic symbol."""
        if not self.versions:
            for version in symbol_versions(self.elf):
                self.versions.append(version.text + (f" ({version.number})" if version.number else ""))

    def relocations(self) -> None:
        elf = self.elf
        names = relocation_names(elf.machine)
        found = False
        for index, header in enumerate(elf.sections):
            if header.type not in (SHT_RELA, SHT_REL):
                continue
            found = True
            rows = elf.relocations(index)
            plural = "entry" if len(rows) == 1 else "entries"
            self.add(
                f"\nRelocation section '{header.name}' at offset {header.offset:#x} contains {len(rows)} {plural}:"
            )
            addend_title = " + Addend" if header.type == SHT_RELA else ""
            if elf.bits == 64:
                self.add(
                    f"    Offset             Info             Type               Symbol's Value  Symbol's Name{addend_title}"
                )
            else:
                self.add(f" Offset     Info    Type                Sym. Value  Symbol's Name{addend_title}")
            symbols = elf.symbols(header.link) if 0 < header.link < len(elf.sections) else []
            strings = elf.linked_strings(header.link) if symbols else b""
            dynamic = bool(symbols) and elf.sections[header.link].type == SHT_DYNSYM
            if dynamic:
                self._read_versions()
            for offset, type, symbol, addend in rows:
                info = symbol << 32 | type if elf.bits == 64 else symbol << 8 | type
                line = f"{offset:0{self.digits}x}  {info:0{self.digits}x} {(names[type] if type < len(names) and names[type] else f'unrecognized: {type:x}')[:22]:<22}"
                sign = "-" if addend < 0 else "+"
                if symbol and symbol < len(symbols):
                    name_offset, symbol_info, _other, shndx, value, _size = symbols[symbol]
                    name = elf.string(strings, name_offset)
                    if symbol_info & 15 == STT_SECTION and not name and shndx < len(elf.sections):
                        name = elf.sections[shndx].name
                    if dynamic and symbol < len(self.versions):
                        name += self.versions[symbol].split(" ")[0]
                    line += f" {value:0{self.digits}x} {name}"
                    if header.type == SHT_RELA:
                        line += f" {sign} {abs(addend):x}"
                elif header.type == SHT_RELA:
                    line += " " * (self.digits + 3) + f" {'-' if addend < 0 else ''}{abs(addend):x}"
                self.add(line)
        if not found:
            self.add("\nThere are no relocations in this file.")

    def dynamic(self) -> None:
        elf = self.elf
        names = dynamic_tag_names()
        for index, header in enumerate(elf.sections):
            if header.type != SHT_DYNAMIC:
                continue
            data = elf.contents(index)
            unit = 16 if elf.bits == 64 else 8
            rows = list(iter_unpack("<qQ" if unit == 16 else "<iI", data[: len(data) // unit * unit]))
            for number, row in enumerate(rows):
                if row[0] == DT_NULL:
                    rows = rows[: number + 1]
                    break
            strings = elf.linked_strings(index)
            self.add(f"\nDynamic section at offset {header.offset:#x} contains {len(rows)} entries:")
            self.add("  Tag        Type                         Name/Value")
            for tag, value in rows:
                name = names.get(tag, f"{tag:#x}")
                shown = f"({name})"
                self.add(
                    f" 0x{tag & (1 << (4 * self.digits)) - 1:0{self.digits}x} {shown:<20} {self._dynamic_value(tag, value, name, strings)}"
                )
            return
        self.add("\nThere is no dynamic section in this file.")

    def _dynamic_value(self, tag: int, value: int, name: str, strings: bytes) -> str:
        if tag in _DYNAMIC_STRINGS:
            return _DYNAMIC_STRINGS[tag].format(self.elf.string(strings, value))
        if name in _BYTE_TAGS or name in _BYTE_TAGS_2:
            return f"{value} (bytes)"
        if name in _COUNT_TAGS:
            return str(value)
        if name == "PLTREL":
            return "RELA" if value == elf_numbers.DT_RELA else "REL"
        if name == "FLAGS":
            return " ".join(text for bit, text in _FLAG_NAMES if value & bit)
        if name == "FLAGS_1":
            return "Flags: " + " ".join(text for bit, text in _FLAG_1_NAMES if value & bit)
        return f"{value:#x}"

    def notes(self) -> None:
        elf = self.elf
        for index, header in enumerate(elf.sections):
            if header.type != SHT_NOTE:
                continue
            self.add(f"\nDisplaying notes found in: {header.name}")
            self.add("  Owner                Data size \tDescription")
            data = elf.contents(index)
            at = 0
            step = max(header.alignment, 4)
            while at + 12 <= len(data):
                name_size, size, type = unpack_from("<III", data, at)
                owner = data[at + 12 : at + 12 + name_size].rstrip(b"\0").decode("utf-8", "replace")
                start = at + 12 + (name_size + 3 & ~3)
                body = data[start : start + size]
                kind = {1: "NT_GNU_ABI_TAG", 3: "NT_GNU_BUILD_ID", 5: "NT_GNU_PROPERTY_TYPE_0"}.get(type, f"{type:#x}")
                self.add(f"  {owner:<20} 0x{size:08x}\t{kind}")
                if type == 3 and owner == "GNU":
                    self.add(f"    Build ID: {body.hex()}")
                at = start + (size + step - 1 & ~(step - 1))

    def dump(self, wanted: str, as_strings: bool) -> None:
        """-x and -p: contents of a section by name or number."""
        elf = self.elf
        for index, header in enumerate(elf.sections):
            if header.name != wanted and str(index) != wanted:
                continue
            data = elf.contents(index)
            self.add(f"\n{'String' if as_strings else 'Hex'} dump of section '{header.name}':")
            if as_strings:
                at = 0
                for part in data.split(b"\0"):
                    if part:
                        self.add(f"  [{at:6x}]  {part.decode('utf-8', 'surrogateescape')}")
                    at += len(part) + 1
            else:
                for at in range(0, len(data), 16):
                    row = data[at : at + 16]
                    words = " ".join(row[n : n + 4].hex() for n in range(0, len(row), 4))
                    text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
                    self.add(f"  0x{header.address + at:08x} {words:<35} {text}")
            return
        complain("readelf", f"Warning: Section '{wanted}' was not dumped because it does not exist")


def relocation_names(machine: int) -> list[str]:
    """Names of a machine's relocation types by number; [] for a machine that we do not know."""
    try:
        return relocation_target(machine).names
    except KeyError:
        return []


def _inside(address: int, size: int, type: int, flags: int, row: tuple[int, int, int, int, int, int, int, int]) -> bool:
    """Whether a loaded section lies in a segment."""
    segment_type, _flags, _offset, start, _physical, _file_size, memory_size, _alignment = row
    if flags & 0x400 and type == SHT_NOBITS and segment_type != 7:
        return False
    if not flags & 0x400 and segment_type == 7:
        return False
    return start <= address and address + size <= start + memory_size and memory_size > 0


def show(elf: ElfFile, pairs: list[tuple[str, str]]) -> str:
    """What the options ask for, as text."""
    letters = {letter for letter, _value in pairs}
    everything = "a" in letters
    printer = Printer(elf)
    if everything or "h" in letters or "e" in letters:
        printer.file_header()
    if everything or "S" in letters or "e" in letters:
        printer.section_headers()
    if everything or "l" in letters or "e" in letters:
        printer.program_headers(everything or "h" in letters or "e" in letters)
    if everything or "d" in letters:
        printer.dynamic()
    if everything or "r" in letters:
        printer.relocations()
    if everything or "s" in letters:
        printer.symbols((SHT_DYNSYM, SHT_SYMTAB))
    elif "dyn-syms" in letters:
        printer.symbols((SHT_DYNSYM,))
    if everything or "n" in letters:
        printer.notes()
    for letter, value in pairs:
        if letter in ("x", "p"):
            printer.dump(value, letter == "p")
    return printer.text()


@final
class _Reader:
    """What to show of each file, and whether it needs a title."""

    def __init__(self, pairs: list[tuple[str, str]], several: bool) -> None:
        self.pairs = pairs
        self.several = several

    def show(self, path: str) -> int:
        for name, elf in elf_files(path):
            if name or self.several:
                write_text(f"\nFile: {path}({name})\n" if name else f"\nFile: {path}\n")
            write_text(show(elf, self.pairs))
        return 0


def main(arguments: list[str] | None = None) -> int:
    """`readelf`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        pairs, files = split_options("readelf", arguments, "ahlSesrdnWv", "xp", _LONG)
        letters = {letter for letter, _value in pairs}
        if "v" in letters:
            write_text(version_text("readelf"))
            return 0
        if not files or not letters - {"W"}:
            raise ToolError("usage: readelf -a|-h|-l|-S|-s|-r|-d|-n|-x SECTION file...")
    except ToolError as problem:
        complain("readelf", problem.message)
        return 1
    return show_each("readelf: Error", files, _Reader(pairs, len(files) > 1).show)


if __name__ == "__main__":
    sys.exit(main())
