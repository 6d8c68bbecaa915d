"""The constant folder: conversions and operations on constants (C17 6.6).

Expressions are folded while they are built, so an integer constant expression is simply an
INTEGER_CONSTANT node.  `static_values.py` goes further, for initializers.
"""

from typing import cast

from ourocc.base.floating import Real
from ourocc.semantics import reals
from ourocc.semantics.context import Context
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    ADD,
    ADDRESS_OF,
    ARRAY_DECAY,
    BITWISE_AND,
    BITWISE_NOT,
    BITWISE_OR,
    BITWISE_XOR,
    COMPLEX_CONSTANT,
    CONVERT,
    DEREFERENCE,
    DIVIDE,
    EQUAL,
    FLOAT_CONSTANT,
    FUNCTION_DECAY,
    GREATER,
    INTEGER_CONSTANT,
    LESS,
    LESS_EQUAL,
    LOGICAL_NOT,
    MEMBER,
    MULTIPLY,
    NEGATE,
    NOT_EQUAL,
    POINTER_ADD,
    REMAINDER,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    STRING_LITERAL,
    SUBTRACT,
    BinaryOperation,
    ComplexConstant,
    Expression,
    FloatConstant,
    IntegerConstant,
    MemberAccess,
    PointerArithmetic,
    UnaryOperation,
)
from ourocc.semantics.types import (
    BOOL,
    COMPLEX,
    ENUM,
    FLOAT16,
    FLOAT128,
    NULLPTR,
    POINTER,
    VECTOR,
    Type,
)


def wrap(value: int, type: Type) -> int:
    """`value` reduced to an integer or pointer type, modulo 2**width (C17 6.3.1.3)."""
    if type.kind == BOOL:
        return 1 if value else 0
    bits = type.precision or type.size * 8
    value &= (1 << bits) - 1
    if not type.unsigned and type.kind <= ENUM and value >> (bits - 1):
        value -= 1 << bits
    return value


def is_zero(expression: Expression) -> bool:
    return expression.kind == INTEGER_CONSTANT and cast(IntegerConstant, expression).value == 0


def constant_truth(expression: Expression) -> int:
    """1 or 0 for a constant scalar, -1 for others."""
    kind = expression.kind
    if kind == INTEGER_CONSTANT:
        return 1 if cast(IntegerConstant, expression).value else 0
    if kind == FLOAT_CONSTANT:
        return 0 if reals.is_zero(cast(FloatConstant, expression).value) else 1
    if kind == COMPLEX_CONSTANT:
        parts = cast(ComplexConstant, expression)
        return 1 if constant_truth(parts.real) == 1 or constant_truth(parts.imaginary) == 1 else 0
    if kind == ARRAY_DECAY or kind == FUNCTION_DECAY or kind == ADDRESS_OF:
        place = cast(UnaryOperation, expression).operand
        if place.kind == STRING_LITERAL:
            return 1
    return -1


