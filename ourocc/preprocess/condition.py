"""The expression of #if and #elif (C17 6.10.1): tokens in, truth out.

Precedence climbing in intmax_t and uintmax_t; what is not evaluated (C17 6.5.13 p4 and the like) is
read without messages about values.
"""

from typing import Final, final

from ourocc.base.diagnostics import REQUIRED
from ourocc.base.literals import LiteralError, parse_character, parse_integer
from ourocc.preprocess.expansion import Expander
from ourocc.preprocess.macro import spell_tokens
from ourocc.preprocess.token import CHARACTER, END, IDENTIFIER, NUMBER, OTHER, PUNCTUATOR, STRING, Token

_MASK: Final = (1 << 64) - 1
_TOP: Final = 1 << 63

_PRECEDENCE: Final = {
    ",": 1, "?": 2, "||": 3, "&&": 4, "|": 5, "^": 6, "&": 7, "==": 8, "!=": 8, "<": 9, ">": 9, "<=": 9,
    ">=": 9, "<<": 10, ">>": 10, "+": 11, "-": 11, "*": 12, "/": 12, "%": 12,
}  # fmt: skip


class ConditionError(Exception):
    """The expression is wrong; the message has been reported."""


@final
class Value:
    """A number with its type: intmax_t, or uintmax_t when `unsigned`."""

    __slots__ = ("number", "unsigned")

    def __init__(self, number: int, unsigned: bool) -> None:
        number &= _MASK
        if not unsigned and number & _TOP:
            number -= 1 << 64
        self.number = number
        self.unsigned = unsigned


