"""
What an invariant may call the resource that a policy stands on.
"""

from __future__ import annotations

from trustproof.analysis.presentation.beside_properties import is_way_into, names_beside
from trustproof.analysis.presentation.log_groups import LogGroups, log_groups
from trustproof.analysis.presentation.resource_names import (
    Called,
    called_so,
    declaring,
    generated_in,
    logical_ids_of,
    name_in,
    open_name_in,
    other_name_in,
    written_names,
)
from trustproof.aws.service_principals import LOG_GROUPS
from trustproof.inputs.reader import Input
from trustproof.model.document import TRUST, Document
from trustproof.model.text import Symbolic
from trustproof.properties.question import StandsOn


def stands_on(template: Input, document: Document, called: Called, *, is_decided: bool) -> StandsOn:
    """
    All that is known of what the resource of a policy is called.

    Args:
        called: see `called_so`.
        is_decided: whether the document is what it is at certain values of the parameters.
    """
    ids = dict.fromkeys(logical_ids_of(template, document))
    arn = document.resource_arn
    is_role = document.kind == TRUST
    known, other_known, opened = name_in(arn), other_name_in(arn), open_name_in(arn)
    # A policy for log groups is put on none of them: it has a name, and says which ones it is about.
    is_for_log_groups = document.resource_type == LOG_GROUPS[0]
    groups = log_groups(document) if is_for_log_groups else LogGroups()
    given = (document.logical_id,) if is_role or is_for_log_groups else (document.logical_id, *ids)
    # At values that decide which of its names a role has, its ARN has that one.
    by_arn = is_decided and is_role and _says_name(known, opened)
    written = () if by_arn else written_names(template, given)
    names = dict.fromkeys((known, other_known, *written, opened, *names_beside(template, document), *groups.names))
    if not ids or is_way_into(document):
        ids |= dict.fromkeys(called_so(template, document, [one for one in names if one], called))
    ids |= dict.fromkeys(declaring(template, groups.arns))
    other = [one for logical_id in given for one in template.arns_of(logical_id)]
    generated = tuple(dict.fromkeys(generated_in((arn, *other))))
    stack = (template.stack_name or "") if generated else ""
    return StandsOn(
        tuple(one for one in names if isinstance(one, str) and one not in ("", "*")),
        # A role that SAM makes has a logical id of its own.
        (*ids, *(generated if is_role else ())),
        tuple(one for one in names if isinstance(one, Symbolic)),
        (
            *(one for one in other if isinstance(one, Symbolic) and str(one.parts[0]).startswith("arn:")),
            *groups.arns,
        ),
        generated,
        # As all of the name of a bucket.
        stack.lower() if isinstance(arn, Symbolic) and ":s3:" in str(arn.parts[0]) else stack,
    )


def _says_name(known: str, opened: Symbolic | None) -> bool:
    """Whether an ARN says what it ends in, as far as parameters by themselves do not."""
    return bool(known) or (opened is not None and all(one.kind != "intrinsic" for one in opened.symbols))
