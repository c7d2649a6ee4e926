"""uptake completion: a script that has a shell complete commands, keys and names."""

import re
from collections.abc import Iterator
from pathlib import Path

from uptake.cli.keys import KEYS, keys_of
from uptake.cli.list import TOPICS
from uptake.cli.main import COMMANDS
from uptake.cli.new import USUAL
from uptake.cli.options import Options
from uptake.config.own_files import files
from uptake.errors import one_of
from uptake.model.levers import IMPULSES

SHELLS = ("bash", "zsh", "fish")
_SCRIPTS = Path(__file__).parent / "shells"
_HOW = """to have it in every shell (write the file again when uptake is another version)
  bash   uptake completion bash > ~/.uptake.bash    and a line in ~/.bashrc:  . ~/.uptake.bash
  zsh    uptake completion zsh > ~/.uptake.zsh      and a line in ~/.zshrc, after compinit:
                                                    . ~/.uptake.zsh
  fish   uptake completion fish > ~/.config/fish/completions/uptake.fish
"""
_OF_FOLDERS = ("check", "compare", "rerun")  # which are told a folder first
_OPTIONS = {"run": ["-m", "--cfg"], "watch": ["--port", "--no-open"]}
_SAFE = re.compile(r"[\w.=-]+")  # what no shell takes for anything but itself


def _words_of_key(typed: str) -> Iterator[str]:
    """Yield what can be typed of a key of ``uptake.cli.keys``."""
    key, _, value = typed.partition("=")
    names = {"levers.NAME": "levers", "parameters.priors.NAME.value": "parameters"}.get(key)
    if names is not None:
        for name in TOPICS[names].names(None):
            if name not in IMPULSES:
                yield f"{key.replace('NAME', name)}="
    elif open_part := re.search("[A-Z]", key):
        yield key[: open_part.start()]
    elif value.islower():
        yield from [f"{key}={one}" for one in value.split("|")]
    else:
        group = key if value == "NAME" else value.lower()
        there = [name for name, *_ in files(group, None)] if group.isalpha() else []
        yield from [f"{key}={name}" for name in there] or [f"{key}="]


def words_of(command: str) -> list[str]:
    """Return the words that can follow a command."""
    if command == "list":
        found = list(TOPICS)
    elif command == "completion":
        found = list(SHELLS)
    else:
        typed = dict([*keys_of(command), *(keys_of("run -m") if command == "run" else [])])
        found = [word for one in typed for word in _words_of_key(one)]
    of_folder = [] if command in ("compare", "rerun", "completion") else ["--config-dir"]
    options = [*_OPTIONS.get(command, []), *of_folder, "--help"]
    return [word for word in dict.fromkeys([*found, *options]) if _SAFE.fullmatch(word)]


def _cases(form: str) -> str:
    """Return a case for every command, and one for none yet, each with what can follow."""
    words = {"''": [*COMMANDS, "--help", "--version"]}
    words |= {command: words_of(command) for command in COMMANDS}
    return "\n".join(form.format(command, " ".join(found)) for command, found in words.items())


def script(shell: str) -> str:
    """Return the script of a shell."""

    def read(name: str) -> str:
        return (_SCRIPTS / name).read_text(encoding="utf-8")

    if shell == "fish":
        return read("fish.fish").replace(
            "@WORDS@", _cases("        case {}\n            printf '%s\\n' {}")
        )
    paths = [typed.partition("=")[0] for typed, *_ in KEYS if typed.endswith(("FILE", "FOLDER"))]
    common = read("words.sh").replace("@WORDS@", _cases("    {}) printf '%s\\n' {} ;;"))
    return (
        read(f"{shell}.sh")
        .replace("@COMMON@", common.rstrip())
        .replace("@PATHS@", " | ".join(f"{key}=*" for key in paths))
        .replace("@FOLDERS@", " | ".join(f'"{one} " | "{one} "[!-]*' for one in _OF_FOLDERS))
        .replace("@USUAL@", USUAL)
    )


def main(arguments: list[str]) -> None:
    """Print the script of a shell."""
    parser = Options(
        "completion", "A script that has a shell complete commands, keys and names.", _HOW
    )
    parser.add_argument("shell", metavar="SHELL", help=", ".join(SHELLS))
    print(script(one_of("completion", parser.parsed(arguments).shell, SHELLS)), end="")
