# SPDX-License-Identifier: MIT
"""The console against what happens to terminals: unknown ones, tiny ones, ones that go away; signals, suspension, storms of resizes; text
from outside that would like to be a command. Usage: terminal.py CASE; GWTOP_BUILD is the build tree, GWTOP_STORE a recorded demo.
"""
import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from ptyterm import Screen, Terminal, Unknown, is_given_back, set_size  # noqa: E402

BUILD, STORE = os.environ["GWTOP_BUILD"], os.environ["GWTOP_STORE"]
GWTOP = os.path.join(BUILD, "gwtop")
READY = r"who is hit"
PANES = "12345678"
failed = 0


def check(what, condition, detail=""):
    global failed
    if not condition:
        failed += 1
    print("%s %s%s" % ("ok  " if condition else "FAIL", what, ": %s" % detail if detail and not condition else ""), flush=True)


def argv(*options, store=STORE):
    return [GWTOP, "--store", store, "--config", store.replace(".db", ".demo.yaml"), "--no-recorder", *options]


def console(*options, **job):
    return Terminal(argv(*options), **job)


def make_store():
    """A day of the demo, recorded once for all cases."""
    shutil.rmtree(os.path.dirname(STORE), True)
    os.makedirs(os.path.dirname(STORE), 0o700)
    subprocess.run([GWTOP, "demo", "--headless", "--for", "10m", "--store", STORE], check=True, timeout=300)


# ---- ways out ----

def given_back(name, t, status, wanted):
    wrong = is_given_back(t)
    check("%s: the terminal is as it was" % name, not wrong, "; ".join(wrong))
    check("%s: it ends with %d" % (name, wanted), status == wanted, status)


def case_ways_out():
    for name, key in (("q", "q"), ("Ctrl-C", "\x03"), (":quit", ":quit\r")):
        with console() as t:
            t.wait_for(READY)
            t.key(key)
            given_back(name, t, t.wait_end(), 0)
    ends = {signal.SIGINT: 0, signal.SIGTERM: 0, signal.SIGHUP: 0}
    crashes = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGQUIT)
    for sig in list(ends) + list(crashes):
        for when in ("with the mouse on", "in a prompt", "between frames"):
            with console() as t:
                t.wait_for(READY)
                if when == "with the mouse on":
                    t.key("\x1bOQ")
                    t.wait_for("mouse on")
                elif when == "in a prompt":
                    t.key(":")
                    t.wait("the cursor", lambda: 25 in t.screen.modes)
                t.job.kill(sig)
                given_back("%s %s" % (sig.name, when), t, t.wait_end(), ends.get(sig, -sig))


def case_crash_anywhere():
    """A crash at fifty points of the first moments, of which some lie before the terminal is taken and some while a frame is sent."""
    for i in range(50):
        with console() as t:
            target = 200 * i
            t.wait("%d bytes" % target, lambda: len(t.bytes()) >= min(target, 4000))
            t.job.kill(signal.SIGSEGV)
            status, wrong = t.wait_end(), is_given_back(t)
            if wrong or status != -signal.SIGSEGV:
                check("a crash after %d bytes" % target, False, "%s; ends with %d" % ("; ".join(wrong), status))
    check("50 crashes gave the terminal back", failed == 0)
    for sig, wanted in ((signal.SIGSEGV, -signal.SIGSEGV), (signal.SIGTERM, 0)):
        for i in range(20):  # within the first bytes: what takes the terminal
            with console() as t:
                t.wait("a byte", lambda: t.bytes())
                t.job.kill(sig)
                status, wrong = t.wait_end(), is_given_back(t)
                if wrong or status != wanted:
                    check("%s while the terminal is taken" % sig.name, False, "%s; ends with %d" % ("; ".join(wrong), status))


def case_errors():
    """What ends the console before or soon after the terminal was taken gives it back, says why, and has the exit status for it."""
    broken = os.path.join(tempfile.mkdtemp(), "broken.db")
    with open(broken, "w") as f:
        f.write("no database at all" * 100)
    with open(broken.replace(".db", ".demo.yaml"), "w") as f:
        f.write("gateway: x\n")
    os.chmod(broken.replace(".db", ".demo.yaml"), 0o600)
    for name, options, status, said in (
            ("a time that is none", argv("--at", "teatime"), 64, "teatime"),
            ("a filter that is none", argv("--filter", "nonsense"), 64, "nonsense"),
            ("a theme that is none", argv("--theme", "nonsense"), 64, "nonsense"),
            ("glyphs that are none", argv("--glyphs", "nonsense"), 64, "nonsense"),
            ("a window that is none", argv("--window", "6"), 64, "--window"),
            ("a pane that is none", argv("--pane", "nonsense"), 64, "nonsense"),
            ("a store that is none", argv(store=broken), 1, "broken.db")):
        with Terminal(options) as t:
            got = t.wait_end()
            wrong = is_given_back(t)
            check("%s: the terminal is as it was" % name, not wrong, "; ".join(wrong))
            check("%s: exit %d, and why" % (name, status), got == status and said in t.bytes().decode(), "%d, %r" % (got, t.bytes()[-200:]))
    shutil.rmtree(os.path.dirname(broken))


