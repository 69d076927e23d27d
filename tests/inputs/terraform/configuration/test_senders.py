"""
What of a configuration sends to a queue, topic, function or bucket, and what remedies leave in because of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, plan
from trustproof.inputs.terraform.plans.plan import Plan

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

QUEUE = """
resource "aws_sqs_queue" "q" {
  name = "q"
}
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = PRINCIPAL
    Action = "sqs:SendMessage", Resource = aws_sqs_queue.q.arn }] })
}
"""
SENDERS = {
    "s3.amazonaws.com": """
resource "aws_s3_bucket" "b" {
  bucket = "b"
}
resource "aws_s3_bucket_notification" "sender" {
  bucket = aws_s3_bucket.b.id
  queue {
    queue_arn = aws_sqs_queue.q.arn
    events    = ["s3:ObjectCreated:*"]
  }
}
""",
    "sns.amazonaws.com": """
resource "aws_sns_topic" "t" {
  name = "t"
}
resource "aws_sns_topic_subscription" "sender" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.q.arn
}
""",
    "events.amazonaws.com": """
resource "aws_cloudwatch_event_rule" "r" {
  name                = "r"
  schedule_expression = "rate(1 day)"
}
resource "aws_cloudwatch_event_target" "sender" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_sqs_queue.q.arn
}
""",
    "cloudwatch.amazonaws.com": """
resource "aws_cloudwatch_metric_alarm" "sender" {
  alarm_name    = "a"
  alarm_actions = [aws_sqs_queue.q.arn]
}
""",
}
ARNS = {
    "sns.amazonaws.com": "aws_sns_topic.t.arn",
    "events.amazonaws.com": "aws_cloudwatch_event_rule.r.arn",
    "cloudwatch.amazonaws.com": "aws_cloudwatch_metric_alarm.sender.arn",
}


def remedy(directory: Path, text: str, asked: str, logical_id: str = "aws_sqs_queue_policy.q") -> str:
    """The remedy of the refutation of a property."""
    (directory / "main.tf").write_text(text)
    report = trustproof.check([directory], config={}, account=OWN, properties=[asked])
    assert report.errors == ()
    found = [one for one in report.results if one.logical_id == logical_id and one.verdict == "refuted"]
    assert found
    assert found[0].remedy is not None
    return str(found[0].remedy)


@pytest.mark.parametrize("service", SENDERS)
def test_who_sends_is_named_where_everybody_may(tmp_path: Path, service: str) -> None:
    """A test of the organization would keep the service out, which has none."""
    said = remedy(tmp_path, QUEUE.replace("PRINCIPAL", '"*"') + SENDERS[service], "inside-boundary")
    assert service in said
    assert ".sender sends notifications here" in said
    assert "aws:PrincipalOrgID" not in said


@pytest.mark.parametrize("service", ARNS)
def test_a_service_is_bound_to_what_sends(tmp_path: Path, service: str) -> None:
    """The remedy tests the ARN of the sender, by the name that it has in the configuration."""
    text = QUEUE.replace("PRINCIPAL", f'{{ Service = "{service}" }}') + SENDERS[service]
    said = remedy(tmp_path, text, "no-confused-deputy")
    assert f'+ Condition = {{ ArnLike = {{ "aws:SourceArn" = {ARNS[service]} }} }}' in said


LEFT = {
    "events.amazonaws.com": """
resource "aws_cloudwatch_event_rule" "left" {
  event_pattern = "{}"
}
resource "aws_cloudwatch_event_target" "left" {
  rule = aws_cloudwatch_event_rule.left.name
  arn  = "arn:aws:lambda:eu-central-1:111122223333:function:f"
  dead_letter_config {
    arn = aws_sqs_queue.q.arn
  }
}
""",
    "sns.amazonaws.com": """
