"""
What a call changes: each write that is answered as done can be read back, so that no test passes on a call that did
nothing.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cast import HOME, OTHER, allow, policy, root, trust
from tests.sandbox.test_repeated_calls import archive_of_code
from trustproof.sandbox import Sandbox

REGION = "eu-central-1"
QUEUE, TOPIC = f"arn:aws:sqs:{REGION}:{HOME}:lasting", f"arn:aws:sns:{REGION}:{HOME}:lasting"
OWN = f"arn:aws:iam::{HOME}:policy/lasting"
TRUST = policy(trust({"Service": "lambda.amazonaws.com"}))
ROLE, USER, GROUP = {"RoleName": "lasting"}, {"UserName": "lasting"}, {"GroupName": "lasting"}
PROFILE, BUCKET, REPOSITORY = (
    {"InstanceProfileName": "lasting"},
    {"Bucket": "lasting-things"},
    {"repositoryName": "lasting"},
)
SECRET, FUNCTION, ALIAS = {"SecretId": "lasting"}, {"FunctionName": "lasting"}, {"AliasName": "alias/lasting"}
TAGS = [{"Key": "color", "Value": "red"}]
OIDC = {"OpenIDConnectProviderArn": f"arn:aws:iam::{HOME}:oidc-provider/issuer.example.com"}


def of_resource(action: str, resource: str | None) -> str:
    about = {} if resource is None else {"Resource": resource}
    return policy({"Sid": "seen", "Effect": "Allow", "Principal": root(OTHER), "Action": action, **about})


class Write(NamedTuple):
    """
    A call, and what can be read of it afterwards.
    """

    service: str
    operation: str
    parameters: dict[str, Any]
    #: What is read, and how.
    read: str
    of: dict[str, Any]
    #: What is read after the call and not before; after a minus sign, what was there before and is not after.
    said: str


def iam(operation: str, parameters: dict[str, Any], read: str, of: dict[str, Any], said: str) -> Write:
    return Write("iam", operation, parameters, read, of, said)


DETAILS: dict[str, Any] = {"Filter": ["User", "Role", "Group", "LocalManagedPolicy"]}
KEY = {"KeyId": "alias/lasting"}
URL = {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{HOME}/lasting"}
ALL_OF_QUEUE, OF_TOPIC = {**URL, "AttributeNames": ["All"]}, {"TopicArn": TOPIC}
CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)

#: By service, in order: each stands on those before it.
WRITES: list[Write] = [
    # IAM: managed policies
    iam(
        "create_policy",
        {"PolicyName": "lasting", "PolicyDocument": policy(allow("s3:GetObject"))},
        "get_account_authorization_details",
        DETAILS,
        OWN,
    ),
    iam(
        "create_policy_version",
        {"PolicyArn": OWN, "PolicyDocument": policy(allow("s3:PutObject"))},
        "get_policy_version",
        {"PolicyArn": OWN, "VersionId": "v2"},
        "s3:PutObject",
    ),
    iam(
        "set_default_policy_version",
        {"PolicyArn": OWN, "VersionId": "v2"},
        "get_policy",
        {"PolicyArn": OWN},
        '"DefaultVersionId": "v2"',
    ),
    iam(
        "delete_policy_version",
        {"PolicyArn": OWN, "VersionId": "v1"},
        "list_policy_versions",
        {"PolicyArn": OWN},
        '-"v1"',
    ),
    iam("tag_policy", {"PolicyArn": OWN, "Tags": TAGS}, "list_policy_tags", {"PolicyArn": OWN}, "red"),
    iam("untag_policy", {"PolicyArn": OWN, "TagKeys": ["color"]}, "list_policy_tags", {"PolicyArn": OWN}, "-red"),
    # IAM: roles
    iam("create_role", {**ROLE, "AssumeRolePolicyDocument": TRUST}, "get_role", ROLE, "role/lasting"),
    iam("update_assume_role_policy", {**ROLE, "PolicyDocument": policy(trust(root(OTHER)))}, "get_role", ROLE, OTHER),
    iam("update_role", {**ROLE, "MaxSessionDuration": 7_200}, "get_role", ROLE, "7200"),
    iam("update_role", {**ROLE, "Description": "purple"}, "get_role", ROLE, "purple"),
    iam("update_role_description", {**ROLE, "Description": "green"}, "get_role", ROLE, "green"),
    iam(
        "put_role_policy",
        {**ROLE, "PolicyName": "inline", "PolicyDocument": policy(allow("s3:*"))},
        "list_role_policies",
        ROLE,
        "inline",
    ),
    iam("delete_role_policy", {**ROLE, "PolicyName": "inline"}, "list_role_policies", ROLE, "-inline"),
    iam("attach_role_policy", {**ROLE, "PolicyArn": OWN}, "list_attached_role_policies", ROLE, OWN),
    iam("detach_role_policy", {**ROLE, "PolicyArn": OWN}, "list_attached_role_policies", ROLE, f"-{OWN}"),
    iam("put_role_permissions_boundary", {**ROLE, "PermissionsBoundary": OWN}, "get_role", ROLE, OWN),
    iam("delete_role_permissions_boundary", ROLE, "get_role", ROLE, f"-{OWN}"),
    iam("tag_role", {**ROLE, "Tags": TAGS}, "get_role", ROLE, "red"),
    iam("untag_role", {**ROLE, "TagKeys": ["color"]}, "get_role", ROLE, "-red"),
    iam("create_instance_profile", PROFILE, "list_instance_profiles", {}, "instance-profile/lasting"),
    iam("add_role_to_instance_profile", {**PROFILE, **ROLE}, "get_instance_profile", PROFILE, "role/lasting"),
    iam("remove_role_from_instance_profile", {**PROFILE, **ROLE}, "get_instance_profile", PROFILE, "-role/lasting"),
    iam("tag_instance_profile", {**PROFILE, "Tags": TAGS}, "get_instance_profile", PROFILE, "red"),
    iam("untag_instance_profile", {**PROFILE, "TagKeys": ["color"]}, "get_instance_profile", PROFILE, "-red"),
    iam("delete_instance_profile", PROFILE, "list_instance_profiles", {}, "-instance-profile/lasting"),
    # IAM: users and groups
    iam("create_user", USER, "list_users", {}, "user/lasting"),
    iam(
        "put_user_policy",
        {**USER, "PolicyName": "inline", "PolicyDocument": policy(allow("s3:*"))},
        "list_user_policies",
        USER,
        "inline",
    ),
    iam("delete_user_policy", {**USER, "PolicyName": "inline"}, "list_user_policies", USER, "-inline"),
    iam("attach_user_policy", {**USER, "PolicyArn": OWN}, "list_attached_user_policies", USER, OWN),
    iam("detach_user_policy", {**USER, "PolicyArn": OWN}, "list_attached_user_policies", USER, f"-{OWN}"),
    iam("put_user_permissions_boundary", {**USER, "PermissionsBoundary": OWN}, "get_user", USER, OWN),
    iam("delete_user_permissions_boundary", USER, "get_user", USER, f"-{OWN}"),
    iam("tag_user", {**USER, "Tags": TAGS}, "list_user_tags", USER, "red"),
    iam("untag_user", {**USER, "TagKeys": ["color"]}, "list_user_tags", USER, "-red"),
    iam(
        "create_login_profile",
        {**USER, "Password": "Abcdef-123456", "PasswordResetRequired": True},
        "get_login_profile",
        USER,
        '"PasswordResetRequired": true',
    ),
    iam(
        "update_login_profile",
        {**USER, "PasswordResetRequired": False},
        "get_login_profile",
        USER,
        '"PasswordResetRequired": false',
    ),
    iam(
        "update_login_profile",
        {**USER, "PasswordResetRequired": True},
        "get_login_profile",
        USER,
        '"PasswordResetRequired": true',
    ),
    iam("delete_login_profile", USER, "get_login_profile", USER, "-LoginProfile"),
    iam("create_access_key", USER, "list_access_keys", USER, "AKIA"),
    iam("create_group", GROUP, "list_groups", {}, "group/lasting"),
    iam("add_user_to_group", {**GROUP, **USER}, "list_groups_for_user", USER, "group/lasting"),
    iam(
        "put_group_policy",
        {**GROUP, "PolicyName": "inline", "PolicyDocument": policy(allow("s3:*"))},
        "list_group_policies",
        GROUP,
        "inline",
    ),
    iam("attach_group_policy", {**GROUP, "PolicyArn": OWN}, "list_attached_group_policies", GROUP, OWN),
    iam("update_group", {**GROUP, "NewPath": "/way/"}, "get_group", GROUP, "group/way/lasting"),
    iam("update_group", {**GROUP, "NewGroupName": "moved"}, "list_groups_for_user", USER, "group/way/moved"),
    iam(
        "update_group",
        {"GroupName": "moved", "NewGroupName": "lasting", "NewPath": "/"},
        "list_attached_group_policies",
        GROUP,
        OWN,
    ),
    iam("update_user", {**USER, "NewPath": "/way/"}, "get_group", GROUP, "user/way/lasting"),
    iam("update_user", {**USER, "NewUserName": "moved"}, "get_group", GROUP, "user/way/moved"),
    iam(
        "update_user",
        {"UserName": "moved", "NewUserName": "lasting", "NewPath": "/"},
        "get_group",
        GROUP,
        "user/lasting",
    ),
    iam("delete_group_policy", {**GROUP, "PolicyName": "inline"}, "list_group_policies", GROUP, "-inline"),
    iam("detach_group_policy", {**GROUP, "PolicyArn": OWN}, "list_attached_group_policies", GROUP, f"-{OWN}"),
    iam("remove_user_from_group", {**GROUP, **USER}, "get_group", GROUP, "-user/lasting"),
    iam("delete_group", GROUP, "list_groups", {}, "-group/lasting"),
    # IAM: providers and the account
    iam(
        "create_open_id_connect_provider",
        {"Url": "https://issuer.example.com", "ClientIDList": ["one"], "ThumbprintList": ["a" * 40]},
        "list_open_id_connect_providers",
        {},
        "issuer.example.com",
    ),
    iam(
        "add_client_id_to_open_id_connect_provider",
        {**OIDC, "ClientID": "two"},
        "get_open_id_connect_provider",
        OIDC,
        '"two"',
    ),
    iam(
        "remove_client_id_from_open_id_connect_provider",
        {**OIDC, "ClientID": "two"},
        "get_open_id_connect_provider",
        OIDC,
        '-"two"',
    ),
    iam(
        "update_open_id_connect_provider_thumbprint",
        {**OIDC, "ThumbprintList": ["b" * 40]},
        "get_open_id_connect_provider",
        OIDC,
        "b" * 40,
    ),
    iam("tag_open_id_connect_provider", {**OIDC, "Tags": TAGS}, "get_open_id_connect_provider", OIDC, "red"),
    iam("untag_open_id_connect_provider", {**OIDC, "TagKeys": ["color"]}, "get_open_id_connect_provider", OIDC, "-red"),
    iam("delete_open_id_connect_provider", OIDC, "list_open_id_connect_providers", {}, "-issuer.example.com"),
    iam("create_account_alias", {"AccountAlias": "lasting"}, "list_account_aliases", {}, "lasting"),
    iam("delete_account_alias", {"AccountAlias": "lasting"}, "list_account_aliases", {}, "-lasting"),
    iam("update_account_password_policy", {"MinimumPasswordLength": 17}, "get_account_password_policy", {}, "17"),
    iam("delete_account_password_policy", {}, "get_account_password_policy", {}, "-17"),
    iam("delete_role", ROLE, "list_roles", {}, "-role/lasting"),
    iam("delete_policy", {"PolicyArn": OWN}, "get_account_authorization_details", DETAILS, f"-{OWN}"),
    # KMS
    Write("kms", "create_alias", {**ALIAS, "TargetKeyId": ""}, "list_aliases", {}, "alias/lasting"),
    Write(
        "kms",
        "put_key_policy",
        {
            "PolicyName": "default",
            "Policy": policy(
                {"Sid": "seen", "Effect": "Allow", "Principal": root(HOME), "Action": "kms:*", "Resource": "*"}
            ),
        },
        "get_key_policy",
        {"PolicyName": "default"},
        "seen",
    ),
    Write("kms", "update_key_description", {"Description": "purple"}, "describe_key", {}, "purple"),
    Write("kms", "tag_resource", {"Tags": [{"TagKey": "color", "TagValue": "red"}]}, "list_resource_tags", {}, "red"),
    Write("kms", "untag_resource", {"TagKeys": ["color"]}, "list_resource_tags", {}, "-red"),
    Write(
        "kms",
        "create_grant",
        {"GranteePrincipal": f"arn:aws:iam::{OTHER}:root", "Operations": ["Decrypt"]},
        "list_grants",
        {},
        OTHER,
    ),
    Write("kms", "enable_key_rotation", {}, "get_key_rotation_status", {}, '"KeyRotationEnabled": true'),
    Write("kms", "disable_key_rotation", {}, "get_key_rotation_status", {}, '"KeyRotationEnabled": false'),
    Write("kms", "disable_key", {}, "describe_key", {}, '"Disabled"'),
    Write("kms", "enable_key", {}, "describe_key", {}, '"Enabled": true'),
    Write("kms", "delete_alias", ALIAS, "list_aliases", {}, "-alias/lasting"),
    Write("kms", "schedule_key_deletion", {"PendingWindowInDays": 7}, "describe_key", {}, "PendingDeletion"),
    Write("kms", "cancel_key_deletion", {}, "describe_key", {}, "-PendingDeletion"),
    Write("sqs", "create_queue", {"QueueName": "lasting"}, "list_queues", {}, "/lasting"),
    Write(
        "sqs",
        "set_queue_attributes",
        {**URL, "Attributes": {"Policy": of_resource("sqs:SendMessage", QUEUE)}},
        "get_queue_attributes",
        ALL_OF_QUEUE,
        "seen",
    ),
    Write(
        "sqs",
        "set_queue_attributes",
        {**URL, "Attributes": {"Policy": ""}},
        "get_queue_attributes",
        ALL_OF_QUEUE,
        "-seen",
    ),
    Write(
        "sqs",
        "add_permission",
        {**URL, "Label": "label", "AWSAccountIds": [OTHER], "Actions": ["SendMessage"]},
        "get_queue_attributes",
        ALL_OF_QUEUE,
        "label",
    ),
    Write("sqs", "remove_permission", {**URL, "Label": "label"}, "get_queue_attributes", ALL_OF_QUEUE, "-label"),
    Write(
        "sqs",
        "set_queue_attributes",
        {**URL, "Attributes": {"VisibilityTimeout": "41"}},
        "get_queue_attributes",
        ALL_OF_QUEUE,
        '"41"',
    ),
    Write("sqs", "tag_queue", {**URL, "Tags": {"color": "red"}}, "list_queue_tags", URL, "red"),
    Write("sqs", "untag_queue", {**URL, "TagKeys": ["color"]}, "list_queue_tags", URL, "-red"),
    Write(
        "sqs",
        "send_message",
        {**URL, "MessageBody": "x"},
        "get_queue_attributes",
        ALL_OF_QUEUE,
        '"ApproximateNumberOfMessages": "1"',
    ),
    Write("sqs", "purge_queue", URL, "get_queue_attributes", ALL_OF_QUEUE, '"ApproximateNumberOfMessages": "0"'),
    Write("sns", "create_topic", {"Name": "lasting"}, "list_topics", {}, TOPIC),
    Write(
        "sns",
        "set_topic_attributes",
        {**OF_TOPIC, "AttributeName": "Policy", "AttributeValue": of_resource("sns:Publish", TOPIC)},
        "get_topic_attributes",
        OF_TOPIC,
        "seen",
    ),
    Write(
        "sns",
        "add_permission",
        {**OF_TOPIC, "Label": "label", "AWSAccountId": [OTHER], "ActionName": ["Publish"]},
        "get_topic_attributes",
        OF_TOPIC,
        "label",
    ),
    Write("sns", "remove_permission", {**OF_TOPIC, "Label": "label"}, "get_topic_attributes", OF_TOPIC, "-label"),
    Write(
        "sns",
        "set_topic_attributes",
        {**OF_TOPIC, "AttributeName": "DisplayName", "AttributeValue": "purple"},
        "get_topic_attributes",
        OF_TOPIC,
        "purple",
    ),
    Write(
        "sns",
        "subscribe",
        {**OF_TOPIC, "Protocol": "sqs", "Endpoint": QUEUE},
        "list_subscriptions_by_topic",
        OF_TOPIC,
        QUEUE,
    ),
    Write(
        "sns",
        "tag_resource",
        {"ResourceArn": TOPIC, "Tags": TAGS},
        "list_tags_for_resource",
        {"ResourceArn": TOPIC},
        "red",
    ),
    Write(
        "sns",
        "untag_resource",
        {"ResourceArn": TOPIC, "TagKeys": ["color"]},
        "list_tags_for_resource",
        {"ResourceArn": TOPIC},
        "-red",
    ),
    Write("sns", "delete_topic", OF_TOPIC, "list_topics", {}, f"-{TOPIC}"),
    Write("sqs", "delete_queue", URL, "list_queues", {}, "-/lasting"),
    # S3
    Write(
        "s3",
        "create_bucket",
        {**BUCKET, "CreateBucketConfiguration": {"LocationConstraint": REGION}},
        "list_buckets",
        {},
        "lasting-things",
    ),
    Write(
        "s3",
        "put_bucket_policy",
        {**BUCKET, "Policy": of_resource("s3:GetObject", "arn:aws:s3:::lasting-things/*")},
        "get_bucket_policy",
        BUCKET,
        "seen",
    ),
    Write("s3", "delete_bucket_policy", BUCKET, "get_bucket_policy", BUCKET, "-seen"),
    Write("s3", "delete_public_access_block", BUCKET, "get_public_access_block", BUCKET, '-"BlockPublicPolicy": true'),
    Write(
        "s3",
        "put_public_access_block",
        {**BUCKET, "PublicAccessBlockConfiguration": CLOSED},
        "get_public_access_block",
        BUCKET,
        '"BlockPublicPolicy": true',
    ),
    Write("s3", "put_bucket_tagging", {**BUCKET, "Tagging": {"TagSet": TAGS}}, "get_bucket_tagging", BUCKET, "red"),
    Write("s3", "delete_bucket_tagging", BUCKET, "get_bucket_tagging", BUCKET, "-red"),
    Write(
        "s3",
        "put_bucket_versioning",
        {**BUCKET, "VersioningConfiguration": {"Status": "Enabled"}},
        "get_bucket_versioning",
        BUCKET,
        "Enabled",
    ),
    Write("s3", "put_object", {**BUCKET, "Key": "object", "Body": b"x"}, "list_objects_v2", BUCKET, '"object"'),
    Write(
        "s3",
        "put_object_tagging",
        {**BUCKET, "Key": "object", "Tagging": {"TagSet": TAGS}},
        "get_object_tagging",
        {**BUCKET, "Key": "object"},
        "red",
    ),
    Write(
        "s3",
        "delete_object_tagging",
        {**BUCKET, "Key": "object"},
        "get_object_tagging",
        {**BUCKET, "Key": "object"},
        "-red",
    ),
    Write("s3", "delete_object", {**BUCKET, "Key": "object"}, "list_objects_v2", BUCKET, '-"object"'),
    # Secrets Manager, ECR, Lambda
    Write(
        "secretsmanager", "create_secret", {"Name": "lasting", "SecretString": "one"}, "list_secrets", {}, ":lasting"
    ),
    Write(
        "secretsmanager",
        "put_resource_policy",
        {**SECRET, "ResourcePolicy": of_resource("secretsmanager:GetSecretValue", "*")},
        "get_resource_policy",
        SECRET,
        "seen",
    ),
    Write("secretsmanager", "delete_resource_policy", SECRET, "get_resource_policy", SECRET, "-seen"),
    Write("secretsmanager", "put_secret_value", {**SECRET, "SecretString": "two"}, "get_secret_value", SECRET, '"two"'),
    Write("secretsmanager", "update_secret", {**SECRET, "Description": "purple"}, "describe_secret", SECRET, "purple"),
    Write("secretsmanager", "tag_resource", {**SECRET, "Tags": TAGS}, "describe_secret", SECRET, "red"),
    Write("secretsmanager", "untag_resource", {**SECRET, "TagKeys": ["color"]}, "describe_secret", SECRET, "-red"),
    Write(
        "secretsmanager",
        "delete_secret",
        {**SECRET, "ForceDeleteWithoutRecovery": True},
        "list_secrets",
        {},
        "-:lasting",
    ),
    Write("ecr", "create_repository", REPOSITORY, "describe_repositories", {}, "repository/lasting"),
    Write(
        "ecr",
        "set_repository_policy",
        {**REPOSITORY, "policyText": of_resource("ecr:BatchGetImage", None)},
        "get_repository_policy",
        REPOSITORY,
        "seen",
    ),
    Write("ecr", "delete_repository_policy", REPOSITORY, "get_repository_policy", REPOSITORY, "-seen"),
    Write(
        "ecr",
        "put_image_tag_mutability",
        {**REPOSITORY, "imageTagMutability": "IMMUTABLE"},
        "describe_repositories",
        {},
        '"IMMUTABLE"',
    ),
    Write("ecr", "delete_repository", REPOSITORY, "describe_repositories", {}, "-repository/lasting"),
    Write(
        "lambda",
        "add_permission",
        {**FUNCTION, "StatementId": "seen", "Action": "lambda:InvokeFunction", "Principal": OTHER},
        "get_policy",
        FUNCTION,
        "seen",
    ),
    Write("lambda", "remove_permission", {**FUNCTION, "StatementId": "seen"}, "get_policy", FUNCTION, "-seen"),
    Write(
        "lambda",
        "update_function_configuration",
        {**FUNCTION, "Timeout": 9},
        "get_function_configuration",
        FUNCTION,
        '"Timeout": 9',
    ),
    Write(
        "lambda",
        "update_function_configuration",
        {**FUNCTION, "Role": f"arn:aws:iam::{HOME}:role/other"},
        "get_function_configuration",
        FUNCTION,
        "role/other",
    ),
    Write("lambda", "publish_version", FUNCTION, "list_versions_by_function", FUNCTION, '"Version": "1"'),
    Write(
        "lambda", "create_alias", {**FUNCTION, "Name": "live", "FunctionVersion": "1"}, "list_aliases", FUNCTION, "live"
    ),
    Write(
        "lambda",
        "create_function_url_config",
        {**FUNCTION, "AuthType": "NONE"},
        "get_function_url_config",
        FUNCTION,
        '"NONE"',
    ),
    Write(
        "lambda",
        "update_function_url_config",
        {**FUNCTION, "AuthType": "AWS_IAM"},
        "get_function_url_config",
        FUNCTION,
        "AWS_IAM",
    ),
    Write("lambda", "delete_function_url_config", FUNCTION, "get_function_url_config", FUNCTION, "-AWS_IAM"),
    Write(
        "lambda",
        "tag_resource",
        {"Resource": f"arn:aws:lambda:{REGION}:{HOME}:function:lasting", "Tags": {"color": "red"}},
        "get_function",
        FUNCTION,
        "red",
    ),
    Write(
        "lambda",
        "untag_resource",
        {"Resource": f"arn:aws:lambda:{REGION}:{HOME}:function:lasting", "TagKeys": ["color"]},
        "get_function",
        FUNCTION,
        "-red",
    ),
    Write("lambda", "delete_alias", {**FUNCTION, "Name": "live"}, "list_aliases", FUNCTION, "-live"),
    Write("lambda", "delete_function", FUNCTION, "list_functions", {}, "-lasting"),
]


class Places:
    """
    Clients, and what has a name only once it is made.
    """

    def __init__(self, aws: Sandbox) -> None:
        self._aws = aws
        self._clients: dict[str, Any] = {}
        self.key = self.client("kms").create_key()["KeyMetadata"]["KeyId"]
        for name in ("function", "other"):
            self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        self.client("lambda").create_function(
            FunctionName="lasting",
            Runtime="python3.12",
            Role=f"arn:aws:iam::{HOME}:role/function",
            Handler="a.h",
            Code={"ZipFile": archive_of_code()},
        )

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._aws.client(service, account=HOME, region=REGION)
        return self._clients[service]

    def call(self, service: str, operation: str, parameters: dict[str, Any]) -> Any:
        given = dict(parameters)
        if service == "kms" and operation == "create_alias":
            given["TargetKeyId"] = self.key
        elif service == "kms" and operation not in ("list_aliases", "delete_alias"):
            given["KeyId"] = self.key
        return getattr(self.client(service), operation)(**given)

    def seen(self, write: Write) -> str:
        """What is read of a write; nothing where there is nothing to read."""
        try:
            found = self.call(write.service, write.read, write.of)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if not code.startswith("NoSuch") and "NotFound" not in code:
                raise
            return ""
        found.pop("ResponseMetadata")
        return json.dumps(found, default=str)


@pytest.fixture(scope="module")
def places(aws: Sandbox) -> Places:
    return Places(aws)


@pytest.mark.parametrize("service", list(dict.fromkeys(one.service for one in WRITES)))
def test_writes_that_last(places: Places, service: str) -> None:
    """What a call was to change is read back after it, and was not there before."""
    lost = []
    for write in (one for one in WRITES if one.service == service):
        is_gone, said = write.said.startswith("-"), write.said.removeprefix("-")
        before = said in places.seen(write)
        places.call(write.service, write.operation, write.parameters)
        if (before, said in places.seen(write)) != (is_gone, not is_gone):
            lost.append(write)
    assert lost == []
