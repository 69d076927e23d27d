"""
Waivers of one construct: findings that somebody answers for, with a reason, for a while.
"""

from __future__ import annotations

from datetime import date, datetime

import aws_cdk as cdk
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._arguments.nodes import node_of
from trustproof_cdk._constructor import function

#: Where a template keeps what is waived, below ``Metadata`` of a resource.
_KEY = "trustproof"
#: What the identifiers of the invariants of a project begin with.
_INVARIANT = "invariant-"
#: What is waived of a resource that is not checked.
_NOT_CHECKED = "not-checked"


@function
def waive(
    construct: IConstruct,
    property_id: str,
    *,
    reason: str,
    owner: str | None = None,
    expires: date | str | None = None,
) -> None:
    """
    Ask that a property need not hold for a resource; what is found stays in every report, with the reason.

    It is written into ``Metadata`` of the template, and so holds for the plugin, for ``trustproof check`` and for
    whoever reads the template. It counts only where the configuration of the project says ``template-waivers = true``,
    and never for a property with ``waivable = false``: a change to a stack must not silence the gate that judges it.

    Args:
        construct: a resource, or a construct whose main resource the finding is about: a role, a bucket, a policy.
            Permissions that CDK writes into a policy of their own are waived there
            (``role.node.find_child("DefaultPolicy")``).
        property_id: identifier of the property, such as ``mfa-required``, or of an invariant of the project,
            ``invariant-NAME``; ``not-checked`` for what nobody looks into.
        reason: why it may be so.
        owner: who answers for it.
        expires: the last day on which it is in force, as a date or ``YYYY-MM-DD``; none where it has no end.

    Raises:
        TypeError: an argument is not of its type, or the construct has no main resource.
        ValueError: an empty text, a property that there is not, or a day that is none.
    """
    entry = {
        "property": _property(property_id),
        "reason": _text(reason, "reason"),
    }
    if owner is not None:
        entry["owner"] = _text(owner, "owner")
    if expires is not None:
        entry["expires"] = _day(expires)
    resource = _resource(construct)
    ours = resource.get_metadata(_KEY) or {}
    resource.add_metadata(_KEY, {**ours, "waivers": [*ours.get("waivers", ()), entry]})


def _property(ident: str) -> str:
    """A property, or an invariant of whatever name: which there are, the configuration of the gate says."""
    if not isinstance(ident, str):
        raise TypeError(f"property_id must be a text like 'mfa-required', got {arguments.described(ident)}")
    arguments.refuse_no_text(ident, "property_id")
    if ident.startswith(_INVARIANT):
        return arguments.matching(
            ident,
            "property_id",
            rf"{_INVARIANT}[a-z0-9]([a-z0-9-]*[a-z0-9])?",
            "that of an invariant like 'invariant-deployers'",
        )
    return arguments.one_of(ident, "property_id", _properties())


def _properties() -> tuple[str, ...]:
    # Whoever waives nothing need not wait for the validator.
    import trustproof

    return (*trustproof.property_ids(), _NOT_CHECKED)


def _text(value: str, argument: str) -> str:
    return arguments.matching(value, argument, r"(?s).*\S.*", "a text that is not empty")


def _day(value: date | str) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if arguments.is_looked_up(value):
        return str(value)
    try:
        if isinstance(value, str):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    kind = ValueError if isinstance(value, str) else TypeError
    raise kind(f"expires must be a date or a day like '2027-01-31', got {value!r}")


def _resource(construct: IConstruct) -> cdk.CfnResource:
    if isinstance(construct, cdk.CfnResource):
        return construct
    node = node_of(construct)
    found = None if node is None else node.default_child
    if isinstance(found, cdk.CfnResource):
        return found
    shown = construct if node is None else node.path
    raise TypeError(
        f"construct must be a resource, or a construct with a main resource, got {shown!r}: name the role, the "
        "policy or the bucket inside of it; what is imported is waived where it is made"
    )
