#!/bin/sh
# SPDX-License-Identifier: MIT
# gwtop-sim demo with a recorder and a console that only write down how they were called: what is started, with what, and what becomes
# of their ends. Usage: demo.sh PATH_OF_GWTOP_SIM
set -u
dir=$(mktemp -d "${TMPDIR:-/tmp}/gwtop-demo-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" && cp "$1" "$dir/bin/gwtop-sim" || exit 1
export XDG_STATE_HOME="$dir/state" OUT="$dir/out"
unset GWTOP_BIN
failures=0
check() { # check WHAT CONDITION...
    what=$1
    shift
    if "$@"; then return; fi
    failures=$((failures + 1))
    echo "FAILED: $what ($*)"
}
has() { grep -q -e "$1" "$2"; }
has_not() { ! grep -q -e "$1" "$2"; }
demo() { # demo ARGUMENTS...: leaves $status, $dir/stderr
    rm -rf "$OUT"
    mkdir "$OUT"
    status=0
    "$dir/bin/gwtop-sim" demo "$@" 2>"$dir/stderr" || status=$?
}
program() { # program NAME: its text from standard input
    { echo '#!/bin/sh'; cat; } >"$dir/bin/$1" && chmod +x "$dir/bin/$1"
}

demo --headless
check 'without a recorder nothing is started' [ $status -eq 1 ]
check 'and the missing program is named' has 'gwtop-recorder is not beside gwtop-sim' "$dir/stderr"

# The recorder's stand-in: it reads its arguments as the real one does.
program gwtop-recorder <<'RECORDER'
echo "$*" >"$OUT/recorder"
while [ $# -gt 0 ]; do
    case $1 in
    --progress-fd) fd=$2 ;;
    --config) cp "$2" "$OUT/config" ;;
    --store) echo store >"$2" ;;
    --replay-until) until=$2 ;;
    --replay-from) from=$2 ;;
    esac
    shift
done
eval "echo progress 0.5 >&$fd"
if [ -n "${until-}" ]; then
    echo $((until - from)) >"$OUT/length"
    exit "${RECORDER_STATUS:-0}"
fi
trap 'kill -KILL $child; echo stopped >"$OUT/stopped"; exit ${RECORDER_STATUS:-0}' TERM
tail -f /dev/null & # something to wait for
child=$!
eval "echo live >&$fd; exec $fd>&-"
wait
RECORDER
program gwtop <<'CONSOLE'
echo "$*" >"$OUT/console"
exit "${CONSOLE_STATUS:-0}"
CONSOLE

demo --headless --for 30m
check 'a headless demo ends well' [ $status -eq 0 ]
check 'its recorder runs in the foreground, step by step' has '^record --foreground --config .* --replay-step 60s --replay-from [0-9]* --origin [0-9]* --progress-fd [0-9]* --replay-until [0-9]*$' "$OUT/recorder"
check 'its timeline is a day, what yesterday needs before it, and --for' [ "$(cat "$OUT/length")" = $(((24 * 60 + 20 + 30) * 60000)) ]
check 'no console is opened' [ ! -e "$OUT/console" ]
check 'the store is left for others' [ -s "$XDG_STATE_HOME/gwtop/demo/demo.db" ]
check 'the truth lies beside it' has '"scenario": "brownout"' "$XDG_STATE_HOME/gwtop/demo/demo-truth.json"
check 'the configuration names the gateway' has 'metrics: http://127.0.0.1:[0-9]*/metrics/' "$OUT/config"

demo --headless --scenario drift --onset -30m
onset=$(sed -n 's/.*"onset_ms": \([0-9]*\),/\1/p' "$XDG_STATE_HOME/gwtop/demo/demo-truth.json" | head -1)
live=$(sed -n 's/.*"live_ms": \([0-9]*\),/\1/p' "$XDG_STATE_HOME/gwtop/demo/demo-truth.json")
check 'the onset is where it was asked for' [ $((live - onset)) -eq 1800000 ]

RECORDER_STATUS=3
export RECORDER_STATUS
demo --headless
check 'a recorder that failed is an error' [ $status -eq 1 ]
check 'and its status is said' has 'recorder ended with exit status 3' "$dir/stderr"
RECORDER_STATUS=0

demo
check 'the console opens on the demo' has '^--store .*/demo.db --config .*/demo.yaml$' "$OUT/console"
check 'which is lines only when asked for' has_not plain "$OUT/console"
check 'the recorder has no end of its own' has_not replay-until "$OUT/recorder"
check 'and is asked to end afterwards' [ -e "$OUT/stopped" ]
check 'the demo ends as the console did' [ $status -eq 0 ]
demo --plain
check '--plain reaches the console' has '^--store .*/demo.db --config .*/demo.yaml --plain$' "$OUT/console"
CONSOLE_STATUS=2
export CONSOLE_STATUS
demo --speed 60
check 'also when that was not 0' [ $status -eq 2 ]
check 'the speed reaches the recorder' has '--speed 60$' "$OUT/recorder"

# A recorder that dies is the demo's to start again, and ends with it.
CONSOLE_STATUS=0
mkfifo "$dir/again"
cp "$dir/bin/gwtop-recorder" "$dir/plain-recorder" && cp "$dir/bin/gwtop" "$dir/plain-console"
sed -e '1a echo $$ >>"$OUT/runs"' -e 's|^child=.*|&; echo $child >>"$OUT/children"|' -e 's|^eval "echo live|[ "$(wc -l <"$OUT/runs")" -ne 2 ] \|\| echo again >"$OUT/../again"\n&|' \
    "$dir/plain-recorder" >"$dir/bin/gwtop-recorder"
