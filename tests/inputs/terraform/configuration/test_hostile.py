"""
Files that are broken, or made to be read forever: a clear error with file and line, or something unknown.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pytest

import trustproof
from trustproof.errors import InputError
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.configuration.modules.files import PlanFiles
from trustproof.inputs.terraform.configuration.reading import RootConfiguration
from trustproof.inputs.terraform.configuration.syntax.expressions import Literal, NotRead, Operation
from trustproof.inputs.terraform.configuration.syntax.operators import Token, put_together
from trustproof.inputs.terraform.configuration.values import work
from trustproof.inputs.terraform.sources import files_to_read
from trustproof.inputs.terraform.sources.directory import templates
from trustproof.inputs.terraform.values.place import Extent, FixedPlace
from trustproof.model import regex_match
from trustproof.results.result import BUDGET

Read = Callable[..., RootConfiguration]

ROLE = 'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ a = %s })\n}\n'


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"main.tf": "a = {"}, r"main.tf:1:\d+: not HCL"),
        ({"main.tf": 'resource "a" "b" {\n  x = = 1\n}\n'}, r"main\.tf:2:7: not HCL: unexpected"),
        ({"main.tf": 'resource "a" "b" {\n  x = "open\n}\n'}, 'main.tf:2:7: not HCL: expected a closing "'),
        ({"main.tf": 'a = ["b", "c, "d"]\n'}, "main.tf:1:16: not HCL: unexpected"),
        (
            {"main.tf": 'resource "a" "b" {\n  "x" = 1\n}\n'},
            "main.tf:2:3: not HCL: the name of an argument is in quotes",
        ),
        ({"main.tf": 'a "b" "c" {\n  x = {\n    "y" = 1\n  }\n  "z" = 1\n}\n'}, "main.tf:5:3: not HCL: the name of an"),
        ({"main.tf": 'locals {\n  "x" = 1\n  y = = 1\n}\n'}, "main.tf:1:8: not HCL: unexpected"),
        (
            {
                "main.tf": '# "\n/* " */ locals {\n  a = "\\"${b["c"]}$${"\n  d = <<E\n"\nE\n  e = "${f}\n}\n'
                + ROLE % '"g"'
            },
            'main.tf:7:7: not HCL: expected a closing "',
        ),
        (
            {"main.tf": 'resource "a" "b" {\n' + "c {\n" * 100 + "}\n" * 101},
            r"main.tf:101:1: budget reached: blocks inside each other \(100\)",
        ),
        (
            {"main.tf": "locals {\n  a = " + '"${' * 101 + "1" + '}"' * 101 + "\n}\n"},
            r"main.tf:2:308: budget reached: templates inside each other \(100\)",
        ),
        (
            {"main.tf": "locals {\n  a = <<E\n" + '${/*}*/"' * 101},
            r"main.tf:3:801: budget reached: templates inside each other \(100\)",
        ),
        # The parser takes what is no template for one.
        (
            {"main.tf": "locals {\n  a = <<E\n" + "${" * 101},
            r"main.tf:3:201: budget reached: templates inside each other \(100\)",
        ),
        (
            {"main.tf.json": json.dumps({"resource": {"a": {"b": {"c": "${" * 101}}}})},
            r"main.tf.json:1:27: budget reached: templates inside each other \(100\)",
        ),
        ({"main.tf": "locals {\n  a = 1\n  a = 2\n}\n"}, "main.tf:3:3: the argument a stands twice in one block"),
        (
            {"main.tf": 'resource "a" "b" {\n  c {\n    d = 1\n    d = 2\n  }\n}\n'},
            "main.tf:4:5: the argument d stands twice in one block",
        ),
        ({"a.tf": "locals {\n  a = 1\n}\n", "b.tf": "locals {\n  a = 2\n}\n"}, "b.tf:2:3: local.a is declared twice"),
        ({"main.tf": 'variable "v" {}\nvariable "v" {}\n'}, "main.tf:2:1: variable v is declared twice"),
        (
            {"main.tf": "", "override.tf": "locals {\n  a = 1\n}\n"},
            "override.tf:2:3: local.a is not declared in a file that this one overrides",
        ),
        (
            {"main.tf": "", "x_override.tf": ROLE % 1},
            "x_override.tf:1:1: resource aws_iam_role.r is not declared in a file that this one overrides",
        ),
        ({"main.tf": "locals {\r  a = 1\r}\r"}, "main.tf:1:9: not HCL: a line ends with a carriage return alone"),
        ({"main.tf": (ROLE % 1) * 2}, "main.tf:4:1: resource aws_iam_role.r is declared twice"),
        ({"main.tf": 'provider "aws" {}\nprovider "aws" {}\n'}, "main.tf:2:1: provider aws is declared twice"),
        ({"main.tf.json": "[1]"}, "main.tf.json:1:1: a configuration in JSON is an object"),
        ({"main.tf.json": '{"resource": {"a": 1}}'}, "main.tf.json:1:15: resource.a is 1, expected an object"),
        ({"main.tf.json": '{"locals": {"a": 1, "a": 2}}'}, 'main.tf.json:1:21: the key "a" stands twice'),
        (
            {"main.tf.json": '{"resource": {"a": {"b": {"c": "${1 +}"}}}}'},
            "a part that is to be filled in is not an expression",
        ),
        ({"main.tf.json": "{"}, "main.tf.json:1:2: not JSON"),
        (
            {"main.tf": 'resources "aws_iam_role" "r" {}'},
            "main.tf:1:1: not a configuration of Terraform: a block resources",
        ),
        ({"main.tf": '\nresource "aws_iam_role" {}'}, "main.tf:2:1: .* a block resource with 1 labels, expected 2"),
        ({"main.tf": 'locals "l" {}'}, "main.tf:1:1: .* a block locals with 1 labels, expected 0"),
        ({"main.tf": "locals {}\na = 1\n"}, "main.tf:2:1: .* an argument a outside of a block"),
        (
            {"main.tf": "", "x_override.tf": 'modul "m" {}'},
            "x_override.tf:1:1: .* a block modul, expected one of action",
        ),
        (
            {"main.tf.json": '{"resources": {"a": {"b": {}}}}'},
            "main.tf.json:1:2: .* a block resources, expected one of",
        ),
        ({"main.tf": "", "terraform.tfvars.json": "[]"}, "tfvars.json:1:1: values of variables in JSON are an object"),
        ({"main.tf": "", "terraform.tfvars": "a ="}, "terraform.tfvars:1"),
        ({"main.tf": "", ".terraform/modules/modules.json": "[]"}, "not a list of modules as Terraform writes it"),
        (
            {"main.tf": f"locals {{\n  a = local.b\n  b = local.a\n}}\n{ROLE % 'local.a'}"},
            "main.tf:2:3: local.a refers to itself",
        ),
        ({"x.txt": ""}, r"no \.tf files in the directory"),
    ],
)
def test_what_is_malformed_is_an_error_with_its_place(read: Read, files: dict[str, str], message: str) -> None:
    """Whoever wrote it is told which file, which line, and what is wrong there."""

    def read_all() -> None:
        for one in read(files).instances():
            dict(one.values)

    with pytest.raises(InputError, match=message):
        read_all()


def test_what_is_not_utf_8_is_an_error_with_its_line(read: Read, tmp_path: Path) -> None:
    """Bytes that are no text are not guessed at."""
    (tmp_path / "bad.tf").write_bytes(b"# a\n# \xff\n")
    with pytest.raises(InputError, match=r"bad\.tf:2: not UTF-8: byte 0xff"):
        read("")


@pytest.mark.parametrize("others", [{}, {"other.tf": "locals {}\n"}], ids=["alone", "beside others"])
def test_what_is_too_long_is_an_error_with_its_name(tmp_path: Path, others: dict[str, str]) -> None:
    """Comments in front of a role hide it from nobody."""
    for name, text in {**others, "main.tf": "#" * work.MAX_FILE + "\n" + ROLE % 2}.items():
        (tmp_path / name).write_text(text)
    (error,) = trustproof.check([tmp_path], config={}).errors
    assert (error.file, error.message) == (str(tmp_path / "main.tf"), f"{BUDGET}: bytes of one file ({work.MAX_FILE})")


def test_templates_beside_each_other_are_as_many_as_there_are(read: Read) -> None:
    """Comments, texts and heredocs begin and end nothing but themselves."""
    many = "".join(f'  a{i} = "${{1}}%%{{$${{" # "${{\n  b{i} = <<E\n"${{2}}\n  E\n' for i in range(200))
    assert len([*read({"main.tf": f"locals {{\n{many}}}\n{ROLE % 'local.a199'}"}).instances()]) == 1


def test_a_row_of_operators_is_read_no_further_than_it_is_evaluated() -> None:
    """Each operator stands inside the next one: a megabyte of them took 700 MB."""
    place = FixedPlace(Extent("main.tf", 1, 1, 2, 0, 1))
    one = Token("", place, Literal(1, place))
    tokens = iter([one, *(token for _ in range(1000) for token in (Token("+", place), one))])
    assert isinstance(put_together(tokens, 100, BUDGET), NotRead)
    assert len([*tokens]) > 1700
    whole = iter([one, *(token for _ in range(100) for token in (Token("+", place), one))])
    assert isinstance(put_together(whole, 100, BUDGET), Operation)


def test_what_is_no_regular_file_is_a_note(read: Read, tmp_path: Path) -> None:
    """A pipe would be waited for forever."""
    os.mkfifo(tmp_path / "pipe.tf")
    (tmp_path / "directory.tf").mkdir()
    assert [note.reason for note in read("").notes] == ["is not read: it is no regular file"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "neither a directory nor a plan file"), (b"zip", "neither a directory nor a plan file")],
)
def test_what_is_no_plan_file_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    """A file that is no archive is said to be none."""
    (tmp_path / "tfplan").write_bytes(content)
    with pytest.raises(InputError, match=message):
        PlanFiles(str(tmp_path / "tfplan"))


def test_an_archive_without_sources_is_an_error(tmp_path: Path) -> None:
    """Not every archive is a plan."""
    with ZipFile(tmp_path / "tfplan", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(InputError, match="holds no sources"):
        PlanFiles(str(tmp_path / "tfplan"))


def _locals(first: str, following: str, count: int) -> str:
    lines = [f"  l0 = {first}\n", *(f"  l{n} = {following.replace('#', str(n - 1))}\n" for n in range(1, count))]
    return f"locals {{\n{''.join(lines)}}}\n"


BOOLEANS = "".join(f'variable "b{n}" {{\n  type = bool\n}}\n' for n in range(40))

HOSTILE = {
    "a circle of locals": "locals {\n  a = local.b\n  b = [local.a]\n}\n" + ROLE % "local.a",
    "a resource that counts itself": 'resource "aws_iam_role" "q" {\n  count = length(aws_iam_role.q)\n}\n'
    + ROLE % "1",
    "a resource that names itself": 'resource "aws_iam_role" "q" {\n  name = aws_iam_role.q.name\n}\n' + ROLE % "1",
    "parentheses": ROLE % ("(" * 3000 + "1" + ")" * 3000),
    "lists": ROLE % ("[" * 3000 + "]" * 3000),
    "objects": ROLE % ("{a=" * 3000 + "1" + "}" * 3000),
    "operators": ROLE % ("1" + "+1" * 3000),
    "signs": ROLE % ("!" * 3000 + "true"),
    "conditionals": ROLE % ("true ? 1 : " * 3000 + "2"),
    "steps": ROLE % ("null" + ".b" * 3000),
    "directives": ROLE % ('"' + "%{if true}" * 1000 + "%{endif}" * 1000 + '"'),
    "a chain of locals": _locals('"x"', "[local.l#]", 2000) + ROLE % "local.l1999",
    "locals that double lists": _locals('"x"', "[local.l#, local.l#]", 100) + ROLE % "local.l99",
    "locals that double texts": _locals('"x"', '"${local.l#}${local.l#}"', 100) + ROLE % "local.l99",
    "locals that double JSON": _locals("[]", "jsonencode([local.l#, local.l#])", 100) + ROLE % "local.l99",
    "unknown texts that double": 'variable "x" {}\n'
    + _locals("var.x", '"${local.l#}${local.l#}"', 100)
    + ROLE % "local.l99",
    "loops in loops": ROLE % "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]",
    "a product": ROLE % "setproduct(range(1000), range(1000), range(1000))",
    "a large count": 'resource "aws_iam_role" "q" {\n  count = 1000000000\n}\n',
    "a slow expression": ROLE % f'regex("(a+)+$", "{"a" * 60}b")',
    "a slow replacement": ROLE % f'replace("{"a" * 60}b", "/(a|a)*c/", "x")',
    "a long number": ROLE % 'format("%0999999999d", 1)',
    "many blanks": ROLE % r'indent(999999999, "a\nb")',
    "a power": ROLE % "pow(9999999, 999999)",
    "conditions in a list": BOOLEANS + ROLE % f"[{', '.join(f'var.b{n} ? 1 : 2' for n in range(40))}]",
    "conditions that multiply": BOOLEANS + ROLE % " + ".join(f"(var.b{n} ? 1 : 2)" for n in range(40)),
    "conditions in arguments": BOOLEANS + ROLE % f"concat({', '.join(f'var.b{n} ? [1] : []' for n in range(40))})",
    "conditions in conditions": BOOLEANS
    + "locals {\n"
    + "".join(f"  c{n} = var.b{n} ? local.c{n + 1} : [local.c{n + 1}]\n" for n in range(39))
    + "  c39 = 1\n}\n"
    + ROLE % "local.c0",
    "half a character": ROLE % r'"\ud800"',
    "no character": ROLE % r'"\U0011ffff"',
    "a resource as a value": ROLE % "aws_iam_role.r",
    "a byte that is none in a path": ROLE % r'file("a\u0000b")',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_made_to_be_read_forever_is_not(tmp_path: Path, text: str) -> None:
    """Whatever a configuration says, reading it ends, and nothing but an error with a place comes out."""
    (tmp_path / "main.tf").write_text(text)
    try:
        for one in templates(str(tmp_path), str(tmp_path), Settings()):
            assert one.documents or one.unread or one.errors or one.holders or one.roles
    except InputError as error:
        assert error.line  # noqa: PT017


def test_modules_that_call_each_other_have_a_budget(tmp_path: Path) -> None:
    """A few modules that each call the next one twice are not followed to the end, and the budget has a name."""
    calls = 'module "a" { source = "../m%s" }\nmodule "b" { source = "../m%s" }\n'
    for level in range(18):
        (tmp_path / f"m{level}").mkdir()
        below = calls % (level + 1, level + 1) if level < 17 else ""
        (tmp_path / f"m{level}" / "a.tf").write_text(below, encoding="utf-8")
    report = trustproof.check([tmp_path / "m0"])
    (error,) = report.errors
    assert f"{BUDGET}: instances of resources and modules, as many as the run has ({work.MAX_ALL})" in str(error)
    # At the call that somebody wrote, and not at the innermost of those that it leads to.
    assert error.file == str(tmp_path / "m0" / "a.tf")


def test_a_long_line_without_a_quote_is_looked_at_once(tmp_path: Path) -> None:
    """Beside a call of ``file``, a megabyte without blanks and quotes is no work for each of its characters."""
    text = f'locals {{\n  a = file("a.json")\n  b = <<E\n{"${" * 100_000}{"!" * 800_000}\nE\n}}\n'
    (tmp_path / "main.tf").write_text(text)
    found = files_to_read.names(str(tmp_path), [str(tmp_path)], (".tf",))
    assert found == {"a\\.json", r".*\.tfvars(?:\.json)?"}


def test_what_stands_in_too_many_directives_is_open_by_a_budget(tmp_path: Path) -> None:
    """A policy is not hidden behind directives that nobody enters: it is an error, and not a text that is malformed."""
    text = "%{if true}" * 51 + "{}" + "%{endif}" * 51
    (tmp_path / "main.tf").write_text(f'resource "aws_iam_role" "r" {{\n  assume_role_policy = "{text}"\n}}\n')
    for unknown in trustproof.check([tmp_path]).results:
        assert unknown.severity == "error"
        assert unknown.reasons[0].endswith(f"{BUDGET}: directives inside each other (50)")


def test_instances_of_all_blocks_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no block has too many of, all of them together may have."""
    monkeypatch.setattr(work, "MAX_ALL", 10)
    block = 'resource "aws_s3_bucket" "%s" {\n  count = 4\n}\n'
    for blocks, is_over in ((2, False), (3, True)):
        (tmp_path / "a.tf").write_text("".join(block % f"b{n}" for n in range(blocks)), encoding="utf-8")
        assert any(BUDGET in str(error) for error in trustproof.check([tmp_path]).errors) is is_over


