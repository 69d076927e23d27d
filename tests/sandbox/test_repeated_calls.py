"""
What a call leaves as it was: the policies of a resource while something else of it changes, and all where it is made
twice. Scripts and Terraform set what is set already, and access must not hang on how often.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cast import HOME, OTHER, VERSION, Cast, allow, policy, root, trust
from trustproof.model.request import USER_KEY, Caller
from trustproof.sandbox import Sandbox
from trustproof.sandbox.cloudformation.repetitions import Repetitions
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.requests.wire import Answer, Call, HttpRequest

REGION = "eu-central-1"
QUEUE, TOPIC = f"arn:aws:sqs:{REGION}:{HOME}:queue", f"arn:aws:sns:{REGION}:{HOME}:topic"
FUNCTION = f"arn:aws:lambda:{REGION}:{HOME}:function:function"
OWN = f"arn:aws:iam::{HOME}:policy/own"
TAGS = [{"Key": "a", "Value": "b"}]


def of_resource(action: str, resource: str | None) -> str:
    about = {} if resource is None else {"Resource": resource}
    return policy({"Sid": "s", "Effect": "Allow", "Principal": root(OTHER), "Action": action, **about})


class Things:
    """
    One of each thing that has a policy.
    """

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self._clients: dict[str, Any] = {}
        iam = self.client("iam")
        iam.create_policy(PolicyName="own", PolicyDocument=policy(allow("s3:*")))
        iam.create_policy_version(PolicyArn=OWN, PolicyDocument=policy(allow("s3:Get*")))
        iam.create_role(RoleName="role", AssumeRolePolicyDocument=policy(trust({"Service": "lambda.amazonaws.com"})))
        iam.create_user(UserName="user")
        iam.create_group(GroupName="group")
        iam.create_instance_profile(InstanceProfileName="profile")
        for kind in ("role", "user", "group"):
            named = {f"{kind.capitalize()}Name": kind}
            getattr(iam, f"put_{kind}_policy")(**named, PolicyName="p", PolicyDocument=policy(allow("s3:*")))
            getattr(iam, f"attach_{kind}_policy")(**named, PolicyArn=OWN)
        iam.put_role_permissions_boundary(RoleName="role", PermissionsBoundary=OWN)
        iam.put_user_permissions_boundary(UserName="user", PermissionsBoundary=OWN)
        self.key = self.client("kms").create_key()["KeyMetadata"]["KeyId"]
        self.url = self.client("sqs").create_queue(QueueName="queue")["QueueUrl"]
        self.client("sqs").add_permission(QueueUrl=self.url, Label="s", AWSAccountIds=[OTHER], Actions=["SendMessage"])
        self.client("sns").create_topic(Name="topic")
        self.client("sns").add_permission(TopicArn=TOPIC, Label="s", AWSAccountId=[OTHER], ActionName=["Publish"])
        self.client("s3").create_bucket(Bucket="things", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.client("s3").put_bucket_policy(
            Bucket="things", Policy=of_resource("s3:GetObject", "arn:aws:s3:::things/*")
        )
        self.client("secretsmanager").create_secret(Name="secret", SecretString="v")
        self.client("secretsmanager").put_resource_policy(
            SecretId="secret", ResourcePolicy=of_resource("secretsmanager:GetSecretValue", "*")
        )
        self.client("ecr").create_repository(repositoryName="repository")
        self.client("ecr").set_repository_policy(
            repositoryName="repository", policyText=of_resource("ecr:BatchGetImage", None)
        )
        self.client("lambda").create_function(
            FunctionName="function",
            Runtime="python3.12",
            Role=f"arn:aws:iam::{HOME}:role/role",
            Handler="a.h",
            Code={"ZipFile": archive_of_code()},
        )
        self.client("lambda").add_permission(
            FunctionName="function", StatementId="s", Action="lambda:InvokeFunction", Principal=OTHER
        )

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.cast.aws.client(service, account=HOME, region=REGION)
        return self._clients[service]

    def policies(self, service: str) -> Any:
        """All that says who may do what in a service."""
        client = self.client(service)
        found: Any = {
            "iam": lambda: _identities(client),
            "kms": lambda: client.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"],
            "sqs": lambda: client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["Policy"])["Attributes"],
            "sns": lambda: client.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["Policy"],
            "s3": lambda: [
                client.get_bucket_policy(Bucket="things")["Policy"],
                client.get_public_access_block(Bucket="things")["PublicAccessBlockConfiguration"],
            ],
            "secretsmanager": lambda: client.get_resource_policy(SecretId="secret")["ResourcePolicy"],
            "ecr": lambda: client.get_repository_policy(repositoryName="repository")["policyText"],
            "lambda": lambda: client.get_policy(FunctionName="function")["Policy"],
        }[service]()
        return json.loads(json.dumps(found, sort_keys=True, default=str))


def _identities(iam: Any) -> list[Any]:
    found = iam.get_account_authorization_details(Filter=["User", "Role", "Group", "LocalManagedPolicy"])
    for role in found["RoleDetailList"]:
        role.pop("RoleLastUsed", None)
    lists = [found[name] for name in ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")]
    return [*lists, iam.list_policy_versions(PolicyArn=OWN)["Versions"]]


def code_of(call: Callable[[], Any]) -> str | None:
    """The code of the error with which a call is refused; None for one that is not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


