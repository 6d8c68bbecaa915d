"""Disassembly of code in the form of objdump -d: one line an instruction, from the rows that encode it.

`disassemble` is for the tools that show code; it needs the bytes, their address, and the names of addresses.
"""

from typing import Final, final

from ourocc.machine.instruction import NO_REGISTER, MachineInstruction
from ourocc.objects import model
from ourocc.targets.generated.x86_encodings import IMMEDIATE, SPECIAL
from ourocc.targets.x86 import printer as x86
from ourocc.targets.x86.decode import Decoded, Decoder
from ourocc.targets.x86.encode import SPECIAL_IMMEDIATE_SIGNED

WITHOUT_SUFFIX: Final = ("push", "pop", "call", "jmp", "ret", "leave", "pushf", "popf", "enter", "lret", "ljmp", "lcall")
KEEPS_SUFFIX: Final = ("f", "movz", "movs")  # a register operand does not tell the size of the other operand
MINIMUM_WIDTH: Final = 6


@final
class Line:
    """One instruction, or bytes that are none ("(bad)")."""

    def __init__(self, address: int, data: bytes, text: str) -> None:
        self.address = address
        self.data = data
        self.text = text


@final
class Names:
    """Symbol names by address: `describe` gives <name+offset> as objdump does."""

    def __init__(self, addresses: dict[int, str]) -> None:
        self.addresses = addresses
        self.sorted = sorted(addresses)

    def describe(self, address: int) -> str:
        low, high = 0, len(self.sorted)
        while low < high:
            middle = (low + high) // 2
            if self.sorted[middle] <= address:
                low = middle + 1
            else:
                high = middle
        if low == 0:
            return ""
        base = self.sorted[low - 1]
        name = self.addresses[base]
        return f" <{name}>" if base == address else f" <{name}+{address - base:#x}>"


def hexadecimal(value: int) -> str:
    return f"-{-value:#x}" if value < 0 else f"{value:#x}"


def x86_memory(instruction: MachineInstruction, explicit: bool) -> str:
    saved = instruction.displacement
    instruction.displacement = 0
    text = x86.memory_text(instruction)
    instruction.displacement = saved
    bare = instruction.base == NO_REGISTER and instruction.index == NO_REGISTER
    segment = ""
    if ":" in text:
        segment, _, text = text.partition(":")
        segment += ":"
    if bare:
        return f"{segment}{saved & 0xFFFFFFFFFFFFFFFF:#x}"
    return segment + (hexadecimal(saved) if explicit else "") + text


def x86_operand(code: str, instruction: MachineInstruction, explicit: bool) -> str:
    star = "*" if code[0] == "*" else ""
    code = code.lstrip("*")
    if code[0] == "M":
        return star + x86_memory(instruction, explicit)
    if code[0] == "I":
        value = instruction.imm
        if value < 0:
            width = 64 if SPECIAL[instruction.op] & SPECIAL_IMMEDIATE_SIGNED else IMMEDIATE[instruction.op] * 8
            value &= (1 << width) - 1
        return f"${value:#x}"
    if code[0] == "E":
        return f"${instruction.displacement:#x}"
    if code == "0t":
        return f"%st({instruction.r0 & 7})"
    if code == "%dx":
        return "(%dx)"
    return star + x86.operand_text(code, instruction, False)


# String instructions are shown with the operands that they imply; "#" is the accumulator
STRINGS: Final = {
    "movs": "%ds:(%rsi),%es:(%rdi)", "cmps": "%es:(%rdi),%ds:(%rsi)", "stos": "#,%es:(%rdi)", "lods": "%ds:(%rsi),#",
    "scas": "%es:(%rdi),#", "ins": "(%dx),%es:(%rdi)", "outs": "%ds:(%rsi),(%dx)",
}  # fmt: skip
PREDICATES: Final = ("eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord")
ACCUMULATORS: Final = {"b": "%al", "w": "%ax", "l": "%eax", "q": "%rax"}
REPEATS: Final = {"repe": "repz", "repne": "repnz"}


