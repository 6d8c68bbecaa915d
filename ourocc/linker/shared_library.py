"""Reading a shared object that is linked against: soname, exported names with versions, what it needs."""

from struct import iter_unpack, unpack_from

from ourocc.linker.elements import SharedLibrary
from ourocc.objects.elf_numbers import (
    DT_NEEDED,
    DT_NULL,
    DT_SONAME,
    SHN_UNDEF,
    SHT_DYNAMIC,
    SHT_DYNSYM,
    SHT_GNU_VERDEF,
    SHT_GNU_VERNEED,
    SHT_GNU_VERSYM,
    VER_FLG_BASE,
    VERSYM_HIDDEN,
)
from ourocc.objects.elf_reader import ElfFile
from ourocc.objects.model import STB_LOCAL, STB_WEAK


def read_shared_library(elf: ElfFile, name: str, fallback_soname: str) -> SharedLibrary:
    """Decode the dynamic symbol table of `elf`.  Raises ObjectFormatError (or struct.error) when malformed."""
    library = SharedLibrary(name, fallback_soname)
    library.elf = elf
    dynsym = 0
    version_words: list[int] = []
    version_names: list[str] = ["", ""]
    for index, header in enumerate(elf.sections):
        if header.type == SHT_DYNSYM:
            dynsym = index
        elif header.type == SHT_GNU_VERSYM:
            data = elf.contents(index)
            version_words = [word[0] for word in iter_unpack("<H", data[: len(data) & ~1])]
        elif header.type == SHT_GNU_VERDEF:
            _read_definitions(elf, index, version_names)
        elif header.type == SHT_GNU_VERNEED:
            _read_needs(elf, index, version_names)
        elif header.type == SHT_DYNAMIC:
            _read_dynamic(elf, index, library)
    if dynsym:
        _read_symbols(elf, dynsym, version_words, version_names, library)
    return library


def _read_dynamic(elf: ElfFile, index: int, library: SharedLibrary) -> None:
    strings = elf.linked_strings(index)
    data = elf.contents(index)
    size = 16 if elf.bits == 64 else 8
    for tag, value in iter_unpack("<qQ" if size == 16 else "<iI", data[: len(data) // size * size]):
        if tag == DT_NULL:
            break
        if tag == DT_SONAME:
            library.soname = elf.string(strings, value)
        elif tag == DT_NEEDED:
            library.needed_names.append(elf.string(strings, value))


def _set_name(names: list[str], index: int, name: str) -> None:
    index &= 0x7FFF
    while len(names) <= index:
        names.append("")
    names[index] = name


def _read_definitions(elf: ElfFile, index: int, names: list[str]) -> None:
    data = elf.contents(index)
    strings = elf.linked_strings(index)
    offset = 0
    while offset + 20 <= len(data):
        _version, flags, number, _count, _hash, aux, following = unpack_from("<HHHHIII", data, offset)
        if not flags & VER_FLG_BASE and offset + aux + 8 <= len(data):
            _set_name(names, number, elf.string(strings, unpack_from("<I", data, offset + aux)[0]))
        if following == 0:
            break
        offset += following


def _read_needs(elf: ElfFile, index: int, names: list[str]) -> None:
    data = elf.contents(index)
    strings = elf.linked_strings(index)
    offset = 0
    while offset + 16 <= len(data):
        _version, count, _file, aux, following = unpack_from("<HHIII", data, offset)
        at = offset + aux
        for _ in range(count):
            if at + 16 > len(data):
                break
            _hash, _flags, number, name, after = unpack_from("<IHHII", data, at)
            _set_name(names, number, elf.string(strings, name))
            if after == 0:
                break
            at += after
        if following == 0:
            break
        offset += following


def _read_symbols(
    elf: ElfFile, dynsym: int, version_words: list[int], version_names: list[str], library: SharedLibrary
) -> None:
    raw = elf.symbols(dynsym)
    strings = elf.linked_strings(dynsym)
    text = strings.decode("ascii", "surrogateescape")
    library.raw_symbols = raw
    exports = library.exports
    versions = library.versions
    for index, (name_offset, info, other, shndx, _value, _size) in enumerate(raw):
        if index == 0 or info >> 4 == STB_LOCAL:
            versions.append("")
            continue
        end = text.find("\0", name_offset)
        if end < 0:
            raise elf.fail("symbol name lies outside of the string table")
        name = text[name_offset:end]
        word = version_words[index] if index < len(version_words) else 1
        number = word & 0x7FFF
        version = version_names[number] if number < len(version_names) else ""
        versions.append(version)
        if shndx == SHN_UNDEF:
            library.undefined.append(name)
            if info >> 4 != STB_WEAK:
                library.required.append(name)
            continue
        if number == 0 or other & 3 in (1, 2):
            continue  # local to the library
        if version:
            exports.setdefault(name + "@" + version, index)
        if not word & VERSYM_HIDDEN:
            exports[name] = index
        else:
            exports.setdefault(name + "@", index)  # for those who ask without a version and find no default
