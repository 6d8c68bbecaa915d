"""Optional warnings about addresses and sizes: arrays compared, addresses that are never null, sizeof divisions."""

from typing import cast

from ourocc.semantics.context import ENTRY_VARIABLE, Context
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    ADDRESS_OF,
    ARRAY_DECAY,
    CONVERT,
    EQUAL,
    FUNCTION_DECAY,
    INTEGER_CONSTANT,
    NOT_EQUAL,
    STRING_LITERAL,
    VARIABLE,
    Expression,
    IntegerConstant,
    UnaryOperation,
    Variable,
    VariableReference,
)
from ourocc.semantics.types import ARRAY, POINTER, UCHAR, Type
from ourocc.syntax import tree


def addressed_variable(value: Expression) -> Variable | None:
    """The variable or function whose address a value is."""
    while value.kind == CONVERT and value.type.kind == POINTER:
        value = cast(UnaryOperation, value).operand
    if value.kind not in (ADDRESS_OF, ARRAY_DECAY, FUNCTION_DECAY):
        return None
    place = cast(UnaryOperation, value).operand
    if place.kind != VARIABLE:
        return None
    variable = cast(VariableReference, place).variable
    return None if variable.weak or variable.alias or variable.weak_reference else variable


def check_address_truth(context: Context, value: Expression) -> None:
    """-Waddress: the address of an object as a truth value."""
    variable = addressed_variable(value)
    if variable is not None and context.unevaluated == 0:
        text = f"the address of '{variable.name}' will always evaluate as 'true'"
        diagnostic = context.warn(value.location, "address", text)
        context.note(diagnostic, variable.location, f"'{variable.name}' declared here")


def is_null(value: Expression) -> bool:
    while value.kind == CONVERT:
        value = cast(UnaryOperation, value).operand
    return value.kind == INTEGER_CONSTANT and cast(IntegerConstant, value).value == 0


def is_zero_character(node: tree.Expression) -> bool:
    if node.kind == tree.CAST:
        made = cast(tree.CastExpression, node)
        if made.type_name.declarator.parts or made.operand.kind != tree.NUMBER:
            return False
        return made.type_name.specifiers.keywords == ["char"]
    return node.kind == tree.CHARACTER


def is_string(value: Expression) -> bool:
    while value.kind == CONVERT and value.type.kind == POINTER:
        value = cast(UnaryOperation, value).operand
    return value.kind == ARRAY_DECAY and cast(UnaryOperation, value).operand.kind == STRING_LITERAL


def check_address_comparison(
    context: Context, node: tree.BinaryExpression, kind: int, left: Expression, right: Expression
) -> None:
    """-Waddress, -Warray-compare and -Wpointer-compare."""
    location = node.location
    if context.unevaluated:
        return
    for value, other, written in ((left, right, node.right), (right, left, node.left)):
        if value.type.kind != POINTER:
            continue
        if is_string(value) and not is_null(other):
            context.warn(location, "address", "comparison with string literal results in unspecified behavior")
            return
        if kind not in (EQUAL, NOT_EQUAL) or not is_null(other):
            continue
        if is_zero_character(written) and not is_string(value):
            text = "comparison between pointer and zero character constant"
            diagnostic = context.warn(location, "pointer-compare", text)
            operand = node.left if written is node.right else node.right
            context.note(diagnostic, operand.location, "did you mean to dereference the pointer?")
            return
        variable = addressed_variable(value)
        if variable is not None and context.sources.expansion_of(location) is None:
            answer = "false" if kind == EQUAL else "true"
            text = f"the comparison will always evaluate as '{answer}' for the address of '{variable.name}' will never be NULL"
            diagnostic = context.warn(location, "address", text)
            context.note(diagnostic, variable.location, f"'{variable.name}' declared here")
            return
    if left.kind == ARRAY_DECAY and right.kind == ARRAY_DECAY:
        diagnostic = context.warn(location, "array-compare", "comparison between two arrays")
        first = written_name(node.left)
        second = written_name(node.right)
        if first and second:
            spelled = {EQUAL: "==", NOT_EQUAL: "!="}.get(kind, node.operator)
            context.note(diagnostic, location, f"use '& {first}[0] {spelled} & {second}[0]' to compare the addresses")


