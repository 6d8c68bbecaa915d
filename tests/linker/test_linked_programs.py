"""Whole programs: gcc compiles, our linker links, the result runs."""

from pathlib import Path

import pytest

from .support import gcc, needs_gcc, readelf, run, write

pytestmark = needs_gcc

HELLO = r"""
#include <stdio.h>
#include <stdlib.h>
#include <errno.h>
#include <string.h>
#include <pthread.h>
static __thread int local = 5;
__thread int global;
extern char **environ;
static void *worker(void *p) { local += *(int *)p; global = local; errno = 3; return (void *)(long)local; }
__attribute__((constructor)) static void later(void) { puts("ctor"); }
__attribute__((constructor(200))) static void sooner(void) { puts("first"); }
__attribute__((destructor)) static void dtor(void) { puts("dtor"); }
int main(int argc, char **argv) {
  pthread_t t; int x = 7; void *r;
  errno = 1;
  pthread_create(&t, 0, worker, &x); pthread_join(t, &r);
  printf("hello %d %ld %d %d %s %d\n", argc, (long)r, local, errno, strchr("abc/def", '/'), environ != 0);
  int (*p)(const char *) = puts; p("indirect");
  qsort(argv, 0, 8, (int (*)(const void *, const void *))strcmp);
  return global;
}
"""
EXPECTED = "first\nctor\nhello 1 12 5 1 /def 1\nindirect\ndtor\n"


@pytest.mark.parametrize(
    "flags",
    [
        ["-no-pie", "-fno-pie", "-O1"],
        ["-pie", "-fPIE", "-O1"],
        ["-static", "-fno-pie", "-no-pie"],
        ["-static-pie", "-fPIE"],
        ["-pie", "-fPIE", "-fno-plt", "-Wl,-z,now", "-Wl,--gc-sections", "-ffunction-sections"],
        ["-static", "-no-pie", "-Wl,--gc-sections", "-Wl,-s", "-Wl,-z,noseparate-code"],
    ],
    ids=lambda flags: flags[0] + flags[-1],
)
def test_hello(tmp_path: Path, flags: list[str]) -> None:
    write(tmp_path, hello_c=HELLO)
    gcc(tmp_path, *flags, "hello.c", "-o", "hello")
    assert run(tmp_path, "hello") == EXPECTED
    readelf(tmp_path, "-a", "hello")


LIBRARY = r"""
#include <stdio.h>
int shared_data = 42; const int constant = 7; int array[10] = {1, 2, 3};
__thread int tls_x = 9; static __thread int tls_y = 8;
static int (*fp)(const char *, ...) = printf;
int *pointer = &shared_data;
int get(void) { return shared_data + tls_x + tls_y; }
void say(const char *s) { fp("say %s\n", s); }
static int implementation(void) { return 77; }
static void *resolve(void) { return implementation; }
int indirect(void) __attribute__((ifunc("resolve")));
int call_indirect(void) { return indirect(); }
__attribute__((visibility("hidden"))) int hidden(void) { return 1; }
__attribute__((visibility("protected"))) int protected(void) { return hidden(); }
"""
USER = r"""
#include <stdio.h>
extern int shared_data; extern const int constant; extern int array[10]; extern int *pointer;
int get(void); void say(const char *); int indirect(void), call_indirect(void), protected(void);
extern __thread int tls_x;
int (*gp)(void) = get;
int main(void) {
  shared_data = 100; tls_x = 1; say("x");
  printf("%d %d %d %d %d %d %d %d %d %d\n", get(), constant, array[2], *pointer, pointer == &shared_data,
         indirect(), call_indirect(), protected(), gp == get, gp());
  return 0;
}
"""


@pytest.mark.parametrize(
    "flags",
    [
        ["-no-pie", "-fno-pie"],
        ["-pie", "-fPIE"],
        ["-fno-plt", "-pie", "-fPIE", "-O2"],
        ["-mtls-dialect=gnu2", "-fPIC"],
    ],
    ids=" ".join,
)
def test_shared_library(tmp_path: Path, flags: list[str]) -> None:
    write(tmp_path, lib_c=LIBRARY, user_c=USER)
    gcc(tmp_path, "-shared", "-fPIC", *[f for f in flags if "dialect" in f], "lib.c", "-o", "libours.so")
    gcc(tmp_path, *flags, "user.c", "-o", "user", "-L.", "-lours")
    assert run(tmp_path, "user") == "say x\n109 7 3 100 1 77 77 1 1 109\n"
    readelf(tmp_path, "-a", "libours.so")


