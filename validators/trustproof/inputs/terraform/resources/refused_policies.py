"""
Policies of buckets that a setting refuses when they are put: what was put before it stays, and does what it says.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.values.instances import Instance, without_keys
from trustproof.inputs.terraform.values.values import Known

#: The setting that refuses a public policy, and the one that keeps others out of a bucket that has one.
REFUSING, RESTRICTING = "block_public_policy", "restrict_public_buckets"
_REFUSES = "BlockPublicPolicy"
#: Keys that say whose a caller is: by a fixed value of one, AWS calls a policy public no more, whatever the settings.
_WHOSE = ("aws:principalaccount", "aws:principalorgid")
#: What to do about a domain that AWS refuses, by which nobody is let in.
WANTS_SUBNETS = "it has security groups, which AWS takes beside subnets alone, so give these, with --var-file FILE"


def is_for_everybody(document: object) -> bool:
    """Whether a statement of a policy, or of one that a condition decides for, may let in everybody."""
    if isinstance(document, dict) and isinstance(found := document.get("Fn::If"), list):
        return any(map(is_for_everybody, found[1:]))
    statements = document.get("Statement") if isinstance(document, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    return any(isinstance(one, dict) and _lets_in_everybody(one) for one in listed)


def _lets_in_everybody(statement: Mapping[str, object]) -> bool:
    """Whether a statement speaks of everybody, lets somebody in, and names no organization or account of theirs."""
    if statement.get("Effect") == "Deny":
        return False
    if "NotPrincipal" not in statement and not _has_wildcard(statement.get("Principal")):
        return False
    condition = statement.get("Condition")
    equal = condition.get("StringEquals") if isinstance(condition, dict) else None
    keys = equal if isinstance(equal, dict) else {}
    return not any(str(key).lower() in _WHOSE and _is_fixed(value) for key, value in keys.items())


def _is_fixed(value: object) -> bool:
    """Whether an operand is text that stands for itself alone."""
    listed = value if isinstance(value, list) else [value]
    return bool(listed) and all(isinstance(one, str) and not set(one) & set("*?$") for one in listed)


def _has_wildcard(principal: object) -> bool:
    if isinstance(principal, dict):
        return any(map(_has_wildcard, principal.values()))
    return principal == "*" or (isinstance(principal, list) and "*" in principal)


def counting(made: Lowering, policy: Instance) -> tuple[str, ...]:
    """The settings that count for a policy: one that refuses policies does nothing to what is there already."""
    return (RESTRICTING,) if was_put_before(made, policy) else (REFUSING, RESTRICTING)


def was_put_before(made: Lowering, policy: Instance) -> bool:
    """Whether a policy was there, with the same text, before anything is applied."""
    text = made.value(policy, "policy")
    # A bucket may have its policy by itself, and by older providers.
    is_there = text is not None and not (isinstance(text, Known) and not text.value)
    before = [one for one in made.snapshot.replaced if one.address == policy.address]
    return policy.existed and is_there and all(made.value(one, "policy") == text for one in before)


def comes_later(made: Lowering, policy: Instance, settings: Sequence[Instance]) -> str:
    """
    Why it is not known whether a policy is refused: what refuses it may be set after it. Empty where that is known.

    Args:
        settings: what is around its bucket, and around all buckets of the account.
    """
    refusing = [one for one in settings if one.condition is None and made.known(one, REFUSING) is True]
    is_restricted = any(one.condition is None and made.known(one, RESTRICTING) is True for one in settings)
    if not refusing or is_restricted or any(_comes_first(made, policy, one) for one in refusing):
        return ""
    return (
        f"{refusing[0].address} refuses a public policy that is put after it, and it is not known whether this one is; "
        f"{RESTRICTING} would keep others out in any case"
    )


def _comes_first(made: Lowering, policy: Instance, block: Instance) -> bool:
    """Whether a block refuses policies for sure when the policy is put."""
    if any(f"{without_keys(block.address)}.".startswith(f"{one}.") for one in policy.waits_for):
        return True
    before = [one for one in made.snapshot.replaced if one.address == block.address]
    return block.existed and all(made.known(one, REFUSING) is True for one in before)


def not_refusing(block: object) -> object:
    """The settings of a bucket without the one that refuses policies."""
    if isinstance(block, dict) and isinstance(found := block.get("Fn::If"), list):
        return {"Fn::If": [found[0], *map(not_refusing, found[1:])]}
    return {**block, _REFUSES: False} if isinstance(block, dict) and "Ref" not in block else block
