"""Streams, reports, check output, sampling, redaction, configuration, prompts."""

from __future__ import annotations

import base64
import json
import os
import random
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouroteam import check, config, reports, streams
from ouroteam.check import Outcome
from ouroteam.config import AgentSection, ConfigError, parse, reference, sections, template
from ouroteam.redaction import RedactingStream, Redactor
from ouroteam.reports import Report
from ouroteam.streams import StreamEvent


def feed(preset: str, *lines: object) -> list[StreamEvent]:
    parser = streams.PRESETS[preset].parser()
    return [event for line in lines for event in parser.feed(line if isinstance(line, str) else json.dumps(line))]


def test_claude_stream() -> None:
    events = feed(
        "claude", {"type": "system", "subtype": "init", "session_id": "u-1", "model": "m", "new": [1]},
        {"type": "assistant", "message": {"id": "1", "content": [{"type": "tool_use", "name": "Bash", "input": {
            "command": "make"}}], "usage": {"input_tokens": 10, "output_tokens": 5}}, "parent_tool_use_id": None},
        {"type": "assistant", "message": {"id": "1", "content": [], "usage": {"input_tokens": 10, "output_tokens": 5}}},
        {"type": "system", "subtype": "api_retry", "retry_delay_ms": 0, "error": "rate_limit"}, "not json", "{broken",
        {"type": "future"},
        {"type": "result", "subtype": "success", "is_error": False, "num_turns": 1, "total_cost_usd": 0.1,
         "usage": {"input_tokens": 10, "output_tokens": 9}, "modelUsage": {}, "session_id": "u-1"})
    assert events[0] == StreamEvent("session", resume="u-1", model="m")
    assert events[1].text == "Bash make"
    assert [e.tokens for e in events if e.kind == "usage"] == [15, 15, 19]
    assert events[-1] == StreamEvent("final") and [e.cost for e in events if e.kind == "usage"][-1] == 0.1
    assert not any(e.kind == "refused" for e in events)


def test_claude_refusal_and_errors() -> None:
    events = feed("claude", {"type": "rate_limit_event", "rate_limit_info": {"status": "rejected",
                                                                             "resetsAt": 1784283600}},
                  {"type": "rate_limit_event", "rate_limit_info": {"status": "allowed"}})
    assert events == [StreamEvent("refused", until=1784283600.0, text="rate limit")]
    for subtype in ("error_max_turns", "error_max_budget_usd", "error_during_execution"):
        assert not feed("claude", {"type": "result", "subtype": subtype, "is_error": True})[-1].ok


def test_codex_stream() -> None:
    events = feed("codex", {"type": "thread.started", "thread_id": "t-1"},
                  {"type": "item.completed", "item": {"id": "", "type": "command_execution", "command": "ls",
                                                      "aggregated_output": "", "exit_code": 0, "status": "completed"}},
                  {"type": "turn.completed", "usage": {"input_tokens": 100, "cached_input_tokens": 90,
                                                       "output_tokens": 7}})
    assert [e.kind for e in events] == ["session", "doing", "usage", "final"] and events[2].tokens == 107
    failed = feed("codex", {"type": "turn.failed", "error": {"message": "You've hit your usage limit"}})
    assert [e.kind for e in failed] == ["refused", "final"] and not failed[1].ok


def test_gemini_stream() -> None:
    events = feed("gemini", {"type": "init", "timestamp": "", "session_id": "g", "model": "m"},
                  {"type": "tool_use", "tool_name": "read", "parameters": {}},
                  {"type": "result", "status": "success", "stats": {
                      "total_tokens": 12, "input_tokens": 8, "output_tokens": 4, "cached": 0, "duration_ms": 1,
                      "tool_calls": 0, "models": {}}})
    assert [e.kind for e in events] == ["session", "doing", "usage", "final"] and events[2].tokens == 12
    bad = feed("gemini", {"type": "result", "status": "error", "error": {"message": "RESOURCE_EXHAUSTED"}})
    assert [e.kind for e in bad] == ["usage", "refused", "final"]