resource "aws_sns_topic" "left" {
  name = "left"
}
resource "aws_sns_topic_subscription" "left" {
  topic_arn      = aws_sns_topic.left.arn
  protocol       = "lambda"
  endpoint       = "arn:aws:lambda:eu-central-1:111122223333:function:f"
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.q.arn })
}
""",
}


@pytest.mark.parametrize("service", LEFT)
def test_who_leaves_what_it_cannot_deliver_is_named_too(tmp_path: Path, service: str) -> None:
    """A queue of dead letters gets them from the rule or topic that could not deliver them."""
    text = QUEUE.replace("PRINCIPAL", f'{{ Service = "{service}" }}') + SENDERS[service] + LEFT[service]
    said = remedy(tmp_path, text, "no-confused-deputy")
    assert ".left.arn" in said
    assert said.count(".arn") == 2


@pytest.mark.parametrize(
    "written",
    [
        '<<EOT\n{"deadLetterTargetArn": "${aws_sqs_queue.q.arn}"}\nEOT',
        '"{\\"deadLetterTargetArn\\": \\"${aws_sqs_queue.q.arn}\\"}"',
    ],
)
def test_a_queue_of_dead_letters_is_named_in_any_text(tmp_path: Path, written: str) -> None:
    """A topic leaves its dead letters there whichever way its redrive policy is written."""
    service = "sns.amazonaws.com"
    text = QUEUE.replace("PRINCIPAL", f'{{ Service = "{service}" }}') + SENDERS[service]
    left = LEFT[service].replace("jsonencode({ deadLetterTargetArn = aws_sqs_queue.q.arn })", written)
    assert written in left
    said = remedy(tmp_path, text + left, "no-confused-deputy")
    assert ".left.arn" in said
    assert said.count(".arn") == 2


@pytest.mark.parametrize(
    ("place", "waits_for", "is_named"),
    [
        ("rule", "aws_sqs_queue_policy.q", False),
        ("rule", "module.m", False),
        ("rule", "aws_sqs_queue.q", True),
        ("target", "aws_sqs_queue_policy.q", True),
    ],
)
def test_a_remedy_refers_to_nothing_that_waits_for_the_policy(
    tmp_path: Path, place: str, waits_for: str, is_named: bool
) -> None:
    """What `depends_on` has come later is not referred to: a cycle is what Terraform would say."""
    service = "events.amazonaws.com"
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('resource "aws_sqs_queue" "inner" {\n  name = "inner"\n}\n')
    waiting = f"depends_on = [{waits_for}]"
    sender = f"""
resource "aws_cloudwatch_event_rule" "r" {{
  schedule_expression = "rate(1 day)"
  {waiting if place == "rule" else ""}
}}
resource "aws_cloudwatch_event_target" "t" {{
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_sqs_queue.q.arn
  {waiting if place == "target" else ""}
}}
"""
    called = 'module "m" {\n  source = "./m"\n  depends_on = [aws_sqs_queue_policy.q]\n}\n'
    text = QUEUE.replace("PRINCIPAL", f'{{ Service = "{service}" }}') + sender + called
    said = remedy(tmp_path, text, "no-confused-deputy")
    assert ("aws_cloudwatch_event_rule.r.arn" in said) is is_named, said
    assert "aws:SourceArn" in said


def test_what_is_handed_on_is_held_by_the_account(tmp_path: Path) -> None:
    """Where an output gives a queue to other configurations, their rules send there too."""
    service = "events.amazonaws.com"
    text = QUEUE.replace("PRINCIPAL", f'{{ Service = "{service}" }}') + SENDERS[service]
    for value, held in (
        ("aws_sqs_queue.q.arn", '"arn:aws:events:*:111122223333:*"'),
        ("aws_sqs_queue.q.name", "r.arn"),
    ):
        assert held in remedy(tmp_path, f'{text}output "q" {{\n  value = {value}\n}}\n', "no-confused-deputy")


def test_what_an_output_of_a_module_hands_on_is_held_by_the_account(tmp_path: Path) -> None:
    """A queue that a module gives to the root module, and that to others, has senders that nobody knows."""
    service = "events.amazonaws.com"
    (tmp_path / "m").mkdir()
    text = QUEUE.replace("PRINCIPAL", f'{{ Service = "{service}" }}') + SENDERS[service]
    (tmp_path / "m" / "main.tf").write_text(f'{text}output "arn" {{\n  value = aws_sqs_queue.q.arn\n}}\n')
    called = 'module "m" {\n  source = "./m"\n}\n'
    for outer, held in (
        ('output "q" {\n  value = module.m.arn\n}\n', "arn:aws:events:*:111122223333:*"),
        ("", "r.arn"),
    ):
        assert held in remedy(tmp_path, called + outer, "no-confused-deputy", "module.m.aws_sqs_queue_policy.q")


def test_what_sends_elsewhere_is_not_named(tmp_path: Path) -> None:
    """A subscription of another queue says nothing of this one."""
    other = SENDERS["sns.amazonaws.com"].replace("aws_sqs_queue.q.arn", "aws_sqs_queue.other.arn")
    text = QUEUE.replace("PRINCIPAL", '"*"') + other + 'resource "aws_sqs_queue" "other" {\n  name = "other"\n}\n'
    assert "sends notifications" not in remedy(tmp_path, text, "inside-boundary")


def test_what_may_not_be_there_is_not_named(tmp_path: Path) -> None:
    """A condition decides whether it sends."""
    sender = SENDERS["sns.amazonaws.com"].replace('"sender" {', '"sender" {\n  count = var.sends ? 1 : 0')
    text = QUEUE.replace("PRINCIPAL", '"*"') + sender + 'variable "sends" {\n  type = bool\n}\n'
    assert "sends notifications" not in remedy(tmp_path, text, "inside-boundary")


FUNCTION = """
resource "aws_lambda_function" "f" {
  function_name = "f"
}
resource "aws_lambda_function_url" "u" {
  function_name      = aws_lambda_function.f.function_name
  authorization_type = "AWS_IAM"
}
resource "aws_lambda_permission" "p" {
  function_name          = aws_lambda_function.f.function_name
  action                 = "ACTION"
  principal              = "*"
  function_url_auth_type = TYPE
}
"""


@pytest.mark.parametrize(
    ("sender", "action", "type_", "said"),
    [
        (
            """
