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

variable "provider_arn" {
  description = "The ARN of the OIDC provider for token.actions.githubusercontent.com in the account."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.provider_arn))
    error_message = "provider_arn must be the ARN of the provider for token.actions.githubusercontent.com."
  }
}

variable "organization" {
  description = "The organization or user that the repositories belong to."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.organization))
    error_message = "organization must be the name of one organization, since a wildcard would let others in."
  }
}

variable "repositories" {
  description = "Names of repositories, without the organization."
  type        = list(string)

  validation {
    condition     = length(var.repositories) > 0 && alltrue([for name in var.repositories : can(regex("^[A-Za-z0-9_.-]{1,100}$", name))])
    error_message = "repositories must be names of repositories, one at least, since a wildcard would let others in."
  }
}

variable "organization_id" {
  description = "Number of the organization, for subjects with numbers: those of repositories created since 15 July 2026. Then give repository_ids too."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null || can(regex("^[0-9]{1,20}$", var.organization_id))
    error_message = "organization_id must be a number."
  }
}

variable "repository_ids" {
  description = "Names of the repositories to their numbers, together with organization_id."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in values(var.repository_ids) : can(regex("^[0-9]{1,20}$", id))])
    error_message = "repository_ids must be numbers."
  }
}

variable "branches" {
  description = "Branches that may; * stands for any run of characters. One at least of branches, git_tags, environments and pull_requests must be given."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.branches : !startswith(name, "refs/") && can(regex("^[^[:cntrl:] ~^:\\[\\\\]{1,255}$", name)) && !strcontains(name, "$${")])
    error_message = "branches must be names of branches like main, without refs/heads/."
  }
}

variable "git_tags" {
  description = "Tags of git that may; * as above."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.git_tags : !startswith(name, "refs/") && can(regex("^[^[:cntrl:] ~^:\\[\\\\]{1,255}$", name)) && !strcontains(name, "$${")])
    error_message = "git_tags must be names of tags like v1, without refs/tags/."
  }
}

variable "environments" {
  description = "Environments that may; * as above."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.environments : can(regex("^[ -~]{1,255}$", name)) && !strcontains(name, "$${")])
    error_message = "environments must be names of 1 to 255 characters of ASCII."
  }
}

variable "pull_requests" {
  description = "Whether workflows that a pull request starts may, from whichever branch."
  type        = bool
  default     = false
  nullable    = false
}

variable "audience" {
  description = "The aud of the token, as aws-actions/configure-aws-credentials asks for it."
  type        = string
  default     = "sts.amazonaws.com"
  nullable    = false

  validation {
    condition     = can(regex("^[!-~]{1,255}$", var.audience)) && length(regexall("[*?$]", var.audience)) == 0
    error_message = "audience must be a text without wildcards."
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
