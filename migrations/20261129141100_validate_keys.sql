-- Checks what the former files declared anew.
-- Locks: share update exclusive on each table in turn, and row share on auth.users: nobody who reads or writes rows waits.
-- Rollout: any order.

do $$
declare
    declared record;
begin
    for declared in
        select conrelid::regclass::text as owner, conname as name
        from pg_constraint
        where connamespace = 'auth'::regnamespace and not convalidated
    loop
        execute format('alter table %s validate constraint %I', declared.owner, declared.name);
    end loop;
end
$$;
