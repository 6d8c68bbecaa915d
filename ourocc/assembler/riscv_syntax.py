"""RISC-V assembly syntax: operands, pseudo-instructions, relocation functions, .option and .attribute.

Most pseudo-instructions are rewritten to text of the table's instructions by `ALIASES`; those that need a hidden label
(la, call, loads of a symbol) have opcodes of their own.  Code is not relaxed by the linker: no R_RISCV_RELAX is written,
so differences of labels are known here.
"""

import re
from typing import Final, final

from ourocc.assembler.assembler import Assembler
from ourocc.assembler.directives_data import split_operands, strings
from ourocc.assembler.expression import ExpressionParser, evaluate
from ourocc.assembler.symbols import AssemblyError
from ourocc.assembler.target import TargetAssembler
from ourocc.ir.function import Symbol as Reference
from ourocc.machine import instruction as machine
from ourocc.machine.emit import BranchWriter
from ourocc.machine.instruction import Label, MachineInstruction
from ourocc.objects import model
from ourocc.objects.dwarf_target import uleb128
from ourocc.targets.generated import riscv_opcodes as op
from ourocc.targets.generated.riscv_encodings import ROUNDED
from ourocc.targets.riscv import encode as riscv
from ourocc.targets.riscv.compressed import compress
from ourocc.targets.riscv.printer import ALL_TEMPLATES, ROUNDING
from ourocc.targets.riscv.registers import NAMES

SHT_RISCV_ATTRIBUTES: Final = 0x70000003
EF_FLOAT_ABI_DOUBLE: Final = 4
EF_RVC: Final = 1

