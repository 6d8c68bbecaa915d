"""Selection of calls, results, parameters and terminators."""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import ON_STACK, Block, CallInfo, Value
from ourocc.machine.function import JumpTable, MachineBlock
from ourocc.machine.instruction import NOTHING, SYMBOL_GOT, SYMBOL_PLT, Label
from ourocc.machine.options import PIC_NONE
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86 import families as f
from ourocc.targets.x86.registers import RAX, RCX, RDI, RSI, RSP, ST0, XMM0
from ourocc.targets.x86.select_base import CALL_CLOBBERS, X86Base, strip
from ourocc.targets.x86.select_integer import emit_condition
from ourocc.targets.x86.select_memory import at_offset, chunks, store_operation
from ourocc.targets.x86.select_x87 import load_operand, pop_to

ALL_REGISTERS: Final = 0xFFFFFFEF  # every allocatable one
ARGUMENT_REGISTERS: Final = (7, 6, 2, 1, 8, 9)


def call(s: X86Base, v: Value) -> None:
    info = v.call
    assert info is not None
    s.machine.has_calls = True
    first = 0 if v.symbol is not None else 1
    if info.stack_size > s.machine.outgoing_size:
        s.machine.outgoing_size = info.stack_size
    if info.stack_alignment > s.machine.outgoing_alignment:
        s.machine.outgoing_alignment = info.stack_alignment
    callee = -1
    if first:
        callee = s.use(v.args[0])
    pending: list[tuple[int, Value]] = []
    for number, place in enumerate(info.argument_locations):
        argument = v.args[first + number]
        size = info.byval_sizes[number] if number < len(info.byval_sizes) else 0
        if size:
            by_value(s, argument, place.offset, size)
        elif place.register == ON_STACK:
            stack_argument(s, argument, place.offset)
        else:
            pending.append((place.register, argument))
    uses = move_arguments(s, pending)
    if info.variadic:
        s.ri(x.MOV32_RI, RAX, info.vector_registers)
        uses.append(RAX)
    if v.symbol is not None:
        if s.options.plt or s.options.pic == PIC_NONE or s.is_direct(v.symbol):
            instruction = s.emit(x.CALL_SYMBOL)
            instruction.symbol_kind = SYMBOL_PLT
        else:
            instruction = s.emit(x.CALL_M)
            instruction.base = 40
            instruction.symbol_kind = SYMBOL_GOT
        instruction.symbol = v.symbol
        instruction.symbol_offset = 0
    else:
        instruction = s.emit(x.CALL_R)
        instruction.r0 = callee
    instruction.uses = uses
    instruction.clobbers = ALL_REGISTERS if info.returns_twice else CALL_CLOBBERS
    results(s, v, info, instruction.defines)


def move_arguments(s: X86Base, pending: list[tuple[int, Value]]) -> list[int]:
    """Into their registers: what is computed first, leaves last, because those need no register of their own."""
    uses: list[int] = []
    sources: list[tuple[int, int]] = []
    for register, argument in pending:
        uses.append(register)
        if not s.is_leaf(argument) or argument.type > ty.PTR:
            sources.append((register, s.use(argument)))
    for register, source in sources:
        s.copy(register, source)
    for register, argument in pending:
        if s.is_leaf(argument) and argument.type <= ty.PTR:
            if argument.op == op.UNDEF:
                s.emit(NOTHING).defines = [register]
            else:
                s.materialize(argument, register)
    return uses


def stack_argument(s: X86Base, argument: Value, offset: int) -> None:
    kind = argument.type
    if kind == ty.F80:
        load_operand(s, argument)
        instruction = s.emit(x.FSTP_M80)
    elif argument.op == op.CONST and kind <= ty.PTR and -(1 << 31) <= argument.imm < 1 << 31:
        instruction = s.emit(x.MOV64_MI)
        instruction.imm = argument.imm
    else:
        register = s.use(argument)
        if kind <= ty.PTR:
            instruction = s.emit(x.MOV64_MR)
        else:
            instruction = s.emit(store_operation(kind, 0))
        instruction.r0 = register
    instruction.base = RSP
    instruction.displacement = offset


