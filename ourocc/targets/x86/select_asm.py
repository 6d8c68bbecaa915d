"""Selection of inline assembly: constraints become registers, memory operands and immediates.

The statement becomes one INLINE_ASSEMBLY instruction with its register inputs in `uses`, its outputs in `defines`, and a
place for every operand; after register allocation `asm_text.py` writes the operands into the template.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import (
    ASM_IMMEDIATE,
    ASM_INPUT,
    ASM_MEMORY,
    ASM_OUTPUT,
    AsmInfo,
    Value,
)
from ourocc.machine.instruction import (
    INLINE_ASSEMBLY,
    NOTHING,
    PLACE_FLAG,
    PLACE_IMMEDIATE,
    PLACE_LABEL,
    PLACE_MEMORY,
    PLACE_REGISTER,
    AssemblyPlace,
    MachineInstruction,
)
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86 import registers
from ourocc.targets.x86.registers import RAX, RSP, XMM0
from ourocc.targets.x86.select_base import X86Base, strip
from ourocc.targets.x86.select_integer import set_condition
from ourocc.targets.x86.select_x87 import load_operand, pop_to

FIXED_LETTERS: Final = {"a": 0, "b": 3, "c": 1, "d": 2, "S": 6, "D": 7}
_CONDITIONS: Final = {
    "o": 0, "no": 1, "b": 2, "c": 2, "nae": 2, "ae": 3, "nb": 3, "nc": 3, "e": 4, "z": 4, "ne": 5, "nz": 5, "be": 6,
    "na": 6, "a": 7, "nbe": 7, "s": 8, "ns": 9, "p": 10, "pe": 10, "np": 11, "po": 11, "l": 12, "nge": 12, "ge": 13,
    "nl": 13, "le": 14, "ng": 14, "g": 15, "nle": 15,
}  # fmt: skip
XMM_LETTERS: Final = "xvY"


def register_numbers() -> dict[str, int]:
    """Every name of a register that a clobber or a register variable may have."""
    names: dict[str, int] = {}
    for table in (registers.NAMES64, registers.NAMES32, registers.NAMES16, registers.NAMES8):
        for number, name in enumerate(table):
            names[name] = number
    for number, name in enumerate(registers.NAMES8_HIGH):
        names[name] = number
    for number in range(16):
        names[f"xmm{number}"] = XMM0 + number
        names[f"ymm{number}"] = XMM0 + number
    for number in range(8, 16):
        names[f"r{number}l"] = number
    for number in range(8):
        names[f"mm{number}"] = -1
        names[f"st({number})"] = -2
    for name in ("memory", "cc", "flags", "fpsr", "fpcr", "dirflag", "fpcw", "mxcsr", "redzone"):
        names[name] = -1
    names["st"] = -2
    names["rip"] = -1
    return names


REGISTER_NUMBERS: Final = register_numbers()


@final
class AsmSelector:
    """One statement."""

    def __init__(self, s: X86Base, v: Value, info: AsmInfo) -> None:
        self.s = s
        self.v = v
        self.info = info
        self.instruction = MachineInstruction(INLINE_ASSEMBLY)
        self.uses: list[int] = []
        self.defines: list[int] = []
        self.early = 0
        self.before: list[tuple[int, int]] = []  # copies into fixed registers, right in front of the statement
        self.after: list[tuple[int, int]] = []  # copies of results out of fixed registers
        self.places: list[AssemblyPlace] = []
        self.results: list[Value | None] = []
        self.flags: list[tuple[Value, int]] = []
        self.stack_inputs: list[tuple[int, Value]] = []  # x87: position, value
        self.stack_outputs: list[tuple[int, Value | None, int]] = []  # position, value, type
        self.tied_stack = 0
        self.cross: list[tuple[int, int, bool, int]] = []  # result, register of the other bank, in XMM, type
        self.busy = 0  # fixed registers in use

    def fail(self, message: str) -> SelectionError:
        return SelectionError(message, self.v.position)

    def run(self) -> None:
        s = self.s
        info = self.info
        self.find_results()
        self.note_fixed()
        for number in range(len(info.constraints)):
            self.operand(number)
        for number in range(info.label_count):
            place = AssemblyPlace(PLACE_LABEL)
            place.label = s.blocks[self.v.block.successors[number + 1].id].label
            self.places.append(place)
        for _, value in sorted(self.stack_inputs, key=lambda row: -row[0]):
            self.push(value)
        for register, source in self.before:
            s.copy(register, source)
        instruction = self.instruction
        instruction.position = self.v.position
        instruction.assembly = info
        instruction.places = self.places
        instruction.uses = self.uses
        instruction.defines = self.defines
        instruction.early = self.early
        instruction.clobbers = self.clobbers()
        s.chunk.append(instruction)
        for value, condition in self.flags:
            # i1 registers have nothing above the low byte; wider results are cleared after the flags were read
            set_condition(s, s.registers[value.id], condition)
        for value, _ in self.flags:
            if value.type != ty.I1 and value.type != ty.I8:
                register = s.registers[value.id]
                s.rr(x.MOVZX32_RR8, register, register)
        for result, register in self.after:
            if register == RSP:
                s.rr(x.MOV64_RR, result, RSP)
            else:
                s.copy(result, register)
        self.pop_results()

    def find_results(self) -> None:
        s = self.s
        count = self.info.result_count
        self.results = [None] * count
        if count == 0:
            return
        self.results[0] = self.v
        index = s.index + 1
        values = s.block.values
        while index < len(values) and values[index].op == op.RESULT and values[index].args[0] is self.v:
            self.results[values[index].imm] = values[index]
            index += 1

    def note_fixed(self) -> None:
        for number, constraint in enumerate(self.info.constraints):
            register = self.fixed_register(number, constraint)
            if register >= 0:
                self.busy |= 1 << register

    def fixed_register(self, number: int, constraint: str) -> int:
        """The register that the operand must be in, or -1."""
        name = self.info.registers[number]
        if name:
            register = REGISTER_NUMBERS.get(name.lstrip("%"), -1)
            if register < 0:
                raise self.fail(f"unknown register name '{name}' in 'asm'")
            return register
        letters = letters_of(constraint)
        if any(letter in "rqQRlgX" for letter in letters):
            return -1
        for letter in letters:
            if letter in FIXED_LETTERS:
                return FIXED_LETTERS[letter]
            if letter == "A":
                return RAX
        return -1

    # ---- operands

    def operand(self, number: int) -> None:
        info = self.info
        kind = info.operand_kinds[number]
        constraint = info.constraints[number]
        if kind == ASM_OUTPUT:
            place = self.output(number, constraint)
        elif kind == ASM_MEMORY:
            place = self.memory(self.v.args[info.operand_values[number]])
        elif kind == ASM_IMMEDIATE:
            place = self.immediate(self.v.args[info.operand_values[number]], constraint)
        else:
            assert kind == ASM_INPUT
            place = self.input(number, constraint)
        place.type = info.operand_types[number]
        self.places.append(place)

    def result_register(self, value: Value | None, type: int, xmm: bool) -> int:
        """The register that the statement writes for a result; moved to the result's own bank when that differs."""
        s = self.s
        if value is None or s.registers[value.id] < 0:
            return s.new_register(ty.vector(ty.I64, 2) if xmm else ty.I64)
        own = s.registers[value.id]
        in_xmm = value.type > ty.PTR
        if in_xmm == xmm:
            return own
        register = s.new_register(ty.vector(ty.I64, 2) if xmm else ty.I64)
        self.cross.append((own, register, xmm, type))
        return register

    def output(self, number: int, constraint: str) -> AssemblyPlace:
        s = self.s
        index = self.info.operand_values[number]
        type = self.info.operand_types[number]
        value = self.results[index]
        text = constraint.lstrip("=+&%*?!")
        if text.startswith("@cc"):
            condition = _CONDITIONS.get(text[3:], -1)
            if condition < 0:
                raise self.fail(f"unknown 'asm' flag output '{text}'")
            if value is not None and s.registers[value.id] >= 0:
                self.flags.append((value, condition))
            return AssemblyPlace(PLACE_FLAG)
        letters = letters_of(constraint)
        place = AssemblyPlace(PLACE_REGISTER)
        if type == ty.F80 or is_stack(letters):
            self.stack_outputs.append((1 if "u" in letters and "t" not in letters else 0, value, type))
            place.register = registers.ST0 + self.stack_outputs[-1][0]
            return place
        register = self.fixed_register(number, constraint)
        if register >= 0:
            place.register = register
            if register != RSP:
                self.defines.append(register)
            if "A" in letters and type == ty.I128:
                raise self.fail("constraint 'A' with a 128-bit operand is not supported")
            if value is not None and s.registers[value.id] >= 0:
                self.after.append((s.registers[value.id], register))
            return place
        xmm = wants_xmm(letters, type)
        place.define = len(self.defines)
        self.defines.append(self.result_register(value, type, xmm))
        if "&" in constraint:
            self.early |= 1 << place.define
        return place

    def input(self, number: int, constraint: str) -> AssemblyPlace:
        value = self.v.args[self.info.operand_values[number]]
        type = self.info.operand_types[number]
        letters = letters_of(constraint)
        if letters.isdigit():
            return self.tied(int(letters), value)
        place = AssemblyPlace(PLACE_REGISTER)
        if type == ty.F80 or is_stack(letters):
            position = 1 if "u" in letters and "t" not in letters else 0
            self.stack_inputs.append((position, value))
            place.register = registers.ST0 + position
            return place
        register = self.fixed_register(number, constraint)
        if register >= 0:
            place.register = register
            if register != RSP:
                self.before.append((register, self.in_bank(value, register >= XMM0)))
                self.uses.append(register)
            return place
        stripped = strip(value)
        if immediate_allowed(letters, stripped):
            return self.immediate(stripped, constraint)
        place.use = len(self.uses)
        self.uses.append(self.in_bank(value, wants_xmm(letters, type)))
        return place

    def in_bank(self, value: Value, xmm: bool) -> int:
        """A register with the value, in the bank that the constraint asks for."""
        s = self.s
        source = s.use(value)
        if (value.type > ty.PTR) == xmm:
            return source
        if xmm:
            register = s.new_register(ty.vector(ty.I64, 2))
            s.rr(x.MOVQ_XR, register, source)
        else:
            register = s.new_register(ty.I64)
            s.rr(x.MOVQ_RX, register, source)
        return register

    def tied(self, number: int, value: Value) -> AssemblyPlace:
        """An input in the register of output `number`."""
        s = self.s
        output = self.places[number]
        place = AssemblyPlace(PLACE_REGISTER)
        if output.kind == PLACE_MEMORY:
            raise self.fail("matching constraint refers to a memory operand")
        if output.register >= registers.ST0:
            self.stack_inputs.append((output.register - registers.ST0, value))
            self.tied_stack += 1
            place.register = output.register
        elif output.register >= 0:
            place.register = output.register
            if output.register != RSP:
                self.before.append((output.register, self.in_bank(value, output.register >= XMM0)))
                self.uses.append(output.register)
        else:
            register = self.defines[output.define]
            xmm = s.machine.classes[register - 64] != 0
            source = self.in_bank(value, xmm)
            # The output's own register may be needed for another operand until the statement: a copy of both
            self.before.append((register, source))
            place.use = len(self.uses)
            self.uses.append(register)
        return place

    def memory(self, pointer: Value) -> AssemblyPlace:
        s = self.s
        place = AssemblyPlace(PLACE_MEMORY)
        memory = MachineInstruction(NOTHING)
        s.address(memory, pointer)
        if memory.base >= 64:
            place.use = len(self.uses)
            self.uses.append(memory.base)
        if memory.index >= 64:
            place.index_use = len(self.uses)
            self.uses.append(memory.index)
        place.memory = memory
        return place

    def immediate(self, value: Value, constraint: str) -> AssemblyPlace:
        value = strip(value)
        place = AssemblyPlace(PLACE_IMMEDIATE)
        memory = MachineInstruction(NOTHING)
        offset = 0
        while value.op == op.PTRADD and value.args[1].op == op.CONST:
            offset += value.args[1].imm
            value = strip(value.args[0])
        if value.op == op.CONST:
            memory.imm = value.imm + offset
            if value.type == ty.I1:
                memory.imm &= 1
        elif value.op == op.ADDRESS:
            memory.symbol = value.symbol
            memory.symbol_offset = value.imm + offset
        elif value.op == op.LABEL_ADDRESS and value.target is not None:
            memory.label = self.s.blocks[value.target.id].label
        elif value.op == op.ZEXT or value.op == op.SEXT or value.op == op.TRUNC:
            return self.immediate(value.args[0], constraint)
        else:
            raise self.fail("impossible constraint in 'asm'")
        place.memory = memory
        return place

    def clobbers(self) -> int:
        mask = 0
        for name in self.info.clobbers:
            register = REGISTER_NUMBERS.get(name.lstrip("%"), -3)
            if register == -3:
                raise self.fail(f"unknown register name '{name}' in 'asm'")
            if register >= 0 and register != RSP:
                if self.busy >> register & 1:
                    raise self.fail("'asm' operand has impossible constraints")
                mask |= 1 << register
        return mask

    # ---- x87

    def push(self, value: Value) -> None:
        s = self.s
        if value.type == ty.F80:
            load_operand(s, value)
            return
        register = s.use(value)
        double = value.type == ty.F64
        slot = s.machine.new_slot(8, 8)
        s.with_slot(x.MOVSD_MX if double else x.MOVSS_MX, slot).r0 = register
        s.with_slot(x.FLD_M64 if double else x.FLD_M32, slot)

    def pop_results(self) -> None:
        s = self.s
        popped = 0
        for name in self.info.clobbers:
            if REGISTER_NUMBERS.get(name.lstrip("%"), -3) == -2:
                popped += 1
        for _, value, type in sorted(self.stack_outputs, key=lambda row: row[0]):
            if type == ty.F80:
                pop_to(s, value)
                continue
            slot = s.machine.new_slot(8, 8)
            double = type == ty.F64
            s.with_slot(x.FSTP_M64 if double else x.FSTP_M32, slot)
            if value is not None and s.registers[value.id] >= 0:
                s.with_slot(x.MOVSD_XM if double else x.MOVSS_XM, slot).r0 = s.registers[value.id]
        for _ in range(len(self.stack_inputs) - self.tied_stack - popped):
            s.emit(x.FSTP_F).r0 = registers.ST0
        for own, register, xmm, type in self.cross:
            if xmm:
                s.rr(x.MOVQ_RX if ty.size(type) == 8 else x.MOVD_RX, own, register)
            else:
                s.rr(x.MOVQ_XR if ty.size(type) == 8 else x.MOVD_XR, own, register)


