"""
Two policies of a template, compared by what they mean: a statement that is split, reordered or spelled otherwise is the
same to IAM.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk

from trustproof_cdk._arguments import arguments
from trustproof_cdk._synthesis import stacks

#: Stands for an account that only a deployment knows; nobody has it.
_SOME_ACCOUNT = "000000000000"
_NO_MATTER = "session-duration-bounded"
_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_NOBODY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}


def lets_in_no_more(stack: cdk.Stack, before: Any, after: Any) -> bool:
    """
    Whether a trust policy surely lets in nobody whom another one does not, for nothing else.

    Args:
        stack: of the role.
        before: as in its template, like the next.
        after: that is asked about.
    """
    return _gains_nothing(stack, _role(before), _role(after))


def allows_no_more(stack: cdk.Stack, before: Any, after: Any) -> bool:
    """Whether the Allow statements of an identity policy surely allow nothing that those of another one do not."""
    return _gains_nothing(stack, _held(_of_effect(before, "Allow")), _held(_of_effect(after, "Allow")))


def denies_no_less(stack: cdk.Stack, before: Any, after: Any) -> bool:
    """Whether the Deny statements of an identity policy surely deny all that those of another one do."""
    # What nothing allows is denied in any case, so that all of it is allowed to both.
    denied = [[_EVERYTHING, *_of_effect(one, "Deny")] for one in (before, after)]
    return _gains_nothing(stack, _held(denied[0]), _held(denied[1]))


def lets_in_nobody_else(stack: cdk.Stack, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """
    Whether policies of resources surely let in nobody whom others do not, for nothing else.

    Args:
        stack: of the resources.
        before: resources as in its template, by their logical ids, like the next.
        after: that are asked about.
    """
    return _gains_nothing(stack, {"Resources": before}, {"Resources": after})


def _gains_nothing(stack: cdk.Stack, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    # Only who changes a policy has to wait for what both mean.
    import trustproof

    account = stacks.account_of(stack)
    own = _SOME_ACCOUNT if arguments.is_token(account) else account
    region = None if arguments.is_token(stack.region) else stack.region
    try:
        # Without the parameters of the template, whose defaults a deployment need not have. One property has to be
        # asked, and this one has nothing to say.
        found = trustproof.diff(before, after, config={}, account=own, region=region, properties=[_NO_MATTER])
    except (trustproof.InputError, trustproof.UsageError):
        return False
    return not found.gained and not found.undecided


def _of_effect(document: Any, effect: str) -> list[Any]:
    """The statements of an effect; what has none that can be read is of both."""
    written = document.get("Statement") if isinstance(document, Mapping) else document
    listed = written if isinstance(written, list) else [written]
    known = ("Allow", "Deny")
    return [
        one
        for one in listed
        if not isinstance(one, Mapping) or one.get("Effect") not in known or one["Effect"] == effect
    ]


def _role(trust: Any) -> dict[str, Any]:
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}}}


def _held(statements: list[Any]) -> dict[str, Any]:
    """A template in which a user has a policy, and a role, since conditions tell one from the other."""
    document = {"Version": "2012-10-17", "Statement": statements}
    policies = [{"PolicyName": "Policy", "PolicyDocument": document}] if statements else []
    found: dict[str, Any] = {"User": {"Type": "AWS::IAM::User", "Properties": {"Policies": policies}}}
    trusting = {"AssumeRolePolicyDocument": _NOBODY, "Policies": policies}
    found["Role"] = {"Type": "AWS::IAM::Role", "Properties": trusting}
    return {"Resources": found}
