"""
What is undecided says so, and is not let in.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust
from trustproof.sandbox.organization import DEFAULT_ID

REGION = "eu-central-1"


def bucket(cast: Cast, name: str) -> Any:
    s3 = cast.aws.client("s3", account=HOME)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=name, Key="a", Body=b"a")
    return s3


def test_not_principal(cast: Cast) -> None:
    """Who is left out in some forms only is undecided: a service may ask for all of them, or for one."""
    s3 = bucket(cast, "left-out")
    listed, other, foreign = cast.user(allow("s3:*")), cast.user(allow("s3:*")), cast.user(allow("s3:*"), account=OTHER)
    deny = {**allow("s3:GetObject", "arn:aws:s3:::left-out/*"), "Effect": "Deny"}
    left_out = [listed["Arn"], root(HOME)["AWS"]]
    s3.put_bucket_policy(Bucket="left-out", Policy=policy({**deny, "NotPrincipal": {"AWS": left_out}}))

    def get(user: Any) -> Any:
        return cast.aws.client("s3", user).get_object(Bucket="left-out", Key="a")

    assert get(listed)["Body"].read() == b"a"
    code, message = refusal(lambda: get(other))
    assert (code, "NotPrincipal" in message) == ("NotImplemented", True)
    assert refusal(lambda: get(foreign))[0] == "AccessDenied"


def test_not_principal_of_a_session(cast: Cast) -> None:
    """A session is left out where account, role and session are listed."""
    s3 = bucket(cast, "sessions-left-out")
    role = cast.role(trust(root(HOME)), may=[allow("s3:*")])
    session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/s-1"
    keys = cast.assume(cast.user(allow("sts:AssumeRole")), role)["Credentials"]
    deny = {**allow("s3:GetObject", "arn:aws:s3:::sessions-left-out/*"), "Effect": "Deny"}

    def get() -> Any:
        return cast.aws.client("s3", keys).get_object(Bucket="sessions-left-out", Key="a")

    for forms, expected in (([role, root(HOME)["AWS"]], "NotImplemented"), ([role, session, root(HOME)["AWS"]], "")):
        s3.put_bucket_policy(Bucket="sessions-left-out", Policy=policy({**deny, "NotPrincipal": {"AWS": forms}}))
        if expected:
            assert refusal(get)[0] == expected
        else:
            assert get()["Body"].read() == b"a"


def test_not_principal_leaves_out_nobody_with_a_boundary(cast: Cast) -> None:
    """A Deny with NotPrincipal denies every user and role that has a boundary, also one that it lists."""
    s3 = bucket(cast, "bounded")
    boundary = "arn:aws:iam::aws:policy/AdministratorAccess"
    user = cast.user(allow("s3:*"), PermissionsBoundary=boundary)
    role = cast.role(trust(root(HOME)), may=[allow("s3:*")], PermissionsBoundary=boundary)
    session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/s-1"
    listed = [user["Arn"], role, session, root(HOME)["AWS"]]
    deny = {**allow("s3:GetObject", "arn:aws:s3:::bounded/*"), "Effect": "Deny", "NotPrincipal": {"AWS": listed}}
    s3.put_bucket_policy(Bucket="bounded", Policy=policy(deny))
    keys = cast.assume(cast.user(allow("sts:AssumeRole")), role)["Credentials"]

    def get(keys: Any) -> Any:
        return cast.aws.client("s3", keys).get_object(Bucket="bounded", Key="a")

    for bounded in (user, keys):
        assert "explicit deny in a resource-based policy" in refusal(lambda bounded=bounded: get(bounded))[1]
    cast.iam().delete_user_permissions_boundary(UserName=user["Name"])
    cast.iam().delete_role_permissions_boundary(RoleName=role.rpartition("/")[2])
    assert [get(free)["Body"].read() for free in (user, keys)] == [b"a", b"a"]


def test_the_owner_that_is_expected(cast: Cast) -> None:
    """S3 gives nothing of a bucket that is somebody else's than the request expects."""
    s3 = bucket(cast, "expected")
    assert s3.get_object(Bucket="expected", Key="a", ExpectedBucketOwner=HOME)
    given = {"Bucket": "expected", "Key": "b", "CopySource": "expected/a"}
    calls = [
        lambda: s3.get_object(Bucket="expected", Key="a", ExpectedBucketOwner=OTHER),
        lambda: s3.copy_object(**given, ExpectedSourceBucketOwner=OTHER),
    ]
    assert [refusal(call)[0] for call in calls] == ["AccessDenied", "AccessDenied"]
    assert s3.copy_object(**given, ExpectedSourceBucketOwner=HOME)


