"""
What a template lets whoever deploys it choose: ``Access=PublicRead``, a date of 1900 that stops everybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from trustproof.model.deployments import Deployments, is_given
from trustproof.model.path_steps import before_choices
from trustproof.model.policy import Guard, Policy, Statement
from trustproof.model.query import texts
from trustproof.model.text import Symbolic
from trustproof.properties.question import Finding, Refutation
from trustproof.properties.wording.value_forms import ANOTHER_KEY, CORRECT_IT, WRITE_IT
from trustproof.results.result import ERROR, WARNING, WORLD, Reach, Remedy
from trustproof.sets.search import BudgetReached

#: What a parameter, its value, or a condition says of what is for everybody.
_SAYS_SO = re.compile(
    "public|anonymous|anyone|everyone|everybody|internet|unauthenticated|unrestricted|world", re.IGNORECASE
)

#: How it begins that the template itself says so.
_MEANT = "this is taken to be meant: "

#: So many forms of one statement are looked at.
_MOST_FORMS = 16


def switched_on(
    finding: Finding,
    statement: Statement,
    refutation: Refutation,
    deployments: Deployments | None,
    values: Mapping[str, str],
    other_forms: Callable[[], Mapping[int, bool]],
    policy: Policy,
) -> Finding:
    """
    The finding about a statement that lets in the world where a parameter of the template says so: whoever deploys it
    chooses that.

    Args:
        values: of the parameters, in the deployment that the refutation is about.
        other_forms: tells whether each other form that conditions give the statement lets in the world too, by its
            number.
        policy: with these forms.
    """
    if finding.reach != WORLD or not statement.guards or finding.severity not in (ERROR, WARNING):
        return finding
    entries = statement.principals or ()
    forms = other_forms()
    if forms and all(forms.values()):
        return finding
    if not entries or not all(isinstance(entry.value, str) for entry in entries):
        return finding
    said = {symbol.name for text, _ in texts(statement) if isinstance(text, Symbolic) for symbol in text.symbols}
    chosen = [name for name in refutation.parameters if name not in said and _is_parameter(name)]
    if not chosen:
        chosen = [name for name in _deciding(statement, deployments) if name in values and name not in said]
    if apart := _apart(statement, [policy.statements[at] for at in forms], deployments):
        chosen = [name for name in chosen if name in apart]
    at = {name: {**values, **refutation.parameters}[name] for name in sorted(chosen)}
    if not forms and not any(_SAYS_SO.search(guard.name) for guard in statement.guards):
        # That a policy is there is no word about who it is for: that is said by what it is called.
        at = {name: value for name, value in at.items() if _SAYS_SO.search(f"{name} {value}")}
    return taken_to_be_meant(finding, at)


def other_forms(
    policy: Policy, index: int, refuted: Collection[int], reach_of: Callable[[int], Reach | None]
) -> Mapping[int, bool]:
    """
    Whether each other form of a statement, which conditions choose in place of this one, lets in the world too, or may:
    one for an account of which nobody says whose it is lets in less, and one that is about what nobody knows may let in
    the same. What may stand beside it too, as where a list is chosen and both lists have it, is not in its place; and
    what nobody can read lets in nobody in its place that anybody knows of.

    Args:
        refuted: the numbers of the statements that let in somebody.
        reach_of: from how far away somebody gets in by one of them.
    """
    this = policy.statements[index]
    place = before_choices(this.path)
    said = {
        at: _said(one)
        for at, one in enumerate(policy.statements)
        if before_choices(one.path) == place and not (one.unreadable and one.principals is one.not_principals is None)
    }
    forms = [policy.statements[at] for at, one in said.items() if one == said[index]][:_MOST_FORMS]
    others = [
        at for at in said if at != index and not any(_are_together(policy.statements[at], form) for form in forms)
    ]
    beside = [one for at, one in said.items() if at not in others]
    return {
        at: reach_of(at) == WORLD if at in refuted else _may_let_in_the_same(said[at], said[index])
        for at in others
        if said[at] not in beside
    }


def _are_together(one: Statement, other: Statement) -> bool:
    """Whether no condition chooses between two statements."""
    found = {guard.name: guard.value for guard in one.guards}
    return all(found.get(guard.name, guard.value) == guard.value for guard in other.guards)


def _apart(statement: Statement, forms: Sequence[Statement], deployments: Deployments | None) -> set[str]:
    """What decides between a statement and its other forms: what both are there with does not."""
    found = {guard for form in forms for guard in statement.guards if guard.name in {one.name for one in form.guards}}
    same = {guard for guard in found if all(guard in form.guards for form in forms)}
    return {name for guard in sorted(found - same) for name in _names_without(guard, deployments)}


def _said(statement: Statement) -> Statement:
    """A statement, wherever it stands and whatever decides whether it does."""
    conditions = tuple(condition._replace(path=()) for condition in statement.conditions)
    return statement._replace(guards=(), path=(), conditions=conditions)


def _may_let_in_the_same(form: Statement, other: Statement) -> bool:
    """Whether two forms differ in what they are about only, and that is not known of the first."""
    unknown = any(isinstance(one, Symbolic) for one in form.resources or ())
    bare = [one._replace(resources=None, not_resources=None) for one in (form, other)]
    return unknown and bare[0] == bare[1]


def _is_parameter(name: str) -> bool:
    return "::" not in name and is_given(name)


def _deciding(statement: Statement, deployments: Deployments | None) -> list[str]:
    """The parameters that have other values where a statement is not there."""
    found: dict[str, None] = {}
    for guard in statement.guards:
        found.update(dict.fromkeys(name for name in _names_without(guard, deployments) if _is_parameter(name)))
    return list(found)


def _names_without(guard: Guard, deployments: Deployments | None) -> Collection[str]:
    """What has a value where a guard has the other one; nothing where that is not known."""
    if not isinstance(guard.value, bool) or deployments is None:
        return ()
    try:
        return deployments.satisfy((Guard(guard.name, not guard.value),)) or ()
    except BudgetReached:
        return ()


def taken_to_be_meant(finding: Finding, switches: Mapping[str, str], by_default: str = "") -> Finding:
    """
    The finding about what whoever deploys a template chooses, as a warning at most; as it is where nobody chooses.

    Args:
        switches: values of parameters.
        by_default: what to say of these values besides.
    """
    if not switches:
        return finding
    chosen = " and ".join(f"{name} is {value or 'empty'}" for name, value in switches.items())
    why = f"this is taken to be meant where {chosen}{by_default}"
    severity = WARNING if finding.severity == ERROR else finding.severity
    # That it is meant is said once: whoever wants it otherwise gives another value.
    others = (one for one in finding.why if not one.startswith(_MEANT))
    return finding._replace(severity=severity, why=(why, *others))


def switched_off(finding: Finding, statement: Statement, defaults: Mapping[str, str]) -> Finding:
    """
    The finding about a statement that nobody can use where a condition has the default of a parameter: a date of 1900
    says that it is off, and whoever deploys the template may switch it on.

    Args:
        defaults: of the parameters that the statement uses.
    """
    operands = [str(o) for c in statement.conditions if c.path and c.path == finding.path for o in c.operands]
    switches = {name: value for name, value in sorted(defaults.items()) if value in operands}
    found = taken_to_be_meant(finding, switches, ", as by default")
    return found._replace(remedy=asking_for(found.remedy, switches))


def asking_for(remedy: Remedy | None, names: Collection[str]) -> Remedy | None:
    """
    A remedy that corrects a value in the policy, where parameters give it: they are to get another one.

    Args:
        names: of the parameters.
    """
    if remedy is None or not names:
        return remedy
    text = remedy.text
    for begins, instead in ((WRITE_IT, "a value"), (CORRECT_IT, "another value")):
        if text.startswith(begins):
            # Whoever has a parameter for the value means the key that is compared with it.
            rest = text.removeprefix(begins).partition(ANOTHER_KEY)[0]
            text = f"give {' and '.join(names)} {instead}{rest}"
    return remedy._replace(text=text)
