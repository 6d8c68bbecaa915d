"""Strict aliasing: which loads it saves, and that programs that are right stay right (aliasing/*.c; the output is gcc's)."""

from pathlib import Path

import pytest

from ourocc.driver.command_line import CommandLine
from ourocc.driver.compile import Compilation
from ourocc.ir import operations as op
from ourocc.ir.alias_classes import ANY, FLOAT, INT
from ourocc.ir.function import Module
from ourocc.ir.interpreter import Interpreter
from ourocc.ir.parser import parse_function, parse_module
from ourocc.ir.text import print_module
from ourocc.ir.verifier import verify_module
from ourocc.optimize import alias, pipeline

PROGRAMS = sorted(Path(__file__).with_name("aliasing").glob("*.c"))


def lowered(path: Path, *flags: str) -> Module:
    compilation = Compilation(str(path), CommandLine(["-w", "-c", *flags, str(path)]).parse())
    return compilation.lower(compilation.analyze(compilation.preprocess()))


def optimized(module: Module, level: int, size: int = 0) -> Module:
    options = pipeline.PipelineOptions()
    options.level = level
    options.size = size
    options.verify = True
    pipeline.optimize(module, options)
    return module


def output(module: Module) -> str:
    machine = Interpreter(module)
    assert machine.run_main([b"program"]) == 0
    return machine.output.decode()


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_programs_do_what_gccs_do(path: Path) -> None:
    expected = path.with_suffix(".out").read_text()
    assert output(optimized(lowered(path, "-O2"), 2)) == expected
    assert output(optimized(lowered(path, "-O3", "-fno-inline"), 3)) == expected
    assert output(optimized(lowered(path, "-Os"), 2, 1)) == expected
    assert output(optimized(lowered(path, "-O2", "-fno-strict-aliasing"), 2)) == expected


@pytest.mark.parametrize("name", ["value-numbering", "dead-stores", "loop-invariants", "loop-memory", "partial-redundancy", "loop-rotation"])
def test_each_pass_alone(name: str) -> None:
    options = pipeline.PipelineOptions()
    options.level = 2
    options.verify = True
    for path in PROGRAMS:
        module = lowered(path, "-O2")
        pipeline.run_alone(module, options, name)
        assert output(module) == path.with_suffix(".out").read_text()


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_text_keeps_the_classes(path: Path) -> None:
    text = print_module(lowered(path, "-O2"))
    module = parse_module(text)
    verify_module(module)
    assert "class=int" in text and ("record 1:" in text or path.stem == "unions")
    assert print_module(module) == text


