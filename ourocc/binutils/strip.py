"""`strip`: remove symbols and debugging sections from objects, archives, programs and shared libraries.

Relocatable objects are read, reduced and written again.  Programs and shared libraries keep every loaded
byte where it is: only sections outside of memory go, and the section header table is made anew.
"""

import os
import sys
from fnmatch import fnmatchcase
from struct import Struct
from typing import Final, final

from ourocc.binutils.common import (
    ToolError,
    complain,
    is_archive,
    open_elf,
    read_file,
    split_options,
    version_text,
    write_text,
)
from ourocc.linker.output_file import write_output
from ourocc.objects.archive import Archive, write_archive
from ourocc.objects.elf_numbers import ET_REL, SHT_NULL, SHT_REL, SHT_RELA, SHT_SYMTAB, SHT_SYMTAB_SHNDX
from ourocc.objects.elf_reader import ElfFile, ObjectFormatError, read_object
from ourocc.objects.elf_writer import StringTable, write_object
from ourocc.objects.model import (
    SHF_ALLOC,
    SHT_NOBITS,
    SHT_STRTAB,
    STB_LOCAL,
    STT_FILE,
    STT_SECTION,
)

_LONG: Final = {
    "strip-all": "s",
    "strip-debug": "g",
    "strip-unneeded": "u",
    "strip-symbol": "N=",
    "keep-symbol": "K=",
    "keep-file-symbols": "keep-file-symbols",
    "remove-section": "R=",
    "discard-all": "x",
    "discard-locals": "X",
    "preserve-dates": "p",
    "enable-deterministic-archives": "D",
    "disable-deterministic-archives": "U",
    "wildcard": "w",
    "verbose": "v",
    "output-target": "O=",
    "input-target": "I=",
    "target": "F=",
    "version": "V",
    "help": "V",
}


@final
class Rules:
    """What to keep and what to remove."""

    def __init__(self) -> None:
        self.all = False
        self.debug = False
        self.unneeded = False
        self.discard_all = False
        self.discard_locals = False
        self.keep: list[str] = []
        self.remove_symbols: list[str] = []
        self.remove_sections: list[str] = []

    def removes_section(self, name: str, allocated: bool) -> bool:
        if any(fnmatchcase(name, pattern) for pattern in self.remove_sections):
            return True
        if allocated or not (self.all or self.debug or self.unneeded):
            return False
        return is_debug_section(name)


def is_debug_section(name: str) -> bool:
    return name.startswith((".debug", ".zdebug", ".gnu.debuglto", ".line", ".stab", ".gdb_index"))


def strip_object(data: bytes, name: str, rules: Rules) -> bytes:
    """A relocatable object without what the rules remove; symbols that relocations need stay."""
    obj = read_object(data, name)
    gone = {id(s): True for s in obj.sections if rules.removes_section(s.name, s.flags & SHF_ALLOC != 0)}
    obj.sections = [section for section in obj.sections if id(section) not in gone]
    for group in obj.groups:
        group.members = [section for section in group.members if id(section) not in gone]
    obj.groups = [group for group in obj.groups if group.members]
    needed: dict[int, bool] = {}
    for section in obj.sections:
        for relocation in section.relocations:
            if relocation.symbol.section is not None and id(relocation.symbol.section) in gone:
                raise ToolError(f"{name}: section '{section.name}' refers to a removed section")
            needed[id(relocation.symbol)] = True
    for group in obj.groups:
        needed[id(group.signature)] = True
    kept = []
    for symbol in obj.symbols:
        if id(symbol) in needed or symbol.name in rules.keep:
            kept.append(symbol)
            continue
        if symbol.section is not None and id(symbol.section) in gone or symbol.name in rules.remove_symbols:
            continue
        local = symbol.binding == STB_LOCAL
        if rules.all or local and symbol.type not in (STT_FILE,) and _drops_local(rules, symbol.name):
            continue
        if symbol.type == STT_FILE and (rules.unneeded or rules.debug):
            continue
        kept.append(symbol)
    obj.symbols = kept
    return write_object(obj)


def _drops_local(rules: Rules, name: str) -> bool:
    return rules.unneeded or rules.discard_all or rules.discard_locals and name.startswith(".L")


