# SPDX-License-Identifier: MIT
"""Replicas of one gateway and an engine behind them, through the real programs: what the replicas count adds up, what the engine counts of the
same traffic does not; a replica that is down, one that joins and one that leaves change nothing about that. Pages come from a server on
loopback whose counters this script sets."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

MODELS = ["m%d" % i for i in range(5)]


def histogram(family, labels, n):
    return "".join("%s_bucket{%s,le=\"%s\"} %d\n" % (family, labels, le, n) for le in ("0.1", "1.0", "+Inf")) + "%s_sum{%s} %f\n%s_count{%s} %d\n" % (family, labels, n * 0.05, family, labels, n)


def litellm(n):
    """n requests of 10 + 2 tokens for each model, answered within 50 ms."""
    text = ""
    for m in MODELS:
        labels = 'requested_model="%s",model="%s"' % (m, m)
        text += 'litellm_proxy_total_requests_metric_total{%s,status_code="200",route="/chat/completions"} %d\n' % (labels, n)
        text += "litellm_input_tokens_metric_total{%s} %d\nlitellm_output_tokens_metric_total{%s} %d\n" % (labels, 10 * n, labels, 2 * n)
        text += histogram("litellm_llm_api_time_to_first_token_metric", labels, n)
    return text


def vllm(n):
    labels = 'model_name="m0",engine="0"'
    text = "vllm:prompt_tokens_total{%s} %d\nvllm:generation_tokens_total{%s} %d\nvllm:num_requests_running{%s} 3\n" % (labels, 50 * n, labels, 10 * n, labels)
    return "# TYPE vllm:time_to_first_token_seconds histogram\n" + text + histogram("vllm:time_to_first_token_seconds", labels, 5 * n)


count = {"a": 1, "b": 1, "c": 1, "engine": 1}  # requests per model; None: 503


def page(name):
    n = count[name]
    return None if n is None else vllm(n) if name == "engine" else litellm(n)


def show(**counts):
    pages.change(lambda: count.update(counts), counts)


pages = Pages(page)
place = Place()


class Recording:
    """sources: name -> (page, gateway)."""

    def __init__(self, store, sources):
        text = "".join("  - {name: %s, gateway: %s, interval: 1s, metrics: \"http://127.0.0.1:%d/%s\"}\n" % (name, gateway, pages.port, page)
                       for name, (page, gateway) in sources.items())
        self.store = place.file(store)
        self.config = place.file("gwtop.yaml", "gateway: prod\nrequests_per_second: 50\nsources:\n" + text)
        self.recorder = Server(place, "recorder", [program("gwtop-recorder"), "record", "--foreground", "--config", self.config, "--store", self.store],
                               {"XDG_RUNTIME_DIR": place.path})
        self.ok("the first polls", {name for name, (page, _) in sources.items() if count[page.rsplit("/", 1)[-1]] is not None})

    def ask(self, *argv):
        return gwtop_json(*argv, "--store", self.store, "--config", self.config)

    def ok(self, what, names):
        wait_for(what, lambda: names <= {s["name"] for s in self.ask("sources")["sources"] if s["state"] == "ok" and s["series_kept"] > 0}, 60, self.recorder)

    def totals(self):
        total = [r for r in self.ask("cost", "--since", "1h", "--by", "model")["rows"] if r["kind"] == "total"][0]
        return total["requests"], total["tokens_input"], total["tokens_output"]

    def authority(self, signal):
        return sorted(line.rsplit(": ", 1)[0] for line in self.ask("sources")["authority"] if signal in line.rsplit(": ", 1)[1].split(", "))

    def ttft(self):
        return [r for r in self.ask("status")["signals"] if r["label"] == "ttft p95"][0]["n"]

    def stop(self):
        check_same("the recorder ends by itself", self.recorder.stop(), 0)


GATEWAY = {"gw-a": ("a", "prod"), "gw-b": ("b", "prod"), "engine": ("engine", "prod")}
r = Recording("t.db", GATEWAY)
show(a=1, b=1, engine=1)
show(a=101, b=51, engine=151)
check_same("two replicas add up", r.totals(), (750, 7500, 1500))
check_same("their latencies too", r.ttft(), 750)
check_same("who counts tokens", r.authority("tokens_input"), ["prod from gw-a, gw-b (also seen by engine)"])
check_same("who counts requests", r.authority("requests"), [])
check_same("any overlap?", [x for x in r.ask("sources")["authority"] if "overlap?" in x], [])
print(json.dumps(r.ask("status")["signals"][:3]), r.ask("sources")["authority"])

show(b=None)
show(a=111, engine=161)
check_same("one replica is down", r.totals(), (800, 8000, 1600))
check_same("and keeps its place", r.authority("ttft"), ["prod from gw-a, gw-b (also seen by engine)"])
r.stop()

r = Recording("t.db", dict(GATEWAY, **{"gw-c": ("c", "prod")}))
show(c=1, a=111, engine=161)
show(c=21, a=111, engine=181)
check_same("a third one has joined while the second is down", r.totals(), (900, 9000, 1800))
check_same("and has the word with them", r.authority("ttft"), ["prod from gw-a, gw-b, gw-c (also seen by engine)"])
r.stop()

r = Recording("t.db", {"gw-c": ("c", "prod"), "engine": ("engine", "prod")})
show(c=21, engine=181)
show(c=31, engine=191)
check_same("two have left; what they told counts", r.totals(), (950, 9500, 1900))
check_same("with the one that is left", r.authority("ttft"), ["prod from gw-a, gw-b, gw-c (also seen by engine)"])
r.stop()

r = Recording("t.db", {"engine": ("engine", "prod")})
check_same("the engine is alone", r.authority("ttft"), ["prod from engine (also seen by gw-a, gw-b, gw-c)"])
r.stop()

r = Recording("twins.db", {"one-a": ("a", "one"), "two-a": ("other/a", "two"), "one-engine": ("engine", "one")})
show(a=111, engine=191)
show(a=112, engine=191)
check_same("one endpoint under two gateways", r.authority("ttft"),
      ["one overlap? another gateway records the same endpoint as one-a", "two overlap? another gateway records the same endpoint as two-a"])
r.stop()
finish()
