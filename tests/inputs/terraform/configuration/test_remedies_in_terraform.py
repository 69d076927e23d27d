"""
Remedies in the language that a policy was written in: none has a word that only CloudFormation knows.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.output.formats import render
from trustproof.output.style import Style
from trustproof.properties.registry import PROPERTIES

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

#: What no report about Terraform has in what it says to do and why: functions and pseudo parameters, and what
#: arguments of resources are called in CloudFormation. Condition keys have the names of AWS.
CLOUDFORMATION = re.compile(
    r"Fn::|!Ref|!Sub|!GetAtt|\bRef\b|AWS::|(?<![:\w])(?:Source(?:Arn|Account)|PrincipalOrgID|\w*AuthType|AuthorizationType)\b"
    r"|MaxSessionDuration|AssumeRolePolicyDocument|PolicyDocument|ManagedPolicyArns|the parameter "
)
ROOT = f"arn:aws:iam::{OWN}:root"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def allow(action: object, **others: object) -> dict[str, object]:
    """A statement that allows something."""
    return {"Effect": "Allow", "Action": action, **others}


#: Trust policies, identity policies and policies of a queue that are wrong, each for a property.
TRUST = {
    "mfa": allow("sts:AssumeRole", Principal={"AWS": ROOT}),
    "everybody": allow("sts:AssumeRole", Principal={"AWS": "*"}),
    "service": allow("sts:AssumeRole", Principal={"Service": "config.amazonaws.com"}),
    "web": allow(
        "sts:AssumeRoleWithWebIdentity",
        Principal={"Federated": f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"},
    ),
    "saml": allow("sts:AssumeRoleWithSAML", Principal={"Federated": f"arn:aws:iam::{OWN}:saml-provider/x"}),
    "unusable": allow(
        "sts:AssumeRole", Principal={"AWS": ROOT}, Condition={"StringEquals": {"aws:username": ["", ""]}}
    ),
    "cloudformation": allow("sts:AssumeRole", Principal={"Service": "cloudformation.amazonaws.com"}),
}
IDENTITY = {
    "sensitive": allow(["iam:*", "s3:DeleteBucket"], Resource="*"),
    "assume": allow("sts:AssumeRole", Resource="*"),
    "pass": allow(["iam:PassRole", "cloudformation:*"], Resource="*"),
}
RESOURCE = {
    "open": allow("sqs:SendMessage", Principal="*", Resource="*"),
    "deputy": allow("sqs:SendMessage", Principal={"Service": "s3.amazonaws.com"}, Resource="*"),
}


def as_object(name: str, statement: dict[str, object]) -> tuple[str, str]:
    """In an object of HCL: what stands beside the resource, and the value."""
    return "", f"jsonencode({json.dumps({'Version': '2012-10-17', 'Statement': [statement]})})"


def as_heredoc(name: str, statement: dict[str, object]) -> tuple[str, str]:
    """As JSON text in a heredoc."""
    return "", f"<<-EOT\n{json.dumps({'Version': '2012-10-17', 'Statement': [statement]}, indent=2)}\nEOT\n"


def as_document(name: str, statement: dict[str, object]) -> tuple[str, str]:
    """As the blocks of a policy document."""
    lines = [f"    actions = {json.dumps(listed(statement['Action']))}"]
    if "Resource" in statement:
        lines.append(f"    resources = {json.dumps(listed(statement['Resource']))}")
    principals = statement.get("Principal", {})
    for kind, names in ({"*": "*"} if principals == "*" else dict(principals)).items():  # type: ignore[call-overload]
        lines.append(
            f'    principals {{\n      type = "{kind}"\n      identifiers = {json.dumps(listed(names))}\n    }}'
        )
    conditions = statement.get("Condition", {})
    assert isinstance(conditions, dict)
    for test, keys in conditions.items():
        for variable, values in keys.items():
            lines.append(
                f'    condition {{\n      test = "{test}"\n      variable = "{variable}"\n'
                f"      values = {json.dumps(listed(values))}\n    }}"
            )
    text = "\n".join(lines)
    return (
        f'data "aws_iam_policy_document" "{name}" {{\n  statement {{\n{text}\n  }}\n}}\n',
        f"data.aws_iam_policy_document.{name}.json",
    )


def listed(value: object) -> list[object]:
    """A value as a list."""
    return value if isinstance(value, list) else [value]


def configuration(write: object) -> str:
    """Everything that is wrong, in one way of writing."""
    assert callable(write)
    out: list[str] = ['resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n', OTHERS]
    for name, statement in TRUST.items():
        beside, value = write(name, statement)
        out.append(
            f'{beside}resource "aws_iam_role" "{name}" {{\n  name = "{name}"\n  assume_role_policy = {value}\n}}\n'
        )
    for name, statement in IDENTITY.items():
        beside, value = write(name, statement)
        user = f'resource "aws_iam_user" "{name}" {{\n  name = "{name}"\n}}\n'
        out.append(
            f'{beside}{user}resource "aws_iam_user_policy" "{name}" {{\n  user = aws_iam_user.{name}.name\n'
            f"  policy = {value}\n}}\n"
        )
    for name, statement in RESOURCE.items():
        beside, value = write(name, statement)
        out.append(
            f'{beside}resource "aws_sqs_queue_policy" "{name}" {{\n  queue_url = aws_sqs_queue.q.id\n'
            f"  policy = {value}\n}}\n"
        )
    return "".join(out)


OTHERS = f"""
resource "aws_lambda_function" "f" {{
  function_name = "f"
}}
resource "aws_lambda_function_url" "f" {{
  function_name      = aws_lambda_function.f.function_name
  authorization_type = "NONE"
}}
resource "aws_lambda_permission" "open" {{
  function_name = aws_lambda_function.f.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}}
