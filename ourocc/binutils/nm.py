"""`nm`: list the symbols of objects, archives, shared libraries and executables."""

import sys
from typing import Final, final

from ourocc.binutils.common import (
    ToolError,
    complain,
    objects_of,
    open_elf,
    read_file,
    show_each,
    split_options,
    version_text,
    write_text,
)
from ourocc.binutils.symbol_versions import symbol_versions
from ourocc.objects.archive import Archive
from ourocc.objects.elf_numbers import SHN_ABS, SHN_COMMON, SHN_UNDEF, SHN_XINDEX, SHT_DYNSYM, SHT_SYMTAB
from ourocc.objects.elf_reader import ElfFile, ObjectFormatError
from ourocc.objects.model import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    STB_GNU_UNIQUE,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_GNU_IFUNC,
    STT_OBJECT,
    STT_SECTION,
)

_LONG: Final = {
    "print-file-name": "A",
    "debug-syms": "a",
    "dynamic": "D",
    "extern-only": "g",
    "undefined-only": "u",
    "defined-only": "U",
    "numeric-sort": "n",
    "no-sort": "p",
    "reverse-sort": "r",
    "print-size": "S",
    "size-sort": "size-sort",
    "portability": "P",
    "format": "f=",
    "radix": "t=",
    "print-armap": "s",
    "demangle": "C",
    "no-demangle": "no-demangle",
    "just-symbols": "j",
    "quiet": "quiet",
    "no-weak": "W",
    "with-symbol-versions": "no-demangle",
    "without-symbol-versions": "no-demangle",
    "special-syms": "no-demangle",
    "plugin": "plugin=",
    "version": "V",
    "help": "help",
}


@final
class _Row:
    def __init__(self, name: str, letter: str, value: int, size: int, defined: bool) -> None:
        self.name = name
        self.letter = letter
        self.value = value
        self.size = size
        self.defined = defined


def symbol_letter(elf: ElfFile, info: int, shndx: int) -> str:
    """The class letter of a symbol; lower case for locals."""
    binding = info >> 4
    type = info & 15
    if shndx == SHN_COMMON:
        return "C"
    if shndx == SHN_UNDEF:
        return ("v" if type == STT_OBJECT else "w") if binding == STB_WEAK else "U"
    if type == STT_GNU_IFUNC:
        return "i"
    if binding == STB_WEAK:
        return "V" if type == STT_OBJECT else "W"
    if binding == STB_GNU_UNIQUE:
        return "u"
    letter = "A"
    if shndx != SHN_ABS and shndx < len(elf.sections):
        header = elf.sections[shndx]
        if not header.flags & SHF_ALLOC:
            return "N" if header.name.startswith((".debug", ".zdebug", ".stab", ".line")) else "n"
        if header.flags & SHF_EXECINSTR:
            letter = "T"
        elif header.flags & SHF_WRITE:
            letter = "B" if header.type == SHT_NOBITS else "D"
        else:
            letter = "R"
    return letter.lower() if binding == STB_LOCAL else letter


