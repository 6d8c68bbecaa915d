"""Warnings about switch statements: enumerators without a case, missing default, Boolean conditions, fallthrough.

-Wimplicit-fallthrough works on the typed tree: for every case label it looks at the statement before.  Where
gcc decides on its lowered form, this is conservative: no warning when in doubt.
"""

import re
from typing import Final, cast

from ourocc.semantics.constant import constant_truth
from ourocc.semantics.context import Context
from ourocc.semantics.display import quoted
from ourocc.semantics.flow import breaks, falls_through
from ourocc.semantics.typed_tree import (
    ASSIGN,
    BLOCK,
    BREAK,
    CALL,
    CASE,
    COMMA,
    COMPOUND_ASSIGN,
    COMPUTED_GOTO,
    CONTINUE,
    CONVERT,
    EQUAL,
    EXPRESSION_STATEMENT,
    GOTO,
    GREATER_EQUAL,
    IF,
    INCREMENT,
    LABELED,
    LOCAL_DECLARATION,
    LOGICAL_AND,
    LOGICAL_NOT,
    LOGICAL_OR,
    LOOP,
    RETURN,
    SWITCH,
    BinaryOperation,
    Block,
    CaseLabel,
    Expression,
    ExpressionStatement,
    If,
    Labeled,
    LocalDeclaration,
    Loop,
    Return,
    Statement,
    Switch,
    UnaryOperation,
)
from ourocc.semantics.types import BOOL, ENUM, Type
from ourocc.syntax import tree

# The comments that gcc's level 3 takes for an intended fallthrough
FALLTHROUGH_COMMENT: Final = re.compile(
    r"-fallthrough|@fallthrough@|lint -fallthrough[ \t]*"
    r"|[ \t.!]*(?:ELSE,? |INTENTIONAL(?:LY)? )?FALL(?:S | |-)?THR(?:OUGH|U)[ \t.!]*(?:-[^\n\r]*)?"
    r"|[ \t.!]*(?:Else,? |Intentional(?:ly)? )?Fall(?:(?:s | |-)[Tt]|t)hr(?:ough|u)[ \t.!]*(?:-[^\n\r]*)?"
    r"|[ \t.!]*(?:[Ee]lse,? |[Ii]ntentional(?:ly)? )?fall(?:s | |-)?thr(?:ough|u)[ \t.!]*(?:-[^\n\r]*)?"
)


def is_boolean(value: Expression) -> bool:
    """What gcc calls a Boolean expression: of type _Bool, or a comparison or logical operation."""
    while value.kind == CONVERT:
        value = cast(UnaryOperation, value).operand
    if value.type.kind == BOOL:
        return True
    kind = value.kind
    return EQUAL <= kind <= GREATER_EQUAL or kind in (LOGICAL_AND, LOGICAL_OR, LOGICAL_NOT)


def check_boolean(context: Context, node: tree.SwitchStatement, switch: Switch) -> None:
    """-Wswitch-bool: a case that a Boolean condition never takes; an explicit cast of the condition silences it."""
    if node.condition.kind == tree.CAST or not is_boolean(switch.condition):
        return
    covered = {case.first for case in switch.cases} | {case.last for case in switch.cases}
    outside = any(value < 0 or value > 1 for value in covered)
    if outside or switch.default is not None and len(covered) == 2:
        context.warn(node.location, "switch-bool", "switch condition has boolean value")


def check_range(context: Context, switch: Switch, type: Type) -> None:
    """-Wswitch-outside-range: cases that the condition's type, before promotion, cannot have."""
    if not type.is_integer() or type.kind == ENUM or type.size >= 4 or type.precision:
        return
    bits = 1 if type.kind == BOOL else type.size * 8
    low = 0 if type.unsigned or type.kind == BOOL else -(1 << (bits - 1))
    high = low + (1 << bits) - 1
    for case in switch.cases:
        if case.first < low:
            context.warn(case.location, "switch-outside-range", "case label value is less than minimum value for type")
        if case.last > high:
            context.warn(case.location, "switch-outside-range", "case label value exceeds maximum value for type")


