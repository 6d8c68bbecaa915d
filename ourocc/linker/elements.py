"""What the passes of a link work on: symbols, input files, input and output sections, and the `Link` itself.

A `LinkSymbol` is shared by all files that name it (globals) or belongs to one file (locals, made when a
relocation first asks).  Contents that the linker makes itself (GOT, PLT, merged strings, ...) are
`InputSection`s too, of no file of the user's, so that layout and relocation know one kind of thing.
"""

from bisect import bisect_right
from operator import itemgetter
from typing import Final, final

from ourocc.linker.options import LinkOptions
from ourocc.objects.elf_reader import ElfFile, RawRelocation, RawSymbol
from ourocc.objects.model import (
    SHF_ALLOC,
    SHF_COMPRESSED,
    SHT_NOBITS,
    STB_LOCAL,
    STT_NOTYPE,
    STT_SECTION,
    UNDEFINED,
)
from ourocc.targets.relocation_table import RelocationTarget

# A further place of a symbol, besides those of objects.model
SHARED: Final = 4  # defined by a shared library

MAXIMUM_ERRORS: Final = 40


class LinkError(Exception):
    """The link cannot go on; `message` is what to tell the user."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@final
class ErrorSink:
    """Collects messages; a link that has collected errors produces no output."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []  # answers to -y and --print-gc-sections: no warnings
        self.suppressed = 0

    def error(self, message: str) -> None:
        if len(self.errors) < MAXIMUM_ERRORS:
            self.errors.append(message)
        else:
            self.suppressed += 1

    def note(self, message: str) -> None:
        self.notes.append(message)

    def warning(self, message: str) -> None:
        self.warnings.append(message)


@final
class LinkSymbol:
    """A symbol during the link."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.file: InputFile | None = None  # that defines it
        self.place = UNDEFINED
        self.section: InputSection | None = None
        self.value = 0  # in `section`; absolute value; alignment of a common symbol; value in the library
        self.size = 0
        self.binding = STB_LOCAL
        self.type = STT_NOTYPE
        self.visibility = 0
        self.other = 0
        self.version = ""  # of a definition that we export, or that we import
        self.version_hidden = False  # "name@VERSION": not the default
        self.library: SharedLibrary | None = None  # SHARED: who defines it
        self.strong_reference = False  # some object refers to it, not weakly
        self.exported = False
        self.preemptible = False
        self.script_local = False  # a version script's "local:"
        self.linker_defined = False
        self.merged = False  # the section symbol of a merged section: its address depends on the addend
        self.address = 0
        self.plt_address = 0  # what calls use
        self.got = -1  # slot numbers, -1: none
        self.plt = -1
        self.iplt = -1
        self.tls_pair = -1
        self.tls_offset = -1
        self.tls_descriptor = -1
        self.copied = False
        self.canonical_plt = False
        self.dynamic_index = 0
        self.output_index = 0
        self.reported = 0

    def is_defined(self) -> bool:
        return self.place != UNDEFINED and self.place != SHARED


@final
class InputSection:
    """A section of an input file, or one that the linker makes (`file` is then the internal file)."""

    def __init__(self, file: "InputFile", index: int, name: str, type: int, flags: int, alignment: int) -> None:
        self.file = file
        self.index = index
        self.name = name
        self.type = type
        self.flags = flags
        self.alignment = alignment
        self.entry_size = 0
        self.size = 0
        self.contents: bytes | bytearray | None = None
        self.relocation_index = 0  # ELF index of its relocation section, 0: none
        self.relocation_list: list[RawRelocation] | None = None
        self.live = True
        self.keep = False  # KEEP() of a linker script
        self.statement = -1  # number of the script's input statement that took it
        self.output: OutputSection | None = None
        self.offset = 0  # in the output section
        self.address = 0
        self.link: InputSection | None = None
        self.merge: MergeMap | None = None
        self.high_parts: dict[int, RawRelocation] | None = None

    def data(self) -> bytes | bytearray:
        """The bytes (read from the file on first use)."""
        if self.contents is None:
            elf = self.file.elf
            if elf is None or self.type == SHT_NOBITS:
                self.contents = b""
            else:
                self.contents = elf.contents(self.index)
                if self.flags & SHF_COMPRESSED:
                    self._decompress(elf)
        return self.contents

    def _decompress(self, elf: ElfFile) -> None:
        from zlib import decompress
        from zlib import error as zlib_error

        raw = self.contents
        assert raw is not None
        header = 24 if elf.bits == 64 else 12
        if len(raw) < header or raw[0] != 1:
            raise elf.fail(f"section '{self.name}': unknown compression")
        try:
            self.contents = decompress(bytes(raw[header:]))
        except zlib_error:
            raise elf.fail(f"section '{self.name}': compressed data is corrupt") from None
        self.flags &= ~SHF_COMPRESSED
        self.size = len(self.contents)

    def relocations(self) -> list[RawRelocation]:
        if self.relocation_list is None:
            elf = self.file.elf
            if elf is None or self.relocation_index == 0:
                self.relocation_list = []
            else:
                self.relocation_list = elf.relocations(self.relocation_index)
                rows = self.relocation_list
                if rows and (
                    max(map(itemgetter(2), rows)) >= len(self.file.symbols) or max(map(itemgetter(0), rows)) > self.size
                ):
                    raise elf.fail(f"section '{self.name}': malformed relocation")
        return self.relocation_list

    def description(self) -> str:
        return f"{self.file.name}:({self.name})"


@final
class MergeMap:
    """Where the pieces of a SHF_MERGE section went: piece starts (ascending), and their new offsets."""

    def __init__(self, into: InputSection, starts: list[int], targets: list[int]) -> None:
        self.into = into
        self.starts = starts
        self.targets = targets

    def offset(self, offset: int) -> int:
        """The offset in `into` of what stood at `offset`."""
        number = bisect_right(self.starts, offset)
        if number == 0:
            return self.targets[0] + offset if self.targets else 0
        return self.targets[number - 1] + offset - self.starts[number - 1]


@final
class EditMap:
    """Bytes that were deleted behind some positions (ascending) of a section, and how many up to there."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.totals: list[int] = []

    def offset(self, offset: int) -> int:
        low = 0
        high = len(self.positions)
        while low < high:
            middle = (low + high) >> 1
            if self.positions[middle] < offset:
                low = middle + 1
            else:
                high = middle
        return offset if low == 0 else offset - self.totals[low - 1]


