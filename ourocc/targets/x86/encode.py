"""The x86-64 encoder: appends a MachineInstruction's bytes, fixups and relocations to a CodeBuffer.

The bytes of every opcode come from `generated/x86_encodings.py`, made of the instruction table.  An opcode has one
general encoding, with the opcode's own number, and perhaps shorter ones (sign-extended byte immediate, accumulator,
shift by one), which are tried in order.  Prefixes stand in the order of GNU as: segment, address size, operand size,
repeat, lock, REX.
"""

from typing import Final

from ourocc.machine.emit import FIXUP_BRANCH, FIXUP_RELATIVE, BranchWriter, CodeBuffer, EncodingError, Relaxable
from ourocc.machine.instruction import (
    NO_REGISTER,
    SYMBOL_ABSOLUTE,
    SYMBOL_DTPOFF,
    SYMBOL_GOT,
    SYMBOL_GOTTPOFF,
    SYMBOL_PC_RELATIVE,
    SYMBOL_PLT,
    SYMBOL_SIZE,
    SYMBOL_TLSDESC,
    SYMBOL_TLSGD,
    SYMBOL_TLSLD,
    SYMBOL_TPOFF,
    MachineInstruction,
)
from ourocc.targets.generated.x86_encodings import (
    ALTERNATIVE_FIRST,
    ALTERNATIVE_NEXT,
    BYTE_REGISTERS,
    DIGIT,
    FORMAT,
    IMMEDIATE,
    OPCODE_BYTES,
    PREFIX_BYTES,
    REX_W,
    SPECIAL,
    WHEN,
)
from ourocc.targets.generated.x86_properties import NAMES as OPCODE_NAMES
from ourocc.targets.x86.registers import FS, GS, RIP

# MachineInstruction.segment may carry this bit: the memory operand's registers are 32 bits wide
ADDRESS_32: Final = 256

# FORMAT
FORMAT_PLAIN: Final = 1  # opcode alone
FORMAT_LOW: Final = 2  # r0 in the opcode's low bits
FORMAT_RM_REG: Final = 3  # ModRM.rm = r0, reg = r1
FORMAT_REG_RM: Final = 4  # ModRM.reg = r0, rm = r1
FORMAT_REG_MEMORY: Final = 5  # ModRM.reg = r0, rm = memory
FORMAT_DIGIT_REG: Final = 6  # ModRM.reg = digit, rm = r0
FORMAT_DIGIT_MEMORY: Final = 7
FORMAT_BRANCH: Final = 8
FORMAT_OFFSET: Final = 9  # 64-bit absolute address behind the opcode
FORMAT_EXCHANGE: Final = 10  # the one of r0, r1 that is not rAX in the opcode's low bits

# WHEN
WHEN_IMMEDIATE8: Final = 1
WHEN_ACCUMULATOR: Final = 2
WHEN_ONE: Final = 3
WHEN_REL8: Final = 4
WHEN_DECODE: Final = 5

# SPECIAL
SPECIAL_BRANCH_SHORT_ONLY: Final = 1
SPECIAL_GOT_LOAD: Final = 2  # GOTPCREL may be relaxed to GOTPCRELX by the linker
SPECIAL_CONDITION: Final = 4  # the condition is added to the last opcode byte
SPECIAL_SEGMENT: Final = 8  # the reg operand is a segment register
SPECIAL_IMMEDIATE_SIGNED: Final = 16  # 32-bit immediate that is sign-extended to 64
SPECIAL_TWO_IMMEDIATES: Final = 32  # enter: `displacement` is the second one
SPECIAL_SEGMENT_RM: Final = 64

