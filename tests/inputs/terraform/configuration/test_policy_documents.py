"""
``data.aws_iam_policy_document``: what the provider makes of its blocks, and what unknown parts leave.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.values import (
    Choice,
    Fields,
    Items,
    JsonText,
    Known,
    Maybe,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)

DOCUMENT = "data.aws_iam_policy_document.d.json"


def written(body: str, name: str = "d") -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\n{body}\n}}\n'


def statement(body: str) -> str:
    return written(f"statement {{\n{body}\n}}")


def a(more: str = "", **elements: Any) -> dict[str, Any]:
    """A statement that allows something."""
    return {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*", **elements}


ACTIONS = 'actions = ["s3:Get*"]\nresources = ["*"]\n'
SOURCE = '{"Version":"2008-10-17","Id":"source","Statement":[{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}]}'

#: Blocks, and the statements or the whole document that they make.
RULES: list[tuple[str, str, Any]] = [
    ("the effect is Allow", statement(ACTIONS), [a()]),
    (
        "one is a text, several are a list",
        statement('actions = ["a:b", "a:c"]\nresources = ["*"]'),
        [{"Effect": "Allow", "Action": ["a:c", "a:b"], "Resource": "*"}],
    ),
    (
        # As Terraform 0.11 takes it; later versions refuse it.
        "a list in quotes among others is its items",
        'variable "more" { default = ["a:d", "a:c"] }\n'
        + statement('actions = ["a:b", "${var.more}"]\nresources = ["${var.more}"]'),
        [{"Effect": "Allow", "Action": ["a:d", "a:c", "a:b"], "Resource": ["a:d", "a:c"]}],
    ),
    (
        "one twice is one",
        statement('actions = ["a:b", "a:b"]\nresources = ["*"]'),
        [{"Effect": "Allow", "Action": "a:b", "Resource": "*"}],
    ),
    (
        "an empty list leaves the element out",
        statement('actions = ["a:b"]\nresources = []\nnot_resources = []'),
        [{"Effect": "Allow", "Action": "a:b"}],
    ),
    ("an empty sid is none", statement(f'sid = ""\n{ACTIONS}'), [a()]),
    ("a sid", statement(f'sid = "x"\neffect = "Deny"\n{ACTIONS}'), [a(Sid="x", Effect="Deny")]),
    (
        "everything else is its own",
        statement('effect = "Deny"\nnot_actions = ["a:b"]\nnot_resources = ["x"]'),
        [{"Effect": "Deny", "NotAction": "a:b", "NotResource": "x"}],
    ),
    (
        "everybody is an asterisk",
        statement(f'{ACTIONS}principals {{\n type = "*"\n identifiers = ["*"]\n}}'),
        [a(Principal="*")],
    ),
    (
        "everybody of AWS is one in an object",
        statement(f'{ACTIONS}principals {{\n type = "AWS"\n identifiers = ["*"]\n}}'),
        [a(Principal={"AWS": "*"})],
    ),
    (
        "principals of one type are joined",
        statement(
            f'{ACTIONS}principals {{\n type = "AWS"\n identifiers = ["1"]\n}}\nprincipals {{\n type = "AWS"\n'
            ' identifiers = ["2"]\n}'
        ),
        [a(Principal={"AWS": ["1", "2"]})],
    ),
    (
        "everybody beside somebody is odd",
        statement(
            f'{ACTIONS}principals {{\n type = "*"\n identifiers = ["*"]\n}}\nprincipals {{\n type = "AWS"\n'
            ' identifiers = ["1"]\n}'
        ),
        [a(Principal={"*": "*", "AWS": "1"})],
    ),
    (
        "those who are not meant",
        statement(f'{ACTIONS}not_principals {{\n type = "Service"\n identifiers = ["ec2.amazonaws.com"]\n}}'),
        [a(NotPrincipal={"Service": "ec2.amazonaws.com"})],
    ),
    (
        "conditions with one test and variable are joined",
        statement(
            f'{ACTIONS}condition {{\n test = "StringLike"\n variable = "k"\n values = ["1"]\n}}\n'
            'condition {\n test = "StringLike"\n variable = "k"\n values = ["2"]\n}\n'
            'condition {\n test = "StringLike"\n variable = "l"\n values = ["3"]\n}\n'
            'condition {\n test = "Null"\n variable = "m"\n values = [true]\n}'
        ),
        [a(Condition={"StringLike": {"k": ["1", "2"], "l": "3"}, "Null": {"m": "true"}})],
    ),
    (
        "policy variables",
        statement('actions = ["a:b"]\nresources = ["x/&{aws:username}", "y/$${aws:username}"]'),
        [{"Effect": "Allow", "Action": "a:b", "Resource": ["y/${aws:username}", "x/${aws:username}"]}],
    ),
    (
        "the version is its own",
        written("source_policy_documents = [<<EOT\n" + SOURCE + "\nEOT\n]"),
        {
            "Version": "2012-10-17",
            "Id": "source",
            "Statement": [{"Sid": "a", "Effect": "Deny", "Action": "*", "Resource": "*"}],
        },
    ),
    (
        "the version and id that are given",
        written(f'version = "2008-10-17"\npolicy_id = "mine"\nstatement {{\n{ACTIONS}}}'),
        {"Version": "2008-10-17", "Id": "mine", "Statement": [a()]},
    ),
    ("no statements are none", written(""), {"Version": "2012-10-17"}),
    (
        "an own statement takes the place of the source's",
        written(
            f'source_policy_documents = [data.aws_iam_policy_document.s.json]\nstatement {{\n sid = "x"\n{ACTIONS}}}'
        )
        + written('statement {\n sid = "x"\n actions = ["b:c"]\n}\nstatement {\n actions = ["d:e"]\n}', "s"),
        [a(Sid="x"), {"Effect": "Allow", "Action": "d:e"}],
    ),
    (
        "an override takes the place of either, and the rest is appended",
        written(
            f'statement {{\n sid = "x"\n{ACTIONS}}}\noverride_policy_documents = [data.aws_iam_policy_document.s.json]'
        )
        + written(
            'statement {\n sid = "x"\n actions = ["b:c"]\n}\nstatement {\n sid = "y"\n actions = ["d:e"]\n}', "s"
        ),
        [{"Sid": "x", "Effect": "Allow", "Action": "b:c"}, {"Sid": "y", "Effect": "Allow", "Action": "d:e"}],
    ),
    (
        "statements that dynamic makes",
        written(
            'dynamic "statement" {\n for_each = ["a:b", "c:d"]\n content {\n  actions = [statement.value]\n'
            '  sid = "s${statement.key}"\n }\n}'
        ),
        [{"Sid": "s0", "Effect": "Allow", "Action": "a:b"}, {"Sid": "s1", "Effect": "Allow", "Action": "c:d"}],
    ),
    (
        "an iterator of another name",
        written(
            'dynamic "statement" {\n for_each = toset(["a:b"])\n iterator = it\n content {\n  actions = [it.key]\n }\n}'
        ),
        [{"Effect": "Allow", "Action": "a:b"}],
    ),
    (
        "a dynamic block without rounds is none",
        statement(
            f'{ACTIONS}dynamic "condition" {{\n for_each = []\n content {{\n  test = "Null"\n  variable = "k"\n'
            '  values = ["true"]\n }\n}'
        ),
        [a()],
    ),
    ("null is not set", statement(f"sid = null\n{ACTIONS}"), [a()]),
]


@pytest.mark.parametrize(("text", "expected"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_documents_are_made_by_the_rules_of_the_provider(
    evaluated: Callable[..., Any], text: str, expected: Any
) -> None:
    """What the blocks of a document make is what the provider makes of them."""
    found = evaluated(f"jsondecode({DOCUMENT})", text)
    assert found == (expected if isinstance(expected, dict) else {"Version": "2012-10-17", "Statement": expected})


def document(value: Value) -> Fields:
    assert isinstance(value, JsonText)
    assert isinstance(value.of, Fields)
    return value.of


def statements(value: Value) -> tuple[Value, ...]:
    found = document(value).by_key["Statement"]
    assert isinstance(found, Items)
    return found.items


def first(value: Value) -> Fields:
    found = statements(value)[0]
    assert isinstance(found, Fields)
    return found


def test_an_unknown_identifier_is_one_among_the_others(worth: Callable[..., Value]) -> None:
    """What is not known of a principal leaves the other principals known."""
    found = first(
        worth(
            DOCUMENT,
            'variable "v" {}\n' + statement(f'{ACTIONS}principals {{\n type = "AWS"\n identifiers = ["1", var.v]\n}}'),
        )
    )
    principal = found.by_key["Principal"]
    assert isinstance(principal, Fields)
    listed = principal.by_key["AWS"]
    assert isinstance(listed, Items)
    assert [
        convert.plain(one) if one.is_known else one.shown for one in listed.items if isinstance(one, (Known, Unknown))
    ] == ["1", "var.v"]


def test_an_unknown_list_of_identifiers_is_any_of_them(worth: Callable[..., Value]) -> None:
    """A list of which nothing is known stands for any number of principals, and never for none."""
    found = first(
        worth(
            DOCUMENT,
            'variable "v" {}\n' + statement(f'{ACTIONS}principals {{\n type = "AWS"\n identifiers = var.v\n}}'),
        )
    )
    principal = found.by_key["Principal"]
    assert isinstance(principal, Fields)
    listed = principal.by_key["AWS"]
    assert isinstance(listed, Items)
    assert isinstance(listed.items[0], Rest)


@pytest.mark.parametrize("block", ["condition", "principals"])
def test_blocks_of_which_nobody_knows_how_many_there_are_make_the_element_unknown(
    worth: Callable[..., Value], block: str
) -> None:
    """A condition or principal that is made of what is not known is neither taken for one nor left out."""
    inner = (
        'test = "Null"\n variable = condition.value\n values = ["true"]'
        if block == "condition"
        else 'type = principals.value\nidentifiers = ["1"]'
    )
    found = first(
        worth(
            DOCUMENT,
            'variable "v" {}\n'
            + statement(f'{ACTIONS}dynamic "{block}" {{\n for_each = var.v\n content {{\n{inner}\n }}\n}}'),
        )
    )
    assert isinstance(found.by_key["Condition" if block == "condition" else "Principal"], Symbol)


def test_statements_of_which_nobody_knows_how_many_there_are_are_any(worth: Callable[..., Value]) -> None:
    """A dynamic statement with unknown rounds stands among the others, once for any number of them."""
    found = statements(
        worth(
            DOCUMENT,
            'variable "v" {}\n'
            + written(
                f'statement {{\n{ACTIONS}}}\ndynamic "statement" {{\n for_each = var.v\n content {{\n{ACTIONS}}}\n}}'
            ),
        )
    )
    assert [type(one) for one in found] == [Fields, Several]


def test_a_source_that_is_not_known_is_a_statement_that_may_be_anything(worth: Callable[..., Value]) -> None:
    """What another document says is neither guessed nor left out."""
    found = statements(
        worth(DOCUMENT, 'variable "v" {}\n' + written(f"source_policy_documents = [var.v]\nstatement {{\n{ACTIONS}}}"))
    )
    assert [type(one) for one in found] == [Rest, Fields]


def test_an_override_with_an_unknown_sid_may_take_any_place(worth: Callable[..., Value]) -> None:
    """A statement that another one may replace is not certain to be there."""
    found = statements(
        worth(
            DOCUMENT,
            'variable "v" {}\n'
            + written(
                "override_policy_documents = [data.aws_iam_policy_document.s.json]\n"
                f'statement {{\n sid = "x"\n{ACTIONS}}}\n'
                f"statement {{\n{ACTIONS}}}"
            )
            + written("statement {\n sid = var.v\n}", "s"),
        )
    )
    assert [type(one) for one in found] == [Rest, Fields, Fields]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (written(f'statement {{\n sid = "x"\n{ACTIONS}}}\nstatement {{\n sid = "x"\n{ACTIONS}}}'), 'sid "x"'),
        (written('source_policy_documents = ["[1]"]'), "no object"),
        (written('source_policy_documents = ["nonsense"]'), "not JSON"),
        (
            written(
                "source_policy_documents = [data.aws_iam_policy_document.s.json, data.aws_iam_policy_document.s.json]"
            )
            + written(f'statement {{\n sid = "x"\n{ACTIONS}}}', "s"),
            'sid "x"',
        ),
        # Without its condition, which Terraform 0.11 took so, a Deny would deny everything.
        (statement(f'effect = "Deny"\n{ACTIONS}condition = {{\n test = "Bool"\n}}'), "condition is written as an"),
        (statement(f"{ACTIONS}principals = [{{}}]"), "principals is written as an argument"),
        (written(f"statement = {{\n{ACTIONS}}}"), "statement is written as an argument"),
        (statement(f"{ACTIONS}conditions {{}}"), "no block conditions"),
        (statement(f'{ACTIONS}efect = "Deny"'), "no argument efect"),
    ],
)
def test_what_the_provider_refuses_is_unknown_with_the_reason(
    worth: Callable[..., Value], text: str, reason: str
) -> None:
    """A document that cannot be made is no document, and says why."""
    found = worth(DOCUMENT, text)
    assert isinstance(found, Symbol)
    assert reason in found.reason


BOTH = """
variable "on" { type = bool }
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.on ? ["a"] : []
    content {
      actions = [statement.value]
    }
  }
  statement {
    actions = ["b"]
    dynamic "condition" {
      for_each = var.on ? [1] : []
      content {
        test     = "Bool"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["true"]
      }
    }
    dynamic "principals" {
      for_each = var.on ? { AWS = "x" } : { AWS = "y", Service = "z" }
      content {
        type        = principals.key
        identifiers = [principals.value]
      }
    }
  }
}
"""


def test_a_block_that_is_there_or_not_is_judged_both_ways(worth: Callable[..., Value]) -> None:
    """A statement may not be there; one that has a block or not is one of two, with all that goes together."""
    found = worth("data.aws_iam_policy_document.d.json", BOTH)
    assert isinstance(found, JsonText)
    assert isinstance(found.of, Fields)
    statements = found.of.by_key["Statement"]
    assert isinstance(statements, Items)
    first, second = statements.items
    assert isinstance(first, Maybe)
    assert first.condition.shown == "var.on"
    assert isinstance(second, Choice)
    allow = {"Effect": "Allow", "Action": "b"}
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert convert.plain(second.then) == {**allow, "Principal": {"AWS": "x"}, "Condition": mfa}
    assert convert.plain(second.otherwise) == {**allow, "Principal": {"AWS": "y", "Service": "z"}}


DECLARED = """
statement {
  sid     = "a"
  actions = ["sts:AssumeRole", "sts:TagSession"]
  principals {
    type        = "Service"
    identifiers = ["ec2.amazonaws.com"]
  }
  principals {
    type        = "AWS"
    identifiers = ["111122223333", "444455556666"]
  }
  condition {
    test     = "StringLike"
    variable = "k"
    values   = ["<b>", "a"]
  }
  condition {
    test     = "Bool"
    variable = "m"
    values   = [true]
  }
}
"""
WRITTEN = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "a",
      "Effect": "Allow",
      "Action": [
        "sts:TagSession",
        "sts:AssumeRole"
      ],
      "Principal": {
        "AWS": [
          "444455556666",
          "111122223333"
        ],
        "Service": "ec2.amazonaws.com"
      },
      "Condition": {
        "Bool": {
          "m": "true"
        },
        "StringLike": {
          "k": [
            "\\u003cb\\u003e",
            "a"
          ]
        }
      }
    }
  ]
}"""


