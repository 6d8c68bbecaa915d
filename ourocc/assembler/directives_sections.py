"""Directives that choose sections and describe symbols."""

from typing import Final

from ourocc.assembler.assembler import Assembler, DirectiveFunction
from ourocc.assembler.directives_data import align, split_operands, strings
from ourocc.assembler.expression import number_expression
from ourocc.assembler.symbols import SYMBOL, AsmSection, AsmSymbol, AssemblyError, Expression
from ourocc.objects import model

FLAGS: Final = {
    "a": model.SHF_ALLOC, "w": model.SHF_WRITE, "x": model.SHF_EXECINSTR, "M": model.SHF_MERGE, "S": model.SHF_STRINGS,
    "G": model.SHF_GROUP, "T": model.SHF_TLS, "o": model.SHF_LINK_ORDER, "e": model.SHF_EXCLUDE,
    "R": model.SHF_GNU_RETAIN, "l": 0x10000000, "?": 0,
}  # fmt: skip
SECTION_TYPES: Final = {
    "progbits": model.SHT_PROGBITS, "nobits": model.SHT_NOBITS, "note": model.SHT_NOTE,
    "init_array": model.SHT_INIT_ARRAY, "fini_array": model.SHT_FINI_ARRAY, "preinit_array": model.SHT_PREINIT_ARRAY,
    "unwind": model.SHT_X86_64_UNWIND,
}  # fmt: skip
A: Final = model.SHF_ALLOC
W: Final = model.SHF_WRITE
X: Final = model.SHF_EXECINSTR
# Sections whose attributes are known by name: the name itself and everything behind it and a dot
DEFAULTS: Final = (
    (".text", model.SHT_PROGBITS, A | X), (".data", model.SHT_PROGBITS, A | W), (".data1", model.SHT_PROGBITS, A | W),
    (".bss", model.SHT_NOBITS, A | W), (".sbss", model.SHT_NOBITS, A | W), (".sdata", model.SHT_PROGBITS, A | W),
    (".rodata", model.SHT_PROGBITS, A), (".rodata1", model.SHT_PROGBITS, A), (".srodata", model.SHT_PROGBITS, A),
    (".tdata", model.SHT_PROGBITS, A | W | model.SHF_TLS), (".tbss", model.SHT_NOBITS, A | W | model.SHF_TLS),
    (".init_array", model.SHT_INIT_ARRAY, A | W), (".fini_array", model.SHT_FINI_ARRAY, A | W),
    (".preinit_array", model.SHT_PREINIT_ARRAY, A | W), (".init", model.SHT_PROGBITS, A | X),
    (".fini", model.SHT_PROGBITS, A | X), (".note.GNU-stack", model.SHT_PROGBITS, 0), (".note", model.SHT_NOTE, 0),
    (".eh_frame", model.SHT_PROGBITS, A),
)  # fmt: skip
MAXIMUM_COMMON: Final = 1 << 40
MAXIMUM_LOCAL: Final = 1 << 31
SYMBOL_TYPES: Final = {
    "function": model.STT_FUNC, "STT_FUNC": model.STT_FUNC, "object": model.STT_OBJECT, "STT_OBJECT": model.STT_OBJECT,
    "tls_object": model.STT_TLS, "STT_TLS": model.STT_TLS, "notype": model.STT_NOTYPE, "STT_NOTYPE": model.STT_NOTYPE,
    "common": model.STT_OBJECT, "STT_COMMON": model.STT_OBJECT, "gnu_indirect_function": model.STT_GNU_IFUNC,
    "STT_GNU_IFUNC": model.STT_GNU_IFUNC, "gnu_unique_object": model.STT_OBJECT,
}  # fmt: skip


def default_attributes(a: Assembler, name: str) -> tuple[int, int]:
    for prefix, type, flags in DEFAULTS:
        if name == prefix or name.startswith(prefix + "."):
            return type, flags
    return model.SHT_PROGBITS, 0


def find_section(a: Assembler, name: str, group: str, unique: int) -> AsmSection | None:
    for section in a.symbols.sections:
        if section.name == name and section.group_name == group and section.unique == unique:
            return section
    return None


def enter(a: Assembler, section: AsmSection, subsection: int) -> None:
    a.previous = (a.symbols.section, a.symbols.subsection)
    a.symbols.enter(section, subsection)


