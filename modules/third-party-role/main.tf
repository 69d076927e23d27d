# A role that a vendor's machines may assume for us, and for nobody else. Machines have no MFA device, so none is
# demanded: name the vendor's accounts as [[third-party]] in trustproof.toml.

module "trust" {
  source = "../trust-policy"

  mfa = false

  accounts     = var.accounts
  users        = var.users
  roles        = var.roles
  external_ids = var.external_ids
  source_ips   = var.source_ips
  conditions   = var.conditions
  partition    = var.partition
}

resource "aws_iam_role" "this" {
  name                 = var.name
  path                 = var.path
  description          = coalesce(var.description, "For ${var.vendor}")
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
