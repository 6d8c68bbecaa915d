"""Unary, binary, assignment and conditional operators (C17 6.5.3, 6.5.5 - 6.5.16) and GNU's vectors and ?:.

Operands arrive as typed expressions; every method checks its constraint, converts and folds.
"""

from typing import Final, cast

from ourocc.base.diagnostics import Diagnostic
from ourocc.semantics.constant import constant_truth, is_zero
from ourocc.semantics.conversions import ASSIGNING, Conversions, qualifier_word
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    ADD,
    ASSIGN,
    BITWISE_AND,
    BITWISE_NOT,
    BITWISE_OR,
    BITWISE_XOR,
    COMMA,
    CONVERT,
    DEREFERENCE,
    DIVIDE,
    EQUAL,
    FUNCTION_DECAY,
    GREATER,
    GREATER_EQUAL,
    IMAGINARY_PART,
    INTEGER_CONSTANT,
    LESS,
    LESS_EQUAL,
    LOAD,
    LOGICAL_AND,
    LOGICAL_NOT,
    LOGICAL_OR,
    MEMBER,
    MULTIPLY,
    NEGATE,
    NOT_EQUAL,
    POINTER_ADD,
    POINTER_DIFFERENCE,
    POINTER_SUBTRACT,
    REAL_PART,
    REMAINDER,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    SUBTRACT,
    VARIABLE,
    VECTOR_ELEMENT,
    BinaryOperation,
    CompoundAssignment,
    Conditional,
    Expression,
    IncrementOperation,
    IntegerConstant,
    MemberAccess,
    PointerArithmetic,
    SavedValue,
    UnaryOperation,
    VariableReference,
)
from ourocc.semantics.types import (
    ARRAY,
    BOOL,
    COMPLEX,
    CONST,
    ENUM,
    ERROR,
    FUNCTION,
    INT,
    NULLPTR,
    POINTER,
    REVERSED,
    STRUCT,
    UNION,
    VECTOR,
    VOID,
    Type,
)

OPERATIONS: Final = {
    "+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE, "%": REMAINDER, "<<": SHIFT_LEFT, ">>": SHIFT_RIGHT,
    "&": BITWISE_AND, "|": BITWISE_OR, "^": BITWISE_XOR, "==": EQUAL, "!=": NOT_EQUAL, "<": LESS, "<=": LESS_EQUAL,
    ">": GREATER, ">=": GREATER_EQUAL, "&&": LOGICAL_AND, "||": LOGICAL_OR, ",": COMMA,
}  # fmt: skip
SPELLINGS: Final = {kind: spelling for spelling, kind in OPERATIONS.items()}


