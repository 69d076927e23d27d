"""
Where the waivers of one configuration hold, and whether it can be known that one of them is about nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Set
from typing import NamedTuple

from trustproof.results.result import OWN_PROPERTY
from trustproof.results.waiver import Waiver
from trustproof.results.waiver_index import Templates


class JudgedTemplate(NamedTuple):
    """
    With what a template was judged.
    """

    #: The file of its configuration; empty where it has none.
    file: str
    #: The identifiers of the properties that were asked of it.
    asked: Set[str]
    #: Of those about which no waiver may be there.
    settled: Set[str]


class WaiverScope:
    """
    The templates of a run, as the waivers of one configuration see them.

    Args:
        file: of the configuration; empty where it has none.
        root: the directory that patterns of templates are relative to.
        invariants: the identifiers of those that the configuration has.
        judged: every template of the run by its name.
        may_be_unread: whether there may be a template, below the directory, that a pattern is about and that the run
            has not read; asked with an empty text for a waiver that is about every template.
        why_nowhere: why a pattern is about no file that is there; empty where that cannot be known.
    """

    def __init__(
        self,
        file: str,
        root: str,
        invariants: Container[str],
        judged: Mapping[str, JudgedTemplate],
        may_be_unread: Callable[[str], bool],
        why_nowhere: Callable[[str], str],
    ) -> None:
        self.file: str = file
        self.root: str = root
        self._invariants = invariants
        self._judged = judged
        self._may_be_unread = may_be_unread
        self._why_nowhere = why_nowhere
        self._templates = Templates(judged, root)

    def has(self, template: str) -> bool:
        """Whether the configuration is that of a template."""
        found = self._judged.get(template)
        return found is None or found.file == self.file

    def is_settled(self, template: str, ident: str) -> bool:
        """Whether no waiver may be about a property in a template."""
        found = self._judged.get(template)
        return found is not None and ident in found.settled

    def why_unused(self, waiver: Waiver, ident: str | None, found: Iterable[str]) -> str:
        """
        What is wrong with a waiver under which nothing was found; empty where that cannot be known.

        Args:
            ident: the property that is waived; None for what is asked of every template.
            found: the templates with another configuration in which there is something like what it is about.
        """
        if waiver.ident.startswith(OWN_PROPERTY) and waiver.ident not in self._invariants:
            return "is about nothing: the configuration has no such invariant"
        if waiver.in_template:
            about = [waiver.file]
        else:
            # A pattern may be about more than this run has read, and a name may stand in every template.
            like = self._templates.like(waiver.template) if waiver.template else self._judged
            about = [name for name in self._judged if name in like and self._may_be_meant(name)]
            if waiver.template and not about and self._asks(ident) and (why := self._why_nowhere(waiver.template)):
                return f"is about nothing: its template {why}"
        asked = dict.fromkeys(name for name in about if ident is None or ident in self._judged[name].asked)
        if not asked or (not waiver.in_template and self._may_be_unread(waiver.template)):
            return ""
        own = [name for name in about if self.has(name)]
        if own and asked.keys().isdisjoint(own):
            # It is for templates of which nobody has asked, whatever its name or its pattern is like elsewhere.
            return ""
        there = next((name for name in found if self._may_be_meant(name)), None)
        if own and there is None:
            return "is about nothing that was found"
        return self._why_elsewhere(there or next(iter(asked)))

    def _asks(self, ident: str | None) -> bool:
        """Whether a property is asked of a template with the configuration."""
        return any(one.file == self.file and (ident is None or ident in one.asked) for one in self._judged.values())

    def _may_be_meant(self, template: str) -> bool:
        """Whether the configuration is that of a template, or would be if none were nearer to it."""
        return self.has(template) or self._templates.is_below(template)

    def _why_elsewhere(self, template: str) -> str:
        own = self.file or "this one"
        return f"does not hold there: the configuration of {template} is {self._judged[template].file}, and not {own}"
