"""Opcode families: the forms of one instruction for every operand type, as tuples indexed by IR type (0 where none).

"Wide" families use 32-bit instructions for i1, i8 and i16: the upper bits of a register that holds a narrow value mean
nothing.  "Exact" ones have the width of the type: memory operands, comparisons.
"""

from typing import Final

from ourocc.targets.generated import x86_opcodes as x

# Pseudo instructions, expanded after register allocation
SELECT_X: Final = 1  # r0 = condition ? r1 : r0, XMM registers
ZERO_X: Final = 2  # r0 = 0, XMM
FRAME_SAVE: Final = 3  # not used by selection: see frame.py
TAIL_CALL: Final = 4  # jump to `symbol`, or r0: the frame is taken down in front of it
TLS_GENERAL: Final = 5  # rax = address of thread-local `symbol` by __tls_get_addr
DYNAMIC_STACK: Final = 6  # r0 = address of the stack's new end, after rsp -= r1 (a multiple of 16)
LOAD_FRAME_TOP: Final = 7  # r0 = address of the place above the return address plus displacement
SET_STACK: Final = 8  # rsp = r0
GET_STACK: Final = 9  # r0 = rsp
JUMP_TABLE: Final = 10  # r0 = address of jump table number imm
CANARY_CHECK: Final = 11
STACK_SUBTRACT: Final = 12
ONES_X: Final = 13  # r0 = all bits one, XMM
CANARY_SET: Final = 14
VA_SAVE: Final = 15  # store the argument registers in `uses` into the register save area
RMW_FIRST: Final = 16  # + RMW_ number: cmpxchg loop on memory, r0 scratch, r1 operand, old value in rax, imm the IR type


def wide(narrow: int, quad: int) -> tuple[int, ...]:
    """32-bit forms for everything up to i32."""
    return (0, narrow, narrow, narrow, narrow, quad, 0, quad)


def exact(byte: int, word: int, double: int, quad: int) -> tuple[int, ...]:
    return (0, byte, byte, word, double, quad, 0, quad)


