"""Statements and declarations (C17 6.8): control flow, scopes and what happens when control leaves them.

Cleanups (attribute cleanup, VLAs' stack space) are a linked list; a jump runs those between its place and its target.
A goto whose label comes later waits in `pending_gotos` until the label's scope is known.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Value, normalize
from ourocc.lower import (
    asm,
    calls,
    complex,
    expressions,
    initializers,
    inline,
    instrument,
    nested,
    places,
    unwinding,
    vla,
)
from ourocc.lower.context import CLEANUP_CALL, CLEANUP_STACK, Cleanup, FunctionContext, PendingGoto
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct


def statement(context: FunctionContext, node: tt.Statement) -> None:
    """Lower one statement.  In dead code only what a label or case may reach is emitted."""
    if context.is_dead():
        if not revives(node):
            return
        context.revive()
    if node.location:
        context.builder.position = node.location
    if isinstance(node, tt.ExpressionStatement):
        mark_line(context)
        expressions.discard(context, node.expression)
    elif isinstance(node, tt.Block):
        block(context, node)
    elif isinstance(node, tt.LocalDeclaration):
        declaration(context, node)
    elif isinstance(node, tt.If):
        if_statement(context, node)
    elif isinstance(node, tt.Loop):
        loop(context, node)
    elif isinstance(node, tt.Return):
        mark_line(context)
        return_statement(context, node)
    elif isinstance(node, tt.Switch):
        switch(context, node)
    elif isinstance(node, tt.CaseLabel):
        case_label(context, node)
    elif isinstance(node, tt.Labeled):
        labeled(context, node)
    elif isinstance(node, tt.Goto):
        goto(context, node.label)
    elif isinstance(node, tt.Jump):
        jump(context, node)
    elif isinstance(node, tt.ComputedGoto):
        computed_goto(context, node)
    elif isinstance(node, tt.VlaDeclaration):
        vla.evaluate_lengths(context, node.type)
    elif isinstance(node, tt.Asm):
        mark_line(context)
        asm.statement(context, node)
    else:
        context.unimplemented(node.location, f"statement kind {node.kind}")


def mark_line(context: FunctionContext) -> None:
    if context.unit.options.line_operations:
        context.builder.emit(op.LINE, ty.VOID)


def revives(node: tt.Statement | None) -> bool:
    """Does the statement hold a label or case that can be jumped to from outside of it?"""
    if node is None:
        return False
    if isinstance(node, (tt.Labeled, tt.CaseLabel)):
        return True
    if isinstance(node, tt.Block):
        for inner in node.statements:
            if revives(inner):
                return True
        return False
    if isinstance(node, tt.If):
        return revives(node.then) or revives(node.otherwise)
    if isinstance(node, tt.Loop):
        return revives(node.body)
    return isinstance(node, tt.Switch) and revives(node.body)


def block(context: FunctionContext, node: tt.Block) -> None:
    mark = context.cleanup
    scopes = context.scopes
    if scopes is not None:
        scopes.enter(node.location, node.end)
    statement_list(context, node)
    if scopes is not None:
        scopes.leave()
    if node.end:
        context.builder.position = node.end
    leave_scope(context, mark)


def statement_list(context: FunctionContext, node: tt.Block) -> None:
    """The statements of a block, without leaving its scope."""
    for inner in node.statements:
        statement(context, inner)


# ---- scopes


def leave_scope(context: FunctionContext, mark: Cleanup | None) -> None:
    """Run the cleanups down to `mark` where control falls out of a scope, and forget them."""
    if context.cleanup is mark:
        return
    if not context.is_dead():
        run_cleanups(context, context.cleanup, mark)
    context.cleanup = mark


def keep_stack(context: FunctionContext, mark: Cleanup | None) -> None:
    """Forget to give stack space back down to `mark`: the value of a statement expression stands in it."""
    entry = context.cleanup
    kept: list[Cleanup] = []
    while entry is not None and entry is not mark:
        if entry.kind == CLEANUP_CALL:
            kept.append(entry)
        entry = entry.parent
    context.cleanup = mark
    for entry in reversed(kept):
        context.cleanup = Cleanup(context.cleanup, entry.kind, entry.variable, entry.slot)


def run_cleanups(context: FunctionContext, start: Cleanup | None, end: Cleanup | None) -> None:
    """Emit the cleanups from `start` outwards until `end` (exclusive).

    Of several stack restores in a row only the outermost matters."""
    entry = start
    saved = context.cleanup
    while entry is not None and entry is not end:
        context.cleanup = entry.parent
        if entry.kind == CLEANUP_CALL:
            assert entry.variable is not None
            unwinding.leave(context, entry)
            calls.call_cleanup(context, entry.variable)
            context.revive()
        else:
            following = entry.parent
            last = following is None or following is end or following.kind != CLEANUP_STACK
            if last:
                assert entry.slot is not None
                pointer = context.builder.load(ty.PTR, entry.slot)
                context.builder.unary(op.STACK_RESTORE, ty.VOID, pointer)
        entry = entry.parent
    context.cleanup = saved


def common_ancestor(x: Cleanup | None, y: Cleanup | None) -> Cleanup | None:
    while x is not y:
        if x is not None and (y is None or x.depth >= y.depth):
            x = x.parent
        elif y is not None:
            y = y.parent
    return x


def jump_out(context: FunctionContext, target: Block, mark: Cleanup | None) -> None:
    """Jump to a block of an enclosing scope."""
    run_cleanups(context, context.cleanup, mark)
    context.builder.jump(target)


# ---- declarations


def declaration(context: FunctionContext, node: tt.LocalDeclaration) -> None:
    variable = node.variable
    if context.scopes is not None:
        context.scopes.declare(variable)
    if variable.type.has_variable_size():
        mark_line(context)
        vla.allocate(context, variable)
        push_cleanup(context, variable)
        return
    if not places.is_automatic(variable):
        return
    address = places.variable_address(context, variable)
    if node.initializer_value is not None:
        mark_line(context)
        type = variable.type.unqualified
        target = places.Place(address, type, max(type.alignment, variable.alignment))
        if variable.type.qualifiers & ct.VOLATILE:
            target.type = variable.type
        if variable.type.qualifiers & ct.ATOMIC:
            target.type = type  # initialization is not atomic (C17 7.17.2.1)
        expressions.assign(context, target, node.initializer_value)
    elif variable.initializer is not None:
        mark_line(context)
        initializers.initialize_items(context, variable, address)
    elif context.unit.options.automatic_fill >= 0 and not variable.register_name and not variable.uninitialized:
        alignment = max(variable.type.alignment, variable.alignment)
        initializers.clear(context, address, variable.type.size, alignment, context.unit.options.automatic_fill)
    elif context.unit.options.optimize_level > 0:
        forget(context, variable, address)
    push_cleanup(context, variable)


def forget(context: FunctionContext, variable: tt.Variable, address: Value) -> None:
    """What a variable without initializer held before is gone (C17 6.2.4p6): a round of a loop does not see that of the one
    before, so that SSA construction has no value to carry around."""
    type = variable.type
    if context.builder.block is context.function.blocks[0] or context.is_dead():
        return
    if type.size <= 8 and type.is_scalar() and type.kind != ct.COMPLEX and not type.qualifiers & (ct.VOLATILE | ct.ATOMIC):
        context.builder.store(address, context.undef(context.ir_type(type)))


def push_cleanup(context: FunctionContext, variable: tt.Variable) -> None:
    if variable.cleanup is not None:
        context.cleanup = Cleanup(context.cleanup, CLEANUP_CALL, variable, None)
        unwinding.enter(context, context.cleanup)


# ---- selection and iteration


def if_statement(context: FunctionContext, node: tt.If) -> None:
    builder = context.builder
    mark_line(context)
    then = builder.new_block()
    done = builder.new_block()
    otherwise = builder.new_block() if node.otherwise is not None else done
    expressions.condition(context, node.condition, then, otherwise)
    expressions.start(context, then)
    statement(context, node.then)
    fall_into(context, done)
    if node.otherwise is not None:
        expressions.start(context, otherwise)
        statement(context, node.otherwise)
        fall_into(context, done)
    expressions.start(context, done)


def fall_into(context: FunctionContext, target: Block) -> None:
    """Jump to `target` when control gets here; else end the dead block."""
    if context.is_dead():
        context.builder.unreachable()
    else:
        context.builder.jump(target)


def loop(context: FunctionContext, node: tt.Loop) -> None:
    """while, do and for.  The condition stands where the source has it; rotation is an optimization."""
    builder = context.builder
    outer = (context.break_block, context.break_cleanup, context.continue_block, context.continue_cleanup)
    head = builder.new_block()
    body = builder.new_block()
    next_block = builder.new_block()
    done = builder.new_block()
    context.break_block = done
    context.continue_block = next_block
    context.break_cleanup = context.cleanup
    context.continue_cleanup = context.cleanup
    fall_into(context, head if node.test_first else body)
    if node.test_first:
        builder.start(head)
        loop_condition(context, node, body, done)
        expressions.start(context, body)
    else:
        builder.start(body)
    if node.body is not None:
        statement(context, node.body)
    fall_into(context, next_block)
    expressions.start(context, next_block)
    if not context.is_dead():
        if node.step is not None:
            builder.position = node.step.location
            mark_line(context)
            expressions.discard(context, node.step)
            context.revive()
        if node.test_first:
            builder.jump(head)
        else:
            loop_condition(context, node, body, done)
    else:
        builder.unreachable()
    context.break_block, context.break_cleanup, context.continue_block, context.continue_cleanup = outer
    expressions.start(context, done)


def loop_condition(context: FunctionContext, node: tt.Loop, body: Block, done: Block) -> None:
    if node.condition is None:
        context.builder.jump(body)
        return
    context.builder.position = node.condition.location or node.location
    mark_line(context)
    expressions.condition(context, node.condition, body, done)


def switch(context: FunctionContext, node: tt.Switch) -> None:
    builder = context.builder
    mark_line(context)
    control = expressions.value(context, node.condition)
    done = builder.new_block()
    default = done
    rows: list[tuple[int, int, Block]] = []
    type = control.type
    unsigned = node.condition.type.unsigned
    for case in node.cases:
        target = builder.new_block()
        context.cases[case] = target
        if case.is_default:
            default = target
        else:
            rows += case_rows(case, target, type, unsigned)
    if node.default is not None and node.default not in context.cases:
        default = builder.new_block()
        context.cases[node.default] = default
    outer_block = context.break_block
    outer_cleanup = context.break_cleanup
    context.break_block = done
    context.break_cleanup = context.cleanup
    context.revive()
    if rows:
        builder.switch(control, default, rows)
    else:
        builder.jump(default)
    if node.body is not None:
        statement(context, node.body)
    fall_into(context, done)
    context.break_block = outer_block
    context.break_cleanup = outer_cleanup
    expressions.start(context, done)


def case_rows(case: tt.CaseLabel, target: Block, type: int, unsigned: bool) -> list[tuple[int, int, Block]]:
    """The label's range as signed numbers; an unsigned range across the sign bit becomes two."""
    low = normalize(case.first, type)
    high = normalize(case.last, type)
    if low <= high:
        return [(low, high, target)]
    if not unsigned or case.first > case.last:
        return []
    half = 1 << (ty.BITS[type] - 1)
    return [(low, half - 1, target), (-half, high, target)]


