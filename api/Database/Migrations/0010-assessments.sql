-- Results of the decision guide: each under an id that nobody can guess. Nothing else refers to them, and no list shows them.

create table assessments (
    id text primary key,
    -- As it was asked, in the order of the guide.
    request text check (json_valid(request)),
    -- The result as it was given; it never changes.
    result text check (json_valid(result)),
    result_hash text,
    token_hash text,
    created_at text not null,
    expires_at text not null,
    -- Deleted or expired: only the id is left, so that the address can say so.
    gone_at text,
    check ((gone_at is null) = (result is not null)),
    check ((result is null) = (request is null)),
    check ((result is null) = (token_hash is null))
) strict, without rowid;
create index assessments_by_expiry on assessments (expires_at) where gone_at is null;
