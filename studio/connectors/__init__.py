"""Talking to systems."""
