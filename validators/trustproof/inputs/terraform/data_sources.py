"""
Data sources that make nothing, and say where a provider deploys to or what something is called.
"""

from __future__ import annotations

from trustproof.aws.accounts import CLOUDTRAIL_ACCOUNTS, LOAD_BALANCING_ACCOUNTS

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
#: Data sources that say which account of AWS delivers logs in a Region, their argument or that of the provider, to the
#: accounts by Region: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/elb_service_account
ACCOUNTS_OF_AWS = {
    "aws_elb_service_account": LOAD_BALANCING_ACCOUNTS,
    "aws_cloudtrail_service_account": CLOUDTRAIL_ACCOUNTS,
}