def archive_of_code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.py", "def h(event, context): return 1")
    return packed.getvalue()


@pytest.fixture(scope="module")
def things(aws: Sandbox, cast: Cast) -> Things:
    return Things(cast)


ROLE, USER, GROUP = {"RoleName": "role"}, {"UserName": "user"}, {"GroupName": "group"}
SECRET, FUNCTION_NAME = {"SecretId": "secret"}, {"FunctionName": "function"}
BUCKET, REPOSITORY = {"Bucket": "things"}, {"repositoryName": "repository"}
TRUST = policy(trust({"Service": "lambda.amazonaws.com"}))
#: Calls that set what is set already, or something that no policy looks at.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("iam", "set_default_policy_version", {"PolicyArn": OWN, "VersionId": "v1"}),
    ("iam", "attach_role_policy", {**ROLE, "PolicyArn": OWN}),
    ("iam", "attach_user_policy", {**USER, "PolicyArn": OWN}),
    ("iam", "attach_group_policy", {**GROUP, "PolicyArn": OWN}),
    ("iam", "put_role_policy", {**ROLE, "PolicyName": "p", "PolicyDocument": policy(allow("s3:*"))}),
    ("iam", "put_user_policy", {**USER, "PolicyName": "p", "PolicyDocument": policy(allow("s3:*"))}),
    ("iam", "put_group_policy", {**GROUP, "PolicyName": "p", "PolicyDocument": policy(allow("s3:*"))}),
    ("iam", "put_role_permissions_boundary", {**ROLE, "PermissionsBoundary": OWN}),
    ("iam", "put_user_permissions_boundary", {**USER, "PermissionsBoundary": OWN}),
    ("iam", "update_assume_role_policy", {**ROLE, "PolicyDocument": TRUST}),
    ("iam", "update_role", {**ROLE, "MaxSessionDuration": 3_600}),
    ("iam", "update_user", {**USER, "NewPath": "/", "NewUserName": "user"}),
    ("iam", "update_group", {**GROUP, "NewPath": "/"}),
    ("iam", "create_policy", {"PolicyName": "own", "PolicyDocument": policy(allow("*"))}),
    ("iam", "create_role", {**ROLE, "AssumeRolePolicyDocument": TRUST}),
    ("iam", "create_user", USER),
    ("iam", "create_group", GROUP),
    ("iam", "remove_role_from_instance_profile", {"InstanceProfileName": "profile", **ROLE}),
    ("kms", "disable_key", {}),
    ("kms", "enable_key", {}),
    ("kms", "enable_key_rotation", {}),
    ("kms", "update_key_description", {"Description": "d"}),
    ("kms", "tag_resource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
    ("kms", "create_alias", {"AliasName": "alias/a", "TargetKeyId": ""}),
    ("kms", "schedule_key_deletion", {"PendingWindowInDays": 7}),
    ("kms", "cancel_key_deletion", {}),
    ("sqs", "create_queue", {"QueueName": "queue"}),
    ("sqs", "set_queue_attributes", {"Attributes": {"VisibilityTimeout": "40"}}),
    ("sqs", "tag_queue", {"Tags": {"a": "b"}}),
    ("sqs", "add_permission", {"Label": "s", "AWSAccountIds": [OTHER], "Actions": ["SendMessage"]}),
    ("sqs", "purge_queue", {}),
    ("sns", "create_topic", {"Name": "topic"}),
    ("sns", "add_permission", {"TopicArn": TOPIC, "Label": "s", "AWSAccountId": [OTHER], "ActionName": ["Publish"]}),
    ("sns", "set_topic_attributes", {"TopicArn": TOPIC, "AttributeName": "DisplayName", "AttributeValue": "x"}),
    ("sns", "subscribe", {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE}),
    ("sns", "tag_resource", {"ResourceArn": TOPIC, "Tags": TAGS}),
    ("s3", "create_bucket", {**BUCKET, "CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    ("s3", "put_bucket_tagging", {**BUCKET, "Tagging": {"TagSet": TAGS}}),
    ("s3", "put_bucket_versioning", {**BUCKET, "VersioningConfiguration": {"Status": "Enabled"}}),
    ("s3", "delete_bucket_tagging", BUCKET),
    (
        "s3",
        "put_bucket_encryption",
        {
            **BUCKET,
            "ServerSideEncryptionConfiguration": {
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        },
    ),
    ("secretsmanager", "update_secret", {**SECRET, "Description": "d"}),
    ("secretsmanager", "update_secret", {**SECRET, "SecretString": "w"}),
    ("secretsmanager", "put_secret_value", {**SECRET, "SecretString": "x"}),
    ("secretsmanager", "tag_resource", {**SECRET, "Tags": TAGS}),
    ("secretsmanager", "create_secret", {"Name": "secret", "SecretString": "v"}),
    ("ecr", "create_repository", REPOSITORY),
    ("ecr", "put_image_tag_mutability", {**REPOSITORY, "imageTagMutability": "IMMUTABLE"}),
    ("lambda", "add_permission", {**FUNCTION_NAME, "StatementId": "s", "Action": "lambda:*", "Principal": OTHER}),
    ("lambda", "update_function_configuration", {**FUNCTION_NAME, "Timeout": 9}),
    ("lambda", "update_function_code", {**FUNCTION_NAME, "ZipFile": archive_of_code()}),
    ("lambda", "publish_version", FUNCTION_NAME),
    ("lambda", "tag_resource", {"Resource": FUNCTION, "Tags": {"a": "b"}}),
]
_PLACES: dict[str, Callable[[Things], dict[str, Any]]] = {
    "kms": lambda things: {"KeyId": things.key},
    "sqs": lambda things: {"QueueUrl": things.url},
}


@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS, ids=[f"{one[0]} {one[1]}" for one in CALLS])
def test_calls_that_leave_policies_alone(
    things: Things, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    """A call that changes no policy, once and once more, changes none, whether it is refused or not."""
    before = things.policies(service)
    given = {**parameters}
    if operation == "create_alias":
        given["TargetKeyId"] = things.key
    elif operation not in ("create_queue", "create_topic"):
        given |= _PLACES.get(service, lambda _: {})(things)
    for _ in range(2):
        refused = code_of(lambda: getattr(things.client(service), operation)(**given))
        assert refused not in ("InternalFailure", "NotImplemented", "AccessDenied")
        assert things.policies(service) == before


def test_a_permission_of_a_function_is_there_once(things: Things) -> None:
    """A second permission with the id of another is refused, so that removing it removes what it says."""
    functions = things.client("lambda")
    given = {**FUNCTION_NAME, "StatementId": "twice", "Action": "lambda:GetFunction", "Principal": OTHER}
    functions.add_permission(**given)
    with pytest.raises(ClientError, match="ResourceConflictException"):
        functions.add_permission(**given)
    functions.remove_permission(**FUNCTION_NAME, StatementId="twice")
    (left,) = json.loads(functions.get_policy(**FUNCTION_NAME)["Policy"])["Statement"]
    assert left["Sid"] == "s"


def test_an_explicit_deny_of_a_queue_stays(things: Things, cast: Cast) -> None:
    """Whom the policy of a queue keeps out, a change of another of its attributes does not let in."""
    queues = things.client("sqs")
    url = queues.create_queue(QueueName="shut")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{HOME}:shut"
    shut = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    text = json.dumps({"Version": VERSION, "Statement": [shut]})
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})
    queues.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "41"})
    with pytest.raises(ClientError, match="explicit deny"):
        queues.send_message(QueueUrl=url, MessageBody="x")
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert queues.send_message(QueueUrl=url, MessageBody="x")["MessageId"]