# (mnemonic, number of operands): what it stands for; several statements are separated by ";"
ALIASES: Final = {
    ("nop", 0): "addi zero,zero,0", ("not", 2): "xori {0},{1},-1", ("neg", 2): "sub {0},zero,{1}",
    ("negw", 2): "subw {0},zero,{1}", ("sext.w", 2): "addiw {0},{1},0", ("sext.b", 2): "slli {0},{1},56;srai {0},{0},56",
    ("sext.h", 2): "slli {0},{1},48;srai {0},{0},48", ("zext.b", 2): "andi {0},{1},255",
    ("zext.h", 2): "slli {0},{1},48;srli {0},{0},48", ("zext.w", 2): "slli {0},{1},32;srli {0},{0},32",
    ("seqz", 2): "sltiu {0},{1},1", ("snez", 2): "sltu {0},zero,{1}", ("sltz", 2): "slt {0},{1},zero",
    ("sgtz", 2): "slt {0},zero,{1}", ("sgt", 3): "slt {0},{2},{1}", ("sgtu", 3): "sltu {0},{2},{1}",
    ("beqz", 2): "beq {0},zero,{1}", ("bnez", 2): "bne {0},zero,{1}", ("blez", 2): "bge zero,{0},{1}",
    ("bgez", 2): "bge {0},zero,{1}", ("bltz", 2): "blt {0},zero,{1}", ("bgtz", 2): "blt zero,{0},{1}",
    ("bgt", 3): "blt {1},{0},{2}", ("ble", 3): "bge {1},{0},{2}", ("bgtu", 3): "bltu {1},{0},{2}",
    ("bleu", 3): "bgeu {1},{0},{2}", ("jal", 1): "jal ra,{0}", ("jr", 2): "jalr zero,{0},{1}",
    ("fabs.s", 2): "fsgnjx.s {0},{1},{1}", ("fabs.d", 2): "fsgnjx.d {0},{1},{1}",
    ("fneg.s", 2): "fsgnjn.s {0},{1},{1}", ("fneg.d", 2): "fsgnjn.d {0},{1},{1}", ("fgt.s", 3): "flt.s {0},{2},{1}",
    ("fgt.d", 3): "flt.d {0},{2},{1}", ("fge.s", 3): "fle.s {0},{2},{1}", ("fge.d", 3): "fle.d {0},{2},{1}",
    ("fmv.x.s", 2): "fmv.x.w {0},{1}", ("fmv.s.x", 2): "fmv.w.x {0},{1}",
    ("csrr", 2): "csrrs {0},{1},zero", ("csrw", 2): "csrrw zero,{0},{1}", ("csrs", 2): "csrrs zero,{0},{1}",
    ("csrc", 2): "csrrc zero,{0},{1}", ("csrwi", 2): "csrrwi zero,{0},{1}", ("csrsi", 2): "csrrsi zero,{0},{1}",
    ("csrci", 2): "csrrci zero,{0},{1}", ("rdcycle", 1): "csrrs {0},cycle,zero", ("rdtime", 1): "csrrs {0},time,zero",
    ("rdinstret", 1): "csrrs {0},instret,zero", ("frcsr", 1): "csrrs {0},fcsr,zero", ("fscsr", 1): "csrrw zero,fcsr,{0}",
    ("fscsr", 2): "csrrw {0},fcsr,{1}", ("frrm", 1): "csrrs {0},frm,zero", ("fsrm", 1): "csrrw zero,frm,{0}",
    ("fsrm", 2): "csrrw {0},frm,{1}", ("fsrmi", 1): "csrrwi zero,frm,{0}", ("frflags", 1): "csrrs {0},fflags,zero",
    ("fsflags", 1): "csrrw zero,fflags,{0}", ("fsflags", 2): "csrrw {0},fflags,{1}",
    ("fsflagsi", 1): "csrrwi zero,fflags,{0}", ("fence", 0): "fence iorw,iorw", ("scall", 0): "ecall",
    ("sbreak", 0): "ebreak", ("sfence.vma", 0): "sfence.vma zero,zero", ("sfence.vma", 1): "sfence.vma {0},zero",
    ("move", 2): "mv {0},{1}",
    ("c.nop", 0): "addi zero,zero,0", ("c.addi", 2): "addi {0},{0},{1}", ("c.li", 2): "addi {0},zero,{1}",
    ("c.addiw", 2): "addiw {0},{0},{1}", ("c.lui", 2): "lui {0},{1}", ("c.mv", 2): "add {0},zero,{1}",
    ("c.add", 2): "add {0},{0},{1}", ("c.sub", 2): "sub {0},{0},{1}", ("c.xor", 2): "xor {0},{0},{1}",
    ("c.or", 2): "or {0},{0},{1}", ("c.and", 2): "and {0},{0},{1}", ("c.addw", 2): "addw {0},{0},{1}",
    ("c.subw", 2): "subw {0},{0},{1}", ("c.slli", 2): "slli {0},{0},{1}", ("c.srli", 2): "srli {0},{0},{1}",
    ("c.srai", 2): "srai {0},{0},{1}", ("c.andi", 2): "andi {0},{0},{1}", ("c.jr", 1): "jalr zero,{0},0",
    ("c.jalr", 1): "jalr ra,{0},0", ("c.ebreak", 0): "ebreak", ("c.addi16sp", 2): "addi {0},{0},{1}",
    ("c.addi4spn", 3): "addi {0},{1},{2}", ("c.lw", 2): "lw {0},{1}", ("c.ld", 2): "ld {0},{1}",
    ("c.sw", 2): "sw {0},{1}", ("c.sd", 2): "sd {0},{1}", ("c.lwsp", 2): "lw {0},{1}", ("c.ldsp", 2): "ld {0},{1}",
    ("c.swsp", 2): "sw {0},{1}", ("c.sdsp", 2): "sd {0},{1}", ("c.fld", 2): "fld {0},{1}", ("c.fsd", 2): "fsd {0},{1}",
    ("c.fldsp", 2): "fld {0},{1}", ("c.fsdsp", 2): "fsd {0},{1}",
}  # fmt: skip
# Mnemonics that also take an immediate as last operand
IMMEDIATE_FORMS: Final = {
    "add": "addi", "and": "andi", "or": "ori", "xor": "xori", "sll": "slli", "srl": "srli", "sra": "srai", "slt": "slti",
    "sltu": "sltiu", "addw": "addiw", "sllw": "slliw", "srlw": "srliw", "sraw": "sraiw",
}  # fmt: skip
FUNCTIONS: Final = {
    "hi": machine.SYMBOL_HIGH, "lo": machine.SYMBOL_LOW, "pcrel_hi": machine.SYMBOL_PCREL_HIGH,
    "pcrel_lo": machine.SYMBOL_PCREL_LOW, "tprel_hi": machine.SYMBOL_TPREL_HIGH, "tprel_lo": machine.SYMBOL_TPREL_LOW,
    "tprel_add": machine.SYMBOL_TPREL_ADD, "got_pcrel_hi": machine.SYMBOL_GOT_HIGH,
    "tls_ie_pcrel_hi": machine.SYMBOL_TLS_GOT_HIGH, "tls_gd_pcrel_hi": machine.SYMBOL_TLS_GD_HIGH,
}  # fmt: skip
STATUS_REGISTERS: Final = {
    "fflags": 1, "frm": 2, "fcsr": 3, "cycle": 0xC00, "time": 0xC01, "instret": 0xC02, "sstatus": 0x100, "sie": 0x104,
    "stvec": 0x105, "scounteren": 0x106, "senvcfg": 0x10A, "sscratch": 0x140, "sepc": 0x141, "scause": 0x142,
    "stval": 0x143, "sbadaddr": 0x143, "sip": 0x144, "stimecmp": 0x14D, "satp": 0x180, "sptbr": 0x180, "mstatus": 0x300,
    "misa": 0x301, "medeleg": 0x302, "mideleg": 0x303, "mie": 0x304, "mtvec": 0x305, "mcounteren": 0x306,
    "menvcfg": 0x30A, "mcountinhibit": 0x320, "mscratch": 0x340, "mepc": 0x341, "mcause": 0x342, "mtval": 0x343,
    "mbadaddr": 0x343, "mip": 0x344, "pmpcfg0": 0x3A0, "pmpcfg2": 0x3A2, "mcycle": 0xB00, "minstret": 0xB02,
    "mvendorid": 0xF11, "marchid": 0xF12, "mimpid": 0xF13, "mhartid": 0xF14, "tselect": 0x7A0, "tdata1": 0x7A1,
    "tdata2": 0x7A2, "tdata3": 0x7A3, "dcsr": 0x7B0, "dpc": 0x7B1, "vl": 0xC20, "vtype": 0xC21, "vlenb": 0xC22,
}  # fmt: skip
FUNCTION: Final = re.compile(r"%(\w+)\s*\((.*)\)\s*$", re.DOTALL)
MEMORY: Final = re.compile(r"(.*?)\(\s*([A-Za-z]\w*)\s*\)$", re.DOTALL)
ATTRIBUTES: Final = {"stack_align": 4, "arch": 5, "unaligned_access": 6, "priv_spec": 8, "priv_spec_minor": 10, "priv_spec_revision": 12}