class Folding(Context):
    """Builds converted and combined expressions, folding constants."""

    # ------------------------------------------------------------------ leaves

    def integer(self, type: Type, location: int, value: int) -> IntegerConstant:
        return IntegerConstant(type, location, wrap(value, type))

    def int_value(self, location: int, value: int) -> IntegerConstant:
        return IntegerConstant(self.types.int, location, value)

    def size_value(self, location: int, value: int) -> IntegerConstant:
        return IntegerConstant(self.types.size_type, location, wrap(value, self.types.size_type))

    def zero(self, type: Type, location: int) -> Expression:
        """The constant zero of a scalar type."""
        if type.is_floating():
            return FloatConstant(type, location, reals.from_integer(0, type))
        if type.kind == COMPLEX and type.base is not None:
            return ComplexConstant(type, location, self.zero(type.base, location), self.zero(type.base, location))
        return IntegerConstant(type, location, 0)

    def error_value(self, location: int) -> Expression:
        return IntegerConstant(self.types.error, location, 0)

    # ------------------------------------------------------------------ conversions

    def convert(self, value: Expression, type: Type) -> Expression:
        """A value converted to an unqualified type; constants are converted at once."""
        source = value.type
        if source is type:
            return value
        kind = value.kind
        if kind == INTEGER_CONSTANT:
            number = cast(IntegerConstant, value).value
            to = type.kind
            if BOOL <= to <= ENUM or to == POINTER or to == NULLPTR:
                return IntegerConstant(type, value.location, wrap(number, type))
            if FLOAT16 <= to <= FLOAT128:
                return FloatConstant(type, value.location, reals.from_integer(number, type))
            if to == COMPLEX:
                base = cast(Type, type.base)
                return ComplexConstant(
                    type, value.location, self.convert(value, base), self.zero(base, value.location)
                )
        elif kind == FLOAT_CONSTANT:
            real = cast(FloatConstant, value).value
            to = type.kind
            if FLOAT16 <= to <= FLOAT128:
                return FloatConstant(type, value.location, reals.round_to(real, type))
            if to == BOOL:
                return IntegerConstant(type, value.location, 0 if reals.is_zero(real) else 1)
            if BOOL <= to <= ENUM:
                return IntegerConstant(type, value.location, reals.to_integer(real, type))
            if to == COMPLEX:
                base = cast(Type, type.base)
                return ComplexConstant(
                    type, value.location, self.convert(value, base), self.zero(base, value.location)
                )
        elif kind == COMPLEX_CONSTANT:
            parts = cast(ComplexConstant, value)
            if type.kind == COMPLEX:
                base = cast(Type, type.base)
                return ComplexConstant(
                    type, value.location, self.convert(parts.real, base), self.convert(parts.imaginary, base)
                )
            if type.kind == BOOL:
                return IntegerConstant(type, value.location, constant_truth(value))
            if type.is_real():
                return self.convert(parts.real, type)
        elif kind == CONVERT and type.kind == POINTER and source.kind == POINTER:
            # pointer to pointer twice: the inner conversion adds nothing
            inner = cast(UnaryOperation, value).operand
            if inner.type.kind == POINTER:
                value = inner
                if inner.type is type:
                    return inner
        result = UnaryOperation(CONVERT, type, value.location, value)
        if type.precision and source.is_integer() and not (source.precision and source.precision <= type.precision):
            return self.cut(result)
        return result

    def cut(self, value: Expression) -> Expression:
        """Reduce a value of a bit-precise type to its bits (the machine type is wider)."""
        type = value.type
        if value.kind == INTEGER_CONSTANT:
            return self.integer(type, value.location, cast(IntegerConstant, value).value)
        wide = cast(Type, type.underlying)
        location = value.location
        plain = UnaryOperation(CONVERT, wide, location, value)
        if type.unsigned:
            mask = IntegerConstant(wide, location, (1 << type.precision) - 1)
            cutted: Expression = BinaryOperation(BITWISE_AND, wide, location, plain, mask)
        else:
            amount = IntegerConstant(self.types.int, location, wide.size * 8 - type.precision)
            shifted = BinaryOperation(SHIFT_LEFT, wide, location, plain, amount)
            cutted = BinaryOperation(SHIFT_RIGHT, wide, location, shifted, amount)
        return UnaryOperation(CONVERT, type, location, cutted)

    # ------------------------------------------------------------------ operations

    def unary(self, kind: int, type: Type, location: int, operand: Expression) -> Expression:
        """NEGATE, BITWISE_NOT: operand already has `type`; LOGICAL_NOT: any scalar, result int."""
        if operand.kind == INTEGER_CONSTANT:
            value = cast(IntegerConstant, operand).value
            if kind == NEGATE:
                if value != 0 and not type.unsigned and wrap(-value, type) == value:
                    self.overflow(type, location, value)
                return self.integer(type, location, -value)
            if kind == BITWISE_NOT:
                return self.integer(type, location, ~value)
            if kind == LOGICAL_NOT:
                return IntegerConstant(type, location, 0 if value else 1)
        elif operand.kind == FLOAT_CONSTANT:
            if kind == NEGATE:
                return FloatConstant(type, location, reals.negate(cast(FloatConstant, operand).value))
            if kind == LOGICAL_NOT:
                return IntegerConstant(type, location, 1 - constant_truth(operand))
        elif operand.kind == COMPLEX_CONSTANT:
            parts = cast(ComplexConstant, operand)
            base = parts.real.type
            if kind == NEGATE:
                return ComplexConstant(
                    type,
                    location,
                    self.unary(NEGATE, base, location, parts.real),
                    self.unary(NEGATE, base, location, parts.imaginary),
                )
            if kind == BITWISE_NOT:
                return ComplexConstant(
                    type, location, parts.real, self.unary(NEGATE, base, location, parts.imaginary)
                )
            if kind == LOGICAL_NOT:
                return IntegerConstant(type, location, 1 - constant_truth(operand))
        elif kind == LOGICAL_NOT:
            truth = constant_truth(operand)
            if truth >= 0:
                return IntegerConstant(type, location, 1 - truth)
        result = UnaryOperation(kind, type, location, operand)
        if type.precision and kind != LOGICAL_NOT:
            return self.cut(result)
        return result

    def overflow(self, type: Type, location: int, result: int) -> None:
        if self.unevaluated == 0:
            self.warn(
                location, "overflow", f"integer overflow in expression of type {quoted(type)} results in '{result}'"
            )

    def binary(self, kind: int, type: Type, location: int, left: Expression, right: Expression) -> Expression:
        """ADD .. BITWISE_XOR and comparisons of operands that are already converted."""
        if left.kind == INTEGER_CONSTANT and right.kind == INTEGER_CONSTANT and type.kind != VECTOR:
            folded = self.fold_integers(
                kind, type, location, cast(IntegerConstant, left), cast(IntegerConstant, right)
            )
            if folded is not None:
                return folded
        elif left.kind == FLOAT_CONSTANT and right.kind == FLOAT_CONSTANT:
            a = cast(FloatConstant, left).value
            b = cast(FloatConstant, right).value
            if kind >= EQUAL:
                return IntegerConstant(type, location, compare_reals(kind, a, b))
            result = reals.arithmetic(kind, a, b, type)
            # what raises an exception is left to the run time, but in constant initializers
            harmless = result is not None and (result.special == 0 or a.special != 0 or b.special != 0)
            if result is not None and (harmless or self.fold_exceptions or self.function is None):
                return FloatConstant(type, location, result)
        elif left.kind == COMPLEX_CONSTANT and right.kind == COMPLEX_CONSTANT:
            complex_result = self.fold_complex(
                kind, type, location, cast(ComplexConstant, left), cast(ComplexConstant, right)
            )
            if complex_result is not None:
                return complex_result
        operation = BinaryOperation(kind, type, location, left, right)
        if type.precision and kind < EQUAL:
            return self.cut(operation)
        return operation

    def fold_integers(
        self, kind: int, type: Type, location: int, left: IntegerConstant, right: IntegerConstant
    ) -> IntegerConstant | None:
        a = left.value
        b = right.value
        if kind == ADD:
            exact = a + b
        elif kind == SUBTRACT:
            exact = a - b
        elif kind == MULTIPLY:
            exact = a * b
        elif kind == SHIFT_LEFT or kind == SHIFT_RIGHT:
            bits = type.precision or type.size * 8
            if b < 0 or b >= bits:
                return None
            return self.integer(type, location, a << b if kind == SHIFT_LEFT else a >> b)
        elif kind == BITWISE_AND:
            exact = a & b
        elif kind == BITWISE_OR:
            exact = a | b
        elif kind == BITWISE_XOR:
            exact = a ^ b
        elif kind == DIVIDE or kind == REMAINDER:
            if b == 0:
                return None
            quotient = abs(a) // abs(b)
            if (a < 0) != (b < 0):
                quotient = -quotient
            exact = quotient if kind == DIVIDE else a - quotient * b
        else:
            return IntegerConstant(type, location, compare_integers(kind, a, b))
        value = wrap(exact, type)
        if value != exact and not type.unsigned and not self.options.wrapv:
            self.overflow(type, location, value)
        return IntegerConstant(type, location, value)

    def fold_complex(
        self, kind: int, type: Type, location: int, left: ComplexConstant, right: ComplexConstant
    ) -> Expression | None:
        a, b, c, d = left.real, left.imaginary, right.real, right.imaginary
        base = a.type
        if kind == ADD or kind == SUBTRACT:
            return ComplexConstant(
                type, location, self.binary(kind, base, location, a, c), self.binary(kind, base, location, b, d)
            )
        if kind == EQUAL or kind == NOT_EQUAL:
            reals_equal = self.binary(EQUAL, type, location, a, c)
            imaginaries_equal = self.binary(EQUAL, type, location, b, d)
            equal = constant_truth(reals_equal) == 1 and constant_truth(imaginaries_equal) == 1
            return IntegerConstant(type, location, int(equal == (kind == EQUAL)))
        if kind == MULTIPLY:
            real = self.binary(
                SUBTRACT,
                base,
                location,
                self.binary(MULTIPLY, base, location, a, c),
                self.binary(MULTIPLY, base, location, b, d),
            )
            imaginary = self.binary(
                ADD,
                base,
                location,
                self.binary(MULTIPLY, base, location, a, d),
                self.binary(MULTIPLY, base, location, b, c),
            )
            if real.kind == FLOAT_CONSTANT and reals.is_nan(cast(FloatConstant, real).value):
                return None  # C11 Annex G's recovery of infinities: left to the run time
            return ComplexConstant(type, location, real, imaginary)
        if kind == DIVIDE and base.is_floating() and constant_truth(d) == 0 and constant_truth(c) == 1:
            return ComplexConstant(
                type, location, self.binary(DIVIDE, base, location, a, c), self.binary(DIVIDE, base, location, b, c)
            )
        return None

    def pointer_arithmetic(
        self, kind: int, type: Type, location: int, left: Expression, right: Expression, scale: Type
    ) -> Expression:
        """POINTER_ADD, POINTER_SUBTRACT with an integer of pointer width; integer addresses fold (offsetof idiom)."""
        if right.kind == INTEGER_CONSTANT and scale.complete:
            amount = cast(IntegerConstant, right).value
            if left.kind == INTEGER_CONSTANT and not scale.has_variable_size():
                step = amount * max(scale.size, 0)
                value = cast(IntegerConstant, left).value
                return self.integer(type, location, value + step if kind == POINTER_ADD else value - step)
        return PointerArithmetic(kind, type, location, left, right, scale)

    def address_of(self, type: Type, location: int, place: Expression) -> Expression:
        """The address of a place as a value of pointer type `type`; constant bases fold (offsetof idiom)."""
        if place.kind == DEREFERENCE:
            return self.convert(cast(UnaryOperation, place).operand, type)
        if place.kind == MEMBER:
            offset = 0
            base: Expression = place
            while base.kind == MEMBER:
                access = cast(MemberAccess, base)
                if access.field.moving:
                    return UnaryOperation(ADDRESS_OF, type, location, place)
                offset += access.field.offset
                base = access.base
            if base.kind == DEREFERENCE:
                pointer = cast(UnaryOperation, base).operand
                if pointer.kind == INTEGER_CONSTANT:
                    return self.integer(type, location, cast(IntegerConstant, pointer).value + offset)
        return UnaryOperation(ADDRESS_OF, type, location, place)

    def decay(self, place: Expression) -> Expression:
        """Array to pointer to its first element (C17 6.3.2.1p3)."""
        base = cast(Type, place.type.base)
        pointer = self.types.pointer_to(base)
        if place.kind == MEMBER:
            folded = self.address_of(pointer, place.location, place)
            if folded.kind == INTEGER_CONSTANT:
                return folded
        elif place.kind == DEREFERENCE:
            operand = cast(UnaryOperation, place).operand
            if operand.kind == INTEGER_CONSTANT:
                return self.convert(operand, pointer)
        return UnaryOperation(ARRAY_DECAY, pointer, place.location, place)


def compare_integers(kind: int, a: int, b: int) -> int:
    if kind == EQUAL:
        return int(a == b)
    if kind == NOT_EQUAL:
        return int(a != b)
    if kind == LESS:
        return int(a < b)
    if kind == LESS_EQUAL:
        return int(a <= b)
    if kind == GREATER:
        return int(a > b)
    return int(a >= b)


def compare_reals(kind: int, a: Real, b: Real) -> int:
    """Comparison with a NaN is false, but for !=."""
    order = reals.compare(a, b)
    if order == reals.UNORDERED:
        return int(kind == NOT_EQUAL)
    return compare_integers(kind, order, 0)
