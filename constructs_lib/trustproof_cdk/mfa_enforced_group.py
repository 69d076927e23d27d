"""
A group whose members can do nothing before they have used MFA, except set it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import bounded_callers as callers
from trustproof_cdk._callers import denied_grants, enforcement, enrolling_members
from trustproof_cdk._callers.first_passwords import warn_of_first_passwords
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import device_names as devices
from trustproof_cdk._names import objects, order, quotas, unique
from trustproof_cdk._names import own_policies as policies
from trustproof_cdk._policies import kept_policies as kept
from trustproof_cdk._policies.known_keys import IN_CONSOLE, WITH_MFA
from trustproof_cdk._synthesis import stacks
from trustproof_cdk.mfa import mfa_conditions

_WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
#: What members may do without MFA, since they have to before they can have any. AWS documents that no policy can deny
#: GetSessionToken; its own example exempts it all the same, and costs nothing by it.
_ENROLMENT = (
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
)
_ENROL = "iam:EnableMFADevice"
_LOST = "this member can enrol no device, and so does nothing in this group"
_NOT_ENROLLED = (
    f"{_LOST}; let the boundary allow what enrolment takes "
    "(iam:CreateVirtualMFADevice, iam:EnableMFADevice, iam:ResyncMFADevice), or enrol a device for the member"
)
#: What members may see of their own user without MFA, and of nobody else's.
_SEEING_A_USER = ("iam:GetMFADevice", "iam:GetUser", "iam:ListMFADevices")
_CHANGING_ENROLMENT = ("iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice")
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST_GROUPS = 10
_CHANGE_PASSWORD = "iam:ChangePassword"
_SEE_PASSWORD_POLICY = "iam:GetAccountPasswordPolicy"
#: IAM deletes no device that is in use.
_DELETE_DEVICE = "iam:DeleteVirtualMFADevice"

#: What members may manage of their own user once they have used MFA: each with its actions.
_SELF_MANAGEMENT = {
    "access-keys": (
        "iam:CreateAccessKey",
        "iam:DeleteAccessKey",
        "iam:GetAccessKeyLastUsed",
        "iam:ListAccessKeys",
        "iam:UpdateAccessKey",
    ),
    "password": (_CHANGE_PASSWORD, "iam:GetLoginProfile"),
    "service-specific-credentials": (
        "iam:CreateServiceSpecificCredential",
        "iam:DeleteServiceSpecificCredential",
        "iam:ListServiceSpecificCredentials",
        "iam:ResetServiceSpecificCredential",
        "iam:UpdateServiceSpecificCredential",
    ),
    "signing-certificates": (
        "iam:DeleteSigningCertificate",
        "iam:ListSigningCertificates",
        "iam:UpdateSigningCertificate",
        "iam:UploadSigningCertificate",
    ),
    "ssh-keys": (
        "iam:DeleteSSHPublicKey",
        "iam:GetSSHPublicKey",
        "iam:ListSSHPublicKeys",
        "iam:UpdateSSHPublicKey",
        "iam:UploadSSHPublicKey",
    ),
}
#: Begins the one action of each without which the others are of little use.
_MAKING = ("iam:Change", "iam:Create", "iam:Upload")
#: Everything that `self_management` can name.
SELF_MANAGEMENT = tuple(_SELF_MANAGEMENT)


@construct
class MfaEnforcedGroup(iam.Group):
    """
    A group for IAM users, who enrol their own MFA device and can do nothing else until they have used it.

    Members get what AWS recommends for self-managed MFA, and are denied the rest while a request is without MFA:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html

    The first device is a passkey or security key, or a virtual device that bears the member's user name. Further ones
    need MFA: passkeys, and virtual devices whose name begins with the user name and a hyphen (``alice-phone``). The one
    that is the user name of another member of a group of the app (``alice-admin``) is left to that one.

    Two things are stricter than in AWS's example. Without MFA a member may only create the device of that one name, so
    a stolen access key of a member who has that device cannot add a second one. And it may only be enrolled for
    the member, whatever other policies of the member allow.

    What remains: a stolen access key of a member *without* a virtual device of that name can enrol one: before the
    enrolment, where a member has passkeys only, and where ``alice-phone`` has taken the place of ``alice``. Create
    access keys after enrolment, and let members who have access keys keep the device of their name.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        group_name: default: a name made by CloudFormation.
        path: default: ``/``.
        managed_policies: what members may do once they have used MFA.
        users: the members: users of this app or imported ones, or names of users of the account.
        password_change: whether members without MFA may change their own password, for which they must know the old
            one. Who is made to change it at the first sign-in, or when it has expired, has to do so before MFA.
        re_enrolment: whether members without MFA may delete the device of their name, which IAM does only while it is
            not in use. An enrolment that was broken off leaves such a device behind, and so does the administrator who
            deactivates a lost one; it is in the way of the next enrolment.
        self_management: what else members may manage of their own user, with MFA: any of ``access-keys``,
            ``password``, ``service-specific-credentials``, ``signing-certificates`` and ``ssh-keys``, or
            `SELF_MANAGEMENT` for all of them.

    Raises:
        ValueError: a user of another account than the stack's, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group_name: str | None = None,
        path: str | None = None,
        managed_policies: Sequence[iam.IManagedPolicy] | None = None,
        users: Iterable[str | iam.IUser] | None = None,
        password_change: bool = True,
        re_enrolment: bool = True,
        self_management: Iterable[str] = (),
    ) -> None:
        arguments.flag(password_change, "password_change")
        arguments.flag(re_enrolment, "re_enrolment")
        managed = arguments.any_number(self_management, "self_management", _managed)
        members = _members(scope, users)
        attached = objects.several(managed_policies, "managed_policies", "managed_policy_arn")
        if len(attached or ()) >= quotas.MANAGED_POLICIES:
            raise ValueError(
                f"managed_policies must be at most {quotas.MANAGED_POLICIES - 1}, got {len(attached or ())}: IAM "
                f"attaches {quotas.MANAGED_POLICIES} to a group, and the one that enforces MFA is one of them"
            )
        policies.refuse_foreign(scope, attached or (), "managed_policies")
        name = arguments.optional(group_name, "group_name", arguments.policy_name)
        unique.claim_in_account(scope, construct_id, "group", "group_name", name)
        super().__init__(
            scope,
            construct_id,
            group_name=name,
            path=arguments.optional(path, "path", arguments.path),
            managed_policies=attached,
        )
        objects.attached_to(self, len(attached or ()) + 1)
        statements = _statements(password_change, re_enrolment, managed)
        document = iam.PolicyDocument(statements=statements)
        policy = iam.ManagedPolicy(
            self,
            "MfaEnforcement",
            description="Members manage their own MFA device, and can do nothing else until they have used it",
            groups=[self],
            document=document,
        )
        kept.refuse_injected(self, policy, document, len(statements))
        quotas.limit_managed_policy(policy)
        enforcement.hold_to_enforcement(self, policy)
        callers.warn_of_denied_members(policy, self, _ENROL, _LOST)
        denied_grants.warn_of_denied_later(
            self,
            {"groups": [self], "users": None, "roles": None},
            [_ENROL],
            [f"{_account()}:user/*"],
            known=IN_CONSOLE,
            lost=f"no member of {self.node.path} can enrol a device in the console, and whoever has none does nothing "
            "in this group",
            remedy=f"leave what enrolment takes out of what it denies ({', '.join(_CHANGING_ENROLMENT)})",
        )
        for kind in managed:
            denied_grants.warn_of_denied_later(
                self,
                {"groups": [self], "users": None, "roles": None},
                [next(one for one in _SELF_MANAGEMENT[kind] if one.startswith(_MAKING))],
                [f"{_account()}:user/*"],
                known=WITH_MFA,
                lost=f"no member of {stacks.path_of(self)} gets what {kind!r} in self_management is for",
                part=kind,
            )
        _refuse_too_many_groups(scope, members)
        self._named_late = 0
        #: The names of imported members, in lower case: those who are named here too would be added twice.
        self._imported = {one.lower() for one in members if isinstance(one, str)}
        self._device_names = devices.DeviceNames(scope, _DenyDevices(policy))
        self._device_names.add(one if isinstance(one, str) else _user_name(one) for one in members)
        self._added: list[iam.CfnUser] = []
        enrolling_members.look_at_members(self, self._added, _ENROL, _NOT_ENROLLED, self._device_names.add)
        names: dict[str, None] = {}
        for member in members:
            # A user who is made elsewhere refers to the group, and from another Region by a name that it may not have.
            if isinstance(member, str) or _is_elsewhere(scope, member):
                # CloudFormation refuses a list that names somebody twice.
                names[member if isinstance(member, str) else member.user_name] = None
            else:
                self.add_user(member)
        if names:
            self._add_names("Members", list(names))
        order.attach_after(self, members)
        warn_of_first_passwords(self, _CHANGE_PASSWORD, is_allowed=password_change)

    def add_user(self, user: iam.IUser) -> None:
        """
        Add a member, as `iam.Group` does.

        Args:
            user: of this app, or imported, perhaps twice.

        Raises:
            TypeError: what is no user.
        """
        if not isinstance(name := getattr(user, "user_name", None), str):
            raise TypeError(
                "user must be a user like iam.User.from_user_name(stack, 'Alice', 'alice'), got "
                f"{arguments.described(user)}"
            )
        if order.created(user) is not None:
            super().add_user(user)
            enforcement.hold_to_group(self, user)
            self._note_added(user)
        elif arguments.is_token(name):
            self._add_by_name(name)
        elif name.lower() not in self._imported:
            self._imported.add(name.lower())
            self._add_imported(user)
        self._device_names.add([_user_name(user)])

    def _note_added(self, user: iam.IUser) -> None:
        resource = order.created(user)
        if isinstance(resource, iam.CfnUser):
            self._added.append(resource)

    def _add_imported(self, user: iam.IUser) -> None:
        try:
            super().add_user(user)
        except RuntimeError as error:
            # The CDK names a construct after who is imported, so that a second import is in the way of the first.
            if "There is already a Construct" not in str(error):
                raise
            self._add_by_name(user.user_name)
            return
        if (addition := _addition_of(self, user.user_name)) is not None:
            enforcement.hold_to_members(self, addition, [user.user_name])

    def _add_by_name(self, name: str) -> None:
        self._named_late += 1
        self._add_names(f"Member{self._named_late}", [name])

    def _add_names(self, construct_id: str, names: list[str]) -> None:
        addition = iam.CfnUserToGroupAddition(self, construct_id, group_name=self.group_name, users=names)
        enforcement.hold_to_members(self, addition, names)

    def add_managed_policy(self, policy: iam.IManagedPolicy) -> None:
        """
        Attach one more managed policy, as `iam.Group` does.

        Raises:
            ValueError: it is one more than IAM takes, or one of another account.
        """
        objects.one(policy, "policy", "managed_policy_arn")
        policies.refuse_foreign(self, [policy], "policy")
        objects.attached_to(self, 1)
        super().add_managed_policy(policy)


