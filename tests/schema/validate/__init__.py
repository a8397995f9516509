"""Tests of checking documents against schemas."""
