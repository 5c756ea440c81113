-- Coding of passages. Confidential: of researchers only.

-- Every version of the codebook as it was, whole: a few hundred codes at most, and old ones never change.
create table qualitative_codebooks (
    version integer primary key check (version > 0),
    codes text not null check (json_valid(codes)),
    created_at text not null
) strict;

-- Answers name coders by a label that was drawn by chance, so that nobody can compute whose it is.
create table coders (
    owner text primary key,
    label text not null unique
) strict, without rowid;

create table codings (
    id text primary key,
    passage_id text not null references passages on delete cascade,
    -- Null: read, and no code fits.
    code text,
    codebook_version integer not null references qualitative_codebooks,
    coder text not null references coders (label),
    consensus integer not null default 0 check (consensus in (0, 1)),
    memo text,
    created_at text not null
) strict, without rowid;
create unique index codings_once on codings (passage_id, coder, consensus, coalesce(code, ''));
create index codings_by_code on codings (code, passage_id);

-- What was said about erased words goes with them, whoever erases.
create trigger codings_erased after update of state on passages when new.state = 'erased'
begin
    delete from codings where passage_id = new.id;
end;