def case_label(context: FunctionContext, node: tt.CaseLabel) -> None:
    target = context.cases.get(node)
    if target is not None:  # None: the switch itself was dead
        fall_into(context, target)
        expressions.start(context, target)
    if node.body is not None:
        statement(context, node.body)


def jump(context: FunctionContext, node: tt.Jump) -> None:
    mark_line(context)
    if node.kind == tt.BREAK:
        if context.break_block is not None:
            jump_out(context, context.break_block, context.break_cleanup)
    elif context.continue_block is not None:
        jump_out(context, context.continue_block, context.continue_cleanup)


# ---- labels


def label_block(context: FunctionContext, label: tt.Label) -> Block:
    found = context.labels.get(label)
    if found is None:
        found = context.builder.new_block()
        context.labels[label] = found
    return found


def labeled(context: FunctionContext, node: tt.Labeled) -> None:
    target = label_block(context, node.label)
    if context.is_dead():
        context.builder.unreachable()
    else:
        context.builder.jump(target)
    context.builder.start(target)
    context.label_cleanups[node.label] = context.cleanup
    if node.label.address_taken:
        take_address(context, target)
    statement(context, node.body)


def take_address(context: FunctionContext, target: Block) -> None:
    if not target.address_taken:
        target.address_taken = True
        context.taken_labels.append(target)


