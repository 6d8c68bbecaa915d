"""Macro expansion: the standard's examples and the cases where implementations differ."""

import shutil
from pathlib import Path

import pytest

from .helpers import compare_with_gcc, expand, run

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc to compare with")

RESCANNING = """\
#define x 3
#define f(a) f(x * (a))
#undef x
#define x 2
#define g f
#define z z[0]
#define h g(~
#define m(a) a(w)
#define w 0,1
#define t(a) a
#define p() int
#define q(x) x
#define r(x,y) x ## y
#define str(x) # x
f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
g(x+(3,4)-w) | h 5) & m
(f)^m(m);
p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
char c[2][6] = { str(hello), str() };
"""


def test_c17_6_10_3_5_example_3() -> None:
    assert expand(RESCANNING).replace("\n", " ") == (
        "f(2 * (y+1)) + f(2 * (f(2 * (z[0])))) % f(2 * (0)) + t(1); "
        "f(2 * (2+(3,4)-0,1)) | f(2 * (~ 5)) & f(2 * (0,1))^m(0,1); "
        "int i[] = { 1, 23, 4, 5, }; "
        'char c[2][6] = { "hello", "" };'
    )


def test_c17_6_10_3_5_example_4() -> None:
    text = """\
#define str(s) # s
#define xstr(s) str(s)
#define debug(s, t) printf("x" # s "= %d, x" # t "= %s", x ## s, x ## t)
#define INCFILE(n) vers ## n
#define glue(a, b) a ## b
#define xglue(a, b) glue(a, b)
#define HIGHLOW "hello"
#define LOW LOW ", world"
debug(1, 2);
fputs(str(strncmp("abc\\0d", "abc", '\\4') == 0) str(: @\\n), s);
xstr(INCFILE(2).h)
glue(HIGH, LOW);
xglue(HIGH, LOW)
"""
    assert expand(text).split("\n") == [
        'printf("x" "1" "= %d, x" "2" "= %s", x1, x2);',
        'fputs("strncmp(\\"abc\\\\0d\\", \\"abc\\", \'\\\\4\') == 0" ": @\\n", s);',
        '"vers2.h"',
        '"hello";',
        '"hello" ", world"',
    ]


@pytest.mark.parametrize(
    ("macros", "text", "expected"),
    [
        ("#define t(x,y,z) x ## y ## z", "t(1,2,3), t(,4,5), t(6,,7), t(8,9,), t(10,,), t(,,)", "123, 45, 67, 89, 10,"),
        ("#define d(f, ...) p(f, ## __VA_ARGS__)", "d(1) d(1,) d(1,2,3)", "p(1) p(1,) p(1,2,3)"),
        ("#define d(f...) p(0, ## f)", "d() d(1)", "p(0) p(0,1)"),
        ("#define F(a,...) f(a __VA_OPT__(,) __VA_ARGS__)", "F(1) F(1,) F(1,2)", "f(1 ) f(1 ) f(1 , 2)"),
        ("#define F(a,...) a##__VA_OPT__(b)c", "F(1) F(1,2)", "1c 1bc"),
        ("#define F(...) #__VA_OPT__(a  b)", "F() F(1)", '"" "a b"'),
        ("#define foo foo a\n#define NIL(x) x", "NIL(foo)", "foo a"),
        ("#define NIL(x) x\n#define G0(a) NIL(G1)(a)\n#define G1(a) NIL(a)", "G0(42)", "42"),
        ("#define m1() m2\n#define m2() m1", "m1()()() m1()()()()", "m2 m1"),
        ("#define E\n#define s(x) #x\n#define xs(x) s(x)", "xs(a E b) xs(-E-) xs(E a)", '"a b" "--" "a"'),
        ("#define EMPTY\n#define f(x) [x]\n#define D(x) x EMPTY\n#define N(x) x", "D(f)(1) N(D(f)(1))", "f (1) [1]"),
        ("#define c(a,b) a##b\n#define xc(a,b) c(a,b)", "xc(xc(1,2),3) xc(__LI,NE__)", "123 3"),
        ("#define obj (1)\n#define f(x) [x]", "f obj", "f (1)"),
        ("#define f(x) [x]", "f\n(1) f\n\n( 2 ) f", "[1] [2] f"),
    ],
)
def test_cases(macros: str, text: str, expected: str) -> None:
    assert expand(macros + "\n" + text).split() == expected.split()


def test_digraphs_keep_their_spelling_in_strings() -> None:
    assert expand("#define s(x) #x\ns(<: [ %:%:)") == '"<: [ %:%:"'


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    outcome = run("#if " + "(" * 100000 + "1" + ")" * 100000 + "\n#endif")
    assert outcome.result is None and outcome.diagnostics.error_count == 1


def test_directives_inside_arguments() -> None:
    assert expand("#define f(x) [x]\nf(\n#ifdef A\n1\n#else\n2\n#endif\n)").split() == ["[2]"]


def test_counters_and_files() -> None:
    assert expand('#line 7 "a/b.c"\n__LINE__ __FILE__ __FILE_NAME__ __COUNTER__ __COUNTER__ __INCLUDE_LEVEL__') == (
        '7 "a/b.c" "b.c" 0 1 0'
    )
    assert expand("__DATE__ __TIME__", source_date_epoch=0) == '"Jan  1 1970" "00:00:00"'
    assert expand("__FILE__", prefix_maps=[("<te", "<be")]) == '"<best>"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#define f(a,b) a\nf(1)", '2: macro "f" requires 2 arguments, but only 1 given'),
        ("#define f(a) a\nf(1,2)", '2: macro "f" passed 2 arguments, but takes just 1'),
        ("#define f(a) a\nf(1", '2: unterminated argument list invoking macro "f"'),
        ("#define f(a,a) a", '1: duplicate macro parameter "a"'),
        ("#define f(a) #b", "1: '#' is not followed by a macro parameter"),
        ("#define f ## b", "1: '##' cannot appear at either end of a macro expansion"),
        ("#define 3 b", "1: macro names must be identifiers"),
        ("#define defined b", '1: "defined" cannot be used as a macro name'),
        ("#define c(a,b) a##b\nc(+,1)", '2: pasting "+" and "1" does not give a valid preprocessing token'),
        ("#define A 1\n#define A 2", '2: "A" redefined'),
        ("#pragma GCC poison bad\nbad", '2: attempt to use poisoned "bad"'),
        ("#undef", "1: no macro name given in #undef directive"),
        ("__VA_ARGS__", "1: __VA_ARGS__ can only appear in the expansion of a C99 variadic macro"),
        ('"abc', '1: missing terminating " character'),
        ("/* abc", "1: unterminated comment"),
    ],
)
def test_errors(text: str, message: str) -> None:
    assert message in run(text).messages()


TORTURE = Path(__file__).parent / "torture"


@needs_gcc
@pytest.mark.parametrize("path", sorted(TORTURE.glob("*.c")), ids=lambda path: path.stem)
def test_torture_equals_gcc(path: Path) -> None:
    compare_with_gcc(path)
