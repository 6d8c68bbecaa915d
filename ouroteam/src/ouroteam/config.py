"""team.toml: its shape, defaults and documentation.

Input: a TOML file. Output: a ``Team`` whose every key is typed, documented and checked; unknown keys are
errors, so that a typing mistake is met at ``ouroteam up`` and not at three in the morning.
``docs/ouroteam/configuration.md`` and the commented file that ``ouroteam init`` writes come from the
descriptions below.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$")
# What `git check-ref-format --branch` refuses.
BAD_BRANCH = re.compile(r"^$|^[-/.]|^HEAD$|^@$|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|[./]$")


class ConfigError(Exception):
    """team.toml is missing or wrong; the message names the key and what would be right."""


class NoConfig(ConfigError):
    """There is no team.toml."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TeamSection(Section):
    """What the team is: its mission, its repository, and which of the interchangeable parts it uses."""

    name: str = Field("team", description="Name of the team; shows up in logs, container labels and commits.")
    mission: str = Field("MISSION.md", description="File with the goal that every agent is given.")
    upstream: str = Field("", description="Bare repository that the team shares: a path or any git URL. Empty: "
                                          "`upstream.git` in the state folder, cloned from this repository at "
                                          "the first `up`. A local one gets the team's hook and settings.")
    main: str = Field("main", description="The branch that has to stay green.")
    state: str = Field(".ouroteam", description="Folder of the journal, logs and clones, relative to team.toml.")
    integration: Literal["queue", "direct", "pull-request"] = Field(
        "queue", description="`queue`: agents push branches, the merge queue tests and lands them. `direct`: agents "
                             "push main themselves. `pull-request`: the queue publishes on GitHub.")
    claims: Literal["refs", "files"] = Field(
        "refs", description="`refs`: leases in refs/claims/. `files`: text files in current_tasks/, committed and "
                            "pushed.")
    executor: Literal["local", "ray"] = Field("local", description="Where sessions run.")
    until: Literal["never", "green", "no-tasks"] = Field(
        "never", description="When the team is done: never, when no test fails on main, when no task is open.")

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not NAME.match(value):
            raise ValueError("letters, digits, - and _ only")
        return value

    @field_validator("main")
    @classmethod
    def _branch(cls, value: str) -> str:
        if BAD_BRANCH.search(value):
            raise ValueError("no name of a branch")
        return value


class AgentSection(Section):
    """The coding agent's command line. Roles can override each key."""

    preset: str = Field("claude", description="One of the presets (`ouroteam doctor` lists them) or `plain` for a "
                                              "command whose output is only text.")
    command: list[str] = Field([], description="Replaces the preset's command. `{prompt}`, `{prompt_file}`, "
                                               "`{model}`, `{session}`, `{clone}` are filled in; without a "
                                               "`{prompt}` or `{prompt_file}` the prompt comes on standard input.")
    resume: list[str] = Field([], description="Replaces the preset's command for continuing `{resume}`, the agent's "
                                              "own session id.")
    extra_args: list[str] = Field([], description="Appended to the command.")
    model: str = Field("", description="Model name given to the preset; empty: the agent's own default.")
    fallback_models: list[str] = Field([], description="Models tried in turn after a session that failed fast or "
                                                       "was refused.")
    credential: str = Field("default", description="Sessions with the same credential share a rate limit: one "
                                                   "refusal parks them all.")


class RoleSection(Section):
    """A kind of agent: how many, and what they are told in addition to the mission."""

    name: str = Field(description="Name of the role; its agents are called name-1, name-2, ...")
    count: int = Field(1, ge=0, le=1000, description="How many agents.")
    prompt: str = Field("", description="Text added to the mission for this role.")
    planner: bool = Field(False, description="This role plans: it keeps the task queue filled and writes no code.")
    priority: int = Field(0, description="Its submissions count as this many minutes older in the merge queue.")
    sessions: int = Field(0, ge=0, description="Sessions per agent of this role, 0 for no limit.")
    every: float = Field(0.0, ge=0, description="Least seconds between two session starts of one agent.")
    agent: dict[str, Any] = Field({}, description="Keys of [agent] that differ for this role.")

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not NAME.match(value):
            raise ValueError("letters, digits, - and _ only")
        return value


