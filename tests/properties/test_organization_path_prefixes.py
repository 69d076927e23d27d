"""
A pattern without a slash says of which organizations a path may be: all paths of a request are of one.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof import PROVED, REFUTED

Json = dict[str, object]

ID, OTHER = "o-a1b2c3d4e5", "o-zzzzzzzzzz"
CONFIG = {"boundary": {"accounts": ["111122223333"], "organizations": [ID]}}


def conditions(**tests: str) -> Json:
    """Operators of `ForAnyValue` and `ForAllValues` to a pattern of a path."""
    return {name.replace("_", ":"): {"aws:PrincipalOrgPaths": pattern} for name, pattern in tests.items()}


def test_each_path_goes_through_the_root_of_its_organization() -> None:
    """Who denies all paths with a root, and those without a path, denies everybody."""
    call = {"Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    paths = [conditions(ForAnyValue_StringLike=f"{ID}*"), conditions(ForAnyValue_StringLike="o-*/r-*/*")]
    nothing = {"Null": {"aws:PrincipalOrgPaths": "true"}}
    for denied, verdict in ((paths[1], PROVED), (paths[0], REFUTED)):
        denies = [{"Effect": "Deny", **call, "Condition": one} for one in (denied, nothing)]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **call}, *denies]}
        assert trustproof.prove(policy, "inside-boundary", config=CONFIG).verdict == verdict


@pytest.mark.parametrize(
    ("condition", "inside", "usable"),
    [
        (conditions(ForAnyValue_StringLike=f"{ID}*", ForAnyValue_StringNotLike=f"{ID}*"), PROVED, REFUTED),
        (conditions(ForAnyValue_StringLike="o-a1*", ForAnyValue_StringNotLike="o-a1*"), PROVED, REFUTED),
        (conditions(ForAnyValue_StringLike="o-a1*", ForAnyValue_StringNotLike=f"{ID}*"), REFUTED, PROVED),
        (conditions(ForAnyValue_StringLike=f"{ID}*", ForAnyValue_StringNotLike=f"{ID}/r-1/*"), REFUTED, PROVED),
        (conditions(ForAnyValue_StringLike=f"{ID}/*", ForAnyValue_StringNotLike=f"{OTHER}*"), PROVED, PROVED),
        (
            {**conditions(ForAnyValue_StringNotLike=f"{ID}*"), "StringEquals": {"aws:PrincipalOrgID": ID}},
            PROVED,
            REFUTED,
        ),
        (
            {**conditions(ForAnyValue_StringLike=f"{OTHER}*"), "StringEquals": {"aws:PrincipalOrgID": ID}},
            PROVED,
            REFUTED,
        ),
    ],
)
def test_paths_that_begin_alike_are_of_one_organization(condition: Json, inside: str, usable: str) -> None:
    """What one path begins with, without a slash in it, all paths begin with."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    for ident, verdict in (("inside-boundary", inside), ("statement-usable", usable)):
        found = trustproof.prove(policy, ident, config=CONFIG)
        assert found.verdict == verdict, found.reasons
