"""Scalarizes vector operations that the target has no instruction for.

Before: v3 = sdiv.v4i32 v1, v2
After:  v1 and v2 are stored to stack slots; for every lane a load of each, a scalar sdiv, a store; v3 = load.v4i32
Masks (results of comparisons) have lanes of 0 and -1.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, normalize
from ourocc.machine.target import Target


@final
class VectorLowering:
    def __init__(self, function: Function, target: Target) -> None:
        self.function = function
        self.target = target
        self.out: list[Value] = []
        self.block: Block = function.blocks[0]
        self.position = 0
        self.slots: list[Value] = []

    def run(self) -> None:
        for block in self.function.blocks:
            self.block = block
            self.out = []
            for value in block.values:
                self.position = value.position
                if not (value.type > 255 or (value.args and value.args[0].type > 255)) or not self.lower(value):
                    self.out.append(value)
            block.values = self.out
        self.function.blocks[0].values[0:0] = self.slots

    def emit(self, operation: int, type: int, arguments: list[Value], imm: int = 0) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        value.imm = imm
        for argument in arguments:
            value.add_argument(argument)
        self.out.append(value)
        return value

    def slot(self, size: int) -> Value:
        value = self.function.new_value(op.ALLOCA, ty.PTR, self.function.blocks[0])
        value.imm = size
        value.extra = min(size, 16)
        self.slots.append(value)
        return value

    def place(self, slot: Value, offset: int) -> Value:
        if offset == 0:
            return slot
        return self.emit(op.PTRADD, ty.PTR, [slot, self.emit(op.CONST, ty.I64, [], offset)])

    def lane(self, slot: Value, lane: int, number: int) -> Value:
        return self.emit(op.LOAD, lane, [self.place(slot, number * ty.SIZES[lane])])

    def set_lane(self, slot: Value, number: int, value: Value) -> None:
        self.emit(op.STORE, ty.VOID, [self.place(slot, number * ty.SIZES[value.type]), value])

    def spilled(self, value: Value) -> Value:
        slot = self.slot(ty.size(value.type))
        self.emit(op.STORE, ty.VOID, [slot, value])
        return slot

    def become_load(self, value: Value, slot: Value) -> None:
        value.clear_arguments()
        value.op = op.LOAD
        value.imm = value.extra = value.flags = 0
        value.add_argument(slot)
        self.out.append(value)

    def lower(self, value: Value) -> bool:
        """True when the value was replaced."""
        operation = value.op
        if self.target.has_vector_operation(value):
            return False
        if operation == op.VEXTRACT:
            return self.extract(value)
        if operation == op.VINSERT:
            return self.insert(value)
        if operation == op.VSHUFFLE:
            return self.shuffle(value)
        if operation == op.VMAKE or operation == op.VSPLAT:
            slot = self.slot(ty.size(value.type))
            for number in range(value.type >> 8):
                self.set_lane(slot, number, value.args[number if operation == op.VMAKE else 0])
            self.become_load(value, slot)
            return True
        if operation == op.SELECT and value.args[0].type > 255:
            return self.choose(value)
        if operation == op.NEG:
            zero = self.emit(op.CONST, value.type, [], 0)
            return self.again(value, op.SUB, [zero, value.args[0]])
        if operation == op.NOT:
            ones = self.emit(op.CONST, value.type, [], -1)
            return self.again(value, op.XOR, [value.args[0], ones])
        if op.ADD <= operation <= op.POPCOUNT or op.EQ <= operation <= op.FTOUI:
            return self.each_lane(value, operation)
        return False

    def again(self, value: Value, operation: int, arguments: list[Value]) -> bool:
        for argument in arguments:
            argument.uses += 1
        value.clear_arguments()
        value.args = arguments
        value.op = operation
        if not self.lower(value):
            self.out.append(value)
        return True

    def each_lane(self, value: Value, operation: int) -> bool:
        sources = [self.spilled(argument) for argument in value.args]
        lanes = [argument.type & 255 for argument in value.args]
        result = value.type & 255
        slot = self.slot(ty.size(value.type))
        comparison = op.FLAGS[operation] & op.COMPARE
        for number in range(value.type >> 8):
            operands = [self.lane(source, lanes[index], number) for index, source in enumerate(sources)]
            if comparison:
                made = self.emit(op.SEXT, result, [self.emit(operation, ty.I1, operands)])
            elif op.TRUNC <= operation <= op.FTOUI and operand_equal(operands[0].type, result, operation):
                made = operands[0]
            else:
                made = self.emit(operation, result, operands)
            self.set_lane(slot, number, made)
        self.become_load(value, slot)
        return True

    def scaled(self, index: Value, size: int) -> Value:
        if size == 1:
            return index
        return self.emit(op.MUL, ty.I64, [index, self.emit(op.CONST, ty.I64, [], size)])

    def lane_address(self, slot: Value, index: Value, vector: int) -> Value:
        """The address of a lane; an index out of range wraps."""
        lane = vector & 255
        count = vector >> 8
        if index.op == op.CONST:
            return self.place(slot, (index.imm & (count - 1)) * ty.SIZES[lane])
        mask = self.emit(op.CONST, ty.I64, [], count - 1)
        wide = index if index.type == ty.I64 else self.emit(op.ZEXT, ty.I64, [index])
        inside = self.emit(op.AND, ty.I64, [wide, mask])
        return self.emit(op.PTRADD, ty.PTR, [slot, self.scaled(inside, ty.SIZES[lane])])

    def extract(self, value: Value) -> bool:
        vector, index = value.args
        slot = self.spilled(vector)
        self.become_load(value, self.lane_address(slot, index, vector.type))
        return True

    def insert(self, value: Value) -> bool:
        vector, lane, index = value.args
        slot = self.spilled(vector)
        self.emit(op.STORE, ty.VOID, [self.lane_address(slot, index, vector.type), lane])
        self.become_load(value, slot)
        return True

    def shuffle(self, value: Value) -> bool:
        """Both vectors side by side in memory, indexed by the lanes of the mask."""
        x, y, mask = value.args
        size = ty.size(x.type)
        both = self.slot(2 * size)
        self.emit(op.STORE, ty.VOID, [both, x])
        self.emit(op.STORE, ty.VOID, [self.place(both, size), y])
        lane = value.type & 255
        count = x.type >> 8
        slot = self.slot(ty.size(value.type))
        mask_lane = mask.type & 255
        numbers = constant_lanes(mask)
        mask_slot = self.spilled(mask) if numbers is None else slot
        for number in range(value.type >> 8):
            if numbers is not None:
                index = self.emit(op.CONST, ty.I64, [], numbers[number] & (2 * count - 1))
            else:
                index = self.lane(mask_slot, mask_lane, number)
            address = self.lane_address(both, index, ty.vector(lane, 2 * count))
            self.set_lane(slot, number, self.emit(op.LOAD, lane, [address]))
        self.become_load(value, slot)
        return True

    def choose(self, value: Value) -> bool:
        """mask ? x : y on the bits."""
        mask, x, y = value.args
        kind = mask.type
        left = x if x.type == kind else self.emit(op.BITCAST, kind, [x])
        right = y if y.type == kind else self.emit(op.BITCAST, kind, [y])
        ones = self.emit(op.CONST, kind, [], -1)
        chosen = self.emit(op.AND, kind, [left, mask])
        other = self.emit(op.AND, kind, [right, self.emit(op.XOR, kind, [mask, ones])])
        joined = self.emit(op.OR, kind, [chosen, other])
        value.clear_arguments()
        value.op = op.BITCAST if value.type != kind else op.COPY
        value.add_argument(joined)
        self.out.append(value)
        return True


def operand_equal(source: int, result: int, operation: int) -> bool:
    """A conversion between lanes of one type does nothing."""
    return source == result and operation in (op.TRUNC, op.ZEXT, op.SEXT, op.FCONVERT, op.BITCAST)


def constant_lanes(value: Value) -> list[int] | None:
    """The lanes of a constant vector, normalized; None when it is not constant."""
    lane = value.type & 255
    count = value.type >> 8
    if value.op == op.CONST:
        return [value.imm] * count
    if value.op == op.VCONST:
        bits = ty.BITS[lane]
        return [normalize(value.imm >> bits * number, lane) for number in range(count)]
    return None


def run(function: Function, target: Target) -> None:
    VectorLowering(function, target).run()
