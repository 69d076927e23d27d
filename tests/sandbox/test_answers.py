"""
The sandbox answers as the evaluator decides and as the engine finds, on random trust policies that are deployed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from tests import tally
from tests.laws.membership import is_inside
from tests.sandbox.cast import HOME, OTHER, VERSION, Cast, allow, root, trust
from tests.strategies import choices, examples
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.request_space import RequestSpace
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.policy import Policy
from trustproof.model.request import (
    ROLE_SESSION,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    Caller,
    Request,
)
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.decide import Layers, judge
from trustproof.sandbox.authorization.holdings import policy_for_action
from trustproof.sandbox.errors import Undecided
from trustproof.spec.access import may
from trustproof.spec.callers import principal_keys
from trustproof.spec.decision import decide
from trustproof.spec.realism import impossibilities

ASSUME = "sts:AssumeRole"
LONG = 43_200
EXTERNAL_IDS = (None, "id-1", "id-2")
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
    {"Null": {"aws:MultiFactorAuthAge": "true"}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    {"StringEquals": {"sts:ExternalId": "id-1"}},
    {"StringNotEquals": {"sts:ExternalId": "id-1"}},
    {"StringEqualsIfExists": {"sts:ExternalId": ["id-1", "id-3"]}},
    {"StringLike": {"sts:RoleSessionName": "${aws:username}"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HOME}:*"}},
    {"StringEquals": {"aws:PrincipalAccount": OTHER}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"sts:ExternalId": "id-2"}},
)


class Player:
    """
    A caller, and what it calls itself.
    """

    def __init__(self, keys: Mapping[str, Any], caller: Caller, serial: str | None = None, mfa_at: float = 0) -> None:
        self.keys = keys
        self.caller = caller
        #: The device whose codes are passed in the call.
        self.serial = serial
        #: When MFA was used for the session.
        self.mfa_at = mfa_at


def players_of(cast: Cast) -> list[Player]:
    """Two users with every kind of credentials, whose sessions last half a day."""
    found = []
    for account in (HOME, OTHER):
        user = cast.user(allow(ASSUME), account=account)
        identifier = cast.iam(account).get_user(UserName=user["Name"])["User"]["UserId"]
        serial = cast.device(user)
        caller = Caller(USER_KEY, user["Arn"], userid=identifier)
        sts = cast.sts(user)
        plain = sts.get_session_token(DurationSeconds=LONG)["Credentials"]
        given = {"SerialNumber": serial, "TokenCode": cast.code(serial)}
        mfa = sts.get_session_token(**given, DurationSeconds=LONG)["Credentials"]
        mfa_at = cast.aws.clock.now()
        trusted = trust({"AWS": user["Arn"]})
        role = cast.role(trusted, account=account, may=[allow(ASSUME)], MaxSessionDuration=LONG)
        inside = cast.assume(user, role, DurationSeconds=LONG)
        userid = inside["AssumedRoleUser"]["AssumedRoleId"]
        found += [
            Player(user, caller),
            Player(user, caller._replace(kind=USER_KEY_MFA), serial),
            Player(plain, caller._replace(kind=USER_SESSION)),
            Player(mfa, caller._replace(kind=USER_SESSION_MFA), None, mfa_at),
            Player(inside["Credentials"], Caller(ROLE_SESSION, role, "s-1", userid)),
        ]
    return found


class Players:
    """
    Those who call. A long run moves the clock on by days: then there are others, with sessions that last.
    """

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._until = 0.0
        self._found: list[Player] = []

    def present(self) -> list[Player]:
        now = self._cast.aws.clock.now()
        if now > self._until:
            self._found = players_of(self._cast)
            self._until = now + LONG / 2
        return self._found


@pytest.fixture(scope="module")
def players(cast: Cast) -> Players:
    return Players(cast)


@pytest.fixture(scope="module")
def target(cast: Cast) -> str:
    return cast.role(trust(root(HOME)))


@pytest.fixture(scope="module")
def administrator(cast: Cast) -> Any:
    """A client with long-term keys: a long run moves the clock on by hours."""
    return cast.aws.client("iam", cast.aws.root_keys(HOME))


def any_trust(rng: Random, players: list[Player]) -> dict[str, Any]:
    """A trust policy of one to three statements, of the first an Allow."""
    arns = sorted({player.caller.arn for player in players})
    principals = [*arns, f"arn:aws:iam::{HOME}:root", OTHER, "*"]
    statements = []
    for index in range(rng.randrange(1, 4)):
        statement = trust(
            {"AWS": rng.sample(principals, rng.randrange(1, 3))}, rng.choice([ASSUME, "sts:*", "sts:Assume*"])
        )
        if index and rng.random() < 0.4:
            statement["Effect"] = "Deny"
        condition = rng.choice(CONDITIONS)
        statements.append({**statement, "Condition": condition} if condition else statement)
    return {"Version": VERSION, "Statement": statements}


def request_of(player: Player, role: str, external_id: str | None, now: float) -> Request:
    """The request, as a reader of the manual writes it down."""
    caller = player.caller
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    context: dict[str, Any] = {
        **principal_keys(caller),
        "aws:currenttime": stamp,
        "aws:epochtime": str(int(now)),
        "aws:requestedregion": "eu-central-1",
        "aws:resourceaccount": HOME,
        "aws:securetransport": "true",
        "aws:sourceip": "203.0.113.10",
        "aws:viaawsservice": "false",
        "sts:rolesessionname": "s-1",
    }
    if external_id is not None:
        context["sts:externalid"] = external_id
    if caller.kind == USER_KEY_MFA:
        context["aws:multifactorauthage"] = "0"
    if caller.kind == USER_SESSION_MFA:
        context["aws:multifactorauthage"] = str(int(now - player.mfa_at))
    if caller.kind in (USER_SESSION, USER_SESSION_MFA, ROLE_SESSION):
        context["aws:tokenissuetime"] = stamp
    return Request(caller, ASSUME, role, context)


def finds(policy: Policy, request: Request) -> bool:
    """Whether the engine has a box of an Allow with this request, and none of a Deny."""
    compiled = CompiledPolicy(policy)
    space = RequestSpace(request.caller.kind, request.action.lower(), "aws")
    allowed = any(is_inside(compiled.allow(index, space).box, request) for index in compiled.allow_indices)
    return allowed and not any(is_inside(encoded.box, request) for encoded in compiled.denies(space))


def plain(document: dict[str, Any], player: Player, external_id: str | None) -> bool | None:
    """
    A reading of its own, of who is trusted, MFA and external ids, by whoever has a policy for it; None beyond that.
    """
    mfa = {USER_KEY_MFA: "true", USER_SESSION_MFA: "true", USER_SESSION: "false"}.get(player.caller.kind)
    carried = {"aws:MultiFactorAuthPresent": mfa, "sts:ExternalId": external_id}
    account = player.caller.arn.split(":")[4]
    forms = {"*", account, f"arn:aws:iam::{account}:root", player.caller.arn}
    outcomes = set()
    for one in document["Statement"]:
        holds = bool(forms & set(one["Principal"]["AWS"]))
        for operator, asked in one.get("Condition", {}).items():
            for key, value in asked.items():
                if key not in carried or not isinstance(value, str):
                    return None
                has = carried[key]
                answers = {
                    "Bool": has == value,
                    "BoolIfExists": has is None or has == value,
                    "Null": (has is None) is (value == "true"),
                    "StringEquals": has == value,
                    "StringNotEquals": has != value,
                }
                if operator not in answers:
                    return None
                holds = holds and answers[operator]
        if holds:
            outcomes.add(one["Effect"])
    return outcomes == {"Allow"}


# Four callers each: 10,000 calls.
@examples(25, in_deep=2_500)
@given(rng=choices())
def test_sandbox_evaluator_and_engine(
    cast: Cast, administrator: Any, players: Players, target: str, rng: Random
) -> None:
    """Whoever gets in by a real call is let in by the evaluator, and is in a box of the engine; and nobody else."""
    present = players.present()
    document = any_trust(rng, present)
    text = json.dumps(document)
    administrator.update_assume_role_policy(RoleName=target.rpartition("/")[2], PolicyDocument=text)
    policy = parse_policy(text, kind=TRUST)
    own = parse_policy({"Version": VERSION, "Statement": [allow(ASSUME)]}, kind=IDENTITY)
    for player in rng.sample(present, 4):
        external_id = rng.choice(EXTERNAL_IDS)
        more = {} if external_id is None else {"ExternalId": external_id}
        if player.serial is not None:
            more |= {"SerialNumber": player.serial, "TokenCode": cast.code(player.serial)}
        request = request_of(player, target, external_id, cast.aws.clock.now())
        assert impossibilities(request) == []
        expected = may([own], None, policy, request, same_account=player.caller.account == HOME)
        try:
            observed = bool(cast.assume(player.keys, target, **more))
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied", error  # noqa: PT017
            observed = False
        shown = f"{request}\n{text}"
        tally.note("sandbox and evaluator", "let in" if expected else "kept out")
        tally.agree("sandbox and evaluator", observed is expected, shown)
        if (read := plain(document, player, external_id)) is not None:
            tally.note("sandbox and a plain reading", "let in" if read else "kept out")
            tally.agree("sandbox and a plain reading", observed is read, shown)
        tally.agree("evaluator and engine", decide(policy, request).allowed is finds(policy, request), shown)


KEYS = ("ec2:ResourceTag/a", "ec2:InstanceType", "aws:ResourceTag/a", "aws:RequestTag/a", "aws:SourceIp")


@st.composite
def identity_policies(draw: Any) -> dict[str, Any]:
    statements = []
    for _ in range(draw(st.integers(1, 3))):
        statement: dict[str, Any] = {
            "Effect": draw(st.sampled_from(["Allow", "Deny"])),
            "Action": draw(st.sampled_from(["ec2:*", "ec2:RunInstances", "s3:*"])),
            "Resource": draw(st.sampled_from(["*", "arn:aws:ec2:*:*:instance/a", "arn:aws:ec2:*:*:instance/*"])),
        }
        if draw(st.booleans()):
            operator = draw(st.sampled_from(["StringEquals", "StringNotEquals", "StringLikeIfExists"]))
            statement["Condition"] = {operator: {draw(st.sampled_from(KEYS)): draw(st.sampled_from(["a", "b"]))}}
        statements.append(statement)
    return {"Version": VERSION, "Statement": statements}


@examples(300)
@given(document=identity_policies(), instance=st.sampled_from("ab"), value=st.sampled_from([None, "a", "b"]))
def test_undecided_never_allows(document: dict[str, Any], instance: str, value: str | None) -> None:
    """Whatever is not known, an answer that is given in spite of it is the right one."""
    policy = parse_policy(document, kind=IDENTITY)
    caller = Caller(USER_KEY, f"arn:aws:iam::{HOME}:user/u", userid="AIDAEXAMPLE")
    arn = f"arn:aws:ec2:eu-central-1:{HOME}:instance/{instance}"
    known = {**principal_keys(caller), "aws:sourceip": "203.0.113.10"}
    hidden = {} if value is None else {key.lower(): value for key in KEYS if key != "aws:SourceIp"}
    truth = may([policy], None, None, Request(caller, "ec2:RunInstances", arn, {**known, **hidden}), same_account=True)
    layers = Layers((policy_for_action(policy, "ec2:RunInstances"),), None, None, None, (), (), True)
    for need in (Need("ec2:RunInstances", arn, HOME), Need("ec2:RunInstances", None, HOME)):
        request = Request(caller, "ec2:RunInstances", need.resource or "*", known)
        try:
            answer = judge(layers, request, need) is None
        except Undecided:
            continue
        assert answer is truth


@examples(200)
@given(document=identity_policies())
def test_reduced_policies_decide_alike(document: dict[str, Any]) -> None:
    """Statements about other actions can be left out."""
    policy = parse_policy(document, kind=IDENTITY)
    caller = Caller(USER_KEY, f"arn:aws:iam::{HOME}:user/u", userid="AIDAEXAMPLE")
    for action in ("ec2:RunInstances", "s3:GetObject", "ec2:StopInstances"):
        request = Request(caller, action, "arn:aws:ec2:eu-central-1:1:instance/a", principal_keys(caller))
        assert decide(policy, request).outcome == decide(policy_for_action(policy, action), request).outcome
