# SPDX-License-Identifier: MIT
"""Changes and status pages through the real programs: a server on loopback that answers as Grafana, GitHub, Argo CD and status pages do, and badly where it
is told to, and a file that is appended to and rotated; read by the real recorder, which is killed and goes on. Each change is one event, and what is not
understood is unknown."""
import json
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

now = int(time.time() * 1000)


class Web:
    """answer(path, headers) by the path without its query: (status, headers, body) or bytes. asked: how often, by path."""

    def __init__(self):
        self.lock, self.asked, self.same, self.pages = threading.Lock(), {}, 0, {}
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0]
                with web.lock:
                    web.asked[path] = web.asked.get(path, 0) + 1
                    page = web.pages.get(path, (404, {}, b"{}"))
                code, headers, body = page if isinstance(page, tuple) else (200, {}, page)
                if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    code, body = 304, b""
                    web.same += 1
                try:
                    self.send_response(code)
                    for k, v in headers.items():
                        self.send_header(k, v)
                    if "Content-Length" not in headers and code != 304:
                        self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    self.close_connection = "Content-Length" in headers
                except OSError:
                    pass  # the recorder was killed

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def put(self, path, page):
        with self.lock:
            self.pages[path] = page if isinstance(page, (bytes, tuple)) else json.dumps(page).encode()

    def count(self, path):
        with self.lock:
            return self.asked.get(path, 0)

    def wait_asked(self, path, times):
        goal = self.count(path) + times
        wait_for("%s to be asked for again" % path, lambda: self.count(path) >= goal, 60, recorder)


place = Place()
store, changes = place.file("t.db"), place.file("changes.jsonl")
web = Web()
SUMMARY, POSTED = "/openai/api/v2/summary.json", {"id": "a", "name": "Elevated error rates", "status": "identified", "impact": "major",
                                                 "created_at": iso(now - 300000)}
web.put("/metrics", b"# TYPE litellm_proxy_total_requests_metric_total counter\n"
        b'litellm_proxy_total_requests_metric_total{requested_model="gpt-x",status_code="200",route="/chat/completions"} 7\n')
web.put("/gf/api/annotations", [{"id": 7, "time": now - 600000, "text": "canary <b>50 %</b>", "tags": ["deploy", "model:gpt-x"]}])
web.put("/repos/o/r/deployments", (200, {"ETag": 'W/"1"'}, json.dumps(
    [{"id": 55, "sha": "abcdef0123", "ref": "main", "environment": "production", "created_at": iso(now - 900000), "creator": {"login": "ana"}}]).encode()))
web.put("/repos/o/r/deployments/55/statuses", [{"state": "success", "created_at": iso(now - 700000)}, {"state": "in_progress", "created_at": iso(now - 800000)}])
web.put("/argo/api/v1/applications", {"items": [{"metadata": {"name": "llm-gw", "namespace": "argocd"}, "status": {
    "history": [{"id": 3, "revision": "0123456789abcdef", "deployedAt": iso(now - 500000)}]}}]})