def test_instances_that_say_who_may_do_what_have_a_budget_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is judged, and a line makes thousands; of what nobody is asked about there may be more."""
    monkeypatch.setattr(work, "MAX_WITH_ACCESS", 10)
    trust = '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}]}'
    text = f'resource "aws_iam_role" "r" {{\n  count = %d\n  assume_role_policy = jsonencode({trust})\n}}\n'
    text += 'resource "aws_route53_record" "b" {\n  count = 20\n}\n'
    for count, is_over in ((10, False), (11, True)):
        (tmp_path / "a.tf").write_text(text % count, encoding="utf-8")
        report = trustproof.check([tmp_path])
        assert len(report.errors) == is_over
        assert not is_over or not report.results
        for error in report.errors:
            assert f"{BUDGET}: instances of resources that say who may do what, as many as the run has (10)" in str(
                error
            )


def test_the_root_modules_of_a_run_share_the_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many root modules that call the same modules have no more together than one, whatever the others take."""
    monkeypatch.setattr(work, "MAX_ALL", 12)
    monkeypatch.setattr(work, "_LEAST", 1)
    block = 'resource "aws_s3_bucket" "b" {\n  count = %d\n}\n'
    for root, count in (("a", 5), ("b", 4), ("c", 2)):
        (tmp_path / root).mkdir()
        (tmp_path / root / "a.tf").write_text(block % count, encoding="utf-8")
    report = trustproof.check([tmp_path])
    (error,) = report.errors
    assert f"{BUDGET}: instances of resources and modules, as many as the run has (4)" in str(error)
    assert error.file == str(tmp_path / "a" / "a.tf")
    assert not trustproof.check([tmp_path / "a"]).errors


