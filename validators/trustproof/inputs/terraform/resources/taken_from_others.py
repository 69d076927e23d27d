"""
What a plan deletes, and what was there before it, as other templates have it: they may give the same.

Whoever moves from Terraform to the CDK makes a policy of the same name there first, and lets Terraform delete its own
then: nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.inputs.cloudformation.values.catalogue import ENTITIES, MANAGED_POLICY
from trustproof.inputs.cloudformation.values.exclusive_claims import (
    ATTACHED,
    BLOCK,
    BOUNDARY,
    DELETED,
    HOLDERS,
    INLINE,
    MANAGED,
    MEMBERS,
    SAME,
    TEXT,
    Claim,
    text_of,
)
from trustproof.inputs.cloudformation.values.exclusive_claims import POLICY as POLICY_KIND
from trustproof.inputs.terraform.accounts.providers import Homes
from trustproof.inputs.terraform.lowering.claims_to_others import (
    POLICY,
    claims_to_others,
    may_have_been_there,
    policy_name,
)
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.plans.late_deletes import taken_out
from trustproof.inputs.terraform.resources import cloud_control_deletes
from trustproof.inputs.terraform.resources.policies_of_stacks import claims_of_former_stack
from trustproof.inputs.terraform.snapshots.assignments import Assignment, assignments, texts_of
from trustproof.inputs.terraform.types.types_of_aws import AWS, OF_AWS
from trustproof.inputs.terraform.values.instances import Instance

_BLOCK = "aws_s3_bucket_public_access_block"
_POLICY = "aws_iam_policy"
_KINDS = ("user", "role", "group")
_OF_SET = "permission_set_arn"


def taken_from_others(made: Lowering, homes: Homes, instances: Iterable[Instance]) -> Iterator[Claim]:
    """
    What a plan takes away by what it deletes, changes, imports or has had for long.

    Args:
        homes: all places that the plan is about.
        instances: of the place of the template.
    """
    snapshot = made.snapshot
    after = {one.address: one for one in snapshot.instances}
    were = (*snapshot.replaced, *snapshot.drifted)
    pairs = [*((one, None) for one in snapshot.deleted), *((one, after.get(one.address)) for one in were)]
    former = cloud_control_deletes.Former(made, homes)
    for one, left in pairs:
        if one.type.startswith(OF_AWS) and homes.of(one.provider) == made.home:
            yield from (claim._replace(how=DELETED) for claim in claims_of_former_stack(one, left))
            found = _deleted(one, left) if one.type.startswith(AWS) else former.deleted(one, left)
            yield from (claim._replace(how=DELETED) for claim in found)
    for instance in instances:
        if may_have_been_there(instance) and instance.address in made.resources:
            yield from (claim._replace(how=MANAGED) for claim in _managed(made, instance))


def _deleted(one: Instance, left: Instance | None) -> Iterator[Claim]:
    """
    What goes with a resource.

    Args:
        left: what is there of it afterwards.
    """
    kept = frozenset(assignments(left)) if left is not None else frozenset()
    given = [*assignments(one), *(each for each, _ in taken_out(one, left))]
    yield from (claim for each in given if each not in kept for claim in _claim(each))
    if left is None:
        # Whoever declares one of the name makes it afterwards, with what is given to it there.
        yield from (claim._replace(is_own=True) for claim in _made_anew(one))
    elif not left.existed or texts_of(left, "name") != texts_of(one, "name"):
        yield from _made_anew(one)
    for argument, what in ((_BLOCK, "bucket"), (_POLICY, "arn")):
        gone = texts_of(one, what) if one.type == argument else ()
        for text in gone if left is None or texts_of(left, what) != gone else ():
            if argument == _BLOCK:
                yield Claim(BLOCK, (text,))
            elif (name := policy_name((text,))) is not None:
                yield from (Claim(f"{HOLDERS} {kind}", name) for kind in _KINDS)


def _made_anew(one: Instance) -> Iterator[Claim]:
    """
    What goes with a user, role or group that is replaced by one of its name, or takes with it what it has to another
    name: whatever others have given to it.
    """
    kind = one.type.removeprefix("aws_iam_")
    for name in texts_of(one, "name") if kind in _KINDS else ():
        yield Claim(f"{INLINE} {kind}", (name,))
        yield Claim(f"{ATTACHED} {kind}", (name,))
        if kind == "user":
            yield Claim(f"{MEMBERS} group", (None,), only=((name,),))
        elif kind == "group":
            yield Claim(f"{MEMBERS} group", (name,))
        if kind != "group":
            yield Claim(f"{BOUNDARY} {kind}", (name,))


def _claim(given: Assignment) -> Iterator[Claim]:
    """What the end of something that somebody had is to others."""
    what, kind, holder, name = given
    if kind == _OF_SET:
        # No ARN says of which permission set it is.
        names = {"inline": INLINE, "boundary": BOUNDARY, "managed": ATTACHED, "customer managed": ATTACHED}
        only = ((name,),) if what.endswith("managed") else ()
        yield Claim(f"{names[what]} permission set", (None,), only=only)
    elif kind not in _KINDS:
        return
    elif what == "inline":
        yield Claim(f"{INLINE} {kind}", (holder,), only=((name,),))
    elif what == "managed":
        policy = policy_name((name,))
        yield Claim(f"{ATTACHED} {kind}", (holder,), only=((name,) if policy is None else policy,))
    elif what == "member":
        yield Claim(f"{MEMBERS} group", (name,), only=((holder,),))


def _managed(made: Lowering, instance: Instance) -> Iterator[Claim]:
    """What somebody or a policy that was there before has now."""
    resource = made.resources[instance.address]
    type_, properties = str(resource["Type"]), resource.get("Properties")
    if not isinstance(properties, dict):
        return
    own = [{"Ref": instance.address}]
    if type_ in ENTITIES:
        kind = ENTITIES[type_]
        yield from claims_to_others(made, f"{SAME} {kind}", kind.title(), own, ())
        if kind != "group":
            boundary = [properties["PermissionsBoundary"]] if "PermissionsBoundary" in properties else []
            yield from claims_to_others(made, f"{BOUNDARY} {kind}", kind.title(), own, boundary)
    elif type_ == MANAGED_POLICY:
        text = text_of(properties.get("PolicyDocument"))
        for claim in claims_to_others(made, f"{TEXT} {POLICY_KIND}", POLICY, own, ()):
            yield claim._replace(kept=(text,) if text else ())
