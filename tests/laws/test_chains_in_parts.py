"""
What leads to a role is judged with the templates alone that may lead to it where the assignments of all are too many:
that gives what judging all of them together does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from random import Random

import pytest
from hypothesis import given

import trustproof
from tests import tally
from tests.analysis.role_chains.templates import HUB, MFA, Json, arn, assuming, role, statement
from tests.strategies import choices, examples
from trustproof.analysis.role_chains import judging
from trustproof.analysis.role_chains.leading import Leading, leading_templates
from trustproof.analysis.role_chains.readings import ChainReading

#: Each has two assignments.
_TEMPLATES = 4
#: Of an account, these are let in.
_USERS: Json = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}


def _template(rng: Random, number: int) -> Json:
    """Roles that others may lead to and lead on, as a parameter decides; and what it attaches to those of others."""

    def name() -> str:
        return f"r{rng.randrange(_TEMPLATES)}{rng.choice('ab')}"

    def chosen(one: object, other: object) -> object:
        return one if rng.random() < 0.4 else {"Fn::If": ["Is", one, other]}

    def trusted() -> object:
        return chosen(arn(HUB, name()), rng.choice([arn(HUB, name()), arn(HUB, "nobody"), arn("222233334444", "x")]))

    resources: Json = {}
    managed = f"arn:aws:iam::{HUB}:policy/m{rng.randrange(_TEMPLATES)}"
    for called in "ab":
        demand = MFA if rng.random() < 0.6 else None
        trust = [statement(f"arn:aws:iam::{HUB}:root", {**(demand or {}), **_USERS})] if rng.random() < 0.7 else []
        trust += [statement(trusted())] if rng.random() < 0.7 or not trust else []
        more: Json = {"ManagedPolicyArns": [managed]} if rng.random() < 0.3 else {}
        more |= {"PermissionsBoundary": managed} if rng.random() < 0.15 else {}
        assumes = arn(HUB, rng.choice([name(), "*"])) if rng.random() < 0.5 else None
        one = role(f"r{number}{called}", *trust, assumes=assumes, **more)
        resources[f"R{number}{called}"] = {**one, "Condition": "Is"} if rng.random() < 0.1 else one
    attached = assuming(arn(HUB, rng.choice([name(), "*"])))
    if rng.random() < 0.3:
        attached["Statement"][0]["Effect"] = "Deny"  # type: ignore[index]
    if rng.random() < 0.6:
        properties = {"PolicyName": "p", "PolicyDocument": attached, "Roles": [chosen(name(), name())]}
        resources[f"P{number}"] = {"Type": "AWS::IAM::Policy", "Properties": properties}
    if rng.random() < 0.4:
        properties = {"ManagedPolicyName": f"m{number}", "PolicyDocument": attached}
        properties |= {"Roles": [name()]} if rng.random() < 0.4 else {}
        resources[f"M{number}"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    return {
        "Parameters": {"P": {"Type": "String", "AllowedValues": ["x", "y"]}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        "Resources": resources,
    }


def _verdicts(templates: list[Json], most: int) -> tuple[dict[str, str], set[str]]:
    """Logical id to verdict, where so many assignments are judged; and the roles of which not all were."""
    left: set[str] = set()

    def watched(options: Sequence[Sequence[ChainReading]], of: Set[int] | None = None) -> Iterator[Leading]:
        for one in leading_templates(options, of):
            if 2 ** len(one.by) > most:
                left.update(f"R{number}{called}" for number in one.to for called in "ab")
            yield one

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "MAX_TOGETHER", most)
        patch.setattr(judging, "leading_templates", watched)
        report = trustproof.check(templates, account=HUB, properties=["mfa-survives-chaining"])
    assert report.errors == ()
    return {one.logical_id: one.verdict for one in report.results}, left


@examples(40, in_deep=2_000)
@given(choices())
def test_roles_are_judged_with_the_templates_that_may_lead_to_them(rng: Random) -> None:
    templates = [_template(rng, number) for number in range(_TEMPLATES)]
    whole, _ = _verdicts(templates, 2**_TEMPLATES)
    parts, left = _verdicts(templates, 2**_TEMPLATES // 4)
    for role_, verdict in whole.items():
        tally.note("chains in parts", "not all assignments" if role_ in left else verdict)
        if role_ not in left:
            tally.agree("chains in parts", parts.get(role_) == verdict, (role_, templates))
        else:
            # Nothing may be said in silence of what is too much.
            tally.agree("chains in parts", role_ in parts, (role_, templates))
            tally.agree("chains in parts", parts.get(role_) != "proved" or verdict == "proved", (role_, templates))
