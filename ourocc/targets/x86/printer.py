"""Print x86-64 machine instructions in AT&T syntax, as -S and the disassembler show them.

Every opcode has a template in `generated/x86_text.py`: mnemonic with a bar before its size
suffix, tab, operands with commas.  Operand codes: a digit
and a letter, register operand of that class (b w d q x, t x87, m MMX, s segment, c control, g debug); M memory; I
immediate (E enter's second); J branch target; `*` stands before indirect targets, anything with % or $ is literal.
"""

from typing import Final

from ourocc.machine.instruction import (
    NO_REGISTER,
    SYMBOL_DTPOFF,
    SYMBOL_GOT,
    SYMBOL_GOTTPOFF,
    SYMBOL_PLT,
    SYMBOL_SIZE,
    SYMBOL_TLSDESC,
    SYMBOL_TLSGD,
    SYMBOL_TLSLD,
    SYMBOL_TPOFF,
    MachineInstruction,
)
from ourocc.targets.generated.x86_text import TEMPLATES
from ourocc.targets.x86.encode import ADDRESS_32
from ourocc.targets.x86.registers import NAMES8, NAMES8_HIGH, NAMES16, NAMES32, NAMES64, RIP

FIRST_OPCODE: Final = 32
CONDITIONS: Final = ("o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g")
SEGMENTS: Final = ("es", "cs", "ss", "ds", "fs", "gs")
MODIFIERS: Final = {
    SYMBOL_GOT: "@GOTPCREL", SYMBOL_PLT: "@PLT", SYMBOL_TPOFF: "@TPOFF", SYMBOL_GOTTPOFF: "@GOTTPOFF",
    SYMBOL_TLSGD: "@TLSGD", SYMBOL_TLSLD: "@TLSLD", SYMBOL_DTPOFF: "@DTPOFF", SYMBOL_SIZE: "@SIZE",
    SYMBOL_TLSDESC: "@TLSDESC",
}  # fmt: skip


class Templates:
    """The templates, split on first use."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def get(self, opcode: int) -> str:
        if not self.lines:
            self.lines = TEMPLATES.split("\n")
        return self.lines[opcode - FIRST_OPCODE] if opcode >= FIRST_OPCODE else f"pseudo{opcode}"


ALL_TEMPLATES: Final = Templates()


def register_name(number: int, letter: str) -> str:
    """The name of a register operand, with %; virtual registers print as %v12."""
    if number >= 64:
        return f"%v{number}"
    if letter == "q":
        return "%" + NAMES64[number] if number < 16 else "%rip" if number == RIP else f"%?{number}"
    if letter == "d":
        return "%" + NAMES32[number] if number < 16 else "%eip"
    if letter == "w":
        return "%" + NAMES16[number]
    if letter == "b":
        return "%" + (NAMES8_HIGH[number - 60] if number >= 60 else NAMES8[number])
    if letter == "x":
        return f"%xmm{number & 15}"
    if letter == "t":
        return f"%st({number & 7})" if number & 7 else "%st"
    if letter == "m":
        return f"%mm{number & 7}"
    if letter == "s":
        return "%" + SEGMENTS[number - 42]
    return f"%{'cr' if letter == 'c' else 'db'}{number}"


def symbol_text(name: str, kind: int, addend: int) -> str:
    """A symbol with its relocation modifier and addend."""
    text = name + MODIFIERS.get(kind, "")
    if addend:
        text += f"{addend:+d}"
    return text


def memory_text(instruction: MachineInstruction) -> str:
    """segment:displacement(base,index,scale)."""
    text = ""
    segment = instruction.segment & 63
    if segment:
        text = f"%{SEGMENTS[segment - 42]}:"
    letter = "d" if instruction.segment & ADDRESS_32 else "q"
    if instruction.symbol is not None:
        addend = instruction.displacement + instruction.symbol_offset
        text += symbol_text(instruction.symbol.name, instruction.symbol_kind, addend)
    elif instruction.label is not None:
        text += symbol_text(label_text(instruction), 0, instruction.displacement)
    elif instruction.displacement or (instruction.base == NO_REGISTER and instruction.index == NO_REGISTER):
        text += str(instruction.displacement)
    if instruction.base == NO_REGISTER and instruction.index == NO_REGISTER:
        return text
    text += "("
    if instruction.base != NO_REGISTER:
        text += register_name(instruction.base, letter)
    if instruction.index != NO_REGISTER:
        text += f",{register_name(instruction.index, letter)},{instruction.scale}"
    return text + ")"


def label_text(instruction: MachineInstruction) -> str:
    label = instruction.label
    if label is None:
        return "?"
    return label.name or f".L{label.id}"


def target_text(instruction: MachineInstruction) -> str:
    """Where a branch goes."""
    if instruction.symbol is not None:
        addend = instruction.symbol_offset + instruction.displacement
        return symbol_text(instruction.symbol.name, instruction.symbol_kind, addend)
    if instruction.label is not None:
        return symbol_text(label_text(instruction), 0, instruction.displacement)
    return hex(instruction.displacement)


def immediate_text(instruction: MachineInstruction, has_memory: bool) -> str:
    if instruction.immediate_symbol is not None:
        return "$" + symbol_text(instruction.immediate_symbol.name, 0, instruction.imm)
    if instruction.symbol is not None and not has_memory:
        return "$" + symbol_text(instruction.symbol.name, instruction.symbol_kind, instruction.symbol_offset)
    return f"${instruction.imm}"


def operand_text(code: str, instruction: MachineInstruction, has_memory: bool) -> str:
    """One operand of the template."""
    star = ""
    if code[0] == "*":
        star, code = "*", code[1:]
    first = code[0]
    if first.isdigit():
        number = (instruction.r0, instruction.r1, instruction.r2, instruction.r3)[int(first)]
        return star + register_name(number, code[1])
    if first == "M":
        return star + memory_text(instruction)
    if first == "I":
        return immediate_text(instruction, has_memory)
    if first == "E":
        return f"${instruction.displacement}"
    if first == "J":
        return target_text(instruction)
    return code


def format_instruction(instruction: MachineInstruction) -> str:
    """The instruction as one line of assembly text without indentation: mnemonic, tab, operands."""
    mnemonic, _, operands = ALL_TEMPLATES.get(instruction.op).partition("\t")
    mnemonic = mnemonic.replace("|", "")
    if "{" in mnemonic:
        mnemonic = mnemonic.replace("{cc}", CONDITIONS[instruction.condition])
    if not operands:
        return mnemonic
    codes = operands.split(",")
    has_memory = "M" in codes or "*M" in codes
    return mnemonic + "\t" + ", ".join(operand_text(code, instruction, has_memory) for code in codes)
