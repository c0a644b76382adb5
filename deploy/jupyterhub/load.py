"""Let a class log in at once on this machine, and see what a greedy user does to it.

``python deploy/jupyterhub/load.py 10`` starts the hub of `trial_config.py` on loopback, lets each
user start a server, opens lecture 04 from his own copy and runs all its cells, then moves a window in one of its
widgets again and again, as a browser does over a websocket. Then one more user takes all the memory he
can get and keeps many processes busy, while the others go on. What was measured goes into LOAD.md beside.
It needs what hub.lock names, configurable-http-proxy and Linux.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import platform
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import date
from pathlib import Path

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

HERE = Path(__file__).resolve().parent
LECTURE = "cnn-lecture/04_convolution_2d.ipynb"
MOVES = 40  # of the window, for each measurement
PAUSE = 0.25  # seconds between two of them, as of a hand
PATIENCE = 300  # seconds after which something is broken
LIMITS = {"systemd": "units of systemd", "groups": "control groups made by hand", "process": "RLIMIT_AS and niceness"}
FAMILY = "cnn-trial"  # what its users, units, groups and homes are called by
EATS = """
held = []
while True:
    held.append(bytearray(20_000_000))
"""
SPINS = """
import subprocess, sys
spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(16)]
print(len(spinning))
"""


class Hub:
    """A hub for the trial, and its API."""

    def __init__(self, folder, proxy, limits):
        self.folder, self.limits, self.token = folder, limits, secrets.token_hex(32)
        ports = free_ports(3)
        self.base, self.api = f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}/hub/api"
        scope = ["systemd-run", "--scope", "--quiet", "--slice=cnnhub.slice"] if limits == "systemd" else []
        variables = {"FOLDER": str(folder), "TOKEN": self.token, "PROXY": proxy, "LIMITS": limits,
                     "PORTS": " ".join(map(str, ports))}
        self.process = subprocess.Popen(
            [*scope, sys.executable, "-m", "jupyterhub", "-f", str(HERE / "trial_config.py")], cwd=folder,
            env=os.environ | {f"CNN_TRIAL_{name}": value for name, value in variables.items()},
            stdout=(folder / "hub.log").open("wb"), stderr=subprocess.STDOUT)

    async def ask(self, method, path, body=None):
        """Ask the hub, or a user's server, and return what it answers."""
        request = HTTPRequest(self.base + path, method, headers={"Authorization": f"token {self.token}"},
                              body=None if method == "GET" else json.dumps(body or {}), allow_nonstandard_methods=True,
                              request_timeout=PATIENCE, connect_timeout=PATIENCE)
        answer = await AsyncHTTPClient().fetch(request)
        return json.loads(answer.body) if answer.body else None

    async def ready(self):
        """Wait until it answers."""
        while True:
            try:
                return await self.ask("GET", "/hub/api/")
            except (OSError, HTTPClientError):
                if self.process.poll() is not None:
                    raise RuntimeError((self.folder / "hub.log").read_text(encoding="utf-8")[-2000:]) from None
                await asyncio.sleep(0.2)

    def stop(self):
        """Stop it and what it started, and remove what its users have left."""
        if self.process.poll() is None:
            started = psutil.Process(self.process.pid).children(recursive=True)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
            for one in started:
                if one.is_running():
                    one.kill()
            psutil.wait_procs(started, timeout=10)
        if self.limits == "systemd":
            subprocess.run(["systemctl", "stop", f"jupyter-{FAMILY}-*"], check=True)
            for home in Path("/var/lib/private").glob(f"{FAMILY}-*"):
                Path("/var/lib", home.name).unlink()
                shutil.rmtree(home)
        for folder in Path("/sys/fs/cgroup").glob(f"*/{FAMILY}/*"):
            if folder.is_dir():
                folder.rmdir()


