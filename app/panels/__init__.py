"""One dock a file: binds the desk's state to a widget and the widget's signals to the desk.

Rules: a panel keeps no truth of its own; it paints what changed, and nothing while it is hidden.
"""
