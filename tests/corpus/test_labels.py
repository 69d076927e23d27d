"""
What the tests of other tools expect, and what we say: every difference has its reason, and a request that settles it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus import configurations
from tests.corpus.disagreements import Disagreement
from tests.corpus.files import CORPUS, labels, missing
from tests.corpus.labels import ACCOUNT, DISAGREE, NOT_KNOWN, as_aws_takes_it, cases, stands_at, with_accounts
from tests.corpus.page import EVERY, PAGE, is_about, page, reason_of
from tests.corpus.terraform_disagreements import UNKNOWNS
from trustproof.inputs.discovery.inputs import read_paths, read_template
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.policy import Policy
from trustproof.model.substitution import bind_document
from trustproof.spec.decision import decide

pytestmark = missing


def named(disagreement: Disagreement) -> str:
    """What a test case is called."""
    return "-".join((disagreement.files[0], *disagreement.labelled[:1]))


def test_every_difference_has_a_reason() -> None:
    """No label differs without a reason, and for no more than one."""
    for case in cases():
        if case.outcome == DISAGREE:
            assert len([d for d in EVERY if is_about(d, case)]) == 1, case


@pytest.mark.parametrize("disagreement", EVERY, ids=named)
def test_every_reason_is_needed(disagreement: Disagreement) -> None:
    """Each file that has a reason for a difference does differ."""
    differing = [case.file for case in cases() if case.outcome == DISAGREE and is_about(disagreement, case)]
    for end in disagreement.files:
        assert any(file.endswith(end) for file in differing)


def test_what_is_unknown_is_only_what_nobody_can_know() -> None:
    """Each label that is not decided has its reason, and each reason a label; of a template there is none."""
    unknown = [case for case in cases() if case.outcome == NOT_KNOWN]
    assert all(map(reason_of, unknown))
    assert all(case.is_terraform for case in unknown)
    assert len(unknown) == len(UNKNOWNS)


@pytest.mark.parametrize("disagreement", EVERY, ids=named)
def test_the_request_settles_it(disagreement: Disagreement, tmp_path: Path) -> None:
    """The evaluator says of the request what the page says, for every file of the difference."""
    for end in disagreement.files:
        (file,) = {case.file for case in cases() if case.file.endswith(end)}
        for parameters in disagreement.parameters:
            for resource in disagreement.labelled or (disagreement.resource,):
                policy = policy_of(disagreement, file, resource, parameters, tmp_path)
                assert decide(policy, disagreement.request).outcome == disagreement.outcome


def policy_of(disagreement: Disagreement, file: str, resource: str, parameters: dict[str, str], folder: Path) -> Policy:
    """The policy that the difference is about, everything in it known."""
    if file.endswith(".tf"):
        (read,) = read_paths([str(configurations.write(f"labelled/{file}", folder))], account=ACCOUNT).templates
        at = stands_at(file, resource)
        (found,) = (d for d in read.documents if configurations.is_at(d.logical_id, at) and d.kind != "identity")
        return bind_document(found, dict(disagreement.made)).policy
    if not resource:
        return parse_policy((CORPUS / "labelled" / file).read_text(encoding="utf-8"), kind="resource")
    copy = folder / Path(file).name
    copy.write_text(as_aws_takes_it(f"labelled/{file}"), encoding="utf-8")
    given = {name: with_accounts(value) for name, value in parameters.items()}
    template = read_template(str(copy), account=ACCOUNT, parameters=given)
    (document,) = (d for d in template.documents if d.logical_id == resource and d.kind != "identity")
    return bind_document(document, dict(disagreement.made)).policy


def test_the_page_says_what_was_found() -> None:
    """`make docs` would change nothing in docs/comparison.md, and the page says how many labels there are."""
    written = PAGE.read_text(encoding="utf-8")
    assert written == page()
    assert f"A collection of {len(labels())} such labels" in written
