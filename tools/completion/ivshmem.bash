# SPDX-License-Identifier: Apache-2.0
#
# bash completion of the programs: subcommands and options as their own --help names them, so that
# this file knows none of them.
_ivshmem() {
  local current=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} subcommand=() help
  COMPREPLY=()
  if [[ $program == *ivshmem-sim && COMP_CWORD -gt 1 && ${COMP_WORDS[1]} != -* ]]; then
    subcommand=("${COMP_WORDS[1]}")
  fi
  help=$("$program" "${subcommand[@]}" --help 2>/dev/null) || return 0
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(grep -oE '(^|[ ,])--?[A-Za-z][a-z-]*' <<<"$help" |
      tr -d ' ,')" -- "$current")
  elif [[ $program == *ivshmem-sim && COMP_CWORD -eq 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(sed -n '/^Subcommands:/,$s/^  \([a-z-]\{1,\}\) .*/\1/p' \
      <<<"$help")" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _ivshmem ivshmem-sim ivshmem-server
