"""Expressions of linker scripts and of --defsym: parser and evaluator (GNU ld manual, "Expressions").

C's operators over 64-bit numbers, symbols, the location counter and functions such as ALIGN().  What names
and functions mean is up to the subclass of `Evaluator`.
"""

from typing import Final, final

from ourocc.linker.elements import LinkError

# Kinds of expressions
EXPRESSION_NUMBER: Final = 0
EXPRESSION_NAME: Final = 1  # a symbol, or "."
EXPRESSION_UNARY: Final = 2
EXPRESSION_BINARY: Final = 3
EXPRESSION_CONDITIONAL: Final = 4
EXPRESSION_CALL: Final = 5  # ALIGN(...), ADDR(...), ...

_PRECEDENCE: Final = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "<<": 8,
    ">>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}
_ZERO_ARGUMENT: Final = ("SIZEOF_HEADERS", "sizeof_headers")
_SUFFIXES: Final = {"K": 1024, "k": 1024, "M": 1048576, "m": 1048576}
_WORD: Final = 0xFFFFFFFFFFFFFFFF


@final
class Expression:
    """A node: `text` is the name, operator or function."""

    def __init__(self, kind: int, text: str = "", value: int = 0) -> None:
        self.kind = kind
        self.text = text
        self.value = value
        self.arguments: list[Expression] = []


def parse_number(text: str) -> int:
    """A script's number: decimal, 0x, 0 octal, with K or M; ValueError when it is none."""
    scale = 1
    if text and text[-1] in _SUFFIXES and not text.lower().startswith("0x"):
        scale = _SUFFIXES[text[-1]]
        text = text[:-1]
    if text.lower().startswith("0x"):
        return int(text, 16) * scale
    if text.startswith("0") and len(text) > 1:
        return int(text, 8) * scale
    return int(text, 10) * scale


