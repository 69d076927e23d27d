output "arn" {
  description = "The ARN of the role."
  value       = aws_iam_role.this.arn
}

output "name" {
  description = "The name of the role."
  value       = aws_iam_role.this.name
}

output "trust_policy" {
  description = "Its trust policy, as JSON."
  value       = module.trust.json
}
