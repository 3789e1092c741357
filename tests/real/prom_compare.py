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
    """Every raw sample of a family in the window before at: (labels, samples) per series."""
    query = urllib.parse.urlencode({"query": "%s[%ds]" % (family, window_s), "time": "%.3f" % (at_ms / 1000)})
    body, _ = get(base + "/api/v1/query?" + query)
    result = json.loads(body)["data"]["result"]
    return [(series["metric"], [(round(t * 1000), float(v)) for t, v in series["values"]]) for series in result]


def increase(samples, t0, t1):
    """Last minus first plus resets over (t0, t1]; a series that began inside counts from nothing."""
    before = [v for t, v in samples if t <= t0]
    inside = [v for t, v in samples if t0 < t <= t1]
    total, last = 0.0, before[-1] if before else 0.0
    for v in inside:
        total += v - last if v >= last else v
        last = v
    return total


def quantile(base, family, q, t0, t1):
    """(n, value, low, high) of a classic histogram's quantile over (t0, t1], as Prometheus interpolates, from raw samples."""
    cumulative = {}
    for labels, samples in raw(base, family + "_bucket", 300, t1):
        bound = float(labels["le"])
        cumulative[bound] = cumulative.get(bound, 0) + increase(samples, t0, t1)
    n, below, low = cumulative[float("inf")], 0, 0.0
    for high in sorted(cumulative):
        if cumulative[high] >= q * n:
            return n, low + (high - low) * (q * n - below) / (cumulative[high] - below), low, high
        below, low = cumulative[high], high


def main(kind):
    place = Place()
    sim, address = simulator(place)
    server, port = start_prometheus(place, address) if kind == "prometheus" else start_victoria(place, address)
    base = "http://127.0.0.1:%d" % port
    wait_for("40 s of samples in " + kind, lambda: max([len(s) for _, s in raw(base, FAMILIES["usd"], 120, time.time() * 1000)] or [0]) >= 40 // SCRAPE_S, 120, server)

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
        truth = sum(increase(s, t0, t1) for _, s in raw(base, family, 300, t1))
        shown = float(total[key])
        check("%s over (t0, t1] equals the raw samples" % key, abs(shown - truth) <= 1e-9 * max(1, abs(truth)) * 10 and truth > 0, "%.9f shown, %.9f counted" % (shown, truth))
    n, value, low, high = quantile(base, "litellm_request_total_latency_metric", 0.95, t0, t1)
    latency = gwtop_json("latency", "--store", store, "--config", config, "--at", iso(t1), "--since", "24s", "--signal", "e2e", "--q", "95")
    p95 = [r for r in latency["rows"] if r["kind"] == "total"][0]["quantiles"][0]
    check("p95 of e2e rests on as many observations", p95["n"] == n and n > 20, "%d shown, %d counted" % (p95["n"], n))
    check("p95 of e2e is Prometheus' own, in the stated bucket", p95["bucket_lo"] == low and p95["bucket_hi"] == high and abs(p95["value"] - value) <= 1e-9 * value,
          "%.9f s in (%g, %g] shown, %.9f s in (%g, %g] counted" % (p95["value"], p95["bucket_lo"], p95["bucket_hi"], value, low, high))
    first = gwtop_json("sources", "--store", store, "--config", config)["first_ms"]
    check("back-fill reaches behind the recorder's start", first is not None and first < t0, "%s < %d" % (first, t0))

    text = screen(place, [program("gwtop"), "--store", store, "--config", config, "--at", iso(t1), "--pane", "cost", "--no-recorder"], r"total")
    rows = [r for r in cost["rows"] if r["kind"] == "row"]
    check("the screen names the team that spends most", rows[0]["name"] in text, rows[0]["name"])
    sim.stop()
    finish()


main(sys.argv[1])
