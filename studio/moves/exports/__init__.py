"""Exports: queries, their pages, and those that ask only for what has changed."""
