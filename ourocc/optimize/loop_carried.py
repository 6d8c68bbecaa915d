"""Loop-carried reuse: what one round stores is not loaded by the next one.

    b1: v2 = phi.i64 v0, v7                     b1: v2 = phi.i64 v0, v7
        v3 = load p[v2 - 1]                         v3 = phi (load p[v0 - 1] before the loop), v5
        v5 = add.i32 v3, v4              =>         v5 = add.i32 v3, v4
        store p[v2], v5                             store p[v2], v5
        v7 = add.i64 v2, 1                          v7 = add.i64 v2, 1

Scalar replacement of subscripted variables (Callahan, Carr, Kennedy 1990), also known as predictive commoning, for a distance of one
round.  An address is taken apart into invariant values, a multiple of the loop's counter, and a constant; a load is that of the next
round's place when the constants differ by what the counter's step makes.  The load must happen in every round (the first one moves
in front of the loop), and nothing between may write to the place.  What the round before has only loaded is loaded again: that costs
no more than to carry it, while waiting for a store to reach memory and come back is what makes such loops slow.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Block, Function, Value
from ourocc.optimize import copies
from ourocc.optimize.alias import AliasAnalysis
from ourocc.optimize.control_flow import Dominators, Loop, Loops
from ourocc.optimize.unrolling import copy_value

CARRIED_LIMIT: Final = 4  # registers for it in a loop
SIZE_LIMIT: Final = 120  # values of a loop


def run(function: Function) -> bool:
    dominators = Dominators(function)
    loops = Loops(function, dominators)
    changed = False
    alias: AliasAnalysis | None = None
    for loop in loops.loops:
        preheader = loop.preheader()
        if loop.children or preheader is None or len(loop.latches) != 1:
            continue
        if sum([len(block.values) for block in loop.blocks]) > SIZE_LIMIT:
            continue
        carrier = Carrier(function, loop, preheader, dominators)
        if carrier.find_accesses():
            if alias is None:
                alias = AliasAnalysis(function)
            if carrier.run(alias):
                changed = True
                alias = None
    if changed:
        copies.run(function)
    return changed


@final
class Access:
    """A load or store of every round: its address is the sum of the `bases`, scale * counter and offset."""

    def __init__(self, value: Value, counter: Value, bases: tuple[tuple[int, int], ...], scale: int, offset: int) -> None:
        self.value = value
        self.counter = counter
        self.bases = bases
        self.scale = scale
        self.offset = offset
        self.type = value.type if value.op == op.LOAD else value.args[1].type


@final
class Carrier:
    """The accesses of one innermost loop with one latch."""

    def __init__(self, function: Function, loop: Loop, preheader: Block, dominators: Dominators) -> None:
        self.function = function
        self.loop = loop
        self.preheader = preheader
        self.dominators = dominators
        self.latch = loop.latches[0]
        self.steps: dict[int, int] = {}  # by id of a counter
        self.accesses: list[Access] = []
        self.effects: list[Value] = []
        self.places: dict[int, int] = {}  # index in its block, by value id
        self.made = 0

    # ---- what there is

    def find_accesses(self) -> bool:
        """Whether a load may be that of the next round's place, as far as addresses tell."""
        self._find_counters()
        if not self.steps:
            return False
        sources = [source for source, _ in self.loop.exits()] + [self.latch]
        for block in self.loop.blocks:
            always = all(self.dominators.dominates(block, source) for source in sources)
            for index, value in enumerate(block.values):
                self.places[value.id] = index
                if value.op in (op.CALL, op.ASM):
                    return False  # it may not come back
                if op.FLAGS[value.op] & op.EFFECT:
                    self.effects.append(value)
                if always and value.op in (op.LOAD, op.STORE) and not value.flags & VOLATILE:
                    access = self._take_apart(value)
                    if access is not None:
                        self.accesses.append(access)
        for load in self.accesses:
            if load.value.op == op.LOAD:
                for store in self.accesses:
                    if self._precedes(load, store):
                        return True
        return False

    def _find_counters(self) -> None:
        latch = self.loop.header.predecessor_index(self.latch)
        for phi in self.loop.header.values:
            if phi.op != op.PHI:
                break
            next = phi.args[latch]
            if next.op in (op.ADD, op.PTRADD) and next.args[0] is phi and next.args[1].op == op.CONST:
                if next.type == ty.I64 or next.type == ty.PTR:
                    self.steps[phi.id] = next.args[1].imm

    def _take_apart(self, value: Value) -> Access | None:
        bases: list[tuple[int, int]] = []
        offset = 0
        scale = 0
        counter: Value | None = None
        work = [(value.args[0], 1)]
        while work:
            part, factor = work.pop()
            if part.op == op.CONST:
                offset += part.imm * factor
            elif part.op == op.ADDRESS:
                bases.append((id(part.symbol), factor))
                offset += part.imm
            elif part.id in self.steps:
                if counter is not None and counter is not part:
                    return None
                counter = part
                scale += factor
            elif part.block.id not in self.loop.members:
                bases.append((part.id, factor))
            elif part.op == op.PTRADD or (part.op == op.ADD and part.type == ty.I64):
                work.append((part.args[0], factor))
                work.append((part.args[1], factor))
            elif part.op == op.SHL and part.type == ty.I64 and part.args[1].op == op.CONST:
                work.append((part.args[0], factor << part.args[1].imm))
            elif part.op == op.MUL and part.type == ty.I64 and part.args[1].op == op.CONST:
                work.append((part.args[0], factor * part.args[1].imm))
            else:
                return None
        if counter is None:
            return None
        bases.sort()
        return Access(value, counter, tuple(bases), scale, offset)

    def _precedes(self, load: Access, source: Access) -> bool:
        """Is the place of `source` that of `load` one round later?"""
        if source.value.op != op.STORE or load.type != source.type or load.counter is not source.counter or load.scale != source.scale:
            return False
        distance = load.scale * self.steps[load.counter.id]
        return distance != 0 and load.offset + distance == source.offset and load.bases == source.bases

    # ---- choosing

    def run(self, alias: AliasAnalysis) -> bool:
        changed = False
        for load in self.accesses:
            if load.value.op != op.LOAD or self.made >= CARRIED_LIMIT:
                continue
            source: Access | None = None
            for other in self.accesses:
                if self._precedes(load, other) and (source is None or self._before(source.value, other.value)):
                    source = other
            if source is not None and self._untouched(load, source, alias):
                self._carry(load, source)
                self.made += 1
                changed = True
        return changed

    def _before(self, x: Value, y: Value) -> bool:
        """Is x executed before y in a round?  Only asked where both are executed in every round, or of one that is."""
        if x.block is y.block:
            return self.places[x.id] < self.places[y.id]
        return self.dominators.dominates(x.block, y.block)

    def _untouched(self, load: Access, source: Access, alias: AliasAnalysis) -> bool:
        """Nothing writes to the place between the source and the end of its round, nor from there to the load."""
        early = alias.of_access(load.value)
        late = alias.of_access(source.value)
        late.alias_class = early.alias_class  # it is the load that must find the value
        for effect in self.effects:
            if effect is source.value:
                continue
            if not self._before(effect, source.value) and alias.can_feed(effect, late):
                return False
            if not self._before(load.value, effect) and alias.can_feed(effect, early):
                return False
        if source.value.op == op.STORE and not self._before(load.value, source.value):
            return not alias.can_feed(source.value, early)
        return True

    # ---- rewriting

    def _carry(self, load: Access, source: Access) -> None:
        function = self.function
        header = self.loop.header
        first = copy_value(function, load.value, self.preheader)
        first.add_argument(self._at_start(load.value.args[0]))
        self.preheader.values.append(first)
        phi = function.new_value(op.PHI, load.type, header)
        phi.position = load.value.position
        for predecessor in header.predecessors:
            phi.add_argument(source.value.args[1] if predecessor is self.latch else first)
        header.values.insert(0, phi)
        for index, value in enumerate(header.values):
            self.places[value.id] = index
        load.value.become_copy(phi)

    def _at_start(self, part: Value) -> Value:
        """The address of the first round, computed in front of the loop."""
        header = self.loop.header
        if part.op == op.PHI and part.block is header:
            return part.args[header.predecessor_index(self.preheader)]
        if part.block.id not in self.loop.members:
            return part
        made = copy_value(self.function, part, self.preheader)
        for argument in part.args:
            made.add_argument(self._at_start(argument))
        self.preheader.values.append(made)
        return made
