-- Which kinds of device each user has signed in from, so that only a new one is worth a mail.
-- A new table only: no lock on anything that exists. Rollout: migrate, then start the version that reads it. The first
-- sign-in of each user after that is taken for a known device.

create table auth.known_devices (
    user_id text not null constraint known_devices_user_id_fkey references auth.users (id) on delete cascade,
    -- Browser and operating system, such as 'Firefox on Linux'; neither version nor address.
    device text not null,
    last_seen_at timestamptz not null,
    constraint known_devices_pkey primary key (user_id, device)
);