# Relocation types (psABI table 4.9)
R_64: Final = 1
R_PC32: Final = 2
R_GOT32: Final = 3
R_PLT32: Final = 4
R_GOTPCREL: Final = 9
R_32: Final = 10
R_32S: Final = 11
R_16: Final = 12
R_PC16: Final = 13
R_8: Final = 14
R_PC8: Final = 15
R_DTPOFF64: Final = 17
R_TPOFF64: Final = 18
R_TLSGD: Final = 19
R_TLSLD: Final = 20
R_DTPOFF32: Final = 21
R_GOTTPOFF: Final = 22
R_TPOFF32: Final = 23
R_PC64: Final = 24
R_SIZE32: Final = 32
R_SIZE64: Final = 33
R_GOTPC32_TLSDESC: Final = 34
R_GOTPCRELX: Final = 41
R_REX_GOTPCRELX: Final = 42

JUMP_CODE: Final = -1  # Relaxable.code of jmp; conditional jumps have their condition

FWAIT: Final = b"\x9b"  # in front of fstcw and the like, before all other prefixes

# No-operation instructions of 1 to 11 bytes
NOPS: Final = (
    b"\x90",
    b"\x66\x90",
    b"\x0f\x1f\x00",
    b"\x0f\x1f\x40\x00",
    b"\x0f\x1f\x44\x00\x00",
    b"\x66\x0f\x1f\x44\x00\x00",
    b"\x0f\x1f\x80\x00\x00\x00\x00",
    b"\x0f\x1f\x84\x00\x00\x00\x00\x00",
    b"\x66\x0f\x1f\x84\x00\x00\x00\x00\x00",
    b"\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00",
    b"\x66\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00",
)


class X86Branches(BranchWriter):
    """jmp and jcc: 2 bytes with an 8-bit distance, or 5 and 6 bytes with 32 bits."""

    def write(self, out: bytearray, relaxable: Relaxable, distance: int) -> None:
        code = relaxable.code
        if relaxable.size == 2:
            out.append(0xEB if code < 0 else 0x70 + code)
            out.append((distance - 2) & 0xFF)
        elif code < 0:
            out.append(0xE9)
            out += ((distance - 5) & 0xFFFFFFFF).to_bytes(4, "little")
        else:
            out.append(0x0F)
            out.append(0x80 + code)
            out += ((distance - 6) & 0xFFFFFFFF).to_bytes(4, "little")

    def relocation(self, relaxable: Relaxable) -> tuple[int, int]:
        return (1 if relaxable.code < 0 else 2), -4

    def pad(self, out: bytearray, count: int) -> None:
        while count > 11:
            out += NOPS[10]
            count -= 11
        if count:
            out += NOPS[count - 1]

    def patch(self, data: bytearray, offset: int, distance: int) -> str:
        """The distance field of loop and jrcxz, one byte."""
        distance -= 1
        if distance < -128 or distance > 127:
            return f"value of {distance} too large for field of 1 byte"
        data[offset] = distance & 0xFF
        return ""


def new_buffer() -> CodeBuffer:
    """An empty buffer for x86-64 code."""
    return CodeBuffer(X86Branches())


