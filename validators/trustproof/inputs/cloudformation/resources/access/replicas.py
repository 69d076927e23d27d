"""
The replicas of secrets, each of which has the policy of the secret.

Whether a secret that is made elsewhere has some is said there. What else is in several Regions has a policy of its own
in each: tables, keys, repositories.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html#mrk-sync-properties
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.branches import branches, items
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.section.api_methods import named_by
from trustproof.inputs.cloudformation.values.catalogue import SECRET_POLICY, STANDS_ON_ARN
from trustproof.inputs.grammar.values import NO_VALUE, NoValue, Unreadable
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.text import SECRET_ENDING, Symbol, Text, concat

_SECRET, _REPLICAS = "AWS::SecretsManager::Secret", "ReplicaRegions"
#: What gives the ARN of a secret back: https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudformation.html
_ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"
#: Condition keys that tell a replica from its secret.
_TELLING = ("aws:requestedregion", "secretsmanager:secretid")
_MADE_ELSEWHERE = (
    "whether the secret has replicas, which have this policy in other Regions, is said where it is made, and not here"
)
#: What is in front of the name of a secret in its ARN, and how many fields an ARN has.
_TYPE, _FIELDS = ":secret:", 6


def with_replicas(resolver: Resolver, copies: Sequence[Document]) -> list[Document]:
    """
    The documents of a policy, and once more each that is the policy of a secret for each Region with a replica.

    Args:
        copies: one policy, for each thing that it stands on.
    """
    found = list(copies)
    for document in copies:
        if document.resource_type == SECRET_POLICY:
            # What stands on something has a number, which the replicas go on with.
            found += [one._replace(place=len(found) + n) for n, one in enumerate(_replicas(resolver, document))]
    return found


def _replicas(resolver: Resolver, document: Document) -> Iterator[Document]:
    properties = resolver.environment.properties(document.logical_id)
    place = resolver.environment.resources[document.logical_id].get(STANDS_ON_ARN, properties.get("SecretId"))
    for named, _, guards in branches(resolver, place, (), document.guards):
        secret = _secret(resolver, named)
        if not secret and _tells_regions_apart(document.policy):
            arn = _anywhere(resolver, document.resource_arn)
            yield document._replace(resource_arn=arn, region="", guards=guards, if_made=_MADE_ELSEWHERE)
        listed = resolver.environment.properties(secret).get(_REPLICAS) if secret else None
        for item, _, inner in items(resolver, listed, (), guards) if listed is not None else ():
            if item is not NO_VALUE:
                region = item.get("Region") if isinstance(item, dict) else None
                arn, here = _in_region(resolver, secret, region)
                yield document._replace(resource_arn=arn, region=here, guards=inner)


def _secret(resolver: Resolver, value: object) -> str:
    """The logical id of the secret of the template that a value names; empty where it names none."""
    environment = resolver.environment
    named = named_by(value)
    if (environment.resource(named) or {}).get("Type") == _ATTACHMENT:
        named = named_by(environment.properties(named).get("SecretId"))
    if (environment.resource(named) or {}).get("Type") == _SECRET:
        return named
    name = _text(resolver, value)
    secrets = environment.of_types((_SECRET,)) if name is not None else ()
    return next((one for one in secrets if name == _text(resolver, environment.properties(one).get("Name"))), "")


def _text(resolver: Resolver, value: object) -> Text | None:
    try:
        found = None if value is None else resolver.text(value)
    except Unreadable:
        return None
    return None if isinstance(found, NoValue) else found


def _in_region(resolver: Resolver, secret: str, region: object) -> tuple[Text, str]:
    """The ARN of a secret in another Region, and the Region; ``*`` and an empty text where it is not known."""
    found = _text(resolver, region)
    if found is None:
        return "*", ""
    return arns.arn(resolver, secret, region), found if isinstance(found, str) else ""


def _anywhere(resolver: Resolver, arn: Text) -> Text:
    """The ARN of a secret in whichever Region; of one that is not known, with a name that nobody knows either."""
    region = Symbol("Region of a replica", "attribute", doubt=_MADE_ELSEWHERE)
    partition, account = (resolver.pseudo_text(f"AWS::{name}") for name in ("Partition", "AccountId"))
    ending = Symbol("end of a replica", "attribute", holds=SECRET_ENDING)
    name: Text = concat([Symbol("name of a replica", "attribute", doubt=_MADE_ELSEWHERE), "-", ending])
    parts = (arn,) if isinstance(arn, str) else arn.parts
    for number, part in enumerate(parts):
        if isinstance(part, str) and _TYPE in part:
            before, _, after = part.partition(_TYPE)
            name = concat([after, *parts[number + 1 :]])
            account = before.rpartition(":")[2] or account
    return concat(["arn:", partition, ":secretsmanager:", region, ":", account, _TYPE, name])


def _tells_regions_apart(policy: Policy) -> bool:
    """Whether a policy may let somebody to a secret in one Region, and not to the same in another."""
    return any(
        bool(statement.not_resources)
        or (statement.effect != ALLOW and not all(map(_is_in_every_region, statement.resources or ())))
        or _looks_at_regions(statement)
        for statement in policy.statements
    )


def _is_in_every_region(entry: Text) -> bool:
    parts = (entry,) if isinstance(entry, str) else entry.parts
    fields = "".join(part if isinstance(part, str) else "\0" for part in parts).split(":", _FIELDS - 1)
    return entry == "*" or (len(fields) == _FIELDS and fields[3] == "*")


def _looks_at_regions(statement: Statement) -> bool:
    return any(
        condition.key.lower() in _TELLING or any("requestedregion" in str(one).lower() for one in condition.operands)
        for condition in statement.conditions
    )
