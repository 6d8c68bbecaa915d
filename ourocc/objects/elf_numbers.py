"""Numbers of the ELF gABI and its GNU extensions that `model.py` does not already name.

Grouped by the structure that they belong to; names are those of the gABI and of `elf.h`.
"""

from typing import Final

# File header
ELF_MAGIC: Final = b"\x7fELF"
ELFCLASS32: Final = 1
ELFCLASS64: Final = 2
ELFDATA2LSB: Final = 1
EV_CURRENT: Final = 1
ELFOSABI_NONE: Final = 0
ELFOSABI_GNU: Final = 3
ET_REL: Final = 1
ET_EXEC: Final = 2
ET_DYN: Final = 3

# Section types that never appear in a model.Section
SHT_NULL: Final = 0
SHT_SYMTAB: Final = 2
SHT_RELA: Final = 4
SHT_HASH: Final = 5
SHT_DYNAMIC: Final = 6
SHT_REL: Final = 9
SHT_DYNSYM: Final = 11
SHT_GROUP: Final = 17
SHT_SYMTAB_SHNDX: Final = 18
SHT_RELR: Final = 19
SHT_LLVM_ADDRSIG: Final = 0x6FFF4C03
SHT_GNU_ATTRIBUTES: Final = 0x6FFFFFF5
SHT_GNU_HASH: Final = 0x6FFFFFF6
SHT_GNU_VERDEF: Final = 0x6FFFFFFD
SHT_GNU_VERNEED: Final = 0x6FFFFFFE
SHT_GNU_VERSYM: Final = 0x6FFFFFFF
SHT_RISCV_ATTRIBUTES: Final = 0x70000003

# Special section indices
SHN_UNDEF: Final = 0
SHN_LORESERVE: Final = 0xFF00
SHN_ABS: Final = 0xFFF1
SHN_COMMON: Final = 0xFFF2
SHN_XINDEX: Final = 0xFFFF

GRP_COMDAT: Final = 1

# Program header types and flags
PT_LOAD: Final = 1
PT_DYNAMIC: Final = 2
PT_INTERP: Final = 3
PT_NOTE: Final = 4
PT_PHDR: Final = 6
PT_TLS: Final = 7
PT_GNU_EH_FRAME: Final = 0x6474E550
PT_GNU_STACK: Final = 0x6474E551
PT_GNU_RELRO: Final = 0x6474E552
PT_GNU_PROPERTY: Final = 0x6474E553
PT_RISCV_ATTRIBUTES: Final = 0x70000003
PF_X: Final = 1
PF_W: Final = 2
PF_R: Final = 4

# Dynamic section tags
DT_NULL: Final = 0
DT_NEEDED: Final = 1
DT_PLTRELSZ: Final = 2
DT_PLTGOT: Final = 3
DT_HASH: Final = 4
DT_STRTAB: Final = 5
DT_SYMTAB: Final = 6
DT_RELA: Final = 7
DT_RELASZ: Final = 8
DT_RELAENT: Final = 9
DT_STRSZ: Final = 10
DT_SYMENT: Final = 11
DT_INIT: Final = 12
DT_FINI: Final = 13
DT_SONAME: Final = 14
DT_RPATH: Final = 15
DT_SYMBOLIC: Final = 16
DT_REL: Final = 17
DT_RELSZ: Final = 18
DT_RELENT: Final = 19
DT_PLTREL: Final = 20
DT_DEBUG: Final = 21
DT_TEXTREL: Final = 22
DT_JMPREL: Final = 23
DT_BIND_NOW: Final = 24
DT_INIT_ARRAY: Final = 25
DT_FINI_ARRAY: Final = 26
DT_INIT_ARRAYSZ: Final = 27
DT_FINI_ARRAYSZ: Final = 28
DT_RUNPATH: Final = 29
DT_FLAGS: Final = 30
DT_PREINIT_ARRAY: Final = 32
DT_PREINIT_ARRAYSZ: Final = 33
DT_GNU_HASH: Final = 0x6FFFFEF5
DT_VERSYM: Final = 0x6FFFFFF0
DT_RELACOUNT: Final = 0x6FFFFFF9
DT_RELCOUNT: Final = 0x6FFFFFFA
DT_FLAGS_1: Final = 0x6FFFFFFB
DT_VERDEF: Final = 0x6FFFFFFC
DT_VERDEFNUM: Final = 0x6FFFFFFD
DT_VERNEED: Final = 0x6FFFFFFE
DT_VERNEEDNUM: Final = 0x6FFFFFFF
DF_ORIGIN: Final = 1
DF_SYMBOLIC: Final = 2
DF_TEXTREL: Final = 4
DF_BIND_NOW: Final = 8
DF_STATIC_TLS: Final = 16
DF_1_NOW: Final = 0x1
DF_1_GLOBAL: Final = 0x2
DF_1_NODELETE: Final = 0x8
DF_1_INITFIRST: Final = 0x20
DF_1_NOOPEN: Final = 0x40
DF_1_ORIGIN: Final = 0x80
DF_1_INTERPOSE: Final = 0x400
DF_1_PIE: Final = 0x08000000

# Symbol versions
VER_NDX_LOCAL: Final = 0
VER_NDX_GLOBAL: Final = 1
VERSYM_HIDDEN: Final = 0x8000
VER_FLG_BASE: Final = 1
VER_FLG_WEAK: Final = 2

# Notes
NT_GNU_BUILD_ID: Final = 3
NT_GNU_PROPERTY_TYPE_0: Final = 5
GNU_PROPERTY_X86_FEATURE_1_AND: Final = 0xC0000002
GNU_PROPERTY_X86_UINT32_AND_LO: Final = 0xC0000002
GNU_PROPERTY_X86_UINT32_AND_HI: Final = 0xC0007FFF
GNU_PROPERTY_X86_UINT32_OR_LO: Final = 0xC0008000
GNU_PROPERTY_X86_UINT32_OR_HI: Final = 0xC000FFFF
GNU_PROPERTY_X86_UINT32_OR_AND_LO: Final = 0xC0010000
GNU_PROPERTY_X86_UINT32_OR_AND_HI: Final = 0xC0017FFF

# Compressed sections (SHF_COMPRESSED): Elf64_Chdr
ELFCOMPRESS_ZLIB: Final = 1

EM_NONE: Final = 0
EM_ARM: Final = 40
EM_PPC64: Final = 21
EM_S390: Final = 22

MACHINE_NAMES: Final[dict[int, str]] = {
    3: "Intel 80386",
    40: "ARM",
    62: "Advanced Micro Devices X86-64",
    183: "AArch64",
    243: "RISC-V",
}