def test_a_root_module_has_what_an_ordinary_one_needs() -> None:
    """However many root modules a run has, each may have as many instances as one that is not hostile."""
    assert [work.instances_of_each(roots) for roots in (0, 1, 10, 60, 5_000)] == [30_000, 30_000, 3_000, 1_000, 1_000]


@pytest.mark.parametrize(
    "expression",
    [
        'format("%02000000d", 0)',
        'format("%.99999f", 1)',
        "pow(10, 9999)",
        'regex("(?:a{1,200}){1,200}b", "aa")',
        f'regex("(?:(?:a|b)+c?)+d", "{"ab" * 800}")',
    ],
    ids=["width", "precision", "power", "a long expression", "a long text"],
)
@pytest.mark.parametrize(
    "written",
    ["%s", 'substr("${%s}12", -2, 2)', 'substr("${local.l}12", -2, 2)', "max([local.l]...)", 'try(%s, "*")', "JSON"],
)
def test_a_budget_is_named_wherever_it_was_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expression: str, written: str
) -> None:
    """What nobody knows because of a budget is an error, also behind a local and in the call of another function."""
    monkeypatch.setattr(regex_match, "MAX_STEPS", 10_000)
    if written == "JSON":
        (tmp_path / "l.tf.json").write_text(json.dumps({"locals": {"m": f"${{{expression}}}"}}))
        written = "local.m"
    principal = written % expression if "%s" in written else written
    policy = (
        f'{{ Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {principal} }} }}] }}'
    )
    role = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = jsonencode({policy})\n}}\n'
    (tmp_path / "main.tf").write_text(f"locals {{\n  l = {expression}\n}}\n{role}")
    report = trustproof.check([tmp_path])
    unknown = [result for result in report.results if result.verdict == "unknown"]
    assert unknown
    assert all(any(BUDGET in reason for reason in result.reasons) for result in unknown)
    assert "error" in {result.severity for result in unknown}


