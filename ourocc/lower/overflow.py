"""__builtin_add_overflow and kin: exact arithmetic on operands of any widths and signs, stored wrapped."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import expressions
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import is_unsigned, resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


def call(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """The i8 truth value; the wrapped result is stored, unless only the predicate is asked for (_p)."""
    arguments = expression.arguments
    name = expression.name
    operation = name[:3]
    left_type = arguments[0].type
    right_type = arguments[1].type
    left = expressions.value(context, arguments[0])
    right = expressions.value(context, arguments[1])
    pointer: Value | None = None
    if name.endswith("_p"):
        result_type = expression.type_argument
        assert result_type is not None
    else:
        pointer = expressions.value(context, arguments[2])
        pointee = arguments[2].type.base
        assert pointee is not None
        result_type = pointee.unqualified
    wrapped, overflows = compute(context, operation, left, left_type, right, right_type, result_type)
    if pointer is not None:
        context.builder.store(pointer, wrapped)
    return resize(context, overflows, ty.I8, True)


def bits_needed(type: Type) -> int:
    """Bits of a signed type that holds every value."""
    width = 1 if type.kind == ct.BOOL else type.precision or type.size * 8
    return width + 1 if is_unsigned(type) else width


def compute(
    context: FunctionContext, operation: str, left: Value, left_type: Type, right: Value, right_type: Type, result: Type
) -> tuple[Value, Value]:
    """(wrapped result of the result type, i1)"""
    target = context.ir_type(result)
    same = is_unsigned(left_type) == is_unsigned(right_type) == is_unsigned(result)
    if same and result.kind != ct.BOOL and result.precision == 0:
        if ty.BITS[left.type] <= ty.BITS[target] and ty.BITS[right.type] <= ty.BITS[target]:
            unsigned = is_unsigned(result)
            x = resize(context, left, target, unsigned)
            y = resize(context, right, target, unsigned)
            return arithmetic(context, operation, x, y), overflow(context, operation, x, y, unsigned)
    need_left = bits_needed(left_type)
    need_right = bits_needed(right_type)
    need = need_left + need_right if operation == "mul" else max(need_left, need_right) + 1
    if need <= 128:
        width = 32 if need <= 32 else 64 if need <= 64 else 128
        width = max(width, ty.BITS[target])
        wide = ty.integer_of_bits(width)
        x = resize(context, left, wide, is_unsigned(left_type))
        y = resize(context, right, wide, is_unsigned(right_type))
        exact = arithmetic(context, operation, x, y)
        return fit(context, exact, result, target)
    return compute_wide(context, operation, left, left_type, right, right_type, result, target)


def fit(context: FunctionContext, exact: Value, result: Type, target: int) -> tuple[Value, Value]:
    """Cut an exact signed value to the result type; does it change?"""
    builder = context.builder
    wide = exact.type
    unsigned = is_unsigned(result)
    if result.kind == ct.BOOL:
        low = builder.binary(op.AND, wide, exact, builder.const(1, wide))
        return resize(context, low, target, True), builder.compare(op.NE, low, exact)
    cut = resize(context, exact, target, unsigned)
    if ty.BITS[target] == ty.BITS[wide]:
        if unsigned:
            return cut, builder.compare(op.SLT, exact, builder.const(0, wide))
        return cut, builder.const(0, ty.I1)
    return cut, builder.compare(op.NE, resize(context, cut, wide, unsigned), exact)


def arithmetic(context: FunctionContext, operation: str, x: Value, y: Value) -> Value:
    code = op.ADD if operation == "add" else op.SUB if operation == "sub" else op.MUL
    return context.builder.binary(code, x.type, x, y)


def overflow(context: FunctionContext, operation: str, x: Value, y: Value, unsigned: bool) -> Value:
    if operation == "add":
        code = op.UADD_OVERFLOWS if unsigned else op.SADD_OVERFLOWS
    elif operation == "sub":
        code = op.USUB_OVERFLOWS if unsigned else op.SSUB_OVERFLOWS
    else:
        code = op.UMUL_OVERFLOWS if unsigned else op.SMUL_OVERFLOWS
    return context.builder.compare(code, x, y)


def compute_wide(
    context: FunctionContext,
    operation: str,
    left: Value,
    left_type: Type,
    right: Value,
    right_type: Type,
    result: Type,
    target: int,
) -> tuple[Value, Value]:
    """Operands or results that may need more than 128 bits: magnitudes and sign apart.

    |exact| is computed as an unsigned i128 with an overflow flag; then it must fit the result type with its sign."""
    builder = context.builder
    wide = ty.I128
    x = resize(context, left, wide, is_unsigned(left_type))
    y = resize(context, right, wide, is_unsigned(right_type))
    zero = builder.const(0, wide)
    no = builder.const(0, ty.I1)
    negative_x = no if is_unsigned(left_type) else builder.compare(op.SLT, x, zero)
    negative_y = no if is_unsigned(right_type) else builder.compare(op.SLT, y, zero)
    magnitude_x = builder.select(negative_x, builder.unary(op.NEG, wide, x), x)
    magnitude_y = builder.select(negative_y, builder.unary(op.NEG, wide, y), y)
    if operation == "mul":
        exact = builder.binary(op.MUL, wide, magnitude_x, magnitude_y)
        beyond = builder.compare(op.UMUL_OVERFLOWS, magnitude_x, magnitude_y)
        negative = builder.binary(op.XOR, ty.I1, negative_x, negative_y)
    else:
        if operation == "sub":
            negative_y = builder.unary(op.NOT, ty.I1, negative_y)
        total = builder.binary(op.ADD, wide, magnitude_x, magnitude_y)
        carry = builder.compare(op.UADD_OVERFLOWS, magnitude_x, magnitude_y)
        larger = builder.compare(op.UGE, magnitude_x, magnitude_y)
        x_less_y = builder.binary(op.SUB, wide, magnitude_x, magnitude_y)
        y_less_x = builder.binary(op.SUB, wide, magnitude_y, magnitude_x)
        same_sign = builder.compare(op.EQ, negative_x, negative_y)
        exact = builder.select(same_sign, total, builder.select(larger, x_less_y, y_less_x))
        beyond = builder.binary(op.AND, ty.I1, same_sign, carry)
        negative = builder.select(same_sign, negative_x, builder.select(larger, negative_x, negative_y))
    signed_value = builder.select(negative, builder.unary(op.NEG, wide, exact), exact)
    wrapped = resize(context, signed_value, target, True)
    width = 1 if result.kind == ct.BOOL else ty.BITS[target]
    if is_unsigned(result):
        greatest = (1 << width) - 1
        not_zero = builder.compare(op.NE, exact, zero)
        too_low = builder.binary(op.AND, ty.I1, negative, not_zero)
        too_high = builder.compare(op.UGT, exact, builder.const(greatest, wide))
        if result.kind == ct.BOOL:
            wrapped = builder.binary(op.AND, target, wrapped, builder.const(1, target))
        unfit = builder.binary(op.OR, ty.I1, too_low, too_high)
    else:
        limit = builder.select(
            negative, builder.const(1 << (width - 1), wide), builder.const((1 << (width - 1)) - 1, wide)
        )
        unfit = builder.compare(op.UGT, exact, limit)
    return wrapped, builder.binary(op.OR, ty.I1, beyond, unfit)
