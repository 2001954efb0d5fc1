"""The demo's market: agents that trade through the same protocol as everyone.

Rules: `catalogue`, `fair_value`, `agents`, `maker`, `takers` and `market` are pure (a seeded generator, a time and the
events in, commands out); `live` and `seeding` connect them to a server and to a simulated clock.
"""
