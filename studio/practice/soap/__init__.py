"""The SOAP API as its partner flavour: sign-in, descriptions, queries, records."""
