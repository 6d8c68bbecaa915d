"""Register allocation: bundles of live ranges onto physical registers, with eviction and splitting.

In: a MachineFunction over virtual registers, with phis and copies.  Out: every range of every virtual register has a
location (`Allocation`), which `allocation_moves` writes into the instructions.

A priority queue holds the bundles, longest first.  A bundle takes the first register, hints before others, that is free
over all its ranges; else it evicts bundles of smaller weight (weight: estimated executions of its uses for its length);
else it is split where the register that is free for longest stops being free, moved out of loops where possible, and the
stretches without uses go to memory.  What was sent to memory gets a second chance in the end.  A part that
spans one instruction cannot be split any more and evicts what is larger, so the process ends.
"""

import heapq
from bisect import bisect_right
from typing import Final, final

from ourocc.machine import shrink_wrapping
from ourocc.machine.bundles import (
    IN_MEMORY,
    MINIMAL_WEIGHT,
    UNASSIGNED,
    Bundle,
    Family,
    cut,
    disjoint,
    first_use,
    is_part,
    last_use_end,
    last_use_end_of_instruction,
    length_of,
    merged,
)
from ourocc.machine.function import MachineFunction
from ourocc.machine.instruction import FIRST_VIRTUAL
from ourocc.machine.live_ranges import USE_DEFINES, LiveRange, LiveRanges
from ourocc.machine.loop_spans import LoopSpans
from ourocc.machine.occupancy import FIXED, NEVER, Occupancy
from ourocc.machine.region_splitting import Extent, Regions
from ourocc.machine.target import Target

_MERGE_LIMIT: Final = 4000  # ranges in a merged bundle, for the sake of compile time
_SPLIT_LIMIT: Final = 12  # after so many splits a bundle falls into pieces a use
_REGION_BLOCKS: Final = 8  # a bundle in fewer blocks is not split by regions
_REGION_LIMIT: Final = 4000  # nor one in more
_CARVED_BLOCKS: Final = 24  # a bundle in so many blocks at most takes a register away in those alone


class AllocationError(Exception):
    """More operands of one instruction need registers than there are."""


