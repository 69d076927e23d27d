"""
What is asked of a statement, for callers of some kinds, and the answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.access.own_policies import Held
from trustproof.engine.region import Region
from trustproof.model.document import TRUST
from trustproof.model.policy import Policy
from trustproof.model.query import is_concrete, texts
from trustproof.model.request import SAML, WEB_IDENTITY
from trustproof.model.text import Symbolic
from trustproof.properties.question import Inquiry, Question, Refutation, Subject
from trustproof.properties.shared.callers import NamedCaller, requests_of
from trustproof.proving.prover import Proof, Prover, Undecided

#: Callers that call nothing but STS.
_FOR_STS = (SAML, WEB_IDENTITY)


def questions(subject: Subject, kinds: Sequence[str], caller: NamedCaller | None, held: Held) -> tuple[Question, ...]:
    """The requests of callers of some kinds, or of one caller where one is named; empty where it can make none."""
    wanted = [
        kind
        for kind in kinds
        # Assertions and tokens are for STS alone; what is done with the credentials, a session of the role does.
        if (caller is None or kind in caller.kinds) and (subject.document.kind == TRUST or kind not in _FOR_STS)
    ]
    constraints = () if caller is None else caller.constraints
    regions = tuple(region for kind in wanted for region in requests_of(subject, kind, constraints))
    if caller is not None and (tags := held.tags(caller.written)):
        regions = tuple(_carrying(region, tags) for region in regions)
    return (Question(regions, lambda request: True),) if regions else ()


def _carrying(region: Region, tags: Mapping[str, str]) -> Region:
    also = tuple(space.narrowed(tags) for space in region.also)
    return region._replace(space=region.space.narrowed(tags), also=also)


def decide_statement(
    prover: Prover, index: int, kinds: Sequence[str], caller: NamedCaller | None, held: Held
) -> Proof | Refutation | Undecided:
    """
    Whether a statement lets in a caller of some kinds; where values are known only at deployment, at likely ones.

    Of one caller, only such values are taken for likely that do not say who gets in, and when.
    """
    subject = prover.subject
    answer = prover.settle(index, questions(subject, kinds, caller, held))
    if not isinstance(answer, Undecided) or all(is_concrete(one.policy) for one in subject.documents):
        return answer
    inquiry = Inquiry("explain", lambda deployed, _: questions(deployed, kinds, caller, held))
    found = Prover(subject, inquiry, prover.deployments).settle(index)
    if not isinstance(found, Refutation) or (caller is not None and _decides(subject, found.parameters)):
        return answer
    return found


def _decides(subject: Subject, values: Mapping[str, str]) -> bool:
    """Whether one of some values says who gets in or when, and not only what a policy is about."""
    return any(name in values for document in subject.documents for name in _deciding(document.policy))


def _deciding(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        yield from (guard.name for guard in statement.guards)
        for text, place in texts(statement):
            if place != "resource" and isinstance(text, Symbolic):
                yield from (symbol.name for symbol in text.symbols)
