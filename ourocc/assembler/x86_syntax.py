"""AT&T syntax of x86-64: operands, the choice of an opcode, relocation modifiers.

The mnemonic index gives the opcodes that a mnemonic may mean, and the templates by which the printer writes them say
which operands each takes; the first one whose operands match wins.  A signature (one code an operand) makes that a
dictionary look-up the second time.
"""

import re
from typing import Final, final

from ourocc.assembler.assembler import Assembler
from ourocc.assembler.directives_data import split_operands
from ourocc.assembler.expression import SIMPLE_NUMBER, ExpressionParser, evaluate
from ourocc.assembler.symbols import AssemblyError
from ourocc.assembler.target import TargetAssembler
from ourocc.ir.function import Symbol as Reference
from ourocc.machine import instruction as machine
from ourocc.machine.emit import BranchWriter
from ourocc.machine.instruction import Label, MachineInstruction
from ourocc.objects import model
from ourocc.targets.generated import x86_opcodes as op
from ourocc.targets.generated.x86_encodings import IMMEDIATE, SPECIAL
from ourocc.targets.generated.x86_mnemonics import MNEMONICS
from ourocc.targets.x86 import encode as x86
from ourocc.targets.x86 import vex
from ourocc.targets.x86.printer import ALL_TEMPLATES
from ourocc.targets.x86.registers import (
    DWARF_NUMBERS,
    NAMES8,
    NAMES8_HIGH,
    NAMES16,
    NAMES32,
    NAMES64,
    RIP,
    RSP,
)

REGISTER: Final = 0
IMMEDIATE_OPERAND: Final = 1
MEMORY: Final = 2

KINDS: Final = {
    "PLT": machine.SYMBOL_PLT, "GOTPCREL": machine.SYMBOL_GOT, "TPOFF": machine.SYMBOL_TPOFF,
    "GOTTPOFF": machine.SYMBOL_GOTTPOFF, "TLSGD": machine.SYMBOL_TLSGD, "TLSLD": machine.SYMBOL_TLSLD,
    "DTPOFF": machine.SYMBOL_DTPOFF, "SIZE": machine.SYMBOL_SIZE, "TLSDESC": machine.SYMBOL_TLSDESC,
    "GOT": machine.SYMBOL_GOT,
}  # fmt: skip
PREFIXES: Final = {
    "lock": op.PREFIX_LOCK, "rep": op.PREFIX_REP, "repe": op.PREFIX_REP, "repz": op.PREFIX_REP,
    "repne": op.PREFIX_REPNE, "repnz": op.PREFIX_REPNE, "data16": op.PREFIX_DATA16, "addr32": op.PREFIX_ADDR32,
    "cs": op.PREFIX_CS, "ds": op.PREFIX_DS, "es": op.PREFIX_ES, "ss": op.PREFIX_SS, "fs": op.PREFIX_FS,
    "gs": op.PREFIX_GS, "rex64": op.PREFIX_REX64, "rex.w": op.PREFIX_REX64, "rex": op.PREFIX_REX, "bnd": op.PREFIX_REPNE,
    "notrack": op.PREFIX_DS, "xacquire": op.PREFIX_REPNE, "xrelease": op.PREFIX_REP,
}  # fmt: skip
STRINGS: Final = ("movs", "cmps", "stos", "lods", "scas", "ins", "outs")
STRING_MNEMONIC: Final = re.compile(r"(movs|cmps|stos|lods|scas|ins|outs)[bwlqd]?$")
SHIFTS: Final = re.compile(r"(?:rol|ror|rcl|rcr|shl|sal|shr|sar)[bwlq]?$")
COMPARE: Final = re.compile(r"cmp(eq|lt|le|unord|neq|nlt|nle|ord)([ps][sd])$")
COMPARISONS: Final = ("eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord")
# Mnemonics whose size is 64 bits (or the x87's short one) when nothing says it
DEFAULT_SIZE: Final = re.compile(
    r"(?:push|pop|call|jmp|ret|lret|iret|sysret|enter|leave|f\w+|lcall|ljmp|nop|s[lgi]dt|smsw|str|cvtsi2s[sd]|sysexit)$"
)
EXPRESSION_WORD: Final = re.compile(r"[A-Za-z_.$][\w.$]*$")


