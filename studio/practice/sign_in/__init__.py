"""Signing in: sessions, registered apps, OAuth flows, SOAP login, and who is signed in."""
