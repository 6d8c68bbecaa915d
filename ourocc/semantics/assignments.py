"""Assignment (C17 6.5.16), compound assignment, ++ and --."""

from typing import cast

from ourocc.semantics.conversions import ASSIGNING
from ourocc.semantics.display import quoted
from ourocc.semantics.operators import Operators
from ourocc.semantics.typed_tree import (
    ADD,
    ASSIGN,
    DIVIDE,
    INTEGER_CONSTANT,
    LOAD,
    MEMBER,
    POINTER_ADD,
    POINTER_SUBTRACT,
    REMAINDER,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    SPELLINGS,
    SUBTRACT,
    BinaryOperation,
    CompoundAssignment,
    Expression,
    IncrementOperation,
    IntegerConstant,
    MemberAccess,
    UnaryOperation,
)
from ourocc.semantics.types import (
    BOOL,
    ERROR,
    FUNCTION,
    POINTER,
    VECTOR,
    VOID,
    Type,
)


class Assignments(Operators):
    """Checks and builds assignments."""

    def simple_assignment(self, place: Expression, value: Expression, location: int) -> Expression:
        if not self.modifiable(place, location, "assignment"):
            return self.error_value(location)
        type = place.type
        if place.kind == MEMBER:
            field = cast(MemberAccess, place).field
            if field.bit_width >= 0:
                return self.assign_bit_field(place, field.bit_width, value, location)
        plain = type.unqualified
        converted = self.assign(value, plain, ASSIGNING, location)
        if converted.type.kind == ERROR:
            return converted
        return BinaryOperation(ASSIGN, plain, location, place, converted)

    def assign_bit_field(self, place: Expression, width: int, value: Expression, location: int) -> Expression:
        plain = place.type.unqualified
        converted = self.assign(value, plain, ASSIGNING, location)
        if converted.kind == INTEGER_CONSTANT:
            self.check_bit_field_constant(converted, value, width, plain)
        return BinaryOperation(ASSIGN, plain, location, place, converted)

    def check_bit_field_constant(self, converted: Expression, value: Expression, width: int, type: Type) -> None:
        if type.kind == BOOL:
            return
        number = cast(IntegerConstant, converted).value
        cut = number & ((1 << width) - 1)
        if not type.unsigned and width and cut >> (width - 1):
            cut -= 1 << width
        if cut == number or (0 <= number < (1 << width)) or (number < 0 and number >= -(1 << (width - 1)) and type.unsigned):
            return
        word = "unsigned conversion" if type.unsigned else "overflow in conversion"
        name = quoted(type)[:-1] + f":{width}'"
        self.warn(
            value.location,
            "overflow",
            f"{word} from {quoted(value.type)} to {name} changes value from '{number}' to '{cut}'",
        )

    def compound_assignment(self, operation: int, place: Expression, value: Expression, location: int) -> Expression:
        """place op= value (C17 6.5.16.2)."""
        if value.type.kind == ERROR or not self.modifiable(place, location, "assignment"):
            return self.error_value(location)
        plain = place.type.unqualified
        kind = plain.kind
        if kind == POINTER:
            if (operation == ADD or operation == SUBTRACT) and value.type.is_integer():
                pointer = UnaryOperation(LOAD, plain, location, place)
                if not self.check_pointee(pointer, location, "arithmetic" if operation == ADD else "subtraction"):
                    return self.error_value(location)
                step = POINTER_ADD if operation == ADD else POINTER_SUBTRACT
                return CompoundAssignment(plain, location, step, place, self.pointer_width(value), plain)
            return self.invalid_operands(SPELLINGS[operation], plain, value.type, location)
        if kind == VECTOR or value.type.kind == VECTOR:
            return self.vector_compound(operation, place, value, location)
        other = value.type
        if not (plain.is_arithmetic() and other.is_arithmetic()):
            if other.kind == VOID:
                self.error(location, "void value not ignored as it ought to be")
                return self.error_value(location)
            return self.invalid_operands(SPELLINGS[operation], plain, other, location)
        if operation >= REMAINDER and not (plain.is_integer() and other.is_integer()):
            return self.invalid_operands(SPELLINGS[operation], plain, other, location)
        current = self.rvalue(place)
        if operation == SHIFT_LEFT or operation == SHIFT_RIGHT:
            computation = self.promoted_type(current)
            value = self.default_promote(value)
            if value.kind == INTEGER_CONSTANT and self.unevaluated == 0:
                amount = cast(IntegerConstant, value).value
                word = "left" if operation == SHIFT_LEFT else "right"
                if amount < 0:
                    self.warn(location, "shift-count-negative", f"{word} shift count is negative")
                elif amount >= computation.size * 8:
                    self.warn(location, "shift-count-overflow", f"{word} shift count >= width of type")
        else:
            value = self.promote(value)
            computation = self.arithmetic_type(self.promoted_type(current), value.type)
            value = self.convert(value, computation)
            if operation == DIVIDE or operation == REMAINDER:
                self.check_division(value, location)
        if computation.precision:
            computation = cast(Type, computation.underlying)
            value = self.convert(value, computation) if operation < SHIFT_LEFT or operation > SHIFT_RIGHT else value
        return CompoundAssignment(plain, location, operation, place, value, computation)

    def increment(self, operator: str, place: Expression, prefix: bool, location: int) -> Expression:
        """++ and -- (C17 6.5.2.4, 6.5.3.1)."""
        word = "increment" if operator == "++" else "decrement"
        type = place.type
        if type.kind == ERROR:
            return place
        if not self.modifiable(place, location, word):
            return self.error_value(location)
        plain = type.unqualified
        kind = plain.kind
        if kind == POINTER:
            pointer = UnaryOperation(LOAD, plain, location, place)
            base = cast(Type, plain.base)
            if base.kind == VOID or base.kind == FUNCTION:
                if self.diagnostics.pedantic or self.wants("pointer-arith"):
                    self.warn(location, "pointer-arith", f"wrong type argument to {word}")
            elif not base.complete and not base.is_variably_modified():
                self.error(location, f"{word} of pointer to an incomplete type {quoted(base)}")
                return self.error_value(location)
            del pointer
        elif not (plain.is_arithmetic() or kind == VECTOR):
            self.error(location, f"wrong type argument to {word}")
            return self.error_value(location)
        elif plain.kind == BOOL:
            self.warn(location, "bool-operation", f"{word} of a boolean expression")
        return IncrementOperation(plain, location, place, operator == "--", prefix)
