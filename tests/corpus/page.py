"""
Writes ``docs/comparison.md``: our answers next to what the tests of other tools expect.

``make docs`` runs it where the corpus is; a test holds the page to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.corpus.disagreements import DISAGREEMENTS, Disagreement
from tests.corpus.files import CORPUS
from tests.corpus.labels import AGREE, DISAGREE, NOT_APPLICABLE, NOT_KNOWN, Case, cases
from tests.corpus.terraform_disagreements import TERRAFORM, UNKNOWNS
from trustproof.aws.condition_keys import lookup
from trustproof.model.request import CREDENTIALS, Request
from trustproof.spec.decision import ALLOWED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "comparison.md"

#: Every difference, as the page has them.
EVERY = DISAGREEMENTS + TERRAFORM

#: Keys that a request is shown with.
_SHOWN = ("aws:source", "aws:vpce", "sts:externalid", "token.actions.githubusercontent.com:")

_HEAD = """\
# Comparison with other tools

Other tools for policies have tests of their own: a template or a Terraform configuration, a rule,
and whether the rule must report something.
A collection of {count} such labels, from public repositories, is held against Trustproof.
This page is made from that comparison by `make docs`, where the collection is at hand; a test holds it to it.

A label says what *that tool's* tests expect of *that tool's* rule.
It is not the truth about AWS, and the tools differ among themselves.
So each difference has a reason below, and a request that settles it:
the evaluator decides the request on the policy in question, each time the tests run.


## The figures
"""
_AFTER = """\

*Unknown* are labels where we do not know either:
"""
_NOT_ASKED = """\

*Not applicable* are:
"""
_HOW = """\

How a rule is asked:

* A rule about everybody is held against `inside-boundary` without a boundary.
  An account that a policy names is not everybody.
* A rule about other accounts is held against `inside-boundary` with a boundary of no further accounts.
* The other rules are held against the property that is nearest:
  `mfa-required`, `no-confused-deputy`, `assume-role-scoped`.
* A rule about the validity of a policy is held against what is refused as an error.
* The templates of cfripper have account ids of nine digits; they are read with three zeros in front.
* Some trust policies of KICS have a `Resource`, which AWS refuses; they are read without it.
* Terraform configurations are read as what the rule does not look at would have to be for Terraform and AWS:
  a resource or a variable that is referred to is declared, the second declaration of a name is left out,
  and so is a comma behind the last item of a list in JSON; `action` of a policy document is `actions`.
  A bucket that is referred to and not declared is one that stands elsewhere.
* A trust policy that is only an `aws_iam_policy_document` is given to a role.
* Where the policy of one resource is refused, this says nothing of the other resources in the file.
* Whether an *identity policy* asks for MFA before `sts:AssumeRole` is not asked: we ask the role.


## The differences
"""


def page() -> str:
    """The page, in Markdown."""
    found = cases()
    lines = [_HEAD.format(count=len(found)), *_figures(found), _AFTER, *_unknown(found), _NOT_ASKED]
    lines += [*_not_applicable(found), _HOW]
    for disagreement in EVERY:
        lines.extend(
            _difference(disagreement, [c for c in found if c.outcome == DISAGREE and is_about(disagreement, c)])
        )
    return "\n".join(lines)


def is_about(disagreement: Disagreement, case: Case) -> bool:
    """Whether a label differs for this reason."""
    if disagreement.labelled and case.resource not in disagreement.labelled:
        return False
    return case.file.endswith(disagreement.files) and dict(case.parameters) in disagreement.parameters


def reason_of(case: Case) -> str:
    """Why we do not know what a label speaks of."""
    (reason,) = {reason for (end, of), reason in UNKNOWNS.items() if case.file.endswith(end) and of == case.resource}
    return reason


def _figures(found: Sequence[Case]) -> Iterator[str]:
    yield "| Source | Labels | Agree | Disagree | Unknown | Not applicable |"
    yield "|---|---:|---:|---:|---:|---:|"
    kinds = [(source, "") for source in sorted({case.source for case in found})] + [("", "Terraform"), ("", "")]
    for source, kind in kinds:
        of = [case for case in found if source in ("", case.source) and (not kind or case.is_terraform)]
        counts = Counter(case.outcome for case in of)
        name = source or (f"*of these, {kind}*" if kind else "**all**")
        figures = (len(of), *(counts[outcome] for outcome in (AGREE, DISAGREE, NOT_KNOWN, NOT_APPLICABLE)))
        yield f"| {name} | {' | '.join(map(str, figures))} |"


def _unknown(found: Sequence[Case]) -> Iterator[str]:
    counts = Counter(reason_of(case) for case in found if case.outcome == NOT_KNOWN)
    for why, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"* {number}: {why}"


def _not_applicable(found: Sequence[Case]) -> Iterator[str]:
    counts = Counter(case.why for case in found if case.outcome == NOT_APPLICABLE)
    for why, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"* {number}: {why}"


def _difference(disagreement: Disagreement, about: Sequence[Case]) -> Iterator[str]:
    rules = sorted({case.rule for case in about})
    (source,) = {case.source for case in about}
    (expected,) = {case.expected for case in about}
    (ours,) = {case.ours for case in about}
    yield f"### {source}: {', '.join(rule.partition(':')[2] or rule for rule in rules)}"
    yield ""
    for file in sorted({case.file for case in about}):
        yield f"* `{file}`" + (
            f", {len(about)} labels" if len(about) > len(disagreement.files) and not disagreement.labelled else ""
        )
    yield from (f"* `{resource}`" for resource in disagreement.labelled)
    yield f"* expected: {expected}; ours: {ours}"
    yield ""
    yield disagreement.policy
    yield disagreement.why.replace(". ", ".\n")
    yield ""
    yield f"The request: {_request(disagreement.request)}."
    answer = "lets it in" if disagreement.outcome == ALLOWED else "does not let it in"
    yield f"The policy {answer}."
    yield ""


def _request(request: Request) -> str:
    caller = request.caller
    who = f"`{caller.display_arn}` ({CREDENTIALS[caller.kind]})" if caller.arn else "an anonymous caller"
    told = {key: value for key, value in request.context.items() if key.startswith(_SHOWN)}
    sent = ", ".join(f"`{lookup(key).name}` = `{value}`" for key, value in sorted(told.items()))
    return f"{who} calls `{request.action}`" + (f" with {sent}" if sent else "")


def main() -> None:
    """Write the page, where the corpus is."""
    if CORPUS.is_dir():
        PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
