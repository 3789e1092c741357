#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What gwtop makes of every scenario of its simulated gateway: recorded without a screen in simulated time at several seeds, each at another hour
of the day, and compared with the truth that is written beside it. For each: is there what the truth expects (an incident, a finding, trouble of a
source, or nothing), is the true component first or among the first three that are named, is the verdict of the right scope two minutes later, and
how long after the onset is that. Who is named: of an incident its suspects; of a finding its scope, and what it says changed; of a source itself.
usage: bench_scenarios.py BUILD_DIR [--short] [--seeds N] [--scenario NAMES] [--misses FILE] [--jobs N]
Fails below 95 % among the first three, 80 % first, or 90 % of the right scope; --short (one seed), which is a test, when anything is not found, its
scope is wrong, or nobody right is named where somebody can be."""
import argparse
import concurrent.futures
import datetime
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

MINUTE = 60000
HISTORY = "7h"  # before the end: an hour makes a key's usual, and some two thousand scores a baseline
AFTER = {"quality": 150, "traffic": 150}  # minutes from the onset to the end of the recording: small drifts take their samples
AFTER_ELSE = 45
DAY = "2026-11-24"  # a working day


class Run:
    def __init__(self, gwtop, folder, scenario, seed):
        self.gwtop, self.scenario, self.seed = gwtop, scenario, seed
        self.store = os.path.join(folder, "%s-%d.db" % (scenario["name"], seed))
        self.minutes = AFTER.get(scenario["kind"], AFTER_ELSE)
        self.end = "%sT%02d:30:00Z" % (DAY, (9 + 5 * seed) % 24)

    def record(self):
        subprocess.run(["nice", self.gwtop, "demo", "--headless", "--history", HISTORY, "--end", self.end, "--onset", "-%dm" % self.minutes,
                        "--seed", str(self.seed), "--scenario", self.scenario["name"], "--store", self.store],
                       check=True, capture_output=True)
        with open(self.store[:-3] + ".demo-truth.json") as f:
            self.truth = [i for i in json.load(f)["incidents"] if i["scenario"] == self.scenario["name"]][0]

    def ask(self, *words):
        out = subprocess.run([self.gwtop, *words, "--json", "--store", self.store, "--config", self.store[:-3] + ".demo.yaml"],
                             capture_output=True, text=True)
        return json.loads(out.stdout)

    def at(self, ms):
        return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def remove(self):
        for name in os.listdir(os.path.dirname(self.store)):
            if name.startswith(os.path.basename(self.store)[:-3] + "."):
                os.remove(os.path.join(os.path.dirname(self.store), name))


def ms(iso):
    return datetime.datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp() * 1000


def scope_of(text):
    """without the gateway, of which there is one"""
    return ",".join(p for p in (text or "").split(",") if p and not p.startswith("gateway="))


def names(text, component):
    """Whether a text names "dimension=value": the value as a word of its own."""
    return re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(component.split("=", 1)[1]), text) is not None


def trouble(status):
    return [s for s in status["sources"] if s["state"] != "ok"]


def new_incidents(run, at_ms):
    """open at that time: those of the trouble, and not what was there half an hour before it"""
    onset = run.truth["onset_ms"]
    listed = run.ask("incidents", "--at", run.at(at_ms))["incidents"]
    return [i for i in listed if i["state"] != "resolved" and (ms(i["opened"]) >= onset - 30 * MINUTE)]


def new_findings(run, status):
    return [f for f in status["findings"] if f["found"] and ms(f["found"]) >= run.truth["onset_ms"]]


# Minutes at which the state of sources is looked at; of incidents and findings it is told when they came.
LOOKS = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 37, 45]


def detect(run):
    """how long after the onset what is expected comes, in ms (what gwtop warned of before it: 0); None: never"""
    onset, expects, right = run.truth["onset_ms"], run.truth["expects"], run.truth["scope"]
    nothing = expects == "nothing"  # of the scope of which nothing is wrong: an ordinary day has its tickets of budgets
    end = onset + run.minutes * MINUTE
    if expects == "source trouble":
        return next((m * MINUTE for m in LOOKS if m <= run.minutes and trouble(run.ask("status", "--at", run.at(onset + m * MINUTE)))), None)
    came = []
    if expects != "finding":
        came += [ms(i["opened"]) for i in run.ask("incidents")["incidents"]
                 if ms(i["opened"]) >= onset - 30 * MINUTE and (i["resolved"] is None or ms(i["resolved"]) > onset)
                 and (not nothing or scope_of(i["scope"]) == right)]
    if expects != "incident":
        came += [ms(f["found"]) for f in new_findings(run, run.ask("status", "--at", run.at(end))) if not nothing or f["scope"] == right]
    return max(0, min(came) - onset) if came else None


def suspects(run, at_ms):
    """Who is named, in order."""
    at = run.at(at_ms)
    status = run.ask("status", "--at", at)
    if run.truth["expects"] == "source trouble":
        return ["source " + s["name"] for s in trouble(status)]
    if run.truth["expects"] == "incident":
        incidents = new_incidents(run, at_ms)
        right = [i for i in incidents if scope_of(i["scope"]) == run.truth["scope"]] or [i for i in incidents if i["id"] == status["incident"]]
        return [s["title"] for s in run.ask("incidents", "show", str((right or incidents)[0]["id"]), "--at", at)["suspects"]] if incidents else []
    rows = run.ask("quality", "--at", at)["rows"]
    of = []
    for f in new_findings(run, status):
        changed = [r["changed"] for r in rows if r["changed"] and r["found"] == f["text"]]
        of += [f["scope"] + "; " + c for c in changed] or [f["scope"]]
    return of


def scope_is_right(run, at_ms):
    status = run.ask("status", "--at", run.at(at_ms))
    right = run.truth["scope"]
    if run.truth["expects"] == "incident":
        return scope_of(status["scope"]) == right and status["state"] in ("PAGE", "TICKET"), status["sentence"]
    if run.truth["expects"] == "finding":
        of = [f["scope"] for f in new_findings(run, status)] + [scope_of(status["scope"])]
        return right in of and names(status["sentence"], right), status["sentence"]
    if run.truth["expects"] == "source trouble":
        told = status["state"] == "UNKNOWN" or (status["state"] in ("PAGE", "TICKET") and names(status["sentence"], right))
        return any("source=" + s["name"] == right for s in trouble(status)) and told, status["sentence"]
    return scope_of(status["scope"]) != right, status["sentence"]


def one(gwtop, folder, scenario, seed):
    run = Run(gwtop, folder, scenario, seed)
    try:
        run.record()
        delay = detect(run)
        nothing = run.truth["expects"] == "nothing"
        end = run.truth["onset_ms"] + run.minutes * MINUTE
        at = end if delay is None else min(end, run.truth["onset_ms"] + (int(delay) // MINUTE + 3) * MINUTE)
        of = [] if nothing else suspects(run, at)
        right, sentence = scope_is_right(run, at)
        components = [run.truth["component"], *run.truth["also"]]
        rank = next((i + 1 for i, t in enumerate(of) if any(names(t, c) for c in components)), 0)
        good = (delay is None) == nothing
        return {"name": scenario["name"], "seed": seed, "end": run.end, "good": good, "delay": delay, "rank": rank, "right": right and good,
                "sentence": sentence, "of": of, "ranked": not nothing, "truth": run.truth}
    finally:
        run.remove()


def percent(part, of):
    return "%3.0f %%" % (100 * part / of) if of else "    -"


def line(name, rows):
    ranked = [r for r in rows if r["ranked"]]
    delays = sorted(r["delay"] / MINUTE for r in rows if r["delay"] is not None and r["ranked"])
    late = "%5.1f %5.1f" % (statistics.median(delays), delays[-1]) if delays else "    -     -"
    print("%-18s %4d  %5s  %5s  %5s  %5s  %s" % (name, len(rows), percent(sum(r["good"] for r in rows), len(rows)),
                                                percent(sum(r["rank"] == 1 for r in ranked), len(ranked)),
                                                percent(sum(0 < r["rank"] <= 3 for r in ranked), len(ranked)),
                                                percent(sum(r["right"] for r in rows), len(rows)), late), flush=True)


def scenarios(gwtop):
    out = subprocess.run([gwtop, "drill", "--list", "--json"], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)["scenarios"]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build")
    p.add_argument("--short", action="store_true")
    p.add_argument("--seeds", type=int, default=10)
    p.add_argument("--scenario", default="")
    p.add_argument("--misses")
    p.add_argument("--jobs", type=int, default=1)
    a = p.parse_args()
    gwtop = os.path.join(a.build, "gwtop")
    seeds = [1] if a.short else list(range(1, a.seeds + 1))
    chosen = [s for s in scenarios(gwtop) if not a.scenario or s["name"] in a.scenario.split(",")]
    rows, misses = [], []
    print("%-18s %4s  %5s  %5s  %5s  %5s  %s" % ("scenario", "runs", "found", "first", "of 3", "scope", "minutes after the onset: median, most"), flush=True)
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        for s in chosen:
            mine = list(pool.map(lambda seed: one(gwtop, folder, s, seed), seeds))
            line(s["name"], mine)
            rows += mine
            misses += [r for r in mine if not (r["good"] and r["right"] and (r["rank"] in (1, 2, 3) or not r["ranked"]))]
    line("all", rows)
    text = ""
    for r in misses:
        text += "%s, seed %d, end %s: %s, rank %d, scope %s\n  truth: component %s, scope %s, expects %s\n  verdict: %s\n  named: %s\n" % (
            r["name"], r["seed"], r["end"], "found" if r["good"] else "NOT AS EXPECTED", r["rank"], "right" if r["right"] else "WRONG", r["truth"]["component"],
            r["truth"]["scope"], r["truth"]["expects"], r["sentence"], r["of"])
    print(text, end="")
    if a.misses:
        with open(a.misses, "w") as f:
            f.write(text)
    ranked = [r for r in rows if r["ranked"]]
    of3 = sum(0 < r["rank"] <= 3 for r in ranked) / max(1, len(ranked))
    first = sum(r["rank"] == 1 for r in ranked) / max(1, len(ranked))
    right = sum(r["right"] for r in rows) / max(1, len(rows))
    good = of3 >= .95 and first >= .80 and right >= .90
    if a.short:
        good = all(r["good"] and r["right"] and (r["rank"] in (1, 2, 3) or not r["ranked"]) for r in rows)
    print("first of three %.1f %% (asked 95), first %.1f %% (80), right scope %.1f %% (90)" % (100 * of3, 100 * first, 100 * right))
    return 0 if good else 1


sys.exit(main())