class SessionSection(Section):
    """One run of one agent: its time limits and how its end is recognised."""

    time_limit: float = Field(3600.0, gt=0, description="Seconds a session may take.")
    first_output: float = Field(300.0, gt=0, description="Seconds until the first byte of output.")
    stall: float = Field(900.0, gt=0, description="Seconds without output, CPU use or a running check until a nudge; "
                                                  "the same time again until the end.")
    grace: float = Field(15.0, ge=0, description="Seconds to exit by itself after the stream's final event.")
    stop_grace: float = Field(5.0, ge=0, description="Seconds between SIGTERM and SIGKILL.")
    stale_commits: int = Field(200, ge=0, description="Main moved by more commits than this under a session: see "
                                                      "stale_action. 0 turns it off.")
    stale_action: Literal["tell", "restart"] = Field("tell", description="Tell the agent in its inbox, or end the "
                                                                         "session and start afresh.")
    log_limit_mb: float = Field(64.0, gt=0, description="A session's log keeps its beginning and its end up to this "
                                                        "size.")
    submit_at_end: bool = Field(True, description="Push committed work that a successful session forgot to push.")
    back_off: float = Field(5.0, ge=0, description="Seconds to wait after a first fast failure; doubles each time.")
    back_off_limit: float = Field(900.0, ge=0, description="Longest wait.")
    fast_failure: float = Field(60.0, ge=0, description="A failed session shorter than this is a fast failure.")
    pause_between: float = Field(0.0, ge=0, description="Seconds between two sessions of one agent.")
    fruitless: int = Field(5, ge=1, description="Sessions in a row without a commit, or with the same failure, until "
                                                "the agent counts as stalled.")
    return_limit: int = Field(3, ge=0, description="How often a conflict or failure goes back to the same agent; "
                                                   "then it becomes a task for a fresh one.")
    resume: bool = Field(True, description="Continue a session that was cut off with the agent's own session id.")


class CheckSection(Section):
    """The command that says whether main is good."""

    command: str = Field("", description="Shell command, run at the repository's top. Exit 0 means good, 125 means "
                                         "that the machine and not the code is at fault.")
    rule: Literal["exit", "no-regression"] = Field(
        "exit", description="`exit`: good when the command exits 0. `no-regression`: good when no test fails that "
                            "passes on main; for a main whose tests don't all pass yet.")
    list_command: str = Field("", alias="list", description="Shell command that prints the names of all tests, one a "
                                                            "line; wanted by `ouroteam check --fast`.")
    select: str = Field("", description="The check for some tests only: `{tests}` and `{tests_file}` are filled in.")
    timeout: float = Field(1800.0, gt=0, description="Seconds the integrator's run may take.")
    agent_timeout: float = Field(300.0, gt=0, description="Default time box of `ouroteam check` for agents.")
    protected: list[str] = Field([], description="Paths (globs) that define the check. Tests are run with main's "
                                                 "version of them, whatever the branch says.")
    fewer_tests: Literal["flag", "hold", "return"] = Field(
        "hold", description="When a change reports fewer tests than main: note it, hold it for `ouroteam approve`, or "
                            "return it.")
    short_lines: int = Field(20, ge=1, description="Lines that an agent gets to see.")
    clean: bool = Field(False, description="Remove ignored files too before each run of the integrator.")
    network: bool = Field(False, description="Let the integrator's check use the network.")

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class QueueSection(Section):
    """The merge queue."""

    batch: int = Field(64, ge=1, description="Most changes tested together.")
    start: int = Field(8, ge=1, description="First batch size; grows with success, halves on failure.")
    interval: float = Field(0.5, gt=0, description="Seconds between two looks at the upstream when it was idle.")
    approve: Literal["never", "protected", "always"] = Field(
        "never", description="Which changes wait for `ouroteam approve`: none, those that touch check.protected, all.")
    union: list[str] = Field(["NOTES.md", "CHANGELOG.md", "notes/**"],
                             description="Files merged by keeping both sides' lines.")
    age_bonus: float = Field(60.0, ge=0, description="Seconds by which a returned change counts as older each time.")
    retry_flaky: bool = Field(True, description="Run a single failing change once more before it is returned.")
    max_push_mb: int = Field(50, ge=1, description="Largest push that the upstream accepts.")
    maintenance: float = Field(1800.0, gt=0, description="Seconds between two repackings of the upstream.")


