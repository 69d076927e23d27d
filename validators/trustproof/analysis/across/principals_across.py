"""
What policies say of a user or role by its ARN, where a plan of the run makes another one of that name: AWS keeps the
unique id of the old one, and so what denies that one something may deny it to nobody.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.analysis.execution.task import CheckedTemplate
from trustproof.inputs.reader import Doubt
from trustproof.model.outward_changes import ReplacedPrincipal, may_be_one
from trustproof.model.policy import Path

_CLOUD_CONTROL, _ROLE = "awscc_", "awscc_iam_role"


class _Gone(NamedTuple):
    """Users and roles of whom a plan makes others of the name, or has another file make them."""

    #: Of the plan.
    name: str
    principals: tuple[ReplacedPrincipal, ...]
    #: Of the file that makes them; empty where it is the plan.
    maker: str = ""


def with_replaced_principals(given: Sequence[CheckedTemplate]) -> tuple[list[CheckedTemplate], str]:
    """
    Templates, of which nothing is proved where a plan beside them replaces somebody whom they keep out, or deletes one
    whom another file of the run makes anew.

    A plan itself says what it leaves as it is of whom it replaces, but of policies of Cloud Control; a template in one,
    that of a stack, is beside it. What a file makes together with somebody is about that one.

    Returns:
        The templates, and why no chain of roles is proved to be closed; empty where nothing stands in the way.
    """
    plans = [_Gone(one.name, replaced) for one in given if (replaced := one.checked.changed.replaced)]
    plans += _made_elsewhere(given)
    reason, found = "", [*given]
    for at, one in enumerate(given) if plans else ():
        doubts = []
        for gone in plans:
            is_own = not gone.maker and gone.name == one.name and one.checked.container is None
            for path, arn, is_of_role, existed in one.checked.kept_out:
                if (is_own and not _is_read_as_it_stays(one, path)) or (gone.maker == one.name and not existed):
                    continue
                if (who := may_be_one(gone.principals, arn)) is not None:
                    does = f"deletes the {who.kind} {who.name}, which {gone.maker} makes" if gone.maker else ""
                    said = (
                        f"{gone.name} {does or f'replaces the {who.kind} {who.name}'}, and AWS keeps the unique id of "
                        f"the old one in what names it by its ARN ({arn}): what keeps it out here may be about nobody"
                    )
                    doubts.append(Doubt(path, said, about_holders=False))
                    reason = reason or (said if is_of_role else "")
        if doubts:
            checked = one.checked
            found[at] = one._replace(checked=checked._replace(doubts=(*checked.doubts, *dict.fromkeys(doubts))))
    return found, reason


def _made_elsewhere(given: Sequence[CheckedTemplate]) -> Iterator[_Gone]:
    """Whom a plan deletes, and another file makes by the same name."""
    for plan in given:
        for maker in given if (deleted := plan.checked.changed.deleted) else ():
            if maker.name != plan.name or maker.checked.container is not None:
                made = [who for arn in maker.checked.made_anew if (who := may_be_one(deleted, arn)) is not None]
                if made:
                    yield _Gone(plan.name, tuple(dict.fromkeys(made)), maker.name)


def _is_read_as_it_stays(one: CheckedTemplate, path: Path) -> bool:
    """Whether nobody has looked what of a policy in a plan the plan leaves as it is."""
    types = one.checked.presentation.types
    type_ = next((types[step] for step in path if isinstance(step, str) and step in types), "")
    return type_.startswith(_CLOUD_CONTROL) and type_ != _ROLE