def test_removing_a_role_that_an_instance_profile_has_not(things: Things) -> None:
    """It is refused as IAM does."""
    with pytest.raises(ClientError, match="NoSuchEntity"):
        things.client("iam").remove_role_from_instance_profile(InstanceProfileName="profile", **ROLE)


def test_what_an_account_says_of_its_policies(things: Things) -> None:
    """Each managed policy is told with its name, its id, and how many it limits."""
    details = things.client("iam").get_account_authorization_details(Filter=["LocalManagedPolicy"])
    (told,) = (one for one in details["Policies"] if one["Arn"] == OWN)
    assert told["PolicyName"] == "own"
    assert told["PolicyId"].startswith("ANPA")
    assert told["PermissionsBoundaryUsageCount"] == 2
    assert things.client("iam").get_policy(PolicyArn=OWN)["Policy"]["PermissionsBoundaryUsageCount"] == 2


def test_a_deployment_that_a_client_sends_again(things: Things) -> None:
    """What takes longer than a client waits, it sends again by the same id: that is no second stack, nor a refusal."""
    cloudformation = things.client("cloudformation")
    ids = iter(["one", "one", "two"])

    def name(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = next(ids)

    cloudformation.meta.events.register("before-send.cloudformation.CreateStack", name)
    given = {"StackName": "again", "TemplateBody": json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})}
    first = cloudformation.create_stack(**given)["StackId"]
    assert cloudformation.create_stack(**given)["StackId"] == first
    with pytest.raises(ClientError, match="AlreadyExists"):
        cloudformation.create_stack(**given)


def test_a_request_that_comes_while_it_is_answered() -> None:
    """It waits for the answer to the first; one with other parameters, or of somebody else, is another."""
    repetitions, begun, ends = Repetitions(), Event(), Event()
    http = HttpRequest("POST", "/", "", {"amz-sdk-invocation-id": "one"}, b"", {})
    caller = Credentials("AKIA1", "", Caller(USER_KEY, f"arn:aws:iam::{HOME}:user/u"))
    call = Call(http, "cloudformation", "CreateStack", {"StackName": "a"}, REGION, "aws", caller)
    made: list[Answer] = []

    def slowly() -> Answer:
        begun.set()
        assert ends.wait(60)
        made.append(Answer(200, b"made", "text/xml"))
        return made[-1]

    def other() -> Answer:
        return Answer(400, b"other", "text/xml")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(repetitions.answer, call, HOME, slowly)
        assert begun.wait(60)
        second = pool.submit(repetitions.answer, call, HOME, slowly)
        for changed in (replace(call, parameters={}), replace(call, credentials=replace(caller, access_key="AKIA2"))):
            assert repetitions.answer(changed, HOME, other).status == 400
        ends.set()
        assert (first.result(60), second.result(60)) == (made[0], made[0])
    assert len(made) == 1
