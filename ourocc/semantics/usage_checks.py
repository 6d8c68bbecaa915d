"""Warnings about what is declared and never used: variables, parameters, typedefs, static functions and objects.

`Entry.used` says that a name was mentioned; a plain `name = value;` whose value is dropped does not count
and sets `Entry.assigned` instead: the difference is -Wunused-but-set-variable.
"""

from typing import cast

from ourocc.preprocess import token as tok
from ourocc.preprocess.token import Token
from ourocc.semantics.context import ENTRY_TYPEDEF, ENTRY_VARIABLE, Context, Entry, Scope
from ourocc.semantics.typed_tree import (
    ARRAY_DECAY,
    DECLARED,
    DEREFERENCE,
    LINKAGE_INTERNAL,
    MEMBER,
    POINTER_ADD,
    VARIABLE,
    Expression,
    MemberAccess,
    PointerArithmetic,
    UnaryOperation,
    Variable,
)
from ourocc.semantics.types import CONST, ERROR, Type
from ourocc.syntax import tree


def report_unused(context: Context, scope: Scope) -> None:
    """The end of a block: its variables, parameters and typedefs that nothing reads."""
    for entry in scope.entries:
        if entry.used or not entry.location or not entry.name:
            continue
        if entry.kind == ENTRY_VARIABLE:
            report_variable(context, entry)
        elif entry.kind == ENTRY_TYPEDEF and context.function is not None and context.prototype_depth == 0:
            text = f"typedef '{entry.name}' locally defined but not used"
            context.warn(entry.location, "unused-local-typedefs", text)


def report_variable(context: Context, entry: Entry) -> None:
    variable = entry.variable
    if variable is None or variable.is_function or variable.linkage:
        return
    name = entry.name
    if variable.is_parameter:
        if entry.assigned:
            context.warn(entry.location, "unused-but-set-parameter", f"parameter '{name}' set but not used")
        elif context.unused_parameter_wanted:
            context.warn(entry.location, "unused-parameter", f"unused parameter '{name}'")
    elif variable.type.kind != ERROR:
        if entry.assigned:
            context.warn(entry.location, "unused-but-set-variable", f"variable '{name}' set but not used")
        else:
            context.warn(entry.location, "unused-variable", f"unused variable '{name}'")


def stored_entry(context: Context, node: tree.Expression) -> Entry | None:
    """The unused local that a dropped assignment to `node` only stores into (or into a part of which)."""
    while True:
        if node.kind == tree.MEMBER and not cast(tree.MemberExpression, node).arrow:
            node = cast(tree.MemberExpression, node).base
        elif node.kind == tree.SUBSCRIPT:
            index = cast(tree.SubscriptExpression, node).index
            if index.kind not in (tree.NUMBER, tree.IDENTIFIER):
                return None
            node = cast(tree.SubscriptExpression, node).array
            if index.kind == tree.IDENTIFIER and node.kind == tree.IDENTIFIER:
                if cast(tree.IdentifierExpression, index).name == cast(tree.IdentifierExpression, node).name:
                    return None
        else:
            break
    if node.kind != tree.IDENTIFIER:
        return None
    entry = context.names.get(cast(tree.IdentifierExpression, node).name)
    if entry is None or entry.used or entry.depth == 0 or entry.kind != ENTRY_VARIABLE:
        return None
    return entry


def note_stored(entry: Entry, place: Expression) -> None:
    """`place` was analysed: the mention of `entry` was no use if the store goes into the variable itself."""
    while True:
        if place.kind == MEMBER:
            place = cast(MemberAccess, place).base
        elif place.kind == DEREFERENCE:
            pointer = cast(UnaryOperation, place).operand
            if pointer.kind == POINTER_ADD:
                pointer = cast(PointerArithmetic, pointer).left
            if pointer.kind != ARRAY_DECAY:
                return
            place = cast(UnaryOperation, pointer).operand
        else:
            break
    if place.kind == VARIABLE:
        entry.used = False
        entry.assigned = True


# ------------------------------------------------------------------------------- file scope


def mentioned_names(tokens: list[Token], ranges: list[tuple[int, int]]) -> set[str]:
    """The identifiers in function bodies that were only brace-matched."""
    found: set[str] = set()
    for start, end in ranges:
        for token in tokens[start:end]:
            if token.kind == tok.IDENTIFIER:
                found.add(token.spelling)
    return found


def report_statics(context: Context, variables: list[Variable], mentioned: set[str]) -> None:
    """Static objects that nothing mentions."""
    for variable in reversed(variables):
        name = variable.name
        if variable.linkage != LINKAGE_INTERNAL or variable.used or variable.keep or name in mentioned:
            continue
        entry = context.file_entry(name)
        if entry is None or entry.used or entry.variable is not variable or variable.type.kind == ERROR:
            continue
        if is_constant(variable.type):
            place = context.sources.position(variable.location).source
            if place is not None and place.included_at == 0 or context.wants("unused-const-variable=2"):
                context.warn(variable.location, "unused-const-variable", f"'{name}' defined but not used")
        else:
            context.warn(variable.location, "unused-variable", f"'{name}' defined but not used")


def is_constant(type: Type) -> bool:
    while type.base is not None and type.length and not type.qualifiers and type.kind == 31:
        type = type.base
    return type.qualifiers & CONST != 0


def report_undefined(context: Context, variables: list[Variable], mentioned: set[str]) -> None:
    """Static functions that are declared and never defined."""
    if context.diagnostics.error_count:
        return
    for variable in variables:
        if variable.linkage != LINKAGE_INTERNAL or not variable.is_function or variable.state != DECLARED:
            continue
        if variable.alias or variable.ifunc or variable.weak_reference or variable.name in mentioned:
            continue
        entry = context.file_entry(variable.name)
        if entry is None or entry.implicit:
            continue
        if entry.used:
            context.required(variable.location, f"'{variable.name}' used but never defined")
        elif not entry.silenced:
            text = f"'{variable.name}' declared 'static' but never defined"
            context.warn(variable.location, "unused-function", text)
