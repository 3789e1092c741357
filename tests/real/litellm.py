# SPDX-License-Identifier: MIT
"""A real LiteLLM proxy with mocked models: gwtop scrapes its /metrics/ and must show the requests, tokens and spend that were sent, and compute from
its token counters what it booked: cached, written and reasoning tokens come from a provider of our own, for mocks have none.

usage: litellm.py PYTHON   (an interpreter with litellm[proxy] installed)
"""
import concurrent.futures
import http.server
import json
import os
import subprocess
import sys
import threading
from decimal import Decimal

from harness import *

KEY = "sk-real-test"
REQUESTS = 300
MODELS = """
model_list:
  - model_name: gpt-x
    litellm_params: {model: openai/gpt-4o-mini, api_key: none, mock_response: "a short answer"}
  - model_name: c-s
    litellm_params: {model: anthropic/claude-haiku-4-5, api_key: none, mock_response: "an answer of a few more words"}
  - model_name: gpt-4o-mini
    litellm_params: {model: openai/gpt-4o-mini, api_key: none, mock_response: "the same under its own name"}
  - model_name: o4-mini
    litellm_params: {model: openai/o4-mini, api_key: none, api_base: "@PROVIDER@/v1"}
  - model_name: claude-haiku-4-5
    litellm_params: {model: anthropic/claude-haiku-4-5, api_key: none, api_base: "@PROVIDER@"}
litellm_settings: {callbacks: ["prometheus"]}
general_settings: {master_key: %s}
""" % KEY
PRICED = ("gpt-4o-mini", "o4-mini", "claude-haiku-4-5")


class Provider(http.server.BaseHTTPRequestHandler):
    """Answers as OpenAI and Anthropic do, with token counts that each request names in its first message: "input cached written output reasoning"."""

    def do_POST(self):
        ask = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = ask["messages"][0]["content"]
        words = (text if isinstance(text, str) else text[0]["text"]).split()
        fresh, cached, written, output, reasoning = (int(w) for w in words[:5])
        if self.path.endswith("/messages"):
            usage = {"input_tokens": fresh, "cache_read_input_tokens": cached, "cache_creation_input_tokens": written, "output_tokens": output}
            answer = {"id": "msg_1", "type": "message", "role": "assistant", "model": ask["model"], "content": [{"type": "text", "text": "yes"}],
                      "stop_reason": "end_turn", "stop_sequence": None, "usage": usage}
        else:
            usage = {"prompt_tokens": fresh + cached, "completion_tokens": output, "total_tokens": fresh + cached + output,
                     "prompt_tokens_details": {"cached_tokens": cached}, "completion_tokens_details": {"reasoning_tokens": reasoning}}
            answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": ask["model"], "usage": usage,
                      "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def ask_priced(base, i):
    """One request of a model that the price list has; its counts vary with i."""
    model = PRICED[i % 3]
    counts = (1000 + 37 * i, 400 + 11 * i, 200 + 7 * i if model.startswith("claude") else 0, 300 + 5 * i, 100 + 3 * i if model == "o4-mini" else 0)
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": " ".join(map(str, counts))}]})
    get(base + "/v1/chat/completions", 60, {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}, body.encode())
    return model, counts


def send(base, i):
    body = json.dumps({"model": "gpt-x" if i % 3 else "c-s", "messages": [{"role": "user", "content": "question %d " % i + "word " * (i % 17)}]})
    text, _ = get(base + "/v1/chat/completions", 60, {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}, body.encode())
    answer = json.loads(text)
    return answer["model"], answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"]


def prices(python):
    """USD per token as that LiteLLM knows them: model -> (input, output)."""
    code = "import json, litellm; print(json.dumps({m: [litellm.model_cost[m]['input_cost_per_token'], litellm.model_cost[m]['output_cost_per_token']] for m in %r}))"
    names = {"gpt-x": "gpt-4o-mini", "c-s": "claude-haiku-4-5"}
    run = subprocess.run([python, "-c", code % list(names.values())], capture_output=True, text=True, check=True, env=dict(os.environ, LITELLM_LOCAL_MODEL_COST_MAP="True"))
    known = json.loads(run.stdout.splitlines()[-1])
    return {group: known[model] for group, model in names.items()}


