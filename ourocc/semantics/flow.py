"""Can control fall out of the end of a statement?  For -Wreturn-type: conservative, no warning when in doubt."""

from typing import cast

from ourocc.semantics.constant import constant_truth
from ourocc.semantics.typed_tree import (
    BLOCK,
    BREAK,
    BUILTIN_CALL,
    CALL,
    CASE,
    COMPUTED_GOTO,
    CONTINUE,
    CONVERT,
    EXPRESSION_STATEMENT,
    GOTO,
    IF,
    LABELED,
    LOOP,
    RETURN,
    SWITCH,
    Block,
    BuiltinCall,
    Call,
    CaseLabel,
    Expression,
    ExpressionStatement,
    If,
    Labeled,
    Loop,
    Statement,
    Switch,
    UnaryOperation,
)


def falls_through(statement: Statement) -> bool:
    """True when the statement after this one can be reached."""
    kind = statement.kind
    if kind == BLOCK:
        reachable = True
        for inner in cast(Block, statement).statements:
            if not reachable and not has_label(inner):
                continue
            reachable = falls_through(inner)
        return reachable
    if kind in (RETURN, GOTO, COMPUTED_GOTO, BREAK, CONTINUE):
        return False
    if kind == EXPRESSION_STATEMENT:
        return not never_returns(cast(ExpressionStatement, statement).expression)
    if kind == IF:
        choice = cast(If, statement)
        if choice.otherwise is None:
            return constant_truth(choice.condition) != 1 or falls_through(choice.then)
        truth = constant_truth(choice.condition)
        if truth == 1:
            return falls_through(choice.then)
        if truth == 0:
            return falls_through(choice.otherwise)
        return falls_through(choice.then) or falls_through(choice.otherwise)
    if kind == LOOP:
        loop = cast(Loop, statement)
        endless = loop.condition is None or constant_truth(loop.condition) == 1
        return not endless or breaks(loop.body)
    if kind == SWITCH:
        switch = cast(Switch, statement)
        if switch.default is None or switch.body is None:
            return True
        return falls_through(switch.body) or breaks(switch.body)
    if kind == LABELED:
        return falls_through(cast(Labeled, statement).body)
    if kind == CASE:
        body = cast(CaseLabel, statement).body
        return body is None or falls_through(body)
    return True


def never_returns(expression: Expression) -> bool:
    while expression.kind == CONVERT:
        expression = cast(UnaryOperation, expression).operand
    if expression.kind == CALL:
        return cast(Call, expression).noreturn
    if expression.kind == BUILTIN_CALL:
        return cast(BuiltinCall, expression).name in ("unreachable", "trap", "longjmp")
    return False


def breaks(statement: Statement | None) -> bool:
    """Does the statement contain a break that leaves the loop or switch whose body it is?"""
    if statement is None:
        return False
    kind = statement.kind
    if kind == BREAK:
        return True
    if kind == BLOCK:
        return any(breaks(inner) for inner in cast(Block, statement).statements)
    if kind == IF:
        choice = cast(If, statement)
        return breaks(choice.then) or breaks(choice.otherwise)
    if kind == LABELED:
        return breaks(cast(Labeled, statement).body)
    if kind == CASE:
        return breaks(cast(CaseLabel, statement).body)
    return False


def has_label(statement: Statement) -> bool:
    """A label somewhere inside makes it reachable from elsewhere."""
    kind = statement.kind
    if kind == LABELED or kind == CASE:
        return True
    if kind == BLOCK:
        return any(has_label(inner) for inner in cast(Block, statement).statements)
    if kind == IF:
        choice = cast(If, statement)
        return has_label(choice.then) or (choice.otherwise is not None and has_label(choice.otherwise))
    if kind == LOOP:
        body = cast(Loop, statement).body
        return body is not None and has_label(body)
    if kind == SWITCH:
        body = cast(Switch, statement).body
        return body is not None and has_label(body)
    return False
