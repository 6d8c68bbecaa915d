"""Text in, lexemes out: translation phases 1 to 3 of C17 5.1.1.2.

One compiled regular expression per language mode cuts the text into lexemes that include their
leading white space; a table from lexeme to `Lexeme` then gives kind, interned spelling and flags
with one dictionary look-up per token.  What a file's text gives is kept for the life of the
process: a header is cut up once, however many translation units include it.

Trigraphs and line splices are removed beforehand, with a list of edits that maps the offsets back
to the file.  Splitting into lines needs no token of its own: START_OF_LINE marks the first token of
a logical line, and `jumps` says where the next branch of a conditional group begins.
"""

import re
import sys
from typing import Final, final

from ourocc.preprocess.token import (
    CHARACTER,
    COMMENT,
    END,
    IDENTIFIER,
    NUMBER,
    OTHER,
    PUNCTUATOR,
    SPACE_BEFORE,
    START_OF_LINE,
    STRING,
)

# What the preprocessor's main loop does with a lexeme
PLAIN: Final = 0  # nothing: it is a token
NAME: Final = 1  # an identifier: may be a macro
DIRECTIVE: Final = 2  # "#" at the start of a line
FILE_END: Final = 3
SUSPECT: Final = 4  # a stray character or an unterminated literal
# Only while cutting:
LINE_BREAK: Final = 5
BLANK: Final = 6  # a comment or trailing white space


@final
class Lexeme:
    """A token without its place.  Shared by all places where the same characters stand."""

    __slots__ = ("kind", "spelling", "flags", "dispatch", "length")

    def __init__(self, kind: int, spelling: str, flags: int, dispatch: int, length: int) -> None:
        self.kind = kind
        self.spelling = spelling
        self.flags = flags
        self.dispatch = dispatch
        self.length = length  # of the characters it was written with, without leading white space


@final
class LexProblem:
    """Something wrong in the text itself, reported whenever the file is entered."""

    def __init__(self, offset: int, is_error: bool, option: str, message: str) -> None:
        self.offset = offset
        self.is_error = is_error
        self.option = option
        self.message = message


@final
class FileTokens:
    """A file cut up.  `lexemes` ends with one of kind END; offsets count characters of the original text."""

    def __init__(self, text: str, lexemes: list[Lexeme], offsets: list[int], problems: list[LexProblem]) -> None:
        self.text = text  # the original
        self.lexemes = lexemes
        self.offsets = offsets
        self.problems = problems
        # Index of a conditional's "#" -> index of the "#" of its next #elif/#else/#endif (or of END).
        self.jumps: dict[int, int] = {}
        self.guard = ""  # macro that guards the whole file (#ifndef GUARD ... #endif)
        self.spliced: str = text  # without trigraphs and splices, for header names
        self.edits: list[tuple[int, int]] = []  # (offset in spliced, characters removed before it)


@final
class LexerMode:
    """Which C the text is written in, as far as lexing can tell (see `mode_for`)."""

    def __init__(
        self,
        line_comments: bool,
        digraphs: bool,
        unicode_literals: bool,
        raw_literals: bool,
        hex_exponents: bool,
        digit_separators: bool,
        u8_characters: bool,
        trigraphs: bool,
        dollars: bool,
        keep_comments: bool,
        assembler: bool,
    ) -> None:
        self.line_comments = line_comments
        self.digraphs = digraphs
        self.unicode_literals = unicode_literals
        self.raw_literals = raw_literals
        self.hex_exponents = hex_exponents
        self.digit_separators = digit_separators
        self.u8_characters = u8_characters
        self.trigraphs = trigraphs
        self.dollars = dollars
        self.keep_comments = keep_comments
        self.assembler = assembler

    def key(self) -> str:
        flags = (
            self.line_comments,
            self.digraphs,
            self.unicode_literals,
            self.raw_literals,
            self.hex_exponents,
            self.digit_separators,
            self.u8_characters,
            self.trigraphs,
            self.dollars,
            self.keep_comments,
            self.assembler,
        )
        return "".join("1" if flag else "0" for flag in flags)


# -std -> line comments, digraphs, u8/u/U literals, R literals, hexadecimal exponents, ' separators
_STANDARDS: Final = {
    "c89": (False, False, False, False, False, False),
    "c94": (False, True, False, False, False, False),
    "c99": (True, True, False, False, True, False),
    "c11": (True, True, True, False, True, False),
    "c17": (True, True, True, False, True, False),
    "c23": (True, True, True, False, True, True),
    "gnu89": (True, True, False, False, True, False),
    "gnu99": (True, True, True, True, True, False),
    "gnu11": (True, True, True, True, True, False),
    "gnu17": (True, True, True, True, True, False),
    "gnu23": (True, True, True, True, True, True),
}

