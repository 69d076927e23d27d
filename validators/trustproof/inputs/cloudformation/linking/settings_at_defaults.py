"""
Which defaults of variables the settings around the buckets of a configuration rest on.

A template of CloudFormation is read at the values of its parameters; a configuration of Terraform is made again for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from trustproof.inputs.cloudformation.resources.access.bucket_blocks import BLOCK, said_of_buckets
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.bucket_settings import ALL_BUCKETS, ON, BucketSettings
from trustproof.inputs.cloudformation.values.catalogue import AROUND_BUCKETS

#: Of more variables that may decide, nobody asks which of them do.
_ASKED = 16


def settings_of(template: Template) -> tuple[BucketSettings, ...]:
    """What a template says of the settings around buckets; what rests on defaults of variables says so."""
    found = _said(template)
    chosen = template.source.defaults if not template.origin.prefix else {}
    if not chosen or not any(one.state == ON for one in found):
        return found
    return tuple(_at_defaults(template, one, tuple(chosen)) for one in found)


def _said(template: Template) -> tuple[BucketSettings, ...]:
    was_there = AROUND_BUCKETS in template.data
    defaults = partial(_defaults_of, template)
    buckets = said_of_buckets(template.resolver, template.origin.file, defaults, was_there=was_there)
    return (*buckets, *_of_account(template))


def _defaults_of(template: Template, logical_id: str) -> dict[str, str]:
    """The parameters at whose defaults a bucket has its name and its settings, and the defaults."""
    place = (*template.environment.path(logical_id), "Properties")
    return {name: text for key in ("BucketName", BLOCK) for name, text in template.defaults_in((*place, key)).items()}


def _of_account(template: Template) -> Iterator[BucketSettings]:
    """What a template says of all buckets of its account."""
    found = template.data.get(AROUND_BUCKETS)
    yield from (one for one in found if isinstance(one, BucketSettings)) if isinstance(found, list) else ()


def _at_defaults(template: Template, said: BucketSettings, names: tuple[str, ...]) -> BucketSettings:
    """
    A setting, with the variables at whose defaults it is one.

    Args:
        names: the variables that have a default.
    """
    if said.state != ON or _is_said(template, said, names):
        return said
    alone: list[str] = []
    if len(names) <= _ASKED:
        # What nothing around buckets is made of decides nothing, and the configuration is not made again for it.
        behind = {*template.source.names_behind_buckets()}
        asked = tuple(name for name in names if name in behind)
        if asked == names or (asked and not _is_said(template, said, asked)):
            alone = _alone(template, said, asked)
    at = f" (at the default of {_listed(alone or names)})"
    resting = tuple((f"{name} of {template.origin.file}", template.source.defaults[name]) for name in alone or names)
    words = said.restricting and f"{said.restricting}{at}"
    return said._replace(said=f"{said.said}{at}", restricting=words, at=resting)


def _alone(template: Template, said: BucketSettings, names: tuple[str, ...]) -> list[str]:
    """
    The variables that decide by themselves whether a setting is one.

    Args:
        names: of variables that decide together.
    """
    if len(names) == 1:
        return [*names]
    half = len(names) // 2
    # Where it is one whatever several are, none of them decides: each is asked about only where some of them do.
    parts = (part for part in (names[:half], names[half:]) if not _is_said(template, said, part))
    return [name for part in parts for name in _alone(template, said, part)]


def _is_said(template: Template, said: BucketSettings, names: tuple[str, ...]) -> bool:
    """Whether it is the same, or a further setting keeps others out, whatever some variables are."""
    opened = template.at_other_values(names)
    if said.bucket == ALL_BUCKETS and opened is not None and opened.account != template.account:
        # It goes to another account, and says something of the buckets there.
        return False
    there = [] if opened is None else [one for one in _said(opened) if one.bucket == said.bucket]
    return bool(there) and all(one.state == ON and bool(one.restricting or not said.restricting) for one in there)


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
