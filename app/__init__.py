"""The workstation: bootstrap -> main window -> panels -> models -> state and link. Knows the server by its protocol and client."""