class LeaseSection(Section):
    """Leases on tasks."""

    seconds: float = Field(900.0, gt=0, description="A lease that nobody renews ends after this time.")
    heartbeat: float = Field(120.0, gt=0, description="Seconds between renewals for a live session.")


class BudgetSection(Section):
    """Limits; 0 means none. Reaching one stops cleanly and loses nothing."""

    session_tokens: int = Field(0, ge=0, description="Tokens of one session.")
    session_cost: float = Field(0.0, ge=0, description="Money of one session, in the agent's currency.")
    agent_sessions: int = Field(0, ge=0, description="Sessions of one agent.")
    agent_tokens: int = Field(0, ge=0, description="Tokens of one agent.")
    agent_cost: float = Field(0.0, ge=0, description="Money of one agent.")
    agent_hours: float = Field(0.0, ge=0, description="Session hours of one agent.")
    team_sessions: int = Field(0, ge=0, description="Sessions of the team.")
    team_tokens: int = Field(0, ge=0, description="Tokens of the team.")
    team_cost: float = Field(0.0, ge=0, description="Money of the team.")
    team_hours: float = Field(0.0, ge=0, description="Wall-clock hours from the first `up`.")


class SandboxSection(Section):
    """What surrounds an agent. docs/ouroteam/security.md says what each kind stops."""

    kind: Literal["none", "bubblewrap", "docker", "podman"] = Field("none", description="The sandbox.")
    network: Literal["on", "off"] = Field("on", description="`off`: no network but the team's repository.")
    allow: list[str] = Field([], description="With network off: host:port pairs that are reachable all the same, "
                                             "through a proxy of the harness (HTTPS_PROXY is set).")
    read_only: list[str] = Field([], description="More folders of the host shown read-only.")
    read_write: list[str] = Field([], description="More folders of the host shown writable.")
    image: str = Field("", description="Image for docker and podman.")
    cpus: float = Field(0.0, ge=0, description="CPUs per agent, 0 for no limit (cgroup or container).")
    memory_mb: int = Field(0, ge=0, description="Memory per agent, 0 for no limit.")
    processes: int = Field(512, ge=0, description="Processes and threads per agent, 0 for no limit.")
    disk_mb: int = Field(0, ge=0, description="Disk per session: clone, HOME and caches get file systems of this size "
                                              "where the harness is root and has loop devices, else the harness "
                                              "watches; also the size of /tmp. 0 for no limit.")
    file_mb: int = Field(0, ge=0, description="Largest single file (RLIMIT_FSIZE), 0 for no limit.")
    nice: int = Field(19, ge=0, le=19, description="Niceness of agents, so that the integrator goes first.")


class EnvironmentSection(Section):
    """Which environment variables an agent gets. All others are dropped, in every sandbox."""

    allow: list[str] = Field(["PATH", "LANG", "LC_ALL", "TERM", "TZ", "USER", "LOGNAME", "SHELL", "HOME"],
                             description="Passed on as they are; NAME* allows a prefix. HOME in a sandbox is a "
                                         "private folder.")
    secrets: list[str] = Field([], description="Names of variables with secrets: passed on to agents, never to "
                                               "checks, and blacked out in logs and journal.")
    set: dict[str, str] = Field({}, description="Variables with fixed values.")

    def allows(self, name: str) -> bool:
        return any(name == rule or rule.endswith("*") and name.startswith(rule[:-1]) for rule in self.allow)