LOADS = [
    # what it is, the function f, loads that are left with and without -fstrict-aliasing
    ("int and float", "int f(int *p, float *q) { *p = 1; *q = 2; return *p; }", 0, 1),
    ("signed and unsigned", "int f(int *p, unsigned *q) { *p = 1; *q = 2; return *p; }", 1, 1),
    ("enum and its integer", "enum e { A }; int f(enum e *p, unsigned *q) { *p = A; *q = 2; return *p; }", 1, 1),
    ("enum and another", "enum e { A }; int f(enum e *p, long *q) { *p = A; *q = 2; return *p; }", 0, 1),
    ("long and long long", "long f(long *p, long long *q) { *p = 1; *q = 2; return *p; }", 0, 1),
    ("long and unsigned long", "long f(long *p, unsigned long *q) { *p = 1; *q = 2; return *p; }", 1, 1),
    ("characters", "int f(int *p, char *q) { *p = 1; *q = 2; return *p; }", 1, 1),
    ("read as characters", "int f(int *p, unsigned char *q) { *q = 1; *p = 2; return *q; }", 1, 1),
    ("_Bool is no character", "int f(int *p, _Bool *q) { *p = 1; *q = 1; return *p; }", 0, 1),
    ("pointers", "int *f(int **p, char **q) { *p = 0; *q = 0; return *p; }", 1, 1),
    ("pointer and integer", "long f(long *p, void **q) { *p = 1; *q = 0; return *p; }", 0, 1),
    ("members", "struct s { int x; float y; }; int f(struct s *p, float *q) { p->x = 1; *q = 2; return p->x; }", 0, 1),
    ("union", "union u { int x; float y; }; int f(union u *p, float *q) { p->x = 1; *q = 2; return p->x; }", 1, 1),
    ("array in a union", "union u { int x[2]; float y; }; int f(union u *p, float *q, int k) { p->x[k] = 1; *q = 2; return p->x[k]; }", 1, 1),
    ("address of a union's member", "union u { int x; }; int f(union u *p, float *q) { *&p->x = 1; *q = 2; return *&p->x; }", 1, 1),
    ("pointer in a union", "union u { int *x; }; int f(union u *p, float *q) { int *x = p->x; *x = 1; *q = 2; return *x; }", 1, 2),
    ("may_alias", "typedef int a __attribute__((may_alias)); int f(a *p, float *q) { *p = 1; *q = 2; return *p; }", 1, 1),
    ("may_alias record", "struct __attribute__((may_alias)) s { int x; }; int f(struct s *p, float *q) { p->x = 1; *q = 2; return p->x; }", 1, 1),
    ("vector and its element", "typedef int v __attribute__((vector_size(16))); int f(v *p, v r, int *q) { *q = 1; *p = r; return *q; }", 1, 1),
    ("vector and another", "typedef int v __attribute__((vector_size(16))); float f(v *p, v r, float *q) { *q = 1; *p = r; return *q; }", 0, 1),
    ("complex and its element", "double f(_Complex double *p, double *q) { *q = 1; *p = 2; return *q; }", 1, 1),
    ("complex and another", "float f(_Complex double *p, float *q) { *q = 1; *p = 2; return *q; }", 0, 1),
    ("bit-field", "struct s { int x : 9; }; float f(struct s *p, float *q) { *q = 1; p->x = 2; return *q; }", 1, 2),
    ("bit-field and its type", "struct s { int x : 9; int y; }; int f(struct s *p, int *q) { *q = 1; p->x = 2; return *q; }", 2, 2),
    ("bit-field and a neighbour", "struct s { int x : 9; short y; }; int f(struct s *p, struct s *q) { q->y = 1; p->x = 2; return q->y; }", 2, 2),
    ("two structures", "struct s { int x; }; struct t { int y; }; int f(struct s *p, struct t *q) { p->x = 1; q->y = 2; return p->x; }", 0, 1),
    ("characters in two structures", "struct s { char x; }; struct t { char y; }; int f(struct s *p, struct t *q) { p->x = 1; q->y = 2; return p->x; }", 0, 1),
    ("one structure, two members", "struct s { int x, y; }; int f(struct s *p, struct s *q) { p->x = 1; q->y = 2; return p->x; }", 0, 1),
    ("one structure, one member", "struct s { int x, y; }; int f(struct s *p, struct s *q) { p->y = 1; q->y = 2; return p->y; }", 1, 1),
    ("structure in a structure", "struct s { int x; }; struct t { int n; struct s s; }; int f(struct s *p, struct t *q) { p->x = 1; q->s.x = 2; return p->x; }", 1, 1),
    ("structure in a union in a structure", "struct s { int x; }; struct t { int n; union { struct s s; } u; }; int f(struct s *p, struct t *q) { p->x = 1; q->n = 2; return p->x; }", 1, 1),
    ("structures in an array in a structure", "struct s { int x; }; struct t { int n; struct s a[2][3]; }; int f(struct s *p, struct t *q) { p->x = 1; q->a[1][2].x = 2; return p->x; }", 1, 1),
    ("array in a structure", "struct s { int a[4]; int n; }; struct t { int x; }; int f(struct s *p, struct t *q, int k) { p->a[k] = 1; q->x = 2; return p->a[k]; }", 0, 1),
    ("array in a structure and its own member", "struct s { int a[4]; int n; }; int f(struct s *p, struct s *q, int k) { p->a[k] = 1; q->n = 2; return p->a[k]; }", 1, 1),
    ("array of characters in a structure", "struct s { char a[4]; }; int f(struct s *p, int *q, int k) { p->a[k] = 1; *q = 2; return p->a[k]; }", 1, 1),
    ("scalar and a structure with one", "struct s { int x; }; int f(struct s *p, int *q) { p->x = 1; *q = 2; return p->x; }", 1, 1),
    ("scalar and a structure without one", "struct s { char c; long x; }; int f(struct s *p, int *q) { p->c = 1; *q = 2; return p->c; }", 0, 1),
    ("incomplete tags stay apart", "struct s { struct t *t; int x; }; struct t { int x; struct s *s; }; int f(struct s *p, struct t *q) { p->x = 1; q->x = 2; return p->x; }", 0, 1),
    ("parts of a complex member", "struct s { _Complex double z; double w; }; double f(struct s *p, double *q) { p->z = 1; *q = 2; return __imag__ p->z; }", 1, 1),
    ("lane of a vector member", "typedef int v __attribute__((vector_size(16))); struct s { v v; }; int f(struct s *p, struct s *q, v r, int k) { p->v[k] = 1; q->v = r; return p->v[k]; }", 1, 1),
    ("record copy", "struct s { int x[4]; }; float f(struct s *p, struct s *r, float *q) { *q = 1; *p = *r; return *q; }", 0, 1),
    ("record copy and a type in it", "struct s { char c[9]; float x; }; float f(struct s *p, struct s *r, float *q) { *q = 1; *p = *r; return *q; }", 1, 1),
    ("record copy and a part of it", "struct s { int x; }; struct t { struct s s; int n[9]; }; int f(struct t *p, struct t *r, struct s *q) { q->x = 1; *p = *r; return q->x; }", 1, 1),
    ("record copy and the record around it", "struct s { int x[4]; }; struct t { struct s s; int n; }; int f(struct s *p, struct s *r, struct t *q) { q->s.x[1] = 1; *p = *r; return q->s.x[1]; }", 1, 1),
    ("record copy and a member beside it", "struct s { int x[4]; }; struct t { struct s s; int n; }; int f(struct t *p, struct s *r, struct t *q) { q->n = 1; p->s = *r; return q->n; }", 0, 1),
    ("copy of a union", "union u { int x[4]; float y; }; float f(union u *p, union u *r, float *q) { *q = 1; *p = *r; return *q; }", 1, 1),
    ("copy of a union of other types", "union u { int x[4]; char y; }; float f(union u *p, union u *r, float *q) { *q = 1; *p = *r; return *q; }", 0, 1),
    ("member beside a union", "struct s { union { int x; float y; } u; int n; }; int f(struct s *p, struct s *q) { p->n = 1; q->u.x = 2; return p->n; }", 0, 1),
    ("union in a structure and what it holds", "struct s { int n; union { int x; float y; } u; }; float f(struct s *p, float *q) { *q = 1; p->u.x = 2; return *q; }", 1, 1),
    ("structures in a union and another of its members", "union u { struct { int x; } s[4]; float y; }; float f(union u *p, float *q, int k) { *q = 1; p->s[k].x = 2; return *q; }", 1, 1),
    ("arrays in structures in a union", "union u { struct { int x[2]; } s[4]; float y; }; float f(union u *p, float *q, int k) { *q = 1; p->s[k].x[k] = 2; return *q; }", 1, 1),
    ("array of unions", "union u { int x; float y; }; extern union u t[9]; float f(int k, float *q) { *q = 1; t[k].x = 2; return *q; }", 1, 1),
    ("array of unions of other types", "union u { int x; char y; }; extern union u t[9]; float f(int k, float *q) { *q = 1; t[k].x = 2; return *q; }", 0, 1),
    ("small copy", "struct s { float x; }; float f(struct s *p, struct s *q) { *p = *q; return p->x; }", 1, 1),

    ("one place, two types", "int f(void *p) { *(int *)p = 1; *(float *)p = 2; return *(int *)p; }", 0, 0),
    ("one variable, two types", "int x[4]; int f(long k) { x[1] = 1; *(float *)(x + k) = 2; return x[1]; }", 1, 1),
    ("out of a loop", "int f(int *p, float *q, int n) { do *q++ = *p; while (--n); return 0; }", 1, 1),
    ("optimize attribute", "__attribute__((optimize(\"no-strict-aliasing\"))) int f(int *p, float *q) { *p = 1; *q = 2; return *p; }", 1, 1),
]  # fmt: skip


