"""`ar` archives: System V / GNU format with symbol table, long names and thin archives.

Reading is lazy: `Archive` decodes the member headers on demand; `symbol_index` maps a symbol's name to
the offset of the member header that defines it, straight from the archive's own "/" member, so that the
linker touches only the members it needs.  Writing is deterministic (dates, owners zero, mode 0644).
"""

from struct import iter_unpack
from typing import Final, final

from ourocc.objects.elf_numbers import SHN_UNDEF, SHT_SYMTAB
from ourocc.objects.elf_reader import ElfFile, ObjectFormatError
from ourocc.objects.model import STB_LOCAL

ARCHIVE_MAGIC: Final = b"!<arch>\n"
THIN_MAGIC: Final = b"!<thin>\n"
_HEADER_SIZE: Final = 60


@final
class ArchiveMember:
    """One member.  `offset` is that of its header; `data` is empty for members of a thin archive."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.data = data
        self.offset = 0
        self.size = len(data)
        self.date = 0
        self.owner = 0
        self.group = 0
        self.mode = 0o100644


@final
class Archive:
    """An archive being read.  Raises `ObjectFormatError` for malformed ones."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.thin = data[:8] == THIN_MAGIC
        if not self.thin and data[:8] != ARCHIVE_MAGIC:
            raise ObjectFormatError(f"{name}: file format not recognized: not an archive")
        self.long_names = b""
        self.has_index = False
        self._index: bytes = b""
        self._index_word = 4
        self._first = 8  # offset of the first ordinary member
        self._read_special_members()

    def _fail(self, message: str) -> ObjectFormatError:
        return ObjectFormatError(f"{self.name}: malformed archive: {message}")

    def _header(self, offset: int) -> bytes:
        header = self.data[offset : offset + _HEADER_SIZE]
        if len(header) < _HEADER_SIZE or header[58:60] != b"`\n":
            raise self._fail(f"no member header at offset {offset}")
        return header

    def _number(self, field: bytes, base: int) -> int:
        text = field.strip()
        if not text:
            return 0
        try:
            value = int(text, base)
        except ValueError:
            raise self._fail(f"'{text.decode('latin-1')}' is not a number") from None
        if value < 0:
            raise self._fail("negative number in a member header")
        return value

    def _read_special_members(self) -> None:
        offset = 8
        data = self.data
        while offset < len(data):
            header = self._header(offset)
            raw = header[:16].rstrip(b" ")
            if raw not in (b"/", b"//", b"/SYM64/"):
                break
            size = self._number(header[48:58], 10)
            start = offset + _HEADER_SIZE
            if start + size > len(data):
                raise self._fail("special member lies outside of the file")
            content = data[start : start + size]
            if raw == b"//":
                self.long_names = content
            else:
                self.has_index = True
                self._index = content
                self._index_word = 8 if raw == b"/SYM64/" else 4
            offset = start + size + (size & 1)
        self._first = offset

    def symbol_index(self) -> dict[str, int]:
        """Symbol name -> offset of the header of the first member that defines it."""
        table = self._index
        word = self._index_word
        if not self.has_index:
            return {}
        if len(table) < word:
            raise self._fail("symbol table is truncated")
        count = int.from_bytes(table[:word], "big")
        end = word * (count + 1)
        if end > len(table):
            raise self._fail("symbol table is truncated")
        names = table[end:].decode("ascii", "surrogateescape").split("\0")
        if len(names) < count:
            raise self._fail("symbol table has fewer names than offsets")
        result: dict[str, int] = {}
        offsets = [entry[0] for entry in iter_unpack(">Q" if word == 8 else ">I", table[word:end])]
        # The first definition wins, so write them in reverse.
        result.update(zip(reversed(names[:count]), reversed(offsets), strict=True))
        return result

    def member_at(self, offset: int) -> ArchiveMember:
        """The member whose header stands at `offset`."""
        header = self._header(offset)
        size = self._number(header[48:58], 10)
        raw = header[:16].rstrip(b" ")
        start = offset + _HEADER_SIZE
        inline_name = 0
        if raw.startswith(b"/") and raw[1:].isdigit():
            position = int(raw[1:])
            end = self.long_names.find(b"\n", position)
            if position >= len(self.long_names) or end < 0:
                raise self._fail("long member name lies outside of the name table")
            raw = self.long_names[position:end]
            if raw.endswith(b"/"):
                raw = raw[:-1]
        elif raw.startswith(b"#1/") and raw[3:].isdigit():  # BSD: the name precedes the contents
            inline_name = min(int(raw[3:]), size)
            raw = self.data[start : start + inline_name].rstrip(b"\0")
        elif raw.endswith(b"/") and len(raw) > 1:
            raw = raw[:-1]
        data = b""
        if not self.thin:
            if start + size > len(self.data):
                raise self._fail("member lies outside of the file")
            data = self.data[start + inline_name : start + size]
        member = ArchiveMember(raw.decode("utf-8", "surrogateescape"), data)
        member.offset = offset
        member.size = size
        member.date = self._number(header[16:28], 10)
        member.owner = self._number(header[28:34], 10)
        member.group = self._number(header[34:40], 10)
        member.mode = self._number(header[40:48], 8)
        return member

    def members(self) -> list[ArchiveMember]:
        """All ordinary members, in order."""
        result: list[ArchiveMember] = []
        offset = self._first
        while offset < len(self.data):
            member = self.member_at(offset)
            result.append(member)
            size = 0 if self.thin else member.size
            offset += _HEADER_SIZE + size + (size & 1)
        return result


