"""Checks the ABI classification against gcc on random signatures.

    python -m suites.abi_fuzz [--target x86|riscv] [--seed N] [--count N]

For each signature gcc compiles a caller; the callee is assembly that stores all argument registers and the stack area.
Each piece of our `classify_call` must be found where it says.  Results the other way: the assembly callee fills the result
registers with known bytes, and what gcc's caller sees must be what the pieces say.  gcc is the oracle, here only.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from typing import Final

from ourocc.ir import types as ty
from ourocc.ir.function import ON_STACK
from ourocc.semantics import types as ct
from ourocc.semantics.layout import lay_out
from ourocc.semantics.type_table import TypeTable
from ourocc.semantics.types import DataModel, Field, Type
from ourocc.targets.abi import BY_REFERENCE, BYVAL, IGNORE, Abi, ArgumentLayout
from ourocc.targets.riscv.abi import RiscvAbi
from ourocc.targets.x86.abi import X86Abi

DUMP_X86: Final = """
.text
.globl callee
callee:
  movq %rax, saved_rax(%rip)
  leaq dump(%rip), %rax
  movq %rdi, 0(%rax); movq %rsi, 8(%rax); movq %rdx, 16(%rax); movq %rcx, 24(%rax); movq %r8, 32(%rax); movq %r9, 40(%rax)
  movups %xmm0, 64(%rax); movups %xmm1, 80(%rax); movups %xmm2, 96(%rax); movups %xmm3, 112(%rax)
  movups %xmm4, 128(%rax); movups %xmm5, 144(%rax); movups %xmm6, 160(%rax); movups %xmm7, 176(%rax)
  movq $0, %rcx
1: movq 8(%rsp,%rcx,8), %rdx
  movq %rdx, 192(%rax,%rcx,8)
  incq %rcx
  cmpq $512, %rcx
  jne 1b
  ret
.globl fill_result
fill_result:
  fldt pattern+48(%rip)
  fldt pattern+32(%rip)
  cmpl $1, x87_count(%rip)
  je 2f
  jg 3f
  fstp %st(0)
2: cmpl $1, x87_count(%rip)
  jne 4f
  fstp %st(1)
  jmp 3f
4: fstp %st(0)
3:
  movq pattern(%rip), %rax; movq pattern+8(%rip), %rdx
  movups pattern+64(%rip), %xmm0; movups pattern+80(%rip), %xmm1
  ret
.section .note.GNU-stack,"",@progbits
"""

DUMP_RISCV: Final = """
.text
.globl callee
callee:
  la t0, dump
  sd a0, 0(t0); sd a1, 8(t0); sd a2, 16(t0); sd a3, 24(t0); sd a4, 32(t0); sd a5, 40(t0); sd a6, 48(t0); sd a7, 56(t0)
  fsd fa0, 64(t0); fsd fa1, 80(t0); fsd fa2, 96(t0); fsd fa3, 112(t0)
  fsd fa4, 128(t0); fsd fa5, 144(t0); fsd fa6, 160(t0); fsd fa7, 176(t0)
  li t1, 512
  mv t2, sp
  addi t3, t0, 192
1: ld t4, 0(t2)
  sd t4, 0(t3)
  addi t2, t2, 8
  addi t3, t3, 8
  addi t1, t1, -1
  bnez t1, 1b
  ret
.globl fill_result
fill_result:
  la t0, pattern
  ld a0, 0(t0); ld a1, 8(t0)
  fld fa0, 64(t0); fld fa1, 80(t0)
  ret
.section .note.GNU-stack,"",@progbits
"""

VECTORS: Final = """
typedef int v8si __attribute__((vector_size(32))); typedef float v2sf __attribute__((vector_size(8)));
typedef short v4hi __attribute__((vector_size(8)));
"""

PRELUDE: Final = """
#include <stdio.h>
#include <string.h>
unsigned char dump[192 + 512 * 8] __attribute__((aligned(16)));
unsigned char pattern[128] __attribute__((aligned(16)));
unsigned long saved_rax; int x87_count;
static void show(const void *p, int n) {
  const unsigned char *b = p; for (int i = 0; i < n; i++) printf("%02x", b[i]); printf("\\n"); }
