# SPDX-License-Identifier: MIT
"""Price lists through the real programs: taken from files and over HTTP in each of their forms and units, refused whole when they are cut or
none, merged so that a replay finds the price of its day. Prices are invented. usage: prices.py BUILD_DIR"""
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

GWTOP = os.path.join(sys.argv[1], "gwtop")
HOME = tempfile.TemporaryDirectory(prefix="gwtop-prices-")
LIST = os.path.join(HOME.name, "state", "gwtop", "prices.txt")
ENV = dict(os.environ, HOME=HOME.name, XDG_STATE_HOME=os.path.join(HOME.name, "state"), XDG_CONFIG_HOME=os.path.join(HOME.name, "config"))
ENV.pop("GWTOP_CONFIG", None)
failures = 0
BODIES = {}  # path -> (status, body, said length)


def must(good, what):
    global failures
    if not good:
        failures += 1
        print("FAILED " + what)


def run(*words):
    p = subprocess.run([GWTOP, "prices"] + list(words), env=ENV, capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def write(name, text):
    path = os.path.join(HOME.name, name)
    with open(path, "w") as f:
        f.write(text if isinstance(text, str) else json.dumps(text))
    return path


def stored():
    with open(LIST, "rb") as f:
        return f.read()


def takes(words, *says):
    code, out, err = run("update", *words)
    must(code == 0, "update %s: %d %s%s" % (words, code, out, err))
    for text in says:
        must(text in out, "update %s: '%s' is not in:\n%s" % (words, text, out))


def refuses(words, says, code=1):
    """And leaves what was there, byte by byte, and nothing beside it."""
    before, beside = stored(), sorted(os.listdir(os.path.dirname(LIST)))
    got, out, err = run("update", *words)
    must(got == code and out == "" and says in err, "update %s: %d instead of %d, '%s' in:\n%s%s" % (words, got, code, says, out, err))
    must(stored() == before and sorted(os.listdir(os.path.dirname(LIST))) == beside, "update %s touched the old list" % (words,))


def costs(model, usd, *words):
    code, out, err = run("cost", model, "--json", *words)
    got = json.loads(out)["usd"] if code == 0 else err
    must(got == usd, "%s %s: %s instead of %s" % (model, " ".join(words), got, usd))


def has_none(model, says, *words):
    code, out, err = run("cost", model, "--input", "1", *words)
    must(code == 1 and out == "" and says in err, "%s has a price, or not for this reason: %d %s%s" % (model, code, out, err))


class Lists(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body, length = BODIES.get(self.path.split("?")[0], (404, b"no such list", 12))
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def serve(path, text, status=200, cut=0):
    body = text.encode()
    BODIES[path] = (status, body[:len(body) - cut], len(body))


litellm = {"sample_spec": {"input_cost_per_token": 0.5, "mode": "one of: chat"},
           "gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "cache_read_input_token_cost": 5e-07},
           "gpt-y": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
           "bad": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": -1e-06, "output_cost_per_token": 1e-06},
           "wild": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 3, "output_cost_per_token": 1e-06}}
counts = ("--input", "1000", "--cached", "200", "--output", "100")

# The first list goes over the built-in one, which keeps its prices of before.
takes(["--from", write("first.json", litellm), "--date", "2026-09-01"], "LiteLLM's form: 4 models, 2 with a price\n",
      "left out  bad: input_cost_per_token is negative or no number: '-1e-06'\n", "left out  wild: input_cost_per_token is absurd: 3 USD per token\n",
      ": 2 new, 0 changed, 0 as before, ", "in force from 2026-09-01T00:00:00Z\n")
costs("gpt-x", "0.0025", *counts)
has_none("bad", "input_cost_per_token is negative or no number: '-1e-06'")
has_none("sample_spec", "no row of ")
has_none("gpt-4.1", "not in the price list any more")
costs("gpt-4.1", "0.0025", "--at", "2026-08-31", *counts)

# What is cut or none is refused whole.
text = json.dumps(litellm)
for n in (0, 1, len(text) // 2, len(text) - 1):
    refuses(["--from", write("cut.json", text[:n])], "it ends in the middle: not a whole price list, nothing was taken from it")
refuses(["--from", write("page.json", "<!doctype html><p>Sign in")], "that is no value")
refuses(["--from", write("other.json", {"data": [{"id": "gpt-x"}]})], "not a price list that gwtop reads")
refuses(["--from", write("all-bad.json", {"m": {"litellm_provider": "a", "input_cost_per_token": -1}})], "without one price that can be taken")
refuses(["--from", os.path.join(HOME.name, "missing.json")], "missing.json: No such file or directory")
refuses(["--from", write("older.json", litellm), "--date", "2026-08-01"], "the list that is there is of 2026-09-01, newer than 2026-08-01", 64)
refuses([], "update from what?", 64)
refuses(["--from", "x", "--date", "soon"], "--date: ", 64)

# Over HTTP, in the other forms. A body shorter than was promised, another status and a redirect elsewhere change nothing.
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lists)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = "http://127.0.0.1:%d" % server.server_port
agentgateway = json.dumps({"providers": {"acme": {"models": {"gem": {"rates": {"input": "1.25", "output": "10", "cacheRead": "0.125"},
                                                                   "tiers": [{"contextOver": 200000, "rates": {"input": "2.5", "output": "15"}}]}}}}})
serve("/catalog.json", agentgateway)
serve("/cut.json", agentgateway, cut=5)
serve("/gone.json", agentgateway, status=500)
refuses(["--from", base + "/cut.json"], "/cut.json")
refuses(["--from", base + "/gone.json"], "/gone.json")
refuses(["--from", base + "/none.json"], "/none.json")
refuses(["--from", "http://127.0.0.1:1/x.json"], "127.0.0.1")
refuses(["--from", base.replace("//", "//user:secret@") + "/catalog.json"], "a URL holds a user name or password", 64)
takes(["--from", base + "/catalog.json?token=secret", "--date", "2026-09-02", "--keep"], "agentgateway's form: 1 models, 1 with a price\n")
must(b"secret" not in stored(), "the query of the address was kept")
serve("/", agentgateway)
for address, origin in ((base + "/catalog.json?key=abc/secret", b"agentgateway catalog.json"), (base + "/catalog.json#a/secret", b"agentgateway catalog.json"),
                        (base + "/?to=/secret", b"agentgateway")):
    takes(["--from", address, "--date", "2026-09-02", "--keep"])
    must(b"\norigin " + origin + b"\n" in stored() and b"secret" not in stored(), "%s: %s" % (address, stored()[:100]))
costs("acme/gem", "0.0013", "--input", "1000", "--cached", "0", "--output", "5")
costs("gem", "0.5000325", "--input", "200001", "--output", "2")
costs("gpt-x", "0.0025", *counts)
serve("/pricing/acme.json", json.dumps({"default": {"pricing_config": {"currency": "USD"}},
                                        "gem": {"pricing_config": {"pay_as_you_go": {"request_token": {"price": 0.0002}, "response_token": {"price": 0.001}}}}}))
takes(["--from", base + "/pricing/acme.json", "--date", "2026-09-03", "--keep"], "Portkey's form: 1 models, 1 with a price\n", "0 new, 1 changed")
costs("acme/gem", "0.00205", "--input", "1000", "--output", "5")
costs("acme/gem", "0.0013", "--input", "1000", "--output", "5", "--at", "2026-09-02 12:00")
takes(["--from", write("api.json", {"acme": {"models": {"gem": {"cost": {"input": 3, "output": 15}}}}}), "--date", "2026-09-04", "--keep"], "models.dev's form: 1 models, 1 with a price\n")
costs("acme/gem", "0.003075", "--input", "1000", "--output", "5")

# A second list changes what it changes; a replay is priced as then. Its own form is read too.
litellm["gpt-x"]["input_cost_per_token"] = 3e-06
del litellm["gpt-y"], litellm["bad"], litellm["wild"]
takes(["--from", write("second.json", litellm), "--date", "2026-10-01"], ": 0 new, 1 changed, 0 as before, 2 not in the list and without a price now")
costs("gpt-x", "0.0033", *counts)
costs("gpt-x", "0.0025", "--at", "2026-09-30T23:59:59Z", *counts)
has_none("gpt-y", "not in the price list any more")
has_none("acme/gem", "not in the price list any more")
costs("gpt-y", "0.000001", "--input", "1", "--at", "2026-09-15")
copy = os.path.join(HOME.name, "copy.txt")
takes(["--from", write("second.json", litellm), "--to", copy, "--fresh", "--date", "2026-10-01"], "1 new, 0 changed")
costs("gpt-x", "0.0033", "--prices", copy, *counts)
has_none("gpt-4.1", "no row of ", "--prices", copy)

# A list that was damaged is named, and neither guessed nor replaced without being asked.
whole = stored()
with open(LIST, "wb") as f:
    f.write(whole[:-9])
has_none("gpt-x", "prices.txt: cut after line ")
refuses(["--from", write("second.json", litellm)], "prices.txt: cut after line ")
takes(["--from", write("second.json", litellm), "--fresh"], "1 new")
server.shutdown()
print("%d failures" % failures)
sys.exit(1 if failures else 0)