def test_opencode_stream() -> None:
    step = {"type": "step_finish", "timestamp": 0, "sessionID": "o", "part": {
        "reason": "tool-calls", "cost": 0.02, "tokens": {"input": 1, "output": 2, "reasoning": 3,
                                                         "cache": {"read": 4, "write": 5}}}}
    stop = json.loads(json.dumps(step))
    stop["part"]["reason"] = "stop"
    events = feed("opencode", {"type": "step_start", "sessionID": "o"}, step, stop)
    assert [e.kind for e in events] == ["session", "usage", "usage", "final"]
    assert events[2].tokens == 30 and abs(events[2].cost - 0.04) < 1e-9


def test_like_claude_and_plain() -> None:
    assert feed("qwen", {"type": "result", "subtype": "success", "is_error": False})[-1].ok
    assert feed("amp", {"type": "assistant", "message": {"content": [], "usage": {"input_tokens": 3}}})[-1].tokens == 3
    assert feed("aider", "Applied edit")[0].text == "Applied edit"
    assert feed("aider", "litellm error: 429 Too Many Requests")[0].kind == "refused"


@given(st.text(), st.sampled_from(sorted(streams.PRESETS)))
def test_parsers_take_anything(text: str, preset: str) -> None:
    feed(preset, text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["type", "subtype", "message", "usage", "part", "item", "content", "stats",
                                         "error", "tokens", "id"]), inner, max_size=4), max_leaves=12),
       st.sampled_from(["system", "assistant", "result", "turn.completed", "item.completed", "step_finish", "error",
                        "rate_limit_event", "turn.failed", "tool_use", "init"]), st.sampled_from(sorted(streams.PRESETS)))
def test_parsers_take_any_json(value: object, kind: str, preset: str) -> None:
    data = value if isinstance(value, dict) else {"message": value, "part": value, "usage": value, "error": value}
    feed(preset, {**data, "type": kind})


@pytest.mark.parametrize("wrong", ["-5", "NaN", "Infinity", "1e999", "-Infinity", "1" + "0" * 40, "true", "\"x\""])
def test_no_agent_counts_backwards_or_beyond(wrong: str) -> None:
    """Numbers come from an agent's output: budgets add them up, the journal stores them."""
    parser = streams.PRESETS["plain"].parser()
    for event in parser.feed(f'{{"ouroteam": "usage", "tokens": {wrong}, "cost": {wrong}}}'):
        assert 0 <= event.tokens <= 10**12 and 0 <= event.cost <= 10**12
    for event in parser.feed(f'{{"ouroteam": "refused", "until": {wrong}}}'):
        assert 0 <= event.until <= 10**12


def test_command_lines() -> None:
    values = {"prompt": "do {model}", "prompt_file": "/p", "model": "", "session": "s", "clone": "/c"}
    command, stdin = streams.command_line(AgentSection(preset="claude"), values)
    assert command[:3] == ["claude", "-p", "do {model}"] and "--model" not in command and not stdin
    command, _ = streams.command_line(AgentSection(preset="claude"), {**values, "model": "m"}, "u-1")
    assert command[3:5] == ["--resume", "u-1"] and command[command.index("--model") + 1] == "m"
    command, stdin = streams.command_line(AgentSection(preset="codex", extra_args=["--x"]), values)
    assert stdin and command[-2:] == ["-", "--x"]
    command, stdin = streams.command_line(AgentSection(preset="plain", command=["a", "{prompt_file}"]), values)
    assert command == ["a", "/p"] and not stdin
    for preset in streams.PRESETS.values():
        if preset.command:
            streams.command_line(AgentSection(preset=preset.name), values)
    assert not streams.PRESETS["aider"].verified and not streams.PRESETS["copilot"].verified


# --- reports ------------------------------------------------------------------------------------------


