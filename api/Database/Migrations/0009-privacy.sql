-- The audit log: who wrote what, and who read what is confidential. Each entry carries the hash of the one before it, so
-- that none can be changed, removed or moved without breaking the chain (Audit/AuditChain.cs). It holds no content.
create table audit_log (
    seq integer primary key,
    at text not null,
    -- Opaque owner of a key; null: nobody who is known.
    actor text,
    role text not null,
    -- An operation of the contract, or a command.
    action text not null,
    object text not null,
    before_hash text,
    after_hash text,
    -- A code, never a sentence.
    reason text,
    prev_hash text not null,
    hash text not null
) strict;
create index audit_log_by_object on audit_log (object, seq);
create index audit_log_by_action on audit_log (action, seq);
create index audit_log_by_actor on audit_log (actor, seq);

-- Where the chain begins and ends. An end that was cut off is missed here, unless this row was changed as well.
create table audit_head (
    id integer primary key check (id = 1),
    -- Entries up to here have outlived their retention and are gone.
    pruned_seq integer not null,
    pruned_hash text not null,
    seq integer not null,
    hash text not null
) strict;
insert into audit_head (id, pruned_seq, pruned_hash, seq, hash)
values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0, '0000000000000000000000000000000000000000000000000000000000000000');

create trigger audit_log_follows before insert on audit_log
when new.seq <> (select seq + 1 from audit_head) or new.prev_hash <> (select hash from audit_head)
begin
    select raise(abort, 'an entry of the audit log follows the last one');
end;
create trigger audit_log_ends after insert on audit_log
begin
    update audit_head set seq = new.seq, hash = new.hash where id = 1;
end;
create trigger audit_log_is_not_changed before update on audit_log
begin
    select raise(abort, 'the audit log is only added to');
end;
create trigger audit_log_is_not_removed before delete on audit_log when old.seq > (select pruned_seq from audit_head)
begin
    select raise(abort, 'the audit log is only added to');
end;
