"""DWARF debugging information entries: a tree of `DebugEntry`s out as .debug_info and its companions.

`DebugEntry` is general (any tag, any of the usual forms); abbreviations are shared by shape.
`write_compile_unit` makes what addr2line and a debugger need to step by lines: a compile unit with its
ranges, one subprogram entry per function, .debug_aranges, and the line table of `line_table.py`.
Variables and types hang further entries below these (DWARF 5 chapters 3 to 5).
"""

from typing import Final, final

from ourocc.objects.dwarf_target import RelocatedBuffer, dwarf_target, sleb128, uleb128
from ourocc.objects.line_table import DebugStrings, LineTable, write_line_table
from ourocc.objects.model import SHT_PROGBITS, ObjectFile, Section, Symbol

DW_TAG_ARRAY_TYPE: Final = 0x01
DW_TAG_ENUMERATION_TYPE: Final = 0x04
DW_TAG_FORMAL_PARAMETER: Final = 0x05
DW_TAG_LEXICAL_BLOCK: Final = 0x0B
DW_TAG_MEMBER: Final = 0x0D
DW_TAG_POINTER_TYPE: Final = 0x0F
DW_TAG_COMPILE_UNIT: Final = 0x11
DW_TAG_STRUCTURE_TYPE: Final = 0x13
DW_TAG_SUBROUTINE_TYPE: Final = 0x15
DW_TAG_TYPEDEF: Final = 0x16
DW_TAG_UNION_TYPE: Final = 0x17
DW_TAG_UNSPECIFIED_PARAMETERS: Final = 0x18
DW_TAG_SUBRANGE_TYPE: Final = 0x21
DW_TAG_BASE_TYPE: Final = 0x24
DW_TAG_CONST_TYPE: Final = 0x26
DW_TAG_ENUMERATOR: Final = 0x28
DW_TAG_SUBPROGRAM: Final = 0x2E
DW_TAG_VARIABLE: Final = 0x34
DW_TAG_VOLATILE_TYPE: Final = 0x35
DW_TAG_RESTRICT_TYPE: Final = 0x37
DW_TAG_ATOMIC_TYPE: Final = 0x47

DW_AT_LOCATION: Final = 0x02
DW_AT_NAME: Final = 0x03
DW_AT_BYTE_SIZE: Final = 0x0B
DW_AT_BIT_SIZE: Final = 0x0D
DW_AT_STMT_LIST: Final = 0x10
DW_AT_LOW_PC: Final = 0x11
DW_AT_HIGH_PC: Final = 0x12
DW_AT_LANGUAGE: Final = 0x13
DW_AT_COMP_DIR: Final = 0x1B
DW_AT_CONST_VALUE: Final = 0x1C
DW_AT_PRODUCER: Final = 0x25
DW_AT_PROTOTYPED: Final = 0x27
DW_AT_COUNT: Final = 0x37
DW_AT_DATA_MEMBER_LOCATION: Final = 0x38
DW_AT_DECL_COLUMN: Final = 0x39
DW_AT_DECL_FILE: Final = 0x3A
DW_AT_DECL_LINE: Final = 0x3B
DW_AT_DECLARATION: Final = 0x3C
DW_AT_ENCODING: Final = 0x3E
DW_AT_EXTERNAL: Final = 0x3F
DW_AT_FRAME_BASE: Final = 0x40
DW_AT_TYPE: Final = 0x49
DW_AT_RANGES: Final = 0x55
DW_AT_DATA_BIT_OFFSET: Final = 0x6B
DW_AT_GNU_VECTOR: Final = 0x2107

DW_FORM_ADDR: Final = 0x01
DW_FORM_DATA2: Final = 0x05
DW_FORM_DATA4: Final = 0x06
DW_FORM_DATA8: Final = 0x07
DW_FORM_STRING: Final = 0x08
DW_FORM_DATA1: Final = 0x0B
DW_FORM_FLAG: Final = 0x0C
DW_FORM_SDATA: Final = 0x0D
DW_FORM_STRP: Final = 0x0E
DW_FORM_UDATA: Final = 0x0F
DW_FORM_REF4: Final = 0x13
DW_FORM_SEC_OFFSET: Final = 0x17
DW_FORM_EXPRLOC: Final = 0x18
DW_FORM_FLAG_PRESENT: Final = 0x19
DW_FORM_LINE_STRP: Final = 0x1F

