"""Decide what two people changed at once: each version beside the others, with what it gives."""
