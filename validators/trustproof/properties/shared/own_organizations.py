"""
What stands for the organization of a template's account.
"""

from __future__ import annotations

from trustproof.model.query import operands
from trustproof.model.text import Text
from trustproof.properties.question import NO_ORGANIZATION, Subject
from trustproof.properties.shared.regions import own_values


def own_organization(subject: Subject) -> tuple[str, ...]:
    """What stands for the organization of the template's account, where a policy compares with it."""
    own = subject.organization
    written = (operand for one in subject.documents for operand in operands(one.policy))
    if own != NO_ORGANIZATION and any(_begins_with(own, text) for text in written):
        return (own,)
    return tuple(value for key, value in own_values(subject) if key.endswith("orgid") and value)


def _begins_with(organization: str, text: Text) -> bool:
    """Whether a text is the id of an organization, or a path in it, whichever root or unit of it that is."""
    if isinstance(text, str):
        return text.partition("/")[0] == organization
    first = text.parts[0]
    return isinstance(first, str) and first.startswith(f"{organization}/")