class SetupSection(Section):
    """What a fresh clone needs before an agent can work in it."""

    copy_files: list[str] = Field([], alias="copy", description="Files copied from team.toml's folder into the "
                                                                "clone (such as .env.example).")
    link: list[str] = Field([], description="Files or folders linked from team.toml's folder.")
    run: list[str] = Field([], description="Shell commands run in the clone, in the sandbox.")
    tear_down: list[str] = Field([], description="Shell commands run after the session.")
    cache: list[str] = Field([], description="Folders of the clone kept from session to session of one agent.")
    port_base: int = Field(20000, ge=1024, le=60000, description="First port; each agent gets a range.")
    ports: int = Field(10, ge=0, le=1000, description="Ports per agent, told as OUROTEAM_PORT and "
                                                      "OUROTEAM_PORT_COUNT.")
    timeout: float = Field(600.0, gt=0, description="Seconds for each command.")

    @field_validator("copy_files", "link", "cache")
    @classmethod
    def _inside(cls, value: list[str]) -> list[str]:
        for name in value:
            if not name or name.startswith("/") or ".." in Path(name).parts or Path(name).parts[:1] in ((), (".git",)):
                raise ValueError(f"{name!r}: wanted is a path below team.toml's folder, such as node_modules")
        return value

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class AdmissionSection(Section):
    """When the machine takes another session or another check."""

    sessions: int = Field(0, ge=0, description="Sessions at once, 0 for as many as there are agents.")
    build_slots: int = Field(0, ge=0, description="`ouroteam check` runs at once, 0 for the number of CPUs.")
    max_load: float = Field(0.0, ge=0, description="No new session above this load average per CPU; 0 turns it off.")
    min_memory_mb: int = Field(256, ge=0, description="No new session with less free memory.")
    min_disk_mb: int = Field(512, ge=0, description="No new session with less free disk; below half of it old logs "
                                                    "and caches go.")
    start_interval: float = Field(0.2, ge=0, description="Least seconds between two session starts.")


class PlannerSection(Section):
    """The task queue."""

    low_water: int = Field(3, ge=0, description="A planner is started when fewer tasks than this are open.")
    assign: bool = Field(True, description="Hand each session the best open task in its prompt and claim it.")


class GitHubSection(Section):
    """Pull-request mode."""

    repository: str = Field("", description="owner/name.")
    remote: str = Field("", description="Its git URL; empty: https://github.com/REPOSITORY.git.")
    api: str = Field("https://api.github.com", description="Address of the REST API.")
    token: str = Field("GITHUB_TOKEN", description="Name of the variable that holds the token.")
    merge_method: Literal["merge", "squash", "rebase"] = Field("merge", description="How GitHub merges.")
    merge: bool = Field(True, description="Merge pull requests that the queue found good; else leave them open.")
    poll: float = Field(30.0, gt=0, description="Seconds between two looks at open pull requests.")


class NotifySection(Section):
    """Whom to tell when something needs a human."""

    command: str = Field("", description="Shell command; gets OUROTEAM_EVENT and the text on standard input.")
    webhook: str = Field("", description="URL that gets a JSON POST.")
    events: list[str] = Field(["stalled", "budget", "queue-blocked", "done", "approval-wanted", "main-restored"],
                              description="Which events are told.")


