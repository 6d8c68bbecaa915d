"""Call frame information: `.eh_frame` and `.debug_frame` from a list of CFI instructions per function.

In: `CallFrameFunction`s, each with instructions in the vocabulary of GNU as's .cfi_* directives.  Out: a
section of CIEs and FDEs (LSB "Exception Frames", DWARF 5 section 6.4), with relocations against the
section symbols of the code.  Functions that agree in personality, encodings and kind share a CIE.
Compiler back ends and the assembler both come here.
"""

from typing import Final, final

from ourocc.objects.dwarf_target import DwarfTarget, RelocatedBuffer, dwarf_target, sleb128, uleb128
from ourocc.objects.model import SHF_ALLOC, SHT_PROGBITS, ObjectFile, Section, Symbol

# What a CallFrameInstruction does
CFI_DEF_CFA: Final = 0  # register, value
CFI_DEF_CFA_REGISTER: Final = 1  # register
CFI_DEF_CFA_OFFSET: Final = 2  # value
CFI_ADJUST_CFA_OFFSET: Final = 3  # value is added to the CFA offset
CFI_OFFSET: Final = 4  # register saved at CFA + value
CFI_REL_OFFSET: Final = 5  # register saved at (CFA register) + value
CFI_VAL_OFFSET: Final = 6  # the register's value is CFA + value
CFI_RESTORE: Final = 7  # register
CFI_UNDEFINED: Final = 8  # register
CFI_SAME_VALUE: Final = 9  # register
CFI_REGISTER: Final = 10  # register saved in register number `value`
CFI_REMEMBER_STATE: Final = 11
CFI_RESTORE_STATE: Final = 12
CFI_ESCAPE: Final = 13  # raw bytes in `data`
CFI_GNU_ARGS_SIZE: Final = 14  # value
CFI_GNU_WINDOW_SAVE: Final = 15
CFI_NEGATE_RA_STATE: Final = 16  # AArch64

DW_EH_PE_OMIT: Final = 0xFF
DW_EH_PE_ABSPTR: Final = 0x00
DW_EH_PE_UDATA2: Final = 0x02
DW_EH_PE_UDATA4: Final = 0x03
DW_EH_PE_UDATA8: Final = 0x04
DW_EH_PE_SDATA4: Final = 0x0B
DW_EH_PE_SDATA8: Final = 0x0C
DW_EH_PE_PCREL: Final = 0x10
DW_EH_PE_DATAREL: Final = 0x30
DW_EH_PE_INDIRECT: Final = 0x80

_DW_CFA_ADVANCE_LOC: Final = 0x40
_DW_CFA_OFFSET: Final = 0x80
_DW_CFA_RESTORE: Final = 0xC0
_DW_CFA_ADVANCE_LOC1: Final = 0x02
_DW_CFA_ADVANCE_LOC2: Final = 0x03
_DW_CFA_ADVANCE_LOC4: Final = 0x04
_DW_CFA_OFFSET_EXTENDED: Final = 0x05
_DW_CFA_RESTORE_EXTENDED: Final = 0x06
_DW_CFA_UNDEFINED: Final = 0x07
_DW_CFA_SAME_VALUE: Final = 0x08
_DW_CFA_REGISTER: Final = 0x09
_DW_CFA_REMEMBER_STATE: Final = 0x0A
_DW_CFA_RESTORE_STATE: Final = 0x0B
_DW_CFA_DEF_CFA: Final = 0x0C
_DW_CFA_DEF_CFA_REGISTER: Final = 0x0D
_DW_CFA_DEF_CFA_OFFSET: Final = 0x0E
_DW_CFA_OFFSET_EXTENDED_SF: Final = 0x11
_DW_CFA_DEF_CFA_SF: Final = 0x12
_DW_CFA_DEF_CFA_OFFSET_SF: Final = 0x13
_DW_CFA_VAL_OFFSET: Final = 0x14
_DW_CFA_VAL_OFFSET_SF: Final = 0x15
_DW_CFA_GNU_WINDOW_SAVE: Final = 0x2D
_DW_CFA_GNU_ARGS_SIZE: Final = 0x2E