web.put(SUMMARY, {"status": {"indicator": "none"}, "incidents": None})
web.put("/openai/api/v2/incidents.json", {"incidents": None})
web.put("/moved/api/v2/summary.json", (200, {"Content-Type": "text/html"}, b"<html><title>We moved</title></html>"))
web.put("/away/api/v2/summary.json", (301, {"Location": "https://status.invalid/"}, b""))
web.put("/aws/currentevents", json.dumps([{"date": str(now // 1000 - 60), "arn": "arn:x", "status": "3", "service": "bedrock-us-east-1",
                                           "service_name": "Bedrock", "summary": "Errors", "event_log": []}]).encode("utf-16"))
config = place.file("gwtop.yaml", """gateway: prod
requests_per_second: 1000
defaults: {{source: {{interval: 1s}}}}
sources:
  - {{name: gw, metrics: '{0}/metrics'}}
  - {{name: rollouts, changes: changes.jsonl}}
  - {{name: gf, grafana: '{0}/gf', only: [deploy]}}
  - {{name: gh, github: '{0}/repos/o/r', labels: [{{label: environment=production, scope: gateway=prod}}]}}
  - {{name: argo, argocd: '{0}/argo'}}
  - {{name: openai, status_page: '{0}/openai', provider: openai}}
  - {{name: moved, status_page: '{0}/moved', provider: anthropic}}
  - {{name: away, status_page: '{0}/away', provider: mistral}}
  - {{name: aws, status_page: '{0}/aws/currentevents', provider: bedrock, only: [us-east-1]}}
""".format(web.url))
WHERE = ["--config", config, "--store", store]


def record(name):
    return Server(place, name, [program("gwtop-recorder"), "record", "--foreground", *WHERE], {"XDG_RUNTIME_DIR": place.path})


def append(text, mode="a"):
    with open(changes, mode) as f:
        f.write(text)


def line(text, at, **more):
    return json.dumps(dict({"at": iso(at), "kind": "deploy", "text": text}, **more)) + "\n"


def events():
    return sorted((e["by"], e["kind"], e["scope"], e["text"]) for e in gwtop_json("events", *WHERE, "--since", "1d")["events"] if e["by"] != "gwtop")


def settled(what, want):
    want = sorted(want)
    wait_for(what, lambda: events() == want, 60, recorder)
    check_same(what, events(), want)


def pages(*more):
    return {p["provider"]: p for p in gwtop_json("status", *WHERE, *more)["status_pages"]}


def source(name):
    return next(s for s in gwtop_json("sources", *WHERE)["sources"] if s["name"] == name)


# ---- what each tells
half = line("limits raised", now - 60000, kind="config", scope="provider=openai")
append("nonsense\n" + line("gateway 1.14.2", now - 120000, scope="gateway=prod") + half[:40])
recorder = record("first")
known = [("rollouts", "deploy", "gateway=prod", "gateway 1.14.2"),
         ("gf", "deploy", "model=gpt-x", "canary 50 %"),
         ("gh", "deploy", "gateway=prod", "main (abcdef0) to production by ana"),
         ("argo", "deploy", "", "llm-gw synced to 0123456789"),
         ("aws", "provider", "provider=bedrock", "bedrock posted: Bedrock: Errors (critical)")]
settled("a change of each source", known)
got = wait_for("all pages to be looked at", lambda: (lambda p: p if all(
    word in p[k]["text"] for k, word in (("openai", "nothing posted"), ("bedrock", "posted"), ("anthropic", "HTML"), ("mistral", "redirect"))) else None)(pages()),
    60, recorder)
check_same("the providers' states", {k: v["state"] for k, v in got.items()},
           {"openai": "nothing posted", "bedrock": "posted", "anthropic": "unknown", "mistral": "unknown"})
clear_at = got["openai"]["checked"]
check_same("what is wrong with a line is said", (source("rollouts")["state"], source("rollouts")["warnings"]), ("ok", 1))
check_same("the verdict's sources are those that measure", [s["name"] for s in gwtop_json("status", *WHERE)["sources"]], ["gw"])

def probe(name):
    run = subprocess.run([program("gwtop"), "probe", name, "--config", config, "--json"], capture_output=True, text=True)
    return run.returncode, json.loads(run.stdout)


code, told = probe("rollouts")
check_same("probe says what a file tells", (code, [c["text"] for c in told["changes"]["first"]], told["changes"]["warning_count"]), (0, ["gateway 1.14.2"], 1))
code, told = probe("gf")
check_same("and Grafana", (code, [(c["scope"], c["text"]) for c in told["changes"]["first"]]), (0, [("model=gpt-x", "canary 50 %")]))
code, told = probe("openai")
check_same("and what a page says", (code, told["changes"]["page"]), (0, "nothing posted"))
code, told = probe("moved")
check("and that a page has moved", code == 2 and "HTML" in told["reason"], str((code, told["reason"])))

# ---- half a line, rotation
append(half[40:] + line("before the rotation", now - 50000))
os.rename(changes, changes + ".1")
append(line("after the rotation", now - 40000))
known += [("rollouts", "config", "provider=openai", "limits raised"), ("rollouts", "deploy", "", "before the rotation"),
          ("rollouts", "deploy", "", "after the rotation")]
settled("a line that was written in two, and a file that was rotated", known)

# ---- posted, and gone without a word
web.put(SUMMARY, {"status": {"indicator": "none"}, "incidents": [POSTED]})
known += [("openai", "provider", "provider=openai", "openai posted: Elevated error rates (major)")]
settled("what a page posts is an event", known)
check("and its state", pages()["openai"]["text"].startswith("posted "), pages()["openai"]["text"])
check_same("which was not known before", pages("--at", clear_at)["openai"]["state"], "nothing posted")
web.put(SUMMARY, b'{"status": {"indicator": "none"}, "incidents": [')
wait_for("a page that is cut", lambda: pages()["openai"]["state"] == "unknown", 60, recorder)
web.put(SUMMARY, {"status": {"indicator": "none"}, "incidents": None})
known += [("openai", "provider", "provider=openai", "openai no longer posts: Elevated error rates")]
settled("and that it is gone", known)
check_same("then nothing is posted", pages()["openai"]["state"], "nothing posted")

# ---- bad answers, limits
check("what is the same is not sent again", web.same > 0, str(web.same))
web.put("/repos/o/r/deployments", (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3000)}, b'{"message":"API rate limit exceeded"}'))
wait_for("GitHub's limit", lambda: "limit" in source("gh")["reason"], 60, recorder)
asked = web.count("/repos/o/r/deployments")
web.wait_asked("/argo/api/v1/applications", 5)
check_same("nobody asks on where no request is left", web.count("/repos/o/r/deployments"), asked)
web.put("/gf/api/annotations", (200, {"Content-Length": "4000"}, b'[{"id":8,"time":%d,"text":"half"' % now))
wait_for("a body that breaks off", lambda: source("gf")["state"] == "down", 60, recorder)
web.put("/gf/api/annotations", (200, {}, b"<html><title>Grafana</title>"))
wait_for("a login page", lambda: "HTML" in source("gf")["reason"], 60, recorder)
check("the gateway is as real as before", gwtop_json("status", *WHERE)["reality"].startswith("gw "))

# ---- killed, and on
recorder.stop(signal.SIGKILL)
web.put("/gf/api/annotations", [{"id": 7, "time": now - 600000, "text": "canary <b>50 %</b>", "tags": ["deploy", "model:gpt-x"]},
                                {"id": 9, "time": now - 5000, "text": "new"}])
recorder = record("second")
known += [("gf", "mark", "", "new")]
settled("after a restart each is still one", known)
recorder.stop()
finish()
