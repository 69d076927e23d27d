"""
IAM as moto keeps it, with what moto leaves out: who a trust policy may name, permissions boundaries of users, quotas,
what stands in the way of a deletion, and the unique ids by which policies remember whom they trust.

CloudFormation and the API both come here, so a stack cannot make what a call could not.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import copy
import json
from functools import partial
from typing import Any, cast

from trustproof.sandbox.iam.iam_further_tags import FurtherTagsResponse
from trustproof.sandbox.iam.iam_providers import ProvidersBackend
from trustproof.sandbox.iam.iam_rules import (
    ATTACHED_QUOTA,
    GROUPS_QUOTA,
    MANAGED_POLICY_QUOTA,
    TRUST_POLICY_QUOTA,
    check_duration,
    check_free,
    check_identity_policy,
    check_inline,
    check_name,
    check_own_policy,
    check_size,
    check_trust_policy,
    unique_id,
)
from trustproof.sandbox.iam.protected_roles import ProtectedRolesBackend, check_not_reserved
from trustproof.sandbox.moto.iam import (
    ActionResult,
    EmptyResult,
    Group,
    IamError,
    InstanceProfile,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
    replace_iam,
    utcnow,
)
from trustproof.sandbox.principals.known_principals import exists, follow, forget
from trustproof.sandbox.principals.principals import invalid_principals

#: The policies that AWS manages, by partition.
_AWS_POLICIES: dict[str, list[ManagedPolicy]] = {}


def install() -> None:
    """Let every IAM of moto that is made from now on be this one."""
    replace_iam(SandboxIam, SandboxIamResponse, check_identity_policy, check_trust_policy)


def boundary_arn(user: User) -> str | None:
    """The ARN of the permissions boundary of a user; None without one."""
    found = getattr(user, "permissions_boundary", None)
    return found["PermissionsBoundaryArn"] if found else None


class SandboxIam(ProtectedRolesBackend, ProvidersBackend):
    """
    IAM of one account and partition.
    """

    def _init_aws_policies(self) -> list[ManagedPolicy]:
        """
        The policies that AWS manages, which are the same in every account and cannot be changed.

        moto reads all of them again for each account, half a second each time.
        """
        if self.partition not in _AWS_POLICIES:
            _AWS_POLICIES[self.partition] = super()._init_aws_policies()
        copies = [copy.copy(policy) for policy in _AWS_POLICIES[self.partition]]
        for policy in copies:
            policy.account_id = self.account_id
        return copies

    # Roles

    def create_role(
        self,
        role_name: str,
        assume_role_policy_document: str,
        path: str,
        permissions_boundary: str | None,
        description: str,
        tags: list[dict[str, str]],
        max_session_duration: str | None,
        linked_service: str | None = None,
    ) -> Role:
        check_name("role", role_name, path)
        if linked_service is None:
            check_not_reserved(role_name, path or "/")
        self._check_trust(assume_role_policy_document)
        check_duration(max_session_duration)
        self.check_boundary(permissions_boundary)
        check_free("Role with name", role_name, (role.name for role in self.get_roles()))
        return super().create_role(
            role_name,
            assume_role_policy_document,
            path,
            permissions_boundary,
            description,
            tags,
            max_session_duration,
            linked_service,
        )

    def update_assume_role_policy(self, role_name: str, policy_document: str) -> None:
        self.get_role(role_name)
        self._check_trust(policy_document)
        super().update_assume_role_policy(role_name, policy_document)

    def update_role(self, role_name: str, role_description: str | None, max_session_duration: Any) -> Role:
        """Change what is given; moto would erase a description that is not."""
        role = self.check_role_update(role_name)
        check_duration(max_session_duration)
        if role_description is not None:
            role.description = role_description
        if max_session_duration is not None:
            role.max_session_duration = max_session_duration
        return role

    def put_role_permissions_boundary(self, role_name: str, permissions_boundary: str) -> None:
        self.check_boundary(permissions_boundary)
        super().put_role_permissions_boundary(role_name, permissions_boundary)

    def put_role_policy(self, role_name: str, policy_name: str, policy_json: str) -> None:
        check_inline("role", self.get_role(role_name), policy_name, policy_json)
        super().put_role_policy(role_name, policy_name, policy_json)

    def attach_role_policy(self, policy_arn: str, role_name: str) -> None:
        if self._may_attach(self.get_role(role_name), policy_arn, "Role"):
            super().attach_role_policy(policy_arn, role_name)

    # Users

    def create_user(
        self, region_name: str, user_name: str, path: str = "/", tags: list[dict[str, str]] | None = None
    ) -> User:
        check_name("user", user_name, path)
        check_free("User with name", user_name, self.users)
        self._tag_verification(tags or [])
        user = super().create_user(region_name, user_name, path, tags)
        user.id = unique_id("AIDA")
        return user

    def put_user_permissions_boundary(self, user_name: str, permissions_boundary: str) -> None:
        """
        Limit a user.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
        """
        user = self.get_user(user_name)
        self.check_boundary(permissions_boundary)
        # moto answers with attributes by their names in the shape; a user of its own has none of this one.
        vars(user)["permissions_boundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": permissions_boundary,
        }

    def delete_user_permissions_boundary(self, user_name: str) -> None:
        """Let go of the limit of a user."""
        user = self.get_user(user_name)
        if boundary_arn(user) is None:
            raise IamError("NoSuchEntity", f"User {user_name} has no permissions boundary.")
        vars(user)["permissions_boundary"] = None

    def put_user_policy(self, user_name: str, policy_name: str, policy_json: str) -> None:
        check_inline("user", self.get_user(user_name), policy_name, policy_json)
        super().put_user_policy(user_name, policy_name, policy_json)

    def attach_user_policy(self, policy_arn: str, user_name: str) -> None:
        if self._may_attach(self.get_user(user_name), policy_arn, "User"):
            super().attach_user_policy(policy_arn, user_name)

    def add_user_to_group(self, group_name: str, user_name: str) -> None:
        self.get_group(group_name)
        groups = {group.name for group in self.get_groups_for_user(user_name)}
        if len(groups | {group_name}) > GROUPS_QUOTA:
            raise IamError("LimitExceeded", f"Cannot exceed quota for GroupsPerUser: {GROUPS_QUOTA}")
        super().add_user_to_group(group_name, user_name)

    def update_user(self, user_name: str, new_path: str | None = None, new_user_name: str | None = None) -> None:
        user, taken = self.get_user(user_name), new_user_name in self.users and new_user_name != user_name
        if taken:
            raise IamError("EntityAlreadyExists", f"User with name {new_user_name} already exists.")
        old = user.arn
        super().update_user(user_name, new_path, new_user_name)
        follow(self, user, old)

    def delete_user(self, user_name: str) -> None:
        user = self.get_user(user_name)
        for held, what in (
            (user.access_keys, "must delete access keys first"),
            (user.mfa_devices, "must delete MFA device first"),
            (user.password, "must delete login profile first"),
            (self.get_groups_for_user(user_name), "must remove users from group first"),
            (user.signing_certificates, "must delete signing certificates first"),
            (user.ssh_public_keys, "must delete SSH public keys first"),
            (self.service_credentials(user_name), "must delete service specific credentials first"),
        ):
            if held:
                raise IamError("DeleteConflict", f"Cannot delete entity, {what}.")
        super().delete_user(user_name)
        forget(user.arn, user.id)

    # Groups

    def create_group(self, group_name: str, path: str = "/") -> Group:
        check_name("group", group_name, path)
        check_free("Group with name", group_name, self.groups)
        group = super().create_group(group_name, path or "/")
        group.id = unique_id("AGPA")
        return group

    def put_group_policy(self, group_name: str, policy_name: str, policy_json: str) -> None:
        check_inline("group", self.get_group(group_name), policy_name, policy_json)
        super().put_group_policy(group_name, policy_name, policy_json)

    def attach_group_policy(self, policy_arn: str, group_name: str) -> None:
        if self._may_attach(self.get_group(group_name), policy_arn, "Group"):
            super().attach_group_policy(policy_arn, group_name)

    def update_group(self, group_name: str, new_group_name: str | None, new_path: str | None) -> None:
        """
        Give a group another name, another path, or both; moto would leave the path without a name.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html
        """
        group = self.get_group(group_name)
        name, group_path = new_group_name or group_name, new_path or group.path
        check_name("group", name, group_path)
        check_free("Group with name", name, (one for one in self.groups if one != group_name))
        group.path = group_path
        if name != group_name:
            super().update_group(group_name, name, group_path)

    def delete_group(self, group_name: str) -> None:
        group = self.get_group(group_name)
        for held, what in (
            (group.users, "must remove users from group first"),
            (group.managed_policies, "must detach all policies first"),
            (group.policies, "must delete policies first"),
        ):
            if held:
                raise IamError("DeleteConflict", f"Cannot delete entity, {what}.")
        super().delete_group(group_name)

    # Managed policies

    def create_policy(
        self, description: str, path: str, policy_document: str, policy_name: str, tags: list[dict[str, str]]
    ) -> ManagedPolicy:
        check_name("policy", policy_name, path)
        check_size("policy", policy_document, MANAGED_POLICY_QUOTA)
        own = (one.name for one in self.managed_policies.values() if ":aws:policy/" not in one.arn)
        check_free("A policy called", policy_name, own)
        policy = super().create_policy(description, path, policy_document, policy_name, tags)
        policy.id = unique_id("ANPA")
        return policy

    def create_policy_version(self, policy_arn: str, policy_document: str, set_as_default: bool) -> PolicyVersion:
        self._own_policy(policy_arn)
        check_size("policy", policy_document, MANAGED_POLICY_QUOTA)
        version = super().create_policy_version(policy_arn, policy_document, set_as_default)
        self.get_policy(policy_arn).update_date = utcnow()
        return version

    def set_default_policy_version(self, policy_arn: str, version_id: str) -> bool:
        """
        Make a version the default, or leave it that: moto would leave the policy without one.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
        """
        if version_id == self._own_policy(policy_arn).default_version_id:
            return True
        found: bool = super().set_default_policy_version(policy_arn, version_id)
        return found

    def delete_policy_version(self, policy_arn: str, version_id: str) -> None:
        self._own_policy(policy_arn)
        super().delete_policy_version(policy_arn, version_id)

    def delete_policy(self, policy_arn: str) -> None:
        policy = self._own_policy(policy_arn)
        attached = [one for one in self._identities() if policy_arn in one.managed_policies]
        limited = [role for role in self.get_roles() if role.permissions_boundary_arn == policy_arn]
        limited_users = [user for user in self.users.values() if boundary_arn(user) == policy_arn]
        if attached or limited or limited_users:
            raise IamError("DeleteConflict", "Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise IamError(
                "DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must delete the policy's"
                " versions. The default version is deleted with the policy.",
            )
        super().delete_policy(policy_arn)

    # Instance profiles

    def create_instance_profile(
        self, name: str, path: str, role_names: list[str], tags: list[dict[str, str]] | None = None
    ) -> InstanceProfile:
        check_name("instance profile", name, path)
        check_free("Instance Profile", name, self.instance_profiles)
        profile = super().create_instance_profile(name, path, role_names, tags)
        profile.id = unique_id("AIPA")
        return profile

    def remove_role_from_instance_profile(self, profile_name: str, role_name: str) -> None:
        if self.get_role(role_name) not in self.get_instance_profile(profile_name).roles:
            raise IamError("NoSuchEntity", f"Role {role_name} is not in instance profile {profile_name}.")
        super().remove_role_from_instance_profile(profile_name, role_name)

    # What is common to them

    def _identities(self) -> list[Any]:
        return [*self.get_roles(), *self.users.values(), *self.groups.values()]

    def _own_policy(self, policy_arn: str) -> ManagedPolicy:
        check_own_policy(policy_arn)
        return self.get_policy(policy_arn)

    def _check_trust(self, text: str) -> None:
        check_trust_policy(text)
        check_size("trust policy", text, TRUST_POLICY_QUOTA, "ACLSizePerRole")
        invalid = invalid_principals(json.loads(text), partial(exists, asking=self.account_id))
        if invalid:
            raise IamError("MalformedPolicyDocument", f"Invalid principal in policy: {invalid[0]}")

    def check_boundary(self, arn: str | None) -> None:
        """Refuse a permissions boundary that is no policy."""
        if arn and arn not in self.managed_policies:
            raise IamError("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.")

    def _may_attach(self, identity: Any, policy_arn: str, kind: str) -> bool:
        """Whether there is anything to do: AWS takes a second attachment for none."""
        if policy_arn not in self.managed_policies:
            raise IamError("NoSuchEntity", f"Policy {policy_arn} does not exist or is not attachable.")
        if policy_arn in identity.managed_policies:
            return False
        if len(identity.managed_policies) >= ATTACHED_QUOTA:
            raise IamError("LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind}: {ATTACHED_QUOTA}")
        return True


class SandboxIamResponse(FurtherTagsResponse):
    """
    The operations of IAM that moto does not have, or reads too little of.
    """

    @property
    def backend(self) -> SandboxIam:
        return cast("SandboxIam", super().backend)

    def create_user(self) -> ActionResult:
        """CreateUser, with a permissions boundary."""
        boundary = self._get_param("PermissionsBoundary")
        self.backend.check_boundary(boundary)
        made = super().create_user()
        if boundary:
            self.backend.put_user_permissions_boundary(self._get_param("UserName"), boundary)
        return made

    def update_role(self) -> ActionResult:
        """UpdateRole, which changes what is given and nothing else."""
        self.backend.update_role(
            self._get_param("RoleName"), self._get_param("Description"), self._get_param("MaxSessionDuration")
        )
        return EmptyResult()

    def put_user_permissions_boundary(self) -> ActionResult:
        """PutUserPermissionsBoundary."""
        self.backend.put_user_permissions_boundary(self._get_param("UserName"), self._get_param("PermissionsBoundary"))
        return EmptyResult()

    def delete_user_permissions_boundary(self) -> ActionResult:
        """DeleteUserPermissionsBoundary."""
        self.backend.delete_user_permissions_boundary(self._get_param("UserName"))
        return EmptyResult()

    def add_client_id_to_open_id_connect_provider(self) -> ActionResult:
        """AddClientIDToOpenIDConnectProvider."""
        self.backend.add_client_id(self._get_param("OpenIDConnectProviderArn"), self._get_param("ClientID"))
        return EmptyResult()

    def remove_client_id_from_open_id_connect_provider(self) -> ActionResult:
        """RemoveClientIDFromOpenIDConnectProvider."""
        self.backend.remove_client_id(self._get_param("OpenIDConnectProviderArn"), self._get_param("ClientID"))
        return EmptyResult()
