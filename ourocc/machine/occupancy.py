"""What holds one physical register, position by position, while registers are allocated."""

from bisect import bisect_right
from typing import Final, final

from ourocc.machine.live_ranges import LiveRange

NEVER: Final = 1 << 60
FIXED: Final = -1  # an owner that cannot be evicted


@final
class Occupancy:
    """What holds one physical register: parallel lists ascending by start."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.owners: list[int] = []

    def add(self, start: int, end: int, owner: int) -> None:
        starts = self.starts
        if not starts or starts[-1] < start:
            starts.append(start)
            self.ends.append(end)
            self.owners.append(owner)
            return
        index = bisect_right(starts, start)
        starts.insert(index, start)
        self.ends.insert(index, end)
        self.owners.insert(index, owner)

    def remove(self, start: int, owner: int) -> None:
        index = bisect_right(self.starts, start) - 1
        while self.owners[index] != owner or self.starts[index] != start:
            index -= 1
        del self.starts[index]
        del self.ends[index]
        del self.owners[index]

    def conflict(self, ranges: list[LiveRange]) -> int:
        """The first position in `ranges` that is taken, NEVER if there is none."""
        starts = self.starts
        if not starts:
            return NEVER
        count = len(starts)
        for range_ in ranges:
            start = range_.start
            index = bisect_right(starts, start)
            if index > 0 and self.ends[index - 1] > start:
                return start
            if index < count and starts[index] < range_.end:
                return starts[index]
        return NEVER

    def is_free(self, start: int, end: int) -> bool:
        index = bisect_right(self.starts, start)
        if index > 0 and self.ends[index - 1] > start:
            return False
        return index >= len(self.starts) or self.starts[index] >= end
