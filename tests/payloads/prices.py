# SPDX-License-Identifier: MIT
"""An independent reading of LiteLLM's price list: its rules written again here, in Python's decimal, from the raw JSON. Some hundreds of models
with random counts must cost exactly the same by `gwtop prices cost`, by the shipped list and by the JSON itself; and every model that should have
a price has one. Third parties' lists are not part of this project: without the folder it says so and exits 77. usage: prices.py BUILD_DIR FOLDER"""
import decimal
import json
import os
import random
import re
import subprocess
import sys
import tempfile

from decimal import Decimal

GWTOP, FOLDER = os.path.join(sys.argv[1], "gwtop"), sys.argv[2]
NAME = os.path.join(FOLDER, "litellm-model_prices_and_context_window.json")
PICO = Decimal("1e-12")
KEPT = ("chat", "responses", "completion", "embedding", "rerank", None)
SEED, PLAIN, ABSURD = 20261123, 400, Decimal("0.01")
decimal.getcontext().prec = 60
decimal.getcontext().rounding = decimal.ROUND_HALF_UP
home = tempfile.TemporaryDirectory(prefix="gwtop-prices-")
env = dict(os.environ, HOME=home.name, XDG_STATE_HOME=home.name)
env.pop("GWTOP_CONFIG", None)
failures = 0

if not os.path.exists(NAME):
    print("skipped: there is no %s" % NAME)
    sys.exit(77)


def complain(text):
    global failures
    failures += 1
    if failures <= 20:
        print("FAILED " + text)