ADD_RR: Final = wide(x.ADD32_RR, x.ADD64_RR)
ADD_RI: Final = wide(x.ADD32_RI, x.ADD64_RI)
ADD_RM: Final = exact(0, 0, x.ADD32_RM, x.ADD64_RM)
ADD_MR: Final = exact(x.ADD8_MR, x.ADD16_MR, x.ADD32_MR, x.ADD64_MR)
ADD_MI: Final = exact(x.ADD8_MI, x.ADD16_MI, x.ADD32_MI, x.ADD64_MI)
SUB_RR: Final = wide(x.SUB32_RR, x.SUB64_RR)
SUB_RI: Final = wide(x.SUB32_RI, x.SUB64_RI)
SUB_RM: Final = exact(0, 0, x.SUB32_RM, x.SUB64_RM)
SUB_MR: Final = exact(x.SUB8_MR, x.SUB16_MR, x.SUB32_MR, x.SUB64_MR)
SUB_MI: Final = exact(x.SUB8_MI, x.SUB16_MI, x.SUB32_MI, x.SUB64_MI)
AND_RR: Final = wide(x.AND32_RR, x.AND64_RR)
AND_RI: Final = wide(x.AND32_RI, x.AND64_RI)
AND_RM: Final = exact(0, 0, x.AND32_RM, x.AND64_RM)
AND_MR: Final = exact(x.AND8_MR, x.AND16_MR, x.AND32_MR, x.AND64_MR)
AND_MI: Final = exact(x.AND8_MI, x.AND16_MI, x.AND32_MI, x.AND64_MI)
OR_RR: Final = wide(x.OR32_RR, x.OR64_RR)
OR_RI: Final = wide(x.OR32_RI, x.OR64_RI)
OR_RM: Final = exact(0, 0, x.OR32_RM, x.OR64_RM)
OR_MR: Final = exact(x.OR8_MR, x.OR16_MR, x.OR32_MR, x.OR64_MR)
OR_MI: Final = exact(x.OR8_MI, x.OR16_MI, x.OR32_MI, x.OR64_MI)
XOR_RR: Final = wide(x.XOR32_RR, x.XOR64_RR)
XOR_RI: Final = wide(x.XOR32_RI, x.XOR64_RI)
XOR_RM: Final = exact(0, 0, x.XOR32_RM, x.XOR64_RM)
XOR_MR: Final = exact(x.XOR8_MR, x.XOR16_MR, x.XOR32_MR, x.XOR64_MR)
XOR_MI: Final = exact(x.XOR8_MI, x.XOR16_MI, x.XOR32_MI, x.XOR64_MI)
ADD8_RR: Final = exact(x.ADD8_RR, x.ADD16_RR, x.ADD32_RR, x.ADD64_RR)  # where the flags matter
SUB8_RR: Final = exact(x.SUB8_RR, x.SUB16_RR, x.SUB32_RR, x.SUB64_RR)
ADD8_RI: Final = exact(x.ADD8_RI, x.ADD16_RI, x.ADD32_RI, x.ADD64_RI)
SUB8_RI: Final = exact(x.SUB8_RI, x.SUB16_RI, x.SUB32_RI, x.SUB64_RI)
IMUL_RR: Final = wide(x.IMUL32_RR, x.IMUL64_RR)
IMUL_RM: Final = exact(0, 0, x.IMUL32_RM, x.IMUL64_RM)
IMUL_RRI: Final = wide(x.IMUL32_RRI, x.IMUL64_RRI)
IMUL_RMI: Final = exact(0, 0, x.IMUL32_RMI, x.IMUL64_RMI)
NEG_R: Final = wide(x.NEG32_R, x.NEG64_R)
NOT_R: Final = wide(x.NOT32_R, x.NOT64_R)
NEG_M: Final = exact(x.NEG8_M, x.NEG16_M, x.NEG32_M, x.NEG64_M)
NOT_M: Final = exact(x.NOT8_M, x.NOT16_M, x.NOT32_M, x.NOT64_M)
SHL_RI: Final = wide(x.SHL32_RI, x.SHL64_RI)
SHL_RC: Final = wide(x.SHL32_RC, x.SHL64_RC)
SHR_RI: Final = exact(x.SHR8_RI, x.SHR16_RI, x.SHR32_RI, x.SHR64_RI)
SHR_RC: Final = exact(x.SHR8_RC, x.SHR16_RC, x.SHR32_RC, x.SHR64_RC)
SAR_RI: Final = exact(x.SAR8_RI, x.SAR16_RI, x.SAR32_RI, x.SAR64_RI)
SAR_RC: Final = exact(x.SAR8_RC, x.SAR16_RC, x.SAR32_RC, x.SAR64_RC)
ROL_RI: Final = exact(x.ROL8_RI, x.ROL16_RI, x.ROL32_RI, x.ROL64_RI)
ROL_RC: Final = exact(x.ROL8_RC, x.ROL16_RC, x.ROL32_RC, x.ROL64_RC)
ROR_RC: Final = exact(x.ROR8_RC, x.ROR16_RC, x.ROR32_RC, x.ROR64_RC)
SHL_MI: Final = exact(x.SHL8_MI, x.SHL16_MI, x.SHL32_MI, x.SHL64_MI)
SHR_MI: Final = exact(x.SHR8_MI, x.SHR16_MI, x.SHR32_MI, x.SHR64_MI)
SAR_MI: Final = exact(x.SAR8_MI, x.SAR16_MI, x.SAR32_MI, x.SAR64_MI)
CMP_RR: Final = exact(x.CMP8_RR, x.CMP16_RR, x.CMP32_RR, x.CMP64_RR)
CMP_RI: Final = exact(x.CMP8_RI, x.CMP16_RI, x.CMP32_RI, x.CMP64_RI)
CMP_RM: Final = exact(x.CMP8_RM, x.CMP16_RM, x.CMP32_RM, x.CMP64_RM)
CMP_MR: Final = exact(x.CMP8_MR, x.CMP16_MR, x.CMP32_MR, x.CMP64_MR)
CMP_MI: Final = exact(x.CMP8_MI, x.CMP16_MI, x.CMP32_MI, x.CMP64_MI)
TEST_RR: Final = exact(x.TEST8_RR, x.TEST16_RR, x.TEST32_RR, x.TEST64_RR)
TEST_RI: Final = exact(x.TEST8_RI, x.TEST16_RI, x.TEST32_RI, x.TEST64_RI)
TEST_MI: Final = exact(x.TEST8_MI, x.TEST16_MI, x.TEST32_MI, x.TEST64_MI)
BT_RR: Final = wide(x.BT32_RR, x.BT64_RR)
BT_RI: Final = wide(x.BT32_RI, x.BT64_RI)
MOV_RR: Final = wide(x.MOV32_RR, x.MOV64_RR)
MOV_MR: Final = exact(x.MOV8_MR, x.MOV16_MR, x.MOV32_MR, x.MOV64_MR)
MOV_MI: Final = exact(x.MOV8_MI, x.MOV16_MI, x.MOV32_MI, x.MOV64_MI)
MOV_RM: Final = exact(x.MOVZX32_RM8, x.MOVZX32_RM16, x.MOV32_RM, x.MOV64_RM)  # upper bits are zero
CMOV_RR: Final = wide(x.CMOVCC32_RR, x.CMOVCC64_RR)
CMOV_RM: Final = exact(0, 0, x.CMOVCC32_RM, x.CMOVCC64_RM)
MUL_R: Final = exact(0, 0, x.MUL32_R, x.MUL64_R)
IMUL_R: Final = exact(x.IMUL8_R, x.IMUL16_R, x.IMUL32_R, x.IMUL64_R)
DIV_R: Final = wide(x.DIV32_R, x.DIV64_R)
IDIV_R: Final = wide(x.IDIV32_R, x.IDIV64_R)
DIV_M: Final = exact(0, 0, x.DIV32_M, x.DIV64_M)
IDIV_M: Final = exact(0, 0, x.IDIV32_M, x.IDIV64_M)
BSF_RR: Final = wide(x.BSF32_RR, x.BSF64_RR)
BSR_RR: Final = wide(x.BSR32_RR, x.BSR64_RR)
POPCNT_RR: Final = wide(x.POPCNT32_RR, x.POPCNT64_RR)
XCHG_MR: Final = exact(x.XCHG8_MR, x.XCHG16_MR, x.XCHG32_MR, x.XCHG64_MR)
LOCK_XADD_MR: Final = exact(x.LOCK_XADD8_MR, x.LOCK_XADD16_MR, x.LOCK_XADD32_MR, x.LOCK_XADD64_MR)
LOCK_CMPXCHG_MR: Final = exact(x.LOCK_CMPXCHG8_MR, x.LOCK_CMPXCHG16_MR, x.LOCK_CMPXCHG32_MR, x.LOCK_CMPXCHG64_MR)
LOCK_ADD_MR: Final = exact(x.LOCK_ADD8_MR, x.LOCK_ADD16_MR, x.LOCK_ADD32_MR, x.LOCK_ADD64_MR)
LOCK_SUB_MR: Final = exact(x.LOCK_SUB8_MR, x.LOCK_SUB16_MR, x.LOCK_SUB32_MR, x.LOCK_SUB64_MR)
LOCK_AND_MR: Final = exact(x.LOCK_AND8_MR, x.LOCK_AND16_MR, x.LOCK_AND32_MR, x.LOCK_AND64_MR)
LOCK_OR_MR: Final = exact(x.LOCK_OR8_MR, x.LOCK_OR16_MR, x.LOCK_OR32_MR, x.LOCK_OR64_MR)
LOCK_XOR_MR: Final = exact(x.LOCK_XOR8_MR, x.LOCK_XOR16_MR, x.LOCK_XOR32_MR, x.LOCK_XOR64_MR)