def make_registers() -> dict[str, tuple[str, int]]:
    """Name to class letter (see printer.py) and number."""
    table: dict[str, tuple[str, int]] = {}
    for letter, names in (("q", NAMES64), ("d", NAMES32), ("w", NAMES16), ("b", NAMES8)):
        for number, name in enumerate(names):
            table[name] = (letter, number)
    for number, name in enumerate(NAMES8_HIGH):
        table[name] = ("b", 60 + number)
    for number in range(16):
        table[f"xmm{number}"] = ("x", 16 + number)
        table[f"ymm{number}"] = ("y", 16 + number)
        table[f"cr{number}"] = ("c", number)
        table[f"db{number}"] = ("g", number)
        table[f"dr{number}"] = ("g", number)
    for number in range(8):
        table[f"st({number})"] = ("t", 32 + number)
        table[f"mm{number}"] = ("m", 48 + number)
    table["st"] = ("t", 32)
    for number, name in enumerate(("es", "cs", "ss", "ds", "fs", "gs")):
        table[name] = ("s", 42 + number)
    table["rip"] = ("q", RIP)
    table["eip"] = ("d", RIP)
    return table


REGISTERS: Final = make_registers()
REGISTER_OPERANDS: Final[dict[str, "Operand"]] = {}
# Registers that some forms name literally
LITERAL: Final = ("al", "ax", "eax", "rax", "cl", "dx", "st", "xmm0", "fs", "gs")


@final
class Operand:
    """A parsed operand; `code` is its part of the signature."""

    def __init__(self, kind: int, code: str) -> None:
        self.kind = kind
        self.code = code
        self.star = False
        self.number = 0  # register, immediate or displacement
        self.reference: Reference | None = None
        self.label: Label | None = None  # when the expression is a plain label of this section, or may become one
        self.symbol_kind = machine.SYMBOL_NONE
        self.modifier = ""
        self.base = machine.NO_REGISTER
        self.index = machine.NO_REGISTER
        self.scale = 1
        self.segment = 0
        self.vector_index = ""  # "x" or "y": the index is a vector register (gathers)


@final
class MnemonicIndex:
    """The index, split on first use, and the cache of matches."""

    def __init__(self) -> None:
        self.lines: dict[str, str] = {}
        self.matches: dict[str, list[int]] = {}

    def find(self, mnemonic: str) -> str | None:
        if not self.lines:
            for line in MNEMONICS.split("\n"):
                name, _, numbers = line.partition("\t")
                self.lines[name] = numbers
        return self.lines.get(mnemonic)

    def match(self, mnemonic: str, numbers: str, signature: str) -> list[int]:
        """The opcodes of the mnemonic that take operands of this signature."""
        key = f"{mnemonic}\t{signature}"
        found = self.matches.get(key)
        if found is None:
            found = [
                int(number)
                for number in numbers.split()
                if number[0] != "=" and template_matches(ALL_TEMPLATES.get(int(number)), signature)
            ]
            self.matches[key] = found
        return found


INDEX: Final = MnemonicIndex()


def template_matches(template: str, signature: str) -> bool:
    operands = template.partition("\t")[2]
    if not operands or not signature:
        return not operands and not signature
    wanted = operands.split(",")
    given = signature.split(",")
    if len(wanted) != len(given):
        return False
    return all(code_matches(want, code) for want, code in zip(wanted, given, strict=True))


def code_matches(wanted: str, code: str) -> bool:
    """Operand codes: a register is "letter" or "%name:letter", I immediate, M memory, A bare address, * in front."""
    if wanted[0] == "*" or code[0] == "*":
        if wanted[0] != code[0]:
            return False
        wanted, code = wanted[1:], code[1:]
    first = wanted[0]
    if first.isdigit():
        return code[-1] == wanted[1] and code not in ("M", "A", "I")
    if first == "%":
        return code.partition(":")[0] == wanted
    if first in "IE$":
        return code == "I"
    if first == "J":
        return code == "A"
    return code in ("M", "A")


def parse_register(text: str) -> tuple[str, int]:
    """Class letter and number of %name."""
    name = text[1:].strip().lower().replace(" ", "")
    found = REGISTERS.get(name)
    if found is None:
        raise AssemblyError(f"bad register name `{text}'")
    return found


def register_operand(text: str) -> Operand:
    """The operand for %name; those without a star are shared."""
    found = REGISTER_OPERANDS.get(text)
    if found is not None:
        return found
    letter, number = parse_register(text)
    name = text[1:].strip().lower().replace(" ", "")
    if name == "st(0)":
        name = "st"
    operand = Operand(REGISTER, f"%{name}:{letter}" if name in LITERAL else letter)
    operand.number = number
    REGISTER_OPERANDS[text] = operand
    return operand