class ExpressionParser:
    """Reads tokens and expressions from `text`."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.position = 0

    # Lexical level

    def error(self, message: str) -> LinkError:
        line = self.text.count("\n", 0, self.position) + 1
        return LinkError(f"{self.name}:{line}: {message}")

    def skip(self) -> None:
        text = self.text
        while self.position < len(text):
            if text[self.position].isspace():
                self.position += 1
            elif text.startswith("/*", self.position):
                end = text.find("*/", self.position + 2)
                if end < 0:
                    raise self.error("unterminated comment")
                self.position = end + 2
            elif text[self.position] == "#":
                end = text.find("\n", self.position)
                self.position = len(text) if end < 0 else end
            else:
                return

    def peek(self) -> str:
        """The next character ("" at the end)."""
        self.skip()
        return self.text[self.position : self.position + 1]

    def accept(self, token: str) -> bool:
        self.skip()
        if self.text.startswith(token, self.position):
            self.position += len(token)
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.accept(token):
            found = self.text[self.position : self.position + 20].split("\n")[0]
            raise self.error(f"syntax error: '{token}' expected before '{found}'")

    def take_while(self, extra: str) -> str:
        start = self.position
        text = self.text
        while self.position < len(text) and (text[self.position].isalnum() or text[self.position] in extra):
            if text.startswith("/*", self.position):
                break
            self.position += 1
        return text[start : self.position]

    def symbol(self) -> str:
        """A name in an expression."""
        self.skip()
        if self.peek() == '"':
            return self.quoted()
        return self.take_while("_.$")

    def word(self, colons: bool = False) -> str:
        """A section, file or pattern name; archive:member patterns have a colon."""
        self.skip()
        if self.peek() == '"':
            return self.quoted()
        return self.take_while("_.$*?[]-+/\\~^!@:" if colons else "_.$*?[]-+/\\~^!@")

    def quoted(self) -> str:
        end = self.text.find('"', self.position + 1)
        if end < 0:
            raise self.error("unterminated string")
        result = self.text[self.position + 1 : end]
        self.position = end + 1
        return result

    # Expressions

    def expression(self) -> Expression:
        condition = self.binary(1)
        if self.accept("?"):
            result = Expression(EXPRESSION_CONDITIONAL, "?")
            first = self.expression()
            self.expect(":")
            result.arguments = [condition, first, self.expression()]
            return result
        return condition

    def _operator(self) -> str:
        self.skip()
        two = self.text[self.position : self.position + 2]
        if two in _PRECEDENCE:
            return two if self.text[self.position : self.position + 3] not in ("<<=", ">>=") else ""
        if len(two) == 2 and two[1] == "=" and two[0] in "+-*/&|^":
            return ""
        return two[:1] if two[:1] in _PRECEDENCE else ""

    def binary(self, lowest: int) -> Expression:
        left = self._unary()
        while True:
            operator = self._operator()
            if not operator or _PRECEDENCE[operator] < lowest:
                return left
            self.position += len(operator)
            node = Expression(EXPRESSION_BINARY, operator)
            node.arguments = [left, self.binary(_PRECEDENCE[operator] + 1)]
            left = node

    def _unary(self) -> Expression:
        char = self.peek()
        if char and char in "-~!+":
            self.position += 1
            node = Expression(EXPRESSION_UNARY, char)
            node.arguments = [self._unary()]
            return node
        if char == "(":
            self.position += 1
            inner = self.expression()
            self.expect(")")
            return inner
        name = self.symbol()
        if not name:
            raise self.error("syntax error: an expression is expected")
        if name[0].isdigit():
            return self._number(name)
        if name in _ZERO_ARGUMENT:
            return Expression(EXPRESSION_CALL, "SIZEOF_HEADERS")
        if self.peek() == "(" and name.isupper():
            return self._call(name)
        return Expression(EXPRESSION_NAME, name)

    def _number(self, text: str) -> Expression:
        try:
            return Expression(EXPRESSION_NUMBER, text, parse_number(text))
        except ValueError:
            if text[-1] in "xXhH":
                try:
                    return Expression(EXPRESSION_NUMBER, text, int(text[:-1], 16))
                except ValueError:
                    pass
            raise self.error(f"'{text}' is not a number") from None

    def _call(self, name: str) -> Expression:
        self.expect("(")
        node = Expression(EXPRESSION_CALL, name)
        if name in ("ADDR", "SIZEOF", "LOADADDR", "ALIGNOF", "DEFINED", "ORIGIN", "LENGTH", "CONSTANT", "NEXT"):
            if name == "NEXT":
                node.arguments.append(self.expression())
            else:
                node.arguments.append(Expression(EXPRESSION_NAME, self.word()))
        elif name == "SEGMENT_START":
            node.arguments.append(Expression(EXPRESSION_NAME, self.word()))
            self.expect(",")
            node.arguments.append(self.expression())
        elif name == "ASSERT":
            node.arguments.append(self.expression())
            self.expect(",")
            node.arguments.append(Expression(EXPRESSION_NAME, self.string()))
        else:
            node.arguments.append(self.expression())
            while self.accept(","):
                node.arguments.append(self.expression())
        self.expect(")")
        return node

    def string(self) -> str:
        return self.quoted() if self.peek() == '"' else self.word()


def parse_expression(text: str, where: str) -> Expression:
    """The whole of `text` as an expression."""
    parser = ExpressionParser(text, where)
    result = parser.expression()
    if parser.peek():
        raise parser.error(f"syntax error in expression '{text}'")
    return result


class Evaluator:
    """Computes expressions.  `is_number` tells whether the last one was a mere number, not an address."""

    def __init__(self, where: str) -> None:
        self.where = where  # for messages
        self.is_number = True

    def evaluate(self, expression: Expression) -> int:
        """The value as an address; `is_number` tells whether it is a mere number."""
        self.is_number = True
        return self.value(expression)

    def value(self, node: Expression) -> int:
        kind = node.kind
        if kind == EXPRESSION_NUMBER:
            return node.value
        if kind == EXPRESSION_NAME:
            return self.name_value(node.text)
        if kind == EXPRESSION_UNARY:
            value = self.value(node.arguments[0])
            if node.text == "!":
                return int(value == 0)
            return (-value if node.text == "-" else ~value if node.text == "~" else value) & _WORD
        if kind == EXPRESSION_BINARY:
            left = self.value(node.arguments[0])
            if node.text == "&&" and left == 0 or node.text == "||" and left != 0:
                return int(left != 0)
            return apply_operator(node.text, left, self.value(node.arguments[1]), self.where)
        if kind == EXPRESSION_CONDITIONAL:
            chosen = 1 if self.value(node.arguments[0]) else 2
            return self.value(node.arguments[chosen])
        if kind == EXPRESSION_CALL:
            return self.call_value(node.text, node.arguments)
        raise LinkError(f"{self.where}: malformed expression")

    def name_value(self, name: str) -> int:
        raise NotImplementedError

    def call_value(self, function: str, arguments: list[Expression]) -> int:
        raise NotImplementedError


def apply_operator(operator: str, a: int, b: int, where: str) -> int:
    if operator in ("/", "%"):
        if b == 0:
            raise LinkError(f"{where}: division by zero in expression")
        return a // b if operator == "/" else a % b
    if operator == "<<":
        return a << (b & 63) & _WORD
    if operator == ">>":
        return a >> (b & 63)
    results = {
        "+": a + b,
        "-": a - b,
        "*": a * b,
        "&": a & b,
        "|": a | b,
        "^": a ^ b,
        "==": int(a == b),
        "!=": int(a != b),
        "<": int(a < b),
        ">": int(a > b),
        "<=": int(a <= b),
        ">=": int(a >= b),
        "&&": int(a != 0 and b != 0),
        "||": int(a != 0 or b != 0),
    }
    return results[operator] & _WORD
