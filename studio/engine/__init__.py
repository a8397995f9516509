"""Runs a plan over a stream of source records and writes the target stream."""
