"""Directives, conditions, inclusion, pragmas, literals as the preprocessor sees them."""

from pathlib import Path

import pytest

from ourocc.preprocess.dependencies import dependency_rule, quote_for_make
from ourocc.preprocess.output import preprocessed_text

from .helpers import Run, expand, options_for, run


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        ("1", True), ("0", False), ("-1 > 0u", True), ("-1 < 0", True), ("0x7fffffffffffffff + 0 > 0", True),
        ("18446744073709551615u == -1", True), ("1 ? 2 : (1/0)", True), ("0 && 1/0", False), ("1 || 1/0", True),
        ("(2 || 1/0) == 1", True), ("-7 / 2 == -3", True), ("-7 % 3 == -1", True), ("-1 >> 1 == -1", True),
        ("'a' == 97", True), ("'\\377' < 0", True), ("L'\\xff' > 0", True),
        ("defined X", False), ("defined(Y) && Y == 3", True), ("!X", True), ("~0 == -1", True), ("0b11 == 3", True),
        ("(0 ? 1 : 2u) > -1", False), ("1 == 1L && 010 == 8", True), ("F(2) == 4", True), ("1, 2", True),
        ("__has_attribute(packed) && __has_attribute(__packed__)", True), ("__has_builtin(__builtin_clz)", True),
        ("__has_attribute(nonsense)", False), ("__has_c_attribute(deprecated) == 201904L", True),
        ("__has_include(\"no/such/file.h\")", False), ("EMPTY 1", True),
    ],
)  # fmt: skip
def test_conditions(expression: str, truth: bool) -> None:
    text = f"#define Y 3\n#define EMPTY\n#define F(x) x*2\n#if {expression}\nyes\n#else\nno\n#endif\n"
    assert expand(text) == ("yes" if truth else "no")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#if\n#endif", "1: #if with no expression"),
        ("#if 1 +\n#endif", "1: operator '+' has no right operand"),
        ("#if * 1\n#endif", "1: operator '*' has no left operand"),
        ("#if (1\n#endif", "1: missing ')' in expression"),
        ("#if 1)\n#endif", "1: missing '(' in expression"),
        ("#if ()\n#endif", "1: missing expression between '(' and ')'"),
        ("#if 1 2\n#endif", '1: missing binary operator before token "2"'),
        ("#if 1 ? 2\n#endif", "1: '?' without following ':'"),
        ("#if 1/0\n#endif", "1: division by zero in #if"),
        ("#if 1.0\n#endif", "1: floating constant in preprocessor expression"),
        ('#if "a"\n#endif', '1: token ""a"" is not valid in preprocessor expressions'),
        ("#if f(1)\n#endif", '1: function-like macro "f" is not defined'),
        ("#if defined 3\n#endif", '1: operator "defined" requires an identifier'),
        ("#if 08\n#endif", '1: invalid digit "8" in octal constant'),
        ("#if 1x\n#endif", '1: invalid suffix "x" on integer constant'),
        ("#if 1", "1: unterminated #if"),
        ("#ifdef A\n#else\n#else\n#endif", "3: #else after #else"),
        ("#endif", "1: #endif without #if"),
        ("#elif 1", "1: #elif without #if"),
        ("#error some  text", "1: #error some text"),
        ("#warning w", "1: #warning w"),
        ("#inclde <a>", "1: invalid preprocessing directive #inclde; did you mean #include?"),
        ("#include", '1: #include expects "FILENAME" or <FILENAME>'),
        ("#include <a", "1: missing terminating > character"),
        ('#include "no-such.h"', "1: no-such.h: No such file or directory"),
        ("#line x", '1: "x" after #line is not a positive integer'),
        ("#if 1\n#endif x", "2: extra tokens at end of #endif directive"),
    ],
)
def test_messages(text: str, message: str) -> None:
    assert message in run(text).messages()


def test_skipped_groups_are_only_scanned() -> None:
    assert (
        expand("#if 0\n#nonsense\n# if junk(\n#elif\n#endif\ndon't \"\n#elif 1\nyes\n#elif 1/0\n#else\n#endif") == "yes"
    )


def test_plain_char_has_the_targets_sign() -> None:
    text = "#if '\\377' < 0\nsigned\n#else\nunsigned\n#endif"
    assert expand(text) == "signed"
    assert expand(text, predefined="#define __CHAR_UNSIGNED__ 1\n") == "unsigned"


def test_elifdef() -> None:
    assert expand("#define B\n#ifdef A\n1\n#elifdef B\n2\n#endif", standard="c23") == "2"


