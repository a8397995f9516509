"""Commands at set times, for the schedulers of each system."""
