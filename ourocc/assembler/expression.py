"""Assembler expressions: parsed to trees, evaluated to symbol - symbol + number.

Precedence is that of GNU as, from low: ||, &&, comparisons, + -, | ^ & !, * / % << >>.  Comparisons yield -1 for true.
A tree is evaluated early, when only distances within a straight stretch of one buffer are known, or finally, when every
label has its address.
"""

import re
from typing import Final, final

from ourocc.assembler.symbols import (
    BINARY,
    NUMBER,
    SYMBOL,
    UNARY,
    AsmSymbol,
    AssemblyError,
    Expression,
    Symbols,
)

TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<name>[A-Za-z_.$\x80-\U0010ffff\x01-\x02][\w.$\x01-\x02]*)
    |(?P<local>\d+[bf])(?![\w.$])
    |(?P<number>0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)
    |(?P<char>'(?:\\.[0-7]*|[^\\]))'?
    |(?P<quoted>"(?:\\.|[^"\\])*")
    |(?P<operator><<|>>|<=|>=|==|!=|<>|&&|\|\||[-+*/%&|^!~()<>@,\[\]{}:=$])
    )""",
    re.VERBOSE,
)
SIMPLE_NUMBER: Final = re.compile(r"-?(?:[1-9][0-9]*|0)$")
RANKS: Final = {
    "||": 1, "&&": 2, "==": 3, "<>": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "|": 6, "^": 6,
    "&": 6, "!": 6, "*": 7, "/": 7, "%": 7, "<<": 7, ">>": 7,
}  # fmt: skip
ESCAPES: Final = {"n": 10, "t": 9, "r": 13, "b": 8, "f": 12, "\\": 92, "'": 39, '"': 34}
MAXIMUM_DEPTH: Final = 100
WORD: Final = 0xFFFFFFFFFFFFFFFF


@final
class Value:
    """plus - minus + number; `plus` and `minus` are symbols or None."""

    def __init__(self, plus: AsmSymbol | None, minus: AsmSymbol | None, number: int) -> None:
        self.plus = plus
        self.minus = minus
        self.number = number

    def constant(self) -> bool:
        return self.plus is None and self.minus is None


def number_expression(number: int) -> Expression:
    expression = Expression(NUMBER)
    expression.number = number
    return expression


def symbol_expression(symbol: AsmSymbol) -> Expression:
    symbol.referenced = True
    expression = Expression(SYMBOL)
    expression.symbol = symbol
    return expression


def binary(operator: str, left: Expression, right: Expression) -> Expression:
    expression = Expression(BINARY)
    expression.operator = operator
    expression.left = left
    expression.right = right
    return expression


@final
class ExpressionParser:
    """Parses one text; `position` is where the rest begins, `modifier` the relocation modifier that was met."""

    def __init__(self, text: str, symbols: Symbols) -> None:
        self.text = text
        self.symbols = symbols
        self.position = 0
        self.modifier = ""
        self.depth = 0

    def parse(self, rank: int = 0) -> Expression:
        """An expression of operators that bind tighter than `rank`."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            raise AssemblyError("expression is nested too deeply")
        expression = self.parse_operators(rank)
        self.depth -= 1
        return expression

    def parse_operators(self, rank: int) -> Expression:
        left = self.operand()
        while True:
            match = TOKEN.match(self.text, self.position)
            if match is None:
                return left
            operator = match.group("operator")
            if operator == "@":
                self.position = match.end()
                self.read_modifier()
                continue
            if operator is None:
                return left
            binding = RANKS.get(operator, 0)
            if binding <= rank:
                return left
            self.position = match.end()
            right = self.parse(binding)
            left = fold(operator, left, right)

    def operand(self) -> Expression:
        match = TOKEN.match(self.text, self.position)
        if match is None:
            raise AssemblyError("missing expression" if self.at_end() else f"junk `{self.rest()}' in expression")
        self.position = match.end()
        kind = match.lastgroup
        text = match.group(match.lastgroup or "")
        if kind == "number":
            return number_expression(parse_number(text))
        if kind == "name":
            if text == ".":
                return symbol_expression(self.symbols.here())
            return symbol_expression(self.symbols.symbol(text))
        if kind == "local":
            return symbol_expression(self.symbols.local(int(text[:-1]), text[-1] == "f"))
        if kind == "quoted":
            return symbol_expression(self.symbols.symbol(text[1:-1]))
        if kind == "char":
            return number_expression(parse_character(text))
        if text == "(":
            inner = self.parse()
            self.expect(")")
            return inner
        if text in "-~!+":
            inner = self.parse(8)
            if text == "+":
                return inner
            if inner.kind == NUMBER:
                return number_expression(unary(text, inner.number))
            expression = Expression(UNARY)
            expression.operator = text
            expression.left = inner
            return expression
        raise AssemblyError(f"unexpected `{text}' in expression")

    def read_modifier(self) -> None:
        """The name behind "@"."""
        match = TOKEN.match(self.text, self.position)
        if match is None or match.group("name") is None:
            raise AssemblyError("missing relocation modifier after `@'")
        self.position = match.end()
        self.modifier = match.group("name").upper()

    def expect(self, operator: str) -> None:
        match = TOKEN.match(self.text, self.position)
        if match is None or match.group("operator") != operator:
            raise AssemblyError(f"missing `{operator}'")
        self.position = match.end()

    def rest(self) -> str:
        return self.text[self.position :].strip()

    def at_end(self) -> bool:
        return not self.text[self.position :].strip()


