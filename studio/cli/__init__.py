"""The command line: one module per verb, thin over the core."""
