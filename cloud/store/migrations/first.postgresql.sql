-- The first tables on postgresql; statements end with ;; on a line of their own.
CREATE TABLE organizations (
    id TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    shredded_at TIMESTAMP WITH TIME ZONE,
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
    company JSONB,
    language TEXT NOT NULL,
    server_admin BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email)
)
;;
CREATE TABLE members (
    org_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    joined_at TIMESTAMP WITH TIME ZONE NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
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
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_environments PRIMARY KEY (org_id, id),
    CONSTRAINT uq_environments_org_id_slug UNIQUE (org_id, slug)
)
;;
CREATE TABLE roles (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    admin BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_roles PRIMARY KEY (org_id, id),
    CONSTRAINT uq_roles_org_id_name UNIQUE (org_id, name)
)
;;
CREATE TABLE policies (
    org_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    content JSONB NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_policies PRIMARY KEY (org_id, subject)
)
;;
CREATE TABLE data_keys (
    org_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    master TEXT NOT NULL,
    wrapped BYTEA,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    destroyed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_data_keys PRIMARY KEY (org_id, version)
)
;;
CREATE TABLE audit_entries (
    org_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    details_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_entries PRIMARY KEY (org_id, number)
)
;;
CREATE TABLE audit_details (
    org_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT pk_audit_details PRIMARY KEY (org_id, number)
)
;;
CREATE TABLE audit_heads (
    org_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_heads PRIMARY KEY (org_id)
)
;;
CREATE TABLE audit_signed_heads (
    org_id TEXT NOT NULL,
    day TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    CONSTRAINT pk_audit_signed_heads PRIMARY KEY (org_id, day)
)
;;
CREATE TABLE tickets (
    id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    user_id TEXT,
    content JSONB NOT NULL,
    tries INTEGER NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    company JSONB,
    roles JSONB NOT NULL,
    invited_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    accepted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_invitations PRIMARY KEY (org_id, id)
)
;;
CREATE INDEX ix_invitations_email ON invitations (org_id, email)
;;
CREATE TABLE single_sign_on (
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content JSONB NOT NULL,
    secret BYTEA,
    enforced BOOLEAN NOT NULL,
    worked_at TIMESTAMP WITH TIME ZONE,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_single_sign_on PRIMARY KEY (org_id, kind)
)
;;
CREATE TABLE single_sign_on_links (
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    linked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_single_sign_on_links PRIMARY KEY (org_id, kind, issuer, subject)
)
;;
CREATE TABLE blobs (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    key BYTEA NOT NULL,
    size BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_blobs PRIMARY KEY (org_id, id)
)
;;
CREATE TABLE uploads (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    key BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    size BIGINT NOT NULL,
    received BIGINT NOT NULL,
    pieces INTEGER NOT NULL,
    done BOOLEAN NOT NULL,
    user_id TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_uploads PRIMARY KEY (org_id, id)
)
;;
CREATE INDEX ix_uploads_changed ON uploads (org_id, changed_at)
;;
CREATE TABLE answers_given (
    org_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    asked BYTEA NOT NULL,
    answer BYTEA,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_answers_given PRIMARY KEY (org_id, user_id, key)
)
;;
CREATE INDEX ix_answers_given_created ON answers_given (org_id, created_at)
;;
CREATE TABLE sealing_keys (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    public TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    password_set_at TIMESTAMP WITH TIME ZONE,
    totp BYTEA,
    totp_offered BYTEA,
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
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_recovery_codes PRIMARY KEY (id),
    CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_recovery_codes_user_id ON recovery_codes (user_id)
;;
CREATE TABLE passkeys (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    counter BIGINT NOT NULL,
    name TEXT NOT NULL,
    synced BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
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
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    proven_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    organizations JSONB,
    only_org TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
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
    description BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
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
    key BYTEA NOT NULL,
    position INTEGER NOT NULL,
    blob_id TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    length INTEGER NOT NULL,
    digest BYTEA NOT NULL,
    size INTEGER NOT NULL,
    kept BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_objects PRIMARY KEY (org_id, owner_id, key, position),
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
    digest BYTEA NOT NULL,
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
    key BYTEA NOT NULL,
    details BYTEA NOT NULL,
    size BIGINT NOT NULL,
    author_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    manifest BYTEA NOT NULL,
    details BYTEA NOT NULL,
    author_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    content BYTEA NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    content BYTEA NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    overrides BYTEA NOT NULL,
    details BYTEA NOT NULL,
    author_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_deployments PRIMARY KEY (org_id, id),
    CONSTRAINT fk_deployments_org_id_project_id FOREIGN KEY(org_id, project_id) REFERENCES projects (org_id, id),
    CONSTRAINT fk_deployments_org_id_environment_id FOREIGN KEY(org_id, environment_id) REFERENCES environments (org_id, id),
    CONSTRAINT fk_deployments_org_id_revision_id FOREIGN KEY(org_id, revision_id) REFERENCES revisions (org_id, id),
    CONSTRAINT uq_deployments_org_id_project_id_environment_id_position UNIQUE (org_id, project_id, environment_id, position)
)
;;
ALTER TABLE "answers_given" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "answers_given" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "answers_given" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "answers_given" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "answers_given" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "answers_given" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "answers_given" TO "weft_role"
;;
ALTER TABLE "audit_details" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "audit_details" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "audit_details" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "audit_details" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "audit_details" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "audit_details" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "audit_details" TO "weft_role"
;;
ALTER TABLE "audit_entries" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "audit_entries" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "audit_entries" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "audit_entries" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "audit_entries" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "audit_entries" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT ON "audit_entries" TO "weft_role"
;;
ALTER TABLE "audit_heads" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "audit_heads" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "audit_heads" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "audit_heads" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "audit_heads" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "audit_heads" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "audit_heads" TO "weft_role"
;;
ALTER TABLE "audit_signed_heads" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "audit_signed_heads" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "audit_signed_heads" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "audit_signed_heads" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "audit_signed_heads" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "audit_signed_heads" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT ON "audit_signed_heads" TO "weft_role"
;;
ALTER TABLE "blobs" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "blobs" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "blobs" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "blobs" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "blobs" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "blobs" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "blobs" TO "weft_role"
;;
ALTER TABLE "data_keys" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "data_keys" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "data_keys" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "data_keys" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "data_keys" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "data_keys" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "data_keys" TO "weft_role"
;;
ALTER TABLE "environments" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "environments" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "environments" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "environments" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "environments" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "environments" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "environments" TO "weft_role"
;;
ALTER TABLE "invitations" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "invitations" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "invitations" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "invitations" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "invitations" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "invitations" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "invitations" TO "weft_role"
;;
ALTER TABLE "members" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "members" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "members" FOR SELECT USING ((org_id = NULLIF(current_setting('app.org', true), '') OR (NULLIF(current_setting('app.org', true), '') = 'server' AND user_id = NULLIF(current_setting('app.user', true), ''))))
;;
CREATE POLICY made ON "members" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "members" FOR UPDATE USING (((org_id = NULLIF(current_setting('app.org', true), '') OR (NULLIF(current_setting('app.org', true), '') = 'server' AND user_id = NULLIF(current_setting('app.user', true), '')))) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "members" FOR DELETE USING (((org_id = NULLIF(current_setting('app.org', true), '') OR (NULLIF(current_setting('app.org', true), '') = 'server' AND user_id = NULLIF(current_setting('app.user', true), '')))) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "members" TO "weft_role"
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "organizations" TO "weft_role"
;;
ALTER TABLE "policies" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "policies" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "policies" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "policies" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "policies" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "policies" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "policies" TO "weft_role"
;;
ALTER TABLE "roles" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "roles" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "roles" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "roles" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "roles" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "roles" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "roles" TO "weft_role"
;;
ALTER TABLE "sealing_keys" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "sealing_keys" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "sealing_keys" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "sealing_keys" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "sealing_keys" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "sealing_keys" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "sealing_keys" TO "weft_role"
;;
ALTER TABLE "sign_in_failures" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "sign_in_failures" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "sign_in_failures" FOR SELECT USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
CREATE POLICY made ON "sign_in_failures" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "sign_in_failures" FOR UPDATE USING (NULLIF(current_setting('app.org', true), '') = 'server') WITH CHECK (true)
;;
CREATE POLICY gone ON "sign_in_failures" FOR DELETE USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "sign_in_failures" TO "weft_role"
;;
ALTER TABLE "single_sign_on" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "single_sign_on" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "single_sign_on" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "single_sign_on" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "single_sign_on" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "single_sign_on" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "single_sign_on" TO "weft_role"
;;
ALTER TABLE "single_sign_on_links" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "single_sign_on_links" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "single_sign_on_links" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "single_sign_on_links" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "single_sign_on_links" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "single_sign_on_links" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "single_sign_on_links" TO "weft_role"
;;
ALTER TABLE "storage" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "storage" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "storage" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "storage" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "storage" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "storage" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "storage" TO "weft_role"
;;
ALTER TABLE "tickets" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "tickets" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "tickets" FOR SELECT USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
CREATE POLICY made ON "tickets" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "tickets" FOR UPDATE USING (NULLIF(current_setting('app.org', true), '') = 'server') WITH CHECK (true)
;;
CREATE POLICY gone ON "tickets" FOR DELETE USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "tickets" TO "weft_role"
;;
ALTER TABLE "uploads" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "uploads" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "uploads" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "uploads" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "uploads" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "uploads" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "uploads" TO "weft_role"
;;
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "users" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "users" FOR SELECT USING ((NULLIF(current_setting('app.org', true), '') = 'server' OR id = NULLIF(current_setting('app.user', true), '') OR id IN (SELECT user_id FROM members WHERE org_id = NULLIF(current_setting('app.org', true), ''))))
;;
CREATE POLICY made ON "users" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "users" FOR UPDATE USING ((NULLIF(current_setting('app.org', true), '') = 'server' OR id = NULLIF(current_setting('app.user', true), '') OR id IN (SELECT user_id FROM members WHERE org_id = NULLIF(current_setting('app.org', true), '')))) WITH CHECK (true)
;;
CREATE POLICY gone ON "users" FOR DELETE USING ((NULLIF(current_setting('app.org', true), '') = 'server' OR id = NULLIF(current_setting('app.user', true), '') OR id IN (SELECT user_id FROM members WHERE org_id = NULLIF(current_setting('app.org', true), ''))))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "users" TO "weft_role"
;;
ALTER TABLE "earlier_passwords" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "earlier_passwords" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "earlier_passwords" FOR SELECT USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
CREATE POLICY made ON "earlier_passwords" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "earlier_passwords" FOR UPDATE USING (NULLIF(current_setting('app.org', true), '') = 'server') WITH CHECK (true)
;;
CREATE POLICY gone ON "earlier_passwords" FOR DELETE USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "earlier_passwords" TO "weft_role"
;;
ALTER TABLE "files" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "files" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "files" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "files" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "files" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "files" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "files" TO "weft_role"
;;
ALTER TABLE "member_roles" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "member_roles" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "member_roles" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "member_roles" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "member_roles" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "member_roles" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "member_roles" TO "weft_role"
;;
ALTER TABLE "objects" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "objects" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "objects" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "objects" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "objects" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "objects" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "objects" TO "weft_role"
;;
ALTER TABLE "passkeys" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "passkeys" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "passkeys" FOR SELECT USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
CREATE POLICY made ON "passkeys" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "passkeys" FOR UPDATE USING (NULLIF(current_setting('app.org', true), '') = 'server') WITH CHECK (true)
;;
CREATE POLICY gone ON "passkeys" FOR DELETE USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "passkeys" TO "weft_role"
;;
ALTER TABLE "personal_tokens" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "personal_tokens" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "personal_tokens" FOR SELECT USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
CREATE POLICY made ON "personal_tokens" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "personal_tokens" FOR UPDATE USING (NULLIF(current_setting('app.org', true), '') = 'server') WITH CHECK (true)
;;
CREATE POLICY gone ON "personal_tokens" FOR DELETE USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "personal_tokens" TO "weft_role"
;;
ALTER TABLE "projects" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "projects" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "projects" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "projects" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "projects" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "projects" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "projects" TO "weft_role"
;;
ALTER TABLE "proofs" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "proofs" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "proofs" FOR SELECT USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
CREATE POLICY made ON "proofs" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "proofs" FOR UPDATE USING (NULLIF(current_setting('app.org', true), '') = 'server') WITH CHECK (true)
;;
CREATE POLICY gone ON "proofs" FOR DELETE USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "proofs" TO "weft_role"
;;
ALTER TABLE "recovery_codes" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "recovery_codes" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "recovery_codes" FOR SELECT USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
CREATE POLICY made ON "recovery_codes" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "recovery_codes" FOR UPDATE USING (NULLIF(current_setting('app.org', true), '') = 'server') WITH CHECK (true)
;;
CREATE POLICY gone ON "recovery_codes" FOR DELETE USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "recovery_codes" TO "weft_role"
;;
ALTER TABLE "role_rights" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "role_rights" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "role_rights" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "role_rights" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "role_rights" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "role_rights" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "role_rights" TO "weft_role"
;;
ALTER TABLE "sessions" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "sessions" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "sessions" FOR SELECT USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
CREATE POLICY made ON "sessions" FOR INSERT WITH CHECK (true)
;;
CREATE POLICY changed ON "sessions" FOR UPDATE USING (NULLIF(current_setting('app.org', true), '') = 'server') WITH CHECK (true)
;;
CREATE POLICY gone ON "sessions" FOR DELETE USING (NULLIF(current_setting('app.org', true), '') = 'server')
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "sessions" TO "weft_role"
;;
ALTER TABLE "upload_pieces" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "upload_pieces" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "upload_pieces" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "upload_pieces" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "upload_pieces" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "upload_pieces" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "upload_pieces" TO "weft_role"
;;
ALTER TABLE "credentials" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "credentials" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "credentials" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "credentials" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "credentials" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "credentials" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "credentials" TO "weft_role"
;;
ALTER TABLE "deployed" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "deployed" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "deployed" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "deployed" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "deployed" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "deployed" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "deployed" TO "weft_role"
;;
ALTER TABLE "revisions" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "revisions" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "revisions" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "revisions" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "revisions" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "revisions" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "revisions" TO "weft_role"
;;
ALTER TABLE "variables" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "variables" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "variables" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "variables" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "variables" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "variables" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "variables" TO "weft_role"
;;
ALTER TABLE "deployments" ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE "deployments" FORCE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON "deployments" FOR SELECT USING (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY made ON "deployments" FOR INSERT WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY changed ON "deployments" FOR UPDATE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), ''))) WITH CHECK (org_id = NULLIF(current_setting('app.org', true), ''))
;;
CREATE POLICY gone ON "deployments" FOR DELETE USING ((org_id = NULLIF(current_setting('app.org', true), '')) AND (org_id = NULLIF(current_setting('app.org', true), '')))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON "deployments" TO "weft_role"
