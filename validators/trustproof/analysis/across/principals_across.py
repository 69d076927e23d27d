"""
What policies say of a user or role by its ARN, where a plan of the run makes another one of that name: AWS keeps the
unique id of the old one, and so what denies that one something may deny it to nobody.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.analysis.execution.task import CheckedTemplate
from trustproof.inputs.reader import Doubt
from trustproof.model.outward_changes import may_be_one
from trustproof.model.policy import Path

_CLOUD_CONTROL, _ROLE = "awscc_", "awscc_iam_role"


def with_replaced_principals(given: Sequence[CheckedTemplate]) -> tuple[list[CheckedTemplate], str]:
    """
    Templates, of which nothing is proved where a plan beside them replaces somebody whom they keep out.

    A plan itself says what it leaves as it is, but of policies of Cloud Control; a template in one, that of a stack, is
    beside it.

    Returns:
        The templates, and why no chain of roles is proved to be closed; empty where nothing stands in the way.
    """
    plans = [(one.name, gone) for one in given if (gone := one.checked.changed.replaced)]
    reason, found = "", [*given]
    for at, one in enumerate(given) if plans else ():
        doubts = []
        for name, replaced in plans:
            is_own = name == one.name and one.checked.container is None
            for path, arn, is_of_role in one.checked.kept_out:
                if is_own and not _is_read_as_it_stays(one, path):
                    continue
                if (who := may_be_one(replaced, arn)) is not None:
                    said = (
                        f"{name} replaces the {who.kind} {who.name}, and AWS keeps the unique id of the old one in "
                        f"what names it by its ARN ({arn}): what keeps it out here may be about nobody"
                    )
                    doubts.append(Doubt(path, said, about_holders=False))
                    reason = reason or (said if is_of_role else "")
        if doubts:
            checked = one.checked
            found[at] = one._replace(checked=checked._replace(doubts=(*checked.doubts, *dict.fromkeys(doubts))))
    return found, reason


def _is_read_as_it_stays(one: CheckedTemplate, path: Path) -> bool:
    """Whether nobody has looked what of a policy in a plan the plan leaves as it is."""
    types = one.checked.presentation.types
    type_ = next((types[step] for step in path if isinstance(step, str) and step in types), "")
    return type_.startswith(_CLOUD_CONTROL) and type_ != _ROLE
