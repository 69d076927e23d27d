"""
Keys of objects, and words of policy documents, that are variables with a few values: each is judged.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

MFA = "mfa-required"
FEW, ONE, NONE = 'contains(["Bool", "BoolIfExists"], var.op)', 'contains(["Bool"], var.op)', ""
LOCAL = "contains(local.operators, var.op)"


def variable(validation: str) -> str:
    shown = f'  validation {{\n    condition = {validation}\n    error_message = "No."\n  }}\n' if validation else ""
    return (
        f'variable "op" {{\n  type = string\n{shown}}}\nlocals {{\n  operators = toset(["Bool", "BoolIfExists"])\n}}\n'
    )


def role(condition: str) -> str:
    return f"""
variable "strict" {{
  type = bool
}}
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{OWN}" }}, Condition = {condition}
  }}] }})
}}
"""


def document(test: str = '"Bool"', kind: str = '"AWS"', variable: str = '"aws:MultiFactorAuthPresent"') -> str:
    return f"""
data "aws_iam_policy_document" "d" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = {kind}
      identifiers = ["{OWN}"]
    }}
    condition {{
      test     = {test}
      variable = {variable}
      values   = ["true"]
    }}
  }}
}}
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}}
"""


ASKS = '{ "aws:MultiFactorAuthPresent" = "true" }'
#: The validation, what is written, and the verdict.
CASES = [
    (FEW, role(f"{{ (var.op) = {ASKS} }}"), "refuted"),
    (LOCAL, role(f"{{ (var.op) = {ASKS} }}"), "refuted"),
    (ONE, role(f"{{ (var.op) = {ASKS} }}"), "proved"),
    (NONE, role(f"{{ (var.op) = {ASKS} }}"), "unknown"),
    ('var.op != "BoolIfExists"', role(f"{{ (var.op) = {ASKS} }}"), "unknown"),
    (FEW, role(f'{{ "${{var.op}}" = {ASKS} }}'), "refuted"),
    ('contains(["", "IfExists"], var.op)', role(f'{{ "Bool${{var.op}}" = {ASKS} }}'), "refuted"),
    (FEW, role(f"{{ for k in [var.op] : k => {ASKS} }}"), "refuted"),
    (ONE, role(f"{{ for k in [var.op] : k => {ASKS} }}"), "proved"),
    (FEW, role(f"merge({{ (var.op) = {ASKS} }}, {{ Bool = {ASKS} }})"), "proved"),
    (FEW, role(f'{{ (var.strict ? "Bool" : "BoolIfExists") = {ASKS} }}'), "refuted"),
    (FEW, role(f'{{ (var.strict ? "Bool" : "StringEquals") = {ASKS} }}'), "proved"),
    # What stands behind replaces what has its key.
    (FEW, role(f'{{ Bool = {ASKS}, (var.op) = {{ "aws:MultiFactorAuthPresent" = "false" }} }}'), "refuted"),
    ('contains(["BoolIfExists"], var.op)', role(f"{{ Bool = {ASKS}, (var.op) = {ASKS} }}"), "proved"),
    (FEW, document("var.op"), "refuted"),
    (ONE, document("var.op"), "proved"),
    (NONE, document("var.op"), "unknown"),
    (FEW, document('var.op == "Bool" ? "Bool" : "BoolIfExists"'), "refuted"),
    ('contains(["AWS"], var.op)', document(kind="var.op"), "proved"),
    ('contains(["aws:MultiFactorAuthPresent"], var.op)', document(variable="var.op"), "proved"),
    ('contains(["aws:MultiFactorAuthPresent", "aws:SecureTransport"], var.op)', document(variable="var.op"), "refuted"),
]


@pytest.mark.parametrize(("validation", "written", "verdict"), CASES)
@pytest.mark.parametrize("is_called", [False, True])
def test_a_key_with_a_few_values_is_judged_at_each(
    validation: str, written: str, verdict: str, is_called: bool
) -> None:
    """Where a validation says which values there are, in the root module or in one that is called with the variable."""
    text = variable(validation) + written
    called = 'variable "o" {\n}\nvariable "s" {\n  type = bool\n}\n'
    passed = (
        'module "m" {\n  source = "./m"\n  op = var.o\n' + ("  strict = var.s\n" if "strict" in text else "") + "}\n"
    )
    files = {"main.tf": called + passed, "m/main.tf": text} if is_called else {"main.tf": text}
    assert _verdicts(files) == {verdict}


#: Expressions of which it is asked whether they have a value, and the verdict.
TRIED = [
    ('can({ a = 1 }[var.op]) ? "Bool" : "BoolIfExists"', "refuted"),
    ('can({ a = 1 }[var.op]) ? "BoolIfExists" : "Bool"', "refuted"),
    ('can({ a = 1, b = 2 }[var.op]) ? "Bool" : "BoolIfExists"', "refuted"),
    ('can({ a = 1, b = 2 }[var.op]) || !can({ a = 1, b = 2 }[var.op]) ? "Bool" : "BoolIfExists"', "proved"),
    ('can({ a = 1 }[upper(var.op)]) ? "Bool" : "BoolIfExists"', "unknown"),
    ('can(yamldecode(yamlencode({ a = var.op }))) ? "Bool" : "BoolIfExists"', "proved"),
    ('can(yamldecode(yamlencode({ a = upper(var.op) }))) ? "BoolIfExists" : "Bool"', "unknown"),
    ('can(yamldecode(yamlencode({ a = { a = 1 }[upper(var.op)] }))) ? "Bool" : "BoolIfExists"', "unknown"),
    ('try({ a = "Bool" }[var.op], "Bool")', "proved"),
    ('try({ a = "Bool" }[var.op], "BoolIfExists")', "refuted"),
    ('try({ a = "BoolIfExists", b = "Bool" }[var.op], "Bool")', "refuted"),
    ('try({ a = "Bool", b = "Bool" }[var.op], "Bool")', "proved"),
    ('try({ a = "Bool", b = "Bool" }[var.op], "BoolIfExists")', "refuted"),
]


@pytest.mark.parametrize(("expression", "verdict"), TRIED)
def test_try_and_can_look_at_each_key(expression: str, verdict: str) -> None:
    """An object has no value where a variable is none of its keys."""
    assert _verdicts({"main.tf": variable(NONE) + role(f"{{ ({expression}) = {ASKS} }}")}) == {verdict}


def test_only_so_many_objects_are_told_apart() -> None:
    """A key with many values stays one that nobody knows, as it was."""
    many = ", ".join(f'"Bool{number}"' for number in range(20))
    text = variable(f"contains([{many}], var.op)") + role(f"{{ (var.op) = {ASKS} }}")
    assert _verdicts({"main.tf": text}) == {"unknown"}


def _verdicts(files: dict[str, str]) -> set[str]:
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            Path(directory, name).parent.mkdir(exist_ok=True)
            Path(directory, name).write_text(text, encoding="utf-8")
        report = trustproof.check([directory], account=OWN, properties=[MFA])
    assert not report.errors
    return {one.verdict for one in report.results if one.logical_id.startswith(("aws_", "module."))}
