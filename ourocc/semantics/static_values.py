"""What a static initializer may be (C17 6.6p7-10, and gcc's foldings): a constant, or an address known at link time.

`static_value` takes what `constant.py` has folded already and goes further: addresses of objects with
static storage plus offsets, casts of them, differences of labels, values of constant variables.
"""

from typing import cast

from ourocc.semantics.constant import Folding, compare_integers, constant_truth, is_zero
from ourocc.semantics.typed_tree import (
    ADD,
    ADDRESS_CONSTANT,
    ADDRESS_OF,
    ARRAY_DECAY,
    BITWISE_NOT,
    BITWISE_XOR,
    BUILTIN_CALL,
    COMPLEX_CONSTANT,
    COMPOUND_LITERAL,
    CONDITIONAL,
    CONVERT,
    DEREFERENCE,
    EQUAL,
    FLOAT_CONSTANT,
    FUNCTION_DECAY,
    GREATER_EQUAL,
    IMAGINARY_PART,
    INTEGER_CONSTANT,
    LABEL_ADDRESS,
    LOAD,
    LOGICAL_AND,
    LOGICAL_NOT,
    LOGICAL_OR,
    MEMBER,
    NEGATE,
    NOT_EQUAL,
    POINTER_ADD,
    POINTER_DIFFERENCE,
    POINTER_SUBTRACT,
    REAL_PART,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    STORAGE_STATIC,
    STRING_LITERAL,
    SUBTRACT,
    VARIABLE,
    AddressConstant,
    BinaryOperation,
    BuiltinCall,
    Conditional,
    Expression,
    IntegerConstant,
    LabelAddress,
    MemberAccess,
    PointerArithmetic,
    StringLiteral,
    UnaryOperation,
    Variable,
    VariableReference,
)
from ourocc.semantics.types import (
    ARRAY,
    BOOL,
    COMPLEX,
    CONST,
    POINTER,
    VOID,
    VOLATILE,
    Type,
)


