"""C programs for riscv64 under qemu, statically linked; and objects that gcc's linker and library take."""

import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent / "riscv"
ROOT = HERE.parents[2]
SYSROOT = pathlib.Path("/usr/riscv64-linux-gnu")

pytestmark = pytest.mark.skipif(
    shutil.which("qemu-riscv64") is None or not (SYSROOT / "include/stdio.h").exists(),
    reason="needs qemu-user and libc6-dev-riscv64-cross",
)


def compile_riscv(arguments: list[str], directory: pathlib.Path) -> None:
    command = [sys.executable, "-m", "ourocc", "--target=riscv64-linux-gnu", "-w", *arguments]
    done = subprocess.run(command, cwd=directory, env=None, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def run_riscv(program: pathlib.Path, *launcher: str) -> str:
    done = subprocess.run(["qemu-riscv64", *launcher, program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (done.returncode, done.stdout)
    return done.stdout


@pytest.fixture(autouse=True)
def import_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.parametrize("options", ["-O0", "-O2", "-O2 -fPIC -fno-plt -fstack-protector-all"])
def test_features(options: str, tmp_path: pathlib.Path) -> None:
    program = tmp_path / "program"
    compile_riscv([*options.split(), "-static", str(HERE / "features.c"), "-o", str(program)], tmp_path)
    assert run_riscv(program) == "ok\n"


def test_output(tmp_path: pathlib.Path) -> None:
    """`more.expected` is what gcc's program prints."""
    program = tmp_path / "program"
    compile_riscv(["-O2", "-static", str(HERE / "more.c"), "-o", str(program), "-lm"], tmp_path)
    assert run_riscv(program) == (HERE / "more.expected").read_text()


def test_far_branches_and_large_constants(tmp_path: pathlib.Path) -> None:
    lines = "".join(f"  if (x & {1 << n % 11}) p[{n}] += {n} * x; else p[{n * 7}] ^= x;\n" for n in range(400))
    source = tmp_path / "far.c"
    source.write_text(
        "#include <stdio.h>\n"
        "long p[4000];\n"
        "__attribute__((noinline)) int f(long x) {\n  int n = 0;\n"
        f"  while (n++ < 3) {{\n    if (x == 7) continue;\n{lines}  }}\n  return n;\n}}\n"
        "int main(void) {\n"
        "  unsigned long sum = 0x123456789abcdef0;\n"
        "  f(7); f(0x555); f(-2);\n"
        "  for (int i = 0; i < 4000; i++) sum = sum * 0x100000001b3 + p[i];\n"
        '  printf("%lx\\n", sum);\n  return 0;\n}\n'
    )
    outputs = []
    for level in ("-O0", "-O2"):
        program = tmp_path / "far"
        compile_riscv([level, "-static", str(source), "-o", str(program)], tmp_path)
        outputs.append(run_riscv(program))
    assert outputs[0] == outputs[1]
    if shutil.which("gcc"):
        subprocess.run(["gcc", "-w", str(source), "-o", str(tmp_path / "native")], check=True)
        assert subprocess.check_output([str(tmp_path / "native")], text=True) == outputs[0]


@pytest.mark.skipif(shutil.which("riscv64-linux-gnu-gcc") is None, reason="needs gcc-riscv64-linux-gnu")
def test_structures_between_compilers(tmp_path: pathlib.Path) -> None:
    """gcc calls ours and the other way round."""
    header = """
#include <stdarg.h>
struct a { float x; short y; }; struct b { char c[11]; }; struct c { double d; float e; };
struct d { long l[3]; }; struct e { int i; struct { double z; } in; }; struct f { float _Complex q; };
union u { double d; long l; }; struct g { long double l; };
"""
    callee = header + """
struct a fa(struct a v, int n) { v.x += n; v.y -= n; return v; }
struct b fb(int n, struct b v) { v.c[10] = n; return v; }
struct c fc(struct c v, double d) { v.d += d; v.e *= 2; return v; }
struct d fd(struct d v, float f) { v.l[2] = f; return v; }
struct e fe(struct e v, struct a w) { v.i += w.y; v.in.z += w.x; return v; }
union u fu(union u v) { v.l++; return v; }
float _Complex fq(float _Complex a, double _Complex b) { return a * (float _Complex)b; }
long double fl(int n, long double a, __int128 b) { return a + n + (long)b; }
double va(int n, ...) {
  va_list ap; double r = 0; va_start(ap, n);
  struct b b = va_arg(ap, struct b); struct d d = va_arg(ap, struct d); long double l = va_arg(ap, long double);
  struct a a = va_arg(ap, struct a); double e = va_arg(ap, double); union u u = va_arg(ap, union u); int i = va_arg(ap, int);
  va_end(ap); return b.c[10] + d.l[1] + l + a.y + a.x + e + u.l + i;
}
long deep(int a, long b, char c, struct b d, short e, unsigned f, int g, long h, signed char i, unsigned short j, int k)
{ return a + b * 2 + c * 3 + d.c[10] * 4 + e * 5 + f * 6l + g * 7 + h * 8 + i * 9 + j * 10 + k * 11; }
"""
    caller = header + """
#include <stdio.h>
struct a fa(struct a, int); struct b fb(int, struct b); struct c fc(struct c, double); struct d fd(struct d, float);
struct e fe(struct e, struct a); union u fu(union u); float _Complex fq(float _Complex, double _Complex);
long double fl(int, long double, __int128); double va(int, ...);
long deep(int, long, char, struct b, short, unsigned, int, long, signed char, unsigned short, int);
int main(void) {
  struct a a = fa((struct a){1.5f, 9}, 4); struct b b = fb(77, (struct b){"0123456789"}); struct c c = fc((struct c){1, 2}, 3);
  struct d d = fd((struct d){{1, 2, 3}}, 8.5f); struct e e = fe((struct e){5, {2.5}}, a); union u u = fu((union u){.l = 41});
  float _Complex q = fq(1 + 2i, 3 - 1i); long double l = fl(3, 1.5L, -7);
  printf("%g %d %s %g %g %ld %d %g %ld %g %g %g\\n", a.x, a.y, b.c, c.d, c.e, d.l[2], e.i, e.in.z, u.l, __real q, __imag q,
         (double)l);
  printf("%g %ld\\n", va(1, b, d, l, a, 2.5, u, -3), deep(-1, 2, 3, b, -5, 4000000000u, -7, 8, -9, 65535, -11));
  return 0;
}
"""
    (tmp_path / "callee.c").write_text(callee)
    (tmp_path / "caller.c").write_text(caller)
    gcc = ["riscv64-linux-gnu-gcc", "-O1", "-w"]
    for name in ("callee", "caller"):
        subprocess.run([*gcc, "-c", f"{name}.c", "-o", f"{name}.gcc.o"], cwd=tmp_path, check=True)
        compile_riscv(["-O2", "-c", f"{name}.c", "-o", f"{name}.own.o"], tmp_path)
    outputs = []
    for first, second in (("gcc", "gcc"), ("gcc", "own"), ("own", "gcc"), ("own", "own")):
        program = tmp_path / f"{first}-{second}"
        files = [f"callee.{first}.o", f"caller.{second}.o"]
        subprocess.run([*gcc, "-static", *files, "-o", str(program)], cwd=tmp_path, check=True)
        outputs.append(run_riscv(program))
    assert outputs == [outputs[0]] * 4