# ---- stopping ----

def case_suspend():
    with console() as t:
        t.wait_for(READY)
        for way in ("Ctrl-Z", "SIGTSTP", "SIGSTOP"):
            t.key("\x1a") if way == "Ctrl-Z" else t.job.kill(getattr(signal, way))
            check("%s stops it" % way, t.job.next_report(10) == "stopped")
            t.drain(0)
            if way != "SIGSTOP":
                wrong = is_given_back(t)
                check("%s gives the terminal back meanwhile" % way, not wrong, "; ".join(wrong))
            before = t.screen.text()
            t.screen.overwrite(b"\x1b[2J\x1b[Hjunk that a shell left behind")
            t.resize(100, 30) if way == "Ctrl-Z" else None
            t.job.go_on()
            resized = lambda: way != "Ctrl-Z" or (t.shows("100|help") and before != t.screen.text())
            t.wait("the screen, in the size that changed meanwhile, after %s" % way, lambda: t.shows(READY) and not t.shows("junk") and resized())
            check("%s: the alternate screen is back" % way, 1049 in t.screen.modes)
        t.key("q")
        given_back("after all that", t, t.wait_end(), 0)


# ---- the terminal is gone ----

def case_gone():
    for name, ignore in (("hung up", ()), ("hung up under nohup", (signal.SIGHUP,))):
        with console(ignore=ignore) as t:
            t.wait_for(READY)
            t.job.hang_up()
            check("%s: it ends" % name, t.wait_end(10) == 0, t.job.status)
    with console() as t:  # in the midst of the first frame
        t.wait("a byte", lambda: t.bytes())
        t.job.hang_up()
        t.wait_end(10)
        check("hung up while it draws: it ends", True)


# ---- sizes ----

def case_sizes():
    for cols, rows in ((1, 1), (2, 1), (1, 60), (5, 2), (20, 5), (39, 10), (40, 10), (80, 24), (132, 43), (200, 60), (500, 200), (1200, 20)):
        with console(cols=cols, rows=rows) as t:
            wanted = "PAGE" if cols >= 20 else "[^ \n]"
            t.wait_for(wanted)
            for key in PANES + "?" + "\x1b" + ":z\x1bi\x1b" + "v\x1b":
                t.key(key)
                t.drain(0.02)
            t.drain(0.1)
            t.key("\x1b\x1bq")
            status = t.wait_end()
            wrong = is_given_back(t)
            check("%dx%d" % (cols, rows), status == 0 and not wrong, "%d %s" % (status, wrong))
    for cols, rows in ((0, 0), (65535, 65535)):
        with console(cols=80, rows=24) as t:
            t.wait_for(READY)
            set_size(t.job.master, cols, rows)
            t.drain(0.4)
            t.screen.resize(80, 24)
            set_size(t.job.master, 80, 24)
            t.wait_for(READY)
            t.key("q")
            check("a size of %dx%d is survived" % (cols, rows), t.wait_end() == 0)


def case_resize_storm():
    import random
    rng = random.Random(7)
    with console() as t:
        t.wait_for(READY)
        t.drain(0.2)
        wanted, clears, begun = t.screen.text(), t.screen.clears, time.monotonic()
        for _ in range(200):
            set_size(t.job.master, rng.randint(1, 500), rng.randint(1, 200))
            t.screen.resize(500, 200)  # large enough for whatever is drawn meanwhile
            t.pump(0.01)
        t.resize(120, 40)
        t.drain(0.5)
        t.screen.clear(0, 0, 39, 119)
        t.key("\x0c")
        t.wait("the screen as before the storm", lambda: t.screen.text() == wanted)
        repaints, seconds = t.screen.clears - clears, time.monotonic() - begun
        check("a storm of 200 resizes is drawn at most 6 times a second", repaints <= 6 * seconds + 2, "%d in %.1f s" % (repaints, seconds))
        t.key("q")
        given_back("after the storm", t, t.wait_end(), 0)


# ---- kinds of terminals ----

