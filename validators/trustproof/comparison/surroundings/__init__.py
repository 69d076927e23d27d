"""
What decides besides policies who gets in, compared: tags, settings, identity providers, assignments.
"""