static void show_pointed(unsigned char *p, int n) {  /* a wrong guess must not crash */
  unsigned char here;
  if (p > &here - 65536 && p < &here + 65536) show(p, n); else printf("00\\n"); }
static unsigned char counter;
static void fill(void *p, int n) { unsigned char *b = p; for (int i = 0; i < n; i++) { b[i] = ++counter ? counter : ++counter; } }
"""


class Generator:
    """Random types with their C text."""

    def __init__(self, table: TypeTable, rng: random.Random, target: str) -> None:
        self.table = table
        self.rng = rng
        self.target = target
        self.definitions: list[str] = []
        self.count = 0
        self.exotic = True  # __float128 and _Float16 too

    def scalar(self) -> tuple[Type, str]:
        t = self.table
        rows = [
            (t.bool, "_Bool"), (t.schar, "signed char"), (t.uchar, "unsigned char"), (t.short, "short"),
            (t.ushort, "unsigned short"), (t.int, "int"), (t.uint, "unsigned"), (t.long, "long"), (t.ulong, "unsigned long"),
            (t.float, "float"), (t.float, "float"), (t.double, "double"), (t.double, "double"), (t.void_pointer, "void *"),
            (t.ldouble, "long double"), (t.int128, "__int128"), (t.complex_of(t.float), "_Complex float"),
            (t.complex_of(t.double), "_Complex double"), (t.complex_of(t.ldouble), "_Complex long double"),
            (t.complex_of(t.int), "_Complex int"),
        ]  # fmt: skip
        if self.target == "x86":
            rows.append((t.vector_of(t.float, 4), "v4sf"))
            rows.append((t.vector_of(t.int, 4), "v4si"))
            rows.append((t.vector_of(t.int, 8), "v8si"))
            rows.append((t.vector_of(t.float, 2), "v2sf"))
            rows.append((t.vector_of(t.short, 4), "v4hi"))
            if self.exotic:
                rows.append((t.float128, "__float128"))
                rows.append((t.float16, "_Float16"))
        return self.rng.choice(rows)

    def type(self, depth: int = 0) -> tuple[Type, str]:
        if depth > 2 or self.rng.random() < (0.45 if depth == 0 else 0.7):
            return self.scalar()
        return self.record(depth)

    def record(self, depth: int) -> tuple[Type, str]:
        kind = ct.UNION if self.rng.random() < 0.2 else ct.STRUCT
        name = f"S{self.count}"
        self.count += 1
        record = self.table.new_record(kind, name, 0)
        lines: list[str] = []
        packed = self.rng.random() < 0.08
        record.packed = packed
        for index in range(self.rng.choice((0, 1, 1, 2, 2, 2, 3, 3, 4, 5))):
            type, text = self.type(depth + 1)
            field = Field(f"f{index}", type, 0)
            if type.is_integer() and type.kind not in (ct.BOOL, ct.INT128) and self.rng.random() < 0.2:
                field.bit_width = self.rng.randint(1, type.size * 8)
                if self.rng.random() < 0.2:
                    field.name = ""
                lines.append(f"{text} {field.name} : {field.bit_width};")
            elif self.rng.random() < 0.2:
                length = self.rng.choice((0, 1, 1, 2, 3, 4))
                field.type = self.table.array_of(type, length)
                lines.append(f"{text} f{index}[{length}];")
            else:
                lines.append(f"{text} f{index};")
            record.fields.append(field)
        alignment = self.rng.choice((16, 32)) if self.rng.random() < 0.05 else 0
        lay_out(self.table, record, 0, alignment)
        attributes = "__attribute__((packed))" if packed else ""
        attributes += f" __attribute__((aligned({alignment})))" if alignment else ""
        word = "union" if kind == ct.UNION else "struct"
        self.definitions.append(f"{word} {name} {{ {' '.join(lines)} }} {attributes};")
        return record, f"{word} {name}"


class Case:
    """One signature."""

    def __init__(self, result: tuple[Type, str], arguments: list[tuple[Type, str]], named: int, variadic: bool) -> None:
        self.result = result
        self.arguments = arguments
        self.named = named
        self.variadic = variadic


def promoted(type: Type) -> bool:
    """Can the type be a variable argument as it is?"""
    return not (type.kind in (ct.FLOAT, ct.FLOAT16) or (type.is_integer() and type.size < 4))


def make_cases(generator: Generator, count: int) -> list[Case]:
    cases: list[Case] = []
    rng = generator.rng
    for _ in range(count):
        arguments = [generator.type() for _ in range(rng.randint(1, 9))]
        variadic = rng.random() < 0.25
        named = len(arguments)
        if variadic:
            named = rng.randint(1, len(arguments))
            arguments = arguments[:named] + [row for row in arguments[named:] if promoted(row[0])]
        cases.append(Case(generator.type(), arguments, named, variadic))
    return cases


def program(cases: list[Case], generator: Generator, abi: Abi) -> str:
    text = PRELUDE
    text += "typedef float v4sf __attribute__((vector_size(16))); typedef int v4si __attribute__((vector_size(16)));\n" + VECTORS
    text += "\n".join(generator.definitions) + "\n"
    body: list[str] = []
    for index, case in enumerate(cases):
        parameters = ", ".join(name for _, name in case.arguments[: case.named]) + (", ..." if case.variadic else "")
        result_text = case.result[1]
        text += f"void test{index}(void) {{\n  counter = 0; memset(dump, 0, sizeof dump);\n"
        for number, (type, name) in enumerate(case.arguments):
            text += f"  {name} a{number}; memset(&a{number}, 0, sizeof a{number});\n"
            if type.kind == ct.BOOL or not type.is_record():
                text += f"  fill(&a{number}, {value_size(type)});"
                text += f" {f'*(char*)&a{number} = 1;' if type.kind == ct.BOOL else ''}\n"
            elif type.size:
                text += f"  fill(&a{number}, sizeof a{number});\n"
            text += f'  printf("%d ", (int)sizeof a{number}); show(&a{number}, sizeof a{number});\n'
        arguments = ", ".join(f"a{number}" for number in range(len(case.arguments)))
        text += f"  ((void (*)({parameters}))callee)({arguments});\n  show(dump, sizeof dump);\n"
        for number, (type, _) in enumerate(case.arguments):
            layout = abi.classify_call(
                generator.table.void, [row[0] for row in case.arguments], case.named, case.variadic
            ).arguments[number]
            if layout.kind == BY_REFERENCE:
                text += f"  {{ unsigned char *p; memcpy(&p, dump + {dump_offset(abi, layout)}, 8); show_pointed(p, {type.size}); }}\n"
        result = case.result[0]
        layout_result = abi.classify_call(result, [], 0, False)
        x87 = sum(1 for piece in layout_result.result.pieces if piece.type == ty.F80)
        text += f"  x87_count = {x87};\n"
        if layout_result.sret is None and result.size:
            text += f"  {{ {result_text} r; memset(&r, 0xEE, sizeof r); "
            text += f"r = (({result_text} (*)(void))fill_result)(); show(&r, sizeof r); }}\n"
        else:
            text += '  printf("-\\n");\n'
        text += "}\n"
        body.append(f"test{index}();")
    text += "int main(void) { volatile char room[8192]; room[0] = 0; for (int i = 0; i < 128; i++) pattern[i] = i + 1;\n"
    text += "  pattern[41] = 0x3f; pattern[40] = 0xff; pattern[39] |= 0x80; pattern[57] = 0x3f; pattern[55] |= 0x80;\n"
    text += "  show(pattern, 128);\n  " + " ".join(body) + " return 0; }\n"
    return text.replace("#include <stdio.h>", "#include <stdio.h>\nextern void callee(void); extern void fill_result(void);", 1)


def value_size(type: Type) -> int:
    """Bytes of a scalar that carry its value."""
    if type.kind == ct.BOOL:
        return 0
    if type.kind == ct.LDOUBLE and type.size == 16:
        return 9  # leave x87 exponents small: nothing is normalized on the way
    return type.size


def dump_offset(abi: Abi, layout: ArgumentLayout) -> int:
    location = layout.pieces[0].location
    return place_in_dump(abi, location.register, location.offset)


def place_in_dump(abi: Abi, register: int, offset: int) -> int:
    if register == ON_STACK:
        return 192 + offset
    if isinstance(abi, X86Abi):
        if register >= 16:
            return 64 + 16 * (register - 16)
        return 8 * (7, 6, 2, 1, 8, 9).index(register)
    if register >= 42:
        return 64 + 16 * (register - 42)
    return 8 * (register - 10)


def check_argument(
    abi: Abi, type: Type, layout: ArgumentLayout, contents: bytes, dump: bytes, pointed: bytes
) -> str:
    """"" or what is wrong."""
    mask = value_mask(type)
    if layout.kind == IGNORE:
        return ""
    if layout.kind == BY_REFERENCE:
        return "" if same(pointed, contents, mask) else "by reference"
    if layout.kind == BYVAL:
        found = dump[192 + layout.stack_offset : 192 + layout.stack_offset + type.size]
        return "" if same(found, contents, mask) else f"by value at stack+{layout.stack_offset}"
    for piece in layout.pieces:
        size = min(piece.valid, 10 if piece.type == ty.F80 else ty.size(piece.type), type.size - piece.offset)
        place = place_in_dump(abi, piece.location.register, piece.location.offset)
        found = dump[place : place + size]
        part = slice(piece.offset, piece.offset + size)
        if not same(found, contents[part], mask[part]):
            return f"piece {ty.name(piece.type)}@{piece.location.register}/{piece.location.offset}: " + (
                f"{found.hex()} is not {contents[part].hex()}"
            )
    return ""


def same(found: bytes, wanted: bytes, mask: bytes) -> bool:
    return len(found) >= len(wanted) and all(x == y or not bit for x, y, bit in zip(found, wanted, mask, strict=True))


def value_mask(type: Type) -> bytes:
    """1 for bytes that the type's values use, 0 for padding (which need not travel)."""
    mask = bytearray(type.size)
    mark(type, 0, mask)
    return bytes(mask)


