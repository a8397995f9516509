"""The formats in which users' files hold dates, numbers and yes or no, and how a column's format is recognised."""
