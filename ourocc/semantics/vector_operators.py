"""Operators on GNU's vectors: element by element, a scalar operand spread over all elements."""

from typing import cast

from ourocc.semantics.lvalues import Lvalues
from ourocc.semantics.typed_tree import (
    BITWISE_AND,
    BITWISE_NOT,
    BITWISE_OR,
    BITWISE_XOR,
    CONVERT,
    EQUAL,
    LOAD,
    NOT_EQUAL,
    REMAINDER,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    SPELLINGS,
    BinaryOperation,
    CompoundAssignment,
    Expression,
    SavedValue,
    UnaryOperation,
)
from ourocc.semantics.types import (
    ERROR,
    VECTOR,
    Type,
)


class VectorOperators(Lvalues):
    """Checks and builds operations on vectors."""

    def vector_binary(self, kind: int, left: Expression, right: Expression, location: int) -> Expression:
        """GNU vectors: element by element; a scalar operand is spread."""
        a = left.type
        b = right.type
        if a.kind != VECTOR:
            if not a.is_arithmetic():
                return self.invalid_operands(SPELLINGS[kind], a, b, location)
            left = self.splat(left, b)
            a = b
        elif b.kind != VECTOR:
            if not b.is_arithmetic():
                return self.invalid_operands(SPELLINGS[kind], a, b, location)
            right = self.splat(right, a)
            b = a
        element = cast(Type, a.base)
        other = cast(Type, b.base)
        is_shift = kind == SHIFT_LEFT or kind == SHIFT_RIGHT
        if a.length != b.length or (a.size != b.size and not is_shift):
            return self.invalid_operands(SPELLINGS[kind], a, b, location)
        if (kind >= REMAINDER and kind <= BITWISE_XOR) and not (element.is_integer() and other.is_integer()):
            return self.invalid_operands(SPELLINGS[kind], a, b, location)
        if a is not b and not is_shift:
            if element.is_integer() != other.is_integer():
                return self.invalid_operands(SPELLINGS[kind], a, b, location)
            right = UnaryOperation(CONVERT, a, right.location, right)
        if kind >= EQUAL:
            mask = self.types.vector_of(self.types.integer_of(element.size, False), a.length)
            return BinaryOperation(kind, mask, location, left, right)
        return BinaryOperation(kind, a, location, left, right)

    def vector_compound(self, operation: int, place: Expression, value: Expression, location: int) -> Expression:
        plain = place.type.unqualified
        if plain.kind != VECTOR:
            return self.invalid_operands(SPELLINGS[operation], plain, value.type, location)
        probe = self.vector_binary(operation, UnaryOperation(LOAD, plain, location, place), value, location)
        if probe.type.kind == ERROR:
            return probe
        converted = cast(BinaryOperation, probe).right
        return CompoundAssignment(plain, location, operation, place, converted, plain)

    def vector_conditional(
        self, condition: Expression, then: Expression, otherwise: Expression, location: int
    ) -> Expression:
        """GNU: mask ? a : b on vectors is (a & mask) | (b & ~mask), elements chosen by mask != 0."""
        mask_type = condition.type
        if then.type.kind != VECTOR and otherwise.type.kind != VECTOR:
            element = self.arithmetic_type(self.promoted_type(then), self.promoted_type(otherwise))
            if element.size != cast(Type, mask_type.base).size:
                element = cast(Type, mask_type.base)
            vector = self.types.vector_of(element, mask_type.length)
            then = self.splat(then, vector)
            otherwise = self.splat(otherwise, vector)
        elif then.type.kind != VECTOR:
            then = self.splat(then, otherwise.type)
        elif otherwise.type.kind != VECTOR:
            otherwise = self.splat(otherwise, then.type)
        type = then.type
        if type is not otherwise.type or type.length != mask_type.length or type.size != mask_type.size:
            self.error(location, "incompatible vector types in conditional expression")
            return self.error_value(location)
        zero = self.splat(self.int_value(location, 0), mask_type)
        integer_mask = self.types.vector_of(self.types.integer_of(cast(Type, mask_type.base).size, False), mask_type.length)
        mask = SavedValue(BinaryOperation(NOT_EQUAL, integer_mask, location, condition, zero))
        first = BinaryOperation(BITWISE_AND, integer_mask, location, self.bitcast(then, integer_mask), mask)
        inverted = UnaryOperation(BITWISE_NOT, integer_mask, location, mask)
        second = BinaryOperation(BITWISE_AND, integer_mask, location, self.bitcast(otherwise, integer_mask), inverted)
        merged = BinaryOperation(BITWISE_OR, integer_mask, location, first, second)
        return self.bitcast(merged, type)

    def bitcast(self, value: Expression, type: Type) -> Expression:
        if value.type is type:
            return value
        return UnaryOperation(CONVERT, type, value.location, value)
