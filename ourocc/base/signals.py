"""Letting the main thread handle signals while the compiler's thread runs native code.

Python runs signal handlers in the main thread, which needs the interpreter's lock; compiled code does not let go of it
by itself.  So that Ctrl-C ends a compilation at once, long loops call `let_signals_in` once per function or file.
"""

import time


def let_signals_in() -> None:
    """Give another thread that waits for the interpreter's lock its turn (some microseconds)."""
    time.sleep(0)
