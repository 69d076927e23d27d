"""
A remedy applied to the text of a template: it is read again without the finding, and all else is as it was written.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.strategies import examples
from trustproof.results.report import Replacement
from trustproof.results.result import ERROR

HOST = "token.actions.githubusercontent.com"
#: What stands beside what is changed, as YAML has it: nobody touches any of them.
NEIGHBOURS = (
    "arn:aws:iam::444455556666:role/ci",
    "'arn:aws:iam::444455556666:role/quoted'",
    '!Sub "arn:aws:iam::${Ops}:role/${Env}-deployer"',
    '!Join ["", ["arn:aws:iam::", !Ref Ops, ":role/joined"]]',
    "{\"Fn::Sub\": 'arn:aws:iam::${Ops}:role/long'}",
)
ROOTS = ("arn:aws:iam::444455556666:root", '!Sub "arn:aws:iam::${Ops}:root"', '"444455556666"')
CONDITIONS = (
    "",
    "Bool: {aws:SecureTransport: true}",
    "BoolIfExists: {aws:MultiFactorAuthPresent: true}",
    "StringEquals: {aws:PrincipalTag/team: [a, b]}",
)
GOOD, BAD = (
    ("repo:acme/shop:ref:refs/heads/release", "'repo:acme/infra:*'", '"repo:acme/x:environment:prod"'),
    "repo:x*",
)


def text_of(rng: Random) -> str:
    """A template of one role, with a comment on whatever line may have one."""
    for_people = rng.random() < 0.6
    lines = _people(rng) if for_people else _workflows(rng)
    head = ["Parameters:", "  Ops: {Type: String, Default: '444455556666'}", "  Env: {Type: String, Default: prod}"]
    role = ["Resources:", "  R:", "    Type: AWS::IAM::Role", "    Properties:", "      AssumeRolePolicyDocument:"]
    body = [*head, *role, '        Version: "2012-10-17"', "        Statement:"]
    body += [f"          {'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines)]
    noted = (f"{one}   # why {number}" if rng.random() < 0.5 else one for number, one in enumerate(body))
    return "\n".join(noted) + "\n"


def _people(rng: Random) -> list[str]:
    listed = rng.sample(NEIGHBOURS, rng.choice((0, 1, 2)))
    listed.insert(rng.randint(0, len(listed)), rng.choice(ROOTS))
    condition = rng.choice(CONDITIONS)
    return [
        "Effect: Allow",
        "Principal:",
        *(["  Service: ec2.amazonaws.com"] if rng.random() < 0.4 else []),
        *_list("AWS", listed, rng),
        "Action: sts:AssumeRole",
        *_block("Condition", [condition], rng),
    ]


def _workflows(rng: Random) -> list[str]:
    listed = rng.sample(GOOD, rng.choice((0, 1, 2)))
    listed.insert(rng.randint(0, len(listed)), BAD)
    return [
        "Effect: Allow",
        f'Principal: {{Federated: !Sub "arn:aws:iam::${{AWS::AccountId}}:oidc-provider/{HOST}"}}',
        "Action: sts:AssumeRoleWithWebIdentity",
        "Condition:",
        f"  StringEquals: {{{HOST}:aud: sts.amazonaws.com}}",
        "  StringLike:",
        *(f"  {line}" for line in _list(f"{HOST}:sub", listed, rng)),
    ]


def _list(key: str, items: Sequence[str], rng: Random) -> list[str]:
    if len(items) == 1 and rng.random() < 0.5:
        return [f"  {key}: {items[0]}"]
    if rng.random() < 0.5:
        return [f"  {key}: [{', '.join(items)}]"]
    return [f"  {key}:", *(f"    - {item}" for item in items)]


def _block(key: str, lines: Sequence[str], rng: Random) -> list[str]:
    said = [line for line in lines if line]
    if not said:
        return []
    return [f"{key}: {{{', '.join(said)}}}"] if rng.random() < 0.5 else [f"{key}:", *(f"  {line}" for line in said)]


def replaced(text: str, found: Sequence[Replacement]) -> str:
    """A text with replacements made, as code scanning makes them."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for one in sorted(found, key=lambda one: (-one.line, -one.column)):
        start, end = starts[one.line - 1] + one.column - 1, starts[one.end_line - 1] + one.end_column - 1
        text = text[:start] + one.text + text[end:]
    return text


def errors_of(report: Any) -> list[Any]:
    """What is refuted as an error."""
    return [one for one in report.results if one.verdict == trustproof.REFUTED and one.severity == ERROR]


@given(st.integers(0, 2**32))
@examples(25, in_deep=400)
def test_a_remedy_leaves_all_else_as_it_is_written(seed: int) -> None:
    """After it the finding is gone, and every comment and neighbour of what it changes is where it was."""
    text = text_of(Random(seed))
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "template.yaml"
        file.write_text(text)
        asked = ["mfa-required", "web-identity-bound"]
        report = trustproof.check([str(file)], config={}, properties=asked)
        assert not report.errors
        for found in errors_of(report):
            remedy = found.remedy
            if remedy is None or not remedy.diff:
                continue
            assert report.sources is not None
            changes = report.sources.replacements(found.template, remedy.edits)
            assert changes, (text, remedy.diff)
            after = replaced(text, changes)
            file.write_text(after)
            again = trustproof.check([str(file)], config={}, properties=asked)
            assert not again.errors, after
            assert not [one for one in errors_of(again) if one.property == found.property], after
            untouched = [one for one in (*NEIGHBOURS, *GOOD) if one in text]
            assert all(one in after for one in untouched), (text, after)
            comments, left = (re.findall(r"# why \d+", one) for one in (text, after))
            # Of what is taken out, and of nothing else, comments go.
            assert left == [one for one in comments if one in left]
            changed = {number for one in changes for number in range(one.line + (not one.text), one.end_line + 1)}
            lost = len(comments) - len(left)
            assert lost <= len(changed) if found.property == "mfa-required" else not lost
