"""
What a plan changes for other templates of the run, beside what it takes away from them.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.plans.lost_attachments import replaced_holders
from trustproof.inputs.terraform.resources.control_policies import disabled_types, moved_accounts
from trustproof.inputs.terraform.resources.withdrawn_controls import withdrawn_controls
from trustproof.inputs.terraform.snapshots.assignments import texts_of
from trustproof.model.outward_changes import OutwardChanges, ReplacedPrincipal

_PRINCIPALS = ("user", "role")


def outward_changes(made: Lowering) -> OutwardChanges:
    """What the plan changes of what others attach to accounts, and of whom they name by an ARN."""
    detached, _ = disabled_types(made)
    replaced = tuple(dict.fromkeys(_replaced(made)))
    withdrawn = tuple(withdrawn_controls(made))
    return OutwardChanges(tuple(detached), tuple(moved_accounts(made)), replaced, withdrawn)


def _replaced(made: Lowering) -> Iterator[ReplacedPrincipal]:
    gone = (*made.snapshot.replaced, *made.snapshot.deleted)
    for holder, _ in replaced_holders(made.snapshot, made.homes):
        if holder.kind not in _PRINCIPALS or holder.home != made.home:
            continue
        for was in gone:
            if holder.name in (*texts_of(was, "name"), *texts_of(was, f"{holder.kind}_name")):
                (path,) = texts_of(was, "path")[:1] or ("/",)
                yield ReplacedPrincipal(holder.home.account, holder.kind, path, holder.name)