def by_value(s: X86Base, pointer: Value, offset: int, size: int) -> None:
    """Copy an object into the outgoing area."""
    if size > 256:
        source = s.use(pointer)
        lea = s.emit(x.LEA64_RM)
        lea.r0 = RDI
        lea.base = RSP
        lea.displacement = offset
        s.copy(RSI, source)
        s.ri(x.MOV32_RI, RCX, size // 8)
        s.emit(x.REP_MOVS64)
        done = size // 8 * 8
        place = s.use_address(pointer)
        rest = [(done + at, width) for at, width in chunks(size - done, True)]
    else:
        place = s.use_address(pointer)
        rest = chunks(size, s.options.no_sse)
    for at, width in rest:
        if width == 16:
            register = s.new_register(ty.vector(ty.I64, 2))
            at_offset(s, x.MOVUPS_XM, place, at).r0 = register
            instruction = s.emit(x.MOVUPS_MX)
        else:
            kind = {1: ty.I8, 2: ty.I16, 4: ty.I32, 8: ty.I64}[width]
            register = s.new_register(kind)
            at_offset(s, f.MOV_RM[kind], place, at).r0 = register
            instruction = s.emit(f.MOV_MR[kind])
        instruction.r0 = register
        instruction.base = RSP
        instruction.displacement = offset + at


def results(s: X86Base, v: Value, info: CallInfo, _: list[int]) -> None:
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
    instruction = s.chunk[-1]
    defines: list[int] = []
    for place in places:
        if place.register < ST0:
            defines.append(place.register)
    instruction.defines = defines
    for number, place in enumerate(places):
        value = values[number]
        if place.register >= ST0:
            pop_to(s, value)
        elif value is not None and s.registers[value.id] >= 0:
            s.copy(s.registers[value.id], place.register)


# ---- parameters


def parameters(s: X86Base, values: list[Value]) -> None:
    function = s.function
    if s.va_area >= 0:
        save = s.emit(f.VA_SAVE)
        save.frame_slot = s.va_area
        save.imm = function.va_info
        uses = [RAX]
        uses += list(ARGUMENT_REGISTERS[function.va_info & 255 :])
        if not s.options.no_sse:
            uses += [XMM0 + number for number in range(function.va_info >> 8, 8)]
        save.uses = uses
    for value in values:
        place = function.parameter_locations[value.imm]
        register = s.registers[value.id]
        if place.register >= 0 and register >= 0:
            s.copy(register, place.register)
    for value in values:
        place = function.parameter_locations[value.imm]
        register = s.registers[value.id]
        if place.register < 0 and register >= 0:
            kind = value.type
            slot = s.machine.incoming_slot(place.offset, max(8, ty.size(kind)))
            if kind <= ty.PTR:
                operation = f.MOV_RM[kind]
            elif kind == ty.F32 or kind == ty.F64:
                operation = f.FLOAT_LOAD[kind - ty.F32]
            else:
                operation = x.MOVUPS_XM
            instruction = s.with_slot(operation, slot)
            instruction.r0 = register
            s.remember(register, instruction)
    for value in s.floating_values:
        s.materialize(value, s.floating[(id(value.symbol), value.imm)])


# ---- terminators


def jump_to(s: X86Base, block: MachineBlock) -> None:
    s.emit(x.JMP).label = block.label


def jump_if(s: X86Base, condition: int, block: MachineBlock) -> None:
    instruction = s.emit(x.JCC)
    instruction.condition = condition
    instruction.label = block.label


def terminator(s: X86Base, block: Block, machine: MachineBlock) -> None:
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
        s.emit(x.JMP_R).r0 = target
    elif operation == op.ASM_GOTO:
        s.assembly(value)
        s.branches_from = len(s.chunk) - 1
        jump_to(s, machine.successors[0])
    else:
        raise SelectionError(f"terminator {op.NAMES[operation]}", value.position)


def branch(s: X86Base, condition: Value, then: MachineBlock, otherwise: MachineBlock) -> None:
    code = emit_condition(s, condition)
    s.branches_from = len(s.chunk)
    if code == f.CC_ORDERED_EQUAL:
        jump_if(s, f.CC_NE, otherwise)
        jump_if(s, f.CC_P, otherwise)
        jump_to(s, then)
    elif code == f.CC_UNORDERED_NOT_EQUAL:
        jump_if(s, f.CC_NE, then)
        jump_if(s, f.CC_P, then)
        jump_to(s, otherwise)
    else:
        jump_if(s, code, then)
        jump_to(s, otherwise)


def return_(s: X86Base, value: Value) -> None:
    """Results into their registers; the epilogue comes in front of the ret later."""
    pending: list[tuple[int, Value]] = []
    floating: list[Value] = []
    for number, place in enumerate(s.function.result_locations):
        if number >= len(value.args):
            break
        if place.register >= ST0:
            floating.append(value.args[number])
        else:
            pending.append((place.register, value.args[number]))
    for argument in reversed(floating):  # the first piece ends on top of the stack
        load_operand(s, argument)
    uses = move_arguments(s, pending)
    s.branches_from = len(s.chunk)
    s.emit(x.RET).uses = uses


def switch(s: X86Base, value: Value, machine: MachineBlock) -> None:
    """A jump through a table: the control value is known to be an index (machine/switches.py saw to it)."""
    assert value.cases is not None
    if not value.extra:
        raise SelectionError("switch was not lowered", value.position)
    control = strip(value.args[0])
    index = s.use(control)
    if control.type != ty.I64:
        wide = s.new_register(ty.I64)
        s.rr(x.MOV32_RR, wide, index)
        index = wide
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
    lea = s.emit(x.LEA64_RM)
    lea.r0 = base
    lea.base = 40
    lea.label = table.label
    offset = s.new_register(ty.I64)
    load = s.emit(x.MOVSX64_RM32)
    load.r0 = offset
    load.base = base
    load.index = index
    load.scale = 4
    target = s.new_register(ty.PTR)
    s.copy(target, offset)
    s.rr(x.ADD64_RR, target, base)
    s.branches_from = len(s.chunk)
    s.emit(x.JMP_R).r0 = target

