"""GNU nested functions: a hidden static chain that points to the frame record of the function around.

The record's slot 0 holds that function's own static chain, further slots the address of a captured variable's home
(VLAs: of the slot that holds the array's address), or three words for a label that nested functions jump to.  Nested functions are lowered first, so that the outer function knows
at its entry what they capture.  The address of a nested function is that of a trampoline in the outer frame: code that
sets the chain register and jumps; the stack must be executable then (Module.executable_stack), as with gcc.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import non_local, statements
from ourocc.lower.context import FunctionContext
from ourocc.semantics import typed_tree as tt


def owner_of(context: FunctionContext, variable: tt.Variable) -> FunctionContext:
    """The function whose automatic variable it is: this one, or one around it."""
    if context.parent is None or variable in context.own:
        return context
    around: FunctionContext | None = context.parent
    while around is not None:
        if variable in around.own:
            return around
        around = around.parent
    return context


def chain(context: FunctionContext) -> Value:
    """The incoming static chain: the frame record of the function around."""
    assert context.chain_slot is not None
    return context.builder.load(ty.PTR, context.chain_slot)


def record_of(context: FunctionContext, owner: FunctionContext) -> Value:
    """The frame record of this function or of one around it."""
    if owner is context:
        return frame_record(context)
    record = chain(context)
    around = context.parent
    while around is not None and around is not owner:
        record = context.builder.load(ty.PTR, record)
        around = around.parent
    return record


def frame_record(context: FunctionContext) -> Value:
    if context.record is None:
        context.record = context.builder.alloca(8 * context.captures.count, 8)
    return context.record


def captured_address(context: FunctionContext, owner: FunctionContext, variable: tt.Variable) -> Value:
    """The address of a variable of a function around this one."""
    slot = owner.captures.slot(variable)
    record = record_of(context, owner)
    address = context.builder.load(ty.PTR, context.builder.ptradd(record, 8 * slot))
    if variable.type.has_variable_size():
        return context.builder.load(ty.PTR, address)
    return address


def fill_record(context: FunctionContext) -> None:
    """At the entry of a function with nested ones: make the frame record."""
    if not context.definition.nested:
        return
    builder = context.builder
    record = frame_record(context)
    if context.parent is not None:
        builder.store(record, chain(context))
    for variable, slot in context.captures.slots.items():
        if variable.type.has_variable_size():
            home = builder.alloca(8, 8)
            context.indirect[variable] = home
        else:
            found = context.addresses.get(variable)
            if found is None:
                size = max(variable.type.size, variable.initialized_size)
                home = builder.alloca(size, max(variable.type.alignment, variable.alignment, 1))
                context.addresses[variable] = home
            else:
                home = found
        builder.store(builder.ptradd(record, 8 * slot), home)
    for label, slot in context.captures.labels.items():
        receiver = builder.new_block()
        non_local.save(context, builder.ptradd(record, 8 * slot), receiver)
        context.receivers.append((receiver, label))
    for label, slot in context.captures.label_addresses.items():
        builder.store(builder.ptradd(record, 8 * slot), statements.label_address(context, label))


def chain_for(context: FunctionContext, variable: tt.Variable) -> Value | None:
    """What to pass as static chain to a nested function."""
    around = context.unit.parents[variable]
    owner: FunctionContext | None = context
    while owner is not None:
        if owner is around:
            return record_of(context, around)
        owner = owner.parent
    return None


def function_address(context: FunctionContext, variable: tt.Variable) -> Value:
    """The address of a nested function: of a trampoline, written anew at each mention."""
    builder = context.builder
    abi = context.unit.abi
    code = builder.address(context.unit.symbol(variable))
    link = chain_for(context, variable)
    if link is None:
        return code
    context.unit.module.executable_stack = True
    context.unit.module.executable_stack = True
    place = builder.alloca(abi.trampoline_size(), 8)
    abi.write_trampoline(builder, place, code, link)
    fence = builder.emit(op.FENCE, ty.VOID)
    fence.extra = 1
    return place


def jump_out(context: FunctionContext, label: tt.Label) -> bool:
    """A goto to a label of a function around this one; False when no such function has it."""
    owner = context.parent
    while owner is not None:
        if label in owner.definition.labels:
            slot = owner.captures.label_slot(label)
            buffer = context.builder.ptradd(record_of(context, owner), 8 * slot)
            non_local.jump(context, buffer)
            return True
        owner = owner.parent
    return False


def label_address(context: FunctionContext, label: tt.Label) -> Value | None:
    """&&label of a function around this one."""
    owner = context.parent
    while owner is not None:
        if label in owner.definition.labels:
            slot = owner.captures.label_address_slot(label)
            return context.builder.load(ty.PTR, context.builder.ptradd(record_of(context, owner), 8 * slot))
        owner = owner.parent
    return None


def finish_receivers(context: FunctionContext) -> None:
    """Where jumps out of nested functions arrive."""
    for receiver, label in context.receivers:
        context.builder.unreachable()
        context.builder.start(receiver)
        context.builder.jump(statements.label_block(context, label))
