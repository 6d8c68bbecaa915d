"""Atomic accesses: _Atomic objects (C17 6.2.6.1p9, 6.5.16.2p3) and the __atomic/__sync builtins.

Scalars of 1, 2, 4 and 8 bytes are IR atomics; 16 bytes and odd sizes call libatomic's __atomic_* functions, as gcc does.
Read-modify-write of what no rmw operation does (floats, multiplication, _Bool ...) is a compare-and-exchange loop.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import arithmetic, assignments, calls, places
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import is_unsigned, resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type

SEQ_CST: Final = 5

RMW_OF_OPERATION: Final = {
    tt.ADD: op.RMW_ADD,
    tt.SUBTRACT: op.RMW_SUB,
    tt.BITWISE_AND: op.RMW_AND,
    tt.BITWISE_OR: op.RMW_OR,
    tt.BITWISE_XOR: op.RMW_XOR,
}


def is_inline(type: Type) -> bool:
    """Can the target do it without a library call?"""
    return type.size in (1, 2, 4, 8)


def bits_type(type: Type) -> int:
    return ty.integer_of_bits(type.size * 8)


def to_bits(context: FunctionContext, value: Value) -> Value:
    """A scalar as the integer with the same bits."""
    if ty.is_float(value.type) or value.type == ty.PTR or value.type > 255:
        return context.builder.unary(op.BITCAST, ty.integer_of_bits(ty.bits(value.type)), value)
    return value


def from_bits(context: FunctionContext, bits: Value, type: int) -> Value:
    return bits if bits.type == type else context.builder.unary(op.BITCAST, type, bits)


def atomic_load(context: FunctionContext, address: Value, type: int, order: int) -> Value:
    loaded = context.builder.unary(op.ATOMIC_LOAD, type, address)
    loaded.imm = order
    return loaded


def atomic_store(context: FunctionContext, address: Value, value: Value, order: int) -> None:
    context.builder.binary(op.ATOMIC_STORE, ty.VOID, address, value).imm = order


def atomic_rmw(context: FunctionContext, operation: int, address: Value, value: Value, order: int) -> Value:
    old = context.builder.binary(op.ATOMIC_RMW, value.type, address, value)
    old.extra = operation
    old.imm = order
    return old


def compare_exchange(context: FunctionContext, address: Value, expected: Value, desired: Value, order: int) -> Value:
    """The old value, of integer type."""
    old = context.builder.emit(op.ATOMIC_CMPXCHG, expected.type)
    for argument in (address, expected, desired):
        old.add_argument(argument)
    old.imm = order
    return old


# ---- whole objects


def helper_types(context: FunctionContext, count: int) -> list[Type]:
    """size_t/pointer parameter types of the library's functions, all one INTEGER eightbyte."""
    type = Type(ct.ULONG, -5)
    type.size = 8
    type.alignment = 8
    type.unsigned = True
    return [type] * count


def library(context: FunctionContext, name: str, arguments: list[Value], orders: int) -> list[Value]:
    """__atomic_*(size, addresses..., orders...): all generic forms give void or bool."""
    integer = context.unit.int
    types = helper_types(context, len(arguments) - orders) + [integer] * orders
    values = [resize(context, value, ty.I64, True) for value in arguments[: len(arguments) - orders]]
    result = Type(ct.VOID, -4) if name != "__atomic_compare_exchange" else integer
    return calls.library_call(context, name, result, values + arguments[len(arguments) - orders :], types)


def load_memory(context: FunctionContext, source: places.Place) -> Value:
    """A copy of an atomic object of any size, in a temporary."""
    type = source.type
    home = context.temporary(type)
    if is_inline(type):
        context.builder.store(home, atomic_load(context, source.address, bits_type(type), SEQ_CST))
    else:
        order = context.const(SEQ_CST, ty.I32)
        library(context, "__atomic_load", [context.const(type.size), source.address, home, order], 1)
    return home


def store_memory(context: FunctionContext, target: places.Place, address: Value) -> None:
    """Store the object at `address` atomically."""
    type = target.type
    if is_inline(type):
        alignment = type.unqualified.alignment
        bits = context.builder.load(bits_type(type), address, 0 if alignment >= type.size else alignment)
        atomic_store(context, target.address, bits, SEQ_CST)
    else:
        order = context.const(SEQ_CST, ty.I32)
        library(context, "__atomic_store", [context.const(type.size), target.address, address, order], 1)


