"""The predefined macros against `gcc -dM -E` with the same options."""

import shutil
import subprocess
from collections.abc import Callable

import pytest

from ourocc.preprocess.predefined import FAST_MATH, UNSAFE_MATH, PredefinedSettings, predefined_macros

_COMPILER_NAMES = {"__VERSION__", "__OUROCC__"}
_FROM_HEADERS = ("_STDC_PREDEF_H", "__STDC_IEC_", "__STDC_ISO_10646__")


def _parse(text: str) -> dict[str, str]:
    result: dict[str, str] = {}
    for line in text.splitlines():
        _, name, *rest = line.split(" ", 2)
        if name not in _COMPILER_NAMES and not name.startswith(_FROM_HEADERS):
            result[name] = rest[0].strip() if rest else ""
    return result


def _standard(name: str) -> Callable[[PredefinedSettings], None]:
    return lambda s: setattr(s, "standard", name)


def _features(*names: str) -> Callable[[PredefinedSettings], None]:
    return lambda s: s.features.extend(names)


def _march(name: str) -> Callable[[PredefinedSettings], None]:
    return lambda s: setattr(s, "march", name)


def _set(**values: object) -> Callable[[PredefinedSettings], None]:
    def change(settings: PredefinedSettings) -> None:
        for name, value in values.items():
            setattr(settings, name, value)

    return change


CASES: dict[str, Callable[[PredefinedSettings], None]] = {
    "": _set(),
    "-O2": _set(optimize=2),
    "-Os": _set(optimize=2, optimize_size=True),
    "-fPIC": _set(pic=2),
    "-fpie": _set(pic=1, pie=1),
    "-std=c89": _standard("c89"),
    "-std=iso9899:199409": _standard("c94"),
    "-std=gnu89": _standard("gnu89"),
    "-std=c99": _standard("c99"),
    "-std=gnu99": _standard("gnu99"),
    "-std=c11": _standard("c11"),
    "-std=c17": _standard("c17"),
    "-std=gnu2x": _standard("gnu23"),
    "-O2 -ffast-math": _set(optimize=2, math=set(FAST_MATH)),
    "-funsafe-math-optimizations": _set(math=set(UNSAFE_MATH)),
    "-fno-math-errno": _set(math={"no-math-errno"}),
    "-ffinite-math-only": _set(math={"finite-math-only"}),
    "-fcx-limited-range": _set(math={"cx-limited-range"}),
    "-funsigned-char": _set(char_unsigned=1),
    "-fshort-wchar": _set(short_wchar=True),
    "-msse4.2": _features("sse4.2"),
    "-mavx2": _features("avx2"),
    "-mavx512bw": _features("avx512bw"),
    "-mno-sse": _features("no-sse"),
    "-mno-sse2": _features("no-sse2"),
    "-mno-80387": _features("no-80387"),
    "-mfma -mbmi2": _features("fma", "bmi2"),
    "-maes -mpclmul -mcx16": _features("aes", "pclmul", "cx16"),
    "-march=x86-64-v2": _march("x86-64-v2"),
    "-march=x86-64-v3": _march("x86-64-v3"),
    "-march=haswell": _march("haswell"),
    "-march=nehalem": _march("nehalem"),
    "-march=skylake": _march("skylake"),
    "-mcmodel=kernel": _set(code_model="kernel"),
    "-mcmodel=large": _set(code_model="large"),
    "-mlong-double-64": _set(long_double_64=True),
    "-ffreestanding": _set(hosted=False),
    "-pthread": _set(pthread=True),
    "-fstack-protector-strong": _set(stack_protector=3),
    "-fcf-protection": _set(cf_protection=3),
    "-fno-asynchronous-unwind-tables": _set(unwind_tables=False),
    "-fgnu89-inline": _set(gnu89_inline=True),
    "-m32": _set(target="i386"),
    "-m32 -march=i386": _set(target="i386", march="i386"),
    "-m32 -msse2": _set(target="i386", features=["sse2"]),
}


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc to compare with")
@pytest.mark.parametrize("options", CASES)
def test_equals_gcc(options: str) -> None:
    command = ["gcc", "-fno-pie", *options.split(), "-dM", "-E", "-xc", "/dev/null"]
    theirs = _parse(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    settings = PredefinedSettings()
    CASES[options](settings)
    ours = _parse(predefined_macros(settings))
    assert {k: v for k, v in ours.items() if theirs.get(k) != v} == {}
    # _Float16 is not supported, so nothing may say that it is there
    missing = {k: v for k, v in theirs.items() if ours.get(k) != v and not k.startswith("__FLT16_")}
    assert missing == {}
    assert not any(name.startswith("__FLT16_") for name in ours)


def test_riscv_names_its_abi() -> None:
    ours = _parse(predefined_macros(PredefinedSettings("riscv64")))
    assert ours["__riscv_float_abi_double"] == "1"
    assert ours["__CHAR_UNSIGNED__"] == "1"
    assert ours["__LDBL_MANT_DIG__"] == "113"
    assert ours["__SIZE_TYPE__"] == "long unsigned int"
