"""Only the workbench's own page may have anything run: asked from elsewhere, it refuses."""

import http.client
import re
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect
from shiny.run import ShinyAppProc

from apps.shared.words import words
from apps.workbench.guard import TOKEN, admitted, knows_token
from apps.workbench.page import message, page
from apps.workbench.visit import Visit


def status(app: ShinyAppProc, path: str = "/", method: str = "GET", **headers: str) -> int:
    return answer(app, path, method, **headers).status


def answer(
    app: ShinyAppProc, path: str = "/", method: str = "GET", **headers: str
) -> http.client.HTTPResponse:
    """Ask with exactly these headers; Host is the right one unless it is given."""
    address = urlsplit(app.url).netloc
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in ({"Host": address} | headers).items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    try:
        return connection.getresponse()
    finally:
        connection.close()


def handshake(app: ShinyAppProc, **headers: str) -> int:
    """Ask for a WebSocket, as a browser does."""
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    return status(app, "/websocket/", **upgrade, **headers)


def ours(app: ShinyAppProc) -> str:
    return f"http://{urlsplit(app.url).netloc}"


FOREIGN = [
    *("http://evil.example", "http://127.0.0.1:{port}.evil.example", "null", ""),
    *("https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://localhost:{port}"),
]
HOSTS = [
    *("evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "localhost.x"),
    *("0.0.0.0:{port}", "192.168.0.7:{port}", "127.0.0.1@evil.example", "", "["),
]


def test_its_own_page_is_answered(workbench_app: ShinyAppProc):
    origin = ours(workbench_app)
    assert status(workbench_app) == 200
    assert status(workbench_app, Origin=origin) == 200
    assert handshake(workbench_app, Origin=origin) == 101
    local = f"localhost:{workbench_app.port}"
    assert handshake(workbench_app, Host=local, Origin=f"http://{local}") == 101


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_request_from_another_origin_is_refused(workbench_app: ShinyAppProc, origin: str):
    origin = origin.format(port=workbench_app.port)
    assert handshake(workbench_app, Origin=origin) == 403
    assert status(workbench_app, Origin=origin) == 403
    path = "/session/1/upload/1"
    assert status(workbench_app, path, "POST", Origin=origin) == 403


def test_a_websocket_that_names_no_origin_is_refused(workbench_app: ShinyAppProc):
    assert handshake(workbench_app) == 403


@pytest.mark.parametrize("host", HOSTS)
def test_a_request_to_another_host_is_refused(workbench_app: ShinyAppProc, host: str):
    host = host.format(port=workbench_app.port)
    for refused in (
        status(workbench_app, Host=host),
        handshake(workbench_app, Host=host, Origin=f"http://{host}"),
        handshake(workbench_app, Host=host, Origin=ours(workbench_app)),
    ):
        assert refused in (400, 403)


def test_no_other_site_may_frame_or_read_the_page(workbench_app: ShinyAppProc):
    headers = answer(workbench_app).headers
    assert headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


def test_the_token_stands_in_the_page_alone(workbench_app: ShinyAppProc):
    """Nobody who only got hold of a WebSocket learns it."""
    answered = urlopen(workbench_app.url).read().decode()
    assert len(re.findall(r'<meta name="token" content="[\w-]{43}"/>', answered)) == 1
    say = words("workbench", "en")
    told = f"{page(say, can_stop=True)} {message(Visit(), say)}"
    assert TOKEN not in told and "token" not in told


@pytest.mark.parametrize("client, right", [
    ("127.0.0.1", True), ("127.3.2.1", True), ("::1", True), ("192.168.0.7", False),
    ("10.0.0.1", False), ("testclient", False), (None, False),
])  # fmt: skip
def test_only_this_machine_is_answered(client: str | None, right: bool):
    headers = [(b"host", b"127.0.0.1:8703"), (b"origin", b"http://127.0.0.1:8703")]
    for kind in ("http", "websocket"):
        asked = {"type": kind, "headers": headers, "client": client and (client, 5)}
        assert admitted(asked) is right


def test_a_header_that_is_sent_twice_is_refused():
    host, evil = (b"host", b"127.0.0.1"), (b"origin", b"http://evil.example")
    own = (b"origin", b"http://127.0.0.1")
    for headers in ([host, host, own], [host, own, evil], [host, evil, own], [own]):
        assert not admitted({"type": "websocket", "headers": headers, "client": ("::1", 5)})


def test_without_the_token_nothing_is_run():
    assert knows_token({"token": TOKEN})
    for token in (None, "", TOKEN[:-1], f"{TOKEN} ", "é", [TOKEN]):
        assert not knows_token({"token": token})
    for forged in (None, [], {}, TOKEN):
        assert not knows_token(forged)


def test_another_site_in_the_same_browser_gets_nowhere(
    browser: Browser, workbench_app: ShinyAppProc
):
    tab = browser.new_page()
    tab.route("http://evil.example/*", lambda route: route.fulfill(
        body=f'<!doctype html><title>evil</title><iframe src="{workbench_app.url}"></iframe>',
        content_type="text/html"))  # fmt: skip
    tab.goto("http://evil.example/")
    opened = tab.evaluate(
        """url => new Promise(done => {
             const socket = new WebSocket(url);
             socket.onopen = () => done("open");
             socket.onerror = () => done("refused");
           })""",
        workbench_app.url.replace("http", "ws") + "websocket/",
    )
    assert opened == "refused"
    read = tab.evaluate(
        "url => fetch(url).then(answer => answer.text()).catch(() => 'refused')", workbench_app.url
    )
    assert read == "refused"
    assert tab.frames[1].url.startswith("chrome-error:")  # it cannot be shown in a frame either
    tab.close()


def test_a_forged_token_runs_nothing(browser: Browser, workbench_app: ShinyAppProc):
    tab = browser.new_page()
    tab.goto(f"{workbench_app.url}?lang=en")
    app, html = tab.locator("#app"), tab.locator("html")
    send = """token => Shiny.setInputValue(
      "work", {do: "run", token, text: "print('it runs')"}, {priority: "event"})"""
    for token, lang in (("", "es"), ("forged", "en")):
        expect(tab.locator("#sentence")).not_to_be_empty()
        tab.evaluate(send, token)
        tab.locator("#language").click()  # what comes after it is answered
        expect(html).to_have_attribute("lang", lang)
        expect(app).to_have_attribute("data-busy", "")
        expect(app).to_have_attribute("data-verdict", "")
    tab.evaluate(send, tab.evaluate("document.querySelector('meta[name=token]').content"))
    expect(tab.locator("#report")).to_contain_text("it runs")
    tab.close()
