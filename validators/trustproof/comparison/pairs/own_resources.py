"""
What a resource policy stands on, by one name on both sides: a request to the policy is about that, and about nothing
else.

So `"*"`, the ARN of the resource and a pattern that its ARN fits are told apart by what they let in, and not by ARNs in
Regions that do not exist, or of other resources. It is what `properties.shared.own_resource` does for properties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from trustproof.comparison.subjects.subjects import Subject, same_symbols
from trustproof.model.document import RESOURCE, Document
from trustproof.model.substitution import bind_statement, bind_text
from trustproof.model.text import REGION, SECRET_ENDING, Symbol, Symbolic, Text
from trustproof.properties.shared.boundary_questions import mentioned_accounts
from trustproof.properties.shared.own_resource import with_own_resource, with_own_resource_as_any
from trustproof.spec.matching import matches_wildcards, pattern

#: How many fields the ARN of a resource has, and which of them is the Region.
_FIELDS, _REGION_FIELD = 6, 3
_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
#: Stand for a Region, and for what else is not known.
_HERE, _OPEN = "\x01", "\x00"


def with_own_resources(new: Subject, old: Subject, renamed: Mapping[str, str]) -> tuple[Subject, Subject]:
    """
    Two resource policies with one name for what they stand on, in its Region; other policies as they are.

    Where it is open of an entry whether it is about the resource, only the ARN of the resource and ``"*"`` are made
    one.

    Args:
        renamed: logical ids of the new side to those that the same resources have on the old side.
    """
    if new.kind != RESOURCE or old.kind != RESOURCE:
        return new, old
    regions = {*_regions(new), *_regions(old)}
    if len(regions) == 1:
        # Whoever writes out the Region of a queue in its own policy deploys it there.
        here: dict[str, str | Symbol] = {REGION: next(iter(regions))}
        new, old = (_mapped(one, lambda document: _bound(document, here)) for one in (new, old))
    endings = {*_endings(new, old), *_endings(old, new)}
    if len(endings) == 1:
        added: dict[str, str | Symbol] = dict(endings)
        new, old = (_mapped(one, lambda document: _bound(document, added)) for one in (new, old))
    first, second = _named(_as_called(new, renamed)), _named(old)
    names = {document.resource_arn for one in (first, second) if one is not None for document in one.documents}
    if first is not None and second is not None and len(names) == 1:
        return first, second
    return _mapped(new, with_own_resource_as_any), _mapped(old, with_own_resource_as_any)


def with_own_name(deployed: Document | None, compared: Document) -> Document | None:
    """
    A resource policy as it is deployed with some values, with the name that its resource has in the comparison: read
    again, it has what is written, as ``execute-api:/stage/GET/`` of an API.

    Args:
        deployed: None where it then does not exist.
    """
    if deployed is None or deployed.kind != RESOURCE:
        return deployed
    places = Counter(one.path for one in compared.policy.statements)
    entries = {one.path: (one.resources, one.not_resources) for one in compared.policy.statements}
    statements = tuple(
        one._replace(resources=entries[one.path][0], not_resources=entries[one.path][1])
        if places[one.path] == 1 and all(isinstance(text, str) for there in entries[one.path] for text in there or ())
        else one
        for one in deployed.policy.statements
    )
    return deployed._replace(policy=deployed.policy._replace(statements=statements))


def in_account_of_key(new: Subject, old: Subject) -> tuple[Subject, Subject]:
    """
    The policies of a key in the account that both sides name, where nobody says which one the key is in: a policy that
    does not name that account leaves nobody who may change it. Other policies as they are.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    if any(one.resource_type not in _KEYS or one.context.template.account is not None for one in (new, old)):
        return new, old
    here, there = (
        {account for document in one.documents for account in mentioned_accounts(document.policy)} for one in (new, old)
    )
    if len(here & there) != 1 or {new.context.account, old.context.account} & (here | there):
        return new, old
    (account,) = here & there
    return _in_account(new, account), _in_account(old, account)