resource "aws_cloudfront_distribution" "sender" {
  origin {
    domain_name              = replace(replace(aws_lambda_function_url.u.function_url, "https://", ""), "/", "")
    origin_access_control_id = "E1"
    origin_id                = "f"
  }
}
""",
            "lambda:InvokeFunctionUrl",
            '"AWS_IAM"',
            "cloudfront.amazonaws.com",
        ),
        (
            """
resource "aws_cognito_user_pool" "sender" {
  lambda_config {
    pre_sign_up = aws_lambda_function.f.arn
  }
}
""",
            "lambda:InvokeFunction",
            "null",
            "cognito-idp.amazonaws.com",
        ),
    ],
)
def test_who_calls_a_function_is_named_where_everybody_may(
    tmp_path: Path, sender: str, action: str, type_: str, said: str
) -> None:
    """A distribution that signs its calls to a URL, and a pool of users, have no organization."""
    text = FUNCTION.replace("ACTION", action).replace("TYPE", type_) + sender
    found = remedy(tmp_path, text, "inside-boundary", "aws_lambda_permission.p")
    assert f"name the service {said}, with source_arn" in found
    assert ".sender calls this function" in found


@pytest.mark.parametrize(
    "sender",
    [
        """
resource "aws_db_event_subscription" "sender" {
  sns_topic = aws_sns_topic.t.arn
}
""",
        """
resource "aws_budgets_budget" "sender" {
  notification {
    subscriber_sns_topic_arns = [aws_sns_topic.t.arn]
  }
}
""",
    ],
)
def test_who_notifies_a_topic_is_named_where_everybody_may(tmp_path: Path, sender: str) -> None:
    """Events of databases and budgets come in the name of a service."""
    policy = """
resource "aws_sns_topic" "t" {
  name = "t"
}
resource "aws_sns_topic_policy" "p" {
  arn    = aws_sns_topic.t.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sns:Publish", Resource = aws_sns_topic.t.arn }]
  })
}
"""
    found = remedy(tmp_path, policy + sender, "inside-boundary", "aws_sns_topic_policy.p")
    assert ".sender sends notifications here" in found


def test_a_permission_and_a_bucket_policy_have_senders_too(tmp_path: Path) -> None:
    """A notification invokes the function, and a distribution reads the bucket."""
    text = """
resource "aws_lambda_function" "f" {
  function_name = "f"
}
resource "aws_lambda_permission" "p" {
  function_name = aws_lambda_function.f.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}
