"""A run in parts: the input cut between records, the parts mapped by several processes, their results joined."""
