"""One engine for every message: severities, warning groups, notes, error limit, rendering.

Rooms report through a `Diagnostics`; rendering (caret, ranges, colours, macro backtrace, JSON) lives
in `render.py` and is imported only when something is printed.
"""

from typing import Final, final

from ourocc.base.source import SourceMap

NOTE: Final = 0
WARNING: Final = 1
ERROR: Final = 2
FATAL: Final = 3


class FatalError(Exception):
    """Raised after a fatal message was reported: the compilation of this input ends, exit code 1."""


@final
class Diagnostic:
    """One message.  `option` is the warning group without "-W" ("" for errors and hard warnings)."""

    def __init__(self, severity: int, location: int, message: str, option: str) -> None:
        self.severity = severity
        self.location = location
        self.message = message
        self.option = option
        self.end_location = 0  # last location of the underlined range, 0 for the caret alone
        self.notes: list[Diagnostic] = []
        self.fixit = ""  # replacement text for the range, shown below the caret


@final
class Diagnostics:
    """Collects and prints messages.  Warning groups are looked up in `enabled`/`as_error`."""

    def __init__(self, sources: SourceMap) -> None:
        self.sources = sources
        self.error_count = 0
        self.warning_count = 0
        self.records: list[Diagnostic] = []
        self.enabled: dict[str, bool] = {}  # -Wfoo / -Wno-foo, by group
        self.as_error: dict[str, bool] = {}  # -Werror=foo / -Wno-error=foo
        self.all_errors = False  # -Werror
        self.silent = False  # -w
        self.pedantic = False
        self.pedantic_errors = False
        self.error_limit = 0  # -fmax-errors, 0 for none
        self.changes: list[tuple[int, str, str]] = []  # of #pragma GCC diagnostic, in order
        self.printing = True  # False in tests that look at `records`

    def error(self, location: int, message: str, end_location: int = 0) -> Diagnostic:
        return self.report(ERROR, location, message, "", end_location)

    def warning(self, location: int, option: str, message: str, end_location: int = 0) -> Diagnostic:
        """A warning of group `option`, dropped when the group is off or the place is a system header."""
        return self.report(WARNING, location, message, option, end_location)

    def pedwarn(self, location: int, option: str, message: str, end_location: int = 0) -> Diagnostic:
        """A required diagnostic that gcc only warns of (-pedantic): error with -pedantic-errors.

        `option` "" or "pedantic": only with -pedantic; another group: on unless switched off.
        """
        if option in ("", "pedantic"):
            if self.pedantic_errors:
                return self.report(ERROR, location, message, "", end_location)
            return self.report(WARNING, location, message, "pedantic", end_location)
        if self.pedantic_errors:
            return self.report(ERROR, location, message, "", end_location)
        return self.report(WARNING, location, message, option, end_location)

    def note(self, parent: Diagnostic, location: int, message: str) -> None:
        """Attach a note to the message that was just reported."""
        parent.notes.append(Diagnostic(NOTE, location, message, ""))

    def fatal(self, location: int, message: str) -> FatalError:
        """Report and return the exception to raise: `raise diagnostics.fatal(...)`."""
        self.report(FATAL, location, message, "", 0)
        return FatalError(message)

    def change_group(self, location: int, action: str, option: str) -> None:
        """#pragma GCC diagnostic: push, pop, ignored, warning, error (of a group, from `location` on)."""
        self.changes.append((location, action, option))

    def report(self, severity: int, location: int, message: str, option: str, end_location: int) -> Diagnostic:
        diagnostic = Diagnostic(severity, location, message, option)
        diagnostic.end_location = end_location
        if severity >= ERROR:
            self.error_count += 1
        elif severity == WARNING:
            self.warning_count += 1
        self.records.append(diagnostic)
        return diagnostic
