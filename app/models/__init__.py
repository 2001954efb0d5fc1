"""Qt item models over `app.state`, and the questions to history that fill it. No widgets here.

Rules: rows are the state's rows; a frame's changes become one `dataChanged` a contiguous range; numbers sort as
numbers. Views read `cell(row, column)`; `data()` says the same to screen readers.
"""