resource "aws_lambda_permission" "deputy" {{
  function_name = aws_lambda_function.f.function_name
  action        = "lambda:InvokeFunction"
  principal     = "s3.amazonaws.com"
}}
resource "aws_lambda_permission" "rule" {{
  function_name = aws_lambda_function.f.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
}}
resource "aws_api_gateway_rest_api" "open" {{
  name   = "open"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Principal = "*"
    Action = "execute-api:Invoke", Resource = "execute-api:/*" }}] }})
}}
resource "aws_cloudwatch_event_permission" "open" {{
  principal    = "*"
  statement_id = "x"
}}
resource "aws_lambda_layer_version_permission" "open" {{
  layer_name     = "x"
  version_number = 1
  principal      = "*"
  action         = "lambda:GetLayerVersion"
  statement_id   = "x"
}}
resource "aws_iam_role" "sender" {{
  name                 = "sender"
  max_session_duration = 43200
  assume_role_policy   = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow"
    Principal = {{ Service = "ec2.amazonaws.com" }}, Action = "sts:AssumeRole" }}] }})
}}
resource "aws_iam_role_policy" "sender" {{
  role   = aws_iam_role.sender.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole"
    Resource = "arn:aws:iam::{OWN}:role/mfa" }}] }})
}}
"""


@pytest.mark.parametrize("account", [OWN, None])
@pytest.mark.parametrize("write", [as_object, as_heredoc, as_document])
def test_no_remedy_speaks_of_cloudformation(tmp_path: Path, write: object, account: str | None) -> None:
    """Over all properties and all ways of writing, with an account and without."""
    (tmp_path / "main.tf").write_text(configuration(write))
    report = trustproof.check([tmp_path], config={}, account=account)
    assert report.errors == ()
    wrong = [one for one in report.results if one.verdict == "refuted"]
    assert len({one.property for one in wrong}) >= 7
    assert {one.property for one in wrong} <= {one.ident for one in PROPERTIES}
    for one in wrong:
        for said in (one.message, one.label, str(one.remedy), *one.why, *one.reasons):
            assert CLOUDFORMATION.search(said) is None, (one.property, one.logical_id, said)


@pytest.mark.parametrize("write", [as_object, as_heredoc, as_document])
def test_a_role_that_the_configuration_sends_is_named_by_its_reference(tmp_path: Path, write: object) -> None:
    """In place of the account, since roles never carry MFA."""
    (tmp_path / "main.tf").write_text(configuration(write))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    said = [str(one.remedy) for one in report.results if one.logical_id == "aws_iam_role.mfa"]
    assert said
    assert all("aws_iam_role.sender.arn" in one for one in said)


def test_arguments_of_grants_are_written_as_arguments(tmp_path: Path) -> None:
    """Also where the argument is not there yet."""
    (tmp_path / "main.tf").write_text(configuration(as_object))
    ours = {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}
    alone = trustproof.check([tmp_path], config={}, properties=["no-confused-deputy"])
    report = trustproof.check([tmp_path], config=ours, properties=["inside-boundary"])
    said = "\n".join(str(one.remedy) for one in (*alone.results, *report.results))
    assert "+ source_account = data.aws_caller_identity.current.account_id" in said
    assert '+ condition {\n+   type = "StringEquals"\n+   key = "aws:PrincipalOrgID"' in said
    assert '+ organization_id = "o-a1b2c3d4e5"' in said
    assert '- authorization_type = "NONE"\n+ authorization_type = "AWS_IAM"' in said


def test_a_public_url_is_closed_by_its_argument_alone(tmp_path: Path) -> None:
    """The permission is the provider's: nobody can write a condition into it."""
    (tmp_path / "main.tf").write_text(configuration(as_object))
    ours = {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}
    report = trustproof.check([tmp_path], config=ours, properties=["inside-boundary"])
    found = [one for one in report.results if one.logical_id == "aws_lambda_function_url.f"]
    assert found
    assert found[0].remedy is not None
    assert found[0].remedy.diff == ('- authorization_type = "NONE"', '+ authorization_type = "AWS_IAM"')
    assert 'signed requests (authorization_type = "AWS_IAM")' in found[0].remedy.text