def mark(type: Type, offset: int, mask: bytearray) -> None:
    if type.is_record():
        for field in type.fields:
            if field.bit_width >= 0:
                if field.name:
                    first = (offset + field.offset) * 8 + field.bit_offset
                    low = -(-first // 8)
                    high = (first + field.bit_width) // 8
                    for index in range(low, high):
                        mask[index] = 1
            else:
                mark(field.type, offset + field.offset, mask)
    elif type.kind == ct.ARRAY:
        assert type.base is not None
        for index in range(type.length):
            mark(type.base, offset + index * type.base.size, mask)
    elif type.kind == ct.COMPLEX:
        assert type.base is not None
        mark(type.base, offset, mask)
        mark(type.base, offset + type.base.size, mask)
    else:
        size = 8 if type.kind == ct.LDOUBLE else type.size
        if type.kind == ct.BOOL:
            size = 0
        for index in range(size):
            mask[offset + index] = 1


def result_bytes(abi: Abi, layout: ArgumentLayout, pattern: bytes) -> bytes:
    """The object that the pieces make of the patterned registers."""
    contents = bytearray(max(layout.size, 16 * len(layout.pieces)) + 16)
    for piece in layout.pieces:
        register = piece.location.register
        if isinstance(abi, X86Abi):
            place = 32 + 16 * (register - 32) if register >= 32 else 64 + 16 * (register - 16) if register >= 16 else (
                0 if register == 0 else 8
            )
        else:
            place = 64 + 16 * (register - 42) if register >= 42 else 8 * (register - 10)
        size = min(piece.valid, 10 if piece.type == ty.F80 else ty.size(piece.type))
        contents[piece.offset : piece.offset + size] = pattern[place : place + size]
    return bytes(contents[: layout.size])


def run_cases(cases: list[Case], generator: Generator, abi: Abi, target: str) -> list[str]:
    """Compile, run, compare; the failures."""
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "t.c")
        stub = os.path.join(folder, "stub.s")
        binary = os.path.join(folder, "t")
        with open(source, "w") as file:
            file.write(program(cases, generator, abi))
        with open(stub, "w") as file:
            file.write(DUMP_X86 if target == "x86" else DUMP_RISCV)
        compiler = ["gcc"] if target == "x86" else ["riscv64-linux-gnu-gcc", "-static"]
        subprocess.run([*compiler, "-w", "-Wno-psabi", "-O1", "-o", binary, source, stub], check=True, timeout=300)
        command = [binary] if target == "x86" else ["qemu-riscv64", binary]
        lines = subprocess.run(command, capture_output=True, timeout=100, check=True).stdout.decode().splitlines()
    return compare(cases, generator, abi, lines)