@final
class CallFrameInstruction:
    """One CFI instruction that takes effect at byte `offset` of the function's section."""

    def __init__(self, offset: int, kind: int, register: int = 0, value: int = 0, data: bytes = b"") -> None:
        self.offset = offset
        self.kind = kind
        self.register = register
        self.value = value
        self.data = data


@final
class CallFrameFunction:
    """The frame description of the code [start, end) of `section`."""

    def __init__(self, section: Section, start: int, end: int) -> None:
        self.section = section
        self.start = start
        self.end = end
        self.instructions: list[CallFrameInstruction] = []
        self.personality: Symbol | None = None
        self.personality_encoding = DW_EH_PE_OMIT
        self.lsda: Symbol | None = None
        self.lsda_addend = 0
        self.lsda_encoding = DW_EH_PE_OMIT
        self.signal_frame = False
        self.simple = False  # no initial instructions in the CIE (".cfi_startproc simple")
        self.return_column = -1  # the target's own


def write_eh_frame(obj: ObjectFile, functions: list[CallFrameFunction]) -> Section | None:
    """Append the `.eh_frame` records of `functions` to `obj`; None when there are none."""
    if not functions:
        return None
    target = dwarf_target(obj.machine)
    section = obj.section(".eh_frame", SHT_PROGBITS, SHF_ALLOC, target.address_size)
    _FrameWriter(section, target, True).write(functions)
    return section


def write_debug_frame(obj: ObjectFile, functions: list[CallFrameFunction]) -> Section | None:
    """The same as `.debug_frame`, which is not loaded."""
    if not functions:
        return None
    target = dwarf_target(obj.machine)
    section = obj.section(".debug_frame", SHT_PROGBITS, 0, target.address_size)
    _FrameWriter(section, target, False).write(functions)
    return section


