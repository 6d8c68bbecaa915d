"""Symbol resolution: objects and shared libraries enter here, and names meet their definitions.

Rules (gABI "Symbol Table", and GNU ld's where the gABI is silent): a strong definition beats a common
symbol, which beats a weak one, which beats a shared library's; two strong ones are an error.  The
strictest visibility of all mentions in objects wins.  Of COMDAT groups with one signature the first
stays.
"""

from typing import final

from ourocc.linker.elements import SHARED, InputFile, InputSection, Link, LinkSymbol, SharedLibrary
from ourocc.objects.elf_numbers import (
    GRP_COMDAT,
    SHN_COMMON,
    SHN_UNDEF,
    SHT_GNU_ATTRIBUTES,
    SHT_GROUP,
    SHT_LLVM_ADDRSIG,
    SHT_NULL,
    SHT_REL,
    SHT_RELA,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
)
from ourocc.objects.elf_reader import ElfFile
from ourocc.objects.model import (
    COMMON,
    DEFINED,
    SHF_ALLOC,
    SHF_COMPRESSED,
    SHF_EXCLUDE,
    SHF_EXECINSTR,
    SHT_NOBITS,
    SHT_STRTAB,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_SECTION,
    STV_DEFAULT,
    STV_HIDDEN,
    STV_INTERNAL,
    UNDEFINED,
)

# Strictness of visibilities: DEFAULT, INTERNAL, HIDDEN, PROTECTED
_STRICTNESS = (0, 3, 2, 1)


