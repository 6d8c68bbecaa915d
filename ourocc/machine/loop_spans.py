"""Loops as spans of positions in the linear order, for register allocation.

A loop is found from each backward edge of the layout: it spans from its header's start to the end of the last block that
jumps back to it.  That is exact where loops are contiguous (see `block_order`), and a safe guess elsewhere: positions decide
where moves are put, never whether they are right.
"""

from bisect import bisect_right
from typing import final

from ourocc.machine.function import MachineBlock


@final
class LoopSpans:
    def __init__(self, blocks: list[MachineBlock]) -> None:
        self.starts: list[int] = []  # by loop, ascending; of equal ones the longer first
        self.ends: list[int] = []
        self.parents: list[int] = []
        self.block_starts: list[int] = [block.start for block in blocks]
        self.innermost: list[int] = [-1] * len(blocks)  # by index of the block
        self._find(blocks)

    def _find(self, blocks: list[MachineBlock]) -> None:
        ends: dict[int, int] = {}
        for block in blocks:
            for successor in block.successors:
                if successor.start <= block.start:
                    ends[successor.start] = max(ends.get(successor.start, 0), block.end)
        if not ends:
            return
        open_loops: list[int] = []
        for number, block in enumerate(blocks):
            while open_loops and self.ends[open_loops[-1]] <= block.start:
                open_loops.pop()
            if block.start in ends:
                end = ends[block.start]
                if open_loops:  # loops that overlap without being nested are taken as one
                    end = min(end, self.ends[open_loops[-1]])
                self.parents.append(open_loops[-1] if open_loops else -1)
                open_loops.append(len(self.starts))
                self.starts.append(block.start)
                self.ends.append(end)
            self.innermost[number] = open_loops[-1] if open_loops else -1

    def at(self, position: int) -> int:
        """The innermost loop around a position, -1 for none."""
        if not self.starts:
            return -1
        return self.innermost[bisect_right(self.block_starts, position) - 1]

    def outermost_without(self, position: int, outside: int) -> int:
        """The largest loop that contains `position` but not `outside`; -1 for none."""
        loop = self.at(position)
        found = -1
        while loop >= 0 and not self.starts[loop] <= outside < self.ends[loop]:
            found = loop
            loop = self.parents[loop]
        return found

    def outermost(self, position: int) -> int:
        loop = self.at(position)
        while loop >= 0 and self.parents[loop] >= 0:
            loop = self.parents[loop]
        return loop

    def depth(self, position: int) -> int:
        loop = self.at(position)
        depth = 0
        while loop >= 0:
            depth += 1
            loop = self.parents[loop]
        return depth
