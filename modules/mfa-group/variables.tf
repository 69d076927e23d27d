variable "name" {
  description = "The name of the group, and of its policy."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,128}$", var.name))
    error_message = "name must be 1 to 128 letters, digits or any of _+=,.@-."
  }
}

variable "path" {
  description = "The path of the group."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.path))
    error_message = "path must begin and end with a slash."
  }
}

variable "users" {
  description = "Names of the members."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.users : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", name))])
    error_message = "users must be names of users, without a path."
  }
}

variable "managed_policy_arns" {
  description = "ARNs of the managed policies that say what members may do once they have used MFA: at most 9 besides that of the group."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.managed_policy_arns) <= 9
    error_message = "managed_policy_arns must be at most 9: with that of the group itself they are 10, which is the quota."
  }
}

variable "tags" {
  description = "Tags of the policy."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "account" {
  description = "The account of the members: 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account))
    error_message = "account must be a 12-digit account id."
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

variable "password_change" {
  description = "Whether members without MFA may change their own password, for which they must know the old one: at the first sign-in, or when it has expired."
  type        = bool
  default     = false
  nullable    = false
}

variable "re_enrolment" {
  description = "Whether members without MFA may delete the device of their name while it is not in use: what an enrolment that was broken off leaves behind."
  type        = bool
  default     = false
  nullable    = false
}

variable "self_management" {
  description = "What else members may manage of their own user, with MFA: any of access-keys, password, service-specific-credentials, signing-certificates, ssh-keys."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.self_management : contains(["access-keys", "password", "service-specific-credentials", "signing-certificates", "ssh-keys"], name)])
    error_message = "self_management must be any of access-keys, password, service-specific-credentials, signing-certificates, ssh-keys."
  }
}
