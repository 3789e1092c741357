# SPDX-License-Identifier: MIT
"""Pages through the real programs: a command and a webhook are told of an incident once, by environment and JSON, nothing that a gateway says reaches a shell
or an option; one that fails is tried again and then said on every screen; a recorder that is killed before it could tell tells after its restart; the heartbeat
beats only while polling goes on."""
import http.server
import os
import re
import signal
import stat
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

KEY = "hook-secret-0451"
MODEL = "-x`touch${IFS}pwned`$(touch${IFS}pwned)"  # a name that is an option, and a shell's command


class shown:
    good, bad, failing = 1000, 10, False


def page(name):
    if shown.failing:
        shown.bad += 50
    else:
        shown.good += 50
    return ('process_start_time_seconds 1000000\n'
            'litellm_proxy_total_requests_metric_total{requested_model="%s",status_code="200",route="/chat/completions"} %d\n'
            'litellm_proxy_failed_requests_metric_total{requested_model="%s",exception_status="500",route="/chat/completions"} %d\n'
            % (MODEL, shown.good, MODEL, shown.bad))


class Hook:
    """Takes what is posted, with its headers; answers with `status`, or not at all while `hangs`."""

    def __init__(self):
        hook = self
        self.lock, self.got, self.beats, self.status = threading.Lock(), [], 0, 204

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with hook.lock:
                    if self.path == "/beat":
                        hook.beats += 1
                    else:
                        hook.got.append((json.loads(body), dict(self.headers)))
                    status = hook.status
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()


pages, hook, place = Pages(page), Hook(), Place()
store, told = place.file("t.db"), place.file("told")
place.file("key", KEY + "\n")
os.chmod(place.file("hook", hook.url + "/hook\n"), stat.S_IRUSR | stat.S_IWUSR)  # an address that lets in is a secret
script = place.file("pager.sh", """#!/bin/sh
# One line per page: what the environment says, an argument that a script would make of it, and the document.
printf '%s|%s|%s|%s|%s\\n' "$GWTOP_EVENT" "$GWTOP_INCIDENT" "$GWTOP_TITLE" "$GWTOP_URL" "$(cat)" >> "$1/told"
[ -e "$1/fail" ] && { echo "no such user" >&2; exit 3; }
[ -e "$1/hang" ] && sleep 600
exit 0
""")
os.chmod(script, stat.S_IRWXU)


def write_config(pagers, more=""):
    return place.file("gwtop.yaml", "gateway: prod\nsources:\n  - {name: litellm, interval: 1s, metrics: \"http://127.0.0.1:%d/metrics\"}\n"
                      "slos:\n  - {name: x availability, scope: \"model=%s\", availability: 99.99%%, period: 1d, runbook: \"https://wiki.example/x\"}\n%s%s"
                      % (pages.port, MODEL, pagers, more))


command = "on_page:\n  - {name: phone, command: [\"%s\", \"%s\"], on: [page, resolved], retries: 0, timeout: 5s}\n" % (script, place.path)
webhook = "notify:\n  - {name: chat, url_file: hook, retries: 1, headers: [{name: X-Token, file: key}]}\n"
beat = "heartbeat: {file: beat, url: \"%s/beat\", every: 1s}\n" % hook.url
config = write_config(command, webhook + beat)
WHERE = ("--store", store, "--config", config)


def record(name):
    return Server(place, name, [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store],
                  {"XDG_RUNTIME_DIR": place.path})


def lines():
    return open(told).read().splitlines() if os.path.exists(told) else []


def status():
    run = subprocess.run([program("gwtop"), "status", "--line", *WHERE], capture_output=True, text=True)
    return run.returncode, run.stdout.strip()


def timeline(incident):
    return [e["text"] for e in gwtop_json("incidents", "show", str(incident), *WHERE)["timeline"]]


# ---- a test document, without a recorder and without an incident
test = subprocess.run([program("gwtop-recorder"), "page", "--test", "--config", config], capture_output=True, text=True)
check("page --test runs all of them", test.returncode == 0 and "phone                took it  exit 0" in test.stdout and
      "chat                 took it  status 204" in test.stdout, test.stdout + test.stderr)
check("with a test document", lines()[0].startswith("test|0|a test of gwtop's pager: nothing is wrong||{"), lines()[0])
check("and the header's secret", hook.got[0][1].get("X-Token") == KEY and hook.got[0][0]["event"] == "test", str(hook.got[0]))
place.file("fail", "")
test = subprocess.run([program("gwtop-recorder"), "page", "--test", "phone", "--config", config], capture_output=True, text=True)
check("one that fails is told with its words", test.returncode == 1 and "phone                FAILED   exit 3: no such user" in test.stdout, test.stdout)
os.remove(place.file("fail"))
os.remove(told)
hook.got.clear()