@pytest.mark.parametrize(
    ("more", "account", "has_diff"),
    [
        ("", "222222222222", True),
        ("", "${var.partner}", True),
        ("", "${var.jenkins_account_id}", False),
        ('description = "assumed by Atlantis"', "222222222222", False),
        ('tags = { consumer = "atlantis" }', "222222222222", False),
    ],
)
def test_a_role_that_speaks_of_a_program_is_asked_for_mfa_in_words(
    tmp_path: Path, more: str, account: str, has_diff: bool
) -> None:
    """By its description, its tags, or the variable that gives who gets in, whatever its default is."""
    text = f"""
variable "jenkins_account_id" {{ default = "222222222222" }}
variable "partner" {{ default = "222222222222" }}
resource "aws_iam_role" "admin" {{
  name = "AdminRole"
  {more}
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow"
    Principal = {{ AWS = "arn:aws:iam::{account}:root" }}, Action = "sts:AssumeRole" }}] }})
}}
"""
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    assert [bool(one.remedy and one.remedy.edits) for one in report.results] == [has_diff]


OPERATOR = {"AWS": f"arn:aws:iam::{OWN}:user/operator"}
TRUSTED = {"type": "AWS", "identifiers": [f"arn:aws:iam::{OWN}:user/operator"]}
#: A policy document in JSON, one in YAML, and an object with a truth value.
IN_JSON = {
    "data": {"aws_iam_policy_document": {"d": {"statement": {"actions": ["sts:AssumeRole"], "principals": TRUSTED}}}},
    "resource": {"aws_iam_role": {"r": {"name": "r", "assume_role_policy": "${data.aws_iam_policy_document.d.json}"}}},
}
IN_YAML = f"""
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = jsonencode(yamldecode(<<-Y
    Version: "2012-10-17"
    Statement:
      - Effect: Allow
        Action: sts:AssumeRole
        Principal: {{AWS: "arn:aws:iam::{OWN}:user/operator"}}
  Y
  ))
}}
"""
ASKS_FOR_FALSE = f"""
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = {{ AWS = "arn:aws:iam::{OWN}:user/operator" }}
      Condition = {{ Bool = {{ "KEY" = VALUE }} }}
    }}]
  }})
}}
"""
#: JSON in a text in quotes.
IN_QUOTES = (
    'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = '
    + json.dumps(json.dumps({"Version": "2012-10-17", "Statement": [allow("sts:AssumeRole", Principal=OPERATOR)]}))
    + "\n}\n"
)
OF_MFA, OF_TRANSPORT = "aws:MultiFactorAuthPresent", "aws:SecureTransport"


