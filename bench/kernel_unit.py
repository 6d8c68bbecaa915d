"""A generator of one translation unit in the manner of a Linux kernel's: many headers, one small function.

Deterministic.  `generate(directory)` writes headers with include guards, configuration macros, structures
(nested unions, bit-fields, arrays, function pointers, attributes), enumerations, tables of constants,
prototypes and static inline functions that call each other and use type-generic macros
(container_of, READ_ONCE, min), and unit.c, whose function uses a few of them.  The whole is about 780,000
tokens after preprocessing, as a Linux 6.9 x86-64 defconfig unit has on average.
"""

from __future__ import annotations

import pathlib
import random

HEADERS = 288
NOUNS = ("page list node lock queue task inode dentry device driver buffer socket packet timer cache region zone table "
         "entry slot group mount signal vector stream clock domain policy bucket segment").split()
VERBS = "get put init free find insert remove update lock unlock attach detach read write map unmap start stop".split()
SCALARS = ("int", "unsigned int", "long", "unsigned long", "u8", "u16", "u32", "u64", "s32", "bool", "size_t", "void *",
           "const char *", "loff_t", "atomic_t")

COMMON = """#ifndef _KERNEL_COMMON_H
#define _KERNEL_COMMON_H
typedef signed char s8; typedef unsigned char u8; typedef short s16; typedef unsigned short u16;
typedef int s32; typedef unsigned int u32; typedef long long s64; typedef unsigned long long u64;
typedef _Bool bool; typedef unsigned long size_t; typedef long long loff_t;
typedef struct { int counter; } atomic_t;
struct list_head { struct list_head *next, *prev; };
#define NULL ((void *)0)
#define true 1
#define false 0
#define __always_inline inline __attribute__((__always_inline__))
#define __must_check __attribute__((__warn_unused_result__))
#define __packed __attribute__((__packed__))
#define __aligned(x) __attribute__((__aligned__(x)))
#define __printf(a, b) __attribute__((__format__(printf, a, b)))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" : : : "memory")
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val) do { *(volatile __typeof__(x) *)&(x) = (val); } while (0)
#define offsetof(TYPE, MEMBER) __builtin_offsetof(TYPE, MEMBER)
#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define BUILD_BUG_ON_ZERO(e) ((int)(sizeof(struct { int:(-!!(e)); })))
#define container_of(ptr, type, member) ({ void *__mptr = (void *)(ptr); \\
  _Static_assert(__same_type(*(ptr), ((type *)0)->member) || __same_type(*(ptr), void), "pointer type mismatch"); \\
  ((type *)(__mptr - offsetof(type, member))); })
#define min(x, y) ({ __typeof__(x) __x = (x); __typeof__(y) __y = (y); (void)(&__x == &__y); __x < __y ? __x : __y; })
#define ARRAY_SIZE(arr) (sizeof(arr) / sizeof((arr)[0]))
#define BIT(nr) (1UL << (nr))
#define GENMASK(h, l) (((~0UL) - (1UL << (l)) + 1) & (~0UL >> (63 - (h))))
#define IS_ERR_VALUE(x) unlikely((unsigned long)(void *)(x) >= (unsigned long)-4095)
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_entry(pos, head, member) \\
  for (pos = container_of((head)->next, __typeof__(*pos), member); &pos->member != (head); \\
       pos = container_of(pos->member.next, __typeof__(*pos), member))
#define DECLARE_FLAG(name, nr) \\
  static __always_inline int name##_test(const unsigned long *p) { return (READ_ONCE(*p) >> (nr)) & 1; } \\
  static __always_inline void name##_set(unsigned long *p) { WRITE_ONCE(*p, *p | BIT(nr)); } \\
  static __always_inline void name##_clear(unsigned long *p) { WRITE_ONCE(*p, *p & ~BIT(nr)); }
extern __printf(1, 2) int printk(const char *fmt, ...);
static __always_inline int atomic_read(const atomic_t *v) { return READ_ONCE(v->counter); }
static __always_inline void atomic_inc(atomic_t *v) { __asm__ __volatile__("" : "+m"(v->counter)); v->counter++; }
#endif
"""