def defined_symbols(data: bytes, name: str) -> list[str]:
    """Names of the global symbols that an object defines (what an archive's index lists); [] for no ELF."""
    if data[:4] != b"\x7fELF":
        return []
    elf = ElfFile(data, name)
    result: list[str] = []
    for index, header in enumerate(elf.sections):
        if header.type != SHT_SYMTAB:
            continue
        strings = elf.linked_strings(index)
        for name_offset, info, _other, shndx, _value, _size in elf.symbols(index):
            if shndx != SHN_UNDEF and info >> 4 != STB_LOCAL:
                result.append(elf.string(strings, name_offset))
    return result


def write_archive(
    members: list[ArchiveMember], index: bool = True, thin: bool = False, deterministic: bool = True
) -> bytes:
    """An archive of `members` in GNU format; `index` adds the symbol table ("ar s")."""
    long_names = bytearray()
    name_fields: list[bytes] = []
    for member in members:
        encoded = member.name.encode("utf-8", "surrogateescape")
        if len(encoded) <= 15 and not thin and b"/" not in encoded:
            name_fields.append(encoded + b"/")
        else:
            name_fields.append(b"/%d" % len(long_names))
            long_names += encoded + b"/\n"
    if len(long_names) & 1:
        long_names += b"\n"
    names: list[bytes] = []
    owners: list[int] = []
    if index:
        for number, member in enumerate(members):
            for symbol in defined_symbols(member.data, member.name):
                names.append(symbol.encode("utf-8", "surrogateescape"))
                owners.append(number)
    index_size = 0
    if index:
        index_size = 4 + 4 * len(names) + sum(len(name) + 1 for name in names)
        index_size += index_size & 1
    offset = 8 + (_HEADER_SIZE + index_size if index else 0)
    offset += _HEADER_SIZE + len(long_names) if long_names else 0
    offsets: list[int] = []
    for member in members:
        offsets.append(offset)
        offset += _HEADER_SIZE + (0 if thin else len(member.data) + (len(member.data) & 1))
    out = bytearray(THIN_MAGIC if thin else ARCHIVE_MAGIC)
    if index:
        table = bytearray(len(names).to_bytes(4, "big"))
        for owner in owners:
            table += offsets[owner].to_bytes(4, "big")
        table += b"".join(name + b"\0" for name in names)
        table += bytes(index_size - len(table))
        out += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (b"/", 0, 0, 0, b"0", index_size)
        out += table
    if long_names:
        out += b"%-16s%-32s%-10d`\n" % (b"//", b"", len(long_names))
        out += long_names
    for member, field in zip(members, name_fields, strict=True):
        date = 0 if deterministic else member.date
        owner = 0 if deterministic else member.owner
        group = 0 if deterministic else member.group
        mode = b"%o" % (0o644 if deterministic else member.mode)
        out += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (
            field,
            date,
            owner,
            group,
            mode,
            member.size if thin else len(member.data),
        )
        if not thin:
            out += member.data
            if len(member.data) & 1:
                out += b"\n"
    return bytes(out)
