"""Optional warnings about operators: comparisons that cannot vary, misplaced '!', Boolean contexts, casts, memset."""

from typing import Final, cast

from ourocc.semantics.context import Context
from ourocc.semantics.display import quoted
from ourocc.semantics.switch_checks import is_boolean
from ourocc.semantics.typed_tree import (
    ARRAY_DECAY,
    CONVERT,
    EQUAL,
    GREATER,
    GREATER_EQUAL,
    INTEGER_CONSTANT,
    LESS,
    LESS_EQUAL,
    LOAD,
    MEMBER,
    MULTIPLY,
    NOT_EQUAL,
    SHIFT_LEFT,
    Expression,
    IntegerConstant,
    MemberAccess,
    UnaryOperation,
)
from ourocc.semantics.types import ARRAY, ATOMIC, BOOL, COMPLEX, CONST, ENUM, FUNCTION, POINTER, VOID, VOLATILE, Type
from ourocc.syntax import tree

MIRRORED: Final = {
    EQUAL: EQUAL, NOT_EQUAL: NOT_EQUAL, LESS: GREATER, GREATER: LESS, LESS_EQUAL: GREATER_EQUAL,
    GREATER_EQUAL: LESS_EQUAL,
}  # fmt: skip


def check_comparison(
    context: Context, node: tree.BinaryExpression, kind: int, left: Expression, right: Expression
) -> None:
    """A comparison as written, its operands before promotion."""
    location = node.location
    check_not(context, node, kind, right)
    if kind <= NOT_EQUAL and (is_inexact(left.type) or is_inexact(right.type)):
        context.warn(location, "float-equal", "comparing floating-point with '==' or '!=' is unsafe")
    if left.kind == INTEGER_CONSTANT and right.kind != INTEGER_CONSTANT:
        kind = MIRRORED[kind]
        left, right = right, left
    if right.kind == INTEGER_CONSTANT and left.kind != INTEGER_CONSTANT and left.type.is_integer():
        number = cast(IntegerConstant, right).value
        if is_boolean(left):
            if (number > 1 or number < 0) and right.type.is_integer():
                answer = always(kind, number, 0, 1)
                if answer:
                    text = f"comparison of constant '{number}' with boolean expression is always {answer}"
                    context.warn(location, "bool-compare", text)
        elif right.type.is_integer():
            check_limits(context, location, kind, left, number)
    elif same_object(node.left, node.right) and not is_inexact(left.type):
        if context.sources.expansion_of(node.left.location) is None and context.sources.expansion_of(location) is None:
            answer = "true" if kind in (EQUAL, LESS_EQUAL, GREATER_EQUAL) else "false"
            context.warn(location, "tautological-compare", f"self-comparison always evaluates to {answer}")


def is_inexact(type: Type) -> bool:
    return type.is_floating() or type.kind == COMPLEX


def check_not(context: Context, node: tree.BinaryExpression, kind: int, right: Expression) -> None:
    """-Wlogical-not-parentheses: `!a == b`."""
    side = node.left
    if side.kind != tree.UNARY or side.parenthesized or cast(tree.UnaryExpression, side).operator != "!":
        return
    inner = cast(tree.UnaryExpression, side).operand
    if inner.kind == tree.UNARY and cast(tree.UnaryExpression, inner).operator == "!" or is_boolean(right):
        return
    if kind <= NOT_EQUAL and right.kind == INTEGER_CONSTANT and cast(IntegerConstant, right).value == 0:
        return
    text = "logical not is only applied to the left hand side of comparison"
    diagnostic = context.warn(node.location, "logical-not-parentheses", text)
    text = "add parentheses around left hand side expression to silence this warning"
    context.note(diagnostic, side.location, text)


def check_not_mask(context: Context, node: tree.BinaryExpression, right: Expression) -> None:
    """-Wparentheses: `!a & b` where b is no truth value."""
    side = cast(tree.UnaryExpression, node.left)
    if side.operator != "!" or side.parenthesized or is_boolean(right):
        return
    bit = node.operator
    text = f"suggest parentheses around operand of '!' or change '{bit}' to '{bit}{bit}' or '!' to '~'"
    context.warn(node.location, "parentheses", text)


