"""
What users and roles gain and lose where their own Denies, their permissions boundary and the policy of a resource
change together: what the evaluation of one account says of both sides, written down once more.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple, TypeAlias

from hypothesis import given

import trustproof
from tests.strategies import choices, examples

Json: TypeAlias = "dict[str, Any]"
HUB = "111122223333"
#: Effect, action, and `X` (the resource), another one, or all.
Own: TypeAlias = "tuple[str, str, str]"
#: Effect, `C` (the caller) or somebody else, and action.
Others: TypeAlias = "tuple[str, str, str]"
ACTIONS = {
    "sqs": ("sqs:SendMessage", "sqs:ReceiveMessage"),
    "s3": ("s3:GetObject", "s3:PutObject"),
    "sts": ("sts:AssumeRole",),
}
SOMEBODY = f"arn:aws:iam::{HUB}:role/somebody"
ELSEWHERE = {
    "sqs": f"arn:aws:sqs:us-east-1:{HUB}:other",
    "s3": "arn:aws:s3:::other/*",
    "sts": f"arn:aws:iam::{HUB}:role/other",
}
INSIDE: dict[str, Any] = {"s3": {"Fn::Sub": "${X.Arn}/*"}}
ITSELF: Json = {"Fn::GetAtt": ["X", "Arn"]}


class World(NamedTuple):
    """A caller, a resource of its account, and what is said of both."""

    service: str
    is_user: bool
    own: tuple[Own, ...]
    limit: tuple[Own, ...] | None
    policy: tuple[Others, ...]

    def may(self, action: str, about: str) -> bool:
        """Whether the caller may call the resource (`X`), or another one, of which no policy is known."""
        denied = _says(self.own, "Deny", action, about) or _says(self.limit or (), "Deny", action, about)
        if denied or (about == "X" and ("Deny", "C", action) in self.policy):
            return False
        within = self.limit is None or _says(self.limit, "Allow", action, about)
        # A policy that names a user lets it in whatever its boundary says; one that names a role does not.
        if about == "X" and ("Allow", "C", action) in self.policy and (self.is_user or within):
            return True
        return within and _says(self.own, "Allow", action, about)


def _says(statements: tuple[Own, ...], effect: str, action: str, about: str) -> bool:
    wanted = (action, "*", f"{action.partition(':')[0]}:*")
    return any(e == effect and a in wanted and r in ("*", about) for e, a, r in statements)


def own_policies(rng: Random, service: str) -> tuple[Own, ...]:
    actions = (*ACTIONS[service], f"{service}:*")
    some = range(rng.choice((0, 1, 1, 2)))
    found = [(rng.choice(("Allow", "Deny", "Deny")), rng.choice(actions), rng.choice("*XXO")) for _ in some]
    return (("Allow", "ec2:DescribeInstances", "*"), *found)


def limits(rng: Random, service: str) -> tuple[Own, ...] | None:
    if rng.random() < 0.5:
        return None
    actions = (*ACTIONS[service], f"{service}:*")
    allowed = ("Allow", rng.choice((*actions, "*", "ec2:*")), rng.choice("**XO"))
    return (allowed, *([("Deny", rng.choice(actions), rng.choice("*X"))] if rng.random() < 0.3 else []))


def policies(rng: Random, service: str) -> tuple[Others, ...]:
    return (("Allow", rng.choice("CCS"), rng.choice(ACTIONS[service])),)


def changed(rng: Random, old: World) -> World:
    what = rng.choice(("own", "own", "limit", "limit", "policy", "moved", "moved"))
    if what == "own":
        return old._replace(own=own_policies(rng, old.service))
    if what == "limit":
        return old._replace(limit=limits(rng, old.service), own=rng.choice((old.own, own_policies(rng, old.service))))
    if what == "policy":
        return old._replace(policy=policies(rng, old.service))
    # What the caller denies to itself, the resource denies it now.
    denied = [one for one in old.own if one[0] == "Deny" and one[1] in ACTIONS[old.service] and one[2] == "X"]
    moved = tuple(("Deny", "C", action) for _, action, _ in denied)
    return old._replace(own=tuple(one for one in old.own if one not in denied), policy=(*old.policy, *moved))


def template(world: World, *, names: bool) -> Json:
    service, inside = world.service, INSIDE.get(world.service, ITSELF)
    about = {"*": "*", "X": inside, "O": ELSEWHERE[service]}

    def document(statements: tuple[Own, ...]) -> Json:
        return {"Statement": [{"Effect": e, "Action": a, "Resource": about[r]} for e, a, r in statements]}

    whom = {"C": {"Fn::GetAtt": ["C", "Arn"]}, "S": SOMEBODY}
    said = [{"Effect": e, "Principal": {"AWS": whom[w]}, "Action": a} for e, w, a in world.policy]
    caller: Json = {"Policies": [{"PolicyName": "p", "PolicyDocument": document(world.own)}]}
    named = {"UserName" if world.is_user else "RoleName": "c"} if names else {}
    resources: Json = {
        "C": {"Type": f"AWS::IAM::{'User' if world.is_user else 'Role'}", "Properties": {**caller, **named}}
    }
    if not world.is_user:
        glue = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
        resources["C"]["Properties"]["AssumeRolePolicyDocument"] = {"Statement": [glue]}
    if world.limit is not None:
        resources["C"]["Properties"]["PermissionsBoundary"] = {"Ref": "B"}
        resources["B"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(world.limit)}}
    if service == "sts":
        properties: Json = {"AssumeRolePolicyDocument": {"Statement": said}}
        return {"Resources": {**resources, "X": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    type_, put = (
        ("SQS::Queue", {"Queues": [{"Ref": "X"}]}) if service == "sqs" else ("S3::Bucket", {"Bucket": {"Ref": "X"}})
    )
    policy = {**put, "PolicyDocument": {"Statement": [{**one, "Resource": inside} for one in said]}}
    return {
        "Resources": {
            **resources,
            "X": {"Type": f"AWS::{type_}"},
            "P": {"Type": f"AWS::{type_}Policy", "Properties": policy},
        }
    }


@given(choices())
@examples(40, in_deep=1_000)
def test_what_a_caller_may_do_on_one_side_alone_is_told(rng: Random) -> None:
    """Whoever may do something now, and could not before, has gained, whatever stopped it; and the other way round."""
    service = rng.choice([*ACTIONS])
    is_user = rng.random() < 0.3
    old = World(service, is_user, own_policies(rng, service), limits(rng, service), policies(rng, service))
    new, names = changed(rng, old), rng.random() < 0.5
    found = trustproof.diff(template(old, names=names), template(new, names=names), account=HUB)
    # Beside what is written out: whatever else the service has, and a call of no resource.
    asked = [(action, about) for action in (*ACTIONS[service], f"{service}:Else") for about in "XON"]
    asked = [*asked, ("ec2:DescribeInstances", "N")]
    if service != "sts":
        # What two policies allow, each is told to give.
        is_twice = any(
            ("Allow", "C", action) in new.policy and _says(one.own, "Allow", action, "X")
            for one in (old, new)
            for action in ACTIONS[service]
        )
        is_same = all(new.may(*one) == old.may(*one) for one in asked)
        if is_same and not is_twice and old.policy == new.policy[: len(old.policy)]:
            assert not found.access
        assert bool(found.gained) >= any(new.may(*one) and not old.may(*one) for one in asked)
        assert bool(found.lost) >= any(old.may(*one) and not new.may(*one) for one in asked)
    else:
        # Of another role, and of what a policy of its own allows alone, its trust policy says the rest.
        (action,) = ACTIONS[service]
        assert bool(found.gained) >= (new.may(action, "X") and not old.may(action, "X"))
