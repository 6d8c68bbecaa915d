"""The parser: statements, function definitions, translation units (C17 6.8, 6.9).

Input: preprocessed tokens.  Output: a `tree.TranslationUnit`.  Bodies of static and inline functions are only
brace-matched; `parse_body` parses one when it turns out to be needed.
"""

from ourocc.base.diagnostics import Diagnostics
from ourocc.preprocess import token as tok
from ourocc.preprocess.token import Token
from ourocc.syntax import keywords as kw
from ourocc.syntax import tree
from ourocc.syntax.declarations import DeclarationParser
from ourocc.syntax.indentation import check_indentation
from ourocc.syntax.stream import SyntaxProblem


class Parser(DeclarationParser):
    """Statements and external declarations."""

    def __init__(
        self, tokens: list[Token], diagnostics: Diagnostics, version: int = 2017, gnu: bool = True
    ) -> None:
        super().__init__(drop_inner_pragmas(tokens), diagnostics, version, gnu)
        self.lazy = True
        wanted = diagnostics.enabled.get("misleading-indentation", False)
        self.indentation_wanted = wanted or diagnostics.turned_on("misleading-indentation")

    # ---- translation unit

    def translation_unit(self) -> tree.TranslationUnit:
        unit = tree.TranslationUnit()
        while self.tokens[self.index].kind != tok.END:
            start = self.index
            try:
                item = self.external_declaration()
                if item is not None:
                    unit.items.append(item)
            except SyntaxProblem:
                self.scopes.clear()
                self.skip_to_recovery()
                if self.at("}"):
                    self.index += 1
            if self.index == start:
                self.index += 1
        return unit

    def external_declaration(self) -> tree.Statement | None:
        """C17 6.9."""
        token = self.tokens[self.index]
        if token.kind == tok.PRAGMA:
            return self.pragma()
        if token.kind == tok.PUNCTUATOR and token.spelling == ";":
            self.index += 1
            self.pedantic(token.location, "ISO C does not allow extra ';' outside of a function")
            return tree.SimpleStatement(tree.EMPTY_DECLARATION, token.location)
        kind = self.keyword_class()
        if kind == kw.STATIC_ASSERT:
            return self.static_assert()
        if kind == kw.ASM:
            return self.file_scope_asm()
        if kind == 0 and not self.starts_declaration():
            self._check_external_start(token)
        return self.declaration(True)

    def _check_external_start(self, token: Token) -> None:
        """A declaration without specifiers: implicit int (`main() {`), or a mistyped type name."""
        if token.kind != tok.IDENTIFIER:
            if token.kind == tok.PUNCTUATOR and token.spelling in ("*", "(", "["):
                return
            raise self.expected("identifier or '('")
        following = self.tokens[self.index + 1]
        if following.kind == tok.IDENTIFIER and following.spelling not in self.classes:
            self.unknown_type_or("declaration")
        elif following.kind == tok.PUNCTUATOR and following.spelling == "*":
            self.unknown_type_or("declaration")

    def file_scope_asm(self) -> tree.FileScopeAsm:
        location = self.tokens[self.index].location
        self.index += 1
        self.expect("(")
        text = tree.StringExpression(self.string_tokens())
        self.expect(")")
        self.expect(";")
        return tree.FileScopeAsm(location, text)

    def declaration(self, external: bool) -> tree.Statement:
        """A declaration or function definition, with its ';' or body."""
        extension = self.diagnostics.extension
        try:
            return self._declaration(external)
        finally:
            self.diagnostics.extension = extension

    def _declaration(self, external: bool) -> tree.Statement:
        specifiers = self.specifiers()
        made = tree.Declaration(specifiers.location, specifiers)
        if self.accept(";"):
            return made
        attributes = self.attributes()
        item = tree.InitDeclarator(self.declarator(False))
        item.attributes += attributes
        if item.declarator.parts and item.declarator.parts[0].kind == tree.FUNCTION_DECLARATOR:
            definition = self.function_definition(specifiers, item)
            if definition is not None:
                return definition
        elif external and self.at("{"):
            raise self.expected("'=', ',', ';', 'asm' or '__attribute__'")
        self.init_declarators(made, item)
        return made

    def function_definition(
        self, specifiers: tree.DeclarationSpecifiers, item: tree.InitDeclarator
    ) -> tree.FunctionDefinition | None:
        """Behind a function declarator: the definition, or None when it is only a declaration."""
        label = self.asm_label()
        item.asm_label = label
        item.attributes += self.attributes()
        declarator = item.declarator
        old_style = False
        if not self.at("{"):
            part = declarator.parts[0]
            assert isinstance(part, tree.FunctionDeclarator)
            if not part.names or not self.starts_declaration():
                return None
            old_style = True
        if specifiers.storage & tree.STORAGE_TYPEDEF:
            raise self.expected("'=', ',', ';', 'asm' or '__attribute__'")
        self.declare(declarator.name, False)
        made = tree.FunctionDefinition(declarator.location, specifiers, declarator)
        made.asm_label = label
        declarator.attributes += item.attributes
        if old_style:
            self._old_style_parameters(made)
        made.body_start = self.index
        nested = len(self.scopes) > 0
        if nested:
            self.pedantic(specifiers.location, "ISO C forbids nested functions")
        if self.lazy and not nested and specifiers.storage & (tree.STORAGE_STATIC | tree.SPECIFIER_INLINE):
            self.skip_braces()
        else:
            self._body(made)
        made.body_end = self.index
        made.end = self.tokens[self.index - 1].location
        return made

    def _old_style_parameters(self, made: tree.FunctionDefinition) -> None:
        self.scopes.append({})
        while not self.at("{"):
            declared = self.declaration(False)
            if isinstance(declared, tree.Declaration):
                made.old_style.append(declared)
            if self.tokens[self.index].kind == tok.END or not (self.at("{") or self.starts_declaration()):
                break
        self.scopes.pop()
        if not self.at("{"):
            raise self.expected("'{'")

    def _body(self, made: tree.FunctionDefinition) -> None:
        """Parse the body at the current token, parameters in scope."""
        scope: dict[str, bool] = {}
        part = made.declarator.parts[0]
        assert isinstance(part, tree.FunctionDeclarator)
        for parameter in part.parameters:
            if parameter.declarator.name:
                scope[parameter.declarator.name] = False
        for name in part.names:
            scope[name.spelling] = False
        self.scopes.append(scope)
        try:
            made.body = self.compound_statement()
        finally:
            self.scopes.pop()

    def parse_body(self, definition: tree.FunctionDefinition) -> None:
        """Parse a body that was only brace-matched."""
        if definition.body is not None:
            return
        saved_index = self.index
        saved_scopes = self.scopes
        saved_pack = self.pack
        saved_order = self.big_endian
        self.index = definition.body_start
        self.scopes = []
        try:
            self._body(definition)
        except SyntaxProblem:
            definition.body = tree.CompoundStatement(definition.location)
        finally:
            self.index = saved_index
            self.scopes = saved_scopes
            self.pack = saved_pack
            self.big_endian = saved_order

    # ---- statements

    def compound_statement(self) -> tree.CompoundStatement:
        """C17 6.8.2; opens a scope."""
        open = self.expect("{")
        made = tree.CompoundStatement(open.location)
        self.scopes.append({})
        depth = len(self.scopes)
        while not self.at("}"):
            if self.tokens[self.index].kind == tok.END:
                self.expected_closing(open)
            start = self.index
            try:
                self.block_item(made.items)
            except SyntaxProblem:
                del self.scopes[depth:]
                self.skip_to_recovery()
                if self.index == start:
                    self.index += 1
        made.end = self.tokens[self.index].location
        self.index += 1
        self.scopes.pop()
        return made

    def expected_closing(self, open: Token) -> None:
        if self.last_error != self.index:
            self.last_error = self.index
            problem = self.diagnostics.error(
                self.previous_end(), "expected declaration or statement at end of input"
            )
            if open.location != self.tokens[self.index].location:
                self.diagnostics.note(problem, open.location, "to match this '{'")
        raise SyntaxProblem("'}'")

    def block_item(self, items: list[tree.Statement]) -> None:
        token = self.tokens[self.index]
        if token.kind == tok.PRAGMA:
            pragma = self.pragma()
            if pragma is not None:
                items.append(pragma)
            return
        if token.kind == tok.IDENTIFIER:
            kind = self.classes.get(token.spelling, 0)
            if kind == kw.LABEL_DECLARATION and (not items or items[-1].kind == tree.LOCAL_LABELS):
                items.append(self.local_labels())
                return
            if kind == kw.STATIC_ASSERT:
                items.append(self.static_assert())
                return
            if self._item_is_declaration(kind):
                items.append(self.declaration(False))
                return
        elif token.kind == tok.PUNCTUATOR and token.spelling == "[" and self.at_standard_attribute():
            if self._item_is_declaration(kw.ATTRIBUTE):
                items.append(self.declaration(False))
                return
        items.append(self.statement())

    def _item_is_declaration(self, kind: int) -> bool:
        """Does the current block item start a declaration (and not a label or an attributed statement)?"""
        if kind == 0:
            token = self.tokens[self.index]
            if not self.is_typedef_name(token.spelling):
                return self._mistyped_type()
            following = self.tokens[self.index + 1]
            return not (following.kind == tok.PUNCTUATOR and following.spelling == ":")
        if kind == kw.EXTENSION:
            start = self.index
            while self.keyword_class() == kw.EXTENSION:
                self.index += 1
            answer = self.starts_declaration() or self.keyword_class() == kw.STATIC_ASSERT
            self.index = start
            return answer
        if kind == kw.ATTRIBUTE:
            start = self.index
            self.attributes()
            answer = self.starts_declaration() or self.keyword_class() == kw.EXTENSION
            self.index = start
            return answer
        return self.starts_declaration()

    def _mistyped_type(self) -> bool:
        """`foo x` where foo is no type: report it here, then parse a declaration."""
        following = self.tokens[self.index + 1]
        if following.kind == tok.IDENTIFIER and following.spelling not in self.classes:
            self.unknown_type_or("declaration")
            return True
        return False

    def local_labels(self) -> tree.LocalLabels:
        token = self.tokens[self.index]
        self.index += 1
        names = [self.identifier().spelling]
        while self.accept(","):
            names.append(self.identifier().spelling)
        self.expect(";")
        return tree.LocalLabels(token.location, names)

    def statement(self) -> tree.Statement:
        """C17 6.8."""
        token = self.tokens[self.index]
        if token.kind == tok.IDENTIFIER:
            kind = self.classes.get(token.spelling, 0)
            if kind == kw.STATEMENT:
                return self.keyword_statement(token)
            if kind == kw.ASM:
                return self.asm_statement()
            if kind == kw.ATTRIBUTE:
                return self._attributed_statement()
            following = self.tokens[self.index + 1]
            if kind == 0 and following.kind == tok.PUNCTUATOR and following.spelling == ":":
                return self.labeled_statement()
        elif token.kind == tok.PUNCTUATOR:
            if token.spelling == "{":
                return self.compound_statement()
            if token.spelling == ";":
                self.index += 1
                return tree.SimpleStatement(tree.NULL_STATEMENT, token.location)
            if token.spelling == "[" and self.at_standard_attribute():
                return self._attributed_statement()
        elif token.kind == tok.PRAGMA:
            pragma = self.pragma()
            return pragma if pragma is not None else self.statement()
        expression = self.expression()
        made = tree.ExpressionStatement(expression.location, expression)
        self.expect(";")
        return made

    def _attributed_statement(self) -> tree.Statement:
        start = self.tokens[self.index]
        attributes = self.attributes()
        if start.spelling != "[" and not self.at(";"):
            for attribute in attributes:
                if attribute.name == "fallthrough":
                    text = "'fallthrough' attribute not followed by ';'"
                    self.diagnostics.warning(start.location, "attributes", text)
            raise self.expected("identifier or '('")  # gcc takes it for a declaration
        made = self.statement()
        if made.kind == tree.NULL_STATEMENT:
            made.location = start.location
        made.attributes = attributes + made.attributes
        return made

    def labeled_statement(self) -> tree.Statement:
        name = self.identifier()
        self.expect(":")
        attributes = self.attributes() if self.keyword_class() == kw.ATTRIBUTE else []
        made = tree.LabeledStatement(name.location, name.spelling, self.labeled_body())
        made.attributes = attributes
        return made

    def labeled_body(self) -> tree.Statement:
        """The statement behind a label; at the end of a block or before a declaration an empty one (GNU, C23)."""
        token = self.tokens[self.index]
        if token.kind == tok.PUNCTUATOR and token.spelling == "}":
            if self.version < 2023:
                self.diagnostics.pedwarn(token.location, "pedantic", "label at end of compound statement")
            return tree.SimpleStatement(tree.NULL_STATEMENT, token.location)
        if token.kind == tok.IDENTIFIER:
            kind = self.classes.get(token.spelling, 0)
            declaration = kind == kw.STATIC_ASSERT
            if not declaration and (kind or self.is_typedef_name(token.spelling)):
                declaration = self._item_is_declaration(kind)
            if declaration:
                if self.version < 2023:
                    self.diagnostics.pedwarn(
                        token.location, "pedantic",
                        "a label can only be part of a statement and a declaration is not a statement",
                    )  # fmt: skip
                return tree.SimpleStatement(tree.NULL_STATEMENT, token.location)
        return self.statement()

    def keyword_statement(self, token: Token) -> tree.Statement:
        word = token.spelling
        location = token.location
        self.index += 1
        if word == "if":
            return self.if_statement(token)
        if word == "return":
            value = None if self.at(";") else self.expression()
            self.expect(";")
            return tree.ReturnStatement(location, value)
        if word == "for":
            return self.for_statement(token)
        if word == "while":
            condition = self.parenthesized_condition()
            return tree.LoopStatement(tree.WHILE_STATEMENT, location, condition, self.guarded_statement(token))
        if word == "do":
            return self.do_statement(location)
        if word == "switch":
            condition = self.parenthesized_condition()
            return tree.SwitchStatement(location, condition, self.scoped_statement())
        if word == "case":
            return self.case_statement(location)
        if word == "default":
            self.expect(":")
            return tree.DefaultStatement(location, self.labeled_body())
        if word == "goto":
            return self.goto_statement(location)
        if word == "break" or word == "continue":
            self.expect(";")
            kind = tree.BREAK_STATEMENT if word == "break" else tree.CONTINUE_STATEMENT
            return tree.SimpleStatement(kind, location)
        self.index -= 1
        if word == "else":
            if self.last_error != self.index:
                self.last_error = self.index
                self.diagnostics.error(location, "'else' without a previous 'if'")
            raise SyntaxProblem("else")
        raise self.expected("statement")

    def parenthesized_condition(self) -> tree.Expression:
        self.expect("(")
        condition = self.expression()
        self.expect(")")
        return condition

    def scoped_statement(self) -> tree.Statement:
        """A substatement: a block of its own (C17 6.8.5p5)."""
        if self.at("{"):
            return self.compound_statement()
        self.scopes.append({})
        try:
            return self.statement()
        finally:
            self.scopes.pop()

    def guarded_statement(self, guard: Token) -> tree.Statement:
        """The substatement of `if`, `else`, `while` or `for`, whose keyword is at `guard`."""
        if not self.indentation_wanted or self.at("{"):
            return self.scoped_statement()
        body = self.tokens[self.index]
        made = self.scoped_statement()
        check_indentation(self.diagnostics, guard.spelling, guard, body, self.tokens[self.index])
        return made

    def if_statement(self, token: Token) -> tree.Statement:
        open = self.tokens[self.index].location
        condition = self.parenthesized_condition()
        then = self.guarded_statement(token)
        otherwise: tree.Statement | None = None
        if self.at_keyword("else"):
            self.index += 1
            otherwise = self.guarded_statement(self.tokens[self.index - 1])
        elif ends_with_else(then):
            text = "suggest explicit braces to avoid ambiguous 'else'"
            self.diagnostics.warning(open, "dangling-else", text)
        made = tree.IfStatement(token.location, condition, then, otherwise)
        made.open = open
        return made

    def do_statement(self, location: int) -> tree.Statement:
        body = self.scoped_statement()
        if not self.at_keyword("while"):
            raise self.expected("'while'")
        self.index += 1
        condition = self.parenthesized_condition()
        self.expect(";")
        return tree.LoopStatement(tree.DO_STATEMENT, location, condition, body)

    def for_statement(self, token: Token) -> tree.Statement:
        self.expect("(")
        self.scopes.append({})
        try:
            initial: tree.Statement | None = None
            if not self.accept(";"):
                items: list[tree.Statement] = []
                self.block_item(items)
                initial = items[0]
            condition = None if self.at(";") else self.expression()
            self.expect(";")
            step = None if self.at(")") else self.expression()
            self.expect(")")
            body = self.guarded_statement(token)
        finally:
            self.scopes.pop()
        return tree.ForStatement(token.location, initial, condition, step, body)

    def case_statement(self, location: int) -> tree.Statement:
        first = self.conditional_expression()
        last: tree.Expression | None = None
        if self.accept("..."):
            self.pedantic(location, "range expressions in switch statements are non-standard")
            last = self.conditional_expression()
        self.expect(":")
        return tree.CaseStatement(location, first, last, self.labeled_body())

    def goto_statement(self, location: int) -> tree.Statement:
        if self.accept("*"):
            target = self.expression()
            self.expect(";")
            self.pedantic(location, "ISO C forbids 'goto *expr;'")
            return tree.ComputedGoto(location, target)
        name = self.identifier("identifier or '*'")
        self.expect(";")
        return tree.GotoStatement(location, name.spelling)

    # ---- asm

    def asm_statement(self) -> tree.Statement:
        token = self.tokens[self.index]
        self.index += 1
        volatile = False
        inline = False
        goto = False
        while True:
            word = self.tokens[self.index].spelling
            kind = self.keyword_class()
            if (kind == kw.QUALIFIER and "volatile" in word and volatile) or (word == "goto" and goto):
                self.diagnostics.error(self.tokens[self.index].location, f"duplicate 'asm' qualifier '{word}'")
            if kind == kw.QUALIFIER and "volatile" in word:
                volatile = True
            elif kind == kw.STORAGE and "inline" in word:
                inline = True
            elif kind == kw.STATEMENT and word == "goto":
                goto = True
            elif kind == kw.QUALIFIER:
                self.diagnostics.warning(
                    self.tokens[self.index].location, "", f"'{word}' is not an asm qualifier"
                )  # fmt: skip
            else:
                break
            self.index += 1
        self.expect("(")
        made = tree.AsmStatement(token.location, self.string_text())
        made.volatile = volatile
        made.inline = inline
        made.goto = goto
        if not self.at(")"):
            made.extended = True
            self._asm_operands(made)
        self.expect(")")
        self.expect(";")
        return made

    def _asm_colon(self) -> bool:
        """A ":" (or the first half of the "::" that was lexed as two)."""
        return self.accept(":")

    def _asm_operands(self, made: tree.AsmStatement) -> None:
        self.expect(":")
        made.outputs = self._operand_list()
        if not self._asm_colon():
            return
        made.inputs = self._operand_list()
        if not self._asm_colon():
            return
        while self.tokens[self.index].kind == tok.STRING:
            made.clobbers.append(self.string_text())
            if not self.accept(","):
                break
        if not self._asm_colon():
            return
        if not self.at_identifier():
            raise self.expected("identifier")
        while self.at_identifier():
            made.labels.append(self.identifier().spelling)
            if not self.accept(","):
                break

    def _operand_list(self) -> list[tree.AsmOperand]:
        found: list[tree.AsmOperand] = []
        while self.at("[") or self.tokens[self.index].kind == tok.STRING:
            location = self.tokens[self.index].location
            name = ""
            if self.accept("["):
                token = self.tokens[self.index]
                if token.kind != tok.IDENTIFIER:
                    raise self.expected("identifier")
                self.index += 1
                name = token.spelling
                self.expect("]")
            constraint = self.string_text()
            self.expect("(")
            expression = self.expression()
            self.expect(")")
            found.append(tree.AsmOperand(location, name, constraint, expression))
            if not self.accept(","):
                break
        return found


def drop_inner_pragmas(tokens: list[Token]) -> list[Token]:
    """Without the PRAGMA tokens that stand inside an expression or declarator: they only matter between statements,
    members and declarations."""
    kept: list[Token] = []
    between = True
    dropped = False
    for token in tokens:
        if token.kind == tok.PRAGMA:
            if between:
                kept.append(token)
            else:
                dropped = True
            continue
        between = token.kind == tok.PUNCTUATOR and token.spelling in (";", "{", "}", ")", ":")
        kept.append(token)
    return kept if dropped else tokens


def ends_with_else(body: tree.Statement) -> bool:
    """Is the last thing of a clause without braces an `if` with an `else`?"""
    while True:
        if isinstance(body, tree.IfStatement):
            return body.otherwise is not None
        if isinstance(body, tree.ForStatement) or body.kind == tree.WHILE_STATEMENT and isinstance(body, tree.LoopStatement):
            body = body.body
        elif isinstance(body, (tree.LabeledStatement, tree.SwitchStatement)):
            body = body.body
        else:
            return False