#: What is made of a value that nobody knows because of a budget, as a principal.
MADE_OF_IT = """
local.l + 1
-local.l
local.l == 3 ? "111122223333" : "*"
!(local.l > 3) ? "111122223333" : "*"
local.l > 3 && var.x ? "111122223333" : "*"
local.in_list == [1] ? "111122223333" : "*"
local.in_object.b
local.in_object == { a = 1, b = 2 } ? "111122223333" : "*"
[local.l][var.i]
{ (local.l) = "*" }["a"]
local.l.a
local.l[*].a
"%{if local.l == 1}111122223333%{else}*%{endif}"
"%{for x in local.l}x%{endfor}"
[for x in local.l : x]
[for x in ["a", "*"] : x if local.l == 1]
values({ for x in local.l : x => x })
values({ for x in ["a", "*"] : x => x if local.l == 1 })
try(local.l + 1, "*")
can(local.l + 1) ? "*" : "111122223333"
coalesce(local.l, "*")
length(local.l) > 0 ? "*" : "111122223333"
element([local.l, "*"], var.i)
flatten([local.l])
setsubtract(["*"], [local.l])
jsondecode(local.l)
split(",", local.l)
module.m.o == 1 ? "*" : "111122223333"
aws_sns_topic.t.display_name == "a" ? "*" : "111122223333"
""".strip().splitlines()
AROUND_IT = """
locals {
  l         = pow(10, 9999)
  in_list   = [local.l]
  in_object = { a = 1, b = local.l }
}
variable "x" { type = bool }
variable "i" { type = number }
module "m" {
  source = "./m"
  v      = local.l
}
resource "aws_sns_topic" "t" {
  display_name = local.l
}
"""


