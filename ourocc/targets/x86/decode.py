"""The x86-64 decoder: bytes to MachineInstruction, from the same rows as the encoder.

`generated/x86_decode.py` has one line an encoding.  An instruction is prefixes, opcode (one to three bytes, looked up
longest first), ModRM, SIB, displacement, immediate.  Of the encodings that share an opcode, the one whose prefixes are
all present and most in number wins; prefixes that it does not use are returned for printing.
"""

from typing import Final, final

from ourocc.machine.instruction import MachineInstruction
from ourocc.targets.generated.x86_decode import ENCODINGS
from ourocc.targets.generated.x86_properties import CLASSES
from ourocc.targets.x86.encode import (
    ADDRESS_32,
    FORMAT_BRANCH,
    FORMAT_DIGIT_MEMORY,
    FORMAT_DIGIT_REG,
    FORMAT_EXCHANGE,
    FORMAT_LOW,
    FORMAT_OFFSET,
    FORMAT_PLAIN,
    FORMAT_REG_MEMORY,
    FORMAT_REG_RM,
    FORMAT_RM_REG,
    SPECIAL_IMMEDIATE_SIGNED,
    SPECIAL_TWO_IMMEDIATES,
)
from ourocc.targets.x86.registers import CS, DS, ES, FS, GS, RIP, SS

PREFIX_NAMES: Final = {
    0xF0: "lock", 0xF2: "repnz", 0xF3: "repz", 0x66: "data16", 0x67: "addr32", 0x2E: "cs", 0x36: "ss", 0x3E: "ds",
    0x26: "es", 0x64: "fs", 0x65: "gs",
}  # fmt: skip
SEGMENTS: Final = {0x2E: CS, 0x36: SS, 0x3E: DS, 0x26: ES, 0x64: FS, 0x65: GS}
# First register number of each class in CLASSES: r8 r16 r32 r64 x st mm sreg cr dr y
CLASS_BASE: Final = (0, 0, 0, 0, 0, 16, 32, 48, 42, 0, 0, 16)


@final
class Row:
    """One encoding."""

    def __init__(self, line: str) -> None:
        fields = line.split()
        self.opcode = bytes.fromhex(fields[0])
        self.prefixes = b"" if fields[1] == "-" else bytes.fromhex(fields[1])
        self.wide = fields[2] == "1"
        self.digit = int(fields[3])
        self.mod = fields[4]
        self.plus = fields[5]
        self.layout = int(fields[6])
        self.immediate = int(fields[7])
        self.special = int(fields[8])
        self.one = fields[9] == "1"
        self.number = int(fields[10])


@final
class Decoded:
    """The result: `prefixes` are names of those that the instruction does not account for."""

    def __init__(self, instruction: MachineInstruction, size: int, prefixes: list[str]) -> None:
        self.instruction = instruction
        self.size = size
        self.prefixes = prefixes
        self.target = 0  # address that a branch or a rip-relative operand refers to
        self.has_target = False
        self.has_displacement = False  # the memory operand has displacement bytes, perhaps of value 0
        self.by_one = False  # a shift whose count of one is part of the opcode


@final
class Index:
    """All rows by opcode bytes, made on first use."""

    def __init__(self) -> None:
        self.rows: dict[bytes, list[Row]] = {}

    def find(self, opcode: bytes) -> list[Row] | None:
        if not self.rows:
            for line in ENCODINGS.split("\n"):
                row = Row(line)
                count = 8 if row.plus == "r" else 16 if row.plus == "c" else 1
                for low in range(count):
                    key = row.opcode[:-1] + bytes([row.opcode[-1] + low])
                    self.rows.setdefault(key, []).append(row)
        return self.rows.get(opcode)


INDEX: Final = Index()


