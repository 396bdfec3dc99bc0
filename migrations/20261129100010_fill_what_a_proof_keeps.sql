-- Marks the users that operators made before the columns of the former file were there, and the passwords they set.
-- Locks: the rows that it changes, which are those of unverified users made by operators; reads and other writes go on while
-- it reads auth.users, auth.audit_events and auth.accounts. Rollout: right after the former file.

update auth.users u set created_by_operator = true
where not u.email_verified
    and exists (
        select from auth.audit_events e where e.user_id = u.id and e.event = 'user_created'
    );

-- A password that was replaced since is not the operator's.
update auth.accounts a set address_proved = true
from auth.users u
where u.id = a.user_id and u.created_by_operator and a.provider_id = 'credential' and a.updated_at = a.created_at;
