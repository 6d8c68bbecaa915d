"""Selection of 16-byte vectors (SSE2): what has an instruction.  `machine/vectors.py` turned the rest into scalars."""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86 import families as f
from ourocc.targets.x86.select_base import X86Base
from ourocc.targets.x86.select_float import mask_bytes

# By lane type: two-operand instructions that compute r0 = r0 op r1
_BINARY: Final[dict[int, dict[int, int]]] = {
    op.ADD: {ty.I8: x.PADDB_XX, ty.I16: x.PADDW_XX, ty.I32: x.PADDD_XX, ty.I64: x.PADDQ_XX},
    op.SUB: {ty.I8: x.PSUBB_XX, ty.I16: x.PSUBW_XX, ty.I32: x.PSUBD_XX, ty.I64: x.PSUBQ_XX},
    op.MUL: {ty.I16: x.PMULLW_XX},
    op.AND: {ty.I8: x.PAND_XX, ty.I16: x.PAND_XX, ty.I32: x.PAND_XX, ty.I64: x.PAND_XX},
    op.OR: {ty.I8: x.POR_XX, ty.I16: x.POR_XX, ty.I32: x.POR_XX, ty.I64: x.POR_XX},
    op.XOR: {ty.I8: x.PXOR_XX, ty.I16: x.PXOR_XX, ty.I32: x.PXOR_XX, ty.I64: x.PXOR_XX},
    op.EQ: {ty.I8: x.PCMPEQB_XX, ty.I16: x.PCMPEQW_XX, ty.I32: x.PCMPEQD_XX},
    op.SGT: {ty.I8: x.PCMPGTB_XX, ty.I16: x.PCMPGTW_XX, ty.I32: x.PCMPGTD_XX},
    op.FADD: {ty.F32: x.ADDPS_XX, ty.F64: x.ADDPD_XX},
    op.FSUB: {ty.F32: x.SUBPS_XX, ty.F64: x.SUBPD_XX},
    op.FMUL: {ty.F32: x.MULPS_XX, ty.F64: x.MULPD_XX},
    op.FDIV: {ty.F32: x.DIVPS_XX, ty.F64: x.DIVPD_XX},
}
_SHIFTS: Final[dict[int, dict[int, int]]] = {
    op.SHL: {ty.I16: x.PSLLW_XI, ty.I32: x.PSLLD_XI, ty.I64: x.PSLLQ_XI},
    op.LSHR: {ty.I16: x.PSRLW_XI, ty.I32: x.PSRLD_XI, ty.I64: x.PSRLQ_XI},
    op.ASHR: {ty.I16: x.PSRAW_XI, ty.I32: x.PSRAD_XI},
}
# Predicates of cmpps and cmppd, and whether the operands are exchanged
_PREDICATES: Final = {
    op.FOEQ: (0, False), op.FOLT: (1, False), op.FOLE: (2, False), op.FUNO: (3, False), op.FUNE: (4, False),
    op.FUGE: (5, False), op.FUGT: (6, False), op.FORD: (7, False), op.FOGT: (1, True), op.FOGE: (2, True),
    op.FULE: (5, True), op.FULT: (6, True),
}  # fmt: skip
# Made of another comparison: exchanged operands, inverted result
_DERIVED: Final = {op.NE: (op.EQ, False, True), op.SLT: (op.SGT, True, False), op.SGE: (op.SGT, True, True),
                   op.SLE: (op.SGT, False, True)}  # fmt: skip


def uniform_count(value: Value) -> int:
    """The shift count when all lanes have the same constant one, else -1."""
    if value.op == op.CONST:
        return value.imm
    if value.op == op.VCONST:
        bits = ty.BITS[value.type & 255]
        mask = (1 << bits) - 1
        first = value.imm & mask
        for number in range(1, value.type >> 8):
            if value.imm >> number * bits & mask != first:
                return -1
        return first
    if value.op == op.VSPLAT and value.args[0].op == op.CONST:
        return value.args[0].imm
    return -1