@final
class OutputSection:
    """A section of the output: inputs in order, and where it lies."""

    def __init__(self, name: str, type: int, flags: int) -> None:
        self.name = name
        self.type = type
        self.flags = flags
        self.alignment = 1
        self.entry_size = 0
        self.inputs: list[InputSection] = []
        self.address = 0
        self.offset = 0
        self.size = 0
        self.index = 0
        self.relro = False
        self.rank = 0
        self.link: OutputSection | None = None
        self.info = 0
        self.info_section: OutputSection | None = None
        self.symbol_number = 0  # of its section symbol (--emit-relocs)
        self.data = bytearray()
        self.fixed_address = -1
        self.load_address = -1  # AT()
        self.fill = b""

    def add(self, section: InputSection) -> None:
        section.output = self
        self.inputs.append(section)
        if section.alignment > self.alignment:
            self.alignment = section.alignment

    def is_allocated(self) -> bool:
        return (self.flags & SHF_ALLOC) != 0


@final
class InputFile:
    """An object that takes part in the link.  `symbols[i]` is ELF symbol i, None until somebody needs a local."""

    def __init__(self, name: str, elf: ElfFile | None) -> None:
        self.name = name
        self.elf = elf
        self.sections: list[InputSection | None] = []  # by ELF index
        self.symbols: list[LinkSymbol | None] = []
        self.raw_symbols: list[RawSymbol] = []
        self.first_global = 0
        self.strings = b""
        self.text = ""  # the string table, decoded
        self.symbol_table = 0
        self.extended: list[int] = []
        self.archive = ""  # path of the archive it comes from
        self.has_stack_note = False
        self.wants_executable_stack = False
        self.properties: InputSection | None = None
        self.discarded: dict[int, bool] = {}  # section indices that lost to another COMDAT group

    def symbol(self, index: int) -> LinkSymbol:
        """Symbol `index`; locals are made here."""
        found = self.symbols[index]
        if found is None:
            found = self.make_local(index)
            self.symbols[index] = found
        return found

    def symbol_name(self, offset: int) -> str:
        text = self.text
        end = text.find("\0", offset)
        if end < 0:
            if offset == 0:
                return ""
            assert self.elf is not None
            raise self.elf.fail("symbol name lies outside of the string table")
        return text[offset:end]

    def make_local(self, index: int) -> LinkSymbol:
        name_offset, info, other, shndx, value, size = self.raw_symbols[index]
        symbol = LinkSymbol(self.symbol_name(name_offset))
        symbol.file = self
        symbol.type = info & 15
        symbol.visibility = 2
        symbol.value = value
        symbol.size = size
        symbol.other = other
        self.place_symbol(symbol, index, shndx)
        section = symbol.section
        if section is not None:
            if symbol.type == STT_SECTION:
                symbol.name = section.name
                symbol.merged = section.merge is not None
        return symbol

    def place_symbol(self, symbol: LinkSymbol, index: int, shndx: int) -> None:
        """Set place and section of a symbol from its section index (not for common symbols)."""
        if shndx >= 0xFF00:
            if shndx == 0xFFF1:
                symbol.place = 2  # ABSOLUTE
                return
            if shndx == 0xFFFF and index < len(self.extended):
                shndx = self.extended[index]
            else:
                assert self.elf is not None
                raise self.elf.fail(f"symbol '{symbol.name}' has unknown section index {shndx:#x}")
        if shndx == 0:
            return
        if shndx >= len(self.sections):
            assert self.elf is not None
            raise self.elf.fail(f"symbol '{symbol.name}' is in section {shndx}, which does not exist")
        section = self.sections[shndx]
        if section is None:
            return  # discarded with its group: as if undefined
        symbol.place = 1  # DEFINED
        symbol.section = section


