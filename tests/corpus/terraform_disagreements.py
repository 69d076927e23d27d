"""
The same as in :mod:`tests.corpus.disagreements`, of Terraform configurations; and what of them is unknown, and why.
"""

from __future__ import annotations

from tests.corpus.disagreements import Disagreement, anonymous, user
from trustproof.model.request import WEB_IDENTITY, Caller, Request
from trustproof.spec.decision import ALLOWED, IMPLICIT_DENY

_GITHUB = "token.actions.githubusercontent.com"
_OIDC = "example_GithubActionsOIDCTrustPolicy/main.tf"
_S3 = "example_S3AllowsAnyPrincipal/main.tf"
_DOCUMENT = "data.aws_iam_policy_document."


def _token(subject: str) -> Request:
    provider = f"arn:aws:iam::123456123456:oidc-provider/{_GITHUB}"
    return Request(Caller(WEB_IDENTITY, provider), "sts:AssumeRoleWithWebIdentity", "*", {f"{_GITHUB}:sub": subject})


TERRAFORM = (
    Disagreement(
        ("example_GlacierVaultAnyPrincipal/main.tf",),
        "aws_glacier_vault.my_archive3",
        "The principal is `arn:aws:iam::*:role/vault-reader`.",
        "AWS refuses a principal with a wildcard inside: only `*` alone means everybody.",
        user("glacier:InitiateJob", "arn:aws:glacier:eu-west-1:432981146916:vaults/MyArchive"),
        IMPLICIT_DENY,
        labelled=("aws_glacier_vault.my_archive3",),
    ),
    Disagreement(
        ("example_SNSTopicPolicyAnyPrincipal/main.tf",),
        "aws_sns_topic_policy.sns_tp3",
        "The principal is `arn:aws:iam::*:role/sns`.",
        "AWS refuses a principal with a wildcard inside: only `*` alone means everybody.",
        user("sns:Publish", "arn:aws:sns:us-east-1:210987654321:topic"),
        IMPLICIT_DENY,
        made=(("AWS::Region", "us-east-1"), ("aws_sns_topic.test", "topic")),
        labelled=("aws_sns_topic_policy.sns_tp3",),
    ),
    Disagreement(
        (_OIDC,),
        "",
        "The subject is tested with `StringEquals`, and against `invalid`, `*`, `repo:*` or `repo:myOrg*`.",
        "`StringEquals` knows no wildcards, and GitHub signs no token with such a subject, so nobody gets in. "
        "With `StringLike` the last three would be refuted.",
        _token("repo:evil/app:ref:refs/heads/main"),
        IMPLICIT_DENY,
        labelled=tuple(
            f"{_DOCUMENT}{name}" for name in ("fail2", "fail-wildcard", "fail-wildcard-assertion", "fail-misused-repo")
        ),
    ),
    Disagreement(
        (_OIDC,),
        "",
        "The subject has to be `workflow:github-actions:repo:myOrg/myRepo:ref:refs/heads/MyBranch`.",
        "A customised subject may begin with the name of a workflow, which anybody chooses. "
        "But a colon in it is written `%3A`, so that this name cannot go on with a repository of somebody else. "
        "This is an assumption about GitHub, and one of those in docs/limits/iam.md.",
        _token("workflow:github-actions%3Arepo%3AmyOrg/myRepo%3Aref%3Arefs/heads/MyBranch"),
        IMPLICIT_DENY,
        labelled=(f"{_DOCUMENT}fail-abusable",),
    ),
    Disagreement(
        (_S3,),
        "",
        "Everybody may read the objects of a bucket without a public access block.",
        "S3 turns `BlockPublicPolicy` on for buckets made since April 2023, so the policy is refused at deployment. "
        "The policy that stands by itself names one of these buckets, by its name.",
        anonymous("s3:GetObject", "arn:aws:s3:::bucket/app"),
        ALLOWED,
        labelled=("aws_s3_bucket.fail", "aws_s3_bucket.fail2", "aws_s3_bucket.fail3", "aws_s3_bucket_policy.fail"),
    ),
    Disagreement(
        ("cloudwatch_log_destination_policy/wildcard_principal/terraform12/wildcard_principal.tf",),
        "",
        "The policy of a log destination lets everybody, or `user/*` of an account, do `cloudwatch:*`.",
        "No action of CloudWatch Logs begins with `cloudwatch:`, so that nobody may send anything to the destination.",
        anonymous("logs:PutSubscriptionFilter"),
        IMPLICIT_DENY,
        labelled=tuple(
            f"aws_cloudwatch_log_destination_policy.cw_destination_{name}"
            for name in ("allow_with_wildcard", "principal_is_wildcard")
        ),
    ),
    Disagreement(
        ("s3_bucket_policy/policy_statement_principal_wildcard/terraform12/policy_statement_principal_wildcard.tf",),
        "",
        "The principal is `arn:aws:iam::1234567890:user/foo*`.",
        "AWS refuses a principal with a wildcard inside: only `*` alone means everybody.",
        user("s3:GetObject", "arn:aws:s3:::fooBucket/app", "arn:aws:iam::001234567890:user/food"),
        IMPLICIT_DENY,
        labelled=("aws_s3_bucket_policy.policy_statement_allow_principal_with_wildcard",),
    ),
    Disagreement(
        ("topic_policy_statement_principal_wildcard-copy/terraform12/policy_statement_principal_wildcard-copy.tf",),
        "",
        "The principal is `arn:aws:iam::1234567890:user/foo*`.",
        "AWS refuses a principal with a wildcard inside: only `*` alone means everybody.",
        user("sns:Publish", "arn:aws:sns:us-east-1:1234567890:fooTopic", "arn:aws:iam::001234567890:user/food"),
        IMPLICIT_DENY,
        labelled=("aws_sns_topic_policy.policy_statement_allow_principal_with_wildcard",),
    ),
    Disagreement(
        ("ses_identity_policy/wildcard_principal/terraform12/wildcard_principal.tf",),
        "",
        "The principal is `arn:aws:iam::1234567890:user/*`.",
        "AWS refuses a principal with a wildcard inside: only `*` alone means everybody.",
        user("ses:SendEmail", "arn:aws:ses:us-west-2:123456789012:identity/example.com"),
        IMPLICIT_DENY,
        labelled=("aws_ses_identity_policy.ses_allow_with_wildcard",),
    ),
    Disagreement(
        ("tf/cross_account_iam_assume_role_policy_without_external_id_or_mfa/negative1.tf",),
        "aws_iam_role.negative1",
        "Another account may assume the role with an external id.",
        "To the rule an external id is as good as MFA; `mfa-required` takes it so of a declared third party only. "
        "An external id is no secret, and a user of that account needs no second factor.",
        user("sts:AssumeRole", arn="arn:aws:iam::987654321145:user/alice", **{"sts:externalid": "98765"}),
        ALLOWED,
    ),
    Disagreement(
        ("tf/lambda_permission_principal_is_wildcard/positive.tf",),
        "aws_lambda_permission.positive1",
        "Everybody may invoke a function, if `source_arn` is one rule of EventBridge.",
        "Only services send `aws:SourceArn`, and only when they call for that rule.",
        anonymous("lambda:InvokeFunction"),
        IMPLICIT_DENY,
    ),
    Disagreement(
        ("tf/s3_bucket_access_to_any_principal/positive3.tf",),
        "aws_s3_bucket_policy.this",
        "Everybody may do everything with a bucket through access points of the own account.",
        "This hands the decision to the policies of these access points. AWS does not count such a policy as public.",
        anonymous("s3:GetObject", "arn:aws:s3:::my_tf_test_bucket/app"),
        IMPLICIT_DENY,
        made=(("aws_cloudfront_distribution.this", "EDFDVBD632BHDS5"),),
    ),
    Disagreement(
        (
            "tf/s3_bucket_allows_list_action_from_all_principals/positive2.tf",
            "tf/s3_bucket_allows_put_action_from_all_principals/positive2.tf",
        ),
        "aws_s3_bucket_policy.positive2",
        "Everybody may list or put objects from one IP address.",
        "AWS does not count such a policy as public. "
        "The proof says that it rests on the network, and there is no action called `s3:ListObjects` at all.",
        anonymous("s3:PutObject", "arn:aws:s3:::my_tf_test_bucket/app"),
        IMPLICIT_DENY,
    ),
)