@final
class Condition:
    """One evaluation, over the tokens that `expander` delivers up to its END."""

    def __init__(self, expander: Expander, location: int, directive: str) -> None:
        self.expander = expander
        self.location = location
        self.directive = directive  # "#if" or "#elif", for messages
        self.skipping = 0  # > 0 inside what is not evaluated
        self.token: Token = expander.end_token

    def evaluate(self) -> bool:
        """The truth of the expression; False after an error."""
        try:
            self.advance()
            if self.token.kind == END:
                self.error(f"{self.directive} with no expression", self.location)
            value = self.binary(1)
            if self.token.kind != END:
                if self.token.spelling == ")":
                    self.error("missing '(' in expression", self.token.location)
                if self.token.spelling == ":":
                    self.error("':' without preceding '?'", self.token.location)
                self.missing_operator()
            return value.number != 0
        except ConditionError:
            return False

    def advance(self) -> None:
        self.token = self.expander.next_significant()

    def error(self, message: str, location: int) -> None:
        self.expander.diagnostics.error(location or self.location, message)
        raise ConditionError(message)

    def pedantic(self, message: str, location: int) -> None:
        self.expander.diagnostics.pedwarn(location or self.location, "", message)

    def missing_operator(self) -> None:
        token = self.token
        if token.kind == PUNCTUATOR and token.spelling not in ("!", "~", "("):
            self.invalid_token(token)
        self.error(f'missing binary operator before token "{token.spelling}"', token.location)

    def invalid_token(self, token: Token) -> None:
        self.error(f'token "{token.spelling}" is not valid in preprocessor expressions', token.location)

    # ------------------------------------------------------------------ operators

    def binary(self, least: int) -> Value:
        """An expression of operators that bind at least as tightly as `least`."""
        left = self.unary()
        while self.token.kind == PUNCTUATOR:
            operator = self.token.spelling
            precedence = _PRECEDENCE.get(operator, 0)
            if precedence == 0 and operator not in (")", ":"):
                self.invalid_token(self.token)
            if precedence < least or precedence == 0:
                break
            place = self.token.location
            if operator == "?":
                left = self.conditional(left)
                continue
            skips = (operator == "&&" and left.number == 0) or (operator == "||" and left.number != 0)
            self.advance()
            if self.token.kind == END:
                self.error(f"operator '{operator}' has no right operand", place)
            if skips:
                self.skipping += 1
            right = self.binary(precedence + 1)
            if skips:
                self.skipping -= 1
            left = self.apply(operator, left, right, place)
        return left

    def conditional(self, condition: Value) -> Value:
        place = self.token.location
        truth = condition.number != 0
        self.advance()
        self.skipping += 0 if truth else 1
        chosen = self.binary(1)
        self.skipping -= 0 if truth else 1
        if self.token.spelling != ":" or self.token.kind != PUNCTUATOR:
            self.error("'?' without following ':'", place)
        self.advance()
        self.skipping += 1 if truth else 0
        other = self.binary(2)
        self.skipping -= 1 if truth else 0
        result = chosen if truth else other
        return Value(result.number, chosen.unsigned or other.unsigned)

    def apply(self, operator: str, left: Value, right: Value, place: int) -> Value:
        a = left.number
        b = right.number
        if operator == "&&":
            return Value(1 if a and b else 0, False)
        if operator == "||":
            return Value(1 if a or b else 0, False)
        if operator == ",":
            if self.expander.diagnostics.pedantic and (not self.skipping or self.expander.lexer.mode_key[0] == "0"):
                self.pedantic("comma operator in operand of #if", place)
            return right
        if operator == "<<" or operator == ">>":
            return self.shift(operator, left, right, place)
        unsigned = left.unsigned or right.unsigned
        if unsigned:
            self.warn_sign_change(left, right, operator, place)
            a &= _MASK
            b &= _MASK
        if operator in ("<", ">", "<=", ">=", "==", "!="):
            return Value(1 if _compare(operator, a, b) else 0, False)
        if operator in ("/", "%"):
            if b == 0:
                if not self.skipping:
                    self.error("division by zero in #if", place)
                return Value(0, unsigned)
            quotient = abs(a) // abs(b)
            if (a < 0) != (b < 0):
                quotient = -quotient
            result = quotient if operator == "/" else a - b * quotient
        elif operator == "+":
            result = a + b
        elif operator == "-":
            result = a - b
        elif operator == "*":
            result = a * b
        elif operator == "&":
            result = a & b
        elif operator == "|":
            result = a | b
        else:
            result = a ^ b
        value = Value(result, unsigned)
        if not unsigned and value.number != result and not self.skipping:
            self.pedantic("integer overflow in preprocessor expression", place)
        return value

    def warn_sign_change(self, left: Value, right: Value, operator: str, place: int) -> None:
        if self.skipping or left.unsigned == right.unsigned:
            return
        side = "left" if right.unsigned else "right"
        signed = left if right.unsigned else right
        if signed.number < 0:
            self.expander.diagnostics.warning(
                place, "sign-compare", f'the {side} operand of "{operator}" changes sign when promoted'
            )

    def shift(self, operator: str, left: Value, right: Value, place: int) -> Value:
        count = right.number
        if operator == ">>":
            count = -count
        number = left.number
        if count >= 0:
            result = 0 if count > 63 else number << count
        else:
            result = number >> min(-count, 64)
        value = Value(result, left.unsigned)
        if count > 0 and not left.unsigned and not self.skipping:
            if (number != 0 and count > 63) or value.number != result:
                self.pedantic("integer overflow in preprocessor expression", place)
        return value

    # ------------------------------------------------------------------ operands

    def unary(self) -> Value:
        token = self.token
        kind = token.kind
        if kind == NUMBER:
            value = self.number(token)
            self.advance()
            return value
        if kind == IDENTIFIER:
            return self.identifier(token)
        if kind == CHARACTER:
            value = self.character(token)
            self.advance()
            return value
        if kind == PUNCTUATOR:
            operator = token.spelling
            if operator == "(":
                return self.parenthesized(token)
            if operator in ("!", "~", "-", "+"):
                self.advance()
                if self.token.kind == END:
                    self.error(f"operator '{operator}' has no right operand", token.location)
                return self.apply_unary(operator, self.unary(), token.location)
            if operator in _PRECEDENCE:
                self.error(f"operator '{operator}' has no left operand", token.location)
            if operator == ")":
                self.error("missing '(' in expression", token.location)
            if operator == ":":
                self.error("':' without preceding '?'", token.location)
        if kind == END:
            self.error(f"{self.directive} with no expression", self.location)
        if kind == STRING or kind == PUNCTUATOR:
            self.invalid_token(token)
        if kind == OTHER and token.spelling[:1] in ("'", '"'):
            self.error(f"missing terminating {token.spelling[0]} character", token.location)
        self.error(
            f"stray '{token.spelling}' in program"
            if kind == OTHER
            else f'token "{token.spelling}" is not valid in preprocessor expressions',
            token.location,
        )
        raise ConditionError("")

    def apply_unary(self, operator: str, value: Value, place: int) -> Value:
        if operator == "!":
            return Value(0 if value.number else 1, False)
        if operator == "~":
            return Value(~value.number, value.unsigned)
        if operator == "-":
            if not value.unsigned and value.number == -_TOP and not self.skipping:
                self.pedantic("integer overflow in preprocessor expression", place)
            return Value(-value.number, value.unsigned)
        return value

    def parenthesized(self, opening: Token) -> Value:
        self.advance()
        if self.token.kind == PUNCTUATOR and self.token.spelling == ")":
            self.error("missing expression between '(' and ')'", self.token.location)
        if self.token.kind == END:
            self.error("missing ')' in expression", opening.location)
        value = self.binary(1)
        if self.token.kind == END:
            self.error("missing ')' in expression", opening.location)
        if self.token.spelling == ":" and self.token.kind == PUNCTUATOR:
            self.error("':' without preceding '?'", self.token.location)
        if self.token.spelling != ")" or self.token.kind != PUNCTUATOR:
            self.missing_operator()
        self.advance()
        return value

    def number(self, token: Token) -> Value:
        try:
            literal = parse_integer(token.spelling)
        except LiteralError as error:
            if error.floating:
                self.error("floating constant in preprocessor expression", token.location)
            self.error(error.message, token.location)
            raise
        if literal.imaginary:
            self.error("imaginary number in preprocessor expression", token.location)
        if literal.value > _MASK:
            self.expander.diagnostics.pedwarn(token.location, REQUIRED, "integer constant is too large for its type")
        unsigned = literal.unsigned
        if not unsigned and literal.value & _MASK >= _TOP:
            if literal.base == 10:
                self.expander.diagnostics.warning(
                    token.location, "", "integer constant is so large that it is unsigned"
                )
            unsigned = True
        return Value(literal.value, unsigned)

    def character(self, token: Token) -> Value:
        try:
            literal = parse_character(token.spelling, self.expander.unsigned_characters)
        except LiteralError as error:
            self.error(error.message, token.location)
            raise
        for option, message in literal.warnings:
            self.expander.diagnostics.warning(token.location, option, message)
        return Value(literal.value, literal.unsigned and literal.prefix != "" and literal.value >= 0)

    def identifier(self, token: Token) -> Value:
        name = token.spelling
        if name == "defined":
            return self.defined(token)
        if name in ("__has_include", "__has_include_next"):
            value = self.has_include(token)
            self.advance()
            return value
        if name in ("__has_attribute", "__has_cpp_attribute", "__has_c_attribute", "__has_builtin"):
            value = self.has_feature(token)
            self.advance()
            return value
        if not self.skipping:
            self.expander.diagnostics.warning(token.location, "undef", f'"{name}" is not defined, evaluates to 0')
        self.advance()
        if self.token.kind == PUNCTUATOR and self.token.spelling == "(" and not self.skipping:
            self.error(f'function-like macro "{name}" is not defined', token.location)
        return Value(0, False)

    def defined(self, token: Token) -> Value:
        """`defined X` and `defined(X)`; X is not expanded."""
        if token.location and self.expander.sources.expansion_of(token.location) is not None:
            self.expander.diagnostics.warning(
                token.location, "expansion-to-defined", 'this use of "defined" may not be portable'
            )
        self.expander.prevent_expansion += 1
        self.advance()
        parenthesis = self.token.kind == PUNCTUATOR and self.token.spelling == "("
        if parenthesis:
            self.advance()
        name = self.token
        if name.kind != IDENTIFIER:
            self.expander.prevent_expansion -= 1
            self.error('operator "defined" requires an identifier', name.location)
        if parenthesis:
            self.advance()
            if self.token.kind != PUNCTUATOR or self.token.spelling != ")":
                self.expander.prevent_expansion -= 1
                self.error("missing ')' after \"defined\"", self.token.location)
        self.expander.prevent_expansion -= 1
        self.advance()
        return Value(1 if self.expander.is_defined(name) else 0, False)

    def open_operator(self, token: Token) -> None:
        self.advance()
        if self.token.kind != PUNCTUATOR or self.token.spelling != "(":
            self.error(f"missing '(' before \"{token.spelling}\" operand", self.token.location)

    def close_operator(self, token: Token) -> None:
        if self.token.kind != PUNCTUATOR or self.token.spelling != ")":
            self.error(f"missing ')' after \"{token.spelling}\" operand", self.token.location)

    def has_include(self, token: Token) -> Value:
        self.open_operator(token)
        self.advance()
        angled = False
        name = ""
        if self.token.kind == STRING and self.token.spelling[0] == '"':
            name = self.token.spelling[1:-1]
            self.advance()
        elif self.token.kind == PUNCTUATOR and self.token.spelling == "<":
            angled = True
            self.expander.prevent_expansion += 1
            parts: list[Token] = []
            self.advance()
            while self.token.kind != END and self.token.spelling != ">":
                parts.append(self.token)
                self.advance()
            self.expander.prevent_expansion -= 1
            if self.token.kind == END:
                self.error("missing terminating > character", token.location)
            name = spell_tokens(parts)
            self.advance()
        else:
            self.error(f'operator "{token.spelling}" requires a header-name', self.token.location)
        self.close_operator(token)
        if self.skipping:
            return Value(0, False)
        return Value(1 if self.expander.has_include(name, angled, token.spelling.endswith("_next")) else 0, False)

    def has_feature(self, token: Token) -> Value:
        """__has_attribute(x), __has_c_attribute(prefix::x), __has_builtin(x)."""
        self.open_operator(token)
        self.expander.prevent_expansion += 1
        self.advance()
        name = self.token.spelling
        if self.token.kind != IDENTIFIER:
            self.expander.prevent_expansion -= 1
            if token.spelling == "__has_builtin":
                self.error('macro "__has_builtin" requires an identifier', self.token.location)
            self.error('attribute identifier required after "("', self.token.location)
        self.advance()
        while self.token.kind == PUNCTUATOR and self.token.spelling == ":":
            self.advance()
            if self.token.kind == IDENTIFIER:
                name += "::" + self.token.spelling
                self.advance()
        self.expander.prevent_expansion -= 1
        self.close_operator(token)
        return Value(self.expander.has_feature(token.spelling, name), False)


def _compare(operator: str, a: int, b: int) -> bool:
    if operator == "<":
        return a < b
    if operator == ">":
        return a > b
    if operator == "<=":
        return a <= b
    if operator == ">=":
        return a >= b
    return a == b if operator == "==" else a != b
