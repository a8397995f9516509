"""Several objects in one move: parents before children, lookups filled with the ids learned on the way."""
