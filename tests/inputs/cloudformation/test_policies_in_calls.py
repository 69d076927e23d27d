"""
Policies of CloudWatch Logs that a custom resource of the CDK puts there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import trustproof
from trustproof.inputs.cloudformation.template import Template

Read = Callable[..., Template]

ARN = {"Fn::GetAtt": ["Group", "Arn"]}
_MARK = "ARN-OF-THE-GROUP"


def _joined(call: dict[str, Any], arn: object) -> object:
    """The text of a call, as the CDK writes it with a value that only a deployment knows."""
    before, _, after = json.dumps(call, separators=(",", ":")).partition(_MARK)
    return {"Fn::Join": ["", [before, arn, after]]} if after else before


def _template(
    principal: object = None,
    arn: object = None,
    changed: Callable[[dict[str, Any]], object] = lambda properties: None,
    **more: object,
) -> dict[str, Any]:
    statement = {
        "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
        "Effect": "Allow",
        "Principal": principal or {"Service": "es.amazonaws.com"},
        "Resource": _MARK,
    }
    document = json.dumps({"Statement": [statement], "Version": "2012-10-17"}, separators=(",", ":"))
    put = {
        "service": "CloudWatchLogs",
        "action": "putResourcePolicy",
        "parameters": {"policyName": "Policy", "policyDocument": document, **more},
        "physicalResourceId": {"id": "Id"},
    }
    gone = {
        "service": "CloudWatchLogs",
        "action": "deleteResourcePolicy",
        "parameters": {"policyName": "Policy"},
        "ignoreErrorCodesMatching": "ResourceNotFoundException",
    }
    properties = {
        "ServiceToken": {"Fn::GetAtt": ["AWS679f53fac002430cb0da5b7982bd22872D164C4C", "Arn"]},
        "Create": _joined(put, arn or ARN),
        "Update": _joined(put, arn or ARN),
        "Delete": json.dumps(gone),
        "InstallLatestAwsSdk": True,
    }
    changed(properties)
    return {
        "Parameters": {"Name": {"Type": "String", "Default": "a"}},
        "Resources": {
            "Group": {"Type": "AWS::Logs::LogGroup"},
            "Target": {"Type": "Custom::CloudwatchLogResourcePolicy", "Properties": properties},
        },
    }


def _not_checked(read: Read, template: dict[str, Any]) -> list[str]:
    return [one.what for one in read(template).external_templates()]


def _replaced(name: str, old: str, new: str) -> Callable[[dict[str, Any]], object]:
    def changed(properties: dict[str, Any]) -> None:
        written = json.dumps(properties[name])
        assert old in written
        properties[name] = json.loads(written.replace(old, new))

    return changed


def test_the_policy_of_a_target_is_read_as_a_policy() -> None:
    """It is proved, and refuted where it lets somebody in, at the resource that puts it there."""
    report = trustproof.check([_template()], config={})
    assert {one.verdict for one in report.results} == {"proved"}
    report = trustproof.check([_template("*")], config={})
    (found,) = [one for one in report.results if one.verdict == "refuted"]
    assert (found.property, found.logical_id) == ("inside-boundary", "Target")


@pytest.mark.parametrize(
    "arn",
    [
        {"Ref": "Group"},
        {"Ref": "AWS::Partition"},
        {"Fn::ImportValue": "Stack:ExportsOutputFnGetAttGroupArn0123ABCD"},
    ],
)
def test_names_stand_in_the_policy(read: Read, arn: object) -> None:
    assert _not_checked(read, _template(arn=arn)) == []


@pytest.mark.parametrize(
    "template",
    [
        # What is given may end the text around it.
        _template(arn={"Ref": "Name"}),
        _template(arn={"Fn::ImportValue": "of-somebody"}),
        _template(arn={"Fn::Sub": "${Name}"}),
        # What is put later is something else.
        _template(changed=_replaced("Update", "es.amazonaws.com", "*")),
        _template(changed=lambda properties: properties.pop("Update")),
        # It stays, or another one goes.
        _template(changed=lambda properties: properties.pop("Delete")),
        _template(changed=_replaced("Delete", "Policy", "Other")),
        # Another program makes of it what it likes.
        _template(changed=lambda properties: properties.update(ServiceToken={"Fn::GetAtt": ["Other", "Arn"]})),
        _template(changed=lambda properties: properties.update(Other='{"service":"IAM"}')),
        # On a log group, and not of the account.
        _template(resourceArn="arn:aws:logs:us-east-1:111122223333:log-group:a"),
    ],
)
def test_what_the_cdk_does_not_write_is_not_looked_into(read: Read, template: dict[str, Any]) -> None:
    assert "Create of Target" in _not_checked(read, template)


@pytest.mark.parametrize("more", ['"region":"us-east-1",', '"assumedRoleArn":"arn:aws:iam::444455556666:role/a",'])
def test_a_call_elsewhere_is_not_looked_into(read: Read, more: str) -> None:
    def changed(properties: dict[str, Any]) -> None:
        for name in ("Create", "Update"):
            properties[name]["Fn::Join"][1][0] = properties[name]["Fn::Join"][1][0].replace("{", f"{{{more}", 1)

    assert "Create of Target" in _not_checked(read, _template(changed=changed))