class _DenyDevices:
    """Adds statements to the policy of a group."""

    def __init__(self, policy: iam.ManagedPolicy) -> None:
        self._policy = policy
        self._added = 0

    def __call__(self, endings: list[str], members: list[str]) -> None:
        self._added += 1
        self._policy.add_statements(
            iam.PolicyStatement(
                sid=f"DenyDevicesOfOtherMembers{self._added}",
                effect=iam.Effect.DENY,
                actions=["iam:CreateVirtualMFADevice", _DELETE_DEVICE],
                resources=[f"{_own_device()}{ending}" for ending in endings],
                conditions={"StringEqualsIgnoreCase": {"aws:username": members}},
            )
        )


def _members(scope: Construct, users: Iterable[str | iam.IUser] | None) -> list[str | iam.IUser]:
    if users is None:
        return []
    given: object = users
    accepted = "users must be a list of users, or of names of users"
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        raise TypeError(f"{accepted}, got {given!r}")
    listed = list(arguments.once(users))
    for one in listed:
        if isinstance(one, str):
            arguments.matching(one, "users", r"[\w+=,.@-]{1,64}", "names of users like 'alice', without a path")
        elif not hasattr(one, "user_arn"):
            raise TypeError(f"{accepted}, got {one!r} in it")
    objects.of_stack(scope, [one for one in listed if not isinstance(one, str)], "users", "user_arn")
    seen: dict[str, str] = {}
    for one in listed:
        if isinstance(one, str) and seen.setdefault(one.lower(), one) != one:
            raise ValueError(f"users cannot have both {seen[one.lower()]!r} and {one!r}: to IAM they are one")
    return listed


