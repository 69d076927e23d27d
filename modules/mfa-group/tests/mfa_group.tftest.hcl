# terraform test: the provider is mocked, so no credentials; `terraform init` fetches its schema.

mock_provider "aws" {}

run "the_policy_is_attached" {
  command = plan

  variables {
    name    = "People"
    account = "111122223333"
    users   = ["alice"]
  }

  assert {
    condition     = length(jsondecode(aws_iam_policy.mfa.policy).Statement) == 7
    error_message = "The group must have the policy that demands MFA."
  }

  assert {
    condition     = aws_iam_group_policy_attachment.mfa.group == "People"
    error_message = "The policy must be attached to the group."
  }
}
