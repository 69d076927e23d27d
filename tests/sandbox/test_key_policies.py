"""
What key policies ask of requests to KMS itself, and what KMS refuses of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root


@pytest.fixture(scope="module")
def key(cast: Cast) -> str:
    """A key that the account's policies decide on."""
    return str(cast.aws.client("kms", account=HOME).create_key()["KeyMetadata"]["Arn"])


@pytest.mark.parametrize(
    ("condition", "context", "allowed"),
    [
        ({"StringLike": {"kms:ViaService": "s3.*"}}, {}, False),
        ({"StringNotLike": {"kms:ViaService": "s3.*"}}, {}, True),
        ({"Null": {"kms:ViaService": "true"}}, {}, True),
        ({"StringEquals": {"kms:CallerAccount": HOME}}, {}, True),
        ({"StringEquals": {"kms:CallerAccount": OTHER}}, {}, False),
        ({"StringEquals": {"kms:EncryptionContext:team": "red"}}, {"team": "red"}, True),
        ({"StringEquals": {"kms:EncryptionContext:Team": "red"}}, {"team": "red"}, True),
        ({"StringEquals": {"kms:EncryptionContext:team": "red"}}, {"team": "blue"}, False),
        ({"StringEquals": {"kms:EncryptionContext:team": "red"}}, {}, False),
        ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["team"]}}, {"team": "a"}, True),
        ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["team"]}}, {"Team": "a"}, False),
        ({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["team"]}}, {"team": "a", "b": "c"}, True),
        ({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["team"]}}, {}, False),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_what_a_request_says_of_itself(
    cast: Cast, key: str, condition: Mapping[str, Any], context: dict[str, str], allowed: bool, effect: str
) -> None:
    """A direct request comes through no service, from the caller's account, with the context that it passes."""
    asked = {**allow("kms:GenerateDataKey", Condition=condition), "Effect": effect}
    statements = [asked] if effect == "Allow" else [allow("kms:*"), asked]
    kms = cast.aws.client("kms", cast.user(*statements))

    def call() -> Any:
        return kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)

    if allowed is (effect == "Allow"):
        assert call()["Plaintext"]
    else:
        assert refusal(call)[0] == "AccessDeniedException"


def test_two_contexts_of_one_name(cast: Cast, key: str) -> None:
    """Which of two that differ in case only is the condition key is not guessed."""
    condition = {"StringEquals": {"kms:EncryptionContext:team": "red"}}
    kms = cast.aws.client("kms", cast.user(allow("kms:Encrypt", Condition=condition)))
    context = {"team": "red", "Team": "blue"}
    assert refusal(lambda: kms.encrypt(KeyId=key, Plaintext=b"a", EncryptionContext=context))[0] == "NotImplemented"


def test_a_key_that_its_maker_could_not_change_is_not_made(cast: Cast) -> None:
    """A policy that keeps the caller from changing it later is refused, unless the check is bypassed."""
    user, other = cast.user(allow("kms:*")), cast.user()
    kms = cast.aws.client("kms", user)
    locked = policy({**allow("kms:*"), "Principal": {"AWS": other["Arn"]}})
    assert refusal(lambda: kms.create_key(Policy=locked))[0] == "MalformedPolicyDocumentException"
    assert kms.create_key(Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    assert kms.create_key(Policy=policy({**allow("kms:*"), "Principal": root(HOME)}))
    assert kms.create_key()


def test_a_queue_with_a_key_that_lets_no_service_in(cast: Cast) -> None:
    """What SNS sends to a queue under the key that AWS manages for SQS does not arrive."""
    sns, sqs = cast.aws.client("sns", account=HOME), cast.aws.client("sqs", account=HOME)
    topic = sns.create_topic(Name="to-managed")["TopicArn"]
    url = sqs.create_queue(QueueName="managed", Attributes={"KmsMasterKeyId": "alias/aws/sqs"})["QueueUrl"]
    arn = topic.replace(":sns:", ":sqs:").replace("to-managed", "managed")
    send = {**allow("sqs:SendMessage", arn), "Principal": {"Service": "sns.amazonaws.com"}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(send)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    code, message = refusal(lambda: sns.publish(TopicArn=topic, Message="a"))
    assert (code, "alias/aws/sqs lets no service in" in message) == ("NotImplemented", True)


def test_an_instance_profile_takes_any_role(cast: Cast) -> None:
    """Whether EC2 may assume the role of an instance profile is not asked when it is put there."""
    role = cast.role({"Effect": "Allow", "Principal": root(HOME), "Action": "sts:AssumeRole"}).rpartition("/")[2]
    cast.iam().create_instance_profile(InstanceProfileName="any")
    cast.iam().add_role_to_instance_profile(InstanceProfileName="any", RoleName=role)
    (found,) = cast.iam().get_instance_profile(InstanceProfileName="any")["InstanceProfile"]["Roles"]
    assert found["RoleName"] == role


@pytest.mark.parametrize(
    ("effect", "extra", "answer"),
    [
        ("Allow", {"NotResource": "arn:aws:s3:::b"}, "NotImplemented"),
        ("Deny", {"NotResource": "arn:aws:s3:::b"}, "NotImplemented"),
        ("Allow", {"NotResource": "*"}, "AccessDeniedException"),
        ("Allow", {}, "AccessDeniedException"),
        ("Deny", {}, None),
        ("Allow", {"NotAction": "kms:Encrypt", "Resource": "*"}, None),
        ("Deny", {"NotAction": "kms:Encrypt", "Resource": "*"}, "AccessDeniedException"),
    ],
)
def test_what_kms_documents_of_statements(cast: Cast, effect: str, extra: dict[str, Any], answer: str | None) -> None:
    """Without `Resource` a statement has no effect, what `NotResource` does is not guessed, and `NotAction` does."""
    user = cast.user(*([allow("kms:*")] if effect == "Deny" else []))
    everybody = {"Effect": effect, "Principal": {"AWS": user["Arn"]}, **extra}
    if "NotAction" not in extra:
        everybody["Action"] = "kms:GenerateDataKey"
    ours = {**allow("kms:*"), "Principal": root(HOME)}
    made = cast.aws.client("kms", account=HOME).create_key(Policy=policy(ours, everybody))
    kms = cast.aws.client("kms", user)

    def call() -> Any:
        return kms.generate_data_key(KeyId=made["KeyMetadata"]["Arn"], KeySpec="AES_256")

    if answer is None:
        assert call()["Plaintext"]
    else:
        assert refusal(call)[0] == answer
