"""A small fake of GitHub's REST API over a bare repository: what pull-request mode needs, with its rules."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ouroteam.repository import Repository


class FakeGitHub:
    """repository: the bare repository behind it. ``protected``: merging needs an approval; ``token``: the only good one."""

    def __init__(self, repository: Path, token: str) -> None:
        self.git = Repository(repository)
        self.token = token
        self.protected = False
        self.approved: set[int] = set()
        self.pulls: dict[int, dict[str, Any]] = {}
        self.calls: list[str] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"{}") if length else {}
                fake.calls.append(f"{self.command} {self.path}")
                if self.headers.get("Authorization") not in (f"token {token}", f"Bearer {token}"):
                    status, answer = 401, {"message": "Bad credentials"}
                else:
                    status, answer = fake.answer(self.command, self.path, body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = handle_any

            def log_message(self, *arguments: object) -> None:
                pass
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        parts = urlsplit(path)
        if parts.path == "/repos/owner/name" and method == "GET":
            return 200, {"id": 1, "name": "name", "full_name": "owner/name", "url": f"{self.url}/repos/owner/name",
                         "default_branch": "main"}
        if parts.path == "/repos/owner/name/pulls":
            return self.create(body) if method == "POST" else self.listing(parse_qs(parts.query))
        match = re.fullmatch(r"/repos/owner/name/pulls/(\d+)(/merge)?", parts.path)
        if match and int(match[1]) in self.pulls:
            pull = self.pulls[int(match[1])]
            if pull["state"] == "open":  # a pull request follows its branch
                pull["head"]["sha"] = self.git.resolve(f"refs/heads/{pull['head']['ref']}") or pull["head"]["sha"]
            if match[2]:
                return self.merge(pull, body) if method == "PUT" else (405, {"message": "Method not allowed"})
            if method == "PATCH":
                pull.update({k: v for k, v in body.items() if k in ("state", "title", "body")})
            return 200, pull
        return 404, {"message": "Not Found"}

    def listing(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        state, head = query.get("state", ["open"])[0], query.get("head", [""])[0]
        return 200, [p for p in self.pulls.values() if state in (p["state"], "all")
                     and (not head or p["head"]["label"] == head)]

    def create(self, body: dict[str, Any]) -> tuple[int, Any]:
        sha = self.git.resolve(f"refs/heads/{body['head']}")
        if sha is None:
            return 422, {"message": "Validation Failed", "errors": [{"field": "head", "code": "invalid"}]}
        if any(p["state"] == "open" and p["head"]["ref"] == body["head"] for p in self.pulls.values()):
            return 422, {"message": "Validation Failed", "errors": [{"message": "A pull request already exists"}]}
        number = len(self.pulls) + 1
        self.pulls[number] = {
            "id": number, "number": number, "state": "open", "title": body["title"], "body": body.get("body"),
            "merged": False, "merge_commit_sha": None, "url": f"{self.url}/repos/owner/name/pulls/{number}",
            "head": {"ref": body["head"], "sha": sha, "label": f"owner:{body['head']}"},
            "base": {"ref": body["base"], "sha": "", "label": f"owner:{body['base']}"}}
        return 201, self.pulls[number]

    def merge(self, pull: dict[str, Any], body: dict[str, Any]) -> tuple[int, Any]:
        if pull["merged"] or pull["state"] != "open":
            return 405, {"message": "Pull Request is not mergeable"}
        if body.get("sha") and body["sha"] != pull["head"]["sha"]:
            return 409, {"message": "Head branch was modified. Review and try the merge again."}
        if self.protected and pull["number"] not in self.approved:
            return 405, {"message": "At least 1 approving review is required by reviewers with write access."}
        self.finish(pull)
        return 200, {"sha": pull["merge_commit_sha"], "merged": True, "message": "Pull Request successfully merged"}

    def finish(self, pull: dict[str, Any]) -> None:
        """What GitHub does on a merge: a merge commit on main."""
        main = self.git.resolve("refs/heads/main") or ""
        merge = self.git.merge_tree(main, pull["head"]["sha"])
        assert merge.clean
        commit = self.git.commit_tree(merge.tree, [main, pull["head"]["sha"]], f"Merge pull request #{pull['number']}\n")
        self.git.run("update-ref", "refs/heads/main", commit, main)
        pull.update(merged=True, state="closed", merge_commit_sha=commit)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
