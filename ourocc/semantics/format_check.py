"""-Wformat: the conversions of printf and scanf format strings against the arguments of the call."""

from typing import Final, cast, final

from ourocc.base.diagnostics import Diagnostics
from ourocc.semantics.display import quoted
from ourocc.semantics.type_table import TypeTable
from ourocc.semantics.typed_tree import ARRAY_DECAY, CONVERT, STRING_LITERAL, Expression, StringLiteral, UnaryOperation
from ourocc.semantics.types import CHAR, DOUBLE, ENUM, ERROR, INT, LDOUBLE, POINTER, SCHAR, UCHAR, VOID, Type
from ourocc.syntax import tree

# function -> kind, index of the format argument, index of the first checked argument (0: va_list)
LIBRARY_FORMATS: Final = {
    "printf": ("printf", 1, 2), "fprintf": ("printf", 2, 3), "sprintf": ("printf", 2, 3),
    "snprintf": ("printf", 3, 4), "vprintf": ("printf", 1, 0), "vfprintf": ("printf", 2, 0),
    "vsprintf": ("printf", 2, 0), "vsnprintf": ("printf", 3, 0), "scanf": ("scanf", 1, 2), "fscanf": ("scanf", 2, 3),
    "sscanf": ("scanf", 2, 3), "vscanf": ("scanf", 1, 0), "vfscanf": ("scanf", 2, 0), "vsscanf": ("scanf", 2, 0),
}  # fmt: skip

LENGTHS: Final = ("hh", "h", "ll", "l", "j", "z", "t", "L", "q")


