#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the console costs on a terminal and a report costs in a pipe, each figure beside a floor or a peer measured in the same run.

usage: bench_console.py BUILD [paint|quiet|live|load|cost]...      BUILD: the build tree; nothing named: all of them
  paint  time to the first frame and to the filled overview, with a store of 1 GB and every source dead; median of RUNS
  quiet  bytes per second of a screen whose data stands still
  live   bytes per second of the overview at 1 s refresh
  load   CPU and memory of console and recorder together at 10,000 series and 1 s refresh
  cost   time and CPU of `gwtop cost` on 30 days of 10,000 series, with two budgets and their forecasts; median of RUNS

The stores are made by console_store when they are not there, some minutes each: 1 GB at $GWTOP_BENCH_STORE (default /var/tmp/gwtop-console-1gb.db), 30
days at $GWTOP_BENCH_MONTH (default /var/tmp/gwtop-console-month.db).
Terminal: 120x40, xterm-256color, UTF-8. The emulator of the tests reads what is sent, so "painted" means readable on the screen.
"""
import http.server
import os
import pty
import select
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from ptyterm import Screen, set_size  # noqa: E402

RUNS, COLS, ROWS = 20, 120, 40
BIG_STORE = os.environ.get("GWTOP_BENCH_STORE", "/var/tmp/gwtop-console-1gb.db")
MONTH_STORE = os.environ.get("GWTOP_BENCH_MONTH", "/var/tmp/gwtop-console-month.db")


def figure(what, value, unit, target, beside=""):
    verdict = "" if target is None else "  (target %s %s: %s)" % (target, unit, "met" if value <= target else "MISSED")
    print("%-62s %9.2f %s%s%s" % (what, value, unit, verdict, "   " + beside if beside else ""), flush=True)


class Program:
    """argv on a pseudo-terminal, started as directly as can be, so that little but the program is measured."""

    def __init__(self, argv, env=None):
        self.master, slave = pty.openpty()
        set_size(self.master, COLS, ROWS)
        name = os.ttyname(slave)
        self.screen, self.sent, self.log = Screen(COLS, ROWS), 0, []
        environ = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8", TZ="UTC", **(env or {}))
        environ.pop("NO_COLOR", None)
        actions = [(os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0), (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
        self.t0 = time.perf_counter()
        self.pid = os.posix_spawn(argv[0], argv, environ, file_actions=actions, setsid=True, setsigdef=[signal.SIGPIPE])
        os.close(slave)

    def read(self, seconds):
        """What comes within the time; b"" for nothing, None once the program has closed its terminal."""
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return b""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return None
        self.log.append((time.perf_counter() - self.t0, data))
        self.sent += len(data)
        return data

    def milliseconds_to(self, *texts, timeout=30):
        """Per text, when the bytes that made it readable had arrived. The screen is put together afterwards: its emulator is slow."""
        end, missing, at = time.perf_counter() + timeout, list(texts), {}
        while missing and time.perf_counter() < end:
            if self.read(0.05) is None:
                break
            if not select.select([self.master], [], [], 0.05)[0]:  # a pause: look
                screen = Screen(COLS, ROWS)
                at, missing = {}, list(texts)
                for when, data in self.log:
                    screen.feed(data)
                    shown = screen.text()
                    for text in [m for m in missing if m in shown]:
                        at[text] = when * 1000
                        missing.remove(text)
        if missing:
            raise SystemExit("'%s' was not painted:\n%s" % (missing[0], b"".join(d for _, d in self.log)[-2000:]))
        return [at[t] for t in texts]

    def bytes_in(self, seconds):
        before, end = self.sent, time.perf_counter() + seconds
        while time.perf_counter() < end:
            if self.read(end - time.perf_counter()) is None:
                raise SystemExit("the program ended")
        return self.sent - before

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        while self.read(0.5):
            pass
        os.waitpid(self.pid, 0)
        os.close(self.master)


def cpu_seconds(pid):
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task)) as f:
            total += int(f.read().split()[0])
    return total / 1e9


def rss_mb(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024


def pss_mb(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pss:")) / 1024


class Bench:
    def __init__(self, build):
        self.build = os.path.realpath(build)
        self.place = tempfile.mkdtemp(prefix="gwtop-bench-")
        os.chmod(self.place, 0o700)
        self.children = []

    def close(self):
        for child in self.children:
            child.terminate()
            child.wait()
        shutil.rmtree(self.place)

    def program(self, name):
        return os.path.join(self.build, name)

    def config(self, text):
        path = os.path.join(self.place, "gwtop.yaml")
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o600)
        return path

    def start(self, *argv):
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.children.append(child)
        return child

    def need_store(self, shape, path):
        """One of an earlier format is made anew: its console refuses it."""
        if os.path.exists(path) and subprocess.run([self.program("gwtop"), "sources", "--store", path], capture_output=True).returncode != 0:
            os.remove(path)
        if not os.path.exists(path):
            print("making %s: some minutes" % path, flush=True)
            subprocess.run([self.program("tests/bench/console_store"), shape, path], check=True)

    def console(self, *options):
        return Program([self.program("gwtop"), "--no-recorder", *options])

    # ---- paint ----

    def paint(self):
        self.need_store("gigabyte", BIG_STORE)
        dead = "".join("  - name: dead%d\n    metrics: http://127.0.0.1:%d/metrics\n" % (i, i + 1) for i in range(20))
        config = self.config("gateway: bench\nsources:\n%sslos:\n  - name: all availability\n    availability: 99.9%%\n" % dead)
        runs = {"first": [], "filled": [], "floor": [], "true": []}
        for _ in range(RUNS):
            p = self.console("--store", BIG_STORE, "--config", config)
            first, verdict, filled = p.milliseconds_to("1 Overview", "requests fail", "who is hit")
            p.end()
            runs["first"].append(first)
            runs["filled"].append(max(verdict, filled))
            p = Program([self.program("tests/bench/console_floor")])
            runs["floor"].append(p.milliseconds_to("READY")[0])
            p.end()
            t0 = time.perf_counter()
            os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)
            runs["true"].append((time.perf_counter() - t0) * 1000)
        floor, peer = statistics.median(runs["floor"]), self.peer_paint()
        beside = "floor %.1f ms (a page of curses), /bin/true %.1f ms%s" % (floor, statistics.median(runs["true"]), peer)
        first = statistics.median(runs["first"])
        figure("first frame, store of %.2f GB, 20 sources dead" % (os.path.getsize(BIG_STORE) / 1e9), first, "ms", 25, "%.2fx the floor; %s" % (first / floor, beside))
        figure("  slowest of %d" % RUNS, max(runs["first"]), "ms", None)
        figure("verdict and overview filled from it, while a rule pages", statistics.median(runs["filled"]), "ms", 80)
        figure("  slowest of %d" % RUNS, max(runs["filled"]), "ms", None)

    def peer_paint(self):
        for argv, text in ((["htop", "-d", "10"], "F10"), (["top", "-d", "1"], "COMMAND")):
            path = shutil.which(argv[0])
            if path:
                times = []
                for _ in range(5):
                    p = Program([path, *argv[1:]])
                    times += p.milliseconds_to(text)
                    p.end()
                return ", %s %.1f ms" % (argv[0], statistics.median(times))
        return ""

    # ---- bytes ----

    def recorder(self, config, store, history_s=0):
        """A recorder that first reads so much history from the simulated gateway, at 60 s steps; returns once it is live."""
        replay = ["--replay-from", "%d" % ((time.time() - history_s) * 1000), "--replay-step", "60s"] if history_s else []
        ready, told = os.pipe()
        os.set_inheritable(told, True)
        child = subprocess.Popen([self.program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store, *replay, "--progress-fd", str(told)],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[told])
        self.children.append(child)
        os.close(told)
        said = b""
        while b"live" not in said and select.select([ready], [], [], 60)[0]:
            more = os.read(ready, 4096)
            if not more:
                break
            said += more
        os.close(ready)
        return child

    def simulated(self, interval):
        port_file = os.path.join(self.place, "port")
        self.start(self.program("gwtop-sim"), "serve", "--seed", "7", "--start", "@%d" % (time.time() - 86400), "--port-file", port_file)
        end = time.monotonic() + 30
        while not (os.path.exists(port_file) and open(port_file).read().strip()) and time.monotonic() < end:
            time.sleep(0.05)
        base = "http://127.0.0.1:" + open(port_file).read().strip()
        return self.config("gateway: bench\nsources:\n  - name: litellm\n    metrics: %s/metrics/\n    interval: %s\n  - name: vllm\n    metrics: %s/vllm/qwen-72b/metrics\n    interval: %s\n"
                           "slos:\n  - name: all availability\n    availability: 99.9%%\n" % (base, interval, base, interval))

    def quiet(self):
        config, store = self.simulated("1s"), os.path.join(self.place, "quiet.db")
        child = self.recorder(config, store, 7200)
        time.sleep(5)
        child.terminate()
        child.wait()
        self.children.remove(child)
        p = self.console("--store", store, "--config", config)
        p.milliseconds_to("who is hit")
        p.bytes_in(5)
        figure("a screen whose data stands still, a shift of the axis included", p.bytes_in(60) / 60, "B/s", 60, self.peer_bytes())
        p.end()

    def live(self):
        config, store = self.simulated("1s"), os.path.join(self.place, "live.db")
        self.recorder(config, store, 7200)
        p = self.console("--store", store, "--config", config)
        p.milliseconds_to("who is hit")
        p.bytes_in(5)
        figure("the overview, live at 1 s refresh", p.bytes_in(60) / 60 / 1000, "KB/s", 2.5, self.peer_bytes())
        p.end()

    def peer_bytes(self):
        for argv in (["htop", "-d", "10"], ["top", "-d", "1"]):
            path = shutil.which(argv[0])
            if path:
                p = Program([path, *argv[1:]])
                p.bytes_in(2)
                rate = p.bytes_in(10) / 10
                p.end()
                return "%s at 1 s: %.0f B/s" % (argv[0], rate)
        return ""

    # ---- load ----

    def load(self):
        server = Gateway()
        config = self.config("gateway: bench\nsources:\n  - name: litellm\n    metrics: http://127.0.0.1:%d/metrics/\n    interval: 1s\nslos:\n  - name: all availability\n    availability: 99.9%%\n"
                             % server.port)
        store = os.path.join(self.place, "load.db")
        recorder = self.recorder(config, store)
        p = self.console("--store", store, "--config", config)
        p.milliseconds_to("who is hit")
        p.bytes_in(15)
        seconds, pids = 40, (p.pid, recorder.pid)
        before, polls = [cpu_seconds(pid) for pid in pids], server.polls()
        p.bytes_in(seconds)
        used, polls = [cpu_seconds(pid) - b for pid, b in zip(pids, before)], server.polls() - polls
        rss, pss = [rss_mb(pid) for pid in pids], [pss_mb(pid) for pid in pids]
        if polls < seconds * 0.8:
            print("only %d polls in %d s: the machine is too busy for this figure" % (polls, seconds))
        figure("CPU of console and recorder, %d series at 1 s" % Gateway.SERIES, sum(used) / seconds * 100, "%", 1.5,
               "console %.2f %%, recorder %.2f %%; %d polls; %s" % (used[0] / seconds * 100, used[1] / seconds * 100, polls, self.peer_cpu()))
        figure("resident memory of both", sum(rss), "MB", 40, "console %.1f, recorder %.1f; shared pages counted once: %.1f" % (rss[0], rss[1], sum(pss)))
        p.end()
        server.close()

    def peer_cpu(self):
        for argv in (["htop", "-d", "10"], ["top", "-d", "1"]):
            path = shutil.which(argv[0])
            if path:
                p = Program([path, *argv[1:]])
                p.bytes_in(2)
                before = cpu_seconds(p.pid)
                p.bytes_in(20)
                used = cpu_seconds(p.pid) - before
                p.end()
                return "%s alone at 1 s: %.2f %%" % (argv[0], used / 20 * 100)
        return ""


    # ---- cost ----

    def report(self, *argv):
        """Milliseconds of time and of CPU that a one-shot command takes."""
        command = [self.program("gwtop"), *argv]
        actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
        t0 = time.perf_counter()
        _, status, used = os.wait4(os.posix_spawn(command[0], command, os.environ, file_actions=actions), 0)
        wall = time.perf_counter() - t0
        if status != 0:
            raise SystemExit("%s: status %d" % (" ".join(command), status))
        return wall * 1000, (used.ru_utime + used.ru_stime) * 1000

    def cost(self):
        self.need_store("month", MONTH_STORE)
        config = self.config("gateway: bench\nsources:\n  - name: litellm\n    metrics: http://127.0.0.1:1/metrics\nbudgets:\n"
                             "  - {name: all, limit: 1500000 USD, period: month}\n  - {name: team-1, limit: 200000 USD, period: month, scope: team=team-1}\n")
        runs = {"cost": [], "version": [], "rows": []}
        for _ in range(RUNS):
            runs["cost"].append(self.report("cost", "--store", MONTH_STORE, "--config", config))
            runs["version"].append(self.report("--version"))
            runs["rows"].append(spend_rows(MONTH_STORE))
        wall, cpu = ({what: statistics.median(r[i] for r in list_) for what, list_ in runs.items()} for i in (0, 1))
        floor = "floor %.1f ms, the rows read once by sqlite3; --version %.1f ms"
        figure("gwtop cost, store of %.2f GB, 30 days" % (os.path.getsize(MONTH_STORE) / 1e9), wall["cost"], "ms", 60,
               "%.1fx the " % (wall["cost"] / wall["rows"]) + floor % (wall["rows"], wall["version"]))
        figure("  slowest of %d" % RUNS, max(w for w, _ in runs["cost"]), "ms", None)
        figure("  CPU of it", cpu["cost"], "ms", None, floor % (cpu["rows"], cpu["version"]))


def spend_rows(path):
    """Milliseconds of time and of CPU in which SQLite alone hands out every hour of spend there is and the last hour's head, undecoded."""
    TIER_1H, COST = 3, 19  # store_internal.h, signals.def: kept in files, and so for good
    t0, c0 = time.perf_counter(), time.process_time()
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    for sql in ("SELECT c.data FROM segment s JOIN chunk c ON c.id BETWEEN (s.id << 16) + (%d << 8) AND (s.id << 16) + (%d << 8) + 255 WHERE s.tier = %d" % (COST, COST, TIER_1H),
                "SELECT data FROM head WHERE t1 > (SELECT max(t1) FROM head) - 3600000"):
        for _ in db.execute(sql):
            pass
    db.close()
    return (time.perf_counter() - t0) * 1000, (time.process_time() - c0) * 1000


