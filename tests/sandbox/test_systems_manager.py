"""
Whose documents of Systems Manager are, and which nodes are instances of EC2.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cast import HOME, Cast, allow, refusal

REGION = "eu-central-1"
NODE = f"arn:aws:ec2:{REGION}:{HOME}:instance/i-0123456789abcdef0"
MANAGED = f"arn:aws:ssm:{REGION}:{HOME}:managed-instance/mi-0123456789abcdef0"
DENIED, UNDECIDED = "AccessDeniedException", "NotImplemented"


def document(name: str, account: str = "") -> str:
    return f"arn:aws:ssm:{REGION}:{account}:document/{name}"


def answer(cast: Cast, name: str, arns: list[str], node: str = NODE, **deny: Any) -> str:
    """What a command is answered with, for whoever may send it about these ARNs; empty where it is allowed."""
    statements = [{**allow("ssm:SendCommand"), "Resource": arns}]
    if deny:
        statements.append({"Effect": "Deny", "Action": "ssm:*", "Resource": "*", **deny})
    ssm = cast.aws.client("ssm", cast.user(*statements))
    sent = {"DocumentName": name, "InstanceIds": [node.rpartition("/")[2]]}
    try:
        ssm.send_command(**sent, Parameters={"commands": ["id"]})
    except ssm.exceptions.ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize(
    ("name", "arn", "expected"),
    [
        ("AWS-RunShellScript", document("AWS-RunShellScript"), ""),
        ("AWS-RunShellScript", document("AWS-RunShellScript", "*"), ""),
        ("AWS-RunShellScript", document("AWS-RunShellScript", HOME), DENIED),
        ("AWS-RunShellScript", document("AWS-RunPatchBaseline"), DENIED),
        # Of others that are AWS's own it is not reported whether their ARN has an account.
        ("AmazonCloudWatch-ManageAgent", document("AmazonCloudWatch-ManageAgent", "*"), ""),
        ("AmazonCloudWatch-ManageAgent", document("AmazonCloudWatch-ManageAgent"), UNDECIDED),
        ("AmazonCloudWatch-ManageAgent", document("AmazonCloudWatch-ManageAgent", HOME), UNDECIDED),
        ("ours", document("ours", HOME), ""),
        ("ours", document("ours"), DENIED),
    ],
)
def test_documents_of_aws_have_no_account(cast: Cast, name: str, arn: str, expected: str) -> None:
    """An account of one's own in the ARN is not that of a document that AWS has in every account."""
    assert answer(cast, name, [arn, NODE]) == expected


def test_a_deny_of_a_document_of_aws(cast: Cast) -> None:
    """It denies by the ARN that the document has; whose it is, is not guessed."""
    name = "AWS-RunShellScript"
    assert answer(cast, name, ["*"], Resource=document(name)) == DENIED
    assert answer(cast, name, ["*"], Condition={"StringNotEquals": {"aws:ResourceAccount": HOME}}) == UNDECIDED
    assert answer(cast, "ours", ["*"], Condition={"StringNotEquals": {"aws:ResourceAccount": HOME}}) == ""


@pytest.mark.parametrize(
    ("node", "arn", "expected"),
    [(NODE, NODE, ""), (NODE, MANAGED, DENIED), (MANAGED, MANAGED, ""), (MANAGED, NODE, DENIED)],
)
def test_a_node_is_an_instance_or_managed(cast: Cast, node: str, arn: str, expected: str) -> None:
    """Its id says which of the two it is, and only that is asked for."""
    assert answer(cast, "ours", [document("ours", HOME), arn], node) == expected


def test_a_document_by_its_name(cast: Cast) -> None:
    """What looks at a document names it by `Name`."""
    cast.aws.client("ssm", account=HOME).create_document(
        Name="ours", DocumentType="Command", Content='{"schemaVersion": "2.2", "mainSteps": []}'
    )
    ssm = cast.aws.client("ssm", cast.user(allow("ssm:*", document("ours", HOME))))
    assert ssm.get_document(Name="ours")["Name"] == "ours"
    assert refusal(lambda: ssm.get_document(Name="theirs"))[0] == DENIED


@pytest.mark.parametrize(
    ("account", "allowed", "denied"), [("", UNDECIDED, UNDECIDED), (HOME, UNDECIDED, UNDECIDED), ("*", "", DENIED)]
)
def test_public_parameters(cast: Cast, account: str, allowed: str, denied: str) -> None:
    """AWS shows them without an account, and does not say by which ARN policies mean them: a Deny of either counts."""
    arn = f"arn:aws:ssm:{REGION}:{account}:parameter/aws/service/*"
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

    def read(*statements: Any) -> str:
        ssm = cast.aws.client("ssm", cast.user(*statements))
        try:
            ssm.get_parameter(Name=name)
        except ssm.exceptions.ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    assert read(allow("ssm:GetParameter", arn)) == allowed
    assert read(allow("ssm:*"), {"Effect": "Deny", "Action": "ssm:*", "Resource": arn}) == denied
    own = f"arn:aws:ssm:{REGION}:{HOME}:parameter/mine/*"
    assert read(allow("ssm:*"), {"Effect": "Deny", "Action": "ssm:*", "Resource": own}) == ""


@pytest.mark.parametrize(
    ("type_", "name", "arn"),
    [("Parameter", "tagged", "parameter/tagged"), ("Parameter", "/tagged/b", "parameter/tagged/b")],
)
def test_tags_are_of_what_the_request_says(cast: Cast, type_: str, name: str, arn: str) -> None:
    """Who may change the tags of a parameter, or is denied it, is so by its ARN."""
    cast.aws.client("ssm", account=HOME).put_parameter(Name=name, Value="a", Type="String")
    of_it = f"arn:aws:ssm:{REGION}:{HOME}:{arn}"
    for statements, expected in (
        ([allow("ssm:*", of_it)], ""),
        ([allow("ssm:*"), {**allow("ssm:*", of_it), "Effect": "Deny"}], DENIED),
        ([allow("ssm:*", f"arn:aws:ssm:{REGION}:{HOME}:maintenancewindow/*")], DENIED),
    ):
        ssm = cast.aws.client("ssm", cast.user(*statements))
        given = {"ResourceType": type_, "ResourceId": name}
        for call in (
            lambda ssm=ssm, given=given: ssm.add_tags_to_resource(**given, Tags=[{"Key": "a", "Value": "b"}]),
            lambda ssm=ssm, given=given: ssm.list_tags_for_resource(**given),
            lambda ssm=ssm, given=given: ssm.remove_tags_from_resource(**given, TagKeys=["a"]),
        ):
            if expected:
                assert refusal(call)[0] == expected
            else:
                call()