def case_kinds():
    for term in ("dumb", "unknown", "", None):
        with console(env={"TERM": term}) as t:
            status = t.wait_end()
            said = t.bytes().decode()
            check("TERM=%s: refused with a reason, nothing sent to it" % term, status == 1 and "cannot place text" in said and "\x1b" not in said, "%d %r" % (status, said))
    for term in ("xterm-256color", "xterm", "vt100", "vt220", "linux", "screen", "screen-256color", "tmux-256color", "rxvt-unicode-256color", "xterm-kitty", "no-such-terminal"):
        with console(env={"TERM": term}, cols=80, rows=24) as t:
            t.screen.osc_any = True
            t.wait_for(READY)
            t.key("2")
            t.wait_for("by model")
            t.key("q")
            status, wrong = t.wait_end(), is_given_back(t)
            check("TERM=%s" % term, status == 0 and not wrong, "%d %s" % (status, wrong))


def case_no_terminal():
    for name, how in (("its output is a file", {"stdin": None, "stdout": subprocess.PIPE}), ("both are pipes", {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE})):
        run = subprocess.run(argv(), stderr=subprocess.PIPE, timeout=30, **how)
        check("%s: refused with a reason, nothing printed" % name, run.returncode == 1 and b"`gwtop --plain`" in run.stderr and run.stdout == b"", run)
    with Terminal(["/bin/sh", "-c", "exec \"$0\" \"$@\" </dev/null", *argv()]) as t:
        check("its input is no terminal: refused", t.wait_end() == 1 and b"needs a terminal" in t.bytes(), t.bytes())


def case_plain():
    """--plain takes nothing from a terminal, whatever kind it is, and leaves nothing on it."""
    for term in ("xterm-256color", "dumb", None):
        with Terminal(argv("--plain"), env={"TERM": term}) as t:
            given_back("--plain, TERM=%s" % term, t, t.wait_end(), 0)
            check("it says the moment and the end, as text alone", b"nothing follows" in t.bytes() and b"\x1b" not in t.bytes(), t.bytes())
    empty = tempfile.mkdtemp()
    config = os.path.join(empty, "gwtop.yaml")
    with open(config, "w") as f:
        f.write("sources:\n  - {name: gw, metrics: 'http://127.0.0.1:9/metrics'}\n")
    os.chmod(config, 0o600)
    for name, how in (("Ctrl-C", "\x03"), ("SIGTERM", signal.SIGTERM), ("hung up", None)):
        with Terminal([GWTOP, "--plain", "--no-recorder", "--config", config, "--store", os.path.join(empty, "none.db")]) as t:
            t.wait_for("waiting for the recorder")
            if how is None:
                t.job.hang_up()
                check("%s: it ends" % name, t.wait_end() == 0, t.job.status)
                continue
            t.key(how) if isinstance(how, str) else t.job.kill(how)
            given_back(name, t, t.wait_end(), 0)
    shutil.rmtree(empty)


def case_early_keys():
    with console(typed=b"qqq\x03:quit\r") as t:
        t.wait_for(READY)
        t.key("2")
        t.wait_for("by model")
        check("keys typed before the first frame are dropped", not t.ended())
        t.key("q")
        check("and the next q is taken", t.wait_end() == 0)


def tour(t):
    """Every pane, popup and prompt."""
    t.wait_for(READY)
    for key in ["2", "3", "4", "5", "6", "\r", "\x1b", "7", "8", "1", "v", "\x1b", "i", "\x1b", "o", "\x1b", "?", "\x1b", "z", "z", ",", "0", "-", "+", "M", "M", "f", "f", "s", "d"]:
        t.key(key)
        t.drain(0.08 if key == "\x1b" else 0.04)
    for glyphs in ("braille", "box", "ascii", "auto"):
        t.key(":glyphs %s\r" % glyphs)
        t.drain(0.05)
        for pane in PANES:
            t.key(pane)
            t.drain(0.03)


def case_locale():
    for locale in ("C", "POSIX"):
        with console(env={"LC_ALL": locale}) as t:
            tour(t)
            t.key("q")
            t.wait_end()
            bad = sorted(set(b for b in t.bytes() if b > 0x7e))
            check("LC_ALL=%s: nothing above 0x7e is sent" % locale, not bad, bad[:8])


def case_no_color():
    for name, options, env in (("NO_COLOR=1", (), {"NO_COLOR": "1"}), ("--no-color", ("--no-color",), {}), ("NO_COLOR=1 and a theme", ("--theme", "dark"), {"NO_COLOR": "1"})):
        with console(*options, env=env) as t:
            tour(t)
            t.key("q")
            t.wait_end()
            check("%s: no colour is asked for" % name, not t.screen.colours, sorted(t.screen.colours))
    with console(env={"NO_COLOR": ""}) as t:
        t.wait_for(READY)
        check("an empty NO_COLOR says nothing", bool(t.screen.colours))
        t.key("q")
        t.wait_end()


