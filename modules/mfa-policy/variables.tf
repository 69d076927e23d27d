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

variable "users" {
  description = "Names of the members, where they are known: who is alice does not get the name of the device of alice-admin."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.users : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", name))])
    error_message = "users must be names of users, without a path."
  }
}

variable "password_change" {
  description = "Whether members without MFA may change their own password, for which they must know the old one: at the first sign-in, or when it has expired."
  type        = bool
  default     = true
  nullable    = false
}

variable "re_enrolment" {
  description = "Whether members without MFA may delete the device of their name while it is not in use: what an enrolment that was broken off leaves behind."
  type        = bool
  default     = true
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
