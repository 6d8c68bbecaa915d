"""Where main accepts only pull requests: the queue publishes there.

Agents push to the team's own repository as always; main there follows main on GitHub. A batch that passed its check
becomes one pull request a change, each head being the merge that was tested, in order; they are merged through the
API (``github.merge``), or left for a human. A change is integrated when GitHub's main holds it, and comes back to its
author when its pull request is closed without a merge.

The calls go through PyGithub (``pip install ouroteam[github]``). The state is in the journal: a pull request that
was opened just before a crash is found again by its branch's name.
"""

from __future__ import annotations

import os
from typing import Any

from ouroteam.check import Outcome
from ouroteam.config import Team
from ouroteam.integration import AGENTS, Built, Change, Integrator, Tester
from ouroteam.journal import Event, JournalWriter
from ouroteam.repository import GitError, RefChange, Upstream

PREFIX = "ouroteam/"


class PullRequestIntegrator(Integrator):
    def __init__(self, team: Team, upstream: Upstream, journal: JournalWriter, tester: Tester,
                 clock: Any = None) -> None:
        import time
        super().__init__(team, upstream, journal, tester, clock or time.time)
        settings = team.github
        self.remote = settings.remote or f"https://github.com/{settings.repository}.git"
        self.last_poll = 0.0
        self._repository: Any = None

    @property
    def repository(self) -> Any:
        """PyGithub's repository object."""
        if self._repository is None:
            import github
            token = os.environ.get(self.team.github.token, "")
            auth = github.Auth.Token(token) if token else None
            client = github.Github(base_url=self.team.github.api, auth=auth, retry=3, timeout=30)
            self._repository = client.get_repo(self.team.github.repository)
        return self._repository

    # --- a tick: first see what became of the open pull requests --------------------------------------

    def tick(self, admit: bool = True) -> bool:
        changed = False
        if not 0 <= self.clock() - self.last_poll < self.team.github.poll or not self.journal.fact("main"):
            self.last_poll = self.clock()
            changed = self._follow()
        return super().tick(admit) or changed

    def _follow(self) -> bool:
        """Bring GitHub's main here; settle pull requests that were merged or closed."""
        store = self.upstream.store
        store.run("fetch", "-q", "--no-tags", self.remote, f"+refs/heads/{self.team.team.main}:refs/ouroteam/github-main",
                  timeout=600, env=self._credentials())
        theirs = store.refs("refs/ouroteam/github-main").get("refs/ouroteam/github-main")
        ours = self.upstream.ref(self.main_ref)
        moved = bool(theirs) and theirs != ours
        if moved:
            self.upstream.transaction([RefChange(self.main_ref, theirs, ours)])
            self.journal.record("main-moved", at=self.clock(), sha=theirs, by="github")
        return self._settle_open() or moved

    def _settle_open(self) -> bool:
        changed = False
        for row in self.journal.rows("SELECT * FROM submission WHERE state = 'published'"):
            number = self.journal.fact(f"pull/{row['id']}")
            pull = self.repository.get_pull(int(number))
            if pull.merged:
                main = self.journal.fact("main")
                event, _ = self._integrated_event(row["ref"], row["sha"], pull.merge_commit_sha or main)
                self._clear_branch(row["ref"], row["sha"], row["tasks"].split())
                self.journal.record_all([(event, f"integrated:pull:{number}")])
                changed = True
            elif pull.state == "closed":
                refs = self.upstream.refs(self.main_ref, AGENTS)
                self._return(Change(row["id"], row["ref"], row["sha"], row["agent"], row["submitted"], 0, 0, False, ()),
                             "closed", [f"pull request {number} was closed without a merge"], refs)
                changed = True
            elif self.team.github.merge:
                self._merge(row["agent"], row["id"], row["ref"], "", pull)
        return changed

    def _clear_branch(self, ref: str, sha: str, tasks: list[str]) -> None:
        refs = self.upstream.refs(ref, "refs/tasks/", "refs/claims/")
        changes = [RefChange(ref, None, sha)] if refs.get(ref) == sha else []
        for task in tasks:
            changes += [RefChange(name, None, refs[name]) for name in (f"refs/tasks/{task}", f"refs/claims/{task}")
                        if name in refs]
        if changes:
            self.upstream.transaction(changes)

    def _credentials(self) -> dict[str, str]:
        """The token goes to git by environment, not by argument."""
        token = os.environ.get(self.team.github.token, "")
        if not token or not self.remote.startswith("https://"):
            return {}
        import base64
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraHeader",
                "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}"}

    # --- landing is publishing ------------------------------------------------------------------------

    def _land(self, built: Built, outcome: Outcome, refs: dict[str, str],
              checked: tuple[Event, str | None] | None = None) -> bool:
        self.journal.record_all([checked] if checked else [])
        published = []
        for change, commit in built.merged:
            try:
                published.append((change, commit, self._open(change, commit, outcome)))
            except GitError as error:
                self.journal.record("queue-error", at=self.clock(), text=str(error)[:300])
                break
        if self.team.github.merge:
            for change, commit, pull in published:
                self._merge(change.agent, change.id, change.ref, commit, pull)
        self.journal.record_all(self._save_report(built.tip, outcome))
        self.last_poll = 0.0
        return bool(published)

    def _open(self, change: Change, commit: str, outcome: Outcome) -> Any:
        """Push the tested merge and open its pull request; found again when it is there already."""
        branch = PREFIX + change.name.replace("/", "-")
        self.upstream.store.run("push", "-q", "--no-verify", "--force", self.remote, f"{commit}:refs/heads/{branch}",
                                timeout=600, env=self._credentials())
        owner = self.team.github.repository.split("/")[0]
        existing = list(self.repository.get_pulls(state="open", head=f"{owner}:{branch}"))
        if existing:
            pull = existing[0]
        else:
            subject = self.upstream.store.run("log", "-1", "--format=%s", change.sha).line
            body = (f"By {change.agent}. The check passed in {outcome.seconds:.0f} s on exactly this commit "
                    f"({commit[:12]}).")
            pull = self.repository.create_pull(base=self.team.team.main, head=branch, title=subject or branch, body=body)
        self.journal.record_all([
            (Event(0, self.clock(), "fact", data={"name": f"pull/{change.id}", "value": pull.number}), None),
            (Event(0, self.clock(), "published", change.agent, data={
                "ref": change.ref, "sha": change.sha, "merged": commit, "number": pull.number}), f"published:{commit}")])
        return pull

    def _merge(self, agent: str, number: int, ref: str, commit: str, pull: Any) -> None:
        """Ask for the merge; told once when it is not allowed yet (a review is wanted, main moved)."""
        import github
        arguments = {"sha": commit} if commit else {}
        try:
            pull.merge(merge_method=self.team.github.merge_method, **arguments)
        except github.GithubException as error:
            self.journal.record("approval-wanted", agent=agent, at=self.clock(), key=f"approval:pull:{pull.number}",
                                id=number, ref=ref, reason=f"pull request {pull.number}: {error.data or error}"[:200])
