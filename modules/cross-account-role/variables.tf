variable "name" {
  description = "The name of the role."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits or any of _+=,.@-."
  }
}

variable "path" {
  description = "The path of the role."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.path))
    error_message = "path must begin and end with a slash."
  }
}

variable "description" {
  description = "What the role is for."
  type        = string
  default     = null
}

variable "max_session_duration" {
  description = "How many seconds a session of the role may last: 3600 to 43200."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "max_session_duration must be 3600 to 43200 seconds."
  }
}

variable "managed_policy_arns" {
  description = "ARNs of the managed policies that say what the role may do: at most 10, the quota."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.managed_policy_arns) <= 10
    error_message = "managed_policy_arns must be at most 10, which is the quota of a role."
  }
}

variable "inline_policies" {
  description = "Names of inline policies to their documents, as JSON."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for document in values(var.inline_policies) : can(jsondecode(document))])
    error_message = "inline_policies must be documents as JSON."
  }
}

variable "permissions_boundary" {
  description = "ARN of the managed policy beyond which the role cannot go."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "accounts" {
  description = "Whole accounts: every user and role there that its own policies allow to assume the role. 12 digits each."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for account in var.accounts : can(regex("^[0-9]{12}$", account))])
    error_message = "accounts must be 12-digit account ids."
  }
}

variable "users" {
  description = "ARNs of single IAM users, who must exist when the role is created."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.users : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:user/([!-)+->@-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$", arn))])
    error_message = "users must be ARNs of IAM users, without wildcards."
  }

  validation {
    condition     = alltrue([for arn in var.users : startswith(arn, "arn:${var.partition}:")])
    error_message = "users must be of the partition that the role is in, which partition says: nothing goes from one partition to another."
  }
}

variable "organization" {
  description = "Every account of an organization, the ones that join later included: its id, o-…."
  type        = string
  default     = null

  validation {
    condition     = var.organization == null || can(regex("^o-[a-z0-9]{10,32}$", var.organization))
    error_message = "organization must be the id of an organization, like o-a1b2c3d4e5."
  }
}

variable "organizational_units" {
  description = "Every account in these organizational units, and in the units below them: paths like o-a1b2c3d4e5/r-ab12/ou-ab12-11111111."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for path in var.organizational_units : can(regex("^o-[a-z0-9]{10,32}/r-[a-z0-9]{4,32}(/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})+/?$", path))])
    error_message = "organizational_units must be paths that begin with the organization and the root, like o-a1b2c3d4e5/r-ab12/ou-ab12-11111111."
  }
}

variable "roles" {
  description = "ARNs of single roles, which must exist when the role is created. Their sessions never carry MFA: give mfa = false."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.roles : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/([!-)+->@-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$", arn))])
    error_message = "roles must be ARNs of roles, without wildcards."
  }

  validation {
    condition     = alltrue([for arn in var.roles : startswith(arn, "arn:${var.partition}:")])
    error_message = "roles must be of the partition that the role is in, which partition says: nothing goes from one partition to another."
  }
}

variable "permission_sets" {
  description = "People with one of these IAM Identity Center permission sets in one of these accounts. Their sessions never carry MFA to IAM: give mfa = false, and enforce MFA in Identity Center."
  type = object({
    names    = list(string)
    accounts = list(string)
  })
  default = null

  validation {
    condition     = var.permission_sets == null || try(length(var.permission_sets.names) > 0 && alltrue([for name in var.permission_sets.names : can(regex("^[A-Za-z0-9_+=,.@-]{1,32}$", name))]), false)
    error_message = "permission_sets.names must be names of permission sets: 1 to 32 letters, digits or any of _+=,.@-."
  }

  validation {
    condition     = var.permission_sets == null || try(length(var.permission_sets.accounts) > 0 && alltrue([for account in var.permission_sets.accounts : can(regex("^[0-9]{12}$", account))]), false)
    error_message = "permission_sets.accounts must be 12-digit account ids, one at least."
  }
}

variable "mfa" {
  description = "False gives the role to callers without MFA. Only for callers who cannot have it: sessions of roles and of Identity Center never carry it."
  type        = bool
  default     = true
  nullable    = false
}

variable "max_mfa_age" {
  description = "How many seconds ago the MFA code may have been entered at most: 1 to 129600."
  type        = number
  default     = null

  validation {
    condition     = var.max_mfa_age == null || try(var.max_mfa_age >= 1 && var.max_mfa_age <= 129600 && floor(var.max_mfa_age) == var.max_mfa_age, false)
    error_message = "max_mfa_age must be a whole number of seconds from 1 to 129600 (36 hours)."
  }
}

