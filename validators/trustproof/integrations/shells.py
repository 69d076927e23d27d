"""
Completion in shells, by shtab: https://docs.iterative.ai/shtab/
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence

import shtab

#: What the help calls the name of a file or of what may be one, and that of a directory, to what completes it.
_NAMED = {
    "FILE": shtab.FILE,
    "PATH": shtab.FILE,
    "DIR|FILE": shtab.FILE,
    "RESOURCE": shtab.FILE,
    "DIRECTORY": shtab.DIRECTORY,
    "path": shtab.FILE,
}

#: Bash takes the ``=`` of ``--output sarif=FILE`` and of ``--region=NAME`` for a word, which it is to nobody else: what
#: stands behind an option is its value, and what stands behind that is a file. Where somebody has taken the sign out of
#: ``COMP_WORDBREAKS``, it is a part of the word, and of what is offered.
_BASH = """
_trustproof_completion() {
  local words=() typed=("${COMP_WORDS[@]:0:COMP_CWORD+1}") place last line front=
  [[ "${typed[COMP_CWORD]}" == "=" ]] && typed+=("")
  last=$((${#typed[@]} - 1))
  for ((place = 0; place <= last; place++)); do
    if [[ $place -gt 0 && "${typed[place]}" == "=" ]]; then
      [[ "${typed[place-1]}" == -* ]] && continue
      ((place++))
      if [[ $place -eq $last ]]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY=()
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${typed[place]}")
        return 0
      fi
    else
      words+=("${typed[place]}")
    fi
  done
  last=$((${#words[@]} - 1))
  if [[ "${words[last]}" == -*=* ]]; then
    front="${words[last]%%=*}="
    words+=("${words[last]#*=}")
    words[last]="${front%=}"
    ((last++))
  fi
  if [[ "${words[last]}" == [a-z]*=* && "${words[last-1]}" == -* ]]; then
    front="$front${words[last]%%=*}="
    COMPREPLY=()
    while IFS= read -r line; do
      [[ -d "$line" ]] && line="$line/" && compopt -o nospace 2>/dev/null
      COMPREPLY+=("$front$line")
    done < <(compgen -f -- "${words[last]#*=}")
    return 0
  fi
  local COMP_WORDS=("${words[@]}") COMP_CWORD=$last
  _shtab_trustproof
  [[ -z "$front" ]] || COMPREPLY=("${COMPREPLY[@]/#/$front}")
}

complete -o bashdefault -F _trustproof_completion trustproof
"""
#: The other shells that part nothing at the sign: they are told the forms, and that a file stands behind one.
_ZSH = """
_trustproof_reports() {
  if compset -P 1 '*='; then
    _files
  else
    compadd -- "$@"
  fi
}
"""
_FISH = """
function _trustproof_reports
  set -l typed (string replace -r '^--[a-z-]+=' '' -- (commandline -ct))
  if not string match -q '*=*' -- $typed
    printf '%s\\n' $argv
    return
  end
  set -l parts (string split -m1 = -- $typed)
  for file in (__fish_complete_path $parts[2])
    printf '%s=%s\\n' $parts[1] $file
  end
end
"""


def completion_script(parser: argparse.ArgumentParser, shell: str, values: Mapping[str, Sequence[str]]) -> str:
    """
    The script that a shell reads.

    Args:
        parser: of the program; it is good for nothing else afterwards.
        shell: ``bash``, ``fish``, ``tcsh`` or ``zsh``.
        values: destinations of arguments, which take other values too, to those that are offered.
    """
    for argument, forms in _arguments(parser):
        listed = {"outputs": forms, **values}
        if argument.dest == "outputs" and shell in ("fish", "zsh"):
            argument.complete = _reports(forms)  # type: ignore[attr-defined]
        elif argument.choices is None and listed.get(argument.dest):
            argument.choices = tuple(listed[argument.dest])
        elif argument.choices is None and (named := _NAMED.get(str(argument.metavar or argument.dest))) is not None:
            argument.complete = named  # type: ignore[attr-defined]
    script: str = shtab.complete(parser, shell=shell)
    return f"{script}{_BASH}" if shell == "bash" else script


def _reports(forms: Sequence[str]) -> Mapping[str, object]:
    """What completes a form and the file that it is written to."""
    called = f"_trustproof_reports {' '.join(forms)}"
    # With a space before it, zsh gives a function what stands there and nothing else.
    return {"zsh": f" {called}", "fish": f"({called})", "preamble": {"zsh": _ZSH, "fish": _FISH}}


def _arguments(parser: argparse.ArgumentParser) -> Iterator[tuple[argparse.Action, Sequence[str]]]:
    """Those of a parser and of its commands which take a value, with the forms of a report that their command has."""
    actions = parser._actions  # argparse has no other way to them, and neither has shtab.
    forms = [str(form) for action in actions if action.dest == "format" for form in action.choices or ()]
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in dict.fromkeys(action.choices.values()):
                yield from _arguments(one)
        elif action.nargs != 0:
            yield action, forms
