"""Codex CLI: ``thread.started``, ``item.*``, ``turn.completed``, ``turn.failed``, ``error``. It tells no cost."""

from __future__ import annotations

from ouroteam.streams.base import Json, Parser, Preset, StreamEvent, brief, get, looks_refused, total


class CodexParser(Parser):
    def event(self, data: Json) -> list[StreamEvent]:
        kind = str(data.get("type"))
        if kind == "thread.started":
            return [StreamEvent("session", resume=str(data.get("thread_id") or ""))]
        if kind in ("item.started", "item.completed"):
            item = data.get("item")
            text = get(item, "command") or get(item, "text") or get(item, "type")
            return [StreamEvent("doing", text=brief(text))]
        if kind == "turn.completed":
            # cached_input_tokens are part of input_tokens.
            self.tokens += total(data.get("usage"), "input_tokens", "output_tokens")
            return [self.usage(), StreamEvent("final")]
        if kind in ("turn.failed", "error"):
            text = brief(get(data, "error", "message") or data.get("message") or kind)
            events = [StreamEvent("refused", text=text)] if looks_refused(text) else []
            if kind == "turn.failed":
                events.append(StreamEvent("final", ok=False, text=text))
            return events
        return []


PRESETS = [
    Preset("codex", ["codex", "exec", "--json", "-s", "workspace-write", ["-m", "{model}"], "-C", "{clone}", "-"],
           CodexParser, resume=["codex", "exec", "resume", "{resume}", "--json", ["-m", "{model}"], "-"],
           credentials=("OPENAI_API_KEY", "CODEX_API_KEY"),
           note="inside a sandbox of ouroteam give extra_args = [\"--dangerously-bypass-approvals-and-sandbox\"]"),
]
