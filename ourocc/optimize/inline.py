"""Inlining: a call becomes the body of the function that it calls.

    v3 = call @square v1          v3 = mul.i32 v1, v1
    return v3                =>   return v3

Arguments are matched piece by piece with the callee's parameters as the calling convention laid both out, so that nothing
about C types is asked.  What is worth it: bodies not larger than the call, functions called once, `inline` and always_inline.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Symbol, Value, add_edge
from ourocc.optimize.control_flow import Dominators, Loops

# Largest body (in values) that is inlined, by -O level; called-once functions and `inline` get more
SIZE_LIMITS: Final = (0, 12, 30, 60)
SMALL_SIZE_LIMIT: Final = 8  # -Os
HINT_FACTOR: Final = 3
LOOP_FACTOR: Final = 2
ONCE_LIMIT: Final = 400
CALLER_LIMIT: Final = 5000  # values: no further growth beyond


@final
class InlineOptions:
    def __init__(self, level: int, size: bool, enabled: bool) -> None:
        self.level = level
        self.size = size
        self.enabled = enabled  # False: only always_inline


def body_size(function: Function) -> int:
    """Values that become instructions, roughly."""
    total = 0
    for block in function.blocks:
        for value in block.values:
            if value.op in (op.CONST, op.FCONST, op.PHI, op.COPY, op.PARAM, op.ALLOCA, op.UNDEF, op.LINE, op.ADDRESS):
                continue
            if value.op == op.STORE and value.args[1].op == op.UNDEF:
                continue
            total += 3 if value.op == op.CALL else 1
        total += 1
    return total


def can_be_inlined(function: Function) -> bool:
    """Nothing in the body depends on having a frame of its own."""
    if function.no_inline or function.variadic or function.calls_setjmp or function.naked:
        return False
    if function.has_dynamic_stack and not function.always_inline or function.labels_in_data:
        return False
    for block in function.blocks:
        if block.terminator.op == op.INDIRECT_JUMP:
            return False
        for value in block.values:
            if value.op == op.VA_REGISTERS:
                return False
            if value.op in (op.FRAME_ADDRESS, op.RETURN_ADDRESS) and not function.always_inline:
                return False
    return True


@final
class Inliner:
    """Inlines into one function at a time; callees are expected to be in their final form already."""

    def __init__(self, options: InlineOptions, call_counts: dict[str, int], replaceable: set[str]) -> None:
        self.options = options
        self.call_counts = call_counts  # direct calls in the module, by callee; address-taken functions count twice more
        self.replaceable = replaceable  # functions that the dynamic linker may replace
        self.sizes: dict[str, int] = {}
        self.candidates: dict[str, bool] = {}

    def run(self, function: Function) -> bool:
        calls = self._calls(function)
        if not calls:
            return False
        size = body_size(function)
        loops = Loops(function, Dominators(function))
        wanted: list[Value] = []
        for call in calls:
            symbol = call.symbol
            callee = symbol.function if symbol is not None else None
            if callee is None or symbol is None:
                continue
            growth = self._size_of(callee)
            if not callee.always_inline:
                if size > CALLER_LIMIT or not self._worth_it(callee, symbol, growth, loops.depth(call.block), call):
                    continue
            size += growth
            wanted.append(call)
        changed = False
        for call in wanted:
            if _matches(call):
                inline_call(function, call)
                changed = True
        return changed

    def _calls(self, function: Function) -> list[Value]:
        found: list[Value] = []
        for block in function.blocks:
            for value in block.values:
                if value.op != op.CALL or value.symbol is None:
                    continue
                callee = value.symbol.function
                if callee is None or callee is function or not callee.blocks or value.symbol.weak:
                    continue
                if callee.name in self.replaceable and not callee.always_inline:
                    continue
                if not self.options.enabled and not callee.always_inline:
                    continue
                usable = self.candidates.get(callee.name)
                if usable is None:
                    usable = can_be_inlined(callee)
                    self.candidates[callee.name] = usable
                if usable:
                    found.append(value)
        return found

    def _size_of(self, callee: Function) -> int:
        size = self.sizes.get(callee.name)
        if size is None:
            size = body_size(callee)
            self.sizes[callee.name] = size
        return size

    def _worth_it(self, callee: Function, symbol: Symbol, size: int, depth: int, call: Value) -> bool:
        options = self.options
        if not options.enabled or callee.cold or (call.call is not None and call.call.noreturn):
            return False
        if symbol.local and self.call_counts.get(symbol.name, 0) == 1 and options.level >= 2 and size <= ONCE_LIMIT:
            return True
        limit = SMALL_SIZE_LIMIT if options.size else SIZE_LIMITS[options.level]
        if call.block.cold:
            limit = SMALL_SIZE_LIMIT
        elif not options.size:
            if callee.inline_hint:
                limit *= HINT_FACTOR
            if depth > 0:
                limit *= LOOP_FACTOR
        return size <= limit + len(call.args)


def _matches(call: Value) -> bool:
    """The call passes its pieces just as the callee expects them, and takes the results that it gives."""
    symbol = call.symbol
    callee = symbol.function if symbol is not None else None
    return callee is not None and arguments_match(call, callee)


def arguments_match(call: Value, callee: Function) -> bool:
    """The same for any callee."""
    info = call.call
    if info is None or info.must_tail or info.variadic and callee.variadic:
        return False
    scalars = [index for index, size in enumerate(info.byval_sizes) if size == 0]
    if not info.byval_sizes:
        scalars = list(range(len(info.argument_locations)))
    parameters = callee.parameter_locations
    if len(scalars) < len(parameters):
        return False
    for position, parameter in enumerate(parameters):
        place = info.argument_locations[scalars[position]]
        if place.type != parameter.type or place.register != parameter.register:
            return False
        if place.register < 0 and place.offset != parameter.offset:
            return False
    results = callee.result_locations
    if call.uses == 0 or call.type == ty.VOID:
        return True
    if len(results) < len(info.result_locations):
        return False
    for position, wanted in enumerate(info.result_locations):
        if results[position].type != wanted.type or results[position].register != wanted.register:
            return False
    return True


def inline_call(function: Function, call: Value) -> None:
    """Replace the call by a copy of the callee's body."""
    symbol = call.symbol
    assert symbol is not None and symbol.function is not None
    inline_into(function, call, symbol.function)


