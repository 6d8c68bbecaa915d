"""Selection of calls, results, parameters and terminators."""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import ON_STACK, Block, CallInfo, Value
from ourocc.machine.function import JumpTable, MachineBlock
from ourocc.machine.instruction import NOTHING, Label
from ourocc.machine.options import PIC_NONE
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.riscv import families as f
from ourocc.targets.riscv.registers import F0, SP
from ourocc.targets.riscv.select_base import CALL_CLOBBERS, RiscvBase, imm12, strip
from ourocc.targets.riscv.select_integer import emit_condition, extended
from ourocc.targets.riscv.select_memory import load_operation, store_operation

ALL_REGISTERS: Final = 0xFFFFFFFF_FFFFFFE0  # every allocatable one
ARGUMENT_COUNT: Final = 8


def call(s: RiscvBase, v: Value) -> None:
    info = v.call
    assert info is not None
    s.machine.has_calls = True
    first = 0 if v.symbol is not None else 1
    if info.stack_size > s.machine.outgoing_size:
        s.machine.outgoing_size = info.stack_size
    callee = -1
    if first:
        callee = s.use(v.args[0])
    pending: list[tuple[int, Value]] = []
    for number, place in enumerate(info.argument_locations):
        argument = v.args[first + number]
        if place.register == ON_STACK:
            stack_argument(s, argument, place.offset)
        else:
            pending.append((place.register, argument))
    uses = move_arguments(s, pending)
    symbol = v.symbol
    if symbol is not None:
        through_table = not s.options.plt and s.options.pic != PIC_NONE and not s.is_direct(symbol)
        instruction = s.emit(f.CALL_GOT if through_table else x.CALL)
        instruction.symbol = symbol
    else:
        instruction = s.emit(x.CALL_REG)
        instruction.r0 = callee
    instruction.uses = uses
    instruction.clobbers = ALL_REGISTERS if info.returns_twice else CALL_CLOBBERS
    results(s, v, info)


def move_arguments(s: RiscvBase, pending: list[tuple[int, Value]]) -> list[int]:
    """Into their registers: what is computed first, leaves last, because those need no register of their own."""
    uses: list[int] = []
    sources: list[tuple[int, int, int]] = []
    for register, argument in pending:
        uses.append(register)
        if not s.is_leaf(argument) or argument.type > ty.PTR:
            sources.append((register, s.use(argument), argument.type))
    for register, source, type in sources:
        if type > ty.PTR and register < F0:  # a float in an integer register
            s.rr(x.FMV_X_W if type == ty.F32 else x.FMV_X_D, register, source)
        else:
            s.copy(register, source)
    for register, argument in pending:
        if s.is_leaf(argument) and argument.type <= ty.PTR:
            if argument.op == op.UNDEF:
                s.emit(NOTHING).defines = [register]
            else:
                s.materialize(argument, register)
    return uses


def stack_argument(s: RiscvBase, argument: Value, offset: int) -> None:
    """A doubleword in the outgoing area."""
    kind = argument.type
    if kind <= ty.PTR:
        register = s.operand(argument)
        operation = x.SD
    else:
        register = s.use(argument)
        operation = store_operation(kind)
    base = SP
    if not imm12(offset):
        base = s.new_register(ty.PTR)
        high = offset + 0x800 & ~0xFFF
        s.rrr(x.ADD, base, SP, s.number(high))
        offset -= high
    instruction = s.emit(operation)
    instruction.r0 = register
    instruction.base = base
    instruction.displacement = offset


def results(s: RiscvBase, v: Value, info: CallInfo) -> None:
    """Copy the result pieces out of their registers."""
    places = info.result_locations
    if not places:
        return
    values: list[Value | None] = [v] + [None] * (len(places) - 1)
    index = s.index + 1
    block = s.block.values
    while index < len(block) and block[index].op == op.RESULT and block[index].args[0] is v:
        values[block[index].imm] = block[index]
        index += 1
    s.chunk[-1].defines = [place.register for place in places]
    for number, place in enumerate(places):
        value = values[number]
        if value is not None and s.registers[value.id] >= 0:
            incoming(s, s.registers[value.id], place.register, value.type)


