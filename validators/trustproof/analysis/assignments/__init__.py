"""
At which values of its parameters a template is judged, and on which defaults a proof rests.
"""