def parse_number(text: str) -> int:
    """A literal as GNU as reads it: 0x, 0b, leading 0 octal, decimal."""
    if text[0] == "0" and len(text) > 1:
        if text[1] in "xX":
            return int(text, 16)
        if text[1] in "bB":
            return int(text, 2)
        try:
            return int(text, 8)
        except ValueError:
            raise AssemblyError(f"invalid octal number `{text}'") from None
    return int(text)


def parse_character(text: str) -> int:
    """'c or '\\n."""
    if text[1] != "\\":
        return ord(text[1])
    if text[2] in "01234567":
        return int(text[2:], 8) & 255
    return ESCAPES.get(text[2], ord(text[2]))


def signed(number: int) -> int:
    number &= WORD
    return number - (1 << 64) if number >> 63 else number


def unary(operator: str, number: int) -> int:
    if operator == "-":
        return -number
    return ~number if operator == "~" else int(number == 0)


def compute(operator: str, left: int, right: int) -> int:
    """A binary operation on numbers; results are kept exact until they are stored."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator in ("/", "%"):
        if right == 0:
            raise AssemblyError("division by zero")
        quotient = abs(left) // abs(right)
        if (left < 0) != (right < 0):
            quotient = -quotient
        return quotient if operator == "/" else left - quotient * right
    if operator == "<<":
        return signed(left << right) if 0 <= right < 64 else 0
    if operator == ">>":
        return (left & WORD) >> right if 0 <= right < 64 else 0
    if operator == "|":
        return left | right
    if operator == "&":
        return left & right
    if operator == "^":
        return left ^ right
    if operator == "!":
        return left | ~right
    if operator == "&&":
        return int(left != 0 and right != 0)
    if operator == "||":
        return int(left != 0 or right != 0)
    return -int(compare(operator, left, right))


def compare(operator: str, left: int, right: int) -> bool:
    if operator == "==":
        return left == right
    if operator in ("!=", "<>"):
        return left != right
    if operator == "<":
        return left < right
    if operator == "<=":
        return left <= right
    return left > right if operator == ">" else left >= right


def fold(operator: str, left: Expression, right: Expression) -> Expression:
    if left.kind == NUMBER and right.kind == NUMBER:
        return number_expression(compute(operator, left.number, right.number))
    return binary(operator, left, right)


def evaluate(expression: Expression, final: bool) -> Value | None:
    """The value, or None when it is not known (yet) or has no such form."""
    if expression.kind == NUMBER:
        return Value(None, None, expression.number)
    if expression.kind == SYMBOL:
        return evaluate_symbol(expression.symbol, final)
    left = expression.left
    assert left is not None
    first = evaluate(left, final)
    if first is None:
        return None
    if expression.kind == UNARY:
        if expression.operator == "-":
            return reduce(Value(first.minus, first.plus, -first.number), final)
        return Value(None, None, unary(expression.operator, first.number)) if first.constant() else None
    right = expression.right
    assert right is not None
    second = evaluate(right, final)
    if second is None:
        return None
    operator = expression.operator
    if operator == "+":
        return combine(first, second, final)
    if operator == "-" or (operator in RANKS and RANKS[operator] == 3 and not (first.constant() and second.constant())):
        difference = combine(first, Value(second.minus, second.plus, -second.number), final)
        if operator == "-" or difference is None:
            return difference
        return Value(None, None, compute(operator, difference.number, 0)) if difference.constant() else None
    if first.constant() and second.constant():
        return Value(None, None, compute(operator, first.number, second.number))
    return None


def evaluate_symbol(symbol: AsmSymbol | None, final: bool) -> Value | None:
    assert symbol is not None
    if symbol.expression is not None:
        if symbol.deferred and not final:
            return None
        if symbol.evaluating:
            raise AssemblyError(f"symbol definition loop encountered at `{symbol.name}'")
        symbol.evaluating = True
        try:
            value = evaluate(symbol.expression, final)
        finally:
            symbol.evaluating = False
        if final or value is None or value.constant():
            return value
        # An alias is kept as it was said: it may have another binding than what it stands for
    return Value(symbol, None, 0)


def combine(first: Value, second: Value, final: bool) -> Value | None:
    """The sum, when at most one symbol is left on each side after cancelling."""
    plus = [symbol for symbol in (first.plus, second.plus) if symbol is not None]
    minus = [symbol for symbol in (first.minus, second.minus) if symbol is not None]
    number = first.number + second.number
    for added in list(plus):
        for removed in list(minus):
            distance = known_distance(added, removed, final)
            if distance is not None:
                plus.remove(added)
                minus.remove(removed)
                number += distance
                break
    if len(plus) > 1 or len(minus) > 1:
        return None
    return Value(plus[0] if plus else None, minus[0] if minus else None, number)


def reduce(value: Value, final: bool) -> Value:
    if value.plus is not None and value.minus is not None:
        distance = known_distance(value.plus, value.minus, final)
        if distance is not None:
            return Value(None, None, value.number + distance)
    return value


def known_distance(first: AsmSymbol, second: AsmSymbol, final: bool) -> int | None:
    """first - second when it cannot change any more (or, finally, by the present addresses)."""
    if first is second:
        return 0
    if first.expression is not None or second.expression is not None:
        left, right = stands_for(first), stands_for(second)
        if left is None or right is None or left.plus is None or right.plus is None:
            return None
        distance = known_distance(left.plus, right.plus, final)
        return None if distance is None else distance + left.number - right.number
    if first.section is None or first.section is not second.section:
        return None
    if first.label.offset < 0 or second.label.offset < 0:  # a label of the compiler's that is still to come
        return None
    if final:
        buffer = first.section.buffer
        return buffer.address(first.label) - buffer.address(second.label)
    if first.buffer is second.buffer and first.label.rank == second.label.rank:
        return first.label.offset - second.label.offset
    return None


def stands_for(symbol: AsmSymbol) -> Value | None:
    """Label plus number behind an equated symbol; None when it is something else."""
    if symbol.expression is None:
        return Value(symbol, None, 0)
    value = evaluate(symbol.expression, True)
    return value if value is not None and value.minus is None else None


def parse_constant(text: str, symbols: Symbols) -> int:
    """An absolute expression that must be known now."""
    text = text.strip()
    if SIMPLE_NUMBER.match(text):
        return int(text)
    parser = ExpressionParser(text, symbols)
    expression = parser.parse()
    if not parser.at_end():
        raise AssemblyError(f"junk at end of line, first unrecognized character is `{parser.rest()[0]}'")
    value = evaluate(expression, False)
    if value is None or not value.constant():
        raise AssemblyError("expected absolute expression")
    return value.number
