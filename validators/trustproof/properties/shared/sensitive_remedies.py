"""
How to ask for MFA where somebody needs to go on without: sessions of roles, and a user who enrols a first device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof.aws.condition_keys import MFA_AGE, MFA_PRESENT
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, DENY, Statement
from trustproof.model.principals import Holder
from trustproof.properties.edits import version
from trustproof.properties.question import Finding, Subject
from trustproof.properties.shared.programs import (
    AS_A_ROLE,
    OF_A_PERSON,
    OF_PEOPLE,
    in_words,
    is_called_a_program,
    speaks_of_a_group_of_people,
    speaks_of_people,
    why_a_program,
)
from trustproof.properties.shared.sensitive_actions import OWN_USER, sensitive_patterns
from trustproof.results.edit import END, Value, set_value
from trustproof.results.result import Remedy
from trustproof.sets.patterns import matches

#: One's own user, whatever its path is: the name is the last part of the ARN, and the only one of an account.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_OWN = ("user/${aws:username}", "user/*/${aws:username}")
#: Nobody gets a device without it.
_ENROLS = "iam:enablemfadevice"
#: How much of what is said around a remedy tells that it is there.
_START = len("if a person uses")
#: How many roles a remedy names.
_NAMED = 3


def sparing_others(subject: Subject, finding: Finding, *, own_user: bool) -> Finding:
    """
    A finding with another remedy, where its own would keep out who cannot have MFA.

    Args:
        own_user: whether the action is one that a user needs on itself before it has a device.
    """
    if (holder := subject.holder) is not None and (why := _why_a_program(subject, holder)):
        remedy = Remedy(f"{AS_A_ROLE}; or take this out of what it may do")
        # A role in its place closes all that its key may do.
        cause = f"the program of {holder.kind} {holder.logical_id} {holder.name}"
        return finding._replace(why=(*finding.why, why), remedy=remedy, otherwise=(), cause=cause)
    if roles := _roles_after(subject, finding.remedy):
        return finding._replace(remedy=_policy_of_their_own(roles), otherwise=())
    if own_user and finding.remedy is not None and not finding.remedy.edits:
        finding = finding._replace(remedy=_on_own_user_only(subject))
    return _if_people(subject, finding)


def for_people_and_programs(
    subject: Subject, finding: Finding, holders: Sequence[Holder], of_person: Callable[[Subject], Finding]
) -> Finding:
    """
    A finding about a policy that several have, of whom some are taken for programs: nobody asks these for MFA.

    Args:
        holders: users and groups who may do what it is about.
        of_person: gives the finding where a person alone has the policy.
    """
    named = {group for one in holders for group in (membership.group for membership in one.groups)}
    # Who is in a group has its policies, and is one of the holders.
    alone = [one for one in holders if one.kind == "user" or not {one.logical_id, str(one.name)} & named]
    programs = {one.shown: why for one in alone if (why := _why_a_program(subject, one))}
    people = [one for one in alone if one.shown not in programs]
    if not programs:
        return finding
    who = " and ".join(programs) if len(programs) <= _NAMED else f"{next(iter(programs))} and {len(programs) - 1} more"
    kind = "a role" if len(programs) == 1 else "roles"
    as_roles = f"let {who} run as {kind}: an access key has no MFA, and a role needs none"
    told = [*programs.values()]
    lines = (*(line for line in finding.why if line not in told), *told[:_NAMED])
    if not people:
        text = f"{as_roles}; or take this out of what {'it' if len(programs) == 1 else 'they'} may do"
        cause = finding.cause if len(programs) == 1 else ""
        return finding._replace(why=lines, remedy=Remedy(text), otherwise=(), cause=cause)
    what = "group" if len(alone) < len(holders) else "policy"
    person = of_person(subject._replace(holder=people[0]._replace(has_password=True), roles_with=())).remedy
    asked = person.text if person is not None else "allow it only with MFA"
    text = f"give the people a {what} of their own in place of this one: {asked}; and {as_roles}"
    return finding._replace(why=lines, remedy=Remedy(text), otherwise=(), cause="")


def _has_people(subject: Subject, holder: Holder) -> bool:
    """
    Whether something says that people use a user, or the users of a group: a password, a name, or a policy of theirs
    that asks for MFA or lets them enrol a device. The key of a program that nobody speaks of would stop working.
    """
    if any(_is_for_people(s) for document in subject.documents for s in document.policy.statements):
        return True
    if holder.kind != "group":
        within = [membership.group for membership in holder.groups]
        return _is_a_person(holder) or any(map(speaks_of_a_group_of_people, within))
    members = subject.neighbours.members_of(holder)
    names = (holder.logical_id.rpartition(".")[2], str(holder.name))
    return any(map(speaks_of_a_group_of_people, names)) or (bool(members) and all(map(_is_a_person, members)))


def _is_a_person(user: Holder) -> bool:
    name = user.logical_id or str(user.name)
    return user.has_password or speaks_of_people(name.rpartition(".")[2])


def _is_for_people(statement: Statement) -> bool:
    """Whether a statement looks at MFA, or is there for enrolling a device."""
    enrols = any(str(action).lower() == _ENROLS for action in statement.actions or ())
    return enrols or any(c.key.lower() in (MFA_PRESENT, MFA_AGE) for c in statement.conditions)


def _if_people(subject: Subject, finding: Finding) -> Finding:
    """Words where nothing says who the users are: only who knows whether one is a program's can tell what it stops."""
    holder, remedy = subject.holder, finding.remedy
    asks = remedy is not None and (remedy.edits or subject.document.is_foreign)
    if holder is None or remedy is None or not asks or _has_people(subject, holder):
        return finding
    before, asked = "", remedy.text
    if subject.document.is_foreign:
        before, _, asked = asked.rpartition(": ")
    doubt = OF_PEOPLE if holder.kind == "group" else OF_A_PERSON
    return finding._replace(remedy=Remedy(f"{before}{': ' * bool(before)}{in_words(asked, doubt)}"), otherwise=())