def parse_flags(a: Assembler, text: str) -> int:
    flags = 0
    number = ""
    for character in text:
        if character.isdigit():
            number += character
        elif character in FLAGS:
            flags |= FLAGS[character]
            if character == "?" and a.symbols.section.group_name:
                flags |= model.SHF_GROUP
        else:
            raise AssemblyError(f"unknown section attribute `{character}'")
    return flags | int(number or "0", 0)


def parse_type(text: str) -> int:
    name = text.strip().lstrip("@%").strip('"')
    if name in SECTION_TYPES:
        return SECTION_TYPES[name]
    try:
        return int(name, 0)
    except ValueError:
        raise AssemblyError(f"unrecognized section type `{name}'") from None


def select(a: Assembler, rest: str, allow_subsection: bool) -> None:
    """.section and .pushsection"""
    parts = split_operands(rest)
    name = parts.pop(0)
    if name.startswith('"'):
        name = strings(name)[0].decode()
    if not name:
        raise AssemblyError("missing name")
    subsection = 0
    if parts and allow_subsection and parts[0] and not parts[0].startswith('"'):
        subsection = a.constant(parts.pop(0))
    type, flags = default_attributes(a, name)
    explicit = bool(parts)
    entry_size = 0
    group = link = ""
    comdat = False
    unique = -1
    if parts:
        text = parts.pop(0)
        if text.startswith('"'):
            extra = parse_flags(a, strings(text)[0].decode())
            known = flags
            flags = extra
            if "?" in text and a.symbols.section.group_name:
                group, comdat = a.symbols.section.group_name, a.symbols.section.comdat
            if name in (".bss", ".data", ".text", ".tbss", ".tdata", ".init_array", ".fini_array"):
                flags |= known
        elif text.startswith("#"):
            raise AssemblyError("Solaris section attributes are not supported")
        if parts:
            type = parse_type(parts.pop(0))
        if flags & model.SHF_MERGE:
            if not parts:
                raise AssemblyError("entity size for SHF_MERGE not specified")
            entry_size = a.constant(parts.pop(0))
        if flags & model.SHF_LINK_ORDER:
            if not parts:
                raise AssemblyError("missing linked-to section name")
            link = parts.pop(0).strip('"')
        if flags & model.SHF_GROUP and not group:
            if not parts:
                raise AssemblyError("group name for SHF_GROUP not specified")
            group = parts.pop(0).strip('"')
            if parts and parts[0] == "comdat":
                comdat = True
                parts.pop(0)
        if len(parts) > 1 and parts[0] == "unique":
            unique = a.constant(parts[1])
            parts = []
        junk = "".join(parts)
        if junk:
            raise AssemblyError(f"junk at end of line, first unrecognized character is `{junk[0]}'")
    section = find_section(a, name, group, unique)
    if section is None:
        section = AsmSection(name, type, flags & ~model.SHF_GROUP, a.branches)
        section.entry_size = entry_size
        section.group_name = group
        section.comdat = comdat
        section.link_name = link
        section.unique = unique
        a.symbols.sections.append(section)
    elif explicit and (section.type != type or section.flags != flags & ~model.SHF_GROUP):
        if section.flags == 0 and not section.buffer.data and section.name not in (".text", ".data", ".bss"):
            section.flags, section.type, section.entry_size = flags & ~model.SHF_GROUP, type, entry_size
        elif section.name not in (".text", ".data", ".bss", ".eh_frame"):
            a.warning(f"ignoring changed section attributes for {name}")
    enter(a, section, subsection)


def directive_section(a: Assembler, rest: str) -> None:
    select(a, rest, False)


def directive_pushsection(a: Assembler, rest: str) -> None:
    before = (a.symbols.section, a.symbols.subsection)
    previous = a.previous
    select(a, rest, True)
    after = previous if previous is not None else before
    a.section_stack.append((before[0], before[1], after[0], after[1]))


def directive_popsection(a: Assembler, rest: str) -> None:
    if not a.section_stack:
        raise AssemblyError(".popsection without corresponding .pushsection; ignored")
    section, subsection, previous, previous_subsection = a.section_stack.pop()
    a.symbols.enter(section, subsection)
    a.previous = (previous, previous_subsection)


def directive_previous(a: Assembler, rest: str) -> None:
    if a.previous is None:
        raise AssemblyError(".previous without corresponding .section; ignored")
    section, subsection = a.previous
    enter(a, section, subsection)