@final
class _FrameWriter:
    def __init__(self, section: Section, target: DwarfTarget, exception_frame: bool) -> None:
        self.section = section
        self.target = target
        self.exception_frame = exception_frame
        self.out = RelocatedBuffer(section, target)
        self.entries: dict[tuple[int, int, int, bool, bool, int], int] = {}  # CIE offsets by contents

    def write(self, functions: list[CallFrameFunction]) -> None:
        for index, function in enumerate(functions):
            key = (
                id(function.personality) if function.personality is not None else 0,
                function.personality_encoding,
                function.lsda_encoding,
                function.signal_frame,
                function.simple,
                function.return_column,
            )
            common = self.entries.get(key, -1)
            if common < 0:
                common = self._common_entry(function)
                self.entries[key] = common
            self._description_entry(function, common, index + 1 == len(functions))

    def _pad(self, start: int, last: bool) -> None:
        """DW_CFA_nop, then the entry's length.

        Entries of .eh_frame are padded to 4 bytes, the last one of an object so that the next object's are aligned."""
        alignment = 4 if self.exception_frame and not last else self.target.address_size
        self.out.data += bytes(-len(self.out.data) % alignment)
        self.out.close_unit(start)

    def _common_entry(self, function: CallFrameFunction) -> int:
        out = self.out
        start = out.open_unit()
        out.number(0 if self.exception_frame else 0xFFFFFFFF, 4)
        out.number(1 if self.exception_frame else 3, 1)
        augmentation = "z"
        has_personality = function.personality is not None and function.personality_encoding != DW_EH_PE_OMIT
        if has_personality:
            augmentation += "P"
        if function.lsda_encoding != DW_EH_PE_OMIT:
            augmentation += "L"
        augmentation += "R"
        if function.signal_frame:
            augmentation += "S"
        out.text(augmentation if self.exception_frame else "")
        out.data += uleb128(1) + sleb128(self.target.data_alignment)
        column = self.target.return_column if function.return_column < 0 else function.return_column
        if self.exception_frame:
            out.data.append(column)
            size = 1
            if has_personality:
                size += 1 + self._encoded_size(function.personality_encoding)
            if function.lsda_encoding != DW_EH_PE_OMIT:
                size += 1
            out.data += uleb128(size)
            if has_personality:
                assert function.personality is not None
                out.number(function.personality_encoding, 1)
                self._encoded(function.personality_encoding, function.personality, 0)
            if function.lsda_encoding != DW_EH_PE_OMIT:
                out.number(function.lsda_encoding, 1)
            out.number(DW_EH_PE_PCREL | DW_EH_PE_SDATA4, 1)
        else:
            out.data += uleb128(column)
        if not function.simple:
            target = self.target
            out.data += bytes([_DW_CFA_DEF_CFA]) + uleb128(target.cfa_register) + uleb128(target.cfa_offset)
            if target.return_saved:
                out.data += bytes([_DW_CFA_OFFSET | target.return_column]) + uleb128(1)
        self._pad(start, False)
        return start

    def _description_entry(self, function: CallFrameFunction, common: int, last: bool) -> None:
        out = self.out
        target = self.target
        start = out.open_unit()
        code = function.section.section_symbol()
        if self.exception_frame:
            out.number(len(out.data) - common, 4)
            out.relocated(target.relative32, code, function.start, 4)
            out.number(function.end - function.start, 4)
            if function.lsda is None or function.lsda_encoding == DW_EH_PE_OMIT:
                size = (
                    0
                    if function.lsda_encoding == DW_EH_PE_OMIT
                    else self._encoded_size(function.lsda_encoding)
                )
                out.data += uleb128(size) + bytes(size)
            else:
                out.data += uleb128(self._encoded_size(function.lsda_encoding))
                self._encoded(function.lsda_encoding, function.lsda, function.lsda_addend)
        else:
            out.section_offset(self.section, common)
            out.address(code, function.start)
            out.number(function.end - function.start, target.address_size)
        offset = 0 if function.simple else target.cfa_offset
        out.data += encode_instructions(function.instructions, function.start, offset, target.data_alignment)
        self._pad(start, last)

    def _encoded_size(self, encoding: int) -> int:
        low = encoding & 0x07
        if low == DW_EH_PE_UDATA2:
            return 2
        if low == DW_EH_PE_UDATA4:
            return 4
        return 8 if low == DW_EH_PE_UDATA8 else self.target.address_size

    def _encoded(self, encoding: int, symbol: Symbol, addend: int) -> None:
        size = self._encoded_size(encoding)
        if encoding & 0x70 == DW_EH_PE_PCREL:
            if size != 4:
                raise ValueError(f"pointer encoding {encoding:#x} is not supported")
            self.out.relocated(self.target.relative32, symbol, addend, 4)
        elif size == 4:
            self.out.relocated(self.target.absolute32, symbol, addend, 4)
        else:
            self.out.relocated(self.target.absolute, symbol, addend, size)


