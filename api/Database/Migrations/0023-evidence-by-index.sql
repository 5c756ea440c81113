-- The same evidence as before. Every column of both halves has one affinity now, without which SQLite does not take such a view apart and reads
-- all evidence for one finding (SQLite, query flattener, rule 17h).
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
