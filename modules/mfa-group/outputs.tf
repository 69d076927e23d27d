output "name" {
  description = "The name of the group."
  value       = aws_iam_group.this.name
}

output "arn" {
  description = "The ARN of the group."
  value       = aws_iam_group.this.arn
}

output "policy" {
  description = "The policy that demands MFA, as JSON."
  value       = module.policy.json
}
