# SPDX-License-Identifier: MIT
"""The simulated gateway books by prices of its own, which the demo's configuration has, too: what the tokens cost is what was booked, but for the few
requests that it books at $0. Then the same recording with other prices. usage: spend.py BUILD_DIR"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal

gwtop = os.path.join(sys.argv[1], "gwtop")
failed = 0


def check(what, good, seen=""):
    global failed
    failed += not good
    if not good:
        print("FAILED: %s: %s" % (what, seen))


def run(*args, status=0):
    out = subprocess.run([gwtop, *args], capture_output=True, text=True)
    check(" ".join(args), status in (None, out.returncode), "exit %d %s" % (out.returncode, out.stderr))
    return out.stdout


with tempfile.TemporaryDirectory() as folder:
    store, config = os.path.join(folder, "demo.db"), os.path.join(folder, "demo.demo.yaml")
    run("demo", "--headless", "--for", "2m", "--store", store)
    where = ("--store", store, "--config", config)
    cost = json.loads(run("cost", "--since", "1d", "--json", *where))
    computed = cost["computed"]
    check("every model has a price", computed["unpriced_share"] == 0, computed)
    for m in computed["models"]:
        booked, least, most = (Decimal(m[k]) for k in ("booked_usd", "computed_usd_least", "computed_usd_most"))
        check(m["model"] + " is one number", least == most and m["computed_usd_exactness"] == "=", m)
        check(m["model"] + " is booked as computed, but for requests at $0", 0 <= most - booked <= booked / 1000, m)
    if cost["unpriced_requests"] == 0:
        check("nothing was booked at $0", Decimal(computed["booked_over_usd_most"]) == 0, computed)
    check("the total is the models' sum", sum(Decimal(m["computed_usd_least"]) for m in computed["models"]) == Decimal(computed["computed_usd_least"]))

    # By several dimensions, and as charges by day: the same money.
    rows = json.loads(run("cost", "--since", "1d", "--by", "team,model,key", "--json", *where))["rows"]
    for key in ("booked_usd", "computed_usd_least", "cost_usd_most"):
        check("rows sum to the total: " + key, sum(Decimal(r[key]) for r in rows[:-1]) == Decimal(rows[-1][key]), rows[-1])
    unequal = sum(Decimal(r["booked_usd"]) != Decimal(r["computed_usd_least"]) for r in rows[:-1])
    # How many requests are booked at $0 is by the hour of the day: no more rows than these can differ from the nano-dollar.
    check("rows without a request at $0 are equal", unequal <= cost["unpriced_requests"], "%d rows, %d requests" % (unequal, cost["unpriced_requests"]))
    charges = list(csv.DictReader(io.StringIO(run("cost", "--since", "1d", "--focus", *where))))
    check("charges are what was booked", sum(Decimal(r["BilledCost"]) for r in charges) == Decimal(computed["booked_usd"]))
    check("charges are what was computed", sum(Decimal(r["ContractedCost"]) for r in charges) == Decimal(computed["computed_usd_least"]))
    check("no list has these models", all(r["ListCost"] == "" for r in charges))
    check("of two days", len({r["ChargePeriodStart"] for r in charges}) in (1, 2), {r["ChargePeriodStart"] for r in charges})

    # The same recording at other prices: a tenth more for one model, none for another.
    text = open(config).read()
    with open(config, "w") as f:
        f.write(re.sub(r"  - {model: llama-8b-a.*\n", "", re.sub(r"(model: qwen-72b-a.*input:) 0.6 (.*cached:) 0.6 (.*output:) 1.2 ", r"\1 0.66 \2 0.66 \3 1.32 ", text)))
    other = {m["model"]: m for m in json.loads(run("cost", "--since", "1d", "--json", *where))["computed"]["models"]}
    check("dearer by a tenth", abs(Decimal(other["qwen-72b"]["computed_usd_least"]) / Decimal(other["qwen-72b"]["booked_usd"]) - Decimal("1.1")) < Decimal("0.002"), other["qwen-72b"])
    check("without a price it is unknown", other["llama-8b"]["computed_usd_least"] is None and other["llama-8b"]["unpriced_share"] == 1, other["llama-8b"])
    # A gateway whose price list is wrong is found by its recorder.
    wrong = os.path.join(folder, "wrong.db")
    run("demo", "--headless", "--for", "2m", "--onset", "-70m", "--scenario", "mispriced", "--store", wrong)
    found = json.loads(run("status", "--store", wrong, "--config", os.path.join(folder, "wrong.demo.yaml"), "--json", status=None))["findings"]
    found = [f for f in found if "tokens cost" in f["text"]]
    check("the wrong price is found, and no other", [f["scope"] for f in found] == ["model=c-l"], found)
    check("with how much", found and "c-l is booked 25% above what its tokens cost by the configured prices: $" in found[0]["text"], found)
    run("cost", "--max", "0.01/h", *where, status=2)
    run("cost", "--max", "1000000/h", *where)
sys.exit(1 if failed else 0)