def starred(operand: Operand) -> Operand:
    """A copy of a register operand with the star of an indirect target."""
    copy = Operand(operand.kind, "*" + operand.code)
    copy.number = operand.number
    copy.star = True
    return copy


def set_expression(a: Assembler, operand: Operand, text: str) -> None:
    """Number, or symbol plus number, or a stand-in for what is known at the end."""
    if SIMPLE_NUMBER.match(text):
        operand.number = int(text)
        return
    parser = ExpressionParser(text, a.symbols)
    expression = parser.parse()
    a.check_end(parser)
    operand.modifier = parser.modifier
    if parser.modifier:
        operand.symbol_kind = KINDS.get(parser.modifier, machine.SYMBOL_NONE)
    value = evaluate(expression, False)
    if value is not None and value.constant():
        number = value.number
        operand.number = number - (1 << 64) if number >> 63 == 1 else number
    elif value is not None and value.minus is None and value.plus is not None:
        operand.reference = value.plus.reference()
        operand.number = value.number
        operand.label = value.plus.label
    else:
        operand.reference = a.pending(expression, parser.modifier)


def parse_operand(a: Assembler, text: str) -> Operand:
    star = text.startswith("*")
    if star:
        text = text[1:].lstrip()
    if not text:
        raise AssemblyError("missing operand")
    first = text[0]
    if first == "$":
        operand = Operand(IMMEDIATE_OPERAND, "I")
        set_expression(a, operand, text[1:].strip())
        return operand
    if first == "%" and ":" not in text:
        operand = register_operand(text)
        return starred(operand) if star else operand
    elif text.replace(" ", "").lower() == "(%dx)":
        operand = register_operand("%dx")  # a port in in and out
    else:
        if EXPRESSION_WORD.match(text):
            equated = a.symbols.by_name.get(text)
            if equated is not None and equated.register:
                return parse_operand(a, ("*" if star else "") + equated.register)
        operand = parse_memory(a, text)
    if star:
        operand.star = True
        operand.code = "*" + operand.code
    return operand


def address_register(a: Assembler, text: str) -> tuple[str, int]:
    text = text.strip()
    if not text.startswith("%"):
        equated = a.symbols.by_name.get(text)
        if equated is None or not equated.register:
            raise AssemblyError(f"bad register name `{text}'")
        text = equated.register
    letter, number = parse_register(text)
    if letter not in "qd":
        raise AssemblyError(f"`{text}' is not a valid base/index expression")
    return letter, number


def parse_memory(a: Assembler, text: str) -> Operand:
    """segment:displacement(base,index,scale), each part optional."""
    operand = Operand(MEMORY, "A")
    if text[0] == "%":
        name, _, text = text.partition(":")
        letter, operand.segment = parse_register(name)
        if letter != "s":
            raise AssemblyError(f"bad segment register `{name}'")
        operand.code = "M"
        text = text.strip()
    displacement = text
    if text.endswith(")"):
        opening = matching_bracket(text)
        inner = text[opening + 1 : -1].strip()
        if inner[:1] in ("%", ",") or is_register_alias(a, inner):
            displacement = text[:opening].strip()
            operand.code = "M"
            parse_address(a, operand, inner)
    if displacement:
        set_expression(a, operand, displacement)
        if operand.code == "M" and not -0x80000000 <= operand.number <= 0xFFFFFFFF:
            raise AssemblyError(f"{hex(operand.number)} is not a valid 32-bit displacement")
    elif operand.code == "A":
        raise AssemblyError(f"missing operand in `{text}'")
    return operand


def is_register_alias(a: Assembler, inner: str) -> bool:
    symbol = a.symbols.by_name.get(inner.split(",")[0].strip())
    return symbol is not None and symbol.register != ""


def matching_bracket(text: str) -> int:
    """Where the bracket opens that the last character closes."""
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        if text[position] == ")":
            depth += 1
        elif text[position] == "(":
            depth -= 1
            if depth == 0:
                return position
    raise AssemblyError(f"unbalanced parenthesis in operand `{text}'")


