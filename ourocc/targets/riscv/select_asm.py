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
    PLACE_IMMEDIATE,
    PLACE_LABEL,
    PLACE_MEMORY,
    PLACE_REGISTER,
    AssemblyPlace,
    MachineInstruction,
)
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.riscv import registers
from ourocc.targets.riscv.registers import F0, FP, SP
from ourocc.targets.riscv.select_base import RiscvBase, imm12, strip


def register_numbers() -> dict[str, int]:
    """Every name of a register that a clobber or a register variable may have; -1 for what is no register."""
    names: dict[str, int] = {}
    for number, name in enumerate(registers.NAMES):
        names[name] = number
        names[f"x{number}" if number < F0 else f"f{number - F0}"] = number
    names["fp"] = FP
    for name in ("memory", "cc", "vl", "vtype", "vxrm", "vxsat", "redzone"):
        names[name] = -1
    return names


REGISTER_NUMBERS: Final = register_numbers()


@final
class AsmSelector:
    """One statement."""

    def __init__(self, s: RiscvBase, v: Value, info: AsmInfo) -> None:
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
        self.cross: list[tuple[int, int, int]] = []  # result, register of the other bank, type of the operand
        self.busy = 0  # fixed registers in use

    def fail(self, message: str) -> SelectionError:
        return SelectionError(message, self.v.position)

    def run(self) -> None:
        s = self.s
        info = self.info
        self.find_results()
        for number in range(len(info.constraints)):
            register = self.fixed_register(number)
            if register >= 0:
                self.busy |= 1 << register
        for number in range(len(info.constraints)):
            self.operand(number)
        for number in range(info.label_count):
            place = AssemblyPlace(PLACE_LABEL)
            place.label = s.blocks[self.v.block.successors[number + 1].id].label
            self.places.append(place)
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
        for result, register in self.after:
            if register <= 4:
                s.rr(x.MV, result, register)
            else:
                s.copy(result, register)
        for own, register, type in self.cross:
            if type > ty.PTR:
                s.rr(x.FMV_W_X if type == ty.F32 else x.FMV_D_X, own, register)
            else:
                s.rr(x.FMV_X_D if ty.size(type) == 8 else x.FMV_X_W, own, register)

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

    def fixed_register(self, number: int) -> int:
        """The register that a register variable names for the operand, or -1."""
        name = self.info.registers[number]
        if not name:
            return -1
        register = REGISTER_NUMBERS.get(name.lstrip("%"), -1)
        if register < 0:
            raise self.fail(f"unknown register name '{name}' in 'asm'")
        return register

    # ---- operands

    def operand(self, number: int) -> None:
        info = self.info
        kind = info.operand_kinds[number]
        constraint = info.constraints[number]
        if kind == ASM_OUTPUT:
            place = self.output(number, constraint)
        elif kind == ASM_MEMORY:
            place = self.memory(self.v.args[info.operand_values[number]], "A" in constraint)
        elif kind == ASM_IMMEDIATE:
            place = self.immediate(self.v.args[info.operand_values[number]])
        else:
            assert kind == ASM_INPUT
            place = self.input(number, constraint)
        place.type = info.operand_types[number]
        self.places.append(place)

    def new_register(self, floating: bool) -> int:
        return self.s.new_register(ty.F64 if floating else ty.I64)

    def output(self, number: int, constraint: str) -> AssemblyPlace:
        s = self.s
        type = self.info.operand_types[number]
        value = self.results[self.info.operand_values[number]]
        place = AssemblyPlace(PLACE_REGISTER)
        wanted = value is not None and s.registers[value.id] >= 0
        own = s.registers[value.id] if value is not None and wanted else -1
        register = self.fixed_register(number)
        if register >= 0:
            place.register = register
            self.defines.append(register)
            if wanted:
                if (type > ty.PTR) == (register >= F0):
                    self.after.append((own, register))
                else:
                    self.cross.append((own, register, type))
            return place
        floating = wants_float(letters_of(constraint), type)
        place.define = len(self.defines)
        if wanted and (type > ty.PTR) == floating:
            self.defines.append(own)
        else:
            made = self.new_register(floating)
            self.defines.append(made)
            if wanted:
                self.cross.append((own, made, type))
        if "&" in constraint:
            self.early |= 1 << place.define
        return place

    def input(self, number: int, constraint: str) -> AssemblyPlace:
        value = self.v.args[self.info.operand_values[number]]
        letters = letters_of(constraint)
        if letters.isdigit():
            return self.tied(int(letters), value)
        place = AssemblyPlace(PLACE_REGISTER)
        register = self.fixed_register(number)
        if register >= 0:
            place.register = register
            self.before.append((register, self.in_bank(value, register >= F0)))
            self.uses.append(register)
            return place
        stripped = strip(value)
        if immediate_allowed(letters, stripped):
            return self.immediate(stripped)
        place.use = len(self.uses)
        self.uses.append(self.in_bank(value, wants_float(letters, self.info.operand_types[number])))
        return place

    def in_bank(self, value: Value, floating: bool) -> int:
        """A register with the value, in the bank that the constraint asks for."""
        s = self.s
        source = s.use(value)
        if (value.type > ty.PTR) == floating:
            return source
        register = self.new_register(floating)
        if floating:
            s.rr(x.FMV_D_X if ty.size(value.type) == 8 else x.FMV_W_X, register, source)
        else:
            s.rr(x.FMV_X_D if value.type == ty.F64 else x.FMV_X_W, register, source)
        return register

    def tied(self, number: int, value: Value) -> AssemblyPlace:
        """An input in the register of output `number`."""
        output = self.places[number]
        place = AssemblyPlace(PLACE_REGISTER)
        if output.kind == PLACE_MEMORY:
            raise self.fail("matching constraint refers to a memory operand")
        if output.register >= 0:
            place.register = output.register
            self.before.append((output.register, self.in_bank(value, output.register >= F0)))
            self.uses.append(output.register)
        else:
            register = self.defines[output.define]
            self.before.append((register, self.in_bank(value, self.s.machine.classes[register - 64] != 0)))
            place.use = len(self.uses)
            self.uses.append(register)
        return place

    def memory(self, pointer: Value, bare: bool) -> AssemblyPlace:
        """offset(base); objects in the frame by their address, because the offset may not fit in the end."""
        s = self.s
        place = AssemblyPlace(PLACE_MEMORY)
        memory = MachineInstruction(NOTHING)
        parts = s.use_address(pointer)
        memory.base = parts.base
        memory.displacement = parts.displacement
        if parts.base < 64 or bare and parts.displacement:
            base = s.new_register(ty.PTR)
            if parts.symbol is not None:
                s.symbol_address(parts.symbol, parts.symbol_offset, base)
            elif parts.frame_slot >= 0:
                s.slot_address(parts.frame_slot, parts.displacement, base)
            else:
                s.add_number(base, parts.base, parts.displacement)
            memory.base = base
            memory.displacement = 0
        place.use = len(self.uses)
        self.uses.append(memory.base)
        place.memory = memory
        return place

    def immediate(self, value: Value) -> AssemblyPlace:
        value = strip(value)
        place = AssemblyPlace(PLACE_IMMEDIATE)
        memory = MachineInstruction(NOTHING)
        offset = 0
        while value.op == op.PTRADD and value.args[1].op == op.CONST:
            offset += value.args[1].imm
            value = strip(value.args[0])
        if value.op == op.CONST:
            memory.imm = value.imm + offset
        elif value.op == op.ADDRESS:
            memory.symbol = value.symbol
            memory.symbol_offset = value.imm + offset
        elif value.op == op.LABEL_ADDRESS and value.target is not None:
            memory.label = self.s.blocks[value.target.id].label
        elif value.op == op.ZEXT or value.op == op.SEXT or value.op == op.TRUNC:
            return self.immediate(value.args[0])
        else:
            raise self.fail("impossible constraint in 'asm'")
        place.memory = memory
        return place

    def clobbers(self) -> int:
        mask = 0
        for name in self.info.clobbers:
            register = REGISTER_NUMBERS.get(name.lstrip("%"), -2)
            if register == -2:
                raise self.fail(f"unknown register name '{name}' in 'asm'")
            if register >= 0 and register != SP:
                if self.busy >> register & 1:
                    raise self.fail("'asm' operand has impossible constraints")
                mask |= 1 << register
        return mask


def letters_of(constraint: str) -> str:
    """Constraint letters of all alternatives."""
    return "".join(letter for letter in constraint if letter not in "=+&%*?!#, ^$")


def wants_float(letters: str, type: int) -> bool:
    if "f" in letters:
        return type > ty.PTR or not any(letter in "rg" for letter in letters)
    return type > ty.PTR and "X" in letters


def immediate_allowed(letters: str, value: Value) -> bool:
    """The optimizer found a constant for an operand that may be one."""
    if value.op != op.CONST or value.type > ty.PTR:
        return False
    number = value.imm
    for letter in letters:
        if letter in "ing":
            return True
        if letter == "I" and imm12(number):
            return True
        if letter == "J" and number == 0:
            return True
        if letter == "K" and 0 <= number <= 31:
            return True
    return False


def assembly(s: RiscvBase, v: Value) -> None:
    info = v.asm
    assert info is not None
    AsmSelector(s, v, info).run()