def loads_of(module: Module) -> int:
    return sum([value.op == op.LOAD for block in module.functions[0].blocks for value in block.values])


@pytest.mark.parametrize(("code", "strict", "loose"), [row[1:] for row in LOADS], ids=[row[0] for row in LOADS])
def test_loads_that_are_left(code: str, strict: int, loose: int, tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text(code)
    assert loads_of(optimized(lowered(path, "-O2"), 2)) == strict
    assert loads_of(optimized(lowered(path, "-Os"), 2, 1)) == strict
    assert loads_of(optimized(lowered(path, "-O2", "-fno-strict-aliasing"), 2)) == loose


def test_levels(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text(LOADS[0][1])
    for flags, text in (("-O0", False), ("-O1", False), ("-O1 -fstrict-aliasing", True), ("-O3", True), ("-Os", True)):
        assert ("class=" in print_module(lowered(path, *flags.split()))) == text, flags


ACCESSES = """
symbol @f function defined
function f(ptr@7, ptr@6) -> (i32@0) {
b0:
  v0 = param.ptr #0
  v1 = param.ptr #1
  v2 = const.i32 #1
  v3 = fconst.f32 #0x0
  store v0, v2, class=int
  store v1, v3, class=float
  v4 = load.i32 v0, class=int
  v5 = load.f32 v1, class=float
  v6 = load.i32 v1
  v7 = load.f32 v0, class=float
  return v4
}
"""


def test_two_questions() -> None:
    """What a load reads is a question of types, what may change places is none."""
    function = parse_function(ACCESSES)
    analysis = alias.AliasAnalysis(function)
    values = function.blocks[0].values
    integer_store, float_store, integer_load, float_load, any_load, other_load = values[4:10]
    integers = analysis.of_access(integer_load)
    floats = analysis.of_access(float_load)
    anything = analysis.of_access(any_load)
    assert (integers.alias_class, floats.alias_class, anything.alias_class) == (INT, FLOAT, ANY)
    assert not analysis.can_feed(float_store, integers)
    assert analysis.can_change(float_store, integers)
    assert analysis.may_overlap(integers, floats)
    assert not analysis.can_read(float_load, analysis.of_access(integer_store))
    assert analysis.can_read(any_load, analysis.of_access(integer_store))
    assert analysis.can_feed(integer_store, anything)
    assert analysis.can_feed(integer_store, analysis.of_access(other_load)), "one place, whatever the types"