def label_address(context: FunctionContext, label: tt.Label) -> Value:
    if context.parent is not None and label not in context.definition.labels:
        outer = nested.label_address(context, label)
        if outer is not None:
            return outer
    target = label_block(context, label)
    take_address(context, target)
    address = context.builder.emit(op.LABEL_ADDRESS, ty.PTR)
    address.target = target
    return address


def goto(context: FunctionContext, label: tt.Label) -> None:
    mark_line(context)
    if context.parent is not None and label not in context.definition.labels:
        if nested.jump_out(context, label):
            return
    target = label_block(context, label)
    if context.cleanup is None:
        context.builder.jump(target)
    elif label in context.label_cleanups:
        jump_out(context, target, common_ancestor(context.cleanup, context.label_cleanups[label]))
    else:
        waiting = context.builder.new_block()
        context.builder.jump(waiting)
        context.pending_gotos.append(PendingGoto(waiting, label, context.cleanup))


def finish_gotos(context: FunctionContext) -> None:
    """Emit the cleanups of gotos that went forward, now that all labels are known."""
    for pending in context.pending_gotos:
        context.builder.unreachable()
        context.builder.start(pending.block)
        context.cleanup = pending.cleanup
        end = common_ancestor(pending.cleanup, context.label_cleanups.get(pending.label))
        jump_out(context, label_block(context, pending.label), end)
    context.cleanup = None


