"""Unary and binary operators (C17 6.5.3, 6.5.5 - 6.5.14).

Operands arrive as typed expressions; every method checks its constraint, converts and folds.
"""

from typing import cast

from ourocc.semantics.constant import constant_truth, is_zero
from ourocc.semantics.display import quoted
from ourocc.semantics.switch_checks import is_boolean
from ourocc.semantics.typed_tree import (
    ADD,
    BITWISE_AND,
    BITWISE_NOT,
    CONDITIONAL,
    CONVERT,
    DEREFERENCE,
    DIVIDE,
    EQUAL,
    GREATER_EQUAL,
    INTEGER_CONSTANT,
    LESS,
    LOAD,
    LOGICAL_AND,
    LOGICAL_NOT,
    LOGICAL_OR,
    NEGATE,
    NOT_EQUAL,
    POINTER_ADD,
    POINTER_DIFFERENCE,
    POINTER_SUBTRACT,
    REMAINDER,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    SPELLINGS,
    SUBTRACT,
    BinaryOperation,
    Conditional,
    Expression,
    IntegerConstant,
    PointerArithmetic,
    UnaryOperation,
)
from ourocc.semantics.types import (
    ARRAY,
    COMPLEX,
    ENUM,
    ERROR,
    FUNCTION,
    INT,
    NULLPTR,
    POINTER,
    STRUCT,
    UNION,
    VECTOR,
    VOID,
    Type,
)
from ourocc.semantics.vector_operators import VectorOperators


