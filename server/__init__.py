"""The exchange: matching, risk, accounts, journal, gateway and history. Headless; knows no window."""
