"""
Templates that speak of each other's things, judged again with what they give each other.

Each has been judged by itself by then, which is all where none speaks of another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.execution.pool import compose, repeat, roles_for_others
from trustproof.analysis.execution.task import CheckedTemplate, ComposeTask, Recheck, Task
from trustproof.errors import InputError, PolicySyntaxError
from trustproof.escaping.text import first_of
from trustproof.inputs.discovery.inputs import LINKING
from trustproof.inputs.linking import Member
from trustproof.inputs.reader import Doubt, LinkedValues, Readable
from trustproof.results.result import Result

#: How many files a note names.
_NAMED = 5
#: Where nothing stands: what is said of another template is said of no part of this one.
_NOWHERE = ("another template",)


class LinkedTemplates(NamedTuple):
    """
    What templates say next to each other.
    """

    given: list[CheckedTemplate]
    #: What AWS would refuse, or cannot be read, and is only known now.
    errors: tuple[InputError, ...]
    notes: tuple[str, ...]


def link(given: Sequence[CheckedTemplate], task: Task, jobs: int = 1) -> LinkedTemplates:
    """
    Judge again what depends on other templates.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
        TrustproofError: a process was killed.
    """
    try:
        return _link(list(given), task, jobs)
    except InputError as error:
        # What each says by itself stands, and is not all: policies that one gives to another have not been looked at.
        message = f"{error.message}; what the templates say next to each other is not judged"
        return LinkedTemplates(list(given), (InputError(message, error.file, error.line, error.column),), ())


def with_accounts_of_nobody(
    given: Sequence[CheckedTemplate], task: Task, jobs: int = 1
) -> tuple[LinkedTemplates, Task]:
    """
    Templates that do not say their account, where no account that another input names stands for it, and how the run
    goes on from there: else chains between roles of the two are by chance those of one account.

    Raises:
        TrustproofError: a process was killed.
    """
    found, chained = list(given), [one.checked.chained for one in given]
    known = {one.account for one in chained if one.account is not None}
    named = known.union(*(one.named_examples for one in chained))
    mistaken = [at for at, one in enumerate(found) if chained[at].stand_in in named and one.checked.names is not None]
    if not mistaken or not any(one.may_demand_mfa for one in chained):
        return LinkedTemplates(found, (), ()), task
    task = task._replace(accounts=frozenset(named))
    errors: list[PolicySyntaxError] = []
    try:
        again = repeat([Recheck(_read(found[at]), None, found[at].number) for at in mistaken], task, jobs)
    except InputError as error:
        message = f"{error.message}; what sessions of its roles may become is not judged as a whole"
        return LinkedTemplates(found, (InputError(message, error.file, error.line, error.column),), ()), task
    for at, new in zip(mistaken, again, strict=True):
        errors += _new_errors(found[at], new)
        found[at] = _renewed(found[at], new)
    return LinkedTemplates(found, tuple(errors), ()), task


def with_roles_for_others(given: Sequence[CheckedTemplate], task: Task, jobs: int = 1) -> LinkedTemplates:
    """
    Templates with all that decides about chains of roles, where a role of any of them may demand MFA.

    Raises:
        TrustproofError: a process was killed.
    """
    found = list(given)
    if not any(one.checked.chained.may_demand_mfa for one in found):
        return LinkedTemplates(found, (), ())
    left = [(at, again) for at, one in enumerate(found) if (again := one.checked.chained.again) is not None]
    try:
        for (at, _), chained in zip(left, roles_for_others([one for _, one in left], task, jobs), strict=True):
            found[at] = found[at]._replace(checked=found[at].checked._replace(chained=chained))
    except InputError as error:
        message = f"{error.message}; what sessions of its roles may become is not judged as a whole"
        return LinkedTemplates(list(given), (InputError(message, error.file, error.line, error.column),), ())
    return LinkedTemplates(found, (), ())


def _link(found: list[CheckedTemplate], task: Task, jobs: int) -> LinkedTemplates:
    links = LINKING.links(_members(found), lambda index: _read(found[index]).open())
    linked_values: dict[int, LinkedValues] = {}
    linked: dict[int, None] = {}
    for member in _members(found):
        if (taken := links.linked_values(member.at)) is not None:
            linked_values[member.at], sources = taken
            linked.update(dict.fromkeys((member.at, *sources) if sources else ()))
    again = repeat(
        [Recheck(_read(found[index]), linked_values[index], found[index].number) for index in linked_values], task, jobs
    )
    errors: list[PolicySyntaxError] = []
    for index, new in zip(linked_values, again, strict=True):
        errors += _new_errors(found[index], new)
        found[index] = _renewed(found[index], new)
    return _together(found, linked_values, linked, errors, task, jobs)


def _together(
    found: list[CheckedTemplate],
    linked_values: Mapping[int, LinkedValues],
    linked: dict[int, None],
    errors: Sequence[PolicySyntaxError],
    task: Task,
    jobs: int,
) -> LinkedTemplates:
    members = {member.at: member for member in _members(found)}
    links = LINKING.links([*members.values()], lambda index: _read(found[index]).open())
    groups = links.together()
    work = [
        ComposeTask(
            tuple((links.labels[index], _read(found[index]), linked_values.get(index)) for index in group),
            {key: reason for index in group for key, reason in links.ambiguous(index).items()},
        )
        for group in groups
    ]
    for group, composed in zip(groups, compose(work, task, jobs), strict=True):
        # What a macro may do to the policies of one of them, it may do to all who have these policies.
        doubts = tuple(d for index in group for d in found[index].checked.doubts if d.about_holders)
        for number, index in enumerate(group):
            linked[index] = None
            for same in (same for same, original in links.originals.items() if original == index):
                found[same] = _with_composed(found[same], *composed[number], doubts)
    return LinkedTemplates(found, tuple(errors), _notes([i for i in sorted(linked) if found[i].account is None], found))


def _members(given: Sequence[CheckedTemplate]) -> list[Member]:
    return [
        Member(index, one.number, one.checked.names, bool(one.checked.doubt))
        for index, one in enumerate(given)
        if one.checked.names is not None
    ]


def _read(one: CheckedTemplate) -> Readable:
    assert one.checked.names is not None
    return one.checked.names.origin if one.template is None else one.template


def _renewed(old: CheckedTemplate, new: CheckedTemplate) -> CheckedTemplate:
    """The new answers; what depends on who has read the template stays."""
    assert old.checked.names is not None
    checked = new.checked
    # It is read again as it was before others gave it anything.
    names = old.checked.names if checked.names is None else checked.names._replace(origin=old.checked.names.origin)
    return old._replace(
        checked=checked._replace(
            doubt=old.checked.doubt,
            doubts=old.checked.doubts,
            external_templates=old.checked.external_templates,
            names=names,
        )
    )


def _with_composed(
    one: CheckedTemplate, results: tuple[Result, ...], policies: int, doubts: tuple[Doubt, ...]
) -> CheckedTemplate:
    results = tuple(result._replace(template=one.name) for result in results)
    checked = one.checked
    both = tuple(dict.fromkeys((*checked.doubts, *(doubt._replace(path=_NOWHERE) for doubt in doubts))))
    policies_ = (checked.policies[0], policies)
    return one._replace(checked=checked._replace(composed=results, policies=policies_, doubts=both))


def _new_errors(old: CheckedTemplate, new: CheckedTemplate) -> list[PolicySyntaxError]:
    known = {str(error) for error in old.declared.errors}
    return [error for error in new.declared.errors if str(error) not in known]


def _notes(linked: Sequence[int], found: Sequence[CheckedTemplate]) -> tuple[str, ...]:
    if not linked:
        return ()
    files = list(dict.fromkeys(found[index].name for index in linked))
    shown = first_of(files, _NAMED)
    return (f"assumed to be deployed to one account, since they name what others of them declare: {shown}",)
