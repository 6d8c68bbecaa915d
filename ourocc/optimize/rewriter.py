"""What the code that tools/rulegen makes of `*.rules` calls to build the right-hand sides."""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir.function import Block, Function, Value, normalize


@final
class Rewriter:
    """What generated code calls to build results."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.block: Block = function.blocks[0]
        self.made: list[Value] = []
        self.position = 0

    def _new(self, operation: int, type: int, arguments: list[Value]) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        for argument in arguments:
            argument.uses += 1
        value.args = arguments
        self.made.append(value)
        return value

    def constant(self, number: int, type: int) -> Value:
        value = self._new(op.CONST, type, [])
        value.imm = normalize(number, type)
        return value

    def float_constant(self, bits: int, type: int) -> Value:
        value = self._new(op.FCONST, type, [])
        value.imm = bits
        return value

    def unary(self, operation: int, type: int, x: Value) -> Value:
        return self._new(operation, type, [x])

    def binary(self, operation: int, type: int, x: Value, y: Value) -> Value:
        return self._new(operation, type, [x, y])

    def ternary(self, operation: int, type: int, x: Value, y: Value, z: Value) -> Value:
        return self._new(operation, type, [x, y, z])

    def become(self, value: Value, operation: int, arguments: list[Value]) -> None:
        """Rewrite in place.  Facts about overflow do not carry over to another operation."""
        for argument in arguments:
            argument.uses += 1
        for argument in value.args:
            argument.uses -= 1
        value.op = operation
        value.args = arguments
        value.imm = 0
        value.flags = 0