def letters_of(constraint: str) -> str:
    """Constraint letters of all alternatives; "Yz" and the like count as "Y"."""
    result = ""
    skip = False
    for letter in constraint:
        if skip:
            skip = False
            continue
        if letter in "=+&%*?!#, ^$":
            continue
        if letter in "YWB":
            skip = True
        result += letter
    return result


def is_stack(letters: str) -> bool:
    """Only x87 registers will do."""
    return len(letters) > 0 and all(letter in "tuf" for letter in letters)


def wants_xmm(letters: str, type: int) -> bool:
    if any(letter in XMM_LETTERS for letter in letters):
        return type > ty.PTR or not any(letter in "rqQRlg" for letter in letters)
    return type > ty.PTR and "X" in letters


def immediate_allowed(letters: str, value: Value) -> bool:
    """The optimizer found a constant for an operand that may be one."""
    if value.op != op.CONST or value.type > ty.PTR:
        return False
    number = value.imm
    for letter in letters:
        if letter in "ing":
            return -(1 << 31) <= number < 1 << 31 or letter != "g"
        if letter == "e":
            return -(1 << 31) <= number < 1 << 31
        if letter == "Z":
            return 0 <= number < 1 << 32
        if letter == "I":
            return 0 <= number <= 31
        if letter == "J":
            return 0 <= number <= 63
        if letter == "K":
            return -128 <= number <= 127
        if letter == "N":
            return 0 <= number <= 255
        if letter == "M":
            return 0 <= number <= 3
        if letter == "L":
            return number in (0xFF, 0xFFFF, 0xFFFFFFFF)
    return False


def assembly(s: X86Base, v: Value) -> None:
    info = v.asm
    assert info is not None
    AsmSelector(s, v, info).run()

