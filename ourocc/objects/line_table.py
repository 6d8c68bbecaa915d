"""The DWARF line number program (`.debug_line`, versions 4 and 5; DWARF 5 section 6.2).

In: directories, files, and for each code section its rows (offset, file, line, column, flags).
Out: one line table per compilation unit, appended to `.debug_line`, with a relocated address at the
start of each sequence.  `debug_info.py` writes the unit that refers to it.
"""

from typing import Final, final

from ourocc.base.source import remap_prefix
from ourocc.objects.dwarf_target import RelocatedBuffer, dwarf_target, sleb128, uleb128
from ourocc.objects.model import (
    SHF_MERGE,
    SHF_STRINGS,
    SHT_PROGBITS,
    ObjectFile,
    Section,
)

# Flags of a row
ROW_IS_STATEMENT: Final = 1
ROW_BASIC_BLOCK: Final = 2
ROW_PROLOGUE_END: Final = 4
ROW_EPILOGUE_BEGIN: Final = 8

_LINE_BASE: Final = -5
_LINE_RANGE: Final = 14
_OPCODE_BASE: Final = 13
_MAXIMAL_SPECIAL_ADVANCE: Final = (255 - _OPCODE_BASE) // _LINE_RANGE  # of addresses
_STANDARD_LENGTHS: Final = bytes([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])

_DW_LNS_COPY: Final = 1
_DW_LNS_ADVANCE_PC: Final = 2
_DW_LNS_ADVANCE_LINE: Final = 3
_DW_LNS_SET_FILE: Final = 4
_DW_LNS_SET_COLUMN: Final = 5
_DW_LNS_NEGATE_STMT: Final = 6
_DW_LNS_SET_BASIC_BLOCK: Final = 7
_DW_LNS_CONST_ADD_PC: Final = 8
_DW_LNS_SET_PROLOGUE_END: Final = 10
_DW_LNS_SET_EPILOGUE_BEGIN: Final = 11
_DW_LNE_END_SEQUENCE: Final = 1
_DW_LNE_SET_ADDRESS: Final = 2
_DW_LNE_SET_DISCRIMINATOR: Final = 4

_DW_LNCT_PATH: Final = 1
_DW_LNCT_DIRECTORY_INDEX: Final = 2
_DW_LNCT_MD5: Final = 5
_DW_FORM_UDATA: Final = 0x0F
_DW_FORM_LINE_STRP: Final = 0x1F
_DW_FORM_DATA16: Final = 0x1E


@final
class LineRow:
    """The code from `offset` on belongs to `line` of file number `file` (index into LineTable.files)."""

    def __init__(
        self, offset: int, file: int, line: int, column: int, flags: int, discriminator: int = 0
    ) -> None:
        self.offset = offset
        self.file = file
        self.line = line
        self.column = column
        self.flags = flags
        self.discriminator = discriminator


@final
class LineSequence:
    """The rows of one section, in order of offset; `end` is the offset behind the last instruction."""

    def __init__(self, section: Section, end: int) -> None:
        self.section = section
        self.end = end
        self.rows: list[LineRow] = []


@final
class LineFile:
    """A source file: name, index of its directory, MD5 digest (b"" or 16 bytes)."""

    def __init__(self, name: str, directory: int, md5: bytes = b"") -> None:
        self.name = name
        self.directory = directory
        self.md5 = md5


@final
class LineTable:
    """Directory 0 is the compilation directory, file 0 the primary source file.

    Files are numbered from 0 here; version 4, which numbers from 1, gets the numbers shifted by one.
    The assembler, whose `.file N` numbers are the user's, keeps files[0] as the primary file.
    """

    def __init__(self, version: int, directory: str, primary: str) -> None:
        self.version = version
        self.directories: list[str] = [directory]
        self.files: list[LineFile] = [LineFile(primary, 0)]
        self.sequences: list[LineSequence] = []
        self.prefix_maps: list[tuple[str, str]] = []  # -fdebug-prefix-map, the last one first
        self._file_numbers: dict[tuple[str, int], int] = {(primary, 0): 0}

    def file(self, path: str) -> int:
        """The number of a source file given by path; its directory part is entered as a directory."""
        path = remap_prefix(path, self.prefix_maps)
        directory, _, name = path.rpartition("/")
        number = 0
        if directory or path.startswith("/"):
            directory = directory or "/"
            if directory in self.directories:
                number = self.directories.index(directory)
            else:
                number = len(self.directories)
                self.directories.append(directory)
        key = (name, number)
        found = self._file_numbers.get(key, -1)
        if found < 0:
            primary = self.files[0]
            if primary.name == path:
                return 0
            found = len(self.files)
            self.files.append(LineFile(name, number))
            self._file_numbers[key] = found
        return found


@final
class DebugStrings:
    """A string section (.debug_str, .debug_line_str); linkers merge equal strings of it, and so does `add` when `shared`."""

    def __init__(self, obj: ObjectFile, name: str, shared: bool = True) -> None:
        self.shared = shared
        self.section = obj.section(name, SHT_PROGBITS, SHF_MERGE | SHF_STRINGS, 1)
        self.section.entry_size = 1
        self.offsets: dict[str, int] = {}

    def add(self, text: str) -> int:
        offset = self.offsets.get(text, -1)
        if offset < 0 or not self.shared:
            offset = len(self.section.data)
            self.offsets[text] = offset
            self.section.data += text.encode("utf-8", "surrogateescape") + b"\0"
        return offset


