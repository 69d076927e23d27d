"""
The door to moto's IAM: what `iam` builds on, and how its classes take the place of moto's.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.iam import models, urls
from moto.iam.exceptions import IAMException as IamError
from moto.iam.models import (
    Group,
    IAMBackend,
    InstanceProfile,
    ManagedPolicy,
    OpenIDConnectProvider,
    PolicyVersion,
    Role,
    SAMLProvider,
    User,
    iam_backends,
)
from moto.iam.responses import IamResponse
from moto.s3.models import s3_backends

__all__ = [
    "ActionResult",
    "Backend",
    "EmptyResult",
    "Group",
    "IAMBackend",
    "IamError",
    "IamResponse",
    "InstanceProfile",
    "ManagedPolicy",
    "OpenIDConnectProvider",
    "PolicyVersion",
    "Role",
    "SAMLProvider",
    "ServiceException",
    "User",
    "bucket_policies",
    "iam_backends",
    "replace_iam",
    "set_bucket_policy",
    "utcnow",
]


class Backend(IAMBackend):
    """
    The base of a back end that is defined outside of moto, which looks for the addresses of a service beside its class.
    """

    @property
    def _url_module(self) -> Any:
        return urls


def replace_iam(
    backend: type[Backend],
    response: type[IamResponse],
    check_identity_policy: Callable[[str], None],
    check_trust_policy: Callable[[str], None],
) -> None:
    """
    Let moto's IAM be ours, for every account that is made from now on.

    Args:
        backend: what keeps the entities of an account.
        response: what reads requests and writes answers.
        check_identity_policy: raises for a text that is no identity policy.
        check_trust_policy: raises for a text that is no trust policy.
    """
    iam_backends.clear()
    iam_backends.backend = backend
    # Both forms occur: the table of the module, and what moto made of it when it was imported.
    urls.url_paths["{0}/$"] = response.dispatch
    # moto writes what it finds by these names, and has none of them in GetAccountAuthorizationDetails.
    setattr(ManagedPolicy, "policy_name", property(lambda policy: policy.name))  # noqa: B010
    setattr(ManagedPolicy, "policy_id", property(lambda policy: policy.id))  # noqa: B010
    setattr(ManagedPolicy, "permissions_boundary_usage_count", property(_uses_as_boundary))  # noqa: B010
    vars(models)["IAMPolicyDocumentValidator"] = _validator(check_identity_policy)
    vars(models)["IAMTrustPolicyDocumentValidator"] = _validator(check_trust_policy)


def _uses_as_boundary(policy: ManagedPolicy) -> int:
    """How many users and roles of the account a policy limits."""
    iam = policy.backend
    limits = [role.permissions_boundary_arn for role in iam.get_roles()]
    held = [getattr(user, "permissions_boundary", None) for user in iam.users.values()]
    return [*limits, *(one["PermissionsBoundaryArn"] for one in held if one)].count(policy.arn)


def _validator(check: Callable[[str], None]) -> type[Any]:
    class Validator:
        def __init__(self, policy_document: str) -> None:
            self.text = policy_document

        def validate(self) -> None:
            check(self.text)

    return Validator


def bucket_policies() -> Iterator[tuple[Any, str]]:
    """Every bucket that has a policy, and its text."""
    for account in list(s3_backends.values()):
        for backend in account.values():
            for bucket in backend.buckets.values():
                if bucket.policy:
                    yield bucket, bytes(bucket.policy).decode()


def set_bucket_policy(bucket: Any, text: str) -> None:
    """Give a bucket another policy."""
    bucket.policy = text.encode()
