"""
The replicas of secrets, each of which has the policy of the secret.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.inputs.cloudformation.evaluation import arns
from trustproof.inputs.cloudformation.evaluation.api_methods import named_by
from trustproof.inputs.cloudformation.evaluation.branches import branches, items
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.values.catalogue import SECRET_POLICY, STANDS_ON_ARN
from trustproof.inputs.grammar.values import NO_VALUE, NoValue, Unreadable
from trustproof.model.document import Document
from trustproof.model.text import Text

_SECRET, _REPLICAS = "AWS::SecretsManager::Secret", "ReplicaRegions"
#: What gives the ARN of a secret back: https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudformation.html
_ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"


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
    return named if (environment.resource(named) or {}).get("Type") == _SECRET else ""


def _in_region(resolver: Resolver, secret: str, region: object) -> tuple[Text, str]:
    """The ARN of a secret in another Region, and the Region; ``*`` and an empty text where it is not known."""
    try:
        found = resolver.text(region)
        if not isinstance(found, NoValue):
            return arns.arn(resolver, secret, region), found if isinstance(found, str) else ""
    except Unreadable:
        pass
    return "*", ""