def written_name(node: tree.Expression) -> str:
    return cast(tree.IdentifierExpression, node).name if node.kind == tree.IDENTIFIER else ""


# ------------------------------------------------------------------------------- sizeof


def array_parameter(context: Context, node: tree.Expression) -> Variable | None:
    """The parameter of array type, as written, that an expression names."""
    if node.kind != tree.IDENTIFIER:
        return None
    entry = context.lookup(cast(tree.IdentifierExpression, node).name)
    if entry is None or entry.kind != ENTRY_VARIABLE or entry.variable is None:
        return None
    return entry.variable if entry.variable.was_array else None


def check_sizeof_parameter(context: Context, node: tree.SizeofExpression) -> None:
    """-Wsizeof-array-argument."""
    variable = array_parameter(context, node.operand)
    if variable is not None:
        text = f"'sizeof' on array function parameter '{variable.name}' will return size of {quoted(variable.type)}"
        place = node.location + len("sizeof") if node.operand.parenthesized else node.operand.location
        diagnostic = context.warn(place, "sizeof-array-argument", text)
        context.note(diagnostic, variable.location, "declared here")


def measured_type(context: Context, node: tree.Expression) -> Type | None:
    """The type that `sizeof` is applied to."""
    if node.kind == tree.SIZEOF_EXPRESSION and cast(tree.SizeofExpression, node).operator == "sizeof":
        silent = context.diagnostics.silent
        context.diagnostics.silent = True
        context.unevaluated += 1
        type = context.expression(cast(tree.SizeofExpression, node).operand).type
        context.unevaluated -= 1
        context.diagnostics.silent = silent
        return type
    if node.kind == tree.SIZEOF_TYPE and cast(tree.SizeofType, node).operator == "sizeof":
        return context.type_name(cast(tree.SizeofType, node).type_name)
    return None


def check_sizeof_division(context: Context, node: tree.BinaryExpression) -> None:
    """-Wsizeof-pointer-div and -Wsizeof-array-div: `sizeof a / sizeof *a` where a is no array, or of other elements."""
    if node.left.parenthesized or node.right.kind not in (tree.SIZEOF_EXPRESSION, tree.SIZEOF_TYPE):
        return
    whole = measured_type(context, node.left)
    part = measured_type(context, node.right)
    if whole is None or part is None:
        return
    if node.left.kind == tree.SIZEOF_EXPRESSION:
        if array_parameter(context, cast(tree.SizeofExpression, node.left).operand) is not None:
            return
    if whole.kind == POINTER and cast(Type, whole.base).unqualified is part.unqualified:
        shown = f"{quoted(whole)[1:-1]}) / sizeof ({quoted(part)[1:-1]}"
        text = f"division 'sizeof ({shown})' does not compute the number of array elements"
        diagnostic = context.warn(node.location, "sizeof-pointer-div", text)
        if node.left.kind == tree.SIZEOF_EXPRESSION:
            name = written_name(cast(tree.SizeofExpression, node.left).operand)
            entry = context.lookup(name) if name else None
            if entry is not None:
                context.note(diagnostic, entry.location, "first 'sizeof' operand was declared here")
    elif whole.kind == ARRAY and not node.right.parenthesized:
        element = cast(Type, whole.base)
        deepest = element
        while deepest.kind == ARRAY:
            deepest = cast(Type, deepest.base)
        if not part.complete or part.has_variable_size() or part.size in (element.size, deepest.size) or element.kind <= UCHAR or element.kind == ARRAY:
            return
        what = "expression does not compute the number of elements in this array; element type is "
        diagnostic = context.warn(node.location, "sizeof-array-div", f"{what}{quoted(element)}, not {quoted(part)}")
        text = "add parentheses around the second 'sizeof' to silence this warning"
        context.note(diagnostic, node.right.location, text)