class Operators(Conversions):
    """Checks and builds operator expressions."""

    # ------------------------------------------------------------------ binary

    def invalid_operands(self, operator: str, left: Type, right: Type, location: int) -> Expression:
        if left.kind != ERROR and right.kind != ERROR:
            self.error(
                location, f"invalid operands to binary {operator} (have {quoted(left)} and {quoted(right)})"
            )
        return self.error_value(location)

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
        return self.binary(kind, left.type, location, left, right)

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
        if kind == 56:
            choice = cast(Conditional, value)
            return self.never_negative(choice.then) and self.never_negative(choice.otherwise)
        return value.type.unsigned and value.type.size < 4

    # ------------------------------------------------------------------ vectors

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
        if kind == VARIABLE or kind == 5:
            variable = cast(VariableReference, place).variable
            if variable.is_register:
                if variable.register_name:
                    self.error(location, f"address of register variable '{variable.name}' requested")
                else:
                    self.error(location, f"address of register variable '{variable.name}' requested")
                return False
            variable.address_taken = True
        return True

    # ------------------------------------------------------------------ lvalues

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

    # ------------------------------------------------------------------ assignment

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
            return self.invalid_operands(SPELLINGS[operation] , plain, value.type, location)
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

    def vector_compound(self, operation: int, place: Expression, value: Expression, location: int) -> Expression:
        plain = place.type.unqualified
        if plain.kind != VECTOR:
            return self.invalid_operands(SPELLINGS[operation], plain, value.type, location)
        probe = self.vector_binary(operation, UnaryOperation(LOAD, plain, location, place), value, location)
        if probe.type.kind == ERROR:
            return probe
        converted = cast(BinaryOperation, probe).right
        return CompoundAssignment(plain, location, operation, place, converted, plain)

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
        return IncrementOperation(plain, location, place, operator == "--", prefix)

    # ------------------------------------------------------------------ conditional

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
        if truth >= 0 and type.kind != VOID and condition.kind != 24:
            chosen = then if truth else otherwise
            if chosen.kind == INTEGER_CONSTANT and type.kind == POINTER and cast(IntegerConstant, chosen).value == 0:
                pass
            return chosen if chosen.kind != MEMBER else Conditional(type, location, condition, then, otherwise)
        return Conditional(type, location, condition, then, otherwise)

    def discard(self, value: Expression) -> Expression:
        if value.type.kind == VOID:
            return value
        return UnaryOperation(CONVERT, self.types.void, value.location, value)

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

    # ------------------------------------------------------------------ casts

    def cast_to(self, value: Expression, type: Type, location: int) -> Expression:
        """An explicit conversion (C17 6.5.4); `value` is an rvalue."""
        to = type.unqualified
        source = value.type
        to_kind = to.kind
        from_kind = source.kind
        if from_kind == ERROR or to_kind == ERROR:
            return self.error_value(location)
        if to_kind == VOID:
            return self.discard(value)
        if to_kind == ARRAY:
            self.error(location, "cast specifies array type")
            return self.error_value(location)
        if to_kind == FUNCTION:
            self.error(location, "cast specifies function type")
            return self.error_value(location)
        if not to.complete and to_kind != ENUM:
            self.error(location, "conversion to incomplete type")
            return self.error_value(location)
        if to_kind == UNION:
            return self.cast_to_union(value, to, location)
        if to_kind == STRUCT:
            if source is to:
                return value
            self.error(location, "conversion to non-scalar type requested")
            return self.error_value(location)
        if to_kind == VECTOR or from_kind == VECTOR:
            if to_kind == VECTOR and from_kind == VECTOR or to.is_integer() or source.is_integer():
                if to.size == source.size:
                    return value if source is to else UnaryOperation(CONVERT, to, location, value)
            if to_kind == VECTOR:
                self.error(location, "cannot convert value to a vector" if not source.is_arithmetic() else f"cannot convert a value of type {quoted(source)} to vector type {quoted(to)} which has different size")
            else:
                self.error(location, f"cannot convert a vector of type {quoted(source)} to type {quoted(to)} which has different size")
            return self.error_value(location)
        if from_kind == VOID:
            self.error(location, "void value not ignored as it ought to be") if to_kind != VOID else None
            return self.error_value(location)
        if from_kind == STRUCT or from_kind == UNION:
            if to_kind == POINTER:
                self.error(location, "cannot convert to a pointer type")
            else:
                self.error(location, "aggregate value used where an integer was expected" if to.is_integer() else "aggregate value used where a floating-point was expected" if to.is_floating() else "aggregate value used where a complex was expected")
            return self.error_value(location)
        if to_kind == POINTER:
            if from_kind > ENUM and from_kind != POINTER and from_kind != NULLPTR:
                self.error(location, "cannot convert to a pointer type")
                return self.error_value(location)
            if from_kind <= ENUM and source.size != to.size and value.kind != INTEGER_CONSTANT:
                self.warn(location, "int-to-pointer-cast", "cast to pointer from integer of different size")
            return self.convert(value, to)
        if from_kind == POINTER:
            if not to.is_integer():
                self.error(location, "pointer value used where a floating-point was expected" if to.is_floating() else "pointer value used where a complex was expected")
                return self.error_value(location)
            if to.size != source.size and to_kind != BOOL and value.kind != INTEGER_CONSTANT:
                self.warn(location, "pointer-to-int-cast", "cast from pointer to integer of different size")
        result = self.convert(value, to)
        if result is value and value.kind == LOAD and cast(UnaryOperation, value).operand.kind == MEMBER:
            # a cast of a bit-field to its own type is no bit-field any more: it promotes as the type does
            if cast(MemberAccess, cast(UnaryOperation, value).operand).field.bit_width >= 0:
                return UnaryOperation(CONVERT, to, location, value)
        return result

    def cast_to_union(self, value: Expression, union: Type, location: int) -> Expression:
        """GNU: (union u) member-value."""
        if value.type is union:
            return value
        for field in union.fields:
            if self.compatible(field.type.unqualified, value.type):
                return self.transparent_value(value, union, field, location)
        self.error(location, "cast to union type from type not present in union")
        return self.error_value(location)


def operator_of(kind: int) -> str:
    return SPELLINGS[kind]


__all__ = ["OPERATIONS", "Operators", "operator_of", "qualifier_word"]
