"""The in-memory object: what compiler and assembler make, what the ELF writer serializes, what the linker reads.

Numbers (section types, flags, symbol bindings, relocation types) are those of the ELF gABI and of the
target's psABI, so that reading and writing are plain serialization.  An `ObjectFile` never contains
null, symtab, strtab, rela or group sections as `Section`s: they are derived when it is written, and
decoded when it is read.
"""

from typing import Final, final

# Section types (gABI 4.1, sh_type)
SHT_PROGBITS: Final = 1
SHT_STRTAB: Final = 3
SHT_NOTE: Final = 7
SHT_NOBITS: Final = 8
SHT_INIT_ARRAY: Final = 14
SHT_FINI_ARRAY: Final = 15
SHT_PREINIT_ARRAY: Final = 16
SHT_X86_64_UNWIND: Final = 0x70000001

# Section flags (sh_flags)
SHF_WRITE: Final = 0x1
SHF_ALLOC: Final = 0x2
SHF_EXECINSTR: Final = 0x4
SHF_MERGE: Final = 0x10
SHF_STRINGS: Final = 0x20
SHF_INFO_LINK: Final = 0x40
SHF_LINK_ORDER: Final = 0x80
SHF_GROUP: Final = 0x200
SHF_TLS: Final = 0x400
SHF_COMPRESSED: Final = 0x800
SHF_GNU_RETAIN: Final = 0x200000
SHF_EXCLUDE: Final = 0x80000000

# Symbol binding, type, visibility (st_info, st_other)
STB_LOCAL: Final = 0
STB_GLOBAL: Final = 1
STB_WEAK: Final = 2
STB_GNU_UNIQUE: Final = 10
STT_NOTYPE: Final = 0
STT_OBJECT: Final = 1
STT_FUNC: Final = 2
STT_SECTION: Final = 3
STT_FILE: Final = 4
STT_COMMON: Final = 5
STT_TLS: Final = 6
STT_GNU_IFUNC: Final = 10
STV_DEFAULT: Final = 0
STV_INTERNAL: Final = 1
STV_HIDDEN: Final = 2
STV_PROTECTED: Final = 3

# Where a symbol lives
UNDEFINED: Final = 0
DEFINED: Final = 1  # in `section`, at `value`
ABSOLUTE: Final = 2
COMMON: Final = 3  # `value` is the alignment, `size` the size

# e_machine
EM_386: Final = 3
EM_X86_64: Final = 62
EM_AARCH64: Final = 183
EM_RISCV: Final = 243


@final
class Symbol:
    """One symbol.  `value` is the offset into `section` (DEFINED), the value (ABSOLUTE) or alignment (COMMON)."""

    def __init__(self, name: str, place: int = UNDEFINED) -> None:
        self.name = name
        self.place = place
        self.section: Section | None = None
        self.value = 0
        self.size = 0
        self.binding = STB_GLOBAL
        self.type = STT_NOTYPE
        self.visibility = STV_DEFAULT
        self.other = 0  # remaining st_other bits (AArch64 variant PCS, RISC-V variant CC)
        self.version: str | None = None  # from .symver: "name@VER" / "name@@VER" kept as "@VER" / "@@VER"
        self.index = -1  # the writer's and linker's own numbering


@final
class Relocation:
    """`type` is the psABI's number; the place is `offset` in the owning section; always RELA (explicit addend)."""

    def __init__(self, offset: int, type: int, symbol: Symbol, addend: int) -> None:
        self.offset = offset
        self.type = type
        self.symbol = symbol
        self.addend = addend


@final
class Group:
    """A section group (gABI "Section Groups"); `comdat` groups of one signature are linked once."""

    def __init__(self, signature: Symbol, comdat: bool) -> None:
        self.signature = signature
        self.comdat = comdat
        self.members: list[Section] = []


@final
class Section:
    """A section.  SHT_NOBITS sections have empty `data` and their size in `nobits_size` (bytes)."""

    def __init__(self, name: str, type: int = SHT_PROGBITS, flags: int = 0, alignment: int = 1) -> None:
        self.name = name
        self.type = type
        self.flags = flags
        self.alignment = alignment
        self.entry_size = 0
        self.data = bytearray()
        self.nobits_size = 0
        self.relocations: list[Relocation] = []
        self.group: Group | None = None
        self.link: Section | None = None  # SHF_LINK_ORDER
        self.symbol: Symbol | None = None  # its STT_SECTION symbol, once somebody asked for it
        self.index = -1

    def size(self) -> int:
        return self.nobits_size if self.type == SHT_NOBITS else len(self.data)

    def section_symbol(self) -> Symbol:
        """The STT_SECTION symbol of this section (made on first use)."""
        if self.symbol is None:
            symbol = Symbol("", DEFINED)
            symbol.section = self
            symbol.binding = STB_LOCAL
            symbol.type = STT_SECTION
            self.symbol = symbol
        return self.symbol


@final
class ObjectFile:
    """A relocatable object in memory.  `symbols` has locals and globals in order of first mention
    (section symbols may be left out: the writer adds those that relocations use)."""

    def __init__(self, machine: int, flags: int = 0) -> None:
        self.machine = machine
        self.flags = flags  # e_flags
        self.bits = 64
        self.name = ""  # file name for messages, "archive.a(member.o)" for members
        self.sections: list[Section] = []
        self.symbols: list[Symbol] = []
        self.groups: list[Group] = []

    def section(self, name: str, type: int, flags: int, alignment: int = 1) -> Section:
        """The ungrouped section of that name, type and flags; made when there is none."""
        for section in self.sections:
            if (
                section.name == name
                and section.type == type
                and section.flags == flags
                and section.group is None
            ):
                if alignment > section.alignment:
                    section.alignment = alignment
                return section
        made = Section(name, type, flags, alignment)
        self.sections.append(made)
        return made
