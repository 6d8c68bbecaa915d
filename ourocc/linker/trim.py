"""Alignment padding that the assembler left too long (R_RISCV_ALIGN): cut to what alignment needs.

An ALIGN row says that `addend` bytes of padding begin at its place, enough for any start; the code behind
them is to be aligned to the smallest power of two above `addend`.  Sections start aligned, so the cut can
be made before layout: bytes go, and symbols and relocations of the section move.
"""

from ourocc.linker.elements import EditMap, InputFile, InputSection, Link
from ourocc.objects.model import SHF_ALLOC
from ourocc.targets.relocation_table import KIND_ALIGN


def trim_alignment(link: Link) -> None:
    """Trim every living section of the link."""
    kinds = link.target.kinds
    if KIND_ALIGN not in kinds:
        return
    limit = len(kinds)
    for file in link.files:
        edited: dict[int, EditMap] = {}
        for section in file.sections:
            if section is None or not section.live or not section.relocation_index:
                continue
            if not section.flags & SHF_ALLOC:
                continue
            if any(r[1] < limit and kinds[r[1]] == KIND_ALIGN for r in section.relocations()):
                edited[section.index] = _trim(link, section)
        if edited:
            _move_symbols(file, edited)


def _trim(link: Link, section: InputSection) -> EditMap:
    kinds = link.target.kinds
    edits = EditMap()
    data = section.data()
    out = bytearray()
    copied = 0
    gone = 0
    for offset, type, _symbol, addend in sorted(section.relocations(), key=_by_offset):
        if type >= len(kinds) or kinds[type] != KIND_ALIGN or addend <= 0:
            continue
        alignment = 1
        while alignment <= addend:
            alignment *= 2
        start = offset - gone
        needed = -start % alignment
        if needed > addend or offset + addend > len(data) or offset < copied:
            assert section.file.elf is not None
            raise section.file.elf.fail(f"section '{section.name}': malformed alignment at offset {offset:#x}")
        out += data[copied:offset]
        out += link.target.padding(needed)
        copied = offset + addend
        if needed != addend:
            gone += addend - needed
            edits.positions.append(offset)
            edits.totals.append(gone)
        if alignment > section.alignment:
            section.alignment = alignment
    out += data[copied:]
    section.contents = out
    section.size = len(out)
    section.relocation_list = [
        (edits.offset(o), 0 if t < len(kinds) and kinds[t] == KIND_ALIGN else t, s, a)
        for o, t, s, a in section.relocations()
    ]
    return edits


def _by_offset(relocation: tuple[int, int, int, int]) -> int:
    return relocation[0]


def _move_symbols(file: InputFile, edited: dict[int, EditMap]) -> None:
    """Symbol values and sizes of the sections that were cut."""
    raw_symbols = file.raw_symbols
    for number, (name, info, other, shndx, value, size) in enumerate(raw_symbols):
        if shndx == 0xFFFF and number < len(file.extended):
            index = file.extended[number]
        else:
            index = shndx
        edits = edited.get(index)
        if edits is None or number == 0:
            continue
        new_value = edits.offset(value)
        new_size = edits.offset(value + size) - new_value if size else 0
        raw_symbols[number] = (name, info, other, shndx, new_value, new_size)
        symbol = file.symbols[number]
        if symbol is not None and symbol.file is file and symbol.section is file.sections[index]:
            symbol.value = new_value
            symbol.size = new_size
