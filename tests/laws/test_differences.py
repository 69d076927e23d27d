"""
Differences by meaning: a request on each side of one, and none where nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import given

import trustproof
from tests.generate.conditions import EXACT
from tests.generate.rewritings import rewritten
from tests.generate.statements import any_policy, any_statement
from tests.strategies import choices, examples, requests_near
from trustproof.aws.condition_keys import CREDENTIAL_ACTIONS, SET_CONTEXT, SET_SOURCE_IDENTITY, TAG_SESSION
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.request import ROLE_SESSION, Caller, Request
from trustproof.proving.excess import Excess, excess
from trustproof.proving.sides import Scene, Side, allows
from trustproof.spec.decision import actions_needed, decide
from trustproof.spec.realism import impossibilities, may_call

SCENE = Scene(TRUST, "111122223333", "aws")


def of(policy: Policy) -> Side:
    """A policy that stands alone."""
    return Side((policy,))


def found(first: Policy, other: Policy) -> list[Excess]:
    """What the first allows and the other does not, statement by statement."""
    return list(excess(of(first), of(other), SCENE))


def changed(rng: Random, policy: Policy) -> Policy:
    """A policy with one statement more, less, or another one."""
    statements = list(policy.statements)
    at = rng.randrange(len(statements))
    way = rng.randrange(4)
    if way == 0:
        statements.append(any_statement(rng, EXACT))
    elif way == 1 and len(statements) > 1:
        del statements[at]
    elif way == 2 and statements[at].conditions:
        statements[at] = statements[at]._replace(conditions=statements[at].conditions[1:])
    else:
        statements[at] = any_statement(rng, EXACT, statements[at].effect)
    return policy._replace(statements=tuple(statements))


@given(choices())
@examples(80, in_deep=2_000)
def test_another_wording_is_no_difference(rng: Random) -> None:
    """Statements split and reordered, lists for scalars, other spellings and complements of actions change nothing."""
    policy = any_policy(rng)
    other = rewritten(rng, policy)
    assert not [one for one in found(policy, other) if one.requests]
    assert not [one for one in found(other, policy) if one.requests]


@given(choices())
@examples(60, in_deep=2_000)
def test_another_wording_of_what_is_searched_exactly_is_surely_none(rng: Random) -> None:
    """Where the search is exact, a rewriting is proved to be none, and not only not refuted."""
    policy = any_policy(rng, EXACT)
    other = rewritten(rng, policy)
    assert found(policy, other) == found(other, policy) == []


@given(choices())
@examples(60, in_deep=2_000)
def test_a_request_is_allowed_by_one_side_only(rng: Random) -> None:
    """Whatever is shown was asked of the evaluator on both sides; swapping the sides swaps what is gained and lost."""
    old = any_policy(rng, EXACT)
    new = changed(rng, old)
    for first, other in ((new, old), (old, new)):
        for one in found(first, other):
            for request in one.requests:
                assert allows(of(first), request)
                assert not allows(of(other), request)


@given(choices())
@examples(30, in_deep=2_000)
def test_no_request_is_missed(rng: Random) -> None:
    """Where nothing is found, no request is allowed by one side only; or it is said that this is not known."""
    old = any_policy(rng)
    new = changed(rng, old)
    if not found(new, old):
        for request in requests_near(rng, new, 40) + requests_near(rng, old, 40):
            assert not _lets_in(new, request) or allows(of(old), request)


def _lets_in(policy: Policy, request: Request) -> bool:
    """
    Whether a policy allows a request: a call for credentials with all that it needs, by the tags that it passes, say,
    and what is a part of such a call with one of these.
    """
    if request.action.lower() in (TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT):
        return allows(of(policy), request) and bool(_calls_of(policy, request))
    needed = actions_needed(request) if request.action.lower() in CREDENTIAL_ACTIONS else (request.action,)
    return all(allows(of(policy), request._replace(action=action)) for action in needed)


def _calls_of(policy: Policy, request: Request) -> list[Request]:
    """The calls for credentials that a policy allows, and of which a request is a part; empty where it is a whole."""
    if request.action.lower() not in (TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT):
        return []
    calls = (request._replace(action=one) for one in CREDENTIAL_ACTIONS if may_call(request.caller.kind, one))
    return [one for one in calls if allows(of(policy), one)]


@given(choices())
@examples(60)
def test_nothing_differs_from_itself(rng: Random) -> None:
    """A policy allows no more than it does."""
    policy = any_policy(rng)
    assert found(policy, policy) == []


IDENTITIES = Scene(IDENTITY, "111122223333", "aws", callers=(ROLE_SESSION,))
NAMES = ("s3:GetObject", "s3:*", "s3:Get*", "iam:CreateUser", "sts:AssumeRole", "*", "ec2:RunInstances")
THINGS = ("*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/${aws:PrincipalTag/team}/*", "arn:aws:s3:::data")


def any_identity(rng: Random) -> Policy:
    """An identity policy."""

    def some(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(rng.sample(values, rng.choice((1, 1, 2, 3))))

    statements = []
    for number in range(rng.choice((1, 2, 3))):
        statement = any_statement(rng, EXACT, ALLOW if not number else None)
        listed = some(NAMES)
        named = {"actions": None, "not_actions": listed} if rng.randrange(6) == 0 else {"actions": listed}
        things = some(THINGS)
        about = {"not_resources": things} if rng.randrange(8) == 0 else {"resources": things}
        bare = statement._replace(principals=None, not_principals=None, actions=None, not_actions=None)
        statements.append(bare._replace(**named, **about))
    return Policy(tuple(statements))


def in_parts(rng: Random, policy: Policy) -> tuple[Policy, ...]:
    """The statements in several policies, lists in other orders or apart."""
    parts: list[list[Statement]] = [[], []]
    for statement in policy.statements:
        for name in ("actions", "resources"):
            values = getattr(statement, name)
            if values and len(values) > 1 and rng.randrange(2):
                first, *others = rng.sample(values, len(values))
                rng.choice(parts).append(statement._replace(**{name: (first,)}))
                statement = statement._replace(**{name: tuple(others)})
        rng.choice(parts).append(statement)
    return tuple(policy._replace(statements=tuple(one)) for one in parts if one)


@given(choices())
@examples(60, in_deep=2_000)
def test_identity_policies_mean_what_they_mean_together(rng: Random) -> None:
    """One policy as several, with each list taken apart, allows the same: nothing is found, and nothing left open."""
    policy = any_identity(rng)
    whole, parts = Side((policy,)), Side(in_parts(rng, policy))
    assert not list(excess(whole, parts, IDENTITIES))
    assert not list(excess(parts, whole, IDENTITIES))


@given(choices())
@examples(60, in_deep=2_000)
def test_a_boundary_counts_on_both_sides(rng: Random) -> None:
    """What is found within boundaries is allowed by one side and not by the other; the same side gives nothing more."""
    sides = [Side((any_identity(rng),), rng.choice((None, any_identity(rng)))) for _ in range(2)]
    for first, other in (sides, sides[::-1]):
        for found in excess(first, other, IDENTITIES):
            for request in found.requests:
                assert allows(first, request)
                assert not allows(other, request)
        assert not [one for one in excess(first, first, IDENTITIES) if one.requests]


TAGS = ("dev", "ops")


@given(choices())
@examples(25, in_deep=500)
def test_whoever_has_another_tag_gains_what_the_policy_gives_it(rng: Random) -> None:
    """A policy that looks at a tag of a role gives the role what it gives the tag; the evaluator says so of both."""
    statements = [
        {
            "Effect": rng.choice(("Allow", "Allow", "Deny")),
            "Principal": {"AWS": rng.choice((f"arn:aws:iam::{OWN}:role/r", f"arn:aws:iam::{OWN}:role/s"))},
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": {
                rng.choice(("StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists")): {
                    "aws:PrincipalTag/team": rng.choice((*TAGS, "d*", ["dev", "ops"]))
                }
            },
        }
        for _ in range(rng.choice((1, 2, 3)))
    ]
    document = {"Version": "2012-10-17", "Statement": statements}

    def app(team: str) -> Json:
        statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = {"Version": "2012-10-17", "Statement": [statement]}
        role = {"RoleName": "r", "AssumeRolePolicyDocument": trust, "Tags": [{"Key": "team", "Value": team}]}
        there = {"Queues": ["https://sqs.eu-west-1.amazonaws.com/111122223333/q"], "PolicyDocument": document}
        return {
            "Resources": {
                "R": {"Type": "AWS::IAM::Role", "Properties": role},
                "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": there},
            }
        }

    def sends(team: str) -> bool:
        arn = f"arn:aws:iam::{OWN}:role/r"
        request = Request(
            Caller(ROLE_SESSION, arn, "session"),
            "sqs:SendMessage",
            f"arn:aws:sqs:eu-west-1:{OWN}:q",
            {"aws:principalarn": arn, "aws:principaltag/team": team},
        )
        return decide(parse_policy(document, kind=RESOURCE), request).allowed

    found = trustproof.diff(app("dev"), app("ops"), account=OWN)
    assert not found.undecided
    assert bool(found.gained) == (sends("ops") and not sends("dev"))
    assert bool(found.lost) == (sends("dev") and not sends("ops"))


OWN, OTHER = "111122223333", "444455556666"
ON, OFF = ({"BlockPublicPolicy": on, "RestrictPublicBuckets": on} for on in (True, False))
Json = dict[str, Any]


def any_bucket_statement(rng: Random) -> Json:
    """A statement of the policy of a bucket."""
    conditions: list[Json] = [
        {},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        {"StringNotEquals": {"aws:PrincipalAccount": OWN}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    ]
    return {
        "Effect": rng.choice(("Allow", "Allow", "Deny")),
        "Principal": rng.choice(("*", {"AWS": OTHER}, {"AWS": OWN}, {"AWS": [OWN, OTHER]})),
        "Action": rng.choice(("s3:GetObject", "s3:PutObject", "s3:*")),
        "Resource": "arn:aws:s3:::data/*",
        "Condition": rng.choice(conditions),
    }


@given(choices())
@examples(25, in_deep=500)
def test_a_setting_counts_in_a_difference_as_it_does_in_a_verdict(rng: Random) -> None:
    """Somebody gains access by a setting less where a proof rested on the setting, and else nobody does."""
    statements = [any_bucket_statement(rng) for _ in range(rng.choice((1, 2, 3)))]

    def bucket(block: Json | None) -> Json:
        settings = {} if block is None else {"PublicAccessBlockConfiguration": block}
        document = {"Version": "2012-10-17", "Statement": statements}
        named = {"Bucket": {"Ref": "B"}, "PolicyDocument": document}
        return {
            "Resources": {
                "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data", **settings}},
                "P": {"Type": "AWS::S3::BucketPolicy", "Properties": named},
            }
        }

    found = trustproof.diff(bucket(ON), bucket(OFF), account=OWN)
    back = trustproof.diff(bucket(OFF), bucket(ON), account=OWN)
    opened = [v for v in found.verdicts if (v.property, v.before, v.after) == ("inside-boundary", "proved", "refuted")]
    assert bool(found.gained) == bool(opened) or found.undecided
    assert (len(found.gained), len(found.lost)) == (len(back.lost), len(back.gained))
    assert not found.lost
    assert trustproof.diff(bucket(None), bucket(ON), account=OWN).is_empty
    # Nobody knows what is left of settings that are no longer written.
    assert not trustproof.diff(bucket(ON), bucket(None), account=OWN).access


@given(choices())
@examples(25, in_deep=500)
def test_what_is_declared_in_a_loop_is_what_it_is_unrolled_to(rng: Random) -> None:
    """One body of ``Fn::ForEach`` is as many resources, each with what it gained and lost."""

    def role(trusted: object) -> Json:
        statement = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}

    names = ["Aa", "Bb", "Cc"]
    sides = [{name: rng.choice((OWN, OTHER, "222233334444")) for name in names} for _ in range(2)]

    def looped(values: dict[str, str]) -> Json:
        look = {"Fn::FindInMap": ["M", {"Ref": "N"}, "who"]}
        return {
            "Transform": "AWS::LanguageExtensions",
            "Mappings": {"M": {name: {"who": value} for name, value in values.items()}},
            "Resources": {"Fn::ForEach::Roles": ["N", names, {"${N}": role(look)}]},
        }

    def unrolled(values: dict[str, str]) -> Json:
        return {"Resources": {name: role(value) for name, value in values.items()}}

    shown = []
    for form in (looped, unrolled):
        found = trustproof.diff(*map(form, sides), account=OWN)
        access = [(one.direction, one.where.logical_id, one.counterexample.caller) for one in found.access]
        verdicts = [(one.property, one.where.logical_id, one.before, one.after) for one in found.verdicts]
        shown.append((sorted(access), sorted(verdicts)))
    assert shown[0] == shown[1]


@given(choices())
@examples(40, in_deep=2_000)
def test_what_a_statement_gives_is_shown_value_by_value(rng: Random) -> None:
    """
    Whatever a statement lets in and the other side does not is about a piece of it that has a request, or that is
    counted; each request is allowed by one side only.
    """
    old = any_policy(rng, EXACT)
    new = changed(rng, old)
    gains = list(excess(of(new), of(old), SCENE, in_pieces=lambda policy, statement: True))
    near = [request for request in requests_near(rng, new, 40) if not impossibilities(request)]
    for one in gains:
        further = one.further
        for part in further.parts:
            assert allows(of(new), part.request)
            assert not allows(of(old), part.request)
        if not one.requests or one.doubts or further.doubts or further.not_asked:
            continue
        told = [piece for piece in (further.first, *(part.piece for part in further.parts)) if piece is not None]
        for request in near:
            by_it = decide(Policy((one.statement,), new.version), request).allowed
            if told and by_it and _lets_in(new, request) and not allows(of(old), request):
                versions = (new.version, old.version)
                # What only comes with a call for credentials is told with that call.
                with_it = [request, *(one for one in _calls_of(new, request) if not allows(of(old), one))]
                assert any(piece.admits(one, versions) for piece in told for one in with_it), (request, one.statement)


@given(choices())
@examples(25, in_deep=500)
def test_a_move_hides_nothing_and_makes_nothing_up(rng: Random) -> None:
    """Of a role in another path is said what is said of it in the same one, and that it has moved."""
    conditions: list[Json] = [{}, {}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}]
    conditions += [{"StringEquals": {"sts:ExternalId": "abcdef"}}, {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}]
    callers = (OWN, OTHER, f"arn:aws:iam::{OTHER}:role/ci", [OWN, OTHER], "*")

    def any_statements() -> list[Json]:
        return [
            {
                "Effect": rng.choice(("Allow", "Allow", "Deny")),
                "Principal": {"AWS": rng.choice(callers)},
                "Action": "sts:AssumeRole",
                "Condition": rng.choice(conditions),
            }
            for _ in range(rng.choice((1, 2)))
        ]

    def any_own() -> Json:
        about = {"Action": rng.choice(NAMES), "Resource": rng.choice(("*", "arn:aws:s3:::data/*"))}
        return {"Effect": "Allow", **about}

    def app(path: str, trusts: list[Json], own: Json) -> Json:
        def document(*statements: Json) -> Json:
            return {"Version": "2012-10-17", "Statement": [*statements]}

        held = [{"PolicyName": "p", "PolicyDocument": document(own)}]
        role = {"RoleName": "r", "Path": path, "AssumeRolePolicyDocument": document(*trusts), "Policies": held}
        let_in = {"Principal": {"AWS": {"Fn::GetAtt": ["R", "Arn"]}}, "Action": "sqs:SendMessage", "Resource": "*"}
        queues = {"Queues": [{"Ref": "Q"}], "PolicyDocument": document({"Effect": "Allow", **let_in})}
        return {
            "Resources": {
                "R": {"Type": "AWS::IAM::Role", "Properties": role},
                "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
                "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": queues},
            }
        }

    def said(new: Json) -> set[tuple[str, str, str]]:
        found = trustproof.diff(old, new, account=OWN, properties=["mfa-required"])
        assert len(found.moved) == (new["Resources"]["R"]["Properties"]["Path"] != "/")
        assert all(one.means_the_same == (not found.access and not found.undecided) for one in found.moved)
        requests = [(one.direction, one.counterexample) for one in found.access]
        return {(direction, one.action, one.caller.replace("role/x/", "role/")) for direction, one in requests}

    trusts, own = any_statements(), any_own()
    old = app("/", trusts, own)
    now = rng.choice((trusts, any_statements())), rng.choice((own, any_own()))
    assert said(app("/x/", *now)) == said(app("/", *now))
