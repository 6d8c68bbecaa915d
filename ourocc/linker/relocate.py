"""Applies relocations to the image: computes each row's expression and writes it into its field."""

from struct import Struct
from typing import Final, final

from ourocc.linker.elements import InputSection, Link, LinkSymbol
from ourocc.linker.scan import location
from ourocc.linker.tables import Tables, thread_pointer_offset
from ourocc.objects.elf_reader import RawRelocation
from ourocc.objects.model import SHF_ALLOC, STT_TLS, UNDEFINED
from ourocc.targets.relocation_table import (
    CHECK_EITHER,
    CHECK_NONE,
    CHECK_SIGNED,
    FIELD_8,
    FIELD_16,
    FIELD_32,
    FIELD_64,
    FIELD_NONE,
    FIELD_TARGET,
    KIND_ABSOLUTE,
    KIND_ALIGN,
    KIND_DTPOFF,
    KIND_FROM_GOT,
    KIND_GOT_ABSOLUTE,
    KIND_GOT_BASE_PC,
    KIND_GOT_OFFSET,
    KIND_GOT_PAGE,
    KIND_GOT_PC,
    KIND_GOTTP_ABSOLUTE,
    KIND_GOTTP_OFFSET,
    KIND_GOTTP_PAGE,
    KIND_GOTTP_PC,
    KIND_LINK_TIME,
    KIND_NEGATIVE_TPOFF,
    KIND_NONE,
    KIND_PAGE,
    KIND_PC,
    KIND_PC_LOW,
    KIND_PLT_FROM_GOT,
    KIND_PLT_PC,
    KIND_SIZE,
    KIND_TLSDESC_ABSOLUTE,
    KIND_TLSDESC_CALL,
    KIND_TLSDESC_PAGE,
    KIND_TLSDESC_PC,
    KIND_TLSGD_ABSOLUTE,
    KIND_TLSGD_OFFSET,
    KIND_TLSGD_PAGE,
    KIND_TLSGD_PC,
    KIND_TLSLD_OFFSET,
    KIND_TLSLD_PC,
    KIND_TPOFF,
)

_I32: Final = Struct("<i")
_U32: Final = Struct("<I")
_U64: Final = Struct("<Q")
_MASK64: Final = 0xFFFFFFFFFFFFFFFF
_PAGE: Final = ~0xFFF
_PAGE_KINDS: Final = (KIND_GOT_PAGE, KIND_GOTTP_PAGE, KIND_TLSGD_PAGE, KIND_TLSDESC_PAGE)
_ABSOLUTE_KINDS: Final = (KIND_GOT_ABSOLUTE, KIND_GOTTP_ABSOLUTE, KIND_TLSGD_ABSOLUTE, KIND_TLSDESC_ABSOLUTE)
_OFFSET_KINDS: Final = (KIND_GOT_OFFSET, KIND_GOTTP_OFFSET, KIND_TLSGD_OFFSET, KIND_TLSLD_OFFSET)


