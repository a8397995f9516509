"""Errors, progress, signals, paths, logs, translation, atomic files, secrets: knows nothing of the product."""
