-- What is told of a conversation: only once something of it is released, never who took part, and where only with consent.
-- A type that few sites have would tell the site, so it is told from three sites on.
create view public_conversations as
select c.id, c.kind, substr(c.held_on, 1, 7) as month,
       (select count(*) from released_passages p where p.conversation_id = c.id) as released_passages
from conversations c
where c.restricted = 0 and exists (select 1 from released_passages p where p.conversation_id = c.id);

create view public_conversation_types as
select t.conversation_id, t.type
from conversation_types t
where (select count(*) from (select 1 from site_types y join published_sites s on s.id = y.site_id where y.type = t.type limit 3)) = 3;

create view public_conversation_sites as
select x.conversation_id, s.id, s.name
from conversation_sites x
join published_sites s on s.id = x.site_id
where not exists (
    select 1 from conversation_participants m
    where m.conversation_id = x.conversation_id
      and not exists (
          select 1 from consents k
          where k.conversation_id = m.conversation_id and k.pseudonym = m.pseudonym and k.purpose = 'site-named' and k.withdrawn_at is null));