def _refuted_and_over(folder: Path, source: str) -> tuple[bool, bool]:
    """Whether anything is refuted, and whether all that is unknown names a budget and an error is among it."""
    (folder / "main.tf").write_text(source)
    (folder / "m").mkdir()
    (folder / "m" / "main.tf").write_text('variable "v" {}\noutput "o" { value = var.v }\n')
    results = trustproof.check([folder]).results
    unknown = [result for result in results if result.verdict == "unknown"]
    over = [any(BUDGET in reason for reason in result.reasons) for result in unknown]
    return any(r.verdict == "refuted" for r in results), all(over) and any(r.severity == "error" for r in unknown)


@pytest.mark.parametrize("principal", MADE_OF_IT)
def test_a_budget_is_named_in_what_is_made_of_what_it_hides(tmp_path: Path, principal: str) -> None:
    """Operators, conditions, loops and functions of it are over that budget, and refuted for no made-up value."""
    statement = f'Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {principal} }}'
    policy = f"jsonencode({{ Statement = [{{ {statement} }}] }})"
    source = f'{AROUND_IT}resource "aws_iam_role" "r" {{\n  assume_role_policy = {policy}\n}}\n'
    assert _refuted_and_over(tmp_path, source) == (False, True)


@pytest.mark.parametrize(
    "over", ["local.l", "[for x in local.l : x]", 'concat(local.l, ["a"])', 'local.l == 1 ? ["a"] : []']
)
@pytest.mark.parametrize("place", ["statement", "principals", "condition"])
def test_a_budget_is_named_in_blocks_for_each_of_what_it_hides(tmp_path: Path, over: str, place: str) -> None:
    """How many blocks there are is not known because of a budget then, and nothing else."""
    content = {
        "statement": 'actions = ["sts:AssumeRole"]\n    principals {\n type = "AWS"\n identifiers = ["*"]\n }',
        "principals": 'type = "AWS"\n identifiers = ["*"]',
        "condition": 'test = "StringEquals"\n variable = "aws:PrincipalTag/a"\n values = ["b"]',
    }[place]
    dynamic = f'dynamic "{place}" {{\n  for_each = {over}\n  content {{\n    {content}\n  }}\n}}\n'
    principals = 'principals {\n type = "AWS"\n identifiers = ["*"]\n }\n' if place == "condition" else ""
    inner = f'statement {{\n actions = ["sts:AssumeRole"]\n {principals}{dynamic}\n}}\n'
    document = f'data "aws_iam_policy_document" "d" {{\n{dynamic if place == "statement" else inner}}}\n'
    role = 'resource "aws_iam_role" "r" {\n  assume_role_policy = data.aws_iam_policy_document.d.json\n}\n'
    assert _refuted_and_over(tmp_path, AROUND_IT + document + role) == (False, True)