def _in_account(subject: Subject, account: str) -> Subject:
    """The same in another account, of which its policies say nothing as of theirs."""
    made_up = subject.context.account

    def moved(document: Document) -> Document:
        own = document.resource_arn
        return document if not isinstance(own, str) else document._replace(resource_arn=own.replace(made_up, account))

    return _mapped(subject._replace(context=subject.context.in_account(account)), moved)


def _mapped(subject: Subject, change: Callable[[Document], Document]) -> Subject:
    return subject._replace(documents=tuple(map(change, subject.documents)))


def _bound(document: Document, values: Mapping[str, str | Symbol]) -> Document:
    statements = tuple(bind_statement(one, values) for one in document.policy.statements)
    return document._replace(
        policy=document.policy._replace(statements=statements),
        resource_arn=bind_text(document.resource_arn, values),
        region=str(values.get(REGION, document.region)),
    )


def _as_called(new: Subject, renamed: Mapping[str, str]) -> Subject:
    """The new side with what its own ARN is made of called as on the old side."""

    def called(document: Document) -> Document:
        own = document.resource_arn
        symbols = own.symbols if isinstance(own, Symbolic) else ()
        values: dict[str, str | Symbol] = {**same_symbols(symbols, renamed)}
        return _bound(document, values) if values else document

    return _mapped(new, called)


def _named(subject: Subject) -> Subject | None:
    """A policy with a name for its resource; None where it is open of an entry whether it is about the resource."""
    asked = subject.asked
    found = [with_own_resource(asked._replace(document=document)).document for document in subject.documents]
    is_named = all(isinstance(one.resource_arn, str) and one.resource_arn != "*" for one in found)
    return subject._replace(documents=tuple(found)) if found and is_named else None


def _regions(subject: Subject) -> Iterator[str]:
    """The Regions in which entries of a policy say that its resource stands, where only the Region is not known."""
    for document in subject.documents:
        own = _shown(document.resource_arn).split(":", _FIELDS - 1)
        if len(own) < _FIELDS or own[_REGION_FIELD] != _HERE or _OPEN in ":".join(own[2:]):
            continue
        for statement in document.policy.statements:
            for entry in (*(statement.resources or ()), *(statement.not_resources or ())):
                fields = _shown(entry).split(":", _FIELDS - 1)
                if len(fields) == _FIELDS and _is_name(fields[_REGION_FIELD]) and _is_of(fields, own):
                    yield fields[_REGION_FIELD]


def _endings(one: Subject, other: Subject) -> Iterator[tuple[str, str]]:
    """
    The symbol for what Secrets Manager has added to the name of a secret, and that, where the other side says it: there
    is one secret of a name.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
    """
    own, said = one.arn, other.arn
    if isinstance(own, Symbolic) and isinstance(said, str) and own.symbols[-1].holds == SECRET_ENDING:
        before, dash, ending = said.rpartition("-")
        start = _shown(own)[: -len("-") - 1].split(":")
        fits = zip(start, before.split(":"), strict=False)
        if dash and len(start) == before.count(":") + 1 and all(a == b or a in (_HERE, _OPEN) for a, b in fits):
            yield own.symbols[-1].name, ending


def _is_name(region: str) -> bool:
    return bool(region) and not set(region) & {*"*?$", _HERE, _OPEN}


def _is_of(entry: list[str], own: list[str]) -> bool:
    """Whether an entry fits an ARN, whatever the Region is."""
    others = [place for place in range(2, _FIELDS) if place != _REGION_FIELD]
    return all(matches_wildcards(own[place], pattern(entry[place])) for place in others)


def _shown(text: Text) -> str:
    parts = text.parts if isinstance(text, Symbolic) else (text,)
    return "".join(part if isinstance(part, str) else _HERE if part.name == REGION else _OPEN for part in parts)
