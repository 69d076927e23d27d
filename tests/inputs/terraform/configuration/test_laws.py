"""
Laws of configurations.

However a policy is written it is one document; and what nobody knows is never a proof of what is not so.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests import tally
from tests.inputs.terraform import hcl
from tests.inputs.terraform.builders import OWN
from tests.strategies import examples
from trustproof.inputs.terraform.configuration.reading import configuration
from trustproof.inputs.terraform.configuration.values import convert

pytest.importorskip("tree_sitter_hcl")

TEXTS = st.sampled_from(
    [
        "a:B",
        "a:*",
        "${aws:username}",
        "x${aws:PrincipalTag/team}y",
        'q"uote',
        "back\\slash",
        "%{if}",
        "é",
        "line\nbreak",
        "<&>",
        "~",
    ]
)
ARNS = st.sampled_from(
    ["*", "arn:aws:s3:::b/*", "arn:aws:iam::222222222222:role/x", "arn:aws:s3:::b/${aws:username}", "222222222222"]
)
KEYS = st.sampled_from(["aws:PrincipalOrgID", "aws:MultiFactorAuthPresent", "sts:ExternalId", "aws:PrincipalTag/a b"])
TESTS = st.sampled_from(["StringEquals", "StringNotLikeIfExists", "ForAnyValue:StringLike", "Bool"])
SIDS = st.sampled_from(["A", "B", "C1"])


def one_or_more(items: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.one_of(items, st.lists(items, min_size=2, max_size=3, unique=True))


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    """One statement, in the order in which the provider writes it."""
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    found[draw(st.sampled_from(["Action", "NotAction"]))] = draw(one_or_more(TEXTS))
    if draw(st.booleans()):
        found[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(one_or_more(ARNS))
    if draw(st.booleans()):
        kinds = st.dictionaries(
            st.sampled_from(["AWS", "Service", "Federated"]), one_or_more(ARNS), min_size=1, max_size=2
        )
        found["Principal"] = draw(st.one_of(st.just("*"), kinds))
    if draw(st.booleans()):
        found["Condition"] = draw(
            st.dictionaries(
                TESTS, st.dictionaries(KEYS, one_or_more(TEXTS), min_size=1, max_size=2), min_size=1, max_size=2
            )
        )
    return found


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A policy that a data source can make."""
    found: dict[str, Any] = {"Version": draw(st.sampled_from(["2012-10-17", "2008-10-17"]))}
    if draw(st.booleans()):
        found["Id"] = draw(SIDS)
    listed = draw(st.lists(statements(), min_size=1, max_size=3))
    sids = draw(
        st.lists(st.one_of(st.none(), SIDS), min_size=len(listed), max_size=len(listed), unique_by=lambda s: s or id(s))
    )
    found["Statement"] = [{"Sid": sid, **one} if sid else one for sid, one in zip(sids, listed, strict=True)]
    return found


MODULE = 'variable "p" {}\noutput "p" {\n  value = var.p\n}\n'
CALL = 'module "m" {\n  source = "./m"\n  p = %s\n}\n'


def _written(policy: str) -> tuple[str, list[str]]:
    """What stands around, and expressions that are all the policy."""
    around, from_document = hcl.document(policy)
    encoded = hcl.encoded(policy)
    around += f"locals {{\n  p = {encoded}\n  o = {hcl.value(json.loads(policy))}\n}}\n"
    around += f'variable "p" {{\n  default = {hcl.heredoc(policy)}\n}}\n' + CALL % "local.o"
    merged = 'data "aws_iam_policy_document" "s" {\n  source_policy_documents = [local.p]\n'
    found = json.loads(policy)
    around += f"{merged}  version = {hcl.quoted(found['Version'])}\n}}\n"
    return around, [
        encoded,
        hcl.heredoc(policy),
        hcl.quoted(policy),
        from_document,
        "local.p",
        "jsonencode(local.o)",
        "var.p",
        "jsonencode(module.m.p)",
        "jsonencode(jsondecode(var.p))",
        '"${local.p}"',
        'format("%s", local.p)',
        "jsonencode({ for k, v in local.o : k => v })",
        "jsonencode(merge(local.o, { Statement = [for s in local.o.Statement : s] }))",
        "true ? local.p : var.p",
        "try(local.p, var.p)",
        "data.aws_iam_policy_document.s.json",
    ]


