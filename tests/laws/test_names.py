"""
What stands outside of policies decides about them too: names, tags, attachments, the issuer of a provider, a version.
"""

from __future__ import annotations

import json
from random import Random

from hypothesis import given

import trustproof
from tests import tally
from tests.laws.named_resources import OWN, Json, assignments, template
from tests.strategies import choices, examples

CONFIG = {"boundary": {"accounts": [OWN]}}
#: Those that a proof says of every deployment; that somebody can use a statement is said of one.
ASKED = (
    "mfa-required",
    "inside-boundary",
    "external-id-required",
    "sensitive-actions-require-mfa",
    "web-identity-bound",
    "mfa-survives-chaining",
    "assume-role-scoped",
    "deployers-declared",
)
#: How many deployments of one template are looked at.
MAX_DEPLOYMENTS = 4

Verdicts = dict[tuple[str, str], str]


def _verdicts(content: Json, parameters: dict[str, str] | None = None) -> Verdicts:
    """The worst verdict about each resource."""
    report = trustproof.check(
        [content], config=CONFIG, properties=ASKED, parameters=parameters, account=OWN, region="us-east-1"
    )
    found: Verdicts = {}
    for result in report.results:
        key = (result.property, result.logical_id)
        found[key] = min(found.get(key, "~"), result.verdict, key=("refuted", "unknown", "proved", "~").index)
    return found


@examples(40, in_deep=2_000)
@given(choices())
def test_a_proof_is_one_at_every_value_of_a_parameter_outside_of_policies(rng: Random) -> None:
    """What is proved of a template is proved of it with its parameters given, wherever they stand."""
    content = template(rng)
    verdicts = _verdicts(content)
    tally.note("parameters outside of policies", "templates")
    if "proved" not in verdicts.values():
        return
    deployments = assignments(content)
    for parameters in rng.sample(deployments, min(MAX_DEPLOYMENTS, len(deployments))):
        for key, verdict in _verdicts(content, parameters).items():
            if verdicts.get(key) == "proved":
                message = (key, parameters, json.dumps(content))
                tally.agree("parameters outside of policies", verdict == "proved", message)
