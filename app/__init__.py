"""The workstation: what a trader sees and touches. Imports of `server` only its protocol and its client."""
