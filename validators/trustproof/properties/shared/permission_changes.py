"""
The requests by which the holder of a policy changes what somebody may do, as questions.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.engine.region import Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.document import Document
from trustproof.model.query import is_concrete
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USER_KEY, USER_SESSION, USER_SESSION_MFA, Request
from trustproof.properties.question import Question, Subject
from trustproof.properties.shared.given_boundaries import BOUNDARY
from trustproof.properties.shared.regions import Constraints, held_by, own_tags, own_values
from trustproof.sets.strings import StringSet
from trustproof.spec.decision import EXPLICIT_DENY, decide

_USERS = (USER_KEY, USER_SESSION, USER_SESSION_MFA)
#: Kinds of holder to those of the requests that are sent by it.
CALLERS: Mapping[str, tuple[str, ...]] = {
    "role": (ROLE_SESSION,),
    "permission set": (IDENTITY_CENTER,),
    "user": _USERS,
    "group": _USERS,
}

#: What a question is about: a user who may be whoever asks, and what the holder rids of its permissions boundary.
MEMBER, FREES = "member", "frees"
#: Kind of holder to the actions by which its permissions boundary is another one, or none.
UNBINDING = {
    kind: (f"iam:delete{kind}permissionsboundary", f"iam:put{kind}permissionsboundary") for kind in ("role", "user")
}
_USERNAME = "aws:username"
ATTACHED = "iam:policyarn"


class Target(NamedTuple):
    """What is given permissions, and by which callers."""

    about: str
    resources: Values
    callers: Values | None = None
    own_name: bool = False
    user: str = ""
    partition: str = ""
    #: What else there is to know of the request: keys, lower-cased, with their values.
    keys: tuple[tuple[str, str], ...] = ()
    #: Keys, lower-cased, of which it has one of some values.
    some_of: tuple[tuple[str, Values], ...] = ()
    #: Actions, lower-cased, of which the holder has to be allowed one on the managed policy that is attached.
    written_by: tuple[str, ...] = ()
    #: What the holder has then, as `Question.afterwards`.
    afterwards: Callable[[], Iterable[Subject]] | None = None


def asking(
    subject: Subject, action: str, target: Target, needed: tuple[str, ...] = (), *, within: bool = True
) -> Question:
    """
    The requests for an action on a target.

    Args:
        needed: what else the holder has to be allowed on the same target.
        within: whether the policy itself has to allow that; else the holder's other policies may.
    """
    assert subject.holder is not None
    attaches = action.startswith("iam:attach") and all(key != ATTACHED for key, _ in target.some_of)
    named = ((_USERNAME, target.user),) if target.user else ()
    known = (*named, *own_values(subject), *own_tags(subject))
    given = (*known, *target.keys, *(((ATTACHED, administrator_access(subject)),) if attaches else ()))
    callers: Constraints = held_by(subject)
    if target.callers is not None:
        callers = (*callers, ("caller", target.callers))
    partition = target.partition or subject.partition
    absent = () if _is_about_boundary(action, target) else (BOUNDARY,)
    regions = tuple(
        Region(
            # With a boundary on it, what it gives itself is not everything.
            RequestSpace(kind, action, partition, absent, own_name=target.own_name, known_keys=given),
            (("resource", target.resources), *callers, *((key_dimension(key), one) for key, one in target.some_of)),
            also=tuple(
                RequestSpace(kind, one, partition, absent, known_keys=known) for one in (needed if within else ())
            ),
        )
        for kind in CALLERS[subject.holder.kind]
    )
    return Question(regions, _predicate(subject, action, target, needed), target.about, afterwards=target.afterwards)


def _predicate(subject: Subject, action: str, target: Target, needed: tuple[str, ...]) -> Callable[[Request], bool]:
    attaches = action.startswith("iam:attach") and all(key != ATTACHED for key, _ in target.some_of)

    def gives(request: Request) -> bool:
        if request.action.lower() != action or (BOUNDARY in request.context and not _is_about_boundary(action, target)):
            return False
        attached = request.context.get(ATTACHED)
        if attaches and attached != administrator_access(subject):
            return False
        if target.about == MEMBER and not _may_be_own(request):
            return False
        if not all(_has(request, key, values) for key, values in target.some_of):
            return False
        if target.written_by:
            written = request._replace(resource=str(attached))
            if not any(_lets(subject, written, one) for one in target.written_by):
                return False
        return all(_lets(subject, request, one) for one in needed)

    return gives


def _is_about_boundary(action: str, target: Target) -> bool:
    """Whether a request for an action names the permissions boundary that there was or will be."""
    return target.about == FREES or any(action in actions for actions in UNBINDING.values())


def _has(request: Request, key: str, values: Values) -> bool:
    found = request.context.get(key)
    return isinstance(found, str) and isinstance(values.present, StringSet) and found in values.present


def _may_be_own(request: Request) -> bool:
    """Whether a user may be the caller: a name is one user's, whatever path the user has."""
    own, asked = (arn.split(":", 5)[4:] for arn in (request.caller.arn, request.resource))
    return own[0] == asked[0] and own[1].rsplit("/", 1)[-1] == asked[1].rsplit("/", 1)[-1]


def _lets(subject: Subject, request: Request, action: str) -> bool:
    """Whether the holder may do something else with the same target; where not all is known, not."""
    if not all(is_concrete(document.policy) for document in subject.documents):
        return False
    context = {key: value for key, value in request.context.items() if key != ATTACHED}
    other = request._replace(action=action, context=context)
    decisions = [decide(document.policy, other) for document in identity_policies(subject)]
    boundary = subject.permissions_boundary
    bounding = [] if boundary is None else [decide(boundary.policy, other)]
    if any(decision.outcome == EXPLICIT_DENY for decision in (*decisions, *bounding)):
        return False
    return any(d.allowed for d in decisions) and all(d.allowed for d in bounding)


def identity_policies(subject: Subject) -> Sequence[Document]:
    """The policies of a holder, and what control policies deny beside them; without the permissions boundary."""
    return (subject.document, *subject.others)


def administrator_access(subject: Subject) -> str:
    """The ARN of the managed policy that allows everything."""
    return f"arn:{subject.partition or 'aws'}:iam::aws:policy/AdministratorAccess"
