"""The rule book by example: tables of commands and what comes of them, run on the oracle and on the engine.

A scenario is a block of lines in a `.txt` file, its title behind `===`. Left of the bar stands a command, right of it
what it gives, one line each.

    === A sale meets the best bid
    rules 4 6
    ann buys 10 @ 100 as a1        | ann a1 NEW 10
    bob sells 4 @ 99               | bob - NEW 4
                                   | ann a1 PARTIALLY_FILLED 4 @ 100, 6 left
                                   | bob - FILLED 4 @ 100
    book                           | bid 100: a1 6

`rules 4 6` names the sections of the rule book that it shows; before the first title it holds for the whole file.
`waits for oracle` (or `engine`) passes it over there until the rule is built.

First come the things given: `given ann short_allowed=0`, `given ABC tick_size=5` change terms, `given dan`,
`given XYZ` add one more account or instrument (`world.py` describes the market), and `given that rules ABC
collar_ppm=2% by olga approved otto` is a command that must not be refused and whose events are not written.

Commands of people are in `client_words.py` and `order_words.py`, those of the server in `server_words.py`:

    ann sells 10 stop 95 as s1                                a stop; `@ 94 stop 95` a stop-limit; `trailing 2%`
    ann buys 50 @ 100 showing 10 as i1                        an iceberg; `hidden`, `at-least 5`, `post-only slide`
    ann buys 5 pegged mid -1 capped 105 hidden as p1
    ann buys 5 @ market at-open;  ann buys 5 @ 100 until +5s
    ann buys 5 @ 100 as e                                     a group: a bracket in three lines
    & target sells 5 @ 110 as t
    & stop-loss sells 5 stop 90 as s
    ann quotes ABC 5@99 4@101 as q1, XYZ 3@50 -
    ann cancels all buys in ABC between 95 and 105
    limit ACCOUNT ann ORDER_QUANTITY hard=100 soft=50 by olga approved otto
    phase VOLATILITY_CALL in XYZ;  time 500ms;  time due;  bust #3 by olga approved otto

` with field=value` at the end of any command overrides raw fields, `2.field=value` those of the group's third record,
`terms.field=value` those of its ORDER_TERMS, `all.field=value` those of all. Numbers and times are in `values.py`.

Events are written as in `wording.py`; beside them come `indicative`, `band`, `bust` and `correction` from market
data. Looks do nothing: `book [XYZ]`, `position ann [XYZ]`, `balance ann` (own currency; `balance ann 2`
is what the last event said of another), `tape` (trades printed since the last look), `feed` (every market data record
of the last command).
"""
