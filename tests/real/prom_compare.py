# SPDX-License-Identifier: MIT
"""A Prometheus-compatible server scrapes the simulated gateway; gwtop reads that server, its past included, and must show increments that
equal last minus first raw sample plus resets, computed here from what `metric[w]` answers, on the screen and in --json alike.

usage: prom_compare.py prometheus|victoria-metrics
"""
import json
import sys
import time
import urllib.parse

from harness import *

SCRAPE_S = 2
FAMILIES = {"tokens_input": "litellm_input_tokens_metric_total", "tokens_output": "litellm_output_tokens_metric_total", "usd": "litellm_spend_metric_total"}


def scrape_config(address):
    return """
global: {scrape_interval: %ds, scrape_timeout: %ds}
scrape_configs:
  - job_name: litellm
    metrics_path: /metrics/
    static_configs: [{targets: ["%s"]}]
""" % (SCRAPE_S, SCRAPE_S, address.split("//")[1])


def start_prometheus(place, address):
    port = free_port()
    tool = need("prometheus", "prometheus")
    place.file("prometheus.yml", scrape_config(address))
    return Server(place, "prometheus", [tool, "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:%d" % port]), port


def start_victoria(place, address):
    port = free_port()
    tool = need("victoria-metrics", "victoria-metrics")
    place.file("scrape.yml", scrape_config(address))
    return Server(place, "victoria-metrics", [tool, "-promscrape.config=scrape.yml", "-storageDataPath=data", "-httpListenAddr=127.0.0.1:%d" % port,
                                              "-search.latencyOffset=0s"]), port


def raw(base, family, window_s, at_ms):
    """Every raw sample of a family in the window before at, by series."""
    query = urllib.parse.urlencode({"query": "%s[%ds]" % (family, window_s), "time": "%.3f" % (at_ms / 1000)})
    body, _ = get(base + "/api/v1/query?" + query)
    result = json.loads(body)["data"]["result"]
    return [[(round(t * 1000), float(v)) for t, v in series["values"]] for series in result]


def increase(samples, t0, t1):
    """Last minus first plus resets over (t0, t1]; a series that began inside counts from nothing."""
    before = [v for t, v in samples if t <= t0]
    inside = [v for t, v in samples if t0 < t <= t1]
    total, last = 0.0, before[-1] if before else 0.0
    for v in inside:
        total += v - last if v >= last else v
        last = v
    return total


def main(kind):
    place = Place()
    sim, address = simulator(place)
    server, port = start_prometheus(place, address) if kind == "prometheus" else start_victoria(place, address)
    base = "http://127.0.0.1:%d" % port
    wait_for("40 s of samples in " + kind, lambda: max([len(s) for s in raw(base, FAMILIES["usd"], 120, time.time() * 1000)] or [0]) >= 40 // SCRAPE_S, 120, server)

    store = place.file("gwtop.db")
    config = place.file("gwtop.yaml", """
gateway: real
store: %s
sources:
  - name: prom
    prometheus: %s
    interval: 2s
    lag: 1s
    backfill: 5m
""" % (store, base))
    recorder = Server(place, "recorder", [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store])
    at = int(time.time() * 1000)
    seen = lambda: gwtop_json("sources", "--store", store, "--config", config)["sources"]
    wait_for("the recorder to pass now", lambda: [s for s in seen() if s["name"].startswith("prom/") and (s["newest_ms"] or 0) >= at], 60, recorder)
    check("the recorder ended cleanly", recorder.stop() == 0)

    t0, t1 = at - 24000, at
    cost = gwtop_json("cost", "--store", store, "--config", config, "--at", iso(t1), "--since", "24s", "--by", "team")
    total = [r for r in cost["rows"] if r["kind"] == "total"][0]
    for key, family in FAMILIES.items():
        truth = sum(increase(s, t0, t1) for s in raw(base, family, 300, t1))
        shown = float(total[key])
        check("%s over (t0, t1] equals the raw samples" % key, abs(shown - truth) <= 1e-9 * max(1, abs(truth)) * 10 and truth > 0, "%.9f shown, %.9f counted" % (shown, truth))
    first = gwtop_json("sources", "--store", store, "--config", config)["first_ms"]
    check("back-fill reaches behind the recorder's start", first is not None and first < t0, "%s < %d" % (first, t0))

    text = screen(place, [program("gwtop"), "--store", store, "--config", config, "--at", iso(t1), "--pane", "cost", "--no-recorder"], r"total")
    rows = [r for r in cost["rows"] if r["kind"] == "row"]
    check("the screen names the team that spends most", rows[0]["name"] in text, rows[0]["name"])
    sim.stop()
    finish()


main(sys.argv[1])
