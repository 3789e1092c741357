# SPDX-License-Identifier: MIT
# bash completion for gwtop(1)
_gwtop() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  case $prev in
    --store | --config | --file) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --theme) mapfile -t COMPREPLY < <(compgen -W 'default light dark high-contrast mono blue-orange' -- "$cur"); return ;;
    --glyphs) mapfile -t COMPREPLY < <(compgen -W 'auto ascii box block braille' -- "$cur"); return ;;
    --pane) mapfile -t COMPREPLY < <(compgen -W 'overview traffic latency cost quality incidents events sources' -- "$cur"); return ;;
    --by) mapfile -t COMPREPLY < <(compgen -W 'provider model deployment team key route' -- "$cur"); return ;;
  esac
  if [ "$COMP_CWORD" = 1 ] && [[ $cur != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'status cost incidents sources check init demo record probe help' -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W '--store --config --at --pane --filter --theme --glyphs --no-color --no-recorder --json --line --since --by --help --version' -- "$cur")
  fi
}
complete -F _gwtop -o default gwtop
