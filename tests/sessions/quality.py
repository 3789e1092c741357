# SPDX-License-Identifier: MIT
"""Scores go in at one end, as counters of an application's page, and `gwtop quality` says at the other what they are, what they are held against, and that they
drift since when; with another score of the same page that does not."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

EACH, BAD, BAD_AFTER = 400, 10, 80  # scores of each kind with each page
place = Place()
state = {"refusal": 0, "json_valid": 0, "n": 0, "bad": BAD, "step": EACH, "first": None, "drift_ms": None}


def page(name):
    """Each answer has more scores than the last; what the first one had is no increment of anything."""
    state["n"] += state["step"]
    state["json_valid"] += state["bad"] if state["step"] else 0
    state["refusal"] += BAD if state["step"] else 0
    if state["first"] is None:
        state["first"] = dict(state)
    if state["bad"] == BAD_AFTER and state["drift_ms"] is None:
        state["drift_ms"] = int(time.time() * 1000)
    lines = []
    for metric, value in (("evaluation_total", lambda k: state["n"]), ("evaluation_failed_total", lambda k: state[k]),
                          ("evaluation_score_sum", lambda k: state["n"] - state[k] if k == "json_valid" else state[k])):
        lines.append("# TYPE gen_ai_%s counter" % metric)
        lines += ['gen_ai_%s{gen_ai_evaluation_name="%s",gen_ai_request_model="m"} %d' % (metric, k, value(k)) for k in ("json_valid", "refusal")]
    return "\n".join(lines) + "\n"


pages = Pages(page)
store = place.file("gwtop.db")
config = place.file("gwtop.yaml", "gateway: app\nsources:\n- {name: otel, metrics: 'http://127.0.0.1:%d/app/metrics', profile: otel-genai, interval: 1s}\n" % pages.port)
recorder = Server(place, "recorder", [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store])
where = ("--store", store, "--config", config)


def rows():
    return {r["name"]: r for r in gwtop_json("quality", *where)["rows"]}


def baseline_is_there():
    r = rows()
    return all(r[k]["lacks"] == 0 and r[k]["baseline_n"] > 0 for k in ("json_valid", "refusal")) and r


before = wait_for("a baseline", baseline_is_there, 60, recorder)
check_same("what it is held against", before["json_valid"]["baseline"], 1 - BAD / EACH)
check_same("a refusal is the lower the better", before["refusal"]["baseline"], BAD / EACH)
check("nothing drifts", "drift" not in (r["state"] for r in before.values()), before["json_valid"]["state"])
with pages.lock:
    state["bad"] = BAD_AFTER
wait_for("the drift to be found", lambda: rows()["json_valid"]["state"] == "drift", 120, recorder)
with pages.lock:
    state["step"] = 0
want = state["n"] - state["first"]["n"]
after = wait_for("all scores to be counted", lambda: (lambda r: r["json_valid"]["n"] == want and r)(rows()), 60, recorder)
found = after["json_valid"]
bad = state["json_valid"] - state["first"]["json_valid"]
check("its value is that of all scores", abs(found["value"] - (1 - bad / want)) < 1e-9, "%s of %d" % (found["value"], want))
check_same("its baseline is from before", found["baseline"], 1 - BAD / EACH)
check("the last hour differs by as much", abs(found["last_hour"]["difference"] - (found["value"] - found["baseline"])) < 1e-9, str(found["last_hour"]))
check("within its interval", found["last_hour"]["ci95_lo"] < found["last_hour"]["difference"] < found["last_hour"]["ci95_hi"] < 0, str(found["last_hour"]))
onset_ms = time.mktime(time.strptime(found["onset"][:19], "%Y-%m-%dT%H:%M:%S")) * 1000
check("since when", abs(onset_ms - state["drift_ms"]) <= 1000 * found["onset_error_s"] + 2000, "%s +-%s s" % (found["onset"], found["onset_error_s"]))
check("what was found", found["found"].startswith("json_valid of m fell %.1f -> " % (100 * (1 - BAD / EACH))), found["found"])
# seconds after its first score the rate of the stream, and so its share of the budget, are not known
check("what its alarm promises", found["arl"] is None and found["streams"] >= 2, str((found["arl"], found["streams"])))
check("the other one does not drift", after["refusal"]["state"] != "drift", after["refusal"]["state"])
text = subprocess.run([program("gwtop"), "quality", *where], capture_output=True, text=True).stdout
check("the sentence", ("\n" + found["found"] + " when found, since ") in text and "baseline 97.5%" in text, text)
verdict = subprocess.run([program("gwtop"), "status", "--line", *where], capture_output=True, text=True).stdout
check("the verdict speaks of it", found["found"] in verdict, verdict)
recorder.stop()
finish()