def encode(instruction: MachineInstruction, buffer: CodeBuffer) -> None:
    """Append one instruction."""
    encoding = instruction.op
    if ALTERNATIVE_FIRST[encoding]:
        encoding = choose(instruction, encoding)
    layout = FORMAT[encoding]
    data = buffer.data
    rex = REX_W[encoding]
    if layout == FORMAT_RM_REG:
        rm = instruction.r0
        reg = instruction.r1
    elif layout == FORMAT_REG_MEMORY:
        encode_memory(instruction, encoding, instruction.r0, buffer)
        return
    elif layout == FORMAT_REG_RM:
        reg = instruction.r0
        rm = instruction.r1
    elif layout == FORMAT_DIGIT_REG:
        rm = instruction.r0
        reg = DIGIT[encoding]
    elif layout == FORMAT_DIGIT_MEMORY:
        encode_memory(instruction, encoding, -1, buffer)
        return
    elif layout == FORMAT_BRANCH:
        encode_branch(instruction, encoding, buffer)
        return
    elif layout == FORMAT_LOW or layout == FORMAT_EXCHANGE:
        encode_low(instruction, encoding, buffer)
        return
    else:
        encode_plain(instruction, encoding, buffer)
        return

    special = SPECIAL[encoding]
    if BYTE_REGISTERS[encoding]:
        rex, reg, rm = byte_registers(BYTE_REGISTERS[encoding], rex, reg, rm)
    elif special & (SPECIAL_SEGMENT | SPECIAL_SEGMENT_RM):
        if special & SPECIAL_SEGMENT:
            reg -= 42
        else:
            rm -= 42
    if reg & 8 and layout != FORMAT_DIGIT_REG:
        rex |= 0x44
    if rm & 8:
        rex |= 0x41
    prefix = PREFIX_BYTES[encoding]
    if prefix:
        data += prefix
    if rex:
        data.append(rex)
    if special & SPECIAL_CONDITION:
        opcode = OPCODE_BYTES[encoding]
        data += opcode[:-1]
        data.append(opcode[-1] + instruction.condition)
    else:
        data += OPCODE_BYTES[encoding]
    data.append(0xC0 | (reg & 7) << 3 | rm & 7)
    size = IMMEDIATE[encoding]
    if size:
        if instruction.symbol is not None:
            relocate_immediate(instruction, encoding, buffer)
        if size == 1:
            data.append(instruction.imm & 0xFF)
        else:
            data += (instruction.imm & ((1 << size * 8) - 1)).to_bytes(size, "little")


def choose(instruction: MachineInstruction, opcode: int) -> int:
    """The first shorter encoding whose condition holds, else the general one."""
    encoding = ALTERNATIVE_FIRST[opcode]
    while encoding:
        when = WHEN[encoding]
        if when == WHEN_IMMEDIATE8:
            if fits_signed_byte(instruction, opcode):
                return encoding
        elif when == WHEN_ONE:
            if instruction.imm == 1 and instruction.symbol is None and instruction.immediate_symbol is None:
                return encoding
        elif when == WHEN_ACCUMULATOR:
            if FORMAT[encoding] == FORMAT_EXCHANGE:
                # xchg %eax,%eax in one byte would be a nop and not clear the upper half
                if (instruction.r0 == 0) != (instruction.r1 == 0) or (
                    instruction.r0 == 0 and (REX_W[encoding] or PREFIX_BYTES[encoding])
                ):
                    return encoding
            elif instruction.r0 == 0:
                return encoding
        encoding = ALTERNATIVE_NEXT[encoding]
    return opcode


def fits_signed_byte(instruction: MachineInstruction, opcode: int) -> bool:
    """Whether the immediate is a number that sign extension from 8 bits yields in the operand's width."""
    if instruction.immediate_symbol is not None:
        return False
    if instruction.symbol is not None and (
        instruction.base == NO_REGISTER and FORMAT[opcode] not in (FORMAT_DIGIT_MEMORY, FORMAT_REG_MEMORY)
    ):
        return False
    imm = instruction.imm
    if -128 <= imm <= 127:
        return True
    size = IMMEDIATE[opcode]
    return not SPECIAL[opcode] & SPECIAL_IMMEDIATE_SIGNED and (
        (size == 4 and 0xFFFFFF80 <= imm <= 0xFFFFFFFF) or (size == 2 and 0xFF80 <= imm <= 0xFFFF)
    )


def byte_registers(mask: int, rex: int, reg: int, rm: int) -> tuple[int, int, int]:
    """REX prefix and hardware numbers where an operand is 8 bits wide: %spl .. %dil need one, %ah .. %bh forbid it."""
    high = False
    if mask & 1:
        if reg >= 60:
            reg &= 7
            high = True
        elif 4 <= reg <= 7:
            rex |= 0x40
    if mask & 2:
        if rm >= 60:
            rm &= 7
            high = True
        elif 4 <= rm <= 7:
            rex |= 0x40
    if high and (rex or reg & 8 or rm & 8):
        raise EncodingError("can't encode register '%ah' in an instruction requiring REX prefix")
    return rex, reg, rm


