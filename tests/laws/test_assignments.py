"""
A template is as good as its worst deployment: what is said of it is said of each assignment of its parameters.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random

from hypothesis import given

import trustproof
from tests import tally
from tests.laws.assignable import INSIDE, OWN, REGIONS, Json, template, with_more
from tests.strategies import choices, examples
from trustproof.aws.partitions import partition_of
from trustproof.results.result import Counterexample

CONFIG = {"boundary": {"accounts": [INSIDE]}}
ASKED = (
    "mfa-required",
    "inside-boundary",
    "external-id-required",
    "sensitive-actions-require-mfa",
)
#: How many deployments of one template are looked at.
MAX_DEPLOYMENTS = 8

Verdicts = dict[tuple[str, str], str]


def _report(
    content: Json, parameters: dict[str, str] | None = None, region: str | None = None, *, certify: bool = False
) -> trustproof.Report:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.json"
        file.write_text(json.dumps(content))
        return trustproof.check(
            [str(file)],
            config=CONFIG,
            properties=ASKED,
            parameters=parameters,
            account=OWN,
            region=region,
            certify=certify,
        )


def _regions(content: Json) -> tuple[str, ...]:
    """
    Where a template is judged: IAM refuses principals of another partition, and who names Regions of one partition only
    means that.
    """
    text = json.dumps(content["Resources"])
    if "arn:aws-cn:iam" in text:
        return ("cn-north-1",)
    return ("us-east-1",) if '"aws:RequestedRegion": "us-east-1"' in text else REGIONS


def _verdicts(report: trustproof.Report) -> Verdicts:
    """The worst verdict about each resource."""
    found: Verdicts = {}
    for result in report.results:
        key = (result.property, result.logical_id)
        found[key] = min(found.get(key, "~"), result.verdict, key=("refuted", "unknown", "proved", "~").index)
    return found


@examples(15, in_deep=1_500)
@given(choices())
def test_a_proof_is_one_at_every_assignment(rng: Random) -> None:
    """What is proved of a template is proved of it with its parameters and its Region given, whatever they are."""
    made = template(rng)
    # What was judged is held against a second reading of the template, too.
    verdicts = _verdicts(_report(made.content, certify=True))
    tally.note("assignments", "templates")
    if "proved" not in verdicts.values():
        return
    for _ in range(MAX_DEPLOYMENTS):
        parameters, region = rng.choice(made.assignments), rng.choice(_regions(made.content))
        for key, verdict in _verdicts(_report(made.content, parameters, region)).items():
            if verdicts[key] == "proved":
                message = (key, parameters, region, json.dumps(made.content))
                tally.agree("a proof, and an assignment", verdict == "proved", message)


def _named(counterexample: Counterexample) -> tuple[dict[str, str], str | None]:
    """The parameters that a counterexample names, and its Region: that of the call, or one of its partition."""
    named = dict(counterexample.parameters)
    partition, region = named.pop("AWS::Partition", None), named.pop("AWS::Region", None)
    if partition is not None:
        # Queues and the like are called in their own Region.
        called = str(counterexample.request.context.get("aws:requestedregion", ""))
        of_partition = [one for one in (called, *REGIONS) if one and partition_of(one) == partition]
        region = region or of_partition[0]
        assert partition_of(region) == partition, counterexample
    return named, region


@examples(15, in_deep=1_500)
@given(choices())
def test_a_refutation_is_one_at_the_assignment_that_it_names(rng: Random) -> None:
    """With the parameters of a counterexample given, and a Region of its partition, the same is refuted."""
    made = template(rng)
    for result in _report(made.content).results:
        if result.counterexample is None:
            continue
        named, region = _named(result.counterexample)
        parameters = {name: value for name, value in named.items() if name in made.content["Parameters"]}  # type: ignore[operator]
        again = _verdicts(_report(made.content, parameters, region))
        found = again.get((result.property, result.logical_id))
        message = (result.property, parameters, region, json.dumps(made.content))
        tally.agree("a refutation, and its assignment", found == "refuted", message)


@examples(8, in_deep=1_000)
@given(choices())
def test_a_counterexample_names_what_it_depends_on(rng: Random) -> None:
    """
    Whatever the parameters are that a counterexample does not name, the same is refuted at those that it names, or
    CloudFormation refuses the template.
    """
    made = template(rng)
    for result in _report(made.content).results:
        if result.counterexample is None:
            continue
        named, region = _named(result.counterexample)
        given = {name: value for name, value in named.items() if name in made.assignments[0]}
        others = [one for one in made.assignments if one == {**one, **given}]
        for parameters in rng.sample(others, min(len(others), MAX_DEPLOYMENTS)):
            report = _report(made.content, parameters, region)
            if report.errors:
                continue
            found = _verdicts(report).get((result.property, result.logical_id))
            message = (result.property, named, parameters, region, json.dumps(made.content))
            tally.agree("a refutation, and other values of what it does not name", found == "refuted", message)


@examples(10, in_deep=1_500)
@given(choices())
def test_what_is_unrelated_changes_no_verdict(rng: Random) -> None:
    """A mapping, a parameter, a condition or a resource more is nothing to a role that has nothing to do with it."""
    made = template(rng)
    more = with_more(rng, made.content)
    same = _verdicts(_report(more)) == _verdicts(_report(made.content))
    tally.agree("a template, and one with something unrelated", same, json.dumps(more))
