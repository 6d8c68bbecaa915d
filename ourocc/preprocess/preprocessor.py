"""The way in: a main file and options, out the tokens of the translation unit.

Predefined macros, the command line's -D and -U, stdc-predef.h, -imacros and -include come first,
then the main file, all through one `Preprocessor`.
"""

from typing import Final

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.source import SourceMap
from ourocc.preprocess.directives import Preprocessor
from ourocc.preprocess.files import ENTER_FILE, PreprocessResult, Reader
from ourocc.preprocess.include import USER, Found, read_text, tokens_of
from ourocc.preprocess.lexer import decode
from ourocc.preprocess.macro import Macro
from ourocc.preprocess.options import PreprocessorOptions
from ourocc.preprocess.token import START_OF_LINE, Token

__all__ = ["PreprocessResult", "PreprocessorOptions", "preprocess", "preprocess_bytes"]

# What the predefined macros' text gave, by text and lexer mode
_predefined: Final[dict[tuple[str, str], dict[str, Macro]]] = {}


def preprocess(
    text_or_path: str,
    options: PreprocessorOptions,
    sources: SourceMap,
    diagnostics: Diagnostics,
    is_text: bool = False,
    name: str = "<stdin>",
) -> PreprocessResult:
    """Preprocess a file, or with `is_text` a text that messages call `name`.

    Raises FatalError after a fatal message (a header that does not exist, for instance).
    """
    if is_text:
        preprocessor = Preprocessor(options, sources, diagnostics)
        return _run(preprocessor, name, text_or_path)
    try:
        cached = read_text(text_or_path)
    except OSError as error:
        raise diagnostics.fatal(0, f"{text_or_path}: {error.strerror}") from None
    if cached is None:
        raise diagnostics.fatal(0, f"{text_or_path}: No such file or directory")
    preprocessor = Preprocessor(options, sources, diagnostics)
    return _run(preprocessor, text_or_path, cached.text)


def preprocess_bytes(
    data: bytes, name: str, options: PreprocessorOptions, sources: SourceMap, diagnostics: Diagnostics
) -> PreprocessResult:
    """Preprocess what was read from elsewhere (standard input)."""
    return preprocess(decode(data), options, sources, diagnostics, True, name)


def _run(preprocessor: Preprocessor, name: str, text: str) -> PreprocessResult:
    options = preprocessor.options
    result = preprocessor.result
    result.main_file = name
    result.macros = preprocessor.macros
    preprocessor.add_dependency(name, False)
    if not options.preprocessed:
        preprocessor.define_builtins()
        _define_predefined(preprocessor)
        _command_line(preprocessor)
    cached = read_text(name) if not name.startswith("<") else None
    lexer = preprocessor.lexer
    tokens = tokens_of(cached, lexer) if cached is not None and cached.text is text else lexer.tokenize(text)
    preprocessor.enter_text(name, text, tokens, 0, USER)
    preprocessor.event(ENTER_FILE, 0, name, 1, -1)
    try:
        preprocessor.run()
    except RecursionError:
        location = preprocessor.directive_location or preprocessor.invocation_location
        raise preprocessor.diagnostics.fatal(location, "macros or expressions are nested too deeply") from None
    location = preprocessor.sources.next - 1
    if preprocessor.sources.files and preprocessor.sources.next > 0:
        location = _end_of_main(preprocessor, name)
    result.tokens.append(Token(0, "", location, START_OF_LINE))
    return result


def _end_of_main(preprocessor: Preprocessor, name: str) -> int:
    for file in reversed(preprocessor.sources.files):
        if file is not None and file.name == name and file.included_at == 0:
            return file.base + len(file.text)
    return 0


def _define_predefined(preprocessor: Preprocessor) -> None:
    """Enter the predefined macros; what their text means is remembered for the next run."""
    text = preprocessor.options.predefined
    if not text:
        return
    key = (text, preprocessor.lexer.mode_key)
    macros = _predefined.get(key)
    if macros is None:
        before = set(preprocessor.macros)
        preprocessor.enter_text("<built-in>", text, preprocessor.lexer.tokenize(text), 0, USER)
        preprocessor.run()
        macros = {}
        for name, macro in preprocessor.macros.items():
            if name not in before:
                _unplace(macro)
                macros[name] = macro
        _predefined[key] = macros
        preprocessor.result.events.clear()
        return
    for macro in macros.values():
        macro.used = False
        macro.disabled = False
    preprocessor.macros.update(macros)


def _unplace(macro: Macro) -> None:
    """Built-in definitions stand nowhere, so that other runs can use them."""
    macro.location = 0
    macro.end = 0
    macro.system = True
    for token in macro.body.tokens:
        token.location = 0


def _command_line(preprocessor: Preprocessor) -> None:
    """-D, -U, then -imacros, stdc-predef.h and -include."""
    options = preprocessor.options
    lines: list[str] = []
    for kind, definition in options.defines:
        if kind == "U":
            lines.append(f"#undef {definition}\n")
            continue
        name, equals, value = definition.partition("=")
        lines.append(f"#define {name} {value if equals else '1'}\n")
    text = "".join(lines)
    base = preprocessor.enter_text("<command-line>", text, preprocessor.lexer.tokenize(text), 0, USER)
    _run_above(preprocessor, base, False)
    base.directory = ""
    for kind, path in options.preincludes:
        if kind == "imacros":
            _preinclude(preprocessor, base, path, True)
    if options.implicit_include:
        found = preprocessor.chain.find(options.implicit_include, preprocessor.chain.angled_start)
        if found is not None:
            _enter(preprocessor, base, found, False)
    for kind, path in options.preincludes:
        if kind == "include":
            _preinclude(preprocessor, base, path, False)
    preprocessor.reader = None
    preprocessor.depth = 0


def _preinclude(preprocessor: Preprocessor, base: Reader, path: str, silent: bool) -> None:
    """One -include or -imacros."""
    found = preprocessor.find_include(path, False, False)
    if found is None:
        if preprocessor.options.missing_as_dependency:
            preprocessor.add_dependency(path, False)
            return
        raise preprocessor.diagnostics.fatal(base.base, f"{path}: No such file or directory")
    _enter(preprocessor, base, found, silent)


def _enter(preprocessor: Preprocessor, base: Reader, found: Found, silent: bool) -> None:
    preprocessor.include(found, base.base)
    if preprocessor.reader is not base:
        _run_above(preprocessor, base, silent)


def _run_above(preprocessor: Preprocessor, base: Reader, silent: bool) -> None:
    """Read until the file below is `base` again; with `silent` only macros stay."""
    out = preprocessor.out
    if silent:
        preprocessor.out = []
    events = len(preprocessor.result.events)
    if preprocessor.reader is base:
        preprocessor.stop_at = None
        preprocessor.run()
        preprocessor.reader = base
        base.index = len(base.lexemes) - 1
        preprocessor.depth = 1
    else:
        preprocessor.stop_at = base
        preprocessor.run()
    preprocessor.stop_at = None
    preprocessor.out = out
    if silent:
        del preprocessor.result.events[events:]
