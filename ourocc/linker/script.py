"""Linker scripts used as inputs: INPUT, GROUP, AS_NEEDED, OUTPUT_FORMAT, ENTRY, SEARCH_DIR, EXTERN, assignments.

That is what glibc's libc.so and the like contain.  In: the text.  Out: `ScriptCommand`s in order.
"""

from typing import Final, final

from ourocc.linker.elements import LinkError

SCRIPT_INPUT: Final = 0  # name; as_needed says whether it stood in AS_NEEDED()
SCRIPT_GROUP_START: Final = 1
SCRIPT_GROUP_END: Final = 2
SCRIPT_ENTRY: Final = 3
SCRIPT_SEARCH: Final = 4
SCRIPT_EXTERN: Final = 5
SCRIPT_FORMAT: Final = 6
SCRIPT_DEFINE: Final = 7  # name, value (an expression's text)

_PUNCTUATION: Final = "(){},;"


@final
class ScriptCommand:
    def __init__(self, kind: int, name: str, as_needed: bool = False) -> None:
        self.kind = kind
        self.name = name
        self.as_needed = as_needed
        self.value = ""


def looks_like_script(data: bytes) -> bool:
    """Whether a file that is neither ELF nor archive could be a script: text without control characters."""
    head = data[:512]
    return len(head) > 0 and all(byte >= 32 or byte in b"\t\n\r\f" for byte in head)


def tokenize(text: str, name: str) -> list[str]:
    """Words, quoted names (without the quotes) and punctuation; comments are dropped."""
    tokens: list[str] = []
    position = 0
    end = len(text)
    while position < end:
        char = text[position]
        if char.isspace():
            position += 1
        elif text.startswith("/*", position):
            close = text.find("*/", position + 2)
            if close < 0:
                raise LinkError(f"{name}: unterminated comment in linker script")
            position = close + 2
        elif char == "#":
            newline = text.find("\n", position)
            position = end if newline < 0 else newline
        elif char == '"':
            close = text.find('"', position + 1)
            if close < 0:
                raise LinkError(f"{name}: unterminated string in linker script")
            tokens.append(text[position + 1 : close])
            position = close + 1
        elif char in _PUNCTUATION:
            tokens.append(char)
            position += 1
        else:
            start = position
            while position < end and not text[position].isspace() and text[position] not in _PUNCTUATION:
                if text.startswith("/*", position):
                    break
                position += 1
            tokens.append(text[start:position])
    return tokens


def parse_script(text: str, name: str) -> list[ScriptCommand]:
    """The commands of an input script; raises `LinkError` for what only a -T script may contain."""
    return _Parser(tokenize(text, name), name).parse()


@final
class _Parser:
    def __init__(self, tokens: list[str], name: str) -> None:
        self.tokens = tokens
        self.name = name
        self.position = 0
        self.commands: list[ScriptCommand] = []

    def next(self) -> str:
        if self.position >= len(self.tokens):
            raise LinkError(f"{self.name}: unexpected end of linker script")
        token = self.tokens[self.position]
        self.position += 1
        return token

    def expect(self, wanted: str) -> None:
        token = self.next()
        if token != wanted:
            raise LinkError(f"{self.name}: syntax error in linker script: '{wanted}' expected before '{token}'")

    def parse(self) -> list[ScriptCommand]:
        while self.position < len(self.tokens):
            word = self.next()
            if word == ";":
                continue
            if word == "INPUT":
                self.expect("(")
                self._files(False)
            elif word == "GROUP":
                self.expect("(")
                self.commands.append(ScriptCommand(SCRIPT_GROUP_START, ""))
                self._files(False)
                self.commands.append(ScriptCommand(SCRIPT_GROUP_END, ""))
            elif word in ("ENTRY", "SEARCH_DIR", "OUTPUT_ARCH", "TARGET", "STARTUP", "OUTPUT"):
                self._single(word)
            elif word == "OUTPUT_FORMAT":
                self._format()
            elif word == "EXTERN":
                self.expect("(")
                for symbol in self._words():
                    self.commands.append(ScriptCommand(SCRIPT_EXTERN, symbol))
            elif self.position < len(self.tokens) and self.tokens[self.position] == "=":
                self.position += 1
                command = ScriptCommand(SCRIPT_DEFINE, word)
                parts: list[str] = []
                token = self.next()
                while token != ";":
                    parts.append(token)
                    token = self.next()
                command.value = " ".join(parts)
                self.commands.append(command)
            else:
                raise LinkError(
                    f"{self.name}: file format not recognized; as a linker script: "
                    f"'{word[:40]}' is not a command that an input script may have"
                )
        return self.commands

    def _words(self) -> list[str]:
        """Names up to the closing parenthesis."""
        words: list[str] = []
        token = self.next()
        while token != ")":
            if token != ",":
                words.append(token)
            token = self.next()
        return words

    def _files(self, as_needed: bool) -> None:
        token = self.next()
        while token != ")":
            if token == "AS_NEEDED":
                self.expect("(")
                self._files(True)
            elif token != ",":
                self.commands.append(ScriptCommand(SCRIPT_INPUT, token, as_needed))
            token = self.next()

    def _single(self, word: str) -> None:
        self.expect("(")
        argument = self.next()
        self.expect(")")
        if word == "ENTRY":
            self.commands.append(ScriptCommand(SCRIPT_ENTRY, argument))
        elif word == "SEARCH_DIR":
            self.commands.append(ScriptCommand(SCRIPT_SEARCH, argument))
        elif word == "STARTUP":
            self.commands.append(ScriptCommand(SCRIPT_INPUT, argument))

    def _format(self) -> None:
        self.expect("(")
        words = self._words()
        if not words:
            raise LinkError(f"{self.name}: OUTPUT_FORMAT without a name in linker script")
        self.commands.append(ScriptCommand(SCRIPT_FORMAT, words[0]))
