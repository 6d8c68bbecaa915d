"""Lowering: a typed translation unit becomes an IR module (SSA with every variable in memory).

All automatic variables start as `alloca`s; SSA construction promotes them later.  Nothing here asks what C means:
conversions are explicit in the typed tree.  One file a concept: `expressions`, `places`, `statements`, `calls`,
`initializers`, `bitfields`, `atomics`, `complex`, `vectors`, `builtins`, `asm`, `nested`, `vla`.
"""

from ourocc.base.diagnostics import Diagnostics
from ourocc.ir import operations as op
from ourocc.ir.function import Block, Function, Module, Symbol, remove_edge
from ourocc.lower import calls, initializers, instrument, nested, statements, untyped_calls, unwinding, vla
from ourocc.lower.context import FunctionContext, UnitContext, describe_symbol, object_alignment
from ourocc.lower.debug import describe_object
from ourocc.lower.options import LoweringOptions
from ourocc.lower.walk import FindArgumentPack, OwnVariables
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import DataModel
from ourocc.targets.abi import Abi


def lower(
    unit: tt.TypedUnit, data_model: DataModel, abi: Abi, options: LoweringOptions, diagnostics: Diagnostics
) -> Module:
    """The IR of a whole unit.  Unimplemented constructs are reported to `diagnostics` as errors."""
    module = Module("")
    context = UnitContext(module, data_model, abi, options, diagnostics)
    for entry in unit.order:
        if isinstance(entry, tt.FunctionDefinition):
            lower_function(context, entry, None)
        elif isinstance(entry, tt.Variable):
            lower_object(context, entry)
        elif isinstance(entry, int):
            module.assembly.append(unit.assembly[entry][1])
    for variable in unit.variables:
        lower_object(context, variable)
    for variable in unit.aliases:
        lower_alias(context, variable)
    module.idents = list(unit.idents)
    module.renamed = unit.renamed
    resolve_labels(context)
    return module


# ---- objects


def lower_object(context: UnitContext, variable: tt.Variable) -> None:
    """Emit an object with static storage (once)."""
    symbol = context.symbol(variable)
    if variable.is_function or symbol.defined or symbol.alias_of is not None:
        return
    if variable.state == tt.DECLARED or variable.alias or variable.weak_reference or variable.register_name:
        return
    describe_symbol(symbol, variable)
    symbol.defined = True
    symbol.read_only = variable.is_string or is_read_only(variable)
    common = variable.common or context.options.common
    if variable.state == tt.TENTATIVE and common and variable.linkage == tt.LINKAGE_EXTERNAL:
        symbol.common = not (variable.section or variable.storage == tt.STORAGE_THREAD or variable.weak)
    initializers.static_data(context, variable, symbol)
    symbol.alignment = max(symbol.alignment, object_alignment(variable, symbol.size))
    context.module.objects.append(symbol)
    if context.describer is not None and variable.name and not variable.is_string:
        context.module.variables.append(describe_object(context.describer, variable, symbol))
    if variable.is_string and symbol.alignment == 1 and symbol.data is not None:
        contents = symbol.data.contents + bytes(symbol.size - len(symbol.data.contents))
        symbol.mergeable_string = contents.find(b"\0") == len(contents) - 1


def is_read_only(variable: tt.Variable) -> bool:
    """const, and not volatile: may stand in .rodata (C17 6.7.3p6)."""
    type = variable.type
    while type.kind == ct.ARRAY and type.base is not None:
        type = type.base
    return (type.qualifiers & (ct.CONST | ct.VOLATILE)) == ct.CONST


def lower_alias(context: UnitContext, variable: tt.Variable) -> None:
    """alias, ifunc and weakref attributes: another name for a symbol."""
    symbol = context.symbol(variable)
    target = variable.alias or variable.ifunc or variable.weak_reference
    if not target or symbol.alias_of is not None:
        return
    describe_symbol(symbol, variable)
    aliased = context.module.symbol(target)
    aliased.references += 1
    symbol.alias_of = aliased
    symbol.is_ifunc = variable.ifunc != ""
    symbol.defined = not variable.weak_reference
    if variable.weak_reference:
        aliased.weak = aliased.weak or not aliased.defined
    context.module.aliases.append(symbol)


def resolve_labels(context: UnitContext) -> None:
    """Static data that holds label addresses: `static void *table[] = {&&a, &&b};`."""
    for entry, label, minus in context.label_relocations:
        entry.label = context.label_blocks.get(label)
        if entry.label is not None:
            entry.label.function.labels_in_data = True
        if minus is not None:
            entry.minus_label = context.label_blocks.get(minus)


# ---- functions


def lower_function(
    context: UnitContext, definition: tt.FunctionDefinition, parent: FunctionContext | None
) -> None:
    """Lower one function, its nested functions first."""
    symbol = context.symbol(definition.variable)
    if symbol.function is not None or is_expanded(context, definition):
        return
    function = Function(symbol, context.module.records)
    symbol.function = function
    describe_function(symbol, function, definition)
    current = FunctionContext(context, function, definition)
    current.parent = parent
    if definition.nested or parent is not None:
        own = OwnVariables()
        own.function(definition)
        current.own = own.variables
    for inner in definition.nested:
        context.parents[inner.variable] = current
    for inner in definition.nested:
        lower_function(context, inner, current)
    lower_body(current)
    context.module.functions.append(function)
    variable = definition.variable
    if variable.constructor >= 0:
        context.module.constructors.append((variable.constructor, symbol))
    if variable.destructor >= 0:
        context.module.destructors.append((variable.destructor, symbol))