def make_registers() -> dict[str, int]:
    table = {name: number for number, name in enumerate(NAMES)}
    for number in range(32):
        table[f"x{number}"] = number
        table[f"f{number}"] = 32 + number
    table["fp"] = 8
    return table


REGISTERS: Final = make_registers()


@final
class MnemonicIndex:
    """Mnemonic to opcode, made on first use."""

    def __init__(self) -> None:
        self.opcodes: dict[str, int] = {}

    def find(self, mnemonic: str) -> int:
        if not self.opcodes:
            for opcode in range(op.FIRST_OPCODE, op.OPCODE_COUNT):
                self.opcodes[ALL_TEMPLATES.get(opcode).partition("\t")[0]] = opcode
            self.opcodes["la.got"] = op.LA_GOT
        return self.opcodes.get(mnemonic, -1)


INDEX: Final = MnemonicIndex()


@final
class SymbolicOperand:
    """A number, or a symbol with its relocation function."""

    def __init__(self) -> None:
        self.number = 0
        self.reference: Reference | None = None
        self.label: Label | None = None
        self.kind = machine.SYMBOL_NONE


def register(text: str) -> int:
    found = REGISTERS.get(text.strip().lower())
    if found is None:
        raise AssemblyError(f"illegal operands: `{text}' is not a register")
    return found