_ALIASES: Final = {
    "c90": "c89", "iso9899:1990": "c89", "iso9899:199409": "c94", "c9x": "c99", "iso9899:1999": "c99",
    "iso9899:199x": "c99", "c1x": "c11", "iso9899:2011": "c11", "c18": "c17", "iso9899:2017": "c17",
    "iso9899:2018": "c17", "c2x": "c23", "gnu90": "gnu89", "gnu9x": "gnu99", "gnu1x": "gnu11",
    "gnu18": "gnu17", "gnu2x": "gnu23",
}  # fmt: skip


def canonical_standard(standard: str) -> str:
    """The one name of a -std argument ("gnu17", "c89", ...); KeyError for one that is none."""
    standard = _ALIASES.get(standard, standard)
    if standard not in _STANDARDS:
        raise KeyError(standard)
    return standard


def mode_for(standard: str, trigraphs: bool, dollars: bool, keep_comments: bool, assembler: bool) -> LexerMode:
    """The lexer's mode for a canonical -std name."""
    line_comments, digraphs, unicode_literals, raw, exponents, separators = _STANDARDS[standard]
    if assembler:
        line_comments, digraphs, raw, separators = True, False, False, False
    return LexerMode(
        line_comments, digraphs, unicode_literals, raw, exponents, separators, separators, trigraphs,
        dollars, keep_comments, assembler,
    )  # fmt: skip


_TRIGRAPHS: Final = {
    "=": "#", "(": "[", "/": "\\", ")": "]", "'": "^", "<": "{", "!": "|", ">": "}", "-": "~",
}  # fmt: skip
_DIGRAPHS: Final = {"<:": "[", ":>": "]", "<%": "{", "%>": "}", "%:": "#", "%:%:": "##"}
_UCN: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")
_UCN_START: Final = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})")
_SPLICE: Final = re.compile(r"\\[ \t\f\v]*\n")
_SPLICE_OR_TRIGRAPH: Final = re.compile(r"(?:\\|\?\?/)[ \t\f\v]*\n|\?\?[=(/)'<!>-]")
_CONDITIONALS: Final = frozenset(["if", "ifdef", "ifndef"])
_BRANCHES: Final = frozenset(["elif", "else", "endif", "elifdef", "elifndef"])


def _build_pattern(mode: LexerMode, with_ucn: bool) -> str:
    """The expression: optional blanks, then one alternative per class of lexeme, commonest first.

    Every character of any text is covered, so that offsets are sums of lengths.
    """
    dollar = "$" if mode.dollars else ""
    first = f"[A-Za-z_{dollar}\x80-\U0010ffff]"
    rest = f"[A-Za-z0-9_{dollar}\x80-\U0010ffff]"
    if with_ucn:
        ucn = r"\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}"
        first = f"(?:{first}|{ucn})"
        rest = f"(?:{rest}|{ucn})"
    string = r'"(?:[^"\\\n]|\\[^\n])*"'
    character = r"'(?:[^'\\\n]|\\[^\n])*'"
    alternatives: list[str] = []
    raw = r'R"(?P<delimiter>[^ ()\\\t\v\f\n]{0,16})\((?s:.*?)\)(?P=delimiter)"'
    if mode.unicode_literals:
        u8 = (
            rf"(?:(?<=u)8)?(?:{string}|{character})"
            if mode.u8_characters
            else rf"(?:(?<=u)8)?{string}|[LuU]{character}"
        )
        if with_ucn and mode.raw_literals:
            alternatives.append(rf"(?:u8|[LuU])?{raw}")
        alternatives.append(rf"[LuU]{u8}")
    else:
        alternatives.append(rf"L(?:{string}|{character})")
    alternatives.append(f"{first}{rest}*")
    alternatives.append(r"[(),;\[\]{}?~]")
    alternatives.append(r"\n(?:[ \t\f\v]*\n)*")
    exponent = "[eEpP][+-]?" if mode.hex_exponents else "[eE][+-]?|[pP]"
    separator = r"|'(?=[0-9A-Za-z_])" if mode.digit_separators else ""
    ucn_tail = r"|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}" if with_ucn else ""
    alternatives.append(
        rf"\.?[0-9](?:[0-9A-DF-OQ-Za-df-oq-z_.{dollar}\x80-\U0010ffff]|{exponent}{separator}{ucn_tail})*"
    )
    alternatives += [string, character]
    alternatives.append(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
    if mode.line_comments:
        alternatives.append(r"//[^\n]*")
    alternatives.append(r"/\*(?s:.*)")  # unterminated
    alternatives += [
        r"-[->=]?",
        r"[=!*/^]=?",
        r"&[&=]?",
        r"\|[|=]?",
        r"\+[+=]?",
        r">(?:>=?|=)?",
        r"\.(?:\.\.)?",
        r"##?",
    ]
    if mode.digraphs:
        alternatives += [r"<(?:<=?|=|:|%)?", r"%(?:=|>|:(?:%:)?)?", r":>?"]
    else:
        alternatives += [r"<(?:<=?|=)?", r"%=?", ":"]
    alternatives.append(r"[\"'][^\n]*")  # unterminated
    alternatives.append(r"(?s:.)")
    alternatives.append(r"$")
    return r"[ \t\f\v]*(?:" + "|".join(alternatives) + ")"


def spell_identifier(text: str) -> str:
    """UCNs become the characters that they name (C17 6.4.3)."""
    if "\\" in text:
        text = _UCN.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), text)
    return text


