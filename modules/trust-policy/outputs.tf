output "json" {
  description = "The trust policy as JSON, for assume_role_policy."
  value       = jsonencode(local.document)

  precondition {
    condition     = length(local.callers) > 0
    error_message = "Nobody is trusted: give accounts, users, roles, organization, organizational_units or permission_sets."
  }

  precondition {
    condition     = !(var.mfa && local.sessions)
    error_message = "Sessions of roles and of Identity Center never carry MFA, so they cannot assume a role that demands it: give mfa = false, and demand MFA where these sessions begin."
  }

  precondition {
    condition     = var.mfa || var.max_mfa_age == null
    error_message = "max_mfa_age cannot be given with mfa = false: a request without MFA has no age of it."
  }

  precondition {
    condition     = !(var.session_name_is_user_name && local.sessions)
    error_message = "session_name_is_user_name cannot be demanded of roles and permission sets: only requests of IAM users carry a user name."
  }

  precondition {
    condition     = length(var.source_ips) == 0 || length(var.vpc_endpoints) == 0
    error_message = "source_ips and vpc_endpoints cannot be given together: a request through a VPC endpoint carries no source address."
  }

  precondition {
    condition     = var.transitive_tags == null || try(length(setsubtract(var.transitive_tags, keys(var.session_tags))) == 0, false)
    error_message = "transitive_tags must be keys of session_tags."
  }

  precondition {
    condition     = alltrue([for said in local.said : length(said) == length(distinct(said))])
    error_message = "conditions must not ask what is demanded already: one operator would stand beside one condition key twice."
  }

  precondition {
    condition     = var.valid_from == null || var.valid_until == null || try(timecmp(var.valid_from, var.valid_until) < 0, false)
    error_message = "valid_until must be after valid_from."
  }
}

output "document" {
  description = "The trust policy as a value."
  value       = local.document
}
