"""
Which calls reach no other account than the caller's, whatever a resource policy says.

What is not listed may reach any: a policy that lets somebody outside do that is a finding.
"""

from __future__ import annotations

from functools import cache

from trustproof.aws import published

#: Services to their actions that work in the caller's own account only, as their manuals say.
_OWN_ACCOUNT = {
    # Whoever makes a resource is its owner.
    "dynamodb": "CreateGlobalTable CreateTable",
    "ecr": "CreateRepository",
    "ecr-public": "CreateRepository",
    "kinesis": "CreateStream",
    # What is not in https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html,
    # and says so in the API reference ("Cross-account use: No").
    "kms": """
        CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateKey DeleteAlias
        DeleteCustomKeyStore DeleteImportedKeyMaterial DescribeCustomKeyStores DisableKey DisableKeyRotation
        DisconnectCustomKeyStore EnableKey EnableKeyRotation GenerateRandom GetKeyLastUsage GetKeyPolicy
        GetParametersForImport ImportKeyMaterial ListAliases ListKeyPolicies ListKeyRotations ListKeys ListResourceTags
        PutKeyPolicy ReplicateKey RotateKeyOnDemand ScheduleKeyDeletion TagResource UntagResource UpdateAlias
        UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion
    """,
    # They name no event bus, or one of the caller's account by its name alone. The first is of partners that are
    # software as a service: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPartnerEvents.html
    "events": "PutPartnerEvents PutPermission RemovePermission TestEventPattern",
    "lambda": "CreateFunction",
    # What says so in the API reference ("This operation can't be used across different AWS accounts").
    "payment-cryptography": """
        AssociateMpaTeam CreateAlias CreateKey DeleteAlias DeleteResourcePolicy DisableDefaultKeyReplicationRegions
        DisassociateMpaTeam EnableDefaultKeyReplicationRegions GetAlias GetDefaultKeyReplicationRegions
        GetMpaTeamAssociation GetParametersForExport GetParametersForImport GetResourcePolicy ListAliases ListKeys
        PutResourcePolicy UpdateAlias
    """,
    # Whoever calls them speaks of his own account.
    # https://docs.aws.amazon.com/organizations/latest/APIReference/action-reference.html
    "organizations": """
        AcceptHandshake CreateOrganization DeclineHandshake LeaveOrganization ListHandshakesForAccount
    """,
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html and the pages of the other two:
    # an identity of another account gets "405 Method Not Allowed".
    "s3": "CreateBucket DeleteBucketPolicy GetBucketPolicy PutBucketPolicy",
    # The same pages speak of directory buckets, too.
    "s3express": "CreateBucket DeleteBucketPolicy GetBucketPolicy PutBucketPolicy",
    # What is not in https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
    "secretsmanager": "BatchGetSecretValue CreateSecret ListSecrets",
    "sns": "CreateTopic",
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html
    "sqs": """
        AddPermission CancelMessageMoveTask CreateQueue DeleteQueue ListMessageMoveTasks ListQueueTags ListQueues
        RemovePermission SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue
    """,
}
#: Services to their only actions that reach other accounts, as their manuals say.
_ACROSS = {
    # https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
    "backup": "CopyIntoBackupVault",
}
#: Services to actions of which it is reported that they reach no other account, against what the manual says.
#: https://github.com/awsdocs/aws-lambda-developer-guide/issues/139
_DOUBTFUL = {"lambda": "AddPermission RemovePermission UpdateFunctionConfiguration"}
#: Types of policies to actions that they give another account, and no policy of a single resource does: images are
#: replicated into repositories that are made for them.
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
_BY_TYPE = {"AWS::ECR::RegistryPolicy": "ecr:createrepository"}
#: Services whose actions without a resource type in the service authorization reference are about no resource, so that
#: no resource policy is looked at for them.
_ABOUT_NOTHING = ("dynamodb", "ecr", "ecr-public", "kms", "lambda", "s3", "secretsmanager", "sns", "sqs")


def services() -> tuple[str, ...]:
    """The services of which it is known."""
    return (*_OWN_ACCOUNT, *_ACROSS)


@cache
def in_own_account_only(service: str, type_: str = "") -> tuple[str, ...]:
    """
    The actions of a service that nobody gets by the resource policy of another account, lower-cased and sorted.

    Args:
        service: the prefix of its actions.
        type_: of the policy, as ``AWS::ECR::RegistryPolicy``; empty for any.
    """
    if service in _ACROSS and (all_ := published.service(service)) is not None:
        across = _ACROSS[service].lower().split()
        return tuple(sorted(f"{service}:{name}" for name in all_.actions if name not in across))
    found = published.service(service) if service in _ABOUT_NOTHING else None
    about_nothing = [name for name, action in found.actions.items() if not action.resources] if found else []
    listed = _OWN_ACCOUNT.get(service, "").lower().split()
    return tuple(sorted({f"{service}:{name}" for name in (*listed, *about_nothing)} - {_BY_TYPE.get(type_)}))


@cache
def doubtful_across_accounts(service: str) -> frozenset[str]:
    """
    The actions of a service of which it is not known whether a resource policy gives them to another account.

    Args:
        service: the prefix of its actions.

    Returns:
        their names, lower-cased, with the prefix.
    """
    return frozenset(f"{service}:{name}" for name in _DOUBTFUL.get(service, "").lower().split())


#: Services all of whose actions the service authorization reference lists, as far as policies on resources go.
_LISTED = ("backup", "ecr", "ecr-public", "kms", "secretsmanager", "sns", "sqs")


@cache
def across_accounts(service: str, type_: str = "") -> tuple[str, ...] | None:
    """
    The actions of a service that a resource policy can give to another account, lower-cased and sorted; None where it
    is not known which these are.

    Args:
        service: the prefix of its actions.
        type_: of the policy; empty for any.
    """
    found = published.service(service) if service in _LISTED else None
    if found is None:
        return None
    return tuple(sorted({f"{service}:{name}" for name in found.actions} - {*in_own_account_only(service, type_)}))
