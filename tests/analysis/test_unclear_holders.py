"""
An inline policy of which the template does not know whom it is put on, beside others of its name.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN = "111122223333"
_WITHOUT = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def _policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": [{"Resource": "*"} | one for one in statements]}


_ALLOW = _policy({"Effect": "Allow", "Action": "iam:*"})
_DENY = _policy({"Effect": "Deny", "Action": "iam:*", "Condition": _WITHOUT})
_HARMLESS = _policy({"Effect": "Allow", "Action": "s3:GetObject"})


def _template(holder: object, name: str, document: Json, parameter: Json) -> Json:
    given = [{"PolicyName": "a", "PolicyDocument": _ALLOW}, {"PolicyName": "deny", "PolicyDocument": _DENY}]
    other = {"Users": [holder], "PolicyName": name, "PolicyDocument": document}
    return {
        "Parameters": {"P": {"Type": "String"} | parameter},
        "Resources": {
            "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", "Policies": given}},
            "X": {"Type": "AWS::IAM::Policy", "Properties": other},
        },
    }


_REF = {"Ref": "P"}


@pytest.mark.parametrize(
    ("holder", "name", "document", "parameter", "verdict"),
    [
        (_REF, "deny", _HARMLESS, {}, "unknown"),
        ({"Fn::Sub": "al${P}"}, "deny", _HARMLESS, {}, "unknown"),
        (_REF, "another", _HARMLESS, {}, "proved"),
        (_REF, "deny", _DENY, {}, "proved"),
        ({"Fn::Sub": "bob-${P}"}, "deny", _HARMLESS, {}, "proved"),
        ("bob", "deny", _HARMLESS, {}, "proved"),
        (_REF, "deny", _HARMLESS, {"AllowedValues": ["bob", "carol"]}, "proved"),
        (_REF, "deny", _HARMLESS, {"Default": "bob"}, "proved"),
    ],
)
def test_a_policy_of_an_unknown_holder_may_replace_one_of_its_name(
    holder: object, name: str, document: Json, parameter: Json, verdict: str
) -> None:
    """The Deny of somebody proves nothing where another policy may have taken its place, whoever it is put on."""
    template = _template(holder, name, document, parameter)
    report = trustproof.check([template], config={}, account=OWN, properties=["sensitive-actions-require-mfa"])
    assert {one.verdict for one in report.results if one.logical_id == "U"} == {"proved", verdict}


def test_where_it_is_known_the_replaced_policy_keeps_nobody_out() -> None:
    """At the value that names her, she is let in."""
    template = _template(_REF, "deny", _HARMLESS, {})
    options: dict[str, Any] = {"config": {}, "account": OWN, "properties": ["sensitive-actions-require-mfa"]}
    report = trustproof.check([template], parameters={"P": "alice"}, **options)
    assert "refuted" in {one.verdict for one in report.results}
