"""Register promotion in loops: memory that a loop reads and writes at one address lives in a value while the loop runs.

    b1: v2 = load.i32 v0                       b0: v9 = load.i32 v0
        v3 = add.i32 v2, v1                    b1: v2 = phi v9, v3
        store v0, v3                    =>         v3 = add.i32 v2, v1
        branch c, b1, b2                           branch c, b1, b2
                                               b2: store v0, v3

Only where no other operation of the loop may touch that memory, where the address is known before the loop, and where a store
happens in every round, so that no store is invented (C11 5.1.2.4: no new data races).  Through a stack object, which
`construct_ssa` makes a value of (Cooper and Lu, "Register Promotion in C Programs", 1997).
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.alias_classes import joined
from ourocc.ir.function import VOLATILE, Block, Function, Value
from ourocc.optimize import construct_ssa
from ourocc.optimize.alias import AliasAnalysis, Location
from ourocc.optimize.control_flow import Dominators, Loop, Loops
from ourocc.optimize.loop_invariants import insert_preheader


@final
class Candidate:
    """All accesses to one location in a loop."""

    def __init__(self, location: Location, type: int) -> None:
        self.location = location
        self.type = type
        self.accesses: list[Value] = []
        self.stores = 0
        self.usable = True


def run(function: Function) -> bool:
    if function.calls_setjmp:
        return False
    changed = False
    for _ in range(4):  # one loop at a time: the analyses are made again
        if not _promote_one(function):
            break
        changed = True
    return changed


def _promote_one(function: Function) -> bool:
    dominators = Dominators(function)
    loops = Loops(function, dominators)
    alias = AliasAnalysis(function)
    for loop in loops.loops:
        found = _candidates(loop, dominators, alias)
        if not found:
            continue
        if loop.preheader() is None and not insert_preheader(function, loop):
            continue
        preheader = loop.preheader()
        if preheader is None:
            continue
        exits = _exit_blocks(function, loop)
        if exits is None:
            continue
        for candidate in found:
            _promote(function, candidate, preheader, exits)
        construct_ssa.run(function)
        return True
    return False


def _candidates(loop: Loop, dominators: Dominators, alias: AliasAnalysis) -> list[Candidate]:
    found: list[Candidate] = []
    others: list[Value] = []
    for block in loop.blocks:
        for value in block.values:
            plain = value.op in (op.LOAD, op.STORE) and not value.flags & VOLATILE
            location = alias.of_access(value) if plain else None
            if location is not None and (value.args[0].block.id not in loop.members or _is_symbol(location)):
                type = value.type if value.op == op.LOAD else value.args[1].type
                _note(found, location, type, value)
            elif value.op == op.LOAD or op.FLAGS[value.op] & op.EFFECT:
                others.append(value)
    result: list[Candidate] = []
    for candidate in found:
        if candidate.stores == 0 or not candidate.usable or not _stored_always(candidate, loop, dominators):
            continue
        location = candidate.location
        # The last store moves behind all others: they must not touch the place, whatever their types.  Loads stand behind the
        # stores that they could read either way.
        if any(alias.can_change(value, location) or alias.can_read(value, location) for value in others):
            continue
        if any(_collide(candidate, other, alias) for other in found):
            continue
        result.append(candidate)
    return result


def _collide(candidate: Candidate, other: Candidate, alias: AliasAnalysis) -> bool:
    """May the accesses to the other location write to the candidate's, or read what is stored there?"""
    if other is candidate:
        return False
    if other.stores:
        return alias.may_overlap(other.location, candidate.location)
    return alias.can_read_from(other.location, candidate.location)


def _is_symbol(location: Location) -> bool:
    """A known place in a global object: its address can be made anywhere."""
    return location.base.op == op.ADDRESS and location.offset_known


