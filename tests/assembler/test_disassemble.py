"""Disassembly in objdump's form, compared with objdump on what our own assembler makes of the cases."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from gnu import describe, ours

from ourocc.assembler.disassemble import disassemble
from ourocc.objects import model

CASE = Path(__file__).with_name("cases") / "instructions.s"


def listing(text: str) -> dict[int, str]:
    """Address to text of objdump's lines, without symbol names."""
    found = re.finditer(r"^\s+([0-9a-f]+):\t(.*)$", text, re.MULTILINE)
    return {int(match.group(1), 16): re.sub(r"\s*<.*>|\s+$", "", match.group(2)) for match in found}


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs objdump as the oracle")
def test_as_objdump(tmp_path: Path) -> None:
    data, messages = ours(CASE.read_text())
    assert not messages
    path = tmp_path / "x.o"
    path.write_bytes(data)
    text = subprocess.run(
        ["objdump", "-d", "-j", ".text", "--no-show-raw-insn", str(path)], capture_output=True, text=True, check=True
    ).stdout
    theirs = listing(text)
    # One line there for two here, and a prefix without effect
    unlike = ("fstsw", "fnstsw", "data16 data16")
    code = describe(data)["section .text"][1]
    wrong = []
    for line in disassemble(model.EM_X86_64, code, 0, {}):
        expected = theirs.get(line.address, "nothing")
        if line.text.startswith(unlike) or expected.startswith(unlike):
            continue
        if re.sub(r"\s*<.*>|\s+$", "", line.text) != expected:
            wrong.append(f"{line.address:x} {line.data.hex()}: {line.text!r} is not {expected!r}")
    assert not wrong, "\n".join(wrong)


def test_names_of_targets() -> None:
    data, _ = ours("f: nop\njmp f\ncall g\ng: ret\n")
    code = describe(data)["section .text"][1]
    texts = [line.text for line in disassemble(model.EM_X86_64, code, 0, {0: "f", 8: "g"})]
    assert texts == ["nop", "jmp    0 <f>", "call   8 <g>", "ret"]
