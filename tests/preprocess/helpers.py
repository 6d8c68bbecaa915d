"""Run the preprocessor on a text and look at it; compare with `gcc -E`."""

import re
import subprocess
from pathlib import Path

from ourocc.base.diagnostics import Diagnostics, FatalError
from ourocc.base.source import SourceMap
from ourocc.preprocess.files import PreprocessResult
from ourocc.preprocess.lexer import lexer_for, mode_for
from ourocc.preprocess.options import PreprocessorOptions
from ourocc.preprocess.output import preprocessed_text
from ourocc.preprocess.predefined import PredefinedSettings, predefined_macros
from ourocc.preprocess.preprocessor import preprocess
from ourocc.preprocess.token import END, SPACE_BEFORE, START_OF_LINE

DIRECTORIES = [
    "/usr/lib/gcc/x86_64-linux-gnu/12/include",
    "/usr/local/include",
    "/usr/include/x86_64-linux-gnu",
    "/usr/include",
]
_MARKER = re.compile(r'^# (\d+) ("(?:[^"\\]|\\.)*")((?: \d)*)$')
_LINES = ("#pragma", "#ident", "#define", "#undef", "#include")


class Run:
    """One run: its result, messages as "line: text", and the tokens as text."""

    def __init__(self, path: str, text: str | None, options: PreprocessorOptions) -> None:
        self.sources = SourceMap()
        self.diagnostics = Diagnostics(self.sources)
        self.diagnostics.printing = False
        self.options = options
        self.result: PreprocessResult | None = None
        try:
            source = path if text is None else text
            self.result = preprocess(source, options, self.sources, self.diagnostics, text is not None, path)
        except FatalError:
            pass

    def messages(self) -> list[str]:
        return [
            f"{self.sources.position(record.location).line}: {record.message}" for record in self.diagnostics.records
        ]

    def text(self) -> str:
        assert self.result is not None
        parts: list[str] = []
        for token in self.result.tokens:
            if token.kind == END:
                break
            if parts:
                parts.append("\n" if token.flags & START_OF_LINE else " " if token.flags & SPACE_BEFORE else "")
            parts.append(token.spelling)
        return "".join(parts)


def options_for(**changes: object) -> PreprocessorOptions:
    options = PreprocessorOptions()
    options.system_directories = list(DIRECTORIES)
    settings = PredefinedSettings()
    settings.pic = settings.pie = 2
    options.predefined = predefined_macros(settings)
    for name, value in changes.items():
        assert hasattr(options, name)
        setattr(options, name, value)
    return options


def run(text: str, **changes: object) -> Run:
    options = PreprocessorOptions()
    options.implicit_include = ""
    for name, value in changes.items():
        assert hasattr(options, name)
        setattr(options, name, value)
    return Run("<test>", text, options)


def expand(text: str, **changes: object) -> str:
    """The expansion of a text that must be free of errors."""
    outcome = run(text, **changes)
    assert outcome.messages() == []
    return outcome.text()


def stream(text: str) -> tuple[list[tuple[str, int, str]], list[tuple[int, str, str]]]:
    """-E's text as (file, line, token), and the line markers that enter and leave files."""
    lexer = lexer_for(mode_for("gnu17", False, True, False, False))
    tokens: list[tuple[str, int, str]] = []
    markers: list[tuple[int, str, str]] = []
    file = ""
    line = 0
    for content in text.split("\n"):
        match = _MARKER.match(content)
        if match:
            line = int(match.group(1))
            file = match.group(2)
            if " 1" in match.group(3) or " 2" in match.group(3):
                markers.append((line, file, match.group(3)))
            continue
        if content.startswith(_LINES):
            tokens.append((file, line, content.replace(" ", "")))
        else:
            tokens += [(file, line, item.strip()) for item in lexer.simple.findall(content) if item.strip()]
        line += 1
    return tokens, markers


def compare_with_gcc(path: Path, *flags: str, **changes: object) -> None:
    """Both accept the file and write the same tokens on the same lines, or both refuse it."""
    process = subprocess.run(["gcc", "-E", *flags, str(path)], capture_output=True)
    outcome = Run(str(path), None, options_for(collect_events=True, preprocess_only=True, **changes))
    assert (process.returncode != 0) == (outcome.diagnostics.error_count > 0), outcome.messages()
    if outcome.result is None:
        return
    ours = stream(preprocessed_text(outcome.result, outcome.options, outcome.sources, True))
    theirs = stream(process.stdout.decode("utf-8", "surrogateescape"))
    assert ours[0] == theirs[0]
    assert ours[1] == theirs[1]
