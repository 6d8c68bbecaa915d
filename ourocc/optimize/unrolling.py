"""Complete unrolling: a small loop that goes round a known, small number of times becomes that many copies of its body.

    b1: v2 = phi.i32 #0, v4                  b1: v3 = add.i32 v0, #0
        v3 = add.i32 v0, v2                      v3' = add.i32 v0, #1
        v4 = add.i32 v2, #1           =>         v3" = add.i32 v0, #2
        v5 = slt.i1 v4, #3
        branch v5, b1, b2

What depends on nothing but the counter becomes constant, so it does not count for the size of the copies.  Inner loops first;
a loop around them may follow in a second round.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, normalize, unsigned
from ourocc.optimize import algebra, copies, simplify_control_flow, value_numbering
from ourocc.optimize.control_flow import Dominators, Loop, Loops
from ourocc.optimize.induction import InductionVariable, induction_variable

TRIPS_LIMIT: Final = 8
SIZE_LIMIT: Final = 64  # values of all copies together
FEW_TRIPS: Final = 4
FEW_SIZE_LIMIT: Final = 96  # the same for loops of so few rounds
ROUNDS: Final = 2
_FREE: Final = frozenset([op.CONST, op.FCONST, op.VCONST, op.ADDRESS, op.COPY, op.PHI, op.UNDEF, op.PTRADD])


def run(function: Function) -> bool:
    changed = False
    for _ in range(ROUNDS):
        if not _round(function):
            break
        changed = True
        copies.run(function)
        algebra.run(function)
        value_numbering.run(function)
        simplify_control_flow.run(function)
    return changed


def _round(function: Function) -> bool:
    loops = Loops(function, Dominators(function))
    changed = False
    for loop in loops.loops:
        if loop.children:
            continue
        exit = single_exit(loop)
        preheader = loop.preheader()
        if exit is None or preheader is None:
            continue
        trips = trip_count(loop, preheader)
        if 1 <= trips <= TRIPS_LIMIT and _fits(loop, preheader, trips):
            Unroller(function, loop, preheader, exit, trips).run()
            changed = True
    return changed


def single_exit(loop: Loop) -> Block | None:
    """Where the loop goes to, when its only latch is also its only exit."""
    if len(loop.latches) != 1 or loop.latches[0].terminator.op != op.BRANCH:
        return None
    edges = loop.exits()
    if len(edges) != 1 or edges[0][0] is not loop.latches[0]:
        return None
    return edges[0][1]


def counter_of(loop: Loop, preheader: Block) -> InductionVariable | None:
    """The variable that the test of the latch compares."""
    test = loop.latches[0].terminator.args[0]
    if not op.FLAGS[test.op] & op.COMPARE or len(test.args) != 2:
        return None
    for phi in loop.header.values:
        if phi.op != op.PHI:
            break
        if ty.is_vector(phi.type) or not ty.is_integer(phi.type):
            continue
        variable = induction_variable(loop, preheader, phi)
        if variable is not None and (phi in test.args or variable.next in test.args):
            return variable
    return None


def trip_count(loop: Loop, preheader: Block) -> int:
    """How often the body runs; 0 when that is not known, or too often to count here."""
    variable = counter_of(loop, preheader)
    if variable is None or variable.step.op != op.CONST or variable.step.imm == 0:
        return 0
    latch = loop.latches[0]
    test = latch.terminator.args[0]
    if test.args[1].op != op.CONST or variable.start.op != op.CONST:
        return _symbolic_trip_count(variable, test, latch.successors[0] is loop.header)
    stays = latch.successors[0] is loop.header
    type = variable.phi.type
    value = variable.start.imm
    if test.args[0] is variable.next:
        value = normalize(value + variable.step.imm, type)
    elif test.args[0] is not variable.phi:
        return 0
    step = variable.step.imm
    bound = test.args[1].imm
    if test.op in (op.SLT, op.ULT, op.NE) and stays and step > 0 and 0 <= value < bound < (1 << (ty.BITS[type] - 1)) - step:
        distance = bound - value
        if test.op == op.NE and distance % step:
            return 0
        return 1 + -(-distance // step)
    trips = 1
    while compare(test.op, value, bound, type) == stays:
        trips += 1
        if trips > TRIPS_LIMIT:
            return 0
        value = normalize(value + step, type)
    return trips


def _symbolic_trip_count(variable: InductionVariable, test: Value, stays: bool) -> int:
    """The bound is the start plus a constant, and nothing overflows."""
    bound = test.args[1]
    step = variable.step.imm
    if test.op != op.SLT or not stays or test.args[0] is not variable.next or step <= 0:
        return 0
    if bound.op != op.ADD or not bound.flags & variable.next.flags & 2 or bound.args[0] is not variable.start:
        return 0
    return -(-bound.args[1].imm // step) if bound.args[1].op == op.CONST and bound.args[1].imm > 0 else 0


def compare(operation: int, x: int, y: int, type: int) -> bool:
    """An integer comparison of normalized constants."""
    if operation == op.EQ:
        return x == y
    if operation == op.NE:
        return x != y
    if operation in (op.ULT, op.ULE, op.UGT, op.UGE):
        x = unsigned(x, type)
        y = unsigned(y, type)
    if operation in (op.SLT, op.ULT):
        return x < y
    if operation in (op.SLE, op.ULE):
        return x <= y
    if operation in (op.SGT, op.UGT):
        return x > y
    return x >= y


def _fits(loop: Loop, preheader: Block, trips: int) -> bool:
    """Are the copies small?  Values that are constant in each copy are free."""
    variable = counter_of(loop, preheader)
    known: set[int] = set()
    if variable is not None:
        known.add(variable.phi.id)
    size = 0
    for block in loop.blocks:
        if block.address_taken or block.terminator.op not in (op.JUMP, op.BRANCH, op.SWITCH):
            return False
        if block is not loop.latches[0] and block.terminator.op != op.JUMP:
            size += 1
        for value in block.values:
            operation = value.op
            if operation in (op.CALL, op.ASM, op.ALLOCA, op.DYNAMIC_ALLOCA, op.LABEL_ADDRESS):
                return False
            if operation in _FREE:
                continue
            if value.args and all(argument.op == op.CONST or argument.id in known for argument in value.args):
                if not op.FLAGS[operation] & (op.EFFECT | op.READS):
                    known.add(value.id)
                    continue
            size += 1
    return size * trips <= (FEW_SIZE_LIMIT if trips <= FEW_TRIPS else SIZE_LIMIT)


@final
class Unroller:
    """Replaces one loop by copies of its body in a row; the loop's own blocks are the last of them, so that those who use
    its values need not know."""

    def __init__(self, function: Function, loop: Loop, preheader: Block, exit: Block, trips: int) -> None:
        self.function = function
        self.loop = loop
        self.preheader = preheader
        self.exit = exit
        self.trips = trips
        self.header = loop.header
        self.latch = loop.latches[0]

    def run(self) -> None:
        header = self.header
        latch = self.latch
        order = [block for block in self.function.blocks if block.id in self.loop.members]
        phis = [value for value in header.values if value.op == op.PHI]
        incoming = [phi.args[header.predecessor_index(self.preheader)] for phi in phis]
        again = [phi.args[header.predecessor_index(latch)] for phi in phis]
        previous = self.preheader
        for _ in range(1, self.trips):
            current: dict[int, Value] = {}  # of this copy, by the original's id
            for phi, value in zip(phis, incoming, strict=True):
                current[phi.id] = value
            blocks = self._copy(order, current)
            _link(previous, blocks[header.id])
            previous = blocks[latch.id]
            incoming = [current.get(value.id, value) for value in again]
        for phi, value in zip(phis, incoming, strict=True):
            phi.become_copy(value)
        _link(previous, header)
        latch.successors = [self.exit]
        latch.terminator.clear_arguments()
        latch.terminator.op = op.JUMP
        latch.terminator.extra = 0

    def _copy(self, order: list[Block], current: dict[int, Value]) -> dict[int, Block]:
        """A copy of all blocks; the edges inside are made, those to the header and out are not."""
        function = self.function
        made: dict[int, Block] = {}
        pairs: list[tuple[Value, Value]] = []
        place = function.blocks.index(order[0])
        for block in order:
            twin_block = Block(function.block_count, function)
            function.block_count += 1
            twin_block.cold = block.cold
            made[block.id] = twin_block
            function.blocks.insert(place, twin_block)
            place += 1
        for block in order:
            twin_block = made[block.id]
            for value in block.values:
                if value.op == op.PHI and block is self.header:
                    continue
                twin = copy_value(function, value, twin_block)
                current[value.id] = twin
                pairs.append((value, twin))
                twin_block.values.append(twin)
            if block is self.latch:
                twin_block.terminator = function.new_value(op.JUMP, ty.VOID, twin_block)
            else:
                twin_block.terminator = copy_value(function, block.terminator, twin_block)
                pairs.append((block.terminator, twin_block.terminator))
                twin_block.successors = [made[successor.id] for successor in block.successors]
            if block is not self.header:
                twin_block.predecessors = [made[predecessor.id] for predecessor in block.predecessors]
        for value, twin in pairs:
            for argument in value.args:
                twin.add_argument(current.get(argument.id, argument))
        return made


def _link(source: Block, target: Block) -> None:
    """The only edge from `source`, and the only one to `target`."""
    source.successors = [target]
    target.predecessors = [source]


def copy_value(function: Function, value: Value, block: Block) -> Value:
    """The same operation with a new id and no arguments yet."""
    twin = function.new_value(value.op, value.type, block)
    twin.copy_details(value)
    twin.target = value.target
    if value.symbol is not None:
        value.symbol.references += 1
    return twin
