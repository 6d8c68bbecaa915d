"""Partial redundancy of loads: memory that is known on some ways to a block is loaded on the others, and a value from there on.

    b1: store v0, v1               b1: store v0, v1
        jump b3                        jump b3
    b2: call @f                    b2: call @f
        jump b3             =>         v5 = load.i32 v0
    b3: v4 = load.i32 v0               jump b3
                                   b3: v4 = phi.i32 v1, v5

Morel and Renvoise, "Global Optimization by Suppression of Partial Redundancies" (1979), on the places in memory that a function
mentions more than once: a load is inserted only where every way onwards executes one anyway (or where it cannot trap), and only
when that saves more loads than it costs, by the estimated frequencies.  A place is a bit; the data-flow equations are solved for all of them at once.
The new phis come from SSA construction, by a stack object for each place (Lo, Chow, Kennedy, Liu, Tu, "Register Promotion by Sparse
Partial Redundancy Elimination of Loads and Stores", 1998).
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.alias_classes import joined
from ourocc.ir.function import VOLATILE, Block, Function, Value
from ourocc.optimize import construct_ssa, frequencies
from ourocc.optimize.alias import AliasAnalysis, Location
from ourocc.optimize.control_flow import Dominators, Loops
from ourocc.optimize.loop_invariants import is_inside_object

PLACE_LIMIT: Final = 60  # places a function: they fit a machine word
WORK_LIMIT: Final = 200_000  # questions to the alias analysis a function


@final
class Place:
    """A location that is read, and read or written elsewhere too, always as one type."""

    def __init__(self, location: Location, type: int) -> None:
        self.location = location
        self.type = type
        self.accesses = 0
        self.loads = 0
        self.first_block = -1
        self.several_blocks = False
        self.alignment = 0  # of its accesses, the smallest; 0: natural
        self.bit = 0

    def note(self, access: Value, block: Block) -> None:
        self.accesses += 1
        self.location.alias_class = joined(self.location.alias_class, access.imm)
        if access.op == op.LOAD:
            self.loads += 1
        if self.first_block < 0:
            self.first_block = block.id
        elif self.first_block != block.id:
            self.several_blocks = True
        if access.extra and (self.alignment == 0 or access.extra < self.alignment):
            self.alignment = access.extra


@final
class Event:
    """An operation of a block that matters: after it the places of `kills` are unknown, then that of `gives` is known."""

    def __init__(self, value: Value, kills: int, gives: int) -> None:
        self.value = value
        self.kills = kills
        self.gives = gives


def run(function: Function) -> bool:
    if function.calls_setjmp or len(function.blocks) < 2:
        return False
    dominators = Dominators(function)
    alias = AliasAnalysis(function)
    places = _find_places(function, Loops(function, dominators), alias)
    return bool(places) and Solver(function, places, dominators, alias).run()


def _key(location: Location, type: int) -> tuple[int, int, int]:
    base = location.base
    if base.op == op.ADDRESS and base.symbol is not None:
        return (id(base.symbol), location.offset, type)
    return (base.id, location.offset, type)


def _place_of(value: Value, location: Location, places: dict[tuple[int, int, int], Place]) -> Place | None:
    type = value.type if value.op == op.LOAD else value.args[1].type
    return places.get(_key(location, type)) if location.offset_known else None


def _find_places(function: Function, loops: Loops, alias: AliasAnalysis) -> dict[tuple[int, int, int], Place]:
    """What is accessed in more than one block or in a loop, loads among the accesses, by its key."""
    found: dict[tuple[int, int, int], Place] = {}
    for block in function.blocks:
        for value in block.values:
            if value.op not in (op.LOAD, op.STORE) or value.flags & VOLATILE:
                continue
            type = value.type if value.op == op.LOAD else value.args[1].type
            if ty.is_vector(type) or type in (ty.I1, ty.I128, ty.F80, ty.F128):
                continue
            location = alias.of_access(value)
            if not location.offset_known:
                continue
            key = _key(location, type)
            place = found.get(key)
            if place is None:
                place = Place(location, type)
                found[key] = place
            place.note(value, block)
    usable = [
        key
        for key, place in found.items()
        if place.loads and (place.several_blocks or loops.innermost[place.first_block] is not None)
    ]
    if len(usable) > PLACE_LIMIT:
        order = sorted([(-found[key].loads, number) for number, key in enumerate(usable)])
        usable = [usable[number] for _, number in sorted(order[:PLACE_LIMIT])]
    kept: dict[tuple[int, int, int], Place] = {}
    for number, key in enumerate(usable):
        place = found[key]
        place.bit = 1 << number
        kept[key] = place
    return kept


@final
class Solver:
    """The data-flow problem of one function; lists are indexed by block id, their elements are sets of places."""

    def __init__(
        self, function: Function, places: dict[tuple[int, int, int], Place], dominators: Dominators,
        alias: AliasAnalysis,
    ) -> None:  # fmt: skip
        self.function = function
        self.by_key = places
        self.places = list(places.values())
        self.all = (1 << len(self.places)) - 1
        self.alias = alias
        self.dominators = dominators
        count = function.block_count
        self.events: list[list[Event]] = [[] for _ in range(count)]
        self.given: list[int] = [0] * count  # known at the end, whatever was at the start
        self.killed: list[int] = [0] * count  # unknown at some point in the block
        self.exposed: list[int] = [0] * count  # loaded before anything else happens to them
        self.touched: list[int] = [0] * count
        self.anticipated: list[int] = [0] * count  # at the start
        self.partial: list[int] = [0] * count  # known at the end of the block on some way to it
        self.insertable: list[int] = [0] * count  # whose address can be made at the end of all predecessors
        self.known_in: list[int] = [0] * count
        self.known_out: list[int] = [0] * count

    def run(self) -> bool:
        if not self._scan():
            return False
        self._anticipate()
        self._find_partial()
        self._find_insertable()
        self._solve()
        if not any(self.known_in[block.id] & self.exposed[block.id] for block in self.dominators.order):
            return False
        frequencies.run(self.function)
        chosen = [place for place in self.places if self._pays(place)]
        if not chosen:
            return False
        mask = 0
        for place in chosen:
            mask |= place.bit
        slots = [self._slot(place) for place in chosen]
        self._rewrite(chosen, slots, mask)
        for place, slot in zip(chosen, slots, strict=True):
            self._insert(place, slot)
        construct_ssa.run(self.function)
        return True

    # ---- local properties

    def _scan(self) -> bool:
        others = 0  # what an operation that is no plain access may change
        for place in self.places:
            if not self.alias.is_private(place.location):
                others |= place.bit
        work = 0
        for block in self.dominators.order:
            events = self.events[block.id]
            for value in block.values:
                operation = value.op
                if operation == op.LOAD:
                    if value.flags & VOLATILE:
                        continue
                    loaded = _place_of(value, self.alias.of_access(value), self.by_key)
                    if loaded is not None:
                        events.append(Event(value, 0, loaded.bit))
                elif op.FLAGS[operation] & op.EFFECT:
                    work += len(self.places)
                    if work > WORK_LIMIT:
                        return False
                    event = self._effect(value, others)
                    if event.kills or event.gives:
                        events.append(event)
            if block.terminator.op == op.ASM_GOTO:
                events.append(Event(block.terminator, self.all, 0))
            self._summarize(block.id, events)
        return True

    def _effect(self, value: Value, others: int) -> Event:
        operation = value.op
        gives = 0
        kills = 0
        if operation == op.CALL or operation == op.ASM:
            if others and self.alias.can_change(value, self._any_of(others)):
                kills = others
            return Event(value, kills, 0)
        alias = self.alias
        if operation not in (op.STORE, op.MEMCPY, op.MEMMOVE, op.MEMSET):
            for place in self.places:
                if alias.can_feed(value, place.location):
                    kills |= place.bit
            return Event(value, kills, 0)
        location = alias.of_access(value)
        if operation == op.STORE and not value.flags & VOLATILE:
            stored = _place_of(value, location, self.by_key)
            if stored is not None:
                gives = stored.bit
        for place in self.places:
            if place.bit != gives and alias.can_read_from(place.location, location):
                kills |= place.bit
        return Event(value, kills, gives)

    def _any_of(self, mask: int) -> Location:
        for place in self.places:
            if place.bit & mask:
                return place.location
        raise AssertionError("an empty set")

    def _summarize(self, number: int, events: list[Event]) -> None:
        given = 0
        killed = 0
        exposed = 0
        touched = 0
        for event in events:
            if event.value.op == op.LOAD:
                exposed |= event.gives & ~touched
            killed |= event.kills
            given = given & ~event.kills | event.gives
            touched |= event.kills | event.gives
        self.given[number] = given
        self.killed[number] = killed
        self.exposed[number] = exposed
        self.touched[number] = touched

    # ---- equations

    def _anticipate(self) -> None:
        """Which loads every way onwards makes before anything may change the place.  What never ends promises nothing."""
        order = self.dominators.order
        ends = bytearray(self.function.block_count)
        stack = [block for block in order if not block.successors]
        while stack:
            block = stack.pop()
            if not ends[block.id]:
                ends[block.id] = 1
                stack += block.predecessors
        anticipated = self.anticipated
        for block in order:
            anticipated[block.id] = self.all if ends[block.id] else 0
        changed = True
        while changed:
            changed = False
            for index in range(len(order) - 1, -1, -1):
                block = order[index]
                after = self.all if block.successors else 0
                for successor in block.successors:
                    after &= anticipated[successor.id]
                found = self.exposed[block.id] | after & ~self.touched[block.id]
                found &= anticipated[block.id]
                if found != anticipated[block.id]:
                    anticipated[block.id] = found
                    changed = True
        self._expect()

    def _expect(self) -> None:
        """Reading an object that is certainly there harms nobody: it is enough that some way onwards does."""
        safe = 0
        for place in self.places:
            if is_inside_object(place.location):
                safe |= place.bit
        if not safe:
            return
        order = self.dominators.order
        expected: list[int] = [0] * self.function.block_count
        changed = True
        while changed:
            changed = False
            for index in range(len(order) - 1, -1, -1):
                block = order[index]
                after = 0
                for successor in block.successors:
                    after |= expected[successor.id]
                found = (self.exposed[block.id] | after & ~self.touched[block.id]) & safe
                if found != expected[block.id]:
                    expected[block.id] = found
                    changed = True
        for block in order:
            self.anticipated[block.id] |= expected[block.id]

    def _find_partial(self) -> None:
        changed = True
        while changed:
            changed = False
            for block in self.dominators.order:
                before = 0
                for predecessor in block.predecessors:
                    before |= self.partial[predecessor.id]
                found = self.given[block.id] | before & ~self.killed[block.id]
                if found != self.partial[block.id]:
                    self.partial[block.id] = found
                    changed = True

    def _find_insertable(self) -> None:
        """A base that is defined in a block that dominates this one is there at the end of every predecessor."""
        defined: list[int] = [0] * self.function.block_count
        everywhere = 0
        for place in self.places:
            base = place.location.base
            if base.op == op.ADDRESS:
                everywhere |= place.bit
            else:
                defined[base.block.id] |= place.bit
        for block in self.dominators.order:
            dominator = self.dominators.immediate[block.id]
            usable = everywhere
            if dominator is not None:
                usable = self.insertable[dominator.id] | defined[dominator.id]
            self.insertable[block.id] = usable
        for block in self.dominators.order:
            if not all(_can_take_load(predecessor, block) for predecessor in block.predecessors):
                self.insertable[block.id] = 0

    def _solve(self) -> None:
        """The largest solution: known on all ways, or on some way and loaded on the others."""
        order = self.dominators.order
        for block in order:
            self.known_out[block.id] = self.all
        changed = True
        while changed:
            changed = False
            for block in order:
                number = block.id
                everywhere = self.all if block.predecessors else 0
                somewhere = 0
                for predecessor in block.predecessors:
                    if not self.dominators.reachable(predecessor):
                        everywhere = 0
                        continue
                    out = self.known_out[predecessor.id]
                    everywhere &= out
                    somewhere |= out & self.partial[predecessor.id]
                before = everywhere | somewhere & self.anticipated[number] & self.insertable[number]
                if block.address_taken:
                    before = 0
                self.known_in[number] = before
                out = self.given[number] | before & ~self.killed[number]
                if out != self.known_out[number]:
                    self.known_out[number] = out
                    changed = True

    # ---- choosing

    def _edges(self, place: Place) -> list[tuple[Block, Block]]:
        """The edges that get a load."""
        bit = place.bit
        return [
            (predecessor, block)
            for block in self.dominators.order
            if self.known_in[block.id] & bit
            for predecessor in block.predecessors
            if not self.known_out[predecessor.id] & bit
        ]

    def _pays(self, place: Place) -> bool:
        bit = place.bit
        saved = 0
        saved_count = 0
        for block in self.dominators.order:
            if self.known_in[block.id] & self.exposed[block.id] & bit:
                saved += block.frequency
                saved_count += 1
        if not saved:
            return False
        cost = 0
        edges = self._edges(place)
        for source, target in edges:
            cost += min(source.frequency, target.frequency)
        if len(edges) <= saved_count:
            return cost < saved
        return len(edges) == saved_count + 1 and 2 * cost < saved

    # ---- rewriting

    def _slot(self, place: Place) -> Value:
        entry = self.function.blocks[0]
        slot = self.function.new_value(op.ALLOCA, ty.PTR, entry)
        slot.imm = ty.size(place.type)
        slot.extra = slot.imm
        entry.values.insert(0, slot)
        return slot

    def _rewrite(self, chosen: list[Place], slots: list[Value], mask: int) -> None:
        """Loads of known places read the stack object, everything else that reads or writes them writes it too."""
        slot_of: dict[int, Value] = {}
        for place, slot in zip(chosen, slots, strict=True):
            slot_of[place.bit] = slot
        for block in self.dominators.order:
            known = self.known_in[block.id]
            writes: dict[int, Value] = {}  # by the access's id
            for event in self.events[block.id]:
                known &= ~event.kills
                if event.gives & mask:
                    access = event.value
                    slot = slot_of[event.gives]
                    if access.op == op.STORE:
                        writes[access.id] = self._new(op.STORE, ty.VOID, block, [slot, access.args[1]])
                    elif known & event.gives:
                        access.set_argument(0, slot)
                        access.imm = 0
                        access.extra = 0
                        access.flags = 0
                    else:
                        writes[access.id] = self._new(op.STORE, ty.VOID, block, [slot, access])
                known |= event.gives
            if writes:
                values: list[Value] = []
                for value in block.values:
                    values.append(value)
                    write = writes.get(value.id)
                    if write is not None:
                        values.append(write)
                block.values = values

    def _insert(self, place: Place, slot: Value) -> None:
        for source, target in self._edges(place):
            block = source
            if len(source.successors) > 1:
                block = self._split(source, target)
            base = place.location.base
            address = base
            if base.op == op.ADDRESS:
                address = self._new(op.ADDRESS, ty.PTR, block, [])
                address.symbol = base.symbol
                address.imm = place.location.offset
                assert base.symbol is not None
                base.symbol.references += 1
                block.values.append(address)
            elif place.location.offset:
                step = self._new(op.CONST, ty.I64, block, [])
                step.imm = place.location.offset
                address = self._new(op.PTRADD, ty.PTR, block, [base, step])
                block.values += [step, address]
            load = self._new(op.LOAD, place.type, block, [address])
            load.imm = place.location.alias_class
            load.extra = place.alignment
            block.values += [load, self._new(op.STORE, ty.VOID, block, [slot, load])]

    def _split(self, source: Block, target: Block) -> Block:
        """A block of its own for the edge; the places known at its end are those at the target's start."""
        function = self.function
        made = Block(function.block_count, function)
        function.block_count += 1
        function.blocks.insert(function.blocks.index(target), made)
        made.terminator = function.new_value(op.JUMP, ty.VOID, made)
        made.cold = target.cold
        target.predecessors[target.predecessor_index(source)] = made
        made.successors.append(target)
        source.successors[source.successors.index(target)] = made
        made.predecessors.append(source)
        made.frequency = min(source.frequency, target.frequency)
        self.known_in.append(self.known_out[source.id])
        self.known_out.append(self.known_out[source.id])
        return made

    def _new(self, operation: int, type: int, block: Block, arguments: list[Value]) -> Value:
        value = self.function.new_value(operation, type, block)
        for argument in arguments:
            value.add_argument(argument)
        return value


def _can_take_load(source: Block, target: Block) -> bool:
    """Is there a place for a load on the edge?"""
    return not target.address_taken and source.terminator.op not in (op.INDIRECT_JUMP, op.ASM_GOTO)
