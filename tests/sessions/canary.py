# SPDX-License-Identifier: MIT
"""Canaries through the real programs: what they ask and what it is taken for, and that the cap holds whatever happens: answers that are right, wrong, late,
refused, HTML; a restart, a kill in the middle of a run, a changed set of prompts. The endpoint is a server on loopback that answers by model."""
import http.server
import os
import signal
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

KEY = "sk-canary-0451-secret"
PROMPT, ANSWER = "a-prompt-nobody-keeps", "an-answer-nobody-keeps"


class Endpoint:
    """Answers by the model that is asked for; keeps what it was asked."""

    def __init__(self):
        end = self
        self.lock, self.asked, self.polls, self.gate, self.right = threading.Lock(), [], 0, threading.Event(), "42"

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with end.lock:
                    end.polls += 1
                self.reply(200, "litellm_proxy_total_requests_metric_total{requested_model=\"m\"} 1\n", "text/plain; version=0.0.4")

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with end.lock:
                    end.asked.append((body, dict(self.headers)))
                getattr(self, "answer_" + body["model"].replace("-", "_"))(body)

            def reply(self, status, text, kind="application/json", headers=()):
                data = text.encode()
                self.send_response(status)
                for name, value in (("Content-Type", kind), ("Content-Length", str(len(data))), *headers):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def say(self, text, logprobs=None):
                self.reply(200, json.dumps({"id": "x", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text}, **({"logprobs": logprobs} if logprobs else {})}],
                    "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}}))

            def answer_good(self, body):
                if body.get("logprobs"):
                    self.say("Yes", {"content": [{"token": "Yes", "logprob": -0.25, "top_logprobs": [{"token": "Yes", "logprob": -0.25}]}]})
                elif "JSON" in body["messages"][-1]["content"]:
                    self.say('{"a": 1}')
                else:
                    self.say("  %s\n" % end.right)

            def answer_wrong(self, body):
                self.say(ANSWER)

            def answer_limited(self, body):
                self.reply(429, '{"error": "%s"}' % PROMPT, headers=[("Retry-After", "7")])

            def answer_broken(self, body):
                self.reply(503, "{}")

            def answer_html(self, body):
                self.reply(200, "<html><title>login</title></html>", "text/html")

            def answer_hangs(self, body):
                end.gate.wait(60)

            def answer_greedy(self, body):  # a gateway that adds a prompt of its own
                self.reply(200, json.dumps({"choices": [{"message": {"content": "42"}}], "usage": {"prompt_tokens": 149, "completion_tokens": 5}}))

            def answer_moved(self, body):
                self.reply(307, "", headers=[("Location", "/v1/elsewhere")])

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def of(self, model):
        with self.lock:
            return [body for body, _ in self.asked if body["model"] == model]


if time.time() % 86400 > 86400 - 120:
    skip("the UTC day, whose spend is compared, ends within this test")
end = Endpoint()
place = Place()
store, key = place.file("t.db"), place.file("key", KEY + "\n")
two = "    prompts:\n" + "".join("      - {id: %s, prompt: \"%s\", max_tokens: 5, exact: \"42\"}\n" % (i, PROMPT) for i in ("one", "two"))
four = two + "".join("      - {id: %s, prompt: \"%s\", max_tokens: 5, exact: \"42\"}\n" % (i, PROMPT) for i in ("three", "four"))
good = """    prompts:
      - {id: sum, prompt: "17 + 25", max_tokens: 5, exact: "42"}
      - {id: form, prompt: digits, max_tokens: 5, matches: "^[0-9]+$"}
      - {id: json, prompt: JSON, max_tokens: 50, json: true}
      - {id: shape, prompt: JSON, max_tokens: 50, schema: {type: object, required: [a], properties: {a: {const: 1}}, additionalProperties: false}}
      - {id: says, prompt: number, max_tokens: 5, command: [grep, -q, "42"]}
      - {id: likely, prompt: Yes or no, token: "Yes"}
"""


def canary(name, prompts, model=None, cap="1 USD", more=""):
    return ("  - name: %s\n    url: %s/v1/chat/completions\n    model: %s\n    cap: %s\n    interval: 1h\n    timeout: 1s\n    command_timeout: 1s\n"
            "    key: {file: key}\n%s%s" % (name, end.url, model or name, cap, more, prompts))


def write_config(*canaries):
    text = "gateway: prod\nsources:\n  - {name: gw, interval: 1s, metrics: \"%s/metrics\"}\n" % end.url
    text += "prices:\n  - {model: \"*\", from: 2020-01-01, input: 1 USD/M, cached: 1 USD/M, output: 2 USD/M}\n"
    return place.file("gwtop.yaml", text + ("canaries:\n" + "".join(canaries) if canaries else ""))


def record(name):
    return Server(place, name, [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store],
                  {"XDG_RUNTIME_DIR": place.path})


def canaries():
    return {c["name"]: c for c in gwtop_json("sources", "--store", store, "--config", config)["canaries"]}


