#compdef uptake
# Completion of uptake in zsh: uptake completion --help says where to put it.

@COMMON@

_uptake() {
  local current="$PREFIX" before="${words[CURRENT-1]}" folder="" command="" i
  for ((i = 2; i < CURRENT; i++)); do
    if [[ ${words[i-1]} == --config-dir ]]; then folder="${words[i]}"; fi
    if [[ ${words[i]} == --config-dir=* ]]; then folder="${words[i]#*=}"; fi
  done
  case "$current" in
    @PATHS@ | --config-dir=*)
      compset -P '*='
      _files
      return ;;
  esac
  case "$before $current" in
    "--config-dir "* | @FOLDERS@)
      _files -/
      return ;;
  esac
  if ((CURRENT > 2)); then command="${words[2]}"; fi
  local -a found whole parts
  found=("${(@f)$(_uptake_matches "$current" "$command" "${folder:-@USUAL@}")}")
  parts=(${(M)found:#*[=.]})
  whole=(${found:#*[=.]})
  compadd -S '' -a parts
  compadd -a whole
}
if [[ "${funcstack[1]}" == _uptake ]]; then _uptake "$@"; else compdef _uptake uptake; fi
