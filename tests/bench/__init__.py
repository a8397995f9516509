"""Benchmarks: figures and ratios against named peers in one run; nothing here is a test."""