def main(python):
    if not os.path.exists(python) or subprocess.run([python, "-c", "import litellm"], capture_output=True).returncode:
        skip("litellm[proxy] cannot be imported by %s" % python)
    place = Place()
    port = free_port()
    base = "http://127.0.0.1:%d" % port
    provider = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    place.file("litellm.yaml", MODELS.replace("@PROVIDER@", "http://127.0.0.1:%d" % provider.server_port))
    proxy = Server(place, "litellm", [os.path.join(os.path.dirname(python), "litellm"), "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(port)],
                   {"LITELLM_LOCAL_MODEL_COST_MAP": "True"})
    wait_for("LiteLLM to answer", lambda: get(base + "/health/liveliness", 2), 180, proxy)

    store = place.file("gwtop.db")
    token = place.file("token", KEY + "\n")
    config = place.file("gwtop.yaml", """
gateway: real
store: %s
sources:
  - name: litellm
    metrics: %s/metrics
    interval: 1s
    bearer: {file: %s}
""" % (store, base, token))
    # The first request makes LiteLLM register its families; increments are counted from what was seen then.
    send(base, 0)
    for i in range(3):
        ask_priced(base, i)
    recorder = Server(place, "recorder", [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store])
    sources = lambda: gwtop_json("sources", "--store", store, "--config", config)["sources"]
    wait_for("the first scrape", lambda: sources()[0]["state"] == "ok", 60, recorder)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: send(base, i), range(REQUESTS)))
    cost = lambda: [r for r in gwtop_json("cost", "--store", store, "--config", config, "--since", "10m", "--by", "model")["rows"] if r["kind"] == "total"][0]
    total = wait_for("all requests to be scraped", lambda: (lambda t: t if t["requests"] >= REQUESTS else None)(cost()), 60, recorder)
    check("requests", total["requests"] == REQUESTS, "%d sent, %d shown" % (REQUESTS, total["requests"]))
    check("input tokens", total["tokens_input"] == sum(a[1] for a in answers), "%d sent, %d shown" % (sum(a[1] for a in answers), total["tokens_input"]))
    check("output tokens", total["tokens_output"] == sum(a[2] for a in answers), "%d sent, %d shown" % (sum(a[2] for a in answers), total["tokens_output"]))
    known = prices(python)
    spent = sum(a[1] * known[a[0]][0] + a[2] * known[a[0]][1] for a in answers)
    check("spend", abs(float(total["usd"]) - spent) <= 1e-9 * REQUESTS, "%.9f sent, %s shown" % (spent, total["usd"]))
    check("profile recognised", sources()[0]["profile"] == "litellm", sources()[0]["profile"])
    # The same traffic priced here: LiteLLM's own counter of spend beside its counters of tokens.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda i: ask_priced(base, i), range(90)))
    report = lambda: gwtop_json("cost", "--store", store, "--config", config, "--since", "10m", "--by", "model")
    sent = lambda r: sum(row["requests"] for row in r["rows"] if row["name"] in PRICED)
    seen = wait_for("the priced requests to be scraped", lambda: (lambda r: r if sent(r) >= 90 else None)(report()), 60, recorder)
    models = {m["model"]: m for m in seen["computed"]["models"]}
    rows = {r["name"]: r for r in seen["rows"]}
    for model in PRICED:
        m, mine = models[model], [c for name, c in asked if name == model]
        booked, least, most = (Decimal(m[k] or 0) for k in ("booked_usd", "computed_usd_least", "computed_usd_most"))
        check("%s: computed is booked" % model, least == most > 0 and abs(least - booked) <= Decimal("1e-9") * booked, json.dumps(m))
        if model != "gpt-4o-mini":
            wholes = sum(sum(c[:3]) for c in mine), sum(c[1] for c in mine), sum(c[3] for c in mine)
            shown = rows[model]["tokens_input"], rows[model]["tokens_cached"], rows[model]["tokens_output"]
            check("%s: input with its parts, cached, output" % model, wholes == shown, "%s sent, %s shown" % (wholes, shown))
    for alias, upstream in (("gpt-x", "gpt-4o-mini"), ("c-s", "claude-haiku-4-5")):
        m = models[alias]
        booked, least = Decimal(m["booked_usd"]), Decimal(m["computed_usd_least"] or 0)
        check("%s is priced as %s" % (alias, upstream), m["price_found"].startswith("as %s, " % upstream) and m["unpriced_share"] == 0, json.dumps(m))
        check("%s: computed is booked" % alias, abs(least - booked) <= Decimal("1e-9") * booked, json.dumps(m))
    check("nothing is unpriced", seen["computed"]["unpriced_share"] == 0, seen["computed"]["sentence"])
    text = screen(place, [program("gwtop"), "--store", store, "--config", config, "--pane", "cost", "--no-recorder"], r"total")
    check("the screen shows the gateway", "real" in text)
    check("the key is nowhere in the store", KEY.encode() not in b"".join(open(os.path.join(place.path, f), "rb").read() for f in os.listdir(place.path) if f.startswith("gwtop.db")))
    check("the recorder ended cleanly", recorder.stop() == 0)
    proxy.stop()
    finish()


main(sys.argv[1] if len(sys.argv) > 1 else "the interpreter that GWTOP_LITELLM_PYTHON names")
