"""
A verdict is about deployments: what it says, it says of the template as each of these is made with its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.parameter_templates import Files, all_values, any_files, by_resource, defaults, named_values, report_of
from tests.strategies import examples
from trustproof import PROVED, REFUTED, Report
from trustproof.errors import UsageError

#: What is said of rules that are taken not to be there, and of nested stacks that are not made.
NO_DEPLOYMENT = ("no values of the parameters satisfy", "refuses to make", "never hold together")
#: Of more assignments than these, some are tried.
MANY = 40


def is_refused(report: Report) -> bool:
    """Whether CloudFormation refuses a nested stack, and with it the one around it, or whatever rules are to admit."""
    reasons = [*report.notes, *(why for _, why in report.passed_over)]
    return any(said in reason for said in NO_DEPLOYMENT for reason in reasons)


def report_if_deployable(files: Files, values: Mapping[str, str]) -> Report | None:
    """A report with some values; None where the outer template refuses them, and the other has no such parameters."""
    try:
        return report_of(files, values)
    except UsageError:
        return None


def is_deployable(files: Files) -> bool:
    """Whether CloudFormation takes some assignment of the outer template: else all are taken for possible."""
    reports = (report_if_deployable(files, values) for values in all_values(files))
    return any(one is not None and not one.errors and not is_refused(one) for one in reports)


@given(st.integers(0, 2**32))
@examples(25, in_deep=2000)
def test_a_refutation_at_the_values_that_it_names(seed: int) -> None:
    """What is refuted is refuted as well where the parameters that the counterexample names are given."""
    files = any_files(Random(seed))
    report = report_of(files)
    if is_refused(report):
        return
    for (template, resource), results in by_resource(report).items():
        for one in results:
            if one.verdict != REFUTED or one.counterexample is None:
                continue
            # What it does not name is left to the defaults.
            named = named_values(files, template, one.counterexample.parameters)
            values = defaults(files) | named
            again = report_if_deployable(files, values)
            if again is None or again.errors:
                # Rules that have nothing to do with a nested stack refuse a default of the outer one.
                values, again = named, report_if_deployable(files, named)
            if again is None or again.errors:
                assert not is_deployable(files), values
                return
            found = by_resource(again).get((template, resource), [])
            assert REFUTED in {other.verdict for other in found}, (template, resource, values)


@given(st.integers(0, 2**32))
@examples(10, in_deep=400)
def test_a_proof_at_each_assignment(seed: int) -> None:
    """What is proved is proved at each assignment, and what is refuted is refuted at one."""
    rng = Random(seed)
    files = any_files(rng, 0.4)
    report = report_of(files)
    if is_refused(report):
        return
    verdicts = {key: {one.verdict for one in results} for key, results in by_resource(report).items()}
    tried = [*all_values(files)]
    # A note says of which parameters other values are not judged.
    is_at_default = any("proved, at the default of" in note for note in report.notes)
    refuted: set[tuple[str, str]] = set()
    is_judged = False
    for values in tried if len(tried) <= MANY else rng.sample(tried, MANY):
        again = report_if_deployable(files, values)
        if again is None or again.errors or is_refused(again):
            continue
        is_judged = True
        for key, results in by_resource(again).items():
            found = {one.verdict for one in results}
            refuted |= {key} if REFUTED in found else set()
            # Where a mapping has no row for a value that is given, it is not known what there would be.
            if verdicts.get(key, {PROVED}) == {PROVED} and not is_at_default:
                assert found == {PROVED} or (REFUTED not in found and "Mappings" in str(files)), (key, values)
    # What CloudFormation refuses at all values is judged as if it took them.
    if len(tried) <= MANY and is_judged:
        assert {key for key, found in verdicts.items() if REFUTED in found} <= refuted