program gwtop <<'CONSOLE'
cp "$OUT/recorder" "$OUT/first"
kill -KILL "$(cat "$OUT/runs")" "$(cat "$OUT/children")" # with what it waits for, or that would outlive the test
cat "$OUT/../again" >"$OUT/seen"
CONSOLE
demo --speed 60
check 'a recorder that was killed is started again' has again "$OUT/seen"
origin=$(sed -n 's/.*--origin \([0-9]*\).*/\1/p' "$OUT/first")
check 'on the same clock' has "--origin $origin .*--speed 60" "$OUT/recorder"
check 'from the present on' [ "$(sed -n 's/.*--replay-from \([0-9]*\).*/\1/p' "$OUT/recorder")" -ge "$origin" ]
check 'and ends with the demo' [ -e "$OUT/stopped" ]
check 'which ends well' [ $status -eq 0 ]
check 'none is left behind' sh -c '! kill -0 "$(tail -1 "$1")" 2>/dev/null' - "$OUT/runs"
mv "$dir/plain-recorder" "$dir/bin/gwtop-recorder" && mv "$dir/plain-console" "$dir/bin/gwtop"

RECORDER_STATUS=4
demo
check 'a recorder that could not close its store is an error' [ $status -eq 1 ]
check 'which points to its messages' has 'messages are in .*/demo.log' "$dir/stderr"
RECORDER_STATUS=0

demo --headless --speed 1000 --for 1s
check 'a paced headless demo ends by itself' [ $status -eq 0 ]
check 'having stopped its recorder' [ -e "$OUT/stopped" ]

mkdir "$dir/elsewhere" && mv "$dir/bin/gwtop" "$dir/elsewhere/gwtop"
GWTOP_BIN="$dir/elsewhere/gwtop" demo
check 'GWTOP_BIN names the console' [ -e "$OUT/console" ]
PATH="$dir/elsewhere:$PATH" demo
check 'PATH has the console' [ -e "$OUT/console" ]
PATH=/usr/bin:/bin demo
check 'a missing console is said' has 'gwtop is neither beside gwtop-sim' "$dir/stderr"
check 'and the recorder is not left behind' [ -e "$OUT/stopped" ]

echo precious >"$dir/precious.db"
demo --headless --store "$dir/precious.db"
check "somebody's store is refused" [ $status -eq 64 ]
check 'and kept' has precious "$dir/precious.db"
for wrong in --sped=1 --seed=x --for=5m --scenario=flood --onset=soon --listen=0.0.0.0:1; do
    demo "$wrong"
    check "$wrong is a usage error" [ $status -eq 64 ]
    check "$wrong is answered with one sentence" [ "$(wc -l <"$dir/stderr")" -eq 1 ]
done

# A drill: the same with a store of its own and an incident soon, and at the end its score.
drill() { # drill ARGUMENTS...: leaves $status, $dir/stdout, $dir/stderr
    rm -rf "$OUT"
    mkdir "$OUT"
    status=0
    "$dir/bin/gwtop-sim" drill "$@" >"$dir/stdout" 2>"$dir/stderr" || status=$?
}
value() { sed -n "s/.*\"$1\": \"*\([^\",]*\)\"*,*$/\1/p" "$XDG_STATE_HOME/gwtop/drill/drill-truth.json" | head -1; }
program gwtop <<'CONSOLE'
echo "$*" >>"$OUT/calls"
CONSOLE
drill --list
check 'the scenarios are listed' has '^vector-store-slow  latency   30m$' "$dir/stdout"
check 'by nobody but the simulator' [ ! -e "$OUT/calls" ]
drill --list --json
check 'as JSON, too' has '"name": "bad-deploy"' "$dir/stdout"
drill --seed 3
check 'a drill ends well' [ $status -eq 0 ]
check 'its console opens on a store of its own' has '^--store .*/gwtop/drill/drill.db --config .*/gwtop/drill/drill.yaml$' "$OUT/calls"
check 'then its score is shown' [ "$(sed -n '2s/ --store.*//p' "$OUT/calls")" = 'drill --end' ]
check 'and nothing else' [ "$(wc -l <"$OUT/calls")" -eq 2 ]
check 'after its recorder has ended' [ -e "$OUT/stopped" ]
check 'it is no demo by name' has '^gateway: DRILL$' "$OUT/config"
after=$((($(value onset_ms) - $(value live_ms)) / 1000))
check 'its incident comes soon' [ $after -ge 60 ]
check 'and within six minutes' [ $after -lt 360 ]
first=$(value scenario)
drill --seed 3 --json
check 'equal seeds break equal things' [ "$(value scenario)" = "$first" ]
check 'the score is JSON where that is asked for' has '^drill --end --json --store' "$OUT/calls"
drill --scenario guardrail-slow
check 'or what was asked for breaks' [ "$(value scenario)" = guardrail-slow ]
check 'and nobody is told what' has_not guardrail "$dir/stderr"
seeds=$(for i in 1 2 3; do drill; value seed; done | sort -u | wc -l)
check 'without a seed it is another each time' [ "$seeds" -eq 3 ]
drill --scenario flood
check 'an unknown scenario is a usage error' [ $status -eq 64 ]
[ $failures -eq 0 ] && echo "all demo checks passed"
exit $((failures > 0))
