"""
Sensitive actions: which are sensitive by default, and which one must be able to do before one has MFA.
"""

from __future__ import annotations

from functools import lru_cache

from trustproof.aws.action_resources import iam_actions
from trustproof.aws.condition_keys import NO_POLICY_DECIDES
from trustproof.config.model import Config
from trustproof.engine.domains import Values, not_text, text
from trustproof.engine.request_space import OWN_NAME
from trustproof.engine.search import Box, Literal
from trustproof.sets.patterns import Pattern, Wildcard, exact, join, like, matches

#: What may not be done without MFA unless the project says otherwise. Three kinds: what gives more permissions or
#: credentials, what destroys and cannot be undone, and what blinds the people who watch.
DEFAULT_ACTIONS = (
    # Permissions and credentials.
    "iam:Add*",
    "iam:Attach*",
    "iam:ChangePassword",
    "iam:Create*",
    "iam:Deactivate*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Enable*",
    "iam:PassRole",
    "iam:Put*",
    "iam:Remove*",
    "iam:Reset*",
    "iam:Resync*",
    "iam:Set*",
    "iam:Update*",
    "iam:Upload*",
    "organizations:*",
    "sso:*",
    "lambda:UpdateFunctionCode",
    "cloudformation:CreateStack",
    "cloudformation:UpdateStack",
    "secretsmanager:GetSecretValue",
    # Destruction.
    "ec2:StopInstances",
    "ec2:TerminateInstances",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "dynamodb:DeleteTable",
    "s3:DeleteBucket",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "backup:DeleteBackupVault",
    "backup:DeleteRecoveryPoint",
    "cloudformation:DeleteStack",
    # Watching.
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "logs:DeleteLogGroup",
    "securityhub:DisableSecurityHub",
)

#: What the default list leaves out of these: it is about changes.
_READING_OF_DEFAULT = tuple(
    f"{service}:{verb}*" for service in ("organizations", "sso") for verb in ("Describe", "Get", "List", "Search")
)

#: Likewise of IAM: the policy of a service-linked role is AWS's, nobody enters it but the service that it is for, and
#: while that has something to do with it, nobody deletes it:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
_OF_SERVICES = ("iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole")

#: The changes of the services of which all are sensitive by default, so that a counterexample names one that exists;
#: the ones that matter most first.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamidentitycenter.html
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
_CHANGES = {
    "iam": """
        AttachUserPolicy PutUserPolicy CreatePolicyVersion SetDefaultPolicyVersion AttachGroupPolicy PutGroupPolicy
        AttachRolePolicy PutRolePolicy UpdateAssumeRolePolicy CreateAccessKey CreateLoginProfile UpdateLoginProfile
        AddUserToGroup CreateUser CreateRole PassRole DeactivateMFADevice CreateServiceSpecificCredential
        ResetServiceSpecificCredential UploadSSHPublicKey UploadSigningCertificate UpdateAccessKey
    """,
    "organizations": """
        LeaveOrganization DetachPolicy CloseAccount AcceptHandshake AttachPolicy CancelHandshake CreateAccount
        CreateGovCloudAccount CreateOrganization CreateOrganizationalUnit CreatePolicy DeclineHandshake
        DeleteOrganization DeleteOrganizationalUnit DeletePolicy DeleteResourcePolicy
        DeregisterDelegatedAdministrator DisableAWSServiceAccess DisablePolicyType EnableAWSServiceAccess
        EnableAllFeatures EnablePolicyType InviteAccountToOrganization
        InviteOrganizationToTransferResponsibility MoveAccount PutResourcePolicy RegisterDelegatedAdministrator
        RemoveAccountFromOrganization TagResource TerminateResponsibilityTransfer UntagResource
        UpdateOrganizationalUnit UpdatePolicy UpdateResponsibilityTransfer
    """,
    "sso": """
        CreateAccountAssignment PutInlinePolicyToPermissionSet AttachManagedPolicyToPermissionSet AddRegion
        AssociateDirectory AssociateProfile AttachCustomerManagedPolicyReferenceToPermissionSet
        CreateApplication CreateApplicationAssignment CreateApplicationInstance
        CreateApplicationInstanceCertificate CreateInstance CreateInstanceAccessControlAttributeConfiguration
        CreateManagedApplicationInstance CreatePermissionSet CreateProfile CreateTrust CreateTrustedTokenIssuer
        DeleteAccountAssignment DeleteApplication DeleteApplicationAccessScope DeleteApplicationAssignment
        DeleteApplicationAuthenticationMethod DeleteApplicationGrant DeleteApplicationInstance
        DeleteApplicationInstanceCertificate DeleteInlinePolicyFromPermissionSet DeleteInstance
        DeleteInstanceAccessControlAttributeConfiguration DeleteManagedApplicationInstance DeletePermissionSet
        DeletePermissionsBoundaryFromPermissionSet DeleteProfile DeleteTrustedTokenIssuer
        DetachCustomerManagedPolicyReferenceFromPermissionSet DetachManagedPolicyFromPermissionSet
        DisassociateDirectory DisassociateProfile ImportApplicationInstanceServiceProviderMetadata
        ProvisionPermissionSet PutApplicationAccessScope PutApplicationAssignmentConfiguration
        PutApplicationAuthenticationMethod PutApplicationGrant PutApplicationSessionConfiguration
        PutMfaDeviceManagementForDirectory PutPermissionsBoundaryToPermissionSet PutPermissionsPolicy
        RemoveRegion StartSSO TagResource UntagResource UpdateApplication
        UpdateApplicationInstanceActiveCertificate UpdateApplicationInstanceDisplayData
        UpdateApplicationInstanceResponseConfiguration UpdateApplicationInstanceResponseSchemaConfiguration
        UpdateApplicationInstanceSecurityConfiguration UpdateApplicationInstanceServiceProviderConfiguration
        UpdateApplicationInstanceStatus UpdateInstance UpdateInstanceAccessControlAttributeConfiguration
        UpdateManagedApplicationInstanceStatus UpdatePermissionSet UpdateProfile UpdateSSOConfiguration
        UpdateTrust UpdateTrustedTokenIssuer
    """,
}

