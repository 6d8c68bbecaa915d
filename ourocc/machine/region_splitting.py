"""Which blocks of a bundle are worth a given register: splitting by regions of the flow graph.

A bundle that spans many blocks rarely finds a register that is free in all of them: calls destroy some, shorter bundles hold
others.  Instead of cutting it where the layout happens to bring the first conflict, it keeps one register in all blocks but those
with a conflict, and what lies in those is allocated on its own:

    loop: use v       v in rdi           loop: use v        v in rdi
          if rare: call f          =>          if rare: call f   v in its slot, reloaded behind the call

Blocks near the conflicts follow their neighbours when moving between the register and memory would cost more than it brings
(the relaxation of Olesen's greedy allocator in LLVM, with integers instead of a Hopfield network).
"""

from bisect import bisect_right
from typing import Final, final

from ourocc.machine.bundles import Bundle
from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.live_ranges import LiveRange

_ROUNDS: Final = 6  # of relaxation


@final
class Regions:
    """The blocks by their place in the layout, and what neighbours them."""

    def __init__(self, function: MachineFunction) -> None:
        self.blocks: list[MachineBlock] = function.blocks
        self.starts: list[int] = [block.start for block in function.blocks]
        self.number: list[int] = [-1] * function.block_count  # block id -> place
        for place, block in enumerate(function.blocks):
            self.number[block.id] = place

    def at(self, position: int) -> int:
        return bisect_right(self.starts, position) - 1

    def of(self, ranges: list[LiveRange]) -> list[int]:
        """Places of the blocks that the ranges touch, ascending."""
        found: list[int] = []
        for range_ in ranges:
            first = self.at(range_.start)
            if found and first <= found[-1]:
                first = found[-1] + 1
            found += range(first, self.at(range_.end - 1) + 1)
        return found

    def carving_cost(self, bundle: Bundle, region: list[int]) -> int:
        """Executions of what taking the bundle's register away within `region` costs: uses there, and moves at its borders."""
        ranges = bundle.ranges
        starts = [range_.start for range_ in ranges]
        inside = set(region)
        cost = 0
        for place in region:
            block = self.blocks[place]
            index = bisect_right(starts, block.start) - 1
            if index >= 0 and ranges[index].end > block.start:
                for predecessor in block.predecessors:
                    if self.number[predecessor.id] not in inside:
                        cost += min(block.frequency, predecessor.frequency)
            else:
                index += 1
            last = -1
            while index < len(ranges) and ranges[index].start < block.end:
                last = index
                for use in ranges[index].uses:
                    if block.start <= use >> 2 < block.end:
                        cost += block.frequency
                index += 1
            if last >= 0 and ranges[last].end >= block.end:
                for successor in block.successors:
                    if self.number[successor.id] not in inside and _covers(ranges, starts, successor.start):
                        cost += min(block.frequency, successor.frequency)
        return cost


def _covers(ranges: list[LiveRange], starts: list[int], position: int) -> bool:
    index = bisect_right(starts, position) - 1
    return index >= 0 and ranges[index].end > position


@final
class Extent:
    """A bundle block by block: parallel lists over the blocks that it touches."""

    def __init__(self, regions: Regions, ranges: list[LiveRange]) -> None:
        self.regions = regions
        self.places: list[int] = []
        self.weights: list[int] = []  # estimated executions of its uses
        self.enters: list[bool] = []  # it is live at the block's start
        self.leaves: list[bool] = []
        self.index: dict[int, int] = {}  # place -> index
        self.segments: list[int] = []  # flat: index, start, end
        for range_ in ranges:
            self._add(range_)

    def _add(self, range_: LiveRange) -> None:
        blocks = self.regions.blocks
        place = self.regions.at(range_.start)
        uses = range_.uses
        next_use = 0
        start = range_.start
        while start < range_.end:
            block = blocks[place]
            if not self.places or self.places[-1] != place:
                self.index[place] = len(self.places)
                self.places.append(place)
                self.weights.append(0)
                self.enters.append(start == block.start)
                self.leaves.append(False)
            end = min(range_.end, block.end)
            while next_use < len(uses) and uses[next_use] >> 2 < block.end:
                self.weights[-1] += block.frequency
                next_use += 1
            self.segments += [len(self.places) - 1, start, end]
            self.leaves[-1] = end == block.end
            start = end
            place += 1

    def relax(self, blocked: list[bool]) -> list[bool]:
        """By index: keep the register there?  Empty when that is worth it nowhere.  `blocked` blocks cannot."""
        count = len(self.places)
        keep = [not blocked[index] for index in range(count)]
        neighbours: list[list[int]] = [[] for _ in range(count)]  # flat: index, frequency of the edge
        blocks = self.regions.blocks
        number = self.regions.number
        for index in range(count):
            if not self.leaves[index]:
                continue
            block = blocks[self.places[index]]
            for successor in block.successors:
                other = self.index.get(number[successor.id], -1)
                if other >= 0 and self.enters[other]:
                    frequency = min(block.frequency, successor.frequency)
                    neighbours[index] += [other, frequency]
                    neighbours[other] += [index, frequency]
        changed = True
        rounds = 0
        while changed and rounds < _ROUNDS:
            changed = False
            rounds += 1
            for index in range(count):
                if blocked[index]:
                    continue
                gain = self.weights[index]
                near = neighbours[index]
                for place in range(0, len(near), 2):
                    gain += near[place + 1] if keep[near[place]] else -near[place + 1]
                wanted = gain > 0
                if wanted != keep[index]:
                    keep[index] = wanted
                    changed = True
        benefit = 0
        for index in range(count):
            if keep[index]:
                benefit += self.weights[index]
                near = neighbours[index]
                for place in range(0, len(near), 2):
                    if not keep[near[place]]:
                        benefit -= near[place + 1]
        return keep if benefit > 0 else []
