"""Orgs and who may do what in them: the list of orgs, every way to sign in, the questions before harm."""
