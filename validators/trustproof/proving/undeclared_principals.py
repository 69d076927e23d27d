"""
Everybody whom a statement lets in and of whom nobody has said whose they are: a counterexample names only one of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.config.model import Boundary, Config
from trustproof.model.deployments import Deployments
from trustproof.model.policy import Path, Statement
from trustproof.model.query import texts
from trustproof.model.request import SERVICE
from trustproof.model.text import Text
from trustproof.properties.base import StatementProperty
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.shared.external_ids import external_id_tests, written_out
from trustproof.properties.wording.admitted_principals import admitting_entry, element
from trustproof.proving.cache import ProofCache
from trustproof.proving.prover import Prover
from trustproof.results.result import UNKNOWN, Undeclared


def with_undeclared_principals(
    subject: Subject,
    asked: StatementProperty,
    deployments: Deployments | None,
    found: Refutation,
    said: Finding,
    *,
    cache: ProofCache | None = None,
) -> Finding:
    """
    The finding with everybody of whom nobody has said whose they are.

    Each who is found is taken for one of ours, and the statement is asked about again: so whoever is named and kept out
    by a condition is none of them. Whoever stands nowhere in the statement is an example, and of examples there is no
    end: as many are asked about as the statement has values that are not known.

    Args:
        cache: what has been settled of policies that say the same; what is settled here is added.
    """
    if said.verdict != UNKNOWN or not said.undeclared:
        return said
    named: dict[tuple[str, str], Undeclared] = {}
    shown: dict[tuple[str, str], bool] = {}
    statements = [i for i, s in enumerate(subject.policy.statements) if s.path == found.statement.path]
    for index in statements:
        answer, finding = found, said
        values = [value for value, _ in texts(subject.policy.statements[index])]
        examples = sum(not isinstance(value, str) for value in values)
        while finding.undeclared and finding.undeclared[0][:2] not in named:
            one = finding.undeclared[0]
            written = any(one.ident in str(value) for value in values)
            given = any(one.ident in value for value in answer.parameters.values())
            named[one[:2]] = _placed(subject, subject.policy.statements[index], answer, finding.path, one)
            # What a parameter gives is asked of whoever gives it, and not by an id that was made up for it.
            shown.setdefault(one[:2], (written and not given) or one == said.undeclared[0])
            if not written and examples == 0:
                break
            examples -= not written
            prover = Prover(subject._replace(config=_declaring(subject.config, named)), asked.inquiry, deployments)
            again = prover.settle(index) if cache is None else cache.declaring(prover, index, tuple(named))
            if not isinstance(again, Refutation) or _is_service(again) != _is_service(found):
                break
            # Now that somebody is declared, whoever is left is foreign: the words are those for whoever is not known.
            answer = again._replace(question=again.question._replace(about=found.about))
            finding = asked.found(subject, answer)
    return said._replace(undeclared=tuple(one for key, one in named.items() if shown[key]))


def _is_service(refutation: Refutation) -> bool:
    return refutation.request.caller.kind == SERVICE


def _declaring(config: Config, named: Iterable[tuple[str, str]]) -> Config:
    ours = config.boundary or Boundary()
    accounts, organizations = (
        tuple(ident for table, ident in named if table == wanted) for wanted in ("accounts", "organizations")
    )
    boundary = ours._replace(accounts=(*ours.accounts, *accounts), organizations=(*ours.organizations, *organizations))
    return config._replace(boundary=boundary)


def _placed(subject: Subject, statement: Statement, found: Refutation, path: Path, one: Undeclared) -> Undeclared:
    """Somebody with the place where the id stands, and with what is asked of them."""
    tested = external_id_tests(subject.policy, statement, found.request)
    return one._replace(
        path=_place(subject, statement, found, path, one.ident),
        passes_external_id=bool(tested),
        external_ids=written_out(tested, statement),
    )


def _place(subject: Subject, statement: Statement, found: Refutation, path: Path, ident: str) -> Path:
    """The entry of Principal, of Resource or of a condition that has an id; else where the finding stands."""
    path = element(subject.policy, path)
    entry = (*path, *admitting_entry(subject.policy, path, found.request))
    lists: list[tuple[Path, Iterable[Text]]] = [(c.path, c.operands) for c in statement.conditions if c.path]
    if path[-1:] == ("Resource",):
        lists.insert(0, (path, statement.resources or ()))
    principals = statement.principals or ()
    if path[-1:] == ("Principal",) and any(ident in str(one.value) for one in principals):
        return entry
    for place, values in lists:
        for number, value in enumerate(values):
            if ident in str(value):
                return (*place, number)
    return entry