@pytest.mark.parametrize(
    ("name", "content", "diff"),
    [
        (
            "main.tf.json",
            json.dumps(IN_JSON),
            [f'+ "condition": {{"test": "Bool", "variable": "{OF_MFA}", "values": ["true"]}}'],
        ),
        ("main.tf", IN_QUOTES, [f'+ \\"Condition\\": {{\\"Bool\\": {{\\"{OF_MFA}\\": \\"true\\"}}}}']),
        ("main.tf", IN_YAML, [f'+ "Condition": {{"Bool": {{"{OF_MFA}": "true"}}}}']),
        (
            "main.tf",
            ASKS_FOR_FALSE.replace("KEY", OF_MFA).replace("VALUE", "false"),
            [f'- Bool = {{ "{OF_MFA}" = "false" }}', f'+ Bool = {{ "{OF_MFA}" = "true" }}'],
        ),
        (
            "main.tf",
            ASKS_FOR_FALSE.replace("KEY", OF_TRANSPORT).replace("VALUE", "true"),
            [
                f'- Bool = {{ "{OF_TRANSPORT}" = "true" }}',
                f'+ Bool = {{ "{OF_TRANSPORT}" = "true", "{OF_MFA}" = "true" }}',
            ],
        ),
    ],
    ids=["a document in JSON", "a text in quotes", "YAML", "false without quotation marks", "true without them"],
)
def test_a_remedy_is_in_the_language_of_the_policy(tmp_path: Path, name: str, content: str, diff: list[str]) -> None:
    """Blocks in JSON are properties, quotes in quotes are escaped, all JSON is YAML, a truth value is replaced."""
    (tmp_path / name).write_text(content)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    (result,) = report.results
    assert result.remedy is not None
    assert list(result.remedy.diff) == diff


def test_one_more_condition_of_a_document_in_json(tmp_path: Path) -> None:
    """Beside a condition that is there another one is an item of a list."""
    content = json.loads(json.dumps(IN_JSON))
    statement = content["data"]["aws_iam_policy_document"]["d"]["statement"]
    statement["condition"] = {"test": "Bool", "variable": OF_TRANSPORT, "values": ["true"]}
    (tmp_path / "main.tf.json").write_text(json.dumps(content))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    assert report.results[0].remedy is not None
    one, other = (f'{{"test": "Bool", "variable": "{key}", "values": ["true"]}}' for key in (OF_TRANSPORT, OF_MFA))
    assert list(report.results[0].remedy.diff) == [f'- "condition": {one}', f'+ "condition": [{one}, {other}]']


@pytest.mark.parametrize(
    ("type_", "is_words"),
    [("any", False), ("object({ BoolIfExists = map(string) })", True), ("map(map(string))", False)],
)
def test_what_a_type_leaves_out_is_no_remedy(tmp_path: Path, type_: str, is_words: bool) -> None:
    """A key that the type of a variable does not name never comes to the policy: that is said, and no diff is shown."""
    (tmp_path / "main.tf").write_text(
        f'variable "c" {{\n  type = {type_}\n'
        '  default = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" } }\n}\n'
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{\n'
        f'    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{ROOT}" }}\n'
        "    Condition = var.c }] })\n}\n",
        encoding="utf-8",
    )
    (found,) = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"]).results
    remedy = found.remedy
    assert remedy is not None
    assert bool(remedy.edits) is not is_words
    assert ("Bool in the place of BoolIfExists" in remedy.text) is is_words


TWO_PROVIDERS = """
provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
data "aws_caller_identity" "current" {}
data "aws_iam_policy_document" "kms" {
  statement {
    actions   = ["kms:Encrypt", "kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.amazonaws.com"]
    }
  }
}
resource "aws_kms_key" "primary" {
  policy = data.aws_iam_policy_document.kms.json
}
resource "aws_kms_key" "replica" {
  provider = aws.west
  policy   = data.aws_iam_policy_document.kms.json
}
"""


def test_a_document_that_a_condition_chooses_has_a_diff_in_blocks(tmp_path: Path) -> None:
    """Where a condition decides what is joined to a document, its statements are blocks all the same."""
    statement = """
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "%s"
      identifiers = ["%s"]
    }
  }
}
"""
    (tmp_path / "main.tf").write_text(
        'data "aws_iam_policy_document" "logs" {'
        + statement % ("Service", "logs.eu-west-1.amazonaws.com")
        + 'variable "more" { type = string }\n'
        + 'data "aws_iam_policy_document" "more" {\n  count = var.more != "" ? 1 : 0'
        + statement % ("AWS", ROOT)
        + """
data "aws_iam_policy_document" "all" {
  source_policy_documents = concat(
    [data.aws_iam_policy_document.logs.json], data.aws_iam_policy_document.more[*].json)
}
resource "aws_kms_key" "k" { policy = data.aws_iam_policy_document.all.json }
"""
    )
    report = trustproof.check([tmp_path], account=OWN, properties=["no-confused-deputy"])
    # What stands there once is found once, and needs no value of the condition.
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert "+ condition {" in str(found.remedy)
    assert found.counterexample is not None
    assert not found.counterexample.parameters


def test_providers_of_one_account_share_its_name(tmp_path: Path) -> None:
    """One document of two keys gets one change: the module calls the account alike, whichever provider asks for it."""
    (tmp_path / "main.tf").write_text(TWO_PROVIDERS, encoding="utf-8")
    report = trustproof.check([tmp_path], account="111122223333", properties=["no-confused-deputy"], config={})
    found = [one.remedy for one in report.results if one.verdict == trustproof.REFUTED]
    assert len(found) == 2
    for remedy in found:
        assert remedy is not None
        assert '+   values   = ["arn:aws:logs:*:${data.aws_caller_identity.current.account_id}:*"]' in remedy.diff
    # Another account has another id.
    other = 'region = "us-west-2"\n  assume_role { role_arn = "arn:aws:iam::444455556666:role/deploy" }'
    (tmp_path / "main.tf").write_text(TWO_PROVIDERS.replace('region = "us-west-2"', other), encoding="utf-8")
    report = trustproof.check([tmp_path], account="111122223333", properties=["no-confused-deputy"], config={})
    found = [one.remedy for one in report.results if one.resource_type and one.logical_id == "aws_kms_key.replica"]
    assert all(remedy is None or "current" not in "".join(remedy.diff) for remedy in found)


PERMISSION = {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "f", "Action": "lambda:InvokeFunction"}}
STACK = 'resource "aws_cloudformation_stack" "s" {\n  name = "s"\n  template_body = %s\n}\n'


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ('file("${path.module}/t.json")', '+ "SourceAccount": {"Ref": "AWS::AccountId"}'),
        ('jsonencode(jsondecode(file("${path.module}/t.json")))', '+ SourceAccount = { Ref = "AWS::AccountId" }'),
    ],
)
def test_a_template_of_cloudformation_keeps_its_language(tmp_path: Path, written: str, line: str) -> None:
    """What a stack of Terraform is made of is CloudFormation's; an argument would replace the whole template."""
    properties = {**PERMISSION["Properties"], "Principal": "s3.amazonaws.com"}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"P": {**PERMISSION, "Properties": properties}}}))
    (tmp_path / "main.tf").write_text(STACK % written)
    report = trustproof.check([tmp_path], config={}, properties=["no-confused-deputy"])
    found = [one for one in report.results if one.template == str(tmp_path) and one.verdict == trustproof.REFUTED]
    (remedy,) = (one.remedy for one in found)
    assert remedy is not None
    assert list(remedy.diff) == [line]


