"""Writes an allocation into the code: registers for virtual registers, loads, stores and copies where locations change.

In: a MachineFunction and its `Allocation`.  Out: instructions over physical registers and frame slots, no phis.

Moves are needed (a) between two ranges of a register that meet inside a block, (b) on edges where a value's location
at the end of the predecessor differs from that at the start of the successor, (c) for phis, which are parallel
copies on edges (Boissinot et al. 2009), (d) behind definitions, for values whose slot is written once and for all there
instead of wherever they leave their register; the cheaper way is taken.
"""

from bisect import bisect_right
from typing import Final, final

from ourocc.machine.bundles import IN_MEMORY, Family
from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import COPY, FIRST_VIRTUAL, NOTHING, MachineInstruction
from ourocc.machine.live_ranges import USE_DEFINES, LiveRange
from ourocc.machine.liveness import bits
from ourocc.machine.register_allocation import Allocation, AllocationError
from ourocc.machine.target import ROLE_MEMORY, Target

# A location: a physical register (below FIRST_VIRTUAL), FIRST_VIRTUAL + frame slot, or:
REMATERIALIZED: Final = -2
SEVERAL: Final = -3  # not one location

# Groups of moves at one position, in the order of their execution
_AFTER_DEFINITION: Final = 0
_EDGE_IN: Final = 1
_PHI_STORE: Final = 2
_TRANSITION: Final = 3
_STORE_INSIDE: Final = 4
_EDGE_OUT: Final = 5