def incoming(s: RiscvBase, register: int, place: int, type: int) -> None:
    """A piece out of the register in which it came."""
    if type > ty.PTR and place < F0:
        s.rr(x.FMV_W_X if type == ty.F32 else x.FMV_D_X, register, place)
    else:
        s.copy(register, place)


# ---- parameters


def parameters(s: RiscvBase, values: list[Value]) -> None:
    function = s.function
    if s.va_area >= 0:
        save = s.emit(f.VA_SAVE)
        save.imm = function.va_info
        save.uses = list(range(10 + function.va_info, 10 + ARGUMENT_COUNT))
    for value in values:
        place = function.parameter_locations[value.imm]
        register = s.registers[value.id]
        if place.register >= 0 and register >= 0:
            incoming(s, register, place.register, value.type)
    for value in values:
        place = function.parameter_locations[value.imm]
        register = s.registers[value.id]
        if place.register < 0 and register >= 0:
            slot = s.machine.incoming_slot(place.offset, 8)
            instruction = s.with_slot(load_operation(value.type), slot)
            instruction.r0 = register
            s.remember(register, instruction)


# ---- terminators


def jump_to(s: RiscvBase, block: MachineBlock) -> None:
    s.emit(x.J).label = block.label


def terminator(s: RiscvBase, block: Block, machine: MachineBlock) -> None:
    value = block.terminator
    operation = value.op
    if operation == op.JUMP:
        jump_to(s, machine.successors[0])
    elif operation == op.BRANCH:
        branch(s, value.args[0], machine.successors[0], machine.successors[1])
    elif operation == op.RETURN:
        return_(s, value)
    elif operation == op.UNREACHABLE:
        s.branches_from = len(s.chunk)
        s.emit(NOTHING)
    elif operation == op.SWITCH:
        switch(s, value, machine)
    elif operation == op.INDIRECT_JUMP:
        target = s.use(value.args[0])
        s.branches_from = len(s.chunk)
        s.emit(x.JR).r0 = target
    elif operation == op.ASM_GOTO:
        s.assembly(value)
        s.branches_from = len(s.chunk) - 1
        jump_to(s, machine.successors[0])
    else:
        raise SelectionError(f"terminator {op.NAMES[operation]}", value.position)


def branch(s: RiscvBase, condition: Value, then: MachineBlock, otherwise: MachineBlock) -> None:
    code, left, right = emit_condition(s, condition)
    s.branches_from = len(s.chunk)
    instruction = s.rr(code, left, right)
    instruction.label = then.label
    jump_to(s, otherwise)


def return_(s: RiscvBase, value: Value) -> None:
    """Results into their registers; the epilogue comes in front of the ret later."""
    pending: list[tuple[int, Value]] = []
    for number, place in enumerate(s.function.result_locations):
        if number < len(value.args):
            pending.append((place.register, value.args[number]))
    uses = move_arguments(s, pending)
    s.branches_from = len(s.chunk)
    s.emit(x.RET).uses = uses


def switch(s: RiscvBase, value: Value, machine: MachineBlock) -> None:
    """A jump through a table: the control value is known to be an index (machine/switches.py saw to it)."""
    assert value.cases is not None
    if not value.extra:
        raise SelectionError("switch was not lowered", value.position)
    index = extended(s, strip(value.args[0]), False)
    size = 0
    for case in value.cases:
        size = max(size, case.high + 1)
    targets = [machine.successors[0]] * size
    for case in value.cases:
        for number in range(case.low, case.high + 1):
            targets[number] = machine.successors[case.target]
    table = JumpTable(Label(-1), machine, targets)
    s.machine.jump_tables.append(table)
    base = s.new_register(ty.PTR)
    address = s.emit(x.LLA)
    address.r0 = base
    address.label = table.label
    scaled = s.new_register(ty.I64)
    entry = s.new_register(ty.PTR)
    offset = s.new_register(ty.I64)
    target = s.new_register(ty.PTR)
    s.rri(x.SLLI, scaled, index, 2)
    s.rrr(x.ADD, entry, base, scaled)
    load = s.emit(x.LW)
    load.r0 = offset
    load.base = entry
    s.rrr(x.ADD, target, base, offset)
    s.branches_from = len(s.chunk)
    s.emit(x.JR).r0 = target
