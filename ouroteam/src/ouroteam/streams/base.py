"""What every agent's stream is turned into."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
MOST = 10**12


@dataclass(frozen=True)
class StreamEvent:
    """kind: session (resume, model), doing (text), usage (tokens, cost: totals of the session so far),
    refused (until: seconds since the epoch, 0 when unknown), final (ok, failure)."""

    kind: str
    text: str = ""
    resume: str = ""
    model: str = ""
    tokens: int = 0
    cost: float = 0.0
    until: float = 0.0
    ok: bool = True


class Parser:
    """Turns lines into events; keeps the totals."""

    def __init__(self) -> None:
        self.tokens = 0
        self.cost = 0.0

    def feed(self, line: str) -> list[StreamEvent]:
        """Events of one line; none when it is no JSON object."""
        text = line.strip()
        if not text.startswith("{"):
            return self.plain(text) if text else []
        try:
            data = json.loads(text)
        except ValueError:
            return self.plain(text)
        return self.event(data) if isinstance(data, dict) else []

    def plain(self, text: str) -> list[StreamEvent]:
        return []

    def event(self, data: Json) -> list[StreamEvent]:
        return []

    def usage(self) -> StreamEvent:
        return StreamEvent("usage", tokens=self.tokens, cost=self.cost)


@dataclass(frozen=True)
class Preset:
    """An agent's command line. ``verified`` is False where its flags were not read in documentation or source."""

    name: str
    command: list[str | list[str]]
    parser: Callable[[], Parser]
    resume: list[str | list[str]] = field(default_factory=list)
    verified: bool = True
    credentials: tuple[str, ...] = ()
    note: str = ""


def fill(template: list[str | list[str]], values: dict[str, str]) -> list[str]:
    """Replace ``{name}``; a group is left out when one of its names is empty."""
    result: list[str] = []
    for item in template:
        group = item if isinstance(item, list) else [item]
        used = [name for name in values if any("{" + name + "}" in part for part in group)]
        if isinstance(item, list) and any(not values[name] for name in used):
            continue
        for part in group:
            for name in used:
                # One pass a name: a prompt that itself says {model} is not filled in again.
                if part == "{" + name + "}":
                    part = values[name]
                    break
                part = part.replace("{" + name + "}", values[name])
            result.append(part)
    return result


def get(data: Any, *path: str) -> Any:
    """data[path[0]][path[1]]..., None where something is missing or of another shape."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def number(value: Any) -> float:
    """A number that can be counted with: what an agent prints may be anything."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value != value:
        return 0.0
    return float(min(max(value, 0), MOST))


def total(usage: Any, *keys: str) -> int:
    return int(sum(number(get(usage, *key.split("/"))) for key in keys))


def brief(text: Any, limit: int = 160) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= limit else words[:limit - 3] + "..."


_REFUSALS = ("rate limit", "rate_limit", "quota", "too many requests", "usage limit", "resource_exhausted",
             "resource exhausted", "429")


def looks_refused(text: str) -> bool:
    low = text.lower()
    return any(word in low for word in _REFUSALS)
