-- Writing: keys, versions of every record, the change feed, idempotent requests, confirm links and proposals.
-- What is secret (keys, tokens) is kept as SHA-256 only: it has 256 random bits, so a slow hash would add nothing.

create table api_keys (
    id text primary key,
    hash text not null unique,
    hint text not null,
    owner text not null,
    label text not null,
    roles text not null check (json_valid(roles)),
    scopes text not null check (json_valid(scopes)),
    created_at text not null,
    expires_at text,
    last_used_at text,
    revoked_at text
) strict, without rowid;

-- The feed. Numbers are given inside the one writing transaction, so their order is that of the commits, without gaps.
create table changes (
    number integer primary key,
    kind text not null,
    key text not null,
    action text not null check (action in ('created', 'updated', 'deleted', 'restored')),
    at text not null
) strict;

-- Whether a site or municipality has come or gone.
create index changes_of_places on changes (number) where kind in ('anchor-site', 'municipality') and action <> 'updated';

-- What was written, whole, version by version. Never changed, never deleted.
create table versions (
    kind text not null,
    key text not null,
    version integer not null,
    action text not null check (action in ('created', 'updated', 'deleted', 'restored')),
    at text not null,
    role text not null,
    owner text,
    reason text,
    record text check (json_valid(record)),
    primary key (kind, key, version)
) strict, without rowid;

-- Answers to requests with an Idempotency-Key, stored in the transaction of what they did.
create table idempotent_requests (
    owner text not null,
    key text not null,
    request_hash text not null,
    status integer not null,
    location text,
    etag text,
    body blob,
    -- What the answer tells of, if that can be erased; then the body goes with it.
    subject text,
    at text not null,
    primary key (owner, key)
) strict, without rowid;
create index idempotent_requests_by_time on idempotent_requests (at);
create index idempotent_requests_by_subject on idempotent_requests (subject) where subject is not null;

create table confirm_links (
    id text primary key,
    token_hash text not null unique,
    site_id text not null references anchor_sites,
    created_at text not null,
    expires_at text not null,
    answered_at text,
    revoked_at text
) strict, without rowid;

create table proposals (
    id text primary key,
    site_id text not null references anchor_sites,
    origin text not null check (origin in ('confirm-link', 'survey-response')),
    origin_id text not null,
    evidence text,
    patch text not null check (json_valid(patch)),
    comment text,
    state text not null check (state in ('open', 'accepted', 'rejected')),
    reason text,
    -- Old and new values as they were when it was decided.
    decided_changes text check (json_valid(decided_changes)),
    created_at text not null,
    updated_at text not null,
    decided_at text,
    check ((state = 'open') = (decided_at is null))
) strict, without rowid;
create index proposals_by_state on proposals (state, created_at, id);
create index proposals_by_site on proposals (site_id, created_at, id);

-- What was removed stays as a tombstone. Indexes of lists cover only what is published.
alter table anchor_sites add column deleted_at text;
alter table anchor_sites add column confirmed_at text;
alter table anchor_sites add column confirmed_by text check (confirmed_by in ('operator', 'editor'));
alter table anchor_sites add column confirmed_source text;
-- Numbers of experiences are never given twice.
alter table anchor_sites add column experiences_made integer not null default 0;
update anchor_sites set experiences_made = (select count(*) from site_experiences e where e.site_id = anchor_sites.id);
drop index anchor_sites_by_state;
drop index anchor_sites_by_municipality;
drop index anchor_sites_by_project;
drop index anchor_sites_by_status;
drop index anchor_sites_by_name;
drop index anchor_sites_by_opening_ascending;
drop index anchor_sites_by_opening_descending;
drop index anchor_sites_by_update;
create view published_sites as select * from anchor_sites where deleted_at is null;
create index anchor_sites_published on anchor_sites (id) where deleted_at is null;
create index anchor_sites_by_state on anchor_sites (state, id) where deleted_at is null;
create index anchor_sites_by_municipality on anchor_sites (ags, id) where deleted_at is null;
create index anchor_sites_by_project on anchor_sites (project_id, id) where deleted_at is null;
create index anchor_sites_by_status on anchor_sites (status, id) where deleted_at is null;
create index anchor_sites_by_name on anchor_sites (name_key, id) where deleted_at is null;
create index anchor_sites_by_opening_ascending on anchor_sites (opened_ascending, id) where deleted_at is null;
create index anchor_sites_by_opening_descending on anchor_sites (opened_descending, id) where deleted_at is null;
create index anchor_sites_by_confirmation on anchor_sites (confirmed_at, id) where deleted_at is null;
create index anchor_sites_by_update on anchor_sites (updated_at, id);

alter table sources add column created_at text not null default '2026-11-01T00:00:00.000Z';
alter table sources add column updated_at text not null default '2026-11-01T00:00:00.000Z';
alter table sources add column deleted_at text;
create index sources_by_update on sources (updated_at, id);
create index sources_by_url on sources (url);

alter table projects add column updated_at text not null default '2026-11-01T00:00:00.000Z';
alter table municipalities add column updated_at text not null default '2026-11-01T00:00:00.000Z';
create index municipalities_by_update on municipalities (updated_at, ags);
alter table dimensions add column updated_at text not null default '2026-11-01T00:00:00.000Z';
alter table codes add column updated_at text not null default '2026-11-01T00:00:00.000Z';
alter table codes add column retired_at text;
alter table codes add column replaced_by text;

-- Everything that is published already begins the feed; sources and sites come to it with their first version.
insert into changes (number, kind, key, action, at)
select row_number() over (order by rank, key), kind, key, 'created', at
from (
    select 1 as rank, 'municipality' as kind, ags as key, updated_at as at from municipalities
    union all select 2, 'project', id, updated_at from projects
    union all select 3, 'dimension', key, updated_at from dimensions
);

-- The program applies these files once more: codes, sources and sites get their first version, and what names are found
-- and sorted by is derived anew, since the release before left umlauts in it.
delete from content_files where file in ('municipalities.csv', 'projects.json', 'codebook.json', 'sources.json', 'anchor-sites.json');
