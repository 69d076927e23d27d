"""
What follows for policies from what is said elsewhere, and is not what it was: identity providers, tags, keys.

Of thousands of tags and as many policies, most have nothing to do with each other: each is asked of those alone that
look at it, and all of them together within a budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from trustproof.comparison.comparison_budget import ComparisonBudget, until_the_end
from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.surroundings.providers import AT_PROVIDERS, Audiences, by_audience
from trustproof.comparison.surroundings.settings import by_settings_of_keys, keys_changed
from trustproof.comparison.surroundings.tags import (
    Labelled,
    LookedAt,
    TagChange,
    by_tags,
    by_tags_of_resources,
    resources_retagged,
    retagged_holders,
)
from trustproof.model.document import TRUST


def by_audiences(
    pairs: Sequence[Pair], found: Iterable[Audiences], renamed: Mapping[str, str], budget: ComparisonBudget
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What trust policies give since an identity provider registers other audiences.

    Args:
        pairs: everything there is on both sides.
        renamed: logical ids of the new side to those that the same roles have on the old side.
    """
    by_issuer = _by_issuer(pairs)
    asked = [(pair, one) for one in found for pair in by_issuer.get(one.issuer, ())]
    for given in budget.each([partial(_within, pair, partial(by_audience, pair, one, renamed)) for pair, one in asked]):
        yield from given


def by_tags_and_keys(
    pairs: Callable[[], Sequence[Pair]],
    sides: Sequence[Sequence[Labelled]],
    renamed: Mapping[str, str],
    budget: ComparisonBudget,
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What policies give since users, roles and resources have other tags, and why that is not known of them and of keys.

    Args:
        pairs: gives everything there is on both sides.
        renamed: logical ids of the new side to those that the same resources have on the old side.
        sides: the templates of the new side and of the old one.
    """
    new, old = sides
    tags, resources, keys = retagged_holders(new, old), resources_retagged(new, old), keys_changed(new, old)
    asked = pairs() if tags or resources or keys else ()
    looking = [(pair, LookedAt(one for one in pair if one is not None)) for pair in asked]
    by_key: dict[str, list[int]] = {}
    for number, tag in enumerate(tags):
        by_key.setdefault(tag.key, []).append(number)
    concerned = [[tags[number] for number in sorted(_numbers(one, by_key))] for _, one in looking]
    questions = [
        partial(_within, pair, partial(_by_each, pair, own, renamed))
        for (pair, _), own in zip(looking, concerned, strict=True)
        if own
    ]
    answers = iter(budget.each(questions))
    for (pair, looked_at), own in zip(looking, concerned, strict=True):
        yield from next(answers) if own else ()
        yield from by_tags_of_resources(pair, resources, looked_at)
        yield from by_settings_of_keys(pair, keys)


def _numbers(looked_at: LookedAt, by_key: Mapping[str, Sequence[int]]) -> Iterator[int]:
    """The numbers of the tags that policies look at."""
    for key in looked_at.tags_of_callers(by_key):
        yield from by_key[key]


def _by_each(
    pair: Pair, tags: Sequence[TagChange], renamed: Mapping[str, str]
) -> Iterator[StatementGain | OpenQuestion]:
    for tag in tags:
        yield from by_tags(pair, tag, renamed)


def _by_issuer(pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
    """The trust policies of the new side by each identity provider that they name, in order."""
    out: dict[str, list[Pair]] = {}
    for pair in pairs:
        new, old = pair
        if new is None or old is None or new.kind != TRUST:
            continue
        named = (
            str(principal.value)
            for document in new.documents
            for statement in document.policy.statements
            for principal in statement.principals or ()
        )
        issuers = {value[at + len(AT_PROVIDERS) :] for value in named for at in _places(value)}
        for issuer in issuers:
            out.setdefault(issuer, []).append(pair)
    return out


def _places(value: str) -> Iterator[int]:
    at = value.find(AT_PROVIDERS)
    while at >= 0:
        yield at
        at = value.find(AT_PROVIDERS, at + 1)


def _within(
    pair: Pair, question: Callable[[], Iterator[StatementGain | OpenQuestion]]
) -> Iterator[StatementGain | OpenQuestion]:
    """What is found of a pair, and that not all of it was looked at where a budget has come to its end."""
    subject = pair[0] or pair[1]
    assert subject is not None
    there, reached = until_the_end(question())
    yield from there
    if reached:
        yield OpenQuestion(subject, (reached,))