def gwtop(*words):
    p = subprocess.run([GWTOP, "prices"] + list(words), env=env, capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


class Row:
    """One model's prices and the rules they are used by."""

    def __init__(self, fields):
        self.f = fields
        self.steps = fields.get("tiered_pricing")

    def number(self, fields, key):
        v = fields.get(key)
        return v.quantize(PICO) if isinstance(v, Decimal) else None

    def price(self, key, prompt, service):
        """The highest step below the prompt wins; in a step, the service's price over the standard one."""
        thresholds = sorted({int(m.group(1)) * 1000 for k in self.f for m in [re.search(r"_above_(\d+)k_tokens", k)] if m}, reverse=True)
        suffix = "_" + service if service else ""
        for n in [t for t in thresholds if prompt > t] + [0]:
            base = key + ("_above_%dk_tokens" % (n // 1000) if n else "")
            for name in ([base + suffix] if suffix else []) + [base]:
                if self.number(self.f, name) is not None:
                    return self.number(self.f, name)
        return None

    def sliced(self, keys, count):
        """Graduated: what lies in each range at the price of the range."""
        total, steps = Decimal(0), sorted(self.steps, key=lambda s: s["range"][0])
        for i, step in enumerate(steps):
            lo, hi = int(step["range"][0]), int(steps[i + 1]["range"][0]) if i + 1 < len(steps) else count
            price = next((self.number(step, k) for k in keys if self.number(step, k) is not None), None)
            if min(count, hi) > lo:
                total += (min(count, hi) - lo) * price
        return total

    def part(self, keys, count, prompt, service):
        if count == 0:
            return Decimal(0)
        if self.steps:
            return self.sliced(keys, count)
        for key in keys:
            price = self.price(key, prompt, service)
            if price is not None:
                return price * count
        raise KeyError(keys[0])

    def cost(self, u, service=None, region=None):
        read, write, hour = "cache_read_input_token_cost", "cache_creation_input_token_cost", "cache_creation_input_token_cost_above_1hr"
        cached = [read, "input_cost_per_token_cache_hit"]
        fresh = max(0, u["input"] - u["cached"] - u["cache-write"] - u["cache-write-1h"])
        prompt, per_in, per_out = u["input"], "input_cost_per_token", "output_cost_per_token"
        total = self.part([per_in], fresh, prompt, service)
        total += self.part(cached + [per_in], u["cached"], prompt, service)
        total += self.part([write, per_in], u["cache-write"], prompt, service)
        total += self.part([hour, write, per_in], u["cache-write-1h"], prompt, service)
        total += self.part([per_out], max(0, u["output"] - u["reasoning"]), prompt, service)
        total += self.part(["output_cost_per_reasoning_token", per_out], u["reasoning"], prompt, service)
        total += sum(self.number(self.f, k) or 0 for k in ("input_cost_per_request", "input_cost_per_query"))
        return total * (self.f.get("regional_processing_uplift_multiplier_" + region, 1) if region else 1)


def counts(rng, prompt):
    u = {"input": prompt, "output": rng.randrange(0, 20000)}
    u["cached"] = rng.randrange(0, prompt + 1) if rng.random() < 0.6 else 0
    u["cache-write"] = rng.randrange(0, prompt - u["cached"] + 1) if rng.random() < 0.3 else 0
    u["cache-write-1h"] = rng.randrange(0, prompt - u["cached"] - u["cache-write"] + 1) if rng.random() < 0.2 else 0
    u["reasoning"] = rng.randrange(0, u["output"] + 1) if rng.random() < 0.3 else 0
    return u


def compare(model, row, u, service=None, region=None, *more):
    words = ["cost", model, "--json"] + [w for k, v in u.items() for w in ("--" + k, str(v))] + list(more)
    words += (["--service", {"batches": "batch"}.get(service, service)] if service else []) + (["--region", region] if region else [])
    code, out, err = gwtop(*words)
    try:
        expected = row.cost(u, service, region)
    except KeyError:
        if code == 0:
            complain("%s %s: has no price for a part, and still costs %s" % (model, u, json.loads(out)["usd"]))
        return
    got = json.loads(out) if code == 0 else None
    if got is None or Decimal(got["usd"]) != expected:
        complain("%s %s %s: %s instead of %s %s" % (model, u, service, got and got["usd"], expected, err))
    elif got["nusd"] != int((expected * 10**9).to_integral_value()):
        complain("%s: %d nano-USD instead of %s" % (model, got["nusd"], expected))
    elif sum(Decimal(t["usd"]) for t in got["terms"]) != expected:
        complain("%s: the terms do not sum to the amount" % model)


def is_token_priced(fields):
    return any(isinstance(fields.get(k), Decimal) for k in ("input_cost_per_token", "output_cost_per_token", "input_cost_per_request", "input_cost_per_query")) or fields.get("tiered_pricing")


def is_absurd(fields):
    return any(isinstance(v, Decimal) and v >= ABSURD for k, v in fields.items() if k in ("input_cost_per_token", "output_cost_per_token"))


with open(NAME) as f:
    rows = json.load(f, parse_float=Decimal, parse_int=Decimal)
del rows["sample_spec"]
kept = {k: Row(v) for k, v in rows.items() if v.get("mode") in KEPT}
priced = {k: r for k, r in kept.items() if is_token_priced(r.f) and not is_absurd(r.f)}

# Made anew from the JSON, the list is the shipped one.
fresh = os.path.join(home.name, "prices.txt")
code, out, err = gwtop("update", "--from", NAME, "--to", fresh, "--fresh", "--date", "2026-06-02")
with open(fresh) as a, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "prices.txt")) as b:
    made, shipped = a.read().split("\n"), b.read().split("\n")
if made[3:] != shipped[3:]:
    complain("the shipped list is not what the importer makes of the public one")
listed = {line.split("\t")[0]: line.split("\t")[4] for line in shipped[3:] if "\t" in line}
for k in kept:
    if k not in listed or (k in priced) == listed[k].startswith("!"):
        complain("%s: %s" % (k, listed.get(k, "is not in the list")))
os.unlink(fresh)  # from here on the built-in list serves

rng = random.Random(SEED)
sample = rng.sample(sorted(priced), PLAIN)
stepped = [k for k, r in sorted(priced.items()) if r.steps or any("_above_" in f and "k_tokens" in f for f in r.f)]
for model in sample:
    compare(model, priced[model], counts(rng, rng.randrange(1, 120000)))
for model in stepped:
    for prompt in (128000, 128001, 200000, 200001, 272001, rng.randrange(256000, 900000)):
        compare(model, priced[model], counts(rng, prompt))
for service in ("batches", "flex", "priority"):
    for model in [k for k, r in sorted(priced.items()) if "input_cost_per_token_" + service in r.f]:
        if "output_cost_per_reasoning_token" not in priced[model].f:
            compare(model, priced[model], counts(rng, rng.randrange(1, 400000)), service)
for model in [k for k, r in sorted(priced.items()) if "regional_processing_uplift_multiplier_eu" in r.f]:
    compare(model, priced[model], counts(rng, rng.randrange(1, 100000)), None, "eu")
for model in sample[:20]:
    compare(model, priced[model], counts(rng, 5000), None, None, "--prices", NAME)
for model in sorted(set(kept) - set(priced))[:40]:
    if gwtop("cost", model, "--input", "1", "--output", "1")[0] != 1:
        complain("%s has no price in the list, and one here" % model)
print("%d models, %d with a price, %d of them with steps: %d failures" % (len(kept), len(priced), len(stepped), failures))
sys.exit(1 if failures else 0)