class Operators(VectorOperators):
    """Checks and builds operator expressions."""

    def binary_operator(self, kind: int, left: Expression, right: Expression, location: int) -> Expression:
        """left `kind` right, both rvalues."""
        a = left.type.kind
        b = right.type.kind
        if kind == LOGICAL_AND or kind == LOGICAL_OR:
            return self.logical(kind, left, right, location)
        if a == ERROR or b == ERROR:
            return self.error_value(location)
        if a == VECTOR or b == VECTOR:
            return self.vector_binary(kind, left, right, location)
        if kind >= EQUAL:
            return self.comparison(kind, left, right, location)
        if a <= COMPLEX and b <= COMPLEX and a != VOID and b != VOID:
            if kind == SHIFT_LEFT or kind == SHIFT_RIGHT:
                if a <= ENUM and b <= ENUM:
                    return self.shift(kind, left, right, location)
            elif kind <= DIVIDE or (a <= ENUM and b <= ENUM):
                if a != INT or b != INT:
                    left, right = self.arithmetic_operands(left, right)
                    if left.type.is_integer() != (right.type.is_integer()):
                        return self.mixed_complex(kind, left, right, location)
                if kind == DIVIDE or kind == REMAINDER:
                    self.check_division(right, location)
                return self.binary(kind, left.type, location, left, right)
        elif kind == ADD:
            if a == POINTER and b <= ENUM and b != VOID:
                return self.offset_pointer(POINTER_ADD, left, right, location)
            if b == POINTER and a <= ENUM and a != VOID:
                return self.offset_pointer(POINTER_ADD, right, left, location)
        elif kind == SUBTRACT and a == POINTER:
            if b <= ENUM and b != VOID:
                return self.offset_pointer(POINTER_SUBTRACT, left, right, location)
            if b == POINTER:
                return self.pointer_difference(left, right, location)
        if a == VOID or b == VOID:
            self.error(location, "void value not ignored as it ought to be")
            return self.error_value(location)
        return self.invalid_operands(SPELLINGS[kind], left.type, right.type, location)

    def arithmetic_operands(self, left: Expression, right: Expression) -> tuple[Expression, Expression]:
        """Both converted by the usual arithmetic conversions."""
        left = self.promote(left)
        right = self.promote(right)
        if left.type is right.type:
            return left, right
        type = self.arithmetic_type(left.type, right.type)
        return self.convert(left, type), self.convert(right, type)

    def mixed_complex(self, kind: int, left: Expression, right: Expression, location: int) -> Expression:
        return self.binary(kind, left.type, location, left, right)

    def check_division(self, right: Expression, location: int) -> None:
        if self.unevaluated == 0 and is_zero(right):
            self.warn(location, "div-by-zero", "division by zero")

    def shift(self, kind: int, left: Expression, right: Expression, location: int) -> Expression:
        left = self.promote(left)
        right = self.default_promote(right)
        if right.kind == INTEGER_CONSTANT and self.unevaluated == 0:
            amount = cast(IntegerConstant, right).value
            bits = left.type.precision or left.type.size * 8
            word = "left" if kind == SHIFT_LEFT else "right"
            if amount < 0:
                self.warn(location, "shift-count-negative", f"{word} shift count is negative")
            elif amount >= bits:
                self.warn(location, "shift-count-overflow", f"{word} shift count >= width of type")
            elif kind == SHIFT_LEFT and left.kind == INTEGER_CONSTANT and not left.type.unsigned:
                self.check_shifted_constant(cast(IntegerConstant, left).value, left.type, amount, location)
        elif kind == SHIFT_LEFT and left.kind == INTEGER_CONSTANT and not left.type.unsigned and self.unevaluated == 0:
            self.check_shifted_constant(cast(IntegerConstant, left).value, left.type, 0, location)
        return self.binary(kind, left.type, location, left, right)

    def check_shifted_constant(self, value: int, type: Type, amount: int, location: int) -> None:
        """-Wshift-negative-value and -Wshift-overflow (its level 1: the sign bit may be set)."""
        bits = type.precision or type.size * 8
        if value < 0 and self.options.standard >= 1999:
            self.warn(location, "shift-negative-value", "left shift of negative value")
        needed = (~value if value < 0 else value).bit_length() + 1 + amount
        if self.options.standard < 1999 and not self.wants("shift-overflow"):
            return
        if needed > bits and not (needed == bits + 1 and value >= 0):
            shown = f"'{value} << {amount}' requires {needed} bits to represent, but {quoted(type)} only has {bits} bits"
            self.warn(location, "shift-overflow", f"result of {shown}")

    def logical(self, kind: int, left: Expression, right: Expression, location: int) -> Expression:
        left = self.condition(left, location)
        right = self.condition(right, location)
        if left.type.kind == ERROR or right.type.kind == ERROR:
            return self.error_value(location)
        truth = constant_truth(left)
        int_type = self.types.int
        if truth >= 0:
            if truth == (0 if kind == LOGICAL_AND else 1):
                return IntegerConstant(int_type, location, truth)
            second = constant_truth(right)
            if second >= 0:
                return IntegerConstant(int_type, location, second)
        return BinaryOperation(kind, int_type, location, left, right)

    # ------------------------------------------------------------------ pointers

    def pointer_width(self, index: Expression) -> Expression:
        """An integer as pointer arithmetic wants it: ptrdiff_t (or size_t when it is unsigned and as wide)."""
        index = self.default_promote(index)
        type = index.type
        wide = self.types.ptrdiff_type
        if type.size == wide.size and type.unsigned:
            wide = self.types.size_type
        if type.size > wide.size and index.kind != INTEGER_CONSTANT:
            return self.convert(index, wide)
        return self.convert(index, wide)

    def check_pointee(self, pointer: Expression, location: int, what: str) -> bool:
        """Pointer arithmetic needs a complete object type; void and functions count as bytes in GNU C."""
        base = cast(Type, pointer.type.base)
        if base.kind == VOID:
            if self.diagnostics.pedantic:
                self.pedwarn(location, "pointer-arith", f"pointer of type 'void *' used in {what}")
            elif self.wants("pointer-arith"):
                self.warn(location, "pointer-arith", f"pointer of type 'void *' used in {what}")
            return True
        if base.kind == FUNCTION:
            if self.diagnostics.pedantic or self.wants("pointer-arith"):
                self.warn(location, "pointer-arith", f"pointer to a function used in {what}")
            return True
        if not base.complete and not base.is_variably_modified():
            if base.kind == ARRAY:
                self.error(location, "invalid use of array with unspecified bounds")
            elif base.kind == STRUCT or base.kind == UNION:
                self.error(location, f"invalid use of undefined type {quoted(base.unqualified)}")
            else:
                self.error(location, "arithmetic on pointer to an incomplete type")
            return False
        return True

    def offset_pointer(self, kind: int, pointer: Expression, index: Expression, location: int) -> Expression:
        if not self.check_pointee(pointer, location, "arithmetic" if kind == POINTER_ADD else "subtraction"):
            return self.error_value(location)
        base = cast(Type, pointer.type.base)
        if base.kind == VOID or base.kind == FUNCTION:
            base = self.types.char
        return self.pointer_arithmetic(kind, pointer.type, location, pointer, self.pointer_width(index), base)

    def pointer_difference(self, left: Expression, right: Expression, location: int) -> Expression:
        a = cast(Type, left.type.base)
        b = cast(Type, right.type.base)
        if not self.compatible(a.unqualified, b.unqualified):
            return self.invalid_operands("-", left.type, right.type, location)
        if not self.check_pointee(left, location, "subtraction"):
            return self.error_value(location)
        if a.kind == VOID or a.kind == FUNCTION:
            a = self.types.char
        type = self.types.ptrdiff_type
        if left.kind == INTEGER_CONSTANT and right.kind == INTEGER_CONSTANT and a.size > 0:
            folded = self.static_difference(PointerArithmetic(POINTER_DIFFERENCE, type, location, left, right, a))
            if folded is not None:
                return folded
        return PointerArithmetic(POINTER_DIFFERENCE, type, location, left, right, a)

    # ------------------------------------------------------------------ comparisons

    def comparison(self, kind: int, left: Expression, right: Expression, location: int) -> Expression:
        a = left.type.kind
        b = right.type.kind
        int_type = self.types.int
        if a <= COMPLEX and b <= COMPLEX and a != VOID and b != VOID:
            if kind >= LESS and (a == COMPLEX or b == COMPLEX):
                return self.invalid_operands(SPELLINGS[kind], left.type, right.type, location)
            if a != INT or b != INT:
                original_left = left
                original_right = right
                left, right = self.arithmetic_operands(left, right)
                if left.type.unsigned and left.type.kind <= ENUM and self.wants("sign-compare"):
                    self.check_sign_compare(kind, original_left, original_right, location)
            return self.binary(kind, int_type, location, left, right)
        if a == POINTER and b == POINTER:
            return self.compare_pointers(kind, left, right, location)
        if a == NULLPTR or b == NULLPTR:
            if kind <= NOT_EQUAL:
                if a == b:
                    return self.int_value(location, int(kind == EQUAL))
                if a == POINTER:
                    return self.binary(kind, int_type, location, left, self.convert(right, left.type))
                if b == POINTER:
                    return self.binary(kind, int_type, location, self.convert(left, right.type), right)
        elif a == POINTER and b <= ENUM and b != VOID:
            self.pointer_with_integer(kind, right, location)
            return self.binary(kind, int_type, location, left, self.convert(right, left.type))
        elif b == POINTER and a <= ENUM and a != VOID:
            self.pointer_with_integer(kind, left, location)
            return self.binary(kind, int_type, location, self.convert(left, right.type), right)
        if a == VOID or b == VOID:
            self.error(location, "void value not ignored as it ought to be")
            return self.error_value(location)
        return self.invalid_operands(SPELLINGS[kind], left.type, right.type, location)

    def pointer_with_integer(self, kind: int, integer: Expression, location: int) -> None:
        if self.is_null_pointer_constant(integer):
            if kind >= LESS and self.wants("extra"):
                self.warn(location, "extra", "ordered comparison of pointer with integer zero")
            return
        self.required(location, "comparison between pointer and integer")

    def compare_pointers(self, kind: int, left: Expression, right: Expression, location: int) -> Expression:
        a = cast(Type, left.type.base)
        b = cast(Type, right.type.base)
        if a is not b:
            plain_a = a.unqualified
            plain_b = b.unqualified
            if self.diagnostics.pedantic and FUNCTION in (a.kind, b.kind) and VOID in (a.kind, b.kind):
                if not self.is_null_pointer_constant(left) and not self.is_null_pointer_constant(right):
                    self.pedwarn(location, "pedantic", "ISO C forbids comparison of 'void *' with function pointer")
            if plain_a is not plain_b and not self.compatible(plain_a, plain_b):
                if (plain_a.kind != VOID and plain_b.kind != VOID) or kind not in (EQUAL, NOT_EQUAL):
                    if not self.is_null_pointer_constant(left) and not self.is_null_pointer_constant(right):
                        if self.differs_in_sign(plain_a, plain_b):
                            if self.wants("pointer-sign"):
                                self.warn(location, "pointer-sign", "pointer targets in comparison differ in signedness")
                        elif a.kind == ARRAY and b.kind == ARRAY and self.compatible(
                            cast(Type, a.base).unqualified, cast(Type, b.base).unqualified
                        ):
                            pass
                        else:
                            self.required(location, "comparison of distinct pointer types lacks a cast")
            right = self.convert(right, left.type)
        return self.binary(kind, self.types.int, location, left, right)

    def check_sign_compare(self, kind: int, left: Expression, right: Expression, location: int) -> None:
        """-Wsign-compare: a signed operand that might be negative becomes unsigned."""
        a = self.promoted_type(left)
        b = self.promoted_type(right)
        if a.unsigned == b.unsigned:
            return
        signed = right if a.unsigned else left
        if signed.kind == INTEGER_CONSTANT and cast(IntegerConstant, signed).value >= 0:
            return
        if self.never_negative(signed):
            return
        unsigned = left if a.unsigned else right
        if kind <= NOT_EQUAL and unsigned.kind == INTEGER_CONSTANT:
            limit = 1 << (signed.type.size * 8 - 1)
            if cast(IntegerConstant, unsigned).value < limit:
                return
        self.warn(
            location,
            "sign-compare",
            f"comparison of integer expressions of different signedness: {quoted(a)} and {quoted(b)}",
        )

    def never_negative(self, value: Expression) -> bool:
        kind = value.kind
        if kind == INTEGER_CONSTANT:
            return cast(IntegerConstant, value).value >= 0
        if kind == LOGICAL_NOT or EQUAL <= kind <= GREATER_EQUAL or kind == LOGICAL_AND or kind == LOGICAL_OR:
            return True
        if kind == CONVERT:
            inner = cast(UnaryOperation, value).operand
            return inner.type.unsigned and inner.type.size < value.type.size or self.never_negative(inner)
        if kind == BITWISE_AND:
            both = cast(BinaryOperation, value)
            return self.never_negative(both.left) or self.never_negative(both.right)
        if kind == CONDITIONAL:
            choice = cast(Conditional, value)
            return self.never_negative(choice.then) and self.never_negative(choice.otherwise)
        return value.type.unsigned and value.type.size < 4

    # ------------------------------------------------------------------ unary

    def wrong_unary(self, operator: str, location: int) -> Expression:
        self.error(location, f"wrong type argument to {operator}")
        return self.error_value(location)

    def unary_operator(self, operator: str, operand: Expression, location: int) -> Expression:
        """+ - ~ ! of an rvalue."""
        type = operand.type
        kind = type.kind
        if kind == ERROR:
            return operand
        if operator == "!":
            if kind == VECTOR:
                mask = self.types.vector_of(self.types.integer_of(cast(Type, type.base).size, False), type.length)
                zero = self.splat(self.int_value(location, 0), type)
                return BinaryOperation(EQUAL, mask, location, operand, zero)
            if not (type.is_scalar() or kind == COMPLEX):
                return self.wrong_unary("unary exclamation mark", location)
            return self.unary(LOGICAL_NOT, self.types.int, location, operand)
        if operator == "-" or operator == "+":
            if not (type.is_arithmetic() or kind == VECTOR):
                return self.wrong_unary("unary minus" if operator == "-" else "unary plus", location)
            operand = self.promote(operand)
            if operator == "+":
                if operand.kind == LOAD:
                    return operand
                return operand
            return self.unary(NEGATE, operand.type, location, operand)
        if kind == COMPLEX or kind == VECTOR and cast(Type, type.base).is_integer():
            return self.unary(BITWISE_NOT, type, location, operand)
        if not type.is_integer():
            return self.wrong_unary("bit-complement", location)
        if self.wants("bool-operation") and operand.kind != CONVERT and is_boolean(operand):
            diagnostic = self.warn(location, "bool-operation", "'~' on a boolean expression")
            self.note(diagnostic, location, "did you mean to use logical not?")
        operand = self.promote(operand)
        return self.unary(BITWISE_NOT, operand.type, location, operand)

    def dereference(self, pointer: Expression, location: int) -> Expression:
        type = pointer.type
        if type.kind != POINTER:
            if type.kind != ERROR:
                self.error(location, f"invalid type argument of unary '*' (have {quoted(type)})")
            return self.error_value(location)
        base = cast(Type, type.base)
        if base.kind == VOID and self.unevaluated == 0:
            self.warn(location, "", "dereferencing 'void *' pointer")
        return UnaryOperation(DEREFERENCE, base, location, pointer, True)


def operator_of(kind: int) -> str:
    return SPELLINGS[kind]