def check_enumerators(context: Context, switch: Switch, type: Type) -> None:
    """-Wswitch, -Wswitch-enum and -Wswitch-default; `type` is the condition's before promotion."""
    if switch.default is None:
        context.warn(switch.location, "switch-default", "switch missing default case")
    if type.kind != ENUM or not type.unqualified.enumerators:
        return
    enumerators = type.unqualified.enumerators
    group = "switch" if switch.default is None else ""
    if context.wants("switch-enum") and not (group and context.wants("switch")):
        group = "switch-enum"
    seen = [(case.first, case.last) for case in switch.cases]
    if group:
        for name, value in enumerators:
            if not any(first <= value <= last for first, last in seen):
                context.warn(switch.location, group, f"enumeration value '{name}' not handled in switch")
    values = {value for _, value in enumerators}
    for case in switch.cases:
        for value in (case.first,) if case.first == case.last else (case.first, case.last):
            if value not in values:
                owner = quoted(type) if type.tag or type.typedef_name else "'enum <anonymous>'"
                text = f"case value '{value}' not in enumerated type"
                context.warn(case.location, "switch", f"{text} {owner}" if type.tag or type.typedef_name else text)


# ---------------------------------------------------------------------------------- fallthrough


def intended_by_comment(context: Context, location: int) -> bool:
    """Is there a fallthrough comment right before the token at `location`?"""
    sources = context.sources
    if sources.expansion_of(location) is not None:
        location = sources.file_location(location)
    index = sources.index_of(location)
    source = sources.files[index] if index >= 0 else None
    if source is None:
        return False
    text = source.text
    end = location - source.base
    while True:
        while end > 0 and text[end - 1] in " \t\n\r\f\v":
            end -= 1
        if text.endswith("*/", 0, end):
            start = text.rfind("/*", 0, end - 2)
            if start < 0:
                return False
            comment = text[start + 2 : end - 2]
        else:
            start = text.rfind("\n", 0, end) + 1
            start = text.find("//", start, end)
            if start < 0:
                return text.endswith("\\", 0, end)  # a spliced line: no telling what stands before
            comment = text[start + 2 : end]
        if FALLTHROUGH_COMMENT.fullmatch(comment) or FALLTHROUGH_COMMENT.fullmatch(comment.strip()):
            return True
        end = start


def check_fallthrough(context: Context, switch: Switch, marked: set[int]) -> None:
    """-Wimplicit-fallthrough; `marked`: the locations of `fallthrough` attributes' statements."""
    body = switch.body
    if body is not None and body.kind == BLOCK:
        check_sequence(context, cast(Block, body).statements, marked)


def check_marks(context: Context, statement: Statement | None, before_label: bool, marked: set[int]) -> None:
    """The attribute `fallthrough` must stand before a case or default label; `before_label`: one follows `statement`."""
    if statement is None:
        return
    kind = statement.kind
    if kind == BLOCK:
        statements = cast(Block, statement).statements
        if not statements and statement.location in marked and not before_label:
            text = "attribute 'fallthrough' not preceding a case label or default label"
            context.warn(statement.location, "", text)
        follows: list[bool] = []  # does a label stand behind the statement, from the last one on
        for inner in reversed(statements):
            follows.append(before_label)
            if not is_empty(inner) or inner.location in marked:
                before_label = starts_with_case(inner)
        for inner in statements:
            check_marks(context, inner, follows.pop(), marked)
    elif kind == CASE:
        check_marks(context, cast(CaseLabel, statement).body, before_label, marked)
    elif kind == LABELED:
        check_marks(context, cast(Labeled, statement).body, before_label, marked)
    elif kind == IF:
        check_marks(context, cast(If, statement).then, before_label, marked)
        check_marks(context, cast(If, statement).otherwise, before_label, marked)
    elif kind == SWITCH:
        check_marks(context, cast(Switch, statement).body, before_label, marked)
    elif kind == LOOP:
        loop = cast(Loop, statement)
        once = not loop.test_first and loop.condition is not None and constant_truth(loop.condition) == 0
        check_marks(context, loop.body, before_label and once, marked)


def starts_with_case(statement: Statement) -> bool:
    while statement.kind == LABELED or statement.kind == BLOCK and cast(Block, statement).statements:
        if statement.kind == BLOCK:
            statement = cast(Block, statement).statements[0]
            continue
        body = cast(Labeled, statement).body
        if body is None:
            return False
        statement = body
    return statement.kind == CASE


def check_unreachable(context: Context, switch: Switch) -> None:
    """-Wswitch-unreachable: a statement before the first label of the body."""
    body = switch.body
    if body is None or body.kind != BLOCK or not switch.cases and switch.default is None:
        return
    for statement in cast(Block, body).statements:
        if statement.kind == EXPRESSION_STATEMENT:
            place = expression_place(cast(ExpressionStatement, statement).expression)
            if place:
                context.warn(place, "switch-unreachable", "statement will never be executed")
            return
        if statement.kind != LOCAL_DECLARATION or cast(LocalDeclaration, statement).initializer_value is not None:
            return


