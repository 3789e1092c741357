# SPDX-License-Identifier: MIT
"""What operators say of an incident and of changes, from the shell, taken in by the real recorder: the page comes from a server on loopback whose requests
fail until an objective burns. Then the audit, on a store that was tampered with."""
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
from harness import *  # noqa: E402

ME = pwd.getpwuid(os.getuid()).pw_name
os.environ.pop("SSH_CONNECTION", None)  # what is said below comes from nowhere, but for one note


class shown:
    good, bad, failing = 1000, 10, False


def page(name):
    if shown.failing:
        shown.bad += 50
    else:
        shown.good += 50
    return ('process_start_time_seconds 1000000\n'
            'litellm_proxy_total_requests_metric_total{requested_model="gpt-x",status_code="200",route="/chat/completions"} %d\n'
            'litellm_proxy_failed_requests_metric_total{requested_model="gpt-x",exception_status="500",route="/chat/completions"} %d\n'
            % (shown.good, shown.bad))


pages = Pages(page)
place = Place()
store = place.file("t.db")
config = place.file("gwtop.yaml", "gateway: prod\nsources:\n  - {name: litellm, interval: 1s, metrics: \"http://127.0.0.1:%d/metrics\"}\n"
                    "slos:\n  - {name: gpt-x availability, scope: model=gpt-x, availability: 99.9%%, period: 1d}\n" % pages.port)
WHERE = ("--store", store, "--config", config)


