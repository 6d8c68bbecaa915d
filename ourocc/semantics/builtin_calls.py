"""Calls of builtin functions: checks, folding, and the normal forms that `builtins.py` documents."""

from typing import Final, cast

from ourocc.semantics import reals
from ourocc.semantics.atomic_calls import AtomicCalls
from ourocc.semantics.builtins import COMPILE_TIME, LIBRARY, LIBRARY_PREFIXED, Builtin
from ourocc.semantics.constant import constant_truth, is_zero
from ourocc.semantics.conversions import PASSING
from ourocc.semantics.display import quoted
from ourocc.semantics.object_size import known_object_size
from ourocc.semantics.typed_tree import (
    ADDRESS_OF,
    ARRAY_DECAY,
    ASSIGN,
    BITWISE_NOT,
    BUILTIN_CALL,
    CALL,
    COMMA,
    COMPLEX_BUILD,
    COMPLEX_CONSTANT,
    COMPOUND_ASSIGN,
    CONVERT,
    FLOAT_CONSTANT,
    INCREMENT,
    INTEGER_CONSTANT,
    LOAD,
    MEMBER,
    STATEMENT_EXPRESSION,
    STRING_LITERAL,
    VA_ARG,
    VARIABLE,
    VECTOR_CONVERT,
    BinaryOperation,
    BuiltinCall,
    ComplexConstant,
    Expression,
    FloatConstant,
    IntegerConstant,
    StringLiteral,
    UnaryOperation,
    VariableReference,
)
from ourocc.semantics.types import (
    ARRAY,
    BOOL,
    COMPLEX,
    CONST,
    DOUBLE,
    ENUM,
    ERROR,
    FLOAT,
    FLOAT16,
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
from ourocc.syntax import tree

FOLDED_FUNCTIONS: Final = ("strlen", "strncmp", "strncasecmp", "memcmp")
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
EFFECTLESS: Final = ("object_size", "constant_p", "expect", "clz", "ctz", "popcount", "parity", "ffs", "clrsb", "bswap", "abs")
UNSUPPORTED: Final = (
    "__builtin_saveregs", "__builtin_next_arg", "__builtin_has_attribute",
)  # fmt: skip


class BuiltinCalls(AtomicCalls):
    """Type-checks and rewrites calls of builtins."""

    def builtin_call(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        kind = builtin.kind
        if kind == LIBRARY or kind == LIBRARY_PREFIXED:
            if builtin.target in FOLDED_FUNCTIONS:
                folded = self.fold_string_function(builtin, node)
                if folded is not None:
                    return folded
            folded = self.fold_math(builtin, node)
            if folded is not None:
                return folded
            return self.library_call(builtin.target, builtin.signature, node)
        if kind == COMPILE_TIME:
            name = builtin.name
            if name.startswith("__sync_"):
                return self.sync_call(name, node)
            if name.startswith("__atomic_"):
                return self.atomic_call(name, node)
            return self.compile_time(builtin, node)
        arguments = self.typed_arguments(builtin, node)
        if arguments is None:
            return self.error_value(node.location)
        folded = self.fold_lowered(builtin.target, arguments, node.location)
        if folded is not None:
            return folded
        return self.lowered(builtin.target, cast(Type, self.signature_type(builtin.signature).base), arguments, node)

    def lowered(
        self, name: str, result: Type, arguments: list[Expression], node: tree.CallExpression
    ) -> BuiltinCall:
        if self.function is not None:
            if name in ("setjmp", "frame_address", "return_address"):
                self.function.definition.frame_address = True
            if name == "setjmp":
                self.function.definition.calls_setjmp = True
            if name == "apply_args":
                self.function.definition.uses_apply_args = True
            if name == "alloca":
                self.function.definition.uses_alloca = True
        return BuiltinCall(result, node.location, name, arguments)

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

    # ------------------------------------------------------------------ folding

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
                6 if target.startswith("creal") else 7, cast(Type, value.type.base), node.location, value
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

    # ------------------------------------------------------------------ compile time

    def compile_time(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        name = builtin.name
        location = node.location
        if name == "__builtin_constant_p":
            return self.constant_p(node)
        if name == "__builtin_expect" or name == "__builtin_expect_with_probability":
            return self.expect(builtin, node)
        if name in ("__builtin_va_start", "__builtin_va_end", "__builtin_va_copy", "__builtin_stdarg_start"):
            return self.va_call(name, node)
        if name in ("alloca", "__builtin_alloca", "__builtin_alloca_with_align", "__builtin_alloca_with_align_and_max"):
            return self.alloca(builtin, node)
        if name in CLASSIFICATIONS:
            return self.classification(name, node)
        if name in COMPARISONS:
            return self.quiet_comparison(name, node)
        if name.endswith("_overflow") or name.endswith("_overflow_p"):
            return self.overflow_call(builtin, node)
        if name.endswith("_chk"):
            return self.checked_copy(builtin, node)
        if name.startswith("__builtin_inf") or name.startswith("__builtin_huge_val"):
            type = cast(Type, self.signature_type(builtin.signature).base)
            return FloatConstant(type, location, reals.infinity(0))
        if name.startswith("__builtin_nan"):
            return self.not_a_number(builtin, node)
        if name in ("__builtin_frame_address", "__builtin_return_address"):
            return self.frame_call(builtin, node)
        if name in UNSUPPORTED:
            self.error(location, f"'{name}' is not supported")
            return self.error_value(location)
        return self.rare_builtin(builtin, node)

    def rare_builtin(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        name = builtin.name
        location = node.location
        if name == "__builtin_classify_type":
            return self.classify_type(node)
        if name in ("__builtin_object_size", "__builtin_dynamic_object_size"):
            return self.object_size(builtin, node)
        if name == "__builtin_prefetch":
            return self.prefetch(builtin, node)
        if name == "__builtin_assume_aligned":
            return self.assume_aligned(builtin, node)
        if name == "__builtin_complex":
            return self.build_complex(node)
        if name == "__builtin_fpclassify":
            return self.fpclassify(node)
        if name in ("__builtin_shuffle", "__builtin_shufflevector"):
            return self.shuffle(name, node)
        if name == "__builtin_convertvector":
            return self.convert_vector(node)
        if name in ("__builtin_extract_return_addr", "__builtin_frob_return_addr"):
            arguments = self.typed_arguments(builtin, node)
            return self.error_value(location) if arguments is None else arguments[0]
        if name == "__builtin_speculation_safe_value":
            values = [self.value(argument) for argument in node.arguments]
            if not values:
                self.error(location, f"too few arguments to function '{name}'")
                return self.error_value(location)
            return values[0]
        if name == "__builtin_tgmath":
            return self.type_generic_math(node)
        if name == "__builtin_is_constant_evaluated":
            return self.integer(self.types.bool, location, 0)
        if name == "__builtin_LINE":
            return self.int_value(location, self.sources.position(location).line)
        if name == "__builtin_FILE" or name == "__builtin_FUNCTION":
            if name == "__builtin_FILE":
                text = self.sources.position(location).file
            else:
                text = self.function.definition.variable.name if self.function is not None else ""
            data = text.encode("utf-8", "surrogateescape") + b"\0"
            literal = StringLiteral(self.types.array_of(self.types.char, len(data)), location, data)
            return self.convert(self.decay(literal), self.types.const_char_pointer)
        self.error(location, f"'{name}' is not supported")
        return self.error_value(location)

    def constant_p(self, node: tree.CallExpression) -> Expression:
        """1 for constants and string literals at once, 0 for what never can be one, else the optimizer decides."""
        location = node.location
        if not self.expect_count("__builtin_constant_p", node, 1):
            return self.error_value(location)
        self.unevaluated += 1
        value = self.value(node.arguments[0])
        self.unevaluated -= 1
        if value.type.kind == ERROR:
            return value
        if value.kind in (INTEGER_CONSTANT, FLOAT_CONSTANT, 22):
            return self.int_value(location, 1)
        if value.kind == CONVERT:
            inner = cast(UnaryOperation, value).operand
            if inner.kind == ARRAY_DECAY and cast(UnaryOperation, inner).operand.kind == STRING_LITERAL:
                return self.int_value(location, 1)
        if value.kind == ARRAY_DECAY and cast(UnaryOperation, value).operand.kind == STRING_LITERAL:
            return self.int_value(location, 1)
        if value.kind in (ADDRESS_OF, ARRAY_DECAY) or not value.type.is_scalar() or has_side_effects(value):
            return self.int_value(location, 0)
        if self.function is None or self.options.optimize == 0 or self.choosing > 0:
            return self.int_value(location, 0)
        return BuiltinCall(self.types.int, location, "constant_p", [value])

    def expect(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        arguments = self.typed_arguments(builtin, node)
        if arguments is None:
            return self.error_value(node.location)
        if arguments[0].kind == INTEGER_CONSTANT:
            return arguments[0]
        return BuiltinCall(self.types.long, node.location, "expect", arguments[:2])

    def va_list_pointer(self, operand: Expression, location: int) -> Expression | None:
        """A pointer value to the va_list object that `operand` names (a decayed parameter is one already)."""
        list_type = self.types.va_list
        type = operand.type
        if type.kind == ERROR:
            return None
        if list_type.kind == ARRAY:
            element = cast(Type, list_type.base)
            if type.kind == ARRAY and type.base is not None and type.base.unqualified is element:
                return self.decay(operand)
            pointer = self.rvalue(operand)
            if pointer.type.kind == POINTER and cast(Type, pointer.type.base).unqualified is element:
                return pointer
        elif type.unqualified is list_type.unqualified or (
            list_type.kind == POINTER and type.kind == POINTER and operand.is_place
            and cast(Type, type.base).kind in (VOID, 3)
        ):  # fmt: skip
            if operand.is_place:
                self.mark_addressed(operand, location)
                return self.address_of(self.types.pointer_to(list_type), location, operand)
        self.error(location, "first argument to 'va_arg' not of type 'va_list'")
        return None

    def va_call(self, name: str, node: tree.CallExpression) -> Expression:
        location = node.location
        wanted = 1 if name == "__builtin_va_end" else 2
        if name == "__builtin_va_start" and len(node.arguments) == 1 and self.options.standard >= 2023:
            wanted = 1
        if len(node.arguments) < wanted:
            self.error(location, f"too few arguments to function '{name}'")
            return self.error_value(location)
        first = self.va_list_pointer(self.expression(node.arguments[0]), location)
        if first is None:
            return self.error_value(location)
        arguments = [first]
        if name == "__builtin_va_copy":
            second = self.va_list_pointer(self.expression(node.arguments[1]), location)
            if second is None:
                return self.error_value(location)
            arguments.append(second)
        elif name != "__builtin_va_end":
            if wanted == 2:
                self.value(node.arguments[1])
            function = self.function
            if function is None or not function.definition.variable.type.variadic:
                self.error(location, "'va_start' used in function with fixed arguments")
                return self.error_value(location)
            name = "__builtin_va_start"
        return self.lowered(name.removeprefix("__builtin_"), self.types.void, arguments, node)

    def alloca(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        arguments = self.typed_arguments(builtin, node)
        if arguments is None:
            return self.error_value(node.location)
        alignment = 16
        if len(arguments) > 1:
            if arguments[1].kind != INTEGER_CONSTANT:
                self.error(node.location, f"second argument to function '{builtin.name}' must be a constant integer power of 2")
                return self.error_value(node.location)
            alignment = max(16, cast(IntegerConstant, arguments[1]).value // 8)
        return self.lowered(
            "alloca", self.types.void_pointer, [arguments[0], self.int_value(node.location, alignment)], node
        )

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

    def overflow_call(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        """Generic and typed checked arithmetic."""
        name = builtin.name
        location = node.location
        if not self.expect_count(name, node, 3):
            return self.error_value(location)
        operation = "add" if "add" in name else "sub" if "sub" in name else "mul"
        values = [self.value(argument) for argument in node.arguments]
        if ERROR in (values[0].type.kind, values[1].type.kind, values[2].type.kind):
            return self.error_value(location)
        if not builtin.signature.endswith("?"):
            letter = builtin.signature[1]
            type = self.letter_type(letter)
            values[0] = self.assign(values[0], type, PASSING, location, name, 1)
            values[1] = self.assign(values[1], type, PASSING, location, name, 2)
            values[2] = self.assign(values[2], self.types.pointer_to(type), PASSING, location, name, 3)
        for number, value in enumerate(values[:2], 1):
            if not value.type.is_integer():
                self.error(location, f"argument {number} in call to function '{name}' does not have integral type")
                return self.error_value(location)
        if name.endswith("_p"):
            if not values[2].type.is_integer():
                self.error(location, f"argument 3 in call to function '{name}' does not have integral type")
                return self.error_value(location)
            result_type = values[2].type
            third = node.arguments[2]
            place_type = values[2]
            if place_type.kind == LOAD:
                inner = cast(UnaryOperation, place_type).operand
                if inner.kind == MEMBER:
                    from ourocc.semantics.typed_tree import MemberAccess

                    width = cast(MemberAccess, inner).field.bit_width
                    if width >= 0:
                        result_type = self.types.with_precision(result_type, width)
            del third
            folded = self.fold_overflow(operation, values, result_type, location)
            if folded is not None:
                return folded
            call = BuiltinCall(self.types.bool, location, f"{operation}_overflow_p", values[:2])
            call.type_argument = result_type
            return call
        pointer = values[2].type
        target = cast(Type, pointer.base) if pointer.kind == POINTER else None
        if target is None or not target.is_integer() or target.qualifiers & CONST:
            if target is not None and target.qualifiers & CONST:
                self.error(location, f"argument 3 in call to function '{name}' has pointer to 'const' type ({quoted(pointer)})")
            else:
                self.error(location, f"argument 3 in call to function '{name}' does not have pointer to integral type")
            return self.error_value(location)
        return BuiltinCall(self.types.bool, location, f"{operation}_overflow", values)

    def fold_overflow(self, operation: str, values: list[Expression], type: Type, location: int) -> Expression | None:
        if values[0].kind != INTEGER_CONSTANT or values[1].kind != INTEGER_CONSTANT:
            return None
        a = cast(IntegerConstant, values[0]).value
        b = cast(IntegerConstant, values[1]).value
        exact = a + b if operation == "add" else a - b if operation == "sub" else a * b
        bits = type.precision or (1 if type.kind == BOOL else type.size * 8)
        low, high = (0, (1 << bits) - 1) if type.unsigned else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        return self.integer(self.types.bool, location, int(not low <= exact <= high))

    def checked_copy(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        """__builtin___memcpy_chk and friends: the plain function when the object's size is unknown."""
        arguments = self.typed_arguments(builtin, node)
        if arguments is None:
            return self.error_value(node.location)
        size = arguments[-1]
        plain = f"__{builtin.target}_chk"
        signature = builtin.signature
        last = node.arguments
        if size.kind == INTEGER_CONSTANT and cast(IntegerConstant, size).value == (1 << (self.model.pointer_size * 8)) - 1:
            plain = builtin.target
            signature = signature[:-1]
            last = last[:-1]
        replaced = tree.CallExpression(node.location, node.function, last)
        return self.library_call(plain, signature, replaced)

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

    def frame_call(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        arguments = self.typed_arguments(builtin, node)
        if arguments is None:
            return self.error_value(node.location)
        if arguments[0].kind != INTEGER_CONSTANT:
            self.error(node.location, f"invalid argument to '{builtin.name}'")
            return self.error_value(node.location)
        return self.lowered(builtin.target, self.types.void_pointer, [self.convert(arguments[0], self.types.int)], node)

    def classify_type(self, node: tree.CallExpression) -> Expression:
        if not self.expect_count("__builtin_classify_type", node, 1):
            return self.error_value(node.location)
        self.unevaluated += 1
        kind = self.value(node.arguments[0]).type.kind
        self.unevaluated -= 1
        if kind == VOID:
            number = 0
        elif kind <= ENUM:
            number = 1
        elif kind == POINTER or kind == NULLPTR:
            number = 5
        elif kind < COMPLEX:
            number = 8
        else:
            number = {COMPLEX: 9, FUNCTION: 5, STRUCT: 12, UNION: 13, VECTOR: 19}.get(kind, -1)
        return self.int_value(node.location, number)

    def object_size(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        location = node.location
        self.unevaluated += 1
        arguments = self.typed_arguments(builtin, node)
        self.unevaluated -= 1
        if arguments is None:
            return self.error_value(location)
        kind = arguments[1]
        if kind.kind != INTEGER_CONSTANT or not 0 <= cast(IntegerConstant, kind).value <= 3:
            self.error(location, f"last argument of '{builtin.name}' is not integer constant between 0 and 3")
            return self.error_value(location)
        number = cast(IntegerConstant, kind).value
        unknown = 0 if number >= 2 else -1
        if has_side_effects(arguments[0]):
            return self.size_value(location, unknown)
        known = known_object_size(arguments[0], number)
        if known >= 0:
            return self.size_value(location, known)
        if self.options.optimize == 0 or self.function is None:
            return self.size_value(location, unknown)
        return BuiltinCall(self.types.size_type, location, "object_size", arguments)

    def prefetch(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        arguments = self.typed_arguments(builtin, node)
        if arguments is None:
            return self.error_value(node.location)
        numbers = [0, 3]
        for index, argument in enumerate(arguments[1:3]):
            if argument.kind != INTEGER_CONSTANT:
                word = "second" if index == 0 else "third"
                self.error(node.location, f"{word} argument to '__builtin_prefetch' must be a constant")
            else:
                numbers[index] = cast(IntegerConstant, argument).value
        constants: list[Expression] = [self.int_value(node.location, number) for number in numbers]
        return BuiltinCall(self.types.void, node.location, "prefetch", [arguments[0], *constants])

    def assume_aligned(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        arguments = self.typed_arguments(builtin, node)
        if arguments is None or len(arguments) < 2:
            if arguments is not None:
                self.error(node.location, "too few arguments to function '__builtin_assume_aligned'")
            return self.error_value(node.location)
        size_type = self.types.size_type
        offset = self.convert(arguments[2], size_type) if len(arguments) > 2 else self.size_value(node.location, 0)
        pointer = self.convert(arguments[0], self.types.void_pointer)
        return BuiltinCall(
            self.types.void_pointer, node.location, "assume_aligned",
            [pointer, self.convert(arguments[1], size_type), offset],
        )  # fmt: skip

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

    def shuffle(self, name: str, node: tree.CallExpression) -> Expression:
        location = node.location
        values = [self.value(argument) for argument in node.arguments]
        if any(value.type.kind == ERROR for value in values):
            return self.error_value(location)
        if len(values) < 2 or values[0].type.kind != VECTOR:
            self.error(location, f"'{name}' arguments must be vectors")
            return self.error_value(location)
        vector = values[0].type
        if name == "__builtin_shuffle":
            mask = values[-1].type
            if len(values) > 3 or mask.kind != VECTOR or not cast(Type, mask.base).is_integer():
                self.error(location, "'__builtin_shuffle' last argument must be an integer vector")
                return self.error_value(location)
            if mask.length != vector.length or mask.size != vector.size:
                self.error(location, "'__builtin_shuffle' number of elements of the argument vector(s) and the mask vector should be the same")
                return self.error_value(location)
            if len(values) == 3 and values[1].type is not vector:
                self.error(location, "'__builtin_shuffle' argument vectors must be of the same type")
                return self.error_value(location)
            return BuiltinCall(vector, location, "shuffle", values)
        count = len(values) - 2
        if values[1].type.kind != VECTOR or count < 1 or count & (count - 1):
            self.error(location, "'__builtin_shufflevector' must have a power of two number of index arguments")
            return self.error_value(location)
        for value in values[2:]:
            if value.kind != INTEGER_CONSTANT:
                self.error(location, "invalid element index to '__builtin_shufflevector'")
                return self.error_value(location)
        result = self.types.vector_of(cast(Type, vector.base), count)
        return BuiltinCall(result, location, "shufflevector", values)

    def convert_vector(self, node: tree.CallExpression) -> Expression:
        location = node.location
        if len(node.arguments) != 2 or node.arguments[1].kind != tree.SIZEOF_TYPE:
            self.error(location, "'__builtin_convertvector' needs a vector and a type")
            return self.error_value(location)
        value = self.value(node.arguments[0])
        type = self.type_name(cast(tree.SizeofType, node.arguments[1]).type_name).unqualified
        if value.type.kind != VECTOR or type.kind != VECTOR or value.type.length != type.length:
            if value.type.kind != ERROR:
                self.error(location, "'__builtin_convertvector' first argument must be an integer or floating vector" if value.type.kind != VECTOR else "'__builtin_convertvector' number of elements of the first argument vector and the second argument vector type should be the same")
            return self.error_value(location)
        return UnaryOperation(VECTOR_CONVERT, type, location, value)

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

    def trap_value(self, type: Type, location: int) -> Expression:
        """__builtin_trap() as an operand of some type."""
        trap = BuiltinCall(self.types.void, location, "trap", [])
        if type.is_scalar():
            return BinaryOperation(COMMA, type, location, trap, self.zero(type, location))
        return trap


def has_side_effects(value: Expression) -> bool:
    """Conservative: calls, assignments and increments anywhere near the root."""
    kind = value.kind
    if kind == BUILTIN_CALL and cast(BuiltinCall, value).name in EFFECTLESS:
        for argument in cast(BuiltinCall, value).arguments:
            if has_side_effects(argument):
                return True
        return False
    if kind in (ASSIGN, COMPOUND_ASSIGN, INCREMENT, CALL, BUILTIN_CALL, STATEMENT_EXPRESSION, VA_ARG):
        return True
    if kind in (INTEGER_CONSTANT, FLOAT_CONSTANT, VARIABLE):
        return False
    if isinstance(value, UnaryOperation):
        return has_side_effects(value.operand)
    if isinstance(value, BinaryOperation):
        return has_side_effects(value.left) or has_side_effects(value.right)
    return False


__all__ = ["BuiltinCalls", "constant_truth", "has_side_effects", "is_zero", "ARRAY", "DOUBLE", "FLOAT", "FLOAT16", "INT"]
