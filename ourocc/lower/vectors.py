"""GNU vectors: as IR vectors when they fill the target's vector registers, else element by element through memory.

Comparison gives masks (0 or -1 a lane) of a signed integer vector type of the same shape.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import arithmetic, expressions, places
from ourocc.lower.constants import one_bits
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import convert, is_unsigned, resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


def lane(type: Type) -> Type:
    assert type.base is not None
    return type.base


def get(context: FunctionContext, vector: Value, type: Type, index: int) -> Value:
    """Lane `index` of a vector value in its representation."""
    builder = context.builder
    element_type = context.ir_type(lane(type))
    if context.in_memory(type):
        return builder.load(element_type, builder.ptradd(vector, index * lane(type).size))
    return builder.operation(op.VEXTRACT, element_type, [vector, builder.const(index, ty.I64)])


def make(context: FunctionContext, lanes: list[Value], type: Type) -> Value:
    """A vector value of its lanes."""
    builder = context.builder
    if context.in_memory(type):
        home = context.temporary(type)
        for index, value in enumerate(lanes):
            builder.store(builder.ptradd(home, index * lane(type).size), value)
        return home
    return builder.operation(op.VMAKE, context.ir_type(type), lanes)


def element(context: FunctionContext, expression: tt.BinaryOperation) -> Value:
    """vector value [ index value ]"""
    type = expression.left.type
    vector = expressions.value(context, expression.left)
    index = expressions.value(context, expression.right)
    base = lane(type)
    if not context.in_memory(type) and index.op == op.CONST and 0 <= index.imm < type.length:
        return get(context, vector, type, index.imm)
    home = vector
    if not context.in_memory(type):
        home = context.temporary(type)
        context.builder.store(home, vector)
    address = places.element_address(context, home, index, expression.right.type, base.size)
    return context.builder.load(context.ir_type(base), address)


def splat(context: FunctionContext, scalar: Value, type: Type) -> Value:
    if context.in_memory(type):
        return make(context, [scalar] * type.length, type)
    return context.builder.unary(op.VSPLAT, context.ir_type(type), scalar)


def unary(context: FunctionContext, expression: tt.UnaryOperation) -> Value:
    kind = expression.kind
    type = expression.type
    operand = expression.operand
    if kind == tt.VECTOR_SPLAT:
        return splat(context, expressions.value(context, operand), type)
    vector = expressions.value(context, operand)
    if kind == tt.VECTOR_CONVERT:
        lanes: list[Value] = []
        for index in range(type.length):
            lanes.append(convert(context, get(context, vector, operand.type, index), lane(operand.type), lane(type)))
        return make(context, lanes, type)
    if kind == tt.LOGICAL_NOT:
        return compare(context, tt.EQUAL, operand.type, type, vector, zero(context, operand.type))
    if context.in_memory(type):
        lanes = []
        for index in range(type.length):
            lanes.append(unary_lane(context, kind, get(context, vector, type, index), lane(type)))
        return make(context, lanes, type)
    return unary_lane(context, kind, vector, lane(type))


def unary_lane(context: FunctionContext, kind: int, value: Value, type: Type) -> Value:
    if kind == tt.BITWISE_NOT:
        return context.builder.unary(op.NOT, value.type, value)
    code = op.FNEG if type.is_floating() else op.NEG
    return context.builder.unary(code, value.type, value)


def zero(context: FunctionContext, type: Type) -> Value:
    if not context.in_memory(type):
        return arithmetic.zero(context, context.ir_type(type))
    return splat(context, arithmetic.zero(context, context.ir_type(lane(type))), type)


def binary(context: FunctionContext, expression: tt.BinaryOperation) -> Value:
    """Element-wise arithmetic, comparison, && and ||."""
    kind = expression.kind
    operand_type = expression.left.type
    left = expressions.value(context, expression.left)
    right = expressions.value(context, expression.right)
    if kind == tt.LOGICAL_AND or kind == tt.LOGICAL_OR:
        x = compare(context, tt.NOT_EQUAL, operand_type, expression.type, left, zero(context, operand_type))
        right_type = expression.right.type
        y = compare(context, tt.NOT_EQUAL, right_type, expression.type, right, zero(context, right_type))
        code = tt.BITWISE_AND if kind == tt.LOGICAL_AND else tt.BITWISE_OR
        return combine(context, code, expression.type, expression.type, x, y)
    if tt.EQUAL <= kind <= tt.GREATER_EQUAL:
        return compare(context, kind, operand_type, expression.type, left, right)
    return combine(context, kind, operand_type, expression.type, left, right)


def combine(
    context: FunctionContext, kind: int, operand_type: Type, result_type: Type, left: Value, right: Value
) -> Value:
    """left `kind` right for vectors of one type."""
    base = lane(operand_type)
    if not context.in_memory(operand_type):
        ir_type = context.ir_type(operand_type)
        code = arithmetic.operation(kind, base, ir_type)
        return context.builder.binary(code, ir_type, left, right)
    lanes: list[Value] = []
    for index in range(operand_type.length):
        x = get(context, left, operand_type, index)
        y = get(context, right, operand_type, index)
        code = arithmetic.operation(kind, base, x.type)
        lanes.append(context.builder.binary(code, x.type, x, y))
    return make(context, lanes, result_type)


def compare(
    context: FunctionContext, kind: int, operand_type: Type, result_type: Type, left: Value, right: Value
) -> Value:
    base = lane(operand_type)
    if not context.in_memory(operand_type):
        code = arithmetic.operation(kind, base, left.type)
        return context.builder.binary(code, context.ir_type(result_type), left, right)
    mask = context.ir_type(lane(result_type))
    lanes: list[Value] = []
    for index in range(operand_type.length):
        x = get(context, left, operand_type, index)
        y = get(context, right, operand_type, index)
        truth = context.builder.compare(arithmetic.operation(kind, base, x.type), x, y)
        lanes.append(context.builder.unary(op.SEXT, mask, truth))
    return make(context, lanes, result_type)


def step(context: FunctionContext, type: Type, old: Value, decrement: bool) -> Value:
    """++ and --: every lane."""
    base = lane(type)
    ir_type = context.ir_type(base)
    if base.is_floating():
        one = context.builder.fconst(one_bits(ir_type), ir_type)
    else:
        one = context.builder.const(1, ir_type)
    return combine(context, tt.SUBTRACT if decrement else tt.ADD, type, type, old, splat(context, one, type))


def conditional(context: FunctionContext, expression: tt.Conditional) -> Value:
    """mask ? x : y, element-wise."""
    mask_type = expression.condition.type
    type = expression.type
    mask = expressions.value(context, expression.condition)
    then = expressions.value(context, expression.then)
    otherwise = expressions.value(context, expression.otherwise)
    builder = context.builder
    if not context.in_memory(mask_type) and not context.in_memory(type):
        ones = builder.binary(op.NE, mask.type, mask, arithmetic.zero(context, mask.type))
        return builder.select(ones, then, otherwise)
    lanes: list[Value] = []
    for index in range(type.length):
        element_mask = get(context, mask, mask_type, index)
        truth = builder.compare(op.NE, element_mask, builder.const(0, element_mask.type))
        x = get(context, then, type, index)
        lanes.append(builder.select(truth, x, get(context, otherwise, type, index)))
    return make(context, lanes, type)


def reinterpret(context: FunctionContext, operand: tt.Expression, target: Type) -> Value:
    """CONVERT between vectors of one size, or between a vector and an integer of its size: the same bits."""
    source = operand.type
    value = expressions.value(context, operand)
    from_memory = context.in_memory(source)
    to_memory = context.in_memory(target)
    if from_memory and to_memory:
        return value
    if from_memory:
        return context.builder.load(context.ir_type(target), value)
    if to_memory:
        home = context.temporary(target)
        context.builder.store(home, value)
        return home
    if source.kind != ct.VECTOR and target.kind == ct.VECTOR and source.size != target.size:
        return splat(context, convert(context, value, source, lane(target)), target)
    wanted = context.ir_type(target)
    return value if value.type == wanted else context.builder.unary(op.BITCAST, wanted, value)


def shuffle(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """__builtin_shuffle (one or two vectors and a mask vector)."""
    arguments = expression.arguments
    type = expression.type
    vectors = [expressions.value(context, argument) for argument in arguments[:-1]]
    mask_type = arguments[-1].type
    mask = expressions.value(context, arguments[-1])
    builder = context.builder
    source_type = arguments[0].type
    count = type.length
    size = lane(type).size
    # both vectors side by side in memory: lane i is at mask[i] modulo their number of elements
    together = builder.alloca(len(vectors) * type.size, 16)
    for index, vector in enumerate(vectors):
        place = builder.ptradd(together, index * type.size)
        if context.in_memory(source_type):
            context.copy(place, vector, type.size, 1)
        else:
            builder.store(place, vector)
    lanes: list[Value] = []
    for index in range(count):
        position = resize(context, get(context, mask, mask_type, index), ty.I64, is_unsigned(lane(mask_type)))
        position = builder.binary(op.AND, ty.I64, position, builder.const(count * len(vectors) - 1, ty.I64))
        offset = builder.binary(op.MUL, ty.I64, position, builder.const(size, ty.I64))
        address = builder.binary(op.PTRADD, ty.PTR, together, offset)
        lanes.append(builder.load(context.ir_type(lane(type)), address))
    return make(context, lanes, type)


def shuffle_constant(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """__builtin_shufflevector: two vectors and constant lane numbers, -1 for any."""
    arguments = expression.arguments
    type = expression.type
    source = arguments[0].type
    first = expressions.value(context, arguments[0])
    second = expressions.value(context, arguments[1])
    count = source.length
    lanes: list[Value] = []
    for argument in arguments[2:]:
        assert isinstance(argument, tt.IntegerConstant)
        number = argument.value
        if number < 0:
            number = 0
        vector = first if number < count else second
        lanes.append(get(context, vector, source, number % count))
    return make(context, lanes, type)
