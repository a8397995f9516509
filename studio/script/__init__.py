"""Jitterbit Script: the expression language of every rule and of script activities."""
