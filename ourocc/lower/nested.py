"""GNU nested functions: a hidden static chain that points to the frame record of the function around.

The record's slot 0 holds that function's own static chain, slot k + 1 the address of the k-th captured variable's home
(VLAs: of the slot that holds the array's address).  Nested functions are lowered first, so that the outer function knows
at its entry what they capture.  The address of a nested function is that of a trampoline in the outer frame: code that
sets the chain register and jumps; the stack must be executable then (Module.executable_stack), as with gcc.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import vla
from ourocc.lower.context import FunctionContext
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


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
        context.record = context.builder.alloca(8 * (len(context.captures.variables) + 1), 8)
    return context.record


def captured_address(context: FunctionContext, owner: FunctionContext, variable: tt.Variable) -> Value:
    """The address of a variable of a function around this one."""
    slot = owner.captures.slot(variable)
    record = record_of(context, owner)
    address = context.builder.load(ty.PTR, context.builder.ptradd(record, 8 * slot))
    if vla.is_vla(variable.type):
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
    for index, variable in enumerate(context.captures.variables):
        if vla.is_vla(variable.type):
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
        builder.store(builder.ptradd(record, 8 * (index + 1)), home)


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
    place = builder.alloca(abi.trampoline_size(), 8)
    abi.write_trampoline(builder, place, code, link)
    fence = builder.emit(op.FENCE, ty.VOID)
    fence.extra = 1
    return place


# ---- which automatic variables a function owns


def collect(context: FunctionContext) -> None:
    """Fill `context.own`: only asked for where functions nest."""
    for parameter in context.definition.parameters:
        context.own[parameter] = True
    for type in context.definition.parameter_vlas:
        collect_lengths(context, type)
    if context.definition.body is not None:
        collect_statement(context, context.definition.body)


def collect_lengths(context: FunctionContext, type: Type | None) -> None:
    while type is not None:
        if isinstance(type.length_variable, tt.Variable):
            context.own[type.length_variable] = True
        if isinstance(type.length_expression, tt.Expression):
            collect_expression(context, type.length_expression)
        if type.kind not in (ct.ARRAY, ct.POINTER, ct.FUNCTION):
            return
        type = type.base


def collect_statement(context: FunctionContext, node: tt.Statement | None) -> None:
    if node is None:
        return
    if isinstance(node, tt.Block):
        for inner in node.statements:
            collect_statement(context, inner)
    elif isinstance(node, tt.LocalDeclaration):
        context.own[node.variable] = True
        collect_lengths(context, node.variable.type)
        collect_expression(context, node.initializer_value)
        collect_items(context, node.variable)
    elif isinstance(node, tt.ExpressionStatement):
        collect_expression(context, node.expression)
    elif isinstance(node, tt.If):
        collect_expression(context, node.condition)
        collect_statement(context, node.then)
        collect_statement(context, node.otherwise)
    elif isinstance(node, tt.Loop):
        collect_expression(context, node.condition)
        collect_expression(context, node.step)
        collect_statement(context, node.body)
    elif isinstance(node, tt.Switch):
        collect_expression(context, node.condition)
        collect_statement(context, node.body)
    elif isinstance(node, (tt.CaseLabel, tt.Labeled)):
        collect_statement(context, node.body)
    elif isinstance(node, tt.Return):
        collect_expression(context, node.value)
    elif isinstance(node, tt.ComputedGoto):
        collect_expression(context, node.target)
    elif isinstance(node, tt.VlaDeclaration):
        collect_lengths(context, node.type)
    elif isinstance(node, tt.Asm):
        for operand in [*node.outputs, *node.inputs]:
            collect_expression(context, operand.expression)


def collect_items(context: FunctionContext, variable: tt.Variable) -> None:
    if variable.initializer is not None:
        for item in variable.initializer:
            collect_expression(context, item.value)


def collect_expression(context: FunctionContext, node: tt.Expression | None) -> None:
    if node is None:
        return
    if isinstance(node, tt.VariableReference):
        if node.kind == tt.COMPOUND_LITERAL:
            context.own[node.variable] = True
            collect_items(context, node.variable)
    elif isinstance(node, (tt.UnaryOperation, tt.VaArg)):
        collect_expression(context, node.operand)
        if node.kind == tt.CONVERT:
            collect_lengths(context, node.type)
    elif isinstance(node, (tt.BinaryOperation, tt.PointerArithmetic)):
        collect_expression(context, node.left)
        collect_expression(context, node.right)
    elif isinstance(node, tt.MemberAccess):
        collect_expression(context, node.base)
    elif isinstance(node, tt.CompoundAssignment):
        collect_expression(context, node.place)
        collect_expression(context, node.value)
    elif isinstance(node, tt.IncrementOperation):
        collect_expression(context, node.place)
    elif isinstance(node, tt.Conditional):
        collect_expression(context, node.condition)
        collect_expression(context, node.then)
        collect_expression(context, node.otherwise)
    elif isinstance(node, tt.SavedValue):
        collect_expression(context, node.expression)
    elif isinstance(node, tt.Call):
        collect_expression(context, node.function)
        for argument in node.arguments:
            collect_expression(context, argument)
    elif isinstance(node, tt.BuiltinCall):
        for argument in node.arguments:
            collect_expression(context, argument)
    elif isinstance(node, tt.StatementExpression):
        collect_statement(context, node.body)
        collect_expression(context, node.result)
