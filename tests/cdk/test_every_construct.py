"""
Every construct, with whatever arguments it can have: proved for every property that applies, within the quotas, and
without a complaint of cfn-lint.
"""

from __future__ import annotations

import tempfile

import aws_cdk as cdk
from constructs import Construct
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import trustproof_cdk
from tests.cdk.generated import ACCOUNT, ENVIRONMENT, EVERY, HUB, ORGANIZATION, THIRD_PARTY, Builder
from tests.cdk.linting import complaints
from tests.strategies import is_deep
from trustproof import check

CONFIG = {"boundary": {"accounts": [HUB, "333344445555"], "organizations": [ORGANIZATION]}, **THIRD_PARTY}
#: Properties of trust policies, resource policies and what people may do; others apply to some arguments only.
ASKED = {
    "assume-role-scoped",
    "inside-boundary",
    "mfa-required",
    "saml-audience-bound",
    "sensitive-actions-require-mfa",
    "session-duration-bounded",
    "statement-usable",
    "web-identity-bound",
}
#: What is exported and writes no policy, or only a part of one, which `allow_with_mfa` stands for.
OTHERS = {
    "ConditionBlock",
    "RoleOptions",
    "Trusted",
    "TrustproofChecks",
    "conjoin",
    "deny_users_without_mfa",
    "mfa_conditions",
    "mfa_resource_control_policy",
    "mfa_service_control_policy",
    "session_policy",
    "waive",
}


def test_every_construct_is_generated() -> None:
    """Nobody adds a construct and forgets it here."""
    assert EVERY.keys() == set(trustproof_cdk.__all__) - OTHERS


# A failing example is shown as it is: each step of making it smaller would synthesize a whole stack.
@settings(max_examples=5 if is_deep() else 2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(builders=st.fixed_dictionaries(EVERY))
def test_every_construct_is_proved_and_good_cloudformation(builders: dict[str, Builder]) -> None:
    """One stack with each of them; synthesis measures the sizes."""
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder, builtin_cloud_formation_validation=False, tree_metadata=False)
        stack = cdk.Stack(app, "Stack", env=ENVIRONMENT)
        for name, builder in builders.items():
            builder(Construct(stack, name))
        template = app.synth().get_stack_artifact(stack.artifact_id).template_full_path
        results = check([template], account=ACCOUNT, config=CONFIG).results
        assert {one.property for one in results} >= ASKED
        # What a policy allows that is not in the template, nobody can say here.
        open_ = [one for one in results if "what it allows is not known" in " ".join(one.reasons)]
        left = [one for one in results if one.verdict != "proved" and one not in open_]
        assert {(one.property, one.logical_id, one.message) for one in left} == set()
        assert complaints(app, stack) == []
