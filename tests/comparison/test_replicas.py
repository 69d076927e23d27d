"""
A policy of a secret that is made elsewhere may be that of replicas of it: what differs there is said to do so only if
there are any, and what differs at the secret is said once.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.comparison.test_diff import diff, policy, template

Json = dict[str, Any]
OWN = "111122223333"
SECRET = f"arn:aws:secretsmanager:us-east-1:{OWN}:secret:jobs-Ab12Cd"
HERE, THERE = "us-east-1", "eu-west-1"
STAGE: Json = {"Stage": {"Type": "String", "AllowedValues": ["a", "b"]}}


def denying(denied: object, secret: object = SECRET, condition: Json | None = None) -> Json:
    """A policy of a secret that lets everybody in, but denies outsiders what is named."""
    outside = {"StringNotEquals": {"aws:PrincipalAccount": OWN}}
    everybody: Json = {"Principal": {"AWS": "*"}}
    statements: list[object] = [
        {"Effect": "Allow", **everybody, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    ]
    if denied:
        deny: Json = {"Effect": "Deny", **everybody, "Action": "*", "Resource": denied, "Condition": outside}
        statements.append({"Fn::If": ["IsA", deny, {"Ref": "AWS::NoValue"}]} if condition else deny)
    properties = {"SecretId": secret, "ResourcePolicy": policy(*statements)}
    whole = template({"P": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties}})
    if condition:
        whole |= {"Parameters": STAGE, "Conditions": condition}
    return whole


IS_A: Json = {"IsA": {"Fn::Equals": [{"Ref": "Stage"}, "a"]}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (denying("*"), denying(SECRET), [("gained", THERE, True)]),
        (denying(SECRET), denying("*"), [("lost", THERE, True)]),
        (denying(""), denying(SECRET), [("lost", HERE, False)]),
        (denying(SECRET), denying(""), [("gained", HERE, False)]),
        (denying(""), denying("*"), [("lost", HERE, False)]),
        (denying("", condition=IS_A), denying(SECRET, condition=IS_A), [("lost", HERE, False)]),
        (denying(SECRET, condition=IS_A), denying("", condition=IS_A), [("gained", HERE, False)]),
    ],
)
def test_difference(old: Json, new: Json, expected: list[tuple[str, str, bool]]) -> None:
    """What a replica would have is said with its condition, and never of what differs at the secret as well."""
    found = diff(old, new, account=OWN, region=HERE)
    said = [
        (
            one.direction,
            one.counterexample.request.resource.split(":")[3],
            any("replicas" in note for note in one.notes),
        )
        for one in found.access
    ]
    assert said == expected