@final
class FormatChecker:
    """Checks one call at a time."""

    def __init__(self, diagnostics: Diagnostics, types: TypeTable) -> None:
        self.diagnostics = diagnostics
        self.types = types

    def warn(self, location: int, message: str, option: str = "format") -> None:
        self.diagnostics.warning(location, option, message)

    def check(
        self, kind: str, index: int, first: int, arguments: list[Expression], node: tree.CallExpression
    ) -> None:
        """`index`, `first`: 1-based positions of the format and of the first argument it speaks of (0: none here)."""
        if kind not in ("printf", "scanf") or index > len(arguments):
            return
        literal = format_literal(arguments[index - 1])
        if literal is None:
            return
        text = literal.data[:-1].decode("latin-1")
        location = literal.location
        values = arguments[first - 1 :] if first else []
        if "\0" in text:
            self.warn(location, "embedded '\\0' in format", "format-contains-nul")
            return
        if not text and self.diagnostics.enabled.get("format-zero-length", False):
            self.warn(location, f"zero-length gnu_{kind} format string", "format-zero-length")
        self.scan(text, kind, values, first, first != 0, location)

    def scan(
        self, text: str, kind: str, values: list[Expression], first: int, checked: bool, location: int
    ) -> None:
        position = 0
        used = 0
        positional = False
        while True:
            position = text.find("%", position)
            if position < 0:
                break
            position += 1
            start = position
            if position < len(text) and text[position] == "%":
                position += 1
                continue
            flags = position
            while position < len(text) and text[position] in ("-+ #0'I" if kind == "printf" else "*'I"):
                position += 1
            suppressed = "*" in text[flags:position]
            for part in range(2 if kind == "printf" else 1):
                if part == 1:
                    if position >= len(text) or text[position] != ".":
                        break
                    position += 1
                if position < len(text) and text[position] == "*" and kind == "printf":
                    position += 1
                    if checked:
                        what = "precision" if part else "width"
                        self.star(values, used, first, what, location)
                    used += 1
                else:
                    while position < len(text) and text[position].isdigit():
                        position += 1
                    if position < len(text) and text[position] == "$":
                        positional = True
                        position += 1
            length = length_modifier(text, position)
            position += len(length)
            if kind == "scanf" and position < len(text) and text[position] == "m":
                length += "m"
                position += 1
            if position >= len(text):
                self.warn(location, "spurious trailing '%' in format" if start == position else "conversion lacks type at end of format")
                return
            letter = text[position]
            position += 1
            if letter == "[" and kind == "scanf":
                position = text.find("]", position + (2 if text.startswith("^]", position) else 1)) + 1
                if position == 0:
                    self.warn(location, "no closing ']' for '%[' format")
                    return
            if positional:
                return
            if letter == "m" and kind == "printf":
                continue
            known = "diouxXeEfFgGaAcspnCS" + ("[" if kind == "scanf" else "")
            if letter not in known:
                self.warn(location, f"unknown conversion type character '{letter}' in format")
                return
            if suppressed or not checked:
                continue
            if used >= len(values):
                self.warn(location, f"format '%{text[start:position]}' expects a matching '{self.expected_name(kind, letter, length)}' argument")
                return
            self.match(kind, letter, length, text[start:position], values[used], first + used)
            used += 1
        if checked and used < len(values) and not positional:
            self.warn(location, "too many arguments for format", "format-extra-args")

    def star(self, values: list[Expression], used: int, first: int, what: str, location: int) -> None:
        if used >= len(values):
            self.warn(location, f"field {what} specifier '*' expects a matching 'int' argument")
            return
        type = values[used].type
        if not (type.is_integer() and type.size == 4):
            self.warn(
                values[used].location,
                f"field {what} specifier '{'.' if what == 'precision' else ''}*' expects argument of type 'int', but argument {first + used} has type {quoted(type)}",
            )

    def integer(self, length: str, unsigned: bool) -> Type:
        types = self.types
        table = {
            "hh": (types.schar, types.uchar), "h": (types.short, types.ushort), "": (types.int, types.uint),
            "l": (types.long, types.ulong), "ll": (types.llong, types.ullong), "q": (types.llong, types.ullong),
            "L": (types.llong, types.ullong), "j": (types.long if types.long.size == 8 else types.llong, types.ulong if types.long.size == 8 else types.ullong),
            "z": (types.ptrdiff_type, types.size_type), "t": (types.ptrdiff_type, types.size_type),
        }  # fmt: skip
        return table[length][1 if unsigned else 0]

    def expected(self, kind: str, letter: str, length: str) -> Type:
        """The type that an argument must have."""
        types = self.types
        pointer = types.pointer_to
        if letter == "p":
            return types.void_pointer if kind == "printf" else pointer(types.void_pointer)
        if letter in "diouxX" or letter == "n":
            type = self.integer(length.rstrip("m"), letter in "ouxX")
            if letter == "n" or kind == "scanf":
                return pointer(type)
            return type if length not in ("hh", "h") else types.int
        if letter in "eEfFgGaA":
            if kind == "printf":
                return types.ldouble if length == "L" else types.double
            return pointer({"": types.float, "l": types.double, "L": types.ldouble}.get(length, types.float))
        wide = length.startswith("l") or letter in "CS"
        character = types.wchar_type if wide else types.char
        if letter in "cC":
            return types.int if kind == "printf" and not wide else types.uint if kind == "printf" else pointer(character)
        if "m" in length:
            return pointer(pointer(character))
        return pointer(character)

    def expected_name(self, kind: str, letter: str, length: str) -> str:
        return quoted(self.expected(kind, letter, length))[1:-1]

    def match(self, kind: str, letter: str, length: str, shown: str, value: Expression, number: int) -> None:
        expected = self.expected(kind, letter, length)
        type = value.type
        if self.acceptable(expected, type, letter):
            return
        actual = type
        while value.kind == CONVERT and value.location == cast(UnaryOperation, value).operand.location:
            break
        self.warn(
            value.location,
            f"format '%{shown}' expects argument of type {quoted(expected)}, but argument {number} has type {quoted(actual)}",
        )

    def acceptable(self, expected: Type, type: Type, letter: str) -> bool:
        type = type.unqualified
        if type.kind == ENUM and type.underlying is not None:
            type = type.underlying
        if expected is type or type.kind == ERROR:
            return True
        if expected.kind == POINTER:
            if type.kind != POINTER:
                return False
            want = cast(Type, expected.base).unqualified
            have = cast(Type, type.base).unqualified
            if have.kind == ENUM and have.underlying is not None:
                have = have.underlying
            if letter == "p" or want is have:
                return True
            if want.kind == VOID:
                return True
            if want.kind == CHAR:
                return have.kind in (SCHAR, UCHAR) or have.kind == VOID and letter == "["
            if want.is_integer() and have.is_integer() and want.size == have.size:
                return self.types.unsigned_of(want) is self.types.unsigned_of(have)
            return False
        if expected.is_integer() and type.is_integer():
            if type.kind < INT:
                type = self.types.int
            return expected.size == type.size and self.types.unsigned_of(expected) is self.types.unsigned_of(type)
        if expected.kind == DOUBLE:
            return type.kind in (DOUBLE, 19)
        return expected.kind == LDOUBLE and type.kind == LDOUBLE


def length_modifier(text: str, position: int) -> str:
    for candidate in LENGTHS:
        if text.startswith(candidate, position):
            return candidate
    return ""


def format_literal(value: Expression) -> StringLiteral | None:
    while value.kind == CONVERT:
        value = cast(UnaryOperation, value).operand
    if value.kind == ARRAY_DECAY:
        place = cast(UnaryOperation, value).operand
        if place.kind == STRING_LITERAL and cast(Type, place.type.base).size == 1:
            return cast(StringLiteral, place)
    return None