def parse_address(a: Assembler, operand: Operand, inner: str) -> None:
    parts = inner.split(",")
    if inner.startswith("%st(") or len(parts) > 3:
        raise AssemblyError(f"`({inner})' is not a valid base/index expression")
    narrow = False
    if parts[0].strip():
        letter, operand.base = address_register(a, parts[0])
        narrow = letter == "d"
    if len(parts) > 1 and parts[1].strip():
        if parts[1].strip()[0].isdigit() and len(parts) == 2:
            operand.scale = a.constant(parts[1])
        else:
            vector = parse_register(parts[1].strip()) if parts[1].strip().startswith("%") else ("", 0)
            if vector[0] in ("x", "y"):
                operand.vector_index, operand.index = vector[0], vector[1] - 16
            else:
                letter, operand.index = address_register(a, parts[1])
                narrow = letter == "d"
            if operand.index == RSP and not operand.vector_index:
                if len(parts) > 2 and a.constant(parts[2]) != 1:
                    raise AssemblyError(f"`({inner})' is not a valid base/index expression")
                operand.base, operand.index = operand.index, operand.base
    if len(parts) > 2 and parts[2].strip():
        operand.scale = a.constant(parts[2])
        if operand.scale not in (1, 2, 4, 8):
            raise AssemblyError(f"expecting scale factor of 1, 2, 4, or 8: got `{parts[2].strip()}'")
    if operand.base == RIP and operand.index != machine.NO_REGISTER or operand.index == RIP:
        raise AssemblyError(f"`({inner})' is not a valid base/index expression")
    if narrow:
        operand.segment |= x86.ADDRESS_32


def immediate_fits(opcode: int, number: int) -> bool:
    size = IMMEDIATE[opcode]
    if size == 1:
        return -128 <= number <= 255
    if size == 2:
        return -32768 <= number <= 65535
    if size == 4:
        if SPECIAL[opcode] & x86.SPECIAL_IMMEDIATE_SIGNED:
            return -0x80000000 <= number <= 0x7FFFFFFF
        return -0x80000000 <= number <= 0xFFFFFFFF
    return size == 8


def choose(a: Assembler, mnemonic: str, candidates: list[int], operands: list[Operand]) -> int:
    """The first candidate whose immediate fits."""
    for candidate in candidates:
        if all(
            operand.kind != IMMEDIATE_OPERAND or operand.reference is not None or immediate_fits(candidate, operand.number)
            for operand in operands
        ):
            return candidate
    if candidates and IMMEDIATE[candidates[0]] <= 2:
        a.warning(f"immediate of `{mnemonic}' is truncated to {IMMEDIATE[candidates[0]]} byte(s)")
        return candidates[0]
    raise AssemblyError(f"operand type mismatch for `{mnemonic}'")


def fill(instruction: MachineInstruction, operands: list[Operand]) -> None:
    """Put parsed operands into the slots that the template names."""
    codes = ALL_TEMPLATES.get(instruction.op).partition("\t")[2].split(",")
    has_memory = False
    for code, operand in zip(codes, operands, strict=True):
        code = code.lstrip("*")
        first = code[0]
        if first.isdigit():
            if first == "0":
                instruction.r0 = operand.number
            elif first == "1":
                instruction.r1 = operand.number
            else:
                instruction.r2 = operand.number
        elif first == "M":
            has_memory = True
            instruction.base, instruction.index = operand.base, operand.index
            instruction.scale, instruction.segment = operand.scale, operand.segment
            instruction.displacement = operand.number
            instruction.symbol = operand.reference
            instruction.symbol_kind = operand.symbol_kind
        elif first == "J":
            instruction.displacement = operand.number
            instruction.symbol = operand.reference
            instruction.symbol_kind = operand.symbol_kind
            if instruction.op in (op.JMP, op.JCC) and operand.symbol_kind == machine.SYMBOL_NONE:
                instruction.label = operand.label
        elif first == "E":
            instruction.displacement = operand.number
    for code, operand in zip(codes, operands, strict=True):
        if code != "I":
            continue
        if operand.reference is None:
            instruction.imm = operand.number
        elif has_memory:
            instruction.immediate_symbol = operand.reference
            instruction.imm = operand.number
        else:
            instruction.symbol = operand.reference
            instruction.symbol_kind = operand.symbol_kind
            instruction.symbol_offset = operand.number


