# SPDX-License-Identifier: MIT
"""What the tests against real servers share: processes that are always ended, waiting for conditions, and the gwtop programs.

A test that cannot run says `skipped: why` and exits 77, which ctest shows as skipped.
"""
import atexit
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

BUILD = os.environ["GWTOP_BUILD"]
SKIPPED = 77


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def program(name):
    path = os.path.join(BUILD, name)
    if not os.access(path, os.X_OK):
        raise SystemExit("%s was not built" % path)
    return path


def need(tool, package):
    path = shutil.which(tool)
    if path is None:
        skip("%s is not installed (package %s)" % (tool, package))
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Place:
    """A temporary folder that goes with the test."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="gwtop-real-")
        os.chmod(self.path, 0o700)
        atexit.register(shutil.rmtree, self.path, True)

    def file(self, name, text=None):
        path = os.path.join(self.path, name)
        if text is not None:
            with open(path, "w") as f:
                f.write(text)
            os.chmod(path, 0o600)
        return path


class Server:
    """A child process, ended when the test ends."""

    def __init__(self, place, name, argv, env=None):
        self.log = place.file(name + ".log")
        self.name = name
        with open(self.log, "w") as log:
            self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=place.path,
                                          env=dict(os.environ, **(env or {})), start_new_session=True)
        atexit.register(self.stop)

    def stop(self, sig=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(sig)
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        return self.child.returncode

    def tail(self):
        with open(self.log, errors="replace") as f:
            return "".join(f.readlines()[-15:])


class Pages:
    """A server on loopback whose pages a test writes: GET /any/NAME answers with page(NAME), under the lock; None is an error 503."""

    def __init__(self, page):
        pages = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rsplit("/", 1)[1]
                with pages.lock:
                    text = page(name)
                    pages.served[name] = pages.served.get(name, 0) + 1
                body = (text or "").encode()
                self.send_response(503 if text is None else 200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.lock, self.served = threading.Lock(), {}
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def change(self, how, names):
        """how() sets what pages say; waits until each was asked for, and asked for again after that was stored."""
        with self.lock:
            how()
            before = dict(self.served)
        wait_for("pages to be asked for again", lambda: all(self.served.get(k, 0) >= before.get(k, 0) + 3 for k in names), 60)


def wait_for(what, condition, seconds, server=None):
    """Polls the condition until it gives something true; what it gave. Fails, naming what was waited for, when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server is not None and server.child.poll() is not None:
            raise SystemExit("%s ended while waiting for %s:\n%s" % (server.name, what, server.tail()))
        try:
            got = condition()
        except (OSError, ValueError, KeyError):
            got = None
        if got:
            return got
        time.sleep(0.2)
    raise SystemExit("%s did not come within %d s\n%s" % (what, seconds, server.tail() if server else ""))


def get(url, timeout=10, headers=None, data=None):
    request = urllib.request.Request(url, headers=headers or {}, data=data)
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return answer.read().decode(), answer.headers


def gwtop_json(*argv):
    run = subprocess.run([program("gwtop"), *argv, "--json"], capture_output=True, text=True)
    if not run.stdout.startswith("{"):
        raise ValueError("gwtop %s: no JSON, exit %d: %s" % (" ".join(argv), run.returncode, run.stderr))
    return json.loads(run.stdout)


def check(what, condition, detail=""):
    print("%s %s%s" % ("ok  " if condition else "FAIL", what, ": " + detail if detail else ""), flush=True)
    if not condition:
        check.failed += 1


check.failed = 0


def check_same(what, got, want):
    check(what, got == want, str(got) if got == want else "%s, expected %s" % (got, want))


def finish():
    print("%d failed" % check.failed)
    sys.exit(1 if check.failed else 0)


def screen(place, argv, ready, cols=120, rows=40):
    """The text of a terminal in which argv runs, once `ready` (a regular expression) is on it."""
    need("tmux", "tmux")
    sock = "gwtop-real-%d" % os.getpid()
    tmux = ["tmux", "-L", sock, "-f", "/dev/null"]
    env = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
    subprocess.run(tmux + ["-u", "new-session", "-d", "-x", str(cols), "-y", str(rows), *argv], check=True, env=env)
    try:
        def shown():
            text = subprocess.run(tmux + ["capture-pane", "-p"], capture_output=True, text=True).stdout
            return text if re.search(ready, text) else None
        return wait_for("'%s' on the screen" % ready, shown, 30)
    finally:
        subprocess.run(tmux + ["kill-server"], capture_output=True)


def iso(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + ".%03dZ" % (ms % 1000)


def simulator(place, speed="1", extra=()):
    """The simulated gateway on a free port: (server, base address)."""
    port_file = place.file("sim.port")
    sim = Server(place, "sim", [program("gwtop-sim"), "serve", "--seed", "7", "--speed", speed, "--port-file", port_file, *extra])
    port = wait_for("the simulator's port", lambda: os.path.exists(port_file) and open(port_file).read().strip(), 30, sim)
    return sim, "http://127.0.0.1:" + port