@pytest.mark.parametrize(
    ("function", "handed"),
    [("file", ""), ("templatefile", ', { service = "s3.amazonaws.com" }')],
)
def test_no_expression_is_written_into_a_file_that_terraform_reads(tmp_path: Path, function: str, handed: str) -> None:
    """`file` puts nothing in, and `templatefile` what it is handed; what needs no expression is a diff."""
    service = "${service}" if handed else "s3.amazonaws.com"
    statements = [allow("sqs:SendMessage", Principal={"Service": service}, Resource="*")]
    (tmp_path / "p.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=1))
    people = allow("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{OWN}:user/operator"})
    trust = {"Version": "2012-10-17", "Statement": [people]}
    (tmp_path / "trust.json").write_text(json.dumps(trust, indent=1))
    (tmp_path / "main.tf").write_text(
        f'''
resource "aws_sqs_queue_policy" "q" {{
  queue_url = "https://sqs.us-east-1.amazonaws.com/{OWN}/q"
  policy    = {function}("${{path.module}}/p.json"{handed})
}}
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = file("${{path.module}}/trust.json")
}}
'''
    )
    asked = ["no-confused-deputy", "mfa-required"]
    report = trustproof.check([tmp_path], config={}, properties=asked)
    found = {one.property: one.remedy for one in report.results if one.verdict == trustproof.REFUTED}
    deputy, mfa = (found[name] for name in asked)
    assert deputy is not None
    assert not deputy.edits
    assert "with aws:SourceAccount, by a value that templatefile hands to p.json" in deputy.text
    assert mfa is not None
    assert mfa.edits


