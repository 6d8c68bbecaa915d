"""-fexceptions: attribute cleanup runs when a thread is cancelled or a C++ exception passes through."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

THREADS = r"""
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void handler(void *p) { printf("handler %s\n", (char *)p); }
static void cleanup(int *p) { printf("cleanup %d\n", *p); }
static void wait_here(void) { int x __attribute__((cleanup(cleanup))) = 5; pause(); }
static void *cancelled(void *a)
{
  int y __attribute__((cleanup(cleanup))) = 7;
  pthread_cleanup_push(handler, "one");
  pthread_cleanup_push(handler, "two");
  wait_here();
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return a;
}
static void *leaves(void *a)
{
  int z __attribute__((cleanup(cleanup))) = 8;
  pthread_cleanup_push(handler, "exit");
  { int gone __attribute__((cleanup(cleanup))) = 9; }
  pthread_exit(a);
  pthread_cleanup_pop(0);
}
int main(void)
{
  pthread_t thread;
  void *result;
  pthread_create(&thread, 0, cancelled, 0);
  usleep(100000);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  printf("%d\n", result == PTHREAD_CANCELED);
  pthread_create(&thread, 0, leaves, (void *)3);
  pthread_join(thread, &result);
  printf("%ld\n", (long)result);
  return 0;
}
"""
EXPECTED = "cleanup 5\nhandler two\nhandler one\ncleanup 7\n1\ncleanup 9\nhandler exit\ncleanup 8\n3\n"

MIDDLE = r"""
int printf(const char *, ...);
void thrower(int);
static void cleanup(int *p) { printf("cleanup %d\n", *p); }
static int helper(int n) { int a __attribute__((cleanup(cleanup))) = n; thrower(n); return a; }
void middle(int d)
{
  int x __attribute__((cleanup(cleanup))) = 10 + d;
  { int s __attribute__((cleanup(cleanup))) = 50; if (d == 0) return; helper(d); }
  for (int i = 0; i < 3; i++) {
    int y __attribute__((cleanup(cleanup))) = 100 + i;
    if (i == 1) goto out;
  }
out:
  helper(d + 5);
}
"""
THROWER = r"""
#include <cstdio>
extern "C" void middle(int); extern "C" void thrower(int x) { if (x > 1) throw x; std::puts("calm"); }
int main() { for (int i = 0; i < 3; i++) try { middle(i); } catch (int e) { std::printf("caught %d\n", e); } }
"""


def compile_c(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "ourocc", "-w", "-fexceptions", *arguments], cwd=folder, check=True, env=environment)


@pytest.mark.parametrize("level", ("-O0", "-O2"))
def test_cancellation(tmp_path: Path, level: str) -> None:
    (tmp_path / "t.c").write_text(THREADS)
    compile_c(tmp_path, level, "t.c", "-o", "t")
    done = subprocess.run(["./t"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == EXPECTED


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler to throw")
@pytest.mark.parametrize("options", (("-O0",), ("-O2", "-fPIC"), ("-O2", "-S")))
def test_exceptions_of_another_language(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "m.c").write_text(MIDDLE)
    (tmp_path / "t.cc").write_text(THROWER)
    subprocess.run(["g++", "-c", "t.cc"], cwd=tmp_path, check=True)
    if "-S" in options:
        compile_c(tmp_path, *options, "m.c", "-o", "m.s")
        compile_c(tmp_path, "-c", "m.s", "-o", "m.o")
    else:
        compile_c(tmp_path, *options, "-c", "m.c", "-o", "m.o")
    library = subprocess.run(["g++", "-print-file-name=libstdc++.so"], capture_output=True, text=True, check=True).stdout
    compile_c(tmp_path, "t.o", "m.o", library.strip(), "-o", "t")
    done = subprocess.run(["./t"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    lines = ["cleanup 50", "cleanup 10"]
    lines += ["calm", "cleanup 1", "cleanup 50", "cleanup 100", "cleanup 101", "cleanup 6", "cleanup 11", "caught 6"]
    lines += ["cleanup 2", "cleanup 50", "cleanup 12", "caught 2"]
    assert done.stdout.splitlines() == lines


LATE_FRAME = r"""
void thrower(int);
static int frame_behind_a_test(const int *p, int n)
{
  int s = 0;
  if (!p) return 1;
  if (n < 1) return 2;
  for (int i = 0; i < n; i++) { thrower(p[i]); s += p[i] * p[0]; }
  if (s > 100) return 3;
  thrower(s & 1);
  return s;
}
int (*late)(const int *, int) = frame_behind_a_test;
"""
CATCHER = r"""
#include <cstdio>
extern "C" int (*late)(const int *, int);
extern "C" void thrower(int x) { if (x > 6) throw x; }
int main(int argc, char **argv)
{
  int data[] = { 1, 2, 7, 4 };
  long a = argc * 3, b = argc * 5, c = argc * 7, d = argc * 11, e = argc * 13;
  for (int i = 0; i < 5; i++) {
    try { a += late(i ? data : 0, i); b += a; c ^= b; }
    catch (int x) { d += a * x; e += d; }
    a++; b--; c += 2; d -= 2; e ^= 1;
  }
  std::printf("%ld %ld %ld %ld %ld\n", a, b, c, d, e);
}
"""


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler to throw")
@pytest.mark.parametrize("options", (("-O2",), ("-O2", "-S")))
def test_frame_that_is_set_up_late(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Unwinding restores the caller's registers wherever the prologue is (shrink wrapping)."""
    (tmp_path / "m.c").write_text(LATE_FRAME)
    (tmp_path / "t.cc").write_text(CATCHER)
    subprocess.run(["g++", "-O2", "-c", "t.cc"], cwd=tmp_path, check=True)
    subprocess.run(["gcc", "-O2", "-fexceptions", "-c", "m.c", "-o", "reference.o"], cwd=tmp_path, check=True)
    subprocess.run(["g++", "t.o", "reference.o", "-o", "reference"], cwd=tmp_path, check=True)
    if "-S" in options:
        compile_c(tmp_path, *options, "m.c", "-o", "m.s")
        compile_c(tmp_path, "-c", "m.s", "-o", "m.o")
    else:
        compile_c(tmp_path, *options, "-c", "m.c", "-o", "m.o")
    subprocess.run(["g++", "t.o", "m.o", "-o", "t"], cwd=tmp_path, check=True)
    results = [
        subprocess.run([program], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60).stdout
        for program in ("./reference", "./t")
    ]
    assert results[0] == results[1]