DW_LANG_C89: Final = 0x01
DW_LANG_C: Final = 0x02
DW_LANG_C99: Final = 0x0C
DW_LANG_C11: Final = 0x1D
DW_LANG_MIPS_ASSEMBLER: Final = 0x8001

_DW_OP_ADDR: Final = 0x03
DW_OP_CALL_FRAME_CFA: Final = 0x9C

_DW_UT_COMPILE: Final = 1
_FIXED_SIZES: Final[dict[int, int]] = {
    DW_FORM_DATA1: 1,
    DW_FORM_DATA2: 2,
    DW_FORM_DATA4: 4,
    DW_FORM_DATA8: 8,
    DW_FORM_FLAG: 1,
}


@final
class DebugAttribute:
    """One attribute.  Which of the fields holds the value follows from the form."""

    def __init__(self, name: int, form: int) -> None:
        self.name = name
        self.form = form
        self.number = 0  # data, flag, udata, sdata, offsets; addend of addr
        self.text = ""  # string, strp, line_strp
        self.block = b""  # exprloc
        self.symbol: Symbol | None = None  # addr
        self.section: Section | None = None  # sec_offset
        self.entry: DebugEntry | None = None  # ref4


@final
class DebugEntry:
    """A debugging information entry (DIE)."""

    def __init__(self, tag: int) -> None:
        self.tag = tag
        self.attributes: list[DebugAttribute] = []
        self.children: list[DebugEntry] = []
        self.offset = -1  # within the unit, once written

    def _add(self, name: int, form: int) -> DebugAttribute:
        attribute = DebugAttribute(name, form)
        self.attributes.append(attribute)
        return attribute

    def number(self, name: int, form: int, value: int) -> None:
        self._add(name, form).number = value

    def data(self, name: int, value: int) -> None:
        """An unsigned constant in the smallest fixed form."""
        form = DW_FORM_DATA1 if value < 0x100 else DW_FORM_DATA2 if value < 0x10000 else DW_FORM_DATA4
        self._add(name, form if value < 0x100000000 else DW_FORM_DATA8).number = value

    def flag(self, name: int) -> None:
        self._add(name, DW_FORM_FLAG_PRESENT)

    def string(self, name: int, text: str) -> None:
        self._add(name, DW_FORM_STRP).text = text

    def line_string(self, name: int, text: str) -> None:
        self._add(name, DW_FORM_LINE_STRP).text = text

    def block(self, name: int, expression: bytes) -> None:
        self._add(name, DW_FORM_EXPRLOC).block = expression

    def address_block(self, name: int, symbol: Symbol) -> None:
        """A location expression that is a symbol's address."""
        self._add(name, DW_FORM_EXPRLOC).symbol = symbol

    def address(self, name: int, symbol: Symbol, addend: int) -> None:
        attribute = self._add(name, DW_FORM_ADDR)
        attribute.symbol = symbol
        attribute.number = addend

    def section_offset(self, name: int, section: Section, offset: int) -> None:
        attribute = self._add(name, DW_FORM_SEC_OFFSET)
        attribute.section = section
        attribute.number = offset

    def reference(self, name: int, entry: "DebugEntry") -> None:
        self._add(name, DW_FORM_REF4).entry = entry


@final
class DebugFunction:
    """A function with code [start, end) of `section`; file is its number in the line table."""

    def __init__(
        self, name: str, section: Section, start: int, end: int, file: int, line: int, external: bool
    ) -> None:
        self.name = name
        self.section = section
        self.start = start
        self.end = end
        self.file = file
        self.line = line
        self.external = external
        self.entry = DebugEntry(DW_TAG_SUBPROGRAM)  # gets further attributes and children


@final
class DebugUnit:
    """A compile unit: its line table, functions, and the identification that producer and name give."""

    def __init__(self, lines: LineTable, name: str, directory: str, producer: str, language: int) -> None:
        self.lines = lines
        self.name = name
        self.directory = directory
        self.producer = producer
        self.language = language
        self.functions: list[DebugFunction] = []
        self.entries: list[DebugEntry] = []  # further children of the unit: types, variables


