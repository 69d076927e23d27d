"""
Cloud assemblies: the directory that ``cdk synth`` writes, what it uploads and what its authors acknowledged.
"""
