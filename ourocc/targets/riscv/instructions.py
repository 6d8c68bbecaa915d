"""The RV64GC instruction table: one row per instruction; formats own the field layout.

Input to `tools/instructions_riscv.py`, which writes opcodes, properties, encodings, templates and the mnemonic index into
`targets/generated/`.  Nothing here runs in the compiler.

A row is `inst(mnemonic, FORMAT, operands, bits)`: `operands` is what is printed, `bits` are the fixed bits of the
encoding.  The opcode's name is the mnemonic in capitals with "_" for ".".  Operand words:
rd rs1 rs2 rs3 (integer) and frd frs1 frs2 frs3 (float) are register operands r0, r1 ... in the order in which they are
printed; (rs1) and offset(rs1) are a memory operand with base and displacement; imm, shamt, csr, zimm, pred, target,
symbol; rm is the rounding mode, kept in `condition`.
"""

from typing import Final, final

from ourocc.targets.properties import PROPERTY_WORDS

# Formats: see ourocc/targets/riscv/encode.py
R: Final = 1  # r0 rd, r1 rs1, r2 rs2
UNARY: Final = 2  # r0 rd, r1 rs1
R4: Final = 3  # r0 rd, r1 rs1, r2 rs2, r3 rs3
IMMEDIATE: Final = 4  # r0 rd, r1 rs1, imm
SHIFT: Final = 5  # r0 rd, r1 rs1, imm (6 bits)
SHIFT_WORD: Final = 6  # the same with 5 bits
LOAD: Final = 7  # r0 rd, base, displacement
STORE: Final = 8  # r0 rs2, base, displacement
BRANCH: Final = 9  # r0 rs1, r1 rs2, label
UPPER: Final = 10  # r0 rd, imm (20 bits)
JUMP: Final = 11  # r0 rd, label or symbol
SYSTEM_REGISTER: Final = 12  # r0 rd, imm csr, r1 rs1
SYSTEM_IMMEDIATE: Final = 13  # r0 rd, imm csr, displacement the 5-bit value
ATOMIC: Final = 14  # r0 rd, r1 rs2, base
RESERVE: Final = 15  # r0 rd, base
FENCE: Final = 16  # imm predecessor << 4 | successor
FIXED: Final = 17  # nothing
SFENCE: Final = 18  # r0 rs1, r1 rs2
PSEUDO: Final = 19  # several instructions, written by the encoder

ROUNDED: Final = 32  # added to the format: funct3 is the rounding mode


@final
class Form:
    """One row."""

    def __init__(self, mnemonic: str, format: int, operands: str, bits: int) -> None:
        self.mnemonic = mnemonic
        self.name = mnemonic.upper().replace(".", "_")
        self.format = format & 31
        self.rounded = format & ROUNDED != 0
        self.operands = operands
        self.bits = bits
        self.properties = 0
        self.roles = ""  # one of r w x (both) per register operand
        self.reads = 0
        self.writes = 0
        self.size = 4

    def registers(self) -> list[str]:
        """The register operand words, in slot order."""
        words = self.operands.replace("(", " (").replace(",", " ").split()
        return [word for word in words if word[:2] in ("rd", "rs") or word[:3] in ("frd", "frs")]


FORMS: Final[list[Form]] = []


def property_mask(words: str) -> int:
    return sum(1 << PROPERTY_WORDS.index(word) for word in words.split())


def inst(
    mnemonic: str, format: int, operands: str, op: int, f3: int = 0, f7: int = 0, rs2: int = 0, properties: str = "",
    reads: int = 0, writes: int = 0, size: int = 4,
) -> None:  # fmt: skip
    """Add a row; `reads` and `writes` are masks of implicit registers."""
    form = Form(mnemonic, format, operands, op | f3 << 12 | rs2 << 20 | f7 << 25)
    if "(rs1)" in operands:
        properties += " memory"
    form.properties = property_mask(properties)
    form.roles = "".join("w" if word in ("rd", "frd") else "r" for word in form.registers())
    form.reads, form.writes, form.size = reads, writes, size
    FORMS.append(form)