def write_compile_unit(obj: ObjectFile, unit: DebugUnit) -> None:
    """Write .debug_info, .debug_abbrev, .debug_line, .debug_aranges, .debug_str (and version 5's companions)."""
    version = unit.lines.version
    writer = DebugInfoWriter(obj, version)
    line_section, line_offset = write_line_table(obj, unit.lines, writer.line_strings)
    root = DebugEntry(DW_TAG_COMPILE_UNIT)
    root.string(DW_AT_PRODUCER, unit.producer)
    root.number(DW_AT_LANGUAGE, DW_FORM_DATA2 if unit.language > 255 else DW_FORM_DATA1, unit.language)
    if version >= 5:
        root.line_string(DW_AT_NAME, unit.name)
        root.line_string(DW_AT_COMP_DIR, unit.directory)
    else:
        root.string(DW_AT_NAME, unit.name)
        root.string(DW_AT_COMP_DIR, unit.directory)
    ranges: list[tuple[Section, int, int]] = []
    for sequence in unit.lines.sequences:
        if sequence.rows and sequence.end > sequence.rows[0].offset:
            ranges.append((sequence.section, sequence.rows[0].offset, sequence.end))
    if len(ranges) == 1:
        section, start, end = ranges[0]
        root.address(DW_AT_LOW_PC, section.section_symbol(), start)
        root.number(DW_AT_HIGH_PC, DW_FORM_DATA8 if obj.bits == 64 else DW_FORM_DATA4, end - start)
    elif ranges:
        range_section, range_offset = _write_ranges(obj, ranges, version)
        root.section_offset(DW_AT_RANGES, range_section, range_offset)
        root.number(DW_AT_LOW_PC, DW_FORM_DATA8 if obj.bits == 64 else DW_FORM_DATA4, 0)
        root.attributes[-1].form = DW_FORM_ADDR
    root.section_offset(DW_AT_STMT_LIST, line_section, line_offset)
    first_file = 0 if version >= 5 else 1
    for function in unit.functions:
        entry = function.entry
        if function.external:
            entry.flag(DW_AT_EXTERNAL)
        entry.string(DW_AT_NAME, function.name)
        entry.number(DW_AT_DECL_FILE, DW_FORM_UDATA, function.file + first_file)
        entry.number(DW_AT_DECL_LINE, DW_FORM_UDATA, function.line)
        entry.address(DW_AT_LOW_PC, function.section.section_symbol(), function.start)
        entry.number(
            DW_AT_HIGH_PC, DW_FORM_DATA8 if obj.bits == 64 else DW_FORM_DATA4, function.end - function.start
        )
        entry.block(DW_AT_FRAME_BASE, bytes([DW_OP_CALL_FRAME_CFA]))
        root.children.append(entry)
    root.children.extend(unit.entries)
    info_offset = writer.write_unit(root)
    if ranges:
        _write_aranges(obj, writer.info, info_offset, ranges)


