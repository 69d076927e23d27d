# terraform test: the provider is mocked, so no credentials; `terraform init` fetches its schema.

mock_provider "aws" {}

run "the_external_id_is_demanded" {
  command = plan

  variables {
    name         = "Observability"
    vendor       = "Observability Inc."
    accounts     = ["444455556666"]
    external_ids = ["customer-42"]
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["sts:ExternalId"][0] == "customer-42"
    error_message = "The external id must be demanded."
  }
}

run "no_external_id_is_refused" {
  command = plan

  variables {
    name         = "Observability"
    vendor       = "Observability Inc."
    accounts     = ["444455556666"]
    external_ids = []
  }

  expect_failures = [var.external_ids]
}

run "what_nobody_can_meet_is_refused" {
  command = plan

  variables {
    name         = "Observability"
    vendor       = "Observability Inc."
    accounts     = ["444455556666"]
    external_ids = ["customer-42"]
    source_ips   = ["10.0.0.0/8"]
    conditions   = { StringEquals = { "aws:PrincipalTag/team" = [] } }
  }

  expect_failures = [var.source_ips, var.conditions]
}
