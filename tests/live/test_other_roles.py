"""
Whom of outside a role lets in that no template makes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.live.test_besides_policies import Account, role
from trustproof.live.expectation import Expectation
from trustproof.live.holdings import Holding
from trustproof.live.other_roles import other_holders, outsiders_of

OWN, FOREIGN = "111122223333", "222233334444"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ({"Principal": "*"}, ["*"]),
        ({"Principal": {"AWS": [OWN, FOREIGN]}}, [f"AWS {FOREIGN}"]),
        ({"Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}}, []),
        ({"Principal": {"AWS": FOREIGN}, "Effect": "Deny"}, []),
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, ["Service ec2.amazonaws.com"]),
        (
            {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": [OWN, FOREIGN]}}},
            [f"*, if StringEquals aws:PrincipalAccount {OWN}, {FOREIGN}"],
        ),
        # Two share an external id, and whoever reads this may be a third.
        (
            {"Principal": {"AWS": FOREIGN}, "Condition": {"StringEquals": {"sts:ExternalId": "canary"}}},
            [f"AWS {FOREIGN}, if StringEquals sts:ExternalId"],
        ),
        ({"NotPrincipal": {"AWS": FOREIGN}}, [f'everybody but {{"AWS": "{FOREIGN}"}}']),
    ],
)
def test_outsiders(statement: dict[str, Any], told: list[str]) -> None:
    """Who is outside is told with the conditions, without the value of an external id; who is inside is not."""
    whole = {"Effect": "Allow", "Action": "sts:AssumeRole", **statement}
    assert outsiders_of(OWN, json.dumps({"Statement": whole})) == told
    assert outsiders_of(OWN, json.dumps({"Statement": [whole]})) == told


def let_in(principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}


def denied(**condition: Any) -> dict[str, Any]:
    return let_in({"AWS": "*"}, Effect="Deny", Condition=condition)


INSIDE = {"StringEquals": {"aws:PrincipalAccount": OWN}}


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        # What comes only with a call that nobody is let in to, or is told with that call.
        ([let_in({"AWS": FOREIGN}, Action="sts:TagSession")], []),
        (
            [
                let_in({"AWS": FOREIGN}, Condition={"Null": {"sts:ExternalId": "false"}}),
                let_in({"AWS": FOREIGN}, Action="sts:TagSession"),
            ],
            [f"AWS {FOREIGN}, if Null sts:ExternalId false"],
        ),
        ([let_in({"AWS": FOREIGN}, Action="sts:AssumeRoleWithSAML")], []),
        ([let_in({"AWS": "*"}, Condition=INSIDE)], []),
        ([let_in({"AWS": FOREIGN}, Condition=INSIDE)], []),
        ([let_in({"AWS": "*"}), denied(StringNotEquals=INSIDE["StringEquals"])], []),
        (
            [let_in({"AWS": FOREIGN}), denied(Bool={"aws:MultiFactorAuthPresent": "false"})],
            [f"AWS {FOREIGN}, unless a Deny keeps them out"],
        ),
        # A name may hold the number of an account.
        (
            [let_in({"AWS": f"arn:aws:iam::{FOREIGN}:role/of-{OWN}"})],
            [f"AWS arn:aws:iam::{FOREIGN}:role/of-{OWN}"],
        ),
        ([let_in({"AWS": f"arn:aws:iam::{OWN}:role/app"})], []),
    ],
)
def test_who_gets_in_by_no_call_is_not_told(statements: list[dict[str, Any]], told: list[str]) -> None:
    """The whole policy decides, and so does which calls there are."""
    assert outsiders_of(OWN, json.dumps({"Version": "2012-10-17", "Statement": statements})) == told


def test_outsiders_in_another_partition() -> None:
    """Whoever is of the partition of the role may get in, and nobody else."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": [let_in({"AWS": f"arn:aws-cn:iam::{FOREIGN}:root"})]})
    assert outsiders_of(OWN, trust, "aws-cn") == [f"AWS arn:aws-cn:iam::{FOREIGN}:root"]
    assert outsiders_of(OWN, trust, "aws") == []


def test_who_else_holds_a_managed_policy() -> None:
    """Whoever holds a managed policy of the templates is told, unless a template makes it or attaches the policy."""
    arn = f"arn:aws:iam::{OWN}:policy/p"
    held = {name: role(name, attached=(arn,)) for name in ("made", "added", "foreign", "touched")}
    holdings = {"made": Holding(made=True), "added": Holding(names={arn}), "touched": Holding()}
    expected = Expectation({("role", name): one for name, one in holdings.items()}, managed={arn: "{}"})
    said = [subject for subject, _ in other_holders(Account({}, **held), expected)]
    assert said == ["role foreign: no template attaches it", "role touched: no template attaches it"]