def always(kind: int, number: int, low: int, high: int) -> str:
    """ "true" or "false" when a value of low..high compares with `number` always so."""
    if kind == EQUAL:
        return "false" if number > high or number < low else ""
    if kind == NOT_EQUAL:
        return "true" if number > high or number < low else ""
    if kind == LESS:
        return "true" if high < number else "false" if number <= low else ""
    if kind == GREATER:
        return "true" if number < low else "false" if number >= high else ""
    if kind == LESS_EQUAL:
        return "true" if number >= high else "false" if number < low else ""
    return "true" if number <= low else "false" if high < number else ""


def check_limits(context: Context, location: int, kind: int, value: Expression, number: int) -> None:
    """-Wtype-limits: `value` compared with a constant on its right."""
    while value.kind == CONVERT:
        inner = cast(UnaryOperation, value).operand
        if not inner.type.is_integer() or inner.type.size > value.type.size:
            break
        if inner.type.size == value.type.size and inner.type.unsigned != value.type.unsigned:
            break  # a cast that changes what the comparison means
        if not inner.type.unsigned and value.type.unsigned and inner.type.size < value.type.size:
            return
        value = inner
    type = value.type
    if value.kind == LOAD and cast(UnaryOperation, value).operand.kind == MEMBER:
        if cast(MemberAccess, cast(UnaryOperation, value).operand).field.bit_width >= 0:
            return
    if type.kind in (BOOL, ENUM) or type.precision:
        return
    bits = type.size * 8
    if bits < 32:
        low = 0 if type.unsigned else -(1 << (bits - 1))
        high = (1 << bits) - 1 if type.unsigned else (1 << (bits - 1)) - 1
        answer = always(kind, number, low, high)
        if answer:
            text = f"comparison is always {answer} due to limited range of data type"
            context.warn(location, "type-limits", text)
    elif type.unsigned and number == 0 and kind in (LESS, GREATER_EQUAL):
        shown, answer = ("< 0", "false") if kind == LESS else (">= 0", "true")
        text = f"comparison of unsigned expression in '{shown}' is always {answer}"
        context.warn(location, "type-limits", text)


def same_object(a: tree.Expression, b: tree.Expression) -> bool:
    """Are both the same variable, or the same member of one?"""
    if a.kind != b.kind:
        return False
    if a.kind == tree.IDENTIFIER:
        return cast(tree.IdentifierExpression, a).name == cast(tree.IdentifierExpression, b).name
    if a.kind == tree.MEMBER:
        first = cast(tree.MemberExpression, a)
        second = cast(tree.MemberExpression, b)
        return first.name == second.name and first.arrow == second.arrow and same_object(first.base, second.base)
    return False


def check_truth(context: Context, value: Expression) -> None:
    """-Wint-in-bool-context."""
    if value.type.unsigned or not value.type.is_integer():
        return
    if value.kind == SHIFT_LEFT:
        text = "'<<' in boolean context, did you mean '<'?"
        context.warn(value.location, "int-in-bool-context", text)
    elif value.kind == MULTIPLY:
        text = "'*' in boolean context, suggest '&&' instead"
        context.warn(value.location, "int-in-bool-context", text)


def enumeration_of(context: Context, node: tree.Expression, value: Expression) -> Type | None:
    """The enum type of an operand, an enumerator's too (in C its type is int)."""
    if value.type.kind == ENUM:
        return value.type.unqualified
    if node.kind != tree.IDENTIFIER or value.kind != INTEGER_CONSTANT:
        return None
    entry = context.lookup(cast(tree.IdentifierExpression, node).name)
    return entry.enumeration if entry is not None else None


def check_enumerations(context: Context, node: tree.BinaryExpression, left: Expression, right: Expression) -> None:
    """-Wenum-compare."""
    first = enumeration_of(context, node.left, left)
    second = enumeration_of(context, node.right, right)
    if first is not None and second is not None and first is not second:
        context.warn(node.location, "enum-compare", f"comparison between {quoted(first)} and {quoted(second)}")


