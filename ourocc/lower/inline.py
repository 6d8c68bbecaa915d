"""Functions that pass on their variable arguments by __builtin_va_arg_pack (glibc's fortified printf and kin).

Only a copy of such a function's body in its caller can have a meaning, so lowering itself expands the call: parameters
become variables of the caller, `return` stores and jumps, the pack is the call's own variable arguments.
"""

from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import calls, complex, expressions, places, statements
from ourocc.lower.context import Evaluated, Expansion, FunctionContext
from ourocc.lower.walk import FindArgumentPack
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct


def uses_pack(context: FunctionContext, variable: tt.Variable) -> bool:
    """Must calls of the function be expanded here?"""
    definition = variable.function
    if definition is None or not variable.type.variadic:
        return False
    found = context.unit.pack_users.get(variable)
    if found is None:
        search = FindArgumentPack()
        search.function(definition)
        found = search.found
        context.unit.pack_users[variable] = found
    return found


def expand(context: FunctionContext, definition: tt.FunctionDefinition, call: tt.Call) -> Value | None:
    """Lower the body in place of the call; the memory that holds the result, None for void."""
    builder = context.builder
    evaluated = calls.evaluate(context, call.arguments)
    count = len(definition.parameters)
    for parameter, argument in zip(definition.parameters, evaluated, strict=False):
        home = places.declare(context, parameter)
        target = places.Place(home, parameter.type.unqualified, parameter.type.alignment)
        if argument.parts is not None:
            complex.store(context, target, argument.parts)
        elif argument.value is not None:
            places.store(context, target, argument.value)
    result_type = call.type
    result = None if result_type.kind == ct.VOID else context.temporary(result_type)
    expansion = Expansion(evaluated[count:], builder.new_block(), result, result_type)
    expansion.cleanup = context.cleanup
    outer = context.expansion
    outer_saved = context.saved
    outer_definition = context.definition
    outer_jumps = (context.break_block, context.break_cleanup, context.continue_block, context.continue_cleanup)
    context.expansion = expansion
    context.saved = {}
    context.definition = definition
    for label in definition.labels:
        context.labels.pop(label, None)
        context.label_cleanups.pop(label, None)
    if definition.body is not None:
        statements.statement_list(context, definition.body)
    statements.leave_scope(context, expansion.cleanup)
    statements.fall_into(context, expansion.done)
    context.expansion = outer
    context.saved = outer_saved
    context.definition = outer_definition
    context.break_block, context.break_cleanup, context.continue_block, context.continue_cleanup = outer_jumps
    expressions.start(context, expansion.done)
    return result


def return_value(context: FunctionContext, expansion: Expansion, expression: tt.Expression | None) -> None:
    if expression is not None:
        if expansion.result is None:
            expressions.discard(context, expression)
        else:
            target = places.Place(expansion.result, expansion.type.unqualified, expansion.type.alignment)
            expressions.assign(context, target, expression)
        context.revive()
    statements.jump_out(context, expansion.done, expansion.cleanup)


def pack_of(context: FunctionContext, argument: tt.Expression) -> list[Evaluated] | None:
    """The variable arguments when the argument is __builtin_va_arg_pack()."""
    if isinstance(argument, tt.BuiltinCall) and argument.name == "va_arg_pack" and context.expansion is not None:
        return context.expansion.pack
    return None


def pack_length(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """__builtin_va_arg_pack_len(), or a use of the pack where it has no meaning."""
    if context.expansion is not None and expression.name == "va_arg_pack_len":
        return context.builder.const(len(context.expansion.pack), ty.I32)
    context.unit.diagnostics.error(expression.location, f"invalid use of '__builtin_{expression.name} ()'")
    return context.undef(ty.I32)
