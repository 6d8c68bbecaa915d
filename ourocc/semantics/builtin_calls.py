"""Calls of builtin functions: checks, folding, and the normal forms that `builtins.py` documents."""

from typing import Final, cast

from ourocc.semantics import reals
from ourocc.semantics.builtin_folding import FOLDED_FUNCTIONS
from ourocc.semantics.builtins import COMPILE_TIME, LIBRARY, LIBRARY_PREFIXED, Builtin
from ourocc.semantics.constant import is_zero
from ourocc.semantics.conversions import PASSING
from ourocc.semantics.display import quoted
from ourocc.semantics.floating_calls import CLASSIFICATIONS, COMPARISONS, FloatingCalls
from ourocc.semantics.object_size import known_object_size
from ourocc.semantics.typed_tree import (
    ADDRESS_OF,
    ARRAY_DECAY,
    ASSIGN,
    BUILTIN_CALL,
    CALL,
    COMMA,
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
    Expression,
    FloatConstant,
    IntegerConstant,
    StringLiteral,
    UnaryOperation,
)
from ourocc.semantics.types import (
    ARRAY,
    COMPLEX,
    CONST,
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
from ourocc.syntax import tree

EFFECTLESS: Final = ("object_size", "constant_p", "expect", "clz", "ctz", "popcount", "parity", "ffs", "clrsb", "bswap", "abs")
UNSUPPORTED: Final = (
    "__builtin_saveregs", "__builtin_next_arg", "__builtin_has_attribute",
)  # fmt: skip


class BuiltinCalls(FloatingCalls):
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
        if value.kind in (INTEGER_CONSTANT, FLOAT_CONSTANT, COMPLEX_CONSTANT):
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

    def frame_call(self, builtin: Builtin, node: tree.CallExpression) -> Expression:
        arguments = self.typed_arguments(builtin, node)
        if arguments is None:
            return self.error_value(node.location)
        if arguments[0].kind != INTEGER_CONSTANT:
            self.error(node.location, f"invalid argument to '{builtin.name}'")
            return self.error_value(node.location)
        if not is_zero(arguments[0]):
            text = f"calling '{builtin.name}' with a nonzero argument is unsafe"
            self.warn(node.location, "frame-address", text)
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