@final
class Allocation:
    """The allocator's state, and its result: `ranges.ranges[v]` with bundles, `bundles`, `occupancy`."""

    def __init__(self, ranges: LiveRanges) -> None:
        self.ranges = ranges
        self.function: MachineFunction = ranges.function
        self.target: Target = ranges.target
        self.bundles: list[Bundle] = []
        self.families: list[Family] = []
        self.occupancy: list[Occupancy] = [Occupancy() for _ in range(FIRST_VIRTUAL)]
        self.queue: list[int] = []
        self.block_starts: list[int] = [block.start for block in self.function.blocks]
        self.used = 0  # mask of registers that were assigned
        self.family_of: list[Family] = []  # by virtual register
        self.loops = LoopSpans(self.function.blocks)
        self.regions = Regions(self.function)
        self.before_prologue: list[bool] = []  # by place of the block; empty: none is
        self.saving_cost = 2 * self.function.blocks[0].frequency  # of one more register that the callee saves

    # ---- setting up

    def run(self) -> None:
        ranges = self.ranges
        for register, fixed in enumerate(ranges.fixed):
            for index in range(0, len(fixed), 2):
                self.occupancy[register].add(fixed[index], fixed[index + 1], FIXED)
        self._form_bundles()
        if self.function.wraps:
            self._part_at_prologue()
        for bundle in self.bundles:
            if bundle.ranges:
                self._measure(bundle)
                self._enqueue(bundle)
        while self.queue:
            key = heapq.heappop(self.queue)
            self._process(self.bundles[(key & 0xFFFFFFFF)])
        for family in self.families:
            if family.spilled:
                self._second_chance(family)

    def _form_bundles(self) -> None:
        """One bundle a virtual register, then merge along copies and phis, frequent ones first."""
        function = self.function
        banks = self.target.banks
        classes = function.classes
        for index, own in enumerate(self.ranges.ranges):
            family = Family(banks[classes[index]])
            family.slot_class = classes[index]
            family.hints = self.ranges.hints[index]
            self.families.append(family)
            bundle = Bundle(index, family)
            bundle.ranges = own.copy()
            self.bundles.append(bundle)
            for range_ in own:
                range_.bundle = index
        copies = self.ranges.copies
        order = list(range(0, len(copies), 3))
        order.sort(key=lambda place: -copies[place])
        for place in order:
            self._merge(copies[place + 1], copies[place + 2])
        for bundle in self.bundles:
            self.family_of.append(bundle.family)
        for index in function.floating:
            self._float(index)
        for bundle in self.bundles:
            if bundle.ranges:
                extent = bundle.family.extent
                for range_ in bundle.ranges:
                    self.family_of[range_.register] = bundle.family
                    if extent and extent[-1] == range_.start:
                        extent[-1] = range_.end
                    else:
                        extent.append(range_.start)
                        extent.append(range_.end)

    def _float(self, index: int) -> None:
        """A value that can be recomputed anywhere, wanted in loops: a bundle for each outermost loop that uses it."""
        bundle = self.bundles[index]
        if bundle.ranges != self.ranges.ranges[index]:
            return  # coalesced with something else
        bundle.ranges = []
        loops = self.loops
        parts: dict[int, list[LiveRange]] = {}
        for range_ in list(self.ranges.ranges[index]):
            rest = range_
            while True:
                loop = loops.outermost(rest.start)
                if loop < 0:
                    following = NEVER
                    for number, parent in enumerate(loops.parents):
                        if parent < 0 and loops.starts[number] > rest.start:
                            following = loops.starts[number]
                            break
                    outside = rest
                    rest = self._cut(outside, following) if following < outside.end else outside
                    self._outside_loops(bundle.family, outside)
                    if rest is outside:
                        break
                    continue
                parts.setdefault(loop, []).append(rest)
                if loops.ends[loop] >= rest.end:
                    break
                rest = self._cut(rest, loops.ends[loop])
        for ranges in parts.values():
            if first_use(ranges) < 0:
                self._spill(bundle.family, ranges)
            else:
                self._reweigh(ranges)
                self._new_bundle(bundle.family, ranges, 0)

    def _outside_loops(self, family: Family, range_: LiveRange) -> None:
        """A stretch of a floating value between loops: nobody needs it there, but in blocks of a loop that stand apart."""
        for use in range_.uses:
            if not use & USE_DEFINES:
                self._reweigh([range_])
                self._new_bundle(family, [range_], 0)
                return
        self._spill(family, [range_])

    def _part_at_prologue(self) -> None:
        """Calls are behind a prologue that is not at the entry: what crosses them is parted there, so that it is in a register
        that the callee saves only behind it."""
        regions = self.regions
        needs = [False] * len(regions.blocks)
        for position in self.ranges.clobber_positions:
            needs[regions.at(position)] = True
        behind = shrink_wrapping.inside(self.function, needs, self.target.return_operation)
        if not behind:
            return
        self.before_prologue = [not inside for inside in behind]
        first = regions.blocks[behind.index(True)]  # executed as often as the prologue, or more often
        self.saving_cost = min(self.saving_cost, 2 * first.frequency)
        for bundle in self.bundles[:]:
            if bundle.ranges and self._clobbers(bundle.ranges):
                extent = Extent(regions, bundle.ranges)
                parts = [behind[place] for place in extent.places]
                if not all(parts) and any(parts):
                    before = self._part(bundle, extent, parts)
                    self._reweigh(before)
                    self._reweigh(bundle.ranges)
                    self._new_bundle(bundle.family, before, 0)

    def _cut(self, range_: LiveRange, position: int) -> LiveRange:
        rest = cut(range_, position)
        self.ranges.ranges[rest.register].append(rest)
        return rest

    def _reweigh(self, ranges: list[LiveRange]) -> None:
        """After a split: the weight of each range from the places of its uses."""
        blocks = self.function.blocks
        for range_ in ranges:
            weight = 0
            for use in range_.uses:
                weight += blocks[self._block_at(use >> 2)].frequency
            range_.weight = weight

    def _merge(self, x: int, y: int) -> None:
        """Merge the bundles of virtual registers x and y if they are not live together."""
        ranges = self.ranges.ranges
        if not ranges[x] or not ranges[y]:
            return
        a = self.bundles[ranges[x][0].bundle]
        b = self.bundles[ranges[y][0].bundle]
        if a is b or a.family.bank != b.family.bank:
            return
        if len(a.ranges) < len(b.ranges):
            a, b = b, a
        if len(a.ranges) > _MERGE_LIMIT or not disjoint(a.ranges, b.ranges):
            return
        a.ranges = merged(a.ranges, b.ranges)
        for range_ in b.ranges:
            range_.bundle = a.number
        b.ranges = []
        if b.family.slot_class > a.family.slot_class:
            a.family.slot_class = b.family.slot_class
        if b.family.hints:
            a.family.hints = a.family.hints + b.family.hints

    def _enqueue(self, bundle: Bundle) -> None:
        heapq.heappush(self.queue, -length_of(bundle.ranges) << 32 | bundle.number)

    def _measure(self, bundle: Bundle) -> None:
        """Weight of the bundle; what can be recomputed is the cheapest to lose."""
        bundle.measure()
        if not bundle.minimal:
            definitions = self.function.definitions
            for range_ in bundle.ranges:
                if definitions[range_.register] is None:
                    return
            bundle.weight >>= 2

    def _new_bundle(self, family: Family, ranges: list[LiveRange], splits: int) -> Bundle:
        bundle = Bundle(len(self.bundles), family)
        bundle.splits = splits
        bundle.ranges = ranges
        for range_ in ranges:
            range_.bundle = bundle.number
        self.bundles.append(bundle)
        return bundle

    # ---- one bundle

    def _process(self, bundle: Bundle) -> None:
        ranges = bundle.ranges
        clobbered = self._clobbers(ranges)
        order = self.target.allocation_order[bundle.family.bank]
        hints = bundle.family.hints
        mask = self.target.allocatable & ~clobbered
        for register in hints:
            if mask >> register & 1 and self.occupancy[register].conflict(ranges) == NEVER:
                self._assign(bundle, register)
                return
        best = -1
        best_weight = bundle.weight
        furthest = -1
        for register in order:
            if not mask >> register & 1:
                continue
            first = self.occupancy[register].conflict(ranges)
            if first == NEVER:
                if self._too_cheap(bundle, register):
                    break
                self._assign(bundle, register)
                return
            weight = self._conflicting(bundle, register, best_weight)
            if weight < best_weight:
                best_weight = weight
                best = register
            if first > furthest:
                furthest = first
        if best >= 0:
            self._evict(bundle, best)
            self._assign(bundle, best)
            return
        if bundle.minimal:
            end = last_use_end(ranges)
            if end < ranges[-1].end:
                self._split_at(bundle, end)
                return
            raise AllocationError("impossible register constraints")
        if not bundle.required and (bundle.total <= 0 or bundle.splits > 0 or not clobbered):
            self._spill(bundle.family, ranges)
            return
        if self._split_by_regions(bundle):
            return
        if clobbered:
            first = self._first_clobber(ranges)
            for register in order:
                if clobbered >> register & 1:
                    at = min(first, self.occupancy[register].conflict(ranges))
                    if at > furthest:
                        furthest = at
        self._split(bundle, furthest)

    def _too_cheap(self, bundle: Bundle, register: int) -> bool:
        """Saving and restoring a callee-saved register for this bundle alone costs more than memory would."""
        if not self.target.callee_saved >> register & 1 or self.used >> register & 1 or bundle.minimal:
            return False
        return bundle.total < self.saving_cost

    def _assign(self, bundle: Bundle, register: int) -> None:
        bundle.register = register
        self.used |= 1 << register
        occupancy = self.occupancy[register]
        number = bundle.number
        for range_ in bundle.ranges:
            occupancy.add(range_.start, range_.end, number)

    def _clobbers(self, ranges: list[LiveRange]) -> int:
        """Registers that are destroyed somewhere within the ranges."""
        positions = self.ranges.clobber_positions
        if not positions:
            return 0
        masks = self.ranges.clobber_masks
        result = 0
        count = len(positions)
        for range_ in ranges:
            index = bisect_right(positions, range_.start - 1)
            end = range_.end
            while index < count and positions[index] < end:
                result |= masks[index]
                index += 1
                if index & 15 == 0 and result:  # calls nearly always have the same mask
                    break
        return result

    def _first_clobber(self, ranges: list[LiveRange]) -> int:
        positions = self.ranges.clobber_positions
        for range_ in ranges:
            index = bisect_right(positions, range_.start - 1)
            if index < len(positions) and positions[index] < range_.end:
                return positions[index]
        return NEVER

    def _conflicting(self, bundle: Bundle, register: int, limit: int) -> int:
        """What it costs to take the register from the owners that stand in the way, as a weight: the largest one of those that
        lose it altogether, or what those lose that keep it elsewhere; `limit` or more when that is too much."""
        ranges = bundle.ranges
        occupancy = self.occupancy[register]
        starts = occupancy.starts
        ends = occupancy.ends
        owners = occupancy.owners
        count = len(starts)
        worst = 0
        carved: list[int] = []
        for range_ in ranges:
            index = bisect_right(starts, range_.start)
            if index > 0 and ends[index - 1] > range_.start:
                index -= 1
            end = range_.end
            while index < count and starts[index] < end:
                owner = owners[index]
                index += 1
                if owner == FIXED:
                    return MINIMAL_WEIGHT * 4
                other = self.bundles[owner]
                weight = other.weight
                if weight >= bundle.weight:
                    return weight
                if is_part(bundle, other):
                    if owner not in carved:
                        carved.append(owner)
                elif weight > worst:
                    worst = weight
                    if worst >= limit:
                        return worst
        return max(worst, self._carving_weight(bundle, carved)) if carved else worst

    def _carving_weight(self, bundle: Bundle, owners: list[int]) -> int:
        region = self.regions.of(bundle.ranges)
        if len(region) > _CARVED_BLOCKS:
            worst = 0
            for owner in owners:
                worst = max(worst, self.bundles[owner].weight)
            return worst
        cost = 0
        for owner in owners:
            cost += self.regions.carving_cost(self.bundles[owner], region)
        return (cost << 10) // (bundle.length + 8)

    def _evict(self, bundle: Bundle, register: int) -> None:
        """Take the register away from every bundle that conflicts with `bundle`, or from their parts in its blocks, and queue
        those again."""
        occupancy = self.occupancy[register]
        victims: list[int] = []
        for range_ in bundle.ranges:
            index = bisect_right(occupancy.starts, range_.start)
            if index > 0 and occupancy.ends[index - 1] > range_.start:
                index -= 1
            while index < len(occupancy.starts) and occupancy.starts[index] < range_.end:
                owner = occupancy.owners[index]
                if owner not in victims:
                    victims.append(owner)
                index += 1
        region: list[int] = []
        for owner in victims:
            victim = self.bundles[owner]
            for range_ in victim.ranges:
                occupancy.remove(range_.start, owner)
            victim.register = UNASSIGNED
            if is_part(bundle, victim):
                if not region:
                    region = self.regions.of(bundle.ranges)
                if len(region) <= _CARVED_BLOCKS and self._carve(victim, register, set(region)):
                    continue
            self._enqueue(victim)

    def _carve(self, bundle: Bundle, register: int, region: set[int]) -> bool:
        """Let the bundle keep its register outside of `region`, if it is used there."""
        extent = Extent(self.regions, bundle.ranges)
        keep = [place not in region for place in extent.places]
        weight = 0
        for index, kept in enumerate(keep):
            if kept:
                weight += extent.weights[index]
        if weight == 0:
            return False
        self._divide(bundle, extent, keep, register)
        return True

    # ---- splitting by regions

    def _split_by_regions(self, bundle: Bundle) -> bool:
        """Give the bundle a register in most of its blocks; False if none is worth it."""
        if bundle.splits >= _SPLIT_LIMIT or self.regions.at(bundle.ranges[0].start) + _REGION_BLOCKS > self.regions.at(
            bundle.ranges[-1].end - 1
        ):
            return False
        extent = Extent(self.regions, bundle.ranges)
        if not _REGION_BLOCKS <= len(extent.places) <= _REGION_LIMIT:
            return False
        best = -1
        best_weight = bundle.total >> 2
        masks = self._clobbers_by_block(extent)
        for register in self.target.allocation_order[bundle.family.bank]:
            if not self.target.allocatable >> register & 1:
                continue
            weight = self._free_weight(extent, masks, register, best_weight)
            if weight > best_weight:
                best = register
                best_weight = weight
        if best < 0:
            return False
        blocked = [mask >> best & 1 != 0 for mask in masks]
        occupancy = self.occupancy[best]
        segments = extent.segments
        for place in range(0, len(segments), 3):
            index = segments[place]
            if not blocked[index] and not occupancy.is_free(segments[place + 1], segments[place + 2]):
                blocked[index] = True
        keep = extent.relax(blocked)
        if not keep:
            return False
        bundle.splits += 1
        self._divide(bundle, extent, keep, best)
        return True

    def _free_weight(self, extent: Extent, masks: list[int], register: int, enough: int) -> int:
        """Weight of the blocks in which the register is free; less than that when it is not more than `enough`."""
        weights = extent.weights
        weight = 0
        for index, mask in enumerate(masks):
            if not mask >> register & 1:
                weight += weights[index]
        if self.target.callee_saved >> register & 1 and not self.used >> register & 1:
            weight -= self.saving_cost
        occupancy = self.occupancy[register]
        segments = extent.segments
        last = -1
        for place in range(0, len(segments), 3):
            if weight <= enough:
                break
            index = segments[place]
            if index == last or weights[index] == 0 or masks[index] >> register & 1:
                continue
            if not occupancy.is_free(segments[place + 1], segments[place + 2]):
                weight -= weights[index]
                last = index  # the block counts once
        return weight

    def _clobbers_by_block(self, extent: Extent) -> list[int]:
        """By index of the extent: what is destroyed within the bundle there."""
        positions = self.ranges.clobber_positions
        masks = self.ranges.clobber_masks
        result = [0] * len(extent.places)
        segments = extent.segments
        for place in range(0, len(segments), 3):
            index = bisect_right(positions, segments[place + 1] - 1)
            end = segments[place + 2]
            while index < len(positions) and positions[index] < end:
                result[segments[place]] |= masks[index]
                index += 1
        return result

    def _divide(self, bundle: Bundle, extent: Extent, keep: list[bool], register: int) -> None:
        """The bundle keeps what lies in the blocks to keep, in `register`; each stretch of the others is queued for itself."""
        family = bundle.family
        last = -1  # end of the last range in `others`
        others: list[LiveRange] = []
        regions = self.regions
        for range_ in self._part(bundle, extent, keep):
            if others and regions.at(last - 1) + 1 < regions.at(range_.start):
                self._requeue(family, others, bundle.splits + 1)
                others = []
            others.append(range_)
            last = range_.end
        self._requeue(family, others, bundle.splits + 1)
        self._reweigh(bundle.ranges)
        self._measure(bundle)
        if register not in family.hints:
            family.hints = [register, *family.hints]
        self._assign(bundle, register)

    def _part(self, bundle: Bundle, extent: Extent, keep: list[bool]) -> list[LiveRange]:
        """Cut the bundle at the borders of the blocks to keep, and return what it loses."""
        kept: list[LiveRange] = []
        others: list[LiveRange] = []
        regions = self.regions
        for range_ in bundle.ranges:
            rest = range_
            place = regions.at(rest.start)
            while True:
                keeping = keep[extent.index[place]]
                end = place + 1
                while regions.blocks[end - 1].end < rest.end and keep[extent.index[end]] == keeping:
                    end += 1
                piece = rest
                border = regions.blocks[end - 1].end
                if border < rest.end:
                    rest = self._cut(piece, border)
                if keeping:
                    piece.bundle = bundle.number
                    kept.append(piece)
                else:
                    others.append(piece)
                if rest is piece:
                    break
                place = end
        bundle.ranges = kept
        return others

    # ---- splitting and spilling

    def _spill(self, family: Family, ranges: list[LiveRange]) -> None:
        for range_ in ranges:
            range_.bundle = IN_MEMORY
            family.spilled.append(range_)

    def _block_at(self, position: int) -> int:
        return bisect_right(self.block_starts, position) - 1

    def _split(self, bundle: Bundle, conflict: int) -> None:
        """Split before `conflict`, the first position where no register is free any more."""
        ranges = bundle.ranges
        first = first_use(ranges)
        if first < 0:
            self._spill(bundle.family, ranges)
            return
        if bundle.splits >= _SPLIT_LIMIT:
            self._shatter(bundle)
            return
        after_first = (first | 1) + 1
        if conflict < after_first:
            if first & ~1 > ranges[0].start:
                # Nothing is free up to the first use: memory until there.
                self._split_at(bundle, first & ~1)
                return
            at = after_first if after_first < ranges[-1].end else first + 1
            if conflict == first + 1 and not first & 1:
                at = conflict
            self._split_at(bundle, at)
            return
        at = self._out_of_loops(after_first, conflict)
        if at >= ranges[-1].end:
            at = after_first
        self._split_at(bundle, at)

    def _out_of_loops(self, low: int, high: int) -> int:
        """The best place in [low, high]: in front of the largest loop around `high` that begins at or behind `low`."""
        loop = self.loops.outermost_without(high, low)
        return self.loops.starts[loop] if loop >= 0 else high

    def _split_at(self, bundle: Bundle, at: int) -> None:
        """Two bundles, each trimmed to the stretch between its first and last use; the rest goes to memory."""
        left: list[LiveRange] = []
        right: list[LiveRange] = []
        for range_ in bundle.ranges:
            if range_.end <= at:
                left.append(range_)
            elif range_.start >= at:
                right.append(range_)
            else:
                rest = self._cut(range_, at)
                left.append(range_)
                right.append(rest)
        bundle.ranges = []
        family = bundle.family
        splits = bundle.splits + 1
        # A bundle that does not get smaller would be tried for ever.
        self._requeue(family, self._trim_end(family, left, at), splits)
        self._requeue(family, self._trim_start(family, right), splits)

    def _requeue(self, family: Family, ranges: list[LiveRange], splits: int) -> None:
        if ranges:
            self._reweigh(ranges)
            bundle = self._new_bundle(family, ranges, splits)
            self._measure(bundle)
            self._enqueue(bundle)

    def _trim_end(self, family: Family, ranges: list[LiveRange], at: int) -> list[LiveRange]:
        end = last_use_end(ranges)
        if end < 0:
            self._spill(family, ranges)
            return []
        if end & 1 and end + 1 <= at:
            end += 1  # moves are possible in front of instructions only
        end = self._whole_loop(ranges, end)
        kept: list[LiveRange] = []
        for range_ in ranges:
            if range_.end <= end:
                kept.append(range_)
            elif range_.start >= end:
                self._spill(family, [range_])
            else:
                rest = self._cut(range_, end)
                kept.append(range_)
                self._spill(family, [rest])
        return kept

    def _whole_loop(self, ranges: list[LiveRange], end: int) -> int:
        """When the value is needed again in the next round of the loop that holds its last use, keep it to the loop's end."""
        loops = self.loops
        loop = loops.at(end - 1)
        first = ranges[0].start
        last = ranges[-1].end
        while loop >= 0 and loops.starts[loop] >= first and loops.ends[loop] <= last:
            bottom = loops.ends[loop]
            for range_ in ranges:
                if range_.start < bottom <= range_.end:
                    end = bottom
                    break
            loop = loops.parents[loop]
        return end

    def _trim_start(self, family: Family, ranges: list[LiveRange]) -> list[LiveRange]:
        start = first_use(ranges)
        if start < 0:
            self._spill(family, ranges)
            return []
        start &= ~1
        loop = self.loops.outermost_without(start, ranges[0].start)
        if loop >= 0:
            start = max(self.loops.starts[loop], ranges[0].start)
        kept: list[LiveRange] = []
        for range_ in ranges:
            if range_.start >= start:
                kept.append(range_)
            elif range_.end <= start:
                self._spill(family, [range_])
            else:
                rest = self._cut(range_, start)
                self._spill(family, [range_])
                kept.append(rest)
        return kept

    def _shatter(self, bundle: Bundle) -> None:
        """A bundle for every instruction that uses the value."""
        family = bundle.family
        ranges = bundle.ranges
        bundle.ranges = []
        for range_ in ranges:
            rest = range_
            while True:
                if not rest.uses:
                    self._spill(family, [rest])
                    break
                position = rest.uses[0] >> 2
                if rest.start < position & ~1:
                    piece = rest
                    rest = self._cut(piece, position & ~1)
                    self._spill(family, [piece])
                end = last_use_end_of_instruction(rest)
                if end >= rest.end:
                    self._requeue(family, [rest], bundle.splits + 1)
                    break
                piece = rest
                rest = self._cut(piece, end)
                self._requeue(family, [piece], bundle.splits + 1)

    def _second_chance(self, family: Family) -> None:
        """Ranges without required uses that wait for memory take a register that stayed free."""
        order = self.target.allocation_order[family.bank]
        for range_ in family.spilled:
            if range_.start & 1 or range_.end & 1:
                continue  # a move into or out of a register would be needed inside an instruction
            if self.function.definitions[range_.register] is not None:
                continue
            ranges = [range_]
            clobbered = self._clobbers(ranges)
            for register in order:
                if clobbered >> register & 1 or not self.used >> register & 1:
                    continue
                if self.occupancy[register].conflict(ranges) == NEVER:
                    bundle = self._new_bundle(family, ranges, 0)
                    bundle.register = register
                    self.occupancy[register].add(range_.start, range_.end, bundle.number)
                    break


def allocate(ranges: LiveRanges) -> Allocation:
    allocation = Allocation(ranges)
    allocation.run()
    return allocation
