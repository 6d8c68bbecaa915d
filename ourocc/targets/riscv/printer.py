"""Print RISC-V machine instructions as assembly text, for -S and the disassembler.

Templates in `generated/riscv_text.py`: mnemonic, tab, operands with commas.  Codes: a digit and x or f is a register
operand; imm, shamt, csr, zimm, pred, target, symbol, offset(rs1) and (rs1) are what they say.
"""

from typing import Final

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
    MachineInstruction,
)
from ourocc.targets.generated.riscv_encodings import ROUNDED
from ourocc.targets.generated.riscv_text import TEMPLATES
from ourocc.targets.riscv.registers import NAMES

FIRST_OPCODE: Final = 32
ROUNDING: Final = ("", "rne", "rtz", "rdn", "rup", "rmm")
MODIFIERS: Final = {
    SYMBOL_HIGH: "%hi", SYMBOL_LOW: "%lo", SYMBOL_PCREL_HIGH: "%pcrel_hi", SYMBOL_PCREL_LOW: "%pcrel_lo",
    SYMBOL_TPREL_HIGH: "%tprel_hi", SYMBOL_TPREL_LOW: "%tprel_lo", SYMBOL_TPREL_ADD: "%tprel_add",
    SYMBOL_GOT_HIGH: "%got_pcrel_hi", SYMBOL_TLS_GOT_HIGH: "%tls_ie_pcrel_hi", SYMBOL_TLS_GD_HIGH: "%tls_gd_pcrel_hi",
}  # fmt: skip
# Mnemonics of the table that assembly text spells otherwise
SPELLING: Final = {"la.got": "la", "call.reg": "jalr"}


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
    if number >= 64:
        return f"v{number}"
    return NAMES[number & 31 | (32 if letter == "f" else 0)]


def symbol_text(instruction: MachineInstruction) -> str:
    """The symbol or label with its modifier."""
    if instruction.symbol is not None:
        text = instruction.symbol.name
    elif instruction.label is not None:
        text = instruction.label.name or f".L{instruction.label.id}"
    else:
        return hex(instruction.displacement)
    addend = instruction.symbol_offset + (instruction.displacement if instruction.symbol is None else 0)
    if addend:
        text += f"{addend:+d}"
    modifier = MODIFIERS.get(instruction.symbol_kind, "")
    return f"{modifier}({text})" if modifier else text


def ordering_text(bits: int) -> str:
    return "".join(letter for index, letter in enumerate("iorw") if bits >> (3 - index) & 1) or "0"


def operand_text(code: str, instruction: MachineInstruction) -> str:
    if code[0].isdigit():
        numbers = (instruction.r0, instruction.r1, instruction.r2, instruction.r3)
        return register_name(numbers[int(code[0])], code[1])
    symbolic = instruction.symbol is not None or instruction.label is not None
    if code == "imm":
        return symbol_text(instruction) if symbolic else str(instruction.imm)
    if code in ("shamt", "csr"):
        return str(instruction.imm)
    if code == "zimm":
        return str(instruction.displacement)
    if code == "pred":
        return f"{ordering_text(instruction.imm >> 4)},{ordering_text(instruction.imm & 15)}"
    if code == "(rs1)":
        return f"({register_name(instruction.base, 'x')})"
    if code == "offset(rs1)":
        offset = symbol_text(instruction) if symbolic else str(instruction.displacement)
        return f"{offset}({register_name(instruction.base, 'x')})"
    return symbol_text(instruction)


def format_instruction(instruction: MachineInstruction) -> str:
    """The instruction as one line of assembly text without indentation: mnemonic, tab, operands."""
    mnemonic, _, operands = ALL_TEMPLATES.get(instruction.op).partition("\t")
    mnemonic = SPELLING.get(mnemonic, mnemonic)
    texts = [operand_text(code, instruction) for code in operands.split(",")] if operands else []
    if instruction.symbol_kind == SYMBOL_TPREL_ADD:
        texts.append(symbol_text(instruction))
    if ROUNDED[instruction.op] and instruction.condition:
        texts.append(ROUNDING[instruction.condition])
    return mnemonic + ("\t" + ",".join(texts) if texts else "")
