"""One engine for every message: severities, warning groups, notes, error limit, rendering.

Rooms report through a `Diagnostics`; rendering (caret, ranges, colours, macro backtrace, JSON) lives
in `render.py` and is imported only when something is printed.  A message is printed when it is
reported; a driver calls `finish` at the end.
"""

from typing import Final, final

from ourocc.base.source import SourceMap

NOTE: Final = 0
WARNING: Final = 1
ERROR: Final = 2
FATAL: Final = 3

# The group of a pedwarn that is always shown
REQUIRED: Final = "required"


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
        self.start_location = 0  # first location of the underlined range, 0 for `location`
        self.end_location = 0  # last location of the underlined range, 0 for the caret's token alone
        self.notes: list[Diagnostic] = []
        self.fixit = ""  # replacement text for the range, shown below the caret
        self.promoted = False  # a warning that -Werror made an error
        self.dropped = False  # switched off: neither counted nor printed


# What __extension__ silences
EXTENSION_GROUPS: Final = ("pedantic", "pointer-arith", "long-long", "overlength-strings")


@final
class Diagnostics:
    """Collects and prints messages.  Warning groups are looked up in `enabled`/`as_error`."""

    def __init__(self, sources: SourceMap) -> None:
        self.sources = sources
        self.error_count = 0
        self.warning_count = 0
        self.records: list[Diagnostic] = []  # those that were not dropped
        self.enabled: dict[str, bool] = {}  # -Wfoo / -Wno-foo, by group (see warning_groups.py)
        self.explicit: set[str] = set()  # groups named by themselves on the command line
        self.as_error: dict[str, bool] = {}  # -Werror=foo / -Wno-error=foo
        self.all_errors = False  # -Werror
        self.silent = False  # -w
        self.pedantic = False
        self.pedantic_errors = False
        self.extension = 0  # > 0 behind __extension__: no pedantic warnings
        self.system_headers = False  # -Wsystem-headers
        self.fatal_errors = False  # -Wfatal-errors
        self.error_limit = 0  # -fmax-errors, 0 for none
        self.unknown_negatives: list[str] = []  # -Wno-foo without such a group: told when something else is
        self.changes: list[tuple[int, str, str]] = []  # of #pragma GCC diagnostic, in order
        self.function = ""  # the function that is being analysed, for "In function 'f':"
        # Printing
        self.printing = True  # False in tests that look at `records`
        self.json = False  # -fdiagnostics-format=json
        self.color = "auto"  # -fdiagnostics-color: "auto", "always", "never"
        self.show_caret = True  # -fno-diagnostics-show-caret
        self.show_option = True  # -fno-diagnostics-show-option
        self.show_line_numbers = True  # -fno-diagnostics-show-line-numbers
        self.show_column = True  # -fno-show-column
        self.program = "ourocc"
        self.shown_include = -1  # index in the source map of the file whose include chain was shown
        self.shown_function = ""
        self.any_promoted = False
        self.group_promoted = False

    def error(self, location: int, message: str, end_location: int = 0, fixit: str = "") -> Diagnostic:
        return self.report(ERROR, location, message, "", end_location, 0, fixit)

    def warning(self, location: int, option: str, message: str, end_location: int = 0, fixit: str = "") -> Diagnostic:
        """A warning of group `option`, dropped when the group is off or the place is a system header."""
        return self.report(WARNING, location, message, option, end_location, 0, fixit)

    def pedwarn(self, location: int, option: str, message: str, end_location: int = 0) -> Diagnostic:
        """A required diagnostic that gcc only warns of (-pedantic): error with -pedantic-errors.

        `option` "" or "pedantic": only with -pedantic; REQUIRED: always; another group: on unless
        switched off.
        """
        if option == "":
            option = "pedantic"
        if self.extension and option in EXTENSION_GROUPS:
            dropped = Diagnostic(WARNING, location, message, option)
            dropped.dropped = True
            return dropped
        if self.pedantic_errors and (option == REQUIRED or self.is_enabled(option, location, True)):
            return self.report(ERROR, location, message, option, end_location)
        return self.report(WARNING, location, message, option, end_location)

    def note(self, parent: Diagnostic, location: int, message: str) -> None:
        """Attach a note to the message that was just reported."""
        note = Diagnostic(NOTE, location, message, "")
        parent.notes.append(note)
        if not parent.dropped and self.printing and not self.json:
            self._print(note)

    def fatal(self, location: int, message: str) -> FatalError:
        """Report and return the exception to raise: `raise diagnostics.fatal(...)`."""
        self.report(FATAL, location, message, "", 0)
        return FatalError(message)

    def change_group(self, location: int, action: str, option: str) -> None:
        """#pragma GCC diagnostic: push, pop, ignored, warning, error (of a group, from `location` on)."""
        self.changes.append((location, action, option))

    def turned_on(self, option: str) -> bool:
        """Does some #pragma GCC diagnostic turn a group on?"""
        from ourocc.base.warning_groups import UMBRELLAS

        for _, action, name in self.changes:
            if action in ("warning", "error") and (name == option or option in UMBRELLAS.get(name, ())):
                return True
        return False

    # ------------------------------------------------------------------ which are shown

    def is_enabled(self, option: str, location: int, required: bool = False) -> bool:
        """Whether warnings of a group are on at a place, apart from -w and system headers.

        `required`: a group that a pedwarn names, which is on by itself.
        """
        if self.changes and location:
            state = self._changed_state(option, location)
            if state:
                return state != "ignored"
        if option in self.enabled:
            return self.enabled[option]
        if option == "pedantic":
            return self.pedantic
        if required or option in ("", REQUIRED):
            return True
        from ourocc.base.warning_groups import DEFAULT_ON

        return option in DEFAULT_ON

    def _is_error(self, option: str, location: int) -> bool:
        """Whether a warning of this group counts as an error."""
        if self.changes and location:
            state = self._changed_state(option, location)
            if state == "error":
                return True
            if state == "warning":
                return False
        return self.as_error.get(option, self.all_errors)

    def _changed_state(self, option: str, location: int) -> str:
        """What #pragma GCC diagnostic says about a group at a place: "" when nothing."""
        from ourocc.base.warning_groups import UMBRELLAS

        place = self.sources.order_key(location)
        stack: list[dict[str, str]] = []
        current: dict[str, str] = {}
        for changed_at, action, name in self.changes:
            if self.sources.order_key(changed_at) > place:
                break
            if action == "push":
                stack.append(dict(current))
            elif action == "pop":
                current = stack.pop() if stack else {}
            else:
                current[name] = action
                for member in UMBRELLAS.get(name, ()):
                    current[member] = action
        return current.get(option, "")

    def report(
        self,
        severity: int,
        location: int,
        message: str,
        option: str,
        end_location: int,
        start_location: int = 0,
        fixit: str = "",
    ) -> Diagnostic:
        """Count, keep and print a message, unless it is switched off (then it is marked `dropped`)."""
        diagnostic = Diagnostic(severity, location, message, option)
        diagnostic.end_location = end_location
        diagnostic.start_location = start_location
        diagnostic.fixit = fixit
        if severity == WARNING:
            hidden = self.silent or (not self.system_headers and self.sources.spelled_in_system_header(location))
            if hidden or not self.is_enabled(option, location, option == REQUIRED):
                diagnostic.dropped = True
                return diagnostic
            if self._is_error(option, location):
                diagnostic.promoted = True
                diagnostic.severity = severity = ERROR
                self.any_promoted = True
                self.group_promoted = self.group_promoted or not self.all_errors
        if severity >= ERROR:
            if self.error_limit and self.error_count >= self.error_limit:
                self._line(f"compilation terminated due to -fmax-errors={self.error_limit}.")
                raise FatalError("-fmax-errors")
            self.error_count += 1
        elif severity == WARNING:
            self.warning_count += 1
        self.records.append(diagnostic)
        if self.printing and not self.json:
            self._print(diagnostic)
        if severity == ERROR and self.error_count and severity != FATAL:
            self._check_limit()
        return diagnostic

    def _check_limit(self) -> None:
        if self.fatal_errors:
            self._line("compilation terminated due to -Wfatal-errors.")
            raise FatalError("-Wfatal-errors")

    # ------------------------------------------------------------------ printing

    def _print(self, diagnostic: Diagnostic) -> None:
        from ourocc.base.render import print_diagnostic

        print_diagnostic(self, diagnostic)

    def _line(self, text: str) -> None:
        if self.printing and not self.json:
            from ourocc.base.render import print_line

            print_line(text)

    def finish(self) -> None:
        """The end of a compilation: what -Werror did, and all of the JSON form."""
        if self.any_promoted:
            self._line(f"{self.program}: {'some' if self.group_promoted else 'all'} warnings being treated as errors")
        if self.records and self.unknown_negatives:
            for option in self.unknown_negatives:
                self._line(
                    f"{self.program}: note: unrecognized command-line option '{option}' "
                    "may have been intended to silence earlier diagnostics"
                )
        if self.printing and self.json:
            from ourocc.base.render import print_json

            print_json(self)
