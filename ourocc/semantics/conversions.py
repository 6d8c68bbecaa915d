"""Conversions between types (C17 6.3), compatible and composite types (6.2.7), assignment (6.5.16.1).

Where a constraint is broken the message is gcc's, with gcc's warning group.
"""

from typing import Final, cast

from ourocc.base.diagnostics import Diagnostic
from ourocc.semantics import reals
from ourocc.semantics.constant import is_zero
from ourocc.semantics.display import quoted
from ourocc.semantics.static_values import StaticValues
from ourocc.semantics.typed_tree import (
    ARRAY_DECAY,
    COMPOUND_LITERAL,
    CONVERT,
    DEREFERENCE,
    FLOAT_CONSTANT,
    FUNCTION_DECAY,
    IMAGINARY_PART,
    INTEGER_CONSTANT,
    LOAD,
    MEMBER,
    POINTER_ADD,
    REAL_PART,
    VARIABLE,
    VECTOR_ELEMENT,
    VECTOR_SPLAT,
    BinaryOperation,
    Expression,
    FloatConstant,
    IntegerConstant,
    MemberAccess,
    PointerArithmetic,
    UnaryOperation,
    Variable,
    VariableReference,
)
from ourocc.semantics.types import (
    ARRAY,
    ATOMIC,
    BOOL,
    COMPLEX,
    CONST,
    ENUM,
    ERROR,
    FLOAT,
    FUNCTION,
    INCOMPLETE_LENGTH,
    INT,
    NULLPTR,
    POINTER,
    REVERSED,
    STRUCT,
    UNION,
    VARIABLE_LENGTH,
    VECTOR,
    VOID,
    VOLATILE,
    Field,
    Type,
)

# Why a value is converted: chooses the words of the message
INITIALIZING: Final = 1
ASSIGNING: Final = 2
RETURNING: Final = 3
PASSING: Final = 4


def promotable(type: Type) -> bool:
    return type.kind < INT


