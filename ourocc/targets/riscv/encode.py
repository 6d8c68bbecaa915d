"""The RV64 encoder: appends a MachineInstruction's bytes, fixups and relocations to a CodeBuffer.

Formats and fixed bits come from `generated/riscv_encodings.py`, made of the instruction table.  Conditional branches are relaxable: one instruction, or the inverse branch over a jump.  Rounding modes
are kept in `condition`, with 0 for the dynamic mode.
"""

from typing import Final

from ourocc.ir.function import Symbol
from ourocc.machine.emit import FIXUP_BRANCH, BranchWriter, CodeBuffer, EncodingError, Relaxable
from ourocc.machine.instruction import (
    SYMBOL_GOT_HIGH,
    SYMBOL_HIGH,
    SYMBOL_LOW,
    SYMBOL_PCREL_HIGH,
    SYMBOL_PCREL_LOW,
    SYMBOL_TLS_GD_HIGH,
    SYMBOL_TLS_GOT_HIGH,
    SYMBOL_TPREL_ADD,
    SYMBOL_TPREL_HIGH,
    SYMBOL_TPREL_LOW,
    Label,
    MachineInstruction,
)
from ourocc.targets.generated import riscv_opcodes as op
from ourocc.targets.generated.riscv_encodings import BITS, FORMAT, ROUNDED
from ourocc.targets.riscv import instructions as table

# MachineInstruction.condition of instructions with a rounding mode
ROUND_DYNAMIC: Final = 0
ROUND_NEAREST: Final = 1
ROUND_TOWARD_ZERO: Final = 2
ROUND_DOWN: Final = 3
ROUND_UP: Final = 4
ROUND_MAX_MAGNITUDE: Final = 5

# Relocation types (RISC-V ELF psABI)
R_32: Final = 1
R_64: Final = 2
R_BRANCH: Final = 16
R_JAL: Final = 17
R_CALL_PLT: Final = 19
R_GOT_HI20: Final = 20
R_TLS_GOT_HI20: Final = 21
R_TLS_GD_HI20: Final = 22
R_PCREL_HI20: Final = 23
R_PCREL_LO12_I: Final = 24
R_PCREL_LO12_S: Final = 25
R_HI20: Final = 26
R_LO12_I: Final = 27
R_LO12_S: Final = 28
R_TPREL_HI20: Final = 29
R_TPREL_LO12_I: Final = 30
R_TPREL_LO12_S: Final = 31
R_TPREL_ADD: Final = 32
R_ADD8: Final = 33
R_SUB8: Final = 37
R_RVC_BRANCH: Final = 44
R_RVC_JUMP: Final = 45
R_32_PCREL: Final = 57

HIGH_TYPES: Final = {
    SYMBOL_HIGH: R_HI20, SYMBOL_PCREL_HIGH: R_PCREL_HI20, SYMBOL_GOT_HIGH: R_GOT_HI20,
    SYMBOL_TLS_GOT_HIGH: R_TLS_GOT_HI20, SYMBOL_TLS_GD_HIGH: R_TLS_GD_HI20, SYMBOL_TPREL_HIGH: R_TPREL_HI20,
}  # fmt: skip
LOW_TYPES: Final = {SYMBOL_LOW: R_LO12_I, SYMBOL_PCREL_LOW: R_PCREL_LO12_I, SYMBOL_TPREL_LOW: R_TPREL_LO12_I}
LOW_STORE_TYPES: Final = {SYMBOL_LOW: R_LO12_S, SYMBOL_PCREL_LOW: R_PCREL_LO12_S, SYMBOL_TPREL_LOW: R_TPREL_LO12_S}

NOP: Final = b"\x13\x00\x00\x00"
COMPRESSED_NOP: Final = b"\x01\x00"


def branch_bits(distance: int) -> int:
    """The immediate of a B-type instruction."""
    return (
        (distance >> 12 & 1) << 31 | (distance >> 5 & 0x3F) << 25 | (distance >> 1 & 0xF) << 8 | (distance >> 11 & 1) << 7
    )


