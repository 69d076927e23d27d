# The same hole as in ../broken/allow-bool-if-exists.yaml, written in Terraform.

variable "people" {
  description = "The account whose users administrate this one."
  type        = string
  default     = "111122223333"
}

resource "aws_iam_role" "administrator" {
  name = "administrator"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.people}:root" }
      Action    = "sts:AssumeRole"
      Condition = {
        BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "administrator" {
  role       = aws_iam_role.administrator.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