def _is_elsewhere(scope: Construct, user: iam.IUser) -> bool:
    """Whether a user of this app is made in a stack of another Region."""
    resource = order.created(user)
    return resource is not None and stacks.stack_of(resource).environment != stacks.stack_of(scope).environment


def _refuse_too_many_groups(scope: Construct, members: Iterable[str | iam.IUser]) -> None:
    """A user is in so many groups at most, and AWS raises that for nobody."""
    stack = stacks.stack_of(scope)
    # Of stacks whose account only a deployment knows, nobody knows that it is the same.
    account = stacks.path_of(stack) if arguments.is_token(stack.account) else stack.account
    for known in dict.fromkeys(one if isinstance(one, str) else _user_name(one) for one in members):
        if unique.count(scope, (account, "groups of", known.lower())) > _MOST_GROUPS:
            raise ValueError(
                f"users cannot have {known} in one more group: it is in {_MOST_GROUPS} already, and IAM takes no more; "
                "put groups together"
            )


def _addition_of(group: iam.Group, name: str) -> iam.CfnUserToGroupAddition | None:
    """What the CDK has just made to add an imported user to a group: in the group's stack, by the name and a number."""
    stack, found, number = cdk.Stack.of(group), None, 0
    while (made := stack.node.try_find_child(f"{name}Group{number}")) is not None:
        found, number = made, number + 1
    return found if isinstance(found, iam.CfnUserToGroupAddition) else None


