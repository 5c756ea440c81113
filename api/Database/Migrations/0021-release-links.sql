-- Links by which somebody who took part decides on their own passages, once. Only the hash of the secret is kept.
create table release_links (
    id text primary key,
    token_hash text not null unique,
    conversation_id text not null,
    pseudonym text not null,
    created_at text not null,
    expires_at text not null,
    answered_at text,
    foreign key (conversation_id, pseudonym) references conversation_participants on delete cascade
) strict, without rowid;
