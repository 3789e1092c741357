# SPDX-License-Identifier: MIT
"""Who asked, from the simulated pages to the store: a recorded traffic mix falls over all and in no team and route, a recorded drift in each; and the
signals that need no judge have their model. What `gwtop quality` makes of them: the drift is found with its model and its onset within five
minutes, and the mix is none and says why. usage: mix.py STORE_SUMS BUILD_DIR"""
import datetime
import json
import math
import os
import subprocess
import sys
import tempfile

sums, gwtop = sys.argv[1], os.path.join(sys.argv[2], "gwtop")
MINUTE, HOUR = 60000, 3600000
failed = 0


def check(what, good, seen=""):
    global failed
    failed += not good
    if not good:
        print("FAILED: %s: %s" % (what, seen))


def run(*args):
    out = subprocess.run(args, capture_output=True, text=True)
    check(" ".join(args), out.returncode == 0, out.stderr)
    return out.stdout


def read(store, signal, dims, *window):
    """{values of the dimensions: (n, sum, bad)}"""
    rows = {}
    for line in run(sums, store, signal, dims, *map(str, window)).splitlines():
        *key, n, total, bad = line.split("\t")
        rows[tuple(key)] = (int(n), float(total), int(bad))
    return rows


def gpt_x(rows, team=None, route=None):
    """(n, bad) of the valid JSON of a stratum"""
    rows = [v for k, v in rows.items() if k[0] == "json_valid" and k[1] == "gpt-x" and team in (None, k[2]) and route in (None, k[3])]
    return sum(r[0] for r in rows), sum(r[2] for r in rows)


def good(rows, **of):
    n, bad = gpt_x(rows, **of)
    return 1 - bad / n if n else math.nan


def strata(rows):
    return sorted({k[2:] for k in rows if k[:2] == ("json_valid", "gpt-x")})


def is_about(what, part, n, want, tolerance):
    """The demo ends now, so its traffic is another in each run: five deviations are given, and as many answers."""
    off = 5 * math.sqrt(want * (1 - want) * n) + 5
    check("%s is about %g" % (what, want), n > 0 and abs(part - want * n) <= tolerance * n + off, "%d of %d" % (part, n))


def record(folder, scenario):
    store = os.path.join(folder, scenario + ".db")
    run(gwtop, "demo", "--headless", "--for", "1m", "--onset", "-12h", "--scenario", scenario, "--store", store)
    with open(os.path.join(folder, scenario + ".demo-truth.json")) as f:
        truth = json.load(f)
    incident = [i for i in truth["incidents"] if i["scenario"] == scenario][0]
    onset, live = incident["onset_ms"], truth["live_ms"]
    by = "name,model,team,route"
    return store, incident, read(store, "eval", by, live - 24 * HOUR, onset - 5 * MINUTE), read(store, "eval", by, onset + 5 * MINUTE, live)


def quality(store):
    """{(name, model): row} of what is told, and the rows that drift"""
    rows = json.loads(run(gwtop, "quality", "--json", "--store", store, "--config", store[:-3] + ".demo.yaml"))["rows"]
    return {(r["name"], r["model"]): r for r in rows}, [(r["name"], r["model"]) for r in rows if r["state"] == "drift"]


def ms(iso):
    return datetime.datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp() * 1000


with tempfile.TemporaryDirectory() as folder:
    store, incident, before, now = record(folder, "traffic-mix")
    teams, routes = {"search", "support", "batch", "agents", "legal"}, {"/chat", "/extract"}
    check("every score says who asked", {t for t, r in strata(before)} <= teams and {r for t, r in strata(before)} == routes, strata(before))
    check("the truth names the route", incident["component"] == "route=/extract" and "no model did" in incident["what"], incident)
    evals = [(e, dict(part.split("=") for part in e["scope"].split(",")).get("route")) for e in incident["expected"] if e["signal"].startswith("eval_")]
    check("and says what to expect of the strata", {r for e, r in evals if e["signal"] == "eval_json_valid"} == routes | {None}, evals)
    for e, route in evals:
        for rows, want in ((before, e["before"]), (now, e["during"])):
            n, bad = gpt_x(rows, route=route)
            part, of = (n - bad, n) if e["signal"] == "eval_json_valid" else (n, gpt_x(rows)[0])
            is_about("%s of %s" % (e["signal"], e["scope"]), part, of, want, e["tolerance"])
    means = {r: e["during"] for e, r in evals if e["signal"] == "eval_json_valid" and r}
    for rows in (before, now):
        for team, route in strata(rows):
            n, bad = gpt_x(rows, team, route)
            is_about("json_valid of %s in %s" % (route, team), n - bad, n, means.get(route, math.nan), 0)
    check("and yet it falls over all", good(now) < good(before) - 0.02, (good(before), good(now)))

    told, drifts = quality(store)
    row = told["json_valid", "gpt-x"]
    check("of which no drift is told", ("json_valid", "gpt-x") not in drifts, row)
    check("but that the traffic changed", row["state"] == "mix" and row["why"].startswith("traffic changed") and "route /extract" in row["why"], row)

    # The signals that need no judge.
    finish = read(store, "finish", "model,class")
    models = {"gpt-x", "gpt-x-mini", "c-l", "c-s", "qwen-72b", "llama-8b"}
    check("answers end for a reason, by model", {k[0] for k in finish} == models, finish)
    check("of these", {k[1] for k in finish} <= {"stop", "length", "tool", "abort"}, finish)
    for model in models - {"qwen-72b", "llama-8b"}:
        of = {k[1]: v[1] for k, v in finish.items() if k[0] == model}
        check("few answers of %s are cut" % model, 0.02 < of["length"] / sum(of.values()) < 0.05, of)
    check("corrupted answers, by model", {k[0] for k in read(store, "corrupted", "model")} == {"qwen-72b", "llama-8b"})
    guardrails = read(store, "guardrail_checks", "name,class")
    check("verdicts of guardrails, by name", {("pii", "ok"), ("pii", "blocked"), ("policy", "ok"), ("policy", "blocked")} <= set(guardrails), guardrails)

    store, incident, before, now = record(folder, "drift")
    n, bad = gpt_x(now)
    is_about("json_valid after the drift", n - bad, n, 0.94, 0.01)
    for team, route in strata(now):
        n, bad = gpt_x(now, team, route)
        is_about("json_valid of %s in %s after the drift" % (route, team), n - bad, n, means.get(route, math.nan) * 0.94 / 0.989, 0)
    for route in routes:
        n, bad = gpt_x(now, route=route)
        is_about("json_valid of %s after the drift" % route, n - bad, n, means.get(route, math.nan) * 0.94 / 0.989, 0)
    told, drifts = quality(store)
    row = told["json_valid", "gpt-x"]
    check("the drift is told, and its model", ("json_valid", "gpt-x") in drifts, row)
    off = abs(ms(row["onset"]) - incident["onset_ms"]) if row["onset"] else math.inf
    check("its onset is within five minutes of the truth", off <= 5 * MINUTE, row)
sys.exit(1 if failed else 0)
