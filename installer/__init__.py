"""Set-up of a fresh machine: environment, locked libraries, system packages, compiled kernels, and the commands.

Rules: standard library only, any Python from 3.11 on; imports nothing of the project. A cause that a person can
remove ends with one clear sentence, never with a traceback.
"""
