"""Headless Chromium, driven over a pipe (the Chrome DevTools Protocol)."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
_SECONDS = 60


class Browser:
    """A browser with one page.

    `errors` collects what the page writes to the console and what it throws, and
    `requests` the addresses that it asks for.
    """

    def __init__(self):
        self.errors, self.requests = [], []
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._n_sent, self._buffer, self._events = 0, b"", []
        read, child_out = os.pipe()
        child_in, write = os.pipe()
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--remote-debugging-pipe",
            f"--user-data-dir={self._folder.name}",
            "about:blank",
        ]

        # Chromium reads commands from the file descriptor 3, and writes to 4.
        script = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
        self._process = subprocess.Popen(
            [
                *("bash", "-c", script, "-", str(child_in), str(child_out)),
                *(CHROMIUM, *options),
            ],
            pass_fds=(child_in, child_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(child_in)
        os.close(child_out)
        self._read, self._write = read, write
        os.set_blocking(read, False)
        target = self._call("Target.createTarget", url="about:blank", session=None)
        attached = self._call(
            "Target.attachToTarget",
            targetId=target["targetId"],
            flatten=True,
            session=None,
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._process.terminate()
        self._process.wait(timeout=_SECONDS)
        os.close(self._read)
        os.close(self._write)
        self._folder.cleanup()

    def open(self, path, *, width, height=900, dark=False):
        """Load a file in a window of a size."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = "dark" if dark else "light"
        self._call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self._events.clear()
        self._call("Page.navigate", url=path.absolute().as_uri())
        self._wait("Page.loadEventFired")

    def run(self, script):
        """Return what an expression of JavaScript gives."""
        result = self._call(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def press(self, key):
        """Press a key."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            self._call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                text=text if kind == "keyDown" else "",
                windowsVirtualKeyCode=codes[key],
            )

    def print(self):
        """Return the page as a PDF."""
        return base64.b64decode(self._call("Page.printToPDF")["data"])

    def screenshot(self, path):
        """Write what the window shows to a PNG file."""
        data = self._call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def _call(self, method, *, session="", **params):
        self._n_sent += 1
        message = {"id": self._n_sent, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        answer = self._receive(lambda m: m.get("id") == self._n_sent)
        assert "error" not in answer, answer
        return answer["result"]

    def _wait(self, event):
        if event not in self._events:
            self._receive(lambda m: m.get("method") == event)

    def _receive(self, wanted):
        end = time.monotonic() + _SECONDS
        while True:
            while b"\0" not in self._buffer:
                try:
                    chunk = os.read(self._read, 1 << 20)
                except BlockingIOError:
                    chunk = None
                    time.sleep(0.005)
                if chunk == b"" or time.monotonic() > end:
                    raise TimeoutError("Chromium does not answer.")
                self._buffer += chunk or b""
            line, _, self._buffer = self._buffer.partition(b"\0")
            message = json.loads(line)
            self._note(message)
            if wanted(message):
                return message

    def _note(self, message):
        method, params = message.get("method"), message.get("params", {})
        self._events.append(method)
        if method == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled":
            self.errors.append(params["args"])
        elif method == "Log.entryAdded":
            self.errors.append(params["entry"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
