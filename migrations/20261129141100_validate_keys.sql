-- Checks what the former files declared anew.
-- Locks: share update exclusive on each table in turn, also on those of other schemas whose foreign keys were declared anew, and
-- row share on auth.users: nobody who reads or writes rows waits.
-- Rollout: any order.

do $$
declare
    declared record;
begin
    for declared in
        select conrelid::regclass::text as owner, conname as name
        from pg_constraint
        where not convalidated
            and (
                connamespace = 'auth'::regnamespace
                -- Of other schemas those that were valid before.
                or exists (
                    select from auth.altered_foreign_keys altered
                    where altered.owner = conrelid and altered.name = conname and altered.was_valid
                )
            )
    loop
        execute format('alter table %s validate constraint %I', declared.owner, declared.name);
    end loop;
end
$$;
drop table auth.altered_foreign_keys;
