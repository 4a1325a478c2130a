"""What the scripts that measure the monitor share: its example `flood`, a Mosquitto, consumers."""

import json, os, shutil, signal, socket, subprocess, sys, threading, time
from pathlib import Path

root = Path(__file__).resolve().parent.parent


def build(profile="release"):
    """Builds the example `flood`, unless ANSHIN_FLOOD names one; the path of the program."""
    if os.environ.get("ANSHIN_FLOOD"):
        return os.environ["ANSHIN_FLOOD"]
    command = ["cargo", "build", "-p", "anshin-field", "--example", "flood"]
    subprocess.run(command + (["--release"] if profile == "release" else []), cwd=root, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    return str(target / profile / "examples/flood")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(port):
    for _ in range(600):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nobody listens on port {port}")


def mosquitto(work):
    """Starts a Mosquitto; the program and its port."""
    if not shutil.which("mosquitto"):
        sys.exit("Mosquitto is missing: apt-get install mosquitto")
    port = free_port()
    conf = Path(work) / "mosquitto.conf"
    conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\n")
    program = subprocess.Popen(["mosquitto", "-c", conf], stderr=subprocess.DEVNULL)
    listening(port)
    return program, port


class Consumer:
    """A program that prints a line when it is ready, and what it has received when its input ends."""

    def __init__(self, command):
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.program.stdout.readline())

    def memory(self):
        """Megabytes of memory that it has now, and at most so far."""
        found = {}
        for line in Path(f"/proc/{self.program.pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                found[name] = int(value.split()[0]) / 1024
        return found["VmRSS"], found["VmHWM"]

    def end(self):
        self.program.stdin.close()
        said = {}
        for line in self.program.stdout:
            said.update(json.loads(line))
        self.program.wait()
        return said


class Slowed:
    """A program that runs only a part of the time, like one on a computer that is too slow for its work.

    A turn is so short that what waits in sockets meanwhile is more than it can work on when it runs.
    """

    def __init__(self, program, part, turn=0.01):
        self.program, self.part, self.turn = program, part, turn
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.ended.is_set():
            self.program.send_signal(signal.SIGSTOP)
            time.sleep(self.turn * (1 - self.part))
            self.program.send_signal(signal.SIGCONT)
            time.sleep(self.turn * self.part)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def publish(flood, *words):
    """Runs `flood` as one that publishes, and gives what it says."""
    return json.loads(subprocess.check_output([flood, *map(str, words)], text=True))
