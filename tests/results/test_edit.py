"""
Edits as lines: what a person reads of a remedy.
"""

from __future__ import annotations

import pytest

from trustproof.model.text import LIST, Symbol, Symbolic
from trustproof.results.edit import ADD, END, REMOVE, REPLACE, Edit, Value, json_line, set_value, to_lines
from trustproof.results.hcl_lines import DOCUMENT, OBJECT, to_hcl_lines

CONDITION = ("Statement", 0, "Condition")
BOOL: Value = {"aws:SecureTransport": ("true",)}


@pytest.mark.parametrize(
    ("edits", "lines"),
    [
        pytest.param((), (), id="nothing"),
        pytest.param(
            (set_value(("Version",), "2008-10-17", "2012-10-17"),),
            ('- "Version": "2008-10-17"', '+ "Version": "2012-10-17"'),
            id="replaced",
        ),
        pytest.param((set_value(CONDITION, BOOL, None),), (f'- "Condition": {json_line(BOOL)}',), id="removed"),
        pytest.param((set_value(CONDITION, None, BOOL),), (f'+ "Condition": {json_line(BOOL)}',), id="added"),
        pytest.param(
            (set_value((*CONDITION, "Bool"), None, BOOL),),
            ('  "Condition": {...', f'+ "Bool": {json_line(BOOL)}', "  }"),
            id="an operator is added inside the Condition",
        ),
        pytest.param(
            (set_value((*CONDITION, "Null"), BOOL, None), set_value((*CONDITION, "Bool"), None, BOOL)),
            (f'- "Null": {json_line(BOOL)}', f'+ "Bool": {json_line(BOOL)}'),
            id="an operator takes the place of another",
        ),
        pytest.param(
            (set_value(("MaxSessionDuration",), "7200", "3600", is_json=False),),
            ("- MaxSessionDuration: 7200", "+ MaxSessionDuration: 3600"),
            id="a number",
        ),
        pytest.param(
            (set_value(("Statement", END), None, {"Effect": "Allow", "Action": ("a:B", "a:C")}),),
            ('+ {"Effect": "Allow", "Action": ["a:B", "a:C"]}',),
            id="one more statement",
        ),
        pytest.param(
            (set_value(("Statement", END), None, {"Effect": "Deny", "Action": ("a:B",), "Resource": "*"}),),
            ('+ {"Effect": "Deny", "Action": "a:B",', '+  "Resource": "*"}'),
            id="one more Deny",
        ),
        pytest.param(
            (set_value(CONDITION, None, BOOL), set_value(("Statement", END), None, {"Effect": "Allow"})),
            (f'+ "Condition": {json_line(BOOL)}', '  "Statement": [...', '+ {"Effect": "Allow"}', "  ]"),
            id="one more statement beside another change",
        ),
        pytest.param(
            (
                set_value(("Statement", "Condition"), None, BOOL),
                set_value(("Statement", END), None, {"Effect": "Allow"}),
            ),
            (
                f'+ "Condition": {json_line(BOOL)}',
                '- "Statement": {...}',
                '+ "Statement": [{...}, {"Effect": "Allow"}]',
            ),
            id="one more statement beside the only one",
        ),
    ],
)
def test_lines(edits: tuple[Edit, ...], lines: tuple[str, ...]) -> None:
    """Each kind of edit has its lines."""
    assert tuple(to_lines(edits)) == lines


def test_items_of_yaml_have_dashes() -> None:
    """What is one more item can be pasted below the others, and all lines of it stand behind the dash."""
    deny: Value = {"Effect": "Deny", "Action": ("a:B",), "Resource": "*"}
    edits = (set_value(CONDITION, None, BOOL), set_value(("Statement", END), None, deny))
    added = (f'+ "Condition": {json_line(BOOL)}', '+ - {"Effect": "Deny", "Action": "a:B",', '+    "Resource": "*"}')
    assert tuple(to_lines(edits, has_dashes=True)) == added


@pytest.mark.parametrize(("before", "after", "operation"), [(None, "a", ADD), ("a", "b", REPLACE), ("a", None, REMOVE)])
def test_the_operation_is_what_is_there_before_and_after(before: str | None, after: str | None, operation: str) -> None:
    """Whoever applies an edit need not look at what was there."""
    edit = set_value(("Sid",), before, after)
    assert (edit.operation, edit.before, edit.value) == (operation, before, after)


def test_text_is_escaped_and_what_is_not_known_has_its_name() -> None:
    """A quote or a backslash of the template stays inside its text."""
    text = Symbolic(("a", Symbol("Fn::ImportValue name", "import")))
    assert json_line({'a"b': (text, "c\\d")}) == r'{"a\"b": ["a<Fn::ImportValue name>", "c\\d"]}'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (Symbolic((Symbol("Vendor", "parameter"),)), '{"Ref": "Vendor"}'),
        (Symbolic((Symbol("AWS::AccountId", "pseudo-parameter"),)), '{"Ref": "AWS::AccountId"}'),
        (Symbolic((Symbol("Role.Arn", "attribute"),)), '{"Fn::GetAtt": ["Role", "Arn"]}'),
        (Symbolic(("arn:", Symbol("P", "parameter"), ":root")), '{"Fn::Sub": "arn:${P}:root"}'),
        (Symbolic(("${aws:username}", Symbol("P", "parameter"))), '{"Fn::Sub": "${!aws:username}${P}"}'),
        # What stands for several values, or for another template's, is no value that a function gives.
        (Symbolic((Symbol("Vendors", "parameter", holds=LIST),)), '"<Vendors>"'),
        (Symbolic((Symbol("stack/P", "parameter"),)), '"<stack/P>"'),
    ],
)
def test_what_is_not_known_is_written_as_cloudformation_does(text: Symbolic, line: str) -> None:
    """A diff can be made as it stands, also where a parameter gives the value."""
    assert json_line(text) == line


def test_who_is_let_in_is_written_as_blocks_in_a_policy_document() -> None:
    """A remedy for a policy document of Terraform names principals as the blocks there do."""
    before: Value = {"AWS": ("arn:aws:iam::111122223333:root",), "Service": ("ec2.amazonaws.com",)}
    edit = set_value(("Statement", 0, "Principal"), before, {"AWS": ("a", "b")})
    assert list(to_hcl_lines((edit,), (DOCUMENT,))) == [
        "- principals {",
        '-   type        = "AWS"',
        '-   identifiers = ["arn:aws:iam::111122223333:root"]',
        "- }",
        "- principals {",
        '-   type        = "Service"',
        '-   identifiers = ["ec2.amazonaws.com"]',
        "- }",
        "+ principals {",
        '+   type        = "AWS"',
        '+   identifiers = ["a", "b"]',
        "+ }",
    ]
    assert list(to_hcl_lines((edit,), (OBJECT,)))[-1] == '+ Principal = { AWS = ["a", "b"] }'


def test_a_block_that_stays_is_not_shown() -> None:
    """One more key of an operator is one more block, and those beside it are as they were."""
    kept: dict[str, Value] = {"s3:x-amz-acl": ("bucket-owner-full-control",)}
    path = ("Statement", 0, "Condition", "StringEquals")
    edit = set_value(path, kept, {**kept, "aws:SourceAccount": ("111122223333",)})
    assert list(to_hcl_lines((edit,), (DOCUMENT,))) == [
        "+ condition {",
        '+   test     = "StringEquals"',
        '+   variable = "aws:SourceAccount"',
        '+   values   = ["111122223333"]',
        "+ }",
    ]