def computed_goto(context: FunctionContext, node: tt.ComputedGoto) -> None:
    """All computed gotos of a function share one indirect jump (edges: gotos + labels instead of their product)."""
    mark_line(context)
    builder = context.builder
    target = expressions.value(context, node.target)
    if context.indirect_block is None:
        context.indirect_block = builder.new_block()
        context.indirect_slot = builder.alloca(8, 8)
    assert context.indirect_slot is not None
    builder.store(context.indirect_slot, target)
    builder.jump(context.indirect_block)


def finish_computed_gotos(context: FunctionContext) -> None:
    shared = context.indirect_block
    slot = context.indirect_slot
    if shared is None or slot is None:
        return
    context.builder.unreachable()
    context.builder.start(shared)
    address = context.builder.load(ty.PTR, slot)
    if context.taken_labels:
        context.builder.indirect_jump(address, context.taken_labels)
    else:
        context.builder.unreachable()


# ---- return


def return_statement(context: FunctionContext, node: tt.Return) -> None:
    """Evaluate the value, run all cleanups, leave."""
    expression = node.value
    builder = context.builder
    if context.expansion is not None:
        inline.return_value(context, context.expansion, expression)
        return
    if expression is None or context.return_type.kind == ct.VOID or expression.type.kind == ct.VOID:
        if expression is not None:
            expressions.discard(context, expression)
            context.revive()
        run_call_cleanups(context)
        calls.return_nothing(context)
        return
    if context.layout.sret is not None:
        calls.store_result(context, expression)
        context.revive()
        run_call_cleanups(context)
        calls.return_nothing(context)
        return
    if context.return_type.kind == ct.COMPLEX:
        pieces = calls.complex_pieces(context, complex.value(context, expression), context.return_type, context.layout.result)
    else:
        found = expressions.value(context, expression)
        pieces = calls.value_pieces(context, found, context.return_type, context.layout.result)
    context.revive()
    run_call_cleanups(context)
    builder.return_(pieces)


def run_call_cleanups(context: FunctionContext) -> None:
    """All cleanups but stack restores, which the epilogue makes superfluous."""
    entry = context.cleanup
    saved = entry
    while entry is not None:
        context.cleanup = entry.parent
        if entry.kind == CLEANUP_CALL:
            assert entry.variable is not None
            unwinding.leave(context, entry)
            calls.call_cleanup(context, entry.variable)
            context.revive()
        entry = entry.parent
    context.cleanup = saved
    instrument.leave(context)
