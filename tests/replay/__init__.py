"""`tradepit replay`: the made day always, the real one where it is."""
