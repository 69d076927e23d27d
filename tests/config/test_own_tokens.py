"""
``[[boundary.tokens]]``: which tokens of an issuer are one's own, and which files may say so.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

import trustproof
from trustproof.config.loader import load_config
from trustproof.config.model import Boundary, Config, OwnTokens
from trustproof.config.nested_configurations import differences
from trustproof.config.reader import read_mapping
from trustproof.config.writer import to_toml
from trustproof.errors import ConfigError

KNOWN: dict[str, dict[str, object]] = {"inside-boundary": {}, "web-identity-bound": {}}
GITHUB = "token.actions.githubusercontent.com"
OURS = f'[[boundary.tokens]]\nprovider = "{GITHUB}"\nsubjects = ["repo:our-org/*"]\n'
WIDER = OURS.replace('["repo:our-org/*"]', '["repo:our-org/*", "repo:partner/*"]')
POOLS = '[[boundary.tokens]]\nprovider = "cognito-identity.amazonaws.com"\naudiences = ["us-east-1:ours"]\n'
START = f'[boundary]\naccounts = []\n[[boundary.tokens]]\nprovider = "{GITHUB}"\n'
CLAIMS = (
    "subjects, claims.repository_owner_id, claims.repository_id, claims.enterprise_id, claims.repository, "
    "claims.job_workflow_ref"
)
NO_NAME = 'names nobody in full: the name follows "repo:", without a wildcard, and ends with "/"'


def _load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "given.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(str(file), known=KNOWN)


@pytest.mark.parametrize(("before", "is_boundary"), [("", False), ("[boundary]\naccounts = []\n", True)])
def test_tokens_are_read_and_written(tmp_path: Path, before: str, is_boundary: bool) -> None:
    """By themselves they say nothing of accounts."""
    text = f'{before}{OURS}claims = {{ repository_owner_id = ["123"], "Repository" = ["our-org/*"] }}\n{POOLS}'
    found = _load(tmp_path, text)
    assert found.tokens == (
        OwnTokens(
            GITHUB, (("sub", ("repo:our-org/*",)), ("repository_owner_id", ("123",)), ("repository", ("our-org/*",)))
        ),
        OwnTokens("cognito-identity.amazonaws.com", (("aud", ("us-east-1:ours",)),)),
    )
    assert found.boundary == (Boundary() if is_boundary else None)
    again = read_mapping(tomllib.loads(to_toml(found, {})), known=KNOWN)
    assert again.tokens == found.tokens
    assert again.boundary == found.boundary


def test_no_tokens_are_not_the_same_as_nothing_said() -> None:
    """They take the place of those of a file that is extended."""
    found = read_mapping({"boundary": {"tokens": []}}, known=KNOWN)
    assert found.tokens == ()
    assert read_mapping(tomllib.loads(to_toml(found, {})), known=KNOWN).tokens == ()


ERRORS: list[tuple[str, int, str]] = [
    ("[boundary]\ntokens = 3\n", 2, "boundary.tokens must be tables, each under a [[boundary.tokens]], got 3"),
    (START, 3, f'boundary.tokens of "{GITHUB}" does not say which are yours: one of {CLAIMS}'),
    (
        "[[boundary.tokens]]\nsubjects = []\n",
        1,
        '[boundary.tokens] lacks the key "provider"',
    ),
    (
        START + "subject = []\n",
        5,
        (
            'unknown key "subject" in [boundary.tokens]; accepted: provider, subjects, audiences, claims; '
            'did you mean "subjects"?'
        ),
    ),
    (START + "subjects = []\n", 5, "boundary.tokens.subjects must name at least one pattern"),
    (START + 'subjects = ["*"]\n', 5, 'pattern "*" names nobody'),
    (START + 'subjects = ["repo:*"]\n', 5, f'pattern "repo:*" {NO_NAME}'),
    (START + 'subjects = [\n  "repo:our-org/*",\n  "repo:our-o*",\n]\n', 7, f'pattern "repo:our-o*" {NO_NAME}'),
    (START + 'subjects = ["*:repo:our-org/*"]\n', 5, f'pattern "*:repo:our-org/*" {NO_NAME}'),
    (START + 'subjects = ["pull_request"]\n', 5, f'pattern "pull_request" {NO_NAME}'),
    (START + "subjects = [3]\n", 5, 'pattern 3 must be a string such as "repo:our-org/*"'),
    (
        # Whoever asks for a token chooses it.
        START + 'audiences = ["sts.amazonaws.com"]\n',
        5,
        f'"aud" does not say whose a token of GitHub Actions is; accepted: {CLAIMS}',
    ),
    (
        START + "claims.ref = []\n",
        5,
        f'"ref" does not say whose a token of GitHub Actions is; accepted: {CLAIMS}',
    ),
    (START + "claims.sub = []\n", 5, 'the claim "sub" is written as subjects of boundary.tokens'),
    (
        START + 'claims.repository = ["a/*"]\nclaims.Repository = ["b/*"]\n',
        6,
        'boundary.tokens.claims has "Repository" twice: letter case tells no claims apart',
    ),
    (START + "claims = 3\n", 5, "boundary.tokens.claims must be a table, got 3"),
    (
        START + 'claims.repository = ["our-*"]\n',
        5,
        'pattern "our-*" names nobody in full: the name has no wildcard, and ends with "/"',
    ),
    (
        POOLS.replace("us-east-1:ours", "us-east-1:*"),
        3,
        'pattern "us-east-1:*" names nobody in full: somebody else\'s tokens are like it too',
    ),
    (
        '[[boundary.tokens]]\nprovider = "accounts.google.com"\nclaims."google/organization_number" = ["a"]\n',
        3,
        'pattern "a" must be a number',
    ),
    (
        '[[boundary.tokens]]\nprovider = "accounts.google.com"\nclaims."google/organization_number" = ["'
        + "9" * 31
        + '"]\n',
        3,
        f'pattern "{"9" * 31}" must be a number',
    ),
    (OURS + OURS, 5, f'two tables of boundary.tokens are about "{GITHUB}"'),
    (
        '[[boundary.tokens]]\nprovider = "sha256:' + "0" * 64 + '"\n',
        2,
        'provider "sha256:' + "0" * 64 + '" must be a host, such as "gitlab.com"',
    ),
]


@pytest.mark.parametrize(("text", "line", "message"), ERRORS, ids=[message[:60] for _, _, message in ERRORS])
def test_what_names_no_customer_is_an_error_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    """A declaration that everybody's tokens fit would say nothing."""
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    assert (caught.value.message, caught.value.line) == (message, line)


