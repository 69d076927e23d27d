"""
What a resource policy is looked at for: a service asks it about its own actions, on the resource that it stands on.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]

BUCKET = "arn:aws:s3:::b"
KEY = "arn:aws:kms:us-east-1:111122223333:key/policy"


def on_a_bucket(statements: list[Json]) -> Json:
    """The policy of a bucket."""
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": document(statements)}}


def on_a_key(statements: list[Json]) -> Json:
    """The policy of a key."""
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(statements)}}


def document(statements: list[Json]) -> Json:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": statements}


def allow(**more: object) -> Json:
    """What everybody may do."""
    return {"Effect": "Allow", "Principal": "*", **more}


def deny(**more: object) -> Json:
    """What nobody may do."""
    return {"Effect": "Deny", "Principal": "*", **more}


CASES: list[tuple[str, Json, tuple[str, str] | None]] = [
    # S3 asks about its own actions only.
    ("bucket, NotAction of all", on_a_bucket([allow(NotAction="s3:*", Resource=f"{BUCKET}/*")]), None),
    ("key, NotAction of all", on_a_key([allow(NotAction="kms:*", Resource="*")]), None),
    (
        "bucket, NotAction of some",
        on_a_bucket([allow(NotAction="s3:GetObject", Resource=f"{BUCKET}/*")]),
        ("s3:PutObject", f"{BUCKET}/app"),
    ),
    ("key, NotAction of some", on_a_key([allow(NotAction="kms:Decrypt", Resource="*")]), ("kms:Encrypt", KEY)),
    (
        "bucket, NotAction in a Deny",
        on_a_bucket([allow(Action="s3:*", Resource="*"), deny(NotAction="s3:GetObject", Resource="*")]),
        ("s3:GetObject", f"{BUCKET}/app"),
    ),
    # A Deny of the bucket leaves its objects.
    (
        "Deny of the bucket",
        on_a_bucket([allow(Action="s3:*", Resource="*"), deny(Action="s3:*", Resource=BUCKET)]),
        ("s3:GetObject", f"{BUCKET}/app"),
    ),
    (
        "Deny of the objects",
        on_a_bucket([allow(Action="s3:*", Resource="*"), deny(Action="s3:*", Resource=f"{BUCKET}/*")]),
        ("s3:ListBucket", BUCKET),
    ),
    # No other bucket has this policy.
    (
        "Deny of both",
        on_a_bucket([allow(Action="s3:*", Resource="*"), deny(Action="s3:*", Resource=[BUCKET, f"{BUCKET}/*"])]),
        None,
    ),
    (
        "NotResource is both",
        on_a_bucket([allow(Action="s3:*", NotResource=[BUCKET, f"{BUCKET}/*"])]),
        None,
    ),
    # S3 refuses what is about another bucket, and nobody gets anything by it.
    (
        "another bucket, written out",
        on_a_bucket(
            [allow(Action="s3:GetObject", Resource=["*", f"{BUCKET}2/*"]), deny(Action="*", Resource=f"{BUCKET}/*")]
        ),
        None,
    ),
    (
        "NotResource is the bucket",
        on_a_bucket([allow(Action="s3:*", NotResource=BUCKET)]),
        ("s3:GetObject", f"{BUCKET}/app"),
    ),
]


def test_what_another_bucket_is_named_for(tmp_path: Path) -> None:
    """The proof says that S3 refuses it."""
    allows = allow(Action="s3:GetObject", Resource=f"{BUCKET}2/*")
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Policy": on_a_bucket([allows])}}), encoding="utf-8")
    (found,) = trustproof.check([str(file)], account="111122223333", properties=["inside-boundary"]).results
    reason = "this rests on S3, which refuses what the policy of a bucket says of another one"
    assert (found.verdict, found.reasons) == ("proved", (reason,))


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_inside_boundary(policy: Json, expected: tuple[str, str] | None, tmp_path: Path) -> None:
    """What is shown is a request that the policy is looked at for."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Policy": policy}}), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", properties=["inside-boundary"])
    (found,) = report.results
    assert (found.verdict, found.reasons if expected else ()) == ("refuted" if expected else "proved", ())
    assert (found.counterexample and (found.counterexample.action, found.counterexample.resource)) == expected
