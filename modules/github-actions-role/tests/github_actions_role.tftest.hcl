# terraform test: the provider is mocked, so no credentials; `terraform init` fetches its schema.

mock_provider "aws" {}

variables {
  name         = "Deployer"
  provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  organization = "acme"
  repositories = ["shop"]
}

run "the_subject_names_the_repository" {
  command = plan

  variables {
    branches = ["main"]
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"][0] == "repo:acme/shop:ref:refs/heads/main"
    error_message = "The subject must be that of the branch."
  }
}

run "nothing_may" {
  command = plan

  expect_failures = [aws_iam_role.this]
}

run "what_nobody_can_meet_is_refused" {
  command = plan

  variables {
    branches   = [""]
    conditions = { StringEquals = {} }
  }

  expect_failures = [var.branches, var.conditions]
}
