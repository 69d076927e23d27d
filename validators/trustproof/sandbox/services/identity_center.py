"""
IAM Identity Center of the management account: permission sets, and the roles that it makes of them in the accounts in
which they are assigned. Who the people and groups are, it does not know: whoever holds an assignment is played by an
assertion of the account's `AWSSSO_…` identity provider.

CloudFormation and the API both come here.
https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import PARTITION, iam_of
from trustproof.sandbox.iam.protected_roles import by_aws
from trustproof.sandbox.moto.iam import IamError
from trustproof.sandbox.moto.identity_center import (
    AccountAssignment,
    Backend,
    ConflictException,
    JsonRESTError,
    ManagedPolicy,
    PermissionSet,
    ResourceNotFoundException,
    backend_of,
    replace_identity_center,
    store_of,
)
from trustproof.sandbox.organization import DEFAULT_REGION, MANAGEMENT_ACCOUNT

#: Identity Center makes its roles so, whatever the session duration of the permission set:
#: https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html
_DURATION = "43200"
_DEFAULT_DURATION = "PT1H"
_INLINE_POLICY = "AwsSSOInlinePolicy"
_NAME = re.compile(r"[\w+=,.@-]{1,32}", re.ASCII)
_AUDIENCE = "https://signin.aws.amazon.com/saml"


def install(state: State) -> None:
    """Let every Identity Center of moto that is made from now on be this one, of an organization."""

    class OfOrganization(IdentityCenter):
        def _is_account(self, account: str) -> bool:
            return account in state.organization

        def _metadata(self, name: str) -> str:
            return state.issuers.new_provider(name)

    replace_identity_center(OfOrganization)


def identity_center() -> Any:
    """That of the management account."""
    return backend_of(MANAGEMENT_ACCOUNT, DEFAULT_REGION)


def identity_store(store: str) -> Any:
    """That of the management account, which has its users and groups; None where it has another id."""
    (instance,) = identity_center().instances
    return store_of(MANAGEMENT_ACCOUNT, DEFAULT_REGION) if store == instance.identity_store_id else None


def why_elsewhere(account: str, region: str) -> str:
    """Why an account has no Identity Center in a Region; empty where it has."""
    if (account, region) == (MANAGEMENT_ACCOUNT, DEFAULT_REGION):
        return ""
    return (
        f"IAM Identity Center is that of the organization, in account {MANAGEMENT_ACCOUNT} and {DEFAULT_REGION}, and"
        " has no delegated administrator"
    )


class IdentityCenter(Backend):
    """
    Permission sets and assignments, with the roles that these are in the accounts.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        #: By the account and the ARN of the permission set.
        self.roles: dict[tuple[str, str], str] = {}
        #: By the ARN of the permission set, as the API writes them.
        self._boundaries: dict[str, dict[str, Any]] = {}
        self._progress: dict[str, dict[str, Any]] = {}
        #: Which attributes of people become tags of their sessions; None where that is not enabled.
        self.attributes: list[Any] | None = None

    def _is_account(self, account: str) -> bool:
        raise NotImplementedError

    def _metadata(self, name: str) -> str:
        raise NotImplementedError

    # Permission sets

    def create_permission_set(
        self,
        name: str,
        description: str | None,
        instance_arn: str,
        session_duration: Any,
        relay_state: str | None,
        tags: Any,
    ) -> dict[str, Any]:
        if not _NAME.fullmatch(name or ""):
            raise JsonRESTError("ValidationException", f"{name} is no name of a permission set")
        self._check_instance(instance_arn)
        if any(one.name == name for one in self.permission_sets):
            raise ConflictException(f"PermissionSet with name {name} already exists.")
        duration = session_duration if isinstance(session_duration, str) else _DEFAULT_DURATION
        super().create_permission_set(name, description or "", instance_arn, duration, relay_state or "", tags or [])
        made = self.permission_sets[-1]
        # moto calls it by the ARN of the instance, and policies name it by its own:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamidentitycenter.html
        instance = instance_arn.rpartition("/")[2]
        made.permission_set_arn = f"arn:{PARTITION}:sso:::permissionSet/{instance}/ps-{secrets.token_hex(8)}"
        return made.to_json(include_creation_date=True)

    def update_permission_set(
        self,
        instance_arn: str,
        permission_set_arn: str,
        description: str | None,
        session_duration: Any,
        relay_state: str | None,
    ) -> dict[str, Any]:
        """Change what is given; moto would erase what is not."""
        found = self._find_permission_set(instance_arn, permission_set_arn)
        return super().update_permission_set(
            instance_arn,
            permission_set_arn,
            found.description if description is None else description,
            session_duration if isinstance(session_duration, str) else found.session_duration,
            found.relay_state if relay_state is None else relay_state,
        )

    def delete_permission_set(self, instance_arn: str, permission_set_arn: str) -> dict[str, Any]:
        if any(one.permission_set_arn == permission_set_arn for one in self.account_assignments):
            raise ConflictException("Could not delete because PermissionSet has ApplicationProfile associated with it")
        return super().delete_permission_set(instance_arn, permission_set_arn)

    def _find_managed_policy(self, managed_policy_arn: str) -> ManagedPolicy:
        """A policy that AWS manages; moto knows those without a path only."""
        known = {policy.arn: policy.name for policy in iam_of(self.account_id).aws_managed_policies}
        if managed_policy_arn not in known:
            raise ResourceNotFoundException(f"Policy does not exist with ARN: {managed_policy_arn}")
        return ManagedPolicy(managed_policy_arn, known[managed_policy_arn])

    def list_accounts_for_provisioned_permission_set(self, instance_arn: str, permission_set_arn: str) -> list[str]:
        self._find_permission_set(instance_arn, permission_set_arn)
        return [account for account, arn in self.roles if arn == permission_set_arn]

    def describe(self, instance_arn: str, permission_set_arn: str) -> PermissionSet:
        """A permission set, as it is kept."""
        return self._find_permission_set(instance_arn, permission_set_arn)

    def boundary(self, instance_arn: str, permission_set_arn: str) -> dict[str, Any]:
        """The permissions boundary of a permission set, as the API writes it."""
        self._find_permission_set(instance_arn, permission_set_arn)
        if permission_set_arn not in self._boundaries:
            raise ResourceNotFoundException(f"{permission_set_arn} has no permissions boundary")
        return self._boundaries[permission_set_arn]

    def set_boundary(self, instance_arn: str, permission_set_arn: str, boundary: dict[str, Any] | None) -> None:
        """Limit a permission set, or limit it no more."""
        self._find_permission_set(instance_arn, permission_set_arn)
        if boundary is None:
            self._boundaries.pop(permission_set_arn, None)
        else:
            self._boundaries[permission_set_arn] = boundary

    # Attributes for access control

    def create_attributes(self, instance_arn: str, attributes: list[Any]) -> None:
        """Enable attributes for access control."""
        self._check_instance(instance_arn)
        if self.attributes is not None:
            raise ConflictException("InstanceAccessControlAttributeConfiguration already exists.")
        self.attributes = attributes

    def update_attributes(self, instance_arn: str, attributes: list[Any]) -> None:
        """Let them be others."""
        self.described_attributes(instance_arn)
        self.attributes = attributes

    def delete_attributes(self, instance_arn: str) -> None:
        """Disable them."""
        self.described_attributes(instance_arn)
        self.attributes = None

    def described_attributes(self, instance_arn: str) -> list[Any]:
        """Which there are."""
        self._check_instance(instance_arn)
        if self.attributes is None:
            raise ResourceNotFoundException("InstanceAccessControlAttributeConfiguration does not exist.")
        return self.attributes

    # Assignments

    def create_account_assignment(
        self,
        instance_arn: str,
        target_id: str,
        target_type: str,
        permission_set_arn: str,
        principal_type: str,
        principal_id: str,
    ) -> dict[str, Any]:
        """Assign a permission set, and make its role where the account has none yet; how that went is the answer."""
        found = self._find_permission_set(instance_arn, permission_set_arn)
        given = (instance_arn, target_id, target_type, permission_set_arn, principal_type, principal_id)
        assignment = AccountAssignment(*given)

        def assign() -> None:
            if target_type != "AWS_ACCOUNT" or not self._is_account(target_id):
                raise ResourceNotFoundException(f"Account {target_id} is not a member of the organization")
            if (target_id, permission_set_arn) not in self.roles:
                self._make_role(target_id, found)
            if not any(_said(one) == _said(assignment) for one in self.account_assignments):
                self.account_assignments.append(assignment)

        return self._done(assignment.request_id, _said(assignment), assign)

    def delete_account_assignment(
        self,
        instance_arn: str,
        target_id: str,
        target_type: str,
        permission_set_arn: str,
        principal_type: str,
        principal_id: str,
    ) -> dict[str, Any]:
        """Take an assignment back, and with the last one of an account its role."""
        given = (instance_arn, target_id, target_type, permission_set_arn, principal_type, principal_id)
        assignment = self._find_account(*given)

        def take_back() -> None:
            self.account_assignments.remove(assignment)
            self.deleted_account_assignments.append(assignment)
            rest = [(one.target_id, one.permission_set_arn) for one in self.account_assignments]
            if (target_id, permission_set_arn) not in rest:
                self._remove_role(target_id, self.roles.pop((target_id, permission_set_arn)))

        return self._done(str(uuid4()), _said(assignment), take_back)

    def provision(self, permission_set_arn: str, accounts: list[str] | None = None) -> dict[str, Any]:
        """
        Bring the roles of a permission set to what it is now: a change of it reaches no role before.

        Args:
            permission_set_arn: which one.
            accounts: where; everywhere where it is None.
        """
        found = next((one for one in self.permission_sets if one.permission_set_arn == permission_set_arn), None)
        if found is None:
            raise ResourceNotFoundException(f"Could not find PermissionSet with id {permission_set_arn}")
        where = [account for account, arn in self.roles if arn == permission_set_arn]

        def fill() -> None:
            for account in where if accounts is None else accounts:
                if account not in where:
                    raise ResourceNotFoundException(f"{found.name} is not assigned in account {account}")
                with by_aws():
                    self._fill(account, self.roles[account, permission_set_arn], found)

        said = {"PermissionSetArn": permission_set_arn, **({"AccountId": accounts[0]} if accounts else {})}
        return self._done(str(uuid4()), said, fill)

    def progress(self, request_id: str) -> dict[str, Any]:
        """How a request went."""
        if request_id not in self._progress:
            raise ResourceNotFoundException(f"Could not find a request with id {request_id}")
        return self._progress[request_id]

    def _done(self, request_id: str, said: dict[str, Any], act: Callable[[], None]) -> dict[str, Any]:
        """Do something that AWS does while others wait for it, and say how it went."""
        status: dict[str, Any] = {"Status": "SUCCEEDED", "RequestId": request_id, **said}
        try:
            act()
        except (IamError, ResourceNotFoundException) as error:
            status |= {"Status": "FAILED", "FailureReason": str(error.message)}
        self._progress[request_id] = status
        return status

    def _check_instance(self, arn: str) -> None:
        if all(one.instance_arn != arn for one in self.instances):
            raise ResourceNotFoundException(f"Could not find Instance {arn}")

    # Roles

    def _make_role(self, account: str, found: PermissionSet) -> None:
        """https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html"""
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": self._provider(account)},
                    "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                    "Condition": {"StringEquals": {"SAML:aud": _AUDIENCE}},
                }
            ],
        }
        name = f"AWSReservedSSO_{found.name}_{secrets.token_hex(8)}"
        # In us-east-1 alone, the path has no Region.
        path = f"/aws-reserved/sso.amazonaws.com/{self.region_name}/"
        with by_aws():
            iam = iam_of(account)
            iam.create_role(name, json.dumps(trust), path, None, found.description, [], _DURATION)
            try:
                self._fill(account, name, found)
            except IamError:
                self._remove_role(account, name)
                raise
        self.roles[account, found.permission_set_arn] = name

    def _provider(self, account: str) -> str:
        """The ARN of the identity provider by which people of Identity Center come into an account."""
        there = iam_of(account)
        for provider in there.saml_providers.values():
            if provider.name.startswith("AWSSSO_") and provider.name.endswith("_DO_NOT_DELETE"):
                return str(provider.arn)
        name = f"AWSSSO_{secrets.token_hex(8)}_DO_NOT_DELETE"
        return str(there.create_saml_provider(name, self._metadata(name)).arn)

    def _fill(self, account: str, name: str, found: PermissionSet) -> None:
        """Give a role what its permission set has, and nothing else."""
        iam = iam_of(account)
        own = [f"arn:{PARTITION}:iam::{account}:policy{one.path}{one.name}" for one in found.customer_managed_policies]
        wanted = [*(one.arn for one in found.managed_policies), *own]
        for arn in own:
            iam.get_policy(arn)
        attached = list(iam.get_role(name).managed_policies)
        for arn in attached:
            if arn not in wanted:
                iam.detach_role_policy(arn, name)
        for arn in wanted:
            if arn not in attached:
                iam.attach_role_policy(arn, name)
        boundary = self._boundary_in(account, found)
        if boundary is not None:
            iam.put_role_permissions_boundary(name, boundary)
        elif iam.get_role(name).permissions_boundary_arn:
            iam.delete_role_permissions_boundary(name)
        if found.inline_policy:
            iam.put_role_policy(name, _INLINE_POLICY, found.inline_policy)
        elif _INLINE_POLICY in iam.list_role_policies(name):
            iam.delete_role_policy(name, _INLINE_POLICY)

    def _boundary_in(self, account: str, found: PermissionSet) -> str | None:
        """The ARN that the permissions boundary of a permission set has in an account."""
        given = self._boundaries.get(found.permission_set_arn, {})
        own = given.get("CustomerManagedPolicyReference")
        if own is not None:
            return f"arn:{PARTITION}:iam::{account}:policy{own.get('Path') or '/'}{own['Name']}"
        arn = given.get("ManagedPolicyArn")
        return None if arn is None else str(arn)

    def _remove_role(self, account: str, name: str) -> None:
        iam = iam_of(account)
        with by_aws():
            for arn in list(iam.get_role(name).managed_policies):
                iam.detach_role_policy(arn, name)
            for policy in list(iam.list_role_policies(name)):
                iam.delete_role_policy(name, policy)
            iam.delete_role(name)


def _said(assignment: AccountAssignment) -> dict[str, Any]:
    """What a request of an assignment says of it."""
    return {
        "TargetId": assignment.target_id,
        "TargetType": assignment.target_type,
        "PermissionSetArn": assignment.permission_set_arn,
        "PrincipalType": assignment.principal_type,
        "PrincipalId": assignment.principal_id,
    }
