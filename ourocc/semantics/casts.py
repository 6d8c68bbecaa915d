"""Explicit conversions (C17 6.5.4)."""

from typing import cast

from ourocc.semantics.conditionals import Conditionals
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    CONVERT,
    INTEGER_CONSTANT,
    LOAD,
    MEMBER,
    Expression,
    MemberAccess,
    UnaryOperation,
)
from ourocc.semantics.types import (
    ARRAY,
    BOOL,
    ENUM,
    ERROR,
    FUNCTION,
    NULLPTR,
    POINTER,
    STRUCT,
    UNION,
    VECTOR,
    VOID,
    Type,
)


class Casts(Conditionals):
    """Checks and builds casts."""

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
            return self.cast_vector(value, to, location)
        if from_kind == VOID:
            self.error(location, "void value not ignored as it ought to be")
            return self.error_value(location)
        if from_kind == STRUCT or from_kind == UNION:
            if to_kind == POINTER:
                self.error(location, "cannot convert to a pointer type")
            else:
                self.error(location, f"aggregate value used where {expected_class(to)} was expected")
            return self.error_value(location)
        if to_kind == POINTER:
            if from_kind > ENUM and from_kind != POINTER and from_kind != NULLPTR:
                self.error(location, "cannot convert to a pointer type")
                return self.error_value(location)
            if from_kind <= ENUM and source.size != to.size and value.kind != INTEGER_CONSTANT:
                self.warn(location, "int-to-pointer-cast", "cast to pointer from integer of different size")
            if from_kind == POINTER and self.diagnostics.pedantic:
                self.check_function_pointer(value, to, location)
            if from_kind == POINTER and cast(Type, to.base).kind == FUNCTION and self.wants("cast-function-type"):
                self.check_function_cast(source, to, location)
            return self.convert(value, to)
        if from_kind == POINTER:
            if not to.is_integer():
                self.error(location, f"pointer value used where {expected_class(to)} was expected")
                return self.error_value(location)
            if to.size != source.size and to_kind != BOOL and value.kind != INTEGER_CONSTANT:
                self.warn(location, "pointer-to-int-cast", "cast from pointer to integer of different size")
        result = self.convert(value, to)
        if result is value and value.kind == LOAD and cast(UnaryOperation, value).operand.kind == MEMBER:
            # a cast of a bit-field to its own type is no bit-field any more: it promotes as the type does
            if cast(MemberAccess, cast(UnaryOperation, value).operand).field.bit_width >= 0:
                return UnaryOperation(CONVERT, to, location, value)
        return result

    def check_function_pointer(self, value: Expression, to: Type, location: int) -> None:
        """ISO C converts function pointers to function pointers only (C17 6.3.2.3)."""
        from_function = cast(Type, value.type.base).kind == FUNCTION
        to_function = cast(Type, to.base).kind == FUNCTION
        if from_function and not to_function:
            self.pedwarn(location, "pedantic", "ISO C forbids conversion of function pointer to object pointer type")
        elif to_function and not from_function and not self.is_null_pointer_constant(value):
            self.pedwarn(location, "pedantic", "ISO C forbids conversion of object pointer to function pointer type")

    def check_function_cast(self, source: Type, to: Type, location: int) -> None:
        """-Wcast-function-type: between function types whose parameters or results travel differently."""
        a = cast(Type, source.base)
        b = cast(Type, to.base)
        if a.kind != FUNCTION or is_plain_procedure(a) or is_plain_procedure(b):
            return
        safe = self.travels_alike(cast(Type, a.base), cast(Type, b.base))
        if a.prototype and b.prototype:
            for first, second in zip(a.parameters, b.parameters, strict=False):
                safe = safe and self.travels_alike(first, second)
            shorter = a if len(a.parameters) < len(b.parameters) else b
            safe = safe and (len(a.parameters) == len(b.parameters) or shorter.variadic)
        if not safe:
            text = f"cast between incompatible function types from {quoted(source)} to {quoted(to)}"
            self.warn(location, "cast-function-type", text)

    def travels_alike(self, a: Type, b: Type) -> bool:
        if a.kind == POINTER and b.kind == POINTER:
            return True
        if a.is_integer() and b.is_integer() and a.size == b.size:
            return a.unsigned == b.unsigned or a.size >= 4
        return self.compatible(a.unqualified, b.unqualified)

    def cast_vector(self, value: Expression, to: Type, location: int) -> Expression:
        """To or from a vector: the same bits."""
        source = value.type
        if to.kind == VECTOR and source.kind == VECTOR or to.is_integer() or source.is_integer():
            if to.size == source.size:
                return value if source is to else UnaryOperation(CONVERT, to, location, value)
        shown = f"{quoted(source)} to vector type {quoted(to)}"
        if to.kind != VECTOR:
            shown = f"{quoted(source)} to type {quoted(to)}"
            self.error(location, f"cannot convert a vector of type {shown} which has different size")
        elif source.is_arithmetic():
            self.error(location, f"cannot convert a value of type {shown} which has different size")
        else:
            self.error(location, "cannot convert value to a vector")
        return self.error_value(location)

    def cast_to_union(self, value: Expression, union: Type, location: int) -> Expression:
        """GNU: (union u) member-value."""
        if value.type is union:
            return value
        for field in union.fields:
            if self.compatible(field.type.unqualified, value.type):
                if self.diagnostics.pedantic:
                    self.pedwarn(location, "pedantic", "ISO C forbids casts to union type")
                return self.transparent_value(value, union, field, location)
        self.error(location, "cast to union type from type not present in union")
        return self.error_value(location)


def is_plain_procedure(type: Type) -> bool:
    """void f(void), which stands for any function."""
    return type.prototype and not type.parameters and not type.variadic and cast(Type, type.base).kind == VOID


def expected_class(type: Type) -> str:
    return "an integer" if type.is_integer() else "a floating-point" if type.is_floating() else "a complex"
