"""Selection of f32 and f64 operations: SSE2 scalars."""

from typing import Final

from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86 import families as f
from ourocc.targets.x86.select_base import X86Base
from ourocc.targets.x86.select_integer import extend_operand

Family = tuple[int, ...]

_SIGN: Final = {ty.F32: 0x80000000, ty.F64: 1 << 63}
_FROM_SIGNED: Final = {
    (ty.F32, 4): x.CVTSI2SS32_XR, (ty.F32, 8): x.CVTSI2SS64_XR, (ty.F64, 4): x.CVTSI2SD32_XR, (ty.F64, 8): x.CVTSI2SD64_XR,
}  # fmt: skip
_TO_SIGNED: Final = {
    (ty.F32, 4): x.CVTTSS2SI32_RX, (ty.F32, 8): x.CVTTSS2SI64_RX, (ty.F64, 4): x.CVTTSD2SI32_RX,
    (ty.F64, 8): x.CVTTSD2SI64_RX,
}  # fmt: skip


def float_alu(s: X86Base, v: Value, a: Value, b: Value, family: Family) -> None:
    right = s.use(b)
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.rr(family[v.type - ty.F32], result, right)


def float_alu_load(s: X86Base, v: Value, a: Value, load: Value, family: Family) -> None:
    left = s.use(a)
    instruction = s.with_memory(family[v.type - ty.F32], load.args[0])
    del s.chunk[-1]
    result = s.result(v)
    s.copy(result, left)
    instruction.r0 = result
    s.chunk.append(instruction)


def float_alu_constant(s: X86Base, v: Value, a: Value, constant: Value, family: Family) -> None:
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    instruction = s.emit(family[v.type - ty.F32])
    instruction.r0 = result
    s.pool_operand(instruction, s.constant_bytes(constant))


def square_root(s: X86Base, v: Value, a: Value) -> None:
    source = s.use(a)
    result = s.result(v)
    s.copy(result, source)
    s.rr(f.SQRT_XX[v.type - ty.F32], result, result)


