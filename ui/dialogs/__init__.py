"""Windows that ask: preferences, wizards, the crash report."""
