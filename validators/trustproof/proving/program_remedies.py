"""
Remedies for roles that programs assume: users with access keys, and roles that a parameter is to name.

A demand for MFA would lock both out: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
"""

from __future__ import annotations

from trustproof.model.deployments import Deployments
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Principal
from trustproof.model.principals import Holder
from trustproof.model.text import Symbolic
from trustproof.properties.base import StatementProperty
from trustproof.properties.edits import as_written
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.shared.odd_paths import is_odd
from trustproof.properties.shared.programs import AS_A_ROLE, speaks_of_a_role, why_a_program
from trustproof.proving.trial import Trial
from trustproof.results.result import REFUTED, Remedy

_CALLER = "aws:principalarn"


def for_programs(
    subject: Subject, asked: StatementProperty, deployments: Deployments | None, found: Refutation, said: Finding
) -> Finding:
    """The finding with a remedy that does not ask those for MFA who never have it."""
    if not asked.only_for_people or said.verdict != REFUTED or said.remedy is None:
        return said
    if is_odd(found.request, found.statement):
        # Whoever is named so is no program: what closes it is another operator, or the account.
        return said
    written = as_written(subject, found.statement)
    trial = Trial(subject, asked, deployments, written.path)
    entries = written.principals or ()
    users = {
        entry: user for entry in entries for user in subject.programs if _names(entry, user) and trial.minds(entry)
    }
    roles = [entry for entry in entries if _is_called_role(entry) and trial.is_open(entry)]
    sent = {one.logical_id for one in subject.senders if one.is_program and one.kind == "user"}
    # The account may stand as principal, and a test beside it for who of it is meant.
    meant = {str(one) for c in written.conditions if _names_callers(c) for one in c.operands}
    programs = [
        user for user in subject.programs if user in users.values() or user.logical_id in sent or str(user.arn) in meant
    ]
    if not programs and not roles:
        return said
    others = [entry for entry in entries if entry not in users and entry not in roles and trial.minds(entry)]
    if meant and meant <= {str(user.arn) for user in programs}:
        others = []
    as_a_role = AS_A_ROLE
    if programs and all(str(user.arn) != found.request.caller.arn for user in programs):
        # The headline is about somebody else.
        as_a_role = AS_A_ROLE.replace("this user", " and ".join(user.logical_id or str(user.name) for user in programs))
    texts = [f"{as_a_role}, so name that role as principal"] if programs else []
    if roles:
        names = " and ".join(dict.fromkeys(str(entry.value) for entry in roles))
        texts.append(f"name {names} in a statement without it: sessions of roles never carry MFA")
    if others:
        texts.append("ask everybody else for MFA in a statement of their own")
    why = (*said.why, *map(why_a_program, programs))
    # One program is one cause, whatever statements let it in.
    whose = " and ".join(user.logical_id for user in programs)
    cause = f"users of programs: {whose}" if programs and len(texts) == 1 else said.cause
    return said._replace(why=why, remedy=Remedy("; and ".join(texts)), otherwise=(), cause=cause)


def _names(entry: Principal, user: Holder) -> bool:
    return entry.kind == "AWS" and str(entry.value) == str(user.arn)


def _names_callers(condition: Condition) -> bool:
    """Whether a condition lets in none but those that it names."""
    operator = parse_operator(condition.operator)
    return condition.key.lower() == _CALLER and operator is not None and not operator.negated and not operator.if_exists


def _is_called_role(entry: Principal) -> bool:
    """Whether an entry of Principal is nothing but a value that is not known, and is called a role."""
    if not isinstance(entry.value, Symbolic) or len(entry.value.parts) != 1:
        return False
    return speaks_of_a_role(entry.value.symbols[0].name)
