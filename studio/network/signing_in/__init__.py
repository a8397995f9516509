"""Signing in to proxies: Basic, Digest, NTLM and Negotiate, as what a proxy offers and the user allows."""
