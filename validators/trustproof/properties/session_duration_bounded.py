"""
session-duration-bounded: the sessions of a role end soon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from trustproof.engine.region import Region
from trustproof.model.principals import RoleFacts, SessionFacts
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, SAML, SERVICE, USERS, WEB_IDENTITY
from trustproof.model.text import Symbolic, Text
from trustproof.properties.base import RoleProperty
from trustproof.properties.mfa_required import seconds
from trustproof.properties.question import Finding, Question, Subject
from trustproof.properties.shared.regions import TRUST_ACTIONS, trust_world
from trustproof.results.edit import ADD, REPLACE, Edit
from trustproof.results.groups import LONG_SESSIONS
from trustproof.results.result import ERROR, NOTE, PROVED, REFUTED, UNKNOWN, WARNING, Remedy, Severity, milder

#: A session that was assumed from another role session lasts at most this long, whatever the role says:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
CHAINED = 3600
_DEFAULT = 3600
_PEOPLE = (*USERS, SAML, WEB_IDENTITY)
_SESSIONS = (ROLE_SESSION, IDENTITY_CENTER)


class SessionDurationBounded(RoleProperty):
    """
    The sessions of a role, of a permission set and of Roles Anywhere last at most an hour, or as long as the project
    says.

    Claim:
        ``MaxSessionDuration`` of a role is at most 3,600 seconds, or ``max-seconds``; and never more than that hour
        where only role sessions may assume the role, since AWS ends chained sessions then whatever the role says. The
        same holds for ``SessionDuration`` of a permission set of IAM Identity Center, and for ``DurationSeconds`` of a
        profile of IAM Roles Anywhere.

    Threat:
        The credentials of a session cannot be taken back one by one. Whoever has caught them has them until they end.

    Severity:
        *note*, one line of the whole run, where nobody has said how long sessions may last: whoever wrote the duration
        chose it, and long jobs need it. With ``max-seconds`` in the configuration *error*; *warning* where a parameter
        decides that has no default, or lists shorter values too, since whoever deploys the template chooses. What is
        unknown is a *note*: nobody gets in by it.

    Refuted by:
        {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"MaxSessionDuration": 43200,
         "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
          {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}}}}}

    Proved for:
        {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"MaxSessionDuration": 3600,
         "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
          {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}}}}}

    Remedy:
        Lower the duration, or leave it out: an hour is the default of all three. Long jobs renew their credentials.

    Limits:
        ``MaxSessionDuration`` does not bound the sessions that AWS services assume, so a role that only services assume
        is not held to it; those of Roles Anywhere last as long as the profile says. A duration that is a parameter
        without a default is judged at the most that the parameter may be; one that is imported, or stands in Systems
        Manager, is unknown.
    """

    ident = "session-duration-bounded"
    summary = "sessions last too long"
    of_roles = True
    guards_entry = False
    options: ClassVar[Mapping[str, object]] = {"max-seconds": seconds}

    def callers(self, subject: Subject) -> Sequence[Question]:
        """Who may assume the role: people, or sessions of roles."""
        return tuple(
            Question(
                tuple(Region(trust_world(subject, kind, TRUST_ACTIONS[kind][0])) for kind in kinds),
                lambda _: True,
                about,
            )
            for kinds, about in ((_PEOPLE, "people"), (_SESSIONS, "sessions"), ((SERVICE,), "services"))
        )

    def depends_on_callers(self, subject: Subject, role: RoleFacts) -> bool:
        """Not where the sessions are short enough for everybody, nor where their length is not known."""
        duration = _most(role)
        return duration is not None and duration > min(self._limit(subject), CHAINED)

    def _limit(self, subject: Subject) -> int:
        value = subject.config.option(self.ident, "max-seconds")
        return value if isinstance(value, int) else _DEFAULT

    def judge(self, subject: Subject, role: RoleFacts, callers: Sequence[str]) -> Finding:
        """
        Judge what a template says of a role.

        Args:
            callers: which of ``people``, ``sessions`` and ``services`` may assume it.
        """
        name = role.logical_id
        chained_only = "sessions" in callers and "people" not in callers
        limit = min(self._limit(subject), CHAINED) if chained_only else self._limit(subject)
        duration = _most(role)
        if duration is None:
            reason = f"MaxSessionDuration is {role.max_session_duration}, which is not known before deployment"
            return Finding(
                f"not decided how long sessions of {name} last", "", role.path, reasons=(reason,), verdict=UNKNOWN
            )
        if duration <= limit or not set(callers) & {"people", "sessions"}:
            return Finding(self.proved(subject), "", role.path, verdict=PROVED)
        why = f"a session may last {duration} seconds, and {limit} are {self._whose(subject)}"
        if chained_only:
            why = f"only role sessions may assume this role, and AWS ends a chained session after {CHAINED} seconds"
        written = f"MaxSessionDuration: {duration}"
        return self._too_long(subject, role, role.max_session_duration, duration, limit, why, written, str(limit))

    def judge_sessions(self, subject: Subject, sessions: SessionFacts) -> Finding:
        """Judge how long the sessions of a permission set, or of a profile of Roles Anywhere, last."""
        limit = self._limit(subject)
        duration = sessions.duration if isinstance(sessions.duration, int) else sessions.longest
        if duration is None:
            reason = f"{sessions.key} is {sessions.duration}, which is not known before deployment"
            message = f"not decided how long sessions of {sessions.logical_id} last"
            return Finding(message, "", sessions.path, reasons=(reason,), verdict=UNKNOWN)
        if duration <= limit:
            return Finding(self.proved(subject), "", sessions.path, verdict=PROVED)
        why = f"a session may last {duration} seconds, and {limit} are {self._whose(subject)}"
        written = f"{sessions.key}: {sessions.written}"
        instead = _iso(limit) if sessions.key == "SessionDuration" else str(limit)
        return self._too_long(subject, sessions, sessions.duration, duration, limit, why, written, instead)

    def _too_long(
        self,
        subject: Subject,
        facts: RoleFacts | SessionFacts,
        given: int | Text,
        duration: int,
        limit: int,
        why: str,
        written: str,
        instead: str,
    ) -> Finding:
        message = f"sessions of {facts.logical_id} may last {duration} seconds"
        if isinstance(given, Symbolic):
            (parameter,) = given.symbols
            return Finding(
                f"{message}, as the parameter {parameter.name} says",
                f"may be more than {limit} seconds",
                facts.path,
                (f"the parameter {parameter.name} has no default, and may be {duration}", why),
                Remedy(f"let the parameter {parameter.name} be {limit} at most"),
                verdict=REFUTED,
                # Whoever deploys it chooses.
                severity=milder(WARNING, self._at_most(subject)),
                cause=self._cause(subject),
            )
        key, _, was = written.partition(": ")
        remedy = Remedy(f"lower it to {limit} seconds", (_edit(facts, key, was, instead),))
        if subject.config.option(self.ident, "max-seconds") is None:
            # Somebody has chosen it, and may have had a reason: jobs that take longer would stop.
            text = "where nobody needs more than an hour, lower it; or declare with max-seconds how long is meant"
            remedy = Remedy(text)
        return Finding(
            message,
            f"more than {limit} seconds",
            facts.path,
            (why,),
            remedy,
            verdict=REFUTED,
            severity=self._at_most(subject),
            cause=self._cause(subject),
        )

    def _cause(self, subject: Subject) -> str:
        return LONG_SESSIONS if subject.config.option(self.ident, "max-seconds") is None else ""

    def _whose(self, subject: Subject) -> str:
        is_said = subject.config.option(self.ident, "max-seconds") is not None
        return "the most that is allowed here" if is_said else "what AWS takes where nothing is written"

    def _at_most(self, subject: Subject) -> Severity:
        """Whoever has written a duration has chosen it, unless the project says how long it may be."""
        return NOTE if subject.config.option(self.ident, "max-seconds") is None else ERROR

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"sessions of {subject.document.logical_id} end soon enough"


def _edit(facts: RoleFacts | SessionFacts, key: str, before: str, after: str) -> Edit:
    """The edit of a duration; what is there before is shown, also where it is what AWS takes if nothing is written."""
    if facts.path[-1:] == (key,):
        return Edit(facts.path, REPLACE, after, before, is_json=False)
    return Edit((*facts.path, "Properties", key), ADD, after, before, is_json=False)


def _iso(seconds: int) -> str:
    """A duration as ISO 8601 writes it: ``PT1H30M``."""
    parts = ((seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S"))
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


def _most(role: RoleFacts) -> int | None:
    """How long the sessions of a role may last at most; None where that is not known."""
    duration = role.max_session_duration
    return duration if isinstance(duration, int) else role.longest
