"""Our xmmintrin.h and emmintrin.h against gcc's: every function without pointers, on random values."""

from __future__ import annotations

import pathlib
import platform
import re
import shutil
import subprocess

import pytest

from ourocc import runtime

FUNCTION = re.compile(r"^__OUROCC_INTRINSIC ([\w ]+?) (_mm_\w+)\(([^)]*)\)\n", re.M)
VECTORS = {"__m128": "f", "__m128d": "d", "__m128i": "i"}
RESULTS = {**VECTORS, "int": "n", "long long": "l", "float": "g", "double": "e"}
SCALARS = {"int": "in[3].w[0]", "short": "in[3].h[0]", "char": "in[3].b[0]", "long long": "in[3].q[0]",
           "float": "in[3].s[0]", "double": "in[3].t[0]"}
IMMEDIATES = {"__mask": (0, 0x1b, 0x4e, 0xe4, 0xb1), "__count": (0, 1, 5, 15, 16, 31, 40), "__index": (0, 3, 7)}

COMMON = """
typedef union { __m128 f; __m128d d; __m128i i; int n; long long l; float g; double e; unsigned char b[16];
  short h[8]; int w[4]; long long q[2]; float s[4]; double t[2]; } value;
"""

MAIN = """
#include <stdio.h>
#include <string.h>
static unsigned long long state = 1;
static unsigned long long next(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }
int main(void) {
  for (int round = 0; round < 200; round++) {
    value in[4];
    for (int i = 0; i < 4; i++)
      switch (next() % 5) {
      case 0: for (int j = 0; j < 4; j++) in[i].s[j] = (float)(int)(next() % 2001 - 1000) / 8; break;
      case 1: for (int j = 0; j < 2; j++) in[i].t[j] = (double)(int)(next() % 2001 - 1000) / 16; break;
      case 2: for (int j = 0; j < 8; j++) in[i].h[j] = (short)(next() % 7 - 3); break;
      case 3: in[i].q[0] = (long long)(next() % 70); in[i].q[1] = (long long)next(); break;
      default: in[i].q[0] = (long long)next(); in[i].q[1] = (long long)next();
      }
    for (unsigned k = 0; k < sizeof ours / sizeof *ours; k++) {
      value a, b;
      memset(&a, 0, sizeof a);
      memset(&b, 0, sizeof b);
      /* gcc 12 takes NaNs for equal in comparisons of the lowest element. */
      if (strstr(names[k], "comi")
          && (strstr(names[k], "_ss") ? in[0].s[0] != in[0].s[0] || in[1].s[0] != in[1].s[0]
                                      : in[0].t[0] != in[0].t[0] || in[1].t[0] != in[1].t[0]))
        continue;
      ours[k](in, &a);
      theirs[k](in, &b);
      for (int j = 0; j < 4; j++)
        if (a.w[j] != b.w[j] && !(kinds[k] == 'f' && a.s[j] != a.s[j] && b.s[j] != b.s[j])
            && !(kinds[k] == 'd' && a.t[j / 2] != a.t[j / 2] && b.t[j / 2] != b.t[j / 2])) {
          printf("%s: %08x instead of %08x\\n", names[k], a.w[j], b.w[j]);
          return 1;
        }
    }
  }
  return 0;
}
"""


def calls() -> list[tuple[str, str]]:
    """All calls to compare: kind of the result, and the expression."""
    found = []
    for header in ("xmmintrin.h", "emmintrin.h"):
        text = (pathlib.Path(runtime.INCLUDE_DIRECTORY) / header).read_text()
        for result, name, parameters in FUNCTION.findall(text):
            if result not in RESULTS or "*" in parameters or "undefined" in name or "getcsr" in name:
                continue
            arguments: list[str] = []
            constants: tuple[int | None, ...] = (None,)
            vectors = 0
            for parameter in [] if parameters == "void" else parameters.split(", "):
                kind, _, own = parameter.rpartition(" ")
                if kind in VECTORS:
                    arguments.append(f"in[{vectors}].{VECTORS[kind]}")
                    vectors += 1
                elif kind == "int" and own in IMMEDIATES:
                    arguments.append("%d")
                    constants = IMMEDIATES[own]
                else:
                    arguments.append(SCALARS[kind])
            expression = f"{name}({', '.join(arguments)})"
            found += [(RESULTS[result], expression.replace("%d", str(constant))) for constant in constants]
    return found


@pytest.mark.skipif(shutil.which("gcc") is None or platform.machine() != "x86_64", reason="gcc is the oracle")
def test_intrinsics_compute_what_gcc_computes(tmp_path: pathlib.Path) -> None:
    listed = calls()
    assert len(listed) > 300
    for prefix in ("ours", "theirs"):
        body = "".join(f"static void f{k}(value *in, value *out) {{ out->{kind} = {call}; }}\n"
                       for k, (kind, call) in enumerate(listed))
        table = f"void (*const {prefix}[])(value *, value *) = {{ {', '.join(f'f{k}' for k in range(len(listed)))} }};\n"
        (tmp_path / f"{prefix}.c").write_text("#include <emmintrin.h>\n" + COMMON + body + table)
    names = ", ".join(f'"{call}"' for _, call in listed)
    kinds = ", ".join(f"'{kind}'" for kind, _ in listed)
    (tmp_path / "main.c").write_text(
        "#include <emmintrin.h>\n" + COMMON
        + f"extern void (*const ours[{len(listed)}])(value *, value *), (*const theirs[{len(listed)}])(value *, value *);\n"
        + f"static const char *const names[] = {{ {names} }};\nstatic const char kinds[] = {{ {kinds} }};\n" + MAIN)

    def gcc(*arguments: object) -> None:
        done = subprocess.run(["gcc", "-O0", "-w", *map(str, arguments)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr[:2000]

    gcc("-isystem", runtime.INCLUDE_DIRECTORY, "-c", tmp_path / "ours.c", "-o", tmp_path / "ours.o")
    gcc("-c", tmp_path / "theirs.c", "-o", tmp_path / "theirs.o")
    gcc(tmp_path / "main.c", tmp_path / "ours.o", tmp_path / "theirs.o", "-o", tmp_path / "compare")
    result = subprocess.run([tmp_path / "compare"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout


@pytest.mark.skipif(shutil.which("gcc") is None or platform.machine() != "x86_64", reason="gcc is the oracle")
def test_mmx_intrinsic_is_an_error(tmp_path: pathlib.Path) -> None:
    source = tmp_path / "mmx.c"
    source.write_text("#include <xmmintrin.h>\n__m64 f(__m128 x) { return _mm_cvtps_pi32(x); }\n")
    done = subprocess.run(["gcc", "-isystem", runtime.INCLUDE_DIRECTORY, "-c", source, "-o", tmp_path / "mmx.o"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "MMX registers" in done.stderr
