"""Selection of f32 and f64 operations (extensions F and D).  A float in a register is NaN-boxed."""

from typing import Final

from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.riscv import families as f
from ourocc.targets.riscv.encode import ROUND_TOWARD_ZERO
from ourocc.targets.riscv.select_base import RiscvBase
from ourocc.targets.riscv.select_integer import extended

Family = tuple[int, ...]

# By 64-bit integer, unsigned; f32 and f64
_FROM_INTEGER: Final = (
    ((x.FCVT_S_W, x.FCVT_S_WU), (x.FCVT_S_L, x.FCVT_S_LU)),
    ((x.FCVT_D_W, x.FCVT_D_WU), (x.FCVT_D_L, x.FCVT_D_LU)),
)
_TO_INTEGER: Final = (
    ((x.FCVT_W_S, x.FCVT_WU_S), (x.FCVT_L_S, x.FCVT_LU_S)),
    ((x.FCVT_W_D, x.FCVT_WU_D), (x.FCVT_L_D, x.FCVT_LU_D)),
)


def float_alu(s: RiscvBase, v: Value, a: Value, b: Value, family: Family) -> None:
    right = s.use(b)
    left = s.use(a)
    s.rrr(family[v.type - ty.F32], s.result(v), left, right)


def square_root(s: RiscvBase, v: Value, a: Value) -> None:
    s.rr(f.FSQRT[v.type - ty.F32], s.result(v), s.use(a))


def sign_operation(s: RiscvBase, v: Value, a: Value, family: Family) -> None:
    """fneg and fabs: sign injection with the value itself."""
    source = s.use(a)
    s.rrr(family[v.type - ty.F32], s.result(v), source, source)


def convert_float(s: RiscvBase, v: Value, a: Value) -> None:
    s.rr(x.FCVT_D_S if v.type == ty.F64 else x.FCVT_S_D, s.result(v), s.use(a))


def from_integer(s: RiscvBase, v: Value, a: Value, signed: bool) -> None:
    source = extended(s, a, signed)
    wide = a.type == ty.I64 or a.type == ty.PTR
    # A narrow unsigned value is a non-negative 32-bit number
    unsigned = not signed and (wide or a.type == ty.I32)
    s.rr(_FROM_INTEGER[v.type - ty.F32][wide][unsigned], s.result(v), source)


def to_integer(s: RiscvBase, v: Value, a: Value, signed: bool) -> None:
    source = s.use(a)
    wide = v.type == ty.I64 or v.type == ty.PTR
    unsigned = not signed and (wide or v.type == ty.I32)
    instruction = s.rr(_TO_INTEGER[a.type - ty.F32][wide][unsigned], s.result(v), source)
    instruction.condition = ROUND_TOWARD_ZERO
    if v.type == ty.I1:
        s.rri(x.ANDI, s.result(v), s.result(v), 1)


def bit_cast(s: RiscvBase, v: Value, a: Value) -> None:
    """Between register banks; within one it is a copy."""
    source = s.use(a)
    result = s.result(v)
    if v.type > ty.PTR and a.type <= ty.PTR:
        s.rr(x.FMV_D_X if v.type == ty.F64 else x.FMV_W_X, result, source)
    elif v.type <= ty.PTR and a.type > ty.PTR:
        s.rr(x.FMV_X_D if a.type == ty.F64 else x.FMV_X_W, result, source)
    else:
        s.copy(result, source)
