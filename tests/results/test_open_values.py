"""
What is not decided for want of one value is said once, wherever the value stands.
"""

from __future__ import annotations

from typing import Any

import trustproof
from trustproof.results.groups import alike_elsewhere, groups

Json = dict[str, Any]
OWN = "111122223333"
OURS: Json = {"boundary": {"accounts": [OWN]}}
ACCOUNT: Json = {"Ref": "Account"}
BY_PRINCIPAL: Json = {"Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${Account}:root"}}}
BY_KEY: Json = {"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}}


def template(*bounds: Json) -> Json:
    """Roles that each let in the account of a parameter, in a way of their own."""
    roles: Json = {}
    for number, bound in enumerate(bounds):
        content = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **bound}],
        }
        roles[f"R{number}"] = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": content}}
    return {"Parameters": {"Account": {"Type": "String"}}, "Resources": roles}


def test_one_value_is_asked_for_once_in_a_template() -> None:
    """Principals and operands that lack the same value are one unknown, which says how to give it."""
    report = trustproof.check(
        [template(BY_PRINCIPAL, BY_KEY)], config=OURS, account=OWN, properties=["inside-boundary"]
    )
    (found,) = groups(report.results)
    assert len(found.results) == 2
    assert any(reason.startswith("give the value of Account") for reason in found.lead.reasons)


def test_one_reason_is_said_once_in_a_run() -> None:
    """Two templates in which the same is not known are one block, though two that are refuted alike are two."""
    report = trustproof.check(
        [template(BY_KEY), template(BY_KEY)], config=OURS, account=OWN, properties=["inside-boundary"]
    )
    (found,) = alike_elsewhere(groups(report.results), 4, lambda _: "")
    assert len(found[1]) == 1