def load_place(context: FunctionContext, source: places.Place) -> Value:
    """Lvalue conversion of an _Atomic object."""
    type = source.type
    if context.in_memory(type):
        return load_memory(context, source)
    ir_type = context.ir_type(type)
    if not is_inline(type):
        return context.builder.load(ir_type, load_memory(context, source))
    if ty.is_float(ir_type) or ir_type > 255:
        return from_bits(context, atomic_load(context, source.address, bits_type(type), SEQ_CST), ir_type)
    return atomic_load(context, source.address, ir_type, SEQ_CST)


def store_place(context: FunctionContext, target: places.Place, value: Value) -> None:
    """Assignment to an _Atomic object."""
    type = target.type
    if context.in_memory(type):
        store_memory(context, target, value)
    elif not is_inline(type):
        home = context.temporary(type)
        context.builder.store(home, value)
        store_memory(context, target, home)
    else:
        if ty.is_float(value.type) or value.type > 255:
            value = to_bits(context, value)
        atomic_store(context, target.address, value, SEQ_CST)


# ---- read-modify-write


def compound(context: FunctionContext, expression: tt.CompoundAssignment, target: places.Place, right: Value) -> Value:
    """_Atomic place op= value; gives the new value."""
    type = target.type.unqualified
    operation = expression.operation
    builder = context.builder
    rmw = RMW_OF_OPERATION.get(operation, -1)
    if operation in (tt.POINTER_ADD, tt.POINTER_SUBTRACT):
        base = type.base
        assert base is not None
        null = builder.const(0, ty.PTR)
        distance = assignments.apply(context, expression, null, right)
        distance = resize(context, distance, ty.I64, True)
        old = atomic_rmw(context, op.RMW_ADD, target.address, distance, SEQ_CST)
        return resize(context, builder.binary(op.ADD, ty.I64, old, distance), ty.PTR, True)
    integral = type.is_integer() and type.kind != ct.BOOL and expression.computation_type.is_integer()
    if rmw >= 0 and integral and is_inline(type):
        operand = resize(context, right, bits_type(type), is_unsigned(expression.value.type))
        old = atomic_rmw(context, rmw, target.address, operand, SEQ_CST)
        return builder.binary(arithmetic.operation(operation, type, operand.type), operand.type, old, operand)
    return loop(context, target, expression, None, right)[1]


def increment(context: FunctionContext, expression: tt.IncrementOperation, target: places.Place) -> Value:
    """++ and -- of an _Atomic object."""
    type = target.type.unqualified
    builder = context.builder
    if is_inline(type) and (type.is_integer() and type.kind != ct.BOOL or type.kind == ct.POINTER):
        distance = builder.const(-1 if expression.decrement else 1, bits_type(type))
        if type.kind == ct.POINTER:
            null = builder.const(0, ty.PTR)
            distance = resize(
                context, assignments.step(context, type, null, expression.decrement), ty.I64, True
            )
        old = atomic_rmw(context, op.RMW_ADD, target.address, distance, SEQ_CST)
        result = builder.binary(op.ADD, old.type, old, distance) if expression.prefix else old
        return resize(context, result, context.ir_type(type), True)
    old_value, new_value = loop(context, target, None, expression, None)
    return new_value if expression.prefix else old_value


def loop(
    context: FunctionContext,
    target: places.Place,
    assignment: tt.CompoundAssignment | None,
    step: tt.IncrementOperation | None,
    right: Value | None,
) -> tuple[Value, Value]:
    """Compare and exchange until nobody came between; the old and the new value."""
    builder = context.builder
    type = target.type.unqualified
    ir_type = context.ir_type(type)
    inline = is_inline(type)
    home = context.temporary(type)  # the value that we believe is there
    desired_home = home if inline else context.temporary(type)
    builder.store(home, load_place(context, target))
    again = builder.new_block()
    done = builder.new_block()
    builder.jump(again)
    builder.start(again)
    old = builder.load(ir_type, home)
    if assignment is not None:
        assert right is not None
        new = assignments.apply(context, assignment, old, right)
    else:
        assert step is not None
        new = assignments.step(context, type, old, step.decrement)
    if inline:
        expected = to_bits(context, old)
        found = compare_exchange(context, target.address, expected, to_bits(context, new), SEQ_CST)
        builder.store(home, found)
        success = builder.compare(op.EQ, found, expected)
    else:
        builder.store(desired_home, new)
        order = context.const(SEQ_CST, ty.I32)
        size = context.const(type.size)
        results = library(
            context, "__atomic_compare_exchange", [size, target.address, home, desired_home, order, order], 2
        )
        truth = builder.unary(op.TRUNC, ty.I8, results[0])
        success = builder.compare(op.NE, truth, builder.const(0, ty.I8))
    builder.branch(success, done, again)
    builder.start(done)
    return old, new
