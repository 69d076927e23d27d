"""
The replicas that a secret may have: they have the policy of the secret on both sides.

Only where a policy tells Regions apart a template says something of its own of them; where it does not, it is about
each of them as it is about the secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.comparison.gains import StatementGain
from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.policy import Path

_Pair = tuple[Subject | None, Subject | None]


def with_replicas(pairs: Sequence[_Pair]) -> Iterator[_Pair]:
    """The same pairs, and beside replicas of which one side alone says something the policy that the other has."""
    sides = {_place(one): pair for pair in pairs for one in pair if one is not None and not reason_of(one)}
    for new, old in pairs:
        there = new or old
        if there is None or not reason_of(there) or (new is not None and old is not None):
            yield new, old
            continue
        surely = sides.get(_place(there), (None, None))
        if surely[0] is None or surely[1] is None or surely[0].arn != surely[1].arn:
            yield new, old
            continue
        yield as_replicas(new or surely[0], old or surely[1])


def as_replicas(new: Subject | None, old: Subject | None) -> _Pair:
    """Two policies of one secret, or of its replicas where one of them is the policy of these; None stays as it is."""
    if new is None or old is None:
        return new, old
    if reason_of(new) and not reason_of(old):
        return new, _on(old, new)
    return (_on(new, old), old) if reason_of(old) and not reason_of(new) else (new, old)


def not_of_secrets(given: Sequence[StatementGain]) -> list[StatementGain]:
    """What differs, without that of replicas which is the same as of their secrets."""
    said = {_key(one) for one in given if not reason_of(one.subject)}
    return [one for one in given if not reason_of(one.subject) or _key(one) not in said]


def reason_of(subject: Subject) -> str:
    """Why it is not known whether there is what a policy is on, in words; empty where there is."""
    return subject.documents[0].if_made if subject.documents else ""


def _key(given: StatementGain) -> tuple[str, str, tuple[str, Path], str]:
    return given.direction, given.subject.label, given.place, given.request.resource


def _place(subject: Subject) -> tuple[str, str, str, Path]:
    return subject.side_name, subject.label, subject.logical_id, subject.path


def _on(subject: Subject, replica: Subject) -> Subject:
    """A policy of a secret, as that of its replicas, as the other side has them."""
    said = replica.documents[0]
    documents = (
        one._replace(resource_arn=said.resource_arn, region=said.region, if_made=said.if_made)
        for one in subject.documents
    )
    return subject._replace(arn=replica.arn, documents=tuple(documents))