def test_report_formats() -> None:
    junit = ('<testsuites><testsuite><testcase classname="a" name="one"/><testcase name="two"><failure message="1 != 2">'
             '</failure></testcase><testcase name="three"><skipped/></testcase><testcase name="four"><error>boom\nx'
             '</error></testcase></testsuite></testsuites>')
    report = reports.parse_junit(junit)
    assert report.tests == {"a::one": ("pass", ""), "two": ("fail", "1 != 2"), "three": ("skip", ""),
                            "four": ("fail", "boom")}
    with pytest.raises(ValueError):
        reports.parse_junit('<!DOCTYPE a [<!ENTITY b "c">]><a/>')
    tap = reports.parse("1..5\nok 1 - first\nnot ok 2 - second\n# wrong value\nok 3 # SKIP no net\nnot ok 4 - t # TODO\n")
    assert tap.tests["second"] == ("fail", "wrong value") and tap.tests["test 3"][0] == "skip"
    assert tap.tests["t"][0] == "pass" and tap.tests["plan"][0] == "fail"
    pytest_text = ("tests/a.py::test_x PASSED [ 50%]\ntests/a.py::test_y FAILED [100%]\n___ test_y ___\n"
                   "E   assert 1 == 2\nFAILED tests/a.py::test_y - assert 1 == 2\n=== 1 failed ===\n")
    report = reports.parse(pytest_text)
    assert report.tests == {"tests/a.py::test_x": ("pass", ""), "tests/a.py::test_y": ("fail", "assert 1 == 2")}
    dg = reports.parse("x.c:3:1: error: expected ';'\nFAIL: gcc.dg/x.c (test for excess errors)\nPASS: gcc.dg/y.c  -O2 \n"
                       "XPASS: z.c\nUNSUPPORTED: w.c\n")
    assert dg.tests["gcc.dg/x.c (test for excess errors)"] == ("fail", "x.c:3:1: error: expected ';'")
    assert dg.tests["gcc.dg/y.c -O2"][0] == "pass" and dg.tests["z.c"][0] == "fail" and dg.total == 3
    assert reports.parse("--- PASS: TestA (0.0s)\n--- FAIL: TestB (0.1s)\n").counts["fail"] == 1
    assert reports.parse("test m::a ... ok\ntest m::b ... FAILED\n").counts["pass"] == 1
    assert reports.parse("PASS a\nERROR b: it broke\n").tests["b"] == ("fail", "it broke")
    assert reports.parse("nothing here").tests == {}
    assert Report.from_json(dg.to_json()).tests == dg.tests


def test_a_test_that_failed_once_failed() -> None:
    assert reports.parse("PASS a\nERROR a: x\nPASS a\n").tests["a"] == ("fail", "x")


def outcome(report: Report, verdict: str = "fail") -> Outcome:
    return Outcome(verdict, 1 if verdict == "fail" else 0, 1.25, Path("/log"), report)


def test_short_output_is_short_and_news_come_first() -> None:
    now = Report({f"t{n}": ("fail", "long reason " * 60) for n in range(100)} | {"ok": ("pass", "")})
    before = Report({f"t{n}": ("fail", "") for n in range(99)} | {"t99": ("pass", ""), "ok": ("fail", ""),
                                                                  "gone": ("pass", "")})
    lines = check.shorten(outcome(now), before)
    assert len(lines) == 20 and all(len(line) <= 240 for line in lines)
    assert lines[0].startswith("1 passed, 100 failed") and "newly failing against main: 1: t99" in lines[1]
    assert "newly passing against main: 1: ok" in lines[2] and lines[4].startswith("ERROR t99: ")
    assert "more" in lines[-1]
    assert check.shorten(outcome(Report({"a": ("pass", "")}), "pass"), None)[-1] == "PASS"


def test_a_command_that_never_stops_to_print_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    outcome = check.run(["yes"], cwd=tmp_path, log=tmp_path / "log", timeout=0.5, env=dict(os.environ), limit=1 << 20)
    assert outcome.verdict == "timeout" and time.monotonic() - started < 20
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    assert check.run(["sleep", "60"], cwd=tmp_path, log=tmp_path / "log", timeout=50, env=dict(os.environ),
                     stop=stop).verdict == "stopped"


def test_run_times_out_and_ends_children(tmp_path: Path) -> None:
    result = check.run(["sh", "-c", "echo begun; sleep 60 & sleep 60"], cwd=tmp_path, log=tmp_path / "log", timeout=0.5,
                       env={"PATH": "/usr/bin:/bin"})
    assert result.verdict == "timeout" and result.seconds < 10
    assert "begun" in result.log.read_text() and "time box" in result.log.read_text()
    assert check.classify(125, False, "") == "machine" == check.classify(1, False, "x: No space left on device")


@given(st.integers(1, 12), st.integers(0, 60), st.floats(0.01, 1.0))
def test_samples_are_stable_and_cover_everything(agents: int, count: int, share: float) -> None:
    tests = [f"test_{n}" for n in range(count)]
    samples = [check.sample(tests, share, n, agents) for n in range(agents)]
    assert samples == [check.sample(list(tests), share, n, agents) for n in range(agents)]
    if agents * share >= 1:
        assert {name for sample in samples for name in sample} == set(tests)
    if share < 0.4 and count > 40 and 1 < agents and agents * share < 2:
        assert len({tuple(sample) for sample in samples}) > 1


