"""Complex arithmetic on pairs of values (C17 6.5, Annex G; GNU complex integers).

Multiplication is done inline and asks the run-time library only when both parts came out as NaN (G.5.1 recovers
infinities); division always calls it, as it needs scaling.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import alias_classes, arithmetic, assignments, atomics, calls, expressions, places, statements
from ourocc.lower.context import FunctionContext
from ourocc.lower.conversions import convert
from ourocc.lower.conversions import truth as scalar_truth
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type

# suffixes of __mul?c3 and __div?c3 (GCC's machine modes)
MODES: Final = {ty.F16: "h", ty.F32: "s", ty.F64: "d", ty.F80: "x", ty.F128: "t"}


def base_of(type: Type) -> Type:
    """The type of the parts; of a real type itself."""
    if type.kind == ct.COMPLEX:
        assert type.base is not None
        return type.base
    return type


def load(context: FunctionContext, place: places.Place) -> tuple[Value, Value]:
    """Both parts of a complex object."""
    base = base_of(place.type)
    address = place.address
    if place.is_atomic():
        address = atomics.load_memory(context, place)
    type = context.ir_type(base)
    volatile = place.is_volatile()
    known = places.extra_alignment(type, place.alignment)
    second = context.builder.ptradd(address, base.size)
    if place.is_reversed():
        real = places.load_reversed(context, type, address, known, volatile)
        return real, places.load_reversed(context, type, second, known, volatile)
    alias_class = alias_classes.access_class(context, place)
    real = context.builder.load(type, address, known, volatile, alias_class)
    return real, context.builder.load(type, second, known, volatile, alias_class)


def store(context: FunctionContext, place: places.Place, parts: tuple[Value, Value]) -> None:
    base = base_of(place.type)
    if place.is_atomic():
        home = context.temporary(place.type)
        store(context, places.Place(home, place.type.unqualified, place.alignment), parts)
        atomics.store_memory(context, place, home)
        return
    volatile = place.is_volatile()
    known = places.extra_alignment(parts[0].type, place.alignment)
    second = context.builder.ptradd(place.address, base.size)
    if place.is_reversed():
        places.store_reversed(context, parts[0], place.address, known, volatile)
        places.store_reversed(context, parts[1], second, known, volatile)
        return
    alias_class = alias_classes.access_class(context, place)
    context.builder.store(place.address, parts[0], known, volatile, alias_class)
    context.builder.store(second, parts[1], known, volatile, alias_class)


def value(context: FunctionContext, expression: tt.Expression) -> tuple[Value, Value]:
    """Real and imaginary part of a complex expression."""
    type = expression.type
    kind = expression.kind
    if isinstance(expression, tt.ComplexConstant):
        return expressions.value(context, expression.real), expressions.value(context, expression.imaginary)
    if isinstance(expression, tt.UnaryOperation) and not expression.is_place:
        return unary(context, expression)
    if isinstance(expression, tt.BinaryOperation) and not expression.is_place:
        return binary_expression(context, expression)
    if isinstance(expression, tt.Call):
        return calls.complex_call(context, expression)
    if isinstance(expression, tt.CompoundAssignment):
        return compound(context, expression)
    if isinstance(expression, tt.IncrementOperation):
        return increment(context, expression)
    if isinstance(expression, tt.Conditional):
        return conditional(context, expression)
    if isinstance(expression, tt.StatementExpression):
        return statement_expression(context, expression)
    if isinstance(expression, tt.SavedValue):
        found = context.saved_complex.get(expression)
        if found is None:
            found = value(context, expression.expression)
            context.saved_complex[expression] = found
        return found
    if isinstance(expression, tt.VaArg):
        return load(context, expressions.va_arg_place(context, expression))
    if expression.is_place or isinstance(expression, tt.MemberAccess):
        return load(context, places.place(context, expression))
    context.unimplemented(expression.location, f"complex expression kind {kind}")
    part = context.ir_type(base_of(type))
    return context.undef(part), context.undef(part)


def conjugate(context: FunctionContext, operand: tt.Expression) -> tuple[Value, Value]:
    real, imaginary = value(context, operand)
    return real, arithmetic.negate(context, imaginary, base_of(operand.type))


def unary(context: FunctionContext, expression: tt.UnaryOperation) -> tuple[Value, Value]:
    kind = expression.kind
    operand = expression.operand
    base = base_of(expression.type)
    if kind == tt.LOAD:
        return load(context, places.place(context, operand))
    if kind == tt.CONVERT:
        return from_expression(context, operand, base)
    real, imaginary = value(context, operand)
    if kind == tt.NEGATE:
        real = arithmetic.negate(context, real, base)
        return real, arithmetic.negate(context, imaginary, base)
    if kind == tt.BITWISE_NOT:
        return real, arithmetic.negate(context, imaginary, base)
    context.unimplemented(expression.location, f"complex unary operation {kind}")
    return real, imaginary


def from_expression(context: FunctionContext, operand: tt.Expression, base: Type) -> tuple[Value, Value]:
    """Any arithmetic expression as a complex number with parts of type `base` (C17 6.3.1.6, 6.3.1.7)."""
    if operand.type.kind == ct.COMPLEX:
        source = base_of(operand.type)
        real, imaginary = value(context, operand)
        return convert(context, real, source, base), convert(context, imaginary, source, base)
    real = convert(context, expressions.value(context, operand), operand.type, base)
    return real, arithmetic.zero(context, context.ir_type(base))


def to_real(context: FunctionContext, operand: tt.Expression, target: Type) -> Value:
    """A complex expression as a real type: the imaginary part is dropped; _Bool: is it not zero?"""
    if target.kind == ct.BOOL:
        return context.builder.unary(op.ZEXT, ty.I8, truth(context, operand))
    parts = value(context, operand)
    return convert(context, parts[0], base_of(operand.type), target)


def truth(context: FunctionContext, expression: tt.Expression) -> Value:
    real, imaginary = value(context, expression)
    return context.builder.binary(
        op.OR, ty.I1, scalar_truth(context, real), scalar_truth(context, imaginary)
    )


def compare(context: FunctionContext, expression: tt.BinaryOperation) -> Value:
    """== and != as an i1."""
    left = value(context, expression.left)
    right = value(context, expression.right)
    base = base_of(expression.left.type)
    kind = expression.kind
    real = arithmetic.compare(context, kind, base, left[0], right[0])
    imaginary = arithmetic.compare(context, kind, base, left[1], right[1])
    return context.builder.binary(op.AND if kind == tt.EQUAL else op.OR, ty.I1, real, imaginary)


def binary_expression(context: FunctionContext, expression: tt.BinaryOperation) -> tuple[Value, Value]:
    kind = expression.kind
    if kind == tt.COMMA:
        expressions.discard(context, expression.left)
        return value(context, expression.right)
    if kind == tt.ASSIGN:
        target = places.place(context, expression.left)
        parts = value(context, expression.right)
        store(context, target, parts)
        return parts
    if kind == tt.COMPLEX_BUILD:
        return expressions.value(context, expression.left), expressions.value(context, expression.right)
    left = value(context, expression.left)
    right = value(context, expression.right)
    return binary(context, kind, expression.type, left, right)


def binary(
    context: FunctionContext, kind: int, type: Type, left: tuple[Value, Value], right: tuple[Value, Value]
) -> tuple[Value, Value]:
    """left `kind` right of one complex type."""
    base = base_of(type)
    if kind == tt.ADD or kind == tt.SUBTRACT:
        real = arithmetic.binary(context, kind, base, left[0], right[0], base)
        return real, arithmetic.binary(context, kind, base, left[1], right[1], base)
    if kind == tt.MULTIPLY:
        return multiply(context, type, left, right)
    assert kind == tt.DIVIDE
    if ty.is_float(left[0].type):
        return library(context, "div", type, left, right)
    return divide_integers(context, base, left, right)


def product(context: FunctionContext, base: Type, x: Value, y: Value) -> Value:
    return arithmetic.binary(context, tt.MULTIPLY, base, x, y, base)


def multiply(
    context: FunctionContext, type: Type, left: tuple[Value, Value], right: tuple[Value, Value]
) -> tuple[Value, Value]:
    """(a + bi)(c + di) = (ac - bd) + (ad + bc)i"""
    builder = context.builder
    base = base_of(type)
    ac = product(context, base, left[0], right[0])
    bd = product(context, base, left[1], right[1])
    ad = product(context, base, left[0], right[1])
    bc = product(context, base, left[1], right[0])
    real = arithmetic.binary(context, tt.SUBTRACT, base, ac, bd, base)
    imaginary = arithmetic.binary(context, tt.ADD, base, ad, bc, base)
    if not ty.is_float(real.type):
        return real, imaginary
    check = builder.new_block()
    slow = builder.new_block()
    done = builder.new_block()
    start = builder.block
    builder.branch(builder.compare(op.FUNO, real, real), check, done)
    builder.start(check)
    builder.branch(builder.compare(op.FUNO, imaginary, imaginary), slow, done)
    builder.start(slow)
    found = library(context, "mul", type, left, right)
    builder.jump(done)
    builder.start(done)
    assert done.predecessors[0] is start
    return (
        builder.phi(real.type, [real, real, found[0]]),
        builder.phi(real.type, [imaginary, imaginary, found[1]]),
    )


def library(
    context: FunctionContext, name: str, type: Type, left: tuple[Value, Value], right: tuple[Value, Value]
) -> tuple[Value, Value]:
    """__muldc3 or __divdc3 and their kin."""
    base = base_of(type)
    arguments = [left[0], left[1], right[0], right[1]]
    types = [base, base, base, base]
    function = f"__{name}{MODES[left[0].type]}c3"
    layout = context.unit.abi.classify_call(type, types, 4, False)
    if layout.sret is not None:
        return library_in_memory(context, function, type, arguments, base)
    results = calls.library_call(context, function, type, arguments, types)
    return calls.complex_result(context, layout, results, type)


def library_in_memory(
    context: FunctionContext, name: str, type: Type, arguments: list[Value], base: Type
) -> tuple[Value, Value]:
    """The same where complex results travel through a hidden pointer (long double on RISC-V)."""
    home = context.temporary(type)
    pointer = Type(ct.POINTER, -3)
    pointer.size = 8
    pointer.alignment = 8
    void = Type(ct.VOID, -4)
    calls.library_call(context, name, void, [home, *arguments], [pointer, base, base, base, base])
    return load(context, places.Place(home, type.unqualified, type.alignment))


def divide_integers(
    context: FunctionContext, base: Type, left: tuple[Value, Value], right: tuple[Value, Value]
) -> tuple[Value, Value]:
    """((ac + bd) + (bc - ad)i) / (cc + dd)"""

    norm = arithmetic.binary(
        context, tt.ADD, base, product(context, base, right[0], right[0]), product(context, base, right[1], right[1]), base
    )
    real = arithmetic.binary(
        context, tt.ADD, base, product(context, base, left[0], right[0]), product(context, base, left[1], right[1]), base
    )
    imaginary = arithmetic.binary(
        context, tt.SUBTRACT, base, product(context, base, left[1], right[0]), product(context, base, left[0], right[1]),
        base,
    )  # fmt: skip
    return (
        arithmetic.binary(context, tt.DIVIDE, base, real, norm, base),
        arithmetic.binary(context, tt.DIVIDE, base, imaginary, norm, base),
    )


def convert_parts(
    context: FunctionContext, parts: tuple[Value, Value], source: Type, target: Type
) -> tuple[Value, Value]:
    return convert(context, parts[0], source, target), convert(context, parts[1], source, target)


def applied(
    context: FunctionContext, expression: tt.CompoundAssignment, old: tuple[Value, Value], right: tuple[Value, Value]
) -> tuple[Value, Value]:
    """(type of place's parts) ((computation type) old op right)."""
    computation = expression.computation_type
    base = base_of(expression.place.type.unqualified)
    wide = convert_parts(context, old, base, base_of(computation))
    result = binary(context, expression.operation, computation, wide, right)
    return convert_parts(context, result, base_of(computation), base)


def compound(context: FunctionContext, expression: tt.CompoundAssignment) -> tuple[Value, Value]:
    """place op= value where the place is complex."""
    target = places.place(context, expression.place)
    right = from_expression(context, expression.value, base_of(expression.computation_type))
    result = applied(context, expression, load(context, target), right)
    store(context, target, result)
    return result


def compound_real(context: FunctionContext, expression: tt.CompoundAssignment) -> Value:
    """place op= value where the place is real and the computation is complex."""
    target = places.place(context, expression.place)
    right = from_expression(context, expression.value, base_of(expression.computation_type))
    number = places.load(context, target)
    old = (number, arithmetic.zero(context, number.type))
    return places.store(context, target, applied(context, expression, old, right)[0])


def increment(context: FunctionContext, expression: tt.IncrementOperation) -> tuple[Value, Value]:
    """++ and -- change the real part."""
    target = places.place(context, expression.place)
    old = load(context, target)
    new = assignments.step(context, base_of(expression.type), old[0], expression.decrement), old[1]
    store(context, target, new)
    return new if expression.prefix else old


def conditional(context: FunctionContext, expression: tt.Conditional) -> tuple[Value, Value]:
    builder = context.builder
    then = builder.new_block()
    otherwise = builder.new_block()
    done = builder.new_block()
    expressions.condition(context, expression.condition, then, otherwise)
    real: list[Value] = []
    imaginary: list[Value] = []
    for block, branch in ((then, expression.then), (otherwise, expression.otherwise)):
        expressions.start(context, block)
        parts = value(context, branch)
        real.append(parts[0])
        imaginary.append(parts[1])
        context.revive()
        builder.jump(done)
    builder.start(done)
    return builder.phi(real[0].type, real), builder.phi(imaginary[0].type, imaginary)


def statement_expression(context: FunctionContext, expression: tt.StatementExpression) -> tuple[Value, Value]:
    mark = context.cleanup
    statements.statement_list(context, expression.body)
    context.revive()
    assert expression.result is not None
    found = value(context, expression.result)
    statements.leave_scope(context, mark)
    context.revive()
    return found
