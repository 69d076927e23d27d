"""
Remedies for roles to which the template itself sends other roles: what asks for MFA would lock them out.

"Temporary credentials of a role never carry MFA":
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.escaping.text import first_of
from trustproof.model.deployments import Deployments
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Principal, Statement
from trustproof.model.principals import Sender
from trustproof.model.text import ACCOUNT_ID, PARTITION, Symbolic
from trustproof.properties.base import StatementProperty
from trustproof.properties.edits import as_written
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.remedies.apply import apply_edits, difference
from trustproof.properties.shared.bounds import is_everybody
from trustproof.properties.shared.odd_paths import is_odd
from trustproof.properties.shared.programs import OF_A_PERSON, in_words, speaks_of_a_program, speaks_of_people
from trustproof.proving.meant_callers import by_arn_there, for_meant_callers, lets_in_users_only, means_people
from trustproof.proving.trial import Trial
from trustproof.results.edit import Edit, Value, set_value
from trustproof.results.result import REFUTED, Remedy

#: How many roles are named as a reason; the remedy names each, since each is to be let in.
_NAMED = 3
_ROLE = "role"
_PEOPLE = ("user", "group")
_PRINCIPAL, _MFA = "aws:principalarn", "aws:multifactorauth"
#: Keys by whose values a caller says what it is.
_OF_SESSIONS, _TAGS = ("sts:rolesessionname", "sts:sourceidentity"), "aws:principaltag/"
#: What is said of roles where nobody is known to be one that is meant.
ROLES_INSTEAD = "a role that is to assume it never carries MFA, so name such a role instead"
#: How a remedy begins of which it is not known whether people are meant.
_IF_PEOPLE = "if people assume it, "
_TO_USERS = "; others than users never have MFA, so deny it to users"
#: Where a caller has to come from inside one's own network, in which programs run.
_OWN_NETWORK = ("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip")

#: What StackSets, Automation and CloudWatch assume in target accounts, by its usual name, who does, and the role of
#: the administrator account with which they do:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/running-automations-multiple-accounts-regions.html
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Cross-Account-Cross-Region.html
_EXECUTION = {
    "AWSCloudFormationStackSetExecutionRole": ("StackSets", "AWSCloudFormationStackSetAdministrationRole"),
    "AWS-SystemsManager-AutomationExecutionRole": (
        "Automation of Systems Manager",
        "AWS-SystemsManager-AutomationAdministrationRole",
    ),
    "CloudWatch-CrossAccountSharing": ("CloudWatch", "AWSServiceRoleForCloudWatchCrossAccount"),
}
#: What Organizations makes in member accounts, and people and pipelines of the management account enter:
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
_MANAGEMENT = ("OrganizationAccountAccessRole", "AWSControlTowerExecution")


def for_senders(
    subject: Subject, asked: StatementProperty, deployments: Deployments | None, found: Refutation, said: Finding
) -> Finding:
    """
    The finding with a remedy that names the roles that the template sends to this one, where asking everybody for MFA
    would lock them out.
    """
    if not asked.only_for_people or said.verdict != REFUTED or said.remedy is None:
        return said
    if is_odd(found.request, found.statement):
        return said
    written = as_written(subject, found.statement)
    roles = _roles_to_name(subject, written)
    people = [one for one in subject.senders if one.kind in _PEOPLE and not one.to_any]
    if roles and written.effect == ALLOW and (by_deny := _by_the_deny(subject, asked, deployments, found, said)):
        return by_deny
    if not roles:
        return _for_managed_accounts(subject, written, said) or _for_any_role(subject, asked, deployments, found, said)
    own = [entry for entry in written.principals or () if _is_own_account(subject, entry)]
    if written.effect != ALLOW:
        return said
    named = [one.logical_id for one in roles]
    names = _in_a_row(named)
    if len(roles) + len(people) < len(subject.senders) and (
        # Of a template that goes to several accounts, each has a part.
        words := for_meant_callers(subject, written, said, named, "" if own else by_arn_there(written, len(roles)))
    ):
        return words
    said = said._replace(
        why=(
            *said.why,
            f"the template lets {first_of(named, _NAMED)} assume it, and sessions of roles never carry MFA",
        ),
        otherwise=(),
    )
    text = f"name {names} as principal in place of the account"
    if people:
        others = " and ".join(one.logical_id for one in people)
        text = f"name {names} in a statement of {_its(roles)} own, and ask for MFA in this one, for {others}"
    elif means_people(written):
        # The test of MFA stays for those whom it is meant for, and no role ever meets it.
        text = f"name {names} in a statement of {_its(roles)} own, without a test of MFA, and ask for MFA in this one"
    if any(map(is_everybody, written.principals or ())):
        # Other accounts are meant too, and whoever names the roles of one locks out the rest.
        text = (
            f"keep whom the statement lets in now, and let it admit roles only, as {names}, by aws:PrincipalType "
            "(AssumedRole); and ask users for MFA in a statement of their own"
        )
        return said._replace(remedy=Remedy(text))
    if not own:
        # The template is deployed to several accounts, and each of them has a part of it.
        by_arn = f"by the ARN that {_it(roles)} there"
        if not people and not means_people(written):
            # Whose account it is only a deployment knows, and so who of it is meant besides.
            text = f"name {names}, {by_arn}, and the other roles of the account that are to assume it in its place"
            return said._replace(remedy=Remedy(f"{text}; and ask people for MFA in a statement of their own"))
        return said._replace(remedy=Remedy(f"{text}, {by_arn}"))
    forms = [s for s in subject.policy.statements if s.path == written.path]
    if why_not := next((one.why_no_reference for one in roles if one.why_no_reference), ""):
        # IAM takes no principal that is not there yet, and a test of a key takes any text.
        in_place = "as principal in place of the account"
        by_key = "by aws:PrincipalArn, with the account as principal"
        text = text.replace(in_place, by_key) if in_place in text else f"{text}; {by_key}"
        return said._replace(remedy=Remedy(f"{text}: {why_not}"))
    if len(forms) > 1 or any(s.guards for s in forms) or people or means_people(written):
        return said._replace(remedy=Remedy(text))
    changed = _changed(subject, written, own, roles)
    if not Trial(subject, asked, deployments, written.path).stops(changed):
        # Somebody else whom the statement names gets in without MFA too: what that takes is not one change.
        return said._replace(remedy=Remedy(f"{text}, and ask everybody else for MFA in a statement of their own"))
    return said._replace(remedy=Remedy(text, _edits(written, own, roles)))


def _in_a_row(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _by_the_deny(
    subject: Subject, asked: StatementProperty, deployments: Deployments | None, found: Refutation, said: Finding
) -> Finding | None:
    """The finding with a Deny that asks users, who are meant, for MFA, and roles for nothing; None without such."""
    if not any(one.effect == DENY and means_people(one) for one in subject.policy.statements):
        return None
    for choice in (one for one in (said.remedy, *said.otherwise) if one is not None and one.edits):
        changed = apply_edits(subject.policy, choice.edits)
        denying = None if changed is None else _denied_to_users(subject.policy, changed)
        if denying is not None and Trial(subject, asked, deployments, found.statement.path).stops(denying):
            if _keeps_out_others(subject.policy, denying):
                return said._replace(remedy=_beside(choice), otherwise=())
            text = choice.text if denying == changed else f"{choice.text}{_TO_USERS}"
            return said._replace(remedy=Remedy(text, difference(subject.policy, denying)), otherwise=())
    return None


def _keeps_out_others(before: Policy, after: Policy) -> bool:
    """Whether a Deny that is changed holds without the key, and so keeps out roles and programs, too."""
    changed = (one for one in before.statements if one.effect == DENY and one not in after.statements)
    tests = [[c.operator.lower() for c in one.conditions if c.key.lower().startswith(_MFA)] for one in changed]
    return any(operators and set(operators) == {"null"} for operators in tests)


def _beside(remedy: Remedy) -> Remedy:
    """What asks users for MFA without letting in whom a Deny keeps out."""
    return Remedy(f"keep this Deny, and beside it, in one of its own: {remedy.text}{_TO_USERS}")


def _roles_to_name(subject: Subject, written: Statement) -> list[Sender]:
    """The roles that the template sends to this one, and that a statement lets in without naming them."""
    if written.effect == ALLOW and lets_in_users_only(written):
        # Whoever is sent there besides does not get in today, and a remedy admits nobody.
        return []
    roles = (one for one in subject.senders if one.kind == _ROLE and not one.to_any)
    return [one for one in roles if not _is_named(subject, written, one)]


def _is_named(subject: Subject, written: Statement, role: Sender) -> bool:
    """
    Whether a role is let in by its own ARN already: by this statement, or by another one whatever the request. It does
    not need the account that stands beside it.
    """
    arn = _with_account(str(role.arn), subject)
    return any(
        one.effect == ALLOW
        and (one.path == written.path or not one.conditions)
        and any(_with_account(str(entry.value), subject) == arn for entry in one.principals or ())
        for one in subject.policy.statements
    )


def _with_account(arn: str, subject: Subject) -> str:
    """An ARN with the account that the template is deployed to, which a policy may be asked about with and without."""
    return arn.replace(f"<{ACCOUNT_ID}>", subject.account).replace(f"<{PARTITION}>", subject.partition or "aws")


def _for_any_role(
    subject: Subject, asked: StatementProperty, deployments: Deployments | None, found: Refutation, said: Finding
) -> Finding:
    """The finding with what to do about roles, which are among the callers where a whole account is let in."""
    if said.remedy is None or not said.remedy.edits:
        return said
    if _names_roles(found.statement):
        text = "name users and roles in a statement each, and ask for MFA in that of the users: roles never carry it"
        return said._replace(remedy=Remedy(text), otherwise=())
    changed = apply_edits(subject.policy, said.remedy.edits)
    if changed is not None and (denying := _denied_to_users(subject.policy, changed)) is not None:
        # Nobody whom it denies is let in by an Allow, so a role that is named besides would be denied too.
        if denying == changed or not Trial(subject, asked, deployments, found.statement.path).stops(denying):
            return said
        if _keeps_out_others(subject.policy, denying):
            return said._replace(remedy=_beside(said.remedy), otherwise=())
        text = f"{said.remedy.text}{_TO_USERS}"
        return said._replace(remedy=Remedy(text, difference(subject.policy, denying)))
    if (words := for_meant_callers(subject, as_written(subject, found.statement), said)) is not None:
        return words
    named = [str(entry.value) for entry in found.statement.principals or ()]
    # Whoever speaks of MFA has people in mind.
    if means_people(found.statement) or found.request.caller.arn in named:
        lets_roles_in = any(c.operator.endswith("IfExists") for c in found.statement.conditions)
        if lets_roles_in and means_people(found.statement) and not _sends_people(subject) and named:
            # Whoever has no MFA gets in today, and so may roles that the template does not speak of.
            return said._replace(remedy=said.remedy._replace(text=f"{said.remedy.text}; {ROLES_INSTEAD}"))
        if found.request.caller.arn in named and not means_people(found.statement):
            return _for_a_user(subject, found, said)
        return said
    if _is_for_people(subject) and not _speaks_of_a_program(subject, as_written(subject, found.statement)):
        return said._replace(remedy=said.remedy._replace(text=f"{said.remedy.text}; {ROLES_INSTEAD}"), otherwise=())
    # Nothing says who is meant, and of roles and programs, of whom the template need not speak, nobody has MFA.
    asked_for = ", with Bool aws:MultiFactorAuthPresent true" if "MultiFactorAuthPresent" in str(said.remedy) else ""
    text = f"{_IF_PEOPLE}{said.remedy.text}{asked_for}; {ROLES_INSTEAD}"
    return said._replace(remedy=Remedy(text), otherwise=())


def _for_a_user(subject: Subject, found: Refutation, said: Finding) -> Finding:
    """The finding about a user that a statement names: in words, unless something says that a person uses it."""
    name = found.request.caller.arn.rpartition("/")[2]
    if said.remedy is None or speaks_of_people(name) or subject.neighbours.has_password(name):
        return said
    return said._replace(remedy=Remedy(in_words(said.remedy.text, OF_A_PERSON)), otherwise=())


def is_doubted(remedy: Remedy, other: Remedy) -> bool:
    """Whether a remedy is another one in words, with the doubt whether people are meant."""
    return not remedy.edits and remedy.text.startswith(f"{_IF_PEOPLE}{other.text.removesuffix(f'; {ROLES_INSTEAD}')}")


def _is_for_people(subject: Subject) -> bool:
    """
    Whether the template says that people assume a role: a statement speaks of MFA, users or groups are sent there, or
    it is called so.
    """
    return any(map(means_people, subject.policy.statements)) or _sends_people(subject)


def _sends_people(subject: Subject) -> bool:
    """Whether the template sends users or groups to a role, or calls it so."""
    if any(one.kind in _PEOPLE for one in subject.senders):
        return True
    logical_id, name = subject.document.logical_id, str(subject.document.resource_arn).rpartition("/")[2]
    # What has no name gets one of its logical id.
    return speaks_of_people(logical_id if logical_id in name else name) and not speaks_of_a_program(logical_id)


def _speaks_of_a_program(subject: Subject, statement: Statement) -> bool:
    """
    Whether a statement says that a program is let in: by its Sid, its parameters, what it asks of a session, or that it
    comes from one's own VPC.
    """
    given = (
        one for entry in statement.principals or () if isinstance(entry.value, Symbolic) for one in entry.value.symbols
    )
    asked = (
        str(operand)
        for condition in statement.conditions
        if condition.key.lower() in _OF_SESSIONS or condition.key.lower().startswith(_TAGS)
        for operand in condition.operands
    )
    path = str(subject.document.resource_arn).rpartition(":role/")[2].rpartition("/")[0]
    if any(condition.key.lower() in _OWN_NETWORK for condition in statement.conditions):
        # People reach STS from outside as a rule.
        return True
    said = (statement.sid or "", path, *subject.document.described, *(one.name for one in given), *asked)
    return any(map(speaks_of_a_program, said))


def _names_roles(statement: Statement) -> bool:
    """Whether a statement of an account says which of its roles are meant."""
    named = [(c, parse_operator(c.operator)) for c in statement.conditions if c.key.lower() == _PRINCIPAL]
    return any(
        operator is not None and not operator.negated and any(_may_name_a_role(str(o)) for o in condition.operands)
        for condition, operator in named
    )


def _may_name_a_role(arn: str) -> bool:
    """Whether the pattern of a caller's ARN says how roles are called, maybe with a wildcard in place of ``role``."""
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    return ":role/" in arn or (":user/" not in arn and "*" in kind and (kind + name).strip("*") != "")


