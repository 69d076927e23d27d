"""
What actions are about: the resource types of IAM's actions, and the services with resources of their own only.

A policy may pair any action with any resource, and a request may not. What is not listed here is open.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from trustproof.aws import published
from trustproof.aws.iam_resources import BESIDE_THE_REFERENCE
from trustproof.aws.nested_resources import rows_of
from trustproof.aws.places_of_resources import place_of

#: The managed policies that AWS owns: every account sees them.
AWS_POLICIES = "arn:*:iam::aws:policy/*"


class About(NamedTuple):
    """
    Some actions of a service, and what they are about.
    """

    #: Lower-cased, with the service; empty for all of the service.
    actions: frozenset[str]
    #: ARNs of the resource, as ``ArnLike`` has them; empty where the resource is ``*``.
    arns: tuple[str, ...]
    #: Whether each request is about a resource with such an ARN; else the resource may be ``*``.
    required: bool = False
    #: Where `actions` is empty: those that are left out.
    but_for: frozenset[str] = frozenset()
    #: ARNs among `arns` that are of another type (an object's is a bucket's, a slash and a key), or of none.
    but_not: tuple[str, ...] = ()
    #: Whether the resource is in the caller's account, or is one of `AWS_POLICIES`.
    own_account: bool = False

    @property
    def says_where(self) -> bool:
        """Whether the ARNs say more than of which service they are."""
        return any(not arn.endswith(":*:*:*") for arn in self.arns)

    def is_for(self, action: str) -> bool:
        """Whether it is about a lower-cased action of its service."""
        return action in self.actions if self.actions else action not in self.but_for


def _named(service: str, actions: str) -> frozenset[str]:
    return frozenset(f"{service}:{action}".lower() for action in actions.split())


#: Neither names nor ids of IAM hold a colon. Paths may, and nobody gives them one: a wildcard in front of the account
#: would have to reach across it to name a thing by that.
_ODD = ("arn:*:iam::*:*:*",)


#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AcquireRole.html is not in the reference either; what it is
#: about is open.
_UNLISTED = ("AcquireRole", "UpdateDelegationRequest", "UpdateOpenIDConnectProvider")
_LOWERED = frozenset(map(str.lower, _UNLISTED))


@cache
def _iam() -> tuple[About, ...]:
    """What each action of IAM is about: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html"""
    found = published.service("iam")
    assert found is not None
    rows: dict[tuple[tuple[str, ...], bool], set[str]] = {}
    for name, action in found.actions.items():
        arns = {arn for type_ in action.resources for arn in found.resources[type_]}
        if "*" not in {arn.rpartition(":")[2] for arn in arns}:
            types = tuple(sorted(arn.rpartition(":")[2].partition("/")[0] for arn in arns))
            rows.setdefault(BESIDE_THE_REFERENCE.get(name, (types, action.required)), set()).add(name)
    for name, row in BESIDE_THE_REFERENCE.items():
        rows.setdefault(row, set()).add(name)
    return tuple(
        About(
            frozenset(f"iam:{name}" for name in names),
            tuple(f"arn:*:iam::*:{type_}/*" for type_ in types),
            required,
            but_not=_ODD if types else (),
        )
        for (types, required), names in sorted(rows.items())
    )


#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
_ASSUMING = _named("sts", "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity")
#: These go with the call that assumes a role or the root user, and may be about a session.
_BESIDE_ASSUMING = _named("sts", "AssumeRoot SetContext SetSourceIdentity TagSession")
#: The manual has it about the session, and the reference has had it about the user who calls.
_FEDERATING = _named("sts", "GetFederationToken")
_STS_ARNS = "arn:*:sts::*:*"
_STS = (
    About(frozenset(), (_STS_ARNS,), but_for=_ASSUMING | _BESIDE_ASSUMING | _FEDERATING),
    About(_BESIDE_ASSUMING, ("arn:*:iam::*:*", _STS_ARNS)),
    About(_FEDERATING, ("arn:*:iam::*:user/*", _STS_ARNS)),
    About(_ASSUMING, (f"arn:*:iam::{'?' * 12}:role/*",), but_not=_ODD),
)

#: What may be about somebody else's account. No other action of IAM is: what an account lets others do to its IAM
#: entities is to assume its roles, and that is an action of STS.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
_ACROSS_ACCOUNTS = ("arn:*:iam::*:access-report/*", "arn:*:iam::*:delegation-request/*")

#: Prefixes of one service under two names, each with what it is called besides. The console makes connections with ARNs
#: of the new name since July 2024. AWS says both that the prefixes of action and resource have to match, and that the
#: policies of these connections have actions of the old name, which the CDK writes too.
#: https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html
#: https://docs.aws.amazon.com/dtconsole/latest/userguide/security_iam_id-based-policy-examples-connections.html
_ALSO_CALLED = {"codeconnections": "codestar-connections", "codestar-connections": "codeconnections"}

#: Services that are no longer offered, with ARNs of their own only while they were.
_RETIRED = ("evidently", "iotevents")

#: Services with resource types of others too, as the reference lists them.
_WITH_OTHERS = ("ec2", "events", "payment-cryptography", "s3")

#: The same, where the pages of the service say more than the reference: the actions that may be about the resources of
#: others, and their ARNs.
_OTHERS: dict[str, tuple[str, tuple[str, ...]]] = {
    # Recovery points have ARNs of the service that they were taken of, with its Region.
    "backup": (
        """
        CopyFromBackupVault CreateBackupAccessPoint DeleteRecoveryPoint DescribeRecoveryPoint
        DisassociateRecoveryPoint DisassociateRecoveryPointFromParent GetRecoveryPointIndexDetails
        GetRecoveryPointRestoreMetadata ListTags SearchRecoveryPoint StartCopyJob StartRestoreJob
        StartScanJob TagResource UntagResource UpdateRecoveryPointIndexSettings
        UpdateRecoveryPointLifecycle
    """,
        ("arn:*:*:?*:*:*",),
    ),
    "kinesis": (
        "StartStreamEncryption StopStreamEncryption",
        ("arn:*:kms:*:*:key/*",),
    ),
    # The policy of a namespace of Redshift Serverless is about actions of Redshift:
    # https://docs.aws.amazon.com/redshift/latest/mgmt/zero-etl-setting-up.create-integration-redshift-auth.html
    "redshift": (
        """
        AuthorizeInboundIntegration CreateInboundIntegration DeleteResourcePolicy DescribeInboundIntegrations
        GetResourcePolicy PutResourcePolicy
    """,
        ("arn:*:redshift-serverless:*:*:namespace/*",),
    ),
    "ssm": (
        """
        AddTagsToResource CreateAssociation CreateAssociationBatch DeleteAssociation DescribeAssociation
        DescribeEffectiveInstanceAssociations DescribeInstanceAssociationsStatus
        DescribeInstancePatchStates DescribeInstancePatches GetConnectionStatus ListInstanceAssociations
        PutComplianceItems RemoveTagsFromResource RequestManagedInstanceRoleToken SendCommand
        StartAccessRequest StartSession UpdateAssociation UpdateAssociationStatus
        UpdateInstanceAssociationStatus UpdateInstanceInformation UpdateManagedInstancePublicKey
        UpdateManagedInstanceRole
    """,
        ("arn:*:ec2:*:*:instance/*", "arn:*:ecs:*:*:task/*", "arn:*:iam::*:role/*", "arn:*:s3:::*"),
    ),
}


def _has_own_only(service: str) -> bool:
    """Whether every resource type of a service has an ARN of the service itself, and it has one."""
    found = published.service(service)
    types = [] if found is None else [arn for arns in found.resources.values() for arn in arns]
    return service in _RETIRED or (bool(types) and all(arn.split(":")[2] == service for arn in types))


def _about_others(service: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The actions of a service that may be about the resources of others, and the ARNs of these."""
    if service in _OTHERS:
        actions, arns = _OTHERS[service]
        return _named(service, actions), arns
    found = published.service(service)
    if service not in _WITH_OTHERS or found is None:
        return frozenset(), ()
    foreign = {
        type_: arns for type_, arns in found.resources.items() if any(arn.split(":")[2] != service for arn in arns)
    }
    about_them = (action.name for action in found.actions.values() if {*action.resources} & foreign.keys())
    return _named(service, " ".join(about_them)), tuple(sorted({arn for arns in foreign.values() for arn in arns}))


