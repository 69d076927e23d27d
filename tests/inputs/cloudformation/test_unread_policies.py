"""
What is attached to a user and cannot be read may deny what something else allows.
"""

from __future__ import annotations

from typing import Any

import trustproof
from trustproof.output.formats import render
from trustproof.output.style import Style

ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
UNKNOWN = {"Fn::ImportValue": "policy"}


def _verdict(**resources: tuple[str, dict[str, Any]]) -> str:
    listed = {key: {"Type": f"AWS::IAM::{type_}", "Properties": found} for key, (type_, found) in resources.items()}
    report = trustproof.check([{"Resources": listed}], properties=["sensitive-actions-require-mfa"])
    return next(one.verdict for one in report.results if not one.unread)


def test_an_attached_policy_that_is_unknown_leaves_its_holder_in_doubt() -> None:
    """Inline, attached, managed, of a group: in each place the finding is unknown; of somebody else it is refuted."""
    user = ("User", {"UserName": "u"})
    allow = ("UserPolicy", {"UserName": "u", "PolicyName": "p", "PolicyDocument": ADMIN})
    assert _verdict(u=user, p=allow) == "refuted"
    inline = {"UserName": "u", "Policies": [{"PolicyName": "x", "PolicyDocument": UNKNOWN}]}
    assert _verdict(u=("User", inline), p=allow) == "unknown"
    for key, who in (("x", "u"), ("y", "v")):
        attached = ("UserPolicy", {"UserName": who, "PolicyName": key, "PolicyDocument": UNKNOWN})
        assert _verdict(u=user, p=allow, x=attached) == ("unknown" if who == "u" else "refuted")
    managed = ("ManagedPolicy", {"ManagedPolicyName": "m", "PolicyDocument": UNKNOWN})
    has = ("User", {"UserName": "u", "ManagedPolicyArns": [{"Ref": "m"}]})
    assert _verdict(u=has, p=allow, m=managed) == "unknown"
    group = ("Group", {"GroupName": "g", "Policies": [{"PolicyName": "x", "PolicyDocument": UNKNOWN}]})
    assert _verdict(u=("User", {"UserName": "u", "Groups": ["g"]}), g=group, p=allow) == "unknown"


def test_a_policy_that_a_parameter_gives() -> None:
    """The parameter is what to give; who gets in is no question of a policy that says what its holders may do."""
    template = {
        "Parameters": {"Text": {"Type": "String"}},
        "Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Ref": "Text"}}}},
    }
    report = trustproof.check([template], config={})
    assert {one.property for one in report.results} == {
        "assume-role-scoped",
        "mfa-survives-chaining",
        "sensitive-actions-require-mfa",
        "statement-usable",
    }
    assert {one.reasons[1:] for one in report.results} == {("give the value of Text: --parameter Text=VALUE",)}
    text = render("text", report, Style(coloured=False))
    assert "--parameter Text=VALUE" in text
    assert "--template-stage" not in text
