"""The part of DejaGnu's test directives that GCC's torture tests use.

`options(text, triple)` gives the compiler options that a test file asks for by `dg-options` and
`dg-additional-options`; `skipped(text, triple)` tells whether `dg-skip-if`, `dg-do` or
`dg-require-effective-target` excludes the target.  A directive's words are Tcl: braces nest, quotes
group.
"""

from __future__ import annotations

import fnmatch
import re

# Properties of every target here (64-bit Linux with glibc); what is not listed is false.
EFFECTIVE: frozenset[str] = frozenset({
    "alloca", "c99_runtime", "double64", "double64plus", "fileio", "fpic", "indirect_jumps", "int128", "int32",
    "int32plus", "label_values", "longlong64", "lp64", "mmap", "ptr32plus", "return_address", "signal", "size32plus",
    "stdint_types", "trampolines", "untyped_assembly", "unwrapped", "weak",
})

Word = str | list["Word"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]|[^\s{}"]+')


def parse(text: str) -> list[Word]:
    """Words of a brace group's inside; a nested group becomes a list, a quoted word starts with '"'."""
    stack: list[list[Word]] = [[]]
    for token in _TOKEN.findall(text):
        if token == "{":
            stack.append([])
        elif token == "}":
            if len(stack) > 1:
                group = stack.pop()
                stack[-1].append(group)
        else:
            stack[-1].append(token)
    return stack[0]


def directives(text: str) -> list[list[Word]]:
    """All `{ dg-name word... }` groups of a file."""
    found = []
    for match in re.finditer(r"\{\s*dg-[a-z-]+", text):
        depth = 0
        for index in range(match.start(), len(text)):
            if text[index] == "{":
                depth += 1
            elif text[index] == "}":
                depth -= 1
                if depth == 0:
                    found.append(parse(text[match.start() + 1:index]))
                    break
    return found


def string(word: Word) -> str:
    """A word as Tcl substitutes it."""
    if isinstance(word, list):
        return " ".join(string(part) for part in word)
    return word[1:-1].replace('\\"', '"') if word.startswith('"') else word


def holds(selector: Word, triple: str) -> bool:
    """Whether a target selector such as `{ i?86-*-* && { ! ia32 } }` is true."""
    if not isinstance(selector, list):
        name = string(selector)
        return fnmatch.fnmatchcase(triple, name) if "-" in name else name in EFFECTIVE
    if not selector:
        return False
    if selector[0] == "!":
        return not holds(selector[1:] if len(selector) > 2 else selector[1], triple)
    for operator, combine in (("||", any), ("&&", all)):
        if operator in selector:
            parts: list[list[Word]] = [[]]
            for word in selector:
                if word == operator:
                    parts.append([])
                else:
                    parts[-1].append(word)
            return combine(holds(part if len(part) != 1 else part[0], triple) for part in parts)
    # Several patterns side by side: any of them.
    return any(holds(part, triple) for part in selector)


def _applies(words: list[Word], triple: str) -> bool:
    """The `{ target selector }` at the end of a directive, if there is one."""
    for word in words:
        if isinstance(word, list) and word and word[0] == "target":
            return holds(word[1:] if len(word) != 2 else word[1], triple)
    return True


def options(text: str, triple: str) -> list[str]:
    """What dg-options gives (the last one wins), then every dg-additional-options."""
    basic: list[str] = []
    additional: list[str] = []
    for words in directives(text):
        if words[0] == "dg-options" and _applies(words[2:], triple):
            basic = string(words[1]).split()
        elif words[0] == "dg-additional-options" and _applies(words[2:], triple):
            additional += string(words[1]).split()
    return basic + additional


def skipped(text: str, triple: str) -> bool:
    """Whether the file's directives exclude the target, whatever the options."""
    for words in directives(text):
        name = words[0]
        if name == "dg-require-effective-target" and string(words[1]) not in EFFECTIVE:
            return True
        if name == "dg-do" and not _applies(words[2:], triple):
            return True
        if name == "dg-skip-if" and len(words) == 3 and holds(words[2], triple):
            return True
    return False