@final
class DebugInfoWriter:
    """Serializes entry trees; abbreviations and strings are shared by all units of the object."""

    def __init__(self, obj: ObjectFile, version: int) -> None:
        self.object = obj
        self.version = version
        self.target = dwarf_target(obj.machine)
        self.info = obj.section(".debug_info", SHT_PROGBITS, 0, 1)
        self.abbreviations = obj.section(".debug_abbrev", SHT_PROGBITS, 0, 1)
        self.strings = DebugStrings(obj, ".debug_str")
        self.line_strings = DebugStrings(obj, ".debug_line_str") if version >= 5 else None
        self.out = RelocatedBuffer(self.info, self.target)
        self.codes: dict[tuple[int, ...], int] = {}
        self.references: list[tuple[int, DebugEntry]] = []
        self.unit_start = 0

    def write_unit(self, root: DebugEntry) -> int:
        """Append one unit; returns its offset in .debug_info."""
        out = self.out
        abbreviation_offset = len(self.abbreviations.data)
        self.codes = {}
        self.references = []
        self.unit_start = out.open_unit()
        out.number(self.version, 2)
        if self.version >= 5:
            out.number(_DW_UT_COMPILE, 1)
            out.number(self.target.address_size, 1)
            out.section_offset(self.abbreviations, abbreviation_offset)
        else:
            out.section_offset(self.abbreviations, abbreviation_offset)
            out.number(self.target.address_size, 1)
        self._entry(root)
        for place, entry in self.references:
            if entry.offset < 0:
                raise ValueError("a debugging entry refers to one outside of its unit")
            out.data[place : place + 4] = entry.offset.to_bytes(4, "little")
        out.close_unit(self.unit_start)
        self.abbreviations.data.append(0)
        return self.unit_start

    def _code(self, entry: DebugEntry) -> int:
        """The number of the abbreviation for entries of this shape, entered in .debug_abbrev when new."""
        shape: list[int] = [entry.tag, 1 if entry.children else 0]
        for attribute in entry.attributes:
            shape.append(attribute.name)
            shape.append(attribute.form)
        key = tuple(shape)
        code = self.codes.get(key, 0)
        if code == 0:
            code = len(self.codes) + 1
            self.codes[key] = code
            data = self.abbreviations.data
            data += uleb128(code) + uleb128(entry.tag)
            data.append(shape[1])
            for number in shape[2:]:
                data += uleb128(number)
            data += b"\0\0"
        return code

    def _entry(self, entry: DebugEntry) -> None:
        out = self.out
        entry.offset = len(out.data) - self.unit_start
        out.data += uleb128(self._code(entry))
        for attribute in entry.attributes:
            self._attribute(attribute)
        if entry.children:
            for child in entry.children:
                self._entry(child)
            out.data.append(0)

    def _attribute(self, attribute: DebugAttribute) -> None:
        out = self.out
        form = attribute.form
        size = _FIXED_SIZES.get(form, 0)
        if size:
            out.number(attribute.number, size)
        elif form == DW_FORM_STRP:
            out.section_offset(self.strings.section, self.strings.add(attribute.text))
        elif form == DW_FORM_LINE_STRP:
            assert self.line_strings is not None
            out.section_offset(self.line_strings.section, self.line_strings.add(attribute.text))
        elif form == DW_FORM_ADDR:
            if attribute.symbol is None:
                out.number(attribute.number, self.target.address_size)
            else:
                out.address(attribute.symbol, attribute.number)
        elif form == DW_FORM_SEC_OFFSET:
            assert attribute.section is not None
            out.section_offset(attribute.section, attribute.number)
        elif form == DW_FORM_UDATA:
            out.data += uleb128(attribute.number)
        elif form == DW_FORM_SDATA:
            out.data += sleb128(attribute.number)
        elif form == DW_FORM_EXPRLOC and attribute.symbol is not None:
            out.data += uleb128(1 + self.target.address_size) + bytes([_DW_OP_ADDR])
            out.address(attribute.symbol, 0)
        elif form == DW_FORM_EXPRLOC:
            out.data += uleb128(len(attribute.block)) + attribute.block
        elif form == DW_FORM_STRING:
            out.text(attribute.text)
        elif form == DW_FORM_REF4:
            assert attribute.entry is not None
            self.references.append((len(out.data), attribute.entry))
            out.number(0, 4)
        elif form != DW_FORM_FLAG_PRESENT:
            raise ValueError(f"DWARF form {form:#x} is not supported")


def _write_ranges(
    obj: ObjectFile, ranges: list[tuple[Section, int, int]], version: int
) -> tuple[Section, int]:
    """A range list in .debug_rnglists (version 5) or .debug_ranges."""
    target = dwarf_target(obj.machine)
    if version < 5:
        section = obj.section(".debug_ranges", SHT_PROGBITS, 0, 1)
        out = RelocatedBuffer(section, target)
        offset = len(out.data)
        for code, start, end in ranges:
            out.address(code.section_symbol(), start)
            out.address(code.section_symbol(), end)
        out.number(0, 2 * target.address_size)
        return section, offset
    section = obj.section(".debug_rnglists", SHT_PROGBITS, 0, 1)
    out = RelocatedBuffer(section, target)
    unit = out.open_unit()
    out.number(version, 2)
    out.number(target.address_size, 1)
    out.number(0, 1)
    out.number(0, 4)  # no offset table
    offset = len(out.data)
    for code, start, end in ranges:
        out.number(7, 1)  # DW_RLE_start_length
        out.address(code.section_symbol(), start)
        out.data += uleb128(end - start)
    out.number(0, 1)  # DW_RLE_end_of_list
    out.close_unit(unit)
    return section, offset


def _write_aranges(
    obj: ObjectFile, info: Section, offset: int, ranges: list[tuple[Section, int, int]]
) -> None:
    target = dwarf_target(obj.machine)
    section = obj.section(".debug_aranges", SHT_PROGBITS, 0, 1)
    out = RelocatedBuffer(section, target)
    unit = out.open_unit()
    out.number(2, 2)
    out.section_offset(info, offset)
    out.number(target.address_size, 1)
    out.number(0, 1)
    out.data += bytes(-(len(out.data) - unit) % (2 * target.address_size))
    for code, start, end in ranges:
        out.address(code.section_symbol(), start)
        out.number(end - start, target.address_size)
    out.number(0, 2 * target.address_size)
    out.close_unit(unit)