@final
class _Lister:
    def __init__(self, options: dict[str, str]) -> None:
        self.options = options
        radix = options.get("t", "x")
        if radix not in ("d", "o", "x"):
            raise ToolError(f"{radix}: invalid radix")
        self.radix = radix
        style = options.get("f", "posix" if "P" in options else "bsd")
        styles = {"bsd": "bsd", "b": "bsd", "posix": "posix", "p": "posix", "just-symbols": "just", "j": "just"}
        if style not in styles:
            raise ToolError(f"{style}: invalid or unsupported output format")
        self.style = "just" if "j" in options else styles[style]
        self.several = False  # more than one file: each gets a title

    def rows(self, elf: ElfFile) -> list[_Row]:
        options = self.options
        wanted = SHT_DYNSYM if "D" in options else SHT_SYMTAB
        result: list[_Row] = []
        for index, header in enumerate(elf.sections):
            if header.type != wanted:
                continue
            strings = elf.linked_strings(index)
            versions = symbol_versions(elf) if wanted == SHT_DYNSYM else []
            extended = elf.extended_indices(index)
            for number, (name_offset, info, _other, shndx, value, size) in enumerate(elf.symbols(index)):
                type = info & 15
                if number == 0 or type in (STT_FILE, STT_SECTION) and "a" not in options:
                    continue
                if shndx == SHN_XINDEX and number < len(extended):
                    shndx = extended[number]
                name = elf.string(strings, name_offset)
                if type == STT_SECTION and shndx < len(elf.sections):
                    name = elf.sections[shndx].name
                if number < len(versions):
                    name += versions[number].text
                row = _Row(name, symbol_letter(elf, info, shndx), value, size, shndx != SHN_UNDEF)
                if shndx == SHN_COMMON:
                    row.value = size
                if type == STT_FILE:
                    row.letter = "a"
                if self._is_shown(row, info):
                    result.append(row)
        return result

    def _is_shown(self, row: _Row, info: int) -> bool:
        options = self.options
        if "u" in options and row.defined or "U" in options and not row.defined:
            return False
        if "g" in options and info >> 4 == STB_LOCAL or "W" in options and info >> 4 == STB_WEAK:
            return False
        return not ("size-sort" in options and (row.size == 0 or not row.defined))

    def sort(self, rows: list[_Row]) -> list[_Row]:
        options = self.options
        if "size-sort" in options:
            rows.sort(key=_by_size, reverse="r" in options)
        elif "n" in options:
            rows.sort(key=_by_value, reverse="r" in options)
        elif "p" not in options:
            rows.sort(key=_by_name, reverse="r" in options)
        return rows

    def _number(self, value: int, digits: int) -> str:
        if self.radix == "d":
            return f"{value:0{digits}d}"
        return f"{value:0{digits}o}" if self.radix == "o" else f"{value:0{digits}x}"

    def text(self, elf: ElfFile, prefix: str) -> str:
        digits = 16 if elf.bits == 64 else 8
        lines: list[str] = []
        for row in self.sort(self.rows(elf)):
            if self.style == "just":
                lines.append(f"{prefix}{row.name}\n")
            elif self.style == "posix":
                place = f"{self._number(row.value, 1)} {self._number(row.size, 1) if row.size else ''}"
                lines.append(f"{prefix}{row.name} {row.letter} {place if row.defined else '        '}\n")
            else:
                value = self._number(row.value, digits) if row.defined else " " * digits
                size = ""
                if "S" in self.options and row.defined and row.size:
                    size = " " + self._number(row.size, digits)
                elif "size-sort" in self.options and "S" not in self.options:
                    value = self._number(row.size, digits)
                lines.append(f"{prefix}{value}{size} {row.letter} {row.name}\n")
        return "".join(lines)

    def list_file(self, path: str) -> int:
        """All objects in a file; 1 when one of them is none."""
        data = read_file(path)
        status = 0
        members = objects_of(data, path)
        in_archive = bool(members) and members[0][0] != "" or data[:1] == b"!"
        options = self.options
        if self.several and "A" not in options and self.style != "just" and (not in_archive or self.style == "posix"):
            write_text(f"{path}:\n" if self.style == "posix" else f"\n{path}:\n")
        if "s" in options and in_archive:
            write_text(_archive_index(path, data))
        for name, content in members:
            full = f"{path}[{name}]" if self.style == "posix" and name else f"{path}:{name}" if name else path
            prefix = f"{full}: " if "A" in options and self.style == "posix" else f"{full}:" if "A" in options else ""
            if name and not prefix and self.style != "just":
                write_text(f"{path}[{name}]:\n" if self.style == "posix" else f"\n{name}:\n")
            try:
                text = self.text(open_elf(content, full), prefix)
            except (ToolError, ObjectFormatError) as wrong:
                complain("nm", wrong.message)
                status = 1
                continue
            if not text and "quiet" not in options:
                complain("nm", f"{name or path}: no symbols")
            write_text(text)
        return status


def _by_size(row: _Row) -> tuple[int, str]:
    return row.size, row.name


def _by_value(row: _Row) -> tuple[bool, int, str]:
    return row.defined, row.value, row.name


def _by_name(row: _Row) -> str:
    return row.name


def _archive_index(path: str, data: bytes) -> str:
    """What -s prints: which member defines which symbol."""
    archive = Archive(data, path)
    names = {member.offset: member.name for member in archive.members()}
    lines = ["\nArchive index:\n"]
    for symbol, offset in reversed(list(archive.symbol_index().items())):
        lines.append(f"{symbol} in {names.get(offset, '?')}\n")
    return "".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """`nm`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        pairs, files = split_options("nm", arguments, "AaBCDgjnoPprSsuUvVW", "ftX", _LONG)
        options = dict(pairs)
        if "V" in options or "help" in options:
            write_text(version_text("nm"))
            return 0
        if "o" in options:
            options["A"] = ""
        if "v" in options:
            options["n"] = ""
        lister = _Lister(options)
    except ToolError as problem:
        complain("nm", problem.message)
        return 1
    lister.several = len(files) > 1
    return show_each("nm", files or ["a.out"], lister.list_file)


if __name__ == "__main__":
    sys.exit(main())