def is_combining(code: int) -> bool:
    import unicodedata

    return unicodedata.combining(chr(code)) != 0


def wrong_name(text: str) -> str:
    """What is wrong with the UCNs of an identifier, "" for nothing (C17 6.4.3p2; GNU: "$" may be written as a UCN)."""
    for match in _UCN.finditer(text):
        code = int(match.group(1) or match.group(2), 16)
        if code < 0xA0 and code != 0x24 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
            return f"{match.group()} is not a valid universal character"
        if match.start() == 0 and is_combining(code):
            return f"universal character {match.group()} is not valid at the start of an identifier"
    return ""


@final
class Lexer:
    """Cuts texts of one mode.  Use `lexer_for`, which shares the tables within the process."""

    def __init__(self, mode: LexerMode) -> None:
        self.mode = mode
        self.mode_key = mode.key()
        self.simple = re.compile(_build_pattern(mode, False))
        self.complete: re.Pattern[str] | None = None
        self.inline: dict[str, Lexeme] = {}  # lexeme with its blanks -> Lexeme, within a line
        self.starting: dict[str, Lexeme] = {}  # the same for the first one of a line
        self.pasted: dict[str, Lexeme | None] = {}

    # ------------------------------------------------------------------ lexemes

    def classify(self, written: str, starts_line: bool) -> Lexeme:
        """What `written` (blanks, then one lexeme) is."""
        text = written.lstrip(" \t\f\v")
        flags = START_OF_LINE if starts_line else 0
        if len(text) != len(written):
            flags |= SPACE_BEFORE
        length = len(text)
        if not text:
            return Lexeme(OTHER, "", flags, BLANK, 0)
        c = text[0]
        if c == "\n":
            return Lexeme(OTHER, "\n", flags, LINE_BREAK, length)
        if text.startswith("/*") or (text.startswith("//") and self.mode.line_comments):
            if self.mode.keep_comments:
                return Lexeme(COMMENT, text, flags, PLAIN, length)
            return Lexeme(OTHER, "", flags, BLANK, length)
        last = text[-1]
        if last in "\"'" and (length > 1):
            if c in "\"'LuUR":
                quote = text.find('"')
                apostrophe = text.find("'")
                is_string = quote >= 0 and (apostrophe < 0 or quote < apostrophe)
                closed = length > (quote if is_string else apostrophe) + 1
                # An unterminated literal may happen to end in the other kind of quote.
                if closed and last == ('"' if is_string else "'"):
                    if self._is_closed(text):
                        return Lexeme(STRING if is_string else CHARACTER, sys.intern(text), flags, PLAIN, length)
                if c in "\"'":
                    return Lexeme(OTHER, text, flags, SUSPECT, length)
        if c in "\"'":
            return Lexeme(OTHER, text, flags, SUSPECT, length)
        if c in "0123456789" or (c == "." and length > 1 and text[1] != "."):
            return Lexeme(NUMBER, sys.intern(text), flags, PLAIN, length)
        if c == "_" or c.isalpha() or c >= "\x80" or (c == "$" and self.mode.dollars) or (c == "\\" and length > 1):
            if c == "\\" or "\\" in text:
                if wrong_name(text):
                    return Lexeme(OTHER, text, flags, PLAIN, length)
            return Lexeme(IDENTIFIER, sys.intern(spell_identifier(text)), flags, NAME, length)
        if c in "@`\\$" or c < " " or c == "\x7f":
            return Lexeme(OTHER, text, flags, SUSPECT, length)
        spelling = sys.intern(_DIGRAPHS.get(text, text) if self.mode.digraphs else text)
        dispatch = DIRECTIVE if spelling == "#" and starts_line else PLAIN
        return Lexeme(PUNCTUATOR, spelling, flags, dispatch, length)

    def _is_closed(self, text: str) -> bool:
        """Whether a literal's last quote is not an escaped one."""
        if "R" in text[:3] and '"' in text[:4]:
            return True
        backslashes = 0
        index = len(text) - 2
        while index >= 0 and text[index] == "\\":
            backslashes += 1
            index -= 1
        return backslashes % 2 == 0

    def single(self, text: str) -> Lexeme | None:
        """The one token that `text` spells, or None (the result of ##, C17 6.10.3.3 p3)."""
        if text in self.pasted:
            return self.pasted[text]
        result: Lexeme | None = None
        match = self._complete_pattern().match(text)
        if match is not None and match.end() == len(text) and text[:1] not in " \t\n\f\v":
            lexeme = self.classify(text, False)
            if lexeme.dispatch in (PLAIN, NAME) and lexeme.kind != COMMENT:
                result = lexeme
        self.pasted[text] = result
        return result

    def _complete_pattern(self) -> re.Pattern[str]:
        if self.complete is None:
            self.complete = re.compile(_build_pattern(self.mode, True))
        return self.complete

    # ------------------------------------------------------------------ files

    def splice(self, text: str) -> tuple[str, list[tuple[int, int]], list[LexProblem]]:
        """Phases 1 and 2: trigraphs and line splices; edits as (offset after, characters removed so far)."""
        edits: list[tuple[int, int]] = []
        problems: list[LexProblem] = []
        pieces: list[str] = []
        position = 0
        length = 0
        removed = 0
        pattern = _SPLICE_OR_TRIGRAPH if self.mode.trigraphs else _SPLICE
        for match in pattern.finditer(text):
            start = match.start()
            end = match.end()
            matched = match.group()
            piece = text[position:start]
            if matched[-1] != "\n":
                piece += _TRIGRAPHS[matched[2]]
            elif len(matched) > 2 and matched[0] == "\\":
                problems.append(LexProblem(start, False, "", "backslash and newline separated by space"))
            if matched[-1] == "\n" and end == len(text):
                problems.append(LexProblem(start, False, "", "backslash-newline at end of file"))
                piece += "\n"  # keeps the line count; the file still ends in a newline
            pieces.append(piece)
            length += len(piece)
            removed = end - length
            edits.append((length, removed))
            position = end
        pieces.append(text[position:])
        return "".join(pieces), edits, problems

    def tokenize(self, text: str) -> FileTokens:
        """Cut a whole text; the result is shared, do not change it."""
        edits: list[tuple[int, int]] = []
        problems: list[LexProblem] = []
        spliced = text
        if "\\" in text and _SPLICE.search(text) is not None or (self.mode.trigraphs and "??" in text):
            spliced, edits, problems = self.splice(text)
        if _needs_complete(spliced):
            written_list = [match.group() for match in self._complete_pattern().finditer(spliced)]
        else:
            written_list = self.simple.findall(spliced)
        lexemes: list[Lexeme] = []
        offsets: list[int] = []
        hashes: list[int] = []
        self._cut(written_list, lexemes, offsets, problems, hashes)
        if edits:
            _map_back(offsets, edits)
        result = FileTokens(text, lexemes, offsets, problems)
        result.spliced = spliced
        result.edits = edits
        _find_jumps(result, hashes)
        return result

    def _cut(
        self,
        written_list: list[str],
        lexemes: list[Lexeme],
        offsets: list[int],
        problems: list[LexProblem],
        hashes: list[int],
    ) -> None:
        inline = self.inline
        starting = self.starting
        at_start = True
        table = starting
        after_comment = False
        position = 0
        for written in written_list:
            position += len(written)
            if after_comment:
                after_comment = False
                if written[:1] != " ":
                    written = " " + written
            lexeme = table.get(written)
            if lexeme is None:
                lexeme = self.classify(written, at_start)
                dispatch = lexeme.dispatch
                if dispatch == BLANK:
                    if lexeme.length:
                        after_comment = True
                        if lexeme.length < 4 or not written.endswith("*/"):
                            if written.lstrip(" \t\f\v").startswith("/*"):
                                problem = LexProblem(position - lexeme.length, True, "", "unterminated comment")
                                problems.append(problem)
                    continue
                if lexeme.kind != STRING and lexeme.kind != COMMENT:
                    table[written] = lexeme
            dispatch = lexeme.dispatch
            if dispatch > NAME:
                if dispatch == LINE_BREAK:
                    at_start = True
                    table = starting
                    continue
                if dispatch == DIRECTIVE:
                    hashes.append(len(lexemes))
            lexemes.append(lexeme)
            offsets.append(position - lexeme.length)
            at_start = False
            table = inline
        lexemes.append(_END_LEXEME)
        offsets.append(position)


