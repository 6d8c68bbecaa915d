"""The web page over a journal: live by server-sent events, or a finished run with a time slider.

Routes: ``/`` the page, ``/state`` everything as JSON (``?at=`` an instant), ``/events`` the stream, ``/log`` an agent's
log with search, ``/history`` the run's beginning and end. Read-only; nothing of it changes the team. Only logs that
the journal names can be read.
"""

from __future__ import annotations

import asyncio
import json
import math
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ouroteam.dashboard import state
from ouroteam.journal import Journal

PAGE = Path(__file__).with_name("page.html")
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
           "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; "
                                      "script-src 'self' 'unsafe-inline'"}


def application(path: Path, interval: float = 0.5) -> Starlette:
    """The page for one journal."""
    def journal() -> Journal:
        return Journal(path)

    async def page(request: Request) -> Response:
        return HTMLResponse(PAGE.read_text(), headers=HEADERS)

    async def snapshot(request: Request) -> Response:
        at = request.query_params.get("at")
        try:
            instant = float(at) if at else None
        except ValueError:
            instant = math.nan
        if instant is not None and not math.isfinite(instant):
            return JSONResponse({"error": "at wants seconds since the epoch"}, 400, headers=HEADERS)
        return JSONResponse(await asyncio.to_thread(_overview, path, instant), headers=HEADERS)

    async def history(request: Request) -> Response:
        source = journal()
        row = source.row("SELECT min(time) AS first, max(time) AS last, count(*) AS events FROM event")
        ended = source.last("down")
        up = source.last("up")
        source.close()
        live = bool(up and (ended is None or ended.id < up.id))
        return JSONResponse({"first": row["first"] if row else None, "last": row["last"] if row else None,
                             "events": row["events"] if row else 0, "live": live}, headers=HEADERS)

    async def events(request: Request) -> Response:
        given = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
        after = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
        return StreamingResponse(_stream(path, after, interval, request), media_type="text/event-stream",
                                 headers={**HEADERS, "X-Accel-Buffering": "no"})

    async def log(request: Request) -> Response:
        agent, session = request.query_params.get("agent", ""), request.query_params.get("session", "")
        source = journal()
        row = source.row("SELECT log FROM session WHERE id = ?", session) if session else source.row(
            "SELECT log FROM session WHERE agent = ? ORDER BY started DESC LIMIT 1", agent)
        sessions = [dict(r) for r in source.rows(
            "SELECT id, started, ended, reason FROM session WHERE agent = ? ORDER BY started DESC LIMIT 50", agent)]
        source.close()
        if row is None:
            return JSONResponse({"lines": [], "sessions": sessions, "error": "no such log"}, 404, headers=HEADERS)
        query = request.query_params.get("q", "")
        lines = await asyncio.to_thread(state.search_log, Path(row["log"]), query)
        return JSONResponse({"lines": lines, "sessions": sessions, "log": Path(row["log"]).name}, headers=HEADERS)

    return Starlette(routes=[Route("/", page), Route("/state", snapshot), Route("/history", history),
                             Route("/events", events), Route("/log", log)])


def _overview(path: Path, at: float | None) -> dict[str, object]:
    source = Journal(path)
    try:
        return state.overview(source, at)
    finally:
        source.close()


async def _stream(path: Path, after: int, interval: float, request: Request) -> AsyncIterator[str]:
    """A snapshot whenever something happened, with the last event's number as its id."""
    first = True
    while not await request.is_disconnected():
        source = Journal(path)
        last = int(source.value("SELECT max(id) FROM event") or 0)
        source.close()
        if last > after or first:
            first, after = False, last
            data = await asyncio.to_thread(_overview, path, None)
            yield f"id: {last}\nevent: state\ndata: {json.dumps(data, default=str)}\n\n"
        else:
            yield ": still here\n\n"
        await asyncio.sleep(interval)


def serve(path: Path, host: str, port: int) -> None:
    import uvicorn
    Journal(path).close()  # a clear error before the server starts
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        raise OSError(f"{host} port {port}: {error.strerror}; --port names another, 0 any") from None
    print(f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/ shows {path}", flush=True)
    uvicorn.Server(uvicorn.Config(application(path), log_level="warning")).run(sockets=[listener])