def directive_subsection(a: Assembler, rest: str) -> None:
    enter(a, a.symbols.section, a.constant(rest))


def standard(a: Assembler, index: int, rest: str) -> None:
    enter(a, a.symbols.sections[index], a.constant(rest) if rest.strip() else 0)


def directive_text(a: Assembler, rest: str) -> None:
    standard(a, 0, rest)


def directive_data(a: Assembler, rest: str) -> None:
    standard(a, 1, rest)


def directive_bss(a: Assembler, rest: str) -> None:
    standard(a, 2, rest)


def names(a: Assembler, rest: str) -> list[AsmSymbol]:
    found = [a.symbols.symbol(part.strip('"')) for part in split_operands(rest) if part]
    if not found:
        raise AssemblyError("expected symbol name")
    return found


def directive_globl(a: Assembler, rest: str) -> None:
    for symbol in names(a, rest):
        symbol.is_global = True


def directive_weak(a: Assembler, rest: str) -> None:
    for symbol in names(a, rest):
        symbol.is_weak = True


def directive_local(a: Assembler, rest: str) -> None:
    for symbol in names(a, rest):
        symbol.is_local = True


def set_visibility(a: Assembler, rest: str, visibility: int) -> None:
    for symbol in names(a, rest):
        symbol.visibility = visibility


def directive_hidden(a: Assembler, rest: str) -> None:
    set_visibility(a, rest, model.STV_HIDDEN)


def directive_protected(a: Assembler, rest: str) -> None:
    set_visibility(a, rest, model.STV_PROTECTED)


def directive_internal(a: Assembler, rest: str) -> None:
    set_visibility(a, rest, model.STV_INTERNAL)


def directive_type(a: Assembler, rest: str) -> None:
    """.type name, @function"""
    name, comma, kind = rest.partition(",")
    if not comma:
        name, _, kind = rest.partition(" ")
    kind = kind.strip().lstrip("@%#").strip('"')
    if kind not in SYMBOL_TYPES:
        raise AssemblyError(f"unrecognized symbol type \"{kind}\"")
    symbol = a.symbols.symbol(name.strip().strip('"'))
    symbol.type = SYMBOL_TYPES[kind]
    if kind == "gnu_unique_object":
        symbol.is_unique = True


def directive_size(a: Assembler, rest: str) -> None:
    parts = split_operands(rest)
    if len(parts) != 2:
        raise AssemblyError("expected comma after name in .size directive")
    a.symbols.symbol(parts[0].strip('"')).size = a.expression(parts[1])[0]


def directive_comm(a: Assembler, rest: str) -> None:
    """.comm name, size[, alignment]"""
    parts = split_operands(rest)
    if len(parts) < 2:
        raise AssemblyError("missing size expression")
    symbol = a.symbols.symbol(parts[0].strip('"'))
    size = a.constant(parts[1])
    if not 0 <= size <= MAXIMUM_COMMON:
        raise AssemblyError(f".COMMon length ({size}) out of range")
    if symbol.section is not None or symbol.expression is not None:
        raise AssemblyError(f"symbol `{symbol.name}' is already defined")
    if symbol.is_local and size > MAXIMUM_LOCAL:
        raise AssemblyError(f"local common of {size} bytes is too large")
    if len(parts) > 2:
        alignment = a.constant(parts[2])
    else:
        alignment = 1
        while alignment * 2 <= size and alignment < 16:
            alignment *= 2
    if alignment <= 0 or alignment & (alignment - 1):
        raise AssemblyError("common alignment not a power of 2")
    if symbol.is_local and symbol not in a.local_commons:
        a.local_commons.append(symbol)
    symbol.is_common = True
    symbol.common_size = max(size, symbol.common_size)
    symbol.common_alignment = max(alignment, symbol.common_alignment)
    if symbol.type == model.STT_NOTYPE:
        symbol.type = model.STT_OBJECT


def place_in_bss(a: Assembler, symbol: AsmSymbol, size: int, alignment: int) -> None:
    saved = (a.symbols.section, a.symbols.subsection)
    a.symbols.enter(a.symbols.sections[2], 0)
    buffer = a.buffer()
    align(a, [""], alignment, 1)
    a.symbols.define(symbol)
    buffer.data += bytes(size)
    if symbol.type == model.STT_NOTYPE:
        symbol.type = model.STT_OBJECT
    symbol.size = number_expression(size)
    a.symbols.enter(saved[0], saved[1])


