"""
Actions, of services other than IAM, that are always about one resource of certain types.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from trustproof._typing import NamedTuple


class Always(NamedTuple):
    """
    Some actions of a service, and what each request for one of them is about.
    """

    #: Without the service.
    actions: str
    arns: tuple[str, ...]
    #: ARNs among these that are of another type, or of none: most names hold no colon.
    but_not: tuple[str, ...] = ()
    #: Whether the resource is always in the caller's account.
    own_account: bool = False
    #: Whether it is always known; else it may be ``*``.
    required: bool = True


_BUCKETS, _OBJECTS, _WITH_SLASH = "arn:*:s3:::?*", "arn:*:s3:::?*/?*", "arn:*:s3:::*/*"
_ACCESS_POINTS, _THROUGH_ACCESS_POINTS = "arn:*:s3:*:*:accesspoint/*", "arn:*:s3:*:*:accesspoint/*/object/*"

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
        (_OBJECTS, _THROUGH_ACCESS_POINTS),
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
        (_BUCKETS, _ACCESS_POINTS),
        (_WITH_SLASH, _THROUGH_ACCESS_POINTS),
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
            ("arn:*:cloudformation:*:*:stack/*",),
            ("arn:*:cloudformation:*:*:stack/*:*",),
            own_account=True,
        ),
    ),
    "backup": (
        Always("DeleteBackupVault", ("arn:*:backup:*:*:backup-vault:*",), ("arn:*:backup:*:*:backup-vault:*:*",)),
    ),
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
            ("arn:*:ec2:*:*:instance/*",),
            ("arn:*:ec2:*:*:instance/*:*",),
            own_account=True,
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
        Always("Decrypt Encrypt", ("arn:*:kms:*:*:key/*",)),
        Always(
            "CancelKeyDeletion DisableKey EnableKey PutKeyPolicy ScheduleKeyDeletion",
            ("arn:*:kms:*:*:key/*",),
            ("arn:*:kms:*:*:key/*:*",),
            own_account=True,
        ),
    ),
    "lambda": (
        # It changes the function, and none of its versions.
        Always("UpdateFunctionCode", ("arn:*:lambda:*:*:function:*",), ("arn:*:lambda:*:*:function:*:*",)),
    ),
    "logs": (Always("DeleteLogGroup", ("arn:*:logs:*:*:log-group:*",)),),
    "rds": (
        # The snapshot that is taken at last is asked about besides.
        Always("DeleteDBCluster", ("arn:*:rds:*:*:cluster:*",), ("arn:*:rds:*:*:cluster:*:*",), own_account=True),
        Always("DeleteDBInstance", ("arn:*:rds:*:*:db:*",), ("arn:*:rds:*:*:db:*:*",), own_account=True),
    ),
    "s3": _S3,
    "secretsmanager": (Always("DeleteSecret GetSecretValue PutSecretValue", ("arn:*:secretsmanager:*:*:secret:*",)),),
    "sts": (
        Always(
            "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity",
            ("arn:*:iam::*:role/*",),
            required=False,
        ),
    ),
}
