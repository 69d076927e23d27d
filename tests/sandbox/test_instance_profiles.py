"""
Whoever names an instance profile hands over the role in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, trust

PROFILES = f"arn:aws:iam::{HOME}:instance-profile/"
#: Some roles, for instances only: what most policies say.
SOME = allow(
    "iam:PassRole",
    f"arn:aws:iam::{HOME}:role/handed-*",
    Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
)
DENIED, UNDECIDED = "UnauthorizedOperation", "NotImplemented"


@pytest.fixture(scope="module")
def image(cast: Cast) -> str:
    """An image; and profiles, of which one is empty, and one holds a role that lets in another service."""
    iam = cast.iam()
    for name, service in (("handed-web", "ec2"), ("kept", "ec2"), ("handed-function", "lambda")):
        document = policy(trust({"Service": f"{service}.amazonaws.com"}))
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        iam.create_instance_profile(InstanceProfileName=f"of-{name}")
        iam.add_role_to_instance_profile(InstanceProfileName=f"of-{name}", RoleName=name)
    iam.create_instance_profile(InstanceProfileName="of-nobody")
    return cast.image()


def code(call: Callable[[], Any]) -> str:
    """The code of the refusal, or nothing."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({"Name": "of-handed-web"}, ""),
        ({"Arn": f"{PROFILES}of-handed-web"}, ""),
        # An instance asks only later whether the role lets it in.
        ({"Name": "of-handed-function"}, ""),
        ({"Name": "of-kept"}, DENIED),
        ({"Arn": f"{PROFILES}of-kept"}, DENIED),
        ({"Name": "of-nobody"}, UNDECIDED),
        ({"Name": "none"}, UNDECIDED),
        ({"Arn": f"arn:aws:iam::{OTHER}:instance-profile/of-handed-web"}, UNDECIDED),
    ],
)
def test_whoever_may_pass_some_roles(cast: Cast, image: str, profile: dict[str, str], expected: str) -> None:
    """The role in the profile is what is handed over, to EC2."""
    client = cast.aws.client("ec2", cast.user(allow(["ec2:*", "iam:CreateServiceLinkedRole"]), SOME))
    given = {"ImageId": image, "MinCount": 1, "MaxCount": 1}
    assert code(lambda: client.run_instances(**given, IamInstanceProfile=profile)) == expected
    spot = {"ImageId": image, "IamInstanceProfile": profile}
    assert code(lambda: client.request_spot_instances(LaunchSpecification=spot)) == expected


def test_whoever_may_pass_none(cast: Cast, image: str) -> None:
    """Whichever profile it is, the instance is not launched with it."""
    client = cast.aws.client("ec2", cast.user(allow("ec2:*")))
    given = {"ImageId": image, "MinCount": 1, "MaxCount": 1}
    for name in ("of-handed-web", "of-nobody", "none"):
        assert code(lambda name=name: client.run_instances(**given, IamInstanceProfile={"Name": name})) == DENIED
    assert client.run_instances(**given)


def test_a_profile_for_an_instance_that_runs(cast: Cast, image: str) -> None:
    """It is put on, and another in its place, by whoever may pass the role."""
    client = cast.aws.client("ec2", cast.user(allow("ec2:*"), SOME))
    instance = client.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]

    def put_on(name: str) -> Any:
        return client.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": name})

    assert code(lambda: put_on("of-kept")) == DENIED
    made = put_on("of-handed-web")["IamInstanceProfileAssociation"]["AssociationId"]
    replace = client.replace_iam_instance_profile_association
    assert code(lambda: replace(AssociationId=made, IamInstanceProfile={"Name": "of-kept"})) == DENIED


def test_a_launch_configuration(cast: Cast, image: str) -> None:
    """To whom Auto Scaling hands the role is not known; which role it is, is."""
    any_service = allow("iam:PassRole", f"arn:aws:iam::{HOME}:role/handed-*")
    for may, expected in ((any_service, ""), (SOME, UNDECIDED)):
        client = cast.aws.client("autoscaling", cast.user(allow("autoscaling:*"), may))
        given = {"LaunchConfigurationName": f"c{expected}", "ImageId": image, "InstanceType": "t3.micro"}
        make = client.create_launch_configuration
        assert code(lambda: make(**given, IamInstanceProfile="of-handed-web")) == expected  # noqa: B023
        assert code(lambda: make(**given, IamInstanceProfile="of-kept")) == "AccessDenied"  # noqa: B023


def test_an_instance_has_the_profile_that_it_was_given_last(cast: Cast, image: str) -> None:
    """Replaced as the console does it: who looks at the instance finds the role that it has now."""
    ec2 = cast.aws.client("ec2", account=HOME)
    given = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "IamInstanceProfile": {"Name": "of-handed-web"}}
    instance = ec2.run_instances(**given)["Instances"][0]["InstanceId"]
    only = [{"Name": "instance-id", "Values": [instance]}]
    found = ec2.describe_iam_instance_profile_associations(Filters=only)["IamInstanceProfileAssociations"][0]
    ec2.replace_iam_instance_profile_association(
        IamInstanceProfile={"Name": "of-kept"}, AssociationId=found["AssociationId"]
    )
    told = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    assert told["IamInstanceProfile"]["Arn"] == f"{PROFILES}of-kept"
