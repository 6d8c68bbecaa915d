"""Checks an allocation symbolically, as regalloc2's checker does: every operand must find in its location the value of the
virtual register that stood there before allocation.

In: a snapshot of the operands before, the rewritten function after.  The state at a point maps a location to the set of
registers (virtual ones, and physical ones that were there before) whose values it holds; at joins sets are intersected.
Used by tests and by --verify.
"""

from typing import final

from ourocc.machine.allocation_moves import REMATERIALIZED, MoveInserter
from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import COPY, FIRST_VIRTUAL, MachineInstruction
from ourocc.machine.liveness import bits
from ourocc.machine.target import ROLE_MEMORY, Target

State = dict[int, frozenset[int]]
_EMPTY: frozenset[int] = frozenset()


class CheckError(Exception):
    """The allocation is wrong."""


@final
class Snapshot:
    """Operands of one instruction before allocation, by place: 0-3 r0-r3, 4 base, 5 index, 10+k uses, 40+k defines."""

    def __init__(self) -> None:
        self.reads: list[tuple[int, int]] = []
        self.writes: list[tuple[int, int]] = []


def snapshot(instruction: MachineInstruction, target: Target) -> Snapshot:
    shot = Snapshot()
    operation = instruction.op
    if operation >= 0:
        role = target.roles[operation]
        explicit = (instruction.r0, instruction.r1, instruction.r2, instruction.r3)
        for place in range(4):
            if role >> 2 * place & 1:
                shot.reads.append((place, explicit[place]))
            if role >> 2 * place & 2:
                shot.writes.append((place, explicit[place]))
        if role & ROLE_MEMORY:
            if instruction.base >= 0:
                shot.reads.append((4, instruction.base))
            if instruction.index >= 0:
                shot.reads.append((5, instruction.index))
    for place, register in enumerate(instruction.uses):
        shot.reads.append((10 + place, register))
    for place, register in enumerate(instruction.defines):
        shot.writes.append((40 + place, register))
    return shot


@final
class Checker:
    def __init__(self, function: MachineFunction, target: Target) -> None:
        self.function = function
        self.target = target
        self.shots: dict[int, Snapshot] = {}
        self.phis: dict[int, list[tuple[int, list[int]]]] = {}
        self.edges: dict[int, list[int]] = {}  # block id: ids of predecessors in the order of phi arguments
        self.keep: list[MachineInstruction] = []
        for block in function.blocks:
            self.edges[block.id] = [predecessor.id for predecessor in block.predecessors]
            self.phis[block.id] = [(phi.destination, phi.arguments.copy()) for phi in block.phis]
            for instruction in block.instructions:
                if instruction.op != COPY:
                    self.shots[id(instruction)] = snapshot(instruction, target)
                    self.keep.append(instruction)
        self.inserter: MoveInserter | None = None

    def check(self, inserter: MoveInserter) -> None:
        """Raise CheckError when some operand is not where it should be."""
        self.inserter = inserter
        function = self.function
        entry = function.blocks[0]
        states: dict[int, State] = {}
        states[entry.id] = {register: frozenset([register]) for register in range(FIRST_VIRTUAL)}
        work = [entry]
        while work:
            block = work.pop()
            state = dict(states[block.id])
            for instruction in block.instructions:
                self.step(state, instruction, False, block)
            for successor in block.successors:
                entering = self.enter(state, block, successor)
                old = states.get(successor.id)
                if old is None:
                    states[successor.id] = entering
                    work.append(successor)
                    continue
                met: State = {}
                for location, held in old.items():
                    both = held & entering.get(location, _EMPTY)
                    if both:
                        met[location] = both
                if met != old:
                    states[successor.id] = met
                    work.append(successor)
        for block in function.blocks:
            if block.id in states:
                state = dict(states[block.id])
                for instruction in block.instructions:
                    self.step(state, instruction, True, block)

    def enter(self, state: State, source: MachineBlock, target: MachineBlock) -> State:
        """Phis rename what the edge brings."""
        phis = self.phis.get(target.id)
        if not phis:
            return state
        order = self.edges[target.id]
        origin = source.id
        if origin not in order:
            origin = source.predecessors[0].id  # a block on a split edge
        number = order.index(origin)
        result: State = {}
        destinations = frozenset(destination for destination, _ in phis)
        for location, held in state.items():
            added = [destination for destination, arguments in phis if arguments[number] in held]
            result[location] = (held - destinations) | frozenset(added)
        for _, arguments in phis:
            # an argument that is also a destination keeps its old meaning only under its new name
            if arguments[number] in destinations:
                continue
        return result

    def step(self, state: State, instruction: MachineInstruction, checking: bool, block: MachineBlock) -> None:
        inserter = self.inserter
        assert inserter is not None
        key = id(instruction)
        marker = inserter.copies.get(key)
        if marker is not None:
            self.rename(state, marker[0], marker[1])
            return
        move = inserter.trace.get(key)
        if move is not None:
            destination, source, register, exchange = move
            if exchange:
                state[destination], state[source] = state.get(source, _EMPTY), state.get(destination, _EMPTY)
            elif source == REMATERIALIZED:
                state[destination] = frozenset([register])
            elif source != destination:
                state[destination] = state.get(source, _EMPTY)
            return
        shot = self.shots.get(key)
        if shot is None:
            return  # a jump of a split edge, a part of an exchange
        if checking:
            for place, register in shot.reads:
                location = self.location(instruction, place)
                if register not in state.get(location, _EMPTY) and self.matters(register):
                    raise CheckError(
                        f"{self.function.name}: b{block.id}: operation {instruction.op} wants v{register} in {location},"
                        f" which holds {sorted(state.get(location, _EMPTY))}"
                    )
        operation = instruction.op
        clobbered = instruction.clobbers
        if operation >= 0:
            clobbered |= self.target.implicit_writes[operation]
        for register in bits(clobbered):
            state[register] = _EMPTY
        written = [(self.location(instruction, place), register) for place, register in shot.writes]
        if operation >= 0:
            for register in bits(self.target.implicit_writes[operation]):
                written.append((register, register))
        for _, register in written:
            self.forget(state, register)
        for location, register in written:
            state[location] = frozenset([register])

    def matters(self, register: int) -> bool:
        return register >= FIRST_VIRTUAL or bool(self.target.allocatable >> register & 1)

    def location(self, instruction: MachineInstruction, place: int) -> int:
        if place >= 40:
            return instruction.defines[place - 40]
        if place >= 10:
            return instruction.uses[place - 10]
        register = (
            instruction.r0, instruction.r1, instruction.r2, instruction.r3, instruction.base, instruction.index,
        )[place]  # fmt: skip
        return register if register >= 0 else FIRST_VIRTUAL + instruction.frame_slot

    def forget(self, state: State, register: int) -> None:
        for location, held in state.items():
            if register in held:
                state[location] = held - {register}

    def rename(self, state: State, destination: int, source: int) -> None:
        """A copy: whatever holds the source's value now is the destination's as well."""
        if destination == source:
            return
        self.forget(state, destination)
        for location, held in state.items():
            if source in held:
                state[location] = held | {destination}
