"""RISC-V assembly: contents of sections as GNU as makes them (which keeps more relocations than we do)."""

import shutil
from pathlib import Path

import pytest
from gnu import describe, gnu, ours

from ourocc.objects import model

AS = "riscv64-linux-gnu-as"
CASE = Path(__file__).with_name("riscv") / "instructions.s"
KEPT_BY_GAS = (16, 17)  # branches and jumps to local labels


@pytest.mark.skipif(shutil.which(AS) is None, reason="needs GNU as for RISC-V as the oracle")
def test_instructions_as_gas() -> None:
    text = CASE.read_text()
    data, messages = ours(text, machine=model.EM_RISCV)
    assert not messages
    other, errors = gnu(text, AS, ("-march=rv64gc",))
    assert other, errors
    first, second = describe(data), describe(other)
    for name in (".text", ".data"):
        assert first[f"section {name}"][1] == second[f"section {name}"][1]
        wanted = [entry for entry in second[f"relocations of {name}"] if entry[1] not in KEPT_BY_GAS]
        found = [entry for entry in first[f"relocations of {name}"] if entry[1] not in KEPT_BY_GAS]
        assert found == wanted


def test_compressed_mnemonics() -> None:
    data, messages = ours("c.addi a0, 1\nc.mv a0, a1\nc.ld a0, 8(a1)\nc.sdsp ra, 8(sp)\nc.jr ra\n", machine=model.EM_RISCV)
    assert not messages
    assert describe(data)["section .text"][1].hex() == "05052e8588650 6e48280".replace(" ", "")


def test_errors_have_places() -> None:
    _, messages = ours("nop\naddi a0, a0, 5000\nbogus a0\nslli a0, a0, 64\n", machine=model.EM_RISCV)
    assert [message.split(":")[1] for message in messages] == ["2", "3", "4"]
