"""The diagnostics engine: groups, -Werror, limits, and the text that it prints."""

import json

import pytest

from ourocc.base.diagnostics import Diagnostics, FatalError
from ourocc.base.source import SourceMap
from ourocc.base.spelling import closest
from ourocc.base.warning_groups import apply_option


def engine(text: str, *options: str, system: bool = False) -> Diagnostics:
    sources = SourceMap()
    sources.add_file("a.c", text, 0, system)
    diagnostics = Diagnostics(sources)
    diagnostics.color = "never"
    for option in options:
        assert apply_option(diagnostics, option) == ""
    return diagnostics


def test_groups() -> None:
    quiet = engine("int x;\n")
    quiet.printing = False
    assert quiet.warning(1, "unused-variable", "m").dropped
    assert not quiet.warning(1, "int-conversion", "m").dropped
    assert not quiet.warning(1, "", "m").dropped
    for options in (["-Wall"], ["-Wunused"], ["-Wunused-variable"], ["-Wno-all", "-Wunused"], ["-Werror=unused"]):
        on = engine("int x;\n", *options)
        on.printing = False
        assert not on.warning(1, "unused-variable", "m").dropped, options
    for options in (["-Wall", "-Wno-unused"], ["-Wno-unused-variable", "-Wall"], ["-Wall", "-w"]):
        off = engine("int x;\n", *options)
        off.printing = False
        assert off.warning(1, "unused-variable", "m").dropped, options
    for options, expected in ((["-Wall"], True), (["-Wextra"], True), (["-Wall", "-Wextra"], False)):
        both = engine("int x;\n", *options)
        both.printing = False
        assert both.warning(1, "unused-parameter", "m").dropped is expected, options


def test_errors_from_warnings() -> None:
    promoted = engine("int x;\n", "-Werror", "-Wno-error=cpp")
    promoted.printing = False
    promoted.warning(1, "cpp", "m")
    assert promoted.error_count == 0
    promoted.warning(1, "overflow", "m")
    assert promoted.error_count == 1
    single = engine("int x;\n", "-Werror=cpp")
    single.printing = False
    single.warning(1, "overflow", "m")
    assert single.error_count == 0
    single.warning(1, "cpp", "m")
    assert single.error_count == 1


def test_pedantic() -> None:
    plain = engine("x\n")
    plain.printing = False
    assert plain.pedwarn(1, "", "m").dropped
    assert not plain.pedwarn(1, "int-conversion", "m").dropped
    assert not plain.pedwarn(1, "required", "m").dropped
    strict = engine("x\n", "-pedantic-errors")
    strict.printing = False
    strict.pedwarn(1, "", "m")
    assert strict.error_count == 1


def test_system_headers_are_silent() -> None:
    diagnostics = engine("x\n", system=True)
    diagnostics.printing = False
    assert diagnostics.warning(1, "", "m").dropped
    assert not diagnostics.error(1, "m").dropped
    apply_option(diagnostics, "-Wsystem-headers")
    assert not diagnostics.warning(1, "", "m").dropped


def test_limits() -> None:
    diagnostics = engine("x\n")
    diagnostics.printing = False
    diagnostics.error_limit = 2
    diagnostics.error(1, "m")
    diagnostics.error(1, "m")
    with pytest.raises(FatalError):
        diagnostics.error(1, "m")


def test_unknown_groups() -> None:
    diagnostics = engine("x\n")
    assert apply_option(diagnostics, "-Wunused-vriable") == (
        "unrecognized command-line option '-Wunused-vriable'; did you mean '-Wunused-variable'?"
    )
    assert apply_option(diagnostics, "-Wno-such-thing") == ""
    assert apply_option(diagnostics, "-Werror=foo-bar-baz") == "'-Werror=foo-bar-baz': no option '-Wfoo-bar-baz'"


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    text = "int f(void)\n{\n\treturn alpha + beta;\n}\n"
    diagnostics = engine(text)
    diagnostics.function = "f"
    at = 1 + text.index("alpha")
    message = diagnostics.error(at, "bad 'alpha'", 1 + text.index("beta"))
    diagnostics.note(message, 5, "declared here")
    diagnostics.warning(1 + text.index("+"), "overflow", "odd", fixit="-")
    assert capsys.readouterr().err == (
        "a.c: In function 'f':\n"
        "a.c:3:16: error: bad 'alpha'\n"
        "    3 |         return alpha + beta;\n"
        "      |                ^~~~~~~~~~~~\n"
        "a.c:1:5: note: declared here\n"
        "    1 | int f(void)\n"
        "      |     ^\n"
        "a.c:3:22: warning: odd [-Woverflow]\n"
        "    3 |         return alpha + beta;\n"
        "      |                      ^\n"
        "      |                      -\n"
    )


def test_include_chain_and_macro_trace(capsys: pytest.CaptureFixture[str]) -> None:
    sources = SourceMap()
    sources.add_file("main.c", '\n#include "a.h"\n')
    a = sources.add_file("a.h", '#include "b.h"\n', 2)
    definition = "#define TWICE(x) x * x\nTWICE(q)\n"
    b = sources.add_file("b.h", definition, a.base)
    use = b.base + definition.index("TWICE(q)")
    star = b.base + definition.index("*")
    argument = b.base + definition.index("q")
    expanded = sources.add_expansion("TWICE", use, [argument, star, argument], b.base + 8, b.base + 21)
    diagnostics = Diagnostics(sources)
    diagnostics.color = "never"
    diagnostics.error(expanded + 1, "star")
    diagnostics.error(expanded, "argument")
    assert capsys.readouterr().err == (
        "In file included from a.h:1,\n                 from main.c:2:\n"
        "b.h:1:20: error: star\n"
        "    1 | #define TWICE(x) x * x\n      |                    ^\n"
        "b.h:2:1: note: in expansion of macro 'TWICE'\n"
        "    2 | TWICE(q)\n      | ^~~~~\n"
        "b.h:2:7: error: argument\n"
        "    2 | TWICE(q)\n      |       ^\n"
        "b.h:1:9: note: in definition of macro 'TWICE'\n"
        "    1 | #define TWICE(x) x * x\n      |         ^~~~~\n"
    )


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    diagnostics = engine("int alpha;\n")
    diagnostics.json = True
    message = diagnostics.warning(5, "overflow", "w")
    diagnostics.note(message, 1, "n")
    diagnostics.finish()
    data = json.loads(capsys.readouterr().err)
    assert data[0]["kind"] == "warning" and data[0]["option"] == "-Woverflow"
    place = data[0]["locations"][0]
    assert (place["caret"]["line"], place["caret"]["column"], place["finish"]["column"]) == (1, 5, 9)
    assert data[0]["children"][0]["message"] == "n"


def test_suggestions() -> None:
    names = ["define", "include", "undef", "ifdef"]
    assert closest("inclde", names) == "include"
    assert closest("dfeine", names) == "define"
    assert closest("zzz", names) == ""
