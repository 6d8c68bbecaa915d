"""Selection of 16-byte vectors (SSE2) and of target operations."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86.select_base import X86Base


def vector_bitcast(s: X86Base, v: Value, a: Value) -> None:
    raise SelectionError(f"bitcast to {ty.name(v.type)}", v.position)


def target_operation(s: X86Base, v: Value) -> None:
    raise SelectionError(f"target operation {v.imm}", v.position)


def unsupported(s: X86Base, v: Value) -> None:
    raise SelectionError(f"{op.NAMES[v.op]} of type {ty.name(v.type)}", v.position)


MOVE = x.MOVAPS_XX