def _needs_complete(text: str) -> bool:
    """Whether a text may hold UCNs or raw strings, which only the slower expression reads."""
    if ("\\u" in text or "\\U" in text) and _UCN_START.search(text) is not None:
        return True
    index = text.find('R"')
    while index >= 0:
        before = text[index - 1] if index else " "
        if not (before.isalnum() or before in "_$") or before in "LuU8":
            return True
        index = text.find('R"', index + 2)
    return False


_END_LEXEME: Final = Lexeme(END, "", START_OF_LINE, FILE_END, 0)


def _map_back(offsets: list[int], edits: list[tuple[int, int]]) -> None:
    """Offsets of the spliced text become offsets of the original."""
    index = 0
    count = len(edits)
    removed = 0
    for i in range(len(offsets)):
        offset = offsets[i]
        while index < count and edits[index][0] <= offset:
            removed = edits[index][1]
            index += 1
        offsets[i] = offset + removed


def _find_jumps(tokens: FileTokens, hashes: list[int]) -> None:
    """Match #if .. #elif .. #else .. #endif, and recognize the guard of the whole file."""
    lexemes = tokens.lexemes
    jumps = tokens.jumps
    open_groups: list[int] = []  # "#" of the latest branch of each open conditional
    first_groups: list[int] = []  # "#" of its #if
    last = len(lexemes) - 1
    guard_end = -1
    branched = False  # whether the outermost first group has an #else
    for index in hashes:
        name = lexemes[index + 1]
        if name.flags & START_OF_LINE:
            continue
        spelling = name.spelling
        if spelling in _CONDITIONALS:
            open_groups.append(index)
            first_groups.append(index)
        elif spelling in _BRANCHES and open_groups:
            jumps[open_groups.pop()] = index
            if spelling == "endif":
                if first_groups.pop() == 0 and not branched:
                    guard_end = index + 2
            else:
                if first_groups[-1] == 0:
                    branched = True
                open_groups.append(index)
    for index in open_groups:
        jumps[index] = last
    if guard_end >= 0:
        while not lexemes[guard_end].flags & START_OF_LINE:
            guard_end += 1
        if guard_end == last:
            tokens.guard = _guard_name(lexemes)