def compare(cases: list[Case], generator: Generator, abi: Abi, lines: list[str]) -> list[str]:
    failures: list[str] = []
    pattern = bytes.fromhex(lines[0])
    position = 1
    for index, case in enumerate(cases):
        contents: list[bytes] = []
        for type, text in case.arguments:
            size, _, data = lines[position].partition(" ")
            position += 1
            if int(size) != type.size:
                failures.append(f"{index}: size of {text} is {size}, not {type.size}")
            contents.append(bytes.fromhex(data))
        dump = bytes.fromhex(lines[position])
        position += 1
        types = [row[0] for row in case.arguments]
        layout = abi.classify_call(generator.table.void, types, case.named, case.variadic)
        wrong = False
        for number, argument in enumerate(layout.arguments):
            pointed = b""
            if argument.kind == BY_REFERENCE:
                pointed = bytes.fromhex(lines[position])
                position += 1
            problem = check_argument(abi, types[number], argument, contents[number], dump, pointed)
            if problem and not wrong:
                wrong = True
                signature = ", ".join(name for _, name in case.arguments)
                failures.append(
                    f"{index}: argument {number} of ({signature}) named {case.named if case.variadic else 'all'}: {problem}"
                )
        found = lines[position]
        position += 1
        if found != "-":
            result = abi.classify_call(case.result[0], [], 0, False).result
            mask = value_mask(case.result[0])
            wanted = result_bytes(abi, result, pattern)
            if case.result[0].kind != ct.BOOL and not same(bytes.fromhex(found), wanted, mask):
                failures.append(f"{index}: result {case.result[1]}: {wanted.hex()}, gcc sees {found}")
    return failures


