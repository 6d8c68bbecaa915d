"""Builtins of floating and complex numbers: classification, quiet comparisons, NaNs, <tgmath.h>."""

from typing import Final, cast

from ourocc.semantics import reals
from ourocc.semantics.builtin_folding import BuiltinFolding
from ourocc.semantics.builtins import Builtin
from ourocc.semantics.conversions import PASSING
from ourocc.semantics.typed_tree import (
    COMPLEX_BUILD,
    FLOAT_CONSTANT,
    STRING_LITERAL,
    VARIABLE,
    BinaryOperation,
    BuiltinCall,
    ComplexConstant,
    Expression,
    FloatConstant,
    StringLiteral,
    VariableReference,
)
from ourocc.semantics.types import (
    COMPLEX,
    ERROR,
    FUNCTION,
    POINTER,
    Type,
)
from ourocc.syntax import tree

COMPARISONS: Final = (
    "__builtin_isgreater", "__builtin_isgreaterequal", "__builtin_isless", "__builtin_islessequal",
    "__builtin_islessgreater", "__builtin_isunordered",
)  # fmt: skip

CLASSIFICATIONS: Final = {
    "__builtin_isnan": "isnan",
    "__builtin_isinf": "isinf",
    "__builtin_isinf_sign": "isinf_sign",
    "__builtin_isfinite": "isfinite",
    "__builtin_finite": "isfinite",
    "__builtin_isnormal": "isnormal",
    "__builtin_signbit": "signbit",
}


