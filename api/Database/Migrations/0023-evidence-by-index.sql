-- The same evidence as before. Every column of both halves has one affinity now, without which SQLite does not take such a view apart and reads
-- all evidence for one finding (SQLite, query flattener, rule 17h). What supports is counted half by half for the same reason.
drop trigger findings_are_approved_with_evidence;
drop view finding_support;
drop view finding_evidence;

create view finding_evidence as
select e.id, e.finding_id, e.position, e.relation, e.basis, e.source_id, e.site_id
from evidence e
where e.site_id is null or exists (select 1 from anchor_sites s where s.id = e.site_id and s.deleted_at is null)
union all
select x.id, x.finding_id, cast(1000000 + x.position as integer), x.relation, cast(null as text), x.source_id, x.site_id
from site_experiences x
where exists (select 1 from anchor_sites s where s.id = x.site_id and s.deleted_at is null)
  and not exists (
    select 1 from evidence e
    where e.finding_id = x.finding_id and e.source_id = x.source_id and e.site_id = x.site_id and e.relation = x.relation);

-- How many independent voices support a finding: publishers of documents, and conversations. A focus group is one.
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
            where l.finding_id = f.id and l.relation = 'supports')) as voices
from findings f;

create trigger findings_are_approved_with_evidence before update of status on findings
when new.status = 'approved' and old.status <> 'approved'
    and (select s.voices from finding_support s where s.finding_id = new.id) < iif(new.single_finding = 1, 1, 2)
begin
    select raise(abort, 'an approved finding has two independent sources, or one if it says so');
end;