class Conversions(StaticValues):
    """Rules that turn one type into another."""

    # ------------------------------------------------------------------ compatible types (C17 6.2.7)

    def compatible(self, a: Type, b: Type) -> bool:
        if a is b:
            return True
        if (a.qualifiers ^ b.qualifiers) & 15:
            return False
        a = a.unqualified
        b = b.unqualified
        if a is b:
            return True
        kind = a.kind
        if kind != b.kind:
            if kind == ENUM and b.is_integer():
                return b is a.underlying
            if b.kind == ENUM and a.is_integer():
                return a is b.underlying
            return kind == ERROR or b.kind == ERROR
        if kind == POINTER:
            return self.compatible(cast(Type, a.base), cast(Type, b.base))
        if kind == ARRAY:
            if not self.compatible(cast(Type, a.base), cast(Type, b.base)):
                return False
            return a.length < 0 or b.length < 0 or a.length == b.length
        if kind == FUNCTION:
            return self.compatible_functions(a, b)
        if kind == VECTOR:
            return a.length == b.length and self.compatible(cast(Type, a.base), cast(Type, b.base))
        if kind == STRUCT or kind == UNION:
            return a.precision == -1 and b.precision == -1  # never: records are compatible with themselves only
        return False

    def compatible_functions(self, a: Type, b: Type) -> bool:
        """C17 6.7.6.3p15."""
        if not self.compatible(cast(Type, a.base), cast(Type, b.base)):
            return False
        if a.prototype and b.prototype:
            if a.variadic != b.variadic or len(a.parameters) != len(b.parameters):
                return False
            for first, second in zip(a.parameters, b.parameters, strict=True):
                if first is second:
                    continue
                if not self.compatible(first.unqualified, second.unqualified):
                    if not self.transparent_match(first, second):
                        return False
            return True
        if not a.prototype and not b.prototype:
            return True
        known = a if a.prototype else b
        if known.variadic:
            return False
        for parameter in known.parameters:
            if parameter.kind == FLOAT or (parameter.kind < INT and parameter.kind != VOID):
                return False
        return True

    def transparent_match(self, first: Type, second: Type) -> bool:
        for union, other in ((first, second), (second, first)):
            if union.kind == UNION and union.transparent_union:
                for field in union.fields:
                    if self.compatible(field.type.unqualified, other.unqualified):
                        return True
        return False

    def composite(self, a: Type, b: Type) -> Type:
        """The composite of two compatible types (C17 6.2.7p3)."""
        if a is b:
            return a
        kind = a.kind
        if kind != b.kind:
            return a
        if kind == POINTER:
            base = self.composite(cast(Type, a.base), cast(Type, b.base))
            return self.types.qualified(self.types.pointer_to(base), a.qualifiers)
        if kind == ARRAY:
            base = self.composite(cast(Type, a.base), cast(Type, b.base))
            if a.length >= 0:
                return a if base is a.base else self.types.array_of(base, a.length)
            if b.length >= 0:
                return b if base is b.base else self.types.array_of(base, b.length)
            if a.length == VARIABLE_LENGTH:
                return a
            return b
        if kind == FUNCTION:
            result = self.composite(cast(Type, a.base), cast(Type, b.base))
            if not a.prototype:
                return b
            if not b.prototype:
                return a
            parameters = [self.composite(x, y) for x, y in zip(a.parameters, b.parameters, strict=True)]
            return self.types.function(result, parameters, a.variadic, True)
        return a

    # ------------------------------------------------------------------ lvalue conversion

    def rvalue(self, expression: Expression) -> Expression:
        """Lvalue conversion, array and function decay (C17 6.3.2.1)."""
        type = expression.type
        kind = type.kind
        if kind == ARRAY:
            variable = register_variable(expression)
            if variable is not None:
                self.error(expression.location, f"address of register variable '{variable.name}' requested")
                return self.error_value(expression.location)
            return self.decay(expression)
        if kind == FUNCTION:
            pointer = self.types.pointer_to(type)
            return UnaryOperation(FUNCTION_DECAY, pointer, expression.location, expression)
        if not expression.is_place:
            return expression
        if not type.complete:
            if kind == VOID:
                return UnaryOperation(CONVERT, self.types.void, expression.location, expression)
            if kind != ERROR:
                self.error(expression.location, f"invalid use of undefined type {quoted(type.unqualified)}")
                return self.error_value(expression.location)
        plain = type.unqualified
        if expression.kind == MEMBER:
            field = cast(MemberAccess, expression).field
            if field.bit_width >= 0 and plain.kind > INT and plain.kind != ENUM:
                plain = self.bit_field_type(field)
        return UnaryOperation(LOAD, plain, expression.location, expression)

    def bit_field_type(self, field: Field) -> Type:
        """The type of a bit-field's value: those wider than int keep their width in GNU C."""
        plain = field.type.unqualified
        width = field.bit_width
        if width == plain.size * 8 or width <= 31 or (width == 32 and plain.unsigned and plain.size == 4):
            return plain
        if plain.size <= 4:
            return plain
        return self.types.with_precision(plain, width)

    # ------------------------------------------------------------------ promotions

    def promoted_type(self, value: Expression) -> Type:
        """Integer promotions (C17 6.3.1.1p2) of a value, bit-fields included."""
        type = value.type
        if value.kind == LOAD:
            place = cast(UnaryOperation, value).operand
            if place.kind == MEMBER:
                field = cast(MemberAccess, place).field
                width = field.bit_width
                if width >= 0:
                    if width < 32 or (width == 32 and not type.unsigned):
                        return self.types.int
                    if width == 32:
                        return self.types.uint
        if type.kind < INT:
            return self.types.int
        if type.kind == ENUM and type.underlying is not None:
            return type.underlying if type.underlying.kind >= INT else self.types.int
        return type

    def promote(self, value: Expression) -> Expression:
        type = value.type
        kind = type.kind
        if kind == INT:
            return value
        if kind > ENUM:
            return value
        return self.convert(value, self.promoted_type(value))

    def default_promote(self, value: Expression) -> Expression:
        """Default argument promotions (C17 6.5.2.2p6)."""
        kind = value.type.kind
        if kind <= ENUM:
            promoted = self.promote(value)
            if promoted.type.precision:
                return self.convert(promoted, cast(Type, promoted.type.underlying))
            return promoted
        if kind == FLOAT:
            return self.convert(value, self.types.double)
        return value

    def arithmetic_type(self, a: Type, b: Type) -> Type:
        """Usual arithmetic conversions (C17 6.3.1.8) on promoted types."""
        if a is b:
            return a
        if a.kind == COMPLEX or b.kind == COMPLEX:
            left = cast(Type, a.base) if a.kind == COMPLEX else a
            right = cast(Type, b.base) if b.kind == COMPLEX else b
            return self.types.complex_of(self.arithmetic_type(self.promoted_kind(left), self.promoted_kind(right)))
        if a.is_floating() or b.is_floating():
            if not a.is_floating():
                return b
            if not b.is_floating():
                return a
            return a if a.kind >= b.kind else b
        if a.precision or b.precision:
            return self.precise_type(a, b)
        if a.kind == ENUM or b.kind == ENUM:
            return self.arithmetic_type(self.promoted_kind(a), self.promoted_kind(b))
        if a.unsigned == b.unsigned:
            return a if a.kind >= b.kind else b
        unsigned, signed = (a, b) if a.unsigned else (b, a)
        if unsigned.kind > signed.kind:
            return unsigned
        if signed.size > unsigned.size:
            return signed
        return self.types.unsigned_of(signed)

    def promoted_kind(self, type: Type) -> Type:
        if type.kind == ENUM and type.underlying is not None:
            type = type.underlying
        return self.types.int if type.kind < INT else type

    def precise_type(self, a: Type, b: Type) -> Type:
        """One is a wide bit-field's type: the wider of both, unsigned when the wider or an equal one is."""
        a_bits = a.precision or a.size * 8
        b_bits = b.precision or b.size * 8
        if a_bits == b_bits:
            return a if a.unsigned else b
        return a if a_bits > b_bits else b

    # ------------------------------------------------------------------ conditions

    def condition(self, value: Expression, location: int) -> Expression:
        """A controlling expression: must be scalar."""
        kind = value.type.kind
        if value.type.is_scalar() or kind == COMPLEX or kind == ERROR:
            return value
        if kind == VOID:
            self.error(location, "void value not ignored as it ought to be")
        elif kind == STRUCT or kind == UNION:
            word = "struct" if kind == STRUCT else "union"
            self.error(location, f"used {word} type value where scalar is required")
        elif kind == VECTOR:
            self.error(location, "used vector type where scalar is required")
        else:
            self.error(location, "used array that cannot be converted to pointer where scalar is required")
        return self.error_value(location)

    # ------------------------------------------------------------------ assignment

    def is_null_pointer_constant(self, value: Expression) -> bool:
        """C17 6.3.2.3p3."""
        if value.kind != INTEGER_CONSTANT or cast(IntegerConstant, value).value != 0:
            return False
        type = value.type
        if type.is_integer() or type.kind == NULLPTR:
            return True
        return type.kind == POINTER and type.base is self.types.void

    def assign(self, value: Expression, target: Type, purpose: int, location: int, callee: str = "", number: int = 0) -> Expression:
        """`value` (an rvalue) converted as if by assignment to `target`, with the constraint checks of C17 6.5.16.1."""
        to = target.unqualified
        source = value.type
        if source is to:
            return value
        to_kind = to.kind
        from_kind = source.kind
        if from_kind <= COMPLEX and to_kind <= COMPLEX:
            if from_kind != VOID and to_kind != VOID:
                return self.assign_arithmetic(value, to, location)
        elif to_kind == POINTER:
            if from_kind == POINTER:
                return self.assign_pointer(value, to, purpose, location, callee, number)
            if from_kind == NULLPTR:
                return self.convert(value, to)
            if from_kind <= ENUM and from_kind != VOID:
                if not self.is_null_pointer_constant(value):
                    self.assignment_warning(
                        "int-conversion", "makes pointer from integer without a cast", to, source, purpose,
                        value.location if purpose == PASSING else location, callee, number,
                    )  # fmt: skip
                return self.convert(value, to)
        elif from_kind == POINTER:
            if to_kind == BOOL:
                return self.convert(value, to)
            if to_kind <= ENUM and to_kind != VOID:
                self.assignment_warning(
                    "int-conversion", "makes integer from pointer without a cast", to, source, purpose,
                    value.location if purpose == PASSING else location, callee, number,
                )  # fmt: skip
                return self.convert(value, to)
        if from_kind == ERROR or to_kind == ERROR:
            return self.error_value(value.location) if to_kind == ERROR else self.poisoned(to, value.location)
        if from_kind == VOID:
            self.error(
                value.location if purpose == PASSING else location,
                "void value not ignored as it ought to be" if purpose != PASSING else "invalid use of void expression",
            )
            return self.poisoned(to, value.location)
        if to_kind == VECTOR and from_kind == VECTOR and to.size == source.size:
            return UnaryOperation(CONVERT, to, value.location, value)
        if to_kind == UNION and to.transparent_union:
            for field in to.fields:
                if self.fits_transparently(value, field.type):
                    return self.transparent_value(value, to, field, location)
        if self.compatible(source, to):
            return value
        if from_kind == NULLPTR and to_kind == BOOL:
            return self.convert(value, to)
        if purpose == PASSING:
            diagnostic = self.error(value.location, f"incompatible type for argument {number} of '{callee}'")
            self.note_expected(diagnostic, value.location, to, source, callee, number)
        else:
            self.incompatible_types(value, to, purpose, location)
        return self.poisoned(to, value.location)

    def incompatible_types(self, value: Expression, to: Type, purpose: int, location: int) -> None:
        source = value.type
        if purpose == RETURNING:
            self.error(location, f"incompatible types when returning type {quoted(source)} but {quoted(to)} was expected")
        elif purpose == ASSIGNING:
            self.error(value.location, f"incompatible types when assigning to type {quoted(to)} from type {quoted(source)}")
        elif to.is_scalar():
            self.error(location, f"incompatible types when initializing type {quoted(to)} using type {quoted(source)}")
        else:
            self.error(location, "invalid initializer")

    def poisoned(self, type: Type, location: int) -> Expression:
        """Something of the wanted type after an error, so that nothing else is reported."""
        if type.is_scalar() or type.kind == COMPLEX:
            return self.zero(type, location)
        return self.error_value(location)

    def fits_transparently(self, value: Expression, type: Type) -> bool:
        if type.kind == POINTER and self.is_null_pointer_constant(value):
            return True
        if self.compatible(value.type.unqualified, type.unqualified):
            return True
        if type.kind == POINTER and value.type.kind == POINTER:
            a = cast(Type, type.base)
            b = cast(Type, value.type.base)
            return a.kind == VOID or b.kind == VOID or self.compatible(a.unqualified, b.unqualified)
        return False

    def transparent_value(self, value: Expression, union: Type, field: Field, location: int) -> Expression:
        raise NotImplementedError

    def assign_arithmetic(self, value: Expression, to: Type, location: int) -> Expression:
        result = self.convert(value, to)
        if to.kind == ENUM and value.type.kind == ENUM and to is not value.type.unqualified:
            text = f"implicit conversion from {quoted(value.type)} to {quoted(to)}"
            self.warn(location, "enum-conversion", text)
        if result.kind == INTEGER_CONSTANT and self.unevaluated == 0:
            if value.kind == INTEGER_CONSTANT:
                self.check_constant_fits(cast(IntegerConstant, value), to, cast(IntegerConstant, result).value, location)
            elif value.kind == FLOAT_CONSTANT and to.kind != BOOL:
                real = cast(FloatConstant, value).value
                bits = to.precision or to.size * 8
                if real.special == 0 and real.significand.bit_length() + real.exponent > bits:
                    number = cast(IntegerConstant, result).value
                    self.warn(
                        value.location,
                        "overflow",
                        f"overflow in conversion from {quoted(value.type)} to {quoted(to)} changes value to '{number}'",
                    )
                elif self.wants("float-conversion") and not reals.is_integral(real):
                    self.warn(
                        value.location,
                        "float-conversion",
                        f"conversion from {quoted(value.type)} to {quoted(to)} changes value",
                    )
        return result

    def check_constant_fits(self, value: IntegerConstant, to: Type, number: int, location: int) -> None:
        """-Woverflow: a constant that does not survive the conversion."""
        original = value.value
        if number == original or to.kind == BOOL:
            return
        bits = to.precision or to.size * 8
        if -(1 << (bits - 1)) <= original < (1 << bits):  # -Wconversion would say something
            return
        if to.unsigned:
            self.warn(
                value.location,
                "overflow",
                f"unsigned conversion from {quoted(value.type)} to {quoted(to)} changes value from '{original}' to '{number}'",
            )
        else:
            self.warn(
                value.location,
                "overflow",
                f"overflow in conversion from {quoted(value.type)} to {quoted(to)} changes value from '{original}' to '{number}'",
            )

    def assign_pointer(
        self, value: Expression, to: Type, purpose: int, location: int, callee: str, number: int
    ) -> Expression:
        target = cast(Type, to.base)
        source = cast(Type, value.type.base)
        if target is source:
            return self.convert(value, to)
        result = self.convert(value, to)
        place = value.location if purpose == PASSING else location
        lost = source.qualifiers & ~target.qualifiers & (CONST | VOLATILE | ATOMIC)
        if source.qualifiers & ~target.qualifiers & REVERSED:
            self.warn(
                value.location, "scalar-storage-order", "address of array with reverse scalar storage order requested"
            )
        if source.kind == ARRAY:
            lost = 0
            plain_source: Type = source
            plain_target: Type = target
            if target.kind == ARRAY:
                inner_source = cast(Type, source.base)
                inner_target = cast(Type, target.base)
                lost = inner_source.qualifiers & ~inner_target.qualifiers & (CONST | VOLATILE)
                if source.length == target.length or source.length < 0 or target.length < 0:
                    if self.compatible(inner_source.unqualified, inner_target.unqualified):
                        plain_source = plain_target = source
        else:
            plain_source = source.unqualified
            plain_target = target.unqualified
        if plain_target.kind == VOID or plain_source.kind == VOID:
            if is_zero(value) and plain_source.kind == VOID and not source.qualifiers:
                return result
            if FUNCTION in (plain_source.kind, plain_target.kind):
                if self.diagnostics.pedantic:
                    self.pedantic_function_pointer(purpose, place, callee, number)
                return result
        elif plain_target is not plain_source and not self.compatible(plain_target, plain_source):
            if ERROR in (plain_source.kind, plain_target.kind):
                return result
            if self.differs_in_sign(plain_target, plain_source):
                if self.wants("pointer-sign") or self.diagnostics.pedantic:
                    self.assignment_warning(
                        "pointer-sign", "", to, value.type, purpose, place, callee, number, "differ in signedness"
                    )
                return result
            self.assignment_warning(
                "incompatible-pointer-types", "from incompatible pointer type", to, value.type, purpose, place,
                callee, number,
            )  # fmt: skip
            return result
        if lost:
            self.assignment_warning(
                "discarded-qualifiers", "discards", to, value.type, purpose, place, callee, number,
                qualifier_word(lost),
            )  # fmt: skip
        return result

    def differs_in_sign(self, a: Type, b: Type) -> bool:
        if not a.is_integer() or not b.is_integer() or a.kind == BOOL or b.kind == BOOL:
            return False
        return a.size == b.size and self.types.unsigned_of(a) is self.types.unsigned_of(b)

    def pedantic_function_pointer(self, purpose: int, place: int, callee: str, number: int) -> None:
        words = {
            INITIALIZING: "ISO C forbids initialization between function pointer and 'void *'",
            ASSIGNING: "ISO C forbids assignment between function pointer and 'void *'",
            RETURNING: "ISO C forbids return between function pointer and 'void *'",
            PASSING: f"ISO C forbids passing argument {number} of '{callee}' between function pointer and 'void *'",
        }
        self.pedwarn(place, "pedantic", words[purpose])

    def assignment_warning(
        self, option: str, what: str, to: Type, source: Type, purpose: int, location: int, callee: str, number: int,
        extra: str = "",
    ) -> None:  # fmt: skip
        """One of gcc's warnings about a dubious assignment, worded for its purpose."""
        if option == "discarded-qualifiers":
            start = {
                INITIALIZING: "initialization",
                ASSIGNING: "assignment",
                RETURNING: "return",
                PASSING: f"passing argument {number} of '{callee}'",
            }[purpose]
            diagnostic = self.pedwarn(location, option, f"{start} discards '{extra}' qualifier from pointer target type")
            if purpose == PASSING:
                self.note_expected(diagnostic, location, to, source, callee, number)
            return
        if option == "pointer-sign":
            start = {
                INITIALIZING: f"pointer targets in initialization of {quoted(to)} from {quoted(source)}",
                ASSIGNING: f"pointer targets in assignment from {quoted(source)} to {quoted(to)}",
                RETURNING: f"pointer targets in returning {quoted(source)} from a function with return type {quoted(to)}",
                PASSING: f"pointer targets in passing argument {number} of '{callee}'",
            }[purpose]
            diagnostic = self.pedwarn(location, option, f"{start} differ in signedness")
            if purpose == PASSING:
                self.note_expected(diagnostic, location, to, source, callee, number)
            return
        if option == "incompatible-pointer-types":
            origin = f"from incompatible pointer type {quoted(source)}"
            message = {
                INITIALIZING: f"initialization of {quoted(to)} {origin}",
                ASSIGNING: f"assignment to {quoted(to)} {origin}",
                RETURNING: f"returning {quoted(source)} from a function with incompatible return type {quoted(to)}",
                PASSING: f"passing argument {number} of '{callee}' from incompatible pointer type",
            }[purpose]
            diagnostic = self.pedwarn(location, option, message)
            if purpose == PASSING:
                self.note_expected(diagnostic, location, to, source, callee, number)
            return
        if purpose == INITIALIZING:
            message = f"initialization of {quoted(to)} from {quoted(source)} "
        elif purpose == ASSIGNING:
            message = f"assignment to {quoted(to)} from {quoted(source)} "
        elif purpose == RETURNING:
            message = f"returning {quoted(source)} from a function with return type {quoted(to)} "
            self.pedwarn(location, option, message + what)
            return
        else:
            message = f"passing argument {number} of '{callee}' "
        message += what
        diagnostic = self.pedwarn(location, option, message)
        if purpose == PASSING:
            self.note_expected(diagnostic, location, to, source, callee, number)

    def note_expected(
        self, diagnostic: Diagnostic, location: int, to: Type, source: Type, callee: str, number: int
    ) -> None:
        """Where the parameter was declared, and with which type."""
        places = self.parameter_locations.get(callee)
        if places is not None and number <= len(places):
            location = places[number - 1]
        self.note(diagnostic, location, f"expected {quoted(to)} but argument is of type {quoted(source)}")

    # ------------------------------------------------------------------ vectors

    def invalid_operands(self, operator: str, left: Type, right: Type, location: int) -> Expression:
        if left.kind != ERROR and right.kind != ERROR:
            self.error(
                location, f"invalid operands to binary {operator} (have {quoted(left)} and {quoted(right)})"
            )
        return self.error_value(location)

    def discard(self, value: Expression) -> Expression:
        if value.type.kind == VOID:
            return value
        return UnaryOperation(CONVERT, self.types.void, value.location, value)

    def splat(self, value: Expression, vector: Type) -> Expression:
        """A scalar spread over a vector."""
        return UnaryOperation(
            VECTOR_SPLAT, vector, value.location, self.convert(value, cast(Type, vector.base))
        )


