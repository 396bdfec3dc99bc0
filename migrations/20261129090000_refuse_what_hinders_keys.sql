-- Looks for what would keep 20261129141000 from altering the columns of keys, and says what to do about it before anything is
-- changed. Locks: none; only the catalogue is read. Rollout: any order.

-- So that every object is named with its schema.
set local search_path = pg_catalog;

do $$
declare
    -- As 20261129141000 alters them.
    altered constant jsonb := '{
        "users": ["id", "email"], "accounts": ["id", "user_id", "provider_id", "account_id"],
        "sessions": ["id", "user_id"], "known_devices": ["user_id", "device"], "audit_events": ["user_id"],
        "verifications": ["id", "user_id", "purpose"], "rate_limits": ["key"], "mail_outbox": ["recipient"]
    }';
    dependents text;
    foreign_tables text;
begin
    select string_agg(distinct pg_describe_object(d.classid, d.objid, d.objsubid), '; ') into dependents
    from jsonb_each(altered) as keys (table_name, columns)
    join pg_class c on c.relnamespace = 'auth'::regnamespace and c.relname = table_name
    join pg_attribute a on a.attrelid = c.oid and columns ? a.attname::text
    join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
    left join pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
    where d.classid = any (array['pg_rewrite', 'pg_proc', 'pg_policy', 'pg_trigger', 'pg_publication_rel']::regclass[])
        -- 20261129141000 makes those two anew.
        and coalesce(t.tgname, '') <> all (array['users_changed', 'sessions_changed'])
        and not coalesce(t.tgisinternal, false);

    select string_agg(distinct format('%s (owner %s)', owner.oid::regclass, pg_get_userbyid(owner.relowner)), '; ')
    into foreign_tables
    from pg_constraint fk
    join pg_class owner on owner.oid = fk.conrelid
    where fk.contype = 'f'
        and fk.confrelid = any (array['auth.users', 'auth.accounts', 'auth.sessions', 'auth.known_devices']::regclass[])
        and not pg_has_role(current_user, owner.relowner, 'usage');

    -- What to do is part of the message, since that is what the command line shows.
    if dependents is not null then
        raise exception 'nothing was changed, as these use columns of the schema auth that are to be altered: %. Drop them, run '
            '`authgate migrate`, and create them again', dependents;
    end if;
    if foreign_tables is not null then
        raise exception 'nothing was changed, as these tables refer to the schema auth and do not belong to %: %. Migrate as a '
            'member of their owners, or drop their foreign keys, run `authgate migrate`, and create them again',
            current_user, foreign_tables;
    end if;
end
$$;