@final
class Decoder:
    """Decodes one instruction at a time from `data`, whose first byte stands at `address`."""

    def __init__(self, data: bytes | bytearray, address: int = 0) -> None:
        self.data = bytes(data)
        self.address = address
        self.position = 0
        self.prefixes: list[int] = []
        self.rex = 0

    def decode(self, position: int) -> Decoded | None:
        """The instruction at `position`; None when the bytes are none that the table has."""
        self.position = position
        self.prefixes = []
        self.rex = 0
        data = self.data
        length = len(data)
        while self.position < length and data[self.position] in PREFIX_NAMES:
            self.prefixes.append(data[self.position])
            self.position += 1
        if self.position < length and data[self.position] & 0xF0 == 0x40:
            self.rex = data[self.position]
            self.position += 1
        row = self.match()
        if row is None:
            return None
        return self.operands(row, position)

    def match(self) -> Row | None:
        """The row that fits best; `position` moves behind the opcode."""
        data = self.data
        start = self.position
        best: Row | None = None
        best_score = -1
        for size in (4, 3, 2, 1):
            if start + size > len(data):
                continue
            rows = INDEX.find(data[start : start + size])
            if rows is None:
                continue
            modrm = data[start + size] if start + size < len(data) else -1
            for row in rows:
                score = self.score(row, modrm)
                if row.layout == FORMAT_EXCHANGE and data[start] == 0x90 and not self.rex & 1:
                    score = -1  # nop
                if score > best_score:
                    best, best_score = row, score
                    self.position = start + size
        return best

    def score(self, row: Row, modrm: int) -> int:
        """How well the row fits, -1 for not at all."""
        for prefix in row.prefixes:
            if prefix not in self.prefixes:
                return -1
        wide = self.rex & 8 != 0
        if row.wide and not wide:
            return -1
        if row.mod != "-":
            if modrm < 0 or (row.mod == "r") != (modrm >= 0xC0) or (row.digit >= 0 and row.digit != modrm >> 3 & 7):
                return -1
        # A wide row is better than one with an operand size prefix; repeat prefixes count more than that
        score = 2 * len(row.prefixes) + (1 if row.one else 0)
        if any(prefix in (0xF2, 0xF3, 0xF0) for prefix in row.prefixes):
            score += 8
        return score + (4 if row.wide else 0)

    def operands(self, row: Row, start: int) -> Decoded | None:
        instruction = MachineInstruction(row.number)
        data = self.data
        rex = self.rex
        opcode_low = data[self.position - 1] & 7
        if row.plus == "c":
            instruction.condition = data[self.position - 1] & 15
        unused = list(self.prefixes)
        for prefix in row.prefixes:
            unused.remove(prefix)
        displacement = 0
        if row.mod != "-":
            if self.position >= len(data):
                return None
            modrm = data[self.position]
            self.position += 1
            reg = modrm >> 3 & 7 | (8 if rex & 4 else 0)
            if row.mod == "m":
                displacement = self.memory(instruction, modrm, unused)
                if displacement < 0:
                    return None
                if row.layout == FORMAT_REG_MEMORY:
                    instruction.r0 = self.register(row.number, 0, reg)
            else:
                rm = modrm & 7 | (8 if rex & 1 else 0)
                if row.layout == FORMAT_RM_REG:
                    instruction.r0 = self.register(row.number, 0, rm)
                    instruction.r1 = self.register(row.number, 1, reg)
                elif row.layout == FORMAT_REG_RM:
                    instruction.r0 = self.register(row.number, 0, reg)
                    instruction.r1 = self.register(row.number, 1, rm)
                elif row.layout in (FORMAT_DIGIT_REG, FORMAT_DIGIT_MEMORY):
                    instruction.r0 = self.register(row.number, 0, rm)
        elif row.layout == FORMAT_LOW:
            instruction.r0 = self.register(row.number, 0, opcode_low | (8 if rex & 1 else 0))
        elif row.layout == FORMAT_EXCHANGE:
            instruction.r0, instruction.r1 = opcode_low | (8 if rex & 1 else 0), 0
        decoded = Decoded(instruction, 0, [])
        decoded.has_displacement = displacement > 0
        decoded.by_one = row.one
        if row.layout == FORMAT_OFFSET:
            for segment in (prefix for prefix in unused if prefix in SEGMENTS):
                instruction.segment = SEGMENTS[segment]
            unused = [prefix for prefix in unused if prefix not in SEGMENTS]
            instruction.displacement = self.number(8, False)
        elif row.layout == FORMAT_BRANCH:
            distance = self.number(row.immediate, True)
            decoded.target = self.address + self.position + distance
            decoded.has_target = True
            instruction.displacement = decoded.target
        elif row.one:
            instruction.imm = 1
        elif row.immediate:
            signed = bool(row.special & SPECIAL_IMMEDIATE_SIGNED) or row.immediate < 4
            instruction.imm = self.number(row.immediate, signed)
            if row.special & SPECIAL_TWO_IMMEDIATES:
                instruction.displacement = self.number(1, False)
        if self.position > len(data):
            return None
        if instruction.base == RIP:
            decoded.target = self.address + self.position + instruction.displacement
            decoded.has_target = True
        decoded.size = self.position - start
        decoded.prefixes = [PREFIX_NAMES[prefix] for prefix in unused]
        if row.layout == FORMAT_PLAIN and CLASSES[row.number * 4]:
            instruction.r0 = CLASS_BASE[CLASSES[row.number * 4]]  # the short form for the accumulator
        return decoded

    def register(self, opcode: int, slot: int, number: int) -> int:
        """The register number of a field, by the operand's class."""
        kind = CLASSES[opcode * 4 + slot]
        if kind == 1 and not self.rex and 4 <= number <= 7:
            return 56 + number
        if kind in (6, 7, 8):
            number &= 7
        return CLASS_BASE[kind] + number

    def number(self, size: int, signed: bool) -> int:
        value = int.from_bytes(self.data[self.position : self.position + size], "little", signed=signed)
        self.position += size
        return value

    def memory(self, instruction: MachineInstruction, modrm: int, unused: list[int]) -> int:
        """ModRM with mod != 3; returns the number of displacement bytes, or -1 when the bytes end."""
        data = self.data
        rex = self.rex
        mod = modrm >> 6
        low = modrm & 7
        size = (0, 1, 4)[mod]
        if low == 4:
            if self.position >= len(data):
                return -1
            sib = data[self.position]
            self.position += 1
            index = sib >> 3 & 7 | (8 if rex & 2 else 0)
            if index != 4:
                instruction.index = index
                instruction.scale = 1 << (sib >> 6)
            low = sib & 7
            if low == 5 and mod == 0:
                size = 4
                instruction.displacement = self.number(4, True)
            else:
                instruction.base = low | (8 if rex & 1 else 0)
        elif low == 5 and mod == 0:
            instruction.base = RIP
            size = 4
            instruction.displacement = self.number(4, True)
        else:
            instruction.base = low | (8 if rex & 1 else 0)
        if mod == 1:
            instruction.displacement = self.number(1, True)
        elif mod == 2:
            instruction.displacement = self.number(4, True)
        for prefix in list(unused):
            if prefix in (0x64, 0x65):  # the other segments are all the same in 64-bit mode
                instruction.segment = instruction.segment & ADDRESS_32 | SEGMENTS[prefix]
                unused.remove(prefix)
            elif prefix == 0x67:
                instruction.segment |= ADDRESS_32
                unused.remove(prefix)
        return size if self.position <= len(data) else -1
