# SPDX-License-Identifier: MIT
"""Each score counts once: a server on loopback that answers as Langfuse does, with 10,000 scores on pages that overlap, read by the real recorder, which is
killed in the middle; scores that come late and are revised afterwards; and scores that are handed in with `gwtop score`, with and without a recorder."""
import base64
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

SUMS = sys.argv[1]
PUBLIC, SECRET = "pk-lf-1", "sk-lf-very-secret"


class Langfuse:
    """GET /api/public/v3/scores: newest first, keyset cursor, at most 100 on a page. A page begins with the last score of the one before."""

    def __init__(self, scores):
        self.scores = {s["id"]: s for s in scores}
        self.lock, self.pages, self.hold_at, self.held, self.go = threading.Lock(), 0, None, threading.Event(), threading.Event()
        self.refused = 0
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                code, body = host.answer(self.path, self.headers.get("Authorization"))
                try:
                    self.send_response(code)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the recorder was killed

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def answer(self, path, authorization):
        url = urllib.parse.urlparse(path)
        q = dict(urllib.parse.parse_qsl(url.query))
        want = "Basic " + base64.b64encode(("%s:%s" % (PUBLIC, SECRET)).encode()).decode()
        if authorization != want:
            self.refused += 1
            return 401, b'{"message":"Invalid credentials"}'
        if url.path != "/api/public/v3/scores":
            return 404, b'{"message":"not found"}'
        limit = int(q.get("limit", "50"))
        if limit > 100 or not set(q.get("fields", "details").split(",")) <= {"details", "subject", "annotation"}:
            return 400, b'{"message":"bad request"}'
        with self.lock:
            self.pages += 1
            number = self.pages
        if self.hold_at is not None and number == self.hold_at:
            self.held.set()
            self.go.wait(60)
        with self.lock:
            rows = sorted(self.scores.values(), key=lambda s: (s["timestamp"], s["id"]), reverse=True)
        lo, hi = q.get("fromTimestamp", ""), q.get("toTimestamp", "9")
        full = lambda t: t if "." in t else t.replace("Z", ".000Z")  # noqa: E731
        rows = [s for s in rows if full(lo) <= s["timestamp"] < full(hi)]
        if "cursor" in q:
            last = json.loads(base64.urlsafe_b64decode(q["cursor"]))
            rows = [s for s in rows if (s["timestamp"], s["id"]) <= (last["lastTimestamp"], last["lastId"])]  # <=: that one again
        page = rows[:limit]
        meta = {"limit": limit}
        if len(rows) > limit:
            end = {"v": 1, "lastTimestamp": page[-1]["timestamp"], "lastId": page[-1]["id"]}
            meta["cursor"] = base64.urlsafe_b64encode(json.dumps(end).encode()).decode()
        return 200, json.dumps({"data": page, "meta": meta}).encode()


def score(i, name, t_ms, kind, value, model=None):
    s = {"id": "s%05d" % i, "projectId": "p", "name": name, "source": "EVAL", "timestamp": iso(t_ms), "environment": "production",
         "dataType": kind, "value": value, "comment": "PROSE: the answer was wrong", "configId": "cfg-1"}
    if model:
        s["metadata"] = {"model": model, "prompt": "PROSE: what is the capital"}
    return s


now = int(time.time() * 1000)
begin = now - 100 * 60000
N = 10000
scores = []
for i in range(N):
    t = begin + i * 500 + i % 7
    if i % 4 == 0:
        scores.append(score(i, "json_valid", t, "BOOLEAN", i % 8 != 0, "gpt-x"))
    elif i % 4 == 1:
        scores.append(score(i, "tone", t, "CATEGORICAL", "rude" if i % 5 == 0 else "polite"))
    else:
        scores.append(score(i, "faithfulness", t, "NUMERIC", (i % 100) / 100.0, "gpt-x" if i % 2 else "c-l"))
langfuse = Langfuse(scores)

place = Place()
store = place.file("t.db")
key = place.file("secret", SECRET + "\n")
config = place.file("gwtop.yaml", """gateway: prod
requests_per_second: 1000
sources:
  - name: evals
    langfuse: http://127.0.0.1:%d
    interval: 1s
    lag: 0s
    backfill: 2h
    user: %s
    password: {file: %s}
scores:
  - {name: tone, bad_labels: rude}
""" % (langfuse.port, PUBLIC, key))


def record(name):
    return Server(place, name, [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store],
                  {"XDG_RUNTIME_DIR": place.path})


def sums():
    run = subprocess.run([SUMS, store, "eval", "name,model,class"], capture_output=True, text=True)
    if run.returncode != 0:
        return None
    got = {}
    for line in run.stdout.splitlines():
        name, model, label, n, total, bad = line.split("\t")
        if int(n) != 0 or float(total) != 0:
            got[(name, model, label)] = (int(n), round(float(total), 6), int(bad))
    return got


