"""`./x suite badinput`: 200 malformed C files, assembly files, objects and archives.

They are made by seeded mutation of the examples (tokens deleted, doubled, exchanged, brackets
unbalanced, bytes flipped, files cut off) plus a list of hand-written nasty inputs.  For each the
compiler must exit with status 0 or 1, as gcc does, print no traceback, end within 20 s, and leave no
output file behind when it fails.  Of a C file gcc's verdict is asked as well, where gcc is installed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable

from suites import common, forked

COUNTS = {"c": 100, "assembly": 35, "object": 40, "archive": 25}
TIME_LIMIT = 20.0
KEEP = common.ROOT / "build" / "badinput"

NASTY: tuple[bytes, ...] = (
    b"int x = " + b"(" * 20000 + b"1" + b")" * 20000 + b";\n",
    b"int f(void) {" + b"{" * 5000,
    b"int a" + b"[1]" * 3000 + b";\n",
    b"#define A B\n#define B A\nint A;\nint y = A B;\n",
    b'#include "self.c"\n',
    b"#if 1\n#if 0\n#else\nint x;\n",
    b"#endif\n#else\n#elif 1\n",
    b"#if 1 / 0\n#endif\n#if (1\n#endif\n#if 08\n#endif\n",
    b'char *s = "unterminated;\nint x;\n',
    b"/* unterminated\nint x;",
    b"int x = 'abcdefghi';\nint y = '';\nint z = 'a;\n",
    b"int x = 0x;\nint y = 0b2;\nint z = 1e;\nint w = 09;\ndouble d = 0x1.8;\n",
    b"int x = 99999999999999999999999999999999999;\nint y = 1uuu;\n",
    b"\x00\x01\x02int x;\xff\xfe\n",
    b"\xef\xbb\xbfint x;\n\xc3\x28 int y;\n",
    b"struct s { struct s x; };\nstruct t { int a[sizeof(struct t)]; };\n",
    b"enum e { A = A };\nenum f { B = 1 / 0, C = 1 << 99 };\n",
    b"int f(void) { goto nowhere; case 1: break; continue; }\n",
    b"void f(void) { switch (1) { case 1: case 1: default: default: ; } }\n",
    b"int x[-1];\nint y[1.5];\nint z[];\nint w[][];\nvoid v;\nint a[2] = {1, 2, 3};\n",
    b"int f(int, int);\nint g(void) { return f(1) + f(1, 2, 3) + h(; }\n",
    b"int f(void) { return *1 + &2 + ++3 + f.x + f->y + x(); }\n",
    b"_Static_assert(0, \"no\");\n_Static_assert(f(), \"\");\n",
    b"int x = _Generic(1, float: 1);\nint y = _Generic(1, int: 1, int: 2);\n",
    b"typedef int t;\nt t t;\nunsigned float f;\nlong long long l;\nsigned unsigned u;\n",
    b"struct { int a : 33; int b : -1; float c : 2; int : 0; int d : 0; } s;\n",
    b"__asm__(\"nonsense %0 $$$\" : );\nvoid f(void) { __asm__(\"foo %5\" :: \"zz\"(1)); }\n",
    b"void f(void) { __asm__ volatile(\"mov %eax\"); __builtin_va_arg(1, 2); __builtin_offsetof(int, x); }\n",
    b"#pragma\n#pragma GCC diagnostic pop\n#line 0\n#line 99999999999999\n#error stop\n#warning\n#include\n#define\n",
    b"#define F(x, x) x\n#define G(\n#define H(...) __VA_OPT__(\n#define J ##\n#define K(x) #y\nF(1,2) H(1)\n",
    b"#define X(a) a a\n" + b"".join(b"#define X%d(a) X%s(X%s(a))\n" % (i, str(i - 1).encode() if i > 1 else b"",
                                                               str(i - 1).encode() if i > 1 else b"")
                                       for i in range(1, 5)) + b"int x = X4(1;\n",
    b"int f() { int x = ({ ; }); return ({ goto l; }); } int (*(*(*g)(",
    b"_Alignas(3) int x;\n_Alignas(1 << 40) int y;\n_Atomic(int[3]) z;\n_Thread_local int f(void) { return 0; }\n",
    b"void f(void) { int n = 3; static int a[n]; struct { int b[n]; } s; extern int c[n]; goto x; int d[n]; x:; }\n",
    b"int f(void) { return sizeof(void(void)) + sizeof(struct incomplete) + _Alignof(f); }\n",
    b"".join(b"struct s%d { struct s%d *p; int x;\n" % (i, i + 1) for i in range(300)),
)

NASTY_ASSEMBLY: tuple[bytes, ...] = (
    b"\tmov %eax\n\tmovq %rax, %xmm99\n\tnonsense\n",
    b".macro m\nm\n.endm\nm\n",
    b".rept 3\nnop\n",
    b".if 1\n.else\n",
    b"1: jmp 2f\n.byte 1 +\n.long a - b\n",
    b".section\n.section .x,\"q\"\n.align 3\n.p2align 99\n.org -5\n.fill -1\n.space -4\n",
    b"x = y\ny = x\n.long x\n",
    b'.string "unterminated\n.ascii 5\n.quad \'\n',
    b"label:\nlabel:\n.size label\n.type label\n.globl\n",
    b"\tmovl $99999999999999999999, %eax\n\tlea (%rax,%rbx,3), %rcx\n\tjmp *\n\tpush %al\n",
    b".cfi_startproc\n.cfi_def_cfa\n.cfi_offset 999\n",
    b".include \"missing.s\"\n.incbin \"missing\"\n",
)


class Case:
    """One malformed input: file name, bytes, and how it is given to the compiler."""

    def __init__(self, kind: str, name: str, data: bytes, arguments: list[str]) -> None:
        self.kind = kind
        self.name = name
        self.data = data
        self.arguments = arguments


class Setting:
    compiler: common.Compiler
    ask_gcc: bool


TOKEN = re.compile(rb'[A-Za-z_]\w*|\d[\w.]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|\s+|.', re.S)
BRACKETS = (b"(", b")", b"[", b"]", b"{", b"}", b";", b",", b"*", b"#", b"\"", b"'", b"...", b"=", b":")


def mutate_text(data: bytes, random_source: random.Random) -> bytes:
    """One to three changes at tokens."""
    tokens = TOKEN.findall(data)
    for _ in range(random_source.randint(1, 3)):
        at = random_source.randrange(len(tokens))
        while tokens[at].isspace():
            at = random_source.randrange(len(tokens))
        action = random_source.randrange(7)
        if action == 0:
            del tokens[at]
        elif action == 1:
            tokens.insert(at, tokens[at])
        elif action == 2:
            tokens.insert(at, random_source.choice(BRACKETS))
        elif action == 3:
            other = random_source.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif action == 4:
            tokens = tokens[:at + 1]
        elif action == 5:
            tokens[at] = bytes([random_source.randrange(256)])
        else:
            end = min(len(tokens), at + random_source.randint(2, 40))
            del tokens[at:end]
        if not any(not token.isspace() for token in tokens):
            return b"}"
    return b"".join(tokens)


def mutate_bytes(data: bytes, random_source: random.Random) -> bytes:
    """Flip bits near the start (headers), set fields to extremes, or cut the file off."""
    changed = bytearray(data)
    action = random_source.randrange(4)
    if action == 0:
        return bytes(changed[:random_source.randrange(len(changed))])
    for _ in range(random_source.choice((1, 2, 5, 20))):
        span = min(len(changed), random_source.choice((64, 512, len(changed))))
        at = random_source.randrange(span)
        if random_source.random() < 0.3:
            # Section headers stand at the end of an object.
            at = len(changed) - 1 - at
        if action == 1:
            changed[at] ^= 1 << random_source.randrange(8)
        else:
            size = random_source.choice((1, 2, 4, 8))
            value = random_source.choice((0, 1, 0x7f, 0xff))
            changed[at:at + size] = bytes([value]) * len(changed[at:at + size])
    return bytes(changed)


def archive(members: list[tuple[str, bytes]]) -> bytes:
    """A System V archive without a symbol index."""
    result = b"!<arch>\n"
    for name, data in members:
        header = f"{name + '/':<16}{'0':<12}{'0':<6}{'0':<6}{'100644':<8}{len(data):<10}`\n"
        result += header.encode() + data + b"\n" * (len(data) % 2)
    return result


def compile_seed(scratch: str, source: pathlib.Path, flag: str, suffix: str) -> bytes:
    output = os.path.join(scratch, f"seed{suffix}")
    arguments = ["-O1", "-w", flag, str(source), "-o", output]
    made = forked.compile_with(Setting.compiler, arguments, scratch, 120)
    if not made.ok and Setting.ask_gcc:
        made = common.run(["gcc", *arguments], timeout=120)
    if not made.ok:
        raise RuntimeError(f"{source.name} does not compile, so there is nothing to damage: {made.first_message()}")
    return pathlib.Path(output).read_bytes()


def make_cases(seed: int, scratch: str) -> list[Case]:
    random_source = random.Random(seed)
    examples = sorted((common.ROOT / "examples").glob("*.c"))
    small = sorted((common.ROOT / "bench" / "code").glob("*.c"))
    cases: list[Case] = []

    def add(kind: str, suffix: str, data: bytes, arguments: list[str]) -> None:
        cases.append(Case(kind, f"{kind}{len(cases):03d}{suffix}", data, arguments))

    def fill(kind: str, suffix: str, arguments: list[str], nasty: tuple[bytes, ...], make: Callable[[], bytes]) -> None:
        for data in nasty:
            add(kind, suffix, data, arguments)
        for _ in range(COUNTS[kind] - len(nasty)):
            add(kind, suffix, make(), arguments)

    sources = [path.read_bytes() for path in examples + small]
    fill("c", ".c", ["-w", "-O1", "-c"], NASTY, lambda: mutate_text(random_source.choice(sources), random_source))
    assembly = [compile_seed(scratch, path, "-S", ".s") for path in small[:4]]
    fill("assembly", ".s", ["-c"], NASTY_ASSEMBLY, lambda: mutate_text(random_source.choice(assembly), random_source))
    objects = [compile_seed(scratch, path, "-c", ".o") for path in small[:4]]
    link = ["-lm"]
    fill("object", ".o", link, (b"", b"\x7fELF", b"\x7fELF\x02\x01\x01" + bytes(57)),
         lambda: mutate_bytes(random_source.choice(objects), random_source))
    archives = [archive([("a.o", objects[0]), ("b.o", objects[1])])]
    fill("archive", ".a", link, (b"!<arch>\n", b"!<arch>\nx", b"!<thin>\nnothing"),
         lambda: mutate_bytes(archives[0], random_source))
    return cases


def judge(case: Case) -> tuple[Case, list[str]]:
    problems = []
    with tempfile.TemporaryDirectory(prefix="ourocc-badinput-") as scratch:
        path = pathlib.Path(scratch, "self.c" if b'"self.c"' in case.data else case.name)
        path.write_bytes(case.data)
        arguments = [path.name, *case.arguments, "-o", "result"]
        got = forked.compile_with(Setting.compiler, arguments, scratch, TIME_LIMIT, 4096)
        left = sorted(set(os.listdir(scratch)) - {path.name})
        if got.timed_out:
            problems.append("timeout")
        elif got.status not in (0, 1):
            problems.append(f"{got.describe()}: {got.first_message()}")
        if b"Traceback (most recent call last)" in got.stderr:
            problems.append(got.first_message())
        if got.status == 1 and not got.stderr.strip():
            problems.append("fails without a message")
        if not got.ok and left:
            problems.append(f"leaves {', '.join(left)} behind")
        if case.kind == "c" and Setting.ask_gcc and not problems and not Setting.compiler.name == "gcc":
            gcc = common.run(["gcc", path.name, *case.arguments, "-o", "reference"], cwd=scratch, timeout=TIME_LIMIT)
            if gcc.status == 1 and got.ok:
                problems.append(f"accepted, though gcc says: {gcc.first_message()}")
            elif gcc.ok and not got.ok:
                problems.append(f"rejected, though gcc accepts it: {got.first_message()}")
    if problems:
        KEEP.mkdir(parents=True, exist_ok=True)
        (KEEP / case.name).write_bytes(case.data)
    return case, problems


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x suite badinput", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    common.add_compiler_option(parser)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--filter", default="", help="only inputs whose name contains this: c, assembly, object, archive")
    arguments = parser.parse_args(argv)
    Setting.compiler = common.compiler(arguments.cc)
    Setting.ask_gcc = shutil.which("gcc") is not None
    if Setting.compiler.is_ourocc:
        forked.load_driver()
    with tempfile.TemporaryDirectory(prefix="ourocc-badinput-") as scratch:
        try:
            cases = [case for case in make_cases(arguments.seed, scratch) if arguments.filter in case.name]
        except RuntimeError as error:
            return common.fail(f"./x suite badinput: {error}")
    failed = 0
    with multiprocessing.get_context("fork").Pool(arguments.jobs) as pool:
        for number, (case, problems) in enumerate(pool.imap(judge, cases)):
            common.progress(f"{number} of {len(cases)}, {failed} failed")
            failed += bool(problems)
            if problems:
                common.progress("")
            for problem in problems:
                print(f"FAIL {case.name}: {problem}", flush=True)
    common.progress("")
    print(f"badinput: {len(cases) - failed} of {len(cases)} inputs are handled as they should be"
          + (f"; the others are in {KEEP.relative_to(common.ROOT)}/" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
