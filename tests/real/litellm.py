# SPDX-License-Identifier: MIT
"""A real LiteLLM proxy with mocked models: gwtop scrapes its /metrics/ and must show the requests, tokens and spend that were sent.

usage: litellm.py PYTHON   (an interpreter with litellm[proxy] installed)
"""
import concurrent.futures
import json
import os
import subprocess
import sys

from harness import *

KEY = "sk-real-test"
REQUESTS = 300
MODELS = """
model_list:
  - model_name: gpt-x
    litellm_params: {model: openai/gpt-4o-mini, api_key: none, mock_response: "a short answer"}
  - model_name: c-s
    litellm_params: {model: anthropic/claude-haiku-4-5, api_key: none, mock_response: "an answer of a few more words"}
litellm_settings: {callbacks: ["prometheus"]}
general_settings: {master_key: %s}
""" % KEY


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
    place.file("litellm.yaml", MODELS)
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
    text = screen(place, [program("gwtop"), "--store", store, "--config", config, "--pane", "cost", "--no-recorder"], r"total")
    check("the screen shows the gateway", "real" in text)
    check("the key is nowhere in the store", KEY.encode() not in b"".join(open(os.path.join(place.path, f), "rb").read() for f in os.listdir(place.path) if f.startswith("gwtop.db")))
    check("the recorder ended cleanly", recorder.stop() == 0)
    proxy.stop()
    finish()


main(sys.argv[1])
