"""What the page's server lets in: from this machine, of a form and size that the page sends.

Solara trusts whoever reaches it: with the headers of a proxy, which move every later reader's
assets; with frames of any form, a header of four bytes among them that asks for gigabytes; with
the path of a folder of its assets, which it deletes. So what the page itself never sends is refused
here, before Solara sees it.
"""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

LONGEST_FRAME = 7_000_000  # characters: a file of five million bytes as base64, and what is around
MOST_PARTS = 10_000  # brackets, commas and colons of a frame: a move of a slider has some thirty

# Which headers are passed on. None says where the page is: the browser knows.
_HEADERS = frozenset(
    (
        b"host", b"origin", b"cookie", b"range", b"if-range", b"if-none-match",
        b"if-modified-since", b"accept-encoding", b"content-length", b"content-type",
    )
)  # fmt: skip
_ID = "[0-9a-f-]{1,40}"
_ASSETS = "/_solara/cdn/"
_READ = re.compile(rf"/|/static/.+|/jupyter/nbextensions/.+|{_ASSETS}.+")
_CLOSED = re.compile(rf"/_solara/api/close/{_ID}")
_CONNECTED = re.compile(rf"/jupyter/api/kernels/{_ID}/channels")
_OPENED = ("solara.control", "jupyter.widget.control")
# What a message has in its content, by its type.
_MESSAGES: dict[str, dict[str, type]] = {
    "kernel_info_request": {},
    "comm_info_request": {},
    "comm_open": {"comm_id": str, "target_name": str, "data": dict},
    "comm_msg": {"comm_id": str, "data": dict},
    "comm_close": {"comm_id": str},
    "shutdown_request": {},
}
_NO_FRAMES = [
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
]


def is_sound(frame: str) -> bool:
    """Tell whether a frame is a message that the page sends."""
    if len(frame) > LONGEST_FRAME or sum(map(frame.count, "[{,:")) > MOST_PARTS:
        return False
    try:
        message = json.loads(frame)
    except (RecursionError, ValueError):
        return False
    if not isinstance(message, dict):
        return False
    header, content = message.get("header"), message.get("content")
    if not (isinstance(header, dict) and isinstance(content, dict)):
        return False
    kind = header.get("msg_type")
    if not isinstance(kind, str) or kind not in _MESSAGES or message.get("channel") != "shell":
        return False
    if not isinstance(header.get("msg_id"), str) or message.get("buffers", []) != []:
        return False
    if any(not isinstance(content.get(key), of) for key, of in _MESSAGES[kind].items()):
        return False
    if kind == "comm_msg" and not isinstance(content["data"].get("method"), str):
        return False
    return kind != "comm_open" or content["target_name"] in _OPENED


class Guarded:
    """An ASGI application that answers this machine only, and what the page itself asks."""

    def __init__(self, app: Any, hosts: list[str], assets: Path) -> None:
        self._app = app
        self._hosts = {host.encode() for host in hosts}
        self._assets = assets

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not self._is_from_here(headers):
            await _refuse(scope, send, 403, b"only from this machine\n")
        elif not self._is_known(scope):
            await _refuse(scope, send, 404, b"the page has no such part\n")
        else:
            kept = [pair for pair in scope["headers"] if pair[0] in _HEADERS]
            scope = {**scope, "headers": kept, "root_path": ""}
            if scope["type"] == "websocket":
                receive = partial(_received, receive, send)
            await self._app(scope, receive, partial(_send, send))

    def _is_from_here(self, headers: dict[bytes, bytes]) -> bool:
        """Tell whether a request names this machine, and is not what another site has sent."""
        origin = headers.get(b"origin", b"")
        is_sent = headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site")
        if is_sent and headers.get(b"sec-fetch-mode") != b"navigate":  # a link may lead here
            return False
        is_own = not origin or origin.removeprefix(b"http://") in self._hosts
        return is_own and headers.get(b"host") in self._hosts

    def _is_known(self, scope: Any) -> bool:
        """Tell whether a request is for a part that the page has."""
        path, method = scope["path"], scope.get("method")
        is_session = b"session_id=" in scope["query_string"]
        if scope["type"] == "websocket":
            return is_session and bool(_CONNECTED.fullmatch(path))
        if method == "POST":
            return is_session and bool(_CLOSED.fullmatch(path))
        if method not in ("GET", "HEAD") or not _READ.fullmatch(path) or ".." in path:
            return False
        if not path.startswith(_ASSETS):
            return True
        return (self._assets / path.removeprefix(_ASSETS).lstrip("/")).is_file()


async def _refuse(scope: Any, send: Any, status: int, why: bytes) -> None:
    """Answer a request that is not passed on."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": why})


async def _received(receive: Any, send: Any) -> Any:
    """Next message of a socket, which is closed if it is none that the page sends."""
    message = await receive()
    if message["type"] == "websocket.receive" and not is_sound(message.get("text") or ""):
        await send({"type": "websocket.close", "code": 1008, "reason": "not what the page sends"})
        return {"type": "websocket.disconnect", "code": 1008}
    return message


async def _send(send: Any, message: Any) -> None:
    """Have no other site show the page in a frame of its own."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message.get("headers", []), *_NO_FRAMES]
    await send(message)