# ---- two compilers, one program


LINK_PRELUDE: Final = """
#include <stdarg.h>
extern int printf(const char *, ...);
extern void *memset(void *, int, unsigned long);
typedef float v4sf __attribute__((vector_size(16))); typedef int v4si __attribute__((vector_size(16)));
VECTORS
static void check(const char *where, int number, const void *object, const unsigned char *mask, int size, int seed) {
  const unsigned char *b = object;
  for (int i = 0; i < size; i++)
    if (mask[i] && b[i] != (unsigned char)(seed + 3 * i)) {
      printf("%s %d: byte %d is %02x, not %02x\\n", where, number, i, b[i], (unsigned char)(seed + 3 * i)); return; }
}
static void fill(void *object, const unsigned char *mask, int size, int seed) {
  unsigned char *b = object;
  for (int i = 0; i < size; i++) b[i] = mask[i] ? seed + 3 * i : 0;
}
"""


def mask_text(type: Type) -> str:
    return ", ".join(str(byte) for byte in value_mask(type)) or "0"


def link_sources(cases: list[Case], generator: Generator) -> tuple[str, str]:
    """Callees and callers as two files; both print what they find wrong."""
    head = LINK_PRELUDE.replace("VECTORS", VECTORS) + "\n".join(generator.definitions) + "\n"
    callees = head
    callers = head
    calls = ""
    for index, case in enumerate(cases):
        masks = ""
        for number, (type, _) in enumerate([*case.arguments, case.result]):
            masks += f"static const unsigned char m{index}_{number}[] = {{{mask_text(type)}}};\n"
        last = len(case.arguments)
        named = ", ".join(f"{name} a{number}" for number, (_, name) in enumerate(case.arguments[: case.named]))
        header = f"{case.result[1]} callee{index}({named}{', ...' if case.variadic else ''})"
        callees += masks + header + " {\n"
        if case.variadic:
            callees += f"  va_list ap; va_start(ap, a{case.named - 1});\n"
        for number, (_, name) in enumerate(case.arguments):
            if number >= case.named:
                callees += f"  {name} a{number} = va_arg(ap, {name});\n"
        for number, (type, _) in enumerate(case.arguments):
            callees += f'  check("callee{index}", {number}, &a{number}, m{index}_{number}, {type.size}, {number + index});\n'
        result_type, result_name = case.result
        callees += f"  {result_name} r; memset(&r, 0, sizeof r); fill(&r, m{index}_{last}, {result_type.size}, {index + 99});\n"
        callees += "  return r;\n}\n"
        callers += masks + header + ";\n" + f"static void caller{index}(void) {{\n"
        for number, (type, name) in enumerate(case.arguments):
            callers += f"  {name} a{number}; memset(&a{number}, 0, sizeof a{number});"
            callers += f" fill(&a{number}, m{index}_{number}, {type.size}, {number + index});\n"
        arguments = ", ".join(f"a{number}" for number in range(last))
        callers += f"  {result_name} r = callee{index}({arguments});\n"
        callers += f'  check("caller{index}", -1, &r, m{index}_{last}, {result_type.size}, {index + 99});\n}}\n'
        calls += f"  caller{index}();\n"
    return callees, callers + f"int main(void) {{\n{calls}  return 0; }}\n"


