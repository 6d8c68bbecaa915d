"""Sparse conditional constant propagation (Wegman and Zadeck 1991).

    v1 = const 3; branch (v1 < 4), b1, b2; ...; v5 = phi v1, v4      =>   the paths and values that are possible

Lattice per value: unknown (nothing seen), one constant, varying.  Only edges that can be taken count, so that constants and
dead branches are found together.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value
from ourocc.optimize.fold import fold

UNKNOWN: Final = 0
CONSTANT: Final = 1
VARYING: Final = 2


def run(function: Function) -> bool:
    return Propagation(function).run()


@final
class Propagation:
    def __init__(self, function: Function) -> None:
        self.function = function
        count = function.value_count
        self.state = bytearray(count)
        self.constant: list[int] = [0] * count
        self.users: list[list[Value]] = [[] for _ in range(count)]
        self.block_seen = bytearray(function.block_count)
        self.edges: set[int] = set()  # source id * block_count + target id
        self.flow: list[tuple[Block, Block]] = []
        self.work: list[Value] = []

    def run(self) -> bool:
        function = self.function
        for block in function.blocks:
            for value in block.values:
                for argument in value.args:
                    self.users[argument.id].append(value)
            for argument in block.terminator.args:
                self.users[argument.id].append(block.terminator)
        self._enter(function.blocks[0])
        while self.flow or self.work:
            while self.flow:
                source, target = self.flow.pop()
                edge = source.id * function.block_count + target.id
                if edge in self.edges:
                    continue
                self.edges.add(edge)
                if self.block_seen[target.id]:
                    for value in target.values:
                        if value.op != op.PHI:
                            break
                        self._evaluate(value)
                else:
                    self._enter(target)
            while self.work:
                value = self.work.pop()
                for user in self.users[value.id]:
                    if not self.block_seen[user.block.id]:
                        continue
                    if op.FLAGS[user.op] & op.TERMINATOR:
                        self._terminator(user.block)
                    else:
                        self._evaluate(user)
        return self._rewrite()

    def _enter(self, block: Block) -> None:
        self.block_seen[block.id] = 1
        for value in block.values:
            self._evaluate(value)
        self._terminator(block)

    def _terminator(self, block: Block) -> None:
        """Mark the edges that can be taken."""
        terminator = block.terminator
        successors = block.successors
        if terminator.op in (op.BRANCH, op.SWITCH):
            control = terminator.args[0]
            state = self.state[control.id]
            if state == UNKNOWN:
                return
            if state == CONSTANT:
                number = self.constant[control.id]
                if terminator.op == op.BRANCH:
                    self.flow.append((block, successors[0 if number else 1]))
                    return
                target = successors[0]
                for case in terminator.cases or []:
                    if case.low <= number <= case.high:
                        target = successors[case.target]
                        break
                self.flow.append((block, target))
                return
        for successor in successors:
            self.flow.append((block, successor))

    def _set(self, value: Value, state: int, number: int) -> None:
        old = self.state[value.id]
        if old == VARYING or (old == state and self.constant[value.id] == number):
            return
        if old == CONSTANT and state == CONSTANT:
            state = VARYING
        self.state[value.id] = state
        self.constant[value.id] = number
        self.work.append(value)

    def _evaluate(self, value: Value) -> None:
        if self.state[value.id] == VARYING:
            return
        operation = value.op
        if operation in (op.CONST, op.FCONST):
            self._set(value, VARYING if ty.is_vector(value.type) else CONSTANT, value.imm)
        elif operation == op.PHI:
            self._phi(value)
        elif operation == op.SELECT:
            self._select(value)
        elif op.FLAGS[operation] & (op.EFFECT | op.READS | op.PINNED) or not value.args:
            self._set(value, VARYING, 0)
        else:
            constants: list[int] = []
            for argument in value.args:
                state = self.state[argument.id]
                if state == UNKNOWN:
                    return
                if state == VARYING:
                    self._partly_known(value)
                    return
                constants.append(self.constant[argument.id])
            if operation == op.IS_CONSTANT:
                self._set(value, CONSTANT, 1)
                return
            folded = fold(operation, value.type, value.args[0].type, constants)
            if folded is None:
                self._set(value, VARYING, 0)
            else:
                self._set(value, CONSTANT, folded)

    def _partly_known(self, value: Value) -> None:
        """x & 0, x * 0: constant whatever x is."""
        if value.op in (op.AND, op.MUL) and ty.is_integer(value.type):
            for argument in value.args:
                if self.state[argument.id] == CONSTANT and self.constant[argument.id] == 0:
                    self._set(value, CONSTANT, 0)
                    return
        for argument in value.args:
            if self.state[argument.id] == UNKNOWN:
                return
        self._set(value, VARYING, 0)

    def _phi(self, value: Value) -> None:
        count = self.function.block_count
        block = value.block
        known = False
        number = 0
        for index, argument in enumerate(value.args):
            if block.predecessors[index].id * count + block.id not in self.edges:
                continue
            state = self.state[argument.id]
            if state == UNKNOWN:
                continue
            if state == VARYING or (known and number != self.constant[argument.id]):
                self._set(value, VARYING, 0)
                return
            known = True
            number = self.constant[argument.id]
        if known:
            self._set(value, CONSTANT, number)

    def _select(self, value: Value) -> None:
        condition = value.args[0]
        state = self.state[condition.id]
        if state == UNKNOWN:
            return
        if state == CONSTANT and not ty.is_vector(condition.type):
            chosen = value.args[1 if self.constant[condition.id] else 2]
            self._set(value, self.state[chosen.id], self.constant[chosen.id])
            return
        x = value.args[1]
        y = value.args[2]
        if self.state[x.id] == CONSTANT and self.state[y.id] == CONSTANT:
            if self.constant[x.id] == self.constant[y.id]:
                self._set(value, CONSTANT, self.constant[x.id])
                return
        if self.state[x.id] != UNKNOWN and self.state[y.id] != UNKNOWN:
            self._set(value, VARYING, 0)

    def _rewrite(self) -> bool:
        """Turn constant values into constants; branches on them are folded by simplify_control_flow."""
        changed = False
        for block in self.function.blocks:
            if not self.block_seen[block.id]:
                continue
            demoted = False
            for value in block.values:
                if self.state[value.id] != CONSTANT or value.op in (op.CONST, op.FCONST):
                    continue
                if op.FLAGS[value.op] & op.EFFECT:
                    continue
                demoted = demoted or value.op == op.PHI
                if value.symbol is not None:
                    value.symbol.references -= 1
                value.clear_arguments()
                value.op = op.FCONST if ty.is_float(value.type) else op.CONST
                value.imm = self.constant[value.id]
                value.extra = 0
                value.flags = 0
                value.symbol = None
                changed = True
            if demoted:
                phis = [value for value in block.values if value.op == op.PHI]
                block.values = phis + [value for value in block.values if value.op != op.PHI]
        return changed
