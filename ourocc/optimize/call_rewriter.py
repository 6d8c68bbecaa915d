"""Building the values that replace a library call: what `library_calls.py` and the files of its table share."""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, CallInfo, Data, Function, Module, PieceLocation, Symbol, Value, normalize
from ourocc.optimize.string_facts import is_constant


@final
class CallRewriter:
    """The place in a function where a call is being rewritten; new callees become symbols of the module."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.function: Function = module.functions[0]
        self.block: Block = self.function.blocks[0]
        self.out: list[Value] = []
        self.position = 0
        self.users: dict[int, list[Value]] = {}
        self.slow: list[Value] = []  # calls for errno, to be moved out of the way

    def collect_users(self, function: Function) -> None:
        self.users = {}
        for block in function.blocks:
            for value in [*block.values, block.terminator]:
                for argument in value.args:
                    if argument.op == op.CALL:
                        self.users.setdefault(argument.id, []).append(value)

    def emit(self, operation: int, type: int, arguments: list[Value]) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        for argument in arguments:
            value.add_argument(argument)
        self.out.append(value)
        return value

    def const(self, number: int, type: int = ty.I64) -> Value:
        value = self.emit(op.CONST, type, [])
        value.imm = normalize(number, type)
        return value

    def copy_bytes(self, destination: Value, source: Value, size: Value, operation: int = op.MEMCPY) -> Value:
        copied = self.emit(operation, ty.VOID, [destination, source, size])
        copied.extra = 1
        return copied

    def byte_at(self, pointer: Value) -> Value:
        loaded = self.emit(op.LOAD, ty.I8, [pointer])
        loaded.extra = 1
        return loaded

    def plus(self, pointer: Value, offset: int) -> Value:
        if offset == 0:
            return pointer
        return self.emit(op.PTRADD, ty.PTR, [pointer, self.const(offset)])

    def call_like(self, model: Value, name: str, arguments: list[Value], types: str) -> Value:
        """A call of another library function; its arguments take the integer registers that `model`'s ABI uses."""
        registers = integer_registers(model)
        info = CallInfo()
        for argument, register in zip(arguments, registers, strict=False):
            place = PieceLocation(argument.type, register, 0)
            assert model.call is not None
            if argument.type == ty.I32 and registers[0] == 10:
                place.extension = 1
            info.argument_locations.append(place)
            info.byval_sizes.append(0)
        result = {"p": ty.PTR, "l": ty.I64, "i": ty.I32}[types[0]]
        info.result_locations = [PieceLocation(result, 0 if registers[0] == 7 else 10, 0)]
        symbol = self.library_symbol(name)
        symbol.references += 1
        call = self.emit(op.CALL, result, arguments)
        call.symbol = symbol
        call.call = info
        return call

    def library_symbol(self, name: str) -> Symbol:
        """The symbol of the function that C calls so."""
        found = self.module.symbol(self.module.renamed.get(name, name))
        found.is_function = True
        return found

    def text_data(self, contents: bytes) -> Value:
        """The address of a new string literal."""
        index = len(self.module.symbols)
        while f".LC{index}" in self.module.symbols:
            index += 1
        symbol = self.module.symbol(f".LC{index}")
        symbol.defined = True
        symbol.local = True
        symbol.read_only = True
        symbol.mergeable_string = contents.find(b"\0") == len(contents) - 1
        symbol.size = len(contents)
        symbol.data = Data(contents)
        symbol.references = 1
        self.module.objects.append(symbol)
        address = self.emit(op.ADDRESS, ty.PTR, [])
        address.symbol = symbol
        return address

    def only_compared_with_zero(self, call: Value, comparisons: tuple[int, ...]) -> bool:
        users = self.users.get(call.id, [])
        for user in users:
            if user.op not in comparisons or user.args[0] is not call or not is_constant(user.args[1], 0):
                return False
        return bool(users)


def integer_registers(call: Value) -> tuple[int, ...]:
    """The argument registers of the target, known by the first argument's place."""
    assert call.call is not None
    first = call.call.argument_locations[0].register
    return (7, 6, 2, 1, 8, 9) if first == 7 else (10, 11, 12, 13, 14, 15)
