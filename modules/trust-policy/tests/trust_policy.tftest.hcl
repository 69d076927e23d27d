# terraform test: no provider, no credentials.

run "an_account_gets_in_with_mfa" {
  command = plan

  variables {
    accounts = ["111122223333"]
  }

  assert {
    condition     = jsondecode(output.json).Statement[0].Condition.Bool["aws:MultiFactorAuthPresent"][0] == "true"
    error_message = "MFA must be demanded with an operator that is false when the key is absent."
  }

  assert {
    condition     = jsondecode(output.json).Statement[0].Principal.AWS[0] == "111122223333"
    error_message = "The account must be the principal."
  }
}

run "each_kind_of_caller_has_a_statement" {
  command = plan

  variables {
    accounts             = ["111122223333"]
    organization         = "o-a1b2c3d4e5"
    organizational_units = ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"]
    max_mfa_age          = 3600
    source_ips           = ["198.51.100.0/24", "192.0.2.7"]
    source_identities    = ["ops-*"]
    session_tags         = { team = ["red", "blue"] }
    conditions           = { StringEquals = { "aws:PrincipalTag/team" = ["ops"] } }
  }

  assert {
    condition     = length(jsondecode(output.json).Statement) == 3
    error_message = "Each kind of caller must stand in a statement of its own."
  }

  assert {
    condition     = alltrue([for one in jsondecode(output.json).Statement : can(one.Condition.Bool["aws:MultiFactorAuthPresent"])])
    error_message = "Every statement must demand MFA."
  }

  assert {
    condition     = jsondecode(output.json).Statement[1].Condition.StringEquals["aws:PrincipalOrgID"][0] == "o-a1b2c3d4e5"
    error_message = "The organization must be confined."
  }
}

run "nobody_is_trusted" {
  command = plan

  expect_failures = [output.json]
}

run "a_wildcard_is_refused" {
  command = plan

  variables {
    accounts = ["*"]
    users    = ["arn:aws:iam::111122223333:user/*"]
  }

  expect_failures = [var.accounts, var.users]
}

run "roles_have_no_mfa" {
  command = plan

  variables {
    roles = ["arn:aws:iam::111122223333:role/Entry"]
  }

  expect_failures = [output.json]
}

run "permission_sets_are_confined_by_their_arn" {
  command = plan

  variables {
    mfa = false
    permission_sets = {
      names    = ["Admin"]
      accounts = ["111122223333"]
    }
  }

  assert {
    condition     = jsondecode(output.json).Statement[0].Condition.ArnLike["aws:PrincipalArn"][0] == "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Admin_????????????????"
    error_message = "The role of the permission set must be the only one of the account."
  }
}

run "a_demand_is_not_made_twice" {
  command = plan

  variables {
    accounts   = ["111122223333"]
    conditions = { bool = { "AWS:MultiFactorAuthPresent" = ["false"] } }
  }

  expect_failures = [output.json]
}

run "what_nobody_can_meet_is_refused" {
  command = plan

  variables {
    accounts   = ["111122223333"]
    source_ips = ["10.0.0.0/8"]
    conditions = { StringEquals = { "aws:PrincipalTag/team" = [] } }
  }

  expect_failures = [var.source_ips, var.conditions]
}

run "units_are_named_in_full" {
  command = plan

  variables {
    organizational_units = ["*/ou-ab12-11111111"]
  }

  expect_failures = [var.organizational_units]
}

run "an_account_is_no_user" {
  command = plan

  variables {
    users = ["arn:aws:iam::111122223333:root"]
  }

  expect_failures = [var.users]
}

run "a_day_that_no_month_has_is_no_date" {
  command = plan

  variables {
    accounts    = ["111122223333"]
    valid_until = "2027-02-30T08:00:00Z"
  }

  expect_failures = [var.valid_until]
}

run "nothing_goes_from_one_partition_to_another" {
  command = plan

  variables {
    users = ["arn:aws-cn:iam::111122223333:user/alice"]
  }

  expect_failures = [var.users]
}
