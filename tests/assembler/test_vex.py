"""Every VEX form, with low and high registers and several memory operands: the bytes of GNU as."""

import shutil

import pytest
from gnu import differences

from ourocc.targets.x86 import vex

MEMORY = ("(%rax)", "64(%r12)", "-300(%r13,%r9,4)", "sym(%rip)", "%fs:8(,%r11,8)")


def register(kind: str, number: int, wide: bool) -> str:
    if kind in ("x", "y"):
        return f"%{kind}mm{number}"
    names = ("ax", "cx", "dx", "bx", "sp", "bp", "si", "di")
    if number < 8:
        return ("%r" if kind == "q" else "%e") + names[number]
    return f"%r{number}" + ("" if kind == "q" else "d")


def statements(name: str, form: vex.VexForm) -> list[str]:
    """Sample statements of a form, in AT&T order."""
    result: list[str] = []
    for length in form.lengths:
        for general in "dq" if any(place[1:] == "r" for place in form.places) else "d":
            if name[-1] in "lq" and name[:-1] in vex.VEX.forms and (name[-1] == "q") != (general == "q"):
                continue
            for sample in range(4):
                registers = (1, 2, 3, 4) if sample == 0 else (9, 2, 3, 12) if sample == 1 else (1, 10, 11, 4)
                for memory in MEMORY if sample == 3 else ("",):
                    operands = [operand(place, i, registers, length, general, memory) for i, place in enumerate(form.places)]
                    if memory and not any(place[0] in "MN" for place in form.places):
                        continue
                    lengths = [place for place in form.places if place[1:] == "v"]
                    if memory and len(lengths) == 1 and lengths[0][0] in "MN":
                        continue  # nothing says how long the operand is: gas refuses it, and so do we
                    if not memory and any(place[0] == "N" for place in form.places):
                        continue
                    result.append(f"{name} {', '.join(reversed(operands))}")
    return result


def operand(place: str, index: int, registers: tuple[int, ...], length: str, general: str, memory: str) -> str:
    if place == "I":
        return "$5"
    if place[0] in "MN" and memory:
        return memory
    kind = place[1:]
    kind = length if kind == "v" else "x" if kind == "h" else general if kind == "r" else kind
    return register(kind, registers[index], False)


@pytest.mark.skipif(shutil.which("as") is None, reason="needs GNU as as the oracle")
def test_every_form_as_gas() -> None:
    vex.VEX.find("vaddps")
    text: list[str] = []
    for name, forms in vex.VEX.forms.items():
        if "gather" in name:
            continue
        for form in forms:
            text += statements(name, form)
    assert len(text) > 5000
    found = differences("\n".join(text) + "\n")
    assert not found, "\n".join(found[:10])


@pytest.mark.skipif(shutil.which("as") is None, reason="needs GNU as as the oracle")
def test_gathers_as_gas() -> None:
    found = differences(
        """
        vgatherdps %ymm3, 8(%rax,%ymm4,4), %ymm1
        vgatherdps %xmm3, (%r9,%xmm12,1), %xmm11
        vgatherdpd %ymm3, (%rax,%xmm4,8), %ymm1
        vgatherqps %xmm3, (%rax,%ymm4,4), %xmm1
        vgatherqps %xmm3, (%rax,%xmm5,4), %xmm1
        vgatherqpd %ymm3, 300(%rax,%ymm13,2), %ymm1
        vpgatherdd %ymm3, (,%ymm4,4), %ymm1
        vpgatherdq %xmm3, (%rax,%xmm4,8), %xmm1
        vpgatherqd %xmm3, (%rax,%ymm4,4), %xmm1
        vpgatherqq %ymm3, (%rax,%ymm4,8), %ymm1
        """
    )
    assert not found, "\n".join(found[:10])
