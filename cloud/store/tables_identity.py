"""The tables of identity: proofs of users, sessions and tokens, one-time tickets, invitations, single sign-on."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Text

from cloud.store.metadata import SERVER, Facts, Instant, global_table, sealed, tenant_table

# What proves who somebody is, is never seen from inside an organization.
_SERVER_ONLY = f":org = '{SERVER}'"

proofs = global_table(
    "proofs",
    # Of the user: named id because what is sealed is bound to the primary key.
    Column("id", Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("password", Text),
    Column("password_set_at", Instant),
    sealed("totp", nullable=True),
    sealed("totp_offered", nullable=True),
    Column("totp_step", BigInteger, nullable=False, default=0),
    scope=_SERVER_ONLY,
)

earlier_passwords = global_table(
    "earlier_passwords",
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("password", Text, nullable=False),
    scope=_SERVER_ONLY,
)

recovery_codes = global_table(
    "recovery_codes",
    # The hash of user and code.
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("used_at", Instant),
    scope=_SERVER_ONLY,
)

passkeys = global_table(
    "passkeys",
    # The credential's own id in base64url.
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("synced", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    scope=_SERVER_ONLY,
)

sessions = global_table(
    "sessions",
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    # web or desktop.
    Column("kind", Text, nullable=False),
    # How the user proved who it is: password, password+totp, password+recovery, passkey, oidc, saml.
    Column("way", Text, nullable=False),
    # Single sign-on vouches for its own organization only: the session sees no other.
    Column("only_org", Text),
    # The hash of the code it was traded for.
    Column("code_hash", Text, index=True),
    Column("device", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("proven_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("idle_minutes", Integer, nullable=False),
    scope=_SERVER_ONLY,
)

personal_tokens = global_table(
    "personal_tokens",
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    # The last four characters, so that its owner knows which it is.
    Column("ending", Text, nullable=False),
    # Ids; None is every organization of the user.
    Column("organizations", Facts),
    # Made in a session of single sign-on: as good as one in its organization.
    Column("only_org", Text),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    scope=_SERVER_ONLY,
)

# Something begun that is ended once, soon, by whoever holds the secret: see tickets.py.
tickets = global_table(
    "tickets",
    # The hash of the secret.
    Column("id", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("user_id", Text, index=True),
    Column("content", Facts, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("expires_at", Instant, nullable=False, index=True),
    scope=_SERVER_ONLY,
)

# Wrong passwords in a row, by the hash of the address typed, whether it is anybody's or not.
sign_in_failures = global_table(
    "sign_in_failures",
    Column("id", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    scope=_SERVER_ONLY,
)

invitations = tenant_table(
    "invitations",
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("surname", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("company", Facts),
    # Ids of the roles the new member gets.
    Column("roles", Facts, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Index("ix_invitations_email", "org_id", "email"),
)

single_sign_on = tenant_table(
    "single_sign_on",
    # oidc or saml; one of each at most.
    Column("kind", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # Addresses and names agreed with the provider; see single_sign_on.py.
    Column("content", Facts, nullable=False),
    sealed("secret", nullable=True),
    Column("enforced", Boolean, nullable=False, default=False),
    # When somebody last came in this way: it may be enforced only once it is known to work.
    Column("worked_at", Instant),
    Column("changed_at", Instant, nullable=False),
)

single_sign_on_links = tenant_table(
    "single_sign_on_links",
    Column("kind", Text, primary_key=True),
    # The issuer and the provider's own name of its user.
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("linked_at", Instant, nullable=False),
)
