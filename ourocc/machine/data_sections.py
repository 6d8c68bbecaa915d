"""In which section an object goes: gcc's rules for .data, .bss, .rodata, mergeable constants, thread-local and
relocated read-only data."""

from ourocc.ir.function import Symbol
from ourocc.machine.options import PIC_NONE, CodeOptions
from ourocc.objects.model import (
    SHF_ALLOC,
    SHF_GNU_RETAIN,
    SHF_MERGE,
    SHF_STRINGS,
    SHF_TLS,
    SHF_WRITE,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_PROGBITS,
    ObjectFile,
    Section,
)


def section_of(
    obj: ObjectFile, symbol: Symbol, contents: bytes, relocated: bool, options: CodeOptions
) -> Section:
    """The section for `symbol`, whose initial bytes are `contents` (zeros follow)."""
    zero = not relocated and not contents.strip(b"\0")
    if symbol.section:
        return named_section(obj, symbol, relocated, zero)
    suffix = "." + symbol.name if options.data_sections and not symbol.name.startswith(".L") else ""
    if symbol.thread_local:
        if zero:
            return obj.section(".tbss" + suffix, SHT_NOBITS, SHF_ALLOC | SHF_WRITE | SHF_TLS, 1)
        return obj.section(".tdata" + suffix, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE | SHF_TLS, 1)
    if symbol.read_only:
        if relocated and options.pic != PIC_NONE:
            local = ".local" if symbol.local else ""
            return obj.section(".data.rel.ro" + local + suffix, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1)
        if symbol.mergeable_string and options.merge_constants and not relocated:
            width = symbol.alignment if symbol.alignment in (1, 2, 4) else 1
            flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS
            section = obj.section(f".rodata.str{width}.{width}", SHT_PROGBITS, flags, width)
            section.entry_size = width
            return section
        return obj.section(".rodata" + suffix, SHT_PROGBITS, SHF_ALLOC, 1)
    if zero and options.zero_initialized_in_bss:
        return obj.section(".bss" + suffix, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 1)
    if relocated and options.pic == PIC_NONE:
        return obj.section(".data" + suffix, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1)
    return obj.section(".data" + suffix, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1)


def named_section(obj: ObjectFile, symbol: Symbol, relocated: bool, zero: bool) -> Section:
    """`__attribute__((section("name")))`: type and flags follow from the name, as in GNU as."""
    name = symbol.section
    for section in obj.sections:
        if section.name == name and section.group is None:
            return section
    flags = SHF_ALLOC
    if not symbol.read_only:
        flags |= SHF_WRITE
    type = SHT_PROGBITS
    if is_or_below(name, ".bss"):
        type = SHT_NOBITS if zero else SHT_PROGBITS
        flags = SHF_ALLOC | SHF_WRITE
    elif is_or_below(name, ".tbss"):
        type = SHT_NOBITS if zero else SHT_PROGBITS
        flags = SHF_ALLOC | SHF_WRITE | SHF_TLS
    elif is_or_below(name, ".tdata"):
        flags = SHF_ALLOC | SHF_WRITE | SHF_TLS
    elif is_or_below(name, ".init_array"):
        type = SHT_INIT_ARRAY
        flags = SHF_ALLOC | SHF_WRITE
    elif is_or_below(name, ".fini_array"):
        type = SHT_FINI_ARRAY
        flags = SHF_ALLOC | SHF_WRITE
    elif name.startswith(".note"):
        type = SHT_NOTE
    if symbol.keep and name.startswith("."):
        flags &= ~SHF_GNU_RETAIN
    return obj.section(name, type, flags, 1)


def is_or_below(name: str, parent: str) -> bool:
    return name == parent or name.startswith(parent + ".")