@final
class X86Assembler(TargetAssembler):
    """GNU as for x86-64."""

    machine = model.EM_X86_64

    def new_branches(self) -> BranchWriter:
        return x86.X86Branches()

    def instruction(self, assembler: Assembler, mnemonic: str, operands: str) -> None:
        mnemonic = mnemonic.lower()
        prefix = PREFIXES.get(mnemonic)
        if prefix is not None and (operands or mnemonic not in ("fs", "gs")):
            if not operands:
                x86.encode(MachineInstruction(prefix), assembler.symbols.buffer)
                return
            following, _, rest = operands.partition(" ")
            following, tab, more = following.partition("\t")
            rest = (more + " " + rest if tab else rest).strip()
            combined = f"{canonical_prefix(mnemonic, following)} {following.lower()}"
            if INDEX.find(combined) is not None and self.try_locked(assembler, combined, rest):
                return
            x86.encode(MachineInstruction(prefix), assembler.symbols.buffer)
            self.instruction(assembler, following, rest)
            return
        self.encode(assembler, mnemonic, operands)

    def try_locked(self, a: Assembler, combined: str, rest: str) -> bool:
        """A row that carries its prefix, when the operands fit it."""
        operands = [parse_operand(a, text) for text in split_operands(rest)] if rest else []
        if STRING_MNEMONIC.match(combined.split()[1]):
            operands = []
        numbers = INDEX.find(combined)
        assert numbers is not None
        candidates = INDEX.match(combined, numbers, ",".join(operand.code for operand in operands))
        if not candidates:
            return False
        self.emit(a, choose(a, combined, candidates, operands), numbers, operands)
        return True

    def encode(self, a: Assembler, mnemonic: str, text: str) -> None:
        operands = [parse_operand(a, part) for part in split_operands(text)] if text else []
        numbers = INDEX.find(mnemonic)
        if numbers is None and self.encode_vex(a, mnemonic, operands):
            return
        if numbers is None or (operands and STRING_MNEMONIC.match(mnemonic)) or mnemonic in ("movsd", "cmpsd", "in", "int"):
            mnemonic, operands = special_mnemonic(mnemonic, text, operands)
            numbers = INDEX.find(mnemonic)
            if numbers is None:
                raise AssemblyError(f"no such instruction: `{(mnemonic + ' ' + text).strip()}'")
        signature = ",".join(operand.code for operand in operands)
        candidates = INDEX.match(mnemonic, numbers, signature)
        if not candidates:
            operands = rearranged(mnemonic, operands)
            signature = ",".join(operand.code for operand in operands)
            candidates = INDEX.match(mnemonic, numbers, signature)
            if not candidates:
                raise AssemblyError(f"operand type mismatch for `{mnemonic}'")
        if len(candidates) > 1 and is_ambiguous(mnemonic, operands, candidates):
            raise AssemblyError("no instruction mnemonic suffix given and no register operands; can't size instruction")
        self.emit(a, choose(a, mnemonic, candidates, operands), numbers, operands)

    def encode_vex(self, a: Assembler, mnemonic: str, operands: list[Operand]) -> bool:
        """An instruction of `targets/x86/vex.py`; False when the mnemonic is none."""
        if not vex.VEX.find(mnemonic):
            return False
        memory = MachineInstruction(0)
        gather = ""
        found: list[vex.VexOperand] = []
        for operand in reversed(operands):
            if operand.kind == REGISTER:
                found.append(vex.VexOperand(operand.code[-1], operand.number))
            elif operand.kind == IMMEDIATE_OPERAND:
                if operand.reference is not None:
                    raise AssemblyError(f"the immediate of `{mnemonic}' must be a number")
                found.append(vex.VexOperand("I", operand.number))
            else:
                found.append(vex.VexOperand("M", 0))
                memory.base, memory.index, memory.scale = operand.base, operand.index, operand.scale
                memory.segment, memory.displacement = operand.segment, operand.number
                memory.symbol, memory.symbol_kind = operand.reference, operand.symbol_kind
                gather = operand.vector_index
        if gather and "gather" not in mnemonic:
            raise AssemblyError(f"`{mnemonic}' takes no vector register as index")
        if not vex.encode(mnemonic, found, memory, a.symbols.buffer, gather):
            raise AssemblyError(f"operand type mismatch for `{mnemonic}'")
        return True

    def emit(self, a: Assembler, opcode: int, numbers: str, operands: list[Operand]) -> None:
        instruction = MachineInstruction(opcode)
        if numbers[0] == "=":
            instruction.condition = int(numbers[1:].partition(" ")[0])
        if operands:
            fill(instruction, operands)
            for operand in operands:
                if operand.vector_index:
                    raise AssemblyError("a vector register is no index of this instruction")
                if operand.modifier and operand.symbol_kind == machine.SYMBOL_NONE:
                    if operand.modifier == "TLSCALL":
                        a.symbols.buffer.relocate(35, operand.reference, 0)
                        instruction.symbol = None
                        continue
                    raise AssemblyError(f"relocation `@{operand.modifier}' is not supported here")
        x86.encode(instruction, a.symbols.buffer)

    def is_thread_local(self, type: int) -> bool:
        return 16 <= type <= 23 or type in (34, 35)

    def table_relocation(self, type: int) -> tuple[int, int]:
        """GOTPC32 and GOTPC64 are relative to the place; for a plain movabs, to the start of the instruction."""
        if type == x86.R_PC32:
            return 26, 0
        if type == x86.R_PC64:
            return 29, 0
        return (29, 2) if type == x86.R_64 else (type, 0)

    def data_relocation(self, size: int, relative: bool, modifier: str) -> int:
        if modifier:
            return DATA_MODIFIERS.get((modifier, size), -1)
        if relative:
            return {8: x86.R_PC64, 4: x86.R_PC32, 2: x86.R_PC16, 1: x86.R_PC8}.get(size, -1)
        return {8: x86.R_64, 4: x86.R_32, 2: x86.R_16, 1: x86.R_8}.get(size, -1)

    def relative_size(self, type: int) -> int:
        return {x86.R_PC32: 4, x86.R_PLT32: 4, x86.R_PC8: 1, x86.R_PC16: 2, x86.R_PC64: 8}.get(type, 0)

    def absolute_size(self, type: int) -> int:
        return {x86.R_64: 8, x86.R_32: 4, x86.R_32S: 4, x86.R_16: 2, x86.R_8: 1}.get(type, 0)

    def section_type(self, type: int) -> int:
        return x86.R_PC32 if type == x86.R_PLT32 else type

    def relocation_number(self, name: str) -> int:
        if not name.startswith("R_X86_64_") or name[9:] not in RELOCATION_NAMES:
            return -1
        return RELOCATION_NAMES.index(name[9:])

    def keeps_symbol(self, type: int) -> bool:
        return type in KEEPS_SYMBOL

    def frame_register(self, name: str) -> int:
        name = name.lower()
        if name in NAMES64:
            return DWARF_NUMBERS[NAMES64.index(name)]
        if name == "rip":
            return 16
        if name.startswith("xmm") and name[3:].isdigit():
            return 17 + int(name[3:])
        if name == "st":
            return 33
        if name.startswith("st(") and name[4:] == ")" and name[3] in "01234567":
            return 33 + int(name[3])
        return {"eflags": 49, "mxcsr": 64, "fs": 54, "gs": 55, "fs.base": 58, "gs.base": 59}.get(name, -1)


