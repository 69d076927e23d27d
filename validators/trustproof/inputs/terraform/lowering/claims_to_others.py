"""
What exclusive resources are about, as other templates call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from trustproof.inputs.cloudformation.values.exclusive_claims import Claim
from trustproof.inputs.terraform.lowering.expressions import ABSENT
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues

#: What a lowered value is that is not there.
NOTHING: Mapping[str, object] = {"Ref": "AWS::NoValue"}
#: What managed policies are called among types of resources.
POLICY = "ManagedPolicy"


def may_have_been_there(instance: Instance) -> bool:
    """Whether something was there before, or may have been: of that a configuration alone says nothing."""
    return instance.existed or not isinstance(instance.values, KnownValues)


def claims_to_others(
    made: Lowering, what: str, kind: str, of: Iterable[object], lists: Iterable[object]
) -> Iterator[Claim]:
    """
    What it is to other templates that a resource has all that there is of something.

    Args:
        what: as in a `Claim`.
        kind: the type of what it is about: ``User``, or `POLICY`.
        of: whom or what it is about, and likewise what it lists: lowered values.
    """
    kept = [name for one in lists if (name := _whole(made, one)) is not None]
    for one in of:
        address = one.get("Ref") if isinstance(one, dict) else None
        found = outward_name(made, one, kind)
        if found is not None:
            instance = made.by_address.get(str(address))
            # What was there before may be what another template has made, or somebody by hand.
            is_own = address in made.resources and not (instance is not None and instance.existed)
            yield Claim(what, found, tuple(kept), is_own=is_own)


def _whole(made: Lowering, listed: object) -> str | None:
    """The name of what a claim leaves there; None where nobody knows it."""
    for kind in (POLICY, "User", "Role", "Group"):
        name = outward_name(made, listed, kind)
        if name is not None and None not in name:
            return "".join(piece or "" for piece in name)
    return None


def outward_name(made: Lowering, value: object, kind: str) -> tuple[str | None, ...] | None:
    """What other templates call something, in pieces of which None is not known; None for a policy of AWS's."""
    address = value.get("Ref") if isinstance(value, dict) else None
    if address in made.resources:
        properties = _properties(made, str(address))
        path = pieces_of(properties.get("Path", "/"))[:] if kind == POLICY else ()
        pieces = (*path, *pieces_of(properties.get(f"{kind}Name")))
        return (pieces[0].removeprefix("/"), *pieces[1:]) if path and isinstance(pieces[0], str) else pieces
    pieces = pieces_of(value)
    return policy_name(pieces) if kind == POLICY else pieces


def policy_name(arn: tuple[str | None, ...]) -> tuple[str | None, ...] | None:
    """Path and name of a managed policy by its ARN; None for one of AWS's."""
    for at, piece in enumerate(arn):
        if piece is not None and ":policy/" in piece:
            head, _, tail = piece.partition(":policy/")
            return None if head.endswith("::aws") else (tail, *arn[at + 1 :])
    return (None,)


def leaves(value: object) -> Iterator[object]:
    """What a list may hold, or a lowered value may be."""
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, dict) and isinstance(found := value.get("Fn::If"), list):
        yield from leaves(found[1:])
    elif value is not None and value != NOTHING and value is not ABSENT:
        yield value


def pieces_of(value: object) -> tuple[str | None, ...]:
    """The text that a lowered value is, in pieces of which None is not known."""
    if isinstance(value, str):
        return (value,)
    joined = value.get("Fn::Join") if isinstance(value, dict) else None
    if isinstance(joined, list) and len(joined) == 2 and joined[0] == "" and isinstance(joined[1], list):
        return tuple(piece for part in joined[1] for piece in pieces_of(part))
    return (None,)


def _properties(made: Lowering, logical_id: str) -> dict[str, object]:
    found = made.resources[logical_id].get("Properties")
    return found if isinstance(found, dict) else {}
