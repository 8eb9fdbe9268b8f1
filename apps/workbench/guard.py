"""Let nobody but this server's own page have anything run; `app.py` says what is kept out.

Checked on every request, the one that opens the WebSocket included.
"""

from __future__ import annotations

import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from shiny import ui
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = secrets.token_urlsafe(32)  # new at each start
HERE = frozenset({"127.0.0.1", "localhost", "::1"})  # the names that this machine has for itself
REFUSED = (
    "The workbench runs what is typed into it, so it answers its own page on this machine only."
)


def token() -> ui.Tag:
    """Put the token into the page."""
    return ui.head_content(ui.tags.meta(name="token", content=TOKEN))


def knows_token(message: object) -> bool:
    """Whether a message comes from a page that this server sent."""
    given = message.get("token") if isinstance(message, dict) else None
    return isinstance(given, str) and secrets.compare_digest(given.encode(), TOKEN.encode())


def admitted(scope: Scope) -> bool:
    """Whether a request comes from this machine, to this machine, from a page of ours."""
    client, headers = scope.get("client"), Headers(scope=scope)
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if client is None or not _is_loopback(client[0]) or len(hosts) != 1 or len(origins) > 1:
        return False
    if _name(hosts[0]) not in HERE:
        return False
    if not origins:  # a browser leaves it out where a page is opened, never for a WebSocket
        return scope["type"] == "http"
    return origins[0] == f"http://{hosts[0]}"


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

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is admitted."""

        async def send_ours(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = "frame-ancestors 'self'"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        if scope["type"] == "lifespan" or admitted(scope):
            await self.app(scope, receive, send_ours)
        elif scope["type"] == "http":
            await PlainTextResponse(REFUSED, status_code=403)(scope, receive, send)
        else:  # closed before it is open: the browser is told 403
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
