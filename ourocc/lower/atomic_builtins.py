"""__atomic_* and __sync_* builtins, in the normal form of `semantics/builtins.py`."""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import atomics, calls, expressions
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import resize, truth
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type

RMW: Final = {
    "add": op.RMW_ADD,
    "sub": op.RMW_SUB,
    "and": op.RMW_AND,
    "or": op.RMW_OR,
    "xor": op.RMW_XOR,
    "nand": op.RMW_NAND,
}
PLAIN: Final = {
    "add": op.ADD,
    "sub": op.SUB,
    "and": op.AND,
    "or": op.OR,
    "xor": op.XOR,
    "nand": op.AND,
}


def order_of(context: FunctionContext, argument: tt.Expression) -> int:
    """A memory order; one that is not constant is taken as the strongest."""
    while isinstance(argument, tt.UnaryOperation) and argument.kind == tt.CONVERT:
        argument = argument.operand
    if isinstance(argument, tt.IntegerConstant):
        order = argument.value & 0xFFFF
        return order if order <= atomics.SEQ_CST else atomics.SEQ_CST
    expressions.discard(context, argument)
    return atomics.SEQ_CST


def pointee(expression: tt.Expression) -> Type:
    base = expression.type.base
    assert base is not None
    return base.unqualified


def call(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    name = expression.name
    arguments = expression.arguments
    builder = context.builder
    if name in ("atomic_thread_fence", "atomic_signal_fence"):
        fence = builder.emit(op.FENCE, ty.VOID)
        fence.imm = order_of(context, arguments[0])
        fence.extra = 1 if name == "atomic_signal_fence" else 0
        return context.undef(ty.I32)
    address = expressions.value(context, arguments[0])
    if name == "atomic_test_and_set":
        order = order_of(context, arguments[1])
        old = atomics.atomic_rmw(context, op.RMW_XCHG, address, builder.const(1, ty.I8), order)
        return builder.unary(op.ZEXT, ty.I8, truth(context, old))
    if name == "atomic_clear":
        atomics.atomic_store(context, address, builder.const(0, ty.I8), order_of(context, arguments[1]))
        return context.undef(ty.I32)
    type = pointee(arguments[0])
    if type.kind == ct.VOID:
        type = expression.type
    if type.size == 16:
        return wide_call(context, expression, address)
    ir_type = context.ir_type(type)
    bits = atomics.bits_type(type)
    if name == "atomic_load":
        loaded = atomics.atomic_load(context, address, bits, order_of(context, arguments[1]))
        return restore(context, loaded, ir_type)
    if name == "atomic_store":
        value = as_bits(context, expressions.value(context, arguments[1]), bits)
        atomics.atomic_store(context, address, value, order_of(context, arguments[2]))
        return context.undef(ty.I32)
    if name == "atomic_exchange":
        value = as_bits(context, expressions.value(context, arguments[1]), bits)
        old = atomics.atomic_rmw(context, op.RMW_XCHG, address, value, order_of(context, arguments[2]))
        return restore(context, old, ir_type)
    if name == "atomic_compare_exchange":
        return compare_exchange(context, arguments, address, bits)
    if name.startswith("sync_"):
        expected = as_bits(context, expressions.value(context, arguments[1]), bits)
        desired = as_bits(context, expressions.value(context, arguments[2]), bits)
        found = atomics.compare_exchange(context, address, expected, desired, atomics.SEQ_CST)
        if name == "sync_bool_compare_and_swap":
            return builder.unary(op.ZEXT, ty.I8, builder.compare(op.EQ, found, expected))
        return restore(context, found, ir_type)
    words = name.split("_")  # atomic fetch add | atomic add fetch
    fetch_first = words[1] == "fetch"
    operation = words[2] if fetch_first else words[1]
    value = as_bits(context, expressions.value(context, arguments[1]), bits)
    old = atomics.atomic_rmw(context, RMW[operation], address, value, order_of(context, arguments[2]))
    if not fetch_first:
        old = builder.binary(PLAIN[operation], bits, old, value)
        if operation == "nand":
            old = builder.unary(op.NOT, bits, old)
    return restore(context, old, ir_type)


def as_bits(context: FunctionContext, value: Value, bits: int) -> Value:
    value = atomics.to_bits(context, value)
    return resize(context, value, bits, True)


def restore(context: FunctionContext, bits: Value, type: int) -> Value:
    return atomics.from_bits(context, bits, type)


def compare_exchange(
    context: FunctionContext, arguments: list[tt.Expression], address: Value, bits: int
) -> Value:
    """(p, expected *, desired, weak, success, failure): on failure *expected gets what was found."""
    builder = context.builder
    expected_address = expressions.value(context, arguments[1])
    desired = as_bits(context, expressions.value(context, arguments[2]), bits)
    expressions.discard(context, arguments[3])
    order = max(order_of(context, arguments[4]), order_of(context, arguments[5]))
    expected = builder.load(bits, expected_address)
    found = atomics.compare_exchange(context, address, expected, desired, order)
    success = builder.compare(op.EQ, found, expected)
    failed = builder.new_block()
    done = builder.new_block()
    builder.branch(success, done, failed)
    builder.start(failed)
    builder.store(expected_address, found)
    builder.jump(done)
    builder.start(done)
    return builder.unary(op.ZEXT, ty.I8, success)


# ---- 16 bytes: libatomic's functions of that size


def wide_call(context: FunctionContext, expression: tt.BuiltinCall, address: Value) -> Value:
    """__atomic_load_16 and kin: values travel as __int128."""
    name = expression.name
    arguments = expression.arguments
    builder = context.builder
    pointer = atomics.helper_types(context, 1)[0]
    integer = context.unit.int
    wide = Type(ct.UINT128, -7)
    wide.size = 16
    wide.alignment = 16
    wide.unsigned = True
    void = Type(ct.VOID, -4)
    base = resize(context, address, ty.I64, True)
    if name == "atomic_load":
        pieces = calls.library_call(
            context, "__atomic_load_16", wide, [base, order_value(context, arguments[1])], [pointer, integer]
        )
        return wide_result(context, pieces, expression.type)
    value_index = 2 if name == "atomic_compare_exchange" or name.startswith("sync_") else 1
    value = atomics.to_bits(context, expressions.value(context, arguments[value_index]))
    if name == "atomic_compare_exchange" or name.startswith("sync_"):
        home = builder.alloca(16, 16)
        if name.startswith("sync_"):
            builder.store(home, atomics.to_bits(context, expressions.value(context, arguments[1])))
            expected_address = home
        else:
            expected_address = expressions.value(context, arguments[1])
            expressions.discard(context, arguments[3])
        orders = [builder.const(5, ty.I32), builder.const(5, ty.I32)]
        pieces = calls.library_call(
            context,
            "__atomic_compare_exchange_16",
            integer,
            [base, resize(context, expected_address, ty.I64, True), value, orders[0], orders[1]],
            [pointer, pointer, wide, integer, integer],
        )
        if name == "sync_val_compare_and_swap":
            return atomics.from_bits(context, builder.load(ty.I128, home), context.ir_type(expression.type))
        return builder.unary(op.TRUNC, ty.I8, pieces[0])
    function = "__" + name + "_16"
    order = order_value(context, arguments[2])
    if name == "atomic_store":
        calls.library_call(context, function, void, [base, value, order], [pointer, wide, integer])
        return context.undef(ty.I32)
    pieces = calls.library_call(context, function, wide, [base, value, order], [pointer, wide, integer])
    return wide_result(context, pieces, expression.type)


def order_value(context: FunctionContext, argument: tt.Expression) -> Value:
    return resize(context, expressions.value(context, argument), ty.I32, False)


def wide_result(context: FunctionContext, pieces: list[Value], type: Type) -> Value:
    low = resize(context, pieces[0], ty.I128, True)
    high = resize(context, pieces[1], ty.I128, True)
    high = context.builder.binary(op.SHL, ty.I128, high, context.builder.const(64, ty.I128))
    whole = context.builder.binary(op.OR, ty.I128, low, high)
    return atomics.from_bits(context, whole, context.ir_type(type))