def add_base() -> None:
    """RV64I."""
    inst("lui", UPPER, "rd, imm", 0x37, properties="immediate")
    inst("auipc", UPPER, "rd, imm", 0x17, properties="immediate")
    inst("jal", JUMP, "rd, target", 0x6F, properties="branch effect call")
    inst("jalr", IMMEDIATE, "rd, rs1, imm", 0x67, properties="branch effect call immediate")
    for f3, name in ((0, "beq"), (1, "bne"), (4, "blt"), (5, "bge"), (6, "bltu"), (7, "bgeu")):
        inst(name, BRANCH, "rs1, rs2, target", 0x63, f3, properties="branch conditional effect")
    for f3, name in enumerate(("lb", "lh", "lw", "ld", "lbu", "lhu", "lwu")):
        inst(name, LOAD, "rd, offset(rs1)", 0x03, f3, properties="load")
    for f3, name in enumerate(("sb", "sh", "sw", "sd")):
        inst(name, STORE, "rs2, offset(rs1)", 0x23, f3, properties="store")
    for f3, name in ((0, "addi"), (2, "slti"), (3, "sltiu"), (4, "xori"), (6, "ori"), (7, "andi")):
        inst(name, IMMEDIATE, "rd, rs1, imm", 0x13, f3, properties="immediate")
    inst("slli", SHIFT, "rd, rs1, shamt", 0x13, 1, properties="immediate")
    inst("srli", SHIFT, "rd, rs1, shamt", 0x13, 5, properties="immediate")
    inst("srai", SHIFT, "rd, rs1, shamt", 0x13, 5, 0x20, properties="immediate")
    inst("addiw", IMMEDIATE, "rd, rs1, imm", 0x1B, 0, properties="immediate")
    inst("slliw", SHIFT_WORD, "rd, rs1, shamt", 0x1B, 1, properties="immediate")
    inst("srliw", SHIFT_WORD, "rd, rs1, shamt", 0x1B, 5, properties="immediate")
    inst("sraiw", SHIFT_WORD, "rd, rs1, shamt", 0x1B, 5, 0x20, properties="immediate")
    for f3, f7, name in (
        (0, 0, "add"), (0, 0x20, "sub"), (1, 0, "sll"), (2, 0, "slt"), (3, 0, "sltu"), (4, 0, "xor"), (5, 0, "srl"),
        (5, 0x20, "sra"), (6, 0, "or"), (7, 0, "and"),
    ):  # fmt: skip
        inst(name, R, "rd, rs1, rs2", 0x33, f3, f7, properties="commutative" if name in ("add", "xor", "or", "and") else "")
    for f3, f7, name in ((0, 0, "addw"), (0, 0x20, "subw"), (1, 0, "sllw"), (5, 0, "srlw"), (5, 0x20, "sraw")):
        inst(name, R, "rd, rs1, rs2", 0x3B, f3, f7, properties="commutative" if name == "addw" else "")
    inst("fence", FENCE, "pred", 0x0F, properties="effect load store")
    inst("fence.tso", FIXED, "", 0x8330000F, properties="effect load store")
    inst("fence.i", FIXED, "", 0x0F, 1, properties="effect load store")
    inst("ecall", FIXED, "", 0x73, properties="effect load store")
    inst("ebreak", FIXED, "", 0x100073, properties="effect")
    inst("unimp", FIXED, "", 0xC0001073, properties="effect terminator")
    inst("pause", FIXED, "", 0x0100000F, properties="effect")
    for name, bits in (("uret", 0x00200073), ("sret", 0x10200073), ("mret", 0x30200073)):
        inst(name, FIXED, "", bits, properties="effect terminator return")
    inst("wfi", FIXED, "", 0x10500073, properties="effect")
    inst("sfence.vma", SFENCE, "rs1, rs2", 0x73, 0, 9, properties="effect")
    for f3, name in ((1, "csrrw"), (2, "csrrs"), (3, "csrrc")):
        inst(name, SYSTEM_REGISTER, "rd, csr, rs1", 0x73, f3, properties="effect immediate")
        inst(name + "i", SYSTEM_IMMEDIATE, "rd, csr, zimm", 0x73, f3 + 4, properties="effect immediate")


def add_multiply() -> None:
    """M."""
    for f3, name in enumerate(("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu")):
        inst(name, R, "rd, rs1, rs2", 0x33, f3, 1, properties="commutative" if name in ("mul", "mulh", "mulhu") else "")
    for f3, name in ((0, "mulw"), (4, "divw"), (5, "divuw"), (6, "remw"), (7, "remuw")):
        inst(name, R, "rd, rs1, rs2", 0x3B, f3, 1, properties="commutative" if name == "mulw" else "")


def add_atomic() -> None:
    """A: every instruction with its four orderings."""
    for f3, suffix in ((2, "w"), (3, "d")):
        for order, ordering in ((0, ""), (2, ".aq"), (1, ".rl"), (3, ".aqrl")):
            inst(f"lr.{suffix}{ordering}", RESERVE, "rd, (rs1)", 0x2F, f3, 0x02 << 2 | order, properties="effect load")
            for f5, name in (
                (0x03, "sc"), (0x01, "amoswap"), (0x00, "amoadd"), (0x04, "amoxor"), (0x0C, "amoand"), (0x08, "amoor"),
                (0x10, "amomin"), (0x14, "amomax"), (0x18, "amominu"), (0x1C, "amomaxu"),
            ):  # fmt: skip
                inst(
                    f"{name}.{suffix}{ordering}", ATOMIC, "rd, rs2, (rs1)", 0x2F, f3, f5 << 2 | order,
                    properties="effect load store",
                )  # fmt: skip


