# terraform test: no provider, no credentials.

variables {
  account = "111122223333"
}

run "everything_but_enrolment_is_denied_without_mfa" {
  command = plan

  assert {
    condition = one([
      for statement in jsondecode(output.json).Statement : statement.Condition.BoolIfExists["aws:MultiFactorAuthPresent"] if statement.Sid == "DenyAllButEnrolmentWithoutMfa"
    ]) == "false"
    error_message = "The Deny must hold where the key is absent."
  }

  assert {
    condition     = length(jsondecode(output.json).Statement) == 7
    error_message = "Nothing else is managed by default."
  }
}

run "own_credentials_need_mfa" {
  command = plan

  variables {
    self_management = ["access-keys", "password"]
  }

  assert {
    condition = one([
      for statement in jsondecode(output.json).Statement : statement.Condition.Bool["aws:MultiFactorAuthPresent"] if statement.Sid == "ManageOwnCredentialsWithMfa"
    ]) == "true"
    error_message = "Own credentials must be managed with MFA only."
  }
}

run "the_device_of_another_member_is_denied" {
  command = plan

  variables {
    users = ["alice", "bob", "alice-admin", "carol-x"]
  }

  assert {
    condition = [
      for statement in jsondecode(output.json).Statement : [statement.Resource, statement.Condition.StringEqualsIgnoreCase["aws:username"]] if startswith(statement.Sid, "DenyDevicesOfOtherMembers")
    ] == [[["arn:aws:iam::111122223333:mfa/$${aws:username}-admin"], ["alice"]]]
    error_message = "The name of a member's device must be denied to the member whose name it begins with."
  }
}

run "an_unknown_credential_is_refused" {
  command = plan

  variables {
    self_management = ["everything"]
  }

  expect_failures = [var.self_management]
}