@cache
def about(service: str) -> tuple[About, ...]:
    """What the actions of a service are about, as far as it is known."""
    if service == "sts":
        return _STS

    names = (service, _ALSO_CALLED[service]) if service in _ALSO_CALLED else (service,)
    own = tuple(f"arn:*:{name}:{place_of(service)}:*" for name in names)
    always = tuple(
        About(
            _named(service, row.actions), _somewhere(row.arns), row.required, frozenset(), row.but_not, row.own_account
        )
        for row in ALWAYS.get(service, ())
    )
    always += tuple(
        About(_named(service, " ".join(row.actions)), _somewhere(row.arns), row.required, but_not=row.but_not)
        for row in rows_of(service)
    )
    if service == "iam":
        across = frozenset(action for row in _iam() if {*_ACROSS_ACCOUNTS} & {*row.arns} for action in row.actions)
        return About(frozenset(), own, but_for=across, own_account=True), *_iam()
    if service not in _OTHERS and _has_own_only(service):
        return About(frozenset(), own), *always
    but_for, others = _about_others(service)
    if not others:
        return always
    return About(frozenset(), own, but_for=but_for), About(but_for, (*own, *others)), *always


def _somewhere(arns: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns for ARNs with a Region and an account in these fields."""
    return tuple(arn.replace(":*:*:", f":?*:{'?' * 12}:", 1) for arn in arns)


@cache
def in_own_account(action: str) -> bool:
    """Whether what a lower-cased action is about is in the caller's account, or is one of `AWS_POLICIES`."""
    return any(row.own_account and row.is_for(action) for row in about(action.partition(":")[0]))


class Always(NamedTuple):
    """
    Some actions of a service, and what each request for one of them is about.
    """

    #: Without the service.
    actions: str
    #: Empty where the resource is ``*``.
    arns: tuple[str, ...]
    #: ARNs among these that are of another type, or of none: most names hold no colon.
    but_not: tuple[str, ...] = ()
    #: Whether the resource is always in the caller's account.
    own_account: bool = False
    #: Whether it is always known; else it may be ``*``.
    required: bool = True


def _without_colon(arn: str) -> tuple[tuple[str], tuple[str]]:
    """An ARN that ends with a name or id, which holds no colon, and what is not meant by it."""
    return (arn,), (f"{arn}:*",)


_BUCKETS, _OBJECTS, _WITH_SLASH = "arn:*:s3:::?*", "arn:*:s3:::?*/?*", "arn:*:s3:::*/*"
_ACCESS_POINTS, _THROUGH_ACCESS_POINTS = "arn:*:s3:*:*:accesspoint/*", "arn:*:s3:*:*:accesspoint/*/object/*"
#: In no Region: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointPermissions.html
_OF_REGIONS = f"arn:*:s3::{'?' * 12}:accesspoint/*"
_THROUGH_THOSE = f"{_OF_REGIONS}/object/*"

#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_S3 = (
    Always(
        """
        AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging DeleteObjectVersion
        DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention
        GetObjectTagging GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes GetObjectVersionTagging
        ListMultipartUploadParts PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging
        PutObjectVersionAcl PutObjectVersionTagging RestoreObject
        """,
        (_OBJECTS, _THROUGH_ACCESS_POINTS, _THROUGH_THOSE),
    ),
    Always(
        """
        GetObjectTorrent GetObjectVersionForReplication GetObjectVersionTorrent InitiateReplication
        ObjectOwnerOverrideToBucketOwner ReplicateDelete ReplicateObject ReplicateTags
        """,
        (_OBJECTS,),
    ),
    # The reference does not say that uploads can be listed through an access point; the manual does:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html
    Always(
        """
        GetBucketAcl GetBucketCORS GetBucketLocation GetBucketNotification GetBucketPolicy ListBucket
        ListBucketMultipartUploads ListBucketVersions
        """,
        (_BUCKETS, _ACCESS_POINTS, _OF_REGIONS),
        (_WITH_SLASH, _THROUGH_ACCESS_POINTS, _THROUGH_THOSE),
    ),
    Always(
        """
        CreateBucket DeleteBucket DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration
        GetAnalyticsConfiguration GetBucketLogging GetBucketObjectLockConfiguration GetBucketOwnershipControls
        GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning
        GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
        GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration PutAccelerateConfiguration
        PutAnalyticsConfiguration PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification
        PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
        PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration
        PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration
        PutReplicationConfiguration
        """,
        (_BUCKETS,),
        (_WITH_SLASH,),
    ),
)

