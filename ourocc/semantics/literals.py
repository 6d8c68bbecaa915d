"""Constants and string literals (C17 6.4.4, 6.4.5) and their types."""


from ourocc.base.literals import (
    LiteralError,
    is_floating,
    parse_character,
    parse_floating,
    parse_integer,
    parse_strings,
)
from ourocc.semantics import reals
from ourocc.semantics.builtin_calls import BuiltinCalls
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    ComplexConstant,
    Expression,
    FloatConstant,
    IntegerConstant,
    StringLiteral,
)
from ourocc.semantics.types import (
    CONST,
    Type,
)
from ourocc.syntax import tree


class Literals(BuiltinCalls):
    """Analyses literals."""

    def prepare_literals(self) -> None:
        self.numbers: dict[str, tuple[Type, int]] = {}  # spelling of an integer constant -> type and value

    def number(self, node: tree.LiteralExpression) -> Expression:
        spelling = node.spelling
        if self.diagnostics.pedantic:
            self.check_number(spelling, node.location)
        known = self.numbers.get(spelling)
        if known is None:
            if is_floating(spelling):
                return self.floating_number(node)
            try:
                literal = parse_integer(spelling)
            except LiteralError as problem:
                if any(c in spelling for c in "fFqQdDwW") and spelling[:2] not in ("0x", "0X"):
                    return self.floating_number(node)
                self.error(node.location, problem.message)
                return self.error_value(node.location)
            type, value = self.integer_type(literal.value, literal.unsigned, literal.longs, literal.base, node.location)
            if literal.imaginary:
                zero = IntegerConstant(type, node.location, 0)
                part = IntegerConstant(type, node.location, value)
                return ComplexConstant(self.types.complex_of(type), node.location, zero, part)
            known = (type, value)
            self.numbers[spelling] = known
        return IntegerConstant(known[0], node.location, known[1])

    def check_number(self, spelling: str, location: int) -> None:
        """Forms of numbers that ISO C does not have, or got later."""
        if self.diagnostics.extension:
            return
        lower = spelling.lower()
        if lower.startswith("0b") and self.options.standard < 2023:
            self.required(location, "binary constants are a C2X feature or GCC extension")
        elif self.options.standard < 1999:
            if lower.startswith("0x") and "p" in lower:
                self.required(location, "use of C99 hexadecimal floating constant")
            elif "ll" in lower and not is_floating(spelling):
                self.pedwarn(location, "long-long", "use of C99 long long integer constant")
        if not lower.startswith("0x") and lower[-1] in "ij" or "i" in lower[-3:]:
            self.required(location, "imaginary constants are a GCC extension")

    def integer_type(self, value: int, unsigned: bool, longs: int, base: int, location: int) -> tuple[Type, int]:
        """The first type of the list of C17 6.4.4.1p5 that holds the value."""
        types = self.types
        if longs == 0:
            candidates = [types.int, types.uint, types.long, types.ulong, types.llong, types.ullong]
        elif longs == 1:
            candidates = [types.long, types.ulong, types.llong, types.ullong]
        else:
            candidates = [types.llong, types.ullong]
        if self.options.standard < 1999 and longs < 2:
            if not unsigned and base == 10:
                if value < 1 << (types.int.size * 8 - 1) and longs == 0:
                    return types.int, value
                if value < 1 << (types.long.size * 8 - 1):
                    return types.long, value
                if value < 1 << (types.long.size * 8):
                    self.warn(location, "", "this decimal constant is unsigned only in ISO C90")
                    return types.ulong, value
        for candidate in candidates:
            if unsigned and not candidate.unsigned:
                continue
            if not unsigned and candidate.unsigned and base == 10:
                continue
            if value < 1 << (candidate.size * 8 - (0 if candidate.unsigned else 1)):
                return candidate, value
        if value < 1 << 64:
            if unsigned or base != 10:
                return types.ullong, value
            self.warn(location, "", "integer constant is so large that it is unsigned")
            return types.int128, value
        self.warn(location, "", "integer constant is too large for its type")
        value &= (1 << 64) - 1
        return types.ullong, value

    def floating_number(self, node: tree.LiteralExpression) -> Expression:
        try:
            literal = parse_floating(node.spelling)
        except LiteralError as problem:
            self.error(node.location, problem.message)
            return self.error_value(node.location)
        types = self.types
        suffixes = {
            "": types.float if self.options.single_precision else types.double, "f": types.float, "l": types.ldouble, "q": types.float128, "f128": types.float128,
            "f32": types.float, "f64": types.double, "f32x": types.double, "f64x": types.ldouble,
            "w": types.ldouble,
        }  # fmt: skip
        type = suffixes.get(literal.suffix)
        if type is None:
            if literal.suffix == "f16":
                self.error(node.location, "unsupported non-standard suffix on floating constant")
            else:
                self.error(node.location, "decimal floating-point not supported for this target")
            return self.error_value(node.location)
        value = reals.from_text(literal.digits, type)
        if value.special == 1:
            self.warn(node.location, "overflow", f"floating constant exceeds range of {quoted(type)}")
        elif reals.is_zero(value) and any(c in "123456789" for c in literal.digits.lower().split("e")[0]):
            if not literal.digits.lower().startswith("0x"):
                self.warn(node.location, "overflow", "floating constant truncated to zero")
        part = FloatConstant(type, node.location, value)
        if literal.imaginary:
            zero = FloatConstant(type, node.location, reals.from_integer(0, type))
            return ComplexConstant(types.complex_of(type), node.location, zero, part)
        return part

    def character(self, node: tree.LiteralExpression) -> Expression:
        try:
            literal = parse_character(self.wide_spelling(node.spelling), self.types.char.unsigned)
        except LiteralError as problem:
            self.error(node.location, problem.message)
            return self.error_value(node.location)
        for option, message in literal.warnings:
            self.warn(node.location, option, message)
        types = self.types
        type = {"": types.int, "L": types.wchar_type, "u": types.char16_type, "U": types.char32_type, "u8": types.uchar}[
            literal.prefix
        ]
        return self.integer(type, node.location, literal.value)

    def wide_spelling(self, spelling: str) -> str:
        """With -fshort-wchar L"..." is encoded as u"..." is."""
        return "u" + spelling[1:] if self.model.short_wchar and spelling.startswith("L") else spelling

    def string(self, node: tree.StringExpression) -> Expression:
        tokens = node.tokens
        try:
            literal = parse_strings([self.wide_spelling(token.spelling) for token in tokens])
        except LiteralError as problem:
            self.error(node.location, problem.message)
            return self.error_value(node.location)
        for option, message in literal.warnings:
            self.warn(node.location, option, message)
        types = self.types
        element = types.char
        if literal.prefix in ("L", "u", "U"):
            element = {"L": types.wchar_type, "u": types.char16_type, "U": types.char32_type}[literal.prefix]
        data = literal.data() + b"\0" * literal.width
        if self.wanted.write_strings:
            element = types.qualified(element, CONST)
        return StringLiteral(types.array_of(element, len(literal.units) + 1), node.location, data)