resource "aws_s3_bucket" "b" {
  bucket = "b"
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_policy     = false
  restrict_public_buckets = false
}
resource "aws_s3_bucket_notification" "n" {
  bucket = aws_s3_bucket.b.id
  lambda_function {
    lambda_function_arn = aws_lambda_function.f.arn
    events              = ["s3:ObjectCreated:*"]
  }
}
resource "aws_cloudfront_distribution" "d" {
  origin {
    domain_name = aws_s3_bucket.b.bucket_regional_domain_name
    origin_id   = "b"
  }
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*"
    Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }] })
}
"""
    permission = remedy(tmp_path, text, "inside-boundary", "aws_lambda_permission.p")
    assert "s3.amazonaws.com, with source_arn" in permission
    assert "aws_s3_bucket_notification.n calls this function" in permission
    bucket = remedy(tmp_path, text, "inside-boundary", "aws_s3_bucket_policy.b")
    assert "cloudfront.amazonaws.com" in bucket
    assert "aws_cloudfront_distribution.d reads here" in bucket
    # Without one CloudFront asks as everybody does, and would be kept out with them.
    assert "an origin access control: give it one first" in bucket


API = """
resource "aws_lambda_function" "f" {
  function_name = "f"
}
resource "aws_lambda_permission" "p" {
  function_name = aws_lambda_function.f.function_name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
}
resource "aws_api_gateway_rest_api" "api" {
  name = "api"
}
resource "aws_apigatewayv2_api" "api" {
  name          = "api"
  protocol_type = "HTTP"
}
"""
_PATH = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${aws_lambda_function.f.arn}/invocations"


@pytest.mark.parametrize("count", ["", "  count = var.on ? 1 : 0\n"])
@pytest.mark.parametrize("uri", ["aws_lambda_function.f.invoke_arn", f'"{_PATH}"'])
@pytest.mark.parametrize(
    ("kind", "api", "of", "argument"),
    [
        ("aws_api_gateway_integration", "aws_api_gateway_rest_api", "rest_api_id", "uri"),
        ("aws_api_gateway_authorizer", "aws_api_gateway_rest_api", "rest_api_id", "authorizer_uri"),
        ("aws_apigatewayv2_integration", "aws_apigatewayv2_api", "api_id", "integration_uri"),
        ("aws_apigatewayv2_authorizer", "aws_apigatewayv2_api", "api_id", "authorizer_uri"),
    ],
)
def test_a_function_is_bound_to_the_api_that_calls_it(
    tmp_path: Path, kind: str, api: str, of: str, argument: str, uri: str, count: str
) -> None:
    """The integration names both; one that may not be there says nothing."""
    route = f'resource "{kind}" "i" {{\n{count}  {of} = {api}.api.id\n  {argument} = {uri}\n}}\n'
    text = f'{API}{route}variable "on" {{\n  type = bool\n}}\n'
    said = remedy(tmp_path, text, "no-confused-deputy", "aws_lambda_permission.p")
    assert (f'source_arn = "${{{api}.api.execution_arn}}/*"' in said) is (not count)


def test_what_services_use_a_key_for(tmp_path: Path) -> None:
    """A key that trails and logs are encrypted with is left to their services, which have no organization."""
    key = """
resource "aws_kms_key" "k" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "*" },
    Action = "kms:*", Resource = "*" }] })
}
"""
    users = """
resource "aws_cloudtrail" "t" {
  name           = "t"
  s3_bucket_name = "b"
  kms_key_id     = aws_kms_key.k.arn
}
resource "aws_cloudwatch_log_group" "g" {
  kms_key_id = aws_kms_key.k.arn
}
"""
    said = remedy(tmp_path, key + users, "inside-boundary", "aws_kms_key.k")
    assert "cloudtrail.amazonaws.com, with aws:SourceArn" in said
    assert "aws_cloudtrail.t and aws_cloudwatch_log_group.g have it use this key" in said
    assert "cloudtrail" not in remedy(tmp_path, key, "inside-boundary", "aws_kms_key.k")


def test_no_remedy_makes_a_cycle(tmp_path: Path) -> None:
    """A role that refers to another one in a policy of its own is not referred to there."""
    roles = """
resource "aws_iam_role" "target" {
  name               = "target"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole",
    Principal = { AWS = "arn:aws:iam::111122223333:root" } }] })
}
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole",
    Principal = { Service = "lambda.amazonaws.com" } }] })
INLINE
}
"""
    policy = """jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.target.arn }] })"""
    inline = f"""
  inline_policy {{
    name   = "p"
    policy = {policy}
  }}
"""
    said = remedy(tmp_path, roles.replace("INLINE", inline), "mfa-required", "aws_iam_role.target")
    assert "aws:PrincipalArn" in said
    assert "a reference would be circular" in said
    apart = f"""
