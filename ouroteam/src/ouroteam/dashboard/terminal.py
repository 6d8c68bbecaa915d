"""The terminal view: ``ouroteam top`` and the demo. Textual over the same state as the page.

Keys: arrows choose an agent, Enter shows its log, / searches in it, e the events, q leaves (the team goes on; in the
demo it ends).
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Header, Input, RichLog, Sparkline, Static

from ouroteam.dashboard import state
from ouroteam.journal import Journal


class LogScreen(ModalScreen[None]):
    """An agent's log with search."""

    BINDINGS = [Binding("escape", "dismiss", "Back"), Binding("slash", "search", "Search")]
    CSS = """
    LogScreen { align: center middle; }
    #box { width: 95%; height: 90%; border: round $accent; background: $surface; }
    """

    def __init__(self, agent: str, path: Path) -> None:
        super().__init__()
        self.agent = agent
        self.path = path

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(f"{self.agent}  {self.path.name}  (Esc: back, /: search)")
            yield Input(placeholder="search", id="query")
            yield RichLog(id="lines", wrap=True, highlight=False, markup=False)

    def on_mount(self) -> None:
        self.load("")
        self.query_one("#lines").focus()

    def load(self, query: str) -> None:
        log = self.query_one("#lines", RichLog)
        log.clear()
        for line in state.search_log(self.path, query) or ["nothing"]:
            log.write(Text(state.printable(line, colours=False)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.load(event.value)
        self.query_one("#lines").focus()

    def action_search(self) -> None:
        self.query_one("#query").focus()


class TeamView(App[None]):
    """The whole view."""

    TITLE = "Ouroteam"
    BINDINGS = [Binding("q", "quit", "Quit"), Binding("enter", "log", "Log", priority=True),
                Binding("e", "events", "Events")]
    CSS = """
    #totals { height: 3; padding: 1 2 0 2; }
    #agents { height: 2fr; }
    #below { height: 1fr; }
    #tests { width: 1fr; padding: 0 2; } #right { width: 2fr; }
    Sparkline { height: 4; }
    """

    def __init__(self, journal: Path, process: subprocess.Popen[bytes] | None) -> None:
        super().__init__()
        self.journal_file = journal
        self.process = process
        self.logs: dict[str, str] = {}
        self.data: dict[str, Any] = {}
        self.ended_at = 0.0

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static("starting ...", id="totals")
        yield DataTable(id="agents", cursor_type="row", zebra_stripes=True)
        with Horizontal(id="below"):
            with Vertical(id="tests"):
                yield Static("Tests passing", id="testtext")
                yield Sparkline([], id="curve")
                yield Static("", id="queue")
            yield RichLog(id="right", wrap=False, markup=False)
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one("#agents", DataTable)
        for name in ("agent", "state", "for", "landed", "tokens", "cost", "doing"):
            table.add_column(name, key=name)
        self.set_interval(0.5, self.refresh_data)
        self.refresh_data()

    def refresh_data(self) -> None:
        try:
            journal = Journal(self.journal_file)
            self.data = state.overview(journal)
            journal.close()
        except Exception:  # the journal is just being made
            return
        self._totals()
        self._agents()
        self._rest()
        if self.process is not None and self.process.poll() is not None:
            self.ended_at = self.ended_at or time.time()
            if time.time() - self.ended_at > 1.0:
                self.exit()

    def _totals(self) -> None:
        d, t = self.data, self.data["totals"]
        self.query_one("#totals", Static).update(
            f"[b]{d['mode']}[/b]   main {d['main']}   landed [b]{t['integrated']}[/b]   returned {t['returned']}   "
            f"queue {len(d['queue'])}   sessions {t['sessions']}   tokens {t['tokens']}   cost {t['cost']:.2f}")

    def _agents(self) -> None:
        table = self.query_one("#agents", DataTable)
        for a in self.data["agents"]:
            self.logs[a["name"]] = a["log"]
            color = "green" if "working" in a["state"] else "yellow" if a["state"].startswith(("back", "park")) else ""
            status, doing = (state.printable(a[key], colours=False) for key in ("state", "doing"))
            cells = [a["name"], Text(status[:30], style=color), f"{a['seconds']:.0f} s" if a["live"] else "",
                     str(a["integrated"]), str(a["tokens"]), f"{a['cost']:.2f}", Text(doing[:80])]
            if a["name"] in table.rows:
                for key, value in zip(("agent", "state", "for", "landed", "tokens", "cost", "doing"), cells, strict=True):
                    table.update_cell(a["name"], key, value)
            else:
                table.add_row(*cells, key=a["name"])

    def _rest(self) -> None:
        curve = self.data["curve"]
        if curve:
            last = curve[-1]
            self.query_one("#testtext", Static).update(f"Tests: {last['passed']} pass, {last['failed']} fail")
            self.query_one("#curve", Sparkline).data = [float(point["passed"]) for point in curve]
        queue = ", ".join(f"{q['agent']}{'*' if q['state'] == 'held' else ''}" for q in self.data["queue"][:12])
        self.query_one("#queue", Static).update(f"Queue: {queue or 'empty'}")
        log = self.query_one("#right", RichLog)
        log.clear()
        for event in reversed(self.data["events"][:30]):
            stamp = time.strftime("%H:%M:%S", time.localtime(event["time"]))
            text = state.printable(event["text"], colours=False)
            log.write(Text(f"{stamp} {event['kind']:14} {event['agent']:10} {text}"[:200]))

    def action_log(self) -> None:
        if isinstance(self.screen, LogScreen):
            field = self.screen.query_one("#query", Input)
            self.screen.load(field.value)
            return
        table = self.query_one("#agents", DataTable)
        if table.row_count:
            name = str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)
            if self.logs.get(name):
                self.push_screen(LogScreen(name, Path(self.logs[name])))

    def action_events(self) -> None:
        self.query_one("#right").focus()


def run(journal: Path, process: subprocess.Popen[bytes] | None) -> None:
    """Show the view until the user leaves or, with a process, until that ends."""
    if process is None:
        Journal(journal).close()
    TeamView(journal, process).run()
