"""
Who may take away, or change, what keeps it from giving itself every permission, as questions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.engine.domains import Values, not_text, text
from trustproof.model.document import CONTROL, Document
from trustproof.model.policy import ALLOW, DENY, Statement
from trustproof.model.principals import Holder
from trustproof.model.query import texts
from trustproof.properties.question import Question, Subject
from trustproof.properties.shared.given_boundaries import BOUNDARY, given_boundaries
from trustproof.properties.shared.own_permissions import (
    GIVING,
    ITSELF,
    MANAGED,
    NAMED,
    REWRITING,
    escalating_actions,
    everything_of,
    known_arn,
    managed_policies,
    may_do,
    targets,
)
from trustproof.properties.shared.permission_changes import (
    ATTACHED,
    UNBINDING,
    Target,
    administrator_access,
    asking,
    identity_policies,
)
from trustproof.properties.shared.regions import may_allow, may_name, own_tags
from trustproof.sets.patterns import ANY, ANY_RUN, exact

#: What a question is about. The permissions boundary of the holder, by taking it away and by giving it another text.
UNBINDS, REBINDS = "unbinds", "rebinds"
#: Either of that, of what may be the holder or its boundary; and a boundary of its own that is less than none.
UNBINDS_ONE, UNBINDS_OTHER = "unbinds-one", "unbinds-other"
#: A policy of its own that denies it something, and one that may be its own.
LIFTS, LIFTS_ONE = "lifts", "lifts-one"
#: A boundary that it has to give to others: by another in its place, and by another text of it.
LOOSENS, REBINDS_GIVEN = "loosens", "rebinds-given"
#: An older version of a policy of its own, or of its boundary.
REVERTS = "reverts"
#: Its tags and its name, by which its policies tell it from others.
RETAGS, RENAMES = "retags", "renames"
#: Permission sets, of which one is its own, and the control policies of its account.
SETS, UNCONTROLS = "sets", "uncontrols"

_REVERTING = "iam:setdefaultpolicyversion"
_LEAVING, _RENAMING = "iam:removeuserfromgroup", "iam:updateuser"
#: Kind of holder to the actions that take a policy of its own away: a managed one, and an inline one.
_LIFTING = {kind: (f"iam:detach{kind}policy", f"iam:delete{kind}policy") for kind in ("role", "user", "group")}
#: Kind of holder to the actions by which its requests have other tags. Whoever a role trusts may tag its sessions.
_RETAGGING = {
    "role": ("iam:tagrole", "iam:untagrole", "iam:updateassumerolepolicy"),
    "user": ("iam:taguser", "iam:untaguser"),
}
#: What gives a permission set, or somebody a permission set, more than there was:
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamidentitycenter.html
_SETTING = (
    "sso:putinlinepolicytopermissionset",
    "sso:attachmanagedpolicytopermissionset",
    "sso:attachcustomermanagedpolicyreferencetopermissionset",
    "sso:createaccountassignment",
)
#: What limits a permission set less.
_LIFTING_OF_SETS = (
    "sso:deleteinlinepolicyfrompermissionset",
    "sso:detachmanagedpolicyfrompermissionset",
    "sso:detachcustomermanagedpolicyreferencefrompermissionset",
)
_UNBINDING_SETS = ("sso:deletepermissionsboundaryfrompermissionset", "sso:putpermissionsboundarytopermissionset")
#: How an account comes out of a control policy, where it may: a delegated administrator's, or by leaving.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
_UNCONTROLLING = (
    "organizations:leaveorganization",
    "organizations:detachpolicy",
    "organizations:updatepolicy",
    "organizations:deletepolicy",
    "organizations:disablepolicytype",
    "organizations:moveaccount",
)
#: By what a policy knows a user by name.
_NAMING = ("aws:username", "aws:principalarn")
#: So many policies that deny are looked at one after the other, in each order.
_MOST_APART = 2
_ANYTHING = text((ANY, ANY_RUN))


def limiting_actions(holder: Holder | None) -> tuple[str, ...]:
    """The actions, lower-cased, that may take away or change what limits a holder."""
    if holder is None:
        return ()
    kind = holder.kind
    of_sets = (*_SETTING, *_LIFTING_OF_SETS, *_UNBINDING_SETS) if kind == "permission set" else ()
    of_users = (_LEAVING, _RENAMING, *_LIFTING["group"]) if kind == "user" else ()
    given = (one for actions in UNBINDING.values() for one in actions)
    own = (*_LIFTING.get(kind, ()), *_RETAGGING.get(kind, ()))
    return tuple(dict.fromkeys((*given, *own, *of_users, *of_sets, _REVERTING, *_UNCONTROLLING)))


def own_limits(subject: Subject, index: int) -> Iterator[Question]:
    """
    Whether the holder of a policy may go on without what limits it.

    Args:
        index: of the Allow statement that is asked about.
    """
    holder = subject.holder
    assert holder is not None
    statement = subject.policy.statements[index]
    named = [one for one in (*limiting_actions(holder), REWRITING) if may_name(statement, one)]
    if not named:
        return
    for rows in (_unbinding, _lifting, _reverting, _given, _naming, _of_sets, _uncontrolling):
        for action, target in rows(subject, named, index):
            yield asking(subject, action, target)


_Rows = Iterator["tuple[str, Target]"]


def _unbinding(subject: Subject, named: Sequence[str], index: int) -> _Rows:
    """Without its permissions boundary, with another one, or with another text of it."""
    holder, boundary = subject.holder, subject.permissions_boundary
    if holder is None or boundary is None:
        return
    after = policies_of(subject._replace(permissions_boundary=None))
    arn = "" if boundary.is_foreign else known_arn(subject, boundary)
    for action in named:
        if action in UNBINDING.get(holder.kind, ()):
            for target in targets(subject, holder.kind, index):
                about = UNBINDS if target.about == ITSELF else UNBINDS_ONE
                target = target._replace(about=about, afterwards=after)
                if action.startswith("iam:delete"):
                    yield action, target
                    continue
                yield action, target._replace(keys=((BOUNDARY, administrator_access(subject)),))
                if about == UNBINDS:
                    other = ((BOUNDARY, _other_boundaries(subject, arn)),)
                    yield action, target._replace(about=UNBINDS_OTHER, some_of=other)
        elif action in _UNBINDING_SETS and holder.kind == "permission set":
            yield action, Target(SETS, _ANYTHING, afterwards=after)
        elif action in (REWRITING, _REVERTING) and not boundary.is_foreign:
            if arn:
                about = REBINDS if action == REWRITING else REVERTS
                yield action, Target(about, text(exact(arn)), afterwards=after)
            if not arn or holder.kind == "permission set":
                yield action, Target(UNBINDS_ONE, managed_policies(subject), afterwards=after)


def _other_boundaries(subject: Subject, own: str) -> Values:
    """What may be a permissions boundary of the account, all but that of the holder."""
    every = everything_of(subject, "policy", subject.account, "aws")
    return every & not_text(exact(own)) if own else every


def _lifting(subject: Subject, named: Sequence[str], index: int) -> _Rows:
    """Without a policy of its own that denies it something."""
    holder = subject.holder
    assert holder is not None
    own = [one for one in identity_policies(subject) if one.kind != CONTROL]
    denying = [number for number, document in enumerate(own) if _denies(document, holder)]
    # Each order would take long where there are many: then all may be gone that any of them denies.
    together = tuple(map(_without_denials, own)) if len(denying) > _MOST_APART else None
    # With the only one nothing is left.
    for number in denying if len(own) > 1 else ():
        document = own[number]
        rest = together or (*own[:number], *own[number + 1 :])
        after = policies_of(subject, documents=rest)
        is_managed = document.policy_arn is not None or document.is_foreign
        arn = str(document.policy_arn) if document.is_foreign else known_arn(subject, document)
        keys = ((ATTACHED, arn),) if is_managed and arn.startswith("arn:") else ()
        kinds = _held_by_kinds(document, holder)
        for kind in kinds:
            actions = (_LIFTING[kind][0 if is_managed else 1], *((_LEAVING,) if kind != holder.kind else ()))
            for target in targets(subject, kind, index):
                is_sure = target.about == ITSELF and kinds == (holder.kind,) and together is None
                about = LIFTS if is_sure else LIFTS_ONE
                for action in actions if target.about in (ITSELF, NAMED) else ():
                    if action in named:
                        given = keys if action == actions[0] else ()
                        yield action, target._replace(about=about, keys=given, afterwards=after)
        for action in _LIFTING_OF_SETS if holder.kind == "permission set" else ():
            if action in named:
                yield action, Target(SETS, _ANYTHING, afterwards=after)


def _without_denials(document: Document) -> Document:
    allowing = tuple(one for one in document.policy.statements if one.effect == ALLOW)
    return document._replace(policy=document.policy._replace(statements=allowing))


def _held_by_kinds(document: Document, holder: Holder) -> tuple[str, ...]:
    """Of a policy of a user or role what may have it: its holder, or a group that the user is in."""
    if holder.kind != "user" or not holder.groups or document.resource_type == "AWS::IAM::User":
        return (holder.kind,) if holder.kind in _LIFTING else ()
    return ("group",) if document.resource_type == "AWS::IAM::Group" else ("user", "group")


def _reverting(subject: Subject, named: Sequence[str], _index: int) -> _Rows:
    """With an older text of its own managed policies."""
    own = [one for one in identity_policies(subject) if one.resource_type == MANAGED and not one.is_foreign]
    if own and _REVERTING in named:
        for arn in filter(None, (known_arn(subject, one) for one in own)):
            yield _REVERTING, Target(REVERTS, text(exact(arn)))
        yield _REVERTING, Target(REVERTS, managed_policies(subject))


def _given(subject: Subject, named: Sequence[str], _index: int) -> _Rows:
    """With another boundary, or another text of it, on what it has to give one to."""
    kinds = [kind for kind in UNBINDING if any(may_do(subject, one) for one in GIVING[kind])]
    boundaries = given_boundaries(identity_policies(subject)) if kinds else ()
    if not boundaries:
        return
    for kind in kinds:
        if UNBINDING[kind][1] in named:
            keys = ((BOUNDARY, administrator_access(subject)),)
            yield UNBINDING[kind][1], Target(LOOSENS, everything_of(subject, kind), keys=keys)
    for arn in boundaries:
        if REWRITING in named and isinstance(arn, str) and ":policy/" in arn and "*" not in arn and "$" not in arn:
            yield REWRITING, Target(REBINDS_GIVEN, text(exact(arn)))


def _naming(subject: Subject, named: Sequence[str], index: int) -> _Rows:
    """With other tags, or another name, than those by which policies tell it from others."""
    holder = subject.holder
    assert holder is not None
    if own_tags(subject):
        after = policies_of(subject._replace(holder=holder._replace(tags=())))
        for action in _RETAGGING.get(holder.kind, ()):
            for target in targets(subject, holder.kind, index) if action in named else ():
                yield action, target._replace(about=RETAGS, afterwards=after)
    if holder.kind == "user" and _RENAMING in named and any(_tells_name(one, holder) for one in subject.documents):
        for target in targets(subject, holder.kind, index):
            yield _RENAMING, target._replace(about=RENAMES)


def _of_sets(subject: Subject, named: Sequence[str], _index: int) -> _Rows:
    """With more in its own permission set, or with another one."""
    assert subject.holder is not None
    if subject.holder.kind == "permission set":
        for action in _SETTING:
            if action in named:
                yield action, Target(SETS, _ANYTHING)


def _uncontrolling(subject: Subject, named: Sequence[str], _index: int) -> _Rows:
    """Without what control policies deny in its account."""
    own = tuple(one for one in identity_policies(subject) if one.kind != CONTROL)
    if len(own) == len(identity_policies(subject)):
        return
    after = policies_of(subject, documents=own, controls=False)
    for action in _UNCONTROLLING:
        if action in named:
            yield action, Target(UNCONTROLS, _ANYTHING, afterwards=after)


def policies_of(
    subject: Subject, documents: Sequence[Document] | None = None, *, controls: bool = True
) -> Callable[[], Iterable[Subject]]:
    """
    What is asked of a holder, policy by policy.

    Args:
        documents: the policies that it has instead of those of now.
        controls: whether control policies still count.
    """

    def subjects() -> Iterator[Subject]:
        every = identity_policies(subject)
        own = [one for one in every if one.kind != CONTROL] if documents is None else list(documents)
        around = tuple(one for one in every if one.kind == CONTROL) if controls else ()
        for number, document in enumerate(own):
            others = (*own[:number], *own[number + 1 :], *around)
            yield subject._replace(document=document, others=others)

    return subjects


def _denies(document: Document, holder: Holder) -> bool:
    """Whether a policy denies what may make an administrator, or what would take away another limit."""
    actions = (ASSUME_ROLE, *escalating_actions(holder), *limiting_actions(holder))
    return any(s.effect == DENY and any(may_name(s, one) for one in actions) for s in document.policy.statements)


def _tells_name(document: Document, holder: Holder) -> bool:
    """Whether a policy denies something to one name, or allows something by a condition on it."""
    return any(_looks_at_name(s) for s in document.policy.statements if s.effect != ALLOW or s.conditions) and (
        _denies(document, holder) or any(may_allow(document.policy, one) for one in escalating_actions(holder))
    )


def _looks_at_name(statement: Statement) -> bool:
    keys = {condition.key.lower() for condition in statement.conditions} & {*_NAMING}
    variables = "\n".join(str(written).lower() for written, _ in texts(statement))
    return bool(keys) or (statement.effect != ALLOW and any("${" + key in variables for key in _NAMING))


#: What a question is about to what is not known of it; words of the property have the target in them.
NOT_DECIDED: Mapping[str, str] = {
    UNBINDS: "it may take the permissions boundary of {} away, and what it may do without is not decided",
    REBINDS: "it may give {} another text, its permissions boundary, and what it may do then is not decided",
    UNBINDS_ONE: "it may change {}, and whether that is what bounds it is not known",
    UNBINDS_OTHER: "{} may be given another permissions boundary, and what that allows is not known",
    LIFTS: "it may take a policy away from {} that denies it something, and what it may do without is not decided",
    LIFTS_ONE: "it may change what {} has, and whether it loses a policy so that denies it something is not known",
    LOOSENS: "{} may be given another permissions boundary than the one that its policies ask for",
    REBINDS_GIVEN: "it may give {} another text, the permissions boundary of what it makes or changes",
    REVERTS: "it may make an older version of {} the one that counts, and what that says is not known",
    RETAGS: "it may give {} other tags, or other people its sessions, and its policies look at its tags",
    RENAMES: "it may give {} another name, and its policies look at its name",
    SETS: "it may change permission sets or who has them, where it is used in the account that manages these",
    UNCONTROLS: "it may change the control policies of its account, or have it leave the organization",
}
