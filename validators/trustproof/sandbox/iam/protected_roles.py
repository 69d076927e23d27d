"""
What IAM keeps to AWS: paths of roles that nobody else may use, and roles that only AWS changes. Control policies do not
hold a role that is linked to a service, which is told by its path, so nobody may make one by hand.

CloudFormation and the API both come here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from trustproof.aws.linked_roles import linked_role, takes_suffix
from trustproof.sandbox.iam.iam_tags import TagsBackend
from trustproof.sandbox.moto.iam import IamError, Role
from trustproof.sandbox.principals.known_principals import forget

SERVICE_LINKED_PATH = "/aws-service-role/"
#: Of IAM Identity Center.
_RESERVED_PATH = "/aws-reserved/"
_RESERVED_NAME = "awsreservedsso_"
#: Whether it is AWS that changes a role.
_BY_AWS: ContextVar[bool] = ContextVar("_BY_AWS", default=False)


@contextmanager
def by_aws() -> Iterator[None]:
    """Make and change roles as services of AWS do."""
    token = _BY_AWS.set(True)
    try:
        yield
    finally:
        _BY_AWS.reset(token)


class ProtectedRolesBackend(TagsBackend):
    """
    The roles of an account, of which those of services and of Identity Center are only changed by them.
    """

    def check_role_update(self, role_name: str) -> Role:
        """A role whose description and session duration others may change: one that is linked to a service is one."""
        role: Role = self.get_role(role_name)
        if is_of_identity_center(role):
            self._check_modifiable(role_name)
        return role

    def update_assume_role_policy(self, role_name: str, policy_document: str) -> None:
        self._check_modifiable(role_name)
        super().update_assume_role_policy(role_name, policy_document)

    def put_role_permissions_boundary(self, role_name: str, permissions_boundary: str) -> None:
        self._check_modifiable(role_name)
        super().put_role_permissions_boundary(role_name, permissions_boundary)

    def delete_role_permissions_boundary(self, role_name: str) -> None:
        self._check_modifiable(role_name)
        super().delete_role_permissions_boundary(role_name)

    def put_role_policy(self, role_name: str, policy_name: str, policy_json: str) -> None:
        self._check_modifiable(role_name)
        super().put_role_policy(role_name, policy_name, policy_json)

    def delete_role_policy(self, role_name: str, policy_name: str) -> None:
        self._check_modifiable(role_name)
        super().delete_role_policy(role_name, policy_name)

    def attach_role_policy(self, policy_arn: str, role_name: str) -> None:
        self._check_modifiable(role_name)
        super().attach_role_policy(policy_arn, role_name)

    def detach_role_policy(self, policy_arn: str, role_name: str) -> None:
        self._check_modifiable(role_name)
        super().detach_role_policy(policy_arn, role_name)

    def add_role_to_instance_profile(self, profile_name: str, role_name: str) -> None:
        self._check_modifiable(role_name)
        super().add_role_to_instance_profile(profile_name, role_name)

    def delete_role(self, role_name: str) -> None:
        self._check_modifiable(role_name)
        role = self.get_role(role_name)
        super().delete_role(role_name)
        forget(role.arn, role.id)

    def create_service_linked_role(self, service_name: str, description: str, suffix: str) -> Role:
        """
        Make a role that is linked to a service; each has one.

        Where its name is not known, it is refused as undecided: policies name such roles by their ARNs.

        The code and the words for a second one are as users report them; no page of the manual has them.
        """
        name = linked_role(service_name)
        if name is None:
            raise IamError(
                "NotImplemented", f"what the role is called that is linked to {service_name} is not known here"
            )
        if suffix and takes_suffix(service_name) is None:
            raise IamError("NotImplemented", f"whether {service_name} takes a custom suffix is not known here")
        if suffix and not takes_suffix(service_name):
            raise IamError("InvalidInput", f"Custom suffix is not allowed for {service_name}")
        trusted = {"Effect": "Allow", "Principal": {"Service": service_name}, "Action": "sts:AssumeRole"}
        try:
            made: Role = self.create_role(
                f"{name}_{suffix}" if suffix else name,
                json.dumps({"Version": "2012-10-17", "Statement": [trusted]}),
                f"{SERVICE_LINKED_PATH}{service_name}/",
                permissions_boundary=None,
                description=description,
                tags=[],
                max_session_duration="3600",
                linked_service=service_name,
            )
        except IamError as error:
            if error.code != "EntityAlreadyExists":
                raise
            name = str(error.message).removeprefix("Role with name ").removesuffix(" already exists.")
            raise IamError(
                "InvalidInput",
                f"Service role name {name} has been taken in this account, please try a different suffix.",
            ) from None
        return made

    def delete_service_linked_role(self, role_name: str) -> str:
        """
        Delete a role that is linked to a service.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html
        """
        role: Any = self.get_role(role_name)
        if not is_service_linked(role):
            raise IamError("InvalidInput", f"Role {role_name} is not a service-linked role.")
        del self.roles[role.id]
        forget(role.arn, role.id)
        return f"task{role.path}{role_name}/{role.id}"

    def _check_modifiable(self, role_name: str) -> None:
        if _BY_AWS.get():
            return
        if any(
            role.name == role_name and (is_service_linked(role) or is_of_identity_center(role))
            for role in self.get_roles()
        ):
            raise IamError(
                "UnmodifiableEntity",
                f"Cannot perform the operation on the protected role '{role_name}' - this role is only modifiable by"
                " AWS",
            )


def is_service_linked(role: Any) -> bool:
    """Whether a role is linked to a service."""
    return str(role.path).startswith(SERVICE_LINKED_PATH)


def is_of_identity_center(role: Any) -> bool:
    """Whether a role is one that IAM Identity Center has made."""
    return str(role.path).startswith(_RESERVED_PATH)


def check_not_reserved(name: str, path: str) -> None:
    """
    Refuse a path or name that IAM keeps to AWS.

    Raises:
        IamError: it is one.
    """
    if _BY_AWS.get():
        return
    if path.startswith(SERVICE_LINKED_PATH):
        raise IamError(
            "InvalidInput", f"Path prefix '{SERVICE_LINKED_PATH}' can only be used for AWS Service linked Roles"
        )
    if path.startswith(_RESERVED_PATH):
        # Assumed: the manual has the path, and not what IAM says to others that use it.
        raise IamError("InvalidInput", f"Path prefix '{_RESERVED_PATH}' is reserved for AWS")
    if name.lower().startswith(_RESERVED_NAME):
        # Patterns in trust policies name roles of Identity Center by it.
        raise IamError(
            "NotImplemented",
            f"whether IAM takes the name {name}, with which names of roles of IAM Identity Center begin, is not known",
        )
