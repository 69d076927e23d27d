"""
Answers that hang on what a call to ``sts:AssumeRole`` passes, and on whether its caller may pass that.

A call with session tags needs ``sts:TagSession`` as well, one with a source identity ``sts:SetSourceIdentity``, and
fails as a whole without it. What the caller's policies deny is denied; what they do not allow, the trust policy of a
role of the same account may allow in their place, where it names the caller.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from trustproof.aws.condition_keys import ASSUME_ROLE, SET_CONTEXT, SET_SOURCE_IDENTITY, TAG_SESSION
from trustproof.engine.domains import not_text, text
from trustproof.engine.region import ClosedRegion, Region
from trustproof.engine.search import Literal, never
from trustproof.model.document import IDENTITY
from trustproof.properties.question import Refutation, Subject
from trustproof.properties.shared.regions import EXTRAS
from trustproof.proving.answers import Undecided, together
from trustproof.proving.instantiate import relevant
from trustproof.proving.replay import is_decidable
from trustproof.results.unknown_kinds import UNDOCUMENTED
from trustproof.sets.patterns import exact
from trustproof.spec.decision import EXPLICIT_DENY, actions_needed, decide

_CALL = exact(ASSUME_ROLE)
_ASSUMES, _DOES_NOT = text(_CALL), not_text(_CALL)
_OTHER_ACTIONS = never("other actions alone", Literal("action", _ASSUMES, _DOES_NOT, "Action sts:AssumeRole"))

#: By the action that it needs, what a call passes.
_PASSED = {TAG_SESSION: "session tags", SET_SOURCE_IDENTITY: "a source identity", SET_CONTEXT: "a context assertion"}

_Answer: TypeAlias = "ClosedRegion | Refutation | Undecided"


def with_needed_actions(subject: Subject, search: Callable[[Region], _Answer], region: Region) -> _Answer:
    """
    The answer about a region of identity policies: where only a call gets in that passes what its caller may not be
    able to pass, it is not known.

    Args:
        search: answers about a region.
    """
    answer = search(region)
    # Whoever asks about one call asks for what it needs besides as well.
    if subject.document.kind != IDENTITY or region.space.action or not isinstance(answer, Refutation):
        return answer
    missing = _missing(subject, answer)
    if not missing:
        return answer
    passed = {needed: keys for needed, keys in EXTRAS if needed in {action.lower() for action in missing}}
    space = region.space
    others = (
        region._replace(space=space.narrowed({}, (key for keys in passed.values() for key in keys))),
        region._replace(
            constraints=(*region.constraints, ("action", _ASSUMES)),
            also=tuple(space.for_action(action) for action in passed),
        ),
        region._replace(without=(*region.without, _OTHER_ACTIONS)),
    )
    left: list[Undecided] = [_undecided(missing)]
    for other in others:
        found = search(other)
        if isinstance(found, Refutation) and not _missing(subject, found):
            return found
        if isinstance(found, Undecided):
            left.append(found)
    return together(left)


def _missing(subject: Subject, found: Refutation) -> dict[str, str]:
    """What a request needs besides that the policies do not allow, each with the outcome of the decision."""
    request = found.request
    # With values filled in, it has been asked of the policies as they are then.
    if request.action.lower() != ASSUME_ROLE or found.parameters or found.question.afterwards is not None:
        return {}
    known = relevant(subject, found.statement)
    if not is_decidable(known):
        return {}
    limit = known.permissions_boundary
    out: dict[str, str] = {}
    for action in actions_needed(request)[1:]:
        asked = request._replace(action=action)
        decisions = [decide(document.policy, asked) for document in known.documents]
        outcomes = [decision.outcome for decision in decisions]
        granting = decisions if limit is None else decisions[:-1]
        if EXPLICIT_DENY in outcomes:
            out[action] = "deny"
        elif not any(one.allowed for one in granting) or (limit is not None and not decisions[-1].allowed):
            out[action] = "do not allow"
    return out


def _undecided(missing: dict[str, str]) -> Undecided:
    reasons = tuple(
        f"sts:AssumeRole is let in with {_PASSED[action.lower()]} only, which needs {action} as well: these policies "
        + (
            "deny that"
            if outcome == "deny"
            else "do not allow that, and the trust policy of a role of the same account alone may do so for them"
        )
        for action, outcome in missing.items()
    )
    return Undecided(reasons, UNDOCUMENTED)
