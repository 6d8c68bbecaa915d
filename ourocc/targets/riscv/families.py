"""Opcodes by type, and the pseudo instructions that `frame.py` expands.

A table has an entry for each IR type i1 .. ptr (index is the type's number), or for f32 and f64.
"""

from typing import Final

from ourocc.targets.generated import riscv_opcodes as x

# ---- pseudo instructions (below riscv_opcodes.FIRST_OPCODE)

SELECT: Final = 0  # if the branch `condition` r2, r3 is taken: r0 = r1
TLS_LOCAL: Final = 1  # r0 = address of a thread-local symbol, local exec
TLS_INITIAL: Final = 2  # the same by initial exec
TLS_GENERAL: Final = 3  # a0 = __tls_get_addr(...)
SLOT_ADDRESS: Final = 4  # r0 = address of a frame slot + displacement
DYNAMIC_STACK: Final = 5  # sp -= r1; r0 = the new space
VA_SAVE: Final = 6  # store the argument registers from number imm on
ADDRESS: Final = 7  # r0 = symbol + symbol_offset
RMW_LOOP: Final = 8  # r0 = old; [base] = imm(old, r1), scale bytes; r2: mask of the bits that count, or none
CAS_LOOP: Final = 9  # r0 = old; if old == r1: [base] = r2, scale bytes
CAS_MASKED: Final = 10  # the same for the bits r3 of a word
CALL_GOT: Final = 11  # call through the GOT

Family = tuple[int, ...]

# void i1 i8 i16 i32 i64 i128 ptr
LOAD: Final[Family] = (0, x.LBU, x.LBU, x.LHU, x.LW, x.LD, 0, x.LD)
LOAD_SIGNED: Final[Family] = (0, x.LBU, x.LB, x.LH, x.LW, x.LD, 0, x.LD)
STORE: Final[Family] = (0, x.SB, x.SB, x.SH, x.SW, x.SD, 0, x.SD)
ADD: Final[Family] = (0, x.ADDW, x.ADDW, x.ADDW, x.ADDW, x.ADD, 0, x.ADD)
ADDI: Final[Family] = (0, x.ADDIW, x.ADDIW, x.ADDIW, x.ADDIW, x.ADDI, 0, x.ADDI)
SUB: Final[Family] = (0, x.SUBW, x.SUBW, x.SUBW, x.SUBW, x.SUB, 0, x.SUB)
MUL: Final[Family] = (0, x.AND, x.MULW, x.MULW, x.MULW, x.MUL, 0, x.MUL)
DIV: Final[Family] = (0, x.DIVW, x.DIVW, x.DIVW, x.DIVW, x.DIV, 0, x.DIV)
DIVU: Final[Family] = (0, x.DIVUW, x.DIVUW, x.DIVUW, x.DIVUW, x.DIVU, 0, x.DIVU)
REM: Final[Family] = (0, x.REMW, x.REMW, x.REMW, x.REMW, x.REM, 0, x.REM)
REMU: Final[Family] = (0, x.REMUW, x.REMUW, x.REMUW, x.REMUW, x.REMU, 0, x.REMU)
SLL: Final[Family] = (0, x.SLLW, x.SLLW, x.SLLW, x.SLLW, x.SLL, 0, x.SLL)
SLLI: Final[Family] = (0, x.SLLIW, x.SLLIW, x.SLLIW, x.SLLIW, x.SLLI, 0, x.SLLI)
SRL: Final[Family] = (0, x.SRLW, x.SRLW, x.SRLW, x.SRLW, x.SRL, 0, x.SRL)
SRLI: Final[Family] = (0, x.SRLIW, x.SRLIW, x.SRLIW, x.SRLIW, x.SRLI, 0, x.SRLI)
SRA: Final[Family] = (0, x.SRAW, x.SRAW, x.SRAW, x.SRAW, x.SRA, 0, x.SRA)
SRAI: Final[Family] = (0, x.SRAIW, x.SRAIW, x.SRAIW, x.SRAIW, x.SRAI, 0, x.SRAI)

# f32 f64
FLOAT_LOAD: Final[Family] = (x.FLW, x.FLD)
FLOAT_STORE: Final[Family] = (x.FSW, x.FSD)
FADD: Final[Family] = (x.FADD_S, x.FADD_D)
FSUB: Final[Family] = (x.FSUB_S, x.FSUB_D)
FMUL: Final[Family] = (x.FMUL_S, x.FMUL_D)
FDIV: Final[Family] = (x.FDIV_S, x.FDIV_D)
FSQRT: Final[Family] = (x.FSQRT_S, x.FSQRT_D)
FSGNJ: Final[Family] = (x.FSGNJ_S, x.FSGNJ_D)
FSGNJN: Final[Family] = (x.FSGNJN_S, x.FSGNJN_D)
FSGNJX: Final[Family] = (x.FSGNJX_S, x.FSGNJX_D)
FEQ: Final[Family] = (x.FEQ_S, x.FEQ_D)
FLT: Final[Family] = (x.FLT_S, x.FLT_D)
FLE: Final[Family] = (x.FLE_S, x.FLE_D)

# Atomic memory operations in order of the RMW_ numbers; 32 and 64 bits
AMO: Final[dict[int, tuple[int, int]]] = {
    0: (x.AMOSWAP_W_AQRL, x.AMOSWAP_D_AQRL), 1: (x.AMOADD_W_AQRL, x.AMOADD_D_AQRL),
    2: (x.AMOADD_W_AQRL, x.AMOADD_D_AQRL), 3: (x.AMOAND_W_AQRL, x.AMOAND_D_AQRL),
    4: (x.AMOOR_W_AQRL, x.AMOOR_D_AQRL), 5: (x.AMOXOR_W_AQRL, x.AMOXOR_D_AQRL),
}  # fmt: skip

# Integer comparisons eq ne slt sle sgt sge ult ule ugt uge: branch, and whether the operands change places
BRANCHES: Final[Family] = (x.BEQ, x.BNE, x.BLT, x.BGE, x.BLT, x.BGE, x.BLTU, x.BGEU, x.BLTU, x.BGEU)
BRANCH_SWAPPED: Final = (False, False, False, True, True, False, False, True, True, False)
