# SPDX-License-Identifier: MIT
"""A page that answers and lacks what it had, through the real programs: the state and the reason in `gwtop sources`, the verdict and the exit status
of `gwtop status`, and the counts once it is whole again. Pages come from a server on loopback whose counters this script sets."""
import http.server
import os
import subprocess
import sys
import threading

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


class Pages(http.server.BaseHTTPRequestHandler):
    lock = threading.Lock()
    n, parts, start, served = 1000, ALL, 1000000, 0

    def do_GET(self):
        with self.lock:
            body = ("process_start_time_seconds %d\n" % self.start + litellm(self.n, self.parts)).encode()
            Pages.served += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

    @classmethod
    def set(cls, n, parts=ALL, start=1000000):
        """And waits until it was asked for, and asked for again after that was stored."""
        with cls.lock:
            cls.n, cls.parts, cls.start = n, parts, start
            before = cls.served
        wait_for("the page to be asked for again", lambda: cls.served >= before + 3, 60)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
threading.Thread(target=server.serve_forever, daemon=True).start()
place = Place()
failures = 0


def check(what, got, want):
    global failures
    failures += got != want
    print("%s %s: %s%s" % ("ok    " if got == want else "FAILED", what, got, "" if got == want else ", expected %s" % (want,)))


store = place.file("t.db")
config = place.file("gwtop.yaml", "gateway: prod\nsources:\n  - {name: litellm, interval: 1s, metrics: \"http://127.0.0.1:%d/metrics\"}\n"
                    "slos:\n  - {name: avail, availability: 50%%}\n" % server.server_port)


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
Pages.set(1100)
check("a whole page", (source()["state"], source()["lacks"], exit_of_status()), ("ok", None, 0))

Pages.set(1200, ALL - {"failures"})
check("no failures any more", (source()["state"], source()["lacks"]["signals"]), ("partial", {"requests": "metric"}))
check("why", source()["reason"].split(" since ")[0], "lacks 1 of 1 series of litellm_proxy_failed_requests_metric_total")
check("the verdict", (ask("status")["state"], ask("status")["was"], exit_of_status()), ("UNKNOWN", "OK", 3))
check("a ratio of nothing", signal("fail % all")["now"], None)
check("and what an objective counts", [s["counted_exactness"] for s in ask("slo")["slos"]], [">="])
check("requests are a bound", signal("req/s")["exactness"], ">=")
check("counted so far", total(), 110 + 100)

Pages.set(1300)
check("they are back", (source()["state"], exit_of_status(), total()), ("ok", 0, 330))

Pages.set(1400, {"requests"})
check("half of the page", (source()["state"], source()["lacks"]["signals"]), ("partial", {"requests": "metric", "cost": "all"}))
Pages.set(50, {"requests"}, start=int(time.time()))
check("a restart ends it", (source()["state"], source()["lacks"], total()), ("ok", None, 330 + 100 + 50))
Pages.set(100, start=Pages.start)
check("what the new process counts is all new", total(), 330 + 100 + 100 + 10)

Pages.set(200, ALL - {"failures"}, start=Pages.start)
check("no failures again", source()["state"], "partial")
recorder.stop()
recorder = record("again")
Pages.set(200, ALL - {"failures"}, start=Pages.start)
check("a recorder that is started anew knows", (source()["state"], source()["lacks"]["signals"], exit_of_status()), ("partial", {"requests": "metric"}, 3))
Pages.set(300, start=Pages.start)
check("and books no lifetime's failures when they are back", (source()["state"], total()), ("ok", 540 + 100 + 100))
check("the recorder ends by itself", recorder.stop(), 0)
sys.exit(failures != 0)
