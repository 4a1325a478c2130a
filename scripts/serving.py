"""The web program over an empty folder, for scripts that look at it from outside. Standard library only."""

import http.client
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"


class Visitor:
    """Somebody with cookies, over one connection that stays open."""

    def __init__(self, port):
        self.port = port
        self.cookies = {}
        self.connection = None

    def send(self, method, path, body=None, headers=None):
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            own = {"Accept-Language": "en", **(headers or {})}
            if self.cookies:
                own["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            try:
                self.connection.request(method, path, body=body, headers=own)
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (http.client.HTTPException, OSError):
                self.connection = None
                if attempt == 2:
                    raise
        for line in answer.headers.get_all("set-cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return answer.status, answer.headers, text.decode("utf-8", "replace")

    def get(self, path):
        return self.send("GET", path)

    def fill_in(self, page, path, fields):
        """Fills in a form of a page."""
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(page)[2]).group(1)
        body = urllib.parse.urlencode([("csrf", token), *fields])
        return self.send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})


class Served:
    """The program, running until the block ends; with a factory, it also shows the machines of one that is
    played meanwhile."""

    def __init__(self, program, factory=False):
        if not program.exists():
            sys.exit(f"there is no {program}: cargo build --release --features full")
        self.program = program
        self.has_factory = factory
        self.factory = self.process = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="anshin-served-"))
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def start(self):
        own = []
        if self.has_factory:
            own = ["--monitor", self.folder / "factory"]
            self.factory = subprocess.Popen(
                [self.program, "monitor", "demo", "--seconds", "3600", "--state", self.folder / "factory"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        start = time.monotonic()
        self.process = subprocess.Popen(
            [self.program, "--lang", "en", "serve", "--data", self.folder / "data", "--listen", "127.0.0.1:0", *own],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        line = ""
        while "open http://" not in line:
            line = self.process.stderr.readline()
            if not line:
                sys.exit("the program did not start")
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))
        # The first page, as somebody sees it who has just typed the command.
        status, _, _ = Visitor(self.port).get("/first-start")
        self.seconds_to_first_page = time.monotonic() - start
        assert status == 200, status
        # Nobody reads the log on.
        subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        for process in filter(None, (self.factory, self.process)):
            process.terminate()
            process.wait()
        shutil.rmtree(self.folder)

    def resident_megabytes(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def administrator(self):
        """The first administrator, signed in."""
        visitor = Visitor(self.port)
        fields = [("organization", "Example Works"), ("name", "Aoi Tanaka"), ("login", "aoi"), ("language", "en")]
        status, _, text = visitor.fill_in("/first-start", "/first-start", [*fields, ("password", PASSWORD)])
        assert status == 303, text
        return visitor

    def token(self, visitor, scope="administer"):
        """A token for the HTTP API."""
        fields = [("name", "script"), ("scope", scope), ("days", "1")]
        _, _, text = visitor.fill_in("/account", "/account/tokens", fields)
        return re.search(r"anshin-token-[0-9a-f]+", text).group(0)

    def api(self, token, method, path, body=None, **headers):
        headers = {"Authorization": f"Bearer {token}", **headers}
        status, answered, text = Visitor(self.port).send(method, path, body, headers)
        return status, answered, json.loads(text) if "json" in answered.get("content-type", "") else text

    def example(self, visitor):
        """The address of a copy of the example."""
        _, headers, _ = visitor.fill_in("/", "/new/example", [("example", "gas-water-heater")])
        return headers["location"].split("?")[0]
