-- Computed groupings. The data of a run is kept with it, so that its result can be repeated and its dissimilarities exported.
create table typology_runs (
    number integer primary key,
    id text not null unique,
    -- Null: nobody with a key.
    owner text,
    status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
    rows integer not null,
    parameters text not null check (json_valid(parameters)),
    -- Canonical JSON of the data, compressed.
    data blob not null,
    result text check (result is null or json_valid(result)),
    problem text check (problem is null or json_valid(problem)),
    created_at text not null,
    finished_at text,
    expires_at text not null,
    check ((status = 'succeeded') = (result is not null))
) strict;
create index typology_runs_by_owner on typology_runs (owner, number) where owner is not null;
create index typology_runs_by_expiry on typology_runs (expires_at);
