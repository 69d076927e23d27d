"""
Words about MFA conditions: which one lets a request through, which Deny does not stop it, and what to write instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.aws.condition_keys import MFA_AGE, MFA_PRESENT
from trustproof.escaping.text import first_of
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.policy import DENY, Condition, Path, Policy, Statement
from trustproof.properties.edits import Demand, as_written, change, demand, replace, where
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.sentences import because, deny_name, elsewhere, nearest_key, sentence, variables
from trustproof.properties.wording.exempted_users import exempted_by, exempted_user, is_negated
from trustproof.properties.wording.first_device import (
    ENROLMENT,
    FIRST_DEVICE,
    FIRST_PASSWORD,
    allow_a_first_device,
    but_a_first_device,
    covers,
    is_self_service,
    needed_for_a_first_device,
)
from trustproof.properties.wording.mfa_ages import SECONDS, is_seconds, upper_bound
from trustproof.results.result import Remedy
from trustproof.spec.conditions import ConditionOutcome as Tested
from trustproof.spec.statements import Explanation

_VIA = "aws:viaawsservice"
#: What to do where whoever wrote a Deny exempts a user on purpose, as one for emergencies is exempted.
_BY_NAME = "if that is meant, as for an emergency, let a [[waiver]] answer for it; if not, take that out"
_TO_USERS = "; others than users never have MFA, so deny it to users"
#: How many Denies a finding speaks of.
_DENIES = 3


class _MfaDemand(NamedTuple):
    """What is asked of MFA: that it is there, or how old it is."""

    #: Lower-cased condition keys.
    keys: tuple[str, ...]
    allow: Demand
    deny: Demand
    #: A request that does not have it.
    without: str
    #: A Deny that asks for it.
    asking: str
    #: Why a Deny wants the operator that it wants.
    rule: str


_MFA = _MfaDemand(
    (MFA_PRESENT, MFA_AGE),
    ("Bool", "aws:MultiFactorAuthPresent", ("true",)),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", ("false",)),
    "a request without MFA",
    "the Deny that asks for MFA",
    "a Deny needs the operator that is true when the key is absent, and only an Allow the one that is false then",
)


def _younger(seconds: int) -> _MfaDemand:
    return _MfaDemand(
        (MFA_AGE,),
        ("NumericLessThanEquals", "aws:MultiFactorAuthAge", (str(seconds),)),
        ("NumericGreaterThanIfExists", "aws:MultiFactorAuthAge", (str(seconds),)),
        f"an MFA older than {seconds} seconds",
        "the Deny that looks at the age of the MFA",
        f"deny an MFA that is older than {seconds} seconds",
    )


class _Missed(NamedTuple):
    """
    A Deny that looks at MFA and does not stop the request, and what of it does not fit.
    """

    statement: Statement
    #: Where it stands; None for the policy that the finding is about.
    document: Document | None
    policy: Policy
    #: ``Principal``, ``NotAction`` and the like, where that does not cover the request.
    elements: tuple[str, ...]
    #: Its conditions on MFA that do not hold, and whether others do; and what else does not hold.
    asking: tuple[Tested, ...]
    asks_besides: bool
    exempting: tuple[Tested, ...]

    @property
    def misses(self) -> int:
        """In how many ways it does not fit."""
        return len(self.elements) + len(self.asking) + len(self.exempting)

    @property
    def is_of_others(self) -> bool:
        """Whether it is that of a control policy which is attached to other accounts: nobody has written which."""
        keys = [one.condition.key for one in self.exempting if not one.condition.path]
        return self.document is not None and "aws:PrincipalAccount" in keys

    def why(self, refutation: Refutation) -> tuple[str, ...]:
        """What of it does not fit, in sentences."""
        request = refutation.request
        asked = {"Principal": request.caller.display_arn, "Action": request.action, "Resource": request.resource}
        out = [
            f"its {element} spares {asked[element[3:]]}"
            if element.startswith("Not")
            else f"its {element} does not cover {asked[element]}"
            for element in self.elements
        ]
        tested = (*self.asking, *self.exempting)
        out += [sentence(one) for one in tested]
        notes = [note for one in tested for note in variables(one.condition, self.policy, request.context)]
        return (*(f"{deny_name(self.statement, self.document)} does not apply: {reason}" for reason in out), *notes)


def explain(subject: Subject, refutation: Refutation, message: str, place: Path, label: str, help_text: str) -> Finding:
    """
    Word a request without MFA that gets through: an MFA condition that it meets, a Deny that it does not meet, or none.

    Args:
        place: of the finding where no condition of the policy decides.
        label: for that place.
        help_text: of the remedy that asks for MFA there.
    """
    statement = refutation.statement
    own = [c for c in statement.conditions if _speaks_of(c, _MFA.keys)]
    if own:
        return Finding(
            message,
            _label(own[0], "this lets a request without MFA through"),
            own[0].path,
            because(refutation, statement, subject.policy),
            _allow_remedy(subject, statement, own),
        )
    needed = needed_for_a_first_device(subject, statement)
    help_text += but_a_first_device(needed) + where(subject, statement)
    edits = demand(subject, statement, _MFA.allow)
    remedy = Remedy(help_text, (*edits, *allow_a_first_device(subject, needed)) if edits and needed else edits)
    if refutation.request.action.lower() in ENROLMENT:
        # Nobody could enrol a first device with MFA.
        remedy = Remedy("without MFA, leave this only for one's own user and MFA device, by Resource")
    elif subject.document.kind == IDENTITY and is_self_service(statement):
        action = refutation.request.action
        remedy = Remedy(f"allow {action} in a statement of its own, with MFA: whoever enrols a first device has none")
    elif subject.document.is_foreign:
        # Whoever denies all of them stops the programs that such a policy is for.
        narrow = all(str(one) != "*" for s in subject.policy.statements for one in s.actions or ("*",))
        which = f"{refutation.request.action} and what else is sensitive" if narrow else "requests"
        text = f"this is a policy of AWS: attach one of your own besides, with a Deny of {which} without MFA"
        remedy = Remedy(text)
    finding = Finding(message, label, place, (nobody_looks(MFA_PRESENT),), remedy)
    return _by_a_deny(subject, refutation, _MFA, finding) or _by_the_boundary(subject, refutation, finding) or finding


def explain_age(subject: Subject, refutation: Refutation, message: str, seconds: int) -> Finding:
    """Word a request whose MFA is older than so many seconds."""
    statement = refutation.statement
    asked = _younger(seconds)
    remedy = by_age(subject, statement, seconds)
    own = [c for c in statement.conditions if _speaks_of(c, asked.keys)]
    if own:
        why = because(refutation, statement, subject.policy)
        return Finding(message, _label(own[0], f"this lets {asked.without} through"), own[0].path, why, remedy)
    asking = [c for c in statement.conditions if _speaks_of(c, (MFA_PRESENT,))]
    finding = Finding(
        message,
        "asks for MFA, however old it is" if asking else f"no condition stops {asked.without}",
        asking[0].path if asking else (*statement.path, "Principal"),
        (nobody_looks(MFA_AGE),),
        remedy,
    )
    return _by_a_deny(subject, refutation, asked, finding) or finding


def by_age(subject: Subject, statement: Statement, seconds: int) -> Remedy:
    """The remedy that asks for an MFA that is at most so many seconds old."""
    text = f"bound the age of the MFA to {seconds} seconds{where(subject, statement)}"
    return Remedy(text, demand(subject, statement, _younger(seconds).allow))


def nobody_looks(key: str) -> str:
    """That nothing asks for MFA, or for how old it is, in words."""
    name = "aws:MultiFactorAuthAge" if key == MFA_AGE else "aws:MultiFactorAuthPresent"
    return f"no condition of this statement looks at {name}, and no Deny does"


def _speaks_of(condition: Condition, keys: Sequence[str]) -> bool:
    """Whether a condition tests one of these keys, or was meant to."""
    return condition.key.lower() in keys or nearest_key(condition.key).lower() in keys


def _label(condition: Condition, otherwise: str) -> str:
    meant = nearest_key(condition.key)
    return f"no request carries this key: did you mean {meant}?" if meant else otherwise


def _by_a_deny(subject: Subject, refutation: Refutation, asked: _MfaDemand, finding: Finding) -> Finding | None:
    """The finding where Denies look at MFA and let the request through all the same; the nearest says what to do."""
    found = _missed(subject, refutation, asked)
    missed = [one for one in found if not one.is_of_others]
    if not missed:
        account = refutation.request.caller.account
        names = dict.fromkeys(one.document.logical_id for one in found if one.document is not None)
        others = (f"the service control policy {name} asks for it, and is not attached to {account}" for name in names)
        return finding._replace(why=(*finding.why, *others)) if found else None
    nearest = missed[0]
    why = tuple(dict.fromkeys(reason for one in missed[:_DENIES] for reason in one.why(refutation)))
    remedy = _deny_remedy(subject, refutation, asked, nearest, finding.remedy)
    finding = finding._replace(why=why, remedy=remedy, otherwise=_other_denials(subject, asked, nearest, finding))
    if nearest.document is not None:
        # The finding stays with the policy that it is about.
        return finding
    if not nearest.elements:
        condition = (nearest.asking or nearest.exempting)[0].condition
        label = (
            f"this Deny does not apply to {asked.without}"
            if nearest.asking
            else f"this keeps the request out of {asked.asking}"
        )
        return finding._replace(label=_label(condition, label), path=condition.path)
    if subject.document.kind == TRUST and nearest.misses == 1 and nearest.elements[0].endswith("Action"):
        return finding._replace(
            label=f"{asked.asking} does not cover {refutation.request.action}",
            path=(*nearest.statement.path, nearest.elements[0]),
        )
    return finding


def _missed(subject: Subject, refutation: Refutation, asked: _MfaDemand) -> list[_Missed]:
    """The Denies that look at MFA and do not apply, the nearest misses first."""
    own = [(None, explanation) for explanation in refutation.decision.explanations]
    out: list[_Missed] = []
    for document, explanation in [*own, *elsewhere(subject, refutation.request, lambda s: s.effect == DENY)]:
        statement = explanation.statement
        speaking = [one for one in explanation.conditions if _speaks_of(one.condition, asked.keys)]
        if statement.effect != DENY or explanation.applies or not speaking:
            continue
        out.append(
            _Missed(
                statement,
                document,
                subject.policy if document is None else document.policy,
                _elements(explanation),
                tuple(one for one in speaking if not one.matched),
                any(one.matched for one in speaking),
                tuple(one for one in explanation.conditions if not one.matched and one not in speaking),
            )
        )
    return sorted(out, key=lambda one: one.misses)


def _elements(explanation: Explanation) -> tuple[str, ...]:
    statement = explanation.statement
    named = (
        (explanation.principal, statement.principals, "Principal"),
        (explanation.action, statement.actions, "Action"),
        (explanation.resource, statement.resources, "Resource"),
    )
    return tuple(f"Not{name}" if listed is None else name for covered, listed, name in named if not covered)


def _by_the_boundary(subject: Subject, refutation: Refutation, finding: Finding) -> Finding | None:
    """The finding where the permissions boundary looks at MFA and lets the request through all the same."""
    permissions_boundary = subject.permissions_boundary
    if permissions_boundary is None:
        return None
    for document, explanation in elsewhere(subject, refutation.request):
        statement = explanation.statement
        asking = [one for one in explanation.conditions if _speaks_of(one.condition, _MFA.keys)]
        if document.path == permissions_boundary.path and explanation.applies and statement.effect != DENY and asking:
            name = f"the permissions boundary {permissions_boundary.logical_id}"
            own = [one.condition for one in asking]
            remedy = _allow_remedy(subject, statement, own)
            return finding._replace(
                why=tuple(f"{name} lets it in: {sentence(one)}" for one in asking),
                remedy=remedy._replace(text=f"in {name}, {remedy.text}"),
            )
    return None


def _allow_remedy(subject: Subject, statement: Statement, own: Sequence[Condition]) -> Remedy:
    """
    Args:
        own: the conditions on MFA, all of which hold without MFA.
    """
    meant = nearest_key(own[0].key)
    ages = [c for c in own if MFA_AGE in (c.key.lower(), nearest_key(c.key).lower())]
    bound = upper_bound(ages)
    demands: list[Demand] = [] if len(ages) == len(own) else [_MFA.allow]
    if bound is not None or not demands:
        operator, seconds = bound or ("NumericLessThanEquals", SECONDS)
        demands.append((operator, "aws:MultiFactorAuthAge", (str(seconds),)))
    if meant:
        text = f"did you mean {meant}?"
    elif len(ages) == len(own):
        text = "use an operator that is false when the key is absent, with an upper bound"
    elif all(condition.operator.lower() == "bool" for condition in own):
        text = 'ask for "true": whoever has no MFA has "false", or no such key'
    else:
        text = "use the operator that is false when the key is absent: only a Deny needs the one that is true then"
    written = as_written(subject, statement)
    return Remedy(text + where(subject, statement), change(written, _same(written, own), demands))


def _deny_remedy(
    subject: Subject, refutation: Refutation, asked: _MfaDemand, missed: _Missed, fallback: Remedy | None
) -> Remedy | None:
    """What makes a Deny apply; where that takes more than one step, what makes the Allow ask."""
    written = as_written(subject, missed.statement)
    where = "" if missed.document is None else f"in {missed.document.logical_id}, "
    if not missed.elements:
        forwarded = [c for c in written.conditions if c.key.lower() == _VIA]
        dropped = _same(written, [one.condition for one in (*missed.asking, *missed.exempting)])
        # What a service forwards has no MFA either, and is the next thing that such a Deny lets through.
        dropped += [c for c in forwarded if c not in dropped]
        demands = [_denied(missed, asked)] if missed.asking and not missed.asks_besides else []
        meant = nearest_key(missed.asking[0].condition.key) if missed.asking else ""
        text = f"did you mean {meant}?" if meant else asked.rule
        if missed.asking and forwarded:
            text += "; and take out aws:ViaAWSService, which exempts what services forward"
        if not missed.asking and (user := exempted_user(missed.exempting, refutation)):
            return Remedy(f"{where}the Deny exempts user {user} by name: {_BY_NAME}")
        if missed.asking and (exempted := [one for one in exempted_by(written.conditions) if not missed.exempting]):
            # As long as that is there, somebody gets in without MFA, and no change of the rest is a proof.
            to_users = _TO_USERS if not where and subject.document.kind == TRUST else ""
            named = f"user{'s' * (len(exempted) > 1)} {first_of(exempted, _DENIES, ' and ')}"
            return Remedy(f"{where}{asked.rule}{to_users}; and it exempts {named} by name: {_BY_NAME}")
        if not missed.asking:
            text = "a Deny applies only where all of its conditions hold: take out what exempts this request"
        return Remedy(where + text, change(written, dropped, demands))
    action = refutation.request.action
    if missed.elements == ("Action",) and missed.misses == 1:
        lines = replace(written, "Action", (*(written.actions or ()), action))
        return Remedy(f"{where}let the Deny cover {action}", lines)
    if missed.elements == ("NotAction",) and missed.misses == 1 and action.lower() not in ENROLMENT:
        spared = written.not_actions or ()
        kept = tuple(entry for entry in spared if not covers(entry, action))
        if all(str(entry).lower() == action.lower() for entry in spared if entry not in kept):
            text = f"{where}do not spare {action}"
            if kept:
                return Remedy(text, replace(written, "NotAction", kept))
            if subject.document.kind == TRUST:
                return Remedy(text, replace(written, "NotAction", (action,), "Action"))
        if subject.document.kind == IDENTITY:
            # A user enrols a first device without MFA.
            taken = [entry for entry in spared if entry not in kept]
            needed = [a for a in (*FIRST_DEVICE, FIRST_PASSWORD) if any(covers(e, a) for e in taken) and a not in kept]
            lines = replace(written, "NotAction", (*kept, *needed)) if kept or needed else ()
            lines = lines or replace(written, "NotAction", ("*",), "Action")
            return Remedy(f"{where}let the Deny cover {action}", lines)
    if fallback is None or not fallback.edits:
        return fallback
    return fallback._replace(text=f"let the Deny cover this request too, or {fallback.text}")


def _other_denials(subject: Subject, asked: _MfaDemand, missed: _Missed, finding: Finding) -> tuple[Remedy, ...]:
    """What to do where a Deny with another operator would not do, or would lock out those who never have MFA."""
    if missed.elements or missed.document is not None or finding.remedy is None:
        return finding.otherwise
    written = as_written(subject, missed.statement)
    if exempted_by([one.condition for one in missed.exempting] or written.conditions):
        return ()
    exempting = _same(written, [one.condition for one in missed.exempting])
    dropped = [c for c in written.conditions if c in exempting or _speaks_of(c, asked.keys)]
    demand = _denied(missed, asked) if missed.asking else asked.deny
    users = ("ArnLike", "aws:PrincipalArn", ("arn:*:iam::*:user/*",))
    # What exempts somebody by name stays.
    of_users = [c for c in written.conditions if c.key.lower() == "aws:principalarn" and not is_negated(c)]
    # A Deny of requests without the key keeps out roles and programs too, and is to keep them out.
    tests = [c.operator.lower() for c in written.conditions if _speaks_of(c, asked.keys)]
    is_about_all = bool(tests) and set(tests) == {"null"}
    return (
        Remedy(asked.rule, change(written, dropped, (demand,))),
        Remedy(f"keep this Deny, and beside it, in one of its own: {asked.rule}{_TO_USERS}")
        if is_about_all
        else Remedy(f"{asked.rule}{_TO_USERS}", change(written, [*dropped, *of_users], (demand, users))),
        finding.remedy,
        *finding.otherwise,
    )


def _denied(missed: _Missed, asked: _MfaDemand) -> Demand:
    """The condition of a Deny that stops a request without what is asked for."""
    ages = [one.condition for one in missed.asking if one.condition.key.lower() == MFA_AGE]
    if asked is not _MFA or len(ages) < len(missed.asking):
        return asked.deny
    seconds = next((str(o) for c in ages for o in c.operands if is_seconds(str(o)) and str(o) != "0"), str(SECONDS))
    return "NumericGreaterThanIfExists", "aws:MultiFactorAuthAge", (seconds,)


def _same(written: Statement, conditions: Sequence[Condition]) -> list[Condition]:
    """The conditions of a statement as it is written, where those of its deployment are given."""
    wanted = {(c.operator, c.key) for c in conditions}
    return [c for c in written.conditions if (c.operator, c.key) in wanted]
