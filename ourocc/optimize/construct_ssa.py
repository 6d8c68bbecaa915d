"""SSA construction: stack objects that are only loaded and stored whole become SSA values ("mem2reg").

    v1 = alloca.ptr #4
    store v1, v0              return v0
    v2 = load.i32 v1    =>
    return v2

Cytron, Ferrante, Rosen, Wegman and Zadeck 1991: phis at iterated dominance frontiers of the stores, pruned by liveness,
then one walk over the dominator tree that renames.  A variable that is read before it is written is undef.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Block, Function, Value
from ourocc.optimize.control_flow import Dominators
from ourocc.optimize.simplify_control_flow import remove_unreachable


@final
class Variable:
    """A promotable stack object."""

    def __init__(self, index: int, alloca: Value, type: int) -> None:
        self.index = index
        self.alloca = alloca
        self.type = type
        self.stores: list[Block] = []


def run(function: Function) -> bool:
    """Promote what can be promoted; returns whether anything was."""
    if function.calls_setjmp:
        return False
    remove_unreachable(function)
    variables = _promotable(function)
    if not variables:
        return False
    by_id: list[Variable | None] = [None] * function.value_count
    for variable in variables:
        by_id[variable.alloca.id] = variable
    dominators = Dominators(function)
    live_in = _live_in(function, dominators, variables, by_id)
    phis = _place_phis(function, dominators, variables, live_in)
    _Renamer(function, dominators, variables, by_id, phis).run()
    return True


def finish(function: Function) -> bool:
    """The last time for objects with an address: stores of nothing, which say where a variable begins, have done their work."""
    changed = run(function)
    for block in function.blocks:
        found = False
        for value in block.values:
            if value.op == op.STORE and value.args[1].op == op.UNDEF and not value.flags & VOLATILE:
                value.clear_arguments()
                value.op = op.INVALID
                found = True
        if found:
            block.values = [value for value in block.values if value.op != op.INVALID]
            changed = True
    return changed


def _promotable(function: Function) -> list[Variable]:
    """Allocas all of whose uses are whole, non-volatile loads and stores of one size and kind of type."""
    types: list[int] = [-1] * function.value_count  # by alloca id: -1 no alloca, 0 unseen, type, -2 not promotable
    allocas: list[Value] = []
    for value in function.blocks[0].values:
        if value.op == op.ALLOCA:
            types[value.id] = 0
            allocas.append(value)
    if not allocas:
        return []
    for block in function.blocks:
        for value in block.values:
            operation = value.op
            if operation == op.LOAD and types[value.args[0].id] >= 0:
                _note(types, value.args[0], value.type, value.flags)
                continue
            if operation == op.STORE:
                address = value.args[0]
                stored = value.args[1]
                if types[stored.id] >= 0:
                    types[stored.id] = -2
                if types[address.id] >= 0:
                    _note(types, address, stored.type, value.flags)
                continue
            for argument in value.args:
                if types[argument.id] >= 0:
                    types[argument.id] = -2
        for argument in block.terminator.args:
            if types[argument.id] >= 0:
                types[argument.id] = -2
    found: list[Variable] = []
    for alloca in allocas:
        type = types[alloca.id]
        if type > 0:
            found.append(Variable(len(found), alloca, type))
    return found


def _note(types: list[int], alloca: Value, type: int, flags: int) -> None:
    known = types[alloca.id]
    if flags & VOLATILE or ty.size(type) > alloca.imm:
        types[alloca.id] = -2
    elif known == 0:
        types[alloca.id] = type
    elif known != type and not _convertible(known, type):
        types[alloca.id] = -2


def _convertible(x: int, y: int) -> bool:
    """A bitcast connects the two types."""
    if ty.is_vector(x) or ty.is_vector(y):
        return ty.size(x) == ty.size(y)
    if ty.F80 in (x, y) or ty.I1 in (x, y):
        return False
    return ty.SIZES[x] == ty.SIZES[y] and ty.SIZES[x] <= 8


def _live_in(
    function: Function, dominators: Dominators, variables: list[Variable], by_id: list[Variable | None]
) -> list[int]:
    """By block id, a bit set (as an integer) of the variables that are live at the block's start."""
    used: list[int] = [0] * function.block_count
    defined: list[int] = [0] * function.block_count
    for block in dominators.order:
        use = 0
        kill = 0
        for value in block.values:
            if value.op == op.LOAD:
                variable = by_id[value.args[0].id]
                if variable is not None and not kill >> variable.index & 1:
                    use |= 1 << variable.index
            elif value.op == op.STORE:
                variable = by_id[value.args[0].id]
                if variable is not None:
                    if not kill >> variable.index & 1:
                        kill |= 1 << variable.index
                    if not variable.stores or variable.stores[-1] is not block:
                        variable.stores.append(block)
        used[block.id] = use
        defined[block.id] = kill
    live: list[int] = [0] * function.block_count
    changed = True
    while changed:
        changed = False
        for block in reversed(dominators.order):
            out = 0
            for successor in block.successors:
                out |= live[successor.id]
            new = used[block.id] | (out & ~defined[block.id])
            if new != live[block.id]:
                live[block.id] = new
                changed = True
    return live


