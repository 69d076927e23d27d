"""
Who is meant to get into a role and never has MFA, by what the template says elsewhere: a remedy for these is words.

"Temporary credentials of a role never carry MFA":
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from trustproof.escaping.text import first_of
from trustproof.model.document import IDENTITY_POOLS, WHOEVER
from trustproof.model.policy import Statement
from trustproof.model.principals import ELSEWHERE
from trustproof.model.text import Symbolic, Text
from trustproof.properties.question import Finding, Subject
from trustproof.properties.shared.programs import AS_A_ROLE, is_called_a_program, is_of_a_bootstrap
from trustproof.properties.shared.regions import third_party_accounts
from trustproof.results.result import Remedy

_NEVER = "sessions of roles never carry MFA"
_EXTERNAL_ID = "sts:externalid"
_PIPELINE = "codepipeline.amazonaws.com"
_TAG_SESSION = "sts:tagsession"
#: Users of Snowflake's accounts, as ``DESC INTEGRATION`` and ``DESC STAGE`` show them, each with an external id:
#: https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration
_SNOWFLAKE = re.compile(r"[a-z0-9]+-[a-z]-self\d+|externalstages/ci\w+|[a-z0-9]{4,}0000-s")
#: An account that is not known before deployment, by a plain name.
_GIVEN = re.compile(r"<[A-Za-z0-9]+>")
#: What the name of a parameter ends with that gives an ARN.
_ARN = re.compile(r"_?arns?$", re.IGNORECASE)
#: How many roles a message names.
_NAMED = 3


def for_meant_callers(
    subject: Subject, written: Statement, said: Finding, named: Sequence[str] = (), where: str = ""
) -> Finding | None:
    """
    The finding with words in place of a demand for MFA that would lock out who is meant; None without such.

    Args:
        named: the roles that are to be named in any case.
        where: by what they are named, where that is not what the template calls them: see `by_arn_there`.
    """
    programs = list(_programs(subject, written))
    found = [
        *_senders(subject, written),
        *_pipelines(subject, named),
        *programs,
        *_third_parties(subject, written),
        *_let_in_elsewhere(subject, written),
        *_bootstrap(subject),
        *_users_of_programs(subject, written),
        *_tagging(written, is_named=bool(programs)),
    ]
    if not found:
        return None
    first = [f"name {' and '.join(named)} as principal{where}"] if named else []
    texts = "; ".join(filter(None, (*first, *(text for _, text in found))))
    entries = [str(entry.value).partition(":user/")[2] for entry in written.principals or ()]
    # No people use a statement that names a vendor's users alone.
    if not entries or not all(map(_SNOWFLAKE.fullmatch, entries)):
        optional = means_people(written) and any(c.operator.endswith("IfExists") for c in written.conditions)
        by = ", with Bool, which is false without the key," if optional else ""
        texts += f"; and ask people for MFA{by} in a statement of their own"
    remedy = Remedy(texts)
    return said._replace(why=(*said.why, *(why for why, _ in found)), remedy=remedy, otherwise=())


def by_arn_there(written: Statement, roles: int) -> str:
    """That some roles of the template are named as they are called in another account, which is let in whole."""
    accounts = dict.fromkeys(_account(entry.value) for entry in written.principals or () if entry.kind == "AWS")
    known = [f"account {account}" for account in accounts if account.isdigit()]
    given = [f"the account that {one[1:-1]} gives" for one in accounts if _GIVEN.fullmatch(one)]
    arns = "its ARN" if roles == 1 else "their ARNs"
    return f", by {arns} in {_list([*known, *given] or ['the account that is let in'])}"


def lets_in_users_only(written: Statement) -> bool:
    """Whether a statement names users and nobody else, so that no role or program gets in by it."""
    return all(":user/" in str(entry.value) for entry in written.principals or ())


def _senders(subject: Subject, written: Statement) -> Iterator[tuple[str, str]]:
    if lets_in_users_only(written):
        return
    sets = " and ".join(one.logical_id for one in subject.senders if one.kind == "permission set")
    if sets:
        yield (
            f"permission set {sets} may assume it, and sessions of Identity Center never carry MFA",
            f"let in the role of permission set {sets}, by aws:PrincipalArn below role/aws-reserved/sso.amazonaws.com/",
        )
    elsewhere = [one.logical_id for one in subject.senders if one.kind == ELSEWHERE]
    if elsewhere:
        # It may be called by a parameter, and of an import only the name is known: how its ARN is written is not.
        names = _list(elsewhere)
        yield f"a policy lets role {names} assume it, and {_NEVER}", f"name role {names} as principal, by its ARN"
    # Who is named as it is does not get in by what it says of any role.
    named = {entry.value for entry in written.principals or ()}
    anywhere = [one for one in subject.senders if one.to_any and one.arn not in named]
    # A pipeline that runs an action with this role says itself that it is meant.
    roles = [one.logical_id for one in anywhere if one.kind == "role" and one.logical_id not in _pipelines_of(subject)]
    if roles:
        names = _list(roles)
        yield f"{names} may assume it by a wildcard, and {_NEVER}", f"name {names} as principal if this role is meant"


def _pipelines(subject: Subject, named: Sequence[str]) -> Iterator[tuple[str, str]]:
    pipelines = _pipelines_of(subject)
    others = [one for one in pipelines if one not in named]
    if pipelines:
        text = f"name {_list(others)} as principal" if others else ""
        yield f"a pipeline runs an action with this role as {_list(pipelines)}, and {_NEVER}", text


def _pipelines_of(subject: Subject) -> list[str]:
    """The roles of pipelines that run an action with this one."""
    return list(dict.fromkeys(one.logical_id for one in subject.document.sources if one.service == _PIPELINE))


def _programs(subject: Subject, written: Statement) -> Iterator[tuple[str, str]]:
    if lets_in_users_only(written):
        return
    others = (_PIPELINE, IDENTITY_POOLS)
    programs = list(dict.fromkeys(one.logical_id for one in subject.document.sources if one.service not in others))
    if programs:
        is_told = "is" if len(in_one(programs)) == 1 else "are"
        yield (
            f"{_list(in_one(programs))} {is_told} told this role, and {_NEVER}",
            f"name the role of {_list(_to_be_named(programs))} as principal",
        )


def in_one(names: Sequence[str]) -> list[str]:
    """Who does something, with those in one that do the same with several things: whoever imports output A or B."""
    found: dict[str, list[str]] = {}
    for name in names:
        does, _, what = name.rpartition(" ") if name.startswith(WHOEVER) else (name, "", "")
        found.setdefault(does, []).append(what)
    return [f"{does} {_one_of(what)}".rstrip() for does, what in found.items()]


def _one_of(names: list[str]) -> str:
    if len(names) <= _NAMED:
        return " or ".join(names)
    return f"{', '.join(names[:_NAMED])} or {len(names) - _NAMED} more"


def _to_be_named(programs: Sequence[str]) -> list[str]:
    """The programs whose roles are to be named; of those that nobody knows by name, that they are told the role."""
    # What is put right in one way is one finding, so the remedy does not say by what each of several roles is told.
    named = [one for one in programs if not one.startswith(WHOEVER)]
    return named if len(named) == len(programs) else [*named, "the program (if any) that assumes it"]


def _users_of_programs(subject: Subject, written: Statement) -> Iterator[tuple[str, str]]:
    """Users that are programs by their names, of which the template says no more."""
    entries = dict.fromkeys(str(entry.value) for entry in written.principals or () if entry.kind == "AWS")
    # Of those that the template makes it says more, and a remedy for programs says that.
    made = {str(one.arn) for one in subject.programs}
    users = [arn.partition(":user/")[2] for arn in entries if arn not in made]
    if of_snowflake := [name for name in users if _SNOWFLAKE.fullmatch(name)]:
        named = _list(of_snowflake)
        yield (
            f"user {named} is called as Snowflake calls the users by which it reads stages, and these have no MFA",
            f"test sts:ExternalId with StringEquals for the value that Snowflake shows beside user {named}",
        )
    names = [name for name in users if is_called_a_program(name) and name not in of_snowflake]
    if names:
        is_taken = (
            "is taken by its name for a program's" if len(names) == 1 else "are taken by their names for programs'"
        )
        yield f"user {_list(names)} {is_taken}, which has nobody to type the code of a device", AS_A_ROLE
    given = [entry.value.symbols[0].name for entry in written.principals or () if _is_given_whole(entry.value)]
    if programs := [name for name in given if is_called_a_program(_ARN.sub("", name))]:
        said = f"the user that {_list(programs)} gives is taken by that name for a program's"
        yield f"{said}, which has nobody to type the code of a device", AS_A_ROLE


def _is_given_whole(value: Text) -> TypeGuard[Symbolic]:
    """Whether a principal is a user whom a parameter or variable names."""
    symbols = value.symbols if isinstance(value, Symbolic) and len(value.parts) == 1 else ()
    return any(one.kind == "parameter" and "user" in one.name.lower() for one in symbols)


def _third_parties(subject: Subject, written: Statement) -> Iterator[tuple[str, str]]:
    accounts = {str(entry.value): _account(entry.value) for entry in written.principals or () if entry.kind == "AWS"}
    others = [name for name, account in accounts.items() if account != subject.account]
    if {*accounts.values()} & {*third_party_accounts(subject.config)}:
        # For one that is declared the remedy has been made already.
        return
    if len(others) in (0, len(accounts)) or all(c.key.lower() != _EXTERNAL_ID for c in written.conditions):
        return
    names = _list(others)
    yield (
        f"{names} passes an external id, as third parties do, whose programs have no MFA",
        f"give {names} a statement of its own, with its external id",
    )


def _let_in_elsewhere(subject: Subject, written: Statement) -> Iterator[tuple[str, str]]:
    """Roles of another account that is let in as a whole, which another policy of the template names."""
    whole = {_account(e.value) for e in written.principals or () if e.kind == "AWS" and "/" not in str(e.value)}
    whole -= {subject.account, ""}
    roles = {arn: by for arn, by in subject.neighbours.roles_let_in.items() if _account(arn) in whole}
    if roles:
        by = _list(list(dict.fromkeys(roles.values())))
        names = _list(list(roles))
        yield f"{by} lets in {names}, and {_NEVER}", f"name {names} as principal in place of the account"


def _bootstrap(subject: Subject) -> Iterator[tuple[str, str]]:
    if is_of_a_bootstrap(str(subject.document.resource_arn)):
        yield (
            f"pipelines assume such a role of a bootstrapped environment, and {_NEVER}",
            "name the roles of the pipelines as principals in place of the account",
        )


def _tagging(written: Statement, *, is_named: bool) -> Iterator[tuple[str, str]]:
    """
    Programs that pass session tags: people who switch roles in the console pass none.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html

    Args:
        is_named: whether the remedy speaks of programs already.
    """
    others = [entry for entry in written.principals or () if ":user/" not in str(entry.value)]
    if (
        others
        and not means_people(written)
        and any(str(action).lower() == _TAG_SESSION for action in written.actions or ())
    ):
        yield (
            "it allows sts:TagSession: people who switch roles pass no tags, and sessions of programs never carry MFA",
            "" if is_named else "name the roles of the programs that assume it",
        )


def means_people(statement: Statement) -> bool:
    """Whether a statement speaks of MFA, which only people have."""
    return any(c.key.lower().startswith("aws:multifactorauth") for c in statement.conditions)


def _account(value: object) -> str:
    text = str(value)
    return text.split(":")[4] if text.count(":") >= 5 else text if text.isdigit() else ""


def _list(names: list[str]) -> str:
    return first_of(names, _NAMED, " and ")
