"""
STS: whoever asks for credentials is answered here, and never by moto.

https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
"""
