"""Optional warnings about braced initializers."""

from typing import cast

from ourocc.semantics.context import Context
from ourocc.semantics.display import quoted
from ourocc.semantics.types import Type
from ourocc.syntax import tree


def is_zero_list(node: tree.InitializerList) -> bool:
    """`{ }` or `{ 0 }`: everything zero, on purpose."""
    if not node.items:
        return True
    if len(node.items) > 1 or node.items[0][1].kind != tree.EXPRESSION_INITIALIZER:
        return False
    value = cast(tree.ExpressionInitializer, node.items[0][1]).expression
    return value.kind == tree.NUMBER and cast(tree.LiteralExpression, value).spelling == "0"


def check_missing_fields(context: Context, record: Type, node: tree.InitializerList) -> None:
    """-Wmissing-field-initializers: a list without designators that ends before the members do.

    Only lists whose items are one member each are looked at: elided braces spread a member over several."""
    if is_zero_list(node) or any(designators for designators, _ in node.items):
        return
    fields = [field for field in record.fields if field.name or field.bit_width < 0]
    if any(field.type.is_aggregate() for field in fields[: len(node.items)]):
        for number, field in enumerate(fields[: len(node.items)]):
            if field.type.is_aggregate() and node.items[number][1].kind != tree.INITIALIZER_LIST:
                value = cast(tree.ExpressionInitializer, node.items[number][1]).expression
                if value.kind != tree.STRING:
                    return
    for field in fields[len(node.items) :]:
        if field.type.size == 0:
            continue
        text = f"missing initializer for field '{field.name}' of {quoted(record)}"
        diagnostic = context.warn(context.line_start(node.end), "missing-field-initializers", text)
        context.note(diagnostic, field.location, f"'{field.name}' declared here")
        return
