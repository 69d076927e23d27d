"""
The rules of other tools that are near to a property of ours, and how ours is asked where they are.

A rule that is not here asks about something else: what a role may do, encryption, hygiene.
"""

from __future__ import annotations

from typing import NamedTuple


class Asked(NamedTuple):
    """
    What stands in for a rule.
    """

    #: One of these is refuted where the rule would report something.
    properties: tuple[str, ...]
    #: Whether accounts that a policy names are a matter of the boundary; else only "anyone" counts.
    cross_account: bool = False
    #: Whether the rule says whether AWS would take the policy at all.
    validity: bool = False


_PUBLIC = Asked(("inside-boundary",))
_CROSS_ACCOUNT = Asked(("inside-boundary",), cross_account=True)
_VALIDITY = Asked((), validity=True)

RULES: dict[str, Asked] = {
    # cfn_nag
    "F16 S3BucketPolicyWildcardPrincipalRule": _PUBLIC,
    "F21 SqsQueuePolicyWildcardPrincipalRule": _PUBLIC,
    "F76 KMSKeyWildcardPrincipalRule": _PUBLIC,
    "F7 SqsQueuePolicyNotPrincipalRule": _PUBLIC,
    "F8 SnsTopicPolicyNotPrincipalRule": _PUBLIC,
    # cfripper
    **dict.fromkeys(
        (
            "CrossAccountTrustRule",
            "ElasticsearchDomainCrossAccountTrustRule",
            "GenericCrossAccountTrustRule",
            "KMSKeyCrossAccountTrustRule",
            "OpenSearchDomainCrossAccountTrustRule",
            "S3CrossAccountTrustRule",
        ),
        _CROSS_ACCOUNT,
    ),
    **dict.fromkeys(
        (
            "FullWildcardPrincipalRule",
            "GenericResourceFullWildcardPrincipalRule",
            "GenericResourcePartialWildcardPrincipalRule",
            "GenericResourceWildcardPrincipalRule",
            "GenericWildcardPrincipalRule",
            "KMSKeyWildcardPrincipalRule",
            "PartialWildcardPrincipalRule",
            "SQSQueuePolicyNotPrincipalRule",
        ),
        _PUBLIC,
    ),
    # checkov
    **dict.fromkeys((f"CKV_AWS_{number}" for number in (33, 60, 70, 167, 169)), _PUBLIC),
    "CKV_AWS_61": Asked(("mfa-required",)),
    "CKV_AWS_358": Asked(("web-identity-bound",)),
    "CKV_AWS_364": Asked(("no-confused-deputy",)),
    # aws-guard-rules-registry
    "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED": Asked(("inside-boundary", "no-confused-deputy")),
    **dict.fromkeys(
        (
            "IAM_ROLE_NO_ALLOW_PLUS_NOT_PRINCIPAL",
            "LAMBDA_NO_WILDCARD_PRINCIPALS",
            "S3_BUCKETPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL",
            "S3_BUCKET_POLICY_NO_WILDCARD_PRINCIPAL",
            "SNS_TOPICPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL",
            "SNS_TOPICPOLICY_NO_WILDCARD_PRINCIPAL",
            "SQS_QUEUEPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL",
            "SQS_QUEUEPOLICY_NO_WILDCARD_PRINCIPAL",
        ),
        _PUBLIC,
    ),
    # KICS
    "kics:cloudFormation/cross_account_iam_assume_role_policy_without_external_id_or_mfa": Asked(("mfa-required",)),
    "kics:cloudFormation/iam_policy_grants_assumerole_permission_across_all_services": Asked(("assume-role-scoped",)),
    **dict.fromkeys(
        (
            f"kics:cloudFormation/{name}"
            for name in (
                "ecr_repository_is_publicly_accessible",
                "iam_role_allows_all_principals_to_assume",
                "kms_allows_wildcard_principal",
                "lambda_permission_principal_is_wildcard",
                "s3_bucket_access_to_any_principal",
                "s3_bucket_allows_delete_actions_from_all_principals",
                "s3_bucket_allows_get_actions_from_all_principals",
                "s3_bucket_allows_list_actions_from_all_principals",
                "s3_bucket_allows_put_actions_from_all_principals",
                "s3_bucket_allows_restore_actions_from_all_principals",
                "sns_topic_is_publicly_accessible",
                "sqs_policy_with_public_access",
            )
        ),
        _PUBLIC,
    ),
    **dict.fromkeys(
        (
            f"kics:terraform/{name}"
            for name in (
                "ecr_repository_is_publicly_accessible",
                "iam_role_allows_all_principals_to_assume",
                "lambda_permission_principal_is_wildcard",
                "s3_bucket_access_to_any_principal",
                "s3_bucket_allows_delete_action_from_all_principals",
                "s3_bucket_allows_get_action_from_all_principals",
                "s3_bucket_allows_list_action_from_all_principals",
                "s3_bucket_allows_put_action_from_all_principals",
                "sns_topic_is_publicly_accessible",
                "sqs_policy_with_public_access",
            )
        ),
        _PUBLIC,
    ),
    "kics:terraform/cross_account_iam_assume_role_policy_without_external_id_or_mfa": Asked(("mfa-required",)),
    # config-lint
    **dict.fromkeys(
        (
            f"config-lint:{name}"
            for name in (
                "CLOUDWATCH_WILDCARD_PRINCIPAL",
                "IAM_ROLE_NOT_PRINCIPAL",
                "S3_BUCKET_POLICY_WILDCARD_PRINCIPAL",
                "SES_IDENTITY_WILDCARD_PRINCIPAL",
                "SNS_TOPIC_POLICY_WILDCARD_PRINCIPAL",
                "SQS_QUEUE_POLICY_WILDCARD_PRINCIPAL",
            )
        ),
        _PUBLIC,
    ),
    # policyuniverse, regula, trivy
    "policyuniverse:internet_accessible": _PUBLIC,
    "regula:cfn_lambda_function_not_public": _PUBLIC,
    "trivy:AWS-0032": _PUBLIC,
    "trivy:AWS-0067": Asked(("no-confused-deputy",)),
    # cfn-lint, parliament
    "cfn-lint:TrustPolicy(validity)": _VALIDITY,
    "parliament:MALFORMED": _VALIDITY,
}

