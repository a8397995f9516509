"""Golden tests of a project: what a transformation makes of a sample, held against what is expected of it."""