# ---- text from outside ----

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07", "\x1b]52;c;b3duZWQ=\x07", "\x1bP=1s\x1b\\", "\x1b[?1049l", "\x9b31m", "\u202eevil\u202c", "zero\u200bwidth\ufeff", "tag\U000e0041\U000e0042",
    "bell\x07bs\x08\x08\x08cr\rlf", "\x1b[6n\x1b[c\x1b[>q", "\x1b_apc\x1b\\\x1b^pm\x1b\\", "a" + "\u0301" * 60, "\u2066iso\u2069", "\x1b%G\x1b(0lqk", "\x1b[201~:quit\r", "vs16\u2764\ufe0f", "%s%n%x",
    "=cmd|' /C calc'!A0", "'; rm -rf /; '", "e\u0301\u0327\u0328", "\u3042\u3044 wide", "\ufffe\uffff", "\x7f\x80\x85", "soft\u00adhyphen", "line\u2028sep\u2029",
)


def hostile_page(count):
    """A LiteLLM-shaped page whose every name would like to be a command. Only what the text format cannot hold is escaped."""
    def quoted(value):
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    lines = ["# TYPE litellm_proxy_total_requests_metric_total counter", "# TYPE litellm_spend_metric_total counter", "# TYPE litellm_deployment_failure_responses_total counter"]
    for i, text in enumerate(HOSTILE):
        labels = 'model="%s",requested_model="%s",team_alias="%s",api_key_alias="%s",route="/chat/completions",status_code="%d"' % (*(quoted(text + str(i)),) * 4, 500 if i % 2 else 200)
        lines.append("litellm_proxy_total_requests_metric_total{%s} %d" % (labels, 10 * count + i))
        lines.append("litellm_spend_metric_total{%s} %d" % (labels, count + i))
        lines.append('litellm_deployment_failure_responses_total{litellm_model_name="%s",api_provider="%s",exception_class="%s"} %d' % (quoted(text), quoted(text), quoted(text), 5 * count))
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


class HostileGateway(http.server.BaseHTTPRequestHandler):
    polls = 0

    def do_GET(self):
        HostileGateway.polls += 1
        body = hostile_page(HostileGateway.polls)
        self.send_response(200, "OK\x1b[31m")
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8\x1b[2J")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def case_hostile():
    place = tempfile.mkdtemp()
    os.chmod(place, 0o700)
    store = os.path.join(place, "h.db")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), HostileGateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = store.replace(".db", ".demo.yaml")
    with open(config, "w") as f:
        f.write("gateway: g\nsources:\n  - name: evil\n    metrics: http://127.0.0.1:%d/metrics\n    profile: litellm\n    interval: 1s\n" % server.server_port)
    os.chmod(config, 0o600)
    recorder = subprocess.Popen([os.path.join(BUILD, "gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        with Terminal(argv(store=store), cols=160, rows=48) as t:
            try:
                t.wait("five polls", lambda: HostileGateway.polls >= 5, 60)
                for key in list("2d3d4d56\r") + ["\x1b", "7", "8", "1", "v", "\x1b", "2", "\r", "\x1b", "y", "Y", "/", "team=", "\t", "\t", "\x1b", ":", "x\x07\u202e", "\r", "?", "\x1b", "M"]:
                    t.key(key)
                    t.drain(0.1)
                for i in range(8):
                    t.key(PANES[i])
                    t.drain(0.1)
                    for _ in range(30):
                        t.key("j")
                    t.drain(0.05)
                shown = t.screen.text()
                t.key("1")
                t.drain(0.2)
                check("hostile names are on the screen, as text", re.search(r"\^[@-_]|<U\+", shown + t.screen.text()) is not None, shown[:2000])
                t.key("q")
                t.wait_end()
                check("nothing but known sequences reached the terminal", True)
            except Unknown as e:
                check("nothing but known sequences reached the terminal", False, e)
    finally:
        recorder.terminate()
        said = recorder.communicate(timeout=20)[0]
        server.shutdown()
        shutil.rmtree(place)
    check("nor the recorder's log", not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]", said), said[:400])


if __name__ == "__main__":
    make_store() if sys.argv[1] == "make_store" else globals()["case_" + sys.argv[1]]()
    print("%d failed" % failed)
    sys.exit(1 if failed else 0)
