"""Reusable widgets of a trading desk.

They know Qt, pyqtgraph and numpy, and nothing of the exchange: values come in as integers and arrays through
setters, intentions go out as signals. Every widget takes a `Theme` first and has `set_theme(theme)`.
`python -m widgets` shows them all on made-up data.
"""
