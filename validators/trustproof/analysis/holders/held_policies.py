"""
What a user, a group or a role has, as what is asked about: one policy after the other, and those that stand beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.holders.holdings import Holding
from trustproof.analysis.holders.tallies import At, Having
from trustproof.config.model import Config
from trustproof.model.document import AllBut, Document
from trustproof.model.policy import Guard, Path
from trustproof.properties.neighbours import Neighbours
from trustproof.properties.question import Subject
from trustproof.proving.outcomes import subject_for


class HeldPolicy(NamedTuple):
    """
    One policy of a holder.
    """

    subject: Subject
    #: What tells it from the others, and what its holder has: this one, and all together.
    at: At
    has: Having


class HeldPolicies(NamedTuple):
    """
    Policies of one template, by who has them.
    """

    account: str
    partition: str
    config: Config
    organization: str
    #: What service control policies deny in the account.
    controls: tuple[Document, ...]
    #: Where policies stand that roles have, to what messages call these.
    roles_with: Mapping[Path, tuple[str, ...]]
    neighbours: Neighbours

    def of(self, holding: Holding) -> list[HeldPolicy]:
        """What one holder has."""
        guards = (*holding.holder.guards, *holding.guards)
        guarded = [self._guarded(d, (*d.guards, *guards)) for d in holding.documents]
        together = (*guarded, *self.controls)
        boundary = () if holding.permissions_boundary is None else (holding.permissions_boundary,)
        paths = [document.path for document in (*guarded, *boundary)]
        # Only who is no role shares something with one.
        shared = tuple(
            (path, self.roles_with[path])
            for path in (paths if holding.holder.kind != "role" else ())
            if path in self.roles_with
        )
        places = (*map(at_of, together), *map(at_of, boundary))
        has = frozenset(Counter(places).items())
        known: dict[Callable[[Document], bool], tuple[int, ...]] = {}
        out: list[HeldPolicy] = []
        for index, document in enumerate(guarded):
            subject = Subject(
                document,
                self.account,
                self.partition,
                self.config,
                AllBut(together, index, known),
                holding.permissions_boundary,
                holding.holder,
                self.organization,
                roles_with=shared,
                neighbours=self.neighbours,
            )
            at = places[index]
            out.append(HeldPolicy(subject, at, (at, has)))
        return out

    def _guarded(self, document: Document, guards: Sequence[Guard]) -> Document:
        # What everybody has stays one thing: it is told from others at a glance.
        if not guards:
            return document
        guarded = document._replace(guards=tuple(dict.fromkeys(guards)))
        return subject_for(guarded, self.account, self.partition, self.config).document


def at_of(document: Document) -> At:
    """What tells a document from others: the logical id, and the path."""
    return document.logical_id, document.path
