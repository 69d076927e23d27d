# What members of a group may do before they have used MFA, and the Deny of everything else: AWS's policy for managing
# one's own MFA, stricter in that nobody can enrol a second device, or one for somebody else, without MFA.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html

locals {
  arn = "arn:${var.partition}:iam::${var.account}"
  # The name of a user is unique in the account, so with any path it is the same user.
  user   = ["${local.arn}:user/$${aws:username}", "${local.arn}:user/*/$${aws:username}"]
  device = "${local.arn}:mfa/$${aws:username}"

  with_mfa    = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
  without_mfa = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }

  early = concat(
    var.password_change ? ["iam:ChangePassword"] : [],
    var.re_enrolment ? ["iam:DeleteVirtualMFADevice"] : [],
  )
  seen = var.password_change ? ["iam:GetAccountPasswordPolicy"] : []

  # What follows the name of a member in that of another one: a device of that name is the other's. A policy has room for
  # few of them, so of a member whose name begins many others, none but the device of the own name is left.
  others  = { for member in distinct(var.users) : member => distinct([for name in var.users : substr(name, length(member), -1) if startswith(lower(name), "${lower(member)}-")]) }
  endings = { for member, found in local.others : member => length(found) > 10 ? ["-*"] : sort(found) if length(found) > 0 }
  denied  = { for member, found in local.endings : join(" ", found) => member... }

  managed = {
    access-keys                  = ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:GetAccessKeyLastUsed", "iam:ListAccessKeys", "iam:UpdateAccessKey"]
    password                     = ["iam:ChangePassword", "iam:GetLoginProfile"]
    service-specific-credentials = ["iam:CreateServiceSpecificCredential", "iam:DeleteServiceSpecificCredential", "iam:ListServiceSpecificCredentials", "iam:ResetServiceSpecificCredential", "iam:UpdateServiceSpecificCredential"]
    signing-certificates         = ["iam:DeleteSigningCertificate", "iam:ListSigningCertificates", "iam:UpdateSigningCertificate", "iam:UploadSigningCertificate"]
    ssh-keys                     = ["iam:DeleteSSHPublicKey", "iam:GetSSHPublicKey", "iam:ListSSHPublicKeys", "iam:UpdateSSHPublicKey", "iam:UploadSSHPublicKey"]
  }

  document = {
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "ListDevices"
          Effect   = "Allow"
          Action   = concat(["iam:ListVirtualMFADevices"], local.seen)
          Resource = "*"
        },
        {
          Sid      = "CreateOwnDevice"
          Effect   = "Allow"
          Action   = concat(["iam:CreateVirtualMFADevice"], var.re_enrolment ? ["iam:DeleteVirtualMFADevice"] : [])
          Resource = local.device
        },
        {
          Sid    = "ManageOwnMfa"
          Effect = "Allow"
          Action = concat(
            var.password_change ? ["iam:ChangePassword"] : [],
            ["iam:EnableMFADevice", "iam:GetMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice"],
          )
          Resource = local.user
        },
        # Said twice, here and by the Deny below: to take MFA away, one must have it.
        {
          Sid       = "RemoveOwnMfaWithMfa"
          Effect    = "Allow"
          Action    = "iam:DeactivateMFADevice"
          Resource  = local.user
          Condition = local.with_mfa
        },
        {
          Sid       = "ManageOwnDevicesWithMfa"
          Effect    = "Allow"
          Action    = ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"]
          Resource  = [local.device, "${local.device}-*"]
          Condition = local.with_mfa
        },
      ],
      length(var.self_management) == 0 ? [] : [
        {
          Sid       = "SeeAccountWithMfa"
          Effect    = "Allow"
          Action    = ["iam:GetAccountPasswordPolicy", "iam:GetAccountSummary", "iam:ListAccountAliases"]
          Resource  = ["*"]
          Condition = local.with_mfa
        },
        {
          Sid       = "ManageOwnCredentialsWithMfa"
          Effect    = "Allow"
          Action    = flatten([for name in var.self_management : local.managed[name]])
          Resource  = local.user
          Condition = local.with_mfa
        },
      ],
      [
        {
          Sid    = "DenyAllButEnrolmentWithoutMfa"
          Effect = "Deny"
          # AWS documents that no policy can deny GetSessionToken; its own example exempts it all the same.
          NotAction = concat(
            ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"],
            local.early,
            local.seen,
          )
          Resource  = "*"
          Condition = local.without_mfa
        },
        {
          Sid         = "DenyEnrolmentOfOthersWithoutMfa"
          Effect      = "Deny"
          Action      = concat(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice", "iam:GetMFADevice", "iam:GetUser", "iam:ListMFADevices"], local.early)
          NotResource = concat([local.device], local.user)
          Condition   = local.without_mfa
        },
      ],
      [
        for found, members in local.denied : {
          Sid       = "DenyDevicesOfOtherMembers${index(keys(local.denied), found) + 1}"
          Effect    = "Deny"
          Action    = ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"]
          Resource  = [for ending in split(" ", found) : "${local.device}${ending}"]
          Condition = { StringEqualsIgnoreCase = { "aws:username" = members } }
        }
      ],
    )
  }
}
