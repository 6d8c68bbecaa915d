"""What the linker's tests share: gcc as compiler and oracle, our linker in its place of `ld`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None or shutil.which("readelf") is None,
    reason="gcc makes the objects, readelf reads them",
)


def tool_directory(tmp_path: Path) -> Path:
    """A folder with an `ld` that is our linker, for `gcc -B`."""
    folder = tmp_path / "tools"
    folder.mkdir(exist_ok=True)
    script = folder / "ld"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m ourocc.linker "$@"\n')
    script.chmod(0o755)
    return folder


def write(tmp_path: Path, **files: str) -> None:
    """Write files; "a_c" is a.c."""
    for name, text in files.items():
        stem, _, extension = name.rpartition("_")
        (tmp_path / f"{stem}.{extension}").write_text(text)


def gcc(tmp_path: Path, *arguments: str, ours: bool = True, fails: bool = False) -> str:
    """Run gcc in tmp_path, linking with our linker; returns what it wrote to stderr."""
    extra = ["-B", str(tool_directory(tmp_path))] if ours else []
    result = subprocess.run(["gcc", *extra, *arguments], cwd=tmp_path, capture_output=True, text=True)
    if fails:
        assert result.returncode != 0, "the link was expected to fail"
    else:
        assert result.returncode == 0, result.stderr
    return result.stderr


def run(tmp_path: Path, program: str, *arguments: str, status: int = 0) -> str:
    environment = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    result = subprocess.run(
        [str(tmp_path / program), *arguments], capture_output=True, text=True, timeout=20, env=environment
    )
    assert result.returncode == status, (result.returncode, result.stdout, result.stderr)
    return result.stdout


def readelf(tmp_path: Path, *arguments: str) -> str:
    result = subprocess.run(["readelf", "-W", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stderr == "", result.stderr
    return result.stdout


needs_riscv = pytest.mark.skipif(
    shutil.which("riscv64-linux-gnu-gcc") is None or shutil.which("qemu-riscv64") is None,
    reason="needs a RISC-V gcc and qemu-riscv64",
)


def riscv_gcc(tmp_path: Path, *arguments: str) -> None:
    command = ["riscv64-linux-gnu-gcc", "-B", str(tool_directory(tmp_path)), *arguments]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def riscv_run(tmp_path: Path, program: str, status: int = 0) -> str:
    command = ["qemu-riscv64", "-L", "/usr/riscv64-linux-gnu", "-E", f"LD_LIBRARY_PATH={tmp_path}", program]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert result.returncode == status, (result.returncode, result.stdout, result.stderr)
    return result.stdout
