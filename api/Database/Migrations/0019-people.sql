-- People. The vault (persons, person_pseudonyms) says who is behind a pseudonym; only api/Privacy reads it, for the
-- privacy officer. Everything else knows pseudonyms, which are random and say nothing.

create table persons (
    id text primary key,
    -- A key limited to projects sees the people of its projects.
    project_id text references projects,
    name text not null,
    email text,
    phone text,
    address text,
    organisation text,
    position text,
    restricted integer not null default 0 check (restricted in (0, 1)),
    legal_hold integer not null default 0 check (legal_hold in (0, 1)),
    delete_after text not null check (delete_after glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    created_at text not null,
    updated_at text not null
) strict, without rowid;
create index persons_by_end on persons (delete_after, id);

create table person_pseudonyms (
    conversation_id text not null,
    pseudonym text not null,
    person_id text not null references persons on delete cascade,
    primary key (conversation_id, pseudonym),
    foreign key (conversation_id, pseudonym) references conversation_participants
) strict, without rowid;
create index person_pseudonyms_by_person on person_pseudonyms (person_id);

-- What a participant has agreed to, purpose by purpose. Withdrawn, it stays: that there was consent is to be shown.
create table consents (
    id text primary key,
    conversation_id text not null,
    pseudonym text not null,
    purpose text not null check (purpose in ('recording', 'transcript-use', 'quotation-named', 'quotation-pseudonymous', 'site-named', 'archiving', 'contact')),
    -- Which text was agreed to.
    text_version text not null,
    given_on text not null,
    recorded_at text not null,
    withdrawn_on text,
    withdrawn_at text,
    check ((withdrawn_on is null) = (withdrawn_at is null)),
    foreign key (conversation_id, pseudonym) references conversation_participants
) strict, without rowid;
create unique index consents_standing on consents (conversation_id, pseudonym, purpose) where withdrawn_at is null;
create index consents_by_participant on consents (conversation_id, pseudonym, id);

-- What must stay undone, whatever backup is restored: also kept in a file beside the database (Privacy/Tombstones.cs).
create table tombstones (
    number integer primary key,
    kind text not null check (kind in ('person', 'withdrawal', 'survey-response', 'conversation')),
    id text not null,
    at text not null,
    reason text not null,
    -- Conversations and pseudonyms that are concerned, as JSON; ids only.
    participants text not null check (json_valid(participants)),
    is_noted integer not null default 0 check (is_noted in (0, 1)),
    unique (kind, id, at)
) strict;
create index tombstones_to_note on tombstones (number) where is_noted = 0;

-- What a person has asked for, and until when it must be answered (Art. 12 (3) GDPR).
create table data_subject_requests (
    id text primary key,
    person_id text not null,
    project_id text,
    kind text not null check (kind in ('access', 'rectification', 'restriction', 'erasure', 'portability', 'objection')),
    received_on text not null,
    due_on text not null,
    extended_on text,
    closed_at text,
    outcome text check (outcome in ('granted', 'partly', 'refused')),
    created_at text not null,
    check ((closed_at is null) = (outcome is null))
) strict, without rowid;
create index data_subject_requests_open on data_subject_requests (due_on, id) where closed_at is null;
create index data_subject_requests_by_person on data_subject_requests (person_id, id);
