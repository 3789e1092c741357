# SPDX-License-Identifier: MIT
"""A page that answers and lacks what it had, through the real programs: the state and the reason in `gwtop sources`, the verdict and the exit status
of `gwtop status`, and the counts once it is whole again. Pages come from a server on loopback whose counters this script sets."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402


def litellm(n, parts):
    """n good requests and n / 10 that failed, and what they cost."""
    text = ""
    if "requests" in parts:
        text += 'litellm_proxy_total_requests_metric_total{requested_model="m",status_code="200",route="/chat/completions"} %d\n' % n
    if "failures" in parts:
        text += 'litellm_proxy_failed_requests_metric_total{requested_model="m",exception_status="500",route="/chat/completions"} %d\n' % (n // 10)
    if "spend" in parts:
        text += 'litellm_spend_metric_total{requested_model="m"} %f\n' % (n * 0.01)
    return text


ALL = {"requests", "failures", "spend"}


class shown:  # what the page says
    n, parts, start = 1000, ALL, 1000000


def show(n, parts=ALL, start=1000000):
    def how():
        shown.n, shown.parts, shown.start = n, parts, start
    pages.change(how, ["metrics"])


pages = Pages(lambda name: "process_start_time_seconds %d\n" % shown.start + litellm(shown.n, shown.parts))
place = Place()
store = place.file("t.db")
config = place.file("gwtop.yaml", "gateway: prod\nsources:\n  - {name: litellm, interval: 1s, metrics: \"http://127.0.0.1:%d/metrics\"}\n"
                    "slos:\n  - {name: avail, availability: 50%%}\n" % pages.port)


def record(name):
    return Server(place, name, [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store],
                  {"XDG_RUNTIME_DIR": place.path})


recorder = record("recorder")


def ask(*argv):
    return gwtop_json(*argv, "--store", store, "--config", config)


def source():
    return ask("sources")["sources"][0]


def exit_of_status():
    return subprocess.run([program("gwtop"), "status", "--store", store, "--config", config], stdout=subprocess.DEVNULL).returncode


def signal(label):
    return [s for s in ask("status")["signals"] if s["label"] == label][0]


def total():
    return [r for r in ask("cost", "--since", "1h", "--by", "model")["rows"] if r["kind"] == "total"][0]["requests"]


wait_for("the first poll", lambda: os.path.exists(store) and ask("sources")["sources"] and source()["series_kept"] > 0, 60, recorder)
show(1100)
check_same("a whole page", (source()["state"], source()["lacks"], exit_of_status()), ("ok", None, 0))

show(1200, ALL - {"failures"})
check_same("no failures any more", (source()["state"], source()["lacks"]["signals"]), ("partial", {"requests": "metric"}))
check_same("why", source()["reason"].split(" since ")[0], "lacks 1 of 1 series of litellm_proxy_failed_requests_metric_total")
check_same("the verdict", (ask("status")["state"], ask("status")["was"], exit_of_status()), ("UNKNOWN", "OK", 3))
check_same("a ratio of nothing", signal("fail % all")["now"], None)
check_same("and what an objective counts", [s["counted_exactness"] for s in ask("slo")["slos"]], [">="])
check_same("requests are a bound", signal("req/s")["exactness"], ">=")
check_same("counted so far", total(), 110 + 100)

show(1300)
check_same("they are back", (source()["state"], exit_of_status(), total()), ("ok", 0, 330))

show(1400, {"requests"})
check_same("half of the page", (source()["state"], source()["lacks"]["signals"]), ("partial", {"requests": "metric", "cost": "all"}))
show(50, {"requests"}, start=int(time.time()))
check_same("a restart ends it", (source()["state"], source()["lacks"], total()), ("ok", None, 330 + 100 + 50))
show(100, start=shown.start)
check_same("what the new process counts is all new", total(), 330 + 100 + 100 + 10)

show(200, ALL - {"failures"}, start=shown.start)
check_same("no failures again", source()["state"], "partial")
recorder.stop()
recorder = record("again")
show(200, ALL - {"failures"}, start=shown.start)
check_same("a recorder that is started anew knows", (source()["state"], source()["lacks"]["signals"], exit_of_status()), ("partial", {"requests": "metric"}, 3))
show(300, start=shown.start)
check_same("and books no lifetime's failures when they are back", (source()["state"], total()), ("ok", 540 + 100 + 100))
check_same("the recorder ends by itself", recorder.stop(), 0)
finish()