def expected(extra=()):
    want = {}

    def add(k, value, bad):
        n, total, bads = want.get(k, (0, 0, 0))
        want[k] = (n + 1, round(total + value, 6), bads + bad)

    for s in langfuse.scores.values():
        v, model = s["value"], s.get("metadata", {}).get("model", "")
        if s["dataType"] == "CATEGORICAL":
            add((s["name"], model, v), v != "rude", v == "rude")
        else:
            add((s["name"], model, ""), float(v), float(v) < 0.5)
    for k, value, bad in extra:
        add(k, value, bad)
    return want


def settled(want):
    return wait_for("the sums of all scores", lambda: sums() == want or None, 120, recorder)


# ---- killed in the middle of its pages
langfuse.hold_at = 60
recorder = record("first")
check("it came to the middle", langfuse.held.wait(60))
recorder.stop(signal.SIGKILL)
before = sum(v[0] for v in (sums() or {}).values())
check("some were counted by then, and not all", 0 <= before < N, str(before))
langfuse.hold_at = None
langfuse.go.set()
recorder = record("second")
settled(expected())
check_same("each of 10,000 scores once", sum(v[0] for v in sums().values()), N)

# ---- late, revised, and the same pages again
with langfuse.lock:
    late = now - 3 * 60000
    langfuse.scores["late"] = dict(score(0, "faithfulness", late, "NUMERIC", 1.0, "c-l"), id="late")
    langfuse.scores["s09999"]["value"] = 0.0  # of a few seconds ago, more or less
    langfuse.scores["s00002"]["value"] = 1.0  # and of an hour and a half ago
recorder.stop(signal.SIGKILL)
pages = langfuse.pages
recorder = record("third")  # a recorder that starts looks back soon
wait_for("time to be read again", lambda: langfuse.pages >= pages + 100, 200, recorder)
settled(expected())

# ---- what is said
source = gwtop_json("sources", "--store", store, "--config", config)["sources"][0]
check_same("the source", (source["name"], source["kind"], source["state"]), ("evals", "langfuse", "ok"))
kept = b"".join(open(store + end, "rb").read() for end in ("", "-wal"))
check("no prose, no key in the store", b"faithfulness" in kept and b"PROSE" not in kept and SECRET.encode() not in kept)
check_same("nobody was asked without the key", langfuse.refused, 0)

# ---- what a probe sees of it
run = subprocess.run([program("gwtop"), "probe", "evals", "--json", "--config", config], capture_output=True, text=True)
probe = json.loads(run.stdout)["scores"]
names = {n["name"]: n for n in probe["names"]}
check_same("a probe", (run.returncode, sorted(names), names["faithfulness"]["kind"], names["tone"]["has_judge"]),
           (0, ["faithfulness", "json_valid", "tone"], "number", True))
wrong = place.file("wrong.yaml", open(config).read().replace(PUBLIC, "pk-lf-2"))
run = subprocess.run([program("gwtop"), "probe", "evals", "--config", wrong], capture_output=True, text=True)
check("a probe with another key", run.returncode == 2 and "public key" in run.stdout and SECRET not in run.stdout, run.stdout)
langfuse.refused = 0

# ---- handed in, while a recorder runs
def hand_in(*argv, text=None):
    return subprocess.run([program("gwtop"), "score", *argv, "--store", store, "--config", config], input=text, capture_output=True, text=True)


run = hand_in("helpful", "0.75", "--model", "gpt-x", "--id", "h1")
check_same("one by hand", (run.returncode, run.stdout), (0, "1 score handed in\n"))
own = [(("helpful", "gpt-x", ""), 0.75, False)]
settled(expected(own))
hand_in("helpful", "0.75", "--model", "gpt-x", "--id", "h1")
hand_in("helpful", "0.25", "--model", "gpt-x", "--id", "h2")
own.append((("helpful", "gpt-x", ""), 0.25, True))
settled(expected(own))

# ---- without one, many at once, some of them wrong; and taken in once when it starts, twice
recorder.stop(signal.SIGTERM)
lines = "".join(json.dumps({"name": "batch", "value": i % 2 == 0, "id": "b%d" % i, "at": iso(now - 1000 * i), "prompt": "PROSE"}) + "\n"
                for i in range(20000))
run = hand_in("-", text=lines + '{"name":"x"}\nnot json\n{"name":"x","value":7}\n{"name":"x","value":1,"at":"2031-01-01T00:00:00Z"}\n')
check_same("many, four of them wrong", (run.returncode, run.stdout, run.stderr.count("line 2000")), (1, "20000 scores handed in\n", 4))
check_same("with its line", "gwtop score: line 20002: no JSON: that is no value\n" in run.stderr, True)
own += [(("batch", "", ""), i % 2 == 0, i % 2 != 0) for i in range(20000)]
for name in ("fourth", "fifth"):
    recorder = record(name)
    settled(expected(own))
    wait_for("the files to go", lambda: not [f for f in os.listdir(place.file("acts")) if f.endswith(".scores")], 60, recorder)
    recorder.stop(signal.SIGKILL)
listed = {s["name"]: s for s in gwtop_json("sources", "--store", store, "--config", config)["sources"]}
check_same("a source of its own", (listed["gwtop score"]["kind"], listed["gwtop score"]["series_kept"]), ("score", 2))

finish()