def run_linked(cases: list[Case], generator: Generator, target: str, level: str) -> list[str]:
    """Both mixtures of the compilers; what the programs print."""
    ours = [sys.executable, "-m", "ourocc", "-w", level]
    theirs = ["gcc", "-w", "-Wno-psabi", "-O1"]
    if target == "riscv":
        ours.append("--target=riscv64-linux-gnu")
        theirs = ["riscv64-linux-gnu-gcc", "-w", "-Wno-psabi", "-O1", "-static"]
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        names = ("callees", "callers")
        for name, text in zip(names, link_sources(cases, generator), strict=True):
            with open(os.path.join(folder, name + ".c"), "w") as file:
                file.write(text)
        for compilers in ((ours, theirs), (theirs, ours)):
            objects: list[str] = []
            for name, compiler in zip(names, compilers, strict=True):
                output = os.path.join(folder, name + ".o")
                objects.append(output)
                command = [*compiler, "-c", os.path.join(folder, name + ".c"), "-o", output]
                done = subprocess.run(command, capture_output=True, text=True, timeout=600)
                if done.returncode:
                    return [f"{' '.join(command)}: {done.stderr.strip()[:2000]}"]
            binary = os.path.join(folder, "program")
            subprocess.run([*theirs, "-o", binary, *objects], check=True, timeout=60)
            command = [binary] if target == "x86" else ["qemu-riscv64", binary]
            ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
            who = "ours called" if compilers[0] is ours else "ours calls"
            failures += [f"{who}: {line}" for line in ran.stdout.splitlines()]
            if ran.returncode:
                failures.append(f"{who}: exit status {ran.returncode}")
    return failures


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", default="x86")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--link", action="store_true")
    parser.add_argument("--plain", action="store_true", help="without __float128 and _Float16")
    parser.add_argument("--level", default="-O0")
    options = parser.parse_args(arguments)
    model = DataModel()
    if options.target == "riscv":
        model.target = "riscv64"
        model.long_double_format = 128
        model.va_list_kind = 0
    abi: Abi = X86Abi() if options.target == "x86" else RiscvAbi()
    generator = Generator(TypeTable(model), random.Random(options.seed), options.target)
    generator.exotic = not options.plain
    cases = make_cases(generator, options.count)
    if options.link:
        failures = run_linked(cases, generator, options.target, options.level)
    else:
        failures = run_cases(cases, generator, abi, options.target)
    for line in failures[:20]:
        print(line)
        names = [word.strip("(),:") for word in line.split()]
        for definition in reversed(generator.definitions):
            words = definition.split()
            if words[1] in names:
                print("   ", definition)
                names += words
    print(f"{len(failures)} failures in {len(cases)} signatures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
