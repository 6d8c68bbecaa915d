"""Expressions as values, as conditions, and for their effects (C17 6.5).

`value` dispatches on the expression's kind; what has a file of its own is called from here: `places`, `arithmetic`,
`assignments`, `calls`, `builtins`, `complex`, `vectors`.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Value
from ourocc.lower import arithmetic, asm, assignments, builtins, calls, complex, places, statements, vectors, vla
from ourocc.lower.constants import real_bits
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import convert, resize, truth
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


def value(context: FunctionContext, expression: tt.Expression) -> Value:
    """The value; of records and big vectors the address; not for complex types."""
    kind = expression.kind
    if isinstance(expression, tt.UnaryOperation):
        return unary_value(context, expression)
    if isinstance(expression, tt.BinaryOperation):
        return binary_value(context, expression)
    if isinstance(expression, tt.IntegerConstant):
        return context.builder.const(expression.value, context.ir_type(expression.type))
    if isinstance(expression, tt.Call):
        return calls.call(context, expression, None)
    if isinstance(expression, tt.PointerArithmetic):
        return pointer_arithmetic(context, expression)
    if isinstance(expression, tt.MemberAccess):
        return places.load(context, places.place(context, expression))
    if isinstance(expression, tt.CompoundAssignment):
        return assignments.compound(context, expression)
    if isinstance(expression, tt.IncrementOperation):
        return assignments.increment(context, expression)
    if isinstance(expression, tt.Conditional):
        return conditional(context, expression)
    if isinstance(expression, tt.FloatConstant):
        type = context.ir_type(expression.type)
        return context.builder.fconst(real_bits(expression.value, type), type)
    if isinstance(expression, tt.BuiltinCall):
        return builtins.call(context, expression)
    if isinstance(expression, tt.StatementExpression):
        return statement_expression(context, expression)
    if isinstance(expression, tt.SavedValue):
        found = context.saved.get(expression)
        if found is None:
            found = value(context, expression.expression)
            context.saved[expression] = found
        return found
    if isinstance(expression, tt.AddressConstant):
        return address_constant(context, expression)
    if isinstance(expression, tt.SizeofVariable):
        return vla.size_of(context, expression.measured)
    if isinstance(expression, tt.VaArg):
        return places.load(context, va_arg_place(context, expression))
    if isinstance(expression, tt.LabelAddress):
        return statements.label_address(context, expression.label)
    if expression.is_place:
        return places.load(context, places.place(context, expression))
    context.unimplemented(expression.location, f"expression kind {kind}")
    return context.undef(ty.I32)


def unary_value(context: FunctionContext, expression: tt.UnaryOperation) -> Value:
    kind = expression.kind
    operand = expression.operand
    if kind == tt.LOAD:
        register = asm.global_register(context, operand)
        if register is not None:
            return asm.read_register(context, register)
        return places.load(context, places.place(context, operand))
    if kind == tt.CONVERT:
        return conversion(context, expression)
    if kind == tt.ARRAY_DECAY or kind == tt.ADDRESS_OF or kind == tt.FUNCTION_DECAY:
        return places.address_of(context, operand)
    if kind == tt.LOGICAL_NOT:
        if expression.type.kind == ct.VECTOR:
            return vectors.unary(context, expression)
        condition = truth_value(context, operand)
        inverted = context.builder.unary(op.NOT, ty.I1, condition)
        return resize(context, inverted, context.ir_type(expression.type), True)
    if kind in (tt.VECTOR_SPLAT, tt.VECTOR_CONVERT) or expression.type.kind == ct.VECTOR and not expression.is_place:
        return vectors.unary(context, expression)
    if kind == tt.NEGATE:
        return arithmetic.negate(context, value(context, operand), expression.type)
    if kind == tt.BITWISE_NOT:
        operand_value = value(context, operand)
        inverted = context.builder.unary(op.NOT, operand_value.type, operand_value)
        return arithmetic.wrapped(context, inverted, expression.type)
    if (kind == tt.REAL_PART or kind == tt.IMAGINARY_PART) and not expression.is_place:
        if operand.type.kind != ct.COMPLEX:
            number = value(context, operand)
            return number if kind == tt.REAL_PART else arithmetic.zero(context, number.type)
        parts = complex.value(context, operand)
        return parts[0] if kind == tt.REAL_PART else parts[1]
    if expression.is_place:
        return places.load(context, places.place(context, expression))
    context.unimplemented(expression.location, f"unary operation {kind}")
    return context.undef(ty.I32)


def binary_value(context: FunctionContext, expression: tt.BinaryOperation) -> Value:
    kind = expression.kind
    if kind == tt.ASSIGN:
        return assignments.assignment(context, expression)
    if kind == tt.COMMA:
        discard(context, expression.left)
        return value(context, expression.right)
    if kind == tt.VECTOR_ELEMENT:
        if expression.is_place:
            return places.load(context, places.place(context, expression))
        return vectors.element(context, expression)
    if expression.type.kind == ct.VECTOR:
        return vectors.binary(context, expression)
    if kind == tt.LOGICAL_AND or kind == tt.LOGICAL_OR:
        return logical_value(context, expression)
    if tt.EQUAL <= kind <= tt.GREATER_EQUAL:
        return resize(context, comparison(context, expression), context.ir_type(expression.type), True)
    left = value(context, expression.left)
    right = value(context, expression.right)
    return arithmetic.binary(context, kind, expression.type, left, right, expression.right.type)


def conversion(context: FunctionContext, expression: tt.UnaryOperation) -> Value:
    """CONVERT to a scalar, vector or record type, or to void."""
    operand = expression.operand
    target = expression.type
    if target.kind == ct.VOID:
        discard(context, operand)
        return context.undef(ty.I32)
    if operand.type.kind == ct.COMPLEX:
        return complex.to_real(context, operand, target)
    if target.kind == ct.BOOL:
        return resize(context, truth_value(context, operand), ty.I8, True)
    if target.kind == ct.VECTOR or operand.type.kind == ct.VECTOR:
        return vectors.reinterpret(context, operand, target)
    if context.in_memory(target):
        return value(context, operand)
    return convert(context, value(context, operand), operand.type, target)


def pointer_arithmetic(context: FunctionContext, expression: tt.PointerArithmetic) -> Value:
    """Pointer plus or minus integer, difference of pointers (C17 6.5.6)."""
    builder = context.builder
    left = value(context, expression.left)
    right = value(context, expression.right)
    scale = vla.scale_of(context, expression.scale_type)
    if expression.kind == tt.POINTER_DIFFERENCE:
        return arithmetic.pointer_difference(context, left, right, scale, context.ir_type(expression.type))
    unsigned = expression.right.type.unsigned
    return arithmetic.pointer_step(context, left, right, unsigned, scale, expression.kind == tt.POINTER_SUBTRACT, builder)


def comparison(context: FunctionContext, expression: tt.BinaryOperation) -> Value:
    """EQUAL .. GREATER_EQUAL as an i1."""
    if expression.left.type.kind == ct.COMPLEX:
        return complex.compare(context, expression)
    left = value(context, expression.left)
    right = value(context, expression.right)
    return arithmetic.compare(context, expression.kind, expression.left.type, left, right)


def truth_value(context: FunctionContext, expression: tt.Expression) -> Value:
    """i1: the scalar expression is not zero."""
    kind = expression.kind
    if isinstance(expression, tt.BinaryOperation):
        if tt.EQUAL <= kind <= tt.GREATER_EQUAL and expression.type.kind != ct.VECTOR:
            return comparison(context, expression)
    if isinstance(expression, tt.UnaryOperation):
        if kind == tt.LOGICAL_NOT:
            return context.builder.unary(op.NOT, ty.I1, truth_value(context, expression.operand))
        if kind == tt.CONVERT and keeps_truth(expression.operand.type, expression.type):
            return truth_value(context, expression.operand)
    if expression.type.kind == ct.COMPLEX:
        return complex.truth(context, expression)
    return truth(context, value(context, expression))


def keeps_truth(source: Type, target: Type) -> bool:
    """Is a conversion between these types unable to turn non-zero into zero?"""
    if target.kind == ct.BOOL:
        return source.is_scalar()
    if source.is_integer() and target.is_integer():
        return target.size >= source.size and target.precision == 0
    return False


def condition(context: FunctionContext, expression: tt.Expression, then: Block, otherwise: Block) -> None:
    """Branch on a scalar expression without making 0 or 1 of it."""
    kind = expression.kind
    builder = context.builder
    if isinstance(expression, tt.BinaryOperation):
        if kind == tt.LOGICAL_AND or kind == tt.LOGICAL_OR:
            middle = builder.new_block()
            if kind == tt.LOGICAL_AND:
                condition(context, expression.left, middle, otherwise)
            else:
                condition(context, expression.left, then, middle)
            start(context, middle)
            condition(context, expression.right, then, otherwise)
            return
        if kind == tt.COMMA:
            discard(context, expression.left)
            condition(context, expression.right, then, otherwise)
            return
    if isinstance(expression, tt.UnaryOperation):
        if kind == tt.LOGICAL_NOT and expression.type.kind != ct.VECTOR:
            condition(context, expression.operand, otherwise, then)
            return
        if kind == tt.CONVERT and keeps_truth(expression.operand.type, expression.type):
            condition(context, expression.operand, then, otherwise)
            return
    if isinstance(expression, tt.BuiltinCall) and expression.name == "expect":
        builder.branch(builtins.expected_truth(context, expression), then, otherwise)
        return
    builder.branch(truth_value(context, expression), then, otherwise)


def start(context: FunctionContext, block: Block) -> None:
    """Go on in `block`; when nothing jumps there, code in it is dead."""
    context.builder.start(block)
    if not block.predecessors:
        context.dead_block = block


def logical_value(context: FunctionContext, expression: tt.BinaryOperation) -> Value:
    """&& and || as 0 or 1."""
    builder = context.builder
    true_block = builder.new_block()
    false_block = builder.new_block()
    condition(context, expression, true_block, false_block)
    type = context.ir_type(expression.type)
    done = builder.new_block()
    arguments: list[Value] = []
    for block, number in ((true_block, 1), (false_block, 0)):
        start(context, block)
        arguments.append(builder.const(number, type))
        builder.jump(done)
    builder.start(done)
    return builder.phi(type, arguments)


def conditional(context: FunctionContext, expression: tt.Conditional) -> Value:
    """?: of scalar, vector, record or void type."""
    builder = context.builder
    if expression.condition.type.kind == ct.VECTOR:
        return vectors.conditional(context, expression)
    then = builder.new_block()
    otherwise = builder.new_block()
    done = builder.new_block()
    void = expression.type.kind == ct.VOID
    condition(context, expression.condition, then, otherwise)
    arguments: list[Value] = []
    for block, branch in ((then, expression.then), (otherwise, expression.otherwise)):
        start(context, block)
        if void:
            discard(context, branch)
        else:
            arguments.append(value(context, branch))
        context.revive()
        builder.jump(done)
    builder.start(done)
    if void:
        return builder.const(0, ty.I32)
    return builder.phi(arguments[0].type, arguments)


def statement_expression(context: FunctionContext, expression: tt.StatementExpression) -> Value:
    """GNU ({ ... })."""
    mark = context.cleanup
    statements.statement_list(context, expression.body)
    context.revive()
    result = expression.result
    if result is None or expression.type.kind == ct.VOID:
        if result is not None:
            discard(context, result)
        found = context.undef(ty.I32)
    else:
        found = value(context, result)
        if expression.type.has_variable_size():
            statements.keep_stack(context, mark)  # it stands there
        elif context.in_memory(expression.type) and context.cleanup is not mark:
            home = vla.temporary(context, expression.type)
            vla.copy(context, home, found, expression.type, expression.type.alignment)
            found = home
    statements.leave_scope(context, mark)
    context.revive()
    return found


def address_constant(context: FunctionContext, expression: tt.AddressConstant) -> Value:
    if expression.label is not None:
        address = statements.label_address(context, expression.label)
        if expression.minus_label is not None:
            other = statements.label_address(context, expression.minus_label)
            left = context.builder.unary(op.BITCAST, ty.I64, address)
            right = context.builder.unary(op.BITCAST, ty.I64, other)
            address = context.builder.binary(op.SUB, ty.I64, left, right)
    elif expression.variable is not None:
        address = context.builder.ptradd(places.variable_address(context, expression.variable), expression.offset)
    else:
        address = context.builder.const(expression.offset, ty.PTR)
    return resize(context, address, context.ir_type(expression.type), True)


def va_arg_place(context: FunctionContext, expression: tt.VaArg) -> places.Place:
    pointer = value(context, expression.operand)
    type = expression.type
    if type.has_variable_size():  # passed by reference
        passed = context.unit.abi.va_arg(context.builder, context.unit.pointer, pointer)
        return places.Place(context.builder.load(ty.PTR, passed), type, type.alignment)
    return places.Place(context.unit.abi.va_arg(context.builder, type, pointer), type, min(type.alignment, 8))


def discard(context: FunctionContext, expression: tt.Expression) -> None:
    """Evaluate for effects only."""
    kind = expression.kind
    context.builder.position = expression.location
    if isinstance(expression, tt.UnaryOperation):
        if kind == tt.CONVERT and expression.type.kind == ct.VOID:
            discard(context, expression.operand)
            return
        if kind == tt.LOAD and not expression.operand.type.qualifiers & (ct.VOLATILE | ct.ATOMIC):
            discard_place(context, expression.operand)
            return
    if isinstance(expression, tt.BinaryOperation) and kind == tt.COMMA:
        discard(context, expression.left)
        discard(context, expression.right)
        return
    if isinstance(expression, tt.Conditional) and expression.type.kind != ct.VOID:
        discard_conditional(context, expression)
        return
    if isinstance(expression, tt.Call):
        calls.call(context, expression, None)
        return
    if isinstance(expression, (tt.IntegerConstant, tt.FloatConstant, tt.ComplexConstant)):
        return
    if expression.type.kind == ct.COMPLEX:
        complex.value(context, expression)
    elif isinstance(expression, tt.VariableReference):
        discard_place(context, expression)
    else:
        value(context, expression)


def discard_place(context: FunctionContext, expression: tt.Expression) -> None:
    if isinstance(expression, tt.VariableReference) and expression.kind == tt.VARIABLE:
        return
    if expression.is_place:
        places.place(context, expression)
    else:
        discard(context, expression)


def discard_conditional(context: FunctionContext, expression: tt.Conditional) -> None:
    builder = context.builder
    then = builder.new_block()
    otherwise = builder.new_block()
    done = builder.new_block()
    condition(context, expression.condition, then, otherwise)
    for block, branch in ((then, expression.then), (otherwise, expression.otherwise)):
        start(context, block)
        discard(context, branch)
        context.revive()
        builder.jump(done)
    builder.start(done)


def assign(context: FunctionContext, target: places.Place, expression: tt.Expression) -> None:
    """Evaluate `expression` and store it into `target`, which is not read by it (initialization)."""
    type = expression.type
    if type.kind == ct.COMPLEX:
        complex.store(context, target, complex.value(context, expression))
    elif isinstance(expression, tt.Call) and context.in_memory(type) and not target.is_volatile():
        calls.call(context, expression, target.address)
    else:
        places.store(context, target, value(context, expression))
