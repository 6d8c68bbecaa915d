"""What the assembly of small functions must and must not contain at -O2."""

import re
from pathlib import Path

from ourocc.driver.main import main


def assembly(tmp_path: Path, code: str, *flags: str) -> list[str]:
    """The instructions and labels, without directives."""
    source, listing = tmp_path / "a.c", tmp_path / "a.s"
    source.write_text(code)
    assert main(["-O2", *flags, "-S", str(source), "-o", str(listing)]) == 0
    return [line.strip() for line in listing.read_text().splitlines() if not re.match(r"\s+\.", line)]


INTERPRETER = """
typedef struct { long tag, value; } cell;
typedef struct { const unsigned *pc; cell *base; volatile int trap; cell *constants, *shared; long *counts; } frame;
void slow(frame *, cell *, long), hook(frame *, const unsigned *);
#define A (base + (i >> 8 & 255))
#define B (base + (i >> 16 & 255))
#define K (k + (i >> 24))
#define ARITHMETIC(op, number) case number: { cell *a = A, *b = B, *c = K; double x, y; \\
  if (b->tag == 1 && c->tag == 1) { a->value = b->value op c->value; a->tag = 1; pc++; } \\
  else if ((b->tag == 2 ? (x = b->value, 1) : b->tag == 3 ? (x = (double)b->value / 8, 1) : 0) && \\
           (c->tag == 2 ? (y = c->value, 1) : c->tag == 3 ? (y = (double)c->value / 8, 1) : 0)) { a->value = (long)(x + y); pc++; } \\
  else { f->pc = pc; slow(f, a, number); base = f->base; } break; }
void run(frame *f)
{
  const unsigned *pc = f->pc; cell *base = f->base, *k = f->constants, *shared = f->shared; long *counts = f->counts, budget = counts[99];
  for (;;) {
    unsigned i = *pc++;
    counts[i & 15]++;
    if (__builtin_expect(--budget < 0, 0)) { slow(f, shared, budget); budget = counts[99]; }
    if (__builtin_expect(f->trap, 0)) { hook(f, pc); base = f->base; }
    switch (i & 15) {
    case 0: *A = *B; break;
    case 1: *A = *K; break;
    ARITHMETIC(+, 2) ARITHMETIC(-, 3) ARITHMETIC(*, 4) ARITHMETIC(&, 5)
    ARITHMETIC(|, 6) ARITHMETIC(^, 7) ARITHMETIC(<<, 8) ARITHMETIC(>>, 9)
    case 12: *A = shared[i >> 16]; break;
    case 13: shared[i >> 16] = *A; break;
    case 10: if (A->tag) pc += (int)i >> 16; break;
    case 11: f->pc = pc; return;
    }
  }
}
"""


def test_uninitialized_variables_are_of_one_round(tmp_path: Path) -> None:
    """No value of x and y goes from one round of the loop to the next, across calls and so through the frame."""
    lines = assembly(tmp_path, INTERPRETER, "--verify")
    assert not [line for line in lines if re.match(r"mov\w+\s+%xmm\d+, .*\(%rsp\)", line)]


EQUAL_ENDS = """
extern int a, b, c, d;
void f(int n)
{
  switch (n) {
  case 1: a = 1; b = c + 5; c = d * 3; d = b - c; break;
  case 2: a = 2; b = c + 5; c = d * 3; d = b - c; break;
  case 3: a = 7; b = c + 5; c = d * 3; d = b - c; break;
  }
  a ^= b;
}
"""


def test_equal_ends_are_one(tmp_path: Path) -> None:
    lines = assembly(tmp_path, EQUAL_ENDS)
    assert len([line for line in lines if re.match(r"addl\s+\$5,", line)]) == 1