def jump_bits(distance: int) -> int:
    """The immediate of a J-type instruction."""
    return (
        (distance >> 20 & 1) << 31
        | (distance >> 1 & 0x3FF) << 21
        | (distance >> 11 & 1) << 20
        | (distance >> 12 & 0xFF) << 12
    )


def store_bits(offset: int) -> int:
    return (offset >> 5 & 0x7F) << 25 | (offset & 0x1F) << 7


class RiscvBranches(BranchWriter):
    """Conditional branches: 4 bytes reach 4 KiB, 8 bytes 1 MiB.  Relaxable.code is the instruction without distance."""

    def write(self, out: bytearray, relaxable: Relaxable, distance: int) -> None:
        word = relaxable.code
        if relaxable.size == 4:
            out += (word | branch_bits(distance)).to_bytes(4, "little")
            return
        if not -(1 << 20) <= distance - 4 < 1 << 20:
            raise EncodingError("branch target is more than 1 MiB away")
        out += (word ^ 0x1000 | branch_bits(8)).to_bytes(4, "little")
        out += (0x6F | jump_bits(distance - 4)).to_bytes(4, "little")

    def relocation(self, relaxable: Relaxable) -> tuple[int, int]:
        return 4, 0

    def pad(self, out: bytearray, count: int) -> None:
        if count & 1:
            out.append(0)
            count -= 1
        if count & 2:
            out += COMPRESSED_NOP
            count -= 2
        out += NOP * (count // 4)

    def patch(self, data: bytearray, offset: int, distance: int) -> str:
        """The distance of jal, of a branch, or of a compressed jump or branch."""
        word = int.from_bytes(data[offset : offset + 4], "little")
        if word & 3 != 3:
            return "a compressed branch cannot refer to a label"
        if word & 0x7F == 0x6F:
            if not -(1 << 20) <= distance < 1 << 20:
                return "jump target is more than 1 MiB away"
            word |= jump_bits(distance)
        else:
            if not -(1 << 12) <= distance < 1 << 12:
                return "branch target is more than 4 KiB away"
            word |= branch_bits(distance)
        data[offset : offset + 4] = word.to_bytes(4, "little")
        return ""


def new_buffer() -> CodeBuffer:
    """An empty buffer for RISC-V code."""
    return CodeBuffer(RiscvBranches())


def append(buffer: CodeBuffer, word: int) -> None:
    buffer.data += (word & 0xFFFFFFFF).to_bytes(4, "little")


def encode(instruction: MachineInstruction, buffer: CodeBuffer) -> None:
    """Append one instruction (or the instructions of a pseudo)."""
    opcode = instruction.op
    layout = FORMAT[opcode]
    word = BITS[opcode]
    if ROUNDED[opcode]:
        word |= (instruction.condition + 7 & 7) << 12
    if layout == table.R:
        if instruction.symbol_kind == SYMBOL_TPREL_ADD:
            buffer.relocate(R_TPREL_ADD, instruction.symbol, instruction.symbol_offset)
        word |= (instruction.r0 & 31) << 7 | (instruction.r1 & 31) << 15 | (instruction.r2 & 31) << 20
    elif layout == table.IMMEDIATE:
        word |= (instruction.r0 & 31) << 7 | (instruction.r1 & 31) << 15
        if instruction.symbol is not None or instruction.label is not None:
            relocate_low(instruction, LOW_TYPES, buffer)
        else:
            word |= (signed12(instruction.imm) & 0xFFF) << 20
    elif layout == table.LOAD:
        word |= (instruction.r0 & 31) << 7 | instruction.base << 15
        if instruction.symbol is not None or instruction.label is not None:
            relocate_low(instruction, LOW_TYPES, buffer)
        else:
            word |= (signed12(instruction.displacement) & 0xFFF) << 20
    elif layout == table.STORE:
        word |= (instruction.r0 & 31) << 20 | instruction.base << 15
        if instruction.symbol is not None or instruction.label is not None:
            relocate_low(instruction, LOW_STORE_TYPES, buffer)
        else:
            word |= store_bits(signed12(instruction.displacement))
    elif layout == table.BRANCH:
        encode_branch(instruction, word | instruction.r0 << 15 | instruction.r1 << 20, buffer)
        return
    elif layout == table.UPPER:
        word |= instruction.r0 << 7
        if instruction.symbol is not None or instruction.label is not None:
            type = HIGH_TYPES.get(instruction.symbol_kind, -1)
            if type < 0:
                type = R_PCREL_HI20 if opcode == op.AUIPC else R_HI20
            buffer.relocate(type, instruction.symbol, instruction.symbol_offset, instruction.label)
        else:
            word |= (instruction.imm & 0xFFFFF) << 12
    elif layout == table.PSEUDO:
        encode_pseudo(instruction, buffer)
        return
    else:
        word |= other_fields(instruction, layout, buffer)
        if layout == 0:
            raise EncodingError(f"no encoding for opcode {opcode}")
    append(buffer, word)


def other_fields(instruction: MachineInstruction, layout: int, buffer: CodeBuffer) -> int:
    """The variable bits of the rarer formats."""
    r0 = instruction.r0 & 31
    r1 = instruction.r1 & 31
    if layout == table.UNARY:
        return r0 << 7 | r1 << 15
    if layout == table.R4:
        return r0 << 7 | r1 << 15 | (instruction.r2 & 31) << 20 | (instruction.r3 & 31) << 27
    if layout == table.SHIFT:
        return r0 << 7 | r1 << 15 | (instruction.imm & 63) << 20
    if layout == table.SHIFT_WORD:
        return r0 << 7 | r1 << 15 | (instruction.imm & 31) << 20
    if layout == table.JUMP:
        jump_target(instruction, buffer)
        return r0 << 7
    if layout == table.SYSTEM_REGISTER:
        return r0 << 7 | r1 << 15 | (instruction.imm & 0xFFF) << 20
    if layout == table.SYSTEM_IMMEDIATE:
        return r0 << 7 | (instruction.displacement & 31) << 15 | (instruction.imm & 0xFFF) << 20
    if layout == table.ATOMIC:
        return r0 << 7 | instruction.base << 15 | r1 << 20
    if layout == table.RESERVE:
        return r0 << 7 | instruction.base << 15
    if layout == table.FENCE:
        return (instruction.imm & 0xFF) << 20
    if layout == table.SFENCE:
        return r0 << 15 | r1 << 20
    return 0


def signed12(value: int) -> int:
    if not -2048 <= value <= 2047:
        raise EncodingError(f"immediate {value} is not in the range -2048..2047")
    return value


def relocate_low(instruction: MachineInstruction, types: dict[int, int], buffer: CodeBuffer) -> None:
    """The low 12 bits: of a symbol, or of what the auipc at `label` computes."""
    type = types.get(instruction.symbol_kind, types[SYMBOL_LOW])
    buffer.relocate(type, instruction.symbol, instruction.symbol_offset, instruction.label)


def encode_branch(instruction: MachineInstruction, word: int, buffer: CodeBuffer) -> None:
    relaxable = buffer.branch(word, 4, 8, -4096, 4094)
    relaxable.label = instruction.label
    relaxable.symbol = instruction.symbol
    relaxable.addend = instruction.displacement
    relaxable.relocation_type = R_JAL


def jump_target(instruction: MachineInstruction, buffer: CodeBuffer) -> None:
    """The target of the jal that is appended next."""
    label = instruction.label
    if label is not None and instruction.symbol is None:
        buffer.fix(FIXUP_BRANCH, 4, label, instruction.displacement)
    else:
        buffer.relocate(R_JAL, instruction.symbol, instruction.symbol_offset + instruction.displacement)


def encode_pseudo(instruction: MachineInstruction, buffer: CodeBuffer) -> None:
    opcode = instruction.op
    r0 = instruction.r0
    if opcode == op.MV:
        append(buffer, 0x13 | r0 << 7 | instruction.r1 << 15)
    elif opcode == op.FMV_S or opcode == op.FMV_D:
        precision = 0x20000053 if opcode == op.FMV_S else 0x22000053
        source = instruction.r1 & 31
        append(buffer, precision | (r0 & 31) << 7 | source << 15 | source << 20)
    elif opcode == op.LI:
        load_immediate(r0, instruction.imm, buffer)
    elif opcode == op.J:
        jump_target(instruction, buffer)
        append(buffer, 0x6F)
    elif opcode == op.JR:
        append(buffer, 0x67 | r0 << 15)
    elif opcode == op.RET:
        append(buffer, 0x8067)
    elif opcode == op.CALL_REG:
        append(buffer, 0xE7 | r0 << 15)
    elif opcode == op.CALL or opcode == op.TAIL:
        scratch = 1 if opcode == op.CALL else 6
        buffer.relocate(R_CALL_PLT, instruction.symbol, instruction.symbol_offset, instruction.label)
        append(buffer, 0x17 | scratch << 7)
        append(buffer, 0x67 | scratch << 15 | (1 << 7 if opcode == op.CALL else 0))
    elif opcode == op.LLA:
        load_address(r0, R_PCREL_HI20, 0x13, instruction.symbol, instruction.symbol_offset, instruction.label, buffer)
    elif opcode == op.LA_GOT:
        load_address(r0, R_GOT_HI20, 0x3003, instruction.symbol, instruction.symbol_offset, None, buffer)
    elif opcode == op.LA_TLS_IE:
        load_address(r0, R_TLS_GOT_HI20, 0x3003, instruction.symbol, instruction.symbol_offset, None, buffer)
    elif opcode == op.LA_TLS_GD:
        load_address(r0, R_TLS_GD_HI20, 0x13, instruction.symbol, instruction.symbol_offset, None, buffer)
    else:
        raise EncodingError(f"no encoding for opcode {opcode}")


def load_address(
    register: int, type: int, second: int, symbol: Symbol | None, addend: int, target: Label | None, buffer: CodeBuffer
) -> None:
    """auipc and addi or ld; the second one's relocation refers to a label at the first."""
    here = Label(-1)
    buffer.bind(here)
    buffer.relocate(type, symbol, addend, target)
    append(buffer, 0x17 | register << 7)
    buffer.relocate(R_PCREL_LO12_I, None, 0, here)
    append(buffer, second | register << 7 | register << 15)


def load_immediate(register: int, value: int, buffer: CodeBuffer, add: int = 0x13) -> None:
    """li: the shortest lui, addi, slli sequence that peels 12 bits at a time."""
    value &= 0xFFFFFFFFFFFFFFFF
    if value >> 63:
        value -= 1 << 64
    low = (value & 0xFFF) - (0x1000 if value & 0x800 else 0)
    if -2048 <= value <= 2047:
        append(buffer, add | register << 7 | (value & 0xFFF) << 20)
        return
    if -0x80000000 <= value <= 0x7FFFFFFF:
        append(buffer, 0x37 | register << 7 | (value - low >> 12 & 0xFFFFF) << 12)
        if low:
            append(buffer, 0x1B | register << 7 | register << 15 | (low & 0xFFF) << 20)
        return
    high = value - low >> 12
    shift = 12
    while not high & 1:
        high >>= 1
        shift += 1
    width = 64 - shift
    high &= (1 << width) - 1
    if high >> (width - 1):
        high -= 1 << width
    load_immediate(register, high, buffer, 0x1B)  # addiw, as GNU as has it
    append(buffer, 0x1013 | register << 7 | register << 15 | shift << 20)
    if low:
        append(buffer, 0x13 | register << 7 | register << 15 | (low & 0xFFF) << 20)