def has_operation(value: Value) -> bool:
    """Is there a rule for this vector operation?"""
    operation = value.op
    kind = value.args[0].type if value.args else value.type
    if operation in (
        op.LOAD, op.STORE, op.COPY, op.PHI, op.CALL, op.RESULT, op.PARAM, op.CONST, op.FCONST, op.VCONST, op.UNDEF,
        op.BITCAST, op.ASM, op.EXPECT,
    ):  # fmt: skip
        return True
    if operation == op.SELECT:
        return value.args[0].type == ty.I1
    if ty.size(value.type) != 16 or (kind > 255 and ty.size(kind) != 16):
        return False
    lane = kind & 255
    if operation in _BINARY:
        return lane in _BINARY[operation]
    if operation in _SHIFTS:
        count = uniform_count(value.args[1])
        return lane in _SHIFTS[operation] and 0 <= count < ty.BITS[lane]
    if operation in _PREDICATES:
        return lane in (ty.F32, ty.F64)
    if operation in _DERIVED:
        return lane in (ty.I8, ty.I16, ty.I32)
    if operation in (op.FNEG, op.FABS, op.FSQRT):
        return lane in (ty.F32, ty.F64)
    if operation == op.SITOF:
        return value.type & 255 == ty.F32 and lane == ty.I32
    if operation == op.FTOSI:
        return value.type & 255 == ty.I32 and lane == ty.F32
    if operation == op.VSPLAT:
        return value.args[0].type in (ty.I32, ty.I64, ty.F32, ty.F64)
    return False


def vector_binary(s: X86Base, v: Value, a: Value, b: Value) -> None:
    right = s.use(b)
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.rr(_BINARY[v.op][a.type & 255], result, right)


def vector_shift(s: X86Base, v: Value, a: Value, b: Value) -> None:
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.ri(_SHIFTS[v.op][v.type & 255], result, uniform_count(b))


def vector_compare(s: X86Base, v: Value, a: Value, b: Value) -> None:
    operation, exchanged, inverted = _DERIVED[v.op]
    if exchanged:
        a, b = b, a
    right = s.use(b)
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.rr(_BINARY[operation][a.type & 255], result, right)
    if inverted:
        ones = s.new_register(v.type)
        s.emit(f.ONES_X).r0 = ones
        s.rr(x.PXOR_XX, result, ones)


def vector_float_compare(s: X86Base, v: Value, a: Value, b: Value) -> None:
    predicate, exchanged = _PREDICATES[v.op]
    if exchanged:
        a, b = b, a
    right = s.use(b)
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.rr(x.CMPPS_XXI if a.type & 255 == ty.F32 else x.CMPPD_XXI, result, right).imm = predicate


def vector_sign(s: X86Base, v: Value, a: Value) -> None:
    source = s.use(a)
    result = s.result(v)
    s.copy(result, source)
    instruction = s.emit(x.XORPS_XM if v.op == op.FNEG else x.ANDPS_XM)
    instruction.r0 = result
    s.pool_operand(instruction, mask_bytes(v.type & 255, v.op == op.FNEG))


def vector_unary(s: X86Base, v: Value, a: Value, operation: int) -> None:
    source = s.use(a)
    s.rr(operation, s.result(v), source)


def vector_splat(s: X86Base, v: Value, a: Value) -> None:
    source = s.use(a)
    result = s.result(v)
    kind = a.type
    if kind == ty.I32:
        s.rr(x.MOVD_XR, result, source)
        s.rr(x.PSHUFD_XXI, result, result).imm = 0
    elif kind == ty.I64:
        s.rr(x.MOVQ_XR, result, source)
        s.rr(x.PUNPCKLQDQ_XX, result, result)
    else:
        s.copy(result, source)
        if kind == ty.F32:
            s.rr(x.SHUFPS_XXI, result, result).imm = 0
        else:
            s.rr(x.UNPCKLPD_XX, result, result)


def target_operation(s: X86Base, v: Value) -> None:
    raise SelectionError(f"target operation {v.imm}", v.position)