@final
class MoveInserter:
    def __init__(self, allocation: Allocation, verify: bool) -> None:
        self.allocation = allocation
        self.function: MachineFunction = allocation.function
        self.target: Target = allocation.target
        self.ranges = allocation.ranges.ranges
        count = len(self.ranges)
        self.location: list[int] = [SEVERAL] * count  # where every range of the register is
        self.starts: list[list[int]] = [[] for _ in range(count)]  # of SEVERAL: its ranges
        self.places: list[list[int]] = [[] for _ in range(count)]
        self.stored: list[bool] = [False] * count  # its slot is written at its definition
        self.moves: dict[int, list[int]] = {}  # position << 3 | group: flat destination, source, register
        self.slot_ends: list[Family] = []
        self.block_starts = allocation.block_starts
        self.several = 0  # bit set over global registers
        self.scratch_slots: list[int] = [-1, -1, -1]
        self.edges: list[tuple[MachineBlock, MachineBlock, list[int]]] = []
        # For the checker: what inserted instructions mean, by id
        self.verify = verify
        self.trace: dict[int, tuple[int, int, int, bool]] = {}  # destination, source, register, exchange
        self.copies: dict[int, tuple[int, int]] = {}

    def run(self) -> None:
        self._locate()
        self._resolve_inside()
        self._resolve_edges()
        self._rewrite()
        self._split_edges()
        self.function.used_registers |= self.allocation.used

    # ---- locations

    def _locate(self) -> None:
        allocation = self.allocation
        bundles = allocation.bundles
        definitions = self.function.definitions
        for index, ranges in enumerate(self.ranges):
            if not ranges:
                continue
            if len(ranges) > 1:
                ranges.sort(key=_start_of)
            places: list[int] = []
            same = True
            for range_ in ranges:
                if range_.bundle == IN_MEMORY:
                    if definitions[index] is not None:
                        place = REMATERIALIZED
                    else:
                        place = FIRST_VIRTUAL + self._slot(allocation.family_of[index])
                else:
                    place = bundles[range_.bundle].register
                if places and place != places[0]:
                    same = False
                places.append(place)
            if same:
                self.location[index] = places[0]
            else:
                self.starts[index] = [range_.start for range_ in ranges]
                self.places[index] = places
                number = allocation.ranges.liveness.number[index]
                if number >= 0:
                    self.several |= 1 << number
                if definitions[index] is None and max(places) >= FIRST_VIRTUAL:
                    self._choose_store(index, ranges, places)

    def _slot(self, family: Family) -> int:
        """The family's spill slot; families whose extents are disjoint share slots."""
        if family.slot >= 0:
            return family.slot
        size = self.target.slot_sizes[family.slot_class]
        tried = 0
        sharing = [] if self.function.source.calls_setjmp else self.slot_ends  # longjmp brings back values that seemed dead
        for other in reversed(sharing):
            if self.target.slot_sizes[other.slot_class] != size:
                continue
            tried += 1
            if tried > 12:
                break
            if _extents_disjoint(other.extent, family.extent):
                family.slot = other.slot
                other.extent = _extents_merged(other.extent, family.extent)
                return family.slot
        family.slot = self.function.new_slot(size, size)
        holder = Family(family.bank)  # what occupies the slot so far
        holder.slot = family.slot
        holder.slot_class = family.slot_class
        holder.extent = family.extent.copy()
        self.slot_ends.append(holder)
        return family.slot

    def _frequency(self, position: int) -> int:
        return self.function.blocks[bisect_right(self.block_starts, position) - 1].frequency

    def _choose_store(self, index: int, ranges: list[LiveRange], places: list[int]) -> None:
        """Store at the definitions, unless storing at the transitions into memory is cheaper."""
        at_definitions = 0
        at_transitions = 0
        previous_end = -1
        previous_place = -1
        for number, range_ in enumerate(ranges):
            place = places[number]
            if place < FIRST_VIRTUAL:
                for use in range_.uses:
                    if use & USE_DEFINES:
                        at_definitions += self._frequency(use >> 2)
                if range_.from_phi:
                    at_definitions += self._frequency(range_.start)
            elif previous_place != place and previous_end == range_.start:
                at_transitions += self._frequency(range_.start)
            previous_end = range_.end
            previous_place = place
        self.stored[index] = at_definitions <= at_transitions or self._enters_unsplittable(index)

    def _enters_unsplittable(self, index: int) -> bool:
        liveness = self.allocation.ranges.liveness
        number = liveness.number[index]
        if number < 0:
            return False
        for block in self.function.blocks:
            if block.unsplittable and liveness.live_in[block.id] >> number & 1:
                return True
        return False

    def _at(self, index: int, position: int) -> int:
        """The location of virtual register `index` at `position`."""
        place = self.location[index]
        if place != SEVERAL:
            return place
        return self.places[index][bisect_right(self.starts[index], position) - 1]

    # ---- where moves go

    def _add(self, position: int, group: int, destination: int, source: int, index: int) -> None:
        key = position << 3 | group
        moves = self.moves.get(key)
        if moves is None:
            self.moves[key] = [destination, source, index]
        else:
            moves.append(destination)
            moves.append(source)
            moves.append(index)

    def _resolve_inside(self) -> None:
        block_starts = self.block_starts
        for index, places in enumerate(self.places):
            if not places:
                continue
            ranges = self.ranges[index]
            stored = self.stored[index]
            slot = FIRST_VIRTUAL + self.allocation.family_of[index].slot if stored else -1
            for number, range_ in enumerate(ranges):
                place = places[number]
                if stored and place < FIRST_VIRTUAL:
                    for use in range_.uses:
                        if use & USE_DEFINES:
                            position = ((use >> 2) | 1) + 1
                            self._add(position, _AFTER_DEFINITION, slot, place, index)
                    if range_.from_phi:
                        self._add(range_.start, _PHI_STORE, slot, place, index)
                if number == 0 or ranges[number - 1].end != range_.start:
                    continue
                before = places[number - 1]
                if before == place:
                    continue
                start = range_.start
                found = bisect_right(block_starts, start) - 1
                if block_starts[found] == start:
                    continue  # an edge's business
                if place == REMATERIALIZED or (stored and place >= FIRST_VIRTUAL):
                    continue
                if start & 1:
                    assert place >= FIRST_VIRTUAL
                    self._add(start - 1, _STORE_INSIDE, place, before, index)
                else:
                    self._add(start, _TRANSITION, place, before, index)

    def _resolve_edges(self) -> None:
        liveness = self.allocation.ranges.liveness
        for block in self.function.blocks:
            several = liveness.live_in[block.id] & self.several
            if not several and not block.phis:
                continue
            registers = [liveness.registers[number] for number in bits(several)]
            for number, predecessor in enumerate(block.predecessors):
                moves: list[int] = []
                for index in registers:
                    source = self._at(index, predecessor.end - 1)
                    destination = self._at(index, block.start)
                    if source == destination or destination == REMATERIALIZED:
                        continue
                    if destination >= FIRST_VIRTUAL and self.stored[index]:
                        continue
                    moves += [destination, source, index]
                for phi in block.phis:
                    self._phi_move(phi.destination - FIRST_VIRTUAL, phi.arguments[number] - FIRST_VIRTUAL,
                                   predecessor, block, moves)  # fmt: skip
                if moves:
                    self._place_edge(predecessor, block, moves)

    def _phi_move(
        self, target: int, argument: int, predecessor: MachineBlock, block: MachineBlock, moves: list[int]
    ) -> None:
        source = self._at(argument, predecessor.end - 1)
        destination = self._at(target, block.start)
        if source == destination:
            return
        if destination >= FIRST_VIRTUAL and self.stored[argument]:
            family_of = self.allocation.family_of
            if family_of[argument] is family_of[target]:
                return  # the argument's definition wrote the slot that both share
        moves += [destination, source, argument]

    def _place_edge(self, predecessor: MachineBlock, block: MachineBlock, moves: list[int]) -> None:
        if len(predecessor.successors) == 1:
            key = (predecessor.end - 2) << 3 | _EDGE_OUT
        elif len(block.predecessors) == 1:
            key = block.start << 3 | _EDGE_IN
        elif self._before_branch(predecessor, block, moves):
            key = (predecessor.end - 2) << 3 | _EDGE_OUT
        else:
            if block.unsplittable:
                raise AllocationError("a value changes its place on an indirect jump")
            self.edges.append((predecessor, block, moves))
            return
        assert key not in self.moves
        self.moves[key] = moves

    def _before_branch(self, predecessor: MachineBlock, block: MachineBlock, moves: list[int]) -> bool:
        """The moves of a critical edge may be made in front of the branch when they write only registers that hold
        nothing there; worth it on back edges, where a block of their own would cost a jump in every round."""
        if block.start > predecessor.start and block.frequency * 2 < predecessor.frequency:
            return False
        forward = block.start > predecessor.start
        before = bool(self.allocation.before_prologue) and self.allocation.before_prologue[
            self.allocation.regions.at(predecessor.start)
        ]
        position = predecessor.end - 2
        if position << 3 | _EDGE_OUT in self.moves or len(moves) > 12:
            return False
        for place in range(0, len(moves), 3):
            destination = moves[place]
            if destination >= FIRST_VIRTUAL or moves[place + 1] >= FIRST_VIRTUAL:
                return False
            if not self.allocation.occupancy[destination].is_free(position, position + 2):
                return False
            if forward and before and self.target.callee_saved >> destination & 1:
                return False  # the prologue is on the way
        return True

    # ---- writing

    def _rewrite(self) -> None:
        keys = sorted(self.moves)
        keys.append(1 << 62)
        pointer = 0
        target = self.target
        roles = target.roles
        for block in self.function.blocks:
            out: list[MachineInstruction] = []
            position = block.start
            terminator = block.terminator
            new_terminator = 0
            for place, instruction in enumerate(block.instructions):
                while keys[pointer] >> 3 <= position:
                    self._emit(self.moves[keys[pointer]], position, out)
                    pointer += 1
                if place == terminator:
                    new_terminator = len(out)
                op = instruction.op
                if op >= 0:
                    if self._operands(instruction, roles[op], position):
                        out.append(instruction)
                elif op == COPY:
                    self._copy(instruction, position, out)
                else:
                    out.append(instruction)
                if instruction.uses or instruction.defines:
                    self._lists(instruction, position)
                if place < terminator:
                    position += 2
            block.instructions = out
            block.terminator = new_terminator
            block.phis = []

    def _operands(self, instruction: MachineInstruction, role: int, position: int) -> bool:
        """Replace the explicit operands; False when the instruction is not needed any more."""
        register = instruction.r0
        if register >= FIRST_VIRTUAL:
            place = self._at(register - FIRST_VIRTUAL, position if role & 1 else position + 1)
            if place < 0:
                return False  # computes a value that is recomputed wherever it is used
            if place >= FIRST_VIRTUAL:
                if not self.target.fold_slot(instruction, 0, place - FIRST_VIRTUAL):
                    raise AllocationError(f"operand 0 of operation {instruction.op} is in memory")
            else:
                instruction.r0 = place
        register = instruction.r1
        if register >= FIRST_VIRTUAL:
            place = self._at(register - FIRST_VIRTUAL, position if role & 4 else position + 1)
            if place >= FIRST_VIRTUAL:
                if not self.target.fold_slot(instruction, 1, place - FIRST_VIRTUAL):
                    raise AllocationError(f"operand 1 of operation {instruction.op} is in memory")
            else:
                instruction.r1 = place
        register = instruction.r2
        if register >= FIRST_VIRTUAL:
            place = self._at(register - FIRST_VIRTUAL, position if role & 16 else position + 1)
            if place >= FIRST_VIRTUAL:
                if not self.target.fold_slot(instruction, 2, place - FIRST_VIRTUAL):
                    raise AllocationError(f"operand 2 of operation {instruction.op} is in memory")
            else:
                instruction.r2 = place
        if instruction.r3 >= FIRST_VIRTUAL:
            instruction.r3 = self._at(instruction.r3 - FIRST_VIRTUAL, position)
        if role & ROLE_MEMORY:
            if instruction.base >= FIRST_VIRTUAL:
                instruction.base = self._at(instruction.base - FIRST_VIRTUAL, position)
            if instruction.index >= FIRST_VIRTUAL:
                instruction.index = self._at(instruction.index - FIRST_VIRTUAL, position)
        return True

    def _lists(self, instruction: MachineInstruction, position: int) -> None:
        if instruction.uses:
            instruction.uses = [
                self._at(register - FIRST_VIRTUAL, position) if register >= FIRST_VIRTUAL else register
                for register in instruction.uses
            ]
        if instruction.defines:
            instruction.defines = [
                self._at(register - FIRST_VIRTUAL, position + 1) if register >= FIRST_VIRTUAL else register
                for register in instruction.defines
            ]

    def _copy(self, instruction: MachineInstruction, position: int, out: list[MachineInstruction]) -> None:
        destination = instruction.r0
        source = instruction.r1
        index = -1
        if self.verify:
            marker = MachineInstruction(NOTHING)
            self.copies[id(marker)] = (destination, source)
            out.append(marker)
        if destination >= FIRST_VIRTUAL:
            index = destination - FIRST_VIRTUAL
            destination = self._at(index, position + 1)
        if source >= FIRST_VIRTUAL:
            from_index = source - FIRST_VIRTUAL
            if index < 0 or self.function.widths[from_index] < self.function.widths[index]:
                index = from_index
            source = self._at(from_index, position)
            if source == REMATERIALIZED:
                index = from_index
        if source == destination or destination == REMATERIALIZED:
            return
        if index < 0:
            out.append(self.target.copy(destination, source, self._class_of(destination), 8))
            self._record(out, destination, source, -1)
            return
        self._move(destination, source, index, position, out, [destination, source])
        if self.verify and source == REMATERIALIZED:  # only now the value is anywhere
            marker = MachineInstruction(NOTHING)
            self.copies[id(marker)] = (instruction.r0, instruction.r1)
            out.append(marker)

    def _class_of(self, register: int) -> int:
        bank = self.target.bank_of(register)
        return self.target.banks.index(bank)

    def _emit(self, moves: list[int], position: int, out: list[MachineInstruction]) -> None:
        """A parallel move: every source is read before any destination is written."""
        if len(moves) == 3:
            self._move(moves[0], moves[1], moves[2], position, out, moves)
            return
        pending: list[int] = list(range(0, len(moves), 3))
        moves = moves.copy()
        while pending:
            ready = -1
            for number, place in enumerate(pending):
                destination = moves[place]
                blocked = False
                for other in pending:
                    if other != place and moves[other + 1] == destination:
                        blocked = True
                        break
                if not blocked:
                    ready = number
                    break
            if ready >= 0:
                place = pending[ready]
                del pending[ready]
                if moves[place] != moves[place + 1]:
                    self._move(moves[place], moves[place + 1], moves[place + 2], position, out, moves)
                continue
            self._break_cycle(moves, pending, position, out)

    def _break_cycle(
        self, moves: list[int], pending: list[int], position: int, out: list[MachineInstruction]
    ) -> None:
        """Every pending destination is a source of another one."""
        place = pending[0]
        destination = moves[place]
        source = moves[place + 1]
        classes = self.function.classes
        register_class = classes[moves[place + 2]]
        for other in pending:  # the widest value in the cycle decides how to swap
            if moves[other + 1] in (destination, source) and classes[moves[other + 2]] > register_class:
                register_class = classes[moves[other + 2]]
        if destination < FIRST_VIRTUAL and source < FIRST_VIRTUAL and source >= 0:
            out.extend(self.target.exchange(destination, source, register_class))
            if self.verify:
                self.trace[id(out[-1])] = (destination, source, -1, True)
            del pending[0]
            for other in pending:
                if moves[other + 1] == destination:
                    moves[other + 1] = source
                elif moves[other + 1] == source:
                    moves[other + 1] = destination
            return
        # What is about to be overwritten goes to a temporary place first.
        owner = -1
        for other in pending:
            if moves[other + 1] == destination:
                owner = moves[other + 2]
        temporary = self._free_register(self.target.banks[classes[owner]], position, moves)
        if temporary < 0:
            temporary = FIRST_VIRTUAL + self._scratch_slot(2)
        self._move(temporary, destination, owner, position, out, [*moves, temporary])
        for other in pending:
            if moves[other + 1] == destination:
                moves[other + 1] = temporary

    def _scratch_slot(self, purpose: int) -> int:
        slot = self.scratch_slots[purpose]
        if slot < 0:
            slot = self.function.new_slot(16, 16)
            self.scratch_slots[purpose] = slot
        return slot

    def _free_register(self, bank: int, position: int, busy: list[int]) -> int:
        """A register of the bank that holds nothing around `position` and is not in `busy`."""
        allowed = self.allocation.used | ~self.target.callee_saved
        for register in self.target.allocation_order[bank]:
            if not allowed >> register & 1 or register in busy:
                continue
            if self.allocation.occupancy[register].is_free(position - 1, position + 2):
                self.function.used_registers |= 1 << register
                return register
        return -1

    def _move(
        self, destination: int, source: int, index: int, position: int, out: list[MachineInstruction], busy: list[int]
    ) -> None:
        """One move between two locations of a value of virtual register `index`'s class."""
        register_class = self.function.classes[index]
        width = self.function.widths[index]
        target = self.target
        if destination < FIRST_VIRTUAL:
            if source == REMATERIALIZED:
                definition = self.function.definitions[index]
                assert definition is not None
                out.append(target.rematerialize(definition, destination))
            elif source < FIRST_VIRTUAL:
                out.append(target.copy(destination, source, register_class, width))
            else:
                out.append(target.load(destination, source - FIRST_VIRTUAL, register_class, width))
            self._record(out, destination, source, index)
            return
        if 0 <= source < FIRST_VIRTUAL:
            out.append(target.store(source, destination - FIRST_VIRTUAL, register_class, width))
            self._record(out, destination, source, index)
            return
        bank = target.banks[register_class]
        scratch = self._free_register(bank, position, busy)
        if scratch >= 0:
            self._move(scratch, source, index, position, out, busy)
            out.append(target.store(scratch, destination - FIRST_VIRTUAL, register_class, width))
            self._record(out, destination, scratch, index)
            return
        victim = self._victim(bank, busy)
        rescue = self._scratch_slot(bank)
        wide = 2 if bank == 1 else 0
        out.append(target.store(victim, rescue, wide, 8))
        self._record(out, FIRST_VIRTUAL + rescue, victim, -1)
        self._move(victim, source, index, position, out, busy)
        out.append(target.store(victim, destination - FIRST_VIRTUAL, register_class, width))
        self._record(out, destination, victim, index)
        out.append(target.load(victim, rescue, wide, 8))
        self._record(out, victim, FIRST_VIRTUAL + rescue, -1)

    def _victim(self, bank: int, busy: list[int]) -> int:
        """A register to be rescued to memory for the time of one move: any will do, one that nobody waits for is best."""
        victim = -1
        for register in self.target.allocation_order[bank]:
            if self.allocation.used >> register & 1:
                if register not in busy:
                    return register
                if victim < 0:
                    victim = register
        assert victim >= 0, "no register is in use, yet none is free"
        return victim

    def _record(self, out: list[MachineInstruction], destination: int, source: int, index: int) -> None:
        if self.verify:
            self.trace[id(out[-1])] = (destination, source, index + FIRST_VIRTUAL, False)

    # ---- critical edges

    def _split_edges(self) -> None:
        """A block for the moves of every critical edge, behind its predecessor or in front of its successor."""
        blocks = self.function.blocks
        for predecessor, block, moves in self.edges:
            made = self.function.new_block()
            made.frequency = max(1, min(predecessor.frequency, block.frequency) // 2)
            made.depth = min(predecessor.depth, block.depth)
            made.start = predecessor.end - 2
            made.end = predecessor.end
            self._emit(moves, predecessor.end - 2, made.instructions)
            made.terminator = len(made.instructions)
            jump = self.target.jump_to(block)
            jump.position = predecessor.instructions[-1].position
            made.instructions.append(jump)
            self.function.retarget(predecessor, block, made)
            block.predecessors = [made if other is predecessor else other for other in block.predecessors]
            made.predecessors = [predecessor]
            made.successors = [block]
            at = blocks.index(predecessor) + 1
            forward = at < len(blocks) and blocks[at] is not block and block.start > predecessor.start
            if forward:
                place = blocks.index(block)
                last = blocks[place - 1].instructions[-1]
                falls = self.target.is_jump(last) and last.label is block.label
                at = len(blocks) if falls else place
            blocks.insert(at, made)


def _start_of(range_: LiveRange) -> int:
    return range_.start


def _extents_disjoint(x: list[int], y: list[int]) -> bool:
    i = 0
    j = 0
    while i < len(x) and j < len(y):
        if x[i + 1] <= y[j]:
            i += 2
        elif y[j + 1] <= x[i]:
            j += 2
        else:
            return False
    return True


def _extents_merged(x: list[int], y: list[int]) -> list[int]:
    result: list[int] = []
    i = 0
    j = 0
    while i < len(x) or j < len(y):
        if j >= len(y) or (i < len(x) and x[i] < y[j]):
            result += [x[i], x[i + 1]]
            i += 2
        else:
            result += [y[j], y[j + 1]]
            j += 2
    return result


def apply(allocation: Allocation, verify: bool = False) -> MoveInserter:
    """Rewrite the function that was allocated."""
    inserter = MoveInserter(allocation, verify)
    inserter.run()
    return inserter
