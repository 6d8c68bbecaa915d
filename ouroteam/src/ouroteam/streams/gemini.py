"""Gemini CLI: ``init``, ``message``, ``tool_use``, ``tool_result``, ``error``, ``result``."""

from __future__ import annotations

from ouroteam.streams.base import Json, Parser, Preset, StreamEvent, brief, get, looks_refused, number


class GeminiParser(Parser):
    def event(self, data: Json) -> list[StreamEvent]:
        kind = str(data.get("type"))
        if kind == "init":
            return [StreamEvent("session", resume=str(data.get("session_id") or ""),
                                model=str(data.get("model") or ""))]
        if kind == "tool_use":
            return [StreamEvent("doing", text=brief(f"{data.get('tool_name') or data.get('name') or 'tool'} "
                                                    f"{data.get('parameters') or ''}"))]
        if kind == "message" and data.get("role") != "user":
            return [StreamEvent("doing", text=brief(data.get("content") or ""))]
        if kind == "error":
            text = brief(data.get("message") or get(data, "error", "message") or "error")
            return [StreamEvent("refused" if looks_refused(text) else "doing", text=text)]
        if kind == "result":
            stats = data.get("stats")
            self.tokens += int(number(get(stats, "total_tokens"))
                               or number(get(stats, "input_tokens")) + number(get(stats, "output_tokens")))
            good = data.get("status", "success") == "success"
            text = "" if good else brief(get(data, "error", "message") or data.get("status") or "failed")
            events = [self.usage()]
            if not good and looks_refused(text):
                events.append(StreamEvent("refused", text=text))
            return [*events, StreamEvent("final", ok=good, text=text)]
        return []


_GEMINI: list[str | list[str]] = ["-o", "stream-json", "--approval-mode", "yolo", ["-m", "{model}"], "--skip-trust"]
PRESETS = [
    Preset("gemini", ["gemini", "-p", "{prompt}", *_GEMINI], GeminiParser,
           resume=["gemini", "-p", "{prompt}", "-r", "{resume}", *_GEMINI], credentials=("GEMINI_API_KEY",),
           note="exit 42: bad input, 53: turn limit"),
]
