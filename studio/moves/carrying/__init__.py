"""Rows on their way: jobs and collections, whose answer is whose, and what is asked after a lost one."""
