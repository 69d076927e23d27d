"""
One policy next to what is denied around it, by other statements of the same policy, by that of the bucket behind an
access point, by the control policies of the organization and by settings against public policies: what they hold back,
nobody is let in by.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from trustproof.analysis.assignments.optional_conditions import asking_elsewhere
from trustproof.analysis.assignments.other_values import forms_at_no_default
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.added_statements import denied_beside, resting_on_buckets
from trustproof.analysis.controls.control_policies import around
from trustproof.analysis.controls.surroundings import SURROUNDINGS, kept_by_settings
from trustproof.analysis.holders.denied_to_users import denied_to_users, resting_on_denials
from trustproof.aws.resource_policies import RESOURCE_UNCONTROLLED
from trustproof.engine.operands import action_pattern
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import ALLOW, Statement
from trustproof.model.query import looks_at_resource_tags
from trustproof.properties.base import StatementProperty
from trustproof.properties.invariant import OwnInvariant
from trustproof.properties.question import Direction, Subject
from trustproof.properties.wording.boundary import resting_on_setting
from trustproof.proving.cache import ProofCache
from trustproof.proving.outcomes import check_statements
from trustproof.results.result import PROVED, Result, with_defaults
from trustproof.sets.patterns import matches

_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
#: The one action of the services that resource control policies are about which none of them stops.
(_RETIRE_GRANT,) = RESOURCE_UNCONTROLLED


def check_policy(
    context: TemplateContext,
    asked: StatementProperty,
    document: Document,
    subject: Subject,
    cache: ProofCache,
    *,
    is_first_enough: bool = False,
) -> list[Result]:
    """
    The answers about one policy. Where it is not proved by itself, it may be with what is denied around it.

    Args:
        subject: the policy, with what is known around it.
        cache: what has been settled of policies that say the same, by themselves.
        is_first_enough: see `check_statements`.
    """
    deployments = context.deployments
    place = context.place(document)._replace(asking_elsewhere=partial(asking_elsewhere, context, document))
    checked = partial(check_statements, certify=context.certify, is_first_enough=is_first_enough)
    found = checked(subject, asked, place, deployments, cache=cache)
    if document.kept_private:
        found = [_kept(result, subject.document) for result in found]
    if asked.direction is Direction.WANTED or all(one.verdict == PROVED for one in found):
        return found
    controls = (
        *denied_beside(context, document),
        *around(context, document),
        *denied_to_users(context, document),
        *_settings_around(context, asked, document),
    )
    if not controls:
        return found

    def held(one: Subject) -> list[Result]:
        results = checked(one, asked, place, deployments)
        return [_resting(result, document, one.others) for result in results]

    results = held(subject._replace(document=_with_tags(context, subject.document), others=controls))
    if document.resource_type not in _KEYS:
        return results
    # What reaches a key past its resource control policies: a policy with that alone, next to the others.
    spared = _retiring(subject)._replace(others=tuple(one for one in controls if one.name == "SERVICE_CONTROL_POLICY"))
    return [*results, *(one for one in held(spared) if one.verdict != PROVED)] if spared.policy.statements else results


def _with_tags(context: TemplateContext, document: Document) -> Document:
    """
    A policy with the tags of what it stands on, which what is around it may speak of where it does not: those that no
    default of a parameter decides, at whose other values nobody asks it, since it does not speak of them.
    """
    if looks_at_resource_tags(document.policy):
        return document
    known = _tags(context, document)
    for form in forms_at_no_default(context, document) if known else ():
        known &= _tags(*form) if form is not None else set()
    return document._replace(resource_tags=tuple(sorted(known)))


def _tags(context: TemplateContext, document: Document) -> set[tuple[str, str]]:
    """Lower-cased keys and values of the tags of what a policy stands on, as far as they are known."""
    if document.kind != TRUST:
        return set(document.resource_tags)
    tags = context.declared.tags_of_roles.get(document.logical_id)
    return {(key.lower(), value) for key, value in tags or () if isinstance(value, str)}


def _kept(result: Result, document: Document) -> Result:
    """A result that rests on what is around a bucket of another template, with the defaults that this rests on."""
    if result.verdict != PROVED or resting_on_setting(document.kept_private) not in result.reasons:
        return result
    return with_defaults(result, document.kept_at)


def _resting(result: Result, document: Document, denied: Sequence[Document]) -> Result:
    if result.verdict != PROVED:
        return result
    defaults = [
        pair for one in denied for pair in (*one.at_defaults, *(one.kept_at if one.name == SURROUNDINGS else ()))
    ]
    rested = result._replace(
        reasons=(
            *result.reasons,
            *resting_on_buckets(document, denied),
            *resting_on_denials(denied),
            *(resting_on_setting(one.kept_private) for one in denied if one.name == SURROUNDINGS),
        )
    )
    return with_defaults(rested, defaults)


def _settings_around(context: TemplateContext, asked: StatementProperty, document: Document) -> tuple[Document, ...]:
    """
    What settings against public policies deny of what an invariant is asked of; `inside-boundary` asks about them
    itself, and other properties are about callers whom they let in.
    """
    return kept_by_settings(context, document) if isinstance(asked, OwnInvariant) else ()


def _retiring(subject: Subject) -> Subject:
    """A policy with what it says of the one action that no resource control policy stops."""
    policy = subject.policy
    kept = tuple(_only_retiring(s) if s.effect == ALLOW else s for s in policy.statements if _may_retire(s))
    narrowed = policy._replace(statements=kept)
    return subject._replace(document=subject.document._replace(policy=narrowed))


def _may_retire(statement: Statement) -> bool:
    if statement.effect != ALLOW or statement.actions is None:
        return True
    larger = (pattern for entry in statement.actions for pattern in action_pattern(entry).larger)
    return any(matches(pattern, _RETIRE_GRANT.lower()) for pattern in larger)


def _only_retiring(statement: Statement) -> Statement:
    return statement._replace(actions=(_RETIRE_GRANT,), not_actions=None)
