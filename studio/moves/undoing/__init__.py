"""The records as they were, and moves that are taken back."""
