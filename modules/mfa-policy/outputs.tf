output "json" {
  description = "The policy as JSON."
  value       = jsonencode(local.document)
}

output "document" {
  description = "The policy as a value."
  value       = local.document
}
