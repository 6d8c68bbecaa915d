"""`objcopy`: copy an object or program, removing, adding, renaming sections and symbols; raw binary output.

Relocatable objects go through the in-memory object; programs and shared libraries can be stripped (as by
`strip`) or written as the raw bytes of their loaded sections (-O binary).
"""

import os
import sys
from fnmatch import fnmatchcase
from typing import Final, final

from ourocc.binutils.common import ToolError, complain, open_elf, read_file, split_options, version_text, write_text
from ourocc.binutils.strip import Rules, strip_bytes
from ourocc.linker.output_file import write_output
from ourocc.objects.elf_numbers import ET_REL
from ourocc.objects.elf_reader import ElfFile, ObjectFormatError, read_object
from ourocc.objects.elf_writer import write_object
from ourocc.objects.model import (
    DEFINED,
    EM_386,
    EM_AARCH64,
    EM_RISCV,
    EM_X86_64,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_SECTION,
    UNDEFINED,
    ObjectFile,
    Section,
    Symbol,
)

_LONG: Final = {
    "input-target": "I=",
    "output-target": "O=",
    "binary-architecture": "B=",
    "strip-all": "S",
    "strip-debug": "g",
    "strip-unneeded": "strip-unneeded",
    "discard-all": "x",
    "discard-locals": "X",
    "only-section": "j=",
    "remove-section": "R=",
    "keep-symbol": "K=",
    "strip-symbol": "N=",
    "localize-symbol": "L=",
    "globalize-symbol": "globalize=",
    "weaken-symbol": "W=",
    "weaken": "weaken",
    "keep-global-symbol": "G=",
    "redefine-sym": "redefine=",
    "prefix-symbols": "prefix=",
    "rename-section": "rename=",
    "add-section": "add=",
    "update-section": "update=",
    "dump-section": "dump=",
    "set-section-flags": "flags=",
    "set-section-alignment": "alignment=",
    "gap-fill": "gap=",
    "pad-to": "pad=",
    "preserve-dates": "p",
    "enable-deterministic-archives": "D",
    "version": "V",
    "help": "V",
}
_REMOVING: Final = ("S", "g", "strip-unneeded", "x", "X", "R", "K", "N")
_EDITING: Final = (
    "L",
    "globalize",
    "W",
    "weaken",
    "G",
    "redefine",
    "prefix",
    "rename",
    "add",
    "update",
    "flags",
    "alignment",
    "j",
)
_ARCHITECTURES: Final = {
    "i386:x86-64": (EM_X86_64, 64),
    "i386": (EM_386, 32),
    "riscv:rv64": (EM_RISCV, 64),
    "riscv": (EM_RISCV, 64),
    "aarch64": (EM_AARCH64, 64),
}
_FORMATS: Final = {
    "elf64-x86-64": (EM_X86_64, 64),
    "elf32-i386": (EM_386, 32),
    "elf64-littleriscv": (EM_RISCV, 64),
    "elf64-littleaarch64": (EM_AARCH64, 64),
}


def raw_binary(elf: ElfFile, keep: list[str], remove: list[str], gap: int, pad_to: int) -> bytes:
    """The loaded contents by load address, from the lowest one on (-O binary)."""
    rows: list[tuple[int, bytes]] = []
    for index, header in enumerate(elf.sections):
        if not header.flags & SHF_ALLOC or header.type == SHT_NOBITS or header.size == 0:
            continue
        if keep and not _listed(header.name, keep) or _listed(header.name, remove):
            continue
        rows.append((load_address(elf, header.address, header.size), elf.contents(index)))
    if not rows:
        return b""
    rows.sort()
    start = rows[0][0]
    end = max(address + len(data) for address, data in rows)
    if end - start > 1 << 32:
        raise ToolError(f"{elf.name}: sections are too far apart for a raw binary ({end - start:#x} bytes)")
    out = bytearray(bytes([gap]) * (max(end, pad_to) - start))
    for address, data in rows:
        out[address - start : address - start + len(data)] = data
    return bytes(out)


