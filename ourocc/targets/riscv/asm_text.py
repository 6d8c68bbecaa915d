"""Writes the operands of an inline assembly statement into its template.

In: an INLINE_ASSEMBLY instruction after register allocation and frame layout.  Out: text for the assembler or for -S.
Modifiers (gcc manual, "RISC-V Operand Modifiers"): %z prints zero for the constant 0, %i an i for an immediate.
"""

from ourocc.machine.instruction import (
    PLACE_IMMEDIATE,
    PLACE_LABEL,
    PLACE_MEMORY,
    AssemblyPlace,
    MachineInstruction,
)
from ourocc.machine.target import AssemblyTextError
from ourocc.targets.riscv.registers import NAMES


def assembly_text(instruction: MachineInstruction, number: int) -> str:
    """The statement's text; `number` is what %= stands for."""
    info = instruction.assembly
    assert info is not None
    template = info.template
    if info.basic:
        return template
    out: list[str] = []
    at = 0
    size = len(template)
    while at < size:
        percent = template.find("%", at)
        if percent < 0:
            out.append(template[at:])
            break
        out.append(template[at:percent])
        at = percent + 1
        if at >= size:
            raise AssemblyTextError("invalid 'asm': template ends in '%'")
        letter = template[at]
        if letter == "%":
            out.append(letter)
            at += 1
        elif letter == "=":
            out.append(str(number))
            at += 1
        else:
            modifier = ""
            if letter.isalpha():
                modifier = letter
                at += 1
            start = at
            while at < size and template[at].isdigit():
                at += 1
            if start == at:
                # not an operand: %lo(symbol) and its kin
                out.append("%" + modifier)
                continue
            index = int(template[start:at])
            places = instruction.places
            if places is None or index >= len(places):
                raise AssemblyTextError("invalid 'asm': operand number out of range")
            out.append(operand_text(instruction, places[index], modifier))
    return "".join(out)


def operand_text(instruction: MachineInstruction, place: AssemblyPlace, modifier: str) -> str:
    if place.kind == PLACE_LABEL:
        assert place.label is not None
        return place.label.name
    memory = place.memory
    if place.kind == PLACE_IMMEDIATE:
        assert memory is not None
        if modifier == "i":
            return "i"
        if memory.symbol is not None:
            offset = memory.symbol_offset
            return f"{memory.symbol.name}{offset:+d}" if offset else memory.symbol.name
        if memory.label is not None:
            return memory.label.name
        return "zero" if modifier == "z" and memory.imm == 0 else str(memory.imm)
    if place.kind == PLACE_MEMORY:
        assert memory is not None
        return f"{memory.displacement}({NAMES[instruction.uses[place.use]]})"
    if modifier == "i":
        return ""
    register = place.register
    if register < 0:
        register = instruction.defines[place.define] if place.define >= 0 else instruction.uses[place.use]
    return NAMES[register]
