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
        if argument.choices is None and listed.get(argument.dest):
            argument.choices = tuple(listed[argument.dest])
        elif argument.choices is None and (named := _NAMED.get(str(argument.metavar or argument.dest))) is not None:
            argument.complete = named  # type: ignore[attr-defined]
    return shtab.complete(parser, shell=shell)


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
