"""Claude Code, and the agents whose stream has its shape (Amp, Cursor, Qwen Code)."""

from __future__ import annotations

from ouroteam.streams.base import Json, Parser, Preset, StreamEvent, brief, get, looks_refused, number, total

_USAGE = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class ClaudeParser(Parser):
    """``system``, ``assistant``, ``user``, ``rate_limit_event``, ``result``."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.base_tokens = 0
        self.base_cost = 0.0

    def event(self, data: Json) -> list[StreamEvent]:
        handler = {"system": self._system, "assistant": self._assistant, "rate_limit_event": self._rate,
                   "result": self._result, "error": self._error}.get(str(data.get("type")))
        return handler(data) if handler else []

    def _system(self, data: Json) -> list[StreamEvent]:
        if data.get("subtype") == "init":
            return [StreamEvent("session", resume=str(data.get("session_id") or ""),
                                model=str(data.get("model") or ""))]
        if data.get("subtype") == "api_retry":
            # The agent waits by itself; only a refusal that it names as final parks the team.
            return [StreamEvent("doing", text=f"retrying: {data.get('error')}")]
        return []

    def _assistant(self, data: Json) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        content = get(data, "message", "content")
        for part in content if isinstance(content, list) else []:
            if get(part, "type") == "tool_use":
                given = get(part, "input")
                what = next((given[k] for k in ("command", "file_path", "path", "pattern", "description")
                             if k in given), "") if isinstance(given, dict) else ""
                events.append(StreamEvent("doing", text=brief(f"{get(part, 'name')} {what}")))
            elif get(part, "type") == "text" and get(part, "text"):
                events.append(StreamEvent("doing", text=brief(get(part, "text"))))
        used = total(get(data, "message", "usage"), *_USAGE)
        if used:
            # One message comes in several lines, each with the message's usage.
            self.seen[str(get(data, "message", "id") or len(self.seen))] = used
            self.tokens = self.base_tokens + sum(self.seen.values())
            events.append(self.usage())
        return events

    def _rate(self, data: Json) -> list[StreamEvent]:
        info = data.get("rate_limit_info")
        if get(info, "status") == "rejected":
            return [StreamEvent("refused", until=number(get(info, "resetsAt")), text="rate limit")]
        return []

    def _error(self, data: Json) -> list[StreamEvent]:
        text = brief(get(data, "error", "message") or data.get("error") or data.get("message") or "error")
        return [StreamEvent("refused", text=text)] if looks_refused(text) else [StreamEvent("doing", text=text)]

    def _result(self, data: Json) -> list[StreamEvent]:
        # A result may come more than once in one session; each has its own turn's usage.
        self.base_tokens += total(data.get("usage"), *_USAGE)
        self.base_cost = max(self.base_cost, number(data.get("total_cost_usd")))
        self.seen.clear()
        self.tokens, self.cost = max(self.tokens, self.base_tokens), self.base_cost
        failed = bool(data.get("is_error")) or str(data.get("subtype", "success")) != "success"
        text = brief(data.get("result") or data.get("error") or data.get("subtype") or "")
        events = [self.usage(), StreamEvent("session", resume=str(data.get("session_id") or ""))]
        if failed and looks_refused(text):
            events.append(StreamEvent("refused", text=text))
        events.append(StreamEvent("final", ok=not failed, text=text if failed else ""))
        return events


_CLAUDE: list[str | list[str]] = ["--output-format", "stream-json", "--verbose", ["--model", "{model}"],
                                  "--permission-mode", "bypassPermissions"]
PRESETS = [
    Preset("claude", ["claude", "-p", "{prompt}", *_CLAUDE], ClaudeParser,
           resume=["claude", "-p", "{prompt}", "--resume", "{resume}", *_CLAUDE],
           credentials=("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"), note="Claude Code 2.1"),
    Preset("amp", ["amp", "-x", "{prompt}", "--stream-json", "--dangerously-allow-all"], ClaudeParser,
           credentials=("AMP_API_KEY",), note="usage per message, no cost"),
    Preset("cursor", ["agent", "-p", "{prompt}", "--output-format", "stream-json", "--force"], ClaudeParser,
           credentials=("CURSOR_API_KEY",), note="no usage; a failure may lack the final event"),
    Preset("qwen", ["qwen", "-p", "{prompt}", "--output-format", "stream-json"], ClaudeParser,
           resume=["qwen", "-p", "{prompt}", "--resume", "{resume}", "--output-format", "stream-json"],
           credentials=("DASHSCOPE_API_KEY", "OPENAI_API_KEY")),
]
