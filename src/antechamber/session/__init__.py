"""One live connection and what it is known by: resume tokens, rate limits, budgets of its address, login attempts."""