def test_notifications_of_buckets(cast: Cast) -> None:
    """S3 takes a queue that lets it send for the bucket, and sends nothing here."""
    s3, sqs = bucket(cast, "notifying"), cast.aws.client("sqs", account=HOME, region=REGION)
    url = sqs.create_queue(QueueName="notified")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{HOME}:notified"
    queue = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}

    def put(**given: Any) -> Any:
        return s3.put_bucket_notification_configuration(Bucket="notifying", NotificationConfiguration=given)

    assert put(EventBridgeConfiguration={})
    for source in ("other", "notifying"):
        condition = {
            "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
            "StringEquals": {"aws:SourceAccount": HOME},
        }
        lets_in = allow("sqs:SendMessage", arn, Principal={"Service": "s3.amazonaws.com"}, Condition=condition)
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(lets_in)})
        if source == "other":
            assert refusal(lambda: put(QueueConfigurations=[queue]))[0] == "InvalidArgument"
    assert put(QueueConfigurations=[queue])
    s3.put_object(Bucket="notifying", Key="a")
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("create_organization", {}),
        ("create_policy", {"Content": policy(), "Description": "", "Name": "a", "Type": "SERVICE_CONTROL_POLICY"}),
        ("attach_policy", {"PolicyId": "p-12345678", "TargetId": "r-ab12"}),
    ],
)
def test_the_organization_is_not_changed_by_calls(cast: Cast, operation: str, given: dict[str, str]) -> None:
    """A control policy that would stop nobody is not taken."""
    organizations = cast.aws.client("organizations", account=HOME)
    code, message = refusal(lambda: getattr(organizations, operation)(**given))
    assert (code, "accounts file" in message) == ("NotImplemented", True)


def test_the_organization(cast: Cast) -> None:
    """Its id is the one in condition keys."""
    found = cast.aws.client("organizations", account=HOME).describe_organization()["Organization"]
    assert (found["Id"], found["FeatureSet"]) == (DEFAULT_ID, "ALL")


def test_invoking_a_function(cast: Cast) -> None:
    """Who may not invoke is denied; who may is told that functions are not run."""
    codes = []
    for action in ("lambda:GetFunction", "lambda:InvokeFunction"):
        client = cast.aws.client("lambda", cast.user(allow(action)))
        codes.append(refusal(lambda client=client: client.invoke(FunctionName="f"))[0])
    assert codes == ["AccessDeniedException", "NotImplemented"]


def test_a_key_policy_that_locks_its_author_out(cast: Cast) -> None:
    """KMS takes no policy that its author could not change again, unless told so."""
    kms = cast.aws.client("kms", account=HOME)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    given = {"KeyId": key, "PolicyName": "default", "Policy": policy({**allow("kms:*"), "Principal": root(OTHER)})}
    assert refusal(lambda: kms.put_key_policy(**given))[0] == "MalformedPolicyDocumentException"
    whole = policy({**allow("kms:*"), "Principal": root(HOME)})
    assert kms.put_key_policy(**{**given, "Policy": whole})
    assert kms.put_key_policy(**given, BypassPolicyLockoutSafetyCheck=True)


@pytest.mark.parametrize("key", ["aws:ResourceTag/env", "iam:ResourceTag/env"])
def test_tags_of_policies(cast: Cast, key: str) -> None:
    """The tags of a managed policy are not looked at, so what hangs on them is undecided, by either name of the key."""
    arn = cast.iam().create_policy(
        PolicyName=f"tagged-{key[:3]}", PolicyDocument=policy(allow("s3:*")), Tags=[{"Key": "env", "Value": "prod"}]
    )["Policy"]["Arn"]
    deny = {**allow("iam:DeletePolicy", Condition={"StringEquals": {key: "prod"}}), "Effect": "Deny"}
    client = cast.aws.client("iam", cast.user(allow("iam:*"), deny))
    code, message = refusal(lambda: client.delete_policy(PolicyArn=arn))
    assert (code, key in message) == ("NotImplemented", True)
