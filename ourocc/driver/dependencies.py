"""-M, -MD and friends: which file gets the make rule, and what its target is called."""

import os
import sys

from ourocc.driver.settings import PREPROCESS, Settings
from ourocc.preprocess.files import PreprocessResult


def write_dependencies(result: PreprocessResult, settings: Settings, path: str, output: str) -> None:
    """Write the rule where the flags say: -MF, standard output or -o for -M, beside the output for -MD."""
    from ourocc.preprocess.dependencies import dependency_rule, quote_for_make

    system = settings.dependencies in ("M", "MD")
    stem = os.path.splitext(os.path.basename(path))[0] if path != "-" else "-"
    only = settings.dependencies in ("M", "MM")
    if settings.dependency_targets:
        targets = [quote_for_make(text) if quoted else text for text, quoted in settings.dependency_targets]
    elif settings.output and not only and settings.action != PREPROCESS and not settings.dependency_by_preprocessor:
        targets = [quote_for_make(settings.output)]
    else:
        targets = [quote_for_make(stem + ".o")]
    text = dependency_rule(result, targets, system, settings.dependency_phony)
    destination = settings.dependency_file
    if not destination:
        if only:
            destination = settings.output
        elif settings.output:
            destination = os.path.splitext(settings.output)[0] + ".d"
        else:
            destination = stem + ".d"
    if destination in ("", "-"):
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    with open(destination, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(text)
