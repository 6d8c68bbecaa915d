"""Bundles: sets of live ranges that must share one location, and how they are formed, split and measured.

Coalescing is the merging of bundles: two virtual registers that are connected by a copy or a phi and are never live at the
same time become one bundle, and the copy disappears.  A bundle that gets no register is split; all parts remember their
common `family`, which owns one spill slot.  (The scheme is that of IonMonkey's backtracking allocator and of regalloc2.)
"""

from typing import Final, final

from ourocc.machine.live_ranges import USE_DEFINES, USE_REGISTER, LiveRange

UNASSIGNED: Final = -1
IN_MEMORY: Final = -2  # in the family's slot, or recomputed where it is used
MINIMAL_WEIGHT: Final = 1 << 40  # bundles that cannot be split any further


@final
class Family:
    """The parts of one coalesced bundle; `extent` (flat start, end, ...) is where its spill slot is reserved."""

    def __init__(self, bank: int) -> None:
        self.bank = bank
        self.slot = -1
        self.slot_class = 0
        self.extent: list[int] = []
        self.hints: list[int] = []  # physical registers, best first
        self.spilled: list[LiveRange] = []  # ranges outside of every bundle, waiting for their second chance


@final
class Bundle:
    def __init__(self, number: int, family: Family) -> None:
        self.number = number
        self.family = family
        self.ranges: list[LiveRange] = []  # ascending, disjoint
        self.register = UNASSIGNED
        self.weight = 0  # cost of not being in a register, per length
        self.total = 0  # sum of the frequencies of the uses
        self.length = 0  # of its ranges together
        self.splits = 0
        self.minimal = False
        self.required = False  # has a use that must be in a register

    def measure(self) -> None:
        """Set weight, total, minimal and required from the ranges."""
        length = 0
        total = 0
        required = False
        for range_ in self.ranges:
            length += range_.end - range_.start
            total += range_.weight
            for use in range_.uses:
                if use & USE_REGISTER:
                    required = True
                    break
        ranges = self.ranges
        self.total = total
        self.length = length
        self.required = required
        self.minimal = required and (ranges[-1].end - 1) >> 1 == ranges[0].start >> 1
        self.weight = MINIMAL_WEIGHT + total if self.minimal else (total << 10) // (length + 8)


def length_of(ranges: list[LiveRange]) -> int:
    length = 0
    for range_ in ranges:
        length += range_.end - range_.start
    return length


def disjoint(x: list[LiveRange], y: list[LiveRange]) -> bool:
    """No position is in both."""
    i = 0
    j = 0
    while i < len(x) and j < len(y):
        a = x[i]
        b = y[j]
        if a.end <= b.start:
            i += 1
        elif b.end <= a.start:
            j += 1
        else:
            return False
    return True


def merged(x: list[LiveRange], y: list[LiveRange]) -> list[LiveRange]:
    """Both, ascending."""
    result: list[LiveRange] = []
    i = 0
    j = 0
    while i < len(x) and j < len(y):
        if x[i].start < y[j].start:
            result.append(x[i])
            i += 1
        else:
            result.append(y[j])
            j += 1
    result += x[i:]
    result += y[j:]
    return result


def cut(range_: LiveRange, position: int) -> LiveRange:
    """Shorten `range_` to end at `position`; returns the rest, with its uses."""
    rest = LiveRange(range_.register, range_.end)
    rest.start = position
    range_.end = position
    uses = range_.uses
    keep = 0
    while keep < len(uses) and uses[keep] >> 2 < position:
        keep += 1
    if uses:
        rest.weight = range_.weight * (len(uses) - keep) // len(uses)
        range_.weight -= rest.weight
    rest.uses = uses[keep:]
    del uses[keep:]
    return rest


def first_use(ranges: list[LiveRange]) -> int:
    """Position of the first use, -1 if there is none."""
    for range_ in ranges:
        if range_.uses:
            return range_.uses[0] >> 2
    return -1


def last_use_end(ranges: list[LiveRange]) -> int:
    """Where the value is no longer needed in a register after its last use."""
    for index in range(len(ranges) - 1, -1, -1):
        uses = ranges[index].uses
        if uses:
            use = uses[-1]
            position = use >> 2
            return (position | 1) + 1 if use & USE_DEFINES else position + 1
    return -1


def is_part(bundle: Bundle, other: Bundle) -> bool:
    """`other` is much larger: it may lose a register within the blocks of `bundle` alone."""
    return other.length > 6 * bundle.length + 40


def last_use_end_of_instruction(range_: LiveRange) -> int:
    """The end of what the first instruction that uses the range needs of it."""
    uses = range_.uses
    instruction = uses[0] >> 3
    end = 0
    for use in uses:
        if use >> 3 != instruction:
            break
        position = use >> 2
        end = max(end, (position | 1) + 1 if use & 2 else position + 1)
    return end