def _denied_to_users(before: Policy, after: Policy) -> Policy | None:
    """
    The changed policy with a Deny for users only; the same where it says already whom it denies, and None where it is
    no Deny that is changed.
    """
    changed = [s for s in after.statements if s.effect == DENY and s not in before.statements]
    if not changed:
        return None
    users = Condition("ArnLike", "aws:PrincipalArn", ("arn:*:iam::*:user/*",))
    return after._replace(
        statements=tuple(
            s._replace(conditions=(*s.conditions, users))
            if s in changed and all(c.key.lower() != _PRINCIPAL for c in s.conditions)
            else s
            for s in after.statements
        )
    )


def _for_managed_accounts(subject: Subject, written: Statement, said: Finding) -> Finding | None:
    """The finding with a remedy that does not keep out what the account that manages others does with such a role."""
    called = (subject.document.logical_id, str(subject.document.resource_arn).rpartition("/")[2])
    if any(name.startswith(_MANAGEMENT) for name in called):
        why = "pipelines of the management account enter such a role too, and sessions of roles never carry MFA"
        text = "name the roles of that account that use it, and ask its people for MFA in a statement of their own"
        return said._replace(why=(*said.why, why), remedy=Remedy(text), otherwise=())
    for execution, (service, administration) in _EXECUTION.items():
        if any(name.startswith((execution, execution.replace("-", ""))) for name in called):
            why = f"{service} assumes such a role as {administration}, and sessions of roles never carry MFA"
            text = f"name the role {administration} of that account, or the one that you use, as principal in its place"
            if any(map(is_everybody, written.principals or ())):
                # Other tests of the statement say of which accounts.
                text = f"let it admit the role {administration}, or the one that you use, alone, by aws:PrincipalArn"
            return said._replace(why=(*said.why, why), remedy=Remedy(text), otherwise=())
    return None


