"""Internal errors: which function was being compiled, and a command line that reproduces it.  Exit code 4."""

import os
import shlex
import sys
import traceback


def report_crash(arguments: list[str]) -> int:
    """Print what is known about the exception being handled; the exit code."""
    error = sys.exc_info()[1]
    where = ""
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        function = trace.tb_frame.f_locals.get("function")
        name = getattr(function, "name", "")
        if isinstance(name, str) and name:
            where = name
        trace = trace.tb_next
    last = traceback.extract_tb(error.__traceback__)[-1] if error is not None and error.__traceback__ else None
    place = f"{os.path.basename(last.filename)}:{last.lineno}" if last is not None else "unknown place"
    print(f"ourocc: internal compiler error: {type(error).__name__}: {error} (at {place})", file=sys.stderr)
    if where:
        print(f"ourocc: note: while compiling function '{where}'", file=sys.stderr)
    print(f"ourocc: note: to reproduce: ourocc {shlex.join(arguments)}", file=sys.stderr)
    if os.environ.get("OUROCC_TRACEBACK"):
        traceback.print_exc()
    else:
        print("ourocc: note: set OUROCC_TRACEBACK=1 for the compiler's own traceback", file=sys.stderr)
    return 4
