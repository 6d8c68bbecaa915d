"""Assignment, compound assignment, ++ and -- (C17 6.5.16, 6.5.2.4, 6.5.3.1)."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import NO_SIGNED_WRAP, Value
from ourocc.lower import arithmetic, asm, atomics, complex, expressions, places, vectors, vla
from ourocc.lower.constants import one_bits
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import convert, is_unsigned
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


def assignment(context: FunctionContext, expression: tt.BinaryOperation) -> Value:
    """place = value, of any type but complex."""
    left = expression.left
    register = asm.global_register(context, left)
    if register is not None:
        stored = expressions.value(context, expression.right)
        asm.write_register(context, register, stored)
        return stored
    if simple_place(left):
        stored = expressions.value(context, expression.right)
        target = places.place(context, left)
    else:
        target = places.place(context, left)
        stored = expressions.value(context, expression.right)
    return places.store(context, target, stored)


def simple_place(expression: tt.Expression) -> bool:
    """Does evaluating the place compute nothing?  (Then it may come after the value: shorter live ranges.)"""
    return isinstance(expression, tt.VariableReference) and expression.kind == tt.VARIABLE


def apply(
    context: FunctionContext, expression: tt.CompoundAssignment, old: Value, right: Value
) -> Value:
    """(type of place) ((computation type) old op right)."""
    type = expression.place.type.unqualified
    operation = expression.operation
    if operation == tt.POINTER_ADD or operation == tt.POINTER_SUBTRACT:
        base = type.base
        assert base is not None
        scale = vla.scale_of(context, base)
        unsigned = expression.value.type.unsigned
        back = operation == tt.POINTER_SUBTRACT
        return arithmetic.pointer_step(context, old, right, unsigned, scale, back, context.builder)
    computation = expression.computation_type
    if type.kind == ct.VECTOR:
        return vectors.combine(context, operation, type, type, old, right)
    wide = convert(context, old, type, computation)
    result = arithmetic.binary(context, operation, computation, wide, right, expression.value.type)
    return convert(context, result, computation, type)


def compound(context: FunctionContext, expression: tt.CompoundAssignment) -> Value:
    """place op= value, of any type but complex; gives the new value."""
    if expression.computation_type.kind == ct.COMPLEX:
        return complex.compound_real(context, expression)
    register = asm.global_register(context, expression.place)
    if register is not None:
        right = expressions.value(context, expression.value)
        new = apply(context, expression, asm.read_register(context, register), right)
        asm.write_register(context, register, new)
        return new
    if simple_place(expression.place):
        right = expressions.value(context, expression.value)
        target = places.place(context, expression.place)
    else:
        target = places.place(context, expression.place)
        right = expressions.value(context, expression.value)
    if target.is_atomic() and target.field is None:
        return atomics.compound(context, expression, target, right)
    return places.store(context, target, apply(context, expression, places.load(context, target), right))


def step(context: FunctionContext, type: Type, old: Value, decrement: bool) -> Value:
    """old + 1 or old - 1, of a scalar or vector type."""
    builder = context.builder
    if type.kind == ct.POINTER:
        base = type.base
        assert base is not None
        scale = vla.scale_of(context, base)
        return arithmetic.pointer_step(context, old, builder.const(1, ty.I64), True, scale, decrement, builder)
    if type.kind == ct.BOOL:
        if not decrement:
            return builder.const(1, ty.I8)
        return builder.binary(op.XOR, ty.I8, old, builder.const(1, ty.I8))
    if type.kind == ct.VECTOR:
        return vectors.step(context, type, old, decrement)
    lane = old.type
    if ty.is_float(lane):
        kind = op.FSUB if decrement else op.FADD
        return builder.binary(kind, lane, old, builder.fconst(one_bits(lane), lane))
    result = builder.binary(op.ADD, lane, old, builder.const(-1 if decrement else 1, lane))
    # narrower types are promoted to int, add without overflow and are cut again
    if type.size >= 4 and not is_unsigned(type) and not context.unit.options.wrapv and type.precision == 0:
        result.flags |= NO_SIGNED_WRAP
    return arithmetic.wrapped(context, result, type)


def increment(context: FunctionContext, expression: tt.IncrementOperation) -> Value:
    target = places.place(context, expression.place)
    type = expression.place.type.unqualified
    if target.is_atomic() and target.field is None:
        return atomics.increment(context, expression, target)
    old = places.load(context, target)
    if context.in_memory(type) and not expression.prefix:
        home = context.temporary(type)
        context.copy(home, old, type.size, type.alignment)
        old = home
    new = step(context, type, old, expression.decrement)
    stored = places.store(context, target, new)
    return stored if expression.prefix else old