def symbolic(a: Assembler, text: str) -> SymbolicOperand:
    """An expression, perhaps inside %function(...)."""
    operand = SymbolicOperand()
    match = FUNCTION.match(text)
    if match is not None:
        name = match.group(1)
        if name not in FUNCTIONS:
            raise AssemblyError(f"unknown relocation function `%{name}'")
        operand.kind = FUNCTIONS[name]
        text = match.group(2)
    parser = ExpressionParser(text, a.symbols)
    expression = parser.parse()
    a.check_end(parser)
    value = evaluate(expression, False)
    if value is not None and value.constant():
        number = value.number
        if operand.kind in (machine.SYMBOL_HIGH, machine.SYMBOL_LOW):
            low = (number & 0xFFF) - (0x1000 if number & 0x800 else 0)
            number = low if operand.kind == machine.SYMBOL_LOW else number - low >> 12
            operand.kind = machine.SYMBOL_NONE
        operand.number = number - (1 << 64) if number >> 63 == 1 else number
    elif value is not None and value.minus is None and value.plus is not None:
        operand.reference = value.plus.reference()
        operand.number = value.number
        operand.label = value.plus.label
    else:
        raise AssemblyError("expression is neither a number nor a symbol and a number")
    return operand


def ordering(text: str) -> int:
    """iorw of fence."""
    text = text.strip().lower()
    if text.isdigit():
        return int(text) & 15
    if not text or text.strip("iorw"):
        raise AssemblyError(f"illegal operands: bad ordering `{text}'")
    return sum(1 << (3 - "iorw".index(letter)) for letter in set(text))