DATA_MODIFIERS: Final = {
    ("PLT", 4): x86.R_PLT32, ("GOTPCREL", 4): x86.R_GOTPCREL, ("GOT", 4): x86.R_GOT32, ("TPOFF", 4): x86.R_TPOFF32,
    ("TPOFF", 8): x86.R_TPOFF64, ("DTPOFF", 4): x86.R_DTPOFF32, ("DTPOFF", 8): x86.R_DTPOFF64,
    ("GOTTPOFF", 4): x86.R_GOTTPOFF, ("SIZE", 4): x86.R_SIZE32, ("SIZE", 8): x86.R_SIZE64, ("TLSGD", 4): x86.R_TLSGD,
    ("TLSLD", 4): x86.R_TLSLD, ("GOTOFF", 8): 25, ("GOT", 8): 27, ("GOTPCREL", 8): 28, ("GOTPLT", 8): 30,
    ("PLTOFF", 8): 31,
}  # fmt: skip
# psABI table 4.9, by number
RELOCATION_NAMES: Final = (
    "NONE", "64", "PC32", "GOT32", "PLT32", "COPY", "GLOB_DAT", "JUMP_SLOT", "RELATIVE", "GOTPCREL", "32", "32S", "16",
    "PC16", "8", "PC8", "DTPMOD64", "DTPOFF64", "TPOFF64", "TLSGD", "TLSLD", "DTPOFF32", "GOTTPOFF", "TPOFF32", "PC64",
    "GOTOFF64", "GOTPC32", "GOT64", "GOTPCREL64", "GOTPC64", "GOTPLT64", "PLTOFF64", "SIZE32", "SIZE64",
    "GOTPC32_TLSDESC", "TLSDESC_CALL", "TLSDESC", "IRELATIVE", "RELATIVE64", "?39", "?40", "GOTPCRELX", "REX_GOTPCRELX",
)  # fmt: skip
KEEPS_SYMBOL: Final = (
    x86.R_GOT32, x86.R_GOTPCREL, x86.R_GOTPCRELX, x86.R_REX_GOTPCRELX, x86.R_TPOFF32, x86.R_TPOFF64, x86.R_DTPOFF32,
    x86.R_DTPOFF64, x86.R_GOTTPOFF, x86.R_TLSGD, x86.R_TLSLD, x86.R_SIZE32, x86.R_SIZE64, x86.R_GOTPC32_TLSDESC, 35, 25,
    27, 28, 30, 31,
)  # fmt: skip