def inline_into(function: Function, call: Value, body: Function) -> None:
    """Replace the call by a copy of `body`, which is not `function` itself."""
    _Copier(function, call, body).run()


@final
class _Copier:
    def __init__(self, function: Function, call: Value, callee: Function) -> None:
        self.function = function
        self.call = call
        self.callee = callee
        self.blocks: dict[int, Block] = {}
        self.values: list[Value | None] = [None] * callee.value_count
        self.copies: list[tuple[Value, Value]] = []
        self.returns: list[tuple[Block, list[Value]]] = []
        self.stack_objects: list[tuple[int, int, Value]] = []  # byval: stack offset, size, its copy

    def run(self) -> None:
        function = self.function
        call = self.call
        head = call.block
        after = self._split(head)
        self._copy_byval_arguments(head)
        position = function.blocks.index(head) + 1
        made: list[Block] = []
        for block in self.callee.blocks:
            copy = Block(function.block_count, function)
            function.block_count += 1
            copy.cold = block.cold or head.cold
            copy.address_taken = block.address_taken
            self.blocks[block.id] = copy
            made.append(copy)
        for block in self.callee.blocks:
            self._copy_block(block, self.blocks[block.id])
        self._connect(made)
        function.blocks[position:position] = [*made, after]
        head.terminator = function.new_value(op.JUMP, ty.VOID, head)
        add_edge(head, self.blocks[self.callee.blocks[0].id])
        self._results(after)
        if self.callee.has_dynamic_stack:
            function.has_dynamic_stack = True
        if self.callee.needs_frame_pointer:
            function.needs_frame_pointer = True
        if self.callee.stack_protect:
            function.stack_protect = True

    def _split(self, head: Block) -> Block:
        """What follows the call moves to a new block; the call itself goes."""
        function = self.function
        after = Block(function.block_count, function)
        function.block_count += 1
        after.cold = head.cold
        index = head.values.index(self.call)
        after.values = head.values[index + 1 :]
        head.values = head.values[:index]
        for value in after.values:
            value.block = after
        after.terminator = head.terminator
        after.terminator.block = after
        after.successors = head.successors
        head.successors = []
        for successor in after.successors:
            successor.predecessors[successor.predecessor_index(head)] = after
        return after

    def _new_alloca(self, size: int, alignment: int) -> Value:
        entry = self.function.blocks[0]
        made = self.function.new_value(op.ALLOCA, ty.PTR, entry)
        made.imm = size
        made.extra = alignment
        entry.values.insert(0, made)
        return made

    def _copy_byval_arguments(self, head: Block) -> None:
        info = self.call.call
        assert info is not None
        for index, size in enumerate(info.byval_sizes):
            if size == 0:
                continue
            place = self._new_alloca(size, 16)
            length = self.function.new_value(op.CONST, ty.I64, head)
            length.imm = size
            copy = self.function.new_value(op.MEMCPY, ty.VOID, head)
            for argument in (place, self.call.args[index], length):
                copy.add_argument(argument)
            head.values += [length, copy]
            self.stack_objects.append((info.argument_locations[index].offset, size, place))

    def _argument(self, number: int) -> Value:
        """The call's argument for the callee's parameter piece `number`."""
        info = self.call.call
        assert info is not None
        seen = 0
        for index in range(len(info.argument_locations)):
            if info.byval_sizes and info.byval_sizes[index]:
                continue
            if seen == number:
                return self.call.args[index]
            seen += 1
        raise AssertionError("fewer arguments than parameters")

    def _copy_block(self, block: Block, copy: Block) -> None:
        function = self.function
        for value in block.values:
            if value.op == op.PARAM:
                self.values[value.id] = self._argument(value.imm)
                continue
            if value.op == op.ALLOCA:
                place = self._new_alloca(value.imm, value.extra)
                place.position = value.position
                self.values[value.id] = place
                continue
            made = function.new_value(value.op, value.type, copy)
            self._copy_fields(value, made)
            self.values[value.id] = made
            self.copies.append((value, made))
            if value.op == op.STACK_PARAMETER:
                self._stack_parameter(made, copy)
            copy.values.append(made)
        terminator = block.terminator
        if terminator.op != op.RETURN:
            made = function.new_value(terminator.op, ty.VOID, copy)
            self._copy_fields(terminator, made)
            copy.terminator = made
            self.copies.append((terminator, made))

    def _copy_fields(self, value: Value, made: Value) -> None:
        made.copy_details(value)
        if value.target is not None:
            made.target = self.blocks[value.target.id]
        if value.symbol is not None:
            value.symbol.references += 1

    def _stack_parameter(self, made: Value, copy: Block) -> None:
        """Address of a by-value argument on the stack: that of its copy in this frame."""
        for offset, size, place in self.stack_objects:
            if offset <= made.imm < offset + size:
                step = self.function.new_value(op.CONST, ty.I64, copy)
                step.imm = made.imm - offset
                copy.values.append(step)
                made.op = op.PTRADD
                made.imm = 0
                made.add_argument(place)
                made.add_argument(step)
                return
        raise AssertionError("stack parameter without argument")

    def _connect(self, made: list[Block]) -> None:
        """Edges and arguments, once every value has its copy."""
        for block in self.callee.blocks:
            copy = self.blocks[block.id]
            copy.successors = [self.blocks[successor.id] for successor in block.successors]
            copy.predecessors = [self.blocks[predecessor.id] for predecessor in block.predecessors]
        for value, copied in self.copies:
            for argument in value.args:
                replacement = self.values[argument.id]
                assert replacement is not None
                copied.add_argument(replacement)
        for block in self.callee.blocks:
            if block.terminator.op == op.RETURN:
                pieces: list[Value] = []
                for argument in block.terminator.args:
                    replacement = self.values[argument.id]
                    assert replacement is not None
                    pieces.append(replacement)
                self.returns.append((self.blocks[block.id], pieces))

    def _results(self, after: Block) -> None:
        """Returns jump to the block behind the call; result pieces become phis there."""
        function = self.function
        for block, _ in self.returns:
            block.terminator = function.new_value(op.JUMP, ty.VOID, block)
            add_edge(block, after)
        call = self.call
        if call.symbol is not None:
            call.symbol.references -= 1
        call.symbol = None
        for value in list(after.values):
            if value.op == op.RESULT and value.args[0] is call:
                self._replace(value, value.imm, after)
        if call.type == ty.VOID:
            call.clear_arguments()
            call.op = op.INVALID
            return
        after.values.insert(0, call)  # it lives on as phi or copy
        call.block = after
        self._replace(call, 0, after)

    def _replace(self, old: Value, piece: int, after: Block) -> None:
        """`old` (the call, or a further result of it) stands for piece number `piece` of the returns."""
        arguments: list[Value] = []
        for block, pieces in self.returns:
            if piece < len(pieces):
                arguments.append(pieces[piece])
            else:  # "return;" in a function that should return something
                nothing = self.function.new_value(op.UNDEF, old.type, block)
                block.values.append(nothing)
                arguments.append(nothing)
        old.clear_arguments()
        old.imm = 0
        old.extra = 0
        old.flags = 0
        old.call = None
        if not arguments:
            old.op = op.UNDEF
        else:
            old.op = op.PHI if len(arguments) > 1 else op.COPY
            for argument in arguments:
                old.add_argument(argument)
        after.values.remove(old)
        index = 0
        if old.op != op.PHI:
            while index < len(after.values) and after.values[index].op == op.PHI:
                index += 1
        after.values.insert(index, old)
