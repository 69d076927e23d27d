"""
What is compared, as files: revisions of a repository, and links in it.
"""
