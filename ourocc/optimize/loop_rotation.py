"""Loop rotation: the test of a while loop is made once before the loop, and then at its end.

    b1: branch c, b2, b3              b0: branch c', b2, b3
    b2: body; jump b1          =>     b2: body; jump b1
                                      b1: branch c, b2, b3        (now the latch)

One jump less a round, and what follows sees that the body runs whenever the loop is entered.  SSA form is kept by a detour:
values of the header that are used elsewhere go through stack objects, which `construct_ssa` makes values of again.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, add_edge, remove_edge
from ourocc.optimize import construct_ssa
from ourocc.optimize.control_flow import Dominators, Loop, Loops
from ourocc.optimize.loop_invariants import insert_preheader
from ourocc.optimize.unrolling import copy_value

HEADER_LIMIT: Final = 12  # values that are copied


def run(function: Function) -> bool:
    if function.calls_setjmp:
        return False
    loops = Loops(function, Dominators(function))
    changed = False
    for loop in loops.loops:
        if _rotatable(loop):
            if loop.preheader() is None and not insert_preheader(function, loop):
                continue
            preheader = loop.preheader()
            if preheader is not None:
                _rotate(function, loop, preheader)
                changed = True
    if changed:
        construct_ssa.run(function)
    return changed


def _rotatable(loop: Loop) -> bool:
    header = loop.header
    if header in loop.latches or header.terminator.op != op.BRANCH or header.address_taken:
        return False
    inside = [successor for successor in header.successors if successor.id in loop.members]
    if len(inside) != 1 or inside[0] is header:
        return False
    count = 0
    for value in header.values:
        if op.FLAGS[value.op] & (op.EFFECT | op.PINNED) and value.op not in (op.PHI, op.STORE):
            return False
        if value.op not in (op.CONST, op.FCONST, op.PHI, op.ADDRESS):
            count += 1
    return count <= HEADER_LIMIT


def _new(function: Function, operation: int, type: int, block: Block, arguments: list[Value]) -> Value:
    value = function.new_value(operation, type, block)
    for argument in arguments:
        value.add_argument(argument)
    return value


def _slot(function: Function, type: int) -> Value:
    entry = function.blocks[0]
    slot = function.new_value(op.ALLOCA, ty.PTR, entry)
    slot.imm = ty.size(type)
    slot.extra = min(16, ty.size(type)) or 1
    entry.values.insert(0, slot)
    return slot


def _rotate(function: Function, loop: Loop, preheader: Block) -> None:
    header = loop.header
    _demote(function, header)
    # Copy the header's values into the preheader, whose jump becomes a copy of the header's branch.
    copies: dict[int, Value] = {}
    for value in header.values:
        made = copy_value(function, value, preheader)
        for argument in value.args:
            made.add_argument(copies.get(argument.id, argument))
        copies[value.id] = made
        preheader.values.append(made)
    for successor in header.successors:
        index = successor.predecessor_index(header)
        for value in successor.values:
            if value.op != op.PHI:
                break
            argument = value.args[index]
            value.add_argument(copies.get(argument.id, argument))
    remove_edge(preheader, header)
    branch = function.new_value(op.BRANCH, ty.VOID, preheader)
    branch.position = header.terminator.position
    branch.extra = header.terminator.extra
    control = header.terminator.args[0]
    branch.add_argument(copies.get(control.id, control))
    preheader.terminator = branch
    for successor in header.successors:
        add_edge(preheader, successor)


def _demote(function: Function, header: Block) -> None:
    """Values of the header live on in stack objects wherever another block uses them.

    A phi has two: one that its predecessors write, and one with its value of this round.  They must differ, since a
    predecessor with other successors writes the next value before those have read the current one."""
    values = {value.id: value for value in header.values}
    used = _used_outside(function, header, values)
    slots: dict[int, Value] = {}
    loads: list[Value] = []
    stores: list[Value] = []
    rest: list[Value] = []
    for value in header.values:
        if value.op == op.PHI:
            entrance = _slot(function, value.type)
            for index, predecessor in enumerate(header.predecessors):
                predecessor.values.append(_new(function, op.STORE, ty.VOID, predecessor, [entrance, value.args[index]]))
            value.clear_arguments()
            value.op = op.LOAD
            value.add_argument(entrance)
            loads.append(value)
        else:
            rest.append(value)
        if value.id in used:
            slot = _slot(function, value.type)
            slots[value.id] = slot
            store = _new(function, op.STORE, ty.VOID, header, [slot, value])
            (stores if loads and loads[-1] is value else rest).append(store)
    header.values = loads + stores + rest
    _load_uses(function, header, slots)


def _used_outside(function: Function, header: Block, values: dict[int, Value]) -> set[int]:
    used: set[int] = set()
    for block in function.blocks:
        for value in block.values:
            if block is header and value.op != op.PHI:
                continue
            for argument in value.args:
                if argument.id in values:
                    used.add(argument.id)
        if block is not header:
            for argument in block.terminator.args:
                if argument.id in values:
                    used.add(argument.id)
    return used


def _load_uses(function: Function, header: Block, slots: dict[int, Value]) -> None:
    """Uses in other blocks, and in phis, read the stack objects."""
    for block in function.blocks:
        rebuilt: list[Value] = []
        at_end: list[tuple[Block, Value]] = []
        for value in block.values:
            if value.op == op.PHI:
                for index, argument in enumerate(value.args):
                    slot = slots.get(argument.id)
                    if slot is not None:
                        predecessor = block.predecessors[index]
                        load = _new(function, op.LOAD, argument.type, predecessor, [slot])
                        at_end.append((predecessor, load))
                        value.set_argument(index, load)
            elif block is not header:
                for index, argument in enumerate(value.args):
                    slot = slots.get(argument.id)
                    if slot is not None:
                        load = _new(function, op.LOAD, argument.type, block, [slot])
                        rebuilt.append(load)
                        value.set_argument(index, load)
            rebuilt.append(value)
        if block is not header:
            for index, argument in enumerate(block.terminator.args):
                slot = slots.get(argument.id)
                if slot is not None:
                    load = _new(function, op.LOAD, argument.type, block, [slot])
                    rebuilt.append(load)
                    block.terminator.set_argument(index, load)
        block.values = rebuilt
        for predecessor, load in at_end:
            predecessor.values.append(load)
