# A group whose members can do nothing before they have used MFA, except set it up.

module "policy" {
  source = "../mfa-policy"

  account         = var.account
  partition       = var.partition
  users           = var.users
  password_change = var.password_change
  re_enrolment    = var.re_enrolment
  self_management = var.self_management
}

resource "aws_iam_group" "this" {
  name = var.name
  path = var.path
}

resource "aws_iam_policy" "mfa" {
  name        = var.name
  path        = var.path
  description = "Members manage their own MFA device, and can do nothing else until they have used it"
  policy      = module.policy.json
  tags        = var.tags
}

resource "aws_iam_group_policy_attachment" "mfa" {
  group      = aws_iam_group.this.name
  policy_arn = aws_iam_policy.mfa.arn
}

resource "aws_iam_group_policy_attachment" "managed" {
  for_each = toset(var.managed_policy_arns)

  group      = aws_iam_group.this.name
  policy_arn = each.value
}

resource "aws_iam_group_membership" "this" {
  count = length(var.users) == 0 ? 0 : 1

  name  = var.name
  group = aws_iam_group.this.name
  users = var.users
}