def free_ports(count):
    """As many ports of this machine's own that nobody listens at."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class Kernel:
    """A kernel on a user's server, spoken to as a browser does."""

    def __init__(self, hub, user):
        self.hub, self.user, self.session = hub, user, uuid.uuid4().hex
        self.comms = {}

    async def start(self, path=""):
        """Start it; a kernel with a path has that notebook's folder."""
        made = await self.hub.ask("POST", f"/user/{self.user}/api/kernels", {"name": "python3", "path": path})
        address = f"{self.hub.base.replace('http', 'ws')}/user/{self.user}/api/kernels/{made['id']}/channels"
        headers = {"Authorization": f"token {self.hub.token}"}
        self.socket = await websocket_connect(HTTPRequest(address, headers=headers, connect_timeout=PATIENCE))

    async def send(self, kind, content):
        """Send a message, and return its outputs' types and errors when the kernel is idle again."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": kind, "username": self.user, "session": self.session, "version": "5.4",
                  "date": time.strftime("%Y-%m-%dT%H:%M:%SZ")}
        await self.socket.write_message(json.dumps(
            {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell",
             "buffers": []}))
        seen = []
        while True:
            raw = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
            if raw is None:
                raise ConnectionError("the kernel's connection was closed")
            told = json.loads(raw if isinstance(raw, str) else text_of(raw))
            kind, inside = told["header"]["msg_type"], told["content"]
            if kind == "comm_open":
                self.comms[inside["comm_id"]] = inside["data"].get("state", {})
            if told["parent_header"].get("msg_id") != number:
                if kind == "status" and inside["execution_state"] in ("restarting", "dead"):
                    raise ConnectionError("the kernel died")
                continue
            if kind == "status" and inside["execution_state"] == "idle":
                return seen
            seen.append(inside.get("ename", kind))

    async def run(self, code):
        """Run code; return what `send` returns."""
        return await self.send("execute_request", {"code": code, "silent": False, "store_history": True,
                                                   "user_expressions": {}, "allow_stdin": False, "stop_on_error": True})

    async def moves(self, count=MOVES):
        """Move the window of a widget, and return the seconds from each move to Python's last word on it."""
        comm = next(one for one, state in self.comms.items() if {"row", "col", "kernel"} <= state.keys())
        found = []
        for number in range(count):
            began = time.perf_counter()
            await self.send("comm_msg", {"comm_id": comm, "data": {"method": "update", "state": {"row": number % 2},
                                                                   "buffer_paths": []}})
            found.append(time.perf_counter() - began)
            await asyncio.sleep(PAUSE)
        return found


def text_of(raw):
    """The first part of a binary message: how many parts, where each begins, then JSON."""
    count = int.from_bytes(raw[:4], "big")
    begins = [int.from_bytes(raw[4 + 4 * place:8 + 4 * place], "big") for place in range(count)]
    return raw[begins[0]:begins[1] if count > 1 else None].decode()


async def server(hub, name):
    """Start a user's server, and wait until it answers."""
    await hub.ask("POST", f"/hub/api/users/{name}")
    await hub.ask("POST", f"/hub/api/users/{name}/server")
    while not (await hub.ask("GET", f"/hub/api/users/{name}"))["servers"].get("", {}).get("ready"):
        await asyncio.sleep(0.25)


async def student(hub, name):
    """Log in, open the lecture from one's own copy and run it; return the kernel and what was seen."""
    began = time.perf_counter()
    await server(hub, name)
    seen = {"server": time.perf_counter() - began}
    notebook = (await hub.ask("GET", f"/user/{name}/api/contents/{LECTURE}"))["content"]
    kernel = Kernel(hub, name)
    await kernel.start(LECTURE)
    outputs = []
    for cell in (cell for cell in notebook["cells"] if cell["cell_type"] == "code"):
        outputs += await kernel.run("".join(cell["source"]))
        seen.setdefault("first", time.perf_counter() - began)
    seen["all"] = time.perf_counter() - began
    if wrong := [one for one in outputs if one.endswith(("Error", "Exception"))]:
        raise RuntimeError(f"{name}: the lecture ended with {wrong}")
    return kernel, seen


def megabytes(processes):
    """What some processes take together, each shared page counted by its share."""
    total = 0
    for one in processes:
        try:
            total += one.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 1e6


def taken(hub):
    """Megabytes of a user (median), of the hub and of its proxy."""
    own = psutil.Process(hub.process.pid)
    users = [one for one in psutil.process_iter(["cmdline", "environ"])  # systemd's are no children of the hub
             if "singleuser" in " ".join(one.info["cmdline"] or [])
             and (one.info["environ"] or {}).get("JUPYTERHUB_API_URL") == hub.api]
    proxy = [one for one in own.children() if "configurable-http-proxy" in " ".join(one.cmdline())]
    each = [megabytes([one, *one.children(recursive=True)]) for one in users]
    return {"user": statistics.median(each), "hub": megabytes([own]), "proxy": megabytes(proxy)}


def spread(seconds):
    """Median, 95th percentile and worst, in milliseconds."""
    ordered = sorted(1000 * one for one in seconds)
    high = ordered[math.ceil(0.95 * (len(ordered) - 1))]
    return f"{statistics.median(ordered):.0f} / {high:.0f} / {ordered[-1]:.0f} ms"


async def together(kernels):
    """The moves of all at once, as one list."""
    return [one for moves in await asyncio.gather(*(kernel.moves() for kernel in kernels)) for one in moves]


async def greedy(hub, eating):
    """Take all cores and all memory; return what became of the kernel that took the memory."""
    name = f"{FAMILY}-greedy"
    await server(hub, name)
    eats, spins = Kernel(hub, name), Kernel(hub, name)
    await eats.start()
    await spins.start()
    await spins.run(SPINS)
    eating.set()
    try:
        return f"ended by {next(one for one in await eats.run(EATS) if one.endswith('Error'))}"
    except ConnectionError as error:
        return f"ended: {error}"


