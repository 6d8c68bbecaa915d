"""Blacking out secrets.

Input: the values of the variables named in ``[environment] secrets``. Output: text or bytes in which each value,
also its base64 and URL-quoted forms, is replaced by ``[secret]``. ``RedactingStream`` does it for a stream that
comes in pieces: a value cut by a piece's border is found as well.
"""

from __future__ import annotations

import base64
import json
import os
import re
import urllib.parse

MARK = "[secret]"


class Redactor:
    """Replaces secrets; values shorter than four characters are left alone, they would match everywhere."""

    def __init__(self, values: list[str]) -> None:
        forms: set[bytes] = set()
        for value in values:
            if len(value) < 4:
                continue
            raw = os.fsencode(value)  # a variable may hold bytes that are no text
            forms |= {raw, urllib.parse.quote(raw, safe="").encode(), json.dumps(value)[1:-1].encode(),
                      base64.b64encode(raw).rstrip(b"=")}
            forms |= {line for line in raw.splitlines() if len(line) >= 8}
        self.forms = sorted(forms, key=len, reverse=True)
        self.longest = max((len(form) for form in self.forms), default=0)
        pattern = b"|".join(re.escape(form) for form in self.forms)
        self.pattern = re.compile(pattern) if pattern else None

    def data(self, content: bytes) -> bytes:
        return self.pattern.sub(MARK.encode(), content) if self.pattern else content

    def text(self, content: str) -> str:
        if self.pattern is None:
            return content
        errors = "surrogateescape"
        try:
            raw = content.encode("utf-8", errors)
        except UnicodeEncodeError:  # half of a pair, from an agent that cuts its text in UTF-16
            errors = "surrogatepass"
            raw = content.encode("utf-8", errors)
        return self.data(raw).decode("utf-8", errors)

    def found_in(self, content: bytes) -> bool:
        return self.pattern is not None and self.pattern.search(content) is not None


class RedactingStream:
    """Redacts a stream given in pieces: keeps back what could be the beginning of a secret."""

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor
        self.rest = b""

    def feed(self, piece: bytes) -> bytes:
        if self.redactor.pattern is None:
            return piece
        whole = self.redactor.data(self.rest + piece)
        keep = self._could_begin(whole)
        self.rest = whole[len(whole) - keep:] if keep else b""
        return whole[:len(whole) - keep] if keep else whole

    def _could_begin(self, whole: bytes) -> int:
        """Length of the longest end of ``whole`` that begins some secret."""
        for length in range(min(self.redactor.longest - 1, len(whole)), 0, -1):
            end = whole[-length:]
            if any(form.startswith(end) for form in self.redactor.forms):
                return length
        return 0

    def finish(self) -> bytes:
        rest, self.rest = self.redactor.data(self.rest), b""
        return rest
