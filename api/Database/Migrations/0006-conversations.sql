-- Conversations: interviews and focus groups. Confidential; what is public is seen through released_passages only.
-- Who takes part is a pseudonym here. Who is behind it stands in the identity vault, which nothing here refers to.

create table conversations (
    id text primary key,
    kind text not null check (kind in ('interview', 'focus-group')),
    -- Keys that are limited to projects reach those of their projects.
    project_id text references projects,
    state text not null default 'draft' check (state in ('draft', 'transcribed', 'under-review', 'released', 'partly', 'rejected', 'withdrawn')),
    held_on text,
    guide_version text,
    -- Owner, never a key.
    author text not null,
    -- Somebody in it has had the use of their data restricted: for the privacy officer alone.
    restricted integer not null default 0 check (restricted in (0, 1)),
    created_at text not null default '2026-11-01T00:00:00.000Z',
    updated_at text not null default '2026-11-01T00:00:00.000Z'
) strict, without rowid;
create index conversations_by_project on conversations (project_id, id);

create table conversation_participants (
    conversation_id text not null references conversations on delete cascade,
    pseudonym text not null,
    primary key (conversation_id, pseudonym)
) strict, without rowid;

create table conversation_sites (
    conversation_id text not null references conversations on delete cascade,
    site_id text not null references anchor_sites,
    primary key (conversation_id, site_id)
) strict, without rowid;

create table conversation_types (
    conversation_id text not null references conversations on delete cascade,
    type text not null,
    primary key (conversation_id, type)
) strict, without rowid;

-- Stored once, with LF, and not changed but by erasure.
create table transcripts (
    conversation_id text primary key references conversations on delete cascade,
    text text not null check (instr(text, char(13)) = 0),
    sha256 text not null check (length(sha256) = 64)
) strict, without rowid;

-- Positions are Unicode code points, half open.
create table passages (
    id text primary key,
    conversation_id text not null references conversations on delete cascade,
    start_at integer not null check (start_at >= 0),
    end_at integer not null,
    quote text not null,
    text_sha256 text not null,
    pseudonym text,
    state text not null check (state in ('draft', 'under-review', 'released', 'rejected', 'withdrawn', 'erased')),
    author text not null,
    released_by text,
    released_at text,
    check (end_at > start_at),
    check (released_by is null or released_by <> author),
    foreign key (conversation_id, pseudonym) references conversation_participants
) strict, without rowid;
create index passages_by_conversation on passages (conversation_id, start_at, id);

-- The one door: what the public may see.
create view released_passages as
select p.id, p.conversation_id, p.start_at, p.end_at, p.quote, p.pseudonym, p.released_at
from passages p
join conversations c on c.id = p.conversation_id
join transcripts t on t.conversation_id = p.conversation_id
where p.state = 'released' and p.text_sha256 = t.sha256 and c.restricted = 0 and c.state in ('released', 'partly');
