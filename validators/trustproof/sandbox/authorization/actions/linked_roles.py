"""
Making the roles that are linked to services, which some operations do by themselves with the caller's permission.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trustproof.aws.linked_roles import linked_role
from trustproof.aws.roles_made_for_services import is_listed, linked_services
from trustproof.sandbox.authorization.actions.common import TAGS_OF_REQUEST, named_members
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.credentials.credentials import PARTITION, iam_of

_ACTION = "iam:CreateServiceLinkedRole"
#: The path of such roles, before the name of the service.
_PATH = "/aws-service-role/"
#: By which operations a resource of a template is made, before the last word of its type.
_MAKES = ("Create", "Register", "Request", "Put")


def made_by_request(
    account: str, prefix: str, operation: str, parameters: Mapping[str, Any], also: Iterable[str]
) -> Iterator[Need]:
    """
    The roles that a request makes.

    Whether one is there in the account that a sandbox stands for is not known, so whoever may not make it is answered
    that this is undecided, until it is made.

    Args:
        account: in which the request happens.
        prefix: of the service's actions.
        operation: its name.
        parameters: of the request.
        also: the further actions that the service authorization reference lists for the operation.
    """
    services = list(
        dict.fromkeys(linked_services(prefix, operation, {name: one for name, one in named_members(parameters) if one}))
    )
    for service in services:
        if account and not _is_there(account, service):
            yield _need(account, service, f"{prefix}:{operation}")
    if not services and _ACTION in also and not is_listed(prefix, operation):
        doubt = f"whether {prefix}:{operation} makes a role that is linked to a service is not known here"
        yield Need(
            _ACTION,
            None,
            account or None,
            computed=TAGS_OF_REQUEST,
            unknown=("iam:awsservicename",),
            doubt=doubt,
            delegated=True,
        )


def made_for_type(account: str, prefix: str, kind: str, properties: Mapping[str, Any]) -> Iterator[Need]:
    """
    The roles that making a resource of a template makes.

    Args:
        account: in which it is made.
        prefix: of the service's actions.
        kind: `AWS::RDS::DBInstance`.
        properties: of the resource.
    """
    for verb in _MAKES:
        yield from made_by_request(account, prefix, verb + kind.rpartition("::")[2], properties, ())


def _need(account: str, service: str, by: str) -> Need:
    name = linked_role(service)
    resource = None if name is None else f"arn:{PARTITION}:iam::{account}:role{_PATH}{service}/{name}"
    doubt = (
        f"whether the role that is linked to {service} is there is not known, and {by} makes it where it is not "
        f"(aws iam create-service-linked-role --aws-service-name {service} makes it)"
    )
    keys = {"iam:awsservicename": service}
    return Need(_ACTION, resource, account, keys=keys, computed=TAGS_OF_REQUEST, doubt=doubt, delegated=True)


def _is_there(account: str, service: str) -> bool:
    return any(role.path == f"{_PATH}{service}/" for role in list(iam_of(account).roles.values()))
