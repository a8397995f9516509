"""What was done, by whom: an append-only chain per organization."""
