"""The builtins that lowering knows; `semantics/builtins.py` says what each takes and gives."""

from typing import Final

from ourocc.base.floating import Real
from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import asm, atomic_builtins, expressions, inline, non_local, overflow, untyped_calls, vectors
from ourocc.lower.constants import FORMATS, real_bits
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct

QUIET_COMPARISONS: Final = {
    "isgreater": op.FOGT,
    "isgreaterequal": op.FOGE,
    "isless": op.FOLT,
    "islessequal": op.FOLE,
    "islessgreater": op.FONE,
    "isunordered": op.FUNO,
}
CLASSIFICATIONS: Final = ("isnan", "isinf", "isinf_sign", "isfinite", "isnormal", "signbit")
EFFECTLESS: Final = ("object_size", "constant_p", "expect", "clz", "ctz", "popcount", "parity", "ffs", "clrsb", "bswap", "abs")
BIT_OPERATIONS: Final = ("clz", "ctz", "popcount", "parity", "ffs", "clrsb")


def call(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """The value of a builtin (void ones give something that nobody uses)."""
    name = expression.name
    arguments = expression.arguments
    builder = context.builder
    if name.startswith("atomic_") or name.startswith("sync_"):
        return atomic_builtins.call(context, expression)
    if name in ("shuffle", "shufflevector") or expression.kind == tt.VECTOR_SHUFFLE:
        if name == "shufflevector":
            return vectors.shuffle_constant(context, expression)
        return vectors.shuffle(context, expression)
    if name in BIT_OPERATIONS:
        return bit_operation(context, name, expressions.value(context, arguments[0]))
    if name == "bswap":
        value = expressions.value(context, arguments[0])
        return value if value.type == ty.I8 else builder.unary(op.BSWAP, value.type, value)
    if name == "abs":
        return absolute(context, expressions.value(context, arguments[0]))
    if name == "expect":
        return expect(context, expression)
    if name == "unreachable" or name == "trap":
        if name == "trap":
            builder.emit(op.TRAP, ty.VOID)
        builder.unreachable()
        context.revive()
        return context.undef(ty.I32)
    if name in QUIET_COMPARISONS:
        left = expressions.value(context, arguments[0])
        right = expressions.value(context, arguments[1])
        return builder.unary(op.ZEXT, ty.I32, builder.compare(QUIET_COMPARISONS[name], left, right))
    if name in CLASSIFICATIONS:
        return classification(context, name, expressions.value(context, arguments[0]))
    if name == "fpclassify":
        return fpclassify(context, arguments)
    if name == "fabs":
        value = expressions.value(context, arguments[0])
        return builder.unary(op.FABS, value.type, value)
    if name == "copysign":
        left = expressions.value(context, arguments[0])
        return builder.binary(op.FCOPYSIGN, left.type, left, expressions.value(context, arguments[1]))
    if name.endswith("_overflow") or name.endswith("_overflow_p"):
        return overflow.call(context, expression)
    return frame_builtin(context, expression)


def frame_builtin(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """Stack, frames, variable arguments, hints."""
    name = expression.name
    arguments = expression.arguments
    builder = context.builder
    if name == "va_start":
        pointer = expressions.value(context, arguments[0])
        context.unit.abi.va_start(builder, context.layout, pointer)
        return pointer
    if name == "va_end":
        expressions.discard(context, arguments[0])
        return context.undef(ty.I32)
    if name == "va_copy":
        destination = expressions.value(context, arguments[0])
        context.unit.abi.va_copy(builder, destination, expressions.value(context, arguments[1]))
        return destination
    if name == "alloca":
        size = resize(context, expressions.value(context, arguments[0]), ty.I64, True)
        space = builder.unary(op.DYNAMIC_ALLOCA, ty.PTR, size)
        space.extra = max(constant_argument(arguments, 1), 16)
        context.function.has_dynamic_stack = True
        return space
    if name == "frame_address" or name == "return_address":
        context.function.needs_frame_pointer = True
        value = builder.emit(op.FRAME_ADDRESS if name == "frame_address" else op.RETURN_ADDRESS, ty.PTR)
        value.imm = constant_argument(arguments, 0)
        return value
    if name == "thread_pointer":
        return builder.emit(op.THREAD_POINTER, ty.PTR)
    if name == "prefetch":
        hint = builder.unary(op.PREFETCH, ty.VOID, expressions.value(context, arguments[0]))
        hint.imm = constant_argument(arguments, 1) | constant_argument(arguments, 2, 3) << 1
        return context.undef(ty.I32)
    if name == "assume_aligned":
        for argument in arguments[1:]:
            expressions.discard(context, argument)
        return expressions.value(context, arguments[0])
    if name == "setjmp":
        return non_local.setjmp(context, expressions.value(context, arguments[0]))
    if name == "longjmp":
        buffer = expressions.value(context, arguments[0])
        expressions.discard(context, arguments[1])
        non_local.jump(context, buffer)
        return context.undef(ty.I32)
    if name == "va_arg_pack" or name == "va_arg_pack_len":
        return inline.pack_length(context, expression)
    if name == "constant_p":
        return constant_p(context, expression)
    if name == "apply_args":
        return untyped_calls.apply_args(context)
    if name == "apply":
        if not isinstance(arguments[2], tt.IntegerConstant):
            context.unimplemented(expression.location, "'__builtin_apply' of a size that is no constant")
            return context.undef(ty.PTR)
        return untyped_calls.apply(context, expression, arguments[2].value)
    if name == "return":
        untyped_calls.give_back(context, expression)
        return context.undef(ty.I32)
    if name == "object_size":
        return object_size(context, expression)
    return machine_builtin(context, expression)


def constant_argument(arguments: list[tt.Expression], index: int, default: int = 0) -> int:
    if index < len(arguments):
        argument = arguments[index]
        while isinstance(argument, tt.UnaryOperation) and argument.kind == tt.CONVERT:
            argument = argument.operand
        if isinstance(argument, tt.IntegerConstant):
            return argument.value
    return default


def constant_p(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """Known now: constants and string literals are constant.  With optimization `is_constant` asks later."""
    argument = expression.arguments[0]
    if context.unit.options.optimize_level > 0 and argument.type.is_scalar() and not has_effects(argument):
        if argument.type.kind != ct.COMPLEX:
            value = expressions.value(context, argument)
            found = context.builder.unary(op.IS_CONSTANT, ty.I1, value)
            return context.builder.unary(op.ZEXT, ty.I32, found)
    return context.builder.const(0, ty.I32)


def object_size(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """Semantics does not know it: the optimizer may."""
    kind = constant_argument(expression.arguments, 1)
    if has_effects(expression.arguments[0]):
        return context.builder.const(-1 if kind < 2 else 0, context.ir_type(expression.type))
    pointer = expressions.value(context, expression.arguments[0])
    size = context.builder.unary(op.OBJECT_SIZE, context.ir_type(expression.type), pointer)
    size.imm = kind
    return size


def has_effects(expression: tt.Expression) -> bool:
    """Could evaluating it do anything?  (Conservative.)"""
    if isinstance(expression, (tt.IntegerConstant, tt.FloatConstant, tt.StringLiteral, tt.AddressConstant)):
        return False
    if isinstance(expression, tt.VariableReference):
        return expression.kind != tt.VARIABLE or (expression.type.qualifiers & ct.VOLATILE) != 0
    if isinstance(expression, tt.UnaryOperation):
        if expression.kind in (tt.LOAD, tt.DEREFERENCE) and expression.operand.type.qualifiers & ct.VOLATILE:
            return True
        return has_effects(expression.operand)
    if isinstance(expression, tt.BinaryOperation):
        if expression.kind == tt.ASSIGN:
            return True
        if expression.kind in (tt.DIVIDE, tt.REMAINDER) and constant_argument([expression.right], 0) in (0, -1):
            return True  # it may trap
        return has_effects(expression.left) or has_effects(expression.right)
    if isinstance(expression, tt.BuiltinCall) and expression.name in EFFECTLESS:
        for argument in expression.arguments:
            if has_effects(argument):
                return True
        return False
    if isinstance(expression, tt.PointerArithmetic):
        return has_effects(expression.left) or has_effects(expression.right)
    if isinstance(expression, tt.MemberAccess):
        return (expression.type.qualifiers & ct.VOLATILE) != 0 or has_effects(expression.base)
    if isinstance(expression, tt.Conditional):
        return (
            has_effects(expression.condition) or has_effects(expression.then) or has_effects(expression.otherwise)
        )
    return True


# ---- bits and integers


def bit_operation(context: FunctionContext, name: str, value: Value) -> Value:
    builder = context.builder
    type = value.type
    width = ty.BITS[type]
    if name == "clz":
        result = builder.unary(op.CLZ, type, value)
    elif name == "ctz":
        result = builder.unary(op.CTZ, type, value)
    elif name == "popcount":
        result = builder.unary(op.POPCOUNT, type, value)
    elif name == "parity":
        result = builder.unary(op.POPCOUNT, type, value)
        result = builder.binary(op.AND, type, result, builder.const(1, type))
    elif name == "ffs":
        number = builder.binary(op.ADD, type, builder.unary(op.CTZ, type, value), builder.const(1, type))
        zero = builder.const(0, type)
        result = builder.select(builder.compare(op.EQ, value, zero), zero, number)
    else:  # clrsb: redundant sign bits; x ^ (x >> 31) has the sign cleared
        sign = builder.binary(op.ASHR, type, value, builder.const(width - 1, type))
        magnitude = builder.binary(op.XOR, type, value, sign)
        shifted = builder.binary(op.SHL, type, magnitude, builder.const(1, type))
        marked = builder.binary(op.OR, type, shifted, builder.const(1, type))
        result = builder.unary(op.CLZ, type, marked)
    return resize(context, result, ty.I32, True)


def absolute(context: FunctionContext, value: Value) -> Value:
    builder = context.builder
    negative = builder.compare(op.SLT, value, builder.const(0, value.type))
    return builder.select(negative, builder.unary(op.NEG, value.type, value), value)


def expect(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    value = expressions.value(context, expression.arguments[0])
    expectation = expression.arguments[1]
    while isinstance(expectation, tt.UnaryOperation) and expectation.kind == tt.CONVERT:
        expectation = expectation.operand
    if not isinstance(expectation, tt.IntegerConstant):
        expressions.discard(context, expectation)
        return value
    hint = context.builder.unary(op.EXPECT, value.type, value)
    hint.imm = expectation.value
    return hint


def expected_truth(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """__builtin_expect in a condition: an i1 with the hint."""
    expectation = expression.arguments[1]
    condition = expressions.truth_value(context, expression.arguments[0])
    while isinstance(expectation, tt.UnaryOperation) and expectation.kind == tt.CONVERT:
        expectation = expectation.operand
    if not isinstance(expectation, tt.IntegerConstant):
        expressions.discard(context, expectation)
        return condition
    hint = context.builder.unary(op.EXPECT, ty.I1, condition)
    hint.imm = 1 if expectation.value else 0
    return hint


# ---- floating classification


def infinity(context: FunctionContext, type: int) -> Value:
    return context.builder.fconst(real_bits(Real(0, 0, 0, 1), type), type)


def smallest_normal(context: FunctionContext, type: int) -> Value:
    bias = (1 << (FORMATS[type][0] - 1)) - 1
    return context.builder.fconst(real_bits(Real(0, 1, 1 - bias), type), type)


def sign_bit(context: FunctionContext, value: Value) -> Value:
    """i1: the sign bit, of NaN and -0.0 too."""
    builder = context.builder
    one = builder.fconst(real_bits(Real(0, 1, 0), value.type), value.type)
    return builder.compare(op.FOLT, builder.binary(op.FCOPYSIGN, value.type, one, value), builder.fconst(0, value.type))


def classification(context: FunctionContext, name: str, value: Value) -> Value:
    builder = context.builder
    if name == "isnan":
        found = builder.compare(op.FUNO, value, value)
    elif name == "signbit":
        found = sign_bit(context, value)
    else:
        magnitude = builder.unary(op.FABS, value.type, value)
        limit = infinity(context, value.type)
        if name == "isfinite":
            found = builder.compare(op.FOLT, magnitude, limit)
        elif name == "isnormal":
            below = builder.compare(op.FOLT, magnitude, limit)
            above = builder.compare(op.FOGE, magnitude, smallest_normal(context, value.type))
            found = builder.binary(op.AND, ty.I1, below, above)
        else:
            found = builder.compare(op.FOEQ, magnitude, limit)
            if name == "isinf_sign":
                minus = builder.select(sign_bit(context, value), builder.const(-1, ty.I32), builder.const(1, ty.I32))
                return builder.select(found, minus, builder.const(0, ty.I32))
    return builder.unary(op.ZEXT, ty.I32, found)


def fpclassify(context: FunctionContext, arguments: list[tt.Expression]) -> Value:
    """(nan, infinite, normal, subnormal, zero, x)"""
    builder = context.builder
    numbers = [expressions.value(context, argument) for argument in arguments[:5]]
    value = expressions.value(context, arguments[5])
    magnitude = builder.unary(op.FABS, value.type, value)
    result = builder.select(
        builder.compare(op.FOGE, magnitude, smallest_normal(context, value.type)), numbers[2], numbers[3]
    )
    result = builder.select(builder.compare(op.FOEQ, magnitude, infinity(context, value.type)), numbers[1], result)
    result = builder.select(builder.compare(op.FOEQ, magnitude, builder.fconst(0, value.type)), numbers[4], result)
    return builder.select(builder.compare(op.FUNO, value, value), numbers[0], result)


# ---- one target


def machine_builtin(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """Builtins of one machine are inline assembly, or calls of the run-time library."""
    name = expression.name
    if name in asm.BUILTINS:
        return asm.builtin(context, expression)
    context.unimplemented(expression.location, f"'__builtin_{name}'")
    type = expression.type
    return context.undef(ty.I32 if type.kind == ct.VOID or not type.is_scalar() else context.ir_type(type))


