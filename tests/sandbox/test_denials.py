"""
What a denial says: who, what, about what, and for the lack of which policy.
"""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.sandbox.cast import HOME
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY, RESOURCE
from trustproof.model.policy import Policy
from trustproof.model.request import ROLE_SESSION, Caller, Request
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.decide import Denial, Layers, judge

ROLE = f"arn:aws:iam::{HOME}:role/r"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/r/s"
CALLER = Caller(ROLE_SESSION, ROLE, "s", "AROAEXAMPLE:s")
OBJECT = "arn:aws:s3:::bucket/a"


def allowing(action: str, principal: str | None = None) -> Policy:
    who = "" if principal is None else f', "Principal": {{"AWS": "{principal}"}}'
    text = f'{{"Effect": "Allow", "Action": "{action}", "Resource": "*"{who}}}'
    kind = IDENTITY if principal is None else RESOURCE
    return parse_policy(f'{{"Version": "2012-10-17", "Statement": [{text}]}}', kind=kind)


YES, NO = allowing("s3:*"), allowing("ec2:*")


def layers(silent: tuple[str, ...], resource: Policy | None, same_account: bool) -> Layers:
    identity, boundary, session = (NO if name in silent else YES for name in ("identity", "boundary", "session"))
    control = (((NO if "control" in silent else YES),),)
    return Layers((identity,), boundary, (session,), resource, control, (), same_account)


@pytest.mark.parametrize(
    ("silent", "principal", "same", "said"),
    [
        (("identity",), None, True, "identity-based policy"),
        (("boundary",), None, True, "permissions boundary"),
        (("session",), None, True, "session policy"),
        (("control",), None, True, "service control policy"),
        # A policy of the resource that names the role grants, and both of these limit it still.
        (("identity", "session"), ROLE, True, "session policy"),
        (("identity", "boundary"), ROLE, True, "permissions boundary"),
        # One that names the account grants nothing by itself.
        (("identity",), f"arn:aws:iam::{HOME}:root", True, "identity-based policy"),
        ((), None, False, "resource-based policy"),
        (("identity",), ROLE, False, "identity-based policy"),
        (("session",), ROLE, False, "session policy"),
    ],
)
def test_the_layer_that_is_missing(silent: tuple[str, ...], principal: str | None, same: bool, said: str) -> None:
    """A denial names the policy that has to allow, and no other that is as silent and may stay so."""
    resource = None if principal is None else allowing("s3:*", principal)
    need = Need("s3:GetObject", OBJECT, HOME)
    denial = judge(layers(silent, resource, same), Request(CALLER, "s3:GetObject", OBJECT, {}), need)
    assert denial is not None
    assert denial.message == (
        f"User: {SESSION} is not authorized to perform: s3:GetObject on resource: {OBJECT} because no {said} allows the"
        " s3:GetObject action"
    )


def test_a_single_remedy_is_named() -> None:
    """Where one layer alone stands in the way, giving in there lets the request through."""
    names = ("identity", "boundary", "session", "control")
    said = {
        "an identity-based policy": "identity",
        "a permissions boundary": "boundary",
        "a session policy": "session",
        "a service control policy": "control",
    }
    need, request = Need("s3:GetObject", OBJECT, HOME), Request(CALLER, "s3:GetObject", OBJECT, {})
    for principal in (None, ROLE, SESSION, f"arn:aws:iam::{HOME}:root"):
        resource = None if principal is None else allowing("s3:*", principal)
        for silent in (one for count in range(5) for one in combinations(names, count)):
            found = judge(layers(silent, resource, True), request, need)
            alone = [one for one in silent if layers(tuple(set(silent) - {one}), resource, True).allow(request)]
            if found is not None and alone:
                assert said[found.layer] in alone, (principal, silent)


@pytest.mark.parametrize(
    ("action", "resource", "said"),
    [
        ("lambda:ListFunctions", "*", " on resource: *"),
        ("ecr:GetAuthorizationToken", "*", " on resource: *"),
        ("cloudfront:ListDistributions", "*", ""),
        ("s3:GetObject", OBJECT, f" on resource: {OBJECT}"),
    ],
)
def test_actions_that_are_about_no_resource(action: str, resource: str, said: str) -> None:
    """Whether a denial says that an action is about everything is as the service is reported to word it."""
    denial = Denial(Request(CALLER, action, resource, {}), "an identity-based policy", False, ())
    assert denial.message == (
        f"User: {SESSION} is not authorized to perform: {action}{said} "
        f"because no identity-based policy allows the {action} action"
    )