@final
class SharedLibrary:
    """A shared object that is linked against."""

    def __init__(self, name: str, soname: str) -> None:
        self.name = name
        self.soname = soname
        self.elf: ElfFile | None = None
        self.exports: dict[str, int] = {}  # name, and name@VERSION, -> index into raw_symbols
        self.raw_symbols: list[RawSymbol] = []
        self.versions: list[str] = []  # by symbol index: version name, "" for none
        self.undefined: list[str] = []
        self.required: list[str] = []  # those of `undefined` that are not weak
        self.needed_names: list[str] = []
        self.as_needed = False
        self.needed = False
        self.aliases: dict[tuple[int, int], list[str]] | None = None


@final
class DynamicRelocation:
    """A relocation that the dynamic loader will do; the place is `offset` in `section`."""

    def __init__(
        self,
        section: InputSection,
        offset: int,
        type: int,
        symbol: LinkSymbol | None,
        addend: int,
        by_address: bool,
    ) -> None:
        self.section = section
        self.offset = offset
        self.type = type
        self.symbol = symbol
        self.addend = addend
        self.by_address = by_address  # the addend is the symbol's address + addend, and no symbol is named


@final
class Link:
    """The state that the passes share."""

    def __init__(self, options: LinkOptions, errors: ErrorSink) -> None:
        self.options = options
        self.errors = errors
        self.target: RelocationTarget = RelocationTarget(0, "", 0)
        self.has_target = False
        self.files: list[InputFile] = []
        self.internal = InputFile("<linker>", None)
        self.symbols: dict[str, LinkSymbol] = {}
        self.undefined: list[LinkSymbol] = []  # strong references, in order; may be resolved since
        self.libraries: list[SharedLibrary] = []
        self.groups: dict[str, InputFile] = {}  # COMDAT signatures seen
        self.outputs: list[OutputSection] = []
        self.synthetic: list[InputSection] = []
        self.comments: dict[str, bool] = {}
        self.loaded_files: list[str] = []
        self.archive_reasons: list[tuple[str, str, str]] = []  # member, file that needed it, symbol
        # Derived from the options
        self.pic = False  # the output may be loaded anywhere
        self.shared = False
        self.executable = True
        self.dynamic = False  # has a dynamic section
        # Dynamic relocations, in two tables
        self.dynamic_relocations: list[DynamicRelocation] = []
        self.plt_relocations: list[DynamicRelocation] = []
        self.text_relocations = False
        self.static_tls = False
        # Thread-local storage
        self.tls_start = 0
        self.tls_size = 0
        self.tls_alignment = 1
        self.tls_end = 0  # of initialised data
        self.got_base = 0
        self.warned: dict[str, bool] = {}

    def synthetic_section(self, name: str, type: int, flags: int, alignment: int, entry_size: int = 0) -> InputSection:
        """A section that the linker itself fills."""
        section = InputSection(self.internal, 0, name, type, flags, alignment)
        section.contents = b""
        section.relocation_list = []
        section.entry_size = entry_size
        self.synthetic.append(section)
        return section

    def lookup(self, name: str) -> LinkSymbol:
        """The global symbol of that name, entered as undefined when it is new."""
        found = self.symbols.get(name)
        if found is None:
            found = LinkSymbol(name)
            found.binding = 1
            self.symbols[name] = found
        return found