# Floating families are indexed by type - F32 (f32, f64)
FADD_XX: Final = (x.ADDSS_XX, x.ADDSD_XX)
FADD_XM: Final = (x.ADDSS_XM, x.ADDSD_XM)
FSUB_XX: Final = (x.SUBSS_XX, x.SUBSD_XX)
FSUB_XM: Final = (x.SUBSS_XM, x.SUBSD_XM)
FMUL_XX: Final = (x.MULSS_XX, x.MULSD_XX)
FMUL_XM: Final = (x.MULSS_XM, x.MULSD_XM)
FDIV_XX: Final = (x.DIVSS_XX, x.DIVSD_XX)
FDIV_XM: Final = (x.DIVSS_XM, x.DIVSD_XM)
SQRT_XX: Final = (x.SQRTSS_XX, x.SQRTSD_XX)
FLOAT_LOAD: Final = (x.MOVSS_XM, x.MOVSD_XM)
FLOAT_STORE: Final = (x.MOVSS_MX, x.MOVSD_MX)
UCOMI_XX: Final = (x.UCOMISS_XX, x.UCOMISD_XX)
UCOMI_XM: Final = (x.UCOMISS_XM, x.UCOMISD_XM)

# Conditions (the manual's tttn field); an odd one is the opposite of the one below it
CC_O: Final = 0
CC_NO: Final = 1
CC_B: Final = 2
CC_AE: Final = 3
CC_E: Final = 4
CC_NE: Final = 5
CC_BE: Final = 6
CC_A: Final = 7
CC_S: Final = 8
CC_NS: Final = 9
CC_P: Final = 10
CC_NP: Final = 11
CC_L: Final = 12
CC_GE: Final = 13
CC_LE: Final = 14
CC_G: Final = 15
# Two flags at once, for floating equality
CC_ORDERED_EQUAL: Final = 16  # E and NP
CC_UNORDERED_NOT_EQUAL: Final = 17  # NE or P

# By operation - EQ: eq ne slt sle sgt sge ult ule ugt uge
INTEGER_CONDITIONS: Final = (CC_E, CC_NE, CC_L, CC_LE, CC_G, CC_GE, CC_B, CC_BE, CC_A, CC_AE)
# The same with exchanged operands
SWAPPED_CONDITIONS: Final = (CC_E, CC_NE, CC_G, CC_GE, CC_L, CC_LE, CC_A, CC_AE, CC_B, CC_BE)
# By operation - FOEQ: (condition after ucomis x, y, or of ucomis y, x when the second field is 1)
FLOAT_CONDITIONS: Final = (
    CC_ORDERED_EQUAL, CC_UNORDERED_NOT_EQUAL,  # foeq fune
    CC_A, CC_AE, CC_A, CC_AE,  # folt fole (swapped) fogt foge
    CC_B, CC_BE, CC_B, CC_BE,  # fult fule fugt fuge (swapped)
    CC_E, CC_NE, CC_NP, CC_P,  # fueq fone ford funo
)  # fmt: skip
FLOAT_SWAPPED: Final = (0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0)
