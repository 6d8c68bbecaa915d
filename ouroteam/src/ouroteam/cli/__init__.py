"""The command line.

Exit codes: 0 good, 1 the answer is no (a claim was lost, a check failed), 2 wrong use or configuration, 3 the team
isn't running, 124 a time box ended, 130 interrupted.
"""

from __future__ import annotations

import codecs
import io
import signal
import sqlite3
import subprocess
import sys

import typer

from ouroteam import __version__

app = typer.Typer(name="ouroteam", no_args_is_help=True, add_completion=False, rich_markup_mode="markdown",
                  help="A team of coding agents on one git repository, trusted over night.",
                  context_settings={"help_option_names": ["-h", "--help"]}, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def _top(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    if version:
        print(f"ouroteam {__version__}")
        raise typer.Exit()


def main() -> None:
    """Entry point: errors that a user can meet are one line, not a traceback."""
    from ouroteam.cli import agent, team, work  # noqa: F401  (they register their commands)
    from ouroteam.config import ConfigError
    from ouroteam.journal import DAMAGED, Locked, NoJournal
    from ouroteam.repository import GitError
    codecs.register_error("ouroteam", _any_text)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="ouroteam")
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # see __main__.py
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app()
    except ConfigError as error:
        print(f"ouroteam: {error}", file=sys.stderr)
        sys.exit(2)
    except (Locked, NoJournal) as error:
        print(f"ouroteam: {error}", file=sys.stderr)
        sys.exit(3)
    except ValueError as error:
        print(f"ouroteam: {error}", file=sys.stderr)
        sys.exit(2)
    except GitError as error:
        print(f"ouroteam: {error}", file=sys.stderr)
        sys.exit(1)
    except sqlite3.Error as error:
        # sqlite3.OperationalError is about the moment (locked, full), DatabaseError itself about the file.
        hint = f"; {DAMAGED}" if type(error) is sqlite3.DatabaseError else ""
        print(f"ouroteam: journal: {error}{hint}", file=sys.stderr)
        sys.exit(1)
    except subprocess.TimeoutExpired as error:
        print(f"ouroteam: no answer in {error.timeout:.0f} s from {error.cmd}", file=sys.stderr)
        sys.exit(124)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError) and error.filename == "git"
        print("ouroteam: git is not in PATH (Debian: apt install git)" if missing else f"ouroteam: {error}",
              file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _any_text(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes that git or an agent gave come out as they were; what can't be printed at all as an escape."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


__all__ = ["app", "main"]
