"""SHF_MERGE sections: equal constants and strings are stored once (gABI, "Section Attribute Flags").

Inputs of one output name, flags, entry size and alignment share one synthetic section.  A string that is the
tail of a longer one points into it.  Each input keeps a `MergeMap` from its offsets to the new ones.
"""

from typing import final

from ourocc.linker.elements import InputSection, Link, MergeMap
from ourocc.objects.model import SHF_GROUP, SHF_MERGE, SHF_STRINGS, SHT_NOBITS, SHT_PROGBITS


@final
class _Pool:
    """The distinct pieces of one merged section."""

    def __init__(self, into: InputSection, strings: bool) -> None:
        self.into = into
        self.strings = strings
        self.pieces: dict[bytes, int] = {}  # piece -> its number
        self.members: list[tuple[InputSection, list[int], list[int]]] = []  # section, starts, piece numbers


def is_mergeable(section: InputSection) -> bool:
    if not section.flags & SHF_MERGE or section.type == SHT_NOBITS or section.entry_size == 0:
        return False
    if section.relocation_index or section.size % section.entry_size:
        return False
    return section.flags & 1 == 0  # not SHF_WRITE


def merge_sections(link: Link, sections: list[tuple[str, InputSection]]) -> list[tuple[str, InputSection]]:
    """Replace mergeable sections in the (output name, section) list by the pools that take their contents."""
    pools: dict[tuple[str, int, int, int, int], _Pool] = {}
    result: list[tuple[str, InputSection]] = []
    for name, section in sections:
        if not is_mergeable(section):
            result.append((name, section))
            continue
        flags = section.flags & ~SHF_GROUP
        key = (name, flags, section.entry_size, section.alignment, section.statement)
        pool = pools.get(key)
        if pool is None:
            into = link.synthetic_section(section.name, SHT_PROGBITS, flags, section.alignment, section.entry_size)
            into.statement = section.statement
            pool = _Pool(into, (flags & SHF_STRINGS) != 0)
            pools[key] = pool
            result.append((name, into))
        data = bytes(section.data())
        if pool.strings and section.entry_size == 1:
            _split_strings(pool, section, data)
        elif pool.strings:
            _split_wide_strings(pool, section, data)
        else:
            _split_constants(pool, section, data)
    for pool in pools.values():
        _lay_out(pool)
    return result


def _split_strings(pool: _Pool, section: InputSection, data: bytes) -> None:
    pieces = pool.pieces
    starts: list[int] = []
    numbers: list[int] = []
    position = 0
    parts = data.split(b"\0")
    last = parts.pop()  # empty, unless the section lacks the final terminator
    if last:
        parts.append(last)
    for part in parts:
        starts.append(position)
        numbers.append(pieces.setdefault(part, len(pieces)))
        position += len(part) + 1
    pool.members.append((section, starts, numbers))


def _split_wide_strings(pool: _Pool, section: InputSection, data: bytes) -> None:
    width = section.entry_size
    pieces = pool.pieces
    starts: list[int] = []
    numbers: list[int] = []
    start = 0
    zero = bytes(width)
    for position in range(0, len(data), width):
        if data[position : position + width] == zero or position + width >= len(data):
            end = position + width
            piece = data[start:end]
            if piece[-width:] != zero:
                piece += zero
            starts.append(start)
            numbers.append(pieces.setdefault(piece, len(pieces)))
            start = end
    pool.members.append((section, starts, numbers))


def _split_constants(pool: _Pool, section: InputSection, data: bytes) -> None:
    width = section.entry_size
    pieces = pool.pieces
    starts = list(range(0, len(data), width))
    numbers = [pieces.setdefault(data[start : start + width], len(pieces)) for start in starts]
    pool.members.append((section, starts, numbers))


def _lay_out(pool: _Pool) -> None:
    """Give each piece its offset: tails of longer strings first to nowhere, then the rest in order."""
    into = pool.into
    pieces = list(pool.pieces)
    offsets = [-1] * len(pieces)
    data = bytearray()
    terminator = b"\0" if pool.strings and into.entry_size == 1 else b""
    align = into.alignment
    holder = _tails(pieces) if terminator and align == 1 else {}
    for number, piece in enumerate(pieces):
        if number in holder:
            continue
        if align > 1 and len(data) % align:
            data += bytes(-len(data) % align)
        offsets[number] = len(data)
        data += piece
        data += terminator
    for number in holder:
        longest = number
        while longest in holder:
            longest = holder[longest]
        offsets[number] = offsets[longest] + len(pieces[longest]) - len(pieces[number])
    into.contents = data
    into.size = len(data)
    for section, starts, numbers in pool.members:
        section.merge = MergeMap(into, starts, [offsets[number] for number in numbers])


def _tails(pieces: list[bytes]) -> dict[int, int]:
    """Number of a string -> number of a longer one that it is the tail of."""
    order = sorted([(piece[::-1], number) for number, piece in enumerate(pieces)], reverse=True)
    result: dict[int, int] = {}
    for (longer, holder), (shorter, number) in zip(order, order[1:], strict=False):
        if longer.startswith(shorter):
            result[number] = holder
    return result
