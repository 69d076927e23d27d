# terraform test: the provider is mocked, so no credentials; `terraform init` fetches its schema.

mock_provider "aws" {}

run "an_account_gets_in_with_mfa" {
  command = plan

  variables {
    name     = "Operator"
    accounts = ["111122223333"]
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.Bool["aws:MultiFactorAuthPresent"][0] == "true"
    error_message = "MFA must be demanded."
  }

  assert {
    condition     = aws_iam_role.this.max_session_duration == 3600
    error_message = "A session must end within the hour by default."
  }
}

run "what_nobody_can_meet_is_refused" {
  command = plan

  variables {
    name       = "Operator"
    accounts   = ["111122223333"]
    source_ips = ["10.0.0.0/8"]
    conditions = { StringEquals = { "aws:PrincipalTag/team" = [] } }
  }

  expect_failures = [var.source_ips, var.conditions]
}
