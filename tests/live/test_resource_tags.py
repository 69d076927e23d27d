"""
Tags of resources that policies look at: each way of asking for them, held to AWS's models, and what is made of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest
from botocore.model import ServiceModel, Shape

from tests.live.test_besides_policies import HOME, REGION, STACK, TRUST, Account, found, policy, resource, role, told
from trustproof.live.account import StackFacts
from trustproof.live.check import AccountCheck, Finding
from trustproof.live.tag_calls import EC2, ROWS, Row
from trustproof.sandbox.cloudformation.template import read_template


@pytest.mark.parametrize(
    "row", [row for row in ROWS.values() if row.operation != EC2], ids=lambda row: str(row.service)
)
def test_a_row_is_an_operation_of_aws(row: Row) -> None:
    """Service, operation, parameters and the place of the answer are there, and tags stand in it."""
    model = ServiceModel(botocore.loaders.Loader().load_service_model(row.service, "service-2"), row.service)
    operation = model.operation_model(row.operation)
    assert operation.input_shape is not None
    assert operation.output_shape is not None
    for parameter in row.parameters:
        name = parameter.partition("=")[0]
        member = operation.input_shape.members[name.removesuffix("[]")]
        assert member.type_name == ("list" if name.endswith("[]") else "string")
    required = {one.partition("=")[0].removesuffix("[]") for one in row.parameters}
    assert set(operation.input_shape.required_members) <= required
    place: Shape = operation.output_shape
    for step in row.place.replace("[0]", ".0").split("."):
        place = place.member if step == "0" else place.members[step]
    assert place.type_name == "map" or {one.lower().removeprefix("tag") for one in place.member.members} >= {
        "key",
        "value",
    }


def looking(test: dict[str, Any] | None = None, action: str = "sqs:*", effect: str = "Allow") -> dict[str, Any]:
    """A policy that looks at the tag of what a request is about."""
    return policy(effect, Action=action, Condition=test or {"StringEquals": {"aws:ResourceTag/team": "red"}})


def compared(
    resources: dict[str, Any], ids: dict[str, str], answers: dict[str, Any], policies: Any = None, **identities: Any
) -> list[Finding]:
    """What comes of a stack whose resources have other names than their logical ids."""
    ids = {name: ids.get(name, name) for name in resources}
    types = {name: str(one["Type"]) for name, one in resources.items()}
    facts = StackFacts(STACK, "CREATE_COMPLETE", {}, ids, types=types)
    check = AccountCheck(Account({**answers, "stack": facts}, **identities))
    check.read("app", REGION, read_template(json.dumps({"Resources": resources})), Path())
    return check.compare(others=False, policies=policies)


QUEUE = f"https://sqs.{REGION}.amazonaws.com/{HOME}/q"


def holding(given: dict[str, Any]) -> dict[str, Any]:
    return resource(
        "IAM::Role", AssumeRolePolicyDocument=TRUST, Policies=[{"PolicyName": "p", "PolicyDocument": given}]
    )


def of_queue(tags: dict[str, str] | str, given: dict[str, Any]) -> list[Finding]:
    """What comes of a queue with tags, of which the template says `team=blue`, and a role with a policy."""
    resources = {"q": resource("SQS::Queue", Tags=[{"Key": "team", "Value": "blue"}]), "it": holding(given)}
    answers = {"GetQueueAttributes": {}, "ListQueueTags": tags if isinstance(tags, str) else {"Tags": tags}}
    findings = compared(resources, {"q": QUEUE}, answers, it=role("it", inline={"p": json.dumps(given)}))
    return [one for one in findings if one.subject == f"Queue {QUEUE}: tags"]


@pytest.mark.parametrize(
    ("tags", "given", "expected"),
    [
        ({"team": "red"}, looking(), ["differs"]),
        ({"team": "blue"}, looking(), ["same"]),
        ({"team": "blue", "mood": "good", "aws:cloudformation:stack-name": "app"}, looking(), ["same"]),
        ({}, looking(), ["differs"]),
        ({"team": "red"}, looking({"StringEquals": {"aws:RequestTag/team": "red"}}), []),
        ({"team": "red"}, looking(action="kms:*"), []),
        ({"team": "red"}, looking(action="*"), ["differs"]),
        ({"team": "red"}, looking({"StringEquals": {"sqs:ResourceTag/TEAM": "red"}}), ["differs"]),
        ({"team": "red"}, looking({"StringEquals": {"aws:PrincipalTag/x": "${aws:ResourceTag/team}"}}), ["differs"]),
        ({"team": "blue", "Owner": "me"}, looking({"Null": {"aws:ResourceTag/owner": "false"}}), ["differs"]),
        ("AccessDenied", looking(), ["unknown"]),
    ],
)
def test_a_tag_that_a_policy_looks_at(tags: dict[str, str] | str, given: dict[str, Any], expected: list[str]) -> None:
    """A tag by which a policy allows is compared, and none by which nobody does; what AWS does not tell is unknown."""
    assert [one.comparison.verdict for one in of_queue(tags, given)] == expected


@pytest.mark.parametrize(
    ("tags", "given", "said"),
    [
        ({"team": "red"}, looking(), "deployed: allowed; template: not"),
        (
            {"team": "red"},
            looking({"StringNotEquals": {"aws:ResourceTag/team": "red"}}),
            "template: allowed; deployed: not",
        ),
        ({}, looking({"Null": {"aws:ResourceTag/team": "true"}}), "deployed: allowed; template: not"),
        ({"team": "red"}, looking({"StringEquals": {"aws:ResourceTag/team": "green"}}), None),
    ],
)
def test_a_request_that_another_tag_decides(tags: dict[str, str], given: dict[str, Any], said: str | None) -> None:
    """A request is shown that the tag lets in, or keeps out, where there is one."""
    (one,) = of_queue(tags, given)
    lines = one.comparison.lines
    assert lines[0] == f"tag team: template: blue; deployed: {tags.get('team', 'no such tag')}"
    assert lines[1:2] == (() if said is None else (said,))
    assert said is None or f"on arn:aws:sqs:{REGION}:{HOME}:q (role session)" in lines[2]


def test_a_type_whose_tags_nobody_asks_for() -> None:
    """Of such a resource with a tag that a policy looks at, it is said that this is not compared; else nothing."""
    given = looking(action="glue:*")
    for key, expected in (("team", "unknown"), ("mood", None)):
        catalog = resource("Glue::Catalog", Tags=[{"Key": key, "Value": "blue"}])
        findings = found({"C": catalog, "it": holding(given)}, {}, it=role("it", inline={"p": json.dumps(given)}))
        assert told(findings).get("Catalog C: tags") == expected


@pytest.mark.parametrize(
    ("names", "tested", "expected"),
    [
        (["alias/mine"], "alias/m*", "same"),
        (["alias/mine", "alias/more"], "alias/m*", "differs"),
        ([], "alias/mine", "differs"),
        (["alias/mine", "alias/other"], "alias/m*", "same"),
        ("AccessDeniedException", "alias/m*", "unknown"),
    ],
)
def test_aliases_that_a_policy_looks_at(names: list[str] | str, tested: str, expected: str) -> None:
    """An alias by which a policy lets use keys is one that the template gives to this key, or a difference."""
    test = {"ForAnyValue:StringLike": {"kms:ResourceAliases": tested}}
    resources = {
        "k": resource("KMS::Key", KeyPolicy=policy(Action="kms:*", Principal={"AWS": HOME}, Condition=test)),
        "mine": resource("KMS::Alias", AliasName="alias/mine", TargetKeyId="k"),
    }
    answers = {
        "GetKeyPolicy": {"Policy": json.dumps(resources["k"]["Properties"]["KeyPolicy"])},
        "ListGrants": {},
        "DescribeKey": {"KeyMetadata": {"KeyId": "k"}},
        "ListAliases": names if isinstance(names, str) else {"Aliases": [{"AliasName": one} for one in names]},
    }
    assert told(compared(resources, {"mine": "alias/mine"}, answers))["Key k: aliases"] == expected


def test_a_policy_in_another_account() -> None:
    """A tag is looked at by the policies of the other accounts, too; without them, nobody looks."""
    answers = {"GetQueueAttributes": {}, "ListQueueTags": {"Tags": {"team": "red"}}}
    for policies, expected in (([], None), ([json.dumps(looking())], "differs")):
        findings = compared({"q": resource("SQS::Queue")}, {"q": QUEUE}, answers, policies)
        assert told(findings).get(f"Queue {QUEUE}: tags") == expected
