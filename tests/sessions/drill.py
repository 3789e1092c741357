# SPDX-License-Identifier: MIT
"""A drill from its beginning to its score: the simulator, a real recorder, and in the console's place somebody who waits for the incident, acknowledges
it, says what it is and what was done, and quits. usage: drill.py BUILD_DIR"""
import json
import os
import stat
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1])
gwtop, sim = os.path.join(build, "gwtop"), os.path.join(build, "gwtop-sim")
failed = 0

PERSON = """#!/bin/sh
[ "$1" = drill ] || [ "$1" = mark ] && exec {gwtop} "$@"
id=
for i in $(seq 2000); do
    id=$({gwtop} incidents --json "$@" | tr -d ' \\n' | grep -o '"id":[0-9]*,"title":"llama-8berrors"' | head -1 | sed 's/[^0-9]*\\([0-9]*\\).*/\\1/')
    [ -n "$id" ] && break
done
{gwtop} ack "$id" "$@" && {gwtop} note "$id" "llama-8b-a fails since its deploy" "$@" && {gwtop} mitigate "$id" "rolled back" "$@"
"""


def check(what, good, seen=""):
    global failed
    failed += not good
    if not good:
        print("FAILED: %s: %s" % (what, seen))


def run(*args, **env):
    return subprocess.run(args, capture_output=True, text=True, env={**os.environ, **env})


def steps(score):
    return {s["what"]: s for s in score["steps"]}


with tempfile.TemporaryDirectory() as folder:
    out = run(gwtop, "drill", "--end", XDG_STATE_HOME=folder)
    check("without a drill there is none", out.returncode == 1 and "there is no drill beside" in out.stderr, out)

    person = os.path.join(folder, "person")
    with open(person, "w") as f:
        f.write(PERSON.format(gwtop=gwtop))
    os.chmod(person, stat.S_IRWXU)
    out = run(sim, "drill", "--scenario", "bad-deploy", "--seed", "5", "--speed", "60", "--history", "2h", "--json", GWTOP_BIN=person, XDG_STATE_HOME=folder)
    check("the drill ends well", out.returncode == 0, out.stderr)
    score = json.loads(out.stdout[out.stdout.index('{\n  "gateway"'):])
    by = steps(score)
    check("its gateway says what it is", score["gateway"] == "DRILL", score["gateway"])
    check("the truth is told now", score["scenario"] == "bad-deploy" and score["components"][0] == "model=llama-8b", score)
    check("when gwtop told of it", 0 < by["first sign, told by gwtop"]["after_onset_s"] < 300, by)
    check("who took it", by["acknowledged"]["points"] >= 1 and by["owner"]["points"] == 1, by)  # a minute is a second here: how fast is not for a test
    check("what was said named it", by["true component named"]["points"] >= 2 and "llama-8b-a fails" in by["true component named"]["note"], by)
    check("a pipeline's mark is nobody's word", by["true component named"]["at"] == by["note for the others"]["at"], by)
    check("what was done", (by["mitigation"]["points"], by["mitigation"]["out_of"]) == (1, 1), by)
    check("no next step was said", by["next step"]["at"] is None and by["next step"]["points"] == 0, by)
    check("that is not over yet counts for nothing", by["resolved"]["out_of"] == 0, by)
    check("the sum of it", (score["points"], score["out_of"]) == (sum(s["points"] for s in score["steps"]), 9) and score["points"] >= 6, score)

    again = json.loads(run(gwtop, "drill", "--end", "--json", XDG_STATE_HOME=folder).stdout)
    check("the same is told again", again["steps"] == score["steps"], again)
    text = run(gwtop, "drill", "--end", XDG_STATE_HOME=folder).stdout
    check("in words", "drill bad-deploy: " in text and "%d of 9 points" % score["points"] in text, text)
    early = run(gwtop, "drill", "--end", "--at", "1h ago", XDG_STATE_HOME=folder)
    check("before it began there is nothing to tell", early.returncode != 0 and "nothing was broken yet" in early.stderr and "llama" not in early.stderr, early)
sys.exit(1 if failed else 0)
