"""
What templates are made of that nobody has looked into, and what a run says of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.escaping.text import first_of, printable_repr, whole
from trustproof.results.result import Suppression

#: What a waiver calls it, as if it were a property.
NOT_CHECKED = "not-checked"
#: So many are named in one line: what says all of them is `Report.omissions`, and the JSON.
_NAMED = 20
#: So many calls of modules, whose addresses are long.
_CALLS = 3
#: Why nobody has looked into a module that is called, as `inputs` words it.
_NOT_AT_HAND = "has a source that is not at hand"
_BROUGHT = ": terraform init brings it"


@printable_repr
class Omission(NamedTuple):
    """
    Something that nobody has looked into.
    """

    template: str
    #: What it is and what it is called, in words.
    what: str
    #: Which one it is, a clause; empty for something whose template is elsewhere, or that another note speaks of.
    which: str = ""
    #: The logical id or address of the resource that it is of; empty where it is of none, and no waiver is about it.
    resource: str = ""
    #: Why it counts no longer; None where it does.
    suppression: Suppression | None = None
    #: Whether it has a template of its own that is not in the input.
    is_elsewhere: bool = False
    #: The construct that the resource was made by; None where nothing says it.
    construct_path: str | None = None

    def __str__(self) -> str:
        which = "whose template is elsewhere" if self.is_elsewhere else f"which {self.which}"
        return whole(f"{self.what}, {which}" if self.which or self.is_elsewhere else self.what.rstrip(","))


def omission_notes(found: Sequence[Omission], *, all_named: bool = False) -> Iterator[str]:
    """
    A line for each; and one for those of a template whose own templates are elsewhere, for the calls of one source that
    is not at hand, and for the calls of a template of several such that one command brings. Each names the first few.

    Args:
        all_named: whether it names all of them.
    """
    most = (len(found), len(found)) if all_named else (_NAMED, _CALLS)
    elsewhere: dict[str, list[str]] = {}
    calls: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if one.is_elsewhere and one.suppression is None:
            elsewhere.setdefault(one.template, []).append(one.what)
        elif one.which.startswith(_NOT_AT_HAND) and one.suppression is None:
            calls.setdefault((one.template, one.which), []).append(one.what)
    brought: dict[str, list[tuple[str, str]]] = {}
    for (template, which), what in calls.items():
        if which.endswith(_BROUGHT):
            source = which.removeprefix(f"{_NOT_AT_HAND}, ").removesuffix(_BROUGHT)
            brought.setdefault(template, []).extend((one, source) for one in what)
    several = {
        template: of for template, of in brought.items() if len({source for _, source in of}) > 1 and len(of) > _CALLS
    }
    for template, of in several.items():
        named = [f"{what} ({source})" if all_named else what for what, source in of]
        yield (
            f"{template}: not checked: {first_of(named, most[1])}, which have sources that are not at hand: "
            "terraform init brings them"
        )
    for template, what in elsewhere.items():
        whose = "whose template is elsewhere" if len(what) == 1 else "whose templates are elsewhere"
        yield f"{template}: not checked: {first_of(what, most[0])}, {whose}"
    for one in found:
        if one.suppression is not None:
            yield f"{one.template}: not checked, and waived: {one}; {one.suppression}"
        elif one.template in several and one.which.startswith(_NOT_AT_HAND) and one.which.endswith(_BROUGHT):
            continue
        elif what := calls.pop((one.template, one.which), []):
            which = one.which if len(what) == 1 else f"have{one.which.removeprefix('has')}"
            yield f"{one.template}: not checked: {whole(f'{first_of(what, most[1])}, which {which}')}"
        elif one.which and not one.which.startswith(_NOT_AT_HAND):
            yield f"{one.template}: not checked: {one}"