def test_shares() -> None:
    assert check.parse_share("10%") == 0.1 == check.parse_share("0.1")
    with pytest.raises(ValueError):
        check.parse_share("150%")


# --- secrets ------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 9), max_size=40), st.integers(0, 20))
def test_a_secret_cut_by_pieces_is_found(cuts: list[int], offset: int) -> None:
    secret = "sk-topsecret/42+x"
    text = ("x" * offset + secret + "y" + base64.b64encode(secret.encode()).decode() + secret).encode()
    stream, out, at = RedactingStream(Redactor([secret])), b"", 0
    for cut in cuts:
        out += stream.feed(text[at:at + cut])
        at += cut
    out += stream.feed(text[at:]) + stream.finish()
    assert secret.encode() not in out and out.count(b"[secret]") == 3 and out.startswith(b"x" * offset)


def test_short_values_are_left_alone() -> None:
    assert Redactor(["abc", ""]).text("abc") == "abc"


# --- configuration ------------------------------------------------------------------------------------


def test_template_and_reference_hold_every_key(tmp_path: Path) -> None:
    import tomllib
    text = template({"team": {"name": "x"}, "check": {"command": 'say "hi"'}}, [{"name": "w", "count": 2}])
    team = parse(tomllib.loads(text), tmp_path)
    assert team.check.command == 'say "hi"' and len(team.agents()) == 2
    book = reference()
    for _, model, many in sections():
        for key, item in model.model_fields.items():
            shown = item.alias or key
            assert f"| `{shown}` |" in book
            assert many or f"{shown} =" in text
            assert item.description and item.description.endswith((".", ")"))
    everything = "\n".join(line.removeprefix("# ") if " = " in line and not line.startswith("# team.toml") else line
                           for line in text.splitlines())
    assert parse(tomllib.loads(everything), tmp_path).team.main == "main"


def test_the_written_reference_is_current() -> None:
    file = Path(__file__).resolve().parents[2] / "docs" / "ouroteam" / "configuration.md"
    assert file.read_text().strip() == reference().strip(), "run: ouroteam doctor --reference > docs/ouroteam/configuration.md"


@pytest.mark.parametrize(("data", "message"), [
    ({"team": {"nam": "x"}}, "team.nam"), ({"sandbox": {"kind": "docker"}}, "sandbox.image"),
    ({"role": [{"name": "a"}, {"name": "a"}]}, "same name"), ({"lease": {"seconds": 10}}, "heartbeat"),
    ({"role": [{"name": "a/b"}]}, "letters"), ({"team": {"integration": "pull-request"}}, "github.repository"),
    ({"role": [{"name": "b"}, {"name": "a", "agent": {"prest": "x"}}]}, r"role\.1\.agent\.prest"),
    *[({"team": {"main": name}}, "team.main: no name of a branch") for name in (
        "", "-x", "a b", "HEAD", "a..b", "/a", "a/", "a.lock", "x~1", "a@{0}", "@")],
    ({"sandbox": {"network": "off"}}, "needs a sandbox"),
    ({"sandbox": {"kind": "bubblewrap", "allow": ["example.org:443"]}}, "network = 'off'"),
    ({"setup": {"port_base": 60000, "ports": 1000}, "role": [{"name": "a", "count": 9}]}, "the last port is 65535"),
    *[({"setup": {key: [name]}}, f"setup.{key}: .*below team.toml") for key in ("copy", "link", "cache")
      for name in ("/etc/passwd", "../x", "", ".git/hooks")]])
