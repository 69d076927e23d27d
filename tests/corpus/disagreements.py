"""
Where another tool's tests expect something else than we say: why, and a request that settles it.

The evaluator decides each request on the policy in question; the tests hold the answers written here to it.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.model.request import ANONYMOUS, SERVICE, USER_KEY, Caller, ContextValue, Request
from trustproof.spec.decision import ALLOWED, IMPLICIT_DENY

OUTSIDER = "arn:aws:iam::444455556666:user/alice"


class Disagreement(NamedTuple):
    """
    Labels that differ from our answer for one reason.
    """

    #: The ends of the files' names.
    files: tuple[str, ...]
    #: The logical id of the resource with the policy; empty for a bare policy.
    resource: str
    #: What the policy says, in our words.
    policy: str
    why: str
    request: Request
    #: What the evaluator says of the request.
    outcome: str
    #: Values of template parameters, of the labels and for the request.
    parameters: tuple[dict[str, str], ...] = ({},)
    #: Values that CloudFormation makes, for the request.
    made: tuple[tuple[str, str], ...] = ()
    #: The resources of the labels, of a file with labels that do not differ, or for another reason; else empty.
    labelled: tuple[str, ...] = ()


def user(action: str, resource: str = "*", arn: str = OUTSIDER, **sent: str) -> Request:
    """A request of a user with an access key, without MFA."""
    account = arn.split(":")[4]
    context: dict[str, ContextValue] = {"aws:principalarn": arn, "aws:principalaccount": account, **sent}
    return Request(Caller(USER_KEY, arn, "", "AIDAALICEEXAMPLE00000"), action, resource, context)


def anonymous(action: str, resource: str = "*") -> Request:
    """A request without credentials."""
    return Request(Caller(ANONYMOUS), action, resource, {"aws:principalaccount": "anonymous"})


def service(name: str, action: str, source: str, resource: str = "*") -> Request:
    """A request of an AWS service that calls for a resource of another account."""
    context: dict[str, ContextValue] = {
        "aws:principalservicename": name,
        "aws:sourceaccount": "999988887777",
        "aws:sourcearn": source,
    }
    return Request(Caller(SERVICE, name), action, resource, context)


DISAGREEMENTS = (
    Disagreement(
        ("CrossAccountTrustRule/kms_basic.yml",),
        "KMSKey",
        "The principal is a parameter, whose value is an ARN with a wildcard in it.",
        "AWS refuses a principal with a wildcard inside: only `*` alone means everybody. "
        "If it took the ARN, it would compare it letter by letter, and no account is called `*`.",
        user("kms:DescribeKey"),
        IMPLICIT_DENY,
        tuple({"Principal": f"arn:aws:iam::*:{name}"} for name in ("*", "not-root*", "root", "root*")),
    ),
    Disagreement(
        ("s3_bucket_access_to_any_principal/positive2.json",),
        "BucketPolicy",
        "Everybody may get objects of another bucket than the policy is put on.",
        "S3 refuses a policy that names another bucket, so nobody gets anything by it. The proof says that it rests on "
        "that.",
        anonymous("s3:GetObject", "arn:aws:s3:::Bucket/app"),
        IMPLICIT_DENY,
    ),
    Disagreement(
        ("lambda_function_public_access_prohibited/10.json",),
        "ExampleLambdaPermission",
        "S3 may invoke a function, for a bucket that is named by `SourceArn`; there is no `SourceAccount`.",
        "The ARN of a bucket does not say whose it is. "
        "We take one that the template names to be its own; guard thinks of the day on which it has been deleted, and "
        "somebody else has taken its name. Both are right, and a proof that rests on a name says so.",
        service("s3.amazonaws.com", "lambda:InvokeFunction", "arn:aws:s3:::app"),
        ALLOWED,
        made=(("s3-bucket.Arn", "arn:aws:s3:::app"),),
    ),
    Disagreement(
        ("lambda_no_wildcard_principal/04.json",),
        "ExampleLambdaPermission1",
        "Everybody may invoke a function, if `SourceAccount` is one account.",
        "Only services send `aws:SourceAccount`, so everybody else is kept out, "
        "and services are let in when they call for that account. AWS does not count such a policy as public.",
        anonymous("lambda:InvokeFunction"),
        IMPLICIT_DENY,
    ),
    Disagreement(
        ("lambda_no_wildcard_principal/05.json",),
        "ExampleLambdaLayerVersionPermission",
        "Everybody may use a layer, if they are in one organization.",
        "`OrganizationId` is a condition on `aws:PrincipalOrgID`, which the caller cannot choose.",
        user("lambda:GetLayerVersion"),
        IMPLICIT_DENY,
    ),
    Disagreement(
        (
            "cross_account_iam_assume_role_policy_without_external_id_or_mfa/positive5.yaml",
            "cross_account_iam_assume_role_policy_without_external_id_or_mfa/positive6.json",
        ),
        "RootRole",
        "Another account may assume the role with an external id that is the empty string.",
        "STS takes no external id of less than two characters, so nobody gets in, with MFA or without. "
        "`statement-usable` is refuted here.",
        user("sts:AssumeRole", arn="arn:aws:iam::987654321145:user/alice"),
        IMPLICIT_DENY,
    ),
    Disagreement(
        ("iam_role_allows_all_principals_to_assume/positive2.json",),
        "RootRole",
        "The principal is `arn:aws:iam::root`.",
        "This is no ARN, since the account is missing, and AWS refuses it; it does not mean everybody. "
        "`statement-usable` is refuted here.",
        user("sts:AssumeRole"),
        IMPLICIT_DENY,
    ),
    Disagreement(
        ("lambda_permission_principal_is_wildcard/positive1.yaml",),
        "s3Permission",
        "Everybody may invoke a function, if `SourceAccount` is the template's own and `SourceArn` is its bucket.",
        "Only services send these keys, and only when they call for the account.",
        anonymous("lambda:InvokeFunction"),
        IMPLICIT_DENY,
        made=(("bucket.Arn", "arn:aws:s3:::app"),),
    ),
    Disagreement(
        ("policyuniverse/statement07.json", "policyuniverse/statement27.json"),
        "",
        "Everybody is let in under `ForAllValues:ArnEqualsIfExists` on `aws:SourceArn`.",
        "Both `ForAllValues` and `IfExists` are true where the key is absent, and only services send it.",
        anonymous("rds:DescribeDBInstances"),
        ALLOWED,
    ),
    Disagreement(
        ("s3_bucket_policy/s3_bucket_with_wildcards.json",),
        "S3BucketPolicy2",
        "Everybody may read the objects of a bucket without `PublicAccessBlockConfiguration`.",
        "S3 turns `BlockPublicPolicy` on for buckets made since April 2023, so the policy is refused at deployment.",
        anonymous("s3:GetObject", "arn:aws:s3:::fakebucketfakebucket2/app"),
        ALLOWED,
    ),
    Disagreement(
        ("policyuniverse/statement22.json",),
        "",
        "Everybody is let in if `aws:SourceArn` is `arn:aws:iam:::user/MyUser`.",
        "There is no such user, since users have an account, and no service calls for it.",
        service("sns.amazonaws.com", "rds:DescribeDBInstances", "arn:aws:sns:us-east-1:999988887777:topic"),
        IMPLICIT_DENY,
    ),
    Disagreement(
        ("sqs_policy_with_public_access/positive1.yaml", "sqs_policy_with_public_access/positive3.json"),
        "SampleSQSPolicy",
        "Everybody may send to a queue of another account than the one that the template is read for.",
        "SQS lets nobody set the policy of another account's queue, and no queue of this account is what it names.",
        anonymous("sqs:SendMessage", "arn:aws:sqs:us-east-2:210987654321:queue2"),
        IMPLICIT_DENY,
    ),
)
