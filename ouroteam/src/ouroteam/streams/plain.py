"""Agents whose output is text (Aider, Copilot CLI), any other command, and ouroteam's own scripted agent.

The scripted agent prints the events themselves: ``{"ouroteam": "usage", "tokens": 10, "cost": 0.01}``; a command
of one's own can do the same.
"""

from __future__ import annotations

from ouroteam.streams.base import Json, Parser, Preset, StreamEvent, brief, looks_refused, number


class PlainParser(Parser):
    def plain(self, text: str) -> list[StreamEvent]:
        if looks_refused(text) and ("error" in text.lower() or "429" in text):
            return [StreamEvent("refused", text=brief(text))]
        return [StreamEvent("doing", text=brief(text))]

    def event(self, data: Json) -> list[StreamEvent]:
        kind = data.get("ouroteam")
        if kind == "usage":
            self.tokens += int(number(data.get("tokens")))
            self.cost += number(data.get("cost"))
            return [self.usage()]
        if kind in ("session", "doing", "refused", "final"):
            return [StreamEvent(str(kind), text=brief(data.get("text") or ""), resume=str(data.get("resume") or ""),
                                model=str(data.get("model") or ""), until=number(data.get("until")),
                                ok=bool(data.get("ok", True)))]
        return []


PRESETS = [
    Preset("plain", [], PlainParser, note="any command: set agent.command"),
    Preset("scripted", ["ouroteam-scripted-agent", ["--resume", "{resume}"]], PlainParser,
           resume=["ouroteam-scripted-agent", "--resume", "{resume}"], note="deterministic, for tests and demos"),
    Preset("aider", ["aider", "--message-file", "{prompt_file}", "--yes-always", "--no-stream", ["--model", "{model}"]],
           PlainParser, verified=False, credentials=("OPENAI_API_KEY", "ANTHROPIC_API_KEY"),
           note="commits by itself; no usage is told"),
    Preset("copilot", ["copilot", "-p", "{prompt}", "-s", "--allow-all", "--no-ask-user"], PlainParser,
           verified=False, credentials=("GH_TOKEN", "GITHUB_TOKEN")),
]
