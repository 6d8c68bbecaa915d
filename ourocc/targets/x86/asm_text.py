"""Writes the operands of an inline assembly statement into its template (gcc manual, "x86 Operand Modifiers").

In: an INLINE_ASSEMBLY instruction after register allocation and frame layout.  Out: text for the assembler or for -S.
"""

from typing import Final

from ourocc.ir import types as ty
from ourocc.machine.instruction import (
    PLACE_IMMEDIATE,
    PLACE_LABEL,
    PLACE_MEMORY,
    SYMBOL_TPOFF,
    AssemblyPlace,
    MachineInstruction,
)
from ourocc.machine.target import AssemblyTextError
from ourocc.targets.x86.registers import (
    FS,
    NAMES8,
    NAMES8_HIGH,
    NAMES16,
    NAMES32,
    NAMES64,
    RIP,
    ST0,
    XMM0,
)

_SUFFIXES: Final = {1: "b", 2: "w", 4: "l", 8: "q"}


def assembly_text(instruction: MachineInstruction, number: int) -> str:
    """The statement's text; `number` is what %= stands for."""
    info = instruction.assembly
    assert info is not None
    if info.basic:
        return info.template
    template = choose_dialect(info.template)
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
        if letter in "%{}|":
            out.append(letter)
            at += 1
        elif letter == "=":
            out.append(str(number))
            at += 1
        elif letter == ";" or letter == "*":
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
                raise AssemblyTextError("invalid 'asm': operand number missing after %-letter")
            index = int(template[start:at])
            places = instruction.places
            if places is None or index >= len(places):
                raise AssemblyTextError("invalid 'asm': operand number out of range")
            out.append(operand_text(instruction, places[index], modifier))
    return "".join(out)


def choose_dialect(template: str) -> str:
    """{att|intel}: the first alternative."""
    if "{" not in template:
        return template
    out: list[str] = []
    at = 0
    while at < len(template):
        letter = template[at]
        if letter == "%" and at + 1 < len(template):
            out.append(template[at : at + 2])
            at += 2
            continue
        if letter == "{":
            end = at + 1
            bar = -1
            while end < len(template) and template[end] != "}":
                if template[end] == "%":
                    end += 1
                elif template[end] == "|" and bar < 0:
                    bar = end
                end += 1
            out.append(template[at + 1 : bar if bar >= 0 else end])
            at = end + 1
            continue
        out.append(letter)
        at += 1
    return "".join(out)


def operand_text(instruction: MachineInstruction, place: AssemblyPlace, modifier: str) -> str:
    if place.kind == PLACE_LABEL:
        assert place.label is not None
        return place.label.name
    if place.kind == PLACE_IMMEDIATE:
        return immediate_text(place, modifier)
    if place.kind == PLACE_MEMORY:
        if modifier == "z":
            return suffix(place.type)
        return memory_text(instruction, place, modifier)
    register = place.register
    if register < 0:
        register = instruction.defines[place.define] if place.define >= 0 else instruction.uses[place.use]
    if modifier == "z":
        return suffix(place.type)
    if modifier == "a":
        return f"(%{NAMES64[register]})"
    if modifier == "A":
        return f"*%{NAMES64[register]}"
    name = register_text(register, place.type, modifier)
    return name[1:] if modifier == "V" else name


def suffix(type: int) -> str:
    return _SUFFIXES.get(ty.size(type), "")


def register_text(register: int, type: int, modifier: str) -> str:
    if register >= ST0:
        return "%st" if register == ST0 else f"%st({register - ST0})"
    if register >= XMM0:
        return f"%{'y' if modifier == 't' else 'x'}mm{register - XMM0}"
    if modifier == "h":
        if register > 3:
            raise AssemblyTextError("extended registers have no high halves")
        return "%" + NAMES8_HIGH[register]
    size = {"b": 1, "w": 2, "k": 4, "q": 8}.get(modifier, ty.size(type))
    table = NAMES8 if size == 1 else NAMES16 if size == 2 else NAMES32 if size == 4 else NAMES64
    return "%" + table[register]


def symbol_text(name: str, offset: int) -> str:
    if offset:
        return f"{name}{offset:+d}"
    return name


def immediate_text(place: AssemblyPlace, modifier: str) -> str:
    memory = place.memory
    assert memory is not None
    if memory.symbol is not None:
        text = symbol_text(memory.symbol.name, memory.symbol_offset)
        if modifier == "a":
            return text + "(%rip)"
    elif memory.label is not None:
        text = memory.label.name
    elif modifier == "n":
        text = str(-memory.imm)
    else:
        text = str(memory.imm)
    if modifier == "z":
        return suffix(place.type)
    if modifier in ("c", "P", "p", "l", "n", "a"):
        return text
    return "$" + text


def memory_text(instruction: MachineInstruction, place: AssemblyPlace, modifier: str) -> str:
    memory = place.memory
    assert memory is not None
    base = instruction.uses[place.use] if place.use >= 0 else memory.base
    index = instruction.uses[place.index_use] if place.index_use >= 0 else memory.index
    displacement = memory.displacement + (8 if modifier == "H" else 0)
    text = "%fs:" if memory.segment == FS else ""
    if memory.symbol is not None:
        name = memory.symbol.name
        if memory.symbol_kind == SYMBOL_TPOFF:
            name += "@tpoff"
        text += symbol_text(name, memory.symbol_offset + displacement)
        if modifier == "P":
            return text
    elif displacement or (base < 0 and index < 0):
        text += str(displacement)
    if base == RIP:
        return text + "(%rip)"
    if base < 0 and index < 0:
        return text
    inner = f"%{NAMES64[base]}" if base >= 0 else ""
    if index >= 0:
        inner += f",%{NAMES64[index]},{memory.scale}"
    return f"{text}({inner})"
