# The trust policy of a role: nothing is open by default, and nothing in here asks a provider, so that the document is
# known when Terraform plans.

locals {
  # What is asked of every request: an operator, a condition key and the values that it accepts.
  demands = concat(
    [
      for demand in [
        { when = var.mfa, operator = "Bool", key = "aws:MultiFactorAuthPresent", values = ["true"] },
        { when = var.max_mfa_age != null, operator = "NumericLessThanEquals", key = "aws:MultiFactorAuthAge", values = [tostring(var.max_mfa_age)] },
        { when = length(var.external_ids) > 0, operator = "StringEquals", key = "sts:ExternalId", values = var.external_ids },
        { when = var.session_name_is_user_name, operator = "StringLike", key = "sts:RoleSessionName", values = ["$${aws:username}"] },
        { when = length(var.source_identities) > 0, operator = length(regexall("[*?]", join("", var.source_identities))) > 0 ? "StringLike" : "StringEquals", key = "sts:SourceIdentity", values = var.source_identities },
        { when = length(var.session_tags) > 0, operator = "ForAllValues:StringEquals", key = "aws:TagKeys", values = keys(var.session_tags) },
        { when = var.transitive_tags != null, operator = "ForAllValues:StringEquals", key = "sts:TransitiveTagKeys", values = var.transitive_tags },
        { when = length(var.source_ips) > 0, operator = "IpAddress", key = "aws:SourceIp", values = var.source_ips },
        { when = length(var.vpc_endpoints) > 0, operator = "StringEquals", key = "aws:SourceVpce", values = var.vpc_endpoints },
        { when = var.valid_from != null, operator = "DateGreaterThanEquals", key = "aws:CurrentTime", values = [var.valid_from] },
        { when = var.valid_until != null, operator = "DateLessThan", key = "aws:CurrentTime", values = [var.valid_until] },
      ] : { operator = demand.operator, key = demand.key, values = demand.values } if demand.when
    ],
    [
      for key, accepted in var.session_tags : {
        operator = length(regexall("[*?]", join("", accepted))) > 0 ? "StringLike" : "StringEquals"
        key      = "aws:RequestTag/${key}"
        values   = accepted
      }
    ],
    flatten([
      for operator, block in var.conditions : [for key, accepted in block : { operator = operator, key = key, values = accepted }]
    ]),
  )

  # Who is trusted: principals, and what confines them beside the demands. Each stands in a statement of its own.
  callers = [
    for caller in [
      { when = length(local.named) > 0, principals = local.named, confined = [] },
      {
        when       = var.organization != null
        principals = ["*"]
        confined   = [{ operator = "StringEquals", key = "aws:PrincipalOrgID", values = [var.organization] }]
      },
      {
        when       = length(var.organizational_units) > 0
        principals = ["*"]
        confined   = [{ operator = "ForAnyValue:StringLike", key = "aws:PrincipalOrgPaths", values = [for path in var.organizational_units : "${trimsuffix(path, "/")}/*"] }]
      },
      # The roles of a permission set cannot be named as principals: their names end in 16 characters that change when
      # the set is assigned anew. https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
      {
        when       = var.permission_sets != null
        principals = try(var.permission_sets.accounts, [])
        confined = [{
          operator = "ArnLike"
          key      = "aws:PrincipalArn"
          values = [
            for pair in setproduct(try(var.permission_sets.accounts, []), try(var.permission_sets.names, [])) :
            "arn:${var.partition}:iam::${pair[0]}:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_${pair[1]}_????????????????"
          ]
        }]
      },
    ] : { principals = caller.principals, demands = concat(caller.confined, local.demands) } if caller.when
  ]
  named = concat(var.accounts, var.users, var.roles)

  actions = concat(
    ["sts:AssumeRole"],
    length(var.source_identities) == 0 ? [] : ["sts:SetSourceIdentity"],
    length(var.session_tags) == 0 ? [] : ["sts:TagSession"],
  )

  # One operator and key in two demands would have to hold twice, which one block of conditions cannot say.
  said     = [for caller in local.callers : [for demand in caller.demands : lower("${demand.operator} ${demand.key}")]]
  sessions = length(var.roles) > 0 || var.permission_sets != null

  document = {
    Version = "2012-10-17"
    Statement = [
      for caller in local.callers : merge(
        {
          Effect    = "Allow"
          Principal = { AWS = caller.principals }
          Action    = local.actions
        },
        {
          for element, block in {
            Condition = {
              for operator in distinct([for demand in caller.demands : demand.operator]) :
              operator => {
                for demand in caller.demands : demand.key => demand.values if demand.operator == operator
              }
            }
          } : element => block if length(block) > 0
        },
      )
    ]
  }
}