def _user_name(user: iam.IUser) -> str:
    """The name of a user, or what stands for it where CloudFormation makes one."""
    resource = order.created(user)
    given = resource.user_name if isinstance(resource, iam.CfnUser) else user.user_name
    return stacks.path_of(user) if given is None or arguments.is_token(given) else given


def _managed(value: str, argument: str) -> str:
    return arguments.one_of(value, argument, SELF_MANAGEMENT)


def _account() -> str:
    return f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}"


def _own_device() -> str:
    return f"{_account()}:mfa/${{aws:username}}"


def _statements(password_change: bool, re_enrolment: bool, managed: Sequence[str]) -> list[iam.PolicyStatement]:
    account = _account()
    # The name of a user is unique in the account, so with any path it is the same user.
    user = [f"{account}:user/${{aws:username}}", f"{account}:user/*/${{aws:username}}"]
    device = _own_device()
    early = [*([_CHANGE_PASSWORD] if password_change else []), *([_DELETE_DEVICE] if re_enrolment else [])]
    seen = [_SEE_PASSWORD_POLICY] if password_change else []
    return [
        iam.PolicyStatement(sid="ListDevices", actions=["iam:ListVirtualMFADevices", *seen], resources=["*"]),
        iam.PolicyStatement(
            sid="CreateOwnDevice",
            actions=["iam:CreateVirtualMFADevice", *([_DELETE_DEVICE] if re_enrolment else [])],
            resources=[device],
        ),
        iam.PolicyStatement(
            sid="ManageOwnMfa",
            actions=[
                *([_CHANGE_PASSWORD] if password_change else []),
                "iam:EnableMFADevice",
                "iam:GetMFADevice",
                "iam:GetUser",
                "iam:ListMFADevices",
                "iam:ResyncMFADevice",
            ],
            resources=user,
        ),
        # Said twice, here and by the Deny below: to take MFA away, one must have it.
        iam.PolicyStatement(
            sid="RemoveOwnMfaWithMfa",
            actions=["iam:DeactivateMFADevice"],
            resources=user,
            conditions=mfa_conditions(),
        ),
        iam.PolicyStatement(
            sid="ManageOwnDevicesWithMfa",
            actions=["iam:CreateVirtualMFADevice", _DELETE_DEVICE],
            resources=[device, f"{device}-*"],
            conditions=mfa_conditions(),
        ),
        *_self_management(managed, user),
        iam.PolicyStatement(
            sid="DenyAllButEnrolmentWithoutMfa",
            effect=iam.Effect.DENY,
            not_actions=[*_ENROLMENT, *early, *seen],
            resources=["*"],
            conditions=_WITHOUT_MFA,
        ),
        iam.PolicyStatement(
            sid="DenyEnrolmentOfOthersWithoutMfa",
            effect=iam.Effect.DENY,
            actions=[*_CHANGING_ENROLMENT, *_SEEING_A_USER, *early],
            not_resources=[device, *user],
            conditions=_WITHOUT_MFA,
        ),
    ]


def _self_management(managed: Sequence[str], user: Sequence[str]) -> list[iam.PolicyStatement]:
    """What members manage of their own user, and what the console shows beside it."""
    if not managed:
        return []
    actions = [action for name in managed for action in _SELF_MANAGEMENT[name]]
    return [
        iam.PolicyStatement(
            sid="SeeAccountWithMfa",
            actions=[_SEE_PASSWORD_POLICY, "iam:GetAccountSummary", "iam:ListAccountAliases"],
            resources=["*"],
            conditions=mfa_conditions(),
        ),
        iam.PolicyStatement(
            sid="ManageOwnCredentialsWithMfa", actions=actions, resources=list(user), conditions=mfa_conditions()
        ),
    ]
