"""
What AWS makes of a policy that it stores is no drift; what anybody else makes of it is one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given

from tests.strategies import choices, examples, requests_near
from trustproof.aws.published import managed_policy_document, managed_policy_names
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.live.policy_comparison import DIFFERS, SAME, UNKNOWN, compare
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.spec.decision import decide

HOME, OTHER = "111122223333", "222233334444"
ROLE = f"arn:aws:iam::{OTHER}:role/deployer"
Json = dict[str, Any]
#: The accounts of two policies of many statements.
_LISTS = range(1, 40), range(101, 140)


def statement(**elements: Any) -> Json:
    return {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole", **elements}


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
#: Trust policies as teams write them.
TRUSTS = [
    document(statement()),
    document(statement(Condition=MFA)),
    document(statement(Condition={"StringEquals": {"sts:ExternalId": ["id-one", "id-two"]}})),
    document(statement(Principal={"AWS": [OTHER, f"arn:aws:iam::{HOME}:role/app"]}, Sid="Two")),
    document(statement(Principal={"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})),
    document(statement(Principal={"AWS": "*"}, Condition={"ArnLike": {"aws:PrincipalArn": ROLE + "*"}})),
    document(statement(), statement(Effect="Deny", Condition={"Null": {"aws:MultiFactorAuthAge": "true"}})),
    document(
        statement(Action=["sts:AssumeRole", "sts:TagSession"], Condition={"StringLike": {"aws:RequestTag/team": "a*"}})
    ),
    document(
        statement(
            Principal={"Service": "scheduler.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": HOME}}
        )
    ),
    document(
        statement(
            Principal={"Federated": f"arn:aws:iam::{HOME}:oidc-provider/token.actions.githubusercontent.com"},
            Action="sts:AssumeRoleWithWebIdentity",
            Condition={
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/app:*"},
            },
        )
    ),
]


def stored(rng: Random, given_: Json) -> Json:
    """A policy as AWS gives it back: in another order, without duplicates, one of a list alone, accounts as ARNs."""
    found = deepcopy(given_)
    statements = found["Statement"] if isinstance(found["Statement"], list) else [found["Statement"]]
    changed = [_shuffled(rng, {name: _stored(rng, name, value) for name, value in one.items()}) for one in statements]
    rng.shuffle(changed)
    return _shuffled(rng, {**found, "Statement": changed[0] if len(changed) == 1 and rng.random() < 0.5 else changed})


def _shuffled(rng: Random, value: Json) -> Json:
    return dict(sorted(value.items(), key=lambda _: rng.random()))


def _stored(rng: Random, name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _shuffled(rng, {key: _stored(rng, key, one) for key, one in value.items()})
    many = [_as_arn(one) if name == "AWS" else one for one in (value if isinstance(value, list) else [value])]
    if name in ("Effect", "Sid", "Principal", "NotPrincipal") or not all(isinstance(one, str) for one in many):
        return value
    many += rng.sample(many, rng.randrange(2)) if many else []
    rng.shuffle(many)
    alone = len(set(many)) == 1 and rng.random() < 0.5
    return many[0] if alone else many


def _as_arn(one: Any) -> Any:
    return f"arn:aws:iam::{one}:root" if isinstance(one, str) and one.isdigit() and len(one) == 12 else one


def verdict(one: Json, other: Json, kind: str) -> str:
    texts = [json.dumps(one, indent=2)], [json.dumps(other, separators=(",", ":"))]
    return compare(*texts, kind=kind, account=HOME, partition="aws").verdict


def test_what_aws_publishes_is_the_same_in_its_normal_forms() -> None:
    """Every managed policy of AWS, as it might be given back."""
    rng = Random(1)
    names = managed_policy_names()
    assert len(names) > 1_000
    for name in names:
        policy: Any = managed_policy_document(name)
        assert verdict(policy, stored(rng, policy), IDENTITY) == SAME, name


@pytest.mark.parametrize("kind", [TRUST, RESOURCE])
@pytest.mark.parametrize("policy", TRUSTS)
def test_normal_forms_are_no_drift(policy: Json, kind: str) -> None:
    """What AWS gives back for a trust policy, and for the policy of a resource with the same statements."""
    rng = Random(2)
    if kind == RESOURCE:
        policy = document(*({**one, "Resource": "*"} for one in policy["Statement"]))
    for _ in range(20):
        assert verdict(policy, stored(rng, policy), kind) == SAME


def mutations(policy: Json) -> Iterator[tuple[str, Json]]:
    """Every policy with one change of one statement."""
    for index, one in enumerate(policy["Statement"]):
        for name, changed in _changes(one):
            statements = [*policy["Statement"]]
            statements[index] = changed
            yield f"{index}: {name}", document(*statements)
        yield f"{index}: twice as much", document(*policy["Statement"], {**one, "Principal": {"AWS": "333344445555"}})


#: Of keys whose values have a form.
_VALUES = {"aws:SourceAccount": "333344445555", "aws:PrincipalOrgID": "o-jihgfedcba"}


def _changes(one: Json) -> Iterator[tuple[str, Json]]:
    yield "effect", {**one, "Effect": "Deny" if one["Effect"] == "Allow" else "Allow"}
    yield "action", {**one, "Action": "sts:GetCallerIdentity"}
    yield "principal", {**one, "Principal": {"AWS": "333344445555"}}
    for operator, keys in one.get("Condition", {}).items():
        rest = {name: value for name, value in one["Condition"].items() if name != operator}
        yield f"without {operator}", {**one, "Condition": rest}
        if operator != "Null":
            yield f"{operator}IfExists", {**one, "Condition": {**rest, f"{operator}IfExists": keys}}
        for key in keys:
            other = _VALUES.get(key, "other-value")
            yield f"another {key}", {**one, "Condition": {**one["Condition"], operator: {**keys, key: other}}}
            yield (
                f"{key} besides",
                {
                    **one,
                    "Condition": {**one["Condition"], "StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:*"}},
                },
            )


@pytest.mark.parametrize("policy", TRUSTS)
def test_every_mutation_is_found(policy: Json) -> None:
    """One operator, value, action, principal, effect or statement: found with a request, or nobody can tell."""
    rng = Random(3)
    seen = 0
    for name, other in mutations(policy):
        found = verdict(policy, other, TRUST)
        if found == DIFFERS:
            seen += 1
            continue
        assert found == SAME, name
        one, two = (parse_policy(json.dumps(side), kind=TRUST) for side in (policy, other))
        for request in (*requests_near(rng, one, 100), *requests_near(rng, two, 100)):
            assert decide(one, request).allowed == decide(two, request).allowed, (name, request)
    assert seen >= 3


@given(choices())
@examples(30)
def test_what_is_the_same_after_two_changes(rng: Random) -> None:
    """Mutations and normal forms together: a difference is found where the evaluator knows one."""
    policy = rng.choice(TRUSTS)
    _, other = rng.choice(list(mutations(policy)))
    other = stored(rng, other)
    one, two = (parse_policy(json.dumps(side), kind=TRUST) for side in (policy, other))
    told_apart = [
        request
        for request in requests_near(rng, one, 60)
        if decide(one, request).allowed != decide(two, request).allowed
    ]
    if told_apart:
        assert verdict(policy, other, TRUST) == DIFFERS, told_apart[0]


def test_what_takes_too_long_to_compare_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison has a budget in steps, and names it where it comes to its end before a difference is found."""
    one, other = (document(*(statement(Principal={"AWS": f"{number:012d}"}) for number in listed)) for listed in _LISTS)
    whole = compare([json.dumps(one)], [json.dumps(other)], kind="trust", account=HOME, partition="aws")
    assert whole.verdict == DIFFERS
    monkeypatch.setattr("trustproof.live.policy_comparison.TEMPLATE_UNITS", 1_000)
    left = compare([json.dumps(one)], [json.dumps(other)], kind="trust", account=HOME, partition="aws")
    assert left.verdict == UNKNOWN
    assert any("budget reached" in reason for reason in left.lines)


def test_names_of_variables_in_another_case() -> None:
    """A policy variable is the same in any case of its letters, and another variable is another one."""
    told, alike, other = (
        json.dumps(document(statement(Action="s3:GetObject", Resource=f"arn:aws:s3:::b/{variable}")))
        for variable in ("${aws:userid}", "${aws:UserId}", "${aws:username}")
    )
    verdicts = [
        compare([told], [found], kind=RESOURCE, account=HOME, partition="aws").verdict for found in (alike, other)
    ]
    assert verdicts[0] == SAME
    assert verdicts[1] != SAME


@pytest.mark.parametrize(("other", "expected"), [("${ab}", SAME), ("${AB}", UNKNOWN), ("x", DIFFERS)])
def test_what_is_no_variable_in_the_old_version(other: str, expected: str) -> None:
    """There `${ab}` is a text, of which another case is another text; a proof takes no resource to have it."""
    told, found = (
        json.dumps(
            document(statement(Action="s3:GetObject", Resource=f"arn:aws:s3:::b/{name}")) | {"Version": "2008-10-17"}
        )
        for name in ("${ab}", other)
    )
    assert compare([told], [found], kind=RESOURCE, account=HOME, partition="aws").verdict == expected