class Gateway:
    """A LiteLLM-shaped page of 10,000 series whose counters rise from poll to poll, served by a process of its own."""
    SERIES = 10000
    FAMILIES = ("litellm_proxy_total_requests_metric_total", "litellm_spend_metric_total", "litellm_input_tokens_metric_total", "litellm_output_tokens_metric_total")
    HISTOGRAMS = ("litellm_request_total_latency_metric", "litellm_llm_api_latency_metric", "litellm_llm_api_time_to_first_token_metric", "litellm_overhead_latency_metric")
    BOUNDS = ("0.005", "0.01", "0.05", "0.1", "0.2", "0.5", "1.0", "2.0", "3.0", "5.0", "7.5", "10.0", "15.0", "20.0", "30.0", "60.0", "+Inf")

    def __init__(self):
        read, write = os.pipe()
        self.count_r, count_w = os.pipe()
        self.seen = 0
        self.pid = os.fork()
        if self.pid == 0:
            self.serve(write, count_w)
            os._exit(0)
        os.close(write)
        os.close(count_w)
        os.set_blocking(self.count_r, False)
        self.port = int(os.read(read, 16))
        os.close(read)

    def polls(self):
        try:
            self.seen += len(os.read(self.count_r, 1 << 16))
        except BlockingIOError:
            pass
        return self.seen

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)

    @classmethod
    def page(cls, n):
        lines, left = [], cls.SERIES
        for h in cls.HISTOGRAMS:
            lines.append("# TYPE %s histogram" % h)
            for i in range(75):
                labels = 'model="model-%d",team_alias="team-%d",api_key_alias="key-%d"' % (i % 6, i % 8, i)
                total = n * (i % 5)
                for k, b in enumerate(cls.BOUNDS):
                    lines.append('%s_bucket{%s,le="%s"} %d' % (h, labels, b, total * (k + 1) // len(cls.BOUNDS)))
                lines += ["%s_count{%s} %d" % (h, labels, total), "%s_sum{%s} %.3f" % (h, labels, total * 0.7)]
                left -= len(cls.BOUNDS) + 2
        each = left // len(cls.FAMILIES)
        for f in cls.FAMILIES:
            lines.append("# TYPE %s counter" % f)
            for i in range(each + (left - each * len(cls.FAMILIES) if f == cls.FAMILIES[0] else 0)):
                labels = 'model="model-%d",requested_model="model-%d",team_alias="team-%d",api_key_alias="key-%d",route="/chat/completions",status_code="200"' % (i % 6, i % 6, i % 8, i)
                lines.append("%s{%s} %d" % (f, labels, n * (i % 7)))
        return ("\n".join(lines) + "\n").encode()

    @classmethod
    def serve(cls, ready, count):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            n = 0

            def do_GET(self):
                Handler.n += 1
                body = cls.page(Handler.n)
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                os.write(count, b".")

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        os.write(ready, b"%d" % server.server_port)
        os.close(ready)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        signal.sigwait([signal.SIGTERM])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with open("/proc/loadavg") as f:
        print("load average %s" % f.read().split()[0], flush=True)
    for part in sys.argv[2:] or ["paint", "quiet", "live", "load", "cost"]:
        bench = Bench(sys.argv[1])
        try:
            getattr(bench, part)()
        finally:
            bench.close()


if __name__ == "__main__":
    main()