def test_versions_of_a_shared_library(tmp_path: Path) -> None:
    write(
        tmp_path,
        v_c=r"""
        int old_f(void) { return 1; }
        int new_f(void) { return 2; }
        int plain(void) { return 3; }
        int secret(void) { return 4; }
        __asm__(".symver old_f,f@V1"); __asm__(".symver new_f,f@@V2");
        """,
        v_map="V1 { global: f; local: *; };\nV2 { global: f; pl*; } V1;\n",
        m_c=r"""
        int f(void), plain(void), f_old(void);
        __asm__(".symver f_old,f@V1");
        int main(void) { return f() * 100 + f_old() * 10 + plain(); }
        """,
    )
    gcc(
        tmp_path,
        "-shared",
        "-fPIC",
        "v.c",
        "-Wl,--version-script=v.map",
        "-Wl,-soname,libv.so.1",
        "-o",
        "libv.so",
    )
    (tmp_path / "libv.so.1").symlink_to("libv.so")
    gcc(tmp_path, "m.c", "-o", "m", "-L.", "-lv")
    run(tmp_path, "m", status=213)
    text = readelf(tmp_path, "-V", "--dyn-syms", "libv.so")
    assert "f@V1" in text and "f@@V2" in text and "plain@@V2" in text and "secret" not in text
    gcc(tmp_path, "m.c", "-o", "m", "-L.", "-lv", ours=False)
    run(tmp_path, "m", status=213)


def test_relocatable_link(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_c="int b(int); static int s = 3; int common[5]; int main(void) { return b(s) + common[2]; }",
        b_c='static int s = 4; const char *text = "tail"; int b(int x) { return x * 10 + s + (text[0] != 116); }',
    )
    gcc(tmp_path, "-c", "-g", "-fcommon", "a.c", "b.c")
    gcc(tmp_path, "-r", "-nostdlib", "a.o", "b.o", "-o", "ab.o")
    readelf(tmp_path, "-a", "ab.o")
    gcc(tmp_path, "ab.o", "-o", "one", ours=False)
    run(tmp_path, "one", status=34)
    gcc(tmp_path, "ab.o", "-o", "two")
    run(tmp_path, "two", status=34)


def test_archives_groups_and_whole_archive(tmp_path: Path) -> None:
    import subprocess

    write(
        tmp_path,
        m_c="int a1(void); int main(void) { return a1(); }",
        a1_c="int b1(void); int a1(void) { return b1(); }",
        a2_c="int a2(void) { return 5; }",
        b1_c="int a2(void); int b1(void) { return a2() + 1; }",
        w_c='int puts(const char *); __attribute__((constructor)) static void f(void) { puts("whole"); }',
    )
    gcc(tmp_path, "-c", "m.c", "a1.c", "a2.c", "b1.c", "w.c")
    for name, members in (("liba.a", ["a1.o", "a2.o"]), ("libb.a", ["b1.o"]), ("libw.a", ["w.o"])):
        subprocess.run(["ar", "rcs", name, *members], cwd=tmp_path, check=True)
    message = gcc(tmp_path, "m.o", "-L.", "-la", "-lb", "-o", "m", fails=True)
    assert "undefined reference to `a2'" in message and "in function `b1'" in message and "libb.a(b1.o)" in message
    gcc(tmp_path, "m.o", "-L.", "-Wl,--start-group", "-la", "-lb", "-Wl,--end-group", "-lw", "-o", "m")
    assert run(tmp_path, "m", status=6) == ""
    gcc(
        tmp_path,
        "m.o",
        "-L.",
        "-la",
        "-lb",
        "-la",
        "-Wl,--whole-archive",
        "-lw",
        "-Wl,--no-whole-archive",
        "-o",
        "m",
    )
    assert run(tmp_path, "m", status=6) == "whole\n"