@final
class Resolver:
    """Adds inputs to a link, one after the other."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.symbols = link.symbols
        self.link_once: dict[str, bool] = {}
        self.wrapped: dict[str, bool] = {}
        self.symbol_warnings: dict[str, str] = {}
        self.relocatable = False
        for name in link.options.wrap:
            self.wrapped[name] = True

    def add_object(self, elf: ElfFile, name: str, archive: str) -> InputFile:
        """Make the file's sections and enter its global symbols."""
        link = self.link
        file = InputFile(name, elf)
        file.archive = archive
        headers = elf.sections
        for index, header in enumerate(headers):
            if header.type == SHT_SYMTAB:
                file.symbol_table = index
                file.raw_symbols = elf.symbols(index)
                file.first_global = header.info
                strings = elf.linked_strings(index)
                file.strings = strings
                file.text = strings.decode("ascii", "surrogateescape")  # one character a byte
                file.extended = elf.extended_indices(index)
        count = len(file.raw_symbols)
        if file.first_global > count:
            raise elf.fail("the symbol table's sh_info is out of range")
        file.symbols = [None] * count
        for index, header in enumerate(headers):
            if header.type == SHT_GROUP:
                self._read_group(file, index)
        self._make_sections(file)
        link.files.append(file)
        self._enter_globals(file)
        return file

    def _read_group(self, file: InputFile, index: int) -> None:
        elf = file.elf
        assert elf is not None
        header = elf.sections[index]
        words = memoryview(elf.contents(index)).cast("I").tolist() if header.size % 4 == 0 else []
        if not words or header.info >= len(file.raw_symbols):
            raise elf.fail(f"section group [{index}] is malformed")
        if not words[0] & GRP_COMDAT or self.relocatable and not words[0] & GRP_COMDAT:
            return
        raw = file.raw_symbols[header.info]
        signature = file.symbol_name(raw[0])
        if raw[1] & 15 == STT_SECTION and raw[3] < len(elf.sections):
            signature = elf.sections[raw[3]].name
        if signature not in self.link.groups:
            self.link.groups[signature] = file
            return
        for member in words[1:]:
            if member >= len(elf.sections):
                raise elf.fail(f"section group [{index}] names section {member}, which does not exist")
            file.discarded[member] = True

    def _make_sections(self, file: InputFile) -> None:
        elf = file.elf
        assert elf is not None
        sections = file.sections
        relocations: list[tuple[int, int]] = []
        for index, header in enumerate(elf.sections):
            type = header.type
            if type == SHT_RELA or type == SHT_REL:
                relocations.append((header.info, index))
                sections.append(None)
                continue
            if type in (
                SHT_NULL,
                SHT_SYMTAB,
                SHT_GROUP,
                SHT_SYMTAB_SHNDX,
                SHT_LLVM_ADDRSIG,
                SHT_GNU_ATTRIBUTES,
            ):
                sections.append(None)
                continue
            if type == SHT_STRTAB and not header.flags & SHF_ALLOC:
                sections.append(None)
                continue
            name = header.name
            if index in file.discarded or self._is_dropped(file, index, name, header.flags):
                sections.append(None)
                continue
            alignment = header.alignment or 1
            if alignment & (alignment - 1):
                raise elf.fail(f"section '{name}': alignment {alignment} is not a power of two")
            section = InputSection(file, index, name, type, header.flags, alignment)
            section.size = header.size
            section.entry_size = header.entry_size
            if type != SHT_NOBITS and header.offset + header.size > len(elf.data):
                raise elf.fail(f"section '{name}' lies outside of the file")
            if header.flags & SHF_COMPRESSED:
                section.data()
            sections.append(section)
        for target, index in relocations:
            if target >= len(sections):
                raise elf.fail(f"relocation section [{index}] relocates section {target}, which does not exist")
            relocated = sections[target]
            if relocated is not None:
                relocated.relocation_index = index
        for index, header in enumerate(elf.sections):
            made = sections[index]
            if made is not None and header.flags & 0x80 and 0 < header.link < len(sections):
                made.link = sections[header.link]

    def _is_dropped(self, file: InputFile, index: int, name: str, flags: int) -> bool:
        """Sections that inform the linker and do not reach the output."""
        if name == ".note.GNU-stack":
            file.has_stack_note = True
            file.wants_executable_stack = (flags & SHF_EXECINSTR) != 0
            return True
        if flags & SHF_EXCLUDE and not self.relocatable:
            return True
        if name.startswith(".gnu.linkonce."):
            if name in self.link_once:
                file.discarded[index] = True
                return True
            self.link_once[name] = True
        elif name.startswith(".gnu.warning."):
            assert file.elf is not None
            text = file.elf.contents(index).rstrip(b"\0").decode("utf-8", "replace")
            self.symbol_warnings[name[len(".gnu.warning.") :]] = text
            return True
        elif name.startswith(".gnu.lto_") or name == ".gnu_debuglink":
            return True
        return False

    def _enter_globals(self, file: InputFile) -> None:
        """Resolve each global of the file against what is known."""
        text = file.text
        versioned = "@" in text
        find = text.find
        get = self.symbols.get
        symbols = file.symbols
        wrapped = self.wrapped
        raw_symbols = file.raw_symbols
        for index in range(file.first_global, len(raw_symbols)):
            raw = raw_symbols[index]
            start = raw[0]
            end = find("\0", start)
            if end < 0:
                assert file.elf is not None
                raise file.elf.fail("symbol name lies outside of the string table")
            name = text[start:end]
            version = ""
            if versioned and "@" in name and name[0] != "@":
                name, version = _split_version(name)
            shndx = raw[3]
            if wrapped and shndx == SHN_UNDEF:
                if name in wrapped:
                    name = "__wrap_" + name
                elif name.startswith("__real_") and name[7:] in wrapped:
                    name = name[7:]
            symbol = get(name)
            if symbol is None:
                symbol = LinkSymbol(name)
                symbol.binding = STB_WEAK
                self.symbols[name] = symbol
            symbols[index] = symbol
            if raw[1] >> 4 == STB_LOCAL:
                assert file.elf is not None
                raise file.elf.fail(f"local symbol '{name}' stands among the global ones")
            visibility = raw[2] & 3
            if visibility and _STRICTNESS[visibility] > _STRICTNESS[symbol.visibility]:
                symbol.visibility = visibility
            if shndx == SHN_UNDEF:
                self._reference(symbol, raw[1])
            else:
                if shndx != SHN_COMMON and shndx < 0xFF00 and self._in_discarded(file, shndx):
                    self._reference(symbol, raw[1])
                    continue
                self._define(symbol, file, index, version)

    def _in_discarded(self, file: InputFile, shndx: int) -> bool:
        return shndx < len(file.sections) and file.sections[shndx] is None

    def _reference(self, symbol: LinkSymbol, info: int) -> None:
        if info >> 4 == STB_WEAK:
            if symbol.place == UNDEFINED and symbol.library is None:
                self._find_in_libraries(symbol)
            return
        if symbol.strong_reference:
            return
        symbol.strong_reference = True
        if symbol.place == UNDEFINED:
            symbol.binding = STB_GLOBAL
            if not self._find_in_libraries(symbol):
                self.link.undefined.append(symbol)
        elif symbol.place == SHARED:
            assert symbol.library is not None
            symbol.library.needed = True

    def _define(self, symbol: LinkSymbol, file: InputFile, index: int, version: str) -> None:
        _name, info, other, shndx, value, size = file.raw_symbols[index]
        binding = info >> 4
        old = symbol.place
        if old != UNDEFINED and old != SHARED:
            if shndx == SHN_COMMON:
                if old == COMMON:
                    if value > symbol.value:
                        symbol.value = value
                    if size > symbol.size:
                        symbol.size = size
                    return
                if symbol.binding != STB_WEAK:
                    return
            elif binding == STB_WEAK:
                return
            elif old != COMMON and symbol.binding != STB_WEAK:
                self._duplicate(symbol, file, index)
                return
        symbol.file = file
        symbol.library = None
        symbol.binding = binding
        symbol.type = info & 15
        symbol.value = value
        symbol.size = size
        symbol.other = other & ~3
        symbol.section = None
        symbol.linker_defined = False
        if version:
            symbol.version = version.lstrip("@")
            symbol.version_hidden = not version.startswith("@@")
        if shndx == SHN_COMMON:
            symbol.place = COMMON
        else:
            file.place_symbol(symbol, index, shndx)

    def _duplicate(self, symbol: LinkSymbol, file: InputFile, index: int) -> None:
        if self.link.options.allow_multiple_definition:
            return
        shndx = file.raw_symbols[index][3]
        section = file.sections[shndx] if shndx < len(file.sections) else None
        place = f"({section.name}+{file.raw_symbols[index][4]:#x})" if section is not None else "*ABS*"
        first = ""
        if symbol.file is not None:
            first = symbol.file.name + ":"
            first += f"({symbol.section.name}+{symbol.value:#x})" if symbol.section is not None else "*ABS*"
        self.link.errors.error(
            f"{file.name}:{place}: multiple definition of `{symbol.name}'; {first}: first defined here"
        )

    # Shared libraries

    def add_library(self, library: SharedLibrary) -> None:
        """Enter a shared library: it defines what is undefined so far, and what later files leave undefined."""
        link = self.link
        for other in link.libraries:
            if other.soname == library.soname:
                other.as_needed = other.as_needed and library.as_needed
                return
        link.libraries.append(library)
        exports = library.exports
        symbols = self.symbols
        if len(exports) < len(symbols):
            names = [name for name in exports if name in symbols]
        else:
            names = [name for name in symbols if name in exports]
        for name in names:
            symbol = symbols[name]
            if symbol.place == UNDEFINED:
                self._bind(symbol, library)

    def _find_in_libraries(self, symbol: LinkSymbol) -> bool:
        name = symbol.name
        for library in self.link.libraries:
            if name in library.exports:
                self._bind(symbol, library)
                return symbol.place == SHARED
        return False

    def _bind(self, symbol: LinkSymbol, library: SharedLibrary) -> None:
        if symbol.visibility in (STV_HIDDEN, STV_INTERNAL):
            return
        index = library.exports[symbol.name]
        _name, info, other, _shndx, value, size = library.raw_symbols[index]
        symbol.place = SHARED
        symbol.library = library
        symbol.value = value
        symbol.size = size
        symbol.type = info & 15
        symbol.other = other & ~3
        symbol.version = library.versions[index]
        if symbol.strong_reference:
            library.needed = True

    def is_wanted(self, symbol: LinkSymbol) -> bool:
        """Whether an archive member that defines `symbol` is to be loaded."""
        return symbol.place == UNDEFINED and symbol.strong_reference

    def require(self, name: str) -> LinkSymbol:
        """Refer to `name` as if an object did (-u, the entry symbol)."""
        symbol = self.link.lookup(name)
        self._reference(symbol, STB_GLOBAL << 4)
        return symbol


def _split_version(name: str) -> tuple[str, str]:
    """'f@@V' is known as 'f' (the default version); 'f@V' only by its full name."""
    at = name.index("@")
    version = name[at:]
    if version.startswith("@@"):
        return name[:at], "@@" + version.lstrip("@")
    return name, version


def base_name(symbol: LinkSymbol) -> str:
    """The name without the version that 'f@V' carries."""
    name = symbol.name
    at = name.find("@")
    return name if at <= 0 else name[:at]


def is_default_visible(symbol: LinkSymbol) -> bool:
    return symbol.visibility == STV_DEFAULT and symbol.place == DEFINED
