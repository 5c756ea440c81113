-- The curated typology, version by version. What is published never changes.

create table typologies (
    version text primary key,
    number integer not null unique,
    status text not null check (status in ('draft', 'published', 'superseded')),
    origin text not null check (origin in ('shipped', 'editor')),
    -- Everything but memberships, as the contract's TypologyInput.
    record text not null check (json_valid(record)),
    predecessor text references typologies,
    author text,
    publisher text,
    created_at text not null,
    updated_at text not null,
    published_at text,
    superseded_at text,
    check ((status = 'draft') = (published_at is null))
) strict, without rowid;
-- One draft at a time, and one version that holds.
create unique index typologies_draft on typologies (status) where status = 'draft';
create unique index typologies_published on typologies (status) where status = 'published';

-- Numbers are not used again, also not that of a discarded draft.
create table typology_numbers (last integer not null) strict;
insert into typology_numbers values (0);

-- Derived from the record: what lists and references ask for.
create table types (
    typology text not null references typologies on delete cascade,
    key text not null,
    position integer not null,
    label_de text not null,
    label_en text,
    record text not null check (json_valid(record)),
    primary key (typology, key)
) strict, without rowid;

create table memberships (
    typology text not null references typologies on delete cascade,
    site_id text not null references anchor_sites,
    -- Null: deliberately not classified.
    type text,
    degree text check (degree in ('core', 'edge', 'hybrid', 'special')),
    secondary_type text,
    rationale text not null,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    primary key (typology, site_id),
    foreign key (typology, type) references types deferrable initially deferred,
    check ((type is null) = (degree is null))
) strict, without rowid;
create index memberships_by_type on memberships (typology, type, site_id);
create index memberships_by_site on memberships (site_id);

create view current_typology as select * from typologies where status = 'published';

drop table site_types;
create view site_types as
select m.site_id, m.type from memberships m join current_typology c on c.version = m.typology where m.type is not null;

-- The program applies the file once more, now whole.
delete from content_files where file = 'typology.json';