def string_text(mnemonic: str) -> str:
    """A string instruction with its operands; "" for another one."""
    prefix, blank, name = mnemonic.rpartition(" ")
    operands = STRINGS.get(name[:-1])
    if operands is None:
        return ""
    shown = name if "#" not in operands else name[:-1]
    operands = operands.replace("#", ACCUMULATORS[name[-1]])
    repeat = REPEATS.get(prefix, prefix) + blank
    return f"{repeat}{shown:<{MINIMUM_WIDTH if not repeat else 0}} {operands}"


def x86_text(decoded: Decoded, names: Names) -> str:
    """The instruction in objdump's AT&T style."""
    instruction = decoded.instruction
    mnemonic, _, operands = x86.ALL_TEMPLATES.get(instruction.op).partition("\t")
    if not operands:
        strings = string_text(mnemonic)
        if strings:
            return strings
    codes = operands.split(",") if operands else []
    if decoded.by_one:
        codes = codes[1:]
    base, bar, suffix = mnemonic.partition("|")
    sized = any(code.lstrip("*")[0].isdigit() or code in ("%al", "%ax", "%eax", "%rax") for code in codes)
    if base.startswith("cvtsi2") and "M" in codes:
        sized = False
    if bar and (base.startswith(KEEPS_SUFFIX) or not (sized or base in WITHOUT_SUFFIX)):
        base += suffix
    base = base.replace("{cc}", x86.CONDITIONS[instruction.condition])
    if base in ("cmpps", "cmppd", "cmpss", "cmpsd") and instruction.imm < 8:
        base = "cmp" + PREDICATES[instruction.imm] + base[3:]
        codes = codes[1:]
    if codes == ["J"]:
        return f"{base:<{MINIMUM_WIDTH}} {decoded.target:x}{names.describe(decoded.target)}"
    text = ",".join(x86_operand(code, instruction, decoded.has_displacement) for code in codes)
    if decoded.has_target:
        text += f"        # {decoded.target:x}{names.describe(decoded.target)}"
    return f"{base:<{MINIMUM_WIDTH}} {text}".rstrip()


def disassemble_x86(data: bytes, address: int, names: Names) -> list[Line]:
    lines: list[Line] = []
    decoder = Decoder(data, address)
    position = 0
    while position < len(data):
        decoded = decoder.decode(position)
        if decoded is None:
            lines.append(Line(address + position, data[position : position + 1], "(bad)"))
            position += 1
            continue
        text = x86_text(decoded, names)
        if decoded.prefixes == ["data16"] and text == "nop":
            text = "xchg   %ax,%ax"
        elif decoded.prefixes == ["ds"] and text.startswith(("jmp", "call")):
            text = "notrack " + " ".join(text.split(None, 1))
        elif decoded.prefixes:
            text = " ".join(decoded.prefixes + text.split(None, 1))
        lines.append(Line(address + position, data[position : position + decoded.size], text))
        position += decoded.size
    return lines


def disassemble_riscv(data: bytes, address: int, names: Names) -> list[Line]:
    from ourocc.targets.riscv.decode import Decoder as RiscvDecoder
    from ourocc.targets.riscv.printer import format_instruction

    lines: list[Line] = []
    decoder = RiscvDecoder(data, address)
    position = 0
    while position < len(data):
        decoded = decoder.decode(position)
        if decoded is None:
            size = 2 if data[position] & 3 != 3 else 4
            word = data[position : position + size]
            lines.append(Line(address + position, word, f".{size}byte {int.from_bytes(word, 'little'):#x}"))
            position += size
            continue
        text = format_instruction(decoded.instruction)
        if decoded.has_target:
            text += names.describe(decoded.target)
        lines.append(Line(address + position, data[position : position + decoded.size], text))
        position += decoded.size
    return lines


def disassemble(machine: int, data: bytes, address: int, addresses: dict[int, str]) -> list[Line]:
    """The instructions of `data`, which stands at `address`; `addresses` names places for branch targets."""
    names = Names(addresses)
    if machine == model.EM_X86_64:
        return disassemble_x86(data, address, names)
    if machine == model.EM_RISCV:
        return disassemble_riscv(data, address, names)
    raise ValueError(f"no disassembler for machine {machine}")