@final
class _ImageStripper:
    """Strips a program or shared library."""

    def __init__(self, elf: ElfFile, rules: Rules) -> None:
        self.elf = elf
        self.rules = rules
        self.wide = elf.bits == 64

    def strip(self) -> bytes:
        elf = self.elf
        end = elf.program_header_offset + elf.program_header_size * elf.program_header_count
        for header in elf.sections:
            if header.flags & SHF_ALLOC and header.type != SHT_NOBITS:
                end = max(end, header.offset + header.size)
        if end > len(elf.data):
            raise elf.fail("a section lies outside of the file")
        out = bytearray(elf.data[:end])
        keep = [index for index in range(1, len(elf.sections)) if self._stays(index)]
        new_index = {0: 0}
        for position, index in enumerate(keep):
            new_index[index] = position + 1
        rows: list[list[int]] = []
        names = StringTable()
        for index in keep:
            header = elf.sections[index]
            content = b""
            offset = header.offset
            size = header.size
            info = header.info
            if not header.flags & SHF_ALLOC:
                content = elf.contents(index)
                if header.type == SHT_SYMTAB:
                    content, info = self._symbols(index, new_index)
                out += bytes(-len(out) % max(header.alignment, 1))
                offset = len(out)
                size = len(content)
                out += content
            elif header.type in (SHT_RELA, SHT_REL):
                info = new_index.get(info, 0)
            link = new_index.get(header.link, 0)
            rows.append(
                [names.add(header.name), header.type, header.flags, header.address, offset, size, link, info]
                + [header.alignment, header.entry_size]
            )
        name = names.add(".shstrtab")
        rows.append([name, SHT_STRTAB, 0, 0, len(out), len(names.data), 0, 0, 1, 0])
        out += names.data
        out += bytes(-len(out) % 8)
        table = len(out)
        form = Struct("<IIQQQQIIQQ" if self.wide else "<IIIIIIIIII")
        out += bytes(form.size)
        for row in rows:
            out += form.pack(*row)
        Struct("<Q" if self.wide else "<I").pack_into(out, 40 if self.wide else 32, table)
        Struct("<HH").pack_into(out, 60 if self.wide else 48, len(rows) + 1, len(rows))
        return bytes(out)

    def _stays(self, index: int) -> bool:
        header = self.elf.sections[index]
        if index == self.elf.section_name_index or header.type == SHT_NULL:
            return False
        if header.flags & SHF_ALLOC:
            return True
        if self.rules.removes_section(header.name, False):
            return False
        table = header.type in (SHT_SYMTAB, SHT_SYMTAB_SHNDX) or header.type == SHT_STRTAB and header.name == ".strtab"
        return not table or bool(self.rules.keep) or not (self.rules.all or self.rules.unneeded)

    def _symbols(self, index: int, new_index: dict[int, int]) -> tuple[bytes, int]:
        """The symbol table with section indices changed; symbols of removed sections go."""
        elf = self.elf
        entries: list[bytes] = []
        local_count = 0
        strings = elf.linked_strings(index)
        pack = Struct("<IBBHQQ" if self.wide else "<IIIBBH").pack
        for number, (name, info, other, shndx, value, size) in enumerate(elf.symbols(index)):
            if 0 < shndx < 0xFF00:
                if shndx not in new_index:
                    continue
                shndx = new_index[shndx]
            text = elf.string(strings, name)
            if number and (self.rules.all or self.rules.unneeded) and text not in self.rules.keep:
                continue
            if number and text not in self.rules.keep:
                local = info >> 4 == STB_LOCAL
                if text in self.rules.remove_symbols or local and info & 15 not in (STT_FILE, STT_SECTION):
                    if text in self.rules.remove_symbols or _drops_local(self.rules, text):
                        continue
            if info >> 4 == STB_LOCAL:
                local_count += 1
            if self.wide:
                entries.append(pack(name, info, other, shndx, value, size))
            else:
                entries.append(pack(name, value, size, info, other, shndx))
        return b"".join(entries), local_count


def strip_bytes(data: bytes, name: str, rules: Rules) -> bytes:
    """Strip an object, program or archive."""
    if is_archive(data):
        archive = Archive(data, name)
        if archive.thin:
            raise ToolError(f"{name}: a thin archive cannot be stripped")
        members = archive.members()
        for member in members:
            if member.data[:4] == b"\x7fELF":
                member.data = strip_bytes(member.data, f"{name}({member.name})", rules)
                member.size = len(member.data)
        return write_archive(members, archive.has_index)
    elf = open_elf(data, name)
    if elf.type == ET_REL:
        return strip_object(data, name, rules)
    return _ImageStripper(elf, rules).strip()


def _rules_of(pairs: list[tuple[str, str]]) -> Rules:
    rules = Rules()
    chosen = False
    for letter, value in pairs:
        if letter == "s":
            rules.all = chosen = True
        elif letter in ("g", "S", "d"):
            rules.debug = chosen = True
        elif letter == "u":
            rules.unneeded = chosen = True
        elif letter == "x":
            rules.discard_all = rules.debug = chosen = True
        elif letter == "X":
            rules.discard_locals = chosen = True
        elif letter == "K":
            rules.keep.append(value)
        elif letter == "N":
            rules.remove_symbols.append(value)
            chosen = True
        elif letter == "R":
            rules.remove_sections.append(value)
    if not chosen:
        rules.all = True
    return rules


def main(arguments: list[str] | None = None) -> int:
    """`strip`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        pairs, files = split_options("strip", arguments, "sgSdxXpDUwvV", "KNRoOIF", _LONG)
        options = dict(pairs)
        if "V" in options:
            write_text(version_text("strip"))
            return 0
        if not files:
            raise ToolError("no input files")
        if "o" in options and len(files) > 1:
            raise ToolError("-o needs exactly one input file")
        rules = _rules_of(pairs)
    except ToolError as problem:
        complain("strip", problem.message)
        return 1
    status = 0
    for path in files:
        try:
            before = os.stat(path) if os.path.exists(path) else None
            data = strip_bytes(read_file(path), path, rules)
            target = options.get("o", path)
            write_output(target, data, False)
            if before is not None:
                os.chmod(target, before.st_mode & 0o7777)
                if "p" in options:
                    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
        except (ToolError, ObjectFormatError) as wrong:
            complain("strip", wrong.message)
            status = 1
        except OSError as failure:
            complain("strip", f"{failure.filename}: {failure.strerror}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
