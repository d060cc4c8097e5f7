"""A headless Chromium, driven over a pipe by the DevTools protocol: no port, no other package."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip
# Chromium reads commands from descriptor 3 and writes answers to 4.
LAUNCH = """
import os, sys
read, write = int(sys.argv[1]), int(sys.argv[2])
read, write = os.dup(read), os.dup(write)
os.dup2(read, 13), os.dup2(write, 14)
os.dup2(13, 3), os.dup2(14, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
PATIENCE = 60.0
"""Seconds for one answer."""


def found() -> str | None:
    """The path of a Chromium or Chrome, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class BrowserError(Exception):
    """The browser refused a command, or said nothing in time."""


class Browser:
    """One process with one page at a time."""

    def __init__(self, process: subprocess.Popen[bytes], send: int, receive: int) -> None:
        self._process = process
        self._send, self._receive = send, receive
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        """What the page reported since it was opened: requests, log entries, exceptions."""

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and wait for its answer; events on the way are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            if "method" in answer:
                self.events.append(answer)

    def open(
        self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False,
        script: bool = True,
    ) -> None:  # fmt: skip
        """Load a page in a new target with this view, and wait until it is there."""
        self.close_page()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        self.events.clear()
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.view(width, height)
        self.scheme(dark=dark)
        self.call("Page.navigate", url=url)
        self.until_event("Page.loadEventFired")

    def close_page(self) -> None:
        """Let go of the page."""
        if self._session is not None:
            self.call("Page.close")
            self._session = None

    def view(self, width: int, height: int) -> None:
        """Give the page this size in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip

    def scheme(self, *, dark: bool) -> None:
        """Prefer the dark or the light colours."""
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript (promises are awaited) and give its value."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until a condition of the page holds."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise BrowserError(f"never true: {expression}")
            self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 10)))")

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        for char in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=char, key=char)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=char)

    def press(self, key: str, code: int) -> None:
        """Press a key that is no character."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code
            )

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write a PNG of the view, or of the whole page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def until_event(self, method: str) -> None:
        """Wait for an event of the page."""
        while not any(event["method"] == method for event in self.events):
            event = self._next()
            if "method" in event:
                self.events.append(event)

    @property
    def requests(self) -> list[str]:
        """The addresses that the page asked for since it was opened, its own included."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    @property
    def complaints(self) -> list[str]:
        """Errors on the console, violations of the policy, exceptions."""
        said: list[str] = []
        for event in self.events:
            match event["method"]:
                case "Log.entryAdded":
                    said.append(event["params"]["entry"]["text"])
                case "Runtime.exceptionThrown":
                    said.append(str(event["params"]["exceptionDetails"]))
                case "Runtime.consoleAPICalled":
                    said.append(str(event["params"]["args"]))
                case _:
                    pass
        return said

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._receive], [], [], PATIENCE)
            part = os.read(self._receive, 1 << 20) if ready else b""
            if not part:
                raise BrowserError(f"no answer from the browser (exit {self._process.poll()})")
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def browser(program: str, profile: Path) -> Iterator[Browser]:
    """Start a browser with an empty profile; it ends with the block."""
    commands_in, commands_out = os.pipe()
    answers_in, answers_out = os.pipe()
    command = [sys.executable, "-c", LAUNCH, str(commands_in), str(answers_out), program]
    process = subprocess.Popen(
        [*command, *OPTIONS, f"--user-data-dir={profile}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(commands_in, answers_out),
    )
    os.close(commands_in)
    os.close(answers_out)
    started = Browser(process, commands_out, answers_in)
    try:
        started.call("Browser.getVersion")
        yield started
    finally:
        try:
            started._session = None
            started.call("Browser.close")
            process.wait(10)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        finally:
            os.close(commands_out)
            os.close(answers_in)