class RaySection(Section):
    """Executor `ray`."""

    address: str = Field("auto", description="Address of the cluster, `auto`, or `local`.")
    cpus: float = Field(1.0, ge=0, description="CPUs that each session asks for.")
    resources: dict[str, float] = Field({}, description="Further resources that each session asks for.")
    retries: int = Field(2, ge=0, description="How often a session whose node was lost is started again.")
    work: str = Field("/tmp/ouroteam", description="Folder for clones on the nodes.")


class Team(Section):
    """The whole of team.toml."""

    team: TeamSection = Field(default_factory=TeamSection)
    agent: AgentSection = Field(default_factory=AgentSection)
    role: list[RoleSection] = Field(default_factory=list)
    session: SessionSection = Field(default_factory=SessionSection)
    check: CheckSection = Field(default_factory=lambda: CheckSection.model_validate({}))
    queue: QueueSection = Field(default_factory=QueueSection)
    lease: LeaseSection = Field(default_factory=LeaseSection)
    budget: BudgetSection = Field(default_factory=BudgetSection)
    sandbox: SandboxSection = Field(default_factory=SandboxSection)
    environment: EnvironmentSection = Field(default_factory=EnvironmentSection)
    setup: SetupSection = Field(default_factory=lambda: SetupSection.model_validate({}))
    admission: AdmissionSection = Field(default_factory=AdmissionSection)
    planner: PlannerSection = Field(default_factory=PlannerSection)
    github: GitHubSection = Field(default_factory=GitHubSection)
    notify: NotifySection = Field(default_factory=NotifySection)
    ray: RaySection = Field(default_factory=RaySection)

    _root: Path = Path(".")

    @model_validator(mode="after")
    def _consistent(self) -> Team:
        names = [role.name for role in self.role]
        if len(set(names)) != len(names):
            raise ValueError("two roles have the same name")
        if self.sandbox.kind in ("docker", "podman") and not self.sandbox.image:
            raise ValueError(f"sandbox.kind = {self.sandbox.kind!r} needs sandbox.image")
        if self.team.integration == "pull-request" and not self.github.repository:
            raise ValueError("integration = 'pull-request' needs github.repository")
        if self.lease.heartbeat * 2 > self.lease.seconds:
            raise ValueError("lease.heartbeat must be at most half of lease.seconds")
        if self.sandbox.kind == "none" and self.sandbox.network == "off":
            raise ValueError("sandbox.network = 'off' needs a sandbox: with sandbox.kind = 'none' nothing can hold it")
        if self.sandbox.allow and self.sandbox.network == "on":
            raise ValueError("sandbox.allow is a list of exceptions: it needs sandbox.network = 'off'")
        if not self.role:
            self.role = [RoleSection(name="worker", count=4)]
        last = self.setup.port_base + self.setup.ports * len(self.agents()) - 1
        if last > 65535:
            raise ValueError(f"setup.ports * agents above setup.port_base ends at {last}; the last port is 65535")
        from ouroteam.streams import preset_of
        for number, role in enumerate(self.role):
            try:
                agent = self.agent_for(role)
            except ValidationError as error:
                first = error.errors()[0]
                raise ValueError(f"role.{number}.agent.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
            if not preset_of(agent).command and not agent.command:
                raise ValueError(f"agent.preset = {agent.preset!r} needs agent.command")
        return self

    @property
    def root(self) -> Path:
        """Folder of team.toml."""
        return self._root

    @property
    def state(self) -> Path:
        return (self._root / self.team.state).resolve()

    @property
    def upstream(self) -> str:
        """Absolute path or URL of the shared repository."""
        if not self.team.upstream:
            return str(self.state / "upstream.git")
        if is_url(self.team.upstream):
            return self.team.upstream
        return str((self._root / self.team.upstream).resolve())

    def agent_for(self, role: RoleSection) -> AgentSection:
        return AgentSection.model_validate({**self.agent.model_dump(), **role.agent})

    def agents(self) -> list[tuple[str, RoleSection]]:
        return [(f"{role.name}-{n}", role) for role in self.role for n in range(1, role.count + 1)]


def is_url(text: str) -> bool:
    return "://" in text or bool(re.match(r"^[\w.-]+@[\w.-]+:", text))


def find(start: Path | None = None) -> Path:
    """team.toml in this folder or the nearest above."""
    here = (start or Path.cwd()).resolve()
    for folder in [here, *here.parents]:
        if (folder / "team.toml").is_file():
            return folder / "team.toml"
    raise NoConfig("no team.toml here or above; `ouroteam init` writes one")


def load(path: Path | str | None = None) -> Team:
    """Read and check team.toml. Raises ConfigError with one line per mistake."""
    file = Path(path) if path else find()
    if file.is_dir():
        file = file / "team.toml"
    try:
        data = tomllib.loads(file.read_text())
    except FileNotFoundError:
        raise NoConfig(f"{file}: no such file; `ouroteam init` writes one") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: {error}") from None
    return parse(data, file.resolve().parent)


def parse(data: dict[str, Any], root: Path) -> Team:
    try:
        team = Team.model_validate(data)
    except ValidationError as error:
        lines = []
        for item in error.errors():
            key = ".".join(str(part) for part in item["loc"])
            hint = " (unknown key)" if item["type"] == "extra_forbidden" else ""
            lines.append(f"{key or 'team.toml'}: {item['msg'].removeprefix('Value error, ')}{hint}")
        raise ConfigError("\n".join(lines)) from None
    team._root = root
    return team


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + "}"
    return repr(value)


def sections() -> list[tuple[str, type[Section], bool]]:
    """(name, model, is a list) of each table, in the order of the file."""
    result: list[tuple[str, type[Section], bool]] = []
    for name, field in Team.model_fields.items():
        if name == "role":
            result.append((name, RoleSection, True))
        else:
            assert isinstance(field.annotation, type)
            result.append((name, field.annotation, False))
    return result


def template(values: dict[str, dict[str, Any]], roles: list[dict[str, Any]]) -> str:
    """A commented team.toml: what was chosen is set, everything else is there as a comment."""
    out = ["# team.toml: every key with its default is listed; docs/ouroteam/configuration.md explains them.\n"]
    for name, model, many in sections():
        if many:
            for role in roles:
                out.append("[[role]]")
                out += [f"{key} = {_toml(value)}" for key, value in role.items()]
                out.append("")
            continue
        out.append(f"[{name}]")
        for key, field in model.model_fields.items():
            shown = field.alias or key
            chosen = values.get(name, {})
            summary = (field.description or "").split(". ")[0].rstrip(".:")
            if shown in chosen:
                out.append(f"{shown} = {_toml(chosen[shown])}  # {summary}")
            else:
                out.append(f"# {shown} = {_toml(field.get_default(call_default_factory=True))}  # {summary}")
        out.append("")
    return "\n".join(out)


def reference() -> str:
    """The configuration reference in Markdown."""
    out = ["# team.toml", "", "Generated from the pydantic models in `ouroteam/config.py` by "
           "`ouroteam doctor --reference`; do not edit.", ""]
    for name, model, many in sections():
        out += [f"## {'[[' + name + ']]' if many else '[' + name + ']'}", "", (model.__doc__ or "").strip(), "",
                "| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        for key, field in model.model_fields.items():
            kind = getattr(field.annotation, "__name__", str(field.annotation))
            if "Literal" in str(field.annotation):
                kind = str(field.annotation).replace("typing.Literal", "one of ").replace("'", "`")
            elif "[" in str(field.annotation):
                kind = str(field.annotation).replace("typing.", "")
            default = "required" if field.is_required() else _toml(field.get_default(call_default_factory=True))
            default = default if default == "required" else f"`{default}`"
            text = (field.description or "").replace("|", "\\|")
            out.append(f"| `{field.alias or key}` | {kind.replace('|', chr(92) + '|')} | {default} | {text} |")
        out.append("")
    return "\n".join(out)
