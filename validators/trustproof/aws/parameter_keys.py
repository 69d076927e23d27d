"""
Condition keys that are a parameter of a call: no request for another action carries one.

Of most keys of services nobody says so for certain. The reference lists them by action, and leaves some out: tags, what
a resource is like, and what a second action is asked with where one call needs several (as S3 has it). A parameter is
a parameter of the operations whose pages have it:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
"""

from __future__ import annotations

from functools import cache

from trustproof.aws import published

#: By service: its keys that are parameters.
_PARAMETERS = {
    "iam": """
        AssociatedResourceArn FIDO-certification FIDO-FIPS-140-2-certification
        FIDO-FIPS-140-3-certification OrganizationsPolicyId PassedToService PolicyARN RegisterSecurityKey
        ServiceSpecificCredentialAgeDays
    """,
    "kms": """
        BypassPolicyLockoutSafetyCheck DataKeyPairSpec ExpirationModel GrantIsForAWSResource GrantOperations
        GranteePrincipal KeyAgreementAlgorithm MacAlgorithm MessageType PrimaryRegion ReEncryptOnSameKey ReplicaRegion
        RetiringPrincipal RotationPeriodInDays ScheduleKeyDeletionPendingWindowInDays SigningAlgorithm ValidTo
        WrappingAlgorithm WrappingKeySpec
    """,
    "secretsmanager": """
        AddReplicaRegions BlockPublicPolicy ForceDeleteWithoutRecovery ForceOverwriteReplicaSecret ModifyRotationRules
        Name RecoveryWindowInDays RotateImmediately RotationLambdaARN VersionId
    """,
    "sns": "Endpoint Protocol",
}
#: Lower-cased key to how AWS writes it.
NAMES = {
    f"{service}:{name}".lower(): f"{service}:{name}" for service, names in _PARAMETERS.items() for name in names.split()
}


@cache
def carriers(key: str) -> tuple[str, ...] | None:
    """
    The actions whose requests may carry a condition key; None where that is not known, and any may.

    Args:
        key: lower-cased.

    Returns:
        Lower-cased actions, sorted: those that the reference lists with the key, and those that it only names.
    """
    prefix = key.partition(":")[0]
    found = published.service(prefix) if key in NAMES else None
    if found is None:
        return None
    listed = [action for action in found.actions.values() if key in map(str.lower, action.keys)]
    # What is too new to be described has no capital letter, and no keys.
    undescribed = [action for action in found.actions.values() if not action.is_described]
    return tuple(sorted(f"{prefix}:{action.name.lower()}" for action in (*listed, *undescribed)))
