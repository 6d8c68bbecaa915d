"""Builtins of constant arguments: bit counts, classes of floating values, strings, checked arithmetic."""

from typing import Final, cast

from ourocc.semantics import reals
from ourocc.semantics.atomic_calls import AtomicCalls
from ourocc.semantics.builtins import Builtin
from ourocc.semantics.constant import is_zero
from ourocc.semantics.typed_tree import (
    BITWISE_NOT,
    COMMA,
    COMPLEX_CONSTANT,
    FLOAT_CONSTANT,
    IMAGINARY_PART,
    INTEGER_CONSTANT,
    REAL_PART,
    STRING_LITERAL,
    BinaryOperation,
    ComplexConstant,
    Expression,
    FloatConstant,
    IntegerConstant,
    StringLiteral,
    UnaryOperation,
)
from ourocc.semantics.types import (
    BOOL,
    Type,
)
from ourocc.syntax import tree

FOLDED_FUNCTIONS: Final = ("strlen", "strncmp", "strncasecmp", "memcmp")


class BuiltinFolding(AtomicCalls):
    """Folds calls of builtins."""

    def fold_string_function(self, builtin: Builtin, node: tree.CallExpression) -> Expression | None:
        """strlen of a string literal; comparisons of no bytes at all."""
        if builtin.target != "strlen":
            return self.fold_empty_comparison(builtin, node)
        if len(node.arguments) != 1 or node.arguments[0].kind != tree.STRING:
            return None
        literal = self.expression(node.arguments[0])
        if literal.kind != STRING_LITERAL or cast(Type, literal.type.base).size != 1:
            return None
        data = cast(StringLiteral, literal).data
        return self.size_value(node.location, data.index(0))

    def fold_empty_comparison(self, builtin: Builtin, node: tree.CallExpression) -> Expression | None:
        """strncmp(a, b, 0) is 0; a and b are still evaluated."""
        if len(node.arguments) != 3 or node.arguments[2].kind != tree.NUMBER:
            return None
        if not is_zero(self.expression(node.arguments[2])):
            return None
        arguments = self.typed_arguments(builtin, node)
        if arguments is None:
            return None
        location = node.location
        result: Expression = self.int_value(location, 0)
        for argument in (arguments[1], arguments[0]):
            result = BinaryOperation(COMMA, result.type, location, self.discard(argument), result)
        return result

    def fold_math(self, builtin: Builtin, node: tree.CallExpression) -> Expression | None:
        """creal, cimag and conj are operators."""
        target = builtin.target
        if target in ("creal", "crealf", "creall", "cimag", "cimagf", "cimagl", "conj", "conjf", "conjl"):
            arguments = self.typed_arguments(builtin, node)
            if arguments is None:
                return self.error_value(node.location)
            value = arguments[0]
            if target.startswith("conj"):
                return self.unary(BITWISE_NOT, value.type, node.location, value)
            if value.kind == COMPLEX_CONSTANT:
                parts = cast(ComplexConstant, value)
                return parts.real if target.startswith("creal") else parts.imaginary
            return UnaryOperation(
                REAL_PART if target.startswith("creal") else IMAGINARY_PART, cast(Type, value.type.base), node.location, value
            )
        return None

    def fold_lowered(self, name: str, arguments: list[Expression], location: int) -> Expression | None:
        """Constant arguments of the bit and floating builtins."""
        if not arguments:
            return None
        first = arguments[0]
        if first.kind == INTEGER_CONSTANT and len(arguments) == 1:
            return self.fold_bits(name, cast(IntegerConstant, first), location)
        if first.kind == FLOAT_CONSTANT:
            value = cast(FloatConstant, first).value
            if name == "fabs":
                return FloatConstant(first.type, location, reals.Real(0, value.significand, value.exponent, value.special))
            if name == "copysign" and arguments[1].kind == FLOAT_CONSTANT:
                sign = cast(FloatConstant, arguments[1]).value.sign
                return FloatConstant(
                    first.type, location, reals.Real(sign, value.significand, value.exponent, value.special)
                )
            if len(arguments) == 1:
                return self.fold_class(name, value, first.type, location)
        return None

    def fold_class(self, name: str, value: reals.Real, type: Type, location: int) -> Expression | None:
        special = value.special
        if name == "isnan":
            answer = int(special >= 2)
        elif name == "isinf":
            answer = int(special == 1)
        elif name == "isinf_sign":
            answer = (-1 if value.sign else 1) if special == 1 else 0
        elif name == "isfinite":
            answer = int(special == 0)
        elif name == "signbit":
            answer = value.sign
        elif name == "isnormal":
            answer = int(reals.is_normal(value, type))
        else:
            return None
        return self.int_value(location, answer)

    def fold_bits(self, name: str, argument: IntegerConstant, location: int) -> Expression | None:
        bits = argument.type.size * 8
        value = argument.value
        unsigned = value & ((1 << bits) - 1)
        if name == "popcount":
            return self.int_value(location, unsigned.bit_count())
        if name == "parity":
            return self.int_value(location, unsigned.bit_count() & 1)
        if name == "ffs":
            return self.int_value(location, (unsigned & -unsigned).bit_length())
        if name == "clz" and unsigned:
            return self.int_value(location, bits - unsigned.bit_length())
        if name == "ctz" and unsigned:
            return self.int_value(location, (unsigned & -unsigned).bit_length() - 1)
        if name == "clrsb":
            return self.int_value(location, bits - 1 - (~value if value < 0 else value).bit_length())
        if name == "bswap":
            swapped = int.from_bytes(unsigned.to_bytes(bits // 8, "little"), "big")
            return self.integer(argument.type, location, swapped)
        if name == "abs" and (value > -(1 << (bits - 1))):
            return self.integer(argument.type, location, abs(value))
        return None

    def fold_overflow(self, operation: str, values: list[Expression], type: Type, location: int) -> Expression | None:
        if values[0].kind != INTEGER_CONSTANT or values[1].kind != INTEGER_CONSTANT:
            return None
        a = cast(IntegerConstant, values[0]).value
        b = cast(IntegerConstant, values[1]).value
        exact = a + b if operation == "add" else a - b if operation == "sub" else a * b
        bits = type.precision or (1 if type.kind == BOOL else type.size * 8)
        low, high = (0, (1 << bits) - 1) if type.unsigned else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        return self.integer(self.types.bool, location, int(not low <= exact <= high))