def test_splices_trigraphs_digraphs() -> None:
    assert expand("ab\\\ncd \\\n /\\\n* x *\\\n/ y") == "abcd y"
    assert expand("??=define a ??( b ??)\na", standard="c17") == "[ b ]"
    assert expand("??=x") == "??=x"
    assert expand("%:define f(a) <: a %:%: 1 :>\nf(x)") == "[ x1 ]"


def test_identifiers_in_utf8_and_ucn_are_the_same() -> None:
    assert expand("#define \\u00e9t\u00e9 ok\n\u00e9t\\u00e9") == "ok"


def test_raw_strings_and_prefixes() -> None:
    outcome = run('u8"a" L\'b\' R"x(a"b\n)x" u"c"')
    assert outcome.result is not None
    assert [token.spelling for token in outcome.result.tokens[:-1]] == ['u8"a"', "L'b'", 'R"x(a"b\n)x"', 'u"c"']


def test_pragmas() -> None:
    text = '#define A 1\n#pragma push_macro("A")\n#undef A\n#define A 2\nA\n#pragma pop_macro("A")\nA\n'
    assert expand(text).split() == ["2", "1"]
    outcome = run('#define P(x) a _Pragma("omp x") b\nP(1)\n#pragma weak f')
    assert outcome.result is not None
    assert [(token.kind, token.spelling) for token in outcome.result.tokens[:-1]] == [
        (1, "a"), (7, "omp x"), (1, "b"), (7, "weak f"),
    ]  # fmt: skip


def test_the_operand_of_the_pragma_operator_is_expanded() -> None:
    text = "#define S(x) #x\n#define D(x) _Pragma(S(x))\n#define W(x) x\nD(weak f) W(D(weak g) a)"
    outcome = run(text)
    assert outcome.messages() == []
    assert outcome.result is not None
    assert [token.spelling for token in outcome.result.tokens[:-1]] == ["weak f", "weak g", "a"]


def test_diagnostic_pragmas_switch_groups() -> None:
    text = (
        '#warning a\n#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored "-Wcpp"\n#warning b\n'
        '#pragma GCC diagnostic error "-Wcpp"\n#warning c\n#pragma GCC diagnostic pop\n#warning d'
    )
    outcome = run(text)
    assert outcome.messages() == ["1: #warning a", "6: #warning c", "8: #warning d"]
    assert outcome.diagnostics.error_count == 1


def test_includes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "x.h").write_text("#pragma once\nfirst\n#include_next <x.h>\n")
    (tmp_path / "b" / "x.h").write_text("#ifndef X\n#define X\nsecond __INCLUDE_LEVEL__\n#endif\n")
    main = tmp_path / "main.c"
    main.write_text('#include <x.h>\n#include <x.h>\n#define H "b/x.h"\n#include H\nend\n')
    options = options_for(directories=[str(tmp_path / "a"), str(tmp_path / "b")], implicit_include="")
    outcome = Run(str(main), None, options)
    assert outcome.messages() == []
    assert outcome.text().split() == ["first", "second", "2", "end"]
    assert outcome.result is not None
    names = [Path(path).relative_to(tmp_path).as_posix() for path, _ in outcome.result.dependencies]
    assert names == ["main.c", "a/x.h", "b/x.h"]
    rule = dependency_rule(outcome.result, ["main.o"], True, True)
    assert rule.startswith("main.o:") and rule.endswith("b/x.h:\n")
    assert quote_for_make("a b$c#d\\ e") == "a\\ b$$c\\#d\\\\\\ e"


def test_preincluded_macros(tmp_path: Path) -> None:
    (tmp_path / "m.h").write_text("#define M 5\nnot shown\n")
    (tmp_path / "i.h").write_text("shown M N\n")
    options = options_for(
        preincludes=[("include", str(tmp_path / "i.h")), ("imacros", str(tmp_path / "m.h"))],
        defines=[("D", "N"), ("D", "F(x)=x+1"), ("U", "__linux__")],
        implicit_include="",
    )
    outcome = Run("<test>", "F(2) __linux__", options)
    assert outcome.text().split("\n") == ["shown 5 1", "2+1 __linux__"]


def test_dump_of_macros() -> None:
    outcome = run("#define f(a, ...)  a #a a##b __VA_ARGS__\n#define o\n#define n(x...) x", definitions_in_output="M")
    assert outcome.result is not None
    assert preprocessed_text(outcome.result, outcome.options, outcome.sources, True) == (
        "#define f(a,...) a #a a ##b __VA_ARGS__\n#define o \n#define n(x...) x\n"
    )


def test_line_markers_in(tmp_path: Path) -> None:
    outcome = run('# 10 "a.h" 1 3\n__FILE__ __LINE__\n# 2 "m.c" 2\n__LINE__ #')
    assert outcome.text().split() == ['"a.h"', "10", "2", "#"]
