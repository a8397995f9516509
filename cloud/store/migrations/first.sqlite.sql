-- The first tables on sqlite; statements end with ;; on a line of their own.
CREATE TABLE organizations (
    id TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    shredded_at VARCHAR(27),
    CONSTRAINT pk_organizations PRIMARY KEY (id),
    CONSTRAINT uq_organizations_slug UNIQUE (slug)
)
;;
CREATE TABLE users (
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    first_name TEXT NOT NULL,
    surname TEXT NOT NULL,
    phone TEXT NOT NULL,
    company JSON,
    language TEXT NOT NULL,
    server_admin BOOLEAN NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    disabled_at VARCHAR(27),
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email)
)
;;
CREATE TABLE members (
    org_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    joined_at VARCHAR(27) NOT NULL,
    disabled_at VARCHAR(27),
    CONSTRAINT pk_members PRIMARY KEY (org_id, user_id)
)
;;
CREATE INDEX ix_members_user ON members (user_id)
;;
CREATE TABLE environments (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_environments PRIMARY KEY (org_id, id),
    CONSTRAINT uq_environments_org_id_slug UNIQUE (org_id, slug)
)
;;
CREATE TABLE roles (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    admin BOOLEAN NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_roles PRIMARY KEY (org_id, id),
    CONSTRAINT uq_roles_org_id_name UNIQUE (org_id, name)
)
;;
CREATE TABLE policies (
    org_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    content JSON NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_policies PRIMARY KEY (org_id, subject)
)
;;
CREATE TABLE data_keys (
    org_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    master TEXT NOT NULL,
    wrapped BLOB,
    created_at VARCHAR(27) NOT NULL,
    destroyed_at VARCHAR(27),
    CONSTRAINT pk_data_keys PRIMARY KEY (org_id, version)
)
;;
CREATE TABLE audit_entries (
    org_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at VARCHAR(27) NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    details_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT pk_audit_entries PRIMARY KEY (org_id, number)
)
;;
CREATE TABLE audit_details (
    org_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    content BLOB NOT NULL,
    CONSTRAINT pk_audit_details PRIMARY KEY (org_id, number)
)
;;
CREATE TABLE audit_heads (
    org_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT pk_audit_heads PRIMARY KEY (org_id)
)
;;
CREATE TABLE audit_signed_heads (
    org_id TEXT NOT NULL,
    day TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL,
    CONSTRAINT pk_audit_signed_heads PRIMARY KEY (org_id, day)
)
;;
CREATE TABLE tickets (
    id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    user_id TEXT,
    content JSON NOT NULL,
    tries INTEGER NOT NULL,
    expires_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_tickets PRIMARY KEY (id)
)
;;
CREATE INDEX ix_tickets_expires_at ON tickets (expires_at)
;;
CREATE INDEX ix_tickets_user_id ON tickets (user_id)
;;
CREATE TABLE sign_in_failures (
    id TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_sign_in_failures PRIMARY KEY (id)
)
;;
CREATE INDEX ix_sign_in_failures_last_at ON sign_in_failures (last_at)
;;
CREATE TABLE invitations (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    email TEXT NOT NULL,
    first_name TEXT NOT NULL,
    surname TEXT NOT NULL,
    phone TEXT NOT NULL,
    company JSON,
    roles JSON NOT NULL,
    invited_by TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    expires_at VARCHAR(27) NOT NULL,
    accepted_at VARCHAR(27),
    CONSTRAINT pk_invitations PRIMARY KEY (org_id, id)
)
;;
CREATE INDEX ix_invitations_email ON invitations (org_id, email)
;;
CREATE TABLE single_sign_on (
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content JSON NOT NULL,
    secret BLOB,
    enforced BOOLEAN NOT NULL,
    worked_at VARCHAR(27),
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_single_sign_on PRIMARY KEY (org_id, kind)
)
;;
CREATE TABLE single_sign_on_links (
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    linked_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_single_sign_on_links PRIMARY KEY (org_id, kind, issuer, subject)
)
;;
CREATE TABLE blobs (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "key" BLOB NOT NULL,
    size BIGINT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_blobs PRIMARY KEY (org_id, id)
)
;;
CREATE TABLE uploads (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    "key" BLOB NOT NULL,
    hash BLOB NOT NULL,
    size BIGINT NOT NULL,
    received BIGINT NOT NULL,
    pieces INTEGER NOT NULL,
    done BOOLEAN NOT NULL,
    user_id TEXT NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_uploads PRIMARY KEY (org_id, id)
)
;;
CREATE INDEX ix_uploads_changed ON uploads (org_id, changed_at)
;;
CREATE TABLE answers_given (
    org_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    "key" TEXT NOT NULL,
    asked BLOB NOT NULL,
    answer BLOB,
    created_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_answers_given PRIMARY KEY (org_id, user_id, "key")
)
;;
CREATE INDEX ix_answers_given_created ON answers_given (org_id, created_at)
;;
CREATE TABLE sealing_keys (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    public TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    created_by TEXT NOT NULL,
    CONSTRAINT pk_sealing_keys PRIMARY KEY (org_id, id)
)
;;
CREATE TABLE storage (
    org_id TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    CONSTRAINT pk_storage PRIMARY KEY (org_id)
)
;;
CREATE TABLE role_rights (
    org_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    "right" TEXT NOT NULL,
    CONSTRAINT pk_role_rights PRIMARY KEY (org_id, role_id, environment_id, "right"),
    CONSTRAINT fk_role_rights_org_id_role_id FOREIGN KEY(org_id, role_id) REFERENCES roles (org_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_role_rights_org_id_environment_id FOREIGN KEY(org_id, environment_id) REFERENCES environments (org_id, id) ON DELETE CASCADE
)
;;
CREATE TABLE member_roles (
    org_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    CONSTRAINT pk_member_roles PRIMARY KEY (org_id, user_id, role_id),
    CONSTRAINT fk_member_roles_org_id_user_id FOREIGN KEY(org_id, user_id) REFERENCES members (org_id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_member_roles_org_id_role_id FOREIGN KEY(org_id, role_id) REFERENCES roles (org_id, id)
)
;;
CREATE TABLE proofs (
    id TEXT NOT NULL,
    password TEXT,
    password_set_at VARCHAR(27),
    totp BLOB,
    totp_offered BLOB,
    totp_step BIGINT NOT NULL,
    CONSTRAINT pk_proofs PRIMARY KEY (id),
    CONSTRAINT fk_proofs_id FOREIGN KEY(id) REFERENCES users (id) ON DELETE CASCADE
)
;;
CREATE TABLE earlier_passwords (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    password TEXT NOT NULL,
    CONSTRAINT pk_earlier_passwords PRIMARY KEY (id),
    CONSTRAINT fk_earlier_passwords_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_earlier_passwords_user_id ON earlier_passwords (user_id)
;;
CREATE TABLE recovery_codes (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    used_at VARCHAR(27),
    CONSTRAINT pk_recovery_codes PRIMARY KEY (id),
    CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_recovery_codes_user_id ON recovery_codes (user_id)
;;
CREATE TABLE passkeys (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    public_key BLOB NOT NULL,
    counter BIGINT NOT NULL,
    name TEXT NOT NULL,
    synced BOOLEAN NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    used_at VARCHAR(27),
    CONSTRAINT pk_passkeys PRIMARY KEY (id),
    CONSTRAINT fk_passkeys_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_passkeys_user_id ON passkeys (user_id)
;;
CREATE TABLE sessions (
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    way TEXT NOT NULL,
    only_org TEXT,
    code_hash TEXT,
    device TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    proven_at VARCHAR(27) NOT NULL,
    used_at VARCHAR(27) NOT NULL,
    expires_at VARCHAR(27) NOT NULL,
    idle_minutes INTEGER NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT uq_sessions_hash UNIQUE (hash),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_sessions_user_id ON sessions (user_id)
;;
CREATE INDEX ix_sessions_code_hash ON sessions (code_hash)
;;
CREATE TABLE personal_tokens (
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    ending TEXT NOT NULL,
    organizations JSON,
    only_org TEXT,
    created_at VARCHAR(27) NOT NULL,
    expires_at VARCHAR(27) NOT NULL,
    used_at VARCHAR(27),
    CONSTRAINT pk_personal_tokens PRIMARY KEY (id),
    CONSTRAINT uq_personal_tokens_hash UNIQUE (hash),
    CONSTRAINT fk_personal_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_personal_tokens_user_id ON personal_tokens (user_id)
;;
CREATE TABLE projects (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    description BLOB NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    created_by TEXT NOT NULL,
    archived_at VARCHAR(27),
    version INTEGER NOT NULL,
    head_id TEXT,
    number INTEGER NOT NULL,
    CONSTRAINT pk_projects PRIMARY KEY (org_id, id),
    CONSTRAINT fk_projects_org_id_environment_id FOREIGN KEY(org_id, environment_id) REFERENCES environments (org_id, id),
    CONSTRAINT uq_projects_org_id_environment_id_folded UNIQUE (org_id, environment_id, folded)
)
;;
CREATE TABLE objects (
    org_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    "key" BLOB NOT NULL,
    position INTEGER NOT NULL,
    blob_id TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    length INTEGER NOT NULL,
    digest BLOB NOT NULL,
    size INTEGER NOT NULL,
    kept BOOLEAN NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_objects PRIMARY KEY (org_id, owner_id, "key", position),
    CONSTRAINT fk_objects_org_id_blob_id FOREIGN KEY(org_id, blob_id) REFERENCES blobs (org_id, id)
)
;;
CREATE INDEX ix_objects_kept ON objects (org_id, kept, created_at)
;;
CREATE INDEX ix_objects_blob ON objects (org_id, blob_id)
;;
CREATE TABLE upload_pieces (
    org_id TEXT NOT NULL,
    upload_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    blob_id TEXT NOT NULL,
    length INTEGER NOT NULL,
    digest BLOB NOT NULL,
    size INTEGER NOT NULL,
    CONSTRAINT pk_upload_pieces PRIMARY KEY (org_id, upload_id, position),
    CONSTRAINT fk_upload_pieces_org_id_upload_id FOREIGN KEY(org_id, upload_id) REFERENCES uploads (org_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_upload_pieces_org_id_blob_id FOREIGN KEY(org_id, blob_id) REFERENCES blobs (org_id, id)
)
;;
CREATE INDEX ix_upload_pieces_blob ON upload_pieces (org_id, blob_id)
;;
CREATE TABLE files (
    org_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    "key" BLOB NOT NULL,
    details BLOB NOT NULL,
    size BIGINT NOT NULL,
    author_id TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_files PRIMARY KEY (org_id, environment_id, kind, name, version),
    CONSTRAINT fk_files_org_id_environment_id FOREIGN KEY(org_id, environment_id) REFERENCES environments (org_id, id)
)
;;
CREATE TABLE revisions (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    parent_id TEXT,
    whole_number INTEGER NOT NULL,
    manifest BLOB NOT NULL,
    details BLOB NOT NULL,
    author_id TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_revisions PRIMARY KEY (org_id, id),
    CONSTRAINT fk_revisions_org_id_project_id FOREIGN KEY(org_id, project_id) REFERENCES projects (org_id, id),
    CONSTRAINT uq_revisions_org_id_project_id_number UNIQUE (org_id, project_id, number)
)
;;
CREATE TABLE deployed (
    org_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    deployment_id TEXT,
    CONSTRAINT pk_deployed PRIMARY KEY (org_id, project_id, environment_id),
    CONSTRAINT fk_deployed_org_id_project_id FOREIGN KEY(org_id, project_id) REFERENCES projects (org_id, id),
    CONSTRAINT fk_deployed_org_id_environment_id FOREIGN KEY(org_id, environment_id) REFERENCES environments (org_id, id)
)
;;
CREATE TABLE variables (
    org_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    content BLOB NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_variables PRIMARY KEY (org_id, project_id, environment_id),
    CONSTRAINT fk_variables_org_id_project_id FOREIGN KEY(org_id, project_id) REFERENCES projects (org_id, id),
    CONSTRAINT fk_variables_org_id_environment_id FOREIGN KEY(org_id, environment_id) REFERENCES environments (org_id, id)
)
;;
CREATE TABLE credentials (
    org_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    content BLOB NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_credentials PRIMARY KEY (org_id, project_id, environment_id, name),
    CONSTRAINT fk_credentials_org_id_project_id FOREIGN KEY(org_id, project_id) REFERENCES projects (org_id, id),
    CONSTRAINT fk_credentials_org_id_environment_id FOREIGN KEY(org_id, environment_id) REFERENCES environments (org_id, id),
    CONSTRAINT fk_credentials_org_id_key_id FOREIGN KEY(org_id, key_id) REFERENCES sealing_keys (org_id, id)
)
;;
CREATE TABLE deployments (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    revision_id TEXT NOT NULL,
    whole_id TEXT,
    overrides BLOB NOT NULL,
    details BLOB NOT NULL,
    author_id TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_deployments PRIMARY KEY (org_id, id),
    CONSTRAINT fk_deployments_org_id_project_id FOREIGN KEY(org_id, project_id) REFERENCES projects (org_id, id),
    CONSTRAINT fk_deployments_org_id_environment_id FOREIGN KEY(org_id, environment_id) REFERENCES environments (org_id, id),
    CONSTRAINT fk_deployments_org_id_revision_id FOREIGN KEY(org_id, revision_id) REFERENCES revisions (org_id, id),
    CONSTRAINT uq_deployments_org_id_project_id_environment_id_position UNIQUE (org_id, project_id, environment_id, position)
)
;;
CREATE TRIGGER "audit_entries_update" BEFORE UPDATE ON "audit_entries" BEGIN SELECT RAISE(ABORT, 'audit_entries is only ever added to'); END
;;
CREATE TRIGGER "audit_entries_delete" BEFORE DELETE ON "audit_entries" BEGIN SELECT RAISE(ABORT, 'audit_entries is only ever added to'); END
;;
CREATE TRIGGER "audit_signed_heads_update" BEFORE UPDATE ON "audit_signed_heads" BEGIN SELECT RAISE(ABORT, 'audit_signed_heads is only ever added to'); END
;;
CREATE TRIGGER "audit_signed_heads_delete" BEFORE DELETE ON "audit_signed_heads" BEGIN SELECT RAISE(ABORT, 'audit_signed_heads is only ever added to'); END