#: Where a rule reports something at one resource and we at another: (end of the file's name, resource) to ours.
STANDS_AT = {
    ("s3_bucket_access_to_any_principal/positive1.yaml", "Bucket"): "BucketPolicy",
    ("s3_bucket_access_to_any_principal/positive1.yaml", "Bucket2"): "BucketPolicy2",
    ("s3_bucket_access_to_any_principal/positive2.json", "Bucket"): "BucketPolicy",
    ("s3_bucket_access_to_any_principal/positive2.json", "Bucket2"): "BucketPolicy2",
    **{
        ("tfplan.json", f'module.poc.data.aws_iam_policy_document.{document}["{key}"]'): (
            f'module.poc.aws_iam_role.{role}["{key}"]'
        )
        for document, role in (("r3", "r1"), ("r4", "r6"))
        for key in ("p1", "p2")
    },
    # The bucket and the bucket policy have the same policy, which is judged once.
    **{
        ("example_S3AllowsAnyPrincipal/main.tf", f"aws_s3_bucket.{bucket}"): f"aws_s3_bucket_policy.{policy}"
        for bucket, policy in (
            ("fail3", "fail"),
            ("fail_w_condition", "fail_w_condition"),
            ("pass", "pass"),
            ("pass_w_condition", "pass_w_condition"),
            ("pass_w_condition2", "pass_w_condition2"),
        )
    },
    ("invalid_function_not_public_sam_infra.yaml", "Function"): "FunctionPermission",
    ("valid_function_not_public_account_permission_sam_infra.yaml", "Function"): "FunctionPermission",
    ("valid_function_not_public_sam_infra.yaml", "Function"): "FunctionPermission",
}