@pytest.mark.parametrize(
    ("written", "content", "variable"),
    [
        pytest.param("<<EOF\n{policy}\nEOF", "", "$${", id="heredoc"),
        pytest.param("<<-EOF\n  {policy}\n  EOF", "", "$${", id="heredoc with margin"),
        pytest.param("jsonencode({policy})", "", "$${", id="object"),
        pytest.param('templatefile("${{path.module}}/p.json", {{ r = "*" }})', "${r}", "$${", id="filled in"),
        pytest.param('file("${{path.module}}/p.json")', "${aws:username}", " ${", id="not filled in"),
        pytest.param('file("${{path.module}}/p.json")', "*", " ${", id="not told"),
    ],
)
def test_policy_variables_are_left_to_iam(tmp_path: Path, written: str, content: str, variable: str) -> None:
    """What Terraform fills in has two dollar signs before what it is to leave as it is."""
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}'
    )
    more = f', {{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/{content}"}}]'
    (tmp_path / "p.json").write_text(policy.replace("]", more))
    told = written.format(policy=policy)
    (tmp_path / "main.tf").write_text(f'resource "aws_iam_role_policy" "p" {{\n  role   = "r"\n  policy = {told}\n}}\n')
    report = trustproof.check([tmp_path], config={}, properties=["assume-role-scoped"])
    (remedy,) = (one.remedy for one in report.results if one.verdict == trustproof.REFUTED)
    assert remedy is not None
    assert f'"{variable}aws:PrincipalOrgID}}"'.replace(" ", "") in "".join(remedy.diff)
    assert ("where templatefile reads p.json" in remedy.text) == (content == "*")


def test_no_expression_is_written_into_a_text_in_a_file(tmp_path: Path) -> None:
    """JSON in YAML that `file` reads: what is read there keeps an interpolation as it is written."""
    statements = [allow("sns:Publish", Principal={"Service": "s3.amazonaws.com"}, Resource="*")]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    (tmp_path / "p.yaml").write_text(f"x: |\n  {policy}\n")
    (tmp_path / "main.tf").write_text(
        'resource "aws_sns_topic" "t" {\n  name   = "t"\n  policy = yamldecode(file("${path.module}/p.yaml")).x\n}\n'
    )
    report = trustproof.check([tmp_path], config={}, properties=["no-confused-deputy"])
    (remedy,) = (one.remedy for one in report.results if one.verdict == trustproof.REFUTED)
    assert remedy is not None
    assert not remedy.edits
    assert "in the file that is read there" in remedy.text


def test_nothing_that_terraform_would_fill_in_is_written_into_a_heredoc(tmp_path: Path) -> None:
    """There ${ is Terraform's, and Terraform knows no AWS::AccountId."""
    service = '!Sub "logs.$${AWS::Region}.amazonaws.com"'
    statement = f'{{Effect: Allow, Principal: {{Service: {service}}}, Action: ["kms:Decrypt"], Resource: "*"}}'
    key = f'{{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Version: "2012-10-17", Statement: [{statement}]}}}}}}'
    stack = 'resource "aws_cloudformation_stack" "s" {\n  name = "s"\n  template_body = <<EOF\n'
    (tmp_path / "main.tf").write_text(f"{stack}Resources:\n  K: {key}\nEOF\n}}\n")
    report = trustproof.check([tmp_path], config={}, properties=["no-confused-deputy"])
    (remedy,) = (one.remedy for one in report.results if one.verdict == trustproof.REFUTED)
    assert remedy is not None
    assert not remedy.edits
    assert "begins with $$" in remedy.text


def test_each_finding_in_a_template_of_a_heredoc_has_its_own_place(tmp_path: Path) -> None:
    """So that each has a diff of its own: they were said to share one document."""
    lines = [
        'resource "aws_cloudformation_stack" "s" {',
        '  name = "s"',
        "  template_body = <<-EOF",
        "    Resources:",
        *(
            f"      {name}: {{Type: AWS::SNS::TopicPolicy, Properties: {{Topics: [{topic}], "
            "PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, "
            "Principal: {Service: s3.amazonaws.com}, Action: 'sns:Publish', Resource: '*'}]}}}"
            for name, topic in (("P", "t"), ("Q", '!Sub "$${AWS::StackName}-q"'))
        ),
        "    EOF",
        "}",
    ]
    (tmp_path / "main.tf").write_text("\n".join(lines) + "\n")
    report = trustproof.check([tmp_path], config={}, properties=["no-confused-deputy"])
    assert [one.verdict for one in report.results] == ["refuted", "refuted"]
    places = [one["location"] for one in json.loads(render("json", report, Style(coloured=False)))["results"]]
    assert [place["line"] for place in places] == [5, 6]
    assert all(lines[place["line"] - 1][place["column"] - 1 :].startswith("s3.amazonaws.com") for place in places)
    assert all(one.remedy is not None and one.remedy.edits for one in report.results)