def _note(found: list[Candidate], location: Location, type: int, value: Value) -> None:
    for candidate in found:
        known = candidate.location
        same_base = known.base is location.base or (
            known.base.op == op.ADDRESS and location.base.op == op.ADDRESS and known.base.symbol is location.base.symbol
        )
        same_address = candidate.accesses[0].args[0] is value.args[0]
        exact = same_base and known.offset_known and location.offset_known and known.offset == location.offset
        if (same_address or exact) and known.size == location.size:
            candidate.usable = candidate.usable and candidate.type == type
            known.alias_class = joined(known.alias_class, location.alias_class)
            candidate.accesses.append(value)
            candidate.stores += 1 if value.op == op.STORE else 0
            return
    made = Candidate(location, type)
    made.accesses.append(value)
    made.stores = 1 if value.op == op.STORE else 0
    made.usable = not ty.is_vector(type) and type not in (ty.I128, ty.F80, ty.F128)
    found.append(made)


def _stored_always(candidate: Candidate, loop: Loop, dominators: Dominators) -> bool:
    """A store is executed before every exit and every further round, and before it nothing can leave the loop."""
    for access in candidate.accesses:
        if access.op != op.STORE:
            continue
        block = access.block
        if all(dominators.dominates(block, latch) for latch in loop.latches):
            if all(dominators.dominates(block, source) for source, _ in loop.exits()):
                return True
    return False


def _exit_blocks(function: Function, loop: Loop) -> list[Block] | None:
    """For every edge out of the loop a block that only that edge reaches (made where needed); None: impossible."""
    found: list[Block] = []
    edges = loop.exits()
    for source, target in edges:
        if source.terminator.op in (op.INDIRECT_JUMP, op.ASM_GOTO) or target.address_taken:
            return None
    if not edges:
        return None
    for source, target in edges:
        if len(target.predecessors) == 1:
            found.append(target)
            continue
        made = Block(function.block_count, function)
        function.block_count += 1
        function.blocks.insert(function.blocks.index(target), made)
        made.terminator = function.new_value(op.JUMP, ty.VOID, made)
        made.cold = target.cold
        index = target.predecessor_index(source)
        target.predecessors[index] = made
        made.successors.append(target)
        source.successors[source.successors.index(target)] = made
        made.predecessors.append(source)
        found.append(made)
    return found


def _promote(function: Function, candidate: Candidate, preheader: Block, exits: list[Block]) -> None:
    entry = function.blocks[0]
    slot = function.new_value(op.ALLOCA, ty.PTR, entry)
    slot.imm = ty.size(candidate.type)
    slot.extra = slot.imm
    entry.values.insert(0, slot)
    first = candidate.accesses[0]
    address = first.args[0]
    alignment = first.extra
    for access in candidate.accesses:
        access.set_argument(0, slot)
        access.imm = 0
        access.extra = 0
    if _is_symbol(candidate.location):
        symbol = candidate.location.base.symbol
        assert symbol is not None
        address = function.new_value(op.ADDRESS, ty.PTR, preheader)
        address.symbol = symbol
        address.imm = candidate.location.offset
        symbol.references += 1
        preheader.values.append(address)
    load = _new(function, op.LOAD, candidate.type, preheader, [address])
    load.imm = candidate.location.alias_class
    load.extra = alignment
    load.position = first.position
    preheader.values += [load, _new(function, op.STORE, ty.VOID, preheader, [slot, load])]
    for block in exits:
        value = _new(function, op.LOAD, candidate.type, block, [slot])
        store = _new(function, op.STORE, ty.VOID, block, [address, value])
        store.imm = candidate.location.alias_class
        store.extra = alignment
        index = 0
        while index < len(block.values) and block.values[index].op == op.PHI:
            index += 1
        block.values[index:index] = [value, store]


def _new(function: Function, operation: int, type: int, block: Block, arguments: list[Value]) -> Value:
    value = function.new_value(operation, type, block)
    for argument in arguments:
        value.add_argument(argument)
    return value