_PASSWORD = "iam:ChangePassword"

#: What a user does with the own user before there is an MFA device to prove anything with:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
OWN_USER = ("EnableMFADevice", "GetMFADevice", "GetUser", "ListMFADevices", "ResyncMFADevice")
_OWN_DEVICE = ("CreateVirtualMFADevice",)
_ANYTHING = ("ListVirtualMFADevices",)
#: Nobody's password but one's own is changed by it, and one has to know the old one, and may have to before the first
#: sign-in: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html
_OWN_PASSWORD = ("ChangePassword",)
#: IAM deletes no device that is in use; what is left is an enrolment that was broken off, or a device that an
#: administrator has deactivated: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html
_OWN_UNUSED_DEVICE = ("DeleteVirtualMFADevice",)

#: What a user does with its own credentials for one service: keys for git, as the policies of AWS for CodeCommit allow,
#: and passwords for Keyspaces and others. They do nothing there that the user may not do:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
_OWN_KEYS = tuple(
    f"{verb}{what}"
    for what, verbs in (
        ("SSHPublicKey", "Delete Update Upload"),
        ("ServiceSpecificCredential", "Create Delete Reset Update"),
    )
    for verb in verbs.split()
)

#: With these a program changes the key that it works with, as AWS advises, and it has no MFA to do so with:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
_ROTATING = ("CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey")

#: What a server shows to its clients: nobody signs in to AWS with it or may do more, and whoever deletes one that is
#: used elsewhere takes nothing from there that is not uploaded again:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
_SERVER_CERTIFICATES = ("DeleteServerCertificate", "UpdateServerCertificate", "UploadServerCertificate")

_OWN_DEVICE_RESOURCE = f"arn:*:iam::*:mfa/{OWN_NAME}"
_USER_RESOURCES = (f"arn:*:iam::*:user/{OWN_NAME}", f"arn:*:iam::*:user/*/{OWN_NAME}")
_DEVICE_RESOURCES = ("arn:*:iam::*:mfa/*",)


def sensitive_actions(config: Config) -> tuple[str, ...]:
    """The action patterns that the project, or the default, calls sensitive."""
    return DEFAULT_ACTIONS if config.sensitive_actions is None else config.sensitive_actions


def sensitive_patterns(config: Config) -> tuple[Pattern, ...]:
    """
    The same as patterns on lower-cased actions; of IAM, whose actions are known, each action by name.
    """
    return _patterns(sensitive_actions(config))


def left_out(config: Config) -> tuple[Pattern, ...]:
    """
    What the patterns for sensitive actions match and is not asked about: where the default list is used, reading, and
    roles of services; and in any case what no policy keeps anybody from.
    """
    own = (*_READING_OF_DEFAULT, *_OF_SERVICES) if config.sensitive_actions is None else ()
    return _patterns((*own, *NO_POLICY_DECIDES))


def sensitive_values(config: Config) -> Values:
    """The sensitive actions, as values of an action; the same for all who are asked about."""
    return _values(sensitive_patterns(config), left_out(config))


@lru_cache(maxsize=8)
def _values(patterns: tuple[Pattern, ...], spared: tuple[Pattern, ...]) -> Values:
    return text(*patterns) & not_text(*spared)


@lru_cache(maxsize=64)
def _patterns(actions: tuple[str, ...]) -> tuple[Pattern, ...]:
    out: dict[Pattern, None] = {}
    iam = [f"iam:{action}".lower() for action in iam_actions()]
    for written in actions:
        pattern = like(written.lower())
        service, colon, _ = written.lower().partition(":")
        # The wildcard may stand in the service, so that iam is one of several, or for all that there is.
        if not colon or set(service) & set("*?") or service != "iam":
            out[pattern] = None
            continue
        out.update((exact(action), None) for action in iam if matches(pattern, action))
    return tuple(out)