def _place_phis(
    function: Function, dominators: Dominators, variables: list[Variable], live_in: list[int]
) -> list[list[tuple[Value, Variable]]]:
    """Phis (without arguments) at the iterated frontiers where the variable is live; by block id."""
    frontiers = dominators.frontiers()
    placed: list[list[tuple[Value, Variable]]] = [[] for _ in range(function.block_count)]
    mark: list[int] = [-1] * function.block_count
    for variable in variables:
        work = list(variable.stores)
        while work:
            block = work.pop()
            for frontier in frontiers[block.id]:
                if mark[frontier.id] == variable.index or not live_in[frontier.id] >> variable.index & 1:
                    continue
                mark[frontier.id] = variable.index
                phi = function.new_value(op.PHI, variable.type, frontier)
                phi.position = variable.alloca.position
                placed[frontier.id].append((phi, variable))
                work.append(frontier)
    return placed


@final
class _Renamer:
    """The walk over the dominator tree."""

    def __init__(
        self,
        function: Function,
        dominators: Dominators,
        variables: list[Variable],
        by_id: list[Variable | None],
        phis: list[list[tuple[Value, Variable]]],
    ) -> None:
        self.function = function
        self.dominators = dominators
        self.by_id = by_id
        self.phis = phis
        self.current: list[Value | None] = [None] * len(variables)
        self.undefs: dict[int, Value] = {}
        self.incoming: dict[int, list[Value]] = {}  # phi id -> arguments, by predecessor position

    def run(self) -> None:
        function = self.function
        for block in function.blocks:
            for phi, _ in self.phis[block.id]:
                self.incoming[phi.id] = [phi] * len(block.predecessors)
        stack: list[tuple[Block, int, list[tuple[int, Value | None]]]] = []
        saved = self._block(function.blocks[0])
        stack.append((function.blocks[0], 0, saved))
        while stack:
            block, index, saved = stack.pop()
            children = self.dominators.children[block.id]
            if index < len(children):
                stack.append((block, index + 1, saved))
                child = children[index]
                stack.append((child, 0, self._block(child)))
            else:
                for variable_index, old in reversed(saved):
                    self.current[variable_index] = old
        self._finish()

    def _block(self, block: Block) -> list[tuple[int, Value | None]]:
        """Rename inside one block; what to restore when its subtree is done."""
        saved: list[tuple[int, Value | None]] = []
        current = self.current
        by_id = self.by_id
        for phi, variable in self.phis[block.id]:
            saved.append((variable.index, current[variable.index]))
            current[variable.index] = phi
        kept: list[Value] = []
        for value in block.values:
            if value.op == op.LOAD:
                loaded = by_id[value.args[0].id]
                if loaded is not None:
                    kept.append(value)
                    self._replace_load(value, self._value_of(loaded), kept)
                    continue
            elif value.op == op.STORE:
                stored = by_id[value.args[0].id]
                if stored is not None:
                    saved.append((stored.index, current[stored.index]))
                    current[stored.index] = self._converted(value.args[1], stored.type, block, kept)
                    value.clear_arguments()
                    value.op = op.INVALID
                    continue
            kept.append(value)
        block.values = kept
        for successor in block.successors:
            pending = self.phis[successor.id]
            if pending:
                position = successor.predecessor_index(block)
                for phi, variable in pending:
                    self.incoming[phi.id][position] = self._value_of(variable)
        return saved

    def _replace_load(self, load: Value, value: Value, kept: list[Value]) -> None:
        if value.type == load.type:
            load.become_copy(value)
        else:
            load.set_argument(0, value)
            load.op = op.BITCAST
            load.imm = 0
            load.extra = 0
            load.flags = 0

    def _converted(self, value: Value, type: int, block: Block, kept: list[Value]) -> Value:
        if value.type == type:
            return value
        cast = self.function.new_value(op.BITCAST, type, block)
        cast.add_argument(value)
        kept.append(cast)
        return cast

    def _value_of(self, variable: Variable) -> Value:
        value = self.current[variable.index]
        if value is not None:
            return value
        undef = self.undefs.get(variable.type)
        if undef is None:
            undef = self.function.new_value(op.UNDEF, variable.type, self.function.blocks[0])
            self.undefs[variable.type] = undef
        return undef

    def _finish(self) -> None:
        """Give the phis their arguments, put phis and undefs into their blocks, drop the allocas."""
        function = self.function
        for block in function.blocks:
            pending = self.phis[block.id]
            if not pending:
                continue
            for phi, _ in pending:
                for argument in self.incoming[phi.id]:
                    phi.add_argument(argument)
            block.values = [phi for phi, _ in pending] + block.values
        entry = function.blocks[0]
        kept: list[Value] = []
        for value in entry.values:
            if value.op == op.ALLOCA and value.id < len(self.by_id) and self.by_id[value.id] is not None:
                value.op = op.INVALID
            else:
                kept.append(value)
        entry.values = list(self.undefs.values()) + kept
