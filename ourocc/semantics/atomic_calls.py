"""Signatures of builtins as types, and the __sync_* and __atomic_* families in their normal forms."""

from typing import Final, cast

from ourocc.semantics.builtins import Builtin
from ourocc.semantics.casts import Casts
from ourocc.semantics.conversions import PASSING
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    ASSIGN,
    DEREFERENCE,
    INTEGER_CONSTANT,
    LOAD,
    BinaryOperation,
    BuiltinCall,
    Expression,
    IntegerConstant,
    UnaryOperation,
)
from ourocc.semantics.types import ARRAY, BOOL, ERROR, FUNCTION, POINTER, VOID, Type
from ourocc.syntax import tree

SEQUENTIAL: Final = 5
ACQUIRE: Final = 2
RELEASE: Final = 3


class AtomicCalls(Casts):
    """Builtin signatures and atomic operations."""

    # ------------------------------------------------------------------ signatures

    def prepare_signatures(self) -> None:
        types = self.types
        pointer = types.pointer_to
        self.letters: dict[str, Type] = {
            "v": types.void, "b": types.bool, "c": types.char, "h": types.uchar, "s": types.short,
            "H": types.ushort, "i": types.int, "u": types.uint, "l": types.long, "L": types.ulong,
            "q": types.llong, "Q": types.ullong, "n": types.int128, "N": types.uint128,
            "z": types.size_type, "Z": types.ptrdiff_type, "w": types.wchar_type, "k": types.uint,
            "f": types.float, "d": types.double, "e": types.ldouble, "g": types.float128,
            "p": types.void_pointer, "P": types.const_void_pointer, "S": types.char_pointer,
            "C": types.const_char_pointer, "W": types.volatile_void_pointer,
            "I": pointer(types.int), "J": pointer(types.float), "K": pointer(types.double),
            "M": pointer(types.ldouble), "T": pointer(types.void_pointer), "O": types.void_pointer,
            "F": types.complex_of(types.float), "D": types.complex_of(types.double),
            "E": types.complex_of(types.ldouble), "?": types.int,
            "X": pointer(types.wchar_type), "Y": pointer(types.qualified(types.wchar_type, 1)),
            "A": pointer(cast(Type, types.va_list.base)) if types.va_list.kind == ARRAY else types.va_list,
        }  # fmt: skip
        self.signatures: dict[str, Type] = {}

    def letter_type(self, letter: str) -> Type:
        return self.letters[letter]

    def signature_type(self, signature: str) -> Type:
        """The function type that a signature of `builtins.py` describes."""
        type = self.signatures.get(signature)
        if type is None:
            variadic = signature.endswith(".")
            letters = signature[1:-1] if variadic else signature[1:]
            parameters = [self.letter_type(letter) for letter in letters]
            type = self.types.function(self.letter_type(signature[0]), parameters, variadic, True)
            self.signatures[signature] = type
        return type

    def expect_count(self, name: str, node: tree.CallExpression, count: int) -> bool:
        given = len(node.arguments)
        if given == count:
            return True
        word = "few" if given < count else "many"
        self.error(node.location, f"too {word} arguments to function '{name}'")
        return False

    def typed_arguments(self, builtin: Builtin, node: tree.CallExpression) -> list[Expression] | None:
        """The arguments converted to the signature's parameter types; None after an error."""
        type = self.signature_type(builtin.signature)
        parameters = type.parameters
        given = len(node.arguments)
        values = [self.value(argument) for argument in node.arguments]
        for value in values:
            if value.type.kind == ERROR:
                return None
        if given < len(parameters) or (given > len(parameters) and not type.variadic):
            word = "few" if given < len(parameters) else "many"
            self.error(node.location, f"too {word} arguments to function '{builtin.name}'")
            return None
        for number, parameter in enumerate(parameters):
            values[number] = self.assign(
                values[number], parameter, PASSING, values[number].location, builtin.name, number + 1
            )
            if values[number].type.kind == ERROR:
                return None
        for number in range(len(parameters), given):
            values[number] = self.default_promote(values[number])
        return values

    # ------------------------------------------------------------------ atomics

    def atomic_pointer(self, name: str, pointer: Expression, location: int, scalar: bool) -> Type | None:
        """The unqualified type that the first argument points to, None after an error."""
        type = pointer.type
        if type.kind == ERROR:
            return None
        if type.kind != POINTER:
            self.error(location, f"incompatible type for argument 1 of '{name}'" if name.startswith("__sync") else f"argument 1 of '{name}' must be a non-void pointer type")
            return None
        target = cast(Type, type.base)
        if not scalar:
            if target.kind == VOID or not target.complete or target.kind == FUNCTION:
                self.error(location, f"argument 1 of '{name}' must be a pointer to a constant size type" if target.kind == VOID else f"argument 1 of '{name}' must be a non-void pointer type")
                return None
            return target.unqualified
        plain = target.unqualified
        good = plain.is_integer() or plain.kind == POINTER
        if not good or plain.size not in (1, 2, 4, 8, 16):
            self.error(
                location, f"operand type {quoted(type)} is incompatible with argument 1 of '{name}'"
            )
            return None
        return plain

    def plain_pointer(self, pointer: Expression, target: Type) -> Expression:
        return self.convert(pointer, self.types.pointer_to(target))

    def memory_order(self, value: Expression) -> Expression:
        return self.convert(self.promote(value), self.types.int) if value.type.is_integer() else value

    def sequential(self, location: int) -> Expression:
        return self.int_value(location, SEQUENTIAL)

    def sync_call(self, name: str, node: tree.CallExpression) -> Expression:
        """The __sync_* family, mapped to the C11 forms (with sequential consistency)."""
        location = node.location
        base = name
        while base[-1].isdigit():
            base = base[:-1]
        base = base.rstrip("_").removeprefix("__sync_")
        if base == "synchronize":
            return BuiltinCall(self.types.void, location, "atomic_thread_fence", [self.sequential(location)])
        values = [self.value(argument) for argument in node.arguments]
        wanted = 3 if base.endswith("compare_and_swap") else 1 if base == "lock_release" else 2
        if any(value.type.kind == ERROR for value in values):
            return self.error_value(location)
        if len(values) < wanted:
            self.error(location, f"too few arguments to function '{name}'")
            return self.error_value(location)
        target = self.atomic_pointer(name, values[0], location, True)
        if target is None:
            return self.error_value(location)
        pointer = self.plain_pointer(values[0], target)
        if base == "lock_release":
            zero = self.zero(target, location)
            return BuiltinCall(
                self.types.void, location, "atomic_store", [pointer, zero, self.int_value(location, RELEASE)]
            )
        operands = [self.loose(value, target) for value in values[1:wanted]]
        if base == "bool_compare_and_swap":
            return BuiltinCall(self.types.bool, location, "sync_bool_compare_and_swap", [pointer, *operands])
        if base == "val_compare_and_swap":
            return BuiltinCall(target, location, "sync_val_compare_and_swap", [pointer, *operands])
        if base == "lock_test_and_set":
            arguments = [pointer, operands[0], self.int_value(location, ACQUIRE)]
            return BuiltinCall(target, location, "atomic_exchange", arguments)
        words = base.split("_and_")
        if words[0] == "fetch":
            form = f"atomic_fetch_{words[1]}"
        else:
            form = f"atomic_{words[0]}_fetch"
        value = operands[0]
        if target.kind == POINTER:
            value = self.convert(value, self.types.ptrdiff_type)
        return BuiltinCall(target, location, form, [pointer, value, self.sequential(location)])

    def loose(self, value: Expression, target: Type) -> Expression:
        """gcc converts these operands without a word."""
        if value.type.is_arithmetic() or value.type.kind == POINTER:
            return self.convert(value, target)
        return self.assign(value, target, PASSING, value.location, "__sync", 2)

    def atomic_call(self, name: str, node: tree.CallExpression) -> Expression:
        location = node.location
        if name in ("__atomic_always_lock_free", "__atomic_is_lock_free"):
            return self.lock_free(name, node)
        values = [self.value(argument) for argument in node.arguments]
        if any(value.type.kind == ERROR for value in values):
            return self.error_value(location)
        base = name
        while base[-1].isdigit():
            base = base[:-1]
        base = base.rstrip("_").removeprefix("__")
        counts = {
            "atomic_load_n": 2, "atomic_load": 3, "atomic_store_n": 3, "atomic_store": 3, "atomic_exchange_n": 3,
            "atomic_exchange": 4, "atomic_compare_exchange_n": 6, "atomic_compare_exchange": 6,
        }  # fmt: skip
        wanted = counts.get(base, 3)
        if len(values) != wanted:
            word = "few" if len(values) < wanted else "many"
            self.error(location, f"too {word} arguments to function '{name}'")
            return self.error_value(location)
        if base in ("atomic_load", "atomic_store", "atomic_exchange", "atomic_compare_exchange"):
            return self.generic_atomic(name, base, values, location)
        target = self.atomic_pointer(name, values[0], location, True)
        if target is None:
            return self.error_value(location)
        pointer = self.plain_pointer(values[0], target)
        if base == "atomic_load_n":
            return BuiltinCall(target, location, "atomic_load", [pointer, self.memory_order(values[1])])
        if base == "atomic_compare_exchange_n":
            expected = self.assign(values[1], self.types.pointer_to(target), PASSING, location, name, 2)
            orders = [self.memory_order(value) for value in values[3:]]
            return BuiltinCall(
                self.types.bool, location, "atomic_compare_exchange",
                [pointer, expected, self.loose(values[2], target), *orders],
            )  # fmt: skip
        value = self.loose(values[1], target)
        order = self.memory_order(values[2])
        if base == "atomic_store_n":
            return BuiltinCall(self.types.void, location, "atomic_store", [pointer, value, order])
        if base == "atomic_exchange_n":
            return BuiltinCall(target, location, "atomic_exchange", [pointer, value, order])
        if target.kind == BOOL:
            self.error(location, f"operand type {quoted(values[0].type)} is incompatible with argument 1 of '{name}'")
            return self.error_value(location)
        if target.kind == POINTER:
            value = self.convert(value, self.types.ptrdiff_type)
        return BuiltinCall(target, location, base, [pointer, value, order])

    def generic_atomic(self, name: str, base: str, values: list[Expression], location: int) -> Expression:
        """Objects of any type: through an integer of their size, or libatomic when there is none."""
        target = self.atomic_pointer(name, values[0], location, False)
        if target is None:
            return self.error_value(location)
        count = {"atomic_load": 2, "atomic_store": 2, "atomic_exchange": 3, "atomic_compare_exchange": 3}[base]
        for number, value in enumerate(values[1:count], 2):
            if value.type.kind != POINTER:
                self.error(location, f"argument {number} of '{name}' must be a pointer type")
                return self.error_value(location)
            if cast(Type, value.type.base).size != target.size and cast(Type, value.type.base).kind != VOID:
                self.error(location, f"size mismatch in argument {number} of '{name}'")
                return self.error_value(location)
        void = self.types.void
        if target.size not in (1, 2, 4, 8, 16):
            size = self.size_value(location, target.size)
            signatures = {
                "atomic_load": "vzppi", "atomic_store": "vzppi", "atomic_exchange": "vzpppi",
                "atomic_compare_exchange": "bzpppii",
            }  # fmt: skip
            arguments = [size, *values]
            if base == "atomic_compare_exchange":
                arguments = [size, *values[:3], *values[4:]]
            return self.runtime_call("__" + base, signatures[base], arguments, location)
        integer = self.types.integer_of(target.size, True)
        pointer_type = self.types.pointer_to(integer)
        pointers = [self.convert(value, pointer_type) for value in values[:count]]
        if base == "atomic_load":
            loaded = BuiltinCall(integer, location, "atomic_load", [pointers[0], self.memory_order(values[2])])
            return self.discard(self.store_through(pointers[1], loaded, location))
        desired = UnaryOperation(LOAD, integer, location, self.target_of(pointers[count - 1 if base != "atomic_exchange" else 1], location))
        if base == "atomic_store":
            return BuiltinCall(void, location, "atomic_store", [pointers[0], desired, self.memory_order(values[2])])
        if base == "atomic_exchange":
            old = BuiltinCall(integer, location, "atomic_exchange", [pointers[0], desired, self.memory_order(values[3])])
            return self.discard(self.store_through(pointers[2], old, location))
        orders = [self.memory_order(value) for value in values[3:]]
        return BuiltinCall(
            self.types.bool, location, "atomic_compare_exchange", [pointers[0], pointers[1], desired, *orders]
        )

    def target_of(self, pointer: Expression, location: int) -> Expression:
        """The object behind a pointer, with any declared type: may_alias."""
        type = self.types.qualified(cast(Type, pointer.type.base), 16)
        return UnaryOperation(DEREFERENCE, type, location, pointer, True)

    def store_through(self, pointer: Expression, value: Expression, location: int) -> Expression:
        place = self.target_of(pointer, location)
        return BinaryOperation(ASSIGN, value.type, location, place, value)

    def runtime_call(self, name: str, signature: str, arguments: list[Expression], location: int) -> Expression:
        raise NotImplementedError

    def lock_free(self, name: str, node: tree.CallExpression) -> Expression:
        location = node.location
        values = [self.value(argument) for argument in node.arguments]
        if not values or values[0].kind != INTEGER_CONSTANT:
            if name == "__atomic_is_lock_free" and len(values) == 2:
                converted = [self.convert(values[0], self.types.size_type), values[1]]
                return self.runtime_call("__atomic_is_lock_free", "bzP", converted, location)
            self.error(location, f"non-constant argument 1 to '{name}'")
            return self.error_value(location)
        size = cast(IntegerConstant, values[0]).value
        return self.integer(self.types.bool, location, int(size in (1, 2, 4, 8)))
