"""
Calls of Organizations: what the accounts file says is told, and nothing is changed by a call.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trustproof.sandbox.authorization.controls import ControlPolicy
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.organization import MANAGEMENT_ACCOUNT, Organization
from trustproof.sandbox.requests.wire import Answer, Call

_READS = ("Describe", "List")
#: Of control policies that the accounts file attaches.
_POLICY_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


def answer(state: State, call: Call) -> Answer | None:
    """
    Answer a call that is allowed.

    Returns:
        None where it is about another service, or moto is to answer.

    Raises:
        RefusedRequest: there is no such account, unit or root.
        Undecided: it changes the organization, or asks for what the accounts file does not say.
    """
    if call.service != "organizations":
        return None
    if not call.operation.startswith(_READS):
        raise Undecided(
            f"{call.operation} would stop nobody: the organization and its units are those of the accounts file, and "
            "its control policies those of the file and of stacks"
        )
    organization = state.surroundings.organization
    if call.account not in organization:
        # moto's answer, that there is none.
        return None
    arn = f"arn:{call.partition}:organizations::{MANAGEMENT_ACCOUNT}"
    told = _Told(organization, arn, call.parameters, state.controls.deployed)
    answers = {
        "DescribeAccount": told.account,
        "DescribeOrganization": told.organization,
        "DescribePolicy": told.policy,
        "ListAccounts": told.accounts,
        "ListAccountsForParent": told.accounts_below,
        "ListOrganizationalUnitsForParent": told.units_below,
        "ListRoots": told.roots,
        "ListTargetsForPolicy": told.targets,
    }
    if call.operation not in answers:
        raise Undecided(f"of the organization in the accounts file {call.operation} tells nothing here")
    if call.operation != "DescribeOrganization" and not organization.manages(call.account):
        raise Undecided(
            f"{call.operation} is for the management account, and for those that it has made administrators; whether "
            f"{call.account} is one is not known here"
        )
    return Answer(200, json.dumps(answers[call.operation]()).encode(), "application/x-amz-json-1.1")


class _Told:
    """
    What is told of an organization.

    Args:
        organization: that of the accounts file.
        arn: what the ARNs in it begin with.
        parameters: of the call.
        policies: those that stacks have made.
    """

    def __init__(
        self, organization: Organization, arn: str, parameters: Mapping[str, Any], policies: Iterable[ControlPolicy]
    ) -> None:
        self._organization = organization
        self._arn = arn
        self._parameters = parameters
        self._policies = {one.id: one for one in policies}

    def organization(self) -> dict[str, Any]:
        identifier = self._organization.id
        described = {
            "Id": identifier,
            "Arn": f"{self._arn}:organization/{identifier}",
            "FeatureSet": "ALL",
            "MasterAccountArn": self._account_arn(MANAGEMENT_ACCOUNT),
            "MasterAccountId": MANAGEMENT_ACCOUNT,
            "MasterAccountEmail": "management@example.com",
        }
        return {"Organization": described}

    def account(self) -> dict[str, Any]:
        wanted = self._parameters.get("AccountId")
        for account, name, _ in self._members():
            if account == wanted:
                return {"Account": self._described(account, name)}
        text = "You specified an account that doesn't exist."
        raise RefusedRequest(text, "AccountNotFoundException")

    def accounts(self) -> dict[str, Any]:
        return {"Accounts": [self._described(account, name) for account, name, _ in self._members()]}

    def accounts_below(self) -> dict[str, Any]:
        below = self._parent()
        return {
            "Accounts": [self._described(account, name) for account, name, unit in self._members() if unit == below]
        }

    def units_below(self) -> dict[str, Any]:
        if self._parent() != self._organization.root_id:
            # A unit of the accounts file may be inside another one, of which the file says nothing.
            raise Undecided("which units are in a unit is not in the accounts file")
        prefix = f"{self._arn}:ou/{self._organization.id}"
        units = [{"Id": id_, "Arn": f"{prefix}/{id_}", "Name": name} for name, id_ in self._organization.units.items()]
        return {"OrganizationalUnits": units}

    def roots(self) -> dict[str, Any]:
        root = self._organization.root_id
        types = [{"Type": kind, "Status": "ENABLED"} for kind in _POLICY_TYPES]
        arn = f"{self._arn}:root/{self._organization.id}/{root}"
        return {"Roots": [{"Id": root, "Arn": arn, "Name": "Root", "PolicyTypes": types}]}

    def policy(self) -> dict[str, Any]:
        found = self._policy()
        summary = {
            "Id": found.id,
            "Arn": f"{self._arn}:policy/{self._organization.id}/{found.type.lower()}/{found.id}",
            "Name": found.name,
            "Description": found.description,
            "Type": found.type,
            "AwsManaged": False,
        }
        return {"Policy": {"PolicySummary": summary, "Content": found.text}}

    def targets(self) -> dict[str, Any]:
        return {"Targets": [self._target(one) for one in self._policy().targets]}

    def _policy(self) -> ControlPolicy:
        found = self._policies.get(str(self._parameters.get("PolicyId")))
        if found is None:
            # Those of the accounts file have no ids.
            raise RefusedRequest(
                "We can't find a policy with the PolicyId that you specified.", "PolicyNotFoundException"
            )
        return found

    def _target(self, target: str) -> dict[str, Any]:
        organization = self._organization
        if target == organization.root_id:
            return {
                "TargetId": target,
                "Arn": f"{self._arn}:root/{organization.id}/{target}",
                "Name": "Root",
                "Type": "ROOT",
            }
        for name, unit in organization.units.items():
            if unit == target:
                arn = f"{self._arn}:ou/{organization.id}/{unit}"
                return {"TargetId": unit, "Arn": arn, "Name": name, "Type": "ORGANIZATIONAL_UNIT"}
        names = {account: name for account, name, _ in self._members()}
        return {"TargetId": target, "Arn": self._account_arn(target), "Name": names[target], "Type": "ACCOUNT"}

    def _parent(self) -> object:
        parent = self._parameters.get("ParentId")
        if parent not in (self._organization.root_id, *self._organization.units.values()):
            raise RefusedRequest("You specified parent that doesn't exist.", "ParentNotFoundException")
        return parent

    def _members(self) -> Iterator[tuple[str, str, str]]:
        """Each account, its name, and what it is in."""
        yield MANAGEMENT_ACCOUNT, "management", self._organization.root_id
        for one in self._organization.accounts.values():
            yield one.id, one.name, one.unit or self._organization.root_id

    def _described(self, account: str, name: str) -> dict[str, Any]:
        return {
            "Id": account,
            "Arn": self._account_arn(account),
            "Email": f"{account}@example.com",
            "Name": name,
            "Status": "ACTIVE",
            "State": "ACTIVE",
            "JoinedMethod": "CREATED",
        }

    def _account_arn(self, account: str) -> str:
        return f"{self._arn}:account/{self._organization.id}/{account}"