def test_a_budget_is_not_named_in_what_stands_beside_what_it_hides(tmp_path: Path) -> None:
    """What is unknown for another reason is no error because of its neighbour."""
    trust = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = %s } }] })'
    (tmp_path / "main.tf").write_text(
        'variable "a" {}\nlocals {\n  o = { b = pow(10, 9999), c = file("missing"), d = "${var.a}x" }\n}\n'
        f'resource "aws_iam_role" "r" {{\n  assume_role_policy = {trust % "local.o.c"}\n}}\n'
        f'resource "aws_iam_role" "s" {{\n  assume_role_policy = {trust % "local.o.d"}\n}}\n'
    )
    results = trustproof.check([tmp_path]).results
    assert {result.logical_id for result in results if result.verdict == "unknown"} >= {"aws_iam_role.r"}
    assert not any(BUDGET in reason for result in results for reason in result.reasons)


def test_the_budget_of_one_value_is_not_that_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What many modules are given is within it, one by one; what is not, is unknown where it is validated, too."""
    monkeypatch.setattr(work, "MAX_PARTS", 200)
    sizes = (400, *(30 for _ in range(20)), 3)
    (tmp_path / "main.tf").write_text(
        "".join(f'module "m{n}" {{\n  source = "./m"\n  x = range({size})\n}}\n' for n, size in enumerate(sizes))
    )
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(
        'variable "x" {\n  validation {\n    condition = length(var.x) > 3\n    error_message = "too few"\n  }\n}\n'
    )
    (error,) = trustproof.check([tmp_path], config={}).errors
    assert "m21.x is not one that it admits: too few" in str(error)


def test_a_setting_that_is_looked_up_is_no_larger_than_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many references to single settings of one large table are within the budget, and tables within tables are not."""
    monkeypatch.setattr(work, "MAX_PARTS", 300)
    table = "".join(f'    s{number} = {{ account = "{111122223333 + number}" }}\n' for number in range(20))
    local = "locals {\n  t = {\n" + table + "  }\n  a = local.t.s1.account\n  b = [%s]\n}\n"
    role = 'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", '
    role += 'Action = "sts:AssumeRole", Principal = { AWS = flatten(local.b) } }] })\n}\n'
    (tmp_path / "main.tf").write_text(local % ", ".join(["local.a"] * 40) + role)
    assert not any(BUDGET in reason for one in trustproof.check([tmp_path]).results for reason in one.reasons)
    (tmp_path / "main.tf").write_text(local % ", ".join(["values(local.t)[*].account"] * 40) + role)
    assert any(BUDGET in reason for one in trustproof.check([tmp_path]).results for reason in one.reasons)


