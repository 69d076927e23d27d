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

variable "vendor" {
  description = "The name of the vendor."
  type        = string

  validation {
    condition     = can(regex("^[ -~]{1,64}$", var.vendor))
    error_message = "vendor must be a name of 1 to 64 characters of ASCII."
  }
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

variable "roles" {
  description = "ARNs of single roles, which must exist when the role is created."
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

variable "external_ids" {
  description = "The caller must pass one of these external ids: what a vendor passes for you, and for no other customer."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.external_ids) > 0
    error_message = "external_ids must name one at least: without, every customer of the vendor could have the vendor use the role."
  }

  validation {
    condition     = alltrue([for id in var.external_ids : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", id)) && length(id) <= 1224])
    error_message = "external_ids must be 2 to 1224 letters, digits or any of _+=,.@:/-."
  }
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
