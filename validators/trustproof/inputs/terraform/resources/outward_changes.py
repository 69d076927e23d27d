"""
What a plan changes for other templates of the run, beside what it takes away from them.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.plans.lost_attachments import replaced_holders
from trustproof.inputs.terraform.resources.control_policies import closed_units, disabled_types, moved_accounts
from trustproof.inputs.terraform.resources.withdrawn_controls import withdrawn_controls
from trustproof.inputs.terraform.snapshots.assignments import texts_of
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.model.outward_changes import OutwardChanges, ReplacedPrincipal

_PRINCIPALS = ("user", "role")


def outward_changes(made: Lowering) -> OutwardChanges:
    """What the plan changes of what others attach to accounts, and of whom they name by an ARN."""
    detached = disabled_types(made)
    replaced = tuple(dict.fromkeys(_replaced(made)))
    withdrawn = tuple(withdrawn_controls(made))
    deleted = tuple(dict.fromkeys(_deleted(made)))
    moved, closed = tuple(moved_accounts(made)), tuple(closed_units(made))
    return OutwardChanges(tuple(detached), moved, replaced, withdrawn, deleted, closed)


def _replaced(made: Lowering) -> Iterator[ReplacedPrincipal]:
    gone = _gone(made)
    for holder, _ in replaced_holders(made.snapshot._replace(deleted=gone), made.homes):
        if holder.kind not in _PRINCIPALS or holder.home != made.home:
            continue
        for was in gone:
            if was.type in _types(holder.kind) and holder.name in _names(was, holder.kind):
                yield _principal(made, was, holder.kind, holder.name)


def _deleted(made: Lowering) -> Iterator[ReplacedPrincipal]:
    """The users and roles whose name nobody has by the plan that had it."""
    gone = _gone(made)
    for kind in _PRINCIPALS:
        were = [one for one in gone if one.type in _types(kind) and made.homes.of(one.provider) == made.home]
        there = {name for type_ in _types(kind) if were for one in made.of_type(type_) for name in _names(one, kind)}
        yield from (
            _principal(made, one, kind, name) for one in were for name in _names(one, kind) if name not in there
        )


def _gone(made: Lowering) -> tuple[Instance, ...]:
    """What is no more as it was: by the plan, or by what somebody else has done before."""
    return (*made.snapshot.replaced, *made.snapshot.deleted, *made.snapshot.drifted)


def _types(kind: str) -> tuple[str, str]:
    return f"aws_iam_{kind}", f"awscc_iam_{kind}"


def _names(one: Instance, kind: str) -> tuple[str, ...]:
    return (*texts_of(one, "name"), *texts_of(one, f"{kind}_name"))


def _principal(made: Lowering, was: Instance, kind: str, name: str) -> ReplacedPrincipal:
    (path,) = texts_of(was, "path")[:1] or ("/",)
    return ReplacedPrincipal(made.home.account, kind, path, name)
