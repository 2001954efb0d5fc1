"""The rule book by example: tables of commands and what comes of them, run on the oracle and on the engine.

A scenario is a block of lines in a `.txt` file, its title behind `===`. Left of the bar stands a command, right of it
what it gives, one line each (`tests/scenarios/wording.py` says how events are written). `book` and `position NAME`
look without doing anything; `given NAME field=number` changes an account's terms before the first command.

    ann buys 10 @ 100 as a1        | ann a1 NEW 10
    bob sells 4 @ 99               | bob - NEW 4
                                   | ann a1 PARTIALLY_FILLED 4 @ 100, 6 left
                                   | bob - FILLED 4 @ 100
    book                           | bid 100: a1 6
"""