def place_local_commons(a: Assembler) -> None:
    """.local and .comm of one name: storage behind everything else in .bss."""
    for symbol in a.local_commons:
        symbol.is_common = False
        place_in_bss(a, symbol, symbol.common_size, symbol.common_alignment)
    a.local_commons = []


def directive_lcomm(a: Assembler, rest: str) -> None:
    a.symbols.symbol(split_operands(rest)[0].strip('"')).is_local = True
    directive_comm(a, rest)


def directive_set(a: Assembler, rest: str) -> None:
    name, comma, value = rest.partition(",")
    if not comma:
        raise AssemblyError(f"expected comma after \"{name.strip()}\"")
    a.assign(name.strip(), value)


def directive_equiv(a: Assembler, rest: str) -> None:
    name = rest.partition(",")[0].strip()
    if a.symbols.symbol(name).defined():
        raise AssemblyError(f"symbol `{name}' is already defined")
    directive_set(a, rest)


def directive_symver(a: Assembler, rest: str) -> None:
    """.symver name, name@VERSION[, visibility]"""
    parts = split_operands(rest)
    if len(parts) < 2 or "@" not in parts[1]:
        raise AssemblyError("missing version name in .symver")
    symbol = a.symbols.symbol(parts[0])
    symbol.referenced = True
    option = parts[2] if len(parts) > 2 else ""
    symbol.versions.append(parts[1] + ("\0" + option if option else ""))


def directive_weakref(a: Assembler, rest: str) -> None:
    """.weakref alias, target: mentions of alias are weak references to target"""
    parts = split_operands(rest)
    if len(parts) != 2:
        raise AssemblyError("expected comma after name in .weakref directive")
    target = a.symbols.symbol(parts[1])
    expression = Expression(SYMBOL)
    expression.symbol = target
    alias = a.symbols.symbol(parts[0])
    alias.expression = expression
    alias.is_weakref = True
    if not target.referenced and not target.defined():
        target.is_weak = True


def directive_ident(a: Assembler, rest: str) -> None:
    for text in strings(rest):
        a.idents.append(text.decode("utf-8", "surrogateescape"))


def directive_ignored(a: Assembler, rest: str) -> None:
    """Directives that change nothing in our output."""


def directive_intel(a: Assembler, rest: str) -> None:
    raise AssemblyError("Intel syntax is not supported: use AT&T syntax")


def directive_code(a: Assembler, rest: str) -> None:
    raise AssemblyError("16-bit and 32-bit code is not supported")


TABLE: Final[dict[str, DirectiveFunction]] = {
    ".section": directive_section, ".pushsection": directive_pushsection, ".popsection": directive_popsection,
    ".previous": directive_previous, ".subsection": directive_subsection, ".text": directive_text,
    ".data": directive_data, ".bss": directive_bss,
    ".globl": directive_globl, ".global": directive_globl, ".weak": directive_weak, ".local": directive_local,
    ".hidden": directive_hidden, ".protected": directive_protected, ".internal": directive_internal,
    ".type": directive_type, ".size": directive_size, ".comm": directive_comm, ".common": directive_comm,
    ".lcomm": directive_lcomm, ".set": directive_set, ".equ": directive_set, ".equiv": directive_equiv,
    ".eqv": directive_equiv, ".symver": directive_symver, ".weakref": directive_weakref, ".ident": directive_ident,
    ".att_syntax": directive_ignored, ".code64": directive_ignored, ".intel_syntax": directive_intel,
    ".code32": directive_code, ".code16": directive_code, ".code16gcc": directive_code, ".arch": directive_ignored,
    ".att_mnemonic": directive_ignored, ".title": directive_ignored, ".sbttl": directive_ignored,
    ".list": directive_ignored, ".nolist": directive_ignored, ".psize": directive_ignored, ".eject": directive_ignored,
    ".extern": directive_ignored, ".gnu_attribute": directive_ignored, ".loc_mark_labels": directive_ignored,
    ".lto_set_jump": directive_ignored, ".version": directive_ignored, ".line": directive_ignored,
    ".ln": directive_ignored, ".noaltmacro": directive_ignored, ".lflags": directive_ignored,
    ".allow_index_reg": directive_ignored, ".disallow_index_reg": directive_ignored, ".sse_check": directive_ignored,
    ".operand_check": directive_ignored,
}  # fmt: skip
