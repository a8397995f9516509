"""What a page says after something was done: the address carries only its name."""

from __future__ import annotations

from studio.base.i18n import N_

DONE = {
    "organization_made": N_("The organization was made; you are its administrator."),
    "organization_changed": N_("The organization was changed."),
    "member_changed": N_("The member was changed."),
    "member_removed": N_("The member was removed."),
    "invitation_withdrawn": N_("The invitation was withdrawn."),
    "role_made": N_("The role was made."),
    "role_changed": N_("The role was changed."),
    "role_same": N_("Nothing was different, so nothing was changed."),
    "role_removed": N_("The role was removed."),
    "environment_made": N_("The environment was made. Nobody has a right in it until a role says so."),
    "environment_changed": N_("The environment was changed."),
    "environment_removed": N_("The environment was removed."),
    "project_made": N_("The project was made."),
    "project_changed": N_("The project was changed."),
    "restored": N_("A new revision equal to the old one was made."),
    "deployed": N_("The revision was deployed."),
    "promoted": N_("It was promoted."),
    "variables_set": N_("The variables were set."),
    "secret_removed": N_("The secret was removed."),
    "file_removed": N_("The file's version was removed."),
    "policy_saved": N_("The policy was saved."),
    "policy_removed": N_("Single sign-on was removed."),
    "account_changed": N_("Your account was changed."),
    "password_changed": N_("Your password was changed; your other sessions have ended."),
    "session_ended": N_("The session has ended."),
    "sessions_ended": N_("All your other sessions have ended."),
    "token_removed": N_("The token was removed."),
    "factor_off": N_("The authenticator app was turned off."),
    "passkey_added": N_("The passkey was added."),
    "passkey_removed": N_("The passkey was removed."),
    "proven": N_("Thank you. Now do again what you were about to do."),
    "signed_out": N_("You are signed out."),
    "link_sent": N_("If the address is known here, a link is on its way."),
    "password_set": N_("Your password is set. Sign in with it now."),
    "member_now": N_("You are a member now."),
}