def _it(roles: Sequence[Sender]) -> str:
    return "it has" if len(roles) == 1 else "they have"


def _its(roles: Sequence[Sender]) -> str:
    return "its" if len(roles) == 1 else "their"


def _is_own_account(subject: Subject, entry: Principal) -> bool:
    text = str(entry.value)
    return entry.kind == "AWS" and (text == subject.account or text.endswith(f":iam::{subject.account}:root"))


def _changed(subject: Subject, written: Statement, own: Sequence[Principal], roles: Sequence[Sender]) -> Policy:
    """The policy with the roles in place of the account; what they are called does not matter."""
    head = f"arn:{subject.partition or 'aws'}:iam::{subject.account}:role/"
    named = tuple(Principal("AWS", head + one.logical_id) for one in roles)
    kept = tuple(entry for entry in written.principals or () if entry not in own)
    return subject.policy._replace(
        statements=tuple(
            s._replace(principals=(*named, *kept)) if s.path == written.path else s for s in subject.policy.statements
        )
    )


def _edits(written: Statement, own: Sequence[Principal], roles: Sequence[Sender]) -> tuple[Edit, ...]:
    before: dict[str, Value] = {}
    after: dict[str, Value] = {"AWS": tuple(dict([one.reference]) for one in roles)}
    for entry in written.principals or ():
        for holder in (before,) if entry in own else (before, after):
            listed = holder.get(entry.kind, ())
            assert isinstance(listed, tuple)
            holder[entry.kind] = (*listed, entry.value)
    return (set_value((*written.path, "Principal"), before, after),)
