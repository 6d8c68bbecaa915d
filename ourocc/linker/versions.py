"""Version scripts and dynamic lists: which symbols are exported, and under which version.

Grammar: { NODE { [global:] patterns; local: patterns; } PARENTS ; } with shell patterns and
`extern "C" { ... }` blocks; a node without a name gives no version.  An exact name beats a pattern, and
any pattern beats "*" alone (GNU ld, "VERSION Command").
"""

from typing import Final, final

from ourocc.linker.elements import LinkError

_PUNCTUATION: Final = "{};"


@final
class VersionNode:
    """One version: its name and its parents' names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parents: list[str] = []
        self.global_patterns: list[str] = []
        self.local_patterns: list[str] = []


@final
class VersionScript:
    """Nodes in order of definition, and the matcher over all of them."""

    def __init__(self) -> None:
        self.nodes: list[VersionNode] = []
        self.exact: dict[str, tuple[str, bool]] = {}  # name -> (version, is local)
        self.patterns: list[tuple[str, str, bool]] = []
        self.catch_all: tuple[str, bool] | None = None

    def index(self) -> None:
        """Prepare matching."""
        for node in self.nodes:
            for pattern in node.global_patterns:
                self._enter(pattern, node.name, False)
        for node in self.nodes:
            for pattern in node.local_patterns:
                self._enter(pattern, node.name, True)

    def _enter(self, pattern: str, version: str, is_local: bool) -> None:
        if pattern == "*":
            if self.catch_all is None or not is_local:
                self.catch_all = (version, is_local)
        elif "*" in pattern or "?" in pattern or "[" in pattern:
            self.patterns.append((pattern, version, is_local))
        else:
            self.exact.setdefault(pattern, (version, is_local))

    def match(self, name: str) -> tuple[str, bool] | None:
        """(version, is local) for a symbol, None when the script does not mention it."""
        found = self.exact.get(name)
        if found is not None:
            return found
        if self.patterns:
            from fnmatch import fnmatchcase
        for pattern, version, is_local in self.patterns:
            if fnmatchcase(name, pattern):
                return version, is_local
        return self.catch_all


def parse_version_script(text: str, name: str) -> VersionScript:
    tokens = _split_colons(tokenize(text, name))
    script = VersionScript()
    position = 0
    while position < len(tokens):
        node = VersionNode("")
        if tokens[position] != "{":
            node.name = tokens[position]
            position += 1
        if position >= len(tokens) or tokens[position] != "{":
            raise LinkError(f"{name}: syntax error in version script: '{{' expected after '{node.name}'")
        position = _parse_node(tokens, position + 1, node, name)
        while position < len(tokens) and tokens[position] != ";":
            node.parents.append(tokens[position])
            position += 1
        if position >= len(tokens):
            raise LinkError(f"{name}: syntax error in version script: ';' expected at the end")
        position += 1
        script.nodes.append(node)
    if len(script.nodes) > 1 and any(not node.name for node in script.nodes):
        raise LinkError(f"{name}: anonymous version tag cannot be combined with other version tags")
    script.index()
    return script


def _split_colons(tokens: list[str]) -> list[str]:
    """'global:' and 'local:foo' as separate tokens."""
    result: list[str] = []
    for token in tokens:
        for word in ("global:", "local:"):
            if token.startswith(word):
                result.append(word)
                token = token[len(word) :]
                break
        if token == ":" and result and result[-1] in ("global", "local"):
            result[-1] += ":"
        elif token:
            result.append(token)
    return result


def _parse_node(tokens: list[str], position: int, node: VersionNode, name: str) -> int:
    patterns = node.global_patterns
    depth = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token == "}":
            if depth == 0:
                return position
            depth -= 1
        elif token == "global:":
            patterns = node.global_patterns
        elif token == "local:":
            patterns = node.local_patterns
        elif token == "extern":
            if position + 1 >= len(tokens) or tokens[position + 1] != "{":
                raise LinkError(f"{name}: syntax error in version script after 'extern'")
            if tokens[position] != "C":
                raise LinkError(f"{name}: extern \"{tokens[position]}\" is not supported: names would have to be demangled")
            position += 2
            depth += 1
        elif token == "{":
            raise LinkError(f"{name}: syntax error in version script: '{{' is out of place")
        elif token != ";":
            patterns.append(token)
    raise LinkError(f"{name}: syntax error in version script: '}}' is missing")


def parse_dynamic_list(text: str, name: str) -> VersionScript:
    """A --dynamic-list file: one unnamed node of global patterns."""
    return parse_version_script(text, name)


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
                raise LinkError(f"{name}: unterminated comment in version script")
            position = close + 2
        elif char == "#":
            newline = text.find("\n", position)
            position = end if newline < 0 else newline
        elif char == '"':
            close = text.find('"', position + 1)
            if close < 0:
                raise LinkError(f"{name}: unterminated string in version script")
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