def _guard_name(lexemes: list[Lexeme]) -> str:
    """X of `#ifndef X`, `#if !defined X`, `#if !defined(X)` on the first line, else ""."""
    line: list[str] = []
    index = 1
    while not lexemes[index].flags & START_OF_LINE:
        line.append(lexemes[index].spelling)
        index += 1
    if len(line) == 2 and line[0] == "ifndef":
        return line[1]
    if line[:3] == ["if", "!", "defined"]:
        if len(line) == 4:
            return line[3]
        if len(line) == 6 and line[3] == "(" and line[5] == ")":
            return line[4]
    return ""


_lexers: Final[dict[str, Lexer]] = {}


def lexer_for(mode: LexerMode) -> Lexer:
    """The process's lexer for a mode."""
    key = mode.key()
    lexer = _lexers.get(key)
    if lexer is None:
        lexer = Lexer(mode)
        _lexers[key] = lexer
    return lexer


def decode(data: bytes) -> str:
    """Bytes of a source file as text: UTF-8, other bytes survive as surrogates; CR LF becomes LF."""
    text = data.decode("utf-8", "surrogateescape")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if text.startswith("\ufeff"):
        text = text[1:]
    return text


def encode(text: str) -> bytes:
    """The bytes that `decode` read."""
    return text.encode("utf-8", "surrogateescape")