resource "aws_iam_role_policy" "app" {{
  role   = aws_iam_role.app.id
  policy = {policy}
}}
"""
    said = remedy(tmp_path, roles.replace("INLINE", "") + apart, "mfa-required", "aws_iam_role.target")
    assert "aws_iam_role.app.arn" in said


def test_no_remedy_refers_into_another_module(tmp_path: Path) -> None:
    """Terraform knows of another module what it has outputs for."""
    sender = SENDERS["cloudwatch.amazonaws.com"].replace("aws_sqs_queue.q.arn", "var.queue")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('variable "queue" {}\n' + sender)
    call = 'module "alarms" {\n  source = "./m"\n  queue  = aws_sqs_queue.q.arn\n}\n'
    text = QUEUE.replace("PRINCIPAL", '{ Service = "cloudwatch.amazonaws.com" }') + call
    said = remedy(tmp_path, text, "no-confused-deputy")
    assert "module.alarms.aws_cloudwatch_metric_alarm.sender is of another module" in said
    assert "\n" not in said


def test_no_remedy_refers_to_a_key_that_is_known_only_when_deployed(tmp_path: Path) -> None:
    """What stands for the key is no text that Terraform would know it by."""
    sender = SENDERS["cloudwatch.amazonaws.com"].replace("{", "{\n  for_each = toset([data.aws_vpc.v.id])", 1)
    text = QUEUE.replace("PRINCIPAL", '{ Service = "cloudwatch.amazonaws.com" }')
    said = remedy(tmp_path, f'{text}{sender}data "aws_vpc" "v" {{}}\n', "no-confused-deputy")
    assert "aws:SourceAccount" in said
    assert "aws_vpc" not in said


def test_what_outputs_of_a_plan_hand_on_is_read() -> None:
    """A plan says of its outputs what they are made of, also through those of modules."""
    content = plan(Resource("module.m.aws_sqs_queue.q", {"name": "q"}), Resource("aws_sns_topic.t", {"name": "t"}))
    root = content["configuration"]["root_module"]
    inner = {"references": ["aws_sqs_queue.q[0].arn", "aws_sqs_queue.q"]}
    root["module_calls"]["m"]["module"]["outputs"] = {"arn": {"expression": inner}, "other": {"expression": {}}}
    root["outputs"] = {
        "queue": {"expression": {"references": ["module.m.arn", "module.m"]}},
        "topic": {"expression": {"references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}},
    }
    handed_on = Plan(content, "plan.json").snapshot().handed_on
    assert {"module.m.aws_sqs_queue.q.arn", "aws_sns_topic.t.arn"} == handed_on.keys() - {"module.m.arn"}
    assert handed_on["module.m.aws_sqs_queue.q.arn"] == "whoever reads output.queue"


ROLE = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole"
    Principal = { AWS = "arn:aws:iam::111122223333:root" } }] })
}
"""


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ('terraform {\n  backend "s3" {\n    role_arn = "arn:aws:iam::111122223333:role/r"\n  }\n}\n', "the program"),
        (
            'terraform {\n  backend "s3" {\n    assume_role = { role_arn = "arn:aws:iam::111122223333:role/r" }\n}}',
            "the program",
        ),
        ('provider "kubernetes" {\n  exec {\n    args = ["--role-arn", aws_iam_role.r.arn]\n  }\n}\n', "the program"),
        ('data "terraform_remote_state" "s" {\n  config = { role_arn = aws_iam_role.r.arn }\n}\n', "the program"),
        ('module "m" {\n  source = "acme/lambda/aws"\n  variables = { ROLE = aws_iam_role.r.arn }\n}\n', "the program"),
        ('module "m" {\n  source = "acme/lambda/aws"\n  role_name = aws_iam_role.r.name\n}\n', "the program"),
        ('resource "aws_cloudformation_stack_set" "s" {\n  parameters = { R = aws_iam_role.r.arn }\n}\n', "aws_"),
        (
            'resource "aws_dynamodb_table_item" "i" {\n  item = jsonencode({ r = aws_iam_role.r.arn })\n}\n',
            "the program",
        ),
        ('module "m" {\n  source = "acme/lambda/aws"\n  variables = { ROLE = "r" }\n}\n', ""),
    ],
)
def test_what_is_told_outside_of_the_resources_is_told_to_a_program(tmp_path: Path, text: str, who: str) -> None:
    """Whoever keeps the state, other providers, and modules that are not at hand may assume a role by what they get."""
    said = remedy(tmp_path, ROLE + text, "mfa-required", "aws_iam_role.r")
    assert ("MultiFactorAuthPresent" in said) is (not who)
    assert f"name the role of {who}" in said or not who
