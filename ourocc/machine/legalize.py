"""Legalization: rewrites IR that no target's selection handles into IR that it does.

In: optimized SSA.  Out: the same function with switches as branches and dense tables, one indirect jump whose targets have
no other predecessors, over-aligned stack objects aligned by hand, i128 in halves, and phis of memory-only types as
stack slots.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, add_edge
from ourocc.machine import library_calls, quad_integers, switches, vectors, wide_integers
from ourocc.machine.constants import ConstantPool
from ourocc.machine.options import CodeOptions
from ourocc.machine.target import Target


def legalize(function: Function, target: Target, options: CodeOptions, pool: ConstantPool) -> None:
    """Rewrite `function` in place."""
    library = False
    vectors_used = False
    quad = False
    wide = False
    has_switch = False
    indirect = 0
    demoted: list[Value] = []
    over_aligned: list[Value] = []
    for block in function.blocks:
        for value in block.values:
            operation = value.op
            kind = value.type
            if kind > 255 or (value.args and value.args[0].type > 255):
                vectors_used = True
            if target.quad_in_integers and (kind == ty.F128 or (value.args and value.args[0].type == ty.F128)):
                quad = True
            if kind == ty.I128 or (value.args and value.args[0].type == ty.I128) or (
                operation == op.STORE and value.args[1].type == ty.I128
            ):
                wide = True
            elif target.in_memory(kind) and (operation == op.PHI or operation == op.SELECT):
                demoted.append(value)
            elif operation == op.ALLOCA and value.extra > 16:
                over_aligned.append(value)
            elif operation == op.POPCOUNT or kind == ty.F128 or kind == ty.F16:
                library = True
            elif target.calls_for_bits and op.BSWAP <= operation <= op.CTZ:
                library = True
            elif value.args and (value.args[0].type == ty.F128 or value.args[0].type == ty.F16):
                library = True
        operation = block.terminator.op
        if operation == op.SWITCH:
            has_switch = True
        elif operation == op.INDIRECT_JUMP:
            indirect += 1
    for value in over_aligned:
        align_by_hand(function, value)
    for value in demoted:
        if value.op == op.PHI:
            demote_phi(function, value)
        else:
            choose_in_memory(function, value)
    if has_switch:
        switches.run(function, options.jump_tables)
    if indirect and options.optimize > 0:
        join_indirect_jumps(function)
    if vectors_used:
        vectors.run(function, target)
    if quad:
        quad_integers.run(function, target, pool)
        wide = True
    if wide:
        wide_integers.run(function, target, pool)
        library = True
    if library:
        library_calls.run(function, target, options, pool)


def insert(block: Block, index: int, operation: int, type: int, arguments: list[Value], like: Value) -> Value:
    """A new value at `index` of the block, at the source position of `like`."""
    value = block.function.new_value(operation, type, block)
    value.position = like.position
    for argument in arguments:
        value.add_argument(argument)
    block.values.insert(index, value)
    return value


def replace_uses(function: Function, old: Value, new: Value, except_for: Value | None = None) -> None:
    """Every mention of `old` becomes `new`."""
    for block in function.blocks:
        for value in block.values:
            if value is not except_for:
                for index, argument in enumerate(value.args):
                    if argument is old:
                        value.set_argument(index, new)
        for index, argument in enumerate(block.terminator.args):
            if argument is old:
                block.terminator.set_argument(index, new)


def align_by_hand(function: Function, value: Value) -> None:
    """A stack object that wants more than the stack's alignment: room for it, and its address rounded up."""
    entry = function.blocks[0]
    alignment = value.extra
    value.imm += alignment - 16
    value.extra = 16
    index = 0
    while index < len(entry.values) and entry.values[index].op in (op.ALLOCA, op.PARAM):
        index += 1
    mask = insert(entry, index, op.CONST, ty.I64, [], value)
    mask.imm = -alignment
    more = insert(entry, index, op.CONST, ty.I64, [], value)
    more.imm = alignment - 1
    index += 2
    end = insert(entry, index, op.PTRADD, ty.PTR, [value, more], value)
    number = insert(entry, index + 1, op.BITCAST, ty.I64, [end], value)
    rounded = insert(entry, index + 2, op.AND, ty.I64, [number, mask], value)
    aligned = insert(entry, index + 3, op.BITCAST, ty.PTR, [rounded], value)
    replace_uses(function, value, aligned, end)