def by_hand(name, *more):
    return subprocess.run([program("gwtop"), "canary", "run", name, "--config", config, "--store", store, *more], capture_output=True, text=True)


def ended(*names):
    """The canaries, once each of these has run or was refused."""
    def look():
        c = canaries()
        return c if all(c[n]["ended_ms"] or c[n]["reason"] for n in names) and not any(x["running"] for x in c.values()) else None
    return wait_for("canaries to end", look, 60)


def nusd(c):
    return round(c["spent_today_usd"] * 1e9)


# Without `canaries:` nothing is asked, and a dry run asks nothing either.
config = write_config()
recorder = record("none")
wait_for("polls", lambda: end.polls >= 3, 60, recorder)
recorder.stop()
check("nothing is sent without canaries", end.asked == [])
names = ["good", "wrong", "limited", "broken", "html", "hangs", "moved", "capped", "noprog", "greedy"]
config = write_config(canary("good", good), canary("wrong", two), canary("limited", two), canary("broken", four), canary("html", two), canary("hangs", two),
                      canary("moved", two), canary("capped", two, "good", "0.00001 USD"),
                      canary("greedy", two, cap="0.0003 USD"),
                      canary("noprog", "    prompts: [{id: a, prompt: b, max_tokens: 5, command: [no-such-program-here]}]\n", "good"))
checked = subprocess.run([program("gwtop"), "check", config], capture_output=True, text=True)
check("check says what a day costs", "canary wrong: up to 0.000118 USD a run of 2 prompts, up to 0.002832 USD a day (24 runs); cap 1 USD a day\n" in checked.stdout, checked.stdout)
check("check refuses what the cap can't hold", "canary capped: up to" in checked.stdout and "which a run exceeds: it is not run" in checked.stdout and checked.returncode == 64, checked.stdout)
dry = by_hand("good", "--dry-run")
check("a dry run shows the bodies", '"messages":[{"role":"user","content":"17 + 25"}],"max_tokens":5}' in dry.stdout and "nothing was sent" in dry.stdout, dry.stdout)
check("a dry run sends nothing", dry.returncode == 0 and end.asked == [])

# Everything at once: each canary runs when the recorder first sees it.
recorder = record("first")
c = ended(*names)
check_same("all six checks pass", (c["good"]["passed"], c["good"]["bad"], sum(c["good"]["without_verdict"].values())), (6, 0, 0))
check_same("a wrong answer is wrong", (c["wrong"]["passed"], c["wrong"]["bad"], c["wrong"]["reason"]), (0, 2, ""))
for name, want in (("limited", {"429": 1, "not asked": 1}), ("broken", {"5xx": 3, "not asked": 1}), ("html", {"no answer": 2}), ("hangs", {"timeout": 2}),
                   ("moved", {"no answer": 2}), ("noprog", {"not judged": 1})):
    check_same("%s is no wrong answer" % name, ({k: v for k, v in c[name]["without_verdict"].items() if v}, c[name]["passed"], c[name]["bad"]), (want, 0, 0))
check("and is said", "status 429" in c["limited"]["reason"] and "not JSON" in c["html"]["reason"] and "no answer after" in c["hangs"]["reason"]
      and "asked once" in c["moved"]["reason"] and "no-such-program-here cannot be run" in c["noprog"]["reason"], str([c[n]["reason"] for n in names]))
check("429 is left alone for as long as it wants", len(end.of("limited")) == 1 and c["limited"]["next_ms"] >= c["limited"]["ended_ms"] + 7000)
check("a redirect is not followed", len(end.of("moved")) == 2)
check("the cap refuses", c["capped"]["ended_ms"] is None and "more than the cap of 0.00001 USD a day" in c["capped"]["reason"], c["capped"]["reason"])
check_same("counted by usage: 6 times 10 tokens in and 2 out", nusd(c["good"]), 6 * (10 * 1000 + 2 * 2000))
check_same("counted at the most where no answer came", nusd(c["hangs"]), 118000)
check_same("what was not asked is not counted", nusd(c["limited"]), 59000)
# 59 tokens were reserved for each of two prompts, and 159 are counted for the first: 200 more do not fit under the cap, 100 would.
check_same("more than was asked for is counted, and stops it", (nusd(c["greedy"]), c["greedy"]["without_verdict"]["not asked"], len(end.of("greedy"))), (159000, 1, 1))
check("and is reserved from then on", c["greedy"]["run_usd_most"] == 0.000318, str(c["greedy"]))
probe = [b for b in end.of("good") if b.get("logprobs")]
check_same("a probe asks for one token", [(b["max_tokens"], b["logprobs"]) for b in probe], [(1, True)])
check("with the key and as JSON", all(h.get("Authorization") == "Bearer " + KEY and h["Content-Type"] == "application/json" for _, h in end.asked))
polled = end.polls
wait_for("polling to go on", lambda: end.polls >= polled + 2, 30, recorder)