def add_float() -> None:
    """F and D."""
    for suffix, precision, f3 in (("s", 0, 2), ("d", 1, 3)):
        inst("flw" if suffix == "s" else "fld", LOAD, "frd, offset(rs1)", 0x07, f3, properties="load")
        inst("fsw" if suffix == "s" else "fsd", STORE, "frs2, offset(rs1)", 0x27, f3, properties="store")
        for index, name in enumerate(("fmadd", "fmsub", "fnmsub", "fnmadd")):
            inst(f"{name}.{suffix}", R4 | ROUNDED, "frd, frs1, frs2, frs3", 0x43 + 4 * index, 0, precision)
        for index, name in enumerate(("fadd", "fsub", "fmul", "fdiv")):
            words = "commutative" if name in ("fadd", "fmul") else ""
            inst(f"{name}.{suffix}", R | ROUNDED, "frd, frs1, frs2", 0x53, 0, index << 2 | precision, properties=words)
        inst(f"fsqrt.{suffix}", UNARY | ROUNDED, "frd, frs1", 0x53, 0, 0x2C | precision)
        for f3_sign, name in enumerate(("fsgnj", "fsgnjn", "fsgnjx")):
            inst(f"{name}.{suffix}", R, "frd, frs1, frs2", 0x53, f3_sign, 0x10 | precision)
        inst(f"fmin.{suffix}", R, "frd, frs1, frs2", 0x53, 0, 0x14 | precision, properties="commutative")
        inst(f"fmax.{suffix}", R, "frd, frs1, frs2", 0x53, 1, 0x14 | precision, properties="commutative")
        for f3_compare, name in ((2, "feq"), (1, "flt"), (0, "fle")):
            inst(f"{name}.{suffix}", R, "rd, frs1, frs2", 0x53, f3_compare, 0x50 | precision)
        for index, integer in enumerate(("w", "wu", "l", "lu")):
            inst(f"fcvt.{integer}.{suffix}", UNARY | ROUNDED, "rd, frs1", 0x53, 0, 0x60 | precision, index)
            # A 32-bit integer is exact in a double: gas writes rounding mode 0
            exact = suffix == "d" and index < 2
            inst(f"fcvt.{suffix}.{integer}", UNARY | (0 if exact else ROUNDED), "frd, rs1", 0x53, 0, 0x68 | precision, index)
        inst(f"fclass.{suffix}", UNARY, "rd, frs1", 0x53, 1, 0x70 | precision)
        letter = "w" if suffix == "s" else "d"
        inst(f"fmv.x.{letter}", UNARY, "rd, frs1", 0x53, 0, 0x70 | precision)
        inst(f"fmv.{letter}.x", UNARY, "frd, rs1", 0x53, 0, 0x78 | precision)
    inst("fcvt.s.d", UNARY | ROUNDED, "frd, frs1", 0x53, 0, 0x20, 1)
    inst("fcvt.d.s", UNARY, "frd, frs1", 0x53, 0, 0x21, 0)


def add_pseudo() -> None:
    """What compilers and assembly text write as one instruction; sizes are in bytes."""
    link = 1 << 1
    inst("mv", PSEUDO, "rd, rs1", 0, properties="move")
    inst("fmv.s", PSEUDO, "frd, frs1", 0, properties="move")
    inst("fmv.d", PSEUDO, "frd, frs1", 0, properties="move")
    inst("li", PSEUDO, "rd, imm", 0, properties="immediate", size=32)
    inst("j", PSEUDO, "target", 0, properties="branch terminator effect")
    inst("jr", PSEUDO, "rs1", 0, properties="branch terminator effect")
    inst("ret", PSEUDO, "", 0, properties="return terminator effect", reads=link)
    inst("call.reg", PSEUDO, "rs1", 0, properties="call effect", writes=link)
    inst("call", PSEUDO, "symbol", 0, properties="call effect", writes=link, size=8)
    inst("tail", PSEUDO, "symbol", 0, properties="branch terminator effect", writes=1 << 6, size=8)
    inst("lla", PSEUDO, "rd, symbol", 0, size=8)
    inst("la.got", PSEUDO, "rd, symbol", 0, properties="load", size=8)
    inst("la.tls.ie", PSEUDO, "rd, symbol", 0, properties="load", size=8)
    inst("la.tls.gd", PSEUDO, "rd, symbol", 0, size=8)


def table() -> list[Form]:
    """All rows, in the order that numbers the opcodes."""
    if not FORMS:
        add_base()
        add_multiply()
        add_atomic()
        add_float()
        add_pseudo()
    return FORMS
