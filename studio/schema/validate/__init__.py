"""Checking documents against schemas, and schemas against the rules of their language, in a process that can be killed."""