class StaticValues(Folding):
    """Values that are known when the program is linked."""

    def static_value(self, expression: Expression) -> Expression | None:
        """The constant that an expression is at link time, None when it is none (C17 6.6p7-10, with gcc's folding)."""
        kind = expression.kind
        if kind == INTEGER_CONSTANT or kind == FLOAT_CONSTANT or kind == COMPLEX_CONSTANT:
            return expression
        if kind == ADDRESS_CONSTANT or kind == STRING_LITERAL:
            return expression
        if kind == ADDRESS_OF or kind == ARRAY_DECAY or kind == FUNCTION_DECAY:
            place = self.static_place(cast(UnaryOperation, expression).operand)
            if place is None:
                return None
            return self.retyped(place, expression.type)
        if kind == CONVERT:
            return self.static_conversion(cast(UnaryOperation, expression))
        if kind == POINTER_ADD or kind == POINTER_SUBTRACT:
            return self.static_step(cast(PointerArithmetic, expression))
        if kind == LABEL_ADDRESS:
            label = AddressConstant(expression.type, expression.location, None, 0)
            label.label = cast(LabelAddress, expression).label
            return label
        if kind == CONDITIONAL:
            choice = cast(Conditional, expression)
            condition = self.static_value(choice.condition)
            truth = -1 if condition is None else self.static_truth(condition)
            if truth < 0:
                return None
            return self.static_value(choice.then if truth else choice.otherwise)
        if kind == LOAD:
            return self.static_load(cast(UnaryOperation, expression).operand, expression.type)
        if kind == NEGATE or kind == BITWISE_NOT or kind == LOGICAL_NOT:
            operand = self.static_value(cast(UnaryOperation, expression).operand)
            if operand is None:
                return None
            if kind == LOGICAL_NOT:
                truth = self.static_truth(operand)
                return None if truth < 0 else self.int_value(expression.location, 1 - truth)
            folded = self.unary(kind, expression.type, expression.location, operand)
            return folded if folded.kind != kind else None
        if kind == LOGICAL_AND or kind == LOGICAL_OR:
            return self.static_logical(cast(BinaryOperation, expression))
        if ADD <= kind <= BITWISE_XOR or EQUAL <= kind <= GREATER_EQUAL:
            return self.static_binary(cast(BinaryOperation, expression))
        if kind == POINTER_DIFFERENCE:
            return self.static_difference(cast(PointerArithmetic, expression))
        if kind == BUILTIN_CALL:
            call = cast(BuiltinCall, expression)
            if call.name == "constant_p":
                known = self.static_value(call.arguments[0])
                return self.int_value(expression.location, 0 if known is None or known.kind == ADDRESS_CONSTANT else 1)
            if call.name == "expect" or call.name == "assume_aligned":
                return self.static_value(call.arguments[0])
        return None

    def static_step(self, moved: PointerArithmetic) -> Expression | None:
        """Pointer plus or minus integer."""
        scale = moved.scale_type
        if scale.has_variable_size() or not scale.complete and scale.kind != VOID:
            return None
        left = self.static_value(moved.left)
        right = self.static_value(moved.right)
        if left is None or right is None or right.kind != INTEGER_CONSTANT:
            return None
        step = cast(IntegerConstant, right).value * max(scale.size, 1 if scale.kind == VOID else 0)
        return self.displaced(left, step if moved.kind == POINTER_ADD else -step, moved.type)

    def integer_constant(self, value: Expression) -> IntegerConstant | None:
        """The value of an integer constant expression, with gcc's foldings but without loads (C17 6.6p6); None for others."""
        if value.kind == INTEGER_CONSTANT:
            return cast(IntegerConstant, value) if value.type.is_integer() else None
        self.fold_loads = False
        constant = self.static_value(value)
        self.fold_loads = True
        if constant is None or constant.kind != INTEGER_CONSTANT or not constant.type.is_integer():
            return None
        return cast(IntegerConstant, constant)

    def static_truth(self, value: Expression) -> int:
        if value.kind == ADDRESS_CONSTANT:
            variable = cast(AddressConstant, value).variable
            return 1 if variable is None or not variable.weak else -1
        return constant_truth(value)

    def retyped(self, value: Expression, type: Type) -> Expression:
        if value.type is type:
            return value
        if value.kind == INTEGER_CONSTANT:
            return self.integer(type, value.location, cast(IntegerConstant, value).value)
        if value.kind == ADDRESS_CONSTANT:
            address = cast(AddressConstant, value)
            copy = AddressConstant(type, address.location, address.variable, address.offset)
            copy.label = address.label
            copy.minus_label = address.minus_label
            return copy
        return value

    def displaced(self, value: Expression, step: int, type: Type) -> Expression | None:
        if value.kind == INTEGER_CONSTANT:
            return self.integer(type, value.location, cast(IntegerConstant, value).value + step)
        if value.kind != ADDRESS_CONSTANT:
            return None
        moved = cast(AddressConstant, self.retyped(value, type))
        if moved is value:
            original = moved
            moved = AddressConstant(type, original.location, original.variable, original.offset)
            moved.label = original.label
            moved.minus_label = original.minus_label
        moved.offset += step
        return moved

    def static_conversion(self, conversion: UnaryOperation) -> Expression | None:
        value = self.static_value(conversion.operand)
        if value is None:
            return None
        type = conversion.type
        if value.kind == ADDRESS_CONSTANT:
            if type.kind == BOOL:
                truth = self.static_truth(value)
                return None if truth < 0 else self.integer(type, value.location, truth)
            label_difference = cast(AddressConstant, value).minus_label is not None
            if type.kind == POINTER or (
                type.is_integer() and (type.size == self.model.pointer_size or label_difference)
            ):
                return self.retyped(value, type)
            if type.is_integer() and value.type.size < self.model.pointer_size:
                return None
            return None
        folded = self.convert(value, type)
        return folded if folded.kind != CONVERT else None

    def static_logical(self, operation: BinaryOperation) -> Expression | None:
        left = self.static_value(operation.left)
        if left is None:
            return None
        truth = self.static_truth(left)
        if truth < 0:
            return None
        if truth == (0 if operation.kind == LOGICAL_AND else 1):
            return self.int_value(operation.location, truth)
        right = self.static_value(operation.right)
        truth = -1 if right is None else self.static_truth(right)
        return None if truth < 0 else self.int_value(operation.location, truth)

    def static_binary(self, operation: BinaryOperation) -> Expression | None:
        left = self.static_value(operation.left)
        right = self.static_value(operation.right)
        if left is None or right is None:
            return None
        kind = operation.kind
        if (kind == SHIFT_LEFT or kind == SHIFT_RIGHT) and left.kind == INTEGER_CONSTANT and right.kind == INTEGER_CONSTANT:
            type = operation.type
            if cast(IntegerConstant, right).value >= (type.precision or type.size * 8):  # warned of; gcc's value
                number = cast(IntegerConstant, left).value
                return self.integer(type, operation.location, -1 if kind == SHIFT_RIGHT and number < 0 else 0)
        if left.kind == ADDRESS_CONSTANT or right.kind == ADDRESS_CONSTANT:
            if kind == ADD and left.kind == INTEGER_CONSTANT:
                return self.displaced(right, cast(IntegerConstant, left).value, operation.type)
            if (kind == ADD or kind == SUBTRACT) and right.kind == INTEGER_CONSTANT:
                step = cast(IntegerConstant, right).value
                return self.displaced(left, step if kind == ADD else -step, operation.type)
            if left.kind == right.kind:
                a = cast(AddressConstant, left)
                b = cast(AddressConstant, right)
                if kind == SUBTRACT:
                    return self.address_difference(a, b, 1, operation.type)
                if a.variable is b.variable and a.label is b.label and EQUAL <= kind <= GREATER_EQUAL:
                    return self.int_value(operation.location, compare_integers(kind, a.offset, b.offset))
                if kind in (EQUAL, NOT_EQUAL) and a.variable is not b.variable and a.label is None and b.label is None:
                    if not (a.variable and a.variable.weak) and not (b.variable and b.variable.weak):
                        return self.int_value(operation.location, int(kind == NOT_EQUAL))
                return None
            if (kind == EQUAL or kind == NOT_EQUAL) and (is_zero(left) or is_zero(right)):
                truth = self.static_truth(right if is_zero(left) else left)
                return None if truth < 0 else self.int_value(operation.location, int(kind == NOT_EQUAL))
            return None
        saved = self.fold_exceptions
        self.fold_exceptions = True
        folded = self.binary(kind, operation.type, operation.location, left, right)
        self.fold_exceptions = saved
        return folded if folded.kind != kind else None

    def address_difference(
        self, a: AddressConstant, b: AddressConstant, scale: int, type: Type
    ) -> Expression | None:
        if a.label is not None and b.label is not None and a.minus_label is None and b.minus_label is None:
            if a.label is b.label:
                return self.integer(type, a.location, (a.offset - b.offset) // scale)
            if scale != 1:
                return None
            difference = AddressConstant(type, a.location, None, a.offset - b.offset)
            difference.label = a.label
            difference.minus_label = b.label
            return difference
        if a.variable is not None and a.variable is b.variable:
            return self.integer(type, a.location, (a.offset - b.offset) // scale)
        return None

    def static_difference(self, operation: PointerArithmetic) -> Expression | None:
        left = self.static_value(operation.left)
        right = self.static_value(operation.right)
        if left is None or right is None or operation.scale_type.has_variable_size():
            return None
        size = max(operation.scale_type.size, 1)
        if left.kind == ADDRESS_CONSTANT and right.kind == ADDRESS_CONSTANT:
            return self.address_difference(
                cast(AddressConstant, left), cast(AddressConstant, right), size, operation.type
            )
        if left.kind == INTEGER_CONSTANT and right.kind == INTEGER_CONSTANT:
            distance = cast(IntegerConstant, left).value - cast(IntegerConstant, right).value
            bits = self.model.pointer_size * 8
            distance &= (1 << bits) - 1
            if distance >> (bits - 1):
                distance -= 1 << bits
            return self.integer(operation.type, operation.location, distance // size)
        return None

    def static_place(self, place: Expression) -> Expression | None:
        """The address (ADDRESS_CONSTANT or INTEGER_CONSTANT) of a place with static storage."""
        kind = place.kind
        if kind == VARIABLE or kind == COMPOUND_LITERAL:
            variable = cast(VariableReference, place).variable
            if variable.storage != 1 and not variable.is_function:
                return None
            return AddressConstant(self.types.pointer_to(place.type), place.location, variable, 0)
        if kind == STRING_LITERAL:
            return AddressConstant(
                self.types.pointer_to(place.type), place.location, self.string_variable(cast(StringLiteral, place)), 0
            )
        if kind == MEMBER:
            access = cast(MemberAccess, place)
            base = self.static_place(access.base)
            if base is None or access.field.bit_width >= 0 or access.field.moving:
                return None
            return self.displaced(base, access.field.offset, self.types.pointer_to(place.type))
        if kind == DEREFERENCE:
            return self.static_value(cast(UnaryOperation, place).operand)
        if kind == REAL_PART or kind == IMAGINARY_PART:  # parts of a complex object
            base = self.static_place(cast(UnaryOperation, place).operand)
            if base is None:
                return None
            return self.displaced(base, place.type.size if kind == IMAGINARY_PART else 0, self.types.pointer_to(place.type))
        return None

    def string_variable(self, literal: StringLiteral) -> Variable:
        """The unnamed array that holds a string literal, so that constants can point to it."""
        raise NotImplementedError

    def static_load(self, place: Expression, type: Type) -> Expression | None:
        """The value of a constant object whose initializer is known (gcc folds these in initializers)."""
        if not self.fold_loads:
            return None
        offset = 0
        base = place
        width = -1
        while True:
            if base.kind == MEMBER:
                access = cast(MemberAccess, base)
                if access.field.bit_width >= 0:
                    width = access.field.bit_width
                offset += access.field.offset
                base = access.base
            elif base.kind == DEREFERENCE:
                pointer = self.static_value(cast(UnaryOperation, base).operand)
                if pointer is None or pointer.kind != ADDRESS_CONSTANT:
                    return None
                address = cast(AddressConstant, pointer)
                if address.variable is None:
                    return None
                offset += address.offset
                return self.constant_content(address.variable, offset, type, width)
            elif base.kind == VARIABLE or base.kind == COMPOUND_LITERAL:
                return self.constant_content(cast(VariableReference, base).variable, offset, type, width)
            else:
                return None

    def constant_content(self, variable: Variable, offset: int, type: Type, width: int) -> Expression | None:
        element = variable.type
        while element.kind == ARRAY and element.base is not None:
            element = element.base
        if variable.constant is not None:
            return variable.constant if type.unqualified is variable.type.unqualified else None
        if not element.qualifiers & CONST or element.qualifiers & VOLATILE or variable.storage != STORAGE_STATIC or width >= 0:
            return None
        items = variable.initializer
        if items is None or variable.weak:
            return None
        for item in reversed(items):
            if item.offset == offset and item.type.unqualified is type and item.field is None:
                return item.value if item.value.kind != STRING_LITERAL else None
            if item.offset <= offset < item.offset + item.type.size:
                if item.value.kind == STRING_LITERAL and type.size == 1:
                    data = cast(StringLiteral, item.value).data
                    position = offset - item.offset
                    return self.integer(type, 0, data[position] if position < len(data) else 0)
                return None
        return self.zero(type, 0) if type.is_scalar() or type.kind == COMPLEX else None