def actions_by_name(config: Config) -> tuple[str, ...]:
    """Sensitive actions as they are written: those that the list has in full, and some that exist besides."""
    return _by_name(sensitive_actions(config))


@lru_cache(maxsize=64)
def _by_name(actions: tuple[str, ...]) -> tuple[str, ...]:
    changes = [f"{service}:{name}" for service, names in _CHANGES.items() for name in names.split()]
    written = [action for action in actions if not set(action) & set("*?")]
    # What gives more permissions is worst, and a new password for oneself gives none.
    worst = [action for action in changes if action.startswith("iam:")]
    return tuple(dict.fromkeys((*worst, *(a for a in written if a != _PASSWORD), *changes, *written)))


@lru_cache(maxsize=64)
def own_mfa_device(name: str = "") -> tuple[Box, ...]:
    """
    Requests with which a user enrols and looks at the own MFA device, and what a user may have to do before: change
    the own password, and remove a device of the own name that is not in use.

    Args:
        name: of the user; empty where it is not known.
    """
    users = _users(name)
    devices = (_OWN_DEVICE_RESOURCE, *((_OWN_DEVICE_RESOURCE.replace(OWN_NAME, name),) if name else ()))
    return (
        # A device in the place of the user is what older samples of AWS allow; no user is meant by it.
        _box("enrol one's own MFA device", OWN_USER, (*users, *_DEVICE_RESOURCES)),
        _box("create one's own MFA device", _OWN_DEVICE, _DEVICE_RESOURCES),
        _box("list MFA devices", _ANYTHING, ("*",)),
        _box("change one's own password", _OWN_PASSWORD, ("*",)),
        _box("delete one's own MFA device while it is not in use", _OWN_UNUSED_DEVICE, devices),
    )


@lru_cache(maxsize=64)
def least_sensitive(name: str = "", *, rotates: bool = False) -> tuple[Box, ...]:
    """
    Requests that give nobody more than the user has: those with which it keeps its own credentials for one service, as
    keys for git, or anybody the certificates of servers.

    Args:
        name: of the user; empty where it is not known.
        rotates: whether it is a program's, whose own access keys are among these.
    """
    kept = (*_OWN_KEYS, *_ROTATING) if rotates else _OWN_KEYS
    return (
        _box("keep one's own keys for git", kept, _users(name)),
        _box("keep certificates of servers", _SERVER_CERTIFICATES, ("*",)),
    )


def _users(name: str) -> tuple[str, ...]:
    """Resources that are one's own user."""
    return (*_USER_RESOURCES, *(resource.replace(OWN_NAME, name) for resource in _USER_RESOURCES if name))


# Most say nothing of the user, and thousands of users may be asked about.
@lru_cache(maxsize=64)
def _box(label: str, actions: tuple[str, ...], resources: tuple[str, ...]) -> Box:
    named = [exact(f"iam:{action}".lower()) for action in actions]
    # The partition is a field of its own, whatever stands for it.
    targets = [
        join("arn:", Wildcard(":", True, True), like(resource.removeprefix("arn:*")))
        if resource.startswith("arn:*:")
        else like(resource)
        for resource in resources
    ]
    return Box(
        (
            Literal("action", text(*named), not_text(*named), "Action"),
            Literal("resource", text(*targets), not_text(*targets), "Resource"),
        ),
        label,
    )


def needs_own_user(action: str) -> bool:
    """Whether an action is spared on one's own user, and on no other."""
    service, _, verb = action.lower().partition(":")
    return service == "iam" and verb in {spared.lower() for spared in OWN_USER}


def is_own_mfa_device(action: str, resource: str, name: str) -> bool:
    """
    The same for one request, for the evaluator.

    Args:
        action: in any case.
        resource: an ARN, or ``*``.
        name: the caller's user name.
    """
    service, _, verb = action.lower().partition(":")
    if service != "iam":
        return False
    last = resource.split(":", 5)[-1]
    is_device = last.startswith("mfa/")
    if verb in {a.lower() for a in _OWN_DEVICE}:
        return is_device
    is_user = last.startswith("user/") and last.rsplit("/", 1)[-1] == name
    if verb in {a.lower() for a in OWN_USER}:
        return is_device or is_user
    if verb in {a.lower() for a in _OWN_PASSWORD}:
        return True
    if verb in {a.lower() for a in _OWN_UNUSED_DEVICE}:
        return last == f"mfa/{name}"
    return verb in {a.lower() for a in _ANYTHING}


def is_least_sensitive(action: str, resource: str, name: str, *, rotates: bool = False) -> bool:
    """The same of what `least_sensitive` has."""
    service, _, verb = action.lower().partition(":")
    last = resource.split(":", 5)[-1]
    is_user = last.startswith("user/") and last.rsplit("/", 1)[-1] == name
    kept = ((*_OWN_KEYS, *_ROTATING) if rotates else _OWN_KEYS) if is_user else ()
    return service == "iam" and verb in {one.lower() for one in (*kept, *_SERVER_CERTIFICATES)}