def _normal(value: Any) -> Any:
    """A document in which the lists of texts, which are sets, have one order: a data source has one of its own."""
    if isinstance(value, dict):
        return {key: _normal(inner) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    found = [_normal(item) for item in value]
    return sorted(set(found)) if all(isinstance(item, str) for item in found) else found


@given(documents())
def test_a_policy_is_one_document_however_it_is_written(document: dict[str, Any]) -> None:
    """As an object, JSON text, a data source, through locals, variables, modules and functions: it is the same."""
    policy = json.dumps(document)
    around, expressions = _written(policy)
    with tempfile.TemporaryDirectory() as folder:
        arguments = "".join(f"  p{number} = {text}\n" for number, text in enumerate(expressions))
        Path(folder, "main.tf").write_text(f'{around}resource "aws_iam_role" "r" {{\n{arguments}}}\n', encoding="utf-8")
        Path(folder, "m").mkdir()
        Path(folder, "m", "main.tf").write_text(MODULE)
        role = configuration(folder, {}).instance("aws_iam_role.r")
        assert role is not None
        for number, text in enumerate(expressions):
            found = json.loads(convert.plain(role.values[f"p{number}"]))
            tally.agree("terraform documents", _normal(found) == _normal(document), text)


TRUST = st.builds(
    lambda principal, action, condition: {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": action}
            | ({"Condition": condition} if condition else {})
        ],
    },
    st.sampled_from(
        [
            {"AWS": "arn:aws:iam::222222222222:root"},
            {"AWS": ["arn:aws:iam::222222222222:user/a", "arn:aws:iam::333333333333:root"]},
            {"AWS": "*"},
            {"Service": "ec2.amazonaws.com"},
        ]
    ),
    st.sampled_from(["sts:AssumeRole", "sts:*", ["sts:AssumeRole", "sts:TagSession"]]),
    st.sampled_from(
        [
            {},
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
            {"StringEquals": {"sts:ExternalId": "x1y2z3"}},
            {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:user/*"}},
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        ]
    ),
)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a policy that an expression may stand for, but its version."""
    found = [path] if path and path[-1] != "Version" and path != ("Statement",) else []
    if isinstance(value, dict):
        found += [leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, key))]
    elif isinstance(value, list):
        found += [leaf for number, inner in enumerate(value) for leaf in _leaves(inner, (*path, number))]
    return found


def _replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    step, *rest = path
    if isinstance(value, dict):
        return {key: _replaced(inner, tuple(rest), by) if key == step else inner for key, inner in value.items()}
    return [_replaced(inner, tuple(rest), by) if number == step else inner for number, inner in enumerate(value)]


UNKNOWNS = {
    "a variable": ('variable "hidden" {}\n', "var.hidden", {}),
    "an attribute": ('resource "aws_vpc" "x" {}\n', "aws_vpc.x.hidden", {}),
    "a module": ('module "m" {\n  source = "x/y/z"\n}\n', "module.m.hidden", {}),
    "a function": ("", "timestamp()", {}),
}


def _verdicts(around: str, policy: str, folder: str) -> tuple[set[str], set[str]]:
    """The properties that are proved, and those that are not."""
    Path(folder, "main.tf").write_text(
        f'{around}resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = jsonencode({policy})\n}}\n'
    )
    report = trustproof.check([folder], config={"boundary": {"accounts": [OWN]}}, account=OWN)
    others = {one.property for one in report.results if one.verdict != "proved"}
    return {one.property for one in report.results} - others, others


@examples(30, in_deep=600)
@given(TRUST, st.randoms(use_true_random=False), st.sampled_from(sorted(UNKNOWNS)))
def test_what_is_hidden_is_never_a_proof_of_what_is_not_so(document: dict[str, Any], random: Any, how: str) -> None:
    """Where a part of a policy is unknown, only what holds with the part is proved."""
    around, expression, _ = UNKNOWNS[how]
    path = random.choice(_leaves(document))
    hidden = hcl.value(_replaced(document, path, hcl.Reference(expression)))
    with tempfile.TemporaryDirectory() as folder:
        _, wrong = _verdicts("", hcl.value(document), folder)
        proved, _ = _verdicts(around, hidden, folder)
    tally.note("terraform unknowns", "proved all the same", len(proved))
    tally.agree("terraform unknowns", not proved & wrong, f"{hidden}: {proved & wrong}")


def test_dropping_the_unknown_would_be_seen() -> None:
    """The law can fail: a condition that is left out changes what is proved."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "sts:AssumeRole"}
    with tempfile.TemporaryDirectory() as folder:
        with_it = hcl.value({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})
        sure, _ = _verdicts("", with_it, folder)
        _, wrong = _verdicts("", hcl.value({"Version": "2012-10-17", "Statement": [statement]}), folder)
    assert "mfa-required" in sure & wrong
