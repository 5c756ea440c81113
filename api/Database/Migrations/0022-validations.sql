-- What a conversation said to a type: on the whole, and by dimension. Only verdicts and ids stand here.
create table validations (
    conversation_id text not null references conversations on delete cascade,
    type text not null,
    -- The version of the typology that held then.
    typology integer not null,
    site_id text references anchor_sites,
    verdict text not null check (verdict in ('confirmed', 'partly', 'rejected')),
    passage_id text references passages on delete set null,
    author text not null,
    updated_at text not null,
    primary key (conversation_id, type)
) strict, without rowid;
create index validations_by_type on validations (type);

create table validation_dimensions (
    conversation_id text not null,
    type text not null,
    dimension text not null,
    verdict text not null check (verdict in ('confirmed', 'partly', 'rejected')),
    passage_id text references passages on delete set null,
    primary key (conversation_id, type, dimension),
    foreign key (conversation_id, type) references validations on delete cascade
) strict, without rowid;

-- One verdict a row; without a dimension: on the whole. A focus group is a unit of its own, an interview speaks for its site.
create view validation_statements as
select v.conversation_id, c.kind, v.type, null as dimension, v.verdict, v.passage_id, iif(c.kind = 'interview', coalesce(v.site_id, v.conversation_id), v.conversation_id) as unit
from validations v
join conversations c on c.id = v.conversation_id
union all
select v.conversation_id, c.kind, v.type, d.dimension, d.verdict, d.passage_id, iif(c.kind = 'interview', coalesce(v.site_id, v.conversation_id), v.conversation_id)
from validation_dimensions d
join validations v on v.conversation_id = d.conversation_id and v.type = d.type
join conversations c on c.id = v.conversation_id;

create view public_validation_statements as
select s.kind, s.type, s.dimension, s.verdict, s.unit, p.id as passage_id, p.quote
from validation_statements s
join public_conversations c on c.id = s.conversation_id
join public_conversation_types t on t.conversation_id = s.conversation_id and t.type = s.type
left join released_passages p on p.id = s.passage_id;