def record(name):
    return Server(place, name, [program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", store],
                  {"XDG_RUNTIME_DIR": place.path})


def run(*argv):
    return subprocess.run([program("gwtop"), *argv, *WHERE], capture_output=True, text=True)


def ask(*argv):
    return gwtop_json(*argv, *WHERE)


def says(*argv):
    """Exit status and the reason."""
    got = run(*argv)
    return got.returncode, got.stderr.replace("gwtop: ", "", 1).strip()


def events(text):
    return [e for e in ask("events", "--since", "1h")["events"] if e["text"] == text]


def waiting():
    return len([f for f in os.listdir(place.file("acts")) if f.endswith(".act")])


def taken_in():
    wait_for("the acts to be taken in", lambda: waiting() == 0, 60, recorder)


# ---- what is said wrongly says nothing
check("no store, no mark", says("mark", "x")[0] == 1)
recorder = record("recorder")
wait_for("the first poll", lambda: os.path.exists(store) and ask("sources")["sources"][0]["series_kept"] > 0, 60, recorder)
check_same("no text", says("mark", ""), (64, "the text is empty"))
check_same("64 KB", says("mark", "x" * 65536), (64, "the text has 65536 bytes, and nothing of it is kept; say it in at most 500"))
check_same("a control character", says("mark", "a\x1b[2Jb"), (64, "the text has a byte 0x1b at 2 that cannot be shown; it is one line of plain text"))
check_same("an unknown kind", says("mark", "x", "--kind", "page"), (64, "there is no kind 'page'; a mark is a deploy, config, model, price, silence or note"))
check_same("a wrong scope", says("mark", "x", "--scope", "gpt-x"), (64, "scope 'gpt-x': expected DIMENSION=VALUE, as in model=gpt-x"))
status, why = says("mark", "x", "--at", "2099-01-01T00:00:00Z")
check("the future", status == 64 and why.startswith("2099-01-01T00:00:00Z lies in the future: it is "), why)
check_same("no such incident", says("ack", "77"), (1, "there is no incident #77; `gwtop incidents` lists them"))
check_same("no number", says("ack", "x"), (64, "gwtop ack: expected the number of an incident, got 'x'; `gwtop incidents` lists them"))
check_same("no duration", says("snooze", "1", "soon", "x"), (64, "'soon x' is no duration like 30m, 4h or 2d; 0s ends a snooze"))
check("nothing was dropped", not os.path.isdir(place.file("acts")) or waiting() == 0)

# ---- a deploy is marked, then requests fail
canary = place.file("executed")
text = "gpt-x $(touch %s) `touch %s`; 'v7' goes live" % (canary, canary)
said = ask("mark", text, "--kind", "deploy", "--scope", "model=gpt-x")
check_same("said", (said["kind"], said["scope"], said["text"], said["recorder_running"]), ("deploy", "model=gpt-x", text, True))
wait_for("the event", lambda: events(text), 60, recorder)
e = events(text)[0]
check_same("the event", (e["kind"], e["scope"], e["by"], e["at"]), ("deploy", "model=gpt-x", ME, said["at"]))
check("nothing was executed", not os.path.exists(canary))
pages.change(lambda: setattr(shown, "failing", True), ["metrics"])
incident = wait_for("an incident", lambda: [i for i in ask("incidents")["incidents"] if i["state"] == "open"], 180, recorder)[0]
ID = str(incident["id"])
detail = wait_for("its story", lambda: [d for d in [ask("incidents", "show", ID)] if d["timeline"]], 60, recorder)[0]
check("the deploy stands in its timeline", any(t["text"] == text and t["source"] == ME for t in detail["timeline"]), str(detail["timeline"]))
check("and is told beside its suspects", any(text in (s["title"] + s["reason"] + s["beside"]) for s in detail["suspects"]), str(detail["suspects"]))

# ---- it is taken, noted, given, put off
got = ask("ack", ID)
check_same("acknowledged", (got["incident"]["state"], got["incident"]["owner"], got["incident"]["state_said_by"], got["before"]["state"]),
           ("acknowledged", ME, ME, "open"))
taken_in()
before_note = ask("status")["at"]
for argv in (["note", ID, "rolled back v7"], ["assign", "#" + ID, "bea"], ["next", ID, "ask the provider"], ["snooze", ID, "2h", "the provider has it"]):
    check_same(argv[0], run(*argv).returncode, 0)
taken_in()
shown_now = ask("incidents", "show", ID)
check_same("what holds", [shown_now[k] for k in ("state", "owner", "next_step", "snooze_reason")],
           ["acknowledged", "bea", "ask the provider", "the provider has it"])
check_same("and all that was said", [line.split(ME + " ", 1)[1] for line in shown_now["notes"]],
           ["ack", "note: rolled back v7", "assign: bea", "next: ask the provider", "snooze: 2h the provider has it"])
then = ask("incidents", "show", ID, "--at", before_note)
check_same("and what was known before", [then[k] for k in ("state", "owner", "next_step", "snoozed_until")], ["acknowledged", ME, "", None])

# ---- an entry is corrected and kept in view: what was there stays
entry = next(t for t in shown_now["timeline"] if t["letter"] == "P")
check_same("an entry of another", says("correct", ID, "t9999", "x"),
           (1, "incident #%s has no entry t9999; `gwtop incidents show %s` has them beside its timeline" % (ID, ID)))
check_same("correct", run("correct", ID, entry["entry"], "page: it is $(touch %s) openai" % canary).returncode, 0)
check_same("pin", run("pin", ID, entry["entry"]).returncode, 0)
taken_in()
then = next(t for t in ask("incidents", "show", ID)["timeline"] if t["entry"] == entry["entry"])
check_same("as it reads now", (then["text"], then["was"], then["corrected_by"], then["pinned_by"]),
           ("page: it is $(touch %s) openai" % canary, entry["text"], ME, ME))
check("nothing was executed", not os.path.exists(canary))
check_same("pin off", run("pin", ID, entry["entry"], "off").returncode, 0)
taken_in()
check_same("no longer kept in view", [t["pinned_by"] for t in ask("incidents", "show", ID)["timeline"] if t["entry"] == entry["entry"]], [None])

# ---- two at once: both are kept, and the later word holds
pages.change(lambda: setattr(shown, "failing", False), ["metrics"])  # no slower rule fires anew
first = subprocess.Popen([program("gwtop"), "mitigate", ID, "traffic moved", *WHERE], stdout=subprocess.DEVNULL)
second = subprocess.Popen([program("gwtop"), "resolve", ID, "v7 is gone", *WHERE], stdout=subprocess.DEVNULL)
check_same("both may", (first.wait(), second.wait()), (0, 0))
taken_in()
both = ask("incidents", "show", ID)
notes = [n for n in both["notes"] if "traffic moved" in n or "v7 is gone" in n]
last = "mitigated" if "traffic moved" in notes[-1] else "resolved"
check_same("both stand", (len(notes), both["state"], both["state_said_by"]), (2, last, ME))

# ---- without a recorder it waits; killed after that, nothing is told twice
recorder.stop()
later = "price list of today"
check("it is said that none runs", "none does now" in run("mark", later, "--kind", "price").stdout)
check_same("it waits", (waiting(), events(later)), (1, []))
recorder = record("second")
wait_for("the event", lambda: events(later), 60, recorder)
recorder.stop(signal.SIGKILL)
recorder = record("third")
run("mark", "one more")
wait_for("the event", lambda: events("one more"), 60, recorder)
check_same("each once", [len(events(t)) for t in (text, later, "one more")], [1, 1, 1])
check_same("of the kinds", [events(t)[0]["kind"] for t in (later, "one more")], ["price", "mark"])

# ---- a mark that others wrote by hand
for name, line in (("a", "deploy|9999999999999||from the future"), ("b", "shell|1000||x"), ("c", "deploy|1000")):
    with open(place.file("acts/.%s.act" % name), "w") as f:
        f.write("gwtop-act 1\nmark\n1000\n0\n%s\n" % line)
    os.rename(place.file("acts/.%s.act" % name), place.file("acts/%s.act" % name))
with open(place.file("acts/big.act"), "w") as f:
    f.write("gwtop-act 1\nmark\n1000\n0\n" + "x" * 65536 + "\n")
count = len(ask("events", "--since", "30d")["events"])
taken_in()
run("mark", "after those")
wait_for("the event", lambda: events("after those"), 60, recorder)
check_same("are no events", len(ask("events", "--since", "30d")["events"]), count + 1)

# ---- the audit
taken_in()
verdict = ask("audit", "verify")
check_same("whole", (verdict["verdict"], verdict["first_bad"], verdict["acts"]), ("whole", None, verdict["head"]))
head = run("audit", "head").stdout.strip()
check_same("the head", head, "%d:%s" % (verdict["head"], verdict["hash"]))
check_same("is there", run("audit", "verify", "--head", head).returncode, 0)
run("note", ID, "one more after the head was kept")
taken_in()
check_same("and stays so when more is said", run("audit", "verify", "--head", head).returncode, 0)

# ---- from where, and what it changed
os.environ["SSH_CONNECTION"] = "10.2.3.4 51122 10.0.0.1 22"
run("assign", ID, "bea")
del os.environ["SSH_CONNECTION"]
taken_in()
row = ask("audit", "list")["acts"][-1]
check_same("the act", (row["author"], row["verb"], row["incident"], row["text"], row["after"]), (ME, "assign", int(ID), "bea", "owner bea"))
check("and where it came from", "ssh from 10.2.3.4" in row["origin"], str(row))

# ---- the shift is handed over, and a snapshot of it is taken
run("resolve", ID, "over")
taken_in()
status, why = says("handoff", "accept", ID)
check("what is over is not taken over", status == 1 and "is not open" in why, why)
run("ack", ID)
taken_in()
check_same("it is open again", [i["id"] for i in ask("handoff")["open"]], [int(ID)])
got = ask("handoff", "accept", "--all")
check_same("taken over", [(i["id"], i["owner"], i["owner_before"]) for i in got["incidents"]], [(int(ID), ME, "bea")])
taken_in()
check_same("and kept", ask("incidents", "show", ID)["owner"], ME)
snapshot = place.file("inc.gwtop")
was = os.stat(store).st_mtime_ns
made = ask("snapshot", "--incident", ID, "-o", snapshot)
check("it says how large it is", made["bytes"] == os.path.getsize(snapshot) and not made["thin"], str(made))
moment = made["to"]


def at_that_moment(*argv):
    """Of the store, and of the snapshot of it, what differs in the header left out."""
    def ask_of(path):
        got = gwtop_json(*argv, "--at", moment, "--store", path, "--config", config)
        return {k: v for k, v in got.items() if k not in ("live", "ended", "snapshot", "recorder_state", "recorder_wrote")}
    return ask_of(store), ask_of(snapshot)


for argv in (("incidents", "show", ID), ("report", ID), ("events", "--since", "1h"), ("slo",), ("latency",), ("cost",), ("handoff",), ("audit", "list")):
    of_store, of_snapshot = at_that_moment(*argv)
    check_same("the snapshot's " + argv[0], of_snapshot, of_store)
check_same("nobody records into it", subprocess.run([program("gwtop-recorder"), "record", "--foreground", "--config", config, "--store", snapshot],
                                                    capture_output=True).returncode, 1)

head = run("audit", "head").stdout.strip()
run("note", ID, "one more after the head was kept")
taken_in()
recorder.stop()
last = ask("audit", "head")["head"]


def tampered(what, sql, want, bad, *argv):
    copy = place.file("copy.db")
    shutil.copy(store, copy)
    for end in ("-wal", "-shm"):
        if os.path.exists(copy + end):
            os.unlink(copy + end)
        if os.path.exists(store + end):
            shutil.copy(store + end, copy + end)
    db = sqlite3.connect(copy)
    db.executescript(sql)
    db.close()
    argv = [program("gwtop"), "audit", "verify", *argv, "--store", copy, "--config", config]
    got = json.loads(subprocess.run(argv + ["--json"], capture_output=True, text=True).stdout)
    exits = {"whole": 0 if "--head" in argv else 3, "open": 3}
    check_same(what, (got["verdict"], got["first_bad"], subprocess.run(argv, stdout=subprocess.DEVNULL).returncode), (want, bad, exits.get(want, 2)))


tampered("a copy", "", "whole", None)
tampered("another text", "UPDATE act SET text = 'nothing' WHERE id = 3", "changed", 3)
tampered("another author", "UPDATE act SET author = 'eve' WHERE id = 2", "changed", 2)
tampered("another time", "UPDATE act SET at_ms = at_ms - 60000 WHERE id = 1", "changed", 1)
tampered("one gone", "DELETE FROM act WHERE id = 4", "removed", 5)
tampered("two swapped", "UPDATE act SET id = 0 WHERE id = 2; UPDATE act SET id = 2 WHERE id = 3; UPDATE act SET id = 3 WHERE id = 0", "changed", 2)
tampered("a torn end", "UPDATE act SET hash = NULL WHERE id = %d" % last, "open", last)
tampered("the end cut", "DELETE FROM act WHERE id = %d" % last, "whole", None)
tampered("the end cut, seen by the head", "DELETE FROM act WHERE id >= %d" % (last - 1), "cut", last - 1, "--head", head)
tampered("another head", "", "made_anew", last - 1, "--head", head[:-4] + ("0000" if head[-4:] != "0000" else "1111"))
check_same("what is no head", says("audit", "verify", "--head", "17"), (64, "--head: expected ID:HASH as `gwtop audit head` prints it, got '17'"))
check_same("audit what", says("audit"), (64, "audit what? `gwtop audit list`, `gwtop audit verify` or `gwtop audit head`"))
finish()
