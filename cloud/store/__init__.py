"""Where things are kept: tables, transactions that know their organization, keys."""
