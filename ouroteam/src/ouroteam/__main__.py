"""``ouroteam`` and ``python -m ouroteam``: the command line."""

import signal
import threading


def main() -> None:
    """Until the commands are loaded, which takes a moment, Ctrl-C ends the process without a word."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ouroteam.cli import main as run
    run()


if __name__ == "__main__":
    main()
