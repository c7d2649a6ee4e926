# What can follow a command, a word a line.
_uptake_words() {
  case "$1" in
@WORDS@
  esac
}

# The continuations of what is typed: up to the next point or equals sign, each once.
# $1 the word so far, $2 the command, $3 the folder of configurations of one's own.
_uptake_matches() {
  {
    _uptake_words "$2"
    case "$1" in
      scenario=* | from=* | sector=* | structure=* | population=* | parameters=*)
        local group="${1%%=*}" file
        if [ "$group" = from ]; then group=scenario; fi
        if [ -n "$3" ]; then
          find "$3/$group" -maxdepth 1 -name '*.yaml' 2>/dev/null | while IFS= read -r file; do
            file="${file##*/}" file="${file%.yaml}"
            case "$file" in
              *[!A-Za-z0-9_-]*) ;; # a shell might take it for more than a name
              *) printf '%s\n' "${1%%=*}=$file" ;;
            esac
          done
        fi ;;
    esac
  } | {
    local word rest head
    while IFS= read -r word; do
      case "$word" in "$1"*) ;; *) continue ;; esac
      rest="${word#"$1"}"
      head="${rest%%[.=]*}"
      if [ "$head" != "$rest" ]; then
        rest="${rest#"$head"}"
        word="$1$head${rest%"${rest#?}"}"
      fi
      printf '%s\n' "$word"
    done
  } | sort -u
}