_MODULE = "the module is not at hand, and nobody has looked into it"

#: What of the labelled templates, configurations and plans we do not know: (end of the file's name, resource) to why.
UNKNOWNS = {
    **{
        ("tfplan.json", f'module.poc.data.aws_iam_policy_document.{document}["{key}"]'): (
            "the policy is known after apply, and the configuration is not at hand"
        )
        for document in ("r3", "r4")
        for key in ("p1", "p2")
    },
    ("example_IAMRoleAllowAssumeFromAccount/main.tf", "aws_iam_role.pass2"): "the policy is an empty text",
    **{
        (f"tf/{what}_is_publicly_accessible/negative.tf", "*"): "the account is a placeholder of another tool"
        for what in ("ecr_repository", "sns_topic")
    },
    (_S3, "aws_s3_bucket.pass_w_condition6"): "the name of the bucket is that of one that is not declared",
    **{
        (
            _S3,
            f"{type_}.fail_w_condition",
        ): "whether an ARN pattern with fewer than six fields matches is not documented"
        for type_ in ("aws_s3_bucket", "aws_s3_bucket_policy")
    },
    **{
        ("tf/s3_bucket_allows_get_action_from_all_principals/positive1.tf", f"aws_s3_bucket_policy.{name}"): (
            "the bucket is not declared, and may be the one that is"
        )
        for name in ("positive2", "positive3")
    },
    **{
        (f"tf/{file}", resource): _MODULE
        for file, resource in (
            ("s3_bucket_access_to_any_principal/positive2.tf", "module.s3_bucket"),
            ("s3_bucket_allows_delete_action_from_all_principals/positive3.tf", "module.s3_bucket"),
            ("s3_bucket_allows_list_action_from_all_principals/positive3.tf", "module.s3_bucket"),
            ("sns_topic_is_publicly_accessible/positive_module.tf", "module.s3_bucket"),
            ("sqs_policy_with_public_access/negative_module.tf", "*"),
            ("sqs_policy_with_public_access/positive_module.tf", "module.sqs_queue_policy"),
        )
    },
}
