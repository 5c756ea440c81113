-- Surveys. Responses are confidential: nothing public reads these tables but the suppressed results.

create table surveys (
    id text primary key,
    title_de text not null,
    title_en text not null,
    description_de text,
    description_en text,
    created_at text not null,
    updated_at text not null,
    -- Rises with every write of a response: what is computed from responses is kept under it.
    responses_revision integer not null default 0
) strict, without rowid;

create table survey_versions (
    survey text not null references surveys,
    version integer not null check (version > 0),
    state text not null check (state in ('draft', 'published', 'closed')),
    definition text not null check (json_valid(definition)),
    author text,
    created_at text not null,
    updated_at text not null,
    published_at text,
    closed_at text,
    primary key (survey, version)
) strict, without rowid;
-- One draft at a time, and one version that is answered.
create unique index survey_versions_draft on survey_versions (survey) where state = 'draft';
create unique index survey_versions_published on survey_versions (survey) where state = 'published';

-- One row per response, and no index besides the key: scripts load a hundred thousand at a time.
create table responses (
    survey text not null references surveys,
    id text not null,
    version integer not null,
    state text not null check (state in ('draft', 'submitted', 'accepted', 'rejected', 'deleted')),
    answers text not null,
    issues text,
    owner text not null,
    invitation text,
    reason text,
    created_at text not null,
    updated_at text not null,
    submitted_at text,
    reviewed_at text,
    primary key (survey, id)
) strict, without rowid;

create table invitations (
    id text primary key,
    survey text not null references surveys,
    token_hash text not null unique,
    ags text,
    label text,
    created_at text not null,
    expires_at text not null,
    revoked_at text,
    -- The one response that was given with it.
    response_id text
) strict, without rowid;
create index invitations_by_survey on invitations (survey, id);

-- For results by type: which type a site belongs to.
create table site_types (
    site_id text primary key,
    type text not null
) strict, without rowid;
