"""The constant folder: conversions and operations on constants, and what a static initializer may be (C17 6.6).

Expressions are folded while they are built, so an integer constant expression is simply an
INTEGER_CONSTANT node.  `static_value` goes further, as gcc does for initializers: addresses of
objects with static storage plus offsets, casts of them, differences of labels, values of constant
variables.
"""

from typing import cast

from ourocc.base.floating import Real
from ourocc.semantics import reals
from ourocc.semantics.context import Context
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    ADD,
    ADDRESS_CONSTANT,
    ADDRESS_OF,
    ARRAY_DECAY,
    BITWISE_AND,
    BITWISE_NOT,
    BITWISE_OR,
    BITWISE_XOR,
    BUILTIN_CALL,
    COMPLEX_CONSTANT,
    COMPOUND_LITERAL,
    CONDITIONAL,
    CONVERT,
    DEREFERENCE,
    DIVIDE,
    EQUAL,
    FLOAT_CONSTANT,
    FUNCTION_DECAY,
    GREATER,
    GREATER_EQUAL,
    INTEGER_CONSTANT,
    LABEL_ADDRESS,
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
    REMAINDER,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    STORAGE_STATIC,
    STRING_LITERAL,
    SUBTRACT,
    VARIABLE,
    AddressConstant,
    BinaryOperation,
    BuiltinCall,
    ComplexConstant,
    Conditional,
    Expression,
    FloatConstant,
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
    ENUM,
    FLOAT16,
    FLOAT128,
    NULLPTR,
    POINTER,
    VECTOR,
    VOID,
    VOLATILE,
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

    # ------------------------------------------------------------------ static initializers

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
            moved = cast(PointerArithmetic, expression)
            if moved.scale_type.has_variable_size():
                return None
            left = self.static_value(moved.left)
            right = self.static_value(moved.right)
            if left is None or right is None or right.kind != INTEGER_CONSTANT or not moved.scale_type.complete:
                if left is None or right is None or right.kind != INTEGER_CONSTANT or moved.scale_type.kind != VOID:
                    return None
            step = cast(IntegerConstant, right).value * max(moved.scale_type.size, 1 if moved.scale_type.kind == VOID else 0)
            return self.displaced(left, step if kind == POINTER_ADD else -step, expression.type)
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
        if kind == 6 or kind == 7:  # parts of a complex object
            base = self.static_place(cast(UnaryOperation, place).operand)
            if base is None:
                return None
            return self.displaced(base, place.type.size if kind == 7 else 0, self.types.pointer_to(place.type))
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
