"""Optional warnings about how things are declared: prototypes, redundancy, nested externs, shadowing."""

from ourocc.semantics.context import ENTRY_VARIABLE, Context, Entry
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import LINKAGE_EXTERNAL, Variable
from ourocc.semantics.types import FUNCTION, POINTER, Type


def check_definition(
    context: Context, name: str, location: int, type: Type, previous: Variable | None, public: bool, inline: bool
) -> None:
    """A function definition: -Wstrict-prototypes, -Wmissing-prototypes, -Wmissing-declarations, in gcc's order.

    `previous`: what an earlier declaration made; the first that applies is reported."""
    wanted = context.wanted
    without = previous is None or not previous.type.prototype
    checked = public and name != "main" and not inline
    if wanted.strict_prototypes and not type.prototype and without:
        context.warn(location, "strict-prototypes", "function declaration isn't a prototype")
    elif wanted.missing_prototypes and checked and without:
        context.warn(location, "missing-prototypes", f"no previous prototype for '{name}'")
    elif wanted.missing_declarations and checked and previous is None:
        context.warn(location, "missing-declarations", f"no previous declaration for '{name}'")


def check_redundant(
    context: Context, variable: Variable, location: int, previous_location: int, previous_type: Type
) -> None:
    """-Wredundant-decls: a declaration in the same scope that says nothing new."""
    diagnostic = context.warn(location, "redundant-decls", f"redundant redeclaration of '{variable.name}'")
    text = f"previous declaration of '{variable.name}' with type {quoted(previous_type)}"
    context.note(diagnostic, previous_location, text)


def check_shadow(context: Context, entry: Entry) -> None:
    """-Wshadow: what the name meant before the declaration of `entry` in an inner scope."""
    if not entry.name or entry.variable is not None and entry.variable.linkage == LINKAGE_EXTERNAL:
        return
    depth = context.scope.depth
    function_pointer = entry.type.kind == POINTER and entry.type.base is not None and entry.type.base.kind == FUNCTION
    is_function = entry.variable is not None and entry.variable.is_function
    hidden = context.names.get(entry.name)
    while hidden is not None:
        if hidden.depth < depth and hidden is not entry and hidden.location and not hidden.implicit:
            variable = hidden.variable
            visible = hidden.depth > 0 or hidden.order <= context.horizon
            function = variable is not None and variable.is_function and hidden.depth == 0
            if visible and not (function and not is_function and not function_pointer):
                if context.diagnostics.system_headers or not context.sources.spelled_in_system_header(hidden.location):
                    report_shadow(context, entry, hidden)
                    return
        hidden = hidden.previous


def report_shadow(context: Context, entry: Entry, hidden: Entry) -> None:
    variable = hidden.variable
    option = "shadow"
    if hidden.kind == ENTRY_VARIABLE and variable is not None and variable.is_parameter:
        what = "a parameter"
    elif hidden.depth == 0:
        what = "a global declaration"
    else:
        what = "a previous local"
    if hidden.depth and not context.wants("shadow"):
        option = "shadow-local" if context.wants("shadow-local") else "shadow-compatible-local"
    diagnostic = context.warn(entry.location, option, f"declaration of '{entry.name}' shadows {what}")
    place = variable.location if variable is not None and variable.location else hidden.location
    context.note(diagnostic, place, "shadowed declaration is here")