@final
class Relocator:
    def __init__(self, link: Link, tables: Tables, image: bytearray) -> None:
        self.link = link
        self.tables = tables
        self.image = image
        self.target = link.target

    def relocate(self, section: InputSection, position: int) -> None:
        """Apply the relocations of `section`, whose bytes stand at `position` of the image."""
        target = self.target
        kinds = target.kinds
        fields = target.fields
        checks = target.checks
        image = self.image
        file = section.file
        symbols = file.symbols
        start = section.address
        size = section.size
        allocated = (section.flags & SHF_ALLOC) != 0
        pack_signed = _I32.pack_into
        for relocation in section.relocations():
            offset, type, index, addend = relocation
            symbol = symbols[index]
            if symbol is None:
                symbol = self._late_symbol(section, index)
            kind = kinds[type]
            if kind == KIND_PC and not symbol.merged:
                value = symbol.address + addend - start - offset
            elif kind == KIND_PLT_PC:
                value = symbol.plt_address + addend - start - offset
            elif kind == KIND_ABSOLUTE and not symbol.merged and allocated:
                value = symbol.address + addend
            elif (kind == KIND_NONE or kind == KIND_ALIGN) and fields[type] == FIELD_NONE:
                continue
            else:
                value = self.evaluate(section, relocation, symbol, kind, allocated)
            field = fields[type]
            if field == FIELD_32:
                check = checks[type]
                if offset + 4 > size:
                    self._outside(section, offset)
                elif check == CHECK_SIGNED:
                    if -0x80000000 <= value < 0x80000000:
                        pack_signed(image, position + offset, value)
                    else:
                        self._overflow(section, relocation, symbol, value)
                elif check == CHECK_NONE or 0 <= value <= 0xFFFFFFFF or check == CHECK_EITHER and -value <= 1 << 31:
                    _U32.pack_into(image, position + offset, value & 0xFFFFFFFF)
                else:
                    self._overflow(section, relocation, symbol, value)
            elif field == FIELD_64:
                if offset + 8 > size:
                    self._outside(section, offset)
                else:
                    _U64.pack_into(image, position + offset, value & _MASK64)
            elif field >= FIELD_TARGET:
                if not target.patch(image, position + offset, field, value):
                    self._overflow(section, relocation, symbol, value)
            elif field != FIELD_NONE:
                self._small_field(section, relocation, symbol, position, value)

    def _late_symbol(self, section: InputSection, index: int) -> LinkSymbol:
        """A local that only sections outside of memory mention: made now, with its address."""
        symbol = section.file.symbol(index)
        target = symbol.section
        if target is not None:
            symbol.merged = symbol.type == 3 and target.merge is not None
            symbol.address = section_address(target, symbol.value)
        elif symbol.place != UNDEFINED:
            symbol.address = symbol.value
        symbol.plt_address = symbol.address
        return symbol

    def evaluate(
        self, section: InputSection, relocation: RawRelocation, symbol: LinkSymbol, kind: int, allocated: bool
    ) -> int:
        """The value of the row's expression."""
        offset, _type, _index, addend = relocation
        place = section.address + offset
        tables = self.tables
        if kind in (KIND_ABSOLUTE, KIND_PC, KIND_LINK_TIME, KIND_PAGE, KIND_FROM_GOT):
            if symbol.merged and symbol.section is not None and symbol.section.merge is not None:
                merge = symbol.section.merge
                value = merge.into.address + merge.offset(symbol.value + addend)
            elif not allocated and self._is_dead(symbol):
                return 1 if section.name in (".debug_ranges", ".debug_loc") else 0
            elif not allocated and symbol.type == STT_TLS:
                value = symbol.address + addend - self.link.tls_start
            else:
                value = symbol.address + addend
            if kind == KIND_PC:
                return value - place
            if kind == KIND_PAGE:
                return (value & _PAGE) - (place & _PAGE)
            return value - self.link.got_base if kind == KIND_FROM_GOT else value
        if kind == KIND_NONE or kind == KIND_TLSDESC_CALL:
            return 0
        if kind == KIND_SIZE:
            return symbol.size + addend
        if kind == KIND_TPOFF or kind == KIND_NEGATIVE_TPOFF:
            if symbol.place == UNDEFINED:
                return addend
            result = thread_pointer_offset(self.link, symbol.address)
            return result + addend if kind == KIND_TPOFF else -(result + addend)
        if kind == KIND_DTPOFF:
            return symbol.address - self.link.tls_start - self.target.dtp_bias + addend
        if kind == KIND_GOT_BASE_PC:
            return self.link.got_base + addend - place
        if kind == KIND_PLT_FROM_GOT:
            return symbol.plt_address + addend - self.link.got_base
        if kind == KIND_PC_LOW:
            return self._low_part(section, relocation, symbol)
        slot = self._slot(kind, symbol)
        if slot < 0:
            self.link.errors.error(f"{location(section, offset)}: no table slot for `{symbol.name}'")
            return 0
        value = tables.got_address(slot) + addend
        if kind in _PAGE_KINDS:
            return (value & _PAGE) - (place & _PAGE)
        if kind in _ABSOLUTE_KINDS:
            return value
        if kind in _OFFSET_KINDS:
            return value - self.link.got_base
        return value - place

    def _slot(self, kind: int, symbol: LinkSymbol) -> int:
        if kind in (KIND_GOT_PC, KIND_GOT_OFFSET, KIND_GOT_PAGE, KIND_GOT_ABSOLUTE):
            return symbol.got
        if kind in (KIND_TLSGD_PC, KIND_TLSGD_PAGE, KIND_TLSGD_ABSOLUTE, KIND_TLSGD_OFFSET):
            return symbol.tls_pair
        if kind in (KIND_GOTTP_PC, KIND_GOTTP_PAGE, KIND_GOTTP_ABSOLUTE, KIND_GOTTP_OFFSET):
            return symbol.tls_offset
        if kind in (KIND_TLSDESC_PC, KIND_TLSDESC_PAGE, KIND_TLSDESC_ABSOLUTE):
            return symbol.tls_descriptor
        return self.tables.module_slot if kind in (KIND_TLSLD_PC, KIND_TLSLD_OFFSET) else -1

    def _is_dead(self, symbol: LinkSymbol) -> bool:
        """Whether the symbol's code is not in the output (debug sections still mention it)."""
        if symbol.section is None:
            return symbol.place == UNDEFINED
        return not symbol.section.live and symbol.section.merge is None

    def _low_part(self, section: InputSection, relocation: RawRelocation, label: LinkSymbol) -> int:
        """RISC-V: the low part names the label of the instruction with the high part; its value is wanted."""
        home = label.section
        if home is None:
            self._outside(section, relocation[0])
            return 0
        if home.high_parts is None:
            table: dict[int, RawRelocation] = {}
            for other in home.relocations():
                kind = self.target.kinds[other[1]]
                if kind in (KIND_PC, KIND_GOT_PC, KIND_GOTTP_PC, KIND_TLSGD_PC, KIND_TLSDESC_PC):
                    table[other[0]] = other
            home.high_parts = table
        high = home.high_parts.get(label.address - home.address)
        if high is None:
            self.link.errors.error(
                f"{location(section, relocation[0])}: {self.target.relocation_name(relocation[1])} names `{label.name}', "
                "where no pc-relative high part stands"
            )
            return 0
        symbol = home.file.symbol(high[2])
        return self.evaluate(home, high, symbol, self.target.kinds[high[1]], True)

    def _small_field(
        self, section: InputSection, relocation: RawRelocation, symbol: LinkSymbol, position: int, value: int
    ) -> None:
        """8- and 16-bit data."""
        offset, type, _index, _addend = relocation
        field = self.target.fields[type]
        bits = 8 if field == FIELD_8 else 16 if field == FIELD_16 else 0
        if bits == 0 or offset + bits // 8 > section.size:
            self._outside(section, offset)
            return
        check = self.target.checks[type]
        low = 0 if check not in (CHECK_SIGNED, CHECK_EITHER) else -(1 << (bits - 1))
        high = 1 << (bits - 1) if check == CHECK_SIGNED else 1 << bits
        if check != CHECK_NONE and not low <= value < high:
            self._overflow(section, relocation, symbol, value)
            return
        at = position + offset
        self.image[at : at + bits // 8] = (value & ((1 << bits) - 1)).to_bytes(bits // 8, "little")

    def _overflow(self, section: InputSection, relocation: RawRelocation, symbol: LinkSymbol, value: int) -> None:
        name = symbol.name or "section symbol"
        self.link.errors.error(
            f"{location(section, relocation[0])}: relocation truncated to fit: "
            f"{self.target.relocation_name(relocation[1])} against `{name}' (value {value:#x})"
        )

    def _outside(self, section: InputSection, offset: int) -> None:
        self.link.errors.error(f"{section.description()}: malformed relocation at offset {offset:#x}")


def section_address(section: InputSection, offset: int) -> int:
    """The address of `offset` in a section, wherever merging has put it."""
    if section.merge is not None:
        return section.merge.into.address + section.merge.offset(offset)
    return section.address + offset
