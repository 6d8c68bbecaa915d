"""Expressions of --defsym and of assignments in input scripts: C's operators over numbers and symbols."""

from typing import Final, final

from ourocc.linker.elements import Link, LinkError, LinkSymbol
from ourocc.objects.model import UNDEFINED

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
_SUFFIXES: Final = {"K": 1024, "k": 1024, "M": 1048576, "m": 1048576}


def evaluate(text: str, link: Link, what: str) -> tuple[int, LinkSymbol | None]:
    """Value of `text`, and the symbol that it is relative to (None: a number)."""
    return _Evaluator(text, link, what).run()


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


@final
class _Evaluator:
    def __init__(self, text: str, link: Link, what: str) -> None:
        self.text = text
        self.link = link
        self.what = what
        self.position = 0
        self.base: LinkSymbol | None = None

    def run(self) -> tuple[int, LinkSymbol | None]:
        value = self._binary(1)
        self._space()
        if self.position < len(self.text):
            raise self._error()
        return value, self.base

    def _error(self) -> LinkError:
        return LinkError(f"{self.what}: syntax error in expression '{self.text}'")

    def _space(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1

    def _operator(self) -> str:
        self._space()
        two = self.text[self.position : self.position + 2]
        if two in _PRECEDENCE:
            return two
        one = two[:1]
        return one if one in _PRECEDENCE else ""

    def _binary(self, lowest: int) -> int:
        left = self._unary()
        while True:
            operator = self._operator()
            if not operator or _PRECEDENCE[operator] < lowest:
                return left
            self.position += len(operator)
            right = self._binary(_PRECEDENCE[operator] + 1)
            left = self._apply(operator, left, right)

    def _apply(self, operator: str, a: int, b: int) -> int:
        if operator in ("/", "%"):
            if b == 0:
                raise LinkError(f"{self.what}: division by zero in expression '{self.text}'")
            return a // b if operator == "/" else a % b
        if operator in ("<<", ">>"):
            shift = b & 63
            return (a << shift if operator == "<<" else a >> shift) & 0xFFFFFFFFFFFFFFFF
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
        return results[operator] & 0xFFFFFFFFFFFFFFFF

    def _unary(self) -> int:
        self._space()
        if self.position >= len(self.text):
            raise self._error()
        char = self.text[self.position]
        if char == "(":
            self.position += 1
            value = self._binary(1)
            self._space()
            if self.text[self.position : self.position + 1] != ")":
                raise self._error()
            self.position += 1
            return value
        if char in "-~!":
            self.position += 1
            value = self._unary()
            return (-value if char == "-" else ~value if char == "~" else int(not value)) & 0xFFFFFFFFFFFFFFFF
        return self._operand()

    def _operand(self) -> int:
        start = self.position
        while self.position < len(self.text) and (
            self.text[self.position].isalnum() or self.text[self.position] in "_.$@"
        ):
            self.position += 1
        word = self.text[start : self.position]
        if not word:
            raise self._error()
        if word[0].isdigit():
            try:
                return parse_number(word)
            except ValueError:
                raise self._error() from None
        symbol = self.link.symbols.get(word)
        if symbol is None or symbol.place == UNDEFINED:
            raise LinkError(f"{self.what}: undefined symbol `{word}' referenced in expression")
        self.base = symbol
        return symbol.address