async def beside(hub, kernels):
    """Let the others move their windows beside the greedy user, until he is stopped; return what was seen."""
    free, least, eating = psutil.virtual_memory().available, [], asyncio.Event()

    async def watch():
        while True:
            least.append(psutil.virtual_memory().available)
            await asyncio.sleep(0.1)

    async def eat():
        return await greedy(hub, eating)

    async def knock():
        while True:
            began = time.perf_counter()
            await hub.ask("GET", "/hub/api/users")
            asked.append(time.perf_counter() - began)
            await asyncio.sleep(PAUSE)

    glutton, watching = asyncio.create_task(eat()), asyncio.create_task(watch())
    await eating.wait()
    moves, asked, rounds, knocking = [], [], 0, asyncio.create_task(knock())
    while rounds < 2 or (not glutton.done() and rounds < 12):
        moves, rounds = moves + await together(kernels), rounds + 1
    fate = glutton.result() if glutton.done() else "was still at it"
    for task in (glutton, watching, knocking):
        task.cancel()
    return moves, asked, fate, (free - min(least)) / 1e6


async def trial(hub, count):
    """Do it all; return what goes into the table."""
    began = time.perf_counter()
    await hub.ready()
    up = time.perf_counter() - began
    students = await asyncio.gather(*(student(hub, f"{FAMILY}-{number}") for number in range(count)))
    kernels, seen = [kernel for kernel, _ in students], [one for _, one in students]
    memory, before = taken(hub), await together(kernels)
    during, asked, fate, lost = await beside(hub, kernels)
    alive = [await kernel.run("1 + 1") for kernel in kernels]
    rows = {"the hub answers after its start": f"{up:.1f} s"}
    for name, words in (("server", "server ready"), ("first", "first cell has run"), ("all", "all cells have run")):
        times = [one[name] for one in seen]
        rows[f"{words}: first / median / last user"] = (
            f"{min(times):.1f} / {statistics.median(times):.1f} / {max(times):.1f} s")
    rows["memory of a user (median), of the hub, of its proxy"] = (
        f"{memory['user']:.0f}, {memory['hub']:.0f}, {memory['proxy']:.0f} MB")
    rows["a widget's move to Python and back, all users at once: median / 95 % / worst"] = spread(before)
    rows["the same beside the greedy user"] = spread(during)
    rows["the hub's own answer beside him: median / 95 % / worst"] = spread(asked)
    rows["his kernel that takes memory"] = fate
    rows["most that the machine missed meanwhile"] = f"{lost:.0f} MB"
    rows["kernels of the others that still answer"] = f"{sum('execute_result' in one for one in alive)} of {count}"
    return rows


def report(count, tables, load):
    """LOAD.md, from the tables of the trials and what the machine did before."""
    total, first = psutil.virtual_memory().total / 1e9, next(iter(tables.values()))
    machine = f"{psutil.cpu_count()} cores, {total:.0f} GB, {platform.system()}; load before: {load:.0f}"
    lines = [
        "# A class that logs in at once",
        "",
        "Written by `python deploy/jupyterhub/load.py`. The users are programs that speak to their servers as a",
        "browser does; they load no pages. All log in at the same moment; times count from there. Each runs lecture",
        "04 from his own copy of it. The greedy user keeps 16 processes busy and takes memory as long as he gets any.",
        "",
        f"{date.today()}: {count} users; {machine}.",
        "",
        "| | " + " | ".join(tables) + " |",
        "|---|" + "---|" * len(tables),
        *(f"| {name} | " + " | ".join(rows[name] for rows in tables.values()) + " |" for name in first),
        "",
    ]
    return "\n".join(lines)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("users", type=int, nargs="?", default=5)
    parser.add_argument("--proxy", default=shutil.which("configurable-http-proxy"), help="configurable-http-proxy")
    parser.add_argument("--limits", nargs="+", choices=LIMITS, default=list(LIMITS)[:1], help="by what means")
    parser.add_argument("--to", type=Path, default=HERE / "LOAD.md")
    arguments = parser.parse_args(argv)
    if not arguments.proxy:
        parser.error("configurable-http-proxy is missing: npm install configurable-http-proxy")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped then, too
    tables, load = {}, os.getloadavg()[2]  # of the last 15 minutes
    for limits in arguments.limits:
        with tempfile.TemporaryDirectory() as folder:
            hub = Hub(Path(folder), arguments.proxy, limits)
            try:
                tables[LIMITS[limits]] = asyncio.run(trial(hub, arguments.users))
            finally:
                hub.stop()
    arguments.to.write_text(report(arguments.users, tables, load), encoding="utf-8")
    print(arguments.to.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
