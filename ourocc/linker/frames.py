"""`.eh_frame`: all inputs' records in one section, equal CIEs once, no FDEs of dropped code; `.eh_frame_hdr`.

Formats: LSB "Exception Frames".  The records' bytes are copied, their CIE pointers rewritten, and their
relocations carried over; the header's binary search table is made when addresses are known.
"""

from struct import iter_unpack, unpack_from
from typing import Final, final

from ourocc.linker.elements import InputFile, InputSection, Link, LinkSymbol, MergeMap
from ourocc.objects.elf_reader import RawRelocation
from ourocc.objects.model import SHF_ALLOC, SHT_PROGBITS

_DW_EH_PE_PCREL_SDATA4: Final = 0x1B
_DW_EH_PE_UDATA4: Final = 0x03
_DW_EH_PE_DATAREL_SDATA4: Final = 0x3B


@final
class FrameTable:
    """The merged .eh_frame and what the header needs to know of it."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.file = InputFile("<.eh_frame>", None)
        self.section = InputSection(self.file, 0, ".eh_frame", SHT_PROGBITS, SHF_ALLOC, 8)
        self.section.relocation_list = []
        self.data = bytearray()
        self.symbol_numbers: dict[int, int] = {}
        self.common: dict[tuple[bytes, tuple[tuple[int, int, int, int], ...]], int] = {}
        self.descriptions: list[int] = []  # offsets of the FDEs
        self.header: InputSection | None = None

    def add(self, section: InputSection) -> None:
        """Take over the records of one input section."""
        data = bytes(section.data())
        relocations = section.relocations()
        if any(relocations[i][0] > relocations[i + 1][0] for i in range(len(relocations) - 1)):
            relocations = sorted(relocations, key=_by_offset)  # pairs at one place stay in order
        starts: list[int] = []
        targets: list[int] = []
        commons: dict[int, int] = {}  # offset of a CIE in the input -> in the output
        position = 0
        number = 0
        end_of_data = len(data)
        while position + 4 <= end_of_data:
            length = int.from_bytes(data[position : position + 4], "little")
            if length == 0:  # a terminator: ours comes at the very end
                break
            end = position + 4 + length
            if length == 0xFFFFFFFF or end > end_of_data or length < 4:
                assert section.file.elf is not None
                raise section.file.elf.fail(f"section '{section.name}': malformed record at offset {position:#x}")
            first = number
            while number < len(relocations) and relocations[number][0] < end:
                number += 1
            record = relocations[first:number]
            pointer = int.from_bytes(data[position + 4 : position + 8], "little")
            starts.append(position)
            if pointer == 0:
                commons[position] = self._common_entry(section.file, data[position:end], position, record)
                targets.append(commons[position])
            else:
                targets.append(len(self.data))
                common = commons.get(position + 4 - pointer, -1)
                if common < 0:
                    assert section.file.elf is not None
                    raise section.file.elf.fail(f"section '{section.name}': record at {position:#x} has no CIE")
                self._description(section.file, data[position:end], position, record, common)
            position = end
        # A symbol behind the records marks what follows (crtbegin's) or the terminator (crtend's).
        starts.append(position)
        targets.append(-1 if position + 4 <= end_of_data else len(self.data))
        section.merge = MergeMap(self.section, starts, targets)
        section.live = False

    def _relocate(self, file: InputFile, record: list[RawRelocation], shift: int) -> None:
        relocation_list = self.section.relocation_list
        assert relocation_list is not None
        for offset, type, symbol, addend in record:
            relocation_list.append((offset + shift, type, self._symbol_number(file.symbol(symbol)), addend))

    def _symbol_number(self, symbol: LinkSymbol) -> int:
        number = self.symbol_numbers.get(id(symbol), -1)
        if number < 0:
            number = len(self.file.symbols)
            self.symbol_numbers[id(symbol)] = number
            self.file.symbols.append(symbol)
        return number

    def _common_entry(self, file: InputFile, data: bytes, position: int, record: list[RawRelocation]) -> int:
        key = (
            data,
            tuple([(o - position, t, self._symbol_number(file.symbol(s)), a) for o, t, s, a in record]),
        )
        found = self.common.get(key, -1)
        if found < 0:
            found = len(self.data)
            self.common[key] = found
            self._relocate(file, record, found - position)
            self.data += data
        return found

    def _description(
        self, file: InputFile, data: bytes, position: int, record: list[RawRelocation], common: int
    ) -> None:
        """An FDE stays when the code that its first relocation names does."""
        first = -1
        for offset, _type, symbol, _addend in record:
            if offset >= position + 8:
                first = symbol
                break
        if first < 0:
            return
        target = file.symbol(first)
        section = target.section
        if section is None or not section.live and section.merge is None:
            return
        at = len(self.data)
        self.descriptions.append(at)
        self._relocate(file, record, at - position)
        self.data += data[:4]
        self.data += (at + 4 - common).to_bytes(4, "little")
        self.data += data[8:]

    def finish(self, terminate: bool) -> None:
        """Close the section; its size is known now."""
        if terminate or self.data:
            self.data += bytes(4)
        self.section.contents = self.data
        self.section.size = len(self.data)
        end = max(len(self.data) - 4, 0)
        for file in self.link.files:
            for section in file.sections:
                if section is not None and section.merge is not None and section.merge.into is self.section:
                    if section.merge.targets[-1] < 0:
                        section.merge.targets[-1] = end

    def make_header(self) -> None:
        """Reserve .eh_frame_hdr."""
        header = self.link.synthetic_section(".eh_frame_hdr", SHT_PROGBITS, SHF_ALLOC, 4)
        header.size = 12 + 8 * len(self.descriptions)
        self.header = header

    def fill_header(self, frames: bytes) -> None:
        """Write the header and its sorted table; `frames` is the relocated .eh_frame."""
        header = self.header
        if header is None:
            return
        base = header.address
        frame_address = self.section.address
        rows: list[tuple[int, int]] = []
        encodings: dict[int, int] = {}
        for offset in self.descriptions:
            pointer = unpack_from("<I", frames, offset + 4)[0]
            common = offset + 4 - pointer
            encoding = encodings.get(common, -1)
            if encoding < 0:
                encoding = pointer_encoding(frames, common)
                encodings[common] = encoding
            start = read_pointer(frames, offset + 8, encoding, frame_address + offset + 8)
            rows.append((start - base, frame_address + offset - base))
        rows.sort()
        out = bytearray([1, _DW_EH_PE_PCREL_SDATA4, _DW_EH_PE_UDATA4, _DW_EH_PE_DATAREL_SDATA4])
        out += ((frame_address - base - 4) & 0xFFFFFFFF).to_bytes(4, "little")
        out += len(rows).to_bytes(4, "little")
        for code, record in rows:
            out += (code & 0xFFFFFFFF).to_bytes(4, "little") + (record & 0xFFFFFFFF).to_bytes(4, "little")
        header.contents = out


def _by_offset(relocation: RawRelocation) -> int:
    return relocation[0]


def pointer_encoding(frames: bytes, common: int) -> int:
    """The FDE pointer encoding ('R' of the augmentation) of the CIE at `common`."""
    position = common + 9
    end = frames.index(b"\0", position)
    augmentation = frames[position:end]
    position = end + 1
    if not augmentation.startswith(b"z"):
        return 0
    for _ in range(2):  # code and data alignment factors
        position = _skip_leb128(frames, position)
    if frames[common + 8] == 1:
        position += 1
    else:
        position = _skip_leb128(frames, position)
    position = _skip_leb128(frames, position)
    for letter in augmentation[1:].decode("latin-1"):
        if letter == "R":
            return frames[position]
        if letter == "P":
            encoding = frames[position]
            low = encoding & 7
            position += 1 + (2 if low == 2 else 4 if low == 3 else 8)
        elif letter == "L":
            position += 1
    return 0


def read_pointer(data: bytes, position: int, encoding: int, address: int) -> int:
    """Decode a DW_EH_PE pointer whose bytes stand at `position`, loaded at `address`."""
    low = encoding & 0x0F
    if low == 0x0B:
        value: int = unpack_from("<i", data, position)[0]
    elif low == 0x03:
        value = unpack_from("<I", data, position)[0]
    elif low == 0x0A or low == 0x02:
        value = unpack_from("<h" if low == 0x0A else "<H", data, position)[0]
    else:
        value = unpack_from("<q", data, position)[0]
    return value + address if encoding & 0x70 == 0x10 else value


def _skip_leb128(data: bytes, position: int) -> int:
    while data[position] & 0x80:
        position += 1
    return position + 1


def record_lengths(data: bytes) -> list[int]:
    """Offsets of the records of an .eh_frame section (for tools)."""
    result: list[int] = []
    position = 0
    while position + 4 <= len(data):
        (length,) = next(iter_unpack("<I", data[position : position + 4]))
        if length == 0:
            break
        result.append(position)
        position += 4 + length
    return result
