-- Released passages as evidence. Only ids stand here: what was said is read through released_passages, or not at all.
create table finding_passages (
    finding_id text not null references findings on delete cascade,
    passage_id text not null references passages on delete cascade,
    relation text not null check (relation in ('supports', 'contradicts', 'qualifies')),
    primary key (finding_id, passage_id)
) strict, without rowid;
create index finding_passages_by_passage on finding_passages (passage_id);

-- What an editor wants to say, where findings allow less for the time being.
alter table recommendations add column wanted_strength text check (wanted_strength in ('strong', 'conditional', 'experience'));

-- How many independent voices support a finding: publishers of documents, and conversations. A focus group is one.
create view finding_support as
select f.id as finding_id,
       (select count(distinct c.publisher_key) from finding_evidence e join sources c on c.id = e.source_id and c.deleted_at is null
        where e.finding_id = f.id and e.relation = 'supports')
       + (select count(distinct p.conversation_id) from finding_passages l join released_passages p on p.id = l.passage_id
          where l.finding_id = f.id and l.relation = 'supports') as voices
from findings f;

create trigger findings_are_approved_with_evidence before update of status on findings
when new.status = 'approved' and old.status <> 'approved'
    and (select s.voices from finding_support s where s.finding_id = new.id) < iif(new.single_finding = 1, 1, 2)
begin
    select raise(abort, 'an approved finding has two independent sources, or one if it says so');
end;
