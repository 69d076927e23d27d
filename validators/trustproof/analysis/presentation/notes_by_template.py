"""
Notes of a run about what was not asked: a line for each template, and one for all files of which the same is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

_ATTACHED_TO_NOBODY = "attached to nobody, and so not asked about"


def attached_to_nobody(found: Sequence[tuple[str, str]], what_to_do: Callable[[str], str]) -> Iterator[str]:
    """
    A line for each template with policies that nobody has; of files that are a policy each, one for all of them.

    Args:
        found: the templates, each with the logical id of a policy.
        what_to_do: gives what to do about a template; empty where that is not known.
    """
    alike: dict[str, dict[str, None]] = {}
    for name in dict.fromkeys(name for name, _ in found):
        if what := what_to_do(name):
            alike.setdefault(what, {})[name] = None
        else:
            yield from by_template([one for one in found if one[0] == name], _ATTACHED_TO_NOBODY)
    for what, names in alike.items():
        if len(names) > 1:
            yield f"{_ATTACHED_TO_NOBODY}: {', '.join(names)}; {what.replace(' it ', ' each ')}"
            continue
        for line in by_template([one for one in found if one[0] in names], _ATTACHED_TO_NOBODY):
            yield f"{line}; {what}"


def by_template(found: Sequence[tuple[str, str]], said: str) -> Iterator[str]:
    """A line for each template with something of which the same is to be said; names all of it."""
    named: dict[str, list[str]] = {}
    for name, logical_id in found:
        named.setdefault(name, []).append(logical_id)
    for name, those in named.items():
        yield f"{name}: {said}: {', '.join(dict.fromkeys(those))}"
