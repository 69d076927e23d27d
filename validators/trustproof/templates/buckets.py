"""
Buckets of a template: what S3 does against a policy of one that is public.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.model.policy import Guard
from trustproof.model.text import Symbolic
from trustproof.templates.choices import Choices, TooManyVariants, variants
from trustproof.templates.intrinsics import Resolver
from trustproof.templates.values import Unreadable, intrinsic_name

#: Each alone keeps everybody outside the account out of a bucket with a public policy; the first keeps out the services
#: of AWS too, since S3 refuses the policy.
_SETTINGS = ("BlockPublicPolicy", "RestrictPublicBuckets")
_BLOCK = "PublicAccessBlockConfiguration"


def kept_private(resolver: Resolver, bucket: str, guards: tuple[Guard, ...]) -> list[tuple[str, tuple[Guard, ...]]]:
    """
    The setting of a bucket that keeps a public policy from having an effect, for each outcome of what decides it.

    Args:
        bucket: its logical id.
        guards: what holds in any case.

    Returns:
        The setting, in words, and what must hold for it; an empty text where there is none.
    """
    block = resolver.environment.properties(bucket).get(_BLOCK)
    if block is None:
        return [("", guards)]
    if (
        isinstance(block, dict)
        and intrinsic_name(block) is None
        and not any(isinstance(v, dict) for v in block.values())
    ):
        return [(_shown(_first(block), bucket), guards)]
    try:
        found = variants(resolver, guards, lambda: _in_one_reading(resolver, block))
    except (TooManyVariants, Unreadable):
        return [("", guards)]
    finally:
        resolver.choices = Choices()
    out: dict[tuple[str, tuple[Guard, ...]], None] = {}
    for inner, (setting, open_) in found:
        if open_:
            # CloudFormation takes no value of a Boolean but these.
            out[_shown(setting, bucket), (*inner, Guard(open_, "true"))] = None
            out["", (*inner, Guard(open_, "false"))] = None
        else:
            out[_shown(setting, bucket), inner] = None
    settings = {setting for setting, _ in out}
    return [(settings.pop(), guards)] if len(settings) == 1 else list(out)


def _in_one_reading(resolver: Resolver, block: object) -> tuple[str, str]:
    """A setting that is on, else one that a parameter decides, with the name of the parameter."""
    block = resolver.resolve(block)
    if not isinstance(block, dict) or intrinsic_name(block) is not None:
        return "", ""
    values = {setting: resolver.text(block[setting]) for setting in _SETTINGS if setting in block}
    if found := _first(values):
        return found, ""
    decided = ((setting, _parameter(value)) for setting, value in values.items())
    return next(((setting, name) for setting, name in decided if name), ("", ""))


def _first(block: Mapping[str, object]) -> str:
    """The first setting that is on."""
    return next((setting for setting in _SETTINGS if str(block.get(setting)).lower() == "true"), "")


def _parameter(value: object) -> str:
    """The parameter that is a value; empty where it is none."""
    if not isinstance(value, Symbolic) or len(value.parts) != 1:
        return ""
    (symbol,) = value.symbols
    return symbol.name if symbol.kind == "parameter" else ""


def _shown(setting: str, bucket: str) -> str:
    return f"{setting} of {bucket}" if setting else ""
