"""Who somebody is: users, invitations, sign-in in every way, sessions and tokens."""
