"""A signal ends a running compilation at once and leaves no files, in the native build too."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

FUNCTION = "int f{0}(int *p, int n) {{ int s = {0}; for (int i = 0; i < n; i++) s = s * 31 + p[i] % {0}; return s; }}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_interrupted(number: signal.Signals, tmp_path: Path) -> None:
    work, temporary = tmp_path / "work", tmp_path / "tmp"
    work.mkdir()
    temporary.mkdir()
    text = "".join(FUNCTION.format(number) for number in range(3, 20003)) + "int main(void) { return 0; }\n"
    (work / "big.c").write_text(text)
    process = subprocess.Popen(
        [sys.executable, "-m", "ourocc", "-O2", "big.c", "-o", "big"], cwd=work, stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
    )  # fmt: skip
    time.sleep(2)
    assert process.poll() is None, "the program is too small to be interrupted"
    process.send_signal(number)
    start = time.monotonic()
    _, messages = process.communicate(timeout=60)
    assert time.monotonic() - start < 5
    assert process.returncode in (130, -number)
    assert b"Traceback" not in messages
    assert os.listdir(work) == ["big.c"]
    assert os.listdir(temporary) == []
