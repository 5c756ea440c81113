-- Passages as keys may read them. The words are there only as long as nobody who speaks has withdrawn the use of the transcript: a withdrawal sets the
-- state of every passage that it concerns; the consents are asked as well, for passages that were rejected before a withdrawal did so. An interview is
-- the text of all who take part in it.
create view research_passages as
select x.id, x.conversation_id, x.start_at, x.end_at, iif(x.is_usable, x.words, '') as quote, x.text_sha256, x.pseudonym, x.state, x.author, x.released_by,
       x.released_at, x.is_usable
from (
    select p.*, p.quote as words,
           p.state not in ('withdrawn', 'erased') and c.state <> 'withdrawn' and not exists (
               select 1 from conversation_participants m
               where m.conversation_id = p.conversation_id and (m.pseudonym = p.pseudonym or c.kind = 'interview')
                 and exists (select 1 from consents s where s.conversation_id = m.conversation_id and s.pseudonym = m.pseudonym and s.purpose = 'transcript-use')
                 and not exists (
                     select 1 from consents s
                     where s.conversation_id = m.conversation_id and s.pseudonym = m.pseudonym and s.purpose = 'transcript-use' and s.withdrawn_at is null)) as is_usable
    from passages p
    join conversations c on c.id = p.conversation_id) x;

-- Answers to anonymous requests are not kept for repetitions any more: they hold secrets, and anonymous callers shared one space of keys.
delete from idempotent_requests where owner = '';

-- The journal of everything that must stay done whatever backup is restored (Privacy/Tombstones.cs). Kinds are checked by the program now, which knows
-- more of them.
create table journal_entries (
    number integer primary key,
    kind text not null,
    id text not null,
    at text not null,
    -- A code, never a sentence.
    reason text not null,
    -- Conversations and pseudonyms that are concerned, as JSON; ids only.
    participants text not null check (json_valid(participants)),
    -- What else a repetition needs, as JSON: ids, codes and dates, no content.
    details text check (json_valid(details)),
    is_noted integer not null default 0 check (is_noted in (0, 1)),
    -- When nothing of what was deleted was left in the file and its write-ahead log; also set where nothing was deleted.
    overwritten_at text,
    unique (kind, id, at)
) strict;
insert into journal_entries (number, kind, id, at, reason, participants, is_noted)
select number, kind, id, at, reason, participants, is_noted from tombstones;
drop table tombstones;
alter table journal_entries rename to tombstones;
create index tombstones_to_note on tombstones (number) where is_noted = 0;
create index tombstones_to_overwrite on tombstones (number) where overwritten_at is null;