@pytest.mark.parametrize(
    "subject",
    ["repo:our-org/app:ref:refs/heads/main", "repo:our-org@*/*", "repo:our-org@123/*", "repository_owner:our-org:*"],
)
def test_a_name_in_full_is_enough(subject: str) -> None:
    """With an id or without, in whichever part of a subject says whose it is."""
    tokens = [{"provider": GITHUB, "subjects": [subject]}]
    assert read_mapping({"boundary": {"tokens": tokens}}, known=KNOWN).tokens


def test_a_file_takes_over_what_it_does_not_say(tmp_path: Path) -> None:
    """Tokens of its own take the place of the others, and a boundary of accounts does not."""
    (tmp_path / "company.toml").write_text(OURS, encoding="utf-8")
    start = 'extends = "company.toml"\n'
    own = _load(tmp_path, start + '[boundary]\naccounts = ["111122223333"]\n')
    assert own.boundary == Boundary(("111122223333",))
    assert own.tokens == _load(tmp_path, OURS).tokens
    assert _load(tmp_path, start + POOLS).tokens == _load(tmp_path, POOLS).tokens


@pytest.mark.parametrize(
    ("own", "above", "said"),
    [
        ("", "", ()),
        (OURS, "", ()),
        (OURS, OURS, ()),
        (OURS, WIDER, ()),
        ("", OURS, ("no [[boundary.tokens]]",)),
        ("boundary.tokens = []\n", OURS, ("no [[boundary.tokens]]",)),
        (OURS, OURS + POOLS, ("fewer [[boundary.tokens]]",)),
        (WIDER, OURS, ("[[boundary.tokens]] of its own",)),
        (OURS + POOLS, OURS, ("[[boundary.tokens]] of its own",)),
    ],
)
def test_a_nearer_file_that_lets_more_tokens_pass_is_named(own: str, above: str, said: tuple[str, ...]) -> None:
    """Whoever may change a directory could declare a stranger there."""
    here, there = (read_mapping(tomllib.loads(text), known=KNOWN) for text in (own, above))
    assert differences(here, there, {}) == said


def _role(sub: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{GITHUB}:sub": sub}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    return json.dumps({"Resources": {"R": role}})


SETTLED = "[properties.web-identity-bound]\nwaivable = false\n"


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        (OURS, WIDER, "proved"),
        (OURS, "", "proved"),
        (OURS + SETTLED, WIDER, "refuted"),
        (OURS + SETTLED, "boundary.tokens = []\n", "refuted"),
        (OURS + f'[[override]]\npaths = ["a/**"]\n{WIDER.replace("[[", "[[override.")}', None, "proved"),
        (WIDER + f'[[override]]\npaths = ["a/**"]\n{OURS.replace("[[", "[[override.")}', None, "refuted"),
    ],
)
def test_what_one_further_up_has_settled_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, above: str, below: str | None, expected: str
) -> None:
    """As with the rest of the boundary."""
    (tmp_path / "a").mkdir()
    (tmp_path / "trustproof.toml").write_text(above, encoding="utf-8")
    (tmp_path / "a" / "role.json").write_text(_role("repo:partner/app:*"), encoding="utf-8")
    if below is not None:
        (tmp_path / "a" / "trustproof.toml").write_text(below, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    report = trustproof.check([Path("a/role.json")], account="111122223333", config=trustproof.load_config())
    found = {one.property: one.verdict for one in report.results}
    assert found["inside-boundary"] == expected


def test_there_are_only_so_many_patterns() -> None:
    """Each is looked for in every token."""
    tokens = [{"provider": GITHUB, "subjects": [f"repo:our-org/app-{number}:*" for number in range(1_001)]}]
    with pytest.raises(ConfigError, match="more than 1000 patterns"):
        read_mapping({"boundary": {"tokens": tokens}}, known=KNOWN)