variable "session_name_is_user_name" {
  description = "Whether the role session must be named after the IAM user who begins it, so that logs name the person. Callers who are not IAM users then cannot assume the role."
  type        = bool
  default     = false
  nullable    = false
}

variable "source_identities" {
  description = "The caller must set one of these source identities: texts, patterns with *, or $${aws:username}."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for text in var.source_identities : text == "$${aws:username}" || can(regex("^(\\*|[A-Za-z0-9_+=,.@*-]{2,64})$", text))])
    error_message = "source_identities must be 2 to 64 letters, digits or any of _+=,.@- (with * for any run of them), or $${aws:username}."
  }
}

variable "session_tags" {
  description = "The caller must pass exactly these tags, each with one of the given values; * is any value."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, values in var.session_tags : can(regex("^[A-Za-z0-9_ .:/=+@-]{1,128}$", key)) && !startswith(lower(key), "aws:") && length(values) > 0 && alltrue([for text in values : can(regex("^[A-Za-z0-9_ .:/=+@*-]{1,256}$", text))])])
    error_message = "session_tags must be keys of tags (not beginning with aws:) to lists of values: letters, digits, spaces or any of _.:/=+-@."
  }

  validation {
    condition     = length(var.session_tags) <= 50
    error_message = "session_tags must be at most 50, which is what a call can pass."
  }
}

variable "transitive_tags" {
  description = "Which of the session tags may be passed on to sessions chained from this one. Null: all of them."
  type        = list(string)
  default     = null
}

variable "source_ips" {
  description = "Public addresses or prefixes that requests must come from, like 198.51.100.0/24."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for prefix in var.source_ips : can(cidrhost(strcontains(prefix, "/") ? prefix : "${prefix}/32", 0)) || can(cidrhost(strcontains(prefix, "/") ? prefix : "${prefix}/128", 0))])
    error_message = "source_ips must be addresses or prefixes like 198.51.100.0/24."
  }

  validation {
    condition     = alltrue([for prefix in var.source_ips : !endswith(prefix, "/0")])
    error_message = "source_ips must leave some addresses out."
  }

  validation {
    condition     = alltrue([for prefix in var.source_ips : !can(regex("^((0|10|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|127|169\\.254|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168|22[4-9]|2[345][0-9])\\.|::1?(/|$)|f[cd]|fe[89ab]|ff)", lower(prefix)))])
    error_message = "source_ips must be public addresses: no request comes from a private one."
  }
}

variable "vpc_endpoints" {
  description = "Ids of VPC endpoints that requests must come through. A request through one carries no source address: not together with source_ips."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.vpc_endpoints : can(regex("^vpce-[0-9a-f]{8,17}$", id))])
    error_message = "vpc_endpoints must be ids like vpce-0a1b2c3d."
  }
}

variable "valid_from" {
  description = "When the role may be assumed first, like 2027-01-31T08:00:00Z."
  type        = string
  default     = null

  validation {
    condition     = var.valid_from == null || can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", var.valid_from))
    error_message = "valid_from must be a moment in UTC like 2027-01-31T08:00:00Z."
  }

  validation {
    condition     = var.valid_from == null || can(timeadd(var.valid_from, "0s"))
    error_message = "valid_from must be a date of the calendar: IAM compares no other with anything."
  }
}

variable "valid_until" {
  description = "When the role may be assumed no more. Sessions that were begun before last as long as they last."
  type        = string
  default     = null

  validation {
    condition     = var.valid_until == null || can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", var.valid_until))
    error_message = "valid_until must be a moment in UTC like 2027-01-31T08:00:00Z."
  }

  validation {
    condition     = var.valid_until == null || can(timeadd(var.valid_until, "0s"))
    error_message = "valid_until must be a date of the calendar: IAM compares no other with anything."
  }
}

variable "conditions" {
  description = "Further conditions: operator to condition key to values. They narrow the trust; none of them can replace what is demanded above."
  type        = map(map(list(string)))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for block in values(var.conditions) : length(block) > 0 && alltrue([for accepted in values(block) : length(accepted) > 0])])
    error_message = "conditions must give each operator a condition key, and each of these a value: nobody meets an empty list."
  }
}

variable "partition" {
  description = "The partition of AWS: aws, aws-cn or aws-us-gov."
  type        = string
  default     = "aws"
  nullable    = false

  validation {
    condition     = can(regex("^aws(-[a-z]+)*$", var.partition))
    error_message = "partition must be aws, aws-cn, aws-us-gov or the like."
  }
}