def encode_low(instruction: MachineInstruction, encoding: int, buffer: CodeBuffer) -> None:
    """Opcode with a register in its low bits, perhaps an immediate."""
    data = buffer.data
    rex = REX_W[encoding]
    register = instruction.r0
    if FORMAT[encoding] == FORMAT_EXCHANGE and register == 0:
        register = instruction.r1
        if register == 0:
            rex = 0  # a plain nop
    if BYTE_REGISTERS[encoding]:
        rex, register, _ = byte_registers(1, rex, register, 0)
    if register & 8:
        rex |= 0x41
    prefix = PREFIX_BYTES[encoding]
    if prefix:
        data += prefix
    if rex:
        data.append(rex)
    opcode = OPCODE_BYTES[encoding]
    if len(opcode) > 1:
        data += opcode[:-1]
    data.append(opcode[-1] | register & 7)
    size = IMMEDIATE[encoding]
    if size:
        if instruction.symbol is not None:
            relocate_immediate(instruction, encoding, buffer)
        data += (instruction.imm & ((1 << size * 8) - 1)).to_bytes(size, "little")


def encode_plain(instruction: MachineInstruction, encoding: int, buffer: CodeBuffer) -> None:
    """Opcode without ModRM: perhaps an immediate or a 64-bit address."""
    layout = FORMAT[encoding]
    if layout == 0:
        raise EncodingError(f"no encoding for opcode {describe(instruction.op)}")
    data = buffer.data
    if layout == FORMAT_OFFSET and instruction.segment & 63:
        data.append(segment_prefix(instruction.segment & 63))
    data += PREFIX_BYTES[encoding]
    if REX_W[encoding]:
        data.append(REX_W[encoding])
    data += OPCODE_BYTES[encoding]
    size = IMMEDIATE[encoding]
    if layout == FORMAT_OFFSET:
        if instruction.symbol is not None:
            buffer.relocate(R_64, instruction.symbol, instruction.symbol_offset + instruction.displacement)
            data += bytes(8)
        else:
            data += (instruction.displacement & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little")
    elif size:
        if instruction.symbol is not None:
            relocate_immediate(instruction, encoding, buffer)
        data += (instruction.imm & ((1 << size * 8) - 1)).to_bytes(size, "little")
        if SPECIAL[encoding] & SPECIAL_TWO_IMMEDIATES:
            data.append(instruction.displacement & 0xFF)


def encode_branch(instruction: MachineInstruction, encoding: int, buffer: CodeBuffer) -> None:
    """jmp, jcc, call, loop ...: to a label (relaxed), or to a symbol (relocated)."""
    data = buffer.data
    opcode = OPCODE_BYTES[encoding]
    special = SPECIAL[encoding]
    label = instruction.label
    if special & SPECIAL_BRANCH_SHORT_ONLY:
        data += PREFIX_BYTES[encoding] + opcode
        if label is not None:
            buffer.fix(FIXUP_BRANCH, 1, label, instruction.displacement)
        else:
            buffer.relocate(R_PC8, instruction.symbol, instruction.symbol_offset - 1)
        data.append(0)
        return
    if label is not None and ALTERNATIVE_FIRST[encoding]:
        code = instruction.condition if special & SPECIAL_CONDITION else JUMP_CODE
        relaxable = buffer.branch(code, 2, 5 if code < 0 else 6, -126, 129)
        relaxable.label = label
        relaxable.symbol = instruction.symbol
        relaxable.addend = instruction.displacement
        relaxable.relocation_type = R_PC32 if instruction.symbol_kind == SYMBOL_PC_RELATIVE else R_PLT32
        return
    data += PREFIX_BYTES[encoding]
    if REX_W[encoding]:
        data.append(REX_W[encoding])
    data += opcode[:-1]
    data.append(opcode[-1] + (instruction.condition if special & SPECIAL_CONDITION else 0))
    if label is not None and instruction.symbol is None:
        buffer.fix(FIXUP_RELATIVE, 4, label, instruction.displacement - 4)
    else:
        kind = R_PLT32
        if instruction.symbol_kind == SYMBOL_PC_RELATIVE or instruction.symbol is None:
            kind = R_PC32
        elif instruction.symbol_kind == SYMBOL_GOT:
            kind = R_GOTPCREL
        buffer.relocate(kind, instruction.symbol, instruction.symbol_offset + instruction.displacement - 4, label)
    data += b"\0\0\0\0"


def encode_memory(instruction: MachineInstruction, encoding: int, register: int, buffer: CodeBuffer) -> None:
    """An instruction whose ModRM.rm is memory; `register` is ModRM.reg, or -1 for the encoding's digit."""
    data = buffer.data
    base = instruction.base
    index = instruction.index
    rex = REX_W[encoding]
    special = SPECIAL[encoding]
    segment = instruction.segment
    prefix = PREFIX_BYTES[encoding]
    if segment:
        if prefix == FWAIT:
            data += prefix
            prefix = b""
        if segment & 63:
            data.append(segment_prefix(segment & 63))
        if segment & ADDRESS_32:
            data.append(0x67)
    if register < 0:
        reg = DIGIT[encoding]
    else:
        reg = register
        if BYTE_REGISTERS[encoding]:
            rex, reg, _ = byte_registers(1, rex, reg, 0)
        elif special & SPECIAL_SEGMENT:
            reg -= 42
        if reg & 8:
            rex |= 0x44
    if base != NO_REGISTER and base != RIP and base & 8:
        rex |= 0x41
    if index != NO_REGISTER and index & 8:
        rex |= 0x42
    if rex and register >= 60 and BYTE_REGISTERS[encoding]:
        raise EncodingError("can't encode register '%ah' in an instruction requiring REX prefix")
    if prefix:
        data += prefix
    if rex:
        data.append(rex)
    if special & SPECIAL_CONDITION:
        opcode = OPCODE_BYTES[encoding]
        data += opcode[:-1]
        data.append(opcode[-1] + instruction.condition)
    else:
        data += OPCODE_BYTES[encoding]
    encode_address(instruction, encoding, (reg & 7) << 3, rex != 0, buffer)
    size = IMMEDIATE[encoding]
    if size:
        if instruction.immediate_symbol is not None:
            kind = immediate_relocation(encoding, SYMBOL_ABSOLUTE)
            buffer.relocate(kind, instruction.immediate_symbol, instruction.imm)
            data += bytes(size)
        elif size == 1:
            data.append(instruction.imm & 0xFF)
        else:
            data += (instruction.imm & ((1 << size * 8) - 1)).to_bytes(size, "little")


def encode_address(instruction: MachineInstruction, encoding: int, reg: int, has_rex: bool, buffer: CodeBuffer) -> None:
    """ModRM with `reg` (already shifted) and a memory operand, SIB and displacement."""
    data = buffer.data
    base = instruction.base
    index = instruction.index
    displacement = instruction.displacement
    symbolic = instruction.symbol is not None or instruction.label is not None
    if base == RIP:
        data.append(0x05 | reg)
        if symbolic:
            relocate_displacement(instruction, encoding, has_rex, buffer)
            data += b"\0\0\0\0"
        else:
            data += (displacement & 0xFFFFFFFF).to_bytes(4, "little")
        return
    if index == NO_REGISTER and base != NO_REGISTER:
        low = base & 7
        if symbolic:
            data.append(0x80 | reg | low)
        elif displacement == 0 and low != 5:
            data.append(reg | low)
        elif -128 <= displacement <= 127:
            data.append(0x40 | reg | low)
        else:
            data.append(0x80 | reg | low)
        if low == 4:
            data.append(0x24)
        if not symbolic:
            if displacement == 0 and low != 5:
                return
            if -128 <= displacement <= 127:
                data.append(displacement & 0xFF)
                return
    else:
        scaled = 0
        if index == NO_REGISTER:
            scaled = 0x20
        else:
            scale = instruction.scale
            scaled = (index & 7) << 3
            if scale != 1:
                scaled |= 0x40 if scale == 2 else 0x80 if scale == 4 else 0xC0
        if base == NO_REGISTER:
            data.append(0x04 | reg)
            data.append(scaled | 5)
        else:
            low = base & 7
            if not symbolic:
                if displacement == 0 and low != 5:
                    data.append(0x04 | reg)
                    data.append(scaled | low)
                    return
                if -128 <= displacement <= 127:
                    data.append(0x44 | reg)
                    data.append(scaled | low)
                    data.append(displacement & 0xFF)
                    return
            data.append(0x84 | reg)
            data.append(scaled | low)
    if symbolic:
        relocate_displacement(instruction, encoding, has_rex, buffer)
        data += b"\0\0\0\0"
    else:
        data += (displacement & 0xFFFFFFFF).to_bytes(4, "little")


def relocate_displacement(instruction: MachineInstruction, encoding: int, has_rex: bool, buffer: CodeBuffer) -> None:
    """The relocation (or label fixup) of a 32-bit displacement that is appended next."""
    addend = instruction.displacement + instruction.symbol_offset
    kind = instruction.symbol_kind
    relative = instruction.base == RIP
    label = instruction.label
    if relative:
        addend -= 4 + IMMEDIATE[encoding]
    if label is not None and instruction.symbol is None:
        if relative:
            buffer.fix(FIXUP_RELATIVE, 4, label, addend)
        else:
            buffer.relocate(R_32S, None, addend, label)
        return
    if kind == SYMBOL_GOT:
        if relative and SPECIAL[encoding] & SPECIAL_GOT_LOAD:
            type = R_REX_GOTPCRELX if has_rex else R_GOTPCRELX
        else:
            type = R_GOTPCREL if relative else R_GOT32
    elif kind == SYMBOL_TPOFF:
        type = R_TPOFF32
    elif kind == SYMBOL_GOTTPOFF:
        type = R_GOTTPOFF
    elif kind == SYMBOL_TLSGD:
        type = R_TLSGD
    elif kind == SYMBOL_TLSLD:
        type = R_TLSLD
    elif kind == SYMBOL_DTPOFF:
        type = R_DTPOFF32
    elif kind == SYMBOL_SIZE:
        type = R_SIZE32
    elif kind == SYMBOL_TLSDESC:
        type = R_GOTPC32_TLSDESC
    elif kind == SYMBOL_PLT:
        type = R_PLT32
    elif relative:
        type = R_PC32
    else:
        type = R_32 if instruction.segment & ADDRESS_32 else R_32S
    buffer.relocate(type, instruction.symbol, addend)


def immediate_relocation(encoding: int, kind: int) -> int:
    """The relocation type of an immediate of that kind and width."""
    size = IMMEDIATE[encoding]
    if kind == SYMBOL_TPOFF:
        return R_TPOFF64 if size == 8 else R_TPOFF32
    if kind == SYMBOL_DTPOFF:
        return R_DTPOFF64 if size == 8 else R_DTPOFF32
    if kind == SYMBOL_SIZE:
        return R_SIZE64 if size == 8 else R_SIZE32
    if size == 8:
        return R_64
    if size == 4:
        return R_32S if SPECIAL[encoding] & SPECIAL_IMMEDIATE_SIGNED else R_32
    return R_16 if size == 2 else R_8


def relocate_immediate(instruction: MachineInstruction, encoding: int, buffer: CodeBuffer) -> None:
    """The symbol stands in the immediate that is appended next; `imm` must be 0, the addend is in symbol_offset."""
    type = immediate_relocation(encoding, instruction.symbol_kind)
    buffer.relocate(type, instruction.symbol, instruction.symbol_offset)


def segment_prefix(segment: int) -> int:
    """The override byte of segment register 42 .. 47."""
    if segment == FS:
        return 0x64
    if segment == GS:
        return 0x65
    return (0x26, 0x2E, 0x36, 0x3E)[segment - 42]


def describe(opcode: int) -> str:
    return OPCODE_NAMES.split()[opcode - 32] if opcode >= 32 else f"pseudo {opcode}"
