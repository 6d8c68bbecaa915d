"""Analyses of the control-flow graph: reverse postorder, dominators, frontiers, natural loops.

Computed on demand, kept nowhere: a pass that changes the graph asks again.  Dominators by Cooper, Harvey and Kennedy
("A Simple, Fast Dominance Algorithm", 2001); loops by back edges in the dominator tree.  Everything is indexed by block id.
"""

from typing import final

from ourocc.ir.function import Block, Function


def reverse_postorder(function: Function) -> list[Block]:
    """The blocks that the entry reaches, each before its successors but for back edges."""
    visited = bytearray(function.block_count)
    order: list[Block] = []
    stack: list[Block] = [function.blocks[0]]
    next_successor: list[int] = [0]
    visited[function.blocks[0].id] = 1
    while stack:
        block = stack[-1]
        index = next_successor[-1]
        successors = block.successors
        if index < len(successors):
            next_successor[-1] = index + 1
            successor = successors[index]
            if not visited[successor.id]:
                visited[successor.id] = 1
                stack.append(successor)
                next_successor.append(0)
        else:
            order.append(block)
            stack.pop()
            next_successor.pop()
    order.reverse()
    return order


@final
class Dominators:
    """The dominator tree.  `immediate[b.id]` is None for the entry and for unreachable blocks."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.order = reverse_postorder(function)
        count = function.block_count
        self.number: list[int] = [-1] * count  # position in `order`, -1 when unreachable
        self.immediate: list[Block | None] = [None] * count
        self.children: list[list[Block]] = [[] for _ in range(count)]
        self.enter: list[int] = [0] * count  # preorder interval, for `dominates`
        self.leave: list[int] = [0] * count
        for index, block in enumerate(self.order):
            self.number[block.id] = index
        self._compute()
        self._number_tree()

    def _compute(self) -> None:
        order = self.order
        number = self.number
        parent: list[int] = [-1] * len(order)  # immediate dominators as positions in `order`
        parent[0] = 0
        changed = True
        while changed:
            changed = False
            for index in range(1, len(order)):
                best = -1
                for predecessor in order[index].predecessors:
                    other = number[predecessor.id]
                    if other < 0 or parent[other] < 0:
                        continue
                    if best < 0:
                        best = other
                        continue
                    x = best
                    y = other
                    while x != y:
                        while x > y:
                            x = parent[x]
                        while y > x:
                            y = parent[y]
                    best = x
                if best != parent[index]:
                    parent[index] = best
                    changed = True
        for index in range(1, len(order)):
            block = order[index]
            dominator = order[parent[index]]
            self.immediate[block.id] = dominator
            self.children[dominator.id].append(block)

    def _number_tree(self) -> None:
        counter = 0
        stack: list[Block] = [self.order[0]]
        state: list[int] = [0]
        self.enter[self.order[0].id] = 0
        while stack:
            block = stack[-1]
            index = state[-1]
            children = self.children[block.id]
            if index < len(children):
                state[-1] = index + 1
                counter += 1
                child = children[index]
                self.enter[child.id] = counter
                stack.append(child)
                state.append(0)
            else:
                counter += 1
                self.leave[block.id] = counter
                stack.pop()
                state.pop()

    def reachable(self, block: Block) -> bool:
        return self.number[block.id] >= 0

    def dominates(self, x: Block, y: Block) -> bool:
        """Every path from the entry to y passes x (x == y included)."""
        return self.enter[x.id] <= self.enter[y.id] and self.leave[y.id] <= self.leave[x.id]

    def frontiers(self) -> list[list[Block]]:
        """Dominance frontier of each block (Cytron et al. 1991), by block id."""
        found: list[list[Block]] = [[] for _ in range(self.function.block_count)]
        for block in self.order:
            if len(block.predecessors) < 2:
                continue
            stop = self.immediate[block.id]
            for predecessor in block.predecessors:
                runner: Block | None = predecessor
                if self.number[predecessor.id] < 0:
                    continue
                while runner is not None and runner is not stop:
                    frontier = found[runner.id]
                    if not frontier or frontier[-1] is not block:
                        frontier.append(block)
                    runner = self.immediate[runner.id]
        return found


@final
class Loop:
    """A natural loop: the blocks from which a back edge to `header` is reached without passing it."""

    def __init__(self, header: Block) -> None:
        self.header = header
        self.parent: Loop | None = None
        self.blocks: list[Block] = []  # inner loops' blocks included
        self.members: set[int] = set()  # ids of `blocks`
        self.latches: list[Block] = []  # sources of the back edges
        self.depth = 1
        self.children: list[Loop] = []

    def contains(self, block: Block) -> bool:
        return block.id in self.members

    def exits(self) -> list[tuple[Block, Block]]:
        """Edges that leave the loop."""
        found: list[tuple[Block, Block]] = []
        for block in self.blocks:
            for successor in block.successors:
                if successor.id not in self.members:
                    found.append((block, successor))
        return found

    def preheader(self) -> Block | None:
        """The only predecessor outside the loop, when it has no other successor."""
        outside: Block | None = None
        for predecessor in self.header.predecessors:
            if predecessor.id not in self.members:
                if outside is not None:
                    return None
                outside = predecessor
        if outside is None or len(outside.successors) != 1:
            return None
        return outside


@final
class Loops:
    """The loop forest.  `innermost[b.id]`: the innermost loop of a block.  Irreducible cycles are no loops here."""

    def __init__(self, function: Function, dominators: Dominators) -> None:
        self.loops: list[Loop] = []  # inner loops before the loops around them
        self.innermost: list[Loop | None] = [None] * function.block_count
        headers: list[Loop] = []
        for block in dominators.order:
            loop: Loop | None = None
            for predecessor in block.predecessors:
                if dominators.reachable(predecessor) and dominators.dominates(block, predecessor):
                    if loop is None:
                        loop = Loop(block)
                        headers.append(loop)
                    loop.latches.append(predecessor)
        for loop in reversed(headers):  # later headers first: inner before outer
            self._collect(loop, dominators)
            self.loops.append(loop)
        self._nest()

    def _collect(self, loop: Loop, dominators: Dominators) -> None:
        loop.members.add(loop.header.id)
        loop.blocks.append(loop.header)
        stack = [latch for latch in loop.latches]
        while stack:
            block = stack.pop()
            if block.id in loop.members:
                continue
            loop.members.add(block.id)
            loop.blocks.append(block)
            for predecessor in block.predecessors:
                if dominators.reachable(predecessor):
                    stack.append(predecessor)

    def _nest(self) -> None:
        for index, loop in enumerate(self.loops):
            for outer in self.loops[index + 1 :]:
                if loop.header.id in outer.members and outer is not loop:
                    loop.parent = outer
                    outer.children.append(loop)
                    break
        for loop in reversed(self.loops):
            loop.depth = loop.parent.depth + 1 if loop.parent is not None else 1
            for block in loop.blocks:
                self.innermost[block.id] = loop

    def depth(self, block: Block) -> int:
        loop = self.innermost[block.id]
        return loop.depth if loop is not None else 0
