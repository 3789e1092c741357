# SPDX-License-Identifier: MIT
"""LiteLLM's own pricing function against `gwtop prices cost`: the same invented list, requests of known size with cached, written and reasoning
tokens, steps and services, one at a time; equal within 1e-9 relative. usage: prices_litellm.py PYTHON (an interpreter with litellm)"""
import json
import os
import random
import subprocess
import sys

from harness import *

REQUESTS = 120  # per model
# What is compared is arithmetic and rules, so the prices are odd ones.
LIST = {
    "flat": {"input_cost_per_token": 1.37e-06, "output_cost_per_token": 7.3e-06},
    "cached": {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3.1e-07, "cache_creation_input_token_cost": 3.75e-06,
               "output_cost_per_reasoning_token": 1.9e-05},
    "cliff": {"input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-07, "cache_creation_input_token_cost": 1.6e-06,
              "input_cost_per_token_above_128k_tokens": 1.9e-06, "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
              "cache_read_input_token_cost_above_200k_tokens": 2.5e-07, "cache_creation_input_token_cost_above_200k_tokens": 3.2e-06},
    "served": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "cache_read_input_token_cost": 5e-07, "input_cost_per_token_priority": 3.5e-06,
               "output_cost_per_token_priority": 1.4e-05, "cache_read_input_token_cost_priority": 8.75e-07, "input_cost_per_token_flex": 1e-06, "output_cost_per_token_flex": 4e-06,
               "cache_read_input_token_cost_flex": 2.5e-07},
    "steps": {"tiered_pricing": [{"range": [0, 32000], "input_cost_per_token": 3e-07, "output_cost_per_token": 1.5e-06, "cache_read_input_token_cost": 8e-08},
                                 {"range": [32000, 128000], "input_cost_per_token": 5e-07, "output_cost_per_token": 2.5e-06, "cache_read_input_token_cost": 1.2e-07},
                                 {"range": [128000, 1000000], "input_cost_per_token": 8e-07, "output_cost_per_token": 4e-06, "cache_read_input_token_cost": 2e-07}]},
}
# Runs in LiteLLM's interpreter: a list and requests in, amounts out.
THEIRS = """
import json, os, sys
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
from litellm.litellm_core_utils.llm_cost_calc.utils import generic_cost_per_token
from litellm.types.utils import CompletionTokensDetailsWrapper, PromptTokensDetailsWrapper, Usage
work = json.load(sys.stdin)
amounts = []
for r in work["requests"]:
    u = Usage(prompt_tokens=r["input"], completion_tokens=r["output"], total_tokens=r["input"] + r["output"],
              prompt_tokens_details=PromptTokensDetailsWrapper(cached_tokens=r["cached"], cache_creation_tokens=r["cache-write"]),
              completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=r["reasoning"]),
              cache_read_input_tokens=r["cached"], cache_creation_input_tokens=r["cache-write"])
    amounts.append(sum(generic_cost_per_token(r["model"], u, "acme", service_tier=r["service"], model_info=dict(work["list"][r["model"]], litellm_provider="acme"))))
json.dump(amounts, sys.stdout)
"""


def requests():
    rng = random.Random(11)
    for model in LIST:
        for i in range(REQUESTS):
            edge = rng.choice((32000, 128000, 200000)) + rng.choice((0, 1))
            r = {"model": model, "input": edge if i % 3 == 0 else rng.randrange(1, 300000), "output": rng.randrange(1, 9000)}
            r["cached"] = rng.randrange(0, r["input"] + 1) if rng.random() < 0.6 else 0
            r["cache-write"] = rng.randrange(0, r["input"] - r["cached"] + 1) if rng.random() < 0.4 else 0
            r["reasoning"] = rng.randrange(0, r["output"] + 1) if rng.random() < 0.4 else 0
            r["service"] = rng.choice((None, "priority", "flex")) if model == "served" else None
            yield r


python = sys.argv[1] if len(sys.argv) > 1 else ""
if not os.access(python, os.X_OK):
    skip("LiteLLM is not installed; ./dev test prepares it")
place = Place()
work = {"list": {k: dict(v, mode="chat", litellm_provider="acme") for k, v in LIST.items()}, "requests": list(requests())}
theirs = subprocess.run([python, "-c", THEIRS], input=json.dumps(work), capture_output=True, text=True)
if theirs.returncode:
    raise SystemExit("LiteLLM could not price them:\n" + theirs.stderr[-2000:])
path, ours = place.file("list.json", json.dumps(work["list"])), place.file("prices.txt")
env = dict(os.environ, HOME=place.path, XDG_STATE_HOME=place.path)
subprocess.run([program("gwtop"), "prices", "update", "--from", path, "--to", ours, "--fresh", "--whole-tiers"], check=True, stdout=subprocess.DEVNULL, env=env)
wrong = 0
for r, amount in zip(work["requests"], json.loads(theirs.stdout)):
    words = [w for k in ("input", "cached", "cache-write", "output", "reasoning") for w in ("--" + k, str(r[k]))]
    words += ["--service", r["service"]] if r["service"] else []
    out = subprocess.run([program("gwtop"), "prices", "cost", r["model"], "--prices", ours, "--json"] + words, capture_output=True, text=True, env=env)
    got = float(json.loads(out.stdout)["usd"]) if out.returncode == 0 else float("nan")
    if not abs(got - amount) <= 1e-9 * amount:
        wrong += 1
        print("%s: %r here, %r there %s" % (r, got, amount, out.stderr))
print("%d requests of %d models: %d differ" % (len(work["requests"]), len(LIST), wrong))
sys.exit(1 if wrong else 0)