_TRUST = 'Statement = { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = %s } }'


@pytest.mark.parametrize(
    ("steps", "is_over"),
    [
        ("[*]", False),
        ("[0]", False),
        ("[0]" + "[0]" * 200, True),
        ("[*]" * 2_000, True),
        (".*" + ".a" * 200, True),
        ("[*]" + ".a" * 200, True),
    ],
)
def test_steps_into_a_value_are_not_followed_forever(tmp_path: Path, steps: str, is_over: bool) -> None:
    """Each ``[*]`` goes through the items of the one before, and none is left out: too many are unknown by a budget."""
    source = f'locals {{ b = [["*"]] }}\n{ROLE.replace("a = %s", _TRUST) % f"flatten(local.b{steps})"}'
    assert _refuted_and_over(tmp_path, source) == (not is_over, is_over)


@pytest.mark.parametrize(("depth", "is_over"), [(3, False), (50, True)])
def test_what_is_looked_through_again_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int, is_over: bool
) -> None:
    """Of calls inside each other, each has a name that all in it stands in: to write them takes more than to call."""
    monkeypatch.setattr(work, "MAX_STEPS", 400)
    calls = "upper(" * depth + "var.v" + ")" * depth
    role = ROLE.replace(
        "a = %s", 'Statement = { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = %s } }'
    )
    assert _refuted_and_over(tmp_path, f'variable "v" {{}}\n{role % calls}') == (not is_over, is_over)


_DOCUMENT = 'data "aws_iam_policy_document" "%s" {\n%s}\n'
_OF_DOCUMENT = 'resource "aws_iam_role" "r" {\n  assume_role_policy = data.aws_iam_policy_document.d.json\n}\n'


