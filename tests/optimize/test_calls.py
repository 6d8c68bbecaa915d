"""Which functions are still called after optimization: tests/optimize/calls.txt, cases `=== title`, C, `---`, callees in order."""

import re
from pathlib import Path

import pytest

from ourocc.driver.command_line import CommandLine
from ourocc.driver.compile import Compilation
from ourocc.ir import operations as op
from ourocc.ir.verifier import verify_module

TEXT = Path(__file__).with_name("calls.txt").read_text()
CASES = [part.partition("\n") for part in re.split(r"^=== ", TEXT, flags=re.M)[1:]]


@pytest.mark.parametrize("target", ["x86_64-linux-gnu", "riscv64-linux-gnu"])
@pytest.mark.parametrize(("title", "body"), [(title, body) for title, _, body in CASES], ids=lambda text: text[:30])
def test_calls_that_remain(title: str, body: str, target: str, tmp_path: Path) -> None:
    code, _, expected = body.partition("---\n")
    source = tmp_path / "case.c"
    source.write_text(code)
    first = code.partition("\n")[0]
    flags = first.removeprefix("//").split() if first.startswith("// -") else []
    arguments = CommandLine(["-w", "-c", "-O2", f"--target={target}", *flags, str(source)]).parse()
    compilation = Compilation(str(source), arguments)
    module = compilation.lower(compilation.analyze(compilation.preprocess()))
    compilation.optimize(module)
    verify_module(module)
    found = []
    for function in module.functions:
        for block in function.blocks:
            for value in block.values:
                if value.op == op.CALL and value.symbol is not None:
                    found.append(value.symbol.name)
    assert " ".join(sorted(found)) == " ".join(sorted(expected.split())), title
