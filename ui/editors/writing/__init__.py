"""What every text of a script has: names that lead somewhere, problems to step through, brackets, trials."""
