"""
Inline policies of which nobody knows whom they are put on: they may replace one of their name that somebody has.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.holders.entities import Entity
from trustproof.inputs.cloudformation.resources.holders.same_names import inline_name, inline_text
from trustproof.inputs.cloudformation.values.exclusive_claims import INLINE, REPLACED, Claim
from trustproof.model.document import Document
from trustproof.model.text import UNIQUE, Symbol, Symbolic, Text


class _Inline(NamedTuple):
    """
    An inline policy of somebody.
    """

    entity: Entity
    at: int
    name: Text
    text: str


def mark_replaced(resolver: Resolver, documents: Sequence[Document], entities: Iterable[Sequence[Entity]]) -> None:
    """Let each entity keep in mind what it may lose to a policy of which nobody knows whom it is put on."""
    found = [one for several in entities for one in several]
    unclear = [one for one in found if not one.logical_id and isinstance(one.name, Symbolic) and one.documents]
    if not unclear:
        return
    inline: dict[str, list[_Inline]] = {}
    for kind in {one.kind for one in unclear}:
        inline[kind] = [each for one in found if one.kind == kind for each in _inline(resolver, documents, one)]
    for one in unclear:
        for policy in _inline(resolver, documents, one):
            claim = Claim(INLINE, _pieces(one.name), (policy.text,), only=(_pieces(policy.name),), how=REPLACED)
            called = documents[policy.at].logical_id
            reason = f"{called} may replace a policy of its name: whom it is put on is not known ({one.name})"
            for other in inline[one.kind]:
                may_be_called_so = _made_up(policy.name) == _made_up(other.name)
                if may_be_called_so and claim.takes((other.name,), other.text) and _may_be(one, other.entity, claim):
                    other.entity.may_lose((other.at,), reason)


def _inline(resolver: Resolver, documents: Sequence[Document], entity: Entity) -> Iterator[_Inline]:
    for index in dict.fromkeys(entity.documents):
        name = inline_name(resolver, documents[index])
        if name is not None:
            yield _Inline(entity, index, name, inline_text(resolver, documents[index]))


def _made_up(name: Text) -> frozenset[Symbol]:
    """What of a name nothing else has, as Terraform makes it up."""
    symbols = name.symbols if isinstance(name, Symbolic) else ()
    return frozenset(symbol for symbol in symbols if symbol.holds == UNIQUE)


def _may_be(unclear: Entity, entity: Entity, claim: Claim) -> bool:
    """Whether somebody of whom only a part of the name is known, or nothing, may be somebody else."""
    choices = unclear.name.choices if isinstance(unclear.name, Symbolic) else ()
    if entity.name == unclear.name or (choices and isinstance(entity.name, str) and entity.name not in choices):
        return False
    return claim.may_mean(entity.name)


def _pieces(name: Text) -> tuple[str | None, ...]:
    parts = (name,) if isinstance(name, str) else name.parts
    return tuple(part if isinstance(part, str) else None for part in parts)
