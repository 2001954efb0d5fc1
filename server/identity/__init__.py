"""Users, their passwords and who may try: the identity store and its workers.

Rules: credentials live here and never in the journal; a password is hashed by Argon2id outside the loop, in a bounded
worker; an unknown user costs the same time as a wrong password; nothing here logs a password or a hash.
"""
