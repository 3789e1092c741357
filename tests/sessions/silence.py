# SPDX-License-Identifier: MIT
"""gwtop silence through the real programs: only where the configuration allows it, only of one alert, posted once and kept in the audit; what an Alertmanager
that answers badly, or a store that cannot be written, leaves is said, and nothing is sent twice or to another place."""
import http.server
import os
import pwd
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

ME = pwd.getpwuid(os.getuid()).pw_name
ID = "e0d7a3f2-6e6c-4b41-9d4e-1c2d3e4f5a6b"
os.environ.pop("SSH_CONNECTION", None)


def alert(fingerprint, **labels):
    return {"fingerprint": fingerprint, "labels": labels, "annotations": {}, "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
            "status": {"state": "active", "silencedBy": [], "inhibitedBy": []}}


class Alertmanager:
    """Tells `alerts`, keeps what is posted, and answers a POST with (status, headers, body), or with a closed connection where that is None."""

    def __init__(self):
        there = self
        self.posted, self.alerts, self.answer, self.meanwhile, self.asks = [], [], None, lambda: None, None
        self.well()

        class Handler(http.server.BaseHTTPRequestHandler):
            def say(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.say(200, {"Content-Type": "application/json"}, json.dumps(there.alerts if self.path == "/api/v2/alerts" else []).encode())

            def do_POST(self):
                there.posted.append((self.path, dict(self.headers), json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                there.meanwhile()
                if there.answer is None:
                    self.close_connection = True
                else:
                    self.say(*there.answer)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def well(self):
        self.answer = (200, {"Content-Type": "application/json"}, json.dumps({"silenceID": ID}).encode())


there, other, place = Alertmanager(), Alertmanager(), Place()
store = place.file("t.db")
there.alerts = [alert("aa01", alertname="DiskFull", severity="critical", model="gpt-x", disk="sda"),
                alert("bb01", alertname="Errors", severity="critical", model="gpt-x", job="gw"),
                alert("bb02", alertname="Errors", severity="critical", model="gpt-x")]
there.alerts += [alert("cc%02d" % i, alertname="Many", disk="sd%02d" % i) for i in range(13)]


def configure(sources):
    return place.file("gwtop.yaml", "gateway: prod\nsources:\n" + sources)


def source(name, url, more=""):
    return "  - {name: %s, interval: 1s, alertmanager: \"%s\"%s}\n" % (name, url, more)


def silence(*argv, at=store):
    """Exit status, output and errors of the command, and how often something was posted."""
    before = len(there.posted)
    there.asks = subprocess.Popen([program("gwtop"), "silence", *argv, "--config", config, "--store", at], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True)
    out, err = there.asks.communicate()
    return there.asks.returncode, out, err, len(there.posted) - before


def refused(what, argv, status, *sentences, at=store):
    code, out, err, posts = silence(*argv, at=at)
    check(what, (code, posts) == (status, 0) and all(s in err for s in sentences), "exit %d, %d posts: %s" % (code, posts, err))


# ---- who may not, and what is none
config = configure(source("am", there.url))
refused("not allowed by the configuration", ["DiskFull", "2h", "why"], 64, "gwtop.yaml:3: source am allows no silences", "silences: true")
config = configure("  - {name: m, metrics: \"%s/metrics\"}\n" % there.url)
refused("no Alertmanager", ["DiskFull", "2h", "why"], 64, "no alertmanager source")
config = configure(source("am", there.url, ", silences: true") + source("am2", other.url, ", silences: true"))
refused("several Alertmanagers", ["DiskFull", "2h", "why"], 64, "--source with one of am, am2")
config = configure(source("am", there.url, ", silences: true") + source("am2", other.url))
refused("another source", ["DiskFull", "2h", "why", "--source", "pager"], 64, "no alertmanager source is called 'pager'")
refused("one that may not", ["DiskFull", "2h", "why", "--source", "am2"], 64, "source am2 allows no silences")
refused("too few words", ["DiskFull", "2h"], 64, "ALERT DURATION REASON")
refused("no duration", ["DiskFull", "soon", "why"], 64, "'soon' is no duration like 30m, 4h or 2d")
refused("too long", ["DiskFull", "31d", "why"], 64, "longer than 30 days")
refused("no time", ["DiskFull", "0s", "why"], 64, "amtool silence expire")
refused("no reason", ["DiskFull", "2h", " "], 64, "the reason is empty")
refused("an escape sequence", ["DiskFull", "2h", "a\x1b[2J"], 64, "the reason has a byte 0x1b")
refused("a reason that is too long beside a name", ["DiskFull", "2h", "x" * 450], 64, "the alert's name and the reason, has")
refused("no such alert", ["Nothing", "2h", "why"], 1, "am tells no alert 'Nothing' now", "gwtop alerts")
refused("several of a name", ["Errors", "2h", "why"], 64, "'Errors' is the name of 2 alerts of am", "  bb01  model=gpt-x, job=gw, firing\n", "  bb02  model=gpt-x, firing\n",
        "give the fingerprint")
refused("many of a name", ["Many", "2h", "why"], 64, "the name of 13 alerts", "  cc09  disk=sd09, firing\n  and 3 more\n")
refused("no store beside which it could be kept", ["DiskFull", "2h", "why"], 1, "there is no directory", "nothing was silenced: it would be in no audit",
        at=place.file("none/t.db"))
code, out, err, posts = silence("bb02", "2h", "why", "--dry-run")
check("a dry run shows the request and posts nothing", (code, posts, err) == (0, 0, "") and "it covers 2 alerts that am tells now, by 3 labels" in out and
      "POST %s/api/v2/silences\n{\"matchers\":[" % there.url in out and out.endswith("nothing was posted\n"), out + err)

# ---- one is made
recorder = Server(place, "recorder", [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store], {"XDG_RUNTIME_DIR": place.path})
ask = lambda *argv: gwtop_json(*argv, "--config", config, "--store", store)
incident = wait_for("an incident", lambda: [i for i in ask("incidents")["incidents"] if "DiskFull" in json.dumps(ask("incidents", "show", str(i["id"])))], 60, recorder)[0]
code, out, err, posts = silence("DiskFull", "2h", "a new disk comes")
check("it is said before it is done", out.startswith("DiskFull at am, model=gpt-x, fingerprint aa01: a silence until 2") and
      "by %s: a new disk comes\nit covers 1 alert that am tells now, by 4 labels\nsilenced: %s\n" % (ME, ID) in out, out + err)
check("and how to end it", "amtool --alertmanager.url=%s silence expire %s\n" % (there.url, ID) in out and "pending until the recorder takes it in" in out, out)
check_same("it was posted once", (code, posts, err), (0, 1, ""))
path, headers, body = there.posted[-1]
check_same("where", (path, headers["Content-Type"]), ("/api/v2/silences", "application/json"))
check_same("by all labels, and no other", {(m["name"], m["value"], m["isRegex"], m["isEqual"]) for m in body["matchers"]},
           {(k, v, False, True) for k, v in there.alerts[0]["labels"].items()})
check_same("by whom, and why", (body["createdBy"], body["comment"]), (ME, "a new disk comes"))
said = "silenced DiskFull at am until %sZ (%s): a new disk comes" % (body["endsAt"][:19], ID)
event = wait_for("the event", lambda: [e for e in ask("events", "--since", "1h")["events"] if e["text"] == said], 60, recorder)[0]
check_same("its kind, scope and source", (event["kind"], event["scope"], event["by"]), ("silence", "model=gpt-x", ME))
wait_for("the incident's timeline", lambda: [e for e in ask("incidents", "show", str(incident["id"]))["timeline"] if said in e["text"]], 60, recorder)
check("the audit", any(said in a["text"] for a in ask("audit", "list")["acts"]), str(ask("audit", "list")))
code, out, err, posts = silence("aa01", "30m", "again", "--json")
answer = json.loads(out)
check_same("for programs", (code, answer["made"], answer["silence"], answer["kept"], answer["covers"], answer["request"]["comment"]), (0, True, ID, True, 1, "again"))

# ---- who asked goes while the answer is awaited: a connection that drops, a Ctrl-C
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE):
    there.meanwhile = lambda: there.asks.send_signal(number)
    code, out, err, posts = silence("DiskFull", "2h", number.name)
    check("%s does not keep it out of the audit" % number.name, (code, posts, err) == (0, 1, "") and "silenced: %s\n" % ID in out, "exit %d: %s%s" % (code, out, err))
    wait_for("its act", lambda: [e for e in ask("events", "--since", "1h")["events"] if e["text"].endswith("(%s): %s" % (ID, number.name))], 60, recorder)
there.meanwhile = lambda: None

# ---- what goes wrong
there.answer = (400, {}, b"bad matcher \x1b[31mred")
code, out, err, posts = silence("DiskFull", "2h", "refused")
check("refused there", (code, posts) == (1, 1) and "status 400" in err and "nothing was silenced at " + there.url in err and "\x1b" not in err, err)
there.answer = (307, {"Location": other.url + "/api/v2/silences"}, b"")
code, out, err, posts = silence("DiskFull", "2h", "redirected")
check("a redirect is not followed", (code, posts, other.posted) == (1, 1, []) and "redirects to " + other.url in err and "nothing was silenced" in err, err)
for what, answer, sentence in (("no answer", None, there.url), ("a page of HTML", (200, {}, b"<!doctype html><p>Sign in"), "HTML"),
                               ("another document", (200, {}, b"{}"), "names no silence"), ("a proxy's error", (504, {}, b"late"), "status 504"),
                               ("too long an answer", (200, {}, b"x" * 100000), there.url)):
    there.answer = answer
    code, out, err, posts = silence("DiskFull", "2h", what)
    check("%s: not known, and not sent again" % what, (code, posts) == (2, 1) and sentence in err and "not known whether it is silenced" in err, err)
    wait_for("its act", lambda: [e for e in ask("events", "--since", "1h")["events"] if e["text"].startswith("tried to silence DiskFull at am until ") and
                                 e["text"].endswith(", not known whether it is: " + what)], 60, recorder)
check("what was refused is no act", not [e for e in ask("events", "--since", "1h")["events"] if e["text"].endswith(("refused", "redirected"))])
check_same("the recorder posts nothing by itself", recorder.stop(), 0)
check_same("nothing went elsewhere", other.posted, [])

# ---- made, and nobody can be told: the folder of acts goes after it was tried
def lose_acts():
    os.rename(place.file("acts"), place.file("acts-were"))
    place.file("acts", "")


there.well()
there.meanwhile = lose_acts
code, out, err, posts = silence("DiskFull", "2h", "lost")
check("it says both", (code, posts) == (1, 1) and "silenced: %s\n" % ID in out and
      "the silence was made, but it is in no audit and no timeline: cannot open %s" % place.file("acts") in err, out + err)
there.meanwhile = lambda: None
refused("and the next is not made", ["DiskFull", "2h", "lost"], 1, "nothing was silenced: it would be in no audit")
finish()
