"""Random C computes the same before and after optimization, for the whole pipeline and for every pass by itself."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ourocc.driver.compile import Compilation
from ourocc.driver.settings import Settings
from ourocc.ir.function import Module
from ourocc.ir.interpreter import Interpreter
from ourocc.ir.verifier import verify_module
from ourocc.optimize import pipeline

sys.path.insert(0, str(Path(__file__).parent))
from random_c import Program  # noqa: E402


def lowered(seed: int, folder: Path) -> Module:
    path = folder / f"random{seed}.c"
    path.write_text(Program(seed).text())
    options = Settings()
    options.no_warnings = True
    options.level = 1
    compilation = Compilation(str(path), options)
    return compilation.lower(compilation.analyze(compilation.preprocess()))


def result(module: Module) -> int:
    return Interpreter(module, "x86", False, 2_000_000).run_main([b"program"])


def options_of(level: int) -> pipeline.PipelineOptions:
    options = pipeline.PipelineOptions()
    options.level = level
    options.verify = True
    return options


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 30))
def test_pipeline(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("random")
    expected = result(lowered(seed, folder))
    for level in (1, 2):
        module = lowered(seed, folder)
        pipeline.optimize(module, options_of(level))
        verify_module(module)
        assert result(module) == expected, f"seed {seed} at -O{level}"


@pytest.mark.parametrize("name", pipeline.pass_names())
def test_one_pass(name: str, tmp_path: Path) -> None:
    for seed in (11, 12):
        expected = result(lowered(seed, tmp_path))
        module = lowered(seed, tmp_path)
        pipeline.run_alone(module, options_of(3), name)
        verify_module(module)
        assert result(module) == expected, f"seed {seed}"