def write_line_table(obj: ObjectFile, table: LineTable, strings: DebugStrings | None) -> tuple[Section, int]:
    """Append `table` to .debug_line; returns the section and the table's offset in it (DW_AT_stmt_list).

    `strings` is .debug_line_str, which version 5 needs.
    """
    target = dwarf_target(obj.machine)
    section = obj.section(".debug_line", SHT_PROGBITS, 0, 1)
    out = RelocatedBuffer(section, target)
    offset = out.open_unit()
    out.number(table.version, 2)
    if table.version >= 5:
        out.number(target.address_size, 1)
        out.number(0, 1)
    header = out.open_unit()
    out.number(target.minimum_instruction, 1)
    out.number(1, 1)  # maximum_operations_per_instruction
    out.number(1, 1)  # default_is_stmt
    out.number(_LINE_BASE, 1)
    out.number(_LINE_RANGE, 1)
    out.number(_OPCODE_BASE, 1)
    out.data += _STANDARD_LENGTHS
    if table.version >= 5:
        assert strings is not None
        _write_names5(out, table, strings)
    else:
        _write_names4(out, table)
    out.close_unit(header)
    first = 0 if table.version >= 5 else 1
    for sequence in table.sequences:
        if sequence.rows:
            _write_sequence(out, sequence, first)
    out.close_unit(offset)
    return section, offset


def _write_names5(out: RelocatedBuffer, table: LineTable, strings: DebugStrings) -> None:
    out.data += bytes([1]) + uleb128(_DW_LNCT_PATH) + uleb128(_DW_FORM_LINE_STRP)
    out.data += uleb128(len(table.directories))
    for directory in table.directories:
        out.section_offset(strings.section, strings.add(directory))
    with_md5 = all(len(file.md5) == 16 for file in table.files)
    out.data += bytes([3 if with_md5 else 2])
    out.data += uleb128(_DW_LNCT_PATH) + uleb128(_DW_FORM_LINE_STRP)
    out.data += uleb128(_DW_LNCT_DIRECTORY_INDEX) + uleb128(_DW_FORM_UDATA)
    if with_md5:
        out.data += uleb128(_DW_LNCT_MD5) + uleb128(_DW_FORM_DATA16)
    out.data += uleb128(len(table.files))
    for file in table.files:
        out.section_offset(strings.section, strings.add(file.name))
        out.data += uleb128(file.directory)
        if with_md5:
            out.data += file.md5


def _write_names4(out: RelocatedBuffer, table: LineTable) -> None:
    for directory in table.directories[1:]:
        out.text(directory)
    out.number(0, 1)
    for file in table.files:
        out.text(file.name)
        out.data += uleb128(file.directory) + b"\0\0"
    out.number(0, 1)


def _write_sequence(out: RelocatedBuffer, sequence: LineSequence, first_file: int) -> None:
    """One sequence: one state-machine step a row, the first with the address; it ends at `sequence.end`."""
    target = out.target
    data = out.data
    unit = target.minimum_instruction
    at = -1
    line, column, file, statement = 1, 0, 1, ROW_IS_STATEMENT
    for row in sequence.rows:
        number = row.file + first_file
        if number != file:
            file = number
            data.append(_DW_LNS_SET_FILE)
            data += uleb128(file)
        if row.column != column:
            column = row.column
            data.append(_DW_LNS_SET_COLUMN)
            data += uleb128(column)
        if row.discriminator:
            encoded = uleb128(row.discriminator)
            data += bytes([0]) + uleb128(1 + len(encoded)) + bytes([_DW_LNE_SET_DISCRIMINATOR]) + encoded
        if row.flags & ROW_IS_STATEMENT != statement:
            statement = row.flags & ROW_IS_STATEMENT
            data.append(_DW_LNS_NEGATE_STMT)
        if row.flags & ROW_BASIC_BLOCK:
            data.append(_DW_LNS_SET_BASIC_BLOCK)
        if row.flags & ROW_PROLOGUE_END:
            data.append(_DW_LNS_SET_PROLOGUE_END)
        if row.flags & ROW_EPILOGUE_BEGIN:
            data.append(_DW_LNS_SET_EPILOGUE_BEGIN)
        if at < 0:
            at = row.offset
            data += bytes([0]) + uleb128(1 + target.address_size) + bytes([_DW_LNE_SET_ADDRESS])
            out.address(sequence.section.section_symbol(), at)
        _step(data, row.line - line, (row.offset - at) // unit)
        line = row.line
        at = row.offset
    addresses = (sequence.end - at) // unit
    if addresses == _MAXIMAL_SPECIAL_ADVANCE:
        data.append(_DW_LNS_CONST_ADD_PC)
    else:
        data.append(_DW_LNS_ADVANCE_PC)
        data += uleb128(addresses)
    data += bytes([0, 1, _DW_LNE_END_SEQUENCE])


def _step(data: bytearray, lines: int, addresses: int) -> None:
    """Append a row: a special opcode where one fits, else the standard opcodes and a copy.  The choices are GNU as's."""
    advanced = not _LINE_BASE <= lines < _LINE_BASE + _LINE_RANGE
    if advanced:
        data.append(_DW_LNS_ADVANCE_LINE)
        data += sleb128(lines)
        lines = 0
    if lines == 0 and addresses == 0:
        data.append(_DW_LNS_COPY)
        return
    without_address = lines - _LINE_BASE + _OPCODE_BASE
    opcode = without_address + _LINE_RANGE * addresses
    if opcode <= 255:
        data.append(opcode)
        return
    opcode -= _LINE_RANGE * _MAXIMAL_SPECIAL_ADVANCE
    if opcode <= 255:
        data.append(_DW_LNS_CONST_ADD_PC)
        data.append(opcode)
        return
    data.append(_DW_LNS_ADVANCE_PC)
    data += uleb128(addresses)
    data.append(_DW_LNS_COPY if advanced else without_address)
