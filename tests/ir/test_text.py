"""The IR's text form, verifier and interpreter on hand-written functions."""

import pytest

from ourocc.ir import operations as op
from ourocc.ir.function import Function, Symbol
from ourocc.ir.interpreter import Interpreter, UndefinedBehaviour
from ourocc.ir.parser import ParseError, parse_module
from ourocc.ir.text import print_module
from ourocc.ir.verifier import VerificationError, verify, verify_module

SUM = """\
symbol @main function defined
symbol @printf function
symbol @.LC0 defined local readonly string size=4 data='25640a00'
symbol @table defined size=16 align=8 data='00000000000000000000000000000000' 8/8=@.LC0+1

function main(i32@7, ptr@6) -> (i32@0) va=2 {
b0:
  v0 = const.i32 #0
  v1 = const.i32 #10
  v2 = const.i32 #1
  jump b1
b1:  ; from b0 b2
  v3 = phi.i32 v0, v5
  v4 = phi.i32 v0, v6
  v7 = slt.i1 v4, v1
  branch v7, b2, b3
b2:  ; from b1
  v5 = add.i32 v3, v4, flags=2
  v6 = add.i32 v4, v2
  jump b1
b3:  ; from b1
  v8 = address.ptr @.LC0
  v9 = call.i32 @printf, v8, v3 {ptr@7, i32@6} -> {i32@0} variadic
  switch v3, b4, 1: b4, 40..50: b5
b4:  ; from b3
  return v0
b5:  ; from b3
  return v2
}
"""


def test_print_parse_print() -> None:
    module = parse_module(SUM)
    verify_module(module)
    text = print_module(module)
    assert print_module(parse_module(text)) == text
    assert "v9 = call.i32 @printf, v8, v3 {ptr@7, i32@6} -> {i32@0} variadic" in text


def test_interpreter_runs_the_text() -> None:
    machine = Interpreter(parse_module(SUM))
    assert machine.run_main([b"x"]) == 1
    assert machine.output == b"45\n"


def test_parser_names_the_line() -> None:
    with pytest.raises(ParseError, match="line 3: unknown operation 'frob'"):
        parse_module("function f() -> () {\nb0:\n  v0 = frob.i32 v1\n  return\n}\n")
    with pytest.raises(ParseError, match="v7 is not defined"):
        parse_module("function f() -> (i32@0) {\nb0:\n  return v7\n}\n")


@pytest.mark.parametrize(
    "body, message",
    [
        ("b0:\n  v0 = const.i32 #1\n  v1 = const.i64 #1\n  v2 = add.i32 v0, v1\n  return\n", "v1 is i64"),
        ("b0:\n  v0 = const.i32 #1\n  v1 = zext.i16 v0\n  return\n", "from i32"),
        ("b0:\n  v1 = neg.i32 v0\n  v0 = const.i32 #1\n  return\n", "defined after its use"),
        ("b0:\n  v0 = const.i32 #1\n  return v0\n", "1 pieces returned, 0 expected"),
        ("b0:\n  v0 = const.i32 #1\n  branch v0, b1, b2\nb1:\n  return\nb2:\n  return\n", "no i1"),
        ("b0:\n  v0 = const.i8 #300\n  return\n", "not normalized"),
        ("b0:\n  jump b1\nb1:\n  jump b0\n", "the entry has predecessors"),
        ("b0:\n  v0 = const.i1 #1\n  branch v0, b1, b2\nb1:\n  v1 = const.i8 #1\n  jump b3\nb2:\n  jump b3\nb3:\n"
         "  v2 = neg.i8 v1\n  return\n", "does not dominate"),
    ],
)  # fmt: skip
def test_verifier_rejects(body: str, message: str) -> None:
    module = parse_module("function f() -> () {\n" + body + "}\n")
    with pytest.raises(VerificationError, match=message):
        verify(module.functions[0])


def test_verifier_counts_uses() -> None:
    function = parse_module("function f() -> (i32@0) {\nb0:\n  v0 = const.i32 #1\n  return v0\n}\n").functions[0]
    verify(function)
    function.blocks[0].values[0].uses = 2
    with pytest.raises(VerificationError, match="uses is 2"):
        verify(function)


def test_verifier_wants_a_terminator() -> None:
    function = Function(Symbol("f"))
    block = function.new_block()
    block.terminator.op = op.ADD
    with pytest.raises(VerificationError, match="no terminator"):
        verify(function)


def run_text(body: str, checked: bool = True) -> int:
    module = parse_module("function main() -> (i32@0) {\nb0:\n" + body + "}\n")
    verify_module(module)
    return Interpreter(module, checked=checked).run_main([])


def test_undefined_behaviour_is_found() -> None:
    with pytest.raises(UndefinedBehaviour, match="overflow"):
        run_text("  v0 = const.i32 #2147483647\n  v1 = add.i32 v0, v0, flags=2\n  return v1\n")
    with pytest.raises(UndefinedBehaviour, match="outside"):
        run_text(
            "  v0 = alloca.ptr #4, !4\n  v1 = const.i64 #4\n  v2 = ptradd.ptr v0, v1\n  v3 = load.i32 v2\n  return v3\n"
        )
    with pytest.raises(UndefinedBehaviour, match="division"):
        run_text("  v0 = const.i32 #1\n  v1 = const.i32 #0\n  v2 = sdiv.i32 v0, v1\n  return v2\n")


def test_floats_of_all_formats() -> None:
    body = (
        "  v0 = const.i32 #10\n  v1 = sitof.f80 v0\n  v2 = const.i32 #3\n  v3 = sitof.f80 v2\n  v4 = fdiv.f80 v1, v3\n"
        "  v5 = fmul.f80 v4, v3\n  v6 = fconvert.f128 v5\n  v7 = fconvert.f16 v6\n  v8 = ftosi.i32 v7\n  return v8\n"
    )
    assert run_text(body) == 10
