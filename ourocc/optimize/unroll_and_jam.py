"""Unroll and jam: several rounds of an outer loop share one run of the loop inside.

    for j: s = 0                               for j by 4: s0 = s1 = s2 = s3 = 0
           for k: s += a[k] * b[k][j]    =>                for k: s0 += a[k] * b[k][j]; s1 += a[k] * b[k][j+1]; ...
           c[j] = s                                        c[j] = s0; c[j+1] = s1; ...

(Allen and Cocke 1971; Callahan, Cocke and Kennedy 1988.)  A sum of floating numbers waits for its last addition: sums that do not
depend on each other use the time, and what is the same for all of them (a[k]) is computed once.  No sum is made in another
order.  Only where the outer loop's rounds are a known multiple of the factor, where the inner loop is one block, and where
nothing is stored before all of it has been read: no store of the outer loop may touch what the loops read.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Block, Function, Value
from ourocc.optimize.alias import AliasAnalysis
from ourocc.optimize.control_flow import Dominators, Loop, Loops
from ourocc.optimize.unrolling import copy_value, single_exit, trip_count

FACTOR: Final = 4
INNER_LIMIT: Final = 8  # values of the inner loop that are copied
OUTER_LIMIT: Final = 16  # the same around it


def run(function: Function) -> bool:
    loops = Loops(function, Dominators(function))
    changed = False
    alias: AliasAnalysis | None = None
    for inner in loops.loops:
        outer = inner.parent
        if outer is None or len(inner.blocks) != 1 or len(outer.blocks) != 3 or not _has_sum(inner.header):
            continue
        preheader = outer.preheader()
        if preheader is None or single_exit(outer) is None or single_exit(inner) is not outer.latches[0]:
            continue
        trips = trip_count(outer, preheader)
        if outer.header.successors != [inner.header] or trips == 0 or trips % FACTOR:
            continue
        if alias is None:
            alias = AliasAnalysis(function)
        jammer = Jammer(function, outer, inner, preheader)
        if jammer.usable(alias):
            jammer.run()
            alias = None
            changed = True
    return changed


def _has_sum(block: Block) -> bool:
    """Is there a floating value that each round adds to or multiplies?"""
    for phi in block.values:
        if phi.op != op.PHI:
            return False
        if phi.type == ty.F32 or phi.type == ty.F64:
            for argument in phi.args:
                if argument.block is block and argument.op in (op.FADD, op.FSUB, op.FMUL) and phi in argument.args:
                    return True
    return False


@final
class Jammer:
    """One pair of loops: the outer header `before`, the inner block `body`, the outer latch `after`."""

    def __init__(self, function: Function, outer: Loop, inner: Loop, preheader: Block) -> None:
        self.function = function
        self.before = outer.header
        self.body = inner.header
        self.after = outer.latches[0]
        self.preheader = preheader
        self.varying: set[int] = set()  # values that differ between the rounds of the outer loop
        self.counters: list[tuple[Value, Value, Value]] = []  # phi, its next value, the step
        self.carried: list[tuple[Value, Value]] = []  # other phis of the outer loop, and their next values

    # ---- is it right?

    def usable(self, alias: AliasAnalysis) -> bool:
        return self._phis_fit() and self._sizes_fit() and self._memory_fits(alias)

    def _phis_fit(self) -> bool:
        latch = self.before.predecessor_index(self.after)
        inside = (self.before, self.body, self.after)
        for phi in self.before.values:
            if phi.op != op.PHI:
                break
            self.varying.add(phi.id)
            next = phi.args[latch]
            step = next.args[1] if next.op in (op.ADD, op.PTRADD) and next.args[0] is phi else None
            if step is not None and (step.op == op.CONST or step.block not in inside):
                self.counters.append((phi, next, step))
            else:
                self.carried.append((phi, next))
        for phi, _ in self.carried:
            for block in (self.before, self.body):
                if any(phi in value.args for value in block.values):
                    return False
        return True

    def _sizes_fit(self) -> bool:
        changed = True
        while changed:
            changed = False
            for block in (self.before, self.body, self.after):
                for value in block.values:
                    if value.id in self.varying:
                        continue
                    if any(argument.id in self.varying for argument in value.args):
                        self.varying.add(value.id)
                        changed = True
        if self.body.terminator.args[0].id in self.varying:
            return False
        size = len([value for value in self.body.values if value.id in self.varying and value.op != op.PHI])
        around = len(self.before.values) + len(self.after.values)
        return size <= INNER_LIMIT and around <= OUTER_LIMIT

    def _memory_fits(self, alias: AliasAnalysis) -> bool:
        loads: list[Value] = []
        for block in (self.before, self.body):
            for value in block.values:
                flags = op.FLAGS[value.op]
                if flags & op.EFFECT or value.flags & VOLATILE or (flags & op.PINNED and value.op != op.PHI):
                    return False
                if value.op == op.LOAD:
                    loads.append(value)
        stores: list[Value] = []
        for value in self.after.values:
            flags = op.FLAGS[value.op]
            if value.op == op.STORE and not value.flags & VOLATILE:
                stores.append(value)
            elif flags & (op.EFFECT | op.PINNED) or value.flags & VOLATILE:
                return False
        for store in stores:
            location = alias.of_access(store)
            location.offset_known = False  # of any round
            location.exact = store
            if any(alias.can_read(load, location) for load in loads):
                return False
        return True

    # ---- doing it

    def run(self) -> None:
        before = self.before
        body = self.body
        after = self.after
        originals = list(after.values)
        body_values = [value for value in body.values if value.id in self.varying]
        before_values = [value for value in before.values if value.id in self.varying and value.op != op.PHI]
        added_body: list[Value] = []
        current: dict[int, Value] = {}
        phi_of = {phi.id: phi for phi, _, _ in self.counters}
        for _ in range(1, FACTOR):
            last = current
            current = {}
            for phi, next, step in self.counters:
                advanced = copy_value(self.function, next, before)
                advanced.add_argument(phi_of[phi.id])
                advanced.add_argument(self._early(step))
                before.values.append(advanced)
                phi_of[phi.id] = advanced
                current[phi.id] = advanced
            for phi, next in self.carried:
                current[phi.id] = last.get(next.id, next)
            before.values += self._copies(before_values, before, current)
            added_body += self._copies(body_values, body, current)
            after.values += self._copies(originals, after, current)
        phis = [value for value in body.values if value.op == op.PHI]
        rest = [value for value in body.values if value.op != op.PHI]
        body.values = phis + [value for value in added_body if value.op == op.PHI]
        body.values += rest + [value for value in added_body if value.op != op.PHI]
        self._use_last(current)

    def _early(self, step: Value) -> Value:
        """A constant step, usable in the outer header."""
        if step.op != op.CONST or step.block is not self.after:
            return step
        made = copy_value(self.function, step, self.before)
        self.before.values.append(made)
        return made

    def _copies(self, values: list[Value], block: Block, current: dict[int, Value]) -> list[Value]:
        made: list[Value] = []
        for value in values:
            twin = copy_value(self.function, value, block)
            current[value.id] = twin
            made.append(twin)
        for value, twin in zip(values, made, strict=True):
            for argument in value.args:
                twin.add_argument(current.get(argument.id, argument))
        return made

    def _use_last(self, current: dict[int, Value]) -> None:
        """What follows a round, inside and outside, follows the last of the jammed ones."""
        latch = self.before.predecessor_index(self.after)
        for phi, _, _ in self.counters:
            phi.set_argument(latch, current[phi.args[latch].id])
        for phi, next in self.carried:
            phi.set_argument(latch, current.get(next.id, next))
        inside = (self.before.id, self.body.id, self.after.id)
        test = self.after.terminator.args[0]
        self.after.terminator.set_argument(0, current.get(test.id, test))
        for block in self.function.blocks:
            if block.id in inside:
                continue
            for value in [*block.values, block.terminator]:
                for index, argument in enumerate(value.args):
                    replacement = current.get(argument.id)
                    if replacement is not None:
                        value.set_argument(index, replacement)
