-- Mail to deliver, the security journal, and counters of attempts.
-- New tables only: no lock on anything that exists. Rollout: migrate, then start the version that reads them.

-- Written in the transaction that causes the mail, deleted when it was delivered. The payload is sealed, since it
-- holds the link with the raw one-time token.
create table auth.mail_outbox (
    id bigint generated always as identity constraint mail_outbox_pkey primary key,
    kind text not null,
    recipient text not null,
    payload bytea not null,
    created_at timestamptz not null,
    -- Also the lease of the worker that is delivering it: nobody else takes the row before then.
    next_attempt_at timestamptz not null,
    attempts integer not null default 0,
    last_error text,
    -- Set when delivery was given up; such rows stay for the operator until retention removes them.
    failed_at timestamptz
);
create index mail_outbox_next_attempt_at_idx on auth.mail_outbox (next_attempt_at) where failed_at is null;

-- Append-only: rows outlive their users, so nothing here refers to auth.users.
create table auth.audit_events (
    id bigint generated always as identity constraint audit_events_pkey primary key,
    occurred_at timestamptz not null,
    event text not null,
    outcome text not null,
    user_id text,
    actor text,
    ip_address text not null default '',
    user_agent text not null default '',
    request_id text,
    detail jsonb not null default '{}'
);
create index audit_events_user_id_occurred_at_idx on auth.audit_events (user_id, occurred_at);
create index audit_events_occurred_at_idx on auth.audit_events (occurred_at);

create function auth.refuse_audit_update() returns trigger language plpgsql as $$
begin
    raise exception 'auth.audit_events is append-only';
end
$$;
create trigger audit_events_append_only before update on auth.audit_events
    for each row execute function auth.refuse_audit_update();

-- Fixed windows, counted by one upsert before the work that they limit. Shared by all replicas.
create table auth.rate_limits (
    key text constraint rate_limits_pkey primary key,
    count integer not null,
    window_started_at timestamptz not null,
    expires_at timestamptz not null,
    constraint rate_limits_key_length check (length(key) <= 400)
);
create index rate_limits_expires_at_idx on auth.rate_limits (expires_at);
