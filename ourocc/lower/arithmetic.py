"""Integer, floating and pointer arithmetic on values that were converted already (C17 6.5.5 - 6.5.14)."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.builder import Builder
from ourocc.ir.function import EXACT, NO_SIGNED_WRAP, Value
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import is_unsigned, resize, to_precision
from ourocc.semantics import typed_tree as tt
from ourocc.semantics.types import Type

# typed-tree kind -> (signed, unsigned, floating) operation, 0: none
OPERATIONS: dict[int, tuple[int, int, int]] = {
    tt.ADD: (op.ADD, op.ADD, op.FADD),
    tt.SUBTRACT: (op.SUB, op.SUB, op.FSUB),
    tt.MULTIPLY: (op.MUL, op.MUL, op.FMUL),
    tt.DIVIDE: (op.SDIV, op.UDIV, op.FDIV),
    tt.REMAINDER: (op.SREM, op.UREM, 0),
    tt.SHIFT_LEFT: (op.SHL, op.SHL, 0),
    tt.SHIFT_RIGHT: (op.ASHR, op.LSHR, 0),
    tt.BITWISE_AND: (op.AND, op.AND, 0),
    tt.BITWISE_OR: (op.OR, op.OR, 0),
    tt.BITWISE_XOR: (op.XOR, op.XOR, 0),
    tt.EQUAL: (op.EQ, op.EQ, op.FOEQ),
    tt.NOT_EQUAL: (op.NE, op.NE, op.FUNE),
    tt.LESS: (op.SLT, op.ULT, op.FOLT),
    tt.LESS_EQUAL: (op.SLE, op.ULE, op.FOLE),
    tt.GREATER: (op.SGT, op.UGT, op.FOGT),
    tt.GREATER_EQUAL: (op.SGE, op.UGE, op.FOGE),
}


def operation(kind: int, type: Type, ir_type: int) -> int:
    """The IR operation of a typed-tree operator on operands of `type`."""
    row = OPERATIONS[kind]
    if ty.is_float(ty.lane_type(ir_type)):
        return row[2]
    return row[1] if is_unsigned(type) else row[0]


def zero(context: FunctionContext, type: int) -> Value:
    """0 of a scalar or vector IR type."""
    if ty.is_float(ty.lane_type(type)):
        return context.builder.fconst(0, type)
    return context.builder.const(0, type)


def wrapped(context: FunctionContext, value: Value, type: Type) -> Value:
    return value if type.precision == 0 else to_precision(context, value, type)


def binary(
    context: FunctionContext, kind: int, type: Type, left: Value, right: Value, right_type: Type
) -> Value:
    """left `kind` right; `type` is the C type of the left operand and of the result."""
    builder = context.builder
    ir_type = left.type
    code = operation(kind, type, ir_type)
    if kind == tt.SHIFT_LEFT or kind == tt.SHIFT_RIGHT:
        right = resize(context, right, ir_type, is_unsigned(right_type))
    result = builder.binary(code, ir_type, left, right)
    if kind in (tt.ADD, tt.SUBTRACT, tt.MULTIPLY) and not context.unit.options.wrapv:
        if not ty.is_float(ir_type) and not is_unsigned(type):
            result.flags |= NO_SIGNED_WRAP
    return wrapped(context, result, type)


def negate(context: FunctionContext, value: Value, type: Type) -> Value:
    builder = context.builder
    if ty.is_float(value.type):
        return builder.unary(op.FNEG, value.type, value)
    result = builder.unary(op.NEG, value.type, value)
    if not is_unsigned(type) and not context.unit.options.wrapv:
        result.flags |= NO_SIGNED_WRAP
    return wrapped(context, result, type)


def compare(context: FunctionContext, kind: int, type: Type, left: Value, right: Value) -> Value:
    """i1; `type` is the operands' common type."""
    return context.builder.compare(operation(kind, type, left.type), left, right)


def pointer_step(
    context: FunctionContext, pointer: Value, index: Value, unsigned: bool, scale: Value, back: bool, builder: Builder
) -> Value:
    """pointer +- index * scale; `scale` is an i64."""
    offset = resize(context, index, ty.I64, unsigned)
    if pointer.type != ty.PTR:
        pointer = resize(context, pointer, ty.PTR, True)
    if scale.op == op.CONST and offset.op == op.CONST:
        distance = offset.imm * scale.imm
        return builder.ptradd(pointer, -distance if back else distance)
    if not (scale.op == op.CONST and scale.imm == 1):
        offset = builder.binary(op.MUL, ty.I64, offset, scale)
    if back:
        offset = builder.unary(op.NEG, ty.I64, offset)
    return builder.binary(op.PTRADD, ty.PTR, pointer, offset)


def pointer_difference(context: FunctionContext, left: Value, right: Value, scale: Value, type: int) -> Value:
    """(left - right) / scale, which has no remainder."""
    builder = context.builder
    x = resize(context, left, ty.I64, True)
    y = resize(context, right, ty.I64, True)
    distance = builder.binary(op.SUB, ty.I64, x, y)
    if scale.op == op.CONST:
        size = scale.imm
        if size > 1 and size & (size - 1) == 0:
            distance = builder.binary(op.ASHR, ty.I64, distance, builder.const(size.bit_length() - 1, ty.I64))
            distance.flags |= EXACT
        elif size > 1:
            distance = builder.binary(op.SDIV, ty.I64, distance, scale)
            distance.flags |= EXACT
    else:
        distance = builder.binary(op.SDIV, ty.I64, distance, scale)
        distance.flags |= EXACT
    return resize(context, distance, type, False)