def register_variable(place: Expression) -> Variable | None:
    """The `register` variable that a place is in; None for other places."""
    while True:
        kind = place.kind
        if kind == MEMBER:
            place = cast(MemberAccess, place).base
        elif kind == VECTOR_ELEMENT:
            place = cast(BinaryOperation, place).left
        elif kind == DEREFERENCE:
            pointer = cast(UnaryOperation, place).operand
            if pointer.kind == POINTER_ADD:
                pointer = cast(PointerArithmetic, pointer).left
            if pointer.kind != ARRAY_DECAY:
                return None
            place = cast(UnaryOperation, pointer).operand
        elif kind == REAL_PART or kind == IMAGINARY_PART:
            place = cast(UnaryOperation, place).operand
        else:
            break
    if kind != VARIABLE and kind != COMPOUND_LITERAL:
        return None
    variable = cast(VariableReference, place).variable
    return variable if variable.is_register else None


def qualifier_word(qualifiers: int) -> str:
    if qualifiers & CONST:
        return "const"
    if qualifiers & VOLATILE:
        return "volatile"
    return "_Atomic" if qualifiers & ATOMIC else "restrict"


def is_incomplete_array(type: Type) -> bool:
    return type.kind == ARRAY and type.length == INCOMPLETE_LENGTH