def mask_bytes(type: int, sign: bool) -> bytes:
    """The sign bit, or all others, in every lane of 16 bytes."""
    size = ty.SIZES[type]
    mask = _SIGN[type]
    if not sign:
        mask ^= (1 << size * 8) - 1
    return mask.to_bytes(size, "little") * (16 // size)


def sign_operation(s: X86Base, v: Value, a: Value, operation: int, sign: bool) -> None:
    """fneg: flip the sign bit; fabs: clear it."""
    source = s.use(a)
    result = s.result(v)
    s.copy(result, source)
    instruction = s.emit(operation)
    instruction.r0 = result
    s.pool_operand(instruction, mask_bytes(v.type & 255, sign))


def copy_sign(s: X86Base, v: Value, a: Value, b: Value) -> None:
    magnitude = s.use(a)
    sign = s.use(b)
    signs = s.new_register(v.type)
    s.copy(signs, sign)
    instruction = s.emit(x.ANDPS_XM)
    instruction.r0 = signs
    s.pool_operand(instruction, mask_bytes(v.type, True))
    result = s.result(v)
    s.copy(result, magnitude)
    instruction = s.emit(x.ANDPS_XM)
    instruction.r0 = result
    s.pool_operand(instruction, mask_bytes(v.type, False))
    s.rr(x.ORPS_XX, result, signs)


def convert_float(s: X86Base, v: Value, a: Value) -> None:
    """These keep the upper part of the destination: it is the source itself, so that nothing old is waited for."""
    source = s.use(a)
    result = s.result(v)
    if v.type == ty.F64:
        s.copy(result, source)
        s.rr(x.CVTSS2SD_XX, result, result)
        return
    wide = s.new_register(ty.F64)  # a copy to the narrow result might reload only four bytes
    s.copy(wide, source)
    s.rr(x.CVTSD2SS_XX, wide, wide)
    s.copy(result, wide)


def from_signed(s: X86Base, v: Value, a: Value) -> None:
    source = extend_operand(s, a, True)
    cleared_convert(s, _FROM_SIGNED[(v.type, 8 if a.type == ty.I64 else 4)], s.result(v), source)


def cleared_convert(s: X86Base, operation: int, result: int, source: int) -> None:
    """cvtsi2sd keeps the upper half of its destination: clearing it first cuts the dependency on old contents."""
    s.emit(f.ZERO_X).r0 = result
    s.rr(operation, result, source)


def from_unsigned(s: X86Base, v: Value, a: Value) -> None:
    if a.type != ty.I64:
        wide = s.new_register(ty.I64)
        source = extend_operand(s, a, False)
        s.rr(x.MOV32_RR, wide, source)
        cleared_convert(s, _FROM_SIGNED[(v.type, 8)], s.result(v), wide)
        return
    # With the highest bit set: half of it, the lost bit kept for rounding, converted and doubled.
    source = s.use(a)
    half = s.new_register(ty.I64)
    odd = s.new_register(ty.I64)
    chosen = s.new_register(ty.I64)
    s.copy(half, source)
    s.ri(x.SHR64_RI, half, 1)
    s.copy(odd, source)
    s.ri(x.AND32_RI, odd, 1)
    s.rr(x.OR64_RR, half, odd)
    s.copy(chosen, source)
    s.rr(x.TEST64_RR, source, source)
    s.rr(x.CMOVCC64_RR, chosen, half).condition = f.CC_S
    result = s.result(v)
    cleared_convert(s, _FROM_SIGNED[(v.type, 8)], result, chosen)
    double = s.new_register(v.type)
    s.copy(double, result)
    s.rr(f.FADD_XX[v.type - ty.F32], double, double)
    s.rr(x.TEST64_RR, source, source)
    s.rr(f.SELECT_X, result, double).condition = f.CC_S


def to_signed(s: X86Base, v: Value, a: Value) -> None:
    source = s.use(a)
    s.rr(_TO_SIGNED[(a.type, 8 if v.type == ty.I64 else 4)], s.result(v), source)


def to_unsigned(s: X86Base, v: Value, a: Value) -> None:
    source = s.use(a)
    operation = _TO_SIGNED[(a.type, 8)]
    if v.type != ty.I64:
        s.rr(operation, s.result(v), source)
        return
    # Out of range gives 0x8000...: then the same of x - 2**63 has the other bits.
    result = s.result(v)
    s.rr(operation, result, source)
    less = s.new_register(a.type)
    s.copy(less, source)
    instruction = s.emit(f.FSUB_XM[a.type - ty.F32])
    instruction.r0 = less
    limit = 0x5F000000 if a.type == ty.F32 else 0x43E0000000000000
    s.pool_operand(instruction, limit.to_bytes(ty.SIZES[a.type], "little"))
    upper = s.new_register(ty.I64)
    s.rr(operation, upper, less)
    mask = s.new_register(ty.I64)
    s.copy(mask, result)
    s.ri(x.SAR64_RI, mask, 63)
    s.rr(x.AND64_RR, mask, upper)
    s.rr(x.OR64_RR, result, mask)


def bit_cast(s: X86Base, v: Value, a: Value) -> None:
    """Between register banks; within one it is a copy."""
    source = s.use(a)
    result = s.result(v)
    if v.type == ty.F32 and a.type == ty.I32:
        s.rr(x.MOVD_XR, result, source)
    elif v.type == ty.F64 and a.type <= ty.PTR:
        s.rr(x.MOVQ_XR, result, source)
    elif v.type == ty.I32 and a.type == ty.F32:
        s.rr(x.MOVD_RX, result, source)
    elif v.type <= ty.PTR and a.type == ty.F64:
        s.rr(x.MOVQ_RX, result, source)
    elif v.type <= ty.PTR and a.type > ty.PTR:
        s.rr(x.MOVQ_RX if ty.size(v.type) == 8 else x.MOVD_RX, result, source)
    elif v.type > ty.PTR and a.type <= ty.PTR:
        s.rr(x.MOVQ_XR if ty.size(a.type) == 8 else x.MOVD_XR, result, source)
    else:
        s.copy(result, source)
