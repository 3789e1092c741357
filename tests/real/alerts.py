# SPDX-License-Identifier: MIT
"""Debian's Prometheus and Alertmanager: an alert that is raised there becomes part of an incident here and clears here when it clears there; a silence
there shows as such here, whoever made it; one is made from here; and an Alertmanager that is gone leaves what it told unknown, neither over nor firing on.

usage: alerts.py
"""
import json
import pwd
import subprocess
import time

from harness import *

COMMENT = "deploying gpt-x \x1b[31mv2"


def alertmanager():
    """Debian's reads its templates from /usr/share: unpacked and not installed, it finds those beside it there, in a mount namespace of its own."""
    tool = need("prometheus-alertmanager", "prometheus-alertmanager")
    share = os.path.join(os.path.dirname(os.path.dirname(tool)), "share")
    if os.path.exists("/usr/share/prometheus/alertmanager/default.tmpl"):
        return [tool]
    inside = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run(inside + ["true"], capture_output=True).returncode != 0:
        skip("prometheus-alertmanager is not installed, and no namespace can be made to run it as it was unpacked")
    return inside + ["sh", "-c", 'mount --bind "$0" /usr/share && exec "$@"', share, tool]


class There:
    """A page with one metric, a Prometheus with a rule about it, and an Alertmanager."""

    def __init__(self, place):
        self.errors, self.place = 0, place
        self.page = Pages(lambda name: "# TYPE gateway_errors gauge\ngateway_errors %d\n" % self.errors)
        self.port, self.prometheus_port = free_port(), free_port()
        place.file("rules.yml", """
groups:
- name: gateway
  rules:
  - alert: GatewayErrors
    expr: gateway_errors > 0
    for: 2s
    labels: {severity: critical, model: gpt-x, squad: inference}
    annotations: {summary: "more than 5 % of requests fail", runbook_url: "https://runbooks.example/gateway-errors"}
""")
        place.file("prometheus.yml", """
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:%d"]}]}]}
scrape_configs:
  - {job_name: gateway, metrics_path: /gateway, static_configs: [{targets: ["127.0.0.1:%d"]}]}
""" % (self.port, self.page.port))
        place.file("alertmanager.yml", "route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n")
        self.base = "http://127.0.0.1:%d" % self.port
        self.prometheus_base = "http://127.0.0.1:%d" % self.prometheus_port
        self.alertmanager = self.start_alertmanager()
        self.prometheus = Server(place, "prometheus", [need("prometheus", "prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                                                       "--web.listen-address=127.0.0.1:%d" % self.prometheus_port])

    def start_alertmanager(self):
        return Server(self.place, "alertmanager", alertmanager() + ["--config.file=alertmanager.yml", "--storage.path=am", "--cluster.listen-address=",
                                                                    "--web.listen-address=127.0.0.1:%d" % self.port])

    def set(self, errors):
        with self.page.lock:
            self.errors = errors

    def silence(self, seconds):
        now = time.time()
        body = {"matchers": [{"name": "alertname", "value": "GatewayErrors", "isRegex": False, "isEqual": True}], "startsAt": iso(int(now * 1000)),
                "endsAt": iso(int((now + seconds) * 1000)), "createdBy": "ann", "comment": COMMENT}
        answer, _ = get(self.base + "/api/v2/silences", headers={"Content-Type": "application/json"}, data=json.dumps(body).encode())
        return json.loads(answer)["silenceID"], body["endsAt"]

    def expire(self, silence):
        subprocess.run(["curl", "-sf", "-X", "DELETE", self.base + "/api/v2/silence/" + silence], check=True)


def main():
    place = Place()
    need("curl", "curl")
    there = There(place)
    store = place.file("gwtop.db")
    config = place.file("gwtop.yaml", """
gateway: real
store: %s
sources:
  - {name: pager, alertmanager: "%s", interval: 1s, silences: true}
  - {name: rules, prometheus_rules: "%s", interval: 1s}
""" % (store, there.base, there.prometheus_base))
    recorder = Server(place, "recorder", [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store])
    at = ["--store", store, "--config", config]
    report = lambda *words: gwtop_json(*words, *at)
    state = lambda name: [s for s in report("sources")["sources"] if s["name"] == name and s["state"] == "ok"]
    wait_for("both sources to answer", lambda: state("pager") and state("rules"), 60, recorder)

    def alerts(source, name="GatewayErrors"):
        return [a for a in report("alerts")["alerts"] if a["source"] == source and a["name"] == name]

    def told(source, want):
        return wait_for("%s to tell %s" % (source, want), lambda: [a for a in alerts(source) if a["state"] == want], 60, recorder)[0]

    check("nothing is told while nothing is wrong", report("alerts")["alerts"] == [])
    there.set(1)
    told("rules", "pending")
    check("what is pending opens nothing", report("incidents")["incidents"] == [])
    fires = told("pager", "firing")
    fired_at = int(time.time() * 1000)
    own = json.loads(get(there.base + "/api/v2/alerts")[0])[0]
    check_same("its fingerprint is Alertmanager's", fires["fingerprint"], own["fingerprint"])
    check_same("its start is Alertmanager's", fires["starts"][:19], own["startsAt"][:19])
    check_same("its scope", fires["scope"], "model=gpt-x")
    check_same("its severity", fires["severity"], "page")
    check_same("its runbook", fires["runbook"], "https://runbooks.example/gateway-errors")
    check("other labels are kept", "squad=inference" in fires["labels"], fires["labels"])
    incident = wait_for("an incident", lambda: report("incidents")["incidents"], 30, recorder)[0]
    check_same("the alert is part of the incident", fires["incident"], incident["id"])
    check_same("the incident pages", incident["severity"], "page")
    check_same("its title", incident["title"], "gpt-x alert GatewayErrors")
    verdict = lambda: subprocess.run([program("gwtop"), "status", *at], capture_output=True, text=True)
    status = verdict()
    check("the verdict pages and says why", status.returncode == 2 and "GatewayErrors fires" in status.stdout, status.stdout.strip())

    timeline = lambda: [e["text"] for e in report("incidents", "show", str(incident["id"]))["timeline"]]
    silence, until = there.silence(3600)
    quiet = told("pager", "silenced")
    check_same("who silenced it", quiet["silenced_by"], "ann")
    check_same("until when", quiet["silenced_until"][:19], until[:19])
    check("why, and no escape sequence of it", "deploying gpt-x" in quiet["silence"] and "\x1b" not in quiet["silence"], quiet["silence"])
    check("the incident says so", any("is silenced in pager by ann" in text for text in timeline()), str(timeline()[-2:]))
    there.expire(silence)
    told("pager", "firing")

    made = gwtop_json("silence", "GatewayErrors", "2h", "gpt-x v2 is rolled back", *at)
    check("one is made from here", made["made"] and made["kept"] and made["covers"] == 1, json.dumps(made))
    quiet = told("pager", "silenced")
    check_same("it is told back: by whom, why, until when", (quiet["silenced_by"], quiet["silence"], quiet["silenced_until"][:19]),
               (pwd.getpwuid(os.getuid()).pw_name, "gpt-x v2 is rolled back", made["until"][:19]))
    own = json.loads(get(there.base + "/api/v2/silence/" + made["silence"])[0])
    check_same("there it has all labels of the alert, and no pattern", sorted((m["name"], m["value"], m["isRegex"]) for m in own["matchers"]),
               sorted((k, v, False) for k, v in json.loads(get(there.base + "/api/v2/alerts")[0])[0]["labels"].items()))
    wait_for("the timeline to say so", lambda: any("silenced GatewayErrors at pager until " in t and made["silence"] in t for t in timeline()), 30, recorder)
    ended = subprocess.run([need("amtool", "prometheus-alertmanager"), "--alertmanager.url=" + there.base, "silence", "expire", made["silence"]],
                           capture_output=True, text=True)
    check("it ends as gwtop said that it would", ended.returncode == 0, ended.stderr)
    told("pager", "firing")

    there.set(0)
    over = told("pager", "over")
    check_same("it fired once, whatever was silenced", over["fired_24h"], 1)
    told("rules", "over")
    check("the incident says that it cleared", any("GatewayErrors is over, says pager" in text for text in timeline()), str(timeline()[-2:]))
    check("the verdict pages no more", verdict().returncode != 2, verdict().stdout.strip())
    check_same("one incident tells it all", len(report("incidents")["incidents"]), 1)
    past = gwtop_json("alerts", *at, "--at", iso(fired_at))
    check_same("a past cursor sees what was known then", [a["state"] for a in past["alerts"] if a["source"] == "pager"], ["firing"])

    there.set(1)
    told("pager", "firing")
    there.alertmanager.stop()
    lost = told("pager", "unknown")
    check("what a lost source told is not over", lost["active"] and "pager" in report("alerts")["not_read"], report("alerts")["not_read"])
    check("the verdict goes on by what is still read", verdict().returncode == 2, verdict().stdout.strip())
    there.alertmanager = there.start_alertmanager()
    told("pager", "firing")
    there.set(0)
    told("pager", "over")
    check("the recorder ended cleanly", recorder.stop() == 0)
    finish()


main()
