-- Findings, what they rest on, and recommendations.

create table findings (
    id text primary key,
    number integer not null unique,
    kind text not null,
    status text not null check (status in ('draft', 'approved', 'under-review')),
    dimension text not null,
    title_de text not null,
    title_en text,
    text_de text not null,
    text_en text,
    confidence_level text not null check (confidence_level in ('high', 'moderate', 'low', 'very-low')),
    methodological_limitations text not null,
    coherence text not null,
    adequacy text not null,
    relevance text not null,
    confidence_reason text not null,
    single_finding integer not null check (single_finding in (0, 1)),
    author text,
    created_at text not null,
    updated_at text not null,
    deleted_at text
) strict, without rowid;
create index findings_by_number on findings (number) where deleted_at is null and status = 'approved';

create table finding_types (
    finding_id text not null references findings on delete cascade,
    type text not null,
    primary key (finding_id, type)
) strict, without rowid;
create index finding_types_by_type on finding_types (type, finding_id);

-- One piece of evidence a row. An experience of a site that says the same from the same source is that piece, not another one.
create table evidence (
    id text primary key,
    finding_id text not null references findings on delete cascade,
    position integer not null,
    relation text not null check (relation in ('supports', 'contradicts', 'qualifies')),
    basis text,
    source_id text not null references sources,
    site_id text references anchor_sites
) strict, without rowid;
create index evidence_by_finding on evidence (finding_id, position);
create index evidence_by_source on evidence (source_id);
create index evidence_by_site on evidence (site_id) where site_id is not null;

create table recommendations (
    id text primary key,
    number integer not null unique,
    status text not null check (status in ('draft', 'published', 'under-review')),
    title_de text not null,
    title_en text,
    text_de text not null,
    text_en text,
    conditions_de text not null,
    conditions_en text,
    mistake_de text not null,
    mistake_en text,
    phase text not null check (phase in ('orientation', 'planning', 'setup', 'operation', 'consolidation')),
    effort text not null check (effort in ('low', 'medium', 'high')),
    strength text not null check (strength in ('strong', 'conditional', 'experience')),
    audience text not null check (json_valid(audience)),
    -- The order of a municipality: by phase, then by strength.
    place integer not null generated always as (
        case phase when 'orientation' then 0 when 'planning' then 3 when 'setup' then 6 when 'operation' then 9 else 12 end
        + case strength when 'strong' then 0 when 'conditional' then 1 else 2 end) virtual,
    author text,
    created_at text not null,
    updated_at text not null,
    deleted_at text
) strict, without rowid;
create index recommendations_by_place on recommendations (place, number) where deleted_at is null and status = 'published';

create table recommendation_types (
    recommendation_id text not null references recommendations on delete cascade,
    type text not null,
    primary key (recommendation_id, type)
) strict, without rowid;

create table recommendation_findings (
    recommendation_id text not null references recommendations on delete cascade,
    position integer not null,
    finding_id text not null references findings,
    primary key (recommendation_id, position)
) strict, without rowid;
create index recommendation_findings_by_finding on recommendation_findings (finding_id);

create table recommendation_sites (
    recommendation_id text not null references recommendations on delete cascade,
    position integer not null,
    site_id text not null references anchor_sites,
    primary key (recommendation_id, position)
) strict, without rowid;

create index recommendation_sites_by_site on recommendation_sites (site_id);

create index site_experiences_by_finding on site_experiences (finding_id);
create index site_experiences_by_source on site_experiences (source_id);

-- What the public may see.
create view published_findings as select * from findings where deleted_at is null and status = 'approved';
create view published_recommendations as select * from recommendations where deleted_at is null and status = 'published';

-- Experiences that an editor added since say something that no other piece of evidence does.
create view finding_evidence as
select e.id, e.finding_id, e.position, e.relation, e.basis, e.source_id, e.site_id
from evidence e
where e.site_id is null or exists (select 1 from anchor_sites s where s.id = e.site_id and s.deleted_at is null)
union all
select x.id, x.finding_id, 1000000 + x.position, x.relation, null, x.source_id, x.site_id
from site_experiences x
join anchor_sites s on s.id = x.site_id and s.deleted_at is null
where not exists (
    select 1 from evidence e
    where e.finding_id = x.finding_id and e.source_id = x.source_id and e.site_id = x.site_id and e.relation = x.relation);
