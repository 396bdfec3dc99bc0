-- Who made a user, and which ways to sign in outlive the proof of the user's address.
-- Locks: access exclusive on auth.users and auth.accounts for a moment (a column with a constant default rewrites
-- nothing), then row locks on users that operators made without vouching for the address. Rollout: migrate, then start
-- the new version; the former one goes on writing both tables meanwhile.

-- An operator made the user: a sign-up with the address is told so by mail and changes nothing.
alter table auth.users add column created_by_operator boolean not null default false;

-- This way to sign in came from an operator, or from whoever receives the address's mail. Others end when the address of
-- an unverified user is proved.
alter table auth.accounts add column address_proved boolean not null default false;

update auth.users u set created_by_operator = true
where not u.email_verified
    and exists (
        select from auth.audit_events e where e.user_id = u.id and e.event = 'user_created'
    );

-- A password that was replaced since is not the operator's.
update auth.accounts a set address_proved = true
from auth.users u
where u.id = a.user_id and u.created_by_operator and a.provider_id = 'credential' and a.updated_at = a.created_at;