# ------------------------------------------------------------------------------- casts and calls


def qualifiers_of(type: Type) -> int:
    """An array's are its elements'."""
    while type.kind == ARRAY and type.base is not None:
        type = type.base
    return type.qualifiers & (CONST | VOLATILE | ATOMIC)


def check_cast_qualifiers(context: Context, source: Type, to: Type, location: int) -> None:
    """-Wcast-qual: a cast that drops const or volatile at some level of a pointer type, or adds it deep inside."""
    whole_source = source
    whole = to
    lost = 0
    while source.kind == POINTER and to.kind == POINTER:
        source = cast(Type, source.base)
        to = cast(Type, to.base)
        if source.kind != FUNCTION or to.kind != FUNCTION:
            lost |= qualifiers_of(source) & ~qualifiers_of(to)
    if lost:
        words = [word for bit, word in ((CONST, "const"), (VOLATILE, "volatile"), (ATOMIC, "_Atomic")) if lost & bit]
        text = f"cast discards '{' '.join(words)}' qualifier from pointer target type"
        context.warn(location, "cast-qual", text)
    if source.unqualified is not to.unqualified:
        return
    source = whole_source
    to = whole
    safe = qualifiers_of(cast(Type, to.base)) & CONST != 0
    while source.kind == POINTER and to.kind == POINTER:
        source = cast(Type, source.base)
        to = cast(Type, to.base)
        if qualifiers_of(to) & ~qualifiers_of(source) and not safe:
            shown = f"{quoted(whole_source)} to {quoted(whole)}"
            text = f"to be safe all intermediate pointers in cast from {shown} must be 'const' qualified"
            context.warn(location, "cast-qual", text)
            return
        safe = safe and qualifiers_of(to) & CONST != 0


def check_function_cast(context: Context, node: tree.CastExpression, source: Type, to: Type) -> None:
    """-Wbad-function-cast: the result of a call cast to a type of another class."""
    if node.operand.kind != tree.CALL or to.kind == VOID:
        return
    kinds = (source.is_integer() and source.kind not in (BOOL, ENUM), source.is_floating(), source.kind)
    wanted = (to.is_integer() and to.kind not in (BOOL, ENUM), to.is_floating(), to.kind)
    if kinds[:2] == wanted[:2] and (kinds[0] or kinds[1] or source.kind == to.kind):
        return
    text = f"cast from function call of type {quoted(source)} to non-matching type {quoted(to)}"
    context.warn(node.location, "bad-function-cast", text)


def check_memory_call(context: Context, name: str, node: tree.CallExpression, values: list[Expression]) -> None:
    """-Wmemset-transposed-args and -Wsizeof-pointer-memaccess."""
    arguments = node.arguments
    if len(arguments) != 3:
        return
    if name == "memset" and is_zero(arguments[2]) and not is_zero(arguments[1]):
        text = "'memset' used with constant zero length parameter; this could be due to transposed parameters"
        context.warn(node.function.location, "memset-transposed-args", text)
    last = arguments[2]
    if last.kind != tree.SIZEOF_EXPRESSION or cast(tree.SizeofExpression, last).operator != "sizeof":
        return
    measured = cast(tree.SizeofExpression, last).operand
    words = ("first source", "second source") if name == "memcmp" else ("destination", "source")
    for number, word in enumerate(words[:1] if name == "memset" else words):
        type = values[number].type
        if type.kind != POINTER or values[number].kind == ARRAY_DECAY or not same_object(arguments[number], measured):
            continue
        base = cast(Type, type.base)
        if base.kind in (VOID, FUNCTION):
            continue
        advice = "provide an explicit length" if base.size == 1 else "dereference it"
        text = f"argument to 'sizeof' in '{name}' call is the same expression as the {word}; did you mean to {advice}?"
        place = last.location + len("sizeof") if measured.parenthesized else measured.location
        context.warn(place, "sizeof-pointer-memaccess", text)
        return


def is_zero(node: tree.Expression) -> bool:
    return node.kind == tree.NUMBER and cast(tree.LiteralExpression, node).spelling == "0"
