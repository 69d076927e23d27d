# A role for people of other accounts, who get in with MFA.

module "trust" {
  source = "../trust-policy"

  accounts                  = var.accounts
  users                     = var.users
  organization              = var.organization
  organizational_units      = var.organizational_units
  roles                     = var.roles
  permission_sets           = var.permission_sets
  mfa                       = var.mfa
  max_mfa_age               = var.max_mfa_age
  session_name_is_user_name = var.session_name_is_user_name
  source_identities         = var.source_identities
  session_tags              = var.session_tags
  transitive_tags           = var.transitive_tags
  source_ips                = var.source_ips
  vpc_endpoints             = var.vpc_endpoints
  valid_from                = var.valid_from
  valid_until               = var.valid_until
  conditions                = var.conditions
  partition                 = var.partition
}

resource "aws_iam_role" "this" {
  name                 = var.name
  path                 = var.path
  description          = var.description
  assume_role_policy   = module.trust.json
  max_session_duration = var.max_session_duration
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = toset(var.managed_policy_arns)

  role       = aws_iam_role.this.name
  policy_arn = each.value
}

resource "aws_iam_role_policy" "inline" {
  for_each = var.inline_policies

  name   = each.key
  role   = aws_iam_role.this.name
  policy = each.value
}
