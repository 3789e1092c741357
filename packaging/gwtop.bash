# SPDX-License-Identifier: MIT
# bash completion for gwtop(1)
_gwtop_options() { # COMMAND: its options
  case $1 in
    status) echo --store --config --at --filter --line --json --help ;;
    cost) echo --store --config --at --filter --since --by --max --json --csv --focus --help ;;
    latency) echo --store --config --at --filter --since --by --q --signal --json --csv --help ;;
    slo) echo --store --config --at --filter --json --csv --help ;;
    quality) echo --store --config --at --filter --json --csv --help ;;
    differs) echo --store --config --at --filter --since --base --json --csv --help ;;
    alerts) echo --store --config --at --filter --json --help ;;
    incidents) echo show --since --store --config --at --filter --json --help ;;
    report) echo --store --config --at --filter --markdown --json --help ;;
    handoff) echo accept --shift --baking --all --store --config --at --filter --markdown --json --help ;;
    snapshot) echo --incident --from --to -o --mask --store --config --json --help ;;
    say) echo --store --config --at --json --help ;;
    events) echo --store --config --since --at --filter --json --help ;;
    mark) echo --kind --scope --at --store --config --json --help ;;
    ack | note | assign | next | mitigate | resolve | snooze | correct | pin) echo --store --config --json --help ;;
    audit) echo list verify head --head --since --at --store --config --json --help ;;
    sources) echo --store --config --at --json --help ;;
    whatif) echo --from --to --share --model --cache-share --since --store --config --at --filter --json --help ;;
    hosting) echo --since --store --config --at --json --csv --help ;;
    prices) echo show cost update --input --cached --cache-write --cache-write-1h --audio-input --output --reasoning --audio-output --requests --queries --service --region --provider --prices --at --json --config --from --to --date --keep --fresh --whole-tiers --help ;;
    detect) echo --input --kind --arl --onsets --scores --json --help ;;
    score) echo --model --judge --at --id --store --config --help ;;
    check) echo --config --json --help ;;
    config) echo --help ;;
    init) echo --slo --store --config --at --json --help ;;
    demo) echo --scenario --seed --onset --speed --history --end --plain --headless --for --store --listen --help ;;
    drill) echo --scenario --seed --speed --history --plain --list --end --at --json --store --config --listen --help ;;
    record) echo --foreground --stop --status --json --store --config --help ;;
    silence) echo --source --dry-run --json --store --config --help ;;
    page) echo --test --store --config --help ;;
    rules) echo --store --config --at --json --help ;;
    canary) echo run --dry-run --json --store --config --help ;;
    probe) echo --json --config --profile --bearer-file --bearer-env --insecure --help ;;
    *) echo --store --config --at --filter --window --pane --theme --glyphs --no-color --no-recorder --plain --version --help ;;
  esac
}
_gwtop() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} commands='status cost latency slo quality differs alerts incidents report handoff snapshot open say events mark ack note assign next mitigate resolve snooze correct pin audit rules sources whatif hosting prices detect score check config init demo drill record probe canary page silence'
  case $prev in
    --from | --to) [ "${COMP_WORDS[1]}" = whatif ] || [ "${COMP_WORDS[1]}" = snapshot ] || mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --store | --config | --bearer-file | --prices | -o | open) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --input) [ "${COMP_WORDS[1]}" != detect ] || mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --kind)
      if [ "${COMP_WORDS[1]}" = mark ]; then
        mapfile -t COMPREPLY < <(compgen -W 'deploy config model price silence note' -- "$cur")
      else
        mapfile -t COMPREPLY < <(compgen -W 'binary score metric' -- "$cur")
      fi
      return ;;
    --theme) mapfile -t COMPREPLY < <(compgen -W 'default light dark high-contrast mono blue-orange' -- "$cur"); return ;;
    --glyphs) mapfile -t COMPREPLY < <(compgen -W 'auto ascii box block braille' -- "$cur"); return ;;
    --pane) mapfile -t COMPREPLY < <(compgen -W 'overview traffic latency cost quality incidents events sources' -- "$cur"); return ;;
    --by) mapfile -t COMPREPLY < <(compgen -W 'team model provider deployment region key route' -- "$cur"); return ;;
    --base) mapfile -t COMPREPLY < <(compgen -W 'before yesterday last-week' -- "$cur"); return ;;
    --signal) mapfile -t COMPREPLY < <(compgen -W 'ttft tpot itl e2e provider_latency queue_time overhead stage_latency' -- "$cur"); return ;;
    --service) mapfile -t COMPREPLY < <(compgen -W 'standard batch flex priority' -- "$cur"); return ;;
    --scenario) mapfile -t COMPREPLY < <(compgen -W 'none random brownout runaway-key drift mispriced traffic-mix cache-collapse prompt-bloat guardrail-slow vector-store-slow stale-scrape retry-storm budget-exhaustion bad-deploy misrouting' -- "$cur"); return ;;
    --share | --shift | --baking | --incident | --cache-share | --scope | --head | --model | --judge | --id | --at | --filter | --window | --since | --q | --seed | --onset | --speed | --for | --history | --listen | --profile | --bearer-env | --arl) return ;;
    help) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur"); return ;;
  esac
  if [ "$COMP_CWORD" = 1 ] && [[ $cur != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands help" -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$(_gwtop_options "${COMP_WORDS[1]}")" -- "$cur")
  fi
}
complete -F _gwtop -o default gwtop
