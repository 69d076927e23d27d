"""
What a template lets whoever deploys it choose: ``Access=PublicRead``, a date of 1900 that stops everybody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from trustproof.model.deployments import Deployments, is_chosen
from trustproof.model.policy import Guard, Statement
from trustproof.model.query import texts
from trustproof.model.text import Symbolic
from trustproof.properties.question import Finding, Refutation
from trustproof.results.result import ERROR, WARNING, WORLD
from trustproof.sets.search import BudgetReached

#: What a parameter, its value, or a condition says of what is for everybody.
_SAYS_SO = re.compile(
    "public|anonymous|anyone|everyone|everybody|internet|unauthenticated|unrestricted|world", re.IGNORECASE
)


def switched_on(
    finding: Finding,
    statement: Statement,
    refutation: Refutation,
    deployments: Deployments | None,
    values: Mapping[str, str],
    other_forms: Collection[bool],
) -> Finding:
    """
    The finding about a statement that lets in the world where a parameter of the template says so: whoever deploys it
    chooses that.

    Args:
        values: of the parameters, in the deployment that the refutation is about.
        other_forms: whether each other form that conditions give the statement lets in the world too.
    """
    if finding.reach != WORLD or not statement.guards or finding.severity != ERROR:
        return finding
    entries = statement.principals or ()
    if other_forms and all(other_forms):
        return finding
    if not entries or not all(isinstance(entry.value, str) for entry in entries):
        return finding
    said = {symbol.name for text, _ in texts(statement) if isinstance(text, Symbolic) for symbol in text.symbols}
    chosen = [name for name in refutation.parameters if name not in said and _is_parameter(name)]
    if not chosen:
        chosen = [name for name in _deciding(statement, deployments) if name in values and name not in said]
    at = {name: {**values, **refutation.parameters}[name] for name in sorted(chosen)}
    if not other_forms and not any(_SAYS_SO.search(guard.name) for guard in statement.guards):
        # That a policy is there is no word about who it is for: that is said by what it is called.
        at = {name: value for name, value in at.items() if _SAYS_SO.search(f"{name} {value}")}
    return taken_to_be_meant(finding, at)


def _is_parameter(name: str) -> bool:
    return "::" not in name and is_chosen(name)


def _deciding(statement: Statement, deployments: Deployments | None) -> list[str]:
    """The parameters that have other values where a statement is not there."""
    found: dict[str, None] = {}
    for guard in statement.guards if deployments is not None else ():
        if not isinstance(guard.value, bool):
            continue
        try:
            otherwise = deployments.satisfy((Guard(guard.name, not guard.value),)) if deployments is not None else None
        except BudgetReached:
            continue
        found.update(dict.fromkeys(name for name in otherwise or () if _is_parameter(name)))
    return list(found)


def taken_to_be_meant(finding: Finding, switches: Mapping[str, str], by_default: str = "") -> Finding:
    """
    The finding about what whoever deploys a template chooses, as a warning at most; as it is where nobody chooses.

    Args:
        switches: values of parameters.
        by_default: what to say of these values besides.
    """
    if not switches:
        return finding
    chosen = " and ".join(f"{name} is {value}" for name, value in switches.items())
    why = f"this is taken to be meant where {chosen}{by_default}"
    severity = WARNING if finding.severity == ERROR else finding.severity
    return finding._replace(severity=severity, why=(why, *finding.why))


def switched_off(finding: Finding, statement: Statement, defaults: Mapping[str, str]) -> Finding:
    """
    The finding about a statement that nobody can use where a condition has the default of a parameter: a date of 1900
    says that it is off, and whoever deploys the template may switch it on.

    Args:
        defaults: of the parameters that the statement uses.
    """
    operands = [str(o) for c in statement.conditions if c.path and c.path == finding.path for o in c.operands]
    switches = {name: value for name, value in sorted(defaults.items()) if value in operands}
    return taken_to_be_meant(finding, switches, ", as by default")
