"""Moves kept as operations of a project."""
