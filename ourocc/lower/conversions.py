"""Conversions between scalar types (C17 6.3.1, 6.3.2.3) and truth values.

Complex conversions are in `complex.py`.  A _Bool value is an i8 that is 0 or 1.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value, normalize, unsigned
from ourocc.lower.context import FunctionContext
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


def is_unsigned(type: Type) -> bool:
    """Do values of this scalar type extend with zeros?"""
    kind = type.kind
    return type.unsigned or kind == ct.BOOL or kind == ct.POINTER or kind == ct.NULLPTR


def resize(context: FunctionContext, value: Value, target: int, zero_extend: bool) -> Value:
    """An integer or pointer value as the integer or pointer IR type `target`."""
    builder = context.builder
    source = value.type
    if source == target:
        return value
    if value.op == op.CONST:
        number = value.imm
        if zero_extend:
            number = unsigned(number, source)
        return builder.const(number, target)
    if source == ty.PTR:
        return resize(context, builder.unary(op.BITCAST, ty.I64, value), target, zero_extend)
    if target == ty.PTR:
        return builder.unary(op.BITCAST, ty.PTR, resize(context, value, ty.I64, zero_extend))
    if ty.BITS[source] > ty.BITS[target]:
        return builder.unary(op.TRUNC, target, value)
    return builder.unary(op.ZEXT if zero_extend else op.SEXT, target, value)


def to_precision(context: FunctionContext, value: Value, type: Type) -> Value:
    """Wrap to the width of a bit-field's own integer type (GNU: wide bit-fields do not promote)."""
    if type.precision == 0 or type.precision == type.size * 8:
        return value
    builder = context.builder
    if value.op == op.CONST:
        number = value.imm & ((1 << type.precision) - 1)
        if not type.unsigned and number >> (type.precision - 1):
            number -= 1 << type.precision
        return builder.const(number, value.type)
    if type.unsigned:
        mask = builder.const((1 << type.precision) - 1, value.type)
        return builder.binary(op.AND, value.type, value, mask)
    shift = ty.BITS[value.type] - type.precision
    raised = builder.binary(op.SHL, value.type, value, builder.const(shift, value.type))
    return builder.binary(op.ASHR, value.type, raised, builder.const(shift, value.type))


def convert(context: FunctionContext, value: Value, source: Type, target: Type) -> Value:
    """`value` of scalar or register-vector type `source` as `target`."""
    builder = context.builder
    if target.kind == ct.BOOL:
        if source.kind == ct.BOOL:
            return value
        return builder.unary(op.ZEXT, ty.I8, truth(context, value))
    to = context.ir_type(target)
    if to == value.type:
        if target.precision != 0:
            return to_precision(context, value, target)
        return value
    if ty.is_vector(value.type) or ty.is_vector(to):
        return builder.unary(op.BITCAST, to, value)
    if ty.is_float(value.type):
        if ty.is_float(to):
            return builder.unary(op.FCONVERT, to, value)
        return to_precision(context, float_to_integer(context, value, to, is_unsigned(target)), target)
    if ty.is_float(to):
        return integer_to_float(context, value, to, is_unsigned(source))
    return to_precision(context, resize(context, value, to, is_unsigned(source)), target)


def float_to_integer(context: FunctionContext, value: Value, to: int, zero_extended: bool) -> Value:
    """Narrow results go through i32, so that targets see only widths of 32 bits and more."""
    wide = to if to != ty.PTR and ty.BITS[to] >= 32 else ty.I64 if to == ty.PTR else ty.I32
    signed = not zero_extended or wide != to
    number = context.builder.unary(op.FTOSI if signed else op.FTOUI, wide, value)
    return resize(context, number, to, zero_extended)


def integer_to_float(context: FunctionContext, value: Value, to: int, zero_extended: bool) -> Value:
    if value.type == ty.PTR or ty.BITS[value.type] < 32:
        wide = ty.I64 if value.type == ty.PTR else ty.I32
        value = resize(context, value, wide, zero_extended)
        zero_extended = zero_extended and wide == ty.I64
    return context.builder.unary(op.UITOF if zero_extended else op.SITOF, to, value)


def truth(context: FunctionContext, value: Value) -> Value:
    """i1: the scalar is not zero."""
    builder = context.builder
    if value.type == ty.I1:
        return value
    if value.op == op.CONST:
        return builder.const(1 if value.imm else 0, ty.I1)
    if value.op == op.ZEXT and value.args[0].type == ty.I1:
        return value.args[0]
    if ty.is_float(value.type):
        return builder.compare(op.FUNE, value, builder.fconst(0, value.type))
    return builder.compare(op.NE, value, builder.const(0, value.type))


def constant(context: FunctionContext, number: int, type: int) -> Value:
    """An integer constant; `number` may be of any width."""
    return context.builder.const(normalize(number, type), type)
