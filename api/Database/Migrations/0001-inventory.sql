-- The inventory: states, municipalities, projects, codebook, sources, anchor sites, and their full text.
-- No ANALYZE anywhere: every list walks along an index made for it, and statistics from a sample made SQLite sort a
-- million rows instead (measured: seconds instead of less than a millisecond).
-- Times are UTC text with milliseconds; keys with leading zeros are text.

-- One row. The revision rises in the transaction of every write that changes a public answer.
create table service (
    id integer primary key check (id = 1),
    revision integer not null,
    content text not null,
    -- Tells this database from others that have the same revision: tags of lists rest on both.
    instance text not null
) strict;
insert into service (id, revision, content, instance) values (1, 0, '', lower(hex(randomblob(8))));

-- Which shipped file was applied in which version (SHA-256 of its bytes).
create table content_files (
    file text primary key,
    hash text not null,
    applied_at text not null
) strict;

create table states (
    code text primary key check (code glob 'DE-[A-Z][A-Z]'),
    name text not null unique
) strict, without rowid;

create table municipalities (
    ags text primary key check (length(ags) = 8),
    ars text not null unique check (length(ars) = 12),
    name text not null,
    short_name text not null,
    name_key text not null,
    sort_key text not null,
    state text not null references states,
    county_key text not null,
    county text not null,
    population integer not null check (population >= 0),
    population_date text not null,
    area_km2 real not null,
    size_class text not null,
    latitude real,
    longitude real,
    check ((latitude is null) = (longitude is null))
) strict, without rowid;
create index municipalities_by_state on municipalities (state, size_class);
create index municipalities_by_county on municipalities (county_key);
create index municipalities_by_population on municipalities (population);
create index municipalities_by_name on municipalities (sort_key);

create table projects (
    id text primary key,
    name text not null,
    name_key text not null,
    cohort integer not null,
    state text not null references states,
    kind text not null,
    programme_category text not null,
    note text
) strict, without rowid;

create table project_states (
    project_id text not null references projects on delete cascade,
    position integer not null,
    state text not null references states,
    primary key (project_id, position)
) strict, without rowid;

-- Members are municipalities (8 digits) or counties (5 digits), so there is no foreign key.
create table project_members (
    project_id text not null references projects on delete cascade,
    position integer not null,
    key text not null check (length(key) in (5, 8)),
    name text not null,
    population integer not null,
    population_date text not null,
    latitude real not null,
    longitude real not null,
    primary key (project_id, position)
) strict, without rowid;
create index project_members_by_key on project_members (key);

create table project_sources (
    project_id text not null references projects on delete cascade,
    position integer not null,
    url text not null,
    primary key (project_id, position)
) strict, without rowid;

create table dimensions (
    key text primary key,
    position integer not null,
    label_de text not null,
    label_en text not null,
    definition_de text not null,
    definition_en text not null,
    kind text not null,
    weight real not null
) strict, without rowid;

create table codes (
    dimension text not null references dimensions,
    key text not null,
    position integer not null,
    label_de text not null,
    label_en text not null,
    definition_de text not null,
    definition_en text not null,
    anchor_example text,
    neighbours text not null check (json_valid(neighbours)),
    primary key (dimension, key)
) strict, without rowid;

create table sources (
    id text primary key,
    url text not null,
    title text not null,
    title_key text not null,
    publisher text not null,
    publisher_key text not null,
    date text,
    kind text not null,
    date_ascending text not null generated always as (coalesce(date, '9999')) virtual,
    date_descending text not null generated always as (coalesce(date, '')) virtual
) strict, without rowid;

-- Without rowid: a page in the order of ids reads neighbours on disk.
create table anchor_sites (
    id text primary key,
    number integer not null unique,
    name text not null,
    name_key text not null,
    self_designation text not null,
    summary text not null,
    status text not null check (status in ('planned', 'setup', 'operating', 'paused', 'closed', 'unknown')),
    mpsc_funded text not null check (mpsc_funded in ('documented', 'not-documented')),
    project_id text references projects,
    ags text references municipalities,
    county_key text check (length(county_key) = 5),
    state text not null references states,
    place text,
    address text,
    website text,
    latitude real check (latitude between -90 and 90),
    longitude real check (longitude between -180 and 180),
    location_precision text,
    opened_on text,
    opened_first text,
    opened_last text,
    closed_on text,
    floor_area_sqm real,
    opening_hours text,
    participation_fee text,
    visitors_per_year integer,
    annual_cost_eur real,
    created_at text not null,
    updated_at text not null,
    -- A site without a date comes last in either direction.
    opened_ascending text not null generated always as (coalesce(opened_on, '9999')) virtual,
    opened_descending text not null generated always as (coalesce(opened_on, '')) virtual,
    check ((latitude is null) = (longitude is null))
) strict, without rowid;
create index anchor_sites_by_state on anchor_sites (state, id);
create index anchor_sites_by_municipality on anchor_sites (ags, id);
create index anchor_sites_by_project on anchor_sites (project_id, id);
create index anchor_sites_by_status on anchor_sites (status, id);
create index anchor_sites_by_name on anchor_sites (name_key, id);
create index anchor_sites_by_opening_ascending on anchor_sites (opened_ascending, id);
create index anchor_sites_by_opening_descending on anchor_sites (opened_descending, id);
create index anchor_sites_by_update on anchor_sites (updated_at, id);

-- Rows wait here, before anchor_sites, because they are what a filter by code walks along.
create table site_codes (
    dimension text not null,
    code text not null,
    site_id text not null references anchor_sites on delete cascade,
    primary key (dimension, code, site_id),
    foreign key (dimension, code) references codes
) strict, without rowid;
create index site_codes_by_site on site_codes (site_id);

-- A dimension that is known for a site, even if no code applies. No row: unknown.
create table site_dimensions (
    site_id text not null references anchor_sites on delete cascade,
    dimension text not null references dimensions,
    primary key (site_id, dimension)
) strict, without rowid;

create table site_experiences (
    site_id text not null references anchor_sites on delete cascade,
    position integer not null,
    id text not null unique,
    kind text not null,
    text text not null,
    finding_id text not null,
    relation text not null check (relation in ('supports', 'contradicts', 'qualifies')),
    source_id text not null references sources,
    primary key (site_id, position)
) strict, without rowid;

create table site_sources (
    site_id text not null references anchor_sites on delete cascade,
    position integer not null,
    source_id text not null references sources,
    primary key (site_id, position)
) strict, without rowid;
create index site_sources_by_source on site_sources (source_id);

-- Derived: the public representation of a site, rebuilt by every write that changes it, so that a page of
-- sites is one statement. Absolute addresses begin with a placeholder.
create table site_documents (
    number integer primary key references anchor_sites (number) on delete cascade,
    document text not null
) strict;

-- Derived: where sites are.
create virtual table site_positions using rtree (number, south, north, west, east);

-- Derived: what can be found by words. The index keeps no text of its own.
create table search_entries (
    number integer primary key,
    kind text not null,
    key text not null,
    title text not null,
    title_key text not null,
    teaser text not null,
    unique (kind, key)
) strict;
create virtual table search_words using fts5 (
    title, keywords, text,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