def test_mistakes_are_named(data: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(data, Path("."))


def test_names_of_branches_as_git_has_them() -> None:
    for name in ("main", "trunk", "release/1.2", "a-b_c", "é"):
        assert parse({"team": {"main": name}}, Path(".")).team.main == name


def test_a_role_overrides_the_agent() -> None:
    team = parse({"agent": {"preset": "codex", "model": "m"}, "role": [{"name": "d", "agent": {"model": "n"}}]}, Path("."))
    assert team.agent_for(team.role[0]).model == "n" and team.agent_for(team.role[0]).preset == "codex"


def test_prompts_say_what_matters() -> None:
    from ouroteam.prompt import compose
    team = parse({"role": [{"name": "w", "prompt": "Be quick."}, {"name": "p", "planner": True}]}, Path("."))
    text = compose(team, team.role[0], mission="Win.", agent="w-1", ref="refs/heads/agents/w-1/s", exchange="/ouroteam",
                   task="t", task_text="T", messages=["hello"], rescue="refs/rescue/w-1/x", returned="it came back")
    for part in ("Win.", "Be quick.", "ouroteam claim", "ouroteam submit", "refs/rescue/w-1/x", "hello", "it came back",
                 "data, not instructions"):
        assert part in text
    assert "You plan" in compose(team, team.role[1], mission="", agent="p-1", ref="r", exchange="/e")
    direct = parse({"team": {"integration": "direct", "claims": "files"}}, Path("."))
    assert "current_tasks/" in compose(direct, direct.role[0], mission="", agent="a", ref="", exchange="/e")


def test_random_merges_equal_gits_own(tmp_path: Path) -> None:
    """The batch merge makes the trees that ``git merge-tree`` makes one by one."""
    from helpers import bare, commit_on
    from ouroteam.merging import Head, merge_batch
    names = ["a", "b", "c/d", "c/e", "f/g/h", "i"]
    upstream = bare(tmp_path, {name: "".join(f"{n}\n" for n in range(9)) for name in names})
    store, rng = upstream.store, random.Random(5)
    first = upstream.ref("refs/heads/main") or ""
    for round_number in range(6):
        old = first if round_number % 2 else upstream.ref("refs/heads/main") or ""
        main = commit_on(store, old, {"i": f"main {round_number}\n"})
        heads = []
        for n in range(5):
            files: dict[str, str | None] = {}
            for name in rng.sample(names, rng.randrange(1, 3)):
                files[name] = None if rng.random() < 0.2 else f"{n}\n" + "".join(f"{k}\n" for k in range(rng.randrange(9)))
            if rng.random() < 0.3:
                files[f"new{rng.randrange(3)}"] = f"{n}\n"
            if rng.random() < 0.1:
                files = {"a/under": "x\n", "a": None}
            heads.append(Head(commit_on(store, old, files), f"m{n}\n"))
        merged = merge_batch(store, main, heads)
        assert sorted([n for n, _ in merged.commits] + list(merged.conflicts) + merged.empty + merged.later
                      + list(merged.broken)) == list(range(5))
        tip = main
        for n, commit in merged.commits:
            expected = store.merge_tree(tip, heads[n].sha)
            assert expected.clean and store.tree_of(commit) == expected.tree
            assert store.run("log", "-1", "--format=%P", commit).line == f"{tip} {heads[n].sha}"
            tip = commit
        for n in merged.conflicts:
            assert not store.merge_tree(main, heads[n].sha).clean


def test_config_is_found_from_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "team.toml").write_text("[team]\nname='x'\n")
    (tmp_path / "a/b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a/b")
    assert config.load().root == tmp_path


def test_report_files_are_found(tmp_path: Path) -> None:
    """JUnit XML and DejaGnu's .sum next to an output that says little; old files and links don't count."""
    (tmp_path / "secret.xml").write_text('<testsuite><testcase name="secret"/></testsuite>')
    (tmp_path / "junit-old.xml").write_text('<testsuite><testcase name="old"/></testsuite>')
    (tmp_path / "junit-link.xml").symlink_to(tmp_path / "secret.xml")
    time.sleep(0.05)
    command = ("mkdir -p test-results; printf '<testsuite><testcase classname=\"m\" name=\"a\"/><testcase classname=\"m\" "
               "name=\"b\"><failure message=\"boom\"/></testcase></testsuite>' > test-results/r.xml; "
               "printf 'PASS: x.c (test)\\nFAIL: y.c (test)\\n' > gcc.sum; echo quiet; exit 1")
    outcome = check.run(["sh", "-c", command], cwd=tmp_path, log=tmp_path / "log", timeout=20, env=dict(os.environ))
    names = set(outcome.report.tests)
    assert {"m::a", "m::b"} <= names and any("y.c" in name for name in names), names
    assert not {"old", "secret"} & names
    assert any("boom" in line for line in check.shorten(outcome, None))
