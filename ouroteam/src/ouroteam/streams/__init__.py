"""One file a family of agent command lines: flags, and their stream turned into the same events.

Input: lines of an agent's standard output. Output: ``StreamEvent``s. Parsers accept unknown fields and types; a
line that isn't JSON is text for the log. ``PRESETS`` is the table of command lines; a preset's ``command`` may
hold groups (inner lists) that are left out when a value in them is empty.
"""

from __future__ import annotations

from ouroteam.config import AgentSection
from ouroteam.streams import claude, codex, gemini, opencode, plain
from ouroteam.streams.base import Parser, Preset, StreamEvent, fill

PRESETS: dict[str, Preset] = {preset.name: preset for preset in [
    *claude.PRESETS, *codex.PRESETS, *gemini.PRESETS, *opencode.PRESETS, *plain.PRESETS]}

__all__ = ["PRESETS", "Parser", "Preset", "StreamEvent", "command_line", "preset_of"]


def preset_of(agent: AgentSection) -> Preset:
    try:
        return PRESETS[agent.preset]
    except KeyError:
        raise ValueError(f"unknown preset {agent.preset!r}; there are {', '.join(sorted(PRESETS))}") from None


def command_line(agent: AgentSection, values: dict[str, str], resume: str = "") -> tuple[list[str], bool]:
    """The command for a session, and whether the prompt has to come on standard input."""
    preset = preset_of(agent)
    template: list[str | list[str]] = list(agent.command) if agent.command else list(preset.command)
    if resume:
        if agent.resume:
            template = list(agent.resume)
        elif preset.resume and not agent.command:
            template = list(preset.resume)
    values = {**values, "resume": resume}
    command = fill(template, values) + [value for value in agent.extra_args]
    flat = [part for item in template for part in (item if isinstance(item, list) else [item])]
    shown = any("{prompt}" in part or "{prompt_file}" in part for part in flat)
    return command, not shown
