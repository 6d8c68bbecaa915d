"""The RV64GC decoder: bytes to MachineInstruction, from the table's fixed bits; compressed forms are expanded first."""

from typing import Final, final

from ourocc.machine.instruction import MachineInstruction
from ourocc.targets.generated.riscv_encodings import BITS, FORMAT, ROUNDED
from ourocc.targets.generated.riscv_opcodes import FIRST_OPCODE, OPCODE_COUNT
from ourocc.targets.generated.riscv_properties import CLASSES
from ourocc.targets.riscv import instructions as table
from ourocc.targets.riscv.compressed import expand, signed

# Which bits are fixed, by format
MASKS: Final = {
    table.R: 0xFE00707F, table.UNARY: 0xFFF0707F, table.R4: 0x0600007F, table.IMMEDIATE: 0x707F, table.SHIFT: 0xFC00707F,
    table.SHIFT_WORD: 0xFE00707F, table.LOAD: 0x707F, table.STORE: 0x707F, table.BRANCH: 0x707F, table.UPPER: 0x7F,
    table.JUMP: 0x7F, table.SYSTEM_REGISTER: 0x707F, table.SYSTEM_IMMEDIATE: 0x707F, table.ATOMIC: 0xFE00707F,
    table.RESERVE: 0xFFF0707F, table.FENCE: 0xF00FFFFF, table.FIXED: 0xFFFFFFFF, table.SFENCE: 0xFE007FFF,
}  # fmt: skip


@final
class Decoded:
    """The result; `compressed` when it was 16 bits wide."""

    def __init__(self, instruction: MachineInstruction, size: int) -> None:
        self.instruction = instruction
        self.size = size
        self.target = 0
        self.has_target = False
        self.prefixes: list[str] = []


@final
class Index:
    """Opcodes by their low seven bits, made on first use; those with more fixed bits come first."""

    def __init__(self) -> None:
        self.rows: dict[int, list[int]] = {}

    def find(self, word: int) -> list[int]:
        if not self.rows:
            for opcode in range(FIRST_OPCODE, OPCODE_COUNT):
                if FORMAT[opcode] != table.PSEUDO:
                    self.rows.setdefault(BITS[opcode] & 0x7F, []).append(opcode)
            for rows in self.rows.values():
                rows.sort(key=fixed_count, reverse=True)
        return self.rows.get(word & 0x7F, [])


def mask_of(opcode: int) -> int:
    mask = MASKS[FORMAT[opcode]]
    return mask & ~0x7000 if ROUNDED[opcode] else mask


def fixed_count(opcode: int) -> int:
    return mask_of(opcode).bit_count()


INDEX: Final = Index()


@final
class Decoder:
    """Decodes one instruction at a time from `data`, whose first byte stands at `address`."""

    def __init__(self, data: bytes | bytearray, address: int = 0) -> None:
        self.data = bytes(data)
        self.address = address

    def decode(self, position: int) -> Decoded | None:
        data = self.data
        if position + 2 > len(data):
            return None
        word = int.from_bytes(data[position : position + 2], "little")
        size = 2
        if word & 3 == 3:
            if position + 4 > len(data):
                return None
            word = int.from_bytes(data[position : position + 4], "little")
            size = 4
        else:
            word = expand(word)
            if word == 0:
                return None
        for opcode in INDEX.find(word):
            if word & mask_of(opcode) == BITS[opcode]:
                return fields(opcode, word, size, self.address + position)
        return None


def fields(opcode: int, word: int, size: int, address: int) -> Decoded:
    """Split the variable bits."""
    instruction = MachineInstruction(opcode)
    decoded = Decoded(instruction, size)
    layout = FORMAT[opcode]
    rd, rs1, rs2, rs3 = word >> 7 & 31, word >> 15 & 31, word >> 20 & 31, word >> 27
    if ROUNDED[opcode]:
        instruction.condition = (word >> 12 & 7) + 1 & 7
    immediate = signed(word >> 20, 12)
    if layout == table.STORE:
        instruction.r0, instruction.base = rs2, rs1
        instruction.displacement = signed(word >> 25 << 5 | rd, 12)
    elif layout == table.BRANCH:
        instruction.r0, instruction.r1 = rs1, rs2
        distance = (word >> 31) << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 0x3F) << 5 | (word >> 8 & 15) << 1
        decoded.target = address + signed(distance, 13)
        decoded.has_target = True
    elif layout == table.SFENCE:
        instruction.r0, instruction.r1 = rs1, rs2
    elif layout not in (table.FIXED, table.FENCE):
        instruction.r0 = rd
        if layout in (table.LOAD, table.RESERVE, table.ATOMIC):
            instruction.base = rs1
            instruction.displacement = immediate if layout == table.LOAD else 0
            if layout == table.ATOMIC:
                instruction.r1 = rs2
        elif layout == table.UPPER:
            instruction.imm = word >> 12
        elif layout == table.JUMP:
            distance = (word >> 31) << 20 | (word >> 12 & 0xFF) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3FF) << 1
            decoded.target = address + signed(distance, 21)
            decoded.has_target = True
        elif layout == table.SYSTEM_IMMEDIATE:
            instruction.displacement = rs1
            instruction.imm = word >> 20
        else:
            instruction.r1, instruction.r2, instruction.r3 = rs1, rs2, rs3
            instruction.imm = immediate
            if layout == table.SHIFT:
                instruction.imm = word >> 20 & 63
            elif layout == table.SHIFT_WORD:
                instruction.imm = rs2
            elif layout == table.SYSTEM_REGISTER:
                instruction.imm = word >> 20
    if layout == table.FENCE:
        instruction.imm = word >> 20 & 0xFF
    if decoded.has_target:
        instruction.displacement = decoded.target
    if CLASSES[opcode * 4] == 2:
        instruction.r0 += 32
    if CLASSES[opcode * 4 + 1] == 2:
        instruction.r1 += 32
    if CLASSES[opcode * 4 + 2] == 2:
        instruction.r2 += 32
    if CLASSES[opcode * 4 + 3] == 2:
        instruction.r3 += 32
    return decoded
