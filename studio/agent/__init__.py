"""The process that runs operations, and its supervisor."""
