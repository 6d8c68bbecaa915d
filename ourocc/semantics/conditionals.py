"""The conditional operator (C17 6.5.15) and the type that its branches have in common."""

from typing import cast

from ourocc.semantics.assignments import Assignments
from ourocc.semantics.constant import constant_truth
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    ARRAY_DECAY,
    INTEGER_CONSTANT,
    MEMBER,
    Conditional,
    Expression,
    IntegerConstant,
)
from ourocc.semantics.types import (
    ARRAY,
    ERROR,
    NULLPTR,
    POINTER,
    VECTOR,
    VOID,
    Type,
)


class Conditionals(Assignments):
    """Checks and builds conditional expressions."""

    def conditional(
        self, condition: Expression, then: Expression, otherwise: Expression, location: int
    ) -> Expression:
        """condition ? then : otherwise (C17 6.5.15); all rvalues."""
        if condition.type.kind == VECTOR:
            return self.vector_conditional(condition, then, otherwise, location)
        condition = self.condition(condition, location)
        type = self.conditional_type(then, otherwise, location)
        if type.kind == ERROR or condition.type.kind == ERROR:
            return self.error_value(location)
        if type.kind != VOID:
            then = self.convert_branch(then, type)
            otherwise = self.convert_branch(otherwise, type)
        else:
            then = self.discard(then)
            otherwise = self.discard(otherwise)
        truth = constant_truth(condition)
        if truth >= 0 and type.kind != VOID and condition.kind != ARRAY_DECAY:
            chosen = then if truth else otherwise
            if chosen.kind == INTEGER_CONSTANT and type.kind == POINTER and cast(IntegerConstant, chosen).value == 0:
                pass
            return chosen if chosen.kind != MEMBER else Conditional(type, location, condition, then, otherwise)
        return Conditional(type, location, condition, then, otherwise)

    def convert_branch(self, value: Expression, type: Type) -> Expression:
        if type.is_record() or value.type is type:
            return value
        return self.convert(value, type)

    def conditional_type(self, then: Expression, otherwise: Expression, location: int) -> Type:
        a = then.type
        b = otherwise.type
        if a.kind == ERROR or b.kind == ERROR:
            return self.types.error
        if a is b and not a.is_integer():
            return a
        if a.is_arithmetic() and b.is_arithmetic():
            left = self.promoted_type(then)
            right = self.promoted_type(otherwise)
            type = self.arithmetic_type(left, right)
            if self.wants("sign-compare") and type.unsigned and left.unsigned != right.unsigned:
                signed = otherwise if left.unsigned else then
                if not self.never_negative(signed):
                    self.warn(
                        signed.location,
                        "sign-compare",
                        f"operand of '?:' changes signedness from {quoted(signed.type)} to {quoted(type)}"
                        " due to unsignedness of other operand",
                    )
            return type
        if a.kind == VOID or b.kind == VOID:
            if a.kind != b.kind and self.diagnostics.pedantic:
                self.pedwarn(location, "pedantic", "ISO C forbids conditional expr with only one void side")
            return self.types.void
        if a.kind == NULLPTR and b.kind == POINTER:
            return b
        if b.kind == NULLPTR and a.kind == POINTER:
            return a
        if a.kind == POINTER and b.kind == POINTER:
            return self.conditional_pointer(then, otherwise, location)
        if a.kind == POINTER and b.is_integer():
            if not self.is_null_pointer_constant(otherwise):
                self.required(location, "pointer/integer type mismatch in conditional expression")
            return a
        if b.kind == POINTER and a.is_integer():
            if not self.is_null_pointer_constant(then):
                self.required(location, "pointer/integer type mismatch in conditional expression")
            return b
        if self.compatible(a, b):
            return self.composite(a, b)
        if a.kind == VECTOR and b.kind == VECTOR and a.size == b.size:
            return a
        self.error(location, "type mismatch in conditional expression")
        return self.types.error

    def conditional_pointer(self, then: Expression, otherwise: Expression, location: int) -> Type:
        """C17 6.5.15p6: the composite of the pointees, with all their qualifiers."""
        if self.is_null_pointer_constant(then):
            return otherwise.type
        if self.is_null_pointer_constant(otherwise):
            return then.type
        a = cast(Type, then.type.base)
        b = cast(Type, otherwise.type.base)
        qualifiers = (a.qualifiers | b.qualifiers) & 7
        types = self.types
        if self.compatible(a.unqualified, b.unqualified):
            return types.pointer_to(types.qualified(self.composite(a.unqualified, b.unqualified), qualifiers))
        if a.kind == VOID or b.kind == VOID:
            return types.pointer_to(types.qualified(types.void, qualifiers))
        if a.kind == ARRAY and b.kind == ARRAY and self.compatible(
            cast(Type, a.base).unqualified, cast(Type, b.base).unqualified
        ):
            return otherwise.type if cast(Type, b.base).qualifiers else then.type
        if self.differs_in_sign(a.unqualified, b.unqualified):
            return then.type
        self.required(location, "pointer type mismatch in conditional expression")
        return types.pointer_to(types.qualified(types.void, qualifiers))