def load_address(elf: ElfFile, address: int, size: int) -> int:
    """The physical address of a loaded section, from the program header that holds it."""
    from struct import unpack_from

    for number in range(elf.program_header_count):
        at = elf.program_header_offset + number * elf.program_header_size
        if at + (56 if elf.bits == 64 else 32) > len(elf.data):
            raise elf.fail("program headers lie outside of the file")
        if elf.bits == 64:
            type, _flags, _offset, virtual, physical, _file_size, memory_size = unpack_from("<IIQQQQQ", elf.data, at)
        else:
            type, _offset, virtual, physical, _file_size, memory_size = unpack_from("<IIIIII", elf.data, at)
        if type == 1 and virtual <= address and address + size <= virtual + memory_size:
            return int(physical + address - virtual)
    return address


def from_binary(data: bytes, path: str, machine: int, bits: int) -> ObjectFile:
    """-I binary: the file as .data, with _binary_NAME_start, _end and _size."""
    obj = ObjectFile(machine)
    obj.bits = bits
    section = obj.section(".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE)
    section.data += data
    stem = "_binary_" + "".join(c if c.isalnum() and c.isascii() else "_" for c in path)
    for suffix, value in (("_start", 0), ("_end", len(data))):
        symbol = Symbol(stem + suffix, DEFINED)
        symbol.section, symbol.value = section, value
        obj.symbols.append(symbol)
    size = Symbol(stem + "_size", 2)
    size.value = len(data)
    obj.symbols.append(size)
    return obj


def _listed(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@final
class _Editor:
    """Applies the options that change an object's sections and symbols."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.values: dict[str, list[str]] = {}
        for letter, value in pairs:
            self.values.setdefault(letter, []).append(value)

    def list_of(self, letter: str) -> list[str]:
        return self.values.get(letter, [])

    def edit(self, obj: ObjectFile) -> None:
        self._sections(obj)
        self._symbols(obj)

    def _sections(self, obj: ObjectFile) -> None:
        only = self.list_of("j")
        if only:
            obj.sections = [section for section in obj.sections if _listed(section.name, only)]
            kept = {id(section): True for section in obj.sections}
            obj.symbols = [s for s in obj.symbols if s.section is None or id(s.section) in kept]
            obj.groups = []
        by_name = {section.name: section for section in obj.sections}
        for value in self.list_of("add") + self.list_of("update"):
            name, path = _pair(value, "=")
            section = by_name.get(name)
            if section is None:
                section = Section(name)
                obj.sections.append(section)
                by_name[name] = section
            section.data = bytearray(read_file(path))
        for value in self.list_of("rename"):
            old, rest = _pair(value, "=")
            new, _, flags = rest.partition(",")
            for section in obj.sections:
                if section.name == old:
                    section.name = new
                    if flags:
                        set_flags(section, flags)
        for value in self.list_of("flags"):
            name, flags = _pair(value, "=")
            for section in obj.sections:
                if fnmatchcase(section.name, name):
                    set_flags(section, flags)
        for value in self.list_of("alignment"):
            name, amount = _pair(value, "=")
            for section in obj.sections:
                if section.name == name:
                    section.alignment = _number(amount)

    def _symbols(self, obj: ObjectFile) -> None:
        renamed = dict(_pair(value, "=") for value in self.list_of("redefine"))
        prefix = self.list_of("prefix")
        local = self.list_of("L")
        shared = self.list_of("globalize")
        weak = self.list_of("W")
        keep_global = self.list_of("G")
        for symbol in obj.symbols:
            if symbol.type in (STT_SECTION, STT_FILE):
                continue
            name = symbol.name
            if symbol.place != UNDEFINED and symbol.binding != STB_LOCAL:
                if name in local or keep_global and name not in keep_global:
                    symbol.binding = STB_LOCAL
                elif name in weak or "weaken" in self.values:
                    symbol.binding = STB_WEAK
            elif symbol.place != UNDEFINED and name in shared:
                symbol.binding = STB_GLOBAL
            symbol.name = renamed.get(name, name)
            if prefix:
                symbol.name = prefix[-1] + symbol.name


def set_flags(section: Section, text: str) -> None:
    """Section flags by name: alloc, load, readonly, code, data, contents, noload, debug."""
    words = text.split(",")
    flags = section.flags & ~(SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR)
    known = (
        "alloc",
        "load",
        "readonly",
        "code",
        "data",
        "contents",
        "noload",
        "debug",
        "rom",
        "share",
        "merge",
        "strings",
    )
    for word in words:
        if word not in known:
            raise ToolError(f"unrecognized section flag `{word}'")
    if "alloc" in words:
        flags |= SHF_ALLOC
    if "code" in words:
        flags |= SHF_EXECINSTR
    if "readonly" not in words:
        flags |= SHF_WRITE
    section.flags = flags
    if section.type == SHT_NOBITS and ("contents" in words or "load" in words):
        section.type = SHT_PROGBITS
        section.data = bytearray(section.nobits_size)
        section.nobits_size = 0


def _pair(value: str, separator: str) -> tuple[str, str]:
    first, found, second = value.partition(separator)
    if not found or not first or not second:
        raise ToolError(f"bad argument '{value}': NAME{separator}VALUE is expected")
    return first, second


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise ToolError(f"'{text}' is not a number") from None


def copy(path: str, pairs: list[tuple[str, str]]) -> bytes:
    """The bytes of the copy of `path` that the options ask for."""
    options = dict(pairs)
    editor = _Editor(pairs)
    data = read_file(path)
    if options.get("I", "") == "binary":
        architecture = options.get("B", "")
        machine = _ARCHITECTURES.get(architecture) or _FORMATS.get(options.get("O", ""))
        if machine is None:
            raise ToolError("-I binary needs -O with an ELF format, or -B with an architecture")
        obj = from_binary(data, path, machine[0], machine[1])
        editor.edit(obj)
        return write_object(obj)
    for value in editor.list_of("dump"):
        name, target = _pair(value, "=")
        elf = open_elf(data, path)
        found = [index for index, header in enumerate(elf.sections) if header.name == name]
        if not found:
            raise ToolError(f"{path}: can't dump section '{name}' - it does not exist")
        write_output(target, elf.contents(found[0]), False)
    output = options.get("O", "")
    if output == "binary":
        gap = _number(options.get("gap", "0")) & 0xFF
        pad = _number(options.get("pad", "0"))
        return raw_binary(open_elf(data, path), editor.list_of("j"), editor.list_of("R"), gap, pad)
    if output and output not in _FORMATS:
        raise ToolError(f"output format '{output}' is not supported")
    if any(letter in _EDITING for letter, _value in pairs):
        elf = open_elf(data, path)
        if elf.type != ET_REL:
            raise ToolError(f"{path}: sections and symbols can only be changed in relocatable objects")
        obj = read_object(data, path)
        editor.edit(obj)
        data = write_object(obj)
    if any(letter in _REMOVING for letter, _value in pairs):
        data = strip_bytes(data, path, _rules(pairs))
    elif data[:4] != b"\x7fELF":
        raise ToolError(f"{path}: file format not recognized")
    return data


def _rules(pairs: list[tuple[str, str]]) -> Rules:
    rules = Rules()
    for letter, value in pairs:
        if letter == "S":
            rules.all = True
        elif letter == "g":
            rules.debug = True
        elif letter == "strip-unneeded":
            rules.unneeded = True
        elif letter == "x":
            rules.discard_all = True
        elif letter == "X":
            rules.discard_locals = True
        elif letter == "R":
            rules.remove_sections.append(value)
        elif letter == "K":
            rules.keep.append(value)
        elif letter == "N":
            rules.remove_symbols.append(value)
    return rules


def main(arguments: list[str] | None = None) -> int:
    """`objcopy`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        pairs, files = split_options("objcopy", arguments, "SgxXpDVUv", "IOBjRKNLWGFb", _LONG)
        options = dict(pairs)
        if "V" in options:
            write_text(version_text("objcopy"))
            return 0
        if not 1 <= len(files) <= 2:
            raise ToolError("usage: objcopy [options] input [output]")
        source = files[0]
        target = files[-1]
        data = copy(source, pairs)
        status = os.stat(source)
        write_output(target, data, False)
        if options.get("O", "") != "binary":
            os.chmod(target, status.st_mode & 0o7777)
        if "p" in options:
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
        return 0
    except (ToolError, ObjectFormatError) as wrong:
        complain("objcopy", wrong.message)
    except OSError as failure:
        complain("objcopy", f"{failure.filename}: {failure.strerror}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