def is_expanded(context: UnitContext, definition: tt.FunctionDefinition) -> bool:
    """A function that passes on its variable arguments exists only where it is called."""
    variable = definition.variable
    if not variable.type.variadic or not variable.always_inline:
        return False
    search = FindArgumentPack()
    search.function(definition)
    context.pack_users[variable] = search.found
    return search.found


def describe_function(symbol: Symbol, function: Function, definition: tt.FunctionDefinition) -> None:
    variable = definition.variable
    describe_symbol(symbol, variable)
    symbol.is_function = True
    symbol.defined = not variable.inline_only
    function.calls_setjmp = definition.calls_setjmp
    function.naked = variable.naked
    function.noreturn = variable.noreturn
    function.always_inline = variable.always_inline
    function.no_inline = variable.no_inline
    function.inline_only = variable.inline_only
    function.cold = variable.cold
    function.position = definition.location
    function.end_position = definition.end
    if variable.optimize:
        level = variable.optimize.lstrip("-O")
        if level[:1].isdigit():
            function.optimize_level = int(level[0])


def lower_body(context: FunctionContext) -> None:
    definition = context.definition
    builder = context.builder
    builder.position = definition.location
    function = context.function
    function.stack_protect = context.unit.options.stack_protect
    if function.naked:
        lower_naked(context)
        return
    calls.enter(context)
    if definition.uses_apply_args:
        untyped_calls.save_arguments(context)
    nested.fill_record(context)
    unwinding.begin(context)
    body = builder.new_block()
    builder.jump(body)
    builder.start(body)
    context.instrumented = instrument.is_wanted(context)
    instrument.enter(context)
    for type in definition.parameter_vlas:
        vla.evaluate_lengths(context, type)
    if definition.body is not None:
        statements.statement_list(context, definition.body)
        builder.position = definition.end or builder.position
    finish_body(context)
    statements.finish_gotos(context)
    statements.finish_computed_gotos(context)
    nested.finish_receivers(context)
    finish_labels(context)
    prune(function)
    drop_unused(function)
    if context.scopes is not None:
        function.debug = context.scopes.finish(
            context.addresses, context.indirect, not context.unit.options.line_operations
        )


def lower_naked(context: FunctionContext) -> None:
    """Attribute naked: nothing but the function's own assembly."""
    if context.definition.body is not None:
        statements.statement_list(context, context.definition.body)
    context.builder.unreachable()
    finish_labels(context)
    prune(context.function)


def finish_body(context: FunctionContext) -> None:
    """Control that falls off the end: main gives 0 (C17 5.1.2.2.3), others an indeterminate value."""
    builder = context.builder
    if context.is_dead():
        builder.unreachable()
        return
    statements.mark_line(context)
    statements.run_call_cleanups(context)
    context.cleanup = None
    if context.function.name == "main" and context.return_type.kind == ct.INT and context.layout.sret is None:
        builder.return_([builder.const(0, context.layout.result.pieces[0].type)])
    else:
        calls.return_nothing(context)


def finish_labels(context: FunctionContext) -> None:
    """Labels whose statement was dead or in another function: their blocks must exist."""
    builder = context.builder
    builder.unreachable()
    known = context.unit.label_blocks
    placed: dict[int, bool] = {block.id: True for block in context.function.blocks}
    for label, block in context.labels.items():
        known[label] = block
        if block.id not in placed:
            if label not in context.definition.labels and context.parent is not None:
                context.unimplemented(label.location, "goto out of a nested function")
            builder.start(block)
            builder.unreachable()
    for _, label, minus in context.unit.label_relocations:
        for mentioned in (label, minus):
            if mentioned is not None and mentioned in context.labels:
                context.labels[mentioned].address_taken = True


def prune(function: Function) -> None:
    """Drop blocks that cannot be reached; a label whose address is data only keeps its block."""
    reached: list[bool] = [False] * function.block_count
    work: list[Block] = [function.blocks[0]]
    for block in function.blocks:
        if block.address_taken and block is not function.blocks[0]:
            work.append(block)
    for block in work:
        reached[block.id] = True
    while work:
        block = work.pop()
        for successor in block.successors:
            if not reached[successor.id]:
                reached[successor.id] = True
                work.append(successor)
    dead = [block for block in function.blocks if not reached[block.id]]
    if not dead:
        return
    for block in dead:
        for successor in list(block.successors):
            remove_edge(block, successor)
        for value in [*block.values, block.terminator]:
            value.clear_arguments()
            if value.symbol is not None and value.op in (op.ADDRESS, op.CALL):
                value.symbol.references -= 1
    function.blocks = [block for block in function.blocks if reached[block.id]]




PURE_LEAVES = (op.CONST, op.FCONST, op.UNDEF, op.ZEXT, op.NOT)


def drop_unused(function: Function) -> None:
    """Remove the cheap leftovers of lowering: constants that were folded, 0/1 values of conditions."""
    for block in function.blocks:
        kept = []
        for value in reversed(block.values):
            if value.uses == 0 and value.op in PURE_LEAVES:
                value.clear_arguments()
            else:
                kept.append(value)
        kept.reverse()
        block.values = kept
