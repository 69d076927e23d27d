# A role that workflows of certain repositories may assume. The issuer is the same for all of GitHub, and a workflow
# chooses its audience itself: only the subject of the token says whose workflow it is.
# https://docs.github.com/en/actions/reference/security/oidc

locals {
  issuer = "token.actions.githubusercontent.com"

  # How the repositories are called in subjects.
  repositories = [
    for name in var.repositories :
    var.organization_id == null ? "${var.organization}/${name}" : "${var.organization}@${var.organization_id}/${name}@${lookup(var.repository_ids, name, "")}"
  ]

  contexts = concat(
    [for name in var.branches : "ref:refs/heads/${name}"],
    [for name in var.git_tags : "ref:refs/tags/${name}"],
    # GitHub writes a colon in a name so, which keeps it apart from those that divide the subject.
    [for name in var.environments : "environment:${replace(name, ":", "%3A")}"],
    var.pull_requests ? ["pull_request"] : [],
  )

  subjects = [for pair in setproduct(local.repositories, local.contexts) : "repo:${pair[0]}:${pair[1]}"]

  demands = concat(
    [
      { operator = "StringEquals", key = "${local.issuer}:aud", values = [var.audience] },
      { operator = length(regexall("[*?]", join("", local.subjects))) > 0 ? "StringLike" : "StringEquals", key = "${local.issuer}:sub", values = local.subjects },
    ],
    flatten([for operator, block in var.conditions : [for key, accepted in block : { operator = operator, key = key, values = accepted }]]),
  )
  said = [for demand in local.demands : lower("${demand.operator} ${demand.key}")]

  trust_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = var.provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        for operator in distinct([for demand in local.demands : demand.operator]) :
        operator => { for demand in local.demands : demand.key => demand.values if demand.operator == operator }
      }
    }]
  })
}

resource "aws_iam_role" "this" {
  name                 = var.name
  path                 = var.path
  description          = var.description
  assume_role_policy   = local.trust_policy
  max_session_duration = var.max_session_duration
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = length(local.contexts) > 0
      error_message = "Nothing of the repositories may: give branches, git_tags, environments or pull_requests."
    }

    precondition {
      condition     = (var.organization_id == null) == (length(var.repository_ids) == 0) && (var.organization_id == null || length(setsubtract(var.repositories, keys(var.repository_ids))) == 0)
      error_message = "organization_id and repository_ids must be given together, with a number for each repository."
    }

    precondition {
      condition     = length(local.said) == length(distinct(local.said))
      error_message = "conditions must not ask what is demanded already: one operator would stand beside one condition key twice."
    }
  }
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