class Writer:
    """Writes headers one after the other; later ones use what earlier ones declared."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.structures: list[tuple[str, str]] = []  # name, an integer member
        self.functions: list[tuple[str, str]] = []   # name, structure of its parameter

    def member(self, index: int) -> str:
        choose = self.random.randrange(12)
        name = f"{self.random.choice(NOUNS)}_{index}"
        if choose == 0:
            return f"\tunsigned int {name} : {self.random.randint(1, 8)};\n"
        if choose == 1:
            return f"\tunion {{ unsigned long {name}_word; struct {{ u32 {name}_low, {name}_high; }}; void *{name}_private; }};\n"
        if choose == 2:
            return f"\tint (*{name})(struct {self.any_structure()} *, unsigned long, const void *);\n"
        if choose == 3:
            return f"\tu8 {name}[{self.random.choice((4, 8, 16, 64))}] __aligned(8);\n"
        if choose == 4:
            return f"\tstruct list_head {name};\n"
        if choose == 5 and self.structures:
            return f"\tstruct {self.any_structure()} *{name};\n"
        return f"\t{self.random.choice(SCALARS)} {name};\n".replace("* ", "*")

    def any_structure(self) -> str:
        return self.random.choice(self.structures)[0] if self.structures else "list_head"

    def structure(self, name: str) -> str:
        body = "".join(self.member(i) for i in range(self.random.randint(5, 16)))
        self.structures.append((name, "refs"))
        return (f"struct {name} {{\n\tunsigned long flags;\n\tint refs;\n\tstruct list_head link;\n{body}"
                f"}}{self.random.choice(('', '', '', ' __aligned(64)'))};\n")

    def inline(self, name: str) -> str:
        structure, _ = self.random.choice(self.structures[-40:])
        lines = [f"static inline {self.random.choice(('int', 'int', 'long', 'bool'))} {name}(struct {structure} *p, unsigned long arg)\n{{\n"
                 "\tunsigned long value = READ_ONCE(p->flags) & GENMASK(15, 4);\n\tint ret = 0;\n\n"]
        for _ in range(self.random.randint(2, 6)):
            choose = self.random.randrange(8)
            if choose == 0 and self.functions:
                called, parameter = self.random.choice(self.functions[-200:])
                lines.append(f"\tret += {called}((struct {parameter} *)(void *)p, value + {self.random.randrange(99)}) ? 1 : 0;\n")
            elif choose == 1:
                lines.append("\tif (unlikely(!p) || IS_ERR_VALUE(arg))\n\t\treturn -22;\n")
            elif choose == 2:
                lines.append(f"\tvalue = min(value, (unsigned long){self.random.randrange(4096)}UL) + BIT({self.random.randrange(31)});\n")
            elif choose == 3:
                lines.append(f"\tlist_for_each_entry(p, &p->link, link)\n\t\tif (p->refs > {self.random.randrange(9)})\n\t\t\tbreak;\n")
            elif choose == 4:
                lines.append(f"\tswitch (arg & 3) {{\n\tcase 0:\n\t\tvalue ^= {self.random.randrange(999)};\n\t\tbreak;\n\tcase 1 ... 2:\n\t\tbarrier();\n\t\tbreak;\n\tdefault:\n\t\tif (value > {self.random.randrange(99)})\n\t\t\treturn ret;\n\t}}\n")
            elif choose == 5:
                lines.append("\tdo {\n\t\tWRITE_ONCE(p->flags, p->flags | value);\n\t\tbarrier();\n\t} while (0);\n")
            elif choose == 6:
                lines.append(f"\tfor (unsigned int i = 0; i < {self.random.randint(2, 64)}; i++)\n\t\tret += (int)(value >> (i & 31)) & 1;\n")
            else:
                lines.append(f"\tp->refs += sizeof(struct {self.any_structure()}) > {self.random.randrange(200)} ? {self.random.randrange(9)} : -1;\n")
        lines.append("\treturn ret + (int)(value != 0);\n}\n\n")
        self.functions.append((name, structure))
        return "".join(lines)

    def header(self, number: int) -> str:
        pick = self.random.choice
        guard = f"_LINUX_GENERATED_{number}_H"
        parts = [f"/* SPDX: header {number} of the generated unit */\n#ifndef {guard}\n#define {guard}\n\n#include \"common.h\"\n"]
        parts += [f"#include \"h{self.random.randrange(number)}.h\"\n" for _ in range(min(number, 4))]
        prefix = f"{pick(NOUNS)}{number}"
        parts.append("\n" + "".join(f"#define {prefix.upper()}_FLAG_{i} BIT({i})\n" for i in range(self.random.randint(8, 40))))
        for i in range(self.random.randint(2, 4)):
            constants = ",\n".join(f"\t{prefix.upper()}_{pick(VERBS).upper()}_{i}_{j}" + (f" = {j * 4}" if j % 5 == 0 else "")
                                   for j in range(self.random.randint(6, 24)))
            parts.append(f"enum {prefix}_state_{i} {{\n{constants},\n}};\n\n")
        for i in range(4):
            parts.append(self.structure(f"{prefix}_{i}"))
        parts.append(f"#ifdef CONFIG_{prefix.upper()}\nextern int {prefix}_enabled;\n#else\n#define {prefix}_enabled 0\n#endif\n\n")
        for i in range(self.random.randint(20, 40)):
            arguments = ", ".join(f"{pick(SCALARS)} a{j}".replace("* ", "*") for j in range(self.random.randint(1, 4)))
            parts.append(f"extern {pick(('', '__must_check '))}{pick(('int', 'void *', 'long', 'bool'))} "
                         f"{prefix}_{pick(VERBS)}_{i}(struct {self.any_structure()} *p, {arguments});\n")
        parts.append(f"DECLARE_FLAG({prefix}_dirty, {self.random.randrange(30)})\n")
        parts += [self.inline(f"{prefix}_{pick(VERBS)}_inline_{i}") for i in range(self.random.randint(2, 6))]
        parts.append("#endif\n")
        return "".join(parts)


def generate(directory: pathlib.Path, headers: int = HEADERS) -> pathlib.Path:
    """Write the headers and unit.c; returns the path of the latter."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "common.h").write_text(COMMON)
    writer = Writer(2024)
    for number in range(headers):
        (directory / f"h{number}.h").write_text(writer.header(number))
    includes = "".join(f"#include \"h{number}.h\"\n" for number in range(headers))
    name, structure = writer.functions[-1]
    unit = directory / "unit.c"
    unit.write_text(f"{includes}\nint unit_probe(struct {structure} *p, unsigned long arg)\n{{\n"
                    f"\tif (!p)\n\t\treturn -22;\n\tprintk(\"probe %d\\n\", p->refs);\n\treturn {name}(p, arg) + (int)arg;\n}}\n")
    return unit
