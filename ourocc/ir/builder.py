"""Builds SSA code at the end of a current block: one method an operation shape, with cheap local folding.

Folding here is only what never needs a second look (constants, x+0): it keeps -O0 code and memory small.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import (
    VOLATILE,
    Block,
    CallInfo,
    Function,
    SwitchCase,
    Symbol,
    Value,
    add_edge,
    normalize,
)


@final
class Builder:
    """`block` is where code goes; None after a terminator until `start()` names the next block."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.entry = function.new_block()
        self.block: Block = self.entry
        self.terminated = False
        self.position = 0
        self.alloca_count = 0  # allocas stand first in the entry block

    # ---- blocks

    def new_block(self) -> Block:
        """A block that is placed in the layout by `start`."""
        function = self.function
        block = Block(function.block_count, function)
        function.block_count += 1
        return block

    def start(self, block: Block) -> None:
        """Go on in `block`, which is appended to the layout.  The previous block must be terminated."""
        assert self.terminated
        self.function.blocks.append(block)
        self.block = block
        self.terminated = False

    def _terminate(self, operation: int, control: Value | None) -> Value:
        block = self.block
        value = self.function.new_value(operation, ty.VOID, block)
        value.position = self.position
        if control is not None:
            value.add_argument(control)
        block.terminator = value
        self.terminated = True
        return value

    def terminate(self, operation: int) -> Value:
        """A bare terminator; the caller adds arguments and edges."""
        return self._terminate(operation, None)

    def jump(self, target: Block) -> None:
        """Jump, unless the current block already ended."""
        if not self.terminated:
            self._terminate(op.JUMP, None)
            add_edge(self.block, target)

    def branch(self, condition: Value, then: Block, otherwise: Block) -> None:
        if self.terminated:
            return
        if then is otherwise:
            self.jump(then)
            return
        if condition.op == op.CONST:
            self.jump(then if condition.imm else otherwise)
            return
        self._terminate(op.BRANCH, condition)
        add_edge(self.block, then)
        add_edge(self.block, otherwise)

    def switch(self, control: Value, default: Block, cases: list[tuple[int, int, Block]]) -> None:
        """`cases`: low, high (inclusive, normalized), block; ranges do not overlap."""
        if self.terminated:
            return
        value = self._terminate(op.SWITCH, control)
        successors = [default]
        rows: list[SwitchCase] = []
        for low, high, block in cases:
            if block in successors:
                target = successors.index(block)
            else:
                target = len(successors)
                successors.append(block)
            if target != 0:
                rows.append(SwitchCase(low, high, target))
        value.cases = rows
        for successor in successors:
            add_edge(self.block, successor)

    def return_(self, pieces: list[Value]) -> None:
        if self.terminated:
            return
        value = self._terminate(op.RETURN, None)
        for piece in pieces:
            value.add_argument(piece)

    def unreachable(self) -> None:
        if not self.terminated:
            self._terminate(op.UNREACHABLE, None)

    def indirect_jump(self, address: Value, targets: list[Block]) -> None:
        if self.terminated:
            return
        self._terminate(op.INDIRECT_JUMP, address)
        for target in targets:
            add_edge(self.block, target)

    # ---- values

    def emit(self, operation: int, type: int) -> Value:
        """A bare value at the end of the block; the caller adds arguments."""
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        self.block.values.append(value)
        return value

    def const(self, number: int, type: int) -> Value:
        value = self.emit(op.CONST, type)
        value.imm = normalize(number, type)
        return value

    def fconst(self, pattern: int, type: int) -> Value:
        """Floating constant by its bit pattern."""
        value = self.emit(op.FCONST, type)
        value.imm = pattern
        return value

    def address(self, symbol: Symbol, offset: int = 0) -> Value:
        value = self.emit(op.ADDRESS, ty.PTR)
        value.symbol = symbol
        value.imm = offset
        symbol.references += 1
        return value

    def alloca(self, size: int, alignment: int) -> Value:
        """A fixed stack object; stands at the head of the entry block wherever it is asked for."""
        value = self.function.new_value(op.ALLOCA, ty.PTR, self.entry)
        value.imm = size
        value.extra = alignment
        self.entry.values.insert(self.alloca_count, value)
        self.alloca_count += 1
        return value

    def unary(self, operation: int, type: int, x: Value) -> Value:
        value = self.emit(operation, type)
        x.uses += 1
        value.args = [x]
        return value

    def binary(self, operation: int, type: int, x: Value, y: Value) -> Value:
        value = self.emit(operation, type)
        x.uses += 1
        y.uses += 1
        value.args = [x, y]
        return value

    def operation(self, operation: int, type: int, arguments: list[Value]) -> Value:
        """Any number of arguments."""
        value = self.emit(operation, type)
        for argument in arguments:
            value.add_argument(argument)
        return value

    def compare(self, operation: int, x: Value, y: Value) -> Value:
        """Scalar comparison: an i1."""
        return self.binary(operation, ty.I1, x, y)

    def select(self, condition: Value, then: Value, otherwise: Value) -> Value:
        value = self.emit(op.SELECT, then.type)
        for argument in (condition, then, otherwise):
            value.add_argument(argument)
        return value

    def ptradd(self, pointer: Value, offset: int) -> Value:
        """`pointer` plus a constant number of bytes."""
        if offset == 0:
            return pointer
        return self.binary(op.PTRADD, ty.PTR, pointer, self.const(offset, ty.I64))

    def load(
        self, type: int, address: Value, alignment: int = 0, volatile: bool = False, alias_class: int = 0
    ) -> Value:  # fmt: skip
        value = self.unary(op.LOAD, type, address)
        value.imm = alias_class
        value.extra = alignment
        if volatile:
            value.flags |= VOLATILE
        return value

    def store(
        self, address: Value, stored: Value, alignment: int = 0, volatile: bool = False, alias_class: int = 0
    ) -> Value:  # fmt: skip
        value = self.binary(op.STORE, ty.VOID, address, stored)
        value.imm = alias_class
        value.extra = alignment
        if volatile:
            value.flags |= VOLATILE
        return value

    def phi(self, type: int, arguments: list[Value]) -> Value:
        """A phi at the head of the current block, arguments in the order of its predecessors."""
        block = self.block
        value = self.function.new_value(op.PHI, type, block)
        for argument in arguments:
            value.add_argument(argument)
        index = 0
        while index < len(block.values) and block.values[index].op == op.PHI:
            index += 1
        block.values.insert(index, value)
        return value

    def call(
        self, symbol: Symbol | None, callee: Value | None, arguments: list[Value], info: CallInfo
    ) -> Value:
        """A direct (`symbol`) or indirect (`callee`) call; its type is that of the first result piece."""
        type = info.result_locations[0].type if info.result_locations else ty.VOID
        value = self.emit(op.CALL, type)
        value.symbol = symbol
        value.call = info
        if symbol is not None:
            symbol.references += 1
        if callee is not None:
            value.add_argument(callee)
        for argument in arguments:
            value.add_argument(argument)
        return value

    def result(self, value: Value, index: int, type: int) -> Value:
        """Result piece number `index` (>= 1) of a call or asm that was just emitted."""
        piece = self.unary(op.RESULT, type, value)
        piece.imm = index
        return piece
