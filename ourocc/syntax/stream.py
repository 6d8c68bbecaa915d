"""The token stream and the scopes of names that tell typedef names from other identifiers (C17 6.2.1, 6.7.8)."""

from ourocc.base.diagnostics import Diagnostics
from ourocc.preprocess import token as tok
from ourocc.preprocess.lexer import wrong_name
from ourocc.preprocess.token import Token
from ourocc.syntax import tree
from ourocc.syntax.asm_text import string_literal_text
from ourocc.syntax.keywords import Keywords


def stray(spelling: str) -> str:
    """What to say about a token that C does not have."""
    return wrong_name(spelling) or f"stray '{spelling}' in program"


class SyntaxProblem(Exception):
    """A syntax error that was reported; caught where parsing can go on."""


class TokenStream:
    """Position in the token list, expectations, error messages, typedef scopes."""

    def __init__(self, tokens: list[Token], diagnostics: Diagnostics, version: int, gnu: bool) -> None:
        self.tokens = tokens
        self.index = 0
        self.diagnostics = diagnostics
        self.version = version
        self.gnu = gnu
        keywords = Keywords(version, gnu)
        self.classes = keywords.classes
        self.normal = keywords.normal
        self.bits = keywords.bits
        # File scope: typedef name -> index of the token that declared it, so that a body that is parsed late sees only
        # the typedefs that stand before it.
        self.file_typedefs: dict[str, int] = {}
        self.scopes: list[dict[str, bool]] = []  # inner scopes: name -> is it a typedef name
        self.pack = 0
        self.big_endian = False  # #pragma scalar_storage_order
        self.pack_stack: list[int] = []
        self.last_error = -1  # index of the token of the last message: one message a place

    # ---- tokens

    def at(self, spelling: str) -> bool:
        """Is the current token this punctuator?"""
        token = self.tokens[self.index]
        return token.kind == tok.PUNCTUATOR and token.spelling == spelling

    def accept(self, spelling: str) -> bool:
        token = self.tokens[self.index]
        if token.kind == tok.PUNCTUATOR and token.spelling == spelling:
            self.index += 1
            return True
        return False

    def expect(self, spelling: str) -> Token:
        token = self.tokens[self.index]
        if token.kind == tok.PUNCTUATOR and token.spelling == spelling:
            self.index += 1
            return token
        raise self.expected(f"'{spelling}'")

    def keyword_class(self) -> int:
        """The class (keywords.py) of the current token, 0 when it is no keyword."""
        token = self.tokens[self.index]
        if token.kind != tok.IDENTIFIER:
            return 0
        return self.classes.get(token.spelling, 0)

    def at_keyword(self, spelling: str) -> bool:
        token = self.tokens[self.index]
        return token.kind == tok.IDENTIFIER and token.spelling == spelling

    def at_identifier(self) -> bool:
        token = self.tokens[self.index]
        return token.kind == tok.IDENTIFIER and token.spelling not in self.classes

    def identifier(self, what: str = "identifier") -> Token:
        token = self.tokens[self.index]
        if token.kind == tok.IDENTIFIER and token.spelling not in self.classes:
            self.index += 1
            return token
        raise self.expected(what)

    def previous_end(self) -> int:
        """Just behind the previous token: where gcc points for a missing ';'."""
        if self.index == 0:
            return self.tokens[0].location
        previous = self.tokens[self.index - 1]
        location = self.diagnostics.sources.file_location(previous.location)
        return location + len(previous.spelling) - 1 if location == previous.location else location

    # ---- messages

    def describe(self, token: Token) -> str:
        if token.kind == tok.END:
            return "at end of input"
        if token.kind == tok.IDENTIFIER:
            return f"before '{token.spelling}'"
        if token.kind == tok.NUMBER:
            return "before numeric constant"
        if token.kind == tok.CHARACTER:
            return f"before {token.spelling}"
        if token.kind == tok.STRING:
            return "before string constant"
        if token.kind == tok.PRAGMA:
            return "before '#pragma'"
        return f"before '{token.spelling}' token"

    def expected(self, what: str) -> SyntaxProblem:
        """Report `expected what before token` (once a place) and return the exception to raise."""
        token = self.tokens[self.index]
        if self.last_error != self.index:
            self.last_error = self.index
            location = token.location
            if token.kind == tok.OTHER and token.spelling[:1] not in "\"'":
                self.diagnostics.error(location, stray(token.spelling))
                return SyntaxProblem(what)
            if what in ("';'", "',' or ';'", "')'", "']'") or token.kind == tok.END:
                location = self.previous_end()
            self.diagnostics.error(location, f"expected {what} {self.describe(token)}")
        return SyntaxProblem(what)

    def pedantic(self, location: int, message: str) -> None:
        """What ISO C does not have."""
        if self.diagnostics.pedantic:
            self.diagnostics.pedwarn(location, "pedantic", message)

    def since(self, version: int, location: int, what: str) -> None:
        """`what` came with the standard of that year."""
        if self.version < version and self.diagnostics.pedantic:
            self.pedantic(location, f"ISO C{self.version % 100 if self.version != 2017 else 11} does not support {what}")

    def skip_to_recovery(self) -> None:
        """Skip to behind the next ';' at this nesting, or to a '}' that closes the enclosing braces."""
        depth = 0
        tokens = self.tokens
        while True:
            token = tokens[self.index]
            if token.kind == tok.END:
                return
            if token.kind == tok.PUNCTUATOR:
                spelling = token.spelling
                if spelling in ("{", "(", "["):
                    depth += 1
                elif spelling in (")", "]"):
                    if depth > 0:
                        depth -= 1
                elif spelling == "}":
                    if depth <= 0:
                        return
                    depth -= 1
                    if depth == 0:
                        self.index += 1
                        self.accept(";")
                        return
                elif spelling == ";" and depth == 0:
                    self.index += 1
                    return
            self.index += 1

    def skip_braces(self) -> None:
        """From '{' to behind its '}'."""
        tokens = self.tokens
        depth = 0
        index = self.index
        while True:
            token = tokens[index]
            kind = token.kind
            if kind == tok.PUNCTUATOR:
                spelling = token.spelling
                if spelling == "{":
                    depth += 1
                elif spelling == "}":
                    depth -= 1
                    if depth == 0:
                        self.index = index + 1
                        return
            elif kind == tok.END:
                start = self.tokens[self.index]
                self.index = index
                problem = self.diagnostics.error(self.previous_end(), "expected '}' at end of input")
                self.diagnostics.note(problem, start.location, "to match this '{'")
                raise SyntaxProblem("'}'")
            index += 1

    # ---- names

    def is_typedef_name(self, name: str) -> bool:
        for scope in reversed(self.scopes):
            found = scope.get(name)
            if found is not None:
                return found
        declared = self.file_typedefs.get(name)
        return declared is not None and declared < self.index

    def declare(self, name: str, is_typedef: bool) -> None:
        """Remember a declared name in the innermost scope."""
        if not name:
            return
        if self.scopes:
            scope = self.scopes[-1]
            if is_typedef or name in self.file_typedefs or len(self.scopes) > 1:
                scope[name] = is_typedef
        elif is_typedef and name not in self.file_typedefs:
            self.file_typedefs[name] = self.index - 1

    # ---- strings (asm texts, labels)

    def string_tokens(self) -> list[Token]:
        found: list[Token] = []
        while self.tokens[self.index].kind == tok.STRING:
            found.append(self.tokens[self.index])
            self.index += 1
        if not found:
            raise self.expected("string literal")
        return found

    def string_text(self) -> str:
        """Adjacent string literals as decoded text."""
        tokens = self.string_tokens()
        return string_literal_text([token.spelling for token in tokens])

    # ---- pragmas

    def pragma(self) -> tree.PragmaNode | None:
        """Consume a PRAGMA token: `pack` is obeyed here, the rest is given to semantics."""
        token = self.tokens[self.index]
        self.index += 1
        text = token.spelling.strip()
        words = text.split()
        if words and words[0] == "scalar_storage_order":
            if len(words) != 2 or words[1] not in ("big-endian", "little-endian", "default"):
                self.diagnostics.warning(
                    token.location, "pragmas", "expected [big-endian|little-endian|default] after '#pragma scalar_storage_order'"
                )
            else:
                self.big_endian = words[1] == "big-endian"
            return None
        if not text.startswith("pack"):
            return tree.PragmaNode(token.location, text)
        body = text[4:].strip()
        if not (body.startswith("(") and body.endswith(")")):
            self.diagnostics.warning(token.location, "", "malformed '#pragma pack' - ignored")
            return None
        for part in [word.strip() for word in body[1:-1].split(",")]:
            if part == "push":
                self.pack_stack.append(self.pack)
            elif part == "pop":
                if self.pack_stack:
                    self.pack = self.pack_stack.pop()
                else:
                    self.diagnostics.warning(
                        token.location, "pragmas",
                        "#pragma pack (pop) encountered without matching #pragma pack (push)",
                    )  # fmt: skip
            elif part == "":
                self.pack = 0
            elif part.isdigit() and int(part) in (0, 1, 2, 4, 8, 16):
                self.pack = int(part)
            elif not part.isidentifier():
                self.diagnostics.warning(
                    token.location, "pragmas", "invalid constant in '#pragma pack' - ignored"
                )
        return None
