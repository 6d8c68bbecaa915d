"""-g at -O0: gdb prints variables, parameters, types and scopes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """\
struct P { int x; double y; char name[8]; struct P *next; unsigned bf : 3; int bg : 7; union { int u; float f; } un; };
typedef struct { int a, b; } T;
enum E { A, B = 5, NEG = -3 };
int table[3] = { 1, 2, 3 };
const char *message = "hello";
int (*pointer)(int, ...);
int stop(int v) { return v; }
double many(char c, short s, long l, float f, double d, long double ld, _Bool b, T t, struct P p, int i7, int i8)
{
  static int counter = 3;
  unsigned char uc = 200;
  int grid[2][3];
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 3; j++)
      grid[i][j] = i * 10 + j;
  {
    int uc = 5;
    int vla[i7];
    vla[1] = 77 + uc;
    stop(vla[1]);
  }
  _Alignas(64) int aligned = 42;
  _Complex double z = 1.0 + 2.0i;
  stop(aligned);
  return uc + grid[1][2] + d + counter;
}
int main(void)
{
  struct P p = { 1, 2.5, "abc", &p, 5, -3, { .u = 1 } };
  enum E e = B;
  T t = { 11, 22 };
  many('c', -2, 1L << 40, 1.5f, 2.5, 3.5L, 1, t, p, 7, 8);
  return e;
}
"""


def ask(folder: Path, where: str, *questions: str) -> list[str]:
    """What gdb prints to each question in the caller of `stop` the first or second time, or where it stops."""
    commands: list[str] = []
    for command in ["set width 0", f"break {where}", "run", *questions]:
        commands += ["-ex", command]
    done = subprocess.run(
        ["gdb", "-nx", "-batch", *commands, "./m"], cwd=folder, capture_output=True, text=True, check=False
    )
    if "Breakpoint 1, " not in done.stdout:
        pytest.skip("gdb cannot run programs here")
    return [line.partition(" = ")[2] if line.startswith("$") else line for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("gdb") is None:
        pytest.skip("gdb is the independent reader")
    made = tmp_path_factory.mktemp("variables")
    (made / "m.c").write_text(PROGRAM)
    command = [sys.executable, "-m", "ourocc", "-g", "-O0", "m.c", "-o", "m"]
    subprocess.run(command, cwd=made, check=True, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"})
    return made


def test_parameters_and_scopes(folder: Path) -> None:
    shown = ask(folder, "stop", "up", "print uc", "print vla[1]", "print grid", "print counter", "info args")
    assert "5 '\\005'" not in shown and "5" in shown and "82" in shown
    assert "{{0, 1, 2}, {10, 11, 12}}" in shown and "3" in shown
    for line in ("c = 99 'c'", "s = -2", "l = 1099511627776", "f = 1.5", "d = 2.5", "ld = 3.5", "b = true", "i8 = 8"):
        assert line in shown, line
    assert "t = {a = 11, b = 22}" in shown
    record = next(line for line in shown if line.startswith("p = {x = 1, y = 2.5"))
    assert "bf = 5, bg = -3, un = {u = 1," in record


def test_outer_scope_and_alignment(folder: Path) -> None:
    shown = ask(folder, "m.c:24", "print uc", "print aligned", "print z", "print vla")
    assert "200 '\\310'" in shown and "42" in shown and "1 + 2i" in shown


def test_types_and_objects(folder: Path) -> None:
    shown = ask(folder, "m.c:33", "print p.next->name", "print e", "print sizeof(t)", "ptype struct P", "whatis e",
                "print table", "print message", "ptype pointer")  # fmt: skip
    text = "\n".join(shown)
    assert '"abc\\000\\000\\000\\000"' in shown and "\nB\n8\n" in text
    assert "    unsigned int bf : 3;\n    int bg : 7;\n    union {" in text
    assert "type = enum E" in shown and "{1, 2, 3}" in shown and '"hello"' in text
    assert "type = int (*)(int, ...)" in shown
