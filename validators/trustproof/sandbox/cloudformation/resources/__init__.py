"""
The resource types of CloudFormation that the sandbox makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.resource_type import ResourceType
from trustproof.sandbox.cloudformation.resources import (
    alarms,
    api_parts,
    builds,
    control_policies,
    data_catalogs,
    databases,
    distributions,
    functions,
    global_tables,
    iam_identities,
    iam_others,
    iam_policies,
    identity_store,
    keys,
    log_groups,
    permission_sets,
    resource_policies,
    rest_apis,
    scaling,
    schedules,
    secrets,
    security_group_rules,
    subscriptions,
    tasks,
    user_pools,
    volumes,
)
from trustproof.sandbox.cloudformation.resources.foreign import foreign_type
from trustproof.sandbox.cloudformation.resources.metadata import Metadata, WaitConditionHandle
from trustproof.sandbox.cloudformation.resources.s3_bucket_policy import BucketPolicy

OWN_TYPES: dict[str, Callable[[], ResourceType]] = {
    kind.name: kind
    for kind in (
        *alarms.TYPES,
        *api_parts.TYPES,
        *data_catalogs.TYPES,
        *databases.TYPES,
        *distributions.TYPES,
        *functions.TYPES,
        *log_groups.TYPES,
        *rest_apis.TYPES,
        *scaling.TYPES,
        *schedules.TYPES,
        *tasks.TYPES,
        *user_pools.TYPES,
        volumes.Volume,
        builds.Project,
        control_policies.Policy,
        global_tables.GlobalTable,
        iam_identities.Group,
        iam_identities.Role,
        iam_identities.User,
        iam_others.AccessKey,
        iam_others.InstanceProfile,
        iam_others.OIDCProvider,
        iam_others.SAMLProvider,
        iam_others.ServerCertificate,
        iam_others.ServiceLinkedRole,
        iam_others.UserToGroupAddition,
        iam_others.VirtualMFADevice,
        iam_policies.GroupPolicy,
        iam_policies.ManagedPolicy,
        iam_policies.Policy,
        iam_policies.RolePolicy,
        iam_policies.UserPolicy,
        identity_store.AccessControlAttributes,
        identity_store.Group,
        identity_store.GroupMembership,
        keys.Key,
        permission_sets.Assignment,
        permission_sets.PermissionSet,
        BucketPolicy,
        resource_policies.BusPolicy,
        resource_policies.LogPolicy,
        resource_policies.Permission,
        resource_policies.QueuePolicy,
        resource_policies.SecretPolicy,
        resource_policies.TopicPolicy,
        secrets.RotationSchedule,
        secrets.Secret,
        security_group_rules.Egress,
        security_group_rules.Ingress,
        subscriptions.Subscription,
        Metadata,
        WaitConditionHandle,
    )
}

_NOT_RUN = "functions are not run here, and of custom resources there are some of the CDK's own"
#: Types of services that say why there are none of them here.
_REASONS = {
    "AWS::CloudFormation::CustomResource": _NOT_RUN,
    "AWS::CloudFormation::WaitCondition": "nobody here sends the signals that a wait condition waits for",
    "AWS::Organizations::": "the organization, its units and its accounts are those of the accounts file",
    "AWS::SSO::": "of IAM Identity Center, there are permission sets, assignments, and attributes for access control",
    "Custom::": _NOT_RUN,
}


class ResourceTypes:
    """
    Resource types by name: ours, else moto's.

    Args:
        others: further types of ours, which need more than the services: stacks in stacks, and stack sets.
        around: what each type is put into.
    """

    def __init__(
        self,
        others: Iterable[ResourceType] = (),
        around: Callable[[ResourceType], ResourceType] = lambda kind: kind,
    ) -> None:
        self._around = around
        self._known: dict[str, ResourceType | None] = {name: around(make()) for name, make in OWN_TYPES.items()}
        self._known |= {kind.name: around(kind) for kind in others}

    def find(self, name: str) -> ResourceType | None:
        """A type; None when neither of us has it."""
        if name not in self._known:
            # IAM is ours, whole: a type that we forgot is not made by halves.
            found = None if name.startswith("AWS::IAM::") else foreign_type(name)
            self._known[name] = None if found is None else self._around(found)
        return self._known[name]

    def __call__(self, name: str) -> ResourceType:
        found = self.find(name)
        if found is None:
            raise RefusedRequest(_unrecognized([name]))
        return found

    def check(self, names: Iterable[str]) -> None:
        """
        Refuse what would silently not be made.

        Raises:
            RefusedRequest: with every type that is unknown.
        """
        unknown = sorted({name for name in names if self.find(name) is None})
        if unknown:
            raise RefusedRequest(_unrecognized(unknown))


def _unrecognized(names: list[str]) -> str:
    text = f"Template format error: Unrecognized resource types: [{', '.join(names)}]"
    reasons = [reason for prefix, reason in _REASONS.items() if any(name.startswith(prefix) for name in names)]
    return "; ".join([text, *dict.fromkeys(reasons)])
