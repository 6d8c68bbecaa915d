"""Parsing of expressions (C17 6.5) by precedence climbing."""

from typing import Final

from ourocc.preprocess import token as tok
from ourocc.syntax import keywords as kw
from ourocc.syntax import tree
from ourocc.syntax.stream import SyntaxProblem, TokenStream, stray

# Binary operators: precedence, higher binds tighter
PRECEDENCE: Final[dict[str, int]] = {
    "*": 10, "/": 10, "%": 10, "+": 9, "-": 9, "<<": 8, ">>": 8, "<": 7, ">": 7, "<=": 7, ">=": 7,
    "==": 6, "!=": 6, "&": 5, "^": 4, "|": 3, "&&": 2, "||": 1,
}  # fmt: skip
ASSIGNMENTS: Final = frozenset(["=", "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|="])


class ExpressionParser(TokenStream):
    """Expressions; declarations and statements are added by the subclasses."""

    # Implemented by the subclasses: an expression may contain types and statements.

    def type_name(self) -> tree.TypeName:
        raise NotImplementedError

    def starts_type_name(self) -> bool:
        raise NotImplementedError

    def initializer_list(self) -> tree.InitializerList:
        raise NotImplementedError

    def compound_statement(self) -> tree.CompoundStatement:
        raise NotImplementedError

    def designators(self, first_is_field: bool) -> list[tree.Designator]:
        raise NotImplementedError

    # ---- operators, from the loosest

    def expression(self) -> tree.Expression:
        """C17 6.5.17: with commas."""
        left = self.assignment_expression()
        while self.at(","):
            location = self.tokens[self.index].location
            self.index += 1
            right = self.assignment_expression()
            left = tree.BinaryExpression(tree.BINARY, location, ",", left, right)
        return left

    def assignment_expression(self) -> tree.Expression:
        """C17 6.5.16.  The left side is parsed as a conditional expression: semantics asks for an lvalue."""
        left = self.conditional_expression()
        token = self.tokens[self.index]
        if token.kind == tok.PUNCTUATOR and token.spelling in ASSIGNMENTS:
            self.index += 1
            right = self.assignment_expression()
            made = tree.BinaryExpression(tree.ASSIGNMENT, token.location, token.spelling, left, right)
            made.end = right.end
            return made
        return left

    def conditional_expression(self) -> tree.Expression:
        condition = self.binary_expression(1)
        token = self.tokens[self.index]
        if token.kind != tok.PUNCTUATOR or token.spelling != "?":
            return condition
        self.index += 1
        then: tree.Expression | None = None
        if not self.at(":"):
            then = self.expression()
        else:
            place = self.tokens[self.index].location
            self.pedantic(place, "ISO C forbids omitting the middle term of a '?:' expression")
        self.expect(":")
        otherwise = self.conditional_expression()
        made = tree.ConditionalExpression(token.location, condition, then, otherwise)
        made.end = otherwise.end
        return made

    def binary_expression(self, minimum: int) -> tree.Expression:
        left = self.cast_expression()
        while True:
            token = self.tokens[self.index]
            if token.kind != tok.PUNCTUATOR:
                return left
            level = PRECEDENCE.get(token.spelling, 0)
            if level < minimum or level == 0:
                return left
            self.index += 1
            right = self.binary_expression(level + 1)
            made = tree.BinaryExpression(tree.BINARY, token.location, token.spelling, left, right)
            made.end = right.end
            left = made

    def cast_expression(self) -> tree.Expression:
        """C17 6.5.4: a cast, a compound literal, or a unary expression."""
        token = self.tokens[self.index]
        if token.kind == tok.PUNCTUATOR and token.spelling == "(":
            self.index += 1
            if self.starts_type_name():
                type_name = self.type_name()
                self.expect(")")
                if self.at("{"):
                    if self.version < 1999:
                        self.pedantic(token.location, "ISO C90 forbids compound literals")
                    literal = tree.CompoundLiteral(token.location, type_name, self.initializer_list())
                    return self.postfix_operators(literal)
                operand = self.cast_expression()
                made = tree.CastExpression(token.location, type_name, operand)
                made.end = operand.end
                return made
            self.index -= 1
        return self.unary_expression()

    def unary_expression(self) -> tree.Expression:
        token = self.tokens[self.index]
        if token.kind == tok.PUNCTUATOR:
            spelling = token.spelling
            if spelling in ("*", "&", "-", "!", "~", "+"):
                self.index += 1
                operand = self.cast_expression()
                made = tree.UnaryExpression(tree.UNARY, token.location, spelling, operand)
                made.end = operand.end
                return made
            if spelling in ("++", "--"):
                self.index += 1
                operand = self.unary_expression()
                made = tree.UnaryExpression(tree.UNARY, token.location, spelling, operand)
                made.end = operand.end
                return made
            if spelling == "&&":
                self.index += 1
                name = self.identifier()
                self.pedantic(token.location, "taking the address of a label is non-standard")
                return tree.LabelAddress(token.location, name.spelling)
        elif token.kind == tok.IDENTIFIER:
            kind = self.classes.get(token.spelling, 0)
            if kind == kw.OPERATOR:
                return self.keyword_operator()
            if kind == kw.EXTENSION:
                self.index += 1
                extension = self.diagnostics.extension
                self.diagnostics.extension += 1
                try:
                    operand = self.cast_expression()
                finally:
                    self.diagnostics.extension = extension
                return tree.UnaryExpression(tree.UNARY, token.location, "__extension__", operand)
        return self.postfix_operators(self.primary_expression())

    def keyword_operator(self) -> tree.Expression:
        """sizeof, _Alignof, _Generic, __real__, and builtins with types as operands."""
        token = self.tokens[self.index]
        spelling = token.spelling
        self.index += 1
        if spelling == "sizeof":
            return self.sizeof_operand(token.location, "sizeof")
        if spelling in ("_Alignof", "alignof"):
            return self.sizeof_operand(token.location, "_Alignof")
        if spelling.startswith("__alignof"):
            return self.sizeof_operand(token.location, "__alignof__")
        if spelling.startswith("__real") or spelling.startswith("__imag"):
            name = "__real__" if spelling.startswith("__real") else "__imag__"
            return tree.UnaryExpression(tree.UNARY, token.location, name, self.cast_expression())
        if spelling == "_Generic":
            self.since(2011, token.location, "'_Generic'")
            made = self.generic_selection(token.location)
        else:
            made = self.builtin_with_types(token.location, spelling)
        made.end = self.tokens[self.index - 1].location
        return self.postfix_operators(made)

    def sizeof_operand(self, location: int, operator: str) -> tree.Expression:
        if self.at("("):
            start = self.index
            self.index += 1
            if self.starts_type_name():
                type_name = self.type_name()
                close = self.expect(")")
                if not self.at("{"):
                    made = tree.SizeofType(location, operator, type_name)
                    made.end = close.location
                    return made
            self.index = start
        if operator == "_Alignof":
            self.pedantic(location, "ISO C does not allow '_Alignof (expression)'")
        operand = self.unary_expression()
        result = tree.SizeofExpression(location, operator, operand)
        result.end = operand.end
        return result

    def generic_selection(self, location: int) -> tree.Expression:
        self.expect("(")
        control = self.assignment_expression()
        associations: list[tuple[tree.TypeName | None, tree.Expression]] = []
        while self.accept(","):
            type_name: tree.TypeName | None = None
            if self.at_keyword("default"):
                self.index += 1
            else:
                type_name = self.type_name()
            self.expect(":")
            associations.append((type_name, self.assignment_expression()))
        self.expect(")")
        return tree.GenericExpression(location, control, associations)

    def builtin_with_types(self, location: int, name: str) -> tree.Expression:
        self.expect("(")
        made: tree.Expression
        if name == "__builtin_va_arg":
            operand = self.assignment_expression()
            self.expect(",")
            made = tree.VaArgExpression(location, operand, self.type_name())
        elif name == "__builtin_offsetof":
            type_name = self.type_name()
            self.expect(",")
            made = tree.OffsetofExpression(location, type_name, self.designators(True))
        elif name == "__builtin_types_compatible_p":
            first = self.type_name()
            self.expect(",")
            made = tree.TypesCompatible(location, first, self.type_name())
        else:
            condition = self.assignment_expression()
            self.expect(",")
            then = self.assignment_expression()
            self.expect(",")
            made = tree.ChooseExpression(location, condition, then, self.assignment_expression())
        self.expect(")")
        return made

    # ---- primary and postfix

    def primary_expression(self) -> tree.Expression:
        token = self.tokens[self.index]
        kind = token.kind
        if kind == tok.IDENTIFIER:
            if self.classes.get(token.spelling, kw.FUNCTION_NAME) != kw.FUNCTION_NAME:
                raise self.expected("expression")
            if self.is_typedef_name(token.spelling):
                raise self.expected("expression")
            self.index += 1
            if self.diagnostics.pedantic and token.spelling in self.classes:
                if token.spelling != "__func__":
                    self.pedantic(token.location, f"ISO C does not support '{token.spelling}' predefined identifier")
                else:
                    self.since(1999, token.location, "'__func__' predefined identifier")
            return tree.IdentifierExpression(token.location, token.spelling)
        if kind == tok.NUMBER:
            self.index += 1
            return tree.LiteralExpression(tree.NUMBER, token.location, token.spelling)
        if kind == tok.STRING:
            literal = tree.StringExpression(self.string_tokens())
            literal.end = self.tokens[self.index - 1].location
            return literal
        if kind == tok.CHARACTER:
            self.index += 1
            return tree.LiteralExpression(tree.CHARACTER, token.location, token.spelling)
        if kind == tok.PUNCTUATOR and token.spelling == "(":
            return self.parenthesized()
        if kind == tok.OTHER:
            if self.last_error != self.index:
                self.last_error = self.index
                shown = token.spelling
                if len(shown) == 1 and not shown.isprintable():
                    shown = f"\\{ord(shown):o}"
                self.diagnostics.error(token.location, stray(shown))
            raise SyntaxProblem("stray")
        raise self.expected("expression")

    def parenthesized(self) -> tree.Expression:
        open = self.tokens[self.index]
        self.index += 1
        if self.at("{"):
            # A GNU statement expression; its braces are a scope of their own.
            body = self.compound_statement()
            made: tree.Expression = tree.StatementExpression(open.location, body)
        else:
            made = self.expression()
            made.parenthesized = True
        close = self.expect(")")
        made.end = close.location
        return made

    def postfix_operators(self, operand: tree.Expression) -> tree.Expression:
        """C17 6.5.2: subscripts, calls, members, ++ and --."""
        while True:
            token = self.tokens[self.index]
            if token.kind != tok.PUNCTUATOR:
                return operand
            spelling = token.spelling
            made: tree.Expression
            if spelling == "(":
                self.index += 1
                made = tree.CallExpression(operand.location, operand, self.arguments(operand))
            elif spelling == "[":
                self.index += 1
                index = self.expression()
                self.expect("]")
                made = tree.SubscriptExpression(operand.location, operand, index)
            elif spelling == "->" or spelling == ".":
                self.index += 1
                name = self.member_name()
                made = tree.MemberExpression(token.location, operand, name, spelling == "->")
            elif spelling == "++" or spelling == "--":
                self.index += 1
                made = tree.UnaryExpression(tree.POSTFIX, token.location, spelling, operand)
            else:
                return operand
            made.end = self.tokens[self.index - 1].location
            operand = made

    def member_name(self) -> str:
        """Any identifier that is no keyword (typedef names are fine: members have their own name space)."""
        return self.identifier().spelling

    def arguments(self, function: tree.Expression) -> list[tree.Expression]:
        """Behind "(": arguments up to ")"; those of builtins may be types."""
        found: list[tree.Expression] = []
        if self.accept(")"):
            return found
        builtin = function.kind == tree.IDENTIFIER and self.tokens[self.index - 2].spelling.startswith(
            "__builtin_"
        )
        while True:
            if builtin and self.starts_type_name():
                location = self.tokens[self.index].location
                found.append(tree.SizeofType(location, "", self.type_name()))
            else:
                found.append(self.assignment_expression())
            if not self.accept(","):
                break
        self.expect(")")
        return found
