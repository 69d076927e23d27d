"""
What a call needs besides the action of its own name, where AWS's reference does not list it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cast import HOME, Cast, allow, policy, refusal, root, trust

REGION = "eu-central-1"


def deny(action: str | list[str], resource: str | list[str] = "*") -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def test_a_launch_template_hands_over_its_profile(cast: Cast) -> None:
    """Whoever may pass no role launches nothing by a template that may have an instance profile."""
    keys = cast.user(allow(["ec2:*", "autoscaling:*"]), deny("iam:PassRole"))
    ec2, groups = cast.aws.client("ec2", keys, region=REGION), cast.aws.client("autoscaling", keys, region=REGION)
    template = {"LaunchTemplateName": "template"}
    calls: list[Callable[[], Any]] = [
        lambda: ec2.run_instances(LaunchTemplate=template, MinCount=1, MaxCount=1),
        lambda: ec2.create_fleet(
            LaunchTemplateConfigs=[{"LaunchTemplateSpecification": {**template, "Version": "1"}}],
            TargetCapacitySpecification={"TotalTargetCapacity": 1},
        ),
        lambda: ec2.request_spot_instances(
            LaunchSpecification={"IamInstanceProfile": {"Name": "p"}, "ImageId": "ami-1"}
        ),
        lambda: groups.create_auto_scaling_group(
            AutoScalingGroupName="g", MinSize=0, MaxSize=0, LaunchTemplate=template
        ),
        lambda: groups.create_launch_configuration(LaunchConfigurationName="c", IamInstanceProfile="p"),
    ]
    codes = {refusal(call)[0] for call in calls}
    assert codes <= {"AccessDenied", "NotImplemented", "UnauthorizedOperation"}, codes


def test_renaming_asks_for_the_new_name(cast: Cast) -> None:
    """Nobody takes a name or a path to which policies give something without a permission for it."""
    account = f"arn:aws:iam::{HOME}"
    keys = cast.user(
        allow("iam:*"), deny("iam:*", [f"{account}:user/boss", f"{account}:user/admins/*", f"{account}:group/boss"])
    )
    iam = cast.aws.client("iam", keys)
    iam.create_user(UserName="low")
    iam.create_group(GroupName="lowgroup")
    assert refusal(lambda: iam.update_user(UserName="low", NewUserName="boss"))[0] == "AccessDenied"
    assert refusal(lambda: iam.update_user(UserName="low", NewPath="/admins/"))[0] == "AccessDenied"
    assert refusal(lambda: iam.update_group(GroupName="lowgroup", NewGroupName="boss"))[0] == "AccessDenied"
    iam.update_user(UserName="low", NewUserName="lower")
    iam.update_user(UserName="lower", NewPath="/deep/er/")
    assert refusal(lambda: iam.update_user(UserName="lower", NewUserName="x", NewPath="/admins/"))[0] == "AccessDenied"


def test_further_actions_of_s3(cast: Cast) -> None:
    """The bypass of a lock, the tags of a copy, and the settings of a new bucket are asked for."""
    admin = cast.aws.client("s3", account=HOME, region=REGION)
    place = {"LocationConstraint": REGION}
    admin.create_bucket(Bucket="secondary-actions", CreateBucketConfiguration=place)
    admin.put_object(Bucket="secondary-actions", Key="tagged", Body=b"x", Tagging="a=b")
    admin.put_object(Bucket="secondary-actions", Key="plain", Body=b"x")
    without = cast.user(
        allow("s3:*"),
        deny(
            [
                "s3:BypassGovernanceRetention",
                "s3:PutObjectTagging",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketVersioning",
            ]
        ),
    )
    s3 = cast.aws.client("s3", without, region=REGION)
    about = {"Bucket": "secondary-actions", "Key": "copy"}
    s3.copy_object(**about, CopySource="secondary-actions/plain")
    for call in (
        lambda: s3.copy_object(**about, CopySource="secondary-actions/tagged"),
        lambda: s3.delete_object(Bucket="secondary-actions", Key="plain", BypassGovernanceRetention=True),
        lambda: s3.create_bucket(
            Bucket="secondary-lock", CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True
        ),
        lambda: s3.create_bucket(
            Bucket="secondary-owner", CreateBucketConfiguration=place, ObjectOwnership="BucketOwnerEnforced"
        ),
    ):
        assert refusal(call)[0] == "AccessDenied"
    both = {"Objects": [{"Key": "plain"}, {"Key": "tagged"}]}
    answer = s3.delete_objects(Bucket="secondary-actions", Delete=both, BypassGovernanceRetention=True)
    assert [one["Code"] for one in answer["Errors"]] == ["AccessDenied"] * 2


def test_an_alias_asks_the_key(cast: Cast) -> None:
    """A key whose policy lets nobody else give it an alias gets none."""
    admin = cast.aws.client("kms", account=HOME, region=REGION)
    statements = [trust(root(HOME), "kms:*", Resource="*"), {**deny("kms:CreateAlias"), "Principal": "*"}]
    key = admin.create_key(Policy=policy(*statements))["KeyMetadata"]
    kms = cast.aws.client("kms", cast.user(allow("kms:*")), region=REGION)
    for name in (key["KeyId"], key["Arn"]):
        code = refusal(lambda name=name: kms.create_alias(AliasName="alias/mine", TargetKeyId=name))[0]  # type: ignore[misc]
        assert code == "AccessDeniedException"
    free = admin.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/free", TargetKeyId=free)


def test_a_layer_is_asked_for(cast: Cast) -> None:
    """Whoever may read no layer puts none into a function."""
    function = f"arn:aws:lambda:{REGION}:{HOME}:function:layered"
    layer = f"arn:aws:lambda:{REGION}:{HOME}:layer:l:1"
    client = cast.aws.client("lambda", cast.user(allow("lambda:*", function)), region=REGION)
    code, message = refusal(lambda: client.update_function_configuration(FunctionName="layered", Layers=[layer]))
    assert code == "AccessDeniedException"
    assert "lambda:GetLayerVersion" in message


@pytest.mark.parametrize(
    "more",
    [
        {"StackPolicyBody": json.dumps({"Statement": []})},
        {"ResourceTypes": ["AWS::S3::*"]},
        {"RollbackConfiguration": {"RollbackTriggers": [{"Arn": "arn", "Type": "AWS::CloudWatch::Alarm"}]}},
    ],
)
def test_what_would_limit_a_stack_is_refused(cast: Cast, more: dict[str, Any]) -> None:
    """Nothing is taken that would have to keep a stack from something and does not."""
    client = cast.aws.client("cloudformation", account=HOME, region=REGION)
    template = json.dumps({"Resources": {"G": {"Type": "AWS::IAM::Group"}}})
    name = f"limited{next(iter(more))}"
    given = {"StackName": name, "TemplateBody": template, "Capabilities": ["CAPABILITY_IAM"]}
    assert refusal(lambda: client.create_stack(**given, **more))[0] == "NotImplemented"
    client.create_stack(**given)
    stack_policy = {"StackName": name, "StackPolicyBody": json.dumps({"Statement": []})}
    assert refusal(lambda: client.set_stack_policy(**stack_policy))[0] == "NotImplemented"


def test_types_that_a_call_does_not_limit(cast: Cast) -> None:
    """A statement about the types that a call names is none about a call that names none."""
    named = {"Null": {"cloudformation:ResourceTypes": "false"}}
    keys = cast.user(allow(["cloudformation:*", "iam:CreateGroup"]), deny("*") | {"Condition": named})
    template = json.dumps({"Resources": {"G": {"Type": "AWS::IAM::Group"}}})
    given = {"StackName": "unlimited", "TemplateBody": template, "Capabilities": ["CAPABILITY_IAM"]}
    assert cast.aws.client("cloudformation", keys, region=REGION).create_stack(**given)["StackId"]


@pytest.mark.parametrize("end", ["", ":*"])
@pytest.mark.parametrize("call", ["put_retention_policy", "delete_log_group"])
def test_both_forms_of_a_log_group(cast: Cast, end: str, call: str) -> None:
    """A policy that names a log group is about it with and without the end that AWS documents."""
    cast.aws.client("logs", account=HOME, region=REGION).create_log_group(logGroupName=f"g{len(end)}{call}")
    arn = f"arn:aws:logs:{REGION}:{HOME}:log-group:g{len(end)}{call}{end}"
    more = {"retentionInDays": 7} if call.startswith("put") else {}
    denied = cast.aws.client("logs", cast.user(allow("logs:*"), deny("logs:*", arn)), region=REGION)
    found = refusal(lambda: getattr(denied, call)(logGroupName=f"g{len(end)}{call}", **more))[0]
    assert found in ("AccessDeniedException", "NotImplemented")
    allowed = cast.aws.client("logs", cast.user(allow("logs:*", arn)), region=REGION)
    if end:
        getattr(allowed, call)(logGroupName=f"g{len(end)}{call}", **more)


def test_policies_name_whom_there_is(cast: Cast) -> None:
    """A policy of a bucket or a key that names nobody is refused: who comes later by that name would be let in."""
    nobody = {"AWS": f"arn:aws:iam::{HOME}:user/nobody-yet"}
    s3 = cast.aws.client("s3", account=HOME, region=REGION)
    s3.create_bucket(Bucket="dangling", CreateBucketConfiguration={"LocationConstraint": REGION})
    text = policy(trust(nobody, "s3:GetObject", Resource="arn:aws:s3:::dangling/*"))
    assert refusal(lambda: s3.put_bucket_policy(Bucket="dangling", Policy=text))[0] == "MalformedPolicy"
    kms = cast.aws.client("kms", account=HOME, region=REGION)
    text = policy(trust(root(HOME), "kms:*", Resource="*"), trust(nobody, "kms:*", Resource="*"))
    assert refusal(lambda: kms.create_key(Policy=text))[0] == "MalformedPolicyDocumentException"


def test_roles_of_services_are_as_they_are(cast: Cast) -> None:
    """A role that is linked to a service is not changed by anybody else."""
    iam = cast.iam()
    role = iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["RoleName"]
    text = policy(allow("*"))
    code = refusal(lambda: iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=text))[0]
    assert code == "UnmodifiableEntity"


def test_a_function_by_its_account_is_refused(cast: Cast) -> None:
    """The partial ARN of a function is answered, and does not end in a traceback."""
    client = cast.aws.client("lambda", account=HOME, region=REGION)
    assert refusal(lambda: client.get_function(FunctionName=f"{HOME}:function:f"))[0] == "NotImplemented"


@pytest.mark.parametrize("call", ["tag_resources", "untag_resources"])
def test_tags_of_other_services_are_undecided(cast: Cast, call: str) -> None:
    """Each service asks for its own action as well: a new tag may open what its policies keep shut."""
    arn = cast.aws.client("sns", account=HOME, region=REGION).create_topic(Name="tagged")["TopicArn"]
    client = cast.aws.client("resourcegroupstaggingapi", cast.user(allow("tag:*")), region=REGION)
    given: dict[str, Any] = {"Tags": {"own": "me"}} if call == "tag_resources" else {"TagKeys": ["own"]}
    assert refusal(lambda: getattr(client, call)(ResourceARNList=[arn], **given))[0] == "NotImplemented"
