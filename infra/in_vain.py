"""
Control policies of the accounts file in vain: those that leave roles nothing to do, or that reach nothing.

Both are what somebody may want (an account that is closed, a service that is newer than this), so that they are said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import trustproof
from infra._partitions import partition_of
from infra.accounts import Account, Accounts
from infra.control_policies import RESOURCE, SERVICE, TABLES, ControlPolicy, targets_of
from infra.meant_callers import Keys, meant_callers
from trustproof_cdk.require_mfa_guardrail import RESOURCE_SERVICES

_FULL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def in_vain(accounts: Accounts) -> Iterator[str]:
    """Messages of accounts whose roles are denied everything, and of services that no control policy reaches."""
    with_roles = {role.account.name for role in meant_callers(accounts) if role.account is not None}
    for account in accounts.accounts:
        # No service control policy holds for the management account, which any of those that lead on may be.
        may_manage = account.kind == "management" or (account.leads_on and accounts.of_kind("management") is None)
        if account.name in with_roles and not may_manage:
            yield from _powerless(accounts, account)
    yield from _unreached(accounts)


def _powerless(accounts: Accounts, account: Account) -> Iterator[str]:
    """A message where all roles of an account are denied all actions."""
    # Sessions of roles never carry MFA.
    known: Keys = {
        "aws:PrincipalArn": [f"arn:{partition_of(account.region)}:iam::{account.id}:role/*"],
        "aws:PrincipalAccount": [account.id],
        "aws:PrincipalOrgID": [accounts.organization],
        "aws:PrincipalType": ["AssumedRole"],
        "aws:username": [None],
        "aws:MultiFactorAuthPresent": [None, "false"],
        "aws:MultiFactorAuthAge": [None],
        "aws:PrincipalIsAWSService": ["false"],
    }
    for target in targets_of(account.name, account.unit):
        for policy in accounts.control_policies.attached[SERVICE].get(target, ()):
            everything = [one for one in _statements(policy) if _listed(one.get("Action")) == ["*"]]
            texts: list[Mapping[str, object]] = [_FULL, {"Version": "2012-10-17", "Statement": everything}]
            if everything and trustproof.control_denials([texts], ["*"], "*", known, kind=SERVICE):
                place = accounts.control_policies.place.at(TABLES[SERVICE], target)
                yield str(
                    place.error(
                        f"leaves the roles of {account.name} nothing to do: {policy.name} denies them everything; take "
                        "the access to it out of the file, or spare the roles there"
                    )
                )
                return


def _unreached(accounts: Accounts) -> Iterator[str]:
    """A message for each resource control policy that names services of which none is reached."""
    for target, policies in accounts.control_policies.attached[RESOURCE].items():
        for policy in policies:
            actions = [action for one in _statements(policy) for action in _listed(one.get("Action"))]
            services = {action.partition(":")[0].lower() for action in actions if ":" in action}
            unknown = sorted(one for one in services - {*RESOURCE_SERVICES} if "*" not in one and "?" not in one)
            if unknown and policy.name not in ("FullAWSAccess", "RCPFullAWSAccess"):
                place = accounts.control_policies.place.at(TABLES[RESOURCE], target)
                yield str(
                    place.error(
                        f"names {', '.join(unknown)} in {policy.name}, and resource control policies reach "
                        f"{', '.join(RESOURCE_SERVICES)}, as far as is known here: AWS refuses it, or denies nothing"
                    )
                )


def _statements(policy: ControlPolicy) -> Sequence[dict[str, Any]]:
    found = json.loads(policy.text)["Statement"]
    return found if isinstance(found, list) else [found]


def _listed(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(map(str, value)) if isinstance(value, list) else []
