"""
The door to moto: nothing else imports it. All that is named here is internal to moto, pinned, and has a contract test.
"""
