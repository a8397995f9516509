"""Generated Python: one function per outermost loop that turns a record into its output text."""