def encode_instructions(
    instructions: list[CallFrameInstruction], start: int, cfa_offset: int, data_alignment: int
) -> bytes:
    """The DW_CFA_* bytes; `start` is the function's offset, `cfa_offset` what the CIE establishes."""
    out = bytearray()
    at = start
    remembered: list[int] = []
    for instruction in instructions:
        if instruction.offset != at:
            _advance(out, instruction.offset - at)
            at = instruction.offset
        kind = instruction.kind
        register = instruction.register
        value = instruction.value
        if kind == CFI_DEF_CFA:
            cfa_offset = value
            if value >= 0:
                out += bytes([_DW_CFA_DEF_CFA]) + uleb128(register) + uleb128(value)
            else:
                out += bytes([_DW_CFA_DEF_CFA_SF]) + uleb128(register) + sleb128(value // data_alignment)
        elif kind == CFI_DEF_CFA_REGISTER:
            out += bytes([_DW_CFA_DEF_CFA_REGISTER]) + uleb128(register)
        elif kind == CFI_DEF_CFA_OFFSET or kind == CFI_ADJUST_CFA_OFFSET:
            cfa_offset = value if kind == CFI_DEF_CFA_OFFSET else cfa_offset + value
            if cfa_offset >= 0:
                out += bytes([_DW_CFA_DEF_CFA_OFFSET]) + uleb128(cfa_offset)
            else:
                out += bytes([_DW_CFA_DEF_CFA_OFFSET_SF]) + sleb128(cfa_offset // data_alignment)
        elif kind == CFI_OFFSET:
            _saved_at(out, register, value, data_alignment)
        elif kind == CFI_REL_OFFSET:
            _saved_at(out, register, value - cfa_offset, data_alignment)
        elif kind == CFI_VAL_OFFSET:
            factored = value // data_alignment
            out.append(_DW_CFA_VAL_OFFSET if factored >= 0 else _DW_CFA_VAL_OFFSET_SF)
            out += uleb128(register) + (uleb128(factored) if factored >= 0 else sleb128(factored))
        elif kind == CFI_RESTORE:
            if register < 0x40:
                out.append(_DW_CFA_RESTORE | register)
            else:
                out += bytes([_DW_CFA_RESTORE_EXTENDED]) + uleb128(register)
        elif kind == CFI_UNDEFINED:
            out += bytes([_DW_CFA_UNDEFINED]) + uleb128(register)
        elif kind == CFI_SAME_VALUE:
            out += bytes([_DW_CFA_SAME_VALUE]) + uleb128(register)
        elif kind == CFI_REGISTER:
            out += bytes([_DW_CFA_REGISTER]) + uleb128(register) + uleb128(value)
        elif kind == CFI_REMEMBER_STATE:
            remembered.append(cfa_offset)
            out.append(_DW_CFA_REMEMBER_STATE)
        elif kind == CFI_RESTORE_STATE:
            if remembered:
                cfa_offset = remembered.pop()
            out.append(_DW_CFA_RESTORE_STATE)
        elif kind == CFI_ESCAPE:
            out += instruction.data
        elif kind == CFI_GNU_ARGS_SIZE:
            out += bytes([_DW_CFA_GNU_ARGS_SIZE]) + uleb128(value)
        elif kind == CFI_GNU_WINDOW_SAVE or kind == CFI_NEGATE_RA_STATE:
            out.append(_DW_CFA_GNU_WINDOW_SAVE)
        else:
            raise ValueError(f"unknown call frame instruction {kind}")
    return bytes(out)


def _advance(out: bytearray, delta: int) -> None:
    if delta < 0:
        raise ValueError("call frame instructions are not in the order of their offsets")
    if delta < 0x40:
        out.append(_DW_CFA_ADVANCE_LOC | delta)
    elif delta < 0x100:
        out += bytes([_DW_CFA_ADVANCE_LOC1, delta])
    elif delta < 0x10000:
        out.append(_DW_CFA_ADVANCE_LOC2)
        out += delta.to_bytes(2, "little")
    else:
        out.append(_DW_CFA_ADVANCE_LOC4)
        out += delta.to_bytes(4, "little")


def _saved_at(out: bytearray, register: int, offset: int, data_alignment: int) -> None:
    factored = offset // data_alignment
    if factored < 0:
        out += bytes([_DW_CFA_OFFSET_EXTENDED_SF]) + uleb128(register) + sleb128(factored)
    elif register < 0x40:
        out.append(_DW_CFA_OFFSET | register)
        out += uleb128(factored)
    else:
        out += bytes([_DW_CFA_OFFSET_EXTENDED]) + uleb128(register) + uleb128(factored)
