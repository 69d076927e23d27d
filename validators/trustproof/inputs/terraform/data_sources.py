"""
Data sources that make nothing, and say where a provider deploys to or what something is called.
"""

from __future__ import annotations

from trustproof.aws.accounts import (
    BILLING_ACCOUNT,
    CLOUDTRAIL_ACCOUNTS,
    LOAD_BALANCING_ACCOUNTS,
    REDSHIFT_ACCOUNTS,
    REDSHIFT_USER,
)
from trustproof.inputs.cloudformation.values.intrinsics import OWN_ORGANIZATION, UNCLEAR
from trustproof.inputs.terraform.values import Attribute

#: Data sources that say where a provider deploys to, to their attributes and what these are in a template.
WHERE = {
    "aws_caller_identity": {"account_id": "AWS::AccountId", "id": "AWS::AccountId"},
    "aws_region": {"name": "AWS::Region", "id": "AWS::Region", "region": "AWS::Region"},
    "aws_partition": {"partition": "AWS::Partition", "id": "AWS::Partition", "dns_suffix": "AWS::URLSuffix"},
}
#: Data sources that are only a name, to the type of resource.
BY_NAME = {
    "aws_iam_role": ("AWS::IAM::Role", "name"),
    "aws_iam_user": ("AWS::IAM::User", "user_name"),
    "aws_iam_group": ("AWS::IAM::Group", "group_name"),
    "aws_iam_policy": ("AWS::IAM::ManagedPolicy", "name"),
    "aws_s3_bucket": ("AWS::S3::Bucket", "bucket"),
    "aws_sns_topic": ("AWS::SNS::Topic", "name"),
    "aws_sqs_queue": ("AWS::SQS::Queue", "name"),
    "aws_lambda_function": ("AWS::Lambda::Function", "function_name"),
}
#: Data sources that say which account of AWS delivers logs or reports, to that account or, where there is one in each
#: Region (their argument, or that of the provider), to the accounts by Region, and to the end of the ARN that they say:
#: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/elb_service_account
ACCOUNTS_OF_AWS: dict[str, tuple[str | dict[str, str], str]] = {
    "aws_billing_service_account": (BILLING_ACCOUNT, ":root"),
    "aws_cloudtrail_service_account": (CLOUDTRAIL_ACCOUNTS, ":root"),
    "aws_elb_service_account": (LOAD_BALANCING_ACCOUNTS, ":root"),
    "aws_redshift_service_account": (REDSHIFT_ACCOUNTS, REDSHIFT_USER),
}


def own_value(type_: str, attribute: Attribute, account: object, *, is_here: bool) -> object | None:
    """
    What a data source says of the credentials of a provider: who they are of, and in which organization that is; None
    for anything else.

    Args:
        account: of the provider, as an expression.
        is_here: whether it is the account of the template.
    """
    if type_ == "aws_caller_identity" and attribute.name == "arn":
        # A user, or a session of a role, which a policy that names it lets in by that name only.
        head = ["arn:", {"Ref": "AWS::Partition"}, ":iam::", account, ":"]
        return {"Fn::Join": ["", [*head, {"Ref": attribute.shown}]]}
    if type_ == "aws_organizations_organization" and attribute.name == "id":
        # Of the credentials of another provider nobody knows whether their account is in the same organization.
        said = f"{attribute.shown} is the organization of another account"
        return {OWN_ORGANIZATION: ""} if is_here else {UNCLEAR: [attribute.shown, said]}
    return None