def test_the_text_is_the_one_that_the_provider_writes(worth: Callable[..., Value]) -> None:
    """Indented, elements in its order, sets in reverse; `minified_json` is the same in one line."""
    text = written(DECLARED)
    assert convert.plain(worth(f'upper("${{{DOCUMENT}}}")', text)) == WRITTEN.upper()
    assert convert.plain(worth(DOCUMENT, text)) == WRITTEN
    expected = json.dumps(json.loads(WRITTEN), separators=(",", ":")).replace("<b>", "\\u003cb\\u003e")
    assert convert.plain(worth(DOCUMENT.removesuffix("json") + "minified_json", text)) == expected
    assert convert.plain(worth(f"jsondecode({DOCUMENT}).Statement[0].Action[0]", text)) == "sts:TagSession"


def test_a_text_that_is_known_in_parts_is_written_alike(worth: Callable[..., Value]) -> None:
    """What is not known stands in it as it is, and the text is still that of a document."""
    text = 'variable "v" { type = string }\n' + written('statement {\n actions = ["a:b", var.v]\n}')
    found = worth(f'"x${{{DOCUMENT}}}"', text)
    assert isinstance(found, Text)
    first = found.pieces[0]
    assert isinstance(first, Known)
    assert str(first.value).startswith('x{\n  "Version": "2012-10-17",\n')
    assert str(first.value).endswith('"Action": [\n        "a:b",\n        ')
