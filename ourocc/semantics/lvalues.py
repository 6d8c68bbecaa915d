"""Lvalues (C17 6.3.2.1): which of them may be modified, and addresses taken of them (6.5.3.2)."""

from typing import cast

from ourocc.base.diagnostics import Diagnostic
from ourocc.semantics.conversions import Conversions
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    COMPOUND_LITERAL,
    FUNCTION_DECAY,
    IMAGINARY_PART,
    MEMBER,
    REAL_PART,
    VARIABLE,
    VECTOR_ELEMENT,
    BinaryOperation,
    Expression,
    MemberAccess,
    UnaryOperation,
    VariableReference,
)
from ourocc.semantics.types import (
    ARRAY,
    CONST,
    ERROR,
    FUNCTION,
    REVERSED,
    VOID,
    Type,
)


class Lvalues(Conversions):
    """Checks lvalues."""

    def take_address(self, place: Expression, location: int) -> Expression:
        """Unary & (C17 6.5.3.2)."""
        type = place.type
        if type.kind == ERROR:
            return place
        kind = place.kind
        if not place.is_place and type.kind != ARRAY:
            self.error(location, "lvalue required as unary '&' operand")
            return self.error_value(location)
        if kind == MEMBER:
            field = cast(MemberAccess, place).field
            if field.bit_width >= 0:
                self.error(location, f"cannot take address of bit-field '{field.name}'")
                return self.error_value(location)
            if not place.is_place:
                self.error(location, "lvalue required as unary '&' operand")
                return self.error_value(location)
        element = type
        while element.kind == ARRAY and element.base is not None:
            element = element.base
        if type.qualifiers & REVERSED:
            self.error(location, "cannot take address of scalar with reverse storage order")
            return self.error_value(location)
        if type.kind == ARRAY and element.qualifiers & REVERSED:
            self.warn(location, "scalar-storage-order", "address of array with reverse scalar storage order requested")
        if kind == VECTOR_ELEMENT and not place.is_place:
            self.error(location, "lvalue required as unary '&' operand")
            return self.error_value(location)
        if not self.mark_addressed(place, location):
            return self.error_value(location)
        if type.kind == FUNCTION:
            return UnaryOperation(FUNCTION_DECAY, self.types.pointer_to(type), location, place)
        return self.address_of(self.types.pointer_to(type), location, place)

    def mark_addressed(self, place: Expression, location: int) -> bool:
        """Note that an object's address is taken; False (reported) for register variables."""
        while True:
            kind = place.kind
            if kind == MEMBER:
                place = cast(MemberAccess, place).base
            elif kind == REAL_PART or kind == IMAGINARY_PART:
                place = cast(UnaryOperation, place).operand
            elif kind == VECTOR_ELEMENT:
                place = cast(BinaryOperation, place).left
            else:
                break
        if kind == VARIABLE or kind == COMPOUND_LITERAL:
            variable = cast(VariableReference, place).variable
            if variable.is_register:
                self.error(location, f"address of register variable '{variable.name}' requested")
                return False
            variable.address_taken = True
        return True

    def modifiable(self, place: Expression, location: int, use: str) -> bool:
        """C17 6.3.2.1p1.  `use`: "assignment", "increment", "decrement", "asm"."""
        type = place.type
        if type.kind == ERROR:
            return False
        if not place.is_place or (place.kind == MEMBER and not self.has_place_base(place)):
            words = {
                "assignment": "lvalue required as left operand of assignment",
                "increment": "lvalue required as increment operand",
                "decrement": "lvalue required as decrement operand",
                "asm": "lvalue required in 'asm' statement",
            }
            self.error(location, words[use])
            return False
        if type.kind == ARRAY:
            if use == "assignment":
                self.error(location, "assignment to expression with array type")
            else:
                self.error(location, f"wrong type argument to {use}")
            return False
        if type.kind == FUNCTION:
            words = {
                "assignment": "lvalue required as left operand of assignment",
                "increment": "wrong type argument to increment",
                "decrement": "wrong type argument to decrement",
                "asm": "lvalue required in 'asm' statement",
            }
            self.error(location, words[use])
            return False
        if not type.complete:
            if type.kind == VOID:
                self.error(location, "invalid use of void expression" if use != "assignment" else "lvalue required as left operand of assignment")
            else:
                self.error(location, f"invalid use of undefined type {quoted(type.unqualified)}")
            return False
        if type.qualifiers & CONST or (type.is_record() and self.has_const_member(type)):
            self.readonly(place, location, use)
            return False
        return True

    def is_bit_field(self, place: Expression) -> bool:
        return place.kind == MEMBER and cast(MemberAccess, place).field.bit_width >= 0

    def has_place_base(self, place: Expression) -> bool:
        while place.kind == MEMBER:
            place = cast(MemberAccess, place).base
        return place.is_place

    def has_const_member(self, record: Type) -> bool:
        for field in record.fields:
            type = field.type
            while type.kind == ARRAY:
                type = cast(Type, type.base)
            if type.qualifiers & CONST or (type.is_record() and self.has_const_member(type)):
                return True
        return False

    def readonly(self, place: Expression, location: int, use: str) -> Diagnostic:
        verb = {
            "assignment": "assignment of",
            "increment": "increment of",
            "decrement": "decrement of",
            "asm": "read-only",
        }[use]
        kind = place.kind
        if kind == VARIABLE:
            variable = cast(VariableReference, place).variable
            what = "parameter" if variable.is_parameter else "variable"
            if use == "asm":
                return self.error(location, f"read-only {what} '{variable.name}' used as 'asm' output")
            return self.error(location, f"{verb} read-only {what} '{variable.name}'")
        if kind == MEMBER:
            field = cast(MemberAccess, place).field
            if use == "asm":
                return self.error(location, f"read-only member '{field.name}' used as 'asm' output")
            return self.error(location, f"{verb} read-only member '{field.name}'")
        if use == "asm":
            return self.error(location, "read-only location used as 'asm' output")
        return self.error(location, f"{verb} read-only location")