def new_stack_slot(function: Function, type: int, like: Value) -> Value:
    slot = insert(function.blocks[0], 0, op.ALLOCA, ty.PTR, [], like)
    slot.imm = ty.size(type)
    slot.extra = ty.size(type)
    return slot


def demote_phi(function: Function, phi: Value) -> None:
    """A phi whose type has no registers: predecessors store, the block loads."""
    block = phi.block
    slot = new_stack_slot(function, phi.type, phi)
    for number, predecessor in enumerate(block.predecessors):
        insert(predecessor, len(predecessor.values), op.STORE, ty.VOID, [slot, phi.args[number]], phi)
    index = block.values.index(phi)
    del block.values[index]
    while index < len(block.values) and block.values[index].op == op.PHI:
        index += 1
    loaded = insert(block, index, op.LOAD, phi.type, [slot], phi)
    phi.clear_arguments()
    replace_uses(function, phi, loaded)


def choose_in_memory(function: Function, value: Value) -> None:
    """select: the address of one of two slots."""
    block = value.block
    index = block.values.index(value)
    condition = value.args[0]
    slots: list[Value] = []
    for argument in value.args[1:]:
        slot = new_stack_slot(function, value.type, value)
        index = block.values.index(value)
        insert(block, index, op.STORE, ty.VOID, [slot, argument], value)
        slots.append(slot)
    index = block.values.index(value)
    chosen = insert(block, index, op.SELECT, ty.PTR, [condition, slots[0], slots[1]], value)
    value.clear_arguments()
    value.op = op.LOAD
    value.extra = 0
    value.flags = 0
    value.add_argument(chosen)


def join_indirect_jumps(function: Function) -> None:
    """One indirect jump for all, and targets that nothing else goes to: then values can be moved on its edges."""
    jumping = [block for block in function.blocks if block.terminator.op == op.INDIRECT_JUMP]
    if len(jumping) > 1:
        dispatch = Block(function.block_count, function)
        function.block_count += 1
        dispatch.frequency = max(block.frequency for block in jumping)
        function.blocks.append(dispatch)
        old_targets = list(jumping[0].successors)
        address = function.new_value(op.PHI, ty.PTR, dispatch)
        dispatch.values.append(address)
        for target in old_targets:
            phis = [value for value in target.values if value.op == op.PHI]
            merged: list[Value] = []
            for phi in phis:
                joined = function.new_value(op.PHI, phi.type, dispatch)
                for block in jumping:
                    joined.add_argument(phi.args[target.predecessor_index(block)])
                dispatch.values.insert(0, joined)
                merged.append(joined)
            for block in jumping:
                index = target.predecessor_index(block)
                for phi in phis:
                    phi.remove_argument(index)
                del target.predecessors[index]
            add_edge(dispatch, target)
            for number, phi in enumerate(phis):
                phi.add_argument(merged[number])
        for block in jumping:
            block.successors = []
            address.add_argument(block.terminator.args[0])
            block.terminator.clear_arguments()
            block.terminator.op = op.JUMP
            add_edge(block, dispatch)
        dispatch.terminator = function.new_value(op.INDIRECT_JUMP, ty.VOID, dispatch)
        dispatch.terminator.add_argument(address)
        jumping = [dispatch]
    for block in jumping:
        for target in list(block.successors):
            if len(target.predecessors) > 1:
                split_entry(function, block, target)


def split_entry(function: Function, jumping: Block, target: Block) -> None:
    """Give `target`, which is a label whose address is known, a body of its own that all others go to."""
    body = Block(function.block_count, function)
    function.block_count += 1
    body.frequency = target.frequency
    body.cold = target.cold
    function.blocks.insert(function.blocks.index(target) + 1, body)
    body.values = target.values
    body.terminator = target.terminator
    for value in body.values:
        value.block = body
    body.terminator.block = body
    body.successors = target.successors
    for successor in body.successors:
        successor.predecessors = [body if block is target else block for block in successor.predecessors]
    body.predecessors = [target if block is jumping else block for block in target.predecessors]
    for block in body.predecessors:
        if block is not target:
            block.successors = [body if successor is target else successor for successor in block.successors]
    target.values = []
    target.predecessors = [jumping]
    target.successors = [body]
    target.terminator = function.new_value(op.JUMP, ty.VOID, target)
