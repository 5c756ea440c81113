-- Published survey results and typology runs as evidence. Results are read where they are published, with their protection; here stands what an
-- editor says of them.
create table finding_computations (
    id text primary key,
    finding_id text not null references findings on delete cascade,
    kind text not null check (kind in ('survey-aggregate', 'typology-run')),
    -- Survey and item, or run.
    survey text references surveys,
    item text,
    run text,
    relation text not null check (relation in ('supports', 'contradicts', 'qualifies')),
    statement_de text not null,
    statement_en text,
    check ((kind = 'survey-aggregate') = (survey is not null and item is not null and run is null)),
    check ((kind = 'typology-run') = (survey is null and item is null and run is not null)),
    unique (finding_id, survey, item),
    unique (finding_id, run)
) strict, without rowid;
create index finding_computations_by_run on finding_computations (run) where run is not null;

-- A run that is cited does not expire.
create trigger cited_runs_stay before delete on typology_runs
when exists (select 1 from finding_computations c where c.run = old.id)
begin
    select raise(abort, 'a finding rests on this run');
end;

-- Whatever findings rest on beside documents.
create view finding_voices as
select l.finding_id, l.relation, p.id, 'passage' as kind, iif(v.kind = 'interview', 'Aus einem Interview', 'Aus einer Fokusgruppe') as label, p.quote as text,
       '/v1/passages/' || p.id as path
from finding_passages l
join released_passages p on p.id = l.passage_id
join public_conversations v on v.id = p.conversation_id
union all
select c.finding_id, c.relation, c.id, c.kind, iif(c.run is null, 'Befragung „' || c.survey || '“, Frage „' || c.item || '“', 'Rechenlauf ' || c.run), c.statement_de,
       iif(c.run is null, '/v1/surveys/' || c.survey || '/results?item=' || c.item, '/v1/typology-runs/' || c.run)
from finding_computations c;

drop trigger findings_are_approved_with_evidence;
drop view finding_support;

-- How many independent voices support a finding: publishers of documents, conversations (a focus group is one), and surveys. A
-- typology run is none: it computes with what others said.
create view finding_support as
select f.id as finding_id,
       (select count(*) from (
            select 'publisher', c.publisher_key from evidence e join sources c on c.id = e.source_id and c.deleted_at is null
            where e.finding_id = f.id and e.relation = 'supports'
              and (e.site_id is null or exists (select 1 from anchor_sites s where s.id = e.site_id and s.deleted_at is null))
            union
            select 'publisher', c.publisher_key from site_experiences x join sources c on c.id = x.source_id and c.deleted_at is null
            where x.finding_id = f.id and x.relation = 'supports' and exists (select 1 from anchor_sites s where s.id = x.site_id and s.deleted_at is null)
            union
            select 'conversation', p.conversation_id from finding_passages l join released_passages p on p.id = l.passage_id
            where l.finding_id = f.id and l.relation = 'supports'
            union
            select 'survey', c.survey from finding_computations c where c.finding_id = f.id and c.relation = 'supports' and c.survey is not null)) as voices
from findings f;

create trigger findings_are_approved_with_evidence before update of status on findings
when new.status = 'approved' and old.status <> 'approved'
    and (select s.voices from finding_support s where s.finding_id = new.id) < iif(new.single_finding = 1, 1, 2)
begin
    select raise(abort, 'an approved finding has two independent sources, or one if it says so');
end;
