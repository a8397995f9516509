"""Fills the command table, one module per subject."""