def _why_a_program(subject: Subject, holder: Holder) -> str:
    """Why a user, or one of a group, is taken for a program's, in words; empty where nothing says so."""
    if holder.kind != "group":
        return why_a_program(holder)
    members = [why_a_program(one) for one in subject.neighbours.members_of(holder)]
    if members and all(members):
        return members[0]
    is_called_one = is_called_a_program(str(holder.name)) or is_called_a_program(holder.logical_id.rpartition(".")[2])
    return f"group {holder.logical_id or holder.name} is taken by its name for one of programs" if is_called_one else ""


def closed_with_policies_of_aws(subject: Subject, finding: Finding) -> Finding:
    """
    A finding with what it has in common with those about policies of AWS that the user or group has too.

    Nobody changes these: the Deny that is attached beside them is one for all that the user or group may do.
    """
    holder = subject.holder
    beside = next((d.name or d.logical_id for d in subject.others if d.is_foreign and _allows_everything(d)), "")
    if holder is None or not (beside or subject.document.is_foreign):
        return finding
    finding = finding._replace(cause=f"requests without MFA of {holder.kind} {holder.logical_id} {holder.name}")
    if subject.document.is_foreign or finding.remedy is None:
        return finding
    is_asked = finding.remedy.edits or finding.remedy.text.startswith((OF_A_PERSON[:_START], OF_PEOPLE[:_START]))
    if not is_asked:
        return finding
    who, policy = holder.shown, beside.rpartition("/")[2]
    text = "attach one of your own besides, with a Deny of requests without MFA"
    if not _has_people(subject, holder):
        text = (OF_PEOPLE if holder.kind == "group" else OF_A_PERSON).format(text)
    return finding._replace(remedy=Remedy(f"{who} also has {policy}, a policy of AWS: {text}"), otherwise=())


def _allows_everything(document: Document) -> bool:
    return any(
        s.effect == ALLOW and s.actions == ("*",) and s.resources == ("*",) and not s.conditions
        for s in document.policy.statements
    )


def _roles_after(subject: Subject, remedy: Remedy | None) -> tuple[str, ...]:
    """The roles and permission sets whose policies a remedy changes."""
    changed = [edit.path for edit in (remedy.edits if remedy is not None else ())]
    found = (names for path, names in subject.roles_with if any(p[: len(path)] == path for p in changed))
    return tuple(dict.fromkeys(name for names in found for name in names))


def _policy_of_their_own(roles: Sequence[str]) -> Remedy:
    """Words, since the policy is not the users' alone."""
    who = " and ".join(roles) if len(roles) <= _NAMED else f"{roles[0]} and {len(roles) - 1} more"
    return Remedy(
        f"give the users a policy of their own that asks for MFA, in place of this one, which {who} "
        f"{'has' if len(roles) == 1 else 'have'} too: sessions of roles never carry MFA"
    )


def _on_own_user_only(subject: Subject) -> Remedy:
    """A Deny, since somebody has to enrol a first device without MFA."""
    spared = [f"iam:{action}" for action in OWN_USER]
    denied = [a for a in spared if any(matches(p, a.lower()) for p in sensitive_patterns(subject.config))]
    deny: dict[str, Value] = {
        "Effect": DENY,
        "Action": tuple(denied),
        "NotResource": tuple(f"arn:{subject.partition or 'aws'}:iam::*:{own}" for own in _OWN),
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }
    return Remedy(
        "without MFA allow it on one's own user only: by Resource, or by a Deny besides",
        (
            # Where it is no variable, the Deny is for every user.
            *(() if subject.policy.has_variables else version(subject.policy)),
            set_value((*subject.policy.path, "Statement", END), None, deny),
        ),
    )