@final
class RiscvAssembler(TargetAssembler):
    """GNU as for RV64GC."""

    machine = model.EM_RISCV

    def __init__(self) -> None:
        self.position_independent = False
        self.has_compressed = False
        self.options: list[bool] = []
        self.attributes: dict[int, str] = {}

    def new_branches(self) -> BranchWriter:
        return riscv.RiscvBranches()

    def flags(self) -> int:
        return EF_FLOAT_ABI_DOUBLE | (EF_RVC if self.has_compressed else 0)

    def align_is_power(self) -> bool:
        return True

    def directive_aliases(self) -> dict[str, str]:
        return {".word": ".long", ".half": ".short", ".dword": ".quad"}

    def instruction(self, assembler: Assembler, mnemonic: str, operands: str) -> None:
        mnemonic = mnemonic.lower()
        parts = split_operands(operands) if operands else []
        self.assemble(assembler, mnemonic, parts)

    def assemble(self, a: Assembler, mnemonic: str, parts: list[str]) -> None:
        alias = ALIASES.get((mnemonic, len(parts)))
        if alias is not None:
            start = len(a.symbols.buffer.data)
            for statement in alias.split(";"):
                name, _, rest = statement.partition(" ")
                texts = [part.format(*parts) for part in rest.split(",")] if rest else []
                self.assemble(a, name, texts)
            if mnemonic.startswith("c."):
                self.compress_last(a, mnemonic, start)
            return
        if len(parts) == 3 and mnemonic in IMMEDIATE_FORMS and parts[2].lower() not in REGISTERS:
            mnemonic = IMMEDIATE_FORMS[mnemonic]
        if self.special(a, mnemonic, parts):
            return
        opcode = INDEX.find(mnemonic)
        if opcode < 0:
            raise AssemblyError(f"unrecognized opcode `{(mnemonic + ' ' + ','.join(parts)).strip()}'")
        instruction = MachineInstruction(opcode)
        self.fill(a, instruction, mnemonic, parts)
        riscv.encode(instruction, a.symbols.buffer)

    def compress_last(self, a: Assembler, mnemonic: str, start: int) -> None:
        """Replace the instruction at `start` by its compressed form."""
        data = a.symbols.buffer.data
        half = compress(int.from_bytes(data[start : start + 4], "little"))
        if not half or len(data) != start + 4:
            raise AssemblyError(f"illegal operands `{mnemonic}'")
        data[start:] = half.to_bytes(2, "little")
        self.has_compressed = True

    def fill(self, a: Assembler, instruction: MachineInstruction, mnemonic: str, parts: list[str]) -> None:
        """Operands by the opcode's template."""
        codes = ALL_TEMPLATES.get(instruction.op).partition("\t")[2].split(",")
        if codes == [""]:
            codes = []
        parts = list(parts)
        if codes == ["pred"] and len(parts) == 2:
            instruction.imm = ordering(parts[0]) << 4 | ordering(parts[1])
            return
        if len(parts) == len(codes) + 1:
            last = parts.pop()
            mode = last.lower()
            if ROUNDED[instruction.op] and mode and (mode == "dyn" or mode in ROUNDING):
                instruction.condition = 0 if mode == "dyn" else ROUNDING.index(mode)
            elif instruction.op == op.ADD and last.startswith("%tprel_add"):
                self.place(instruction, symbolic(a, last))
            else:
                raise AssemblyError(f"illegal operands `{mnemonic} {','.join([*parts, last])}'")
        if len(parts) != len(codes):
            raise AssemblyError(f"illegal operands `{(mnemonic + ' ' + ','.join(parts)).strip()}'")
        for code, part in zip(codes, parts, strict=True):
            self.operand(a, instruction, code, part)

    def operand(self, a: Assembler, instruction: MachineInstruction, code: str, part: str) -> None:
        if code[0].isdigit():
            number = register(part)
            if (number >= 32) != (code[1] == "f"):
                raise AssemblyError(f"illegal operands: `{part}' is of the wrong kind")
            if code[0] == "0":
                instruction.r0 = number
            elif code[0] == "1":
                instruction.r1 = number
            elif code[0] == "2":
                instruction.r2 = number
            else:
                instruction.r3 = number
        elif code.endswith("(rs1)"):
            match = MEMORY.match(part)
            if match is None:
                raise AssemblyError(f"illegal operands: `{part}' is not a memory operand")
            instruction.base = register(match.group(2))
            if match.group(1).strip():
                self.place(instruction, symbolic(a, match.group(1).strip()), True)
                if code == "(rs1)" and instruction.displacement:
                    raise AssemblyError("illegal operands: atomic instructions take no offset")
        elif code in ("target", "symbol"):
            operand = symbolic(a, part.replace("@plt", "").replace("@PLT", ""))
            instruction.symbol = operand.reference
            if code == "target" and instruction.op not in (op.JAL, op.J):
                instruction.label = operand.label
                instruction.displacement = operand.number
            else:
                instruction.symbol_offset = operand.number
        elif code == "csr":
            name = part.strip().lower()
            instruction.imm = STATUS_REGISTERS[name] if name in STATUS_REGISTERS else a.constant(part)
        elif code == "zimm":
            instruction.displacement = a.constant(part)
            if not 0 <= instruction.displacement <= 31:
                raise AssemblyError(f"improper CSRxI immediate ({instruction.displacement})")
        elif code == "shamt":
            instruction.imm = a.constant(part)
            limit = 31 if instruction.op in (op.SLLIW, op.SRLIW, op.SRAIW) else 63
            if not 0 <= instruction.imm <= limit:
                raise AssemblyError(f"improper shift amount ({instruction.imm})")
        else:
            self.place(instruction, symbolic(a, part))
            if instruction.op in (op.LUI, op.AUIPC) and instruction.symbol is None:
                if not -0x80000 <= instruction.imm <= 0xFFFFF:
                    raise AssemblyError("lui expression not in range 0..1048575")

    def place(self, instruction: MachineInstruction, operand: SymbolicOperand, memory: bool = False) -> None:
        """Put a symbolic operand into the immediate or the displacement."""
        instruction.symbol = operand.reference
        instruction.symbol_kind = operand.kind
        if operand.reference is not None:
            instruction.symbol_offset = operand.number
            if operand.kind == machine.SYMBOL_NONE:
                raise AssemblyError("illegal operands: a symbol needs %lo, %hi or the like here")
        elif memory:
            instruction.displacement = operand.number
        else:
            instruction.imm = operand.number

    def special(self, a: Assembler, mnemonic: str, parts: list[str]) -> bool:
        """Forms that the templates do not describe."""
        if mnemonic == "la":
            self.assemble(a, "la.got" if self.position_independent else "lla", parts)
        elif mnemonic in ("jalr", "jr") and len(parts) < 3:
            self.jump_register(a, mnemonic, parts)
        elif mnemonic in ("call", "tail") and len(parts) == 2:
            raise AssemblyError(f"`{mnemonic}' with a register is not supported")
        elif mnemonic == "jump" and len(parts) == 2:
            self.two_parts(a, register(parts[1]), parts[0], riscv.R_CALL_PLT, 0x67 | register(parts[1]) << 15, -1)
        elif mnemonic in GLOBAL_ACCESS and len(parts) in (2, 3) and "(" not in parts[1]:
            self.access_symbol(a, mnemonic, parts)
        else:
            return False
        return True

    def jump_register(self, a: Assembler, mnemonic: str, parts: list[str]) -> None:
        """jalr rs; jalr rd, rs; jalr rd, offset(rs); jr rs; jr offset(rs)"""
        link = "zero" if mnemonic == "jr" else "ra"
        if len(parts) == 2:
            link = parts[0]
        if not parts:
            raise AssemblyError(f"illegal operands `{mnemonic}'")
        match = MEMORY.match(parts[-1])
        if match is not None:
            self.assemble(a, "jalr", [link, match.group(2), match.group(1).strip() or "0"])
        else:
            self.assemble(a, "jalr", [link, parts[-1], "0"])

    def access_symbol(self, a: Assembler, mnemonic: str, parts: list[str]) -> None:
        """lw rd, symbol; sw rs, symbol, rt: auipc and the access relative to it."""
        opcode, is_store = GLOBAL_ACCESS[mnemonic]
        value = register(parts[0])
        scratch = register(parts[2]) if len(parts) == 3 else value
        if is_store:
            word = opcode | scratch << 15 | (value & 31) << 20
        else:
            word = opcode | (value & 31) << 7 | scratch << 15
        low = riscv.R_PCREL_LO12_S if is_store else riscv.R_PCREL_LO12_I
        self.two_parts(a, scratch, parts[1], riscv.R_PCREL_HI20, word, low)

    def two_parts(self, a: Assembler, scratch: int, text: str, high: int, word: int, low: int) -> None:
        """auipc scratch, symbol; then `word`, whose relocation `low` refers to it."""
        if scratch >= 32:
            raise AssemblyError("illegal operands: an integer register is needed for the address")
        operand = symbolic(a, text)
        buffer = a.symbols.buffer
        here = Label(-1)
        buffer.bind(here)
        buffer.relocate(high, operand.reference, operand.number)
        riscv.append(buffer, 0x17 | scratch << 7)
        if low >= 0:
            buffer.relocate(low, None, 0, here)
        riscv.append(buffer, word)

    # Directives

    def directive(self, assembler: Assembler, name: str, rest: str) -> bool:
        if name == ".option":
            self.option(assembler, rest.strip())
        elif name == ".attribute":
            self.attribute(assembler, rest)
        elif name in (".dtprelword", ".dtpreldword"):
            size = 4 if name == ".dtprelword" else 8
            operand = symbolic(assembler, rest)
            assembler.symbols.buffer.relocate(8 if size == 4 else 9, operand.reference, operand.number)
            assembler.symbols.buffer.data += bytes(size)
        elif name == ".variant_cc":
            assembler.symbols.symbol(rest.strip()).other = 0x80
        else:
            return False
        return True

    def option(self, a: Assembler, name: str) -> None:
        if name == "push":
            self.options.append(self.position_independent)
        elif name == "pop":
            if not self.options:
                raise AssemblyError(".option pop with no .option push")
            self.position_independent = self.options.pop()
        elif name in ("pic", "nopic"):
            self.position_independent = name == "pic"
        elif name not in ("rvc", "norvc", "relax", "norelax", "csr-check", "no-csr-check") and not name.startswith("arch"):
            a.warning(f"unrecognized .option directive: {name}")

    def attribute(self, a: Assembler, rest: str) -> None:
        name, _, value = rest.partition(",")
        name = name.strip().removeprefix("Tag_RISCV_").lower()
        tag = ATTRIBUTES[name] if name in ATTRIBUTES else a.constant(name)
        value = value.strip()
        self.attributes[tag] = strings(value)[0].decode() if value.startswith('"') else str(a.constant(value))

    def finish_object(self, obj: model.ObjectFile) -> None:
        """.riscv.attributes"""
        obj.flags = self.flags()
        if not self.attributes:
            return
        body = bytearray()
        for tag, value in sorted(self.attributes.items()):
            body += uleb128(tag)
            body += value.encode() + b"\0" if tag & 1 else uleb128(int(value))
        file_part = b"\x01" + (len(body) + 5).to_bytes(4, "little") + bytes(body)
        section = obj.section(".riscv.attributes", SHT_RISCV_ATTRIBUTES, 0, 1)
        section.data += b"A" + (len(file_part) + 10).to_bytes(4, "little") + b"riscv\0" + file_part

    # Relocations

    def data_relocation(self, size: int, relative: bool, modifier: str) -> int:
        if modifier:
            return -1
        if relative:
            return riscv.R_32_PCREL if size == 4 else -1
        return {8: riscv.R_64, 4: riscv.R_32}.get(size, -1)

    def relative_size(self, type: int) -> int:
        return 4 if type == riscv.R_32_PCREL else 0

    def absolute_size(self, type: int) -> int:
        return {riscv.R_64: 8, riscv.R_32: 4}.get(type, 0)

    def keeps_symbol(self, type: int) -> bool:
        return True  # as GNU as: linker relaxation may move what lies between a section's start and the symbol

    def difference_relocations(self, size: int) -> tuple[int, int]:
        index = {1: 0, 2: 1, 4: 2, 8: 3}.get(size, -1)
        return (riscv.R_ADD8 + index, riscv.R_SUB8 + index) if index >= 0 else (-1, -1)

    def patch_relative(self, data: bytearray, offset: int, type: int, distance: int) -> bool:
        """jal and branches to local labels are resolved here."""
        if type not in (riscv.R_JAL, riscv.R_BRANCH):
            return False
        message = riscv.RiscvBranches().patch(data, offset, distance)
        if message:
            raise AssemblyError(message)
        return True

    def frame_register(self, name: str) -> int:
        return REGISTERS.get(name.lower(), -1)


# Opcode bits of loads and stores that take a symbol, and whether it is a store
GLOBAL_ACCESS: Final = {
    "lb": (0x0003, False), "lh": (0x1003, False), "lw": (0x2003, False), "ld": (0x3003, False), "lbu": (0x4003, False),
    "lhu": (0x5003, False), "lwu": (0x6003, False), "flw": (0x2007, False), "fld": (0x3007, False),
    "sb": (0x0023, True), "sh": (0x1023, True), "sw": (0x2023, True), "sd": (0x3023, True), "fsw": (0x2027, True),
    "fsd": (0x3027, True),
}  # fmt: skip
