"""
Which account each resource of a state is in, where the state does not say by which provider configuration it was made.

https://developer.hashicorp.com/terraform/internals/json-format#state-representation
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.terraform.accounts.providers import DEFAULT, account_of
from trustproof.inputs.terraform.types.table import SHAPES, table
from trustproof.inputs.terraform.values.instances import Instance, without_keys
from trustproof.inputs.terraform.values.known_values import KnownValues

#: Attributes that hold the account of a resource, and what stands before it there.
_SAYS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "arn": r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}):",
        "owner": r"(\d{12})$",
        "queue_url": r"https://sqs\.[\w-]+\.amazonaws\.com(?:\.cn)?/(\d{12})/",
        "registry_id": r"(\d{12})$",
        "resource_arn": r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}):",
        "secret_arn": r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}):",
    }.items()
}
#: Arguments that name a resource of the same account, to its type and the attribute that is its name.
_NAMED = {
    "bucket": ("aws_s3_bucket", "bucket"),
    "function_name": ("aws_lambda_function", "function_name"),
    "group": ("aws_iam_group", "name"),
    "groups": ("aws_iam_group", "name"),
    "key_id": ("aws_kms_key", "key_id"),
    "role": ("aws_iam_role", "name"),
    "role_name": ("aws_iam_role", "name"),
    "roles": ("aws_iam_role", "name"),
    "user": ("aws_iam_user", "name"),
    "user_name": ("aws_iam_user", "name"),
    "users": ("aws_iam_user", "name"),
}

#: The provider configurations of what does not say in which account it is.
_UNTOLD = (DEFAULT, "awscc")


class ToldApart(NamedTuple):
    """
    The resources of a state, each with a provider configuration of its account.
    """

    instances: tuple[Instance, ...]
    #: Why nothing can be proved that depends on several resources; empty where nothing stands in the way.
    doubt: str = ""


def told_apart(instances: Sequence[Instance], depends: Mapping[str, Sequence[str]]) -> ToldApart:
    """
    The resources of a state by account: in the one that their ARN names, or else what they name or depend on.

    Args:
        instances: of one provider configuration each for hashicorp/aws and hashicorp/awscc.
        depends: address to the addresses, without keys, of what it depends on.
    """
    if len({account for one in instances if (account := account_of(one))}) < 2:
        return ToldApart(tuple(instances))
    accounts = {one.address: account for one in instances if (account := _own(one))}
    named = _names(instances)
    for one in instances:
        if one.address not in accounts:
            found = {accounts[address] for address in _about(one, named) if address in accounts}
            if len(found) == 1:
                accounts[one.address] = found.pop()
    by_block: dict[str, set[str]] = {}
    for address, account in accounts.items():
        by_block.setdefault(without_keys(address), set()).add(account)
    for one in instances:
        if one.address not in accounts:
            found = {account for block in depends.get(one.address, ()) for account in by_block.get(block, ())}
            if len(found) == 1:
                accounts[one.address] = found.pop()
    left = [one.address for one in instances if one.address not in accounts and not one.is_data and _counts(one)]
    why = f"the state has several accounts, and does not say which {left[0]} is in" if left else ""
    return ToldApart(tuple(_of(one, accounts.get(one.address)) for one in instances), why)


def refuse_another(instances: Sequence[Instance], account: str | None, file: str) -> None:
    """
    Refuse an account that nothing of a state of several accounts is in.

    Args:
        instances: each with a provider configuration of its account.
        account: that is given.
        file: as the user named it.

    Raises:
        InputError: everything is in others.
    """
    there = sorted({found for one in instances if (found := account_of(one))})
    if account is None or account in there or len(there) < 2:
        return
    if not any(one.provider in _UNTOLD and not one.is_data and _counts(one) for one in instances):
        raise InputError(f"the account {account} is given, and what the state has is in {', '.join(there)}", file)


def _own(instance: Instance) -> str:
    """The account that a resource says itself; empty where it says none."""
    found = account_of(instance)
    values = instance.values
    if found or instance.is_data or not isinstance(values, KnownValues) or not _counts(instance):
        return found
    matches = (pattern.match(str(values.raw(name))) for name, pattern in _SAYS.items())
    return next((match[1] for match in matches if match is not None), "")


def _counts(instance: Instance) -> bool:
    """Whether a resource has to do with access."""
    return instance.type in table() or instance.type in SHAPES


def _names(instances: Iterable[Instance]) -> dict[tuple[str, object], list[str]]:
    """The addresses of resources by type and name."""
    found: dict[tuple[str, object], list[str]] = {}
    for type_, attribute in set(_NAMED.values()):
        for one in instances:
            if one.type == type_ and not one.is_data and isinstance(one.values, KnownValues):
                found.setdefault((type_, one.values.raw(attribute)), []).append(one.address)
    return found


def _about(instance: Instance, named: Mapping[tuple[str, object], Sequence[str]]) -> Iterable[str]:
    """The addresses of what a resource names."""
    values = instance.values
    if not isinstance(values, KnownValues):
        return
    for argument, (type_, _) in _NAMED.items():
        given = values.raw(argument)
        for name in given if isinstance(given, list) else [given]:
            if isinstance(name, str):
                yield from named.get((type_, name), ())


def _of(instance: Instance, account: str | None) -> Instance:
    """A resource as one of the provider configuration of an account."""
    if account is None:
        return instance
    provider = f"{instance.provider}.{account}"
    key, condition, existed = instance.key, instance.condition, instance.existed
    return Instance(
        instance.address, instance.type, provider, instance.values, key=key, condition=condition, existed=existed
    )
