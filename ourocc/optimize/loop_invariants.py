"""Loop-invariant code motion: what a loop computes anew each time with the same result moves before it.

    b1: v3 = mul.i32 v1, v2  (v1, v2 from outside)        b0: v3 = mul.i32 v1, v2; jump b1
        branch v9, b1, b2                            =>   b1: branch v9, b1, b2

Inner loops first, so that values climb out of several.  Loads move when nothing in the loop may write what they read and the address is
certainly good (a known object), or the load is executed in every round anyway.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import NO_SIGNED_WRAP, NO_TRAP, VOLATILE, Block, Function, Value, add_edge
from ourocc.optimize.alias import AliasAnalysis, Location
from ourocc.optimize.control_flow import Dominators, Loop, Loops

ADDRESS_LIMIT: Final = 4  # registers for addresses in an innermost loop
_CHEAP = frozenset([op.CONST, op.FCONST, op.VCONST, op.ADDRESS, op.UNDEF])  # made anew where they are used


def run(function: Function) -> bool:
    dominators = Dominators(function)
    loops = Loops(function, dominators)
    if not loops.loops:
        return False
    changed = False
    for loop in loops.loops:
        if insert_preheader(function, loop):
            changed = True
    if changed:
        dominators = Dominators(function)
        loops = Loops(function, dominators)
    alias = AliasAnalysis(function)
    for loop in loops.loops:
        preheader = loop.preheader()
        if preheader is not None and Mover(loop, preheader, dominators, alias).run():
            changed = True
    return changed


def insert_preheader(function: Function, loop: Loop) -> bool:
    """Give the loop a block of its own before the header, unless it has one."""
    if loop.preheader() is not None:
        return False
    header = loop.header
    outside = [block for block in header.predecessors if block.id not in loop.members]
    for block in outside:
        if block.terminator.op in (op.INDIRECT_JUMP, op.ASM_GOTO):
            return False
    if header.address_taken or not outside:
        return False
    made = Block(function.block_count, function)
    function.block_count += 1
    function.blocks.insert(function.blocks.index(header), made)
    made.terminator = function.new_value(op.JUMP, ty.VOID, made)
    indexes = [header.predecessor_index(block) for block in outside]
    for value in header.values:
        if value.op != op.PHI:
            break
        incoming = [value.args[index] for index in indexes]
        if len(incoming) == 1:
            merged = incoming[0]
        else:
            merged = function.new_value(op.PHI, value.type, made)
            for argument in incoming:
                merged.add_argument(argument)
            made.values.append(merged)
        value.add_argument(merged)
    for block in outside:
        index = header.predecessor_index(block)
        del header.predecessors[index]
        for value in header.values:
            if value.op != op.PHI:
                break
            value.remove_argument(index)
        block.successors[block.successors.index(header)] = made
        made.predecessors.append(block)
    add_edge(made, header)
    outer = loop.parent
    while outer is not None:
        outer.members.add(made.id)
        outer.blocks.append(made)
        outer = outer.parent
    return True


def is_inside_object(location: Location) -> bool:
    """A place in an object that is certainly there: reading it cannot trap."""
    base = location.base
    if not location.offset_known or location.offset < 0:
        return False
    if base.op == op.ALLOCA:
        return location.offset + location.size <= base.imm
    symbol = base.symbol
    if base.op != op.ADDRESS or symbol is None or symbol.weak or not symbol.defined or symbol.is_function:
        return False
    return location.offset + location.size <= symbol.size


@final
class Mover:
    """Moves the invariants of one loop."""

    def __init__(self, loop: Loop, preheader: Block, dominators: Dominators, alias: AliasAnalysis) -> None:
        self.loop = loop
        self.preheader = preheader
        self.dominators = dominators
        self.alias = alias
        self.effects = [
            value for block in loop.blocks for value in block.values if op.FLAGS[value.op] & op.EFFECT
        ]  # fmt: skip
        self.exits = [source for source, _ in loop.exits()]

    def run(self) -> bool:
        order = [block for block in self.dominators.order if block.id in self.loop.members]
        changed = self._hoist_addresses(order)
        for block in order:
            always = self._always_executed(block)
            if self._move(block, always):
                changed = True
            if self._reassociate(block):
                changed = True
                self._move(block, always)
        return changed

    def _move(self, block: Block, always: bool) -> bool:
        moved: list[Value] = []
        for value in block.values:
            if self._movable(value, always):
                moved.append(value)
                value.block = self.preheader
                self._bring_constants(value)
                self.preheader.values.append(value)
        if moved:
            gone = {value.id for value in moved}
            block.values = [value for value in block.values if value.id not in gone]
        return bool(moved)

    def _hoist_addresses(self, order: list[Block]) -> bool:
        """Bases of arrays that innermost loops index: a register for each, up to a few."""
        if self.loop.children:
            return False
        made: dict[tuple[str, int], Value] = {}
        changed = False
        for block in order:
            for value in block.values:
                if value.op != op.PTRADD:
                    continue
                base = value.args[0]
                if base.op != op.ADDRESS or base.block.id not in self.loop.members or value.args[1].op == op.CONST:
                    continue
                assert base.symbol is not None
                if base.symbol.thread_local or not -(1 << 30) < base.imm < 1 << 30:
                    continue
                key = (base.symbol.name, base.imm)
                hoisted = made.get(key)
                if hoisted is None:
                    if len(made) >= ADDRESS_LIMIT:
                        continue
                    hoisted = self.preheader.function.new_value(op.ADDRESS, ty.PTR, self.preheader)
                    hoisted.symbol = base.symbol
                    hoisted.imm = base.imm
                    hoisted.extra = 1
                    base.symbol.references += 1
                    self.preheader.values.append(hoisted)
                    made[key] = hoisted
                value.set_argument(0, hoisted)
                changed = True
        return changed

    def _reassociate(self, block: Block) -> bool:
        """(invariant + varying) + invariant => (invariant + invariant) + varying, for addresses and integers."""
        changed = False
        for value in block.values:
            operation = value.op
            if operation != op.PTRADD and (operation != op.ADD or ty.is_vector(value.type)):
                continue
            inner, other = value.args
            if operation == op.ADD and inner.op != op.ADD:
                inner, other = other, inner
            if (value.flags | inner.flags) & NO_SIGNED_WRAP and operation == op.ADD:
                continue  # better known to be free of overflow: addresses widen it
            if inner.op != operation or inner.uses != 1 or inner.block.id not in self.loop.members:
                continue
            if other.op == op.CONST or not self._is_outside(other) or inner is other:
                continue
            base, step = inner.args
            if operation == op.ADD and not self._is_outside(base):
                base, step = step, base
            if not self._is_outside(base) or self._is_outside(step) or (operation == op.ADD and base.op == op.CONST):
                continue
            made = self.preheader.function.new_value(operation, value.type, self.preheader)
            made.position = value.position
            made.add_argument(base)
            made.add_argument(other)
            self._bring_constants(made)
            self.preheader.values.append(made)
            value.set_argument(0, made)
            value.set_argument(1, step)
            value.flags = 0
            changed = True
        return changed

    def _always_executed(self, block: Block) -> bool:
        """Does every round that ends, by the back edge or by an exit, pass the block?"""
        for latch in self.loop.latches:
            if not self.dominators.dominates(block, latch):
                return False
        for source in self.exits:
            if not self.dominators.dominates(block, source):
                return False
        return not any(value.op in (op.CALL, op.ASM) for value in self.effects)

    def _is_outside(self, value: Value) -> bool:
        return value.block.id not in self.loop.members or value.op in _CHEAP

    def _movable(self, value: Value, always: bool) -> bool:
        operation = value.op
        flags = op.FLAGS[operation]
        if operation in _CHEAP or operation in (op.COPY, op.INVALID, op.EXPECT):
            return False
        if flags & (op.EFFECT | op.PINNED) or not value.args:
            return False
        if flags & op.COMPARE and value.uses <= 1 and value.block.terminator.args[:1] == [value]:
            return False  # it sets the flags for its branch
        for argument in value.args:
            if not self._is_outside(argument):
                return False
        if operation == op.LOAD:
            return self._load_movable(value, always)
        if flags & op.MAY_TRAP and not always:
            divisor = value.args[1]
            return divisor.op == op.CONST and divisor.imm not in (0, -1)
        return True

    def _load_movable(self, load: Value, always: bool) -> bool:
        if load.flags & VOLATILE:
            return False
        location = self.alias.of_access(load)
        known = is_inside_object(location)
        if not (always or known or load.flags & NO_TRAP):
            return False
        return not any(self.alias.can_feed(value, location) for value in self.effects)

    def _bring_constants(self, value: Value) -> None:
        """Cheap operands that are defined inside the loop are made again in the preheader."""
        function = self.preheader.function
        for index, argument in enumerate(value.args):
            if argument.block.id in self.loop.members and argument.op in _CHEAP:
                made = function.new_value(argument.op, argument.type, self.preheader)
                made.imm = argument.imm
                made.symbol = argument.symbol
                if made.symbol is not None:
                    made.symbol.references += 1
                self.preheader.values.append(made)
                value.set_argument(index, made)
