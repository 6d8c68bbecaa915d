"""Parsing of declarations: specifiers, declarators, attributes, initializers (C17 6.7 and GNU C)."""

from typing import Final

from ourocc.preprocess import token as tok
from ourocc.preprocess.token import Token
from ourocc.syntax import keywords as kw
from ourocc.syntax import tree
from ourocc.syntax.expressions import ExpressionParser
from ourocc.syntax.stream import SyntaxProblem

_SPECIFIER_CLASSES: Final = frozenset(
    [kw.TYPE, kw.STORAGE, kw.QUALIFIER, kw.RECORD, kw.ENUM, kw.TYPEOF, kw.ATTRIBUTE, kw.ALIGNAS, kw.ATOMIC]
)
_TYPE_NAME_CLASSES: Final = frozenset(
    [kw.TYPE, kw.QUALIFIER, kw.RECORD, kw.ENUM, kw.TYPEOF, kw.ATTRIBUTE, kw.ATOMIC]
)


class DeclarationParser(ExpressionParser):
    """Everything between "what a declaration starts with" and its ';'."""

    # ---- what starts what

    def starts_declaration(self) -> bool:
        """Does the current token start declaration specifiers?"""
        token = self.tokens[self.index]
        if token.kind != tok.IDENTIFIER:
            return False
        kind = self.classes.get(token.spelling, 0)
        if kind == 0:
            return self.is_typedef_name(token.spelling) or token.spelling in ("__int128_t", "__uint128_t")
        return kind in _SPECIFIER_CLASSES

    def starts_type_name(self) -> bool:
        token = self.tokens[self.index]
        if token.kind != tok.IDENTIFIER:
            return False
        kind = self.classes.get(token.spelling, 0)
        if kind == 0:
            return self.is_typedef_name(token.spelling)
        if kind == kw.EXTENSION:
            return self._starts_type_after_extension()
        return kind in _TYPE_NAME_CLASSES or kind == kw.ALIGNAS or kind == kw.STORAGE

    def _starts_type_after_extension(self) -> bool:
        start = self.index
        while self.keyword_class() == kw.EXTENSION:
            self.index += 1
        answer = self.starts_type_name()
        self.index = start
        return answer

    # ---- attributes

    def attributes(self) -> list[tree.Attribute]:
        """Any number of __attribute__((...)) and [[...]]."""
        found: list[tree.Attribute] = []
        while True:
            if self.keyword_class() == kw.ATTRIBUTE:
                self.index += 1
                self.expect("(")
                self.expect("(")
                self._attribute_list(found, ")", False)
                self.expect(")")
                self.expect(")")
            elif self.at_standard_attribute():
                if self.version < 2023:
                    place = self.tokens[self.index].location
                    self.pedantic(place, "ISO C does not support '[[]]' attributes before C2X")
                self.index += 2
                self._attribute_list(found, "]", True)
                self.expect("]")
                self.expect("]")
            else:
                return found

    def at_standard_attribute(self) -> bool:
        """`[[`, which can start nothing else in C."""
        if not self.at("["):
            return False
        following = self.tokens[self.index + 1]
        return following.kind == tok.PUNCTUATOR and following.spelling == "["

    def _attribute_list(self, found: list[tree.Attribute], close: str, prefixed: bool) -> None:
        while True:
            while self.accept(","):
                pass
            if self.at(close):
                return
            token = self.tokens[self.index]
            if token.kind != tok.IDENTIFIER:
                raise self.expected("identifier")
            self.index += 1
            name = _plain(token.spelling)
            prefix = ""
            if prefixed and self.at(":") and self._double_colon():
                prefix = name
                name = _plain(self.tokens[self.index].spelling)
                self.index += 1
            arguments: list[tree.Expression] = []
            if self.accept("("):
                arguments = self._attribute_arguments()
            found.append(tree.Attribute(token.location, prefix, name, arguments))
            if not self.at(",") and not self.at(close):
                raise self.expected(f"'{close}'")

    def _double_colon(self) -> bool:
        following = self.tokens[self.index + 1]
        if following.kind == tok.PUNCTUATOR and following.spelling == ":":
            self.index += 2
            return True
        return False

    def _attribute_arguments(self) -> list[tree.Expression]:
        found: list[tree.Expression] = []
        if self.accept(")"):
            return found
        while True:
            token = self.tokens[self.index]
            following = self.tokens[self.index + 1]
            lone = following.kind == tok.PUNCTUATOR and following.spelling in (",", ")")
            if token.kind == tok.IDENTIFIER and lone and not self.is_typedef_name(token.spelling):
                self.index += 1
                found.append(tree.IdentifierExpression(token.location, token.spelling))
            elif self.starts_type_name():
                found.append(tree.SizeofType(token.location, "", self.type_name()))
            else:
                found.append(self.assignment_expression())
            if not self.accept(","):
                break
        self.expect(")")
        return found

    # ---- specifiers

    def specifiers(self) -> tree.DeclarationSpecifiers:
        """C17 6.7p1: storage classes, types, qualifiers, function and alignment specifiers, attributes."""
        first = self.tokens[self.index]
        made = tree.DeclarationSpecifiers(first.location)
        start = self.index
        while True:
            token = self.tokens[self.index]
            if token.kind != tok.IDENTIFIER:
                if token.kind == tok.PUNCTUATOR and token.spelling == "[" and self.at_standard_attribute():
                    made.attributes += self.attributes()
                    continue
                break
            kind = self.classes.get(token.spelling, 0)
            if kind == 0:
                if made.specifier is None and not made.keywords and self._names_type(token):
                    self.index += 1
                    made.specifier = tree.NamedSpecifier(token.location, token.spelling)
                    continue
                break
            if kind == kw.TYPE:
                self.index += 1
                made.keywords.append(self.normal[token.spelling])
                if self.diagnostics.pedantic:
                    self.check_type_keyword(made.keywords, token)
            elif kind == kw.STORAGE:
                self.index += 1
                self._storage(made, token)
            elif kind == kw.QUALIFIER:
                self.index += 1
                if made.qualifiers & self.bits[token.spelling]:
                    text = f"duplicate '{token.spelling}' declaration specifier"
                    self.diagnostics.warning(token.location, "duplicate-decl-specifier", text)
                made.qualifiers |= self.bits[token.spelling]
            elif not self._other_specifier(made, kind):
                break
        if self.index > start:
            made.end = self.tokens[self.index - 1].location
        return made

    def check_type_keyword(self, keywords: list[str], token: Token) -> None:
        """Type specifiers that came late, or not at all."""
        word = keywords[-1]
        if word in ("__int128", "__int128_t", "__uint128_t"):
            self.pedantic(token.location, "ISO C does not support '__int128' types")
        elif word == "_Bool":
            self.since(1999, token.location, "boolean types")
        elif word == "_Complex":
            self.since(1999, token.location, "complex types")
        elif word == "long" and keywords.count("long") == 2 and self.version < 1999:
            self.diagnostics.pedwarn(token.location, "long-long", "ISO C90 does not support 'long long'")

    def _names_type(self, token: Token) -> bool:
        return self.is_typedef_name(token.spelling) or token.spelling in ("__int128_t", "__uint128_t")

    def _storage(self, made: tree.DeclarationSpecifiers, token: Token) -> None:
        bit = self.bits[token.spelling]
        classes = tree.STORAGE_TYPEDEF | tree.STORAGE_EXTERN | tree.STORAGE_STATIC | tree.STORAGE_AUTO
        classes |= tree.STORAGE_REGISTER
        if made.keywords or made.specifier is not None or made.qualifiers:
            place = self.diagnostics.sources.line_start(token.location)
            text = f"'{token.spelling}' is not at beginning of declaration"
            self.diagnostics.warning(place, "old-style-declaration", text)
        if bit & classes:
            if made.storage & bit:
                self.diagnostics.error(token.location, f"duplicate '{token.spelling}'")
            elif made.storage & classes:
                self.diagnostics.error(token.location, "multiple storage classes in declaration specifiers")
                return
        if bit == tree.SPECIFIER_NORETURN or token.spelling == "_Thread_local":
            self.since(2011, token.location, f"'{token.spelling}'")
        made.storage |= bit

    def _other_specifier(self, made: tree.DeclarationSpecifiers, kind: int) -> bool:
        """Record, enum, typeof, attribute, _Alignas, _Atomic, __extension__; False when it is none of them."""
        token = self.tokens[self.index]
        specifier: tree.Node
        if kind == kw.ATTRIBUTE:
            made.attributes += self.attributes()
            return True
        if kind == kw.EXTENSION:
            self.index += 1
            made.extension = True
            self.diagnostics.extension += 1  # to the end of the declaration
            return True
        if kind == kw.ALIGNAS:
            self.since(2011, token.location, "'_Alignas'")
            self.index += 1
            self.expect("(")
            made.alignments.append(
                self.type_name() if self.starts_type_name() else self.conditional_expression()
            )
            self.expect(")")
            return True
        if kind == kw.ATOMIC:
            self.index += 1
            if not self.at("("):
                made.qualifiers |= tree.QUALIFIER_ATOMIC
                return True
            self.index += 1
            specifier = tree.TypeofSpecifier(tree.ATOMIC_TYPE, token.location, None, self.type_name())
            self.expect(")")
        elif kind == kw.RECORD:
            specifier = self.record_specifier()
        elif kind == kw.ENUM:
            specifier = self.enum_specifier()
        elif kind == kw.TYPEOF:
            specifier = self.typeof_specifier()
        else:
            return False
        if made.specifier is not None or made.keywords:
            self.diagnostics.error(token.location, "two or more data types in declaration specifiers")
        else:
            made.specifier = specifier
        return True

    def typeof_specifier(self) -> tree.TypeofSpecifier:
        token = self.tokens[self.index]
        self.index += 1
        self.expect("(")
        if self.starts_type_name():
            made = tree.TypeofSpecifier(tree.TYPEOF_TYPE, token.location, None, self.type_name())
        else:
            made = tree.TypeofSpecifier(tree.TYPEOF_EXPRESSION, token.location, self.expression(), None)
        made.unqualified = token.spelling == "typeof_unqual"
        self.expect(")")
        return made

    def record_specifier(self) -> tree.RecordSpecifier:
        """C17 6.7.2.1."""
        token = self.tokens[self.index]
        self.index += 1
        attributes = self.attributes()
        tag = ""
        location = token.location
        if self.at_identifier():
            tag = self.tokens[self.index].spelling
            location = self.tokens[self.index].location
            self.index += 1
        elif not self.at("{"):
            raise self.expected("'{'")
        made = tree.RecordSpecifier(location, token.spelling == "union", tag, None)
        made.attributes = attributes
        if self.accept("{"):
            made.pack = self.pack
            made.big_endian = self.big_endian
            made.members = self.members()
            self.expect("}")
            made.attributes += self.attributes()
        return made

    def members(self) -> list[tree.Statement]:
        found: list[tree.Statement] = []
        while not self.at("}"):
            token = self.tokens[self.index]
            if token.kind == tok.END:
                raise self.expected("'}'")
            if token.kind == tok.PRAGMA:
                pragma = self.pragma()
                if pragma is not None:
                    found.append(pragma)
                continue
            if self.accept(";"):
                self.pedantic(token.location, "extra semicolon in struct or union specified")
                continue
            extension = self.diagnostics.extension
            try:
                if self.keyword_class() == kw.STATIC_ASSERT:
                    found.append(self.static_assert())
                else:
                    found.append(self.member_declaration())
            except SyntaxProblem:
                self.skip_to_recovery()
            self.diagnostics.extension = extension
        return found

    def member_declaration(self) -> tree.Declaration:
        if not self.starts_declaration() and self.keyword_class() != kw.EXTENSION and not self.at("["):
            self.unknown_type_or("specifier-qualifier-list")
        if self.keyword_class() == kw.STORAGE:
            raise self.expected("specifier-qualifier-list")
        specifiers = self.specifiers()
        if specifiers.storage:  # C17 6.7.2.1: none in a structure
            self.diagnostics.error(specifiers.location, "storage class or function specifier in a structure or union")
        made = tree.Declaration(specifiers.location, specifiers)
        if self.accept(";"):
            return made
        while True:
            attributes = self.attributes()
            if self.at(":"):
                item = tree.InitDeclarator(tree.Declarator(self.tokens[self.index].location, ""))
            else:
                item = tree.InitDeclarator(self.declarator(False))
            item.attributes += attributes
            if self.accept(":"):
                item.width = self.conditional_expression()
            item.attributes += self.attributes()
            made.declarators.append(item)
            if not self.accept(","):
                break
        if self.at("}"):
            # gcc forgives a missing ';' at the end of a record.
            self.diagnostics.warning(self.previous_end(), "", "no semicolon at end of struct or union")
            return made
        self.expect(";")
        return made

    def enum_specifier(self) -> tree.EnumSpecifier:
        """C17 6.7.2.2; the enumerators are declared as ordinary names."""
        token = self.tokens[self.index]
        self.index += 1
        attributes = self.attributes()
        tag = ""
        location = token.location
        if self.at_identifier():
            tag = self.tokens[self.index].spelling
            location = self.tokens[self.index].location
            self.index += 1
        elif not self.at("{"):
            raise self.expected("'{'")
        made = tree.EnumSpecifier(location, tag, None)
        made.attributes = attributes
        if not self.accept("{"):
            return made
        made.enumerators = []
        if self.at("}"):
            self.diagnostics.error(self.tokens[self.index].location, "empty enum is invalid")
        while not self.at("}"):
            name = self.identifier()
            self.declare(name.spelling, False)
            enumerator = tree.Enumerator(name.location, name.spelling, None)
            enumerator.attributes = self.attributes()
            if self.accept("="):
                enumerator.value = self.conditional_expression()
            made.enumerators.append(enumerator)
            comma = self.tokens[self.index].location
            if not self.accept(","):
                break
            if self.version < 1999 and self.at("}"):
                self.pedantic(comma, "comma at end of enumerator list")
        if not self.at("}"):
            raise self.expected("',' or '}'")
        self.index += 1
        made.attributes += self.attributes()
        return made

    # ---- declarators

    def declarator(self, abstract: bool) -> tree.Declarator:
        """C17 6.7.6.  `abstract`: the name may be missing (parameters, type names)."""
        pointers: list[tree.DeclaratorPart] = []
        while self.at("*"):
            token = self.tokens[self.index]
            self.index += 1
            pointer = tree.PointerDeclarator(token.location, 0)
            self._pointer_qualifiers(pointer)
            pointers.append(pointer)
        pointers.reverse()
        attributes = self.attributes() if self.keyword_class() == kw.ATTRIBUTE else []
        made = self._direct_declarator(abstract)
        made.attributes += attributes
        while True:
            if self.at("[") and not self.at_standard_attribute():
                made.parts.append(self.array_declarator())
            elif self.at("("):
                made.parts.append(self.function_declarator())
            elif self.at("["):
                made.attributes += self.attributes()
            else:
                break
        made.parts += pointers
        return made

    def _pointer_qualifiers(self, pointer: tree.PointerDeclarator) -> None:
        while True:
            kind = self.keyword_class()
            if kind == kw.QUALIFIER:
                pointer.qualifiers |= self.bits[self.tokens[self.index].spelling]
                self.index += 1
            elif kind == kw.ATOMIC:
                pointer.qualifiers |= tree.QUALIFIER_ATOMIC
                self.index += 1
            elif kind == kw.ATTRIBUTE or self.at_standard_attribute():
                pointer.attributes += self.attributes()
            else:
                return

    def _direct_declarator(self, abstract: bool) -> tree.Declarator:
        token = self.tokens[self.index]
        if token.kind == tok.IDENTIFIER and token.spelling not in self.classes:
            self.index += 1
            return tree.Declarator(token.location, token.spelling)
        if (
            token.kind == tok.PUNCTUATOR
            and token.spelling == "("
            and (not abstract or self._nested_declarator())
        ):
            self.index += 1
            attributes = self.attributes()
            made = self.declarator(abstract)
            made.attributes += attributes
            self.expect(")")
            return made
        if abstract:
            return tree.Declarator(token.location, "")
        raise self.expected("identifier or '('")

    def _nested_declarator(self) -> bool:
        """At "(" in a possibly abstract declarator: does it group, or start a parameter list (C17 6.7.6.3p11)?"""
        following = self.tokens[self.index + 1]
        if following.kind == tok.PUNCTUATOR:
            return following.spelling in ("*", "(", "[")
        if following.kind != tok.IDENTIFIER:
            return False
        kind = self.classes.get(following.spelling, 0)
        if kind == 0:
            return not self.is_typedef_name(following.spelling)
        return kind == kw.ATTRIBUTE

    def array_declarator(self) -> tree.ArrayDeclarator:
        made = tree.ArrayDeclarator(self.expect("[").location, None)
        while True:
            token = self.tokens[self.index]
            kind = self.keyword_class()
            if kind == kw.QUALIFIER:
                made.qualifiers |= self.bits[token.spelling]
            elif kind == kw.ATOMIC:
                made.qualifiers |= tree.QUALIFIER_ATOMIC
            elif kind == kw.STORAGE and token.spelling == "static":
                made.static = True
                self.since(1999, made.location, "'static' or type qualifiers in parameter array declarators")
            elif kind == kw.ATTRIBUTE:
                made.attributes += self.attributes()
                continue
            else:
                break
            self.index += 1
        following = self.tokens[self.index + 1]
        if self.at("*") and following.kind == tok.PUNCTUATOR and following.spelling == "]":
            self.index += 1
            made.star = True
        elif made.static or not self.at("]"):
            made.size = self.assignment_expression()
        self.expect("]")
        return made

    def function_declarator(self) -> tree.FunctionDeclarator:
        """Parameters or an identifier list (C17 6.7.6.3); their names live in a scope of their own."""
        made = tree.FunctionDeclarator(self.expect("(").location)
        if self.accept(")"):
            return made
        if self._starts_identifier_list():
            while True:
                made.names.append(self.identifier())
                if not self.accept(","):
                    break
            self.expect(")")
            return made
        made.prototype = True
        self.scopes.append({})
        try:
            self._parameters(made)
        finally:
            self.scopes.pop()
        return made

    def _starts_identifier_list(self) -> bool:
        if not self.at_identifier():
            return False
        if self.is_typedef_name(self.tokens[self.index].spelling):
            return False
        following = self.tokens[self.index + 1]
        return following.kind == tok.PUNCTUATOR and following.spelling in (",", ")")

    def _parameters(self, made: tree.FunctionDeclarator) -> None:
        while True:
            if self.at("..."):
                token = self.tokens[self.index]
                self.index += 1
                if not made.parameters and self.version < 2023:
                    self.diagnostics.error(token.location, "ISO C requires a named argument before '...'")
                made.variadic = True
                break
            made.parameters.append(self.parameter())
            if self.accept(";"):  # GNU forward declarations of parameters: the real ones follow
                made.parameters.clear()
                continue
            if not self.accept(","):
                break
        self.expect(")")

    def parameter(self) -> tree.Parameter:
        attributes = self.attributes()
        if not self.starts_declaration():
            self.unknown_type_or("declaration specifiers or '...'")
        specifiers = self.specifiers()
        specifiers.attributes += attributes
        declarator = self.declarator(True)
        declarator.attributes += self.attributes()
        self.declare(declarator.name, False)
        return tree.Parameter(specifiers.location, specifiers, declarator)

    def unknown_type_or(self, what: str) -> None:
        """At something that should be a type: `unknown type name` for an identifier (then it counts as a type and
        parsing goes on), else "expected what"."""
        if self.at_identifier():
            token = self.tokens[self.index]
            if self.last_error != self.index:
                self.last_error = self.index
                self.diagnostics.error(token.location, f"unknown type name '{token.spelling}'")
            self.index += 1
            self.tokens[self.index - 1] = Token(tok.IDENTIFIER, "int", token.location, token.flags)
            self.index -= 1
            return
        raise self.expected(what)

    def type_name(self) -> tree.TypeName:
        """C17 6.7.7."""
        token = self.tokens[self.index]
        if not self.starts_type_name():
            self.unknown_type_or("type name")
        specifiers = self.specifiers()
        declarator = self.declarator(True)
        if declarator.name:
            raise self.expected("')'")
        return tree.TypeName(token.location, specifiers, declarator)

    # ---- initializers

    def initializer(self) -> tree.Initializer:
        if self.at("{"):
            return self.initializer_list()
        return tree.ExpressionInitializer(self.assignment_expression())

    def initializer_list(self) -> tree.InitializerList:
        """C17 6.7.9, with GNU `name:` and `[a ... b]` designators."""
        made = tree.InitializerList(self.expect("{").location)
        if self.version < 2023 and self.at("}"):
            self.pedantic(made.location, "ISO C forbids empty initializer braces")
        while not self.at("}"):
            designators = self.designators(False)
            made.items.append((designators, self.initializer()))
            if not self.accept(","):
                break
        if not self.at("}"):
            raise self.expected("'}'")
        made.end = self.tokens[self.index].location
        self.index += 1
        return made

    def designators(self, first_is_field: bool) -> list[tree.Designator]:
        """`.name`, `[i]`, `[a ... b]` up to "=" (obsolete GNU: without "=", or `name:`); with `first_is_field`
        a member designator of offsetof, which starts with a bare name and has no "="."""
        found: list[tree.Designator] = []
        token = self.tokens[self.index]
        if first_is_field:
            made = tree.Designator(tree.FIELD_DESIGNATOR, token.location)
            made.name = self.member_name()
            found.append(made)
        elif token.kind == tok.IDENTIFIER:
            following = self.tokens[self.index + 1]
            if following.kind == tok.PUNCTUATOR and following.spelling == ":":
                made = tree.Designator(tree.FIELD_DESIGNATOR, token.location)
                made.name = self.member_name()
                self.pedantic(following.location, "obsolete use of designated initializer with ':'")
                self.index += 1
                return [made]
            return found
        while True:
            token = self.tokens[self.index]
            if self.accept(".") or (first_is_field and self.accept("->")):
                made = tree.Designator(tree.FIELD_DESIGNATOR, token.location)
                made.name = self.member_name()
            elif self.accept("["):
                made = tree.Designator(tree.INDEX_DESIGNATOR, token.location)
                made.first = self.expression() if first_is_field else self.conditional_expression()
                if self.at("..."):
                    text = "ISO C forbids specifying range of elements to initialize"
                    self.pedantic(self.tokens[self.index].location, text)
                    self.index += 1
                    made.kind = tree.RANGE_DESIGNATOR
                    made.last = self.conditional_expression()
                self.expect("]")
            else:
                break
            found.append(made)
        if found and not first_is_field:
            if self.version < 1999:
                self.pedantic(found[0].location, "ISO C90 forbids specifying subobject to initialize")
            if not self.accept("="):
                place = self.tokens[self.index].location
                self.pedantic(place, "obsolete use of designated initializer without '='")
        return found

    # ---- whole declarations

    def static_assert(self) -> tree.StaticAssert:
        location = self.tokens[self.index].location
        self.index += 1
        self.expect("(")
        condition = self.conditional_expression()
        message: tree.StringExpression | None = None
        self.since(2011, location, "'_Static_assert'")
        if self.accept(","):
            message = tree.StringExpression(self.string_tokens())
        elif self.version >= 2011:
            self.since(2023, location, "omitting the string in '_Static_assert'")
        self.expect(")")
        self.expect(";")
        return tree.StaticAssert(location, condition, message)

    def asm_label(self) -> str | None:
        """`asm("name")` behind a declarator."""
        if self.keyword_class() != kw.ASM:
            return None
        self.index += 1
        self.expect("(")
        text = self.string_text()
        self.expect(")")
        return text

    def init_declarators(self, made: tree.Declaration, first: tree.InitDeclarator) -> None:
        """The declarator list from its first declarator (already parsed) to ';'."""
        is_typedef = made.specifiers.storage & tree.STORAGE_TYPEDEF != 0
        item = first
        while True:
            label = self.asm_label()
            if label is not None:
                item.asm_label = label
            item.attributes += self.attributes()
            self.declare(item.declarator.name, is_typedef)
            if self.accept("="):
                item.initializer = self.initializer()
            made.declarators.append(item)
            if not self.accept(","):
                break
            attributes = self.attributes()
            item = tree.InitDeclarator(self.declarator(False))
            item.attributes += attributes
        if not self.at(";"):
            initialized = item.initializer is not None
            raise self.expected("',' or ';'" if initialized else "'=', ',', ';', 'asm' or '__attribute__'")
        self.index += 1


def _plain(name: str) -> str:
    """Attribute name without the underscores around it."""
    if len(name) > 4 and name.startswith("__") and name.endswith("__"):
        return name[2:-2]
    return name
