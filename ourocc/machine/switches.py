"""Lowers `switch`: dense runs of cases to jump tables, few targets in a small range to bit tests, the rest to a balanced
tree of comparisons (Bernstein 1985; Hennessy and Mendelsohn 1982).

Before: switch v1, b9, 1: b2, 2: b3, 3: b4, 7: b5, 1000: b6
After:  a tree of `branch`es; its leaves are tests for one value or range, or a range check in front of a block with
        `switch` marked by extra = 1: a table, whose control value is an index known to be within the cases' range.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, SwitchCase, Value, add_edge, normalize

_MINIMUM_TABLE: Final = 5  # cases
_MINIMUM_DENSITY: Final = 40  # per cent
_MAXIMUM_TABLE: Final = 1 << 16
_MINIMUM_BIT_TEST: Final = 3


@final
class Cluster:
    """Neighbouring cases that one leaf handles; `rows` are (low, high, target)."""

    def __init__(self, rows: list[tuple[int, int, Block]]) -> None:
        self.rows = rows
        self.low = rows[0][0]
        self.high = rows[-1][1]
        self.table = False
        self.bits = False


@final
class SwitchLowering:
    def __init__(self, function: Function, block: Block, tables: bool) -> None:
        self.function = function
        self.block = block
        self.tables = tables
        self.value = block.terminator
        self.control = self.value.args[0]
        self.type = self.control.type
        self.default = block.successors[0]
        self.phi_arguments: list[tuple[Block, list[Value]]] = []
        self.made: list[Block] = []

    def run(self) -> list[Block]:
        """Replace the terminator; the new blocks, in layout order."""
        rows = self.rows()
        self.detach()
        clusters = self.cluster(rows)
        self.tree(self.block, clusters, self.minimum(), self.maximum())
        self.value.clear_arguments()
        return self.made

    def minimum(self) -> int:
        return -(1 << (ty.BITS[self.type] - 1))

    def maximum(self) -> int:
        return (1 << (ty.BITS[self.type] - 1)) - 1

    def rows(self) -> list[tuple[int, int, Block]]:
        """Cases by value, neighbours with one target merged."""
        assert self.value.cases is not None
        order = sorted(
            ((case.low, case.high, self.block.successors[case.target]) for case in self.value.cases),
            key=lambda row: row[0],
        )
        result: list[tuple[int, int, Block]] = []
        for low, high, target in order:
            if low > high:
                continue
            if result and result[-1][2] is target and result[-1][1] + 1 == low:
                result[-1] = (result[-1][0], high, target)
            else:
                result.append((low, high, target))
        return result

    def detach(self) -> None:
        """Take the block's edges away, remembering what the successors' phis got from it."""
        block = self.block
        for successor in block.successors:
            index = successor.predecessor_index(block)
            arguments: list[Value] = []
            for value in successor.values:
                if value.op != op.PHI:
                    break
                arguments.append(value.args[index])
                value.remove_argument(index)
            del successor.predecessors[index]
            self.phi_arguments.append((successor, arguments))
        block.successors = []

    def edge(self, source: Block, target: Block) -> None:
        add_edge(source, target)
        for block, arguments in self.phi_arguments:
            if block is target:
                for number, argument in enumerate(arguments):
                    target.values[number].add_argument(argument)

    # ---- clusters

    def cluster(self, rows: list[tuple[int, int, Block]]) -> list[Cluster]:
        clusters: list[Cluster] = []
        start = 0
        while start < len(rows):
            end = self.bit_test_end(rows, start)
            if end - start >= _MINIMUM_BIT_TEST:
                made = Cluster(rows[start:end])
                made.bits = True
                clusters.append(made)
                start = end
                continue
            end = self.table_end(rows, start) if self.tables else start
            if end - start >= _MINIMUM_TABLE - 1 and self.enough(rows, start, end):
                made = Cluster(rows[start:end])
                made.table = True
                clusters.append(made)
                start = end
                continue
            clusters.append(Cluster(rows[start : start + 1]))
            start += 1
        return clusters

    def enough(self, rows: list[tuple[int, int, Block]], start: int, end: int) -> bool:
        total = 0
        for low, high, _ in rows[start:end]:
            total += min(high - low + 1, 4)
        return total >= _MINIMUM_TABLE

    def table_end(self, rows: list[tuple[int, int, Block]], start: int) -> int:
        """The furthest end of a run from `start` that is dense enough for a table."""
        low = rows[start][0]
        count = 0
        best = start
        for index in range(start, len(rows)):
            first, last, _ = rows[index]
            span = last - low + 1
            if span > _MAXIMUM_TABLE:
                break
            count += last - first + 1
            if count * 100 >= span * _MINIMUM_DENSITY:
                best = index + 1
        return best

    def bit_test_end(self, rows: list[tuple[int, int, Block]], start: int) -> int:
        """The end of a run within 64 values that goes to at most two targets."""
        if ty.BITS[self.type] < 32:
            return start
        low = rows[start][0]
        targets: list[Block] = []
        index = start
        while index < len(rows) and rows[index][1] - low < 64:
            target = rows[index][2]
            if target not in targets:
                if len(targets) == 2:
                    break
                targets.append(target)
            index += 1
        # Worth it when comparisons would be more than the shift and the masks.
        return index if index - start > len(targets) * 2 else start

    # ---- code

    def new_block(self) -> Block:
        block = Block(self.function.block_count, self.function)
        self.function.block_count += 1
        block.frequency = max(1, self.block.frequency // 2)
        block.cold = self.block.cold
        self.made.append(block)
        return block

    def emit(self, block: Block, operation: int, type: int, arguments: list[Value], imm: int = 0) -> Value:
        value = self.function.new_value(operation, type, block)
        value.position = self.value.position
        value.imm = imm
        for argument in arguments:
            value.add_argument(argument)
        block.values.append(value)
        return value

    def terminate(self, block: Block, operation: int, arguments: list[Value], successors: list[Block]) -> Value:
        value = self.function.new_value(operation, ty.VOID, block)
        value.position = self.value.position
        for argument in arguments:
            value.add_argument(argument)
        block.terminator = value
        for successor in successors:
            self.edge(block, successor)
        return value

    def branch(self, block: Block, condition: Value, then: Block, otherwise: Block) -> None:
        if then is otherwise:
            self.terminate(block, op.JUMP, [], [then])
        else:
            self.terminate(block, op.BRANCH, [condition], [then, otherwise])

    def constant(self, block: Block, number: int) -> Value:
        return self.emit(block, op.CONST, self.type, [], normalize(number, self.type))

    def tree(self, block: Block, clusters: list[Cluster], low: int, high: int) -> None:
        """Code in `block` for the clusters; the control value is known to be in [low, high]."""
        if not clusters:
            self.terminate(block, op.JUMP, [], [self.default])
            return
        if len(clusters) == 1:
            self.leaf(block, clusters[0], low, high)
            return
        if len(clusters) == 2 and all(len(c.rows) == 1 and c.low == c.high for c in clusters):
            first = clusters[0]
            rest = self.new_block()
            condition = self.emit(block, op.EQ, ty.I1, [self.control, self.constant(block, first.low)])
            self.branch(block, condition, first.rows[0][2], rest)
            self.tree(rest, clusters[1:], low, high)
            return
        middle = len(clusters) // 2
        pivot = clusters[middle].low
        left = self.new_block()
        condition = self.emit(block, op.SLT, ty.I1, [self.control, self.constant(block, pivot)])
        self.tree(left, clusters[:middle], low, pivot - 1)
        right = self.new_block()
        self.branch(block, condition, left, right)
        self.tree(right, clusters[middle:], pivot, high)

    def leaf(self, block: Block, cluster: Cluster, low: int, high: int) -> None:
        if cluster.table or cluster.bits:
            self.indexed(block, cluster, low, high)
            return
        first, last, target = cluster.rows[0]
        if first <= low and last >= high:
            self.terminate(block, op.JUMP, [], [target])
        elif first == last:
            condition = self.emit(block, op.EQ, ty.I1, [self.control, self.constant(block, first)])
            self.branch(block, condition, target, self.default)
        elif first <= low:
            condition = self.emit(block, op.SLE, ty.I1, [self.control, self.constant(block, last)])
            self.branch(block, condition, target, self.default)
        elif last >= high:
            condition = self.emit(block, op.SGE, ty.I1, [self.control, self.constant(block, first)])
            self.branch(block, condition, target, self.default)
        else:
            offset = self.offset(block, first)
            condition = self.emit(block, op.ULE, ty.I1, [offset, self.constant(block, last - first)])
            self.branch(block, condition, target, self.default)

    def offset(self, block: Block, low: int) -> Value:
        if low == 0:
            return self.control
        return self.emit(block, op.SUB, self.type, [self.control, self.constant(block, low)])

    def indexed(self, block: Block, cluster: Cluster, low: int, high: int) -> None:
        """Range check, then a table or bit tests on the distance from the lowest case."""
        base = cluster.low
        if cluster.table and 0 < base < 8 and len(cluster.rows) > 2 * base:
            base = 0  # a few more entries save the subtraction
        index = self.offset(block, base)
        inside = block
        if base > low or cluster.high < high:
            inside = self.new_block()
            condition = self.emit(block, op.ULE, ty.I1, [index, self.constant(block, cluster.high - base)])
            self.branch(block, condition, inside, self.default)
        if cluster.bits:
            self.bit_tests(inside, cluster, index, base)
        else:
            self.table(inside, cluster, index, base)

    def table(self, block: Block, cluster: Cluster, index: Value, base: int) -> None:
        successors: list[Block] = [self.default]
        cases: list[SwitchCase] = []
        for low, high, target in cluster.rows:
            if target in successors:
                number = successors.index(target)
            else:
                number = len(successors)
                successors.append(target)
            cases.append(SwitchCase(low - base, high - base, number))
        value = self.terminate(block, op.SWITCH, [index], successors)
        value.cases = cases
        value.extra = 1

    def bit_tests(self, block: Block, cluster: Cluster, index: Value, base: int) -> None:
        """(1 << index) & mask, a mask for each target."""
        masks: list[tuple[Block, int]] = []
        for low, high, target in cluster.rows:
            mask = ((1 << (high - low + 1)) - 1) << (low - base)
            for place, (other, bits) in enumerate(masks):
                if other is target:
                    masks[place] = (other, bits | mask)
                    break
            else:
                masks.append((target, mask))
        kind = ty.I32 if cluster.high - base < 32 else ty.I64
        amount = index
        if ty.BITS[kind] > ty.BITS[self.type]:
            amount = self.emit(block, op.ZEXT, kind, [index])
        elif ty.BITS[kind] < ty.BITS[self.type]:
            amount = self.emit(block, op.TRUNC, kind, [index])
        full = (1 << (cluster.high - base + 1)) - 1
        covered = 0
        for number, (target, mask) in enumerate(masks):
            covered |= mask
            if covered == full and number == len(masks) - 1:
                self.terminate(block, op.JUMP, [], [target])
                return
            one = self.emit(block, op.CONST, kind, [], 1)
            bit = self.emit(block, op.SHL, kind, [one, amount])
            constant = self.emit(block, op.CONST, kind, [], normalize(mask, kind))
            both = self.emit(block, op.AND, kind, [constant, bit])
            zero = self.emit(block, op.CONST, kind, [], 0)
            condition = self.emit(block, op.NE, ty.I1, [both, zero])
            following = self.default if number == len(masks) - 1 else self.new_block()
            self.branch(block, condition, target, following)
            block = following


def run(function: Function, tables: bool) -> bool:
    """Lower every switch of the function that is not a table yet."""
    changed = False
    for block in list(function.blocks):
        if block.terminator.op == op.SWITCH and not block.terminator.extra:
            made = SwitchLowering(function, block, tables).run()
            at = function.blocks.index(block) + 1
            function.blocks[at:at] = made
            changed = True
    return changed