def flatten(statement: Statement, into: list[Statement]) -> None:
    """Labels and what they label, one after the other."""
    while True:
        into.append(statement)
        if statement.kind == CASE:
            inner = cast(CaseLabel, statement).body
        elif statement.kind == LABELED:
            inner = cast(Labeled, statement).body
        else:
            return
        if inner is None:
            return
        statement = inner


def check_sequence(context: Context, statements: list[Statement], marked: set[int]) -> None:
    flat: list[Statement] = []
    for statement in statements:
        flatten(statement, flat)
    reached = False  # what stands before the first label is never executed
    for number, statement in enumerate(flat):
        if statement.kind != CASE or not reached:
            reached = reached or statement.kind in (CASE, LABELED)
            continue
        before = number - 1
        while before >= 0 and is_empty(flat[before]) and flat[before].location not in marked:
            before -= 1
        if before < 0 or flat[before].location in marked or flat[before].kind in (CASE, LABELED):
            continue
        place = falling_place(flat[before])
        if not place or ends_at_once(flat, number) or intended_by_comment(context, statement.location):
            continue
        diagnostic = context.warn(place, "implicit-fallthrough", "this statement may fall through")
        context.note(diagnostic, statement.location, "here")


def is_empty(statement: Statement) -> bool:
    return statement.kind == BLOCK and not cast(Block, statement).statements


def ends_at_once(flat: list[Statement], number: int) -> bool:
    """Do the labels from `number` on stand before a jump, or at the end of the body?"""
    while number < len(flat) and (flat[number].kind in (CASE, LABELED) or is_empty(flat[number])):
        number += 1
    if number == len(flat):
        return True
    first = flat[number]
    while first.kind == BLOCK:
        inner = cast(Block, first).statements
        if not inner:
            return True
        first = inner[0]
    if first.kind == LOOP:  # becomes a jump to its condition
        loop = cast(Loop, first)
        return loop.test_first and loop.condition is not None and constant_truth(loop.condition) < 0
    if first.kind == RETURN:
        return cast(Return, first).value is None
    return first.kind in (BREAK, CONTINUE, GOTO, COMPUTED_GOTO)


def falling_place(statement: Statement) -> int:
    """Where gcc says that control leaves the end of `statement`; 0 when it does not, or nothing is said."""
    kind = statement.kind
    if kind == BLOCK:
        statements = cast(Block, statement).statements
        if not falls_through(statement) or not statements:
            return 0
        last = statements[-1]
        while last.kind in (LABELED, CASE):
            inner = cast(Labeled, last).body if last.kind == LABELED else cast(CaseLabel, last).body
            if inner is None:
                return 0
            last = inner
        if last.kind in (IF, LOOP, SWITCH) and any(inner.kind == LOCAL_DECLARATION for inner in statements):
            return statement.location  # the end of the scope has no place of its own
        return falling_place(last)
    if not falls_through(statement):
        return 0
    if kind == EXPRESSION_STATEMENT:
        return expression_place(cast(ExpressionStatement, statement).expression)
    if kind == IF:
        choice = cast(If, statement)
        if constant_truth(choice.condition) >= 0:
            return 0
        if choice.otherwise is not None and not falls_through(choice.then):
            return falling_place(choice.otherwise)
        if choice.otherwise is not None and not falls_through(choice.otherwise):
            return falling_place(choice.then)
        return choice.condition_location
    if kind == LOOP:
        loop = cast(Loop, statement)
        if not loop.test_first and loop.condition is not None and constant_truth(loop.condition) == 0:
            return falling_place(loop.body) if loop.body is not None and not breaks(loop.body) else 0
        if loop.condition is None or constant_truth(loop.condition) >= 0 or breaks(loop.body):
            return 0
        return condition_place(loop.condition)
    if kind == SWITCH:
        inner_switch = cast(Switch, statement)
        return inner_switch.location
    return 0


def condition_place(condition: Expression) -> int:
    """Of a loop's condition; conditions of several branches are left out."""
    while condition.kind == CONVERT:
        condition = cast(UnaryOperation, condition).operand
    return 0 if condition.kind in (LOGICAL_AND, LOGICAL_OR, LOGICAL_NOT, COMMA) else condition.location


def expression_place(value: Expression) -> int:
    while True:
        if value.kind == CONVERT:
            value = cast(UnaryOperation, value).operand
        elif value.kind == COMMA:
            value = cast(BinaryOperation, value).right
        elif value.kind == ASSIGN and cast(BinaryOperation, value).right.kind == CALL:
            value = cast(BinaryOperation, value).right
        else:
            break
    return value.location if value.kind in (CALL, ASSIGN, COMPOUND_ASSIGN, INCREMENT) else 0
