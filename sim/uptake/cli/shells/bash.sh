# Completion of uptake in bash: uptake completion --help says where to put it.

@COMMON@

_uptake() {
  local line="${COMP_LINE:0:COMP_POINT}" current before="" folder="" word IFS=$' \t\n'
  local -a typed
  read -ra typed <<<"$line"
  current="${line##*[[:space:]]}"
  if [[ -n $current ]]; then typed=("${typed[@]:0:${#typed[@]}-1}"); fi
  for word in "${typed[@]}"; do
    if [[ $before == --config-dir ]]; then folder="$word"; fi
    if [[ $word == --config-dir=* ]]; then folder="${word#*=}"; fi
    before="$word"
  done
  IFS=$'\n'
  case "$current" in
    @PATHS@ | --config-dir=*)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "${current#*=}"))
      return ;;
  esac
  case "$before $current" in
    "--config-dir "* | @FOLDERS@)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -d -- "$current"))
      return ;;
  esac
  if ((${#typed[@]} < 2)); then word=""; else word="${typed[1]}"; fi
  COMPREPLY=($(_uptake_matches "$current" "$word" "${folder:-@USUAL@}"))
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=.] ]]; then
    compopt -o nospace 2>/dev/null
  fi
  if [[ $COMP_WORDBREAKS == *=* && $current == *=* ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*=}"}"}")
  fi
}
complete -F _uptake uptake
