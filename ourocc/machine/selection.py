"""Instruction selection, the part that all targets share: the walk over the IR and the bookkeeping of registers.

In: a function in SSA form.  Out: a MachineFunction over virtual registers.  Blocks are walked backwards in reverse layout
order, so that the users of a value come before it: a value that nobody asked for in a register by then (because it is
dead, or was folded into all of its users) is not selected at all.  Each value gives a chunk of instructions in forward
order; chunks are put together backwards.

Constants and addresses (leaves) are not selected where they stand: they become operands or are made anew in front of
each user, which costs an instruction and saves a register.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import HOLDS_ARRAY, HOLDS_BUFFER, VOLATILE, Block, Function, Value
from ourocc.machine.constants import ConstantPool
from ourocc.machine.function import (
    CLASS_FLOAT,
    CLASS_INTEGER,
    CLASS_VECTOR,
    MachineBlock,
    MachineFunction,
    MachinePhi,
)
from ourocc.machine.instruction import COPY, MachineInstruction
from ourocc.machine.options import PROTECT_NONE, CodeOptions


class SelectionError(Exception):
    """Something that no instruction exists for; the message names it, `position` says where."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class Selector:
    """State of the walk; targets subclass it and give `select_value` and `select_terminator`."""

    def __init__(self, function: Function, options: CodeOptions, pool: ConstantPool) -> None:
        self.function = function
        self.options = options
        self.pool = pool
        self.machine = MachineFunction(function.name, function.symbol, function)
        self.registers: list[int] = [-1] * function.value_count
        self.slots: list[int] = [-1] * function.value_count  # frame slots of allocas and of values in memory
        self.epochs: list[int] = [0] * function.value_count  # effects in front of the value in its block
        self.blocks: list[MachineBlock] = []  # by IR block id
        self.chunk: list[MachineInstruction] = []
        self.block: Block = function.blocks[0]
        self.root: Value = function.blocks[0].terminator
        self.root_epoch = 0
        self.position = 0
        self.index = 0  # of the root in its block
        self.branches_from = 0  # in the chunk of a terminator: index of the first branch

    # ---- for targets

    def select_value(self, value: Value) -> None:
        raise NotImplementedError

    def select_terminator(self, block: Block, machine: MachineBlock) -> None:
        raise NotImplementedError

    def select_parameters(self, parameters: list[Value]) -> None:
        raise NotImplementedError

    def materialize(self, value: Value, register: int) -> None:
        """Put the leaf `value` into `register`."""
        raise NotImplementedError

    def is_leaf(self, value: Value) -> bool:
        raise NotImplementedError

    # ---- registers

    def request(self, value: Value) -> None:
        """Somebody needs the value where it is computed, however that is."""
        self.result(value)

    def class_of(self, type: int) -> int:
        if type <= ty.PTR:
            return CLASS_INTEGER
        if type == ty.F32 or type == ty.F64:
            return CLASS_FLOAT
        return CLASS_VECTOR

    def new_register(self, type: int) -> int:
        if type <= ty.PTR:
            width = 8 if type == ty.I64 or type == ty.PTR else 4
            return self.machine.new_register(CLASS_INTEGER, width)
        if type == ty.F32:
            return self.machine.new_register(CLASS_FLOAT, 4)
        if type == ty.F64:
            return self.machine.new_register(CLASS_FLOAT, 8)
        return self.machine.new_register(CLASS_VECTOR, 16)

    def result(self, value: Value) -> int:
        """The register that holds `value`, from its selection on."""
        register = self.registers[value.id]
        if register < 0:
            register = self.new_register(value.type)
            self.registers[value.id] = register
        return register

    def use(self, value: Value) -> int:
        """A register with `value`, for the instruction that is emitted next."""
        register = self.registers[value.id]
        if register >= 0:
            return register
        if self.is_leaf(value):
            register = self.new_register(value.type)
            self.materialize(value, register)
            return register
        register = self.new_register(value.type)
        self.registers[value.id] = register
        return register

    def emit(self, operation: int) -> MachineInstruction:
        instruction = MachineInstruction(operation)
        instruction.position = self.position
        self.chunk.append(instruction)
        return instruction

    def copy(self, destination: int, source: int) -> None:
        instruction = MachineInstruction(COPY)
        instruction.r0 = destination
        instruction.r1 = source
        instruction.position = self.position
        self.chunk.append(instruction)

    def adjacent(self, value: Value) -> bool:
        """`value` is in the root's block, with no effect between it and the root."""
        return value.block is self.block and self.epochs[value.id] == self.root_epoch

    # ---- the walk

    def run(self) -> MachineFunction:
        function = self.function
        self._make_blocks()
        self._prepare()
        for number in range(len(function.blocks) - 1, -1, -1):
            self._select_block(function.blocks[number])
        return self.machine

    def _make_blocks(self) -> None:
        function = self.function
        machine = self.machine
        self.blocks = [MachineBlock(-1)] * function.block_count
        for block in function.blocks:
            made = machine.new_block()
            made.frequency = max(block.frequency, 1)
            made.cold = block.cold
            made.source = block
            made.pinned = block.address_taken
            self.blocks[block.id] = made
            machine.blocks.append(made)
        number_of: list[int] = [0] * function.block_count
        for number, block in enumerate(function.blocks):
            number_of[block.id] = number
        for number, block in enumerate(function.blocks):
            for successor in block.successors:
                first = number_of[successor.id]
                if first <= number and self.options.optimize > 0:  # a loop
                    for inside in range(first, number + 1):
                        machine.blocks[inside].depth += 1
        for block in function.blocks:
            made = self.blocks[block.id]
            made.successors = [self.blocks[successor.id] for successor in block.successors]
            made.predecessors = [self.blocks[predecessor.id] for predecessor in block.predecessors]
            if block.terminator.op == op.INDIRECT_JUMP:
                for successor in block.successors:
                    if len(successor.predecessors) > 1:
                        self.blocks[successor.id].unsplittable = True

    def _prepare(self) -> None:
        """Count effects, and ask for values whose users are walked after them."""
        flags = op.FLAGS
        protecting = self.options.stack_protector != PROTECT_NONE
        epochs = self.epochs
        walked: list[bool] = [False] * self.function.block_count  # in the real walk: not yet
        for block in self.function.blocks:
            walked[block.id] = True
            epoch = 0
            for value in block.values:
                epochs[value.id] = epoch
                operation = value.op
                if operation == op.PHI:
                    self.request(value)
                    for argument in value.args:
                        if not self.is_leaf(argument):
                            self.request(argument)
                    continue
                if operation == op.ALLOCA:
                    self.slots[value.id] = self.machine.new_slot(max(value.imm, 1), max(value.extra, 1))
                    slot = self.machine.slots[-1]
                    slot.value = value
                    slot.is_array = value.flags & HOLDS_ARRAY != 0
                    slot.is_buffer = value.flags & HOLDS_BUFFER != 0
                    continue
                if protecting:
                    for number, argument in enumerate(value.args):
                        if argument.op == op.ALLOCA and (number > 0 or not op.LOAD <= operation <= op.STORE):
                            self.machine.slots[self.slots[argument.id]].escapes = True
                if flags[operation] & op.EFFECT or value.flags & VOLATILE:
                    epoch += 1
                for argument in value.args:
                    if not walked[argument.block.id] and not self.is_leaf(argument):
                        self.request(argument)
            for argument in block.terminator.args:
                if not walked[argument.block.id] and not self.is_leaf(argument):
                    self.request(argument)

    def _select_block(self, block: Block) -> None:
        machine = self.blocks[block.id]
        self.block = block
        flags = op.FLAGS
        registers = self.registers
        values = block.values
        backwards: list[MachineInstruction] = []
        # the terminator
        terminator = block.terminator
        self.root = terminator
        self.index = len(values)
        last = values[-1] if values else None
        self.root_epoch = self.epochs[last.id] if last is not None else 0
        if last is not None and (flags[last.op] & op.EFFECT or last.flags & VOLATILE):
            self.root_epoch += 1
        self.position = terminator.position
        self.chunk = []
        self.branches_from = 0
        self.select_terminator(block, machine)
        branches = len(self.chunk) - self.branches_from
        self.chunk.reverse()
        backwards += self.chunk
        # phi arguments that are leaves
        self.chunk = []
        for successor in block.successors:
            if successor.values and successor.values[0].op == op.PHI:
                self._phi_arguments(block, successor)
        if self.chunk:
            self.chunk.reverse()
            backwards += self.chunk
        parameters: list[Value] = []
        for index in range(len(values) - 1, -1, -1):
            value = values[index]
            operation = value.op
            if operation == op.PHI:
                break
            if operation == op.PARAM:
                parameters.append(value)
                continue
            if operation == op.RESULT:
                continue
            if registers[value.id] < 0 and not flags[operation] & op.EFFECT and not value.flags & VOLATILE:
                if self.slots[value.id] < 0 or operation == op.ALLOCA:
                    if operation != op.CALL and operation != op.ASM:
                        continue
            self.root = value
            self.index = index
            self.root_epoch = self.epochs[value.id]
            self.position = value.position
            self.chunk = []
            self.select_value(value)
            if len(self.chunk) > 1:
                self.chunk.reverse()
            backwards += self.chunk
        if block is self.function.blocks[0]:
            parameters.reverse()
            self.chunk = []
            self.position = self.function.position
            self.select_parameters(parameters)
            self.chunk.reverse()
            backwards += self.chunk
        backwards.reverse()
        machine.instructions = backwards
        machine.terminator = len(backwards) - branches

    def _phi_arguments(self, block: Block, successor: Block) -> None:
        """The phis of `successor` get their argument for this edge."""
        machine = self.blocks[successor.id]
        number = successor.predecessor_index(block)
        phis = 0
        for value in successor.values:
            if value.op != op.PHI:
                break
            if len(machine.phis) <= phis:
                machine.phis.append(MachinePhi(self.result(value), [-1] * len(successor.predecessors)))
            argument = value.args[number]
            machine.phis[phis].arguments[number] = self.use(argument)
            phis += 1