def test_documents_that_double_are_unknown_by_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of which each is made of the one before twice are given up at the parts that a value may have."""
    monkeypatch.setattr(work, "MAX_PARTS", 50)
    names = [*(f"d{number}" for number in range(6)), "d"]
    texts = [_DOCUMENT % (names[0], '  statement {\n    actions = ["sts:AssumeRole"]\n  }\n')]
    for before, name in pairwise(names):
        other = f"data.aws_iam_policy_document.{before}.json"
        texts.append(_DOCUMENT % (name, f"  source_policy_documents = [{other}, {other}]\n"))
    assert _refuted_and_over(tmp_path, "".join(texts) + _OF_DOCUMENT) == (False, True)


@pytest.mark.parametrize(("sid", "is_over"), [("", False), ("${var.v}", True)], ids=["known", "not known"])
def test_statements_that_take_the_place_of_others_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sid: str, is_over: bool
) -> None:
    """One of a known name is not held against each of the others; where the names are not known, that is work."""
    monkeypatch.setattr(work, "MAX_PARTS", 600)
    made = [
        ", ".join(f'{{ Sid = "{sid}{kind}{number}", Effect = "Deny", Action = "*" }}' for number in range(20))
        for kind in "ab"
    ]
    lines = f"  source_policy_documents = [jsonencode({{ Statement = [{made[0]}] }})]\n"
    lines += f"  override_policy_documents = [jsonencode({{ Statement = [{made[1]}] }})]\n"
    (tmp_path / "main.tf").write_text('variable "v" {}\n' + _DOCUMENT % ("d", lines) + _OF_DOCUMENT)
    reasons = [reason for result in trustproof.check([tmp_path]).results for reason in result.reasons]
    assert any(BUDGET in reason for reason in reasons) is is_over


def test_how_many_instances_there_are_is_not_known_by_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom one of very many roles lets in is left open by our budget, and not by the configuration."""
    monkeypatch.setattr(work, "MAX_PARTS", 300)
    by = 'for_each = toset([for n in range(100) : n == 7 ? "*" : "x${n}"])'
    statement = '{ Effect = "Allow", Principal = { AWS = each.value }, Action = "sts:AssumeRole" }'
    trust = f"assume_role_policy = jsonencode({{ Statement = [{statement}] }})"
    role = f'resource "aws_iam_role" "r" {{\n  {by}\n  {trust}\n}}\n'
    assert _refuted_and_over(tmp_path, role) == (False, True)


@pytest.mark.parametrize("written", ["{ %s }", "merge(%s)"])
def test_keys_that_may_be_each_other_are_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    """An object with very many keys that nobody knows is given up: each is held against each of the others."""
    monkeypatch.setattr(work, "MAX_PARTS", 1_000)
    keys = [f"(var.v{number}) = 1" for number in range(60)]
    made = written % ", ".join(keys if written[0] == "{" else (f"{{ {key} }}" for key in keys))
    condition = f"Condition = {{ StringEquals = {made} }}"
    statement = f'{{ Effect = "Allow", Principal = "*", Action = "sts:AssumeRole", {condition} }}'
    variables = "".join(f'variable "v{number}" {{}}\n' for number in range(60))
    role = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = jsonencode({{ Statement = [{statement}] }})\n}}\n'
    assert _refuted_and_over(tmp_path, variables + role) == (False, True)


@pytest.mark.parametrize(("last", "is_over"), [("var.v", False), ('format("%0999999999d", 1)', True)])
def test_a_role_is_told_few_of_very_many_doubts(tmp_path: Path, last: str, is_over: bool) -> None:
    """Attachments to nobody knows whom are a few reasons for each role and a last one, and a budget is among them."""
    attachments = "".join(
        f'resource "aws_iam_role_policy_attachment" "a{number}" {{\n  role = {role}\n'
        '  policy_arn = "arn:aws:iam::111122223333:policy/own"\n}\n'
        for number, role in enumerate([*["var.v"] * 30, last])
    )
    statement = '{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "sts:AssumeRole" }'
    role = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = jsonencode({{ Statement = [{statement}] }})\n}}\n'
    (tmp_path / "main.tf").write_text('variable "v" {}\n' + role + attachments)
    results = trustproof.check([tmp_path], properties=["assume-role-scoped"]).results
    reasons = next(one.reasons for one in results if one.reasons)
    assert len(reasons) == 20
    assert reasons[-1] == "there are more roles of which nobody knows which they are"
    assert any(BUDGET in reason for reason in reasons) is is_over


def test_names_that_are_made_of_each_other_are_one_text(tmp_path: Path) -> None:
    """A name that is made of one that is made of another is put together once, of all pieces."""
    roles = [f'name = "${{aws_iam_role.r{number + 1}.name}}x"' for number in range(4)]
    declared = "".join(
        f'resource "aws_iam_role" "r{number}" {{\n  {name}\n  assume_role_policy = "{{}}"\n}}\n'
        for number, name in enumerate([*roles, 'name = "a-${var.v}"'])
    )
    (tmp_path / "main.tf").write_text('variable "v" {}\n' + declared)
    (template,) = templates(str(tmp_path), str(tmp_path), Settings())
    names = [template.environment.properties(f"aws_iam_role.r{number}")["RoleName"] for number in range(2)]
    assert names == [{"Fn::Join": ["", ["a-", {"Ref": "var.v"}, "x" * count]]} for count in (4, 3)]