# A past run is what is stored: scores by name and model, per prompt; and nothing of prompts, answers and the key.
db = sqlite3.connect("file:%s?mode=ro" % store, uri=True)
run = json.loads(db.execute("SELECT value FROM note WHERE name = 'canary_run:good' ORDER BY known_ms DESC").fetchone()[0])
check_same("each prompt's outcome is kept", {p["id"]: p["outcome"] for p in run["prompts"]}, {k: "pass" for k in ("sum", "form", "json", "shape", "says", "likely")})
check_same("and the log-probability", [p["logprob"] for p in run["prompts"] if p["logprob"] is not None], [-0.25])
texts = [text for _, text in db.execute("SELECT at_ms, text FROM event ORDER BY at_ms")]
check("that answers stopped is an event", any("canary html: 2 of 2 prompts have no verdict (no answer 2)" in t for t in texts), str(texts))
db.close()

# By hand, the recorder asks, and the cap is one.
before = len(end.of("wrong"))
hand = by_hand("wrong")
check_same("by hand through the recorder", (hand.returncode, len(end.of("wrong")) - before), (1, 2))
check("its price is said first", hand.stdout.startswith("2 prompts to wrong at %s/v1/chat/completions: up to 0.000118 USD, of 1 USD a day\n" % end.url), hand.stdout)
check("the outcome is told", "one                  bad  the answer is another one" in hand.stdout and "0 of 2 passed; 0.000056 USD of 1 USD spent today" in hand.stdout, hand.stdout)
hand = by_hand("capped")
check("the cap holds by hand, too", hand.returncode == 1 and "was not run: a run costs up to" in hand.stderr, hand.stdout + hand.stderr)
check_same("a name that is not there", by_hand("nope").returncode, 64)

# Killed in the middle of a run: what it could have cost stays counted.
recorder.stop()
config = write_config(canary("slow", two, "hangs", "0.0002 USD"))
text = open(config).read().replace("timeout: 1s\n    command", "timeout: 50s\n    command")
config = place.file("gwtop.yaml", text)
asked = len(end.of("hangs"))
recorder = record("killed")
wait_for("the request", lambda: len(end.of("hangs")) > asked, 30, recorder)
recorder.child.send_signal(signal.SIGKILL)
recorder.child.wait()
end.gate.set()
recorder = record("again")
c = wait_for("the recorder to say so", lambda: (lambda x: x if "cut off" in x["slow"]["reason"] else None)(canaries()), 30, recorder)
check_same("a run that was cut off is counted whole", nusd(c["slow"]), 118000)
check("and what is not configured any more is still known today", c["good"]["reason"] == "it is not configured any more" and nusd(c["good"]) == 84000, str(c["good"]))
hand = by_hand("slow")
check("the cap is over the restart", hand.returncode == 1 and "the cap of 0.0002 USD a day is reached: 0.000118 USD are spent" in hand.stderr, hand.stderr)
recorder.stop()

# Here, without a recorder; then another set of prompts.
config = write_config(canary("good", good))
hand = by_hand("good", "--json")
ran = json.loads(hand.stdout)
check_same("by hand without a recorder", (hand.returncode, ran["passed"], round(ran["spent_today_usd"] * 1e9)), (0, 6, 168000))
end.right = "43"
config = write_config(canary("good", good.replace('"17 + 25"', '"18 + 25"').replace('exact: "42"', 'exact: "43"').replace("{id: form", "{id: form2")))
recorder = record("changed")
wait_for("the recorder", lambda: not canaries()["good"]["running"] and end.polls, 30, recorder)
db = sqlite3.connect("file:%s?mode=ro" % store, uri=True)
wait_for("the event", lambda: db.execute("SELECT count(*) FROM event WHERE text LIKE 'canary good: prompts: 1 changed, 1 new, 1 gone%'").fetchone()[0] == 1, 30, recorder)
check("a changed set is an event", True)
hand = by_hand("good")
check("and its items are others", hand.returncode == 1 and "5 of 6 passed" in hand.stdout, hand.stdout + hand.stderr)  # `says` wants 42
run = json.loads(db.execute("SELECT value FROM note WHERE name = 'canary_run:good' ORDER BY known_ms DESC").fetchone()[0])
old = json.loads(db.execute("SELECT value FROM note WHERE name = 'canary_run:good' ORDER BY known_ms").fetchone()[0])
hashes = [{p["id"]: p["hash"] for p in r["prompts"]} for r in (old, run)]
check("by their hashes", hashes[0]["sum"] != hashes[1]["sum"] and hashes[0]["json"] == hashes[1]["json"], str(hashes))
db.close()
config = write_config(canary("good", good.replace("digits", "numbers")))
hand = by_hand("good")
check("an order for what the recorder does not have is refused", hand.returncode == 1 and "has another canary of that name" in hand.stderr, hand.stderr)
recorder.stop()

# Nothing of it is kept anywhere.
kept = b""
for name in os.listdir(place.path):
    if name.startswith("t.db") or name.endswith(".log"):
        with open(place.file(name), "rb") as f:
            kept += f.read()
check("no prompt, answer or key is in the store or a log", not any(s.encode() in kept for s in (PROMPT, ANSWER, KEY)))
finish()