class FloatingCalls(BuiltinFolding):
    """Checks calls of floating builtins."""

    def library_call(self, target: str, signature: str, node: tree.CallExpression) -> Expression:
        variable = self.library_function(target, signature, node.location)
        self.reference(variable)
        callee = self.rvalue(VariableReference(VARIABLE, variable, variable.type, node.location))
        return self.call_value(callee, node, self.called_name(node))

    def called_name(self, node: tree.CallExpression) -> str:
        if node.function.kind == tree.IDENTIFIER:
            return cast(tree.IdentifierExpression, node.function).name
        return ""

    def call_value(self, callee: Expression, node: tree.CallExpression, name: str) -> Expression:
        raise NotImplementedError

    def classification(self, name: str, node: tree.CallExpression) -> Expression:
        location = node.location
        if not self.expect_count(name, node, 1):
            return self.error_value(location)
        value = self.value(node.arguments[0])
        if not value.type.is_floating():
            if value.type.kind != ERROR:
                self.error(location, f"non-floating-point argument in call to function '{name}'")
            return self.error_value(location)
        if value.kind == FLOAT_CONSTANT:
            folded = self.fold_class(CLASSIFICATIONS[name], cast(FloatConstant, value).value, value.type, location)
            if folded is not None:
                return folded
        return BuiltinCall(self.types.int, location, CLASSIFICATIONS[name], [value])

    def quiet_comparison(self, name: str, node: tree.CallExpression) -> Expression:
        location = node.location
        if not self.expect_count(name, node, 2):
            return self.error_value(location)
        left = self.value(node.arguments[0])
        right = self.value(node.arguments[1])
        if ERROR in (left.type.kind, right.type.kind):
            return self.error_value(location)
        if not (left.type.is_real() and right.type.is_real()) or not (
            left.type.is_floating() or right.type.is_floating()
        ):
            self.error(location, f"non-floating-point arguments in call to function '{name}'")
            return self.error_value(location)
        left, right = self.arithmetic_operands(left, right)
        return BuiltinCall(self.types.int, location, name.removeprefix("__builtin_"), [left, right])

    def fpclassify(self, node: tree.CallExpression) -> Expression:
        location = node.location
        if not self.expect_count("__builtin_fpclassify", node, 6):
            return self.error_value(location)
        arguments = [
            self.assign(self.value(argument), self.types.int, PASSING, location, "__builtin_fpclassify", number)
            for number, argument in enumerate(node.arguments[:5], 1)
        ]
        value = self.value(node.arguments[5])
        if not value.type.is_floating():
            self.error(location, "non-floating-point argument in call to function '__builtin_fpclassify'")
            return self.error_value(location)
        return BuiltinCall(self.types.int, location, "fpclassify", [*arguments, value])

    def not_a_number(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        type = cast(Type, self.signature_type(builtin.signature).base)
        location = node.location
        if len(node.arguments) == 1 and node.arguments[0].kind == tree.STRING:
            literal = self.expression(node.arguments[0])
            signalling = "nans" in builtin.name
            payload = 0
            if literal.kind == STRING_LITERAL:
                text = cast(StringLiteral, literal).data.rstrip(b"\0").decode("latin-1")
                try:
                    payload = int(text, 0) if text else 0
                except ValueError:
                    payload = -1
            if payload >= 0:
                return FloatConstant(type, location, reals.nan(payload, signalling, type))
        return self.library_call(builtin.name.removeprefix("__builtin_"), builtin.signature, node)

    def build_complex(self, node: tree.CallExpression) -> Expression:
        location = node.location
        if not self.expect_count("__builtin_complex", node, 2):
            return self.error_value(location)
        real = self.value(node.arguments[0])
        imaginary = self.value(node.arguments[1])
        if not real.type.is_floating() or not imaginary.type.is_floating():
            self.error(location, "'__builtin_complex' operand not of real binary floating-point type")
            return self.error_value(location)
        if real.type is not imaginary.type:
            self.error(location, "'__builtin_complex' operands of different types")
            return self.error_value(location)
        type = self.types.complex_of(real.type)
        if real.kind == FLOAT_CONSTANT and imaginary.kind == FLOAT_CONSTANT:
            return ComplexConstant(type, location, real, imaginary)
        return BinaryOperation(COMPLEX_BUILD, type, location, real, imaginary)

    def type_generic_math(self, node: tree.CallExpression) -> Expression:
        """__builtin_tgmath(functions..., arguments...): the function for the arguments' common type (C17 7.25)."""
        location = node.location
        self.unevaluated += 1
        values = [self.value(argument) for argument in node.arguments]
        self.unevaluated -= 1
        functions: list[Type] = []
        for value in values:
            if value.type.kind == ERROR:
                return self.error_value(location)
            target = value.type.base if value.type.kind == POINTER else None
            if target is None or target.kind != FUNCTION:
                break
            functions.append(target)
        arity = len(functions[0].parameters) if functions else 0
        count = len(values) - arity
        if not functions or count != len(functions):
            self.error(location, "too few arguments to function '__builtin_tgmath'" if not functions or count < len(functions) else "too many arguments to function '__builtin_tgmath'")
            return self.error_value(location)
        arguments = values[count:]
        generic = [
            index for index in range(arity)
            if any(function.parameters[index] is not functions[0].parameters[index] for function in functions)
        ]  # fmt: skip
        wanted = self.types.float
        is_complex = False
        for index in generic:
            type = arguments[index].type
            if not type.is_arithmetic():
                self.error(location, f"argument {index + 1} of type-generic macro is not of arithmetic type")
                return self.error_value(location)
            if type.kind == COMPLEX:
                is_complex = True
                type = cast(Type, type.base)
            wanted = self.arithmetic_type(wanted, type if type.is_floating() else self.types.double)
        target_type = self.types.complex_of(wanted) if is_complex else wanted
        for number, function in enumerate(functions):
            if all(function.parameters[index] is target_type for index in generic):
                return self.expression(
                    tree.CallExpression(location, node.arguments[number], node.arguments[count:])
                )
        for number, function in enumerate(functions):
            # real arguments of a function that exists for complex numbers only (creal, cproj ...)
            if not is_complex and all(function.parameters[index] is self.types.complex_of(wanted) for index in generic):
                return self.expression(
                    tree.CallExpression(location, node.arguments[number], node.arguments[count:])
                )
        self.error(location, "no matching function for type-generic call")
        return self.error_value(location)
