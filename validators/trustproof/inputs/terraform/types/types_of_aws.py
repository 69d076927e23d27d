"""
How the types of resources begin that are AWS's: those of the providers hashicorp/aws and hashicorp/awscc.
"""

from __future__ import annotations

AWS = "aws_"
CLOUD_CONTROL = "awscc_"
OF_AWS = (AWS, CLOUD_CONTROL)