# ---- an incident pages
recorder = record("recorder")
wait_for("the first polls", lambda: pages.served.get("metrics", 0) > 2, 60, recorder)
wait_for("the heartbeat", lambda: os.path.exists(place.file("beat")) and hook.beats > 1, 30, recorder)
check_same("nothing is told of what is well", (lines(), hook.got), ([], []))
shown.failing = True
wait_for("the page", lambda: lines() and hook.got, 120, recorder)
event, incident, title, url, document = lines()[0].split("|", 4)
document = json.loads(document)
check_same("the command is told what and where to read", (event, incident, title, url),
           ("page", "1", "_" + MODEL[1:] + " errors", "https://wiki.example/x"))
check_same("the document says the same", (document["event"], document["incident"], document["title"], document["severity"], document["scope"]),
           ("page", 1, MODEL + " errors", "page", "model=" + MODEL))
check_same("the webhook has the same document", hook.got[0][0], document)
wait_for("the timeline", lambda: any("paged by chat" in t for t in timeline(1)) and any("paged by phone" in t for t in timeline(1)), 30, recorder)
check("and it says who was told, and how that went", any(re.fullmatch(r"paged by phone, exit 0, \d\d:\d\d:\d\dZ", t) for t in timeline(1)), str(timeline(1)))
pages.change(lambda: None, ["metrics"])
check_same("once per page", (len(lines()), len(hook.got)), (1, 1))
check("nothing was run of what a gateway said", not [f for f in os.listdir(place.path) if "pwned" in f])

# ---- a recorder that is restarted tells nothing again
recorder.stop()
recorder = record("again")
before = pages.served["metrics"]
wait_for("polls", lambda: pages.served["metrics"] > before + 3, 60, recorder)
check_same("nor after a restart", (len(lines()), len(hook.got)), (1, 1))
recorder.stop()

# ---- killed between the commit and the delivery: told after the restart
os.remove(store)
for name in os.listdir(place.path):
    if name.startswith("t.db"):
        os.remove(place.file(name))
os.remove(told)
hook.got.clear()
shown.failing = False
place.file("hang", "")
recorder = record("killed")
wait_for("the first polls", lambda: pages.served["metrics"] > before + 8, 60, recorder)
shown.failing = True
wait_for("the command to have begun", lambda: len(lines()) == 1, 120, recorder)
recorder.child.send_signal(signal.SIGKILL)
recorder.child.wait()
os.remove(place.file("hang"))
check("its page was durable before it was told", any("PAGE" in t or "page" in t for t in timeline(1)), str(timeline(1)))
check("and is not told to have been delivered", not any("paged by phone" in t for t in timeline(1)))
recorder = record("after")
wait_for("the page again", lambda: any("paged by phone, exit 0" in t for t in timeline(1)), 60, recorder)
check_same("at least once: twice here, with the same number", [json.loads(l.split("|", 4)[4])["number"] for l in lines()], [1, 1])
recorder.stop()

# ---- a pager that fails is on every screen
for name in os.listdir(place.path):
    if name.startswith("t.db"):
        os.remove(place.file(name))
place.file("fail", "")
with hook.lock:
    hook.status = 500
shown.failing = False
recorder = record("failing")
before = pages.served["metrics"]
wait_for("the first polls", lambda: pages.served["metrics"] > before + 4, 60, recorder)
shown.failing = True
wait_for("the failure to be said", lambda: "PAGE NOT DELIVERED: phone: exit 3: no such user" in status()[1], 120, recorder)
check("in the verdict, which pages all the same", status()[1].startswith("PAGE NOT DELIVERED: phone: exit 3: no such user, since "), str(status()))
wait_for("the webhook to be given up", lambda: any("PAGE NOT DELIVERED: #1 page to chat: " in t and "status 500" in t for t in timeline(1)), 60, recorder)
check("in the timeline", any(t == "PAGE NOT DELIVERED: #1 page to phone: exit 3: no such user" for t in timeline(1)), str(timeline(1)))
events = [e["text"] for e in gwtop_json("events", "--since", "1h", *WHERE)["events"]]
check("as an event", "PAGE NOT DELIVERED: #1 page to phone: exit 3: no such user" in events, str(events))
check("a heartbeat that is refused is said, too", any(t.startswith("HEARTBEAT NOT SENT: url: ") for t in events), str(events))
check("of two the first, and how many more", "(+2 more)" in status()[1], status()[1])
recorder.stop()

# ---- started anew it tries again what it had given up, configured otherwise or not
os.remove(place.file("fail"))
with hook.lock:
    hook.status = 200
config = write_config(command.replace("timeout: 5s", "timeout: 6s").replace("on: [page, resolved]", "on: [page, ticket, resolved]"), webhook + beat)
recorder = record("repaired")
wait_for("the page", lambda: any("paged by phone, exit 0" in t for t in timeline(1)), 60, recorder)
wait_for("the trouble to be over", lambda: "phone" not in status()[1], 60, recorder)
wait_for("all of it to be over", lambda: "NOT" not in status()[1], 60, recorder)
recorder.stop()

kept = b""
for name in os.listdir(place.path):
    if name.startswith("t.db") or name.endswith(".log"):
        with open(place.file(name), "rb") as f:
            kept += f.read()
check("no secret is in the store or a log", KEY.encode() not in kept)
finish()
