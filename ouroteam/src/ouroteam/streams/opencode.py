"""OpenCode: ``step_start``, ``text``, ``tool_use``, ``reasoning``, ``error``, ``step_finish``, ``done``."""

from __future__ import annotations

from ouroteam.streams.base import Json, Parser, Preset, StreamEvent, brief, get, looks_refused, number, total

_TOKENS = ("input", "output", "reasoning", "cache/read", "cache/write")


class OpenCodeParser(Parser):
    def __init__(self) -> None:
        super().__init__()
        self.told = ""

    def event(self, data: Json) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        session = str(data.get("sessionID") or "")
        if session and session != self.told:
            self.told = session
            events.append(StreamEvent("session", resume=session))
        kind, part = str(data.get("type")), data.get("part")
        if kind == "step_finish":
            self.tokens += total(get(part, "tokens"), *_TOKENS)
            self.cost += number(get(part, "cost"))
            events.append(self.usage())
            if get(part, "reason") == "stop":
                events.append(StreamEvent("final"))
        elif kind == "tool_use":
            events.append(StreamEvent("doing", text=brief(f"{get(part, 'tool')} {get(part, 'state', 'title') or ''}")))
        elif kind == "text":
            events.append(StreamEvent("doing", text=brief(get(part, "text") or "")))
        elif kind == "error":
            text = brief(get(data, "error", "data", "message") or get(data, "error", "message")
                         or data.get("error") or "error")
            events.append(StreamEvent("refused" if looks_refused(text) else "doing", text=text))
        elif kind == "done":
            events.append(StreamEvent("final"))
        return events


PRESETS = [
    Preset("opencode", ["opencode", "run", "--format", "json", "--auto", ["-m", "{model}"], "{prompt}"],
           OpenCodeParser, resume=["opencode", "run", "--format", "json", "--auto", "-s", "{resume}",
                                   ["-m", "{model}"], "{prompt}"],
           note="model as provider/model; some versions never exit: the exit protocol ends them"),
]