def canonical_prefix(prefix: str, mnemonic: str) -> str:
    """The spelling under which the index has a string instruction with its prefix."""
    if prefix in ("rep", "repe", "repz"):
        return "repe" if mnemonic.lower()[:4] in ("cmps", "scas") else "rep"
    return "repne" if prefix in ("repne", "repnz") else prefix


def special_mnemonic(mnemonic: str, text: str, operands: list[Operand]) -> tuple[str, list[Operand]]:
    """Mnemonics with their own rules: compare predicates, string instructions with operands, ports, int $3."""
    match = COMPARE.match(mnemonic)
    if match is not None:
        predicate = Operand(IMMEDIATE_OPERAND, "I")
        predicate.number = COMPARISONS.index(match.group(1))
        return "cmp" + match.group(2), [predicate, *operands]
    if not operands and mnemonic in ("movsd", "cmpsd"):
        return mnemonic[:4] + "l", []
    if mnemonic == "int" and len(operands) == 1 and operands[0].number == 3 and operands[0].reference is None:
        return "int3", []
    match = STRING_MNEMONIC.match(mnemonic)
    if match is not None and operands and all(is_string_operand(operand) for operand in operands):
        letter = mnemonic[len(match.group(1)) :]
        if not letter:
            sizes = [operand.code[-1] for operand in operands if operand.kind == REGISTER]
            if not sizes:
                raise AssemblyError("no instruction mnemonic suffix given and no register operands; can't size instruction")
            letter = {"b": "b", "w": "w", "d": "l", "q": "q"}[sizes[0]]
        return match.group(1) + ("l" if letter == "d" else letter), []
    return mnemonic, operands


def is_string_operand(operand: Operand) -> bool:
    """(%rsi), %es:(%rdi), (%dx), or the accumulator"""
    if operand.kind == REGISTER:
        return operand.number == 0 and operand.code[-1] in "bwdq"
    return operand.kind == MEMORY and operand.base in (6, 7) and operand.index == machine.NO_REGISTER


def rearranged(mnemonic: str, operands: list[Operand]) -> list[Operand]:
    """Operand lists that AT&T syntax allows beside the table's."""
    if len(operands) == 1 and SHIFTS.match(mnemonic):
        one = Operand(IMMEDIATE_OPERAND, "I")
        one.number = 1
        return [one, operands[0]]
    if len(operands) == 2:
        if mnemonic.startswith("imul") and operands[0].kind == IMMEDIATE_OPERAND:
            return [operands[0], operands[1], operands[1]]
        if mnemonic.startswith(("test", "xchg")):
            return [operands[1], operands[0]]
        if mnemonic.startswith(("shld", "shrd")):
            count = Operand(REGISTER, "%cl:b")
            count.number = 1
            return [count, operands[0], operands[1]]
    return operands


def is_ambiguous(mnemonic: str, operands: list[Operand], candidates: list[int]) -> bool:
    """A memory operand without a register beside it, and forms of several sizes to choose from."""
    if any(operand.kind == REGISTER and operand.code not in ("%cl:b", "%dx:w") for operand in operands):
        return False
    if not any(operand.kind == MEMORY for operand in operands) or DEFAULT_SIZE.match(mnemonic):
        return False
    names = {ALL_TEMPLATES.get(candidate).partition("\t")[0] for candidate in candidates}
    return len(names) > 1