#: By service. What is always in the caller's own account is of services without policies on resources, and of KMS what
#: its API reference says so of:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
#: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
ALWAYS: dict[str, tuple[Always, ...]] = {
    "cloudformation": (
        Always(
            "CreateStack DeleteStack UpdateStack",
            *_without_colon("arn:*:cloudformation:*:*:stack/*"),
            own_account=True,
        ),
    ),
    "backup": (Always("DeleteBackupVault", *_without_colon("arn:*:backup:*:*:backup-vault:*")),),
    "cloudtrail": (
        Always(
            "DeleteTrail StopLogging UpdateTrail",
            ("arn:*:cloudtrail:*:*:trail/*",),
            ("arn:*:cloudtrail:*:*:trail/*:*", "arn:*:cloudtrail:*:*:trail/*/*"),
        ),
    ),
    "dynamodb": (
        Always(
            "DeleteTable",
            ("arn:*:dynamodb:*:*:table/*",),
            ("arn:*:dynamodb:*:*:table/*/*", "arn:*:dynamodb:*:*:table/*:*"),
        ),
    ),
    "ec2": (
        Always(
            "StopInstances TerminateInstances",
            *_without_colon("arn:*:ec2:*:*:instance/*"),
            own_account=True,
        ),
    ),
    "events": (
        Always(
            "DeleteEventBus PutEvents UpdateEventBus",
            ("arn:*:events:*:*:event-bus/*", "arn:*:events:*:*:event-busv2/*"),
        ),
    ),
    "guardduty": (
        Always(
            "DeleteDetector UpdateDetector",
            ("arn:*:guardduty:*:*:detector/*",),
            ("arn:*:guardduty:*:*:detector/*/*", "arn:*:guardduty:*:*:detector/*:*"),
        ),
    ),
    "kms": (
        # https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
        Always(
            "Decrypt DeriveSharedSecret Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext"
            " GenerateDataKeyWithoutPlaintext GenerateMac GetPublicKey ReEncryptFrom ReEncryptTo Sign Verify VerifyMac",
            *_without_colon("arn:*:kms:*:*:key/*"),
        ),
        Always(
            "CancelKeyDeletion DisableKey EnableKey PutKeyPolicy ScheduleKeyDeletion",
            *_without_colon("arn:*:kms:*:*:key/*"),
            own_account=True,
        ),
        # The policy of no key is asked about these.
        Always(
            "ConnectCustomKeyStore CreateCustomKeyStore CreateKey DeleteCustomKeyStore DescribeCustomKeyStores"
            " DisconnectCustomKeyStore GenerateRandom ListAliases ListKeys UpdateCustomKeyStore",
            (),
            required=False,
        ),
    ),
    "lambda": (
        # It changes the function, and none of its versions.
        Always("UpdateFunctionCode", ("arn:*:lambda:*:*:function:*",), ("arn:*:lambda:*:*:function:*:*",)),
    ),
    "logs": (
        Always("CreateLogGroup CreateLogStream DeleteLogGroup DescribeLogStreams", ("arn:*:logs:*:*:log-group:*",)),
        # Neither names of groups nor of streams hold a colon.
        Always(
            "GetLogEvents PutLogEvents",
            ("arn:*:logs:*:*:log-group:*:log-stream:*",),
            ("arn:*:logs:*:*:log-group:*:log-stream:*:*", "arn:*:logs:*:*:log-group:*:*:log-stream:*"),
        ),
    ),
    "rds": (
        # The snapshot that is taken at last is asked about besides.
        Always("DeleteDBCluster", ("arn:*:rds:*:*:cluster:*",), ("arn:*:rds:*:*:cluster:*:*",), own_account=True),
        Always("DeleteDBInstance", ("arn:*:rds:*:*:db:*",), ("arn:*:rds:*:*:db:*:*",), own_account=True),
    ),
    "s3": _S3,
    "secretsmanager": (
        Always("DeleteSecret GetSecretValue PutSecretValue", *_without_colon("arn:*:secretsmanager:*:*:secret:*")),
    ),
    "sts": (
        Always("AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity", ("arn:*:iam::*:role/*",), required=False),
    ),
}


@cache
def iam_actions() -> tuple[str, ...]:
    """The actions of IAM as AWS writes them, without the ``iam:``, sorted."""
    found = published.service("iam")
    assert found is not None
    return tuple(sorted({*(action.name for action in found.actions.values()), *_UNLISTED}))


def is_published(action: str) -> bool:
    """Whether AWS has published an action, as far as is known; in any case of letters."""
    prefix, _, name = action.lower().partition(":")
    service = published.service(prefix)
    return service is not None and (name in service.actions or (prefix == "iam" and name in _LOWERED))
