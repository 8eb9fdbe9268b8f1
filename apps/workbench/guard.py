"""Let nobody but this server's own page have anything run; `app.py` says what is kept out.

Checked on every request, the one that opens the WebSocket included.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from shiny import ui

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

TOKEN = secrets.token_urlsafe(32)  # new at each start
HERE = frozenset({"127.0.0.1", "localhost", "::1"})  # the names that this machine has for itself
REFUSED = b"The workbench runs what is typed into it, so it answers only its own page, here."
OURS = [
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
]


def token() -> ui.Tag:
    """Put the token into the page."""
    return ui.head_content(ui.tags.meta(name="token", content=TOKEN))


def knows_token(message: object) -> bool:
    """Whether a message comes from a page that this server sent."""
    given = message.get("token") if isinstance(message, dict) else None
    return isinstance(given, str) and secrets.compare_digest(given.encode(), TOKEN.encode())


def admitted(scope: Message) -> bool:
    """Whether a request comes from this machine, to this machine, from a page of ours."""
    client = scope.get("client")
    hosts, origins = _headers(scope, b"host"), _headers(scope, b"origin")
    if client is None or not _is_loopback(client[0]) or len(hosts) != 1 or len(origins) > 1:
        return False
    if _name(hosts[0]) not in HERE:
        return False
    if not origins:  # a browser leaves it out where a page is opened, never for a WebSocket
        return scope["type"] == "http"
    return origins[0] == f"http://{hosts[0]}"


def _headers(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


class Guard:
    """Refuse what is not admitted, and let no other site frame the page or read from it."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on what is admitted."""

        async def send_ours(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *OURS]}
            await send(message)

        if scope["type"] == "lifespan" or admitted(scope):
            await self.app(scope, receive, send_ours)
        elif scope["type"] == "http":
            plain = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": plain})
            await send({"type": "http.response.body", "body": REFUSED})
        else:  # closed before it is open: the browser is told 403
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
